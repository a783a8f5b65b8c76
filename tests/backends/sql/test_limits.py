"""How deep, how wide and how long a query may be: it works, or a problem says so.

Every tower is built as high as it may be, and the engine's parser and planner take it; one level
more, or a thousand, is refused.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest

from flowql import typed
from flowql.backends.sql import to_sql
from flowql.diagnostics import FlowQLError
from flowql.source import Span
from tests.backends.sql.engines import Engine, column, query, step, steps, stored

DIALECTS = ["sqlite", "postgres", "duckdb"]
LEAVES: dict[str, typed.Predicate] = {
    "flows": typed.In(column("flows", "name"), ("etl",)),
    "flow_runs": typed.In(column("flow_runs", "state"), ("FAILED",)),
}
STEPS = {"flows": step("flows", "run"), "flow_runs": step("flow_runs", "flow")}

Level = Callable[[str, typed.Predicate], typed.Predicate]


def other(entity: str) -> str:
    return "flow_runs" if entity == "flows" else "flows"


def counted(entity: str, where: typed.Predicate) -> typed.Counted:
    return typed.Counted((STEPS[entity],), where)


SCOPES: dict[str, Level] = {
    "exists": lambda e, p: typed.Exists(STEPS[e], p),
    "exists and": lambda e, p: typed.Exists(STEPS[e], typed.And((LEAVES[other(e)], p))),
    "exists or": lambda e, p: typed.Exists(STEPS[e], typed.Or((LEAVES[other(e)], p))),
    "every": lambda e, p: typed.Every(STEPS[e], p),
    "every or": lambda e, p: typed.Every(STEPS[e], typed.Or((LEAVES[other(e)], p))),
    "not exists not": lambda e, p: typed.Not(typed.Exists(STEPS[e], typed.Not(p))),
    "count": lambda e, p: typed.Count(counted(e, p), ">=", 1),
    "share": lambda e, p: typed.Count(
        counted(e, typed.TRUE), ">=", typed.Share(0.7, counted(e, p))
    ),
}
INSIDE: dict[str, typed.Predicate] = {
    "enum": LEAVES["flow_runs"],
    "json": typed.In(column("flow_runs", "parameters", "a", "b", "c"), ("x",)),
    "tags": typed.TagsMatch(column("flow_runs", "tags"), "has all", ("a", "b")),
    "text": typed.TextMatch(column("flow_runs", "name"), "ends with", "x"),
    "latest": typed.Latest(
        steps("flow_runs", "task"), typed.In(column("task_runs", "name"), ("x",))
    ),
}


def tower(level: Level, height: int, inside: typed.Predicate) -> typed.Query:
    """Scopes from flows to runs to flows …, the innermost over a flow run."""
    entity, found = "flow_runs", inside
    for _ in range(height):
        entity = other(entity)
        found = level(entity, found)
    return query(entity, found)


def alternating(height: int, deepest: int) -> typed.Query:
    """`and` within `or` within `and` …; `deepest` says whether the inner one comes first."""
    found = LEAVES["flows"]
    for number in range(height):
        leaf = typed.In(column("flows", "name"), (f"x{number}",))
        pair = (found, leaf) if deepest == 0 else (leaf, found)
        found = typed.And(pair) if number % 2 else typed.Or(pair)
    return query("flows", found)


def nots(height: int) -> typed.Query:
    found = LEAVES["flows"]
    for _ in range(height):
        found = typed.Not(found)
    return query("flows", found)


def highest(build: Callable[[int], typed.Query], dialect: str) -> int:
    """The most levels that are not refused."""
    low, high = 0, 1_000
    while low < high:
        middle = (low + high + 1) // 2
        if refusals(build(middle), dialect):
            high = middle - 1
        else:
            low = middle
    return low


def refusals(asked: typed.Query, dialect: str) -> list[str]:
    try:
        to_sql(asked, dialect)
    except FlowQLError as refused:
        return [problem.code for problem in refused.diagnostics]
    return []


def explain(engine: Engine, asked: typed.Query) -> None:
    engine.execute("EXPLAIN " + to_sql(asked, engine.dialect).text)


# ── depth ─────────────────────────────────────────────────────────────────────

LEAST = {"sqlite": 5, "postgres": 14, "duckdb": 15}


@pytest.mark.parametrize("level", SCOPES)
@pytest.mark.parametrize("inside", INSIDE)
def test_scopes_within_scopes(engine: Engine, level: str, inside: str) -> None:
    def build(height: int) -> typed.Query:
        return tower(SCOPES[level], height, INSIDE[inside])

    most = highest(build, engine.dialect)
    assert most >= LEAST[engine.dialect] - 2
    explain(engine, build(min(most, 24)))
    assert refusals(build(most + 1), engine.dialect) == ["sql-too-deep"]


@pytest.mark.parametrize("level", ["exists or", "share"])
def test_scopes_within_scopes_beside_distinct(engine: Engine, level: str) -> None:
    """The filter stands two statements deeper."""

    def build(height: int) -> typed.Query:
        asked = tower(SCOPES[level], height, INSIDE["json"])
        return replace(asked, distinct=(typed.Column(asked.target.by_name["created"]),))

    most = highest(build, engine.dialect)
    assert most >= LEAST[engine.dialect] - 4
    explain(engine, build(min(most, 24)))
    explain(engine, replace(build(min(most, 24)), count=True))
    assert refusals(build(most + 1), engine.dialect) == ["sql-too-deep"]


@pytest.mark.parametrize("deepest", [0, 1])
def test_and_within_or_within_and(engine: Engine, deepest: int) -> None:
    def build(height: int) -> typed.Query:
        return alternating(height, deepest)

    most = highest(build, engine.dialect)
    assert most >= (25 if engine.dialect == "sqlite" else 90)
    explain(engine, build(most))


def test_not_within_not(engine: Engine) -> None:
    most = highest(nots, engine.dialect)
    assert most >= (80 if engine.dialect == "sqlite" else 150)
    explain(engine, nots(most))


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("height", [250, 1_000, 10_000])
def test_any_height_is_a_problem_and_no_other_exception(dialect: str, height: int) -> None:
    for build in (
        nots,
        lambda n: alternating(n, 0),
        lambda n: alternating(n, 1),
        lambda n: tower(SCOPES["every or"], n, INSIDE["json"]),
    ):
        assert refusals(build(height), dialect) == ["sql-too-deep"]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_problem_is_at_the_filter(dialect: str) -> None:
    found = typed.Not(nots(400).filter, Span(6, 900))
    with pytest.raises(FlowQLError) as caught:
        to_sql(query("flows", found), dialect)
    assert [problem.span for problem in caught.value.diagnostics] == [(6, 900)]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_caller_may_be_deep_itself(dialect: str) -> None:
    asked = alternating(20, 1)

    def call(levels: int) -> list[str]:
        return refusals(asked, dialect) if levels == 0 else call(levels - 1)

    assert call(0) == []
    for levels in range(sys.getrecursionlimit() - 400, sys.getrecursionlimit() - 120, 10):
        assert call(levels) in ([], ["sql-too-deep"])


# ── width ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", [typed.And, typed.Or])
def test_ten_thousand_conditions(engine: Engine, kind: type[typed.And | typed.Or]) -> None:
    texts = [f"{n} otter" for n in range(9_999)]
    conditions: list[typed.Predicate] = [
        typed.TextMatch(column("flow_runs", "name"), "contains", text) for text in texts
    ]
    if kind is typed.And:
        conditions = [typed.Not(condition) for condition in conditions]
    found = kind((*conditions, typed.In(column("flow_runs", "name"), ("braveXotter",))))
    wanted = {row["id"] for row in stored("flow_runs") if row["name"] == "braveXotter"}
    assert wanted
    for params in ("inline", "bind"):
        shown = query("flow_runs", found, select=(column("flow_runs", "id"),))
        got = {UUID(str(row[0])) for row in engine.rows(shown, params)}
        assert got == wanted


@pytest.mark.parametrize("size", [30, 1_000])
@pytest.mark.parametrize("deepest", [0, 1])
def test_wide_and_deep(engine: Engine, size: int, deepest: int) -> None:
    def build(height: int) -> typed.Query:
        found = LEAVES["flows"]
        for number in range(height):
            row = tuple(
                typed.Not(typed.In(column("flows", "name"), (f"{number} {n}",)))
                for n in range(size)
            )
            both = (found, *row) if deepest == 0 else (*row, found)
            found = typed.And(both) if number % 2 else typed.Or(both)
        return query("flows", found)

    explain(engine, build(9 if size == 30 else 3))


# ── length ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("params", ["inline", "bind"])
@pytest.mark.parametrize("size", [10, 1_000, 100_000])
def test_long_lists(engine: Engine, size: int, params: str) -> None:
    runs = [row["id"] for row in stored("flow_runs")][:5]
    others = [UUID(int=number) for number in range(size)]
    found = typed.In(column("flow_runs", "id"), (*others, *runs))
    shown = query("flow_runs", found, select=(column("flow_runs", "id"),))
    got = {UUID(str(row[0])) for row in engine.rows(shown, params)}
    assert got == set(runs)


def test_more_parameters_than_sqlite_takes() -> None:
    name = column("flows", "name")
    conditions = [typed.TextMatch(name, "starts with", str(n)) for n in range(32_767)]
    with pytest.raises(FlowQLError) as caught:
        to_sql(query("flows", typed.Or(tuple(conditions))), "sqlite", "bind")
    assert [problem.code for problem in caught.value.diagnostics] == ["sql-too-many-parameters"]
    conditions.pop()
    assert (
        len(to_sql(query("flows", typed.Or(tuple(conditions))), "sqlite", "bind").params) == 32_766
    )


def test_a_pattern_longer_than_sqlite_takes() -> None:
    for length, refused in ((50_000, []), (50_001, ["sql-pattern-too-long"])):
        found = typed.TextMatch(column("flows", "name"), "like", "x" * length)
        assert refusals(query("flows", found), "sqlite") == refused
        assert refusals(query("flows", found), "postgres") == []


def test_a_long_pattern_on_each_engine(engine: Engine) -> None:
    for operator in ("like", "contains"):
        found = typed.TextMatch(column("flows", "name"), operator, "x" * 50_000)  # type: ignore[arg-type]
        assert engine.ids(query("flows", found)) == []
