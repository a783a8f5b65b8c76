"""The clauses of a statement: what is selected, in which order, and which rows of it."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from flowql import typed
from flowql.backends.sql import to_sql
from flowql.catalog import Type, entities
from flowql.catalog.endpoints import endpoints
from flowql.diagnostics import FlowQLError
from tests.backends.sql.engines import Engine, Row, column, query, stored
from tests.oracle.schema import COLUMNS
from tests.reference import compared_value
from tests.strategies import single_valued

ENTITIES = [entity.name for entity in entities().values() if entity.table]
NULLS = {"sqlite": "small", "postgres": "large", "duckdb": "last"}


def in_order(
    engine: Engine, rows: list[Row], value: Any, descending: bool, nulls: str | None = None
) -> list[UUID]:
    """The ids in the order of one key, then the greatest id first."""
    rows = sorted(rows, key=lambda row: row["id"], reverse=True)
    return [row["id"] for row in stably(engine, rows, value, descending, nulls)]


def stably(
    engine: Engine, rows: list[Row], value: Any, descending: bool, nulls: str | None = None
) -> list[Row]:
    """The rows in the order of one key; those that are equal in it stay as they were."""
    filled = [row for row in rows if value(row) is not None]
    filled.sort(key=value, reverse=descending)
    empty = [row for row in rows if value(row) is None]
    if nulls is None:
        kind = NULLS[engine.dialect]
        nulls = "last" if kind == "last" or (kind == "small") == descending else "first"
    return empty + filled if nulls == "first" else filled + empty


# ── order ─────────────────────────────────────────────────────────────────────


def duration(row: Row) -> timedelta | None:
    if row["end_time"] is None or row["start_time"] is None:
        return None
    length: timedelta = row["end_time"] - row["start_time"]
    return length


SORTS: dict[str, Any] = {
    "name": lambda row: row["name"],
    "state": lambda row: row["state_type"],
    "state.name": lambda row: row["state_name"],
    "end_time": lambda row: row["end_time"],
    "start_time": lambda row: row["start_time"] or row["expected_start_time"],
    "duration": duration,
    "total_run_time": lambda row: row["total_run_time"],
    "run_count": lambda row: row["run_count"],
    "auto_scheduled": lambda row: row["auto_scheduled"],
    "deployment_id": lambda row: row["deployment_id"],
    "created_by.type": lambda row: (row["created_by"] or {}).get("type"),
    "created_by.id": lambda row: (row["created_by"] or {}).get("id"),
}


@pytest.mark.parametrize("nulls", [None, "first", "last"])
@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("field", SORTS)
def test_sorts(engine: Engine, field: str, descending: bool, nulls: Any) -> None:
    key = typed.SortKey(column("flow_runs", field), descending, nulls)
    wanted = in_order(engine, stored("flow_runs"), SORTS[field], descending, nulls)
    assert engine.ids(query("flow_runs", sort=(key,))) == wanted


def test_several_keys(engine: Engine) -> None:
    keys = (
        typed.SortKey(column("flow_runs", "state"), nulls="first"),
        typed.SortKey(column("flow_runs", "run_count"), True),
        typed.SortKey(column("flow_runs", "id")),
    )
    rows = sorted(
        stored("flow_runs"), key=lambda row: (row["state_type"] or "", -row["run_count"], row["id"])
    )
    assert engine.ids(query("flow_runs", sort=keys)) == [row["id"] for row in rows]


@pytest.mark.parametrize("entity", ENTITIES)
def test_the_default_order_is_prefects_and_then_the_id(engine: Engine, entity: str) -> None:
    default = entities()[entity].default_sort
    field = entities()[entity].by_name[default.field]
    wanted = in_order(engine, stored(entity), lambda row: row[field.column], default.descending)
    assert engine.ids(query(entity)) == wanted


@pytest.mark.parametrize("entity", ENTITIES)
def test_every_sort_of_prefect(engine: Engine, entity: str) -> None:
    sorts = {sort for at in endpoints(entities()[entity]) for sort in at.sorts}
    for sort in sorts:
        rows = sorted(stored(entity), key=lambda row: row["id"], reverse=True)
        for name, descending in reversed(sort.keys):
            field = column(entity, name)

            def value(row: Row, field: typed.Column = field) -> Any:
                return compared_value(row, field.field)

            rows = stably(engine, rows, value, descending)
        keys = tuple(typed.SortKey(column(entity, name), way) for name, way in sort.keys)
        assert engine.ids(query(entity, sort=keys)) == [row["id"] for row in rows], sort.name


@pytest.mark.parametrize("keys", [(), ("x",)])
@pytest.mark.parametrize("field", ["tags", "parameters"])
def test_lists_and_json_have_no_order(field: str, keys: tuple[str, ...]) -> None:
    key = typed.SortKey(column("flow_runs", field, *keys))
    with pytest.raises(FlowQLError) as caught:
        to_sql(query("flow_runs", sort=(key,)), "sqlite")
    assert [problem.code for problem in caught.value.diagnostics] == ["not-sortable"]


# ── one of each ───────────────────────────────────────────────────────────────


def firsts(entity: str, ids: list[UUID], *columns: typed.Column) -> list[UUID]:
    """Of ids in their order those of the rows that no row before agrees with."""
    rows = {row["id"]: row for row in stored(entity)}
    kept: dict[tuple[Any, ...], UUID] = {}
    for identity in ids:
        row = rows[identity]
        kept.setdefault(tuple(compared_value(row, own.field) for own in columns), identity)
    return list(kept.values())


@pytest.mark.parametrize("entity", ENTITIES)
def test_one_of_each_value_of_each_field(engine: Engine, entity: str) -> None:
    every = engine.ids(query(entity))
    for own in map(typed.Column, single_valued(entities()[entity])):
        wanted = firsts(entity, every, own)
        assert engine.ids(query(entity, distinct=(own,))) == wanted, own.field.name
        counted = query(entity, distinct=(own,), count=True)
        assert engine.rows(counted) == engine.rows(counted, "bind") == [(len(wanted),)]


@pytest.mark.parametrize("nulls", ["first", "last"])
@pytest.mark.parametrize("descending", [False, True])
def test_the_first_of_each_in_the_order_of_the_keys(
    engine: Engine, descending: bool, nulls: Any
) -> None:
    keys = (typed.SortKey(column("flow_runs", "end_time"), descending, nulls),)
    filter_ = typed.Not(typed.In(column("flow_runs", "state"), ("RUNNING",)))
    every = engine.ids(query("flow_runs", filter_, sort=keys))
    columns = (column("flow_runs", "flow_id"), column("flow_runs", "state.name"))
    wanted = firsts("flow_runs", every, *columns)
    assert 1 < len(wanted) < len(every)
    asked = query("flow_runs", filter_, sort=keys, distinct=columns)
    assert engine.ids(asked) == wanted
    assert engine.ids(replace(asked, limit=3, page=2)) == wanted[3:6]
    assert engine.ids(replace(asked, offset=2)) == wanted[2:]
    assert set(engine.names(asked)) == set(COLUMNS["flow_run"])


def test_parameters_stand_in_the_order_of_the_text(engine: Engine) -> None:
    state = typed.Parameter("state", Type.ENUM)
    size = typed.Parameter("size", Type.INTEGER)
    filter_ = typed.In(column("flow_runs", "state"), (state,))
    asked = query("flow_runs", filter_, distinct=(column("flow_runs", "flow_id"),), limit=size)
    failed = typed.In(column("flow_runs", "state"), ("FAILED",))
    every = engine.ids(query("flow_runs", failed))
    wanted = firsts("flow_runs", every, column("flow_runs", "flow_id"))
    assert engine.ids(asked, state="FAILED", size=2) == wanted[:2]


@pytest.mark.parametrize("count", [False, True])
@pytest.mark.parametrize("keys", [(), ("x",)])
@pytest.mark.parametrize("field", ["tags", "parameters"])
def test_no_row_is_told_apart_by_lists_and_json(
    field: str, keys: tuple[str, ...], count: bool
) -> None:
    own = column("flow_runs", field, *keys)
    with pytest.raises(FlowQLError) as caught:
        to_sql(query("flow_runs", distinct=(own,), count=count), "sqlite")
    assert [problem.code for problem in caught.value.diagnostics] == ["not-groupable"]


# ── pages ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("clauses", "wanted"),
    [
        ({"limit": 20}, slice(0, 20)),
        ({"limit": 0}, slice(0, 0)),
        ({"limit": 1000}, slice(0, 1000)),
        ({"limit": 7, "page": 1}, slice(0, 7)),
        ({"limit": 7, "page": 3}, slice(14, 21)),
        ({"page": 1}, slice(0, 200)),
        ({"page": 2}, slice(200, 400)),
        ({"offset": 180}, slice(180, None)),
        ({"offset": 0}, slice(0, None)),
        ({"limit": 5, "offset": 3}, slice(3, 8)),
        ({"limit": 2**62, "page": 2}, slice(0, 0)),
        ({"limit": 2**63 - 1}, slice(0, None)),
        ({"offset": 2**63 - 1}, slice(0, 0)),
    ],
)
def test_pages(engine: Engine, clauses: dict[str, int], wanted: slice) -> None:
    every = engine.ids(query("task_runs"))
    assert len(every) == len(stored("task_runs")) > 200
    assert engine.ids(query("task_runs", **clauses)) == every[wanted]


def test_a_page_beyond_64_bits_is_refused(engine: Engine) -> None:
    asked = query("task_runs", limit=2**62, page=4)
    with pytest.raises(FlowQLError) as caught:
        to_sql(asked, engine.dialect)
    assert [problem.code for problem in caught.value.diagnostics] == ["sql-offset-too-large"]


# ── what is selected ──────────────────────────────────────────────────────────


def test_all_columns_of_the_table(engine: Engine) -> None:
    for entity in ENTITIES:
        names = engine.names(query(entity))
        assert set(names) == set(COLUMNS[entities()[entity].table])


def test_a_count(engine: Engine) -> None:
    condition = typed.In(column("flow_runs", "state"), ("FAILED", "CRASHED"))
    asked = query("flow_runs", condition, count=True)
    wanted = sum(row["state_type"] in ("FAILED", "CRASHED") for row in stored("flow_runs"))
    assert engine.rows(asked) == engine.rows(asked, "bind") == [(wanted,)]
    assert engine.names(asked) == ["count"]


def read(engine: Engine, value: Any, kind: Type) -> Any:
    """A stored value as Python has it."""
    if value is None:
        return None
    match kind:
        case Type.UUID:
            return str(value)
        case Type.JSON | Type.TAGS:
            return value if engine.dialect == "postgres" else json.loads(value)
        case Type.BOOLEAN:
            return bool(value)
        case Type.DURATION:
            return timedelta(seconds=value) if isinstance(value, int | float) else value
        case _:
            return value


def test_select_gives_stored_values_under_the_fields_names(engine: Engine) -> None:
    fields = ["id", "name", "state", "state.name", "run_count", "auto_scheduled", "tags",
              "parameters", "created_by.type", "created_by.id", "duration"]  # fmt: skip
    keys = [("parameters", "x"), ("parameters", "x", "y"), ("parameters", "n"), ("labels", "a.b")]
    columns = [column("flow_runs", name) for name in fields]
    columns += [column("flow_runs", name, *path) for name, *path in keys]
    asked = query("flow_runs", select=tuple(columns))
    assert engine.names(asked) == [*fields, "parameters.x", "parameters.x.y", "parameters.n",
                                   "labels.a.b"]  # fmt: skip

    def wanted(row: Row, own: typed.Column) -> Any:
        if own.field.name == "duration":
            length = duration(row)
            if engine.dialect == "sqlite" and length is not None:
                # Seconds as a float: microseconds are lost beyond 285 years.
                return timedelta(seconds=length / timedelta(seconds=1))
            return length
        value = row[own.field.column]
        for key in (*own.field.keys, *own.keys):
            value = value.get(key) if isinstance(value, dict) else None
        return str(value) if isinstance(value, UUID) else value

    rows = {row["id"]: row for row in stored("flow_runs")}
    for params in ("inline", "bind"):
        found = engine.rows(asked, params)
        assert len(found) == len(rows)
        for values in found:
            row = rows[UUID(str(values[0]))]
            got = [
                read(engine, value, c.field.type) for value, c in zip(values, columns, strict=True)
            ]
            assert got == [wanted(row, own) for own in columns]


def test_start_time_is_selected_as_it_is_stored(engine: Engine) -> None:
    columns = (column("flow_runs", "id"), column("flow_runs", "start_time"))
    started = {row["id"]: row["start_time"] for row in stored("flow_runs")}
    for identity, value in engine.rows(query("flow_runs", select=columns)):
        assert (value is None) == (started[UUID(str(identity))] is None)


def test_a_key_may_be_any_text(engine: Engine) -> None:
    key = '50% "it\'s" ü ; -- \\ ${env:HOME}'
    asked = query("flow_runs", select=(column("flow_runs", "parameters", key),), limit=1)
    assert engine.names(asked) == [f"parameters.{key}"]
    assert engine.rows(asked) == engine.rows(asked, "bind") == [(None,)]


def test_a_name_that_would_be_cut_is_refused() -> None:
    asked = query("flow_runs", select=(column("flow_runs", "parameters", "k" * 60),))
    assert to_sql(asked, "sqlite").text
    with pytest.raises(FlowQLError) as caught:
        to_sql(asked, "postgres")
    assert [problem.code for problem in caught.value.diagnostics] == ["sql-name-too-long"]


def test_columns_are_quoted_and_qualified() -> None:
    """SQLite reads an unknown quoted name as a text, so that a wrong name would go unnoticed."""
    sql = to_sql(query("flows", typed.IsNull(column("flows", "labels"))), "sqlite")
    connection = sqlite3.connect(":memory:")
    connection.execute('CREATE TABLE flow ("id", "name")')
    with pytest.raises(sqlite3.OperationalError, match="no such column"):
        connection.execute(sql.text)
