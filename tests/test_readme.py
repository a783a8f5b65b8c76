"""What the README shows is what the program does."""

from __future__ import annotations

import json
import re
import sqlite3
from pathlib import Path

import flowql
from flowql.run.demo import demo_path

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "README.md").read_text(encoding="utf-8")
QUERY = "tags ⊇ [etl] and run.state in [FAILED,CRASHED] sort name_asc limit 20"


def _block(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```", PAGE, re.M | re.S)
    assert found is not None
    return found[1]


def test_the_query_is_the_one_that_the_page_runs() -> None:
    assert f"    {QUERY}\n" in PAGE
    assert f"    python3 dev.py flowql run '{QUERY}'\n" in PAGE


def test_the_body() -> None:
    request = flowql.parse(QUERY).to_request()
    first, _, rest = _block("json").partition("\n")
    assert first == f"{request.method} {request.path}"
    assert json.loads(rest) == request.body


def test_the_sql() -> None:
    assert " ".join(_block("sql").split()) == flowql.parse(QUERY).to_sql("sqlite").text


def test_the_rows() -> None:
    with sqlite3.connect(demo_path()) as database:
        database.row_factory = sqlite3.Row
        rows = database.execute(flowql.parse(QUERY).to_sql("sqlite").text).fetchall()
    assert [row["name"] for row in rows] == _block("text").split()


def test_the_links_lead_somewhere() -> None:
    for page in (ROOT / "README.md", ROOT / "grammar" / "README.md", ROOT / "examples/README.md"):
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"
