"""Queries and the rows they must select, stated by hand, asked of every back end."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import flowql
from tests.cases.rows import NAMES, NOW, TABLES
from tests.engines import Answer, Engine, in_duckdb, in_memory, in_postgres, in_sqlite

FOLDER = Path(__file__).parent / "cases"


# ── reading the cases ─────────────────────────────────────────────────────────────────────────────


@dataclass
class Case:
    """A sentence, its queries, and what each of them must select."""

    place: str
    sentence: str
    queries: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    params: dict[str, Any] = field(default_factory=dict)
    zone: str = "UTC"


def read(path: Path) -> Iterator[Case]:
    case: Case | None = None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        if not line.startswith(" "):
            if case is not None:
                yield case
            case = Case(f"{path.stem}:{number}", line)
            continue
        assert case is not None, f"{path}:{number}: a query before any sentence"
        text = line.strip()
        if text.startswith(("->", "=>")):
            case.expected.append(text)
        elif text.startswith("$ "):
            case.params = json.loads(text[2:])
        elif text.startswith("@ "):
            case.zone = text[2:]
        else:
            assert not case.expected, f"{path}:{number}: a query after its rows"
            case.queries.append(text)
    if case is not None:
        yield case


def cases() -> Iterator[Any]:
    for path in sorted(FOLDER.glob("*.cases")):
        for case in read(path):
            for number, query in enumerate(case.queries, 1):
                yield pytest.param(case, query, id=f"{case.place}-{number}")


def test_there_are_cases() -> None:
    found = [case for path in FOLDER.glob("*.cases") for case in read(path)]
    assert len(found) > 200
    for case in found:
        assert case.queries, case.place
        assert case.expected, case.place
        named = [name for line in case.expected if "[" not in line for name in line.split()[1:]]
        known = NAMES.values()
        assert all(name in known or name.isdigit() for name in named), case.place


# ── asking ────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def asked_in_memory() -> Engine:
    return in_memory(TABLES)


@pytest.fixture(scope="module")
def asked_in_sqlite() -> Iterator[Engine]:
    with in_sqlite(TABLES) as engine:
        yield engine


@pytest.fixture(scope="module")
def asked_in_duckdb() -> Iterator[Engine]:
    with in_duckdb(TABLES) as engine:
        yield engine


@pytest.fixture(scope="module")
def asked_in_postgres(postgres: str) -> Iterator[Engine]:
    with in_postgres(postgres, TABLES, "cases") as engine:
        yield engine


@pytest.mark.parametrize("engine", ["memory", "sqlite", "duckdb", "postgres"])
@pytest.mark.parametrize(("case", "text"), [*cases()])
def test_case(case: Case, text: str, engine: str, request: pytest.FixtureRequest) -> None:
    query = flowql.parse(text, case.params, now=NOW, timezone=case.zone)
    if engine == "sqlite" and re.search("matches|=~", text):
        # SQLite has no regular expressions, and the back end says so.
        with pytest.raises(flowql.FlowQLError) as refused:
            query.to_sql("sqlite")
        assert [problem.code for problem in refused.value.diagnostics] == ["sql-no-regex"]
        return
    ask: Engine = request.getfixturevalue(f"asked_in_{engine}")
    assert_selected(case, query, ask(query))


@pytest.mark.parametrize(("case", "text"), [*cases()])
def test_the_canonical_and_the_tidied_text_say_the_same(case: Case, text: str) -> None:
    query = flowql.parse(text, case.params, now=NOW, timezone=case.zone)
    assert flowql.parse(str(query), timezone=case.zone) == query
    tidied = flowql.fmt(text)
    assert flowql.parse(tidied, case.params, timezone=case.zone) == query
    assert flowql.fmt(tidied) == tidied


def assert_selected(case: Case, query: flowql.Query, rows: Answer) -> None:
    if query.typed.count:
        assert [f"-> {number}" for (number,) in rows] == case.expected
    elif query.typed.select is not None:
        assert [f"=> {json.dumps(list(row))}" for row in rows] == case.expected
    else:
        (line,) = case.expected
        selected = [NAMES[str(ident)] for (ident,) in rows]
        if line.startswith("=>"):
            assert selected == line.split()[1:]
        else:
            assert len(selected) == len(set(selected))
            assert sorted(selected) == sorted(line.split()[1:])
