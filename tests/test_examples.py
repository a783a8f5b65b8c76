"""The examples run, and the saved queries are understood by every back end they are meant for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import flowql

EXAMPLES = Path(__file__).parent.parent / "examples"


@pytest.mark.parametrize("script", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.name)
def test_a_script_runs(script: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


@pytest.mark.parametrize(
    "search", sorted(EXAMPLES.glob("searches/*.flowql")), ids=lambda path: path.name
)
def test_a_saved_query_is_tidy_and_lowers_to_sql(search: Path) -> None:
    text = search.read_text(encoding="utf-8")
    assert flowql.fmt(text).strip() == text.strip()
    query = flowql.parse(text)
    for dialect in ("sqlite", "postgres", "duckdb"):
        assert query.to_sql(dialect, params="bind").text.startswith("SELECT")


def test_every_example_is_listed() -> None:
    page = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    for script in EXAMPLES.glob("*.py"):
        assert f"[`{script.name}`]" in page
