"""Scopes over related rows: exists, every, latest, count, over one step and over several.

What each should select is worked out here with loops over the awkward rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from flowql import typed
from flowql.backends.sql import to_sql
from flowql.backends.sql.dialects import get
from flowql.catalog import Relation, entities
from flowql.diagnostics import FlowQLError
from tests.backends.sql.engines import Engine, Row, column, query, step, steps, stored

Truth = Callable[[Row], bool | None]


@pytest.fixture(params=["correlated", "keyed"])
def engine(connected: Engine, request: pytest.FixtureRequest) -> Engine:
    """Each engine, asked in both ways that there are."""
    known = get(str(connected.dialect))
    assert known is not None
    return replace(connected, dialect=replace(known, related=request.param))


def related(row: Row, path: Iterable[Relation]) -> list[Row]:
    """The rows at the end of a path, each once."""
    rows = {row["id"]: row}
    for relation in path:
        found = {}
        for near in rows.values():
            for far in stored(relation.target):
                if (
                    near[relation.local] is not None
                    and near[relation.local] == far[relation.remote]
                ):
                    found[far["id"]] = far
        rows = found
    return list(rows.values())


def selected(entity: str, truth: Callable[[Row], bool]) -> set[UUID]:
    return {row["id"] for row in stored(entity) if truth(row)}


def check(
    engine: Engine, entity: str, condition: typed.Predicate, truth: Callable[[Row], bool]
) -> None:
    """The condition is true of these rows, and false of all others."""
    wanted = selected(entity, truth)
    everything = {row["id"] for row in stored(entity)}
    assert set(engine.ids(query(entity, condition))) == wanted
    assert set(engine.ids(query(entity, typed.Not(condition)))) == everything - wanted


FAILED = typed.In(column("flow_runs", "state"), ("FAILED",))
ENDED_LATE = typed.Compare(column("flow_runs", "run_count"), ">", 1)
QUEUE = typed.In(column("flow_runs", "work_queue_name"), ("default",))


def failed(run: Row) -> bool | None:
    return None if run["state_type"] is None else run["state_type"] == "FAILED"


def in_queue(run: Row) -> bool | None:
    return None if run["work_queue_name"] is None else run["work_queue_name"] == "default"


def true(_: Row) -> bool:
    return True


WHERE: list[tuple[typed.Predicate, Truth]] = [
    (typed.TRUE, true),
    (FAILED, failed),
    (QUEUE, in_queue),
    (typed.Not(QUEUE), lambda run: None if in_queue(run) is None else not in_queue(run)),
    (
        typed.Or((FAILED, QUEUE)),
        lambda run: (
            bool(failed(run) or in_queue(run))
            or (None if None in (failed(run), in_queue(run)) else False)
        ),
    ),
    (typed.FALSE, lambda run: False),
]
NAMES = ["all", "enum", "text", "negated", "or", "none"]

PATHS = [
    ("flows", "run"),
    ("deployments", "run"),
    ("work_queues", "run"),
    ("task_runs", "run"),
    ("task_runs", "subflow_run"),
]


@pytest.mark.parametrize(("where", "truth"), WHERE, ids=NAMES)
@pytest.mark.parametrize(("entity", "relation"), PATHS)
def test_exists_and_every(
    engine: Engine, entity: str, relation: str, where: typed.Predicate, truth: Truth
) -> None:
    way = step(entity, relation)
    check(
        engine,
        entity,
        typed.Exists(way, where),
        lambda row: any(truth(run) is True for run in related(row, [way])),
    )
    check(
        engine,
        entity,
        typed.Every(way, where),
        lambda row: all(truth(run) is True for run in related(row, [way])),
    )


def last_started(runs: list[Row]) -> Row | None:
    started = [run for run in runs if run["start_time"] is not None]
    return max(started, key=lambda run: (run["start_time"], run["id"]), default=None)


CHAINS = [
    ("flows", ("run",)),
    ("work_pools", ("queue", "run")),
    ("flow_runs", ("task", "subflow_run")),
    ("work_queues", ("work_pool", "queue", "deployment", "run")),
]


@pytest.mark.parametrize(("where", "truth"), WHERE, ids=NAMES)
@pytest.mark.parametrize(("entity", "names"), CHAINS)
def test_latest(
    engine: Engine, entity: str, names: tuple[str, ...], where: typed.Predicate, truth: Truth
) -> None:
    path = steps(entity, *names)

    def holds(row: Row) -> bool:
        last = last_started(related(row, path))
        return last is not None and truth(last) is True

    check(engine, entity, typed.Latest(path, where), holds)


@pytest.mark.parametrize(("where", "truth"), WHERE, ids=NAMES)
@pytest.mark.parametrize(("entity", "names"), CHAINS)
def test_counts_take_each_row_once(
    engine: Engine, entity: str, names: tuple[str, ...], where: typed.Predicate, truth: Truth
) -> None:
    path = steps(entity, *names)
    numbers = {
        row["id"]: sum(truth(run) is True for run in related(row, path)) for row in stored(entity)
    }
    some = sorted(numbers.values())[len(numbers) // 2]
    compared: dict[typed.CountOperator, Callable[[Any, Any], bool]] = {
        "=": lambda a, b: a == b,
        "<": lambda a, b: a < b,
        "<=": lambda a, b: a <= b,
        ">": lambda a, b: a > b,
        ">=": lambda a, b: a >= b,
    }
    for operator, holds in compared.items():
        for bound in (0, 1, some, some - 0.5):
            condition = typed.Count(typed.Counted(path, where), operator, bound)
            got = set(engine.ids(query(entity, condition)))
            assert got == {key for key, number in numbers.items() if holds(number, bound)}


@pytest.mark.parametrize("factor", [0, 1, 2, 0.5, 0.1, 0.07, 0.3, -1.5, 0.3333333333333333])
def test_shares_are_exact(engine: Engine, factor: float) -> None:
    from fractions import Fraction

    path = steps("flows", "run")
    share = typed.Share(factor, typed.Counted(path, typed.TRUE))
    for operator, holds in (
        (">=", lambda a, b: a >= b),
        ("=", lambda a, b: a == b),
        ("<", lambda a, b: a < b),
    ):
        condition = typed.Count(typed.Counted(path, FAILED), operator, share)  # type: ignore[arg-type]
        check(
            engine,
            "flows",
            condition,
            lambda row, holds=holds: holds(  # type: ignore[misc]
                sum(failed(run) is True for run in related(row, path)),
                Fraction(repr(factor)) * len(related(row, path)),
            ),
        )


def test_a_share_of_another_count(engine: Engine) -> None:
    runs, tasks = steps("flows", "run"), steps("flows", "run", "task")
    condition = typed.Count(
        typed.Counted(tasks, typed.TRUE), ">", typed.Share(1.5, typed.Counted(runs, typed.TRUE))
    )
    check(
        engine,
        "flows",
        condition,
        lambda row: 2 * len(related(row, tasks)) > 3 * len(related(row, runs)),
    )


# ── tags, one by one ──────────────────────────────────────────────────────────

TAG = step("flow_runs", "tag")
TEAM = typed.TextMatch(column("tag", "text"), "starts with", "TEAM:")


def test_tags_one_by_one(engine: Engine) -> None:
    def team(tag: str) -> bool:
        return tag.lower().startswith("team:")

    check(engine, "flow_runs", typed.Exists(TAG, TEAM), lambda r: any(map(team, r["tags"])))
    check(engine, "flow_runs", typed.Every(TAG, TEAM), lambda r: all(map(team, r["tags"])))
    check(engine, "flow_runs", typed.Exists(TAG, typed.TRUE), lambda r: bool(r["tags"]))
    check(
        engine,
        "flow_runs",
        typed.Count(typed.Counted((TAG,), TEAM), "=", 2),
        lambda r: sum(map(team, set(r["tags"]))) == 2,
    )


@pytest.mark.parametrize("tag", ["etl", "\\u00e9", "é", 'say "hi"', '"etl"', "line\nbreak", "🚀"])
def test_a_tag_is_the_text_it_is(engine: Engine, tag: str) -> None:
    same = typed.In(column("tag", "text"), (tag,))
    check(engine, "flow_runs", typed.Exists(TAG, same), lambda row: tag in row["tags"])


def test_equal_tags_count_once(engine: Engine) -> None:
    counted = typed.Counted((TAG,), typed.TRUE)
    for number in range(4):
        check(
            engine,
            "flow_runs",
            typed.Count(counted, "=", number),
            lambda row, number=number: len(set(row["tags"])) == number,  # type: ignore[misc]
        )
    path = (*steps("flows", "run"), TAG)
    check(
        engine,
        "flows",
        typed.Count(typed.Counted(path, typed.TRUE), ">=", 5),
        lambda row: len({tag for run in related(row, path[:1]) for tag in run["tags"]}) >= 5,
    )


# ── scopes within scopes ──────────────────────────────────────────────────────


def test_scopes_within_scopes(engine: Engine) -> None:
    run, task = step("flows", "run"), step("flow_runs", "task")
    crashed = typed.In(column("task_runs", "state"), ("CRASHED",))
    condition = typed.Exists(
        run,
        typed.And(
            (
                typed.Not(FAILED),
                typed.Or((typed.Exists(task, crashed), typed.Every(task, crashed))),
                typed.Not(typed.Exists(step("flow_runs", "deployment"), typed.TRUE)),
            )
        ),
    )
    deployments = {row["id"] for row in stored("deployments")}

    def holds(flow: Row) -> bool:
        for found in related(flow, [run]):
            tasks = [row["state_type"] == "CRASHED" for row in related(found, [task])]
            if (
                failed(found) is False
                and (any(tasks) or all(tasks))
                and found["deployment_id"] not in deployments
            ):
                return True
        return False

    check(engine, "flows", condition, holds)


def test_the_same_table_again(engine: Engine) -> None:
    """A run, its task, the run that this task started: three rows, two tables."""
    task, subflow = steps("flow_runs", "task", "subflow_run")
    inner = typed.Exists(subflow, typed.Not(FAILED))
    check(
        engine,
        "flow_runs",
        typed.Exists(task, inner),
        lambda run: any(
            failed(sub) is False for row in related(run, [task]) for sub in related(row, [subflow])
        ),
    )


def test_a_relation_of_every_entity_is_a_join(engine: Engine) -> None:
    """Every single step of the catalog gives the rows whose columns are equal."""
    for entity in entities().values():
        for relation in entity.relations:
            if relation.via or relation.elements:
                continue
            check(
                engine,
                entity.name,
                typed.Exists(relation, typed.TRUE),
                lambda row, relation=relation: bool(related(row, [relation])),  # type: ignore[misc]
            )


def test_rows_that_are_in_no_table_are_refused() -> None:
    """No relation leads there yet; one that will must not become a table without a name."""
    relation = Relation("worker", "task_workers", "", "name", "identifier")
    for filter_ in (typed.Exists(relation, typed.TRUE), typed.Every(relation, typed.TRUE)):
        with pytest.raises(FlowQLError) as caught:
            to_sql(typed.Query(entities()["flows"], filter_), "sqlite")
        assert [problem.code for problem in caught.value.diagnostics] == ["no-table"]
