"""Queries and the rows they must select, stated by hand, asked of every back end."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import flowql
from flowql.catalog import Type, entities
from tests.cases.rows import NAMES, NOW, TABLES
from tests.oracle.schema import COLUMNS
from tests.oracle.storage import to_postgres, to_sqlite

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

Answer = list[tuple[Any, ...]]
Engine = Callable[[flowql.Query], Answer]
"""What asks a query and gives its rows as tuples, the id first unless fields are selected."""


def memory(query: flowql.Query) -> Answer:
    rows = query.select(TABLES)
    if query.typed.count or query.typed.select is not None:
        return [tuple(row.values()) for row in rows]
    return [(row["id"],) for row in rows]


@pytest.fixture(scope="module")
def in_sqlite() -> Iterator[Engine]:
    connection = sqlite3.connect(":memory:")
    for table, rows in TABLES.items():
        names = ", ".join(f'"{name}"' for name in COLUMNS[table])
        connection.execute(f"CREATE TABLE {table} ({names})")
        marks = ", ".join("?" * len(COLUMNS[table]))
        connection.executemany(
            f"INSERT INTO {table} VALUES ({marks})",
            [[to_sqlite(row[name]) for name in COLUMNS[table]] for row in rows],
        )
    yield _in_sql("sqlite", lambda text, params: connection.execute(text, params))
    connection.close()


@pytest.fixture(scope="module")
def in_duckdb() -> Iterator[Engine]:
    from tests.oracle.duck import load

    connection = load(TABLES)
    yield _in_sql("duckdb", lambda text, params: connection.execute(text, params))
    connection.close()


_POSTGRES = {
    "uuid": "uuid", "text": "text", "int": "integer", "bool": "boolean", "time": "timestamptz",
    "interval": "interval", "json": "jsonb",
}  # fmt: skip


@pytest.fixture(scope="module")
def in_postgres(postgres: str) -> Iterator[Engine]:
    import psycopg

    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA cases")
        connection.execute("SET search_path TO cases")
        for table, rows in TABLES.items():
            declared = []
            for name, kind in COLUMNS[table].items():
                of = f"{table}_{name}" if kind == "enum" else _POSTGRES[kind]
                if kind == "enum":
                    labels = ", ".join(f"'{label}'" for label in _labels(table, name))
                    connection.execute(f"CREATE TYPE {of} AS ENUM ({labels})")
                declared.append(f'"{name}" {of}')
            connection.execute(f"CREATE TABLE {table} ({', '.join(declared)})")
            marks = ", ".join(["%s"] * len(COLUMNS[table]))
            with connection.cursor() as cursor:
                cursor.executemany(
                    f"INSERT INTO {table} VALUES ({marks})",
                    [[to_postgres(row[name]) for name in COLUMNS[table]] for row in rows],
                )
        yield _in_sql("postgres", lambda text, params: connection.execute(text, params or None))


def _labels(table: str, column: str) -> tuple[str, ...]:
    (entity,) = (entity for entity in entities().values() if entity.table == table)
    (found,) = (f for f in entity.fields if f.column == column and f.type is Type.ENUM)
    return found.choices


def _in_sql(dialect: str, execute: Callable[[str, Any], Any]) -> Engine:
    def ask(query: flowql.Query) -> Answer:
        answers = []
        for params in ("inline", "bind"):
            sql = query.to_sql(dialect, params)
            cursor = execute(sql.text, sql.params)
            names = [column[0] for column in cursor.description]
            rows = [tuple(row) for row in cursor.fetchall()]
            if not query.typed.count and query.typed.select is None:
                rows = [(row[names.index("id")],) for row in rows]
            answers.append(rows)
        assert answers[0] == answers[1]
        return answers[0]

    return ask


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
    ask: Engine = memory if engine == "memory" else request.getfixturevalue(f"in_{engine}")
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
