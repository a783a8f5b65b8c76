"""Plans: how they are spelled, what is refused, how far they go, and the laws they rest on.

That their rows are right is compared with real servers: `tests/oracle/test_plans.py`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import flowql
from flowql import typed
from flowql.backends.body import Request
from flowql.backends.plan.bodies import Bodies
from flowql.backends.plan.complement import outside, two_valued
from flowql.backends.plan.steps import (
    Counted,
    Fetch,
    Nothing,
    Plan,
    Size,
    Sum,
    each,
    fetches,
    height,
)
from flowql.backends.plan.weaker import weaker
from flowql.backends.predicate import select
from flowql.catalog import entities
from flowql.diagnostics import FlowQLError
from flowql.rewrite.normal import normal
from tests import golden, strategies
from tests.backends.test_body import check_safe
from tests.effort import lines
from tests.oracle.data import AWKWARD
from tests.planned import planned

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


def plan(text: str, **options: Any) -> Plan:
    return flowql.parse(text, now=NOW).to_plan(**options)


def problems(text: str) -> list[str]:
    with pytest.raises(FlowQLError) as caught:
        plan(text)
    return [problem.code for problem in caught.value.diagnostics]


def spelled(text: str) -> str:
    try:
        return str(plan(text))
    except FlowQLError as error:
        return "\n".join(str(problem) for problem in error.diagnostics)


def test_plans_are_spelled(update: bool) -> None:
    golden.check("plan.txt", spelled, update)


# ── one request ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "text",
    [
        "tags has etl and run.state = FAILED limit 20",
        "flow_runs where state = FAILED sort start_time desc limit 200 page 3",
        "deployments where paused = true count",
        "task_runs limit 5",
    ],
)
def test_what_one_body_says_is_one_request(text: str) -> None:
    found = plan(text)
    request = flowql.parse(text, now=NOW).to_request()
    answer: Any = found.answer
    if hasattr(answer, "body"):
        assert answer.body == request.body
    else:
        assert text.endswith("count")


def test_a_list_of_all_rows_is_one_fetch() -> None:
    found = plan("tags has etl and run.state = FAILED")
    assert isinstance(found.answer, Fetch)


def test_nothing_is_asked_for_no_rows() -> None:
    assert isinstance(plan("flow_runs where name matches a limit 0").answer, Nothing)


# ── laws ──────────────────────────────────────────────────────────────────────────────────────────


def _ids(entity: Any, where: typed.Predicate) -> set[str]:
    rows = select(typed.Query(entity, where), {**AWKWARD, "task_workers": []})
    return {str(row.get("id", row.get("identifier"))) for row in rows}


def _grounded(where: typed.Predicate) -> typed.Predicate:
    query = flowql.Query(typed.Query(entities()["flows"], where), NOW, "UTC")
    return normal(query.grounded().filter)


def _owned(names: tuple[str, ...]) -> st.SearchStrategy[tuple[Any, typed.Predicate]]:
    return st.sampled_from(names).flatmap(
        lambda name: st.tuples(
            st.just(entities()[name]),
            strategies.predicates(entities()[name]).map(_grounded),
        )
    )


_NAMES = ("flows", "flow_runs", "task_runs", "deployments", "artifacts", "logs")


@given(_owned(_NAMES))
def test_a_complement_has_the_very_rows_that_a_condition_leaves(
    given_: tuple[Any, typed.Predicate],
) -> None:
    entity, where = given_
    complement = outside(where)
    if complement is None:
        return
    everything = _ids(entity, typed.TRUE)
    assert _ids(entity, complement) == everything - _ids(entity, where)


@given(_owned(_NAMES))
def test_of_two_values_the_negation_is_the_complement(
    given_: tuple[Any, typed.Predicate],
) -> None:
    entity, where = given_
    if two_valued(where):
        left = _ids(entity, typed.TRUE) - _ids(entity, where)
        assert _ids(entity, typed.Not(where)) == left


@given(_owned(_NAMES))
def test_a_weaker_condition_holds_wherever_the_other_does(
    given_: tuple[Any, typed.Predicate],
) -> None:
    entity, where = given_
    weak = weaker(where)
    if weak is not None:
        assert _ids(entity, where) <= _ids(entity, weak)


@pytest.mark.parametrize(
    ("text", "weak"),
    [
        ('name contains "50%_done"', "done"),
        ('name starts with "a_bcd"', "bcd"),
        ('name like "%abc_d%"', "abc"),
    ],
)
def test_the_longest_piece_between_wildcards_narrows_a_fetch(text: str, weak: str) -> None:
    (fetch,) = fetches(plan(f"flow_runs where {text}").answer)  # type: ignore[arg-type]
    assert weak in str(fetch.where)


@given(planned())
def test_no_body_of_a_plan_has_what_servers_of_two_versions_read_differently(
    query: typed.Query,
) -> None:
    try:
        found = flowql.Query(query, NOW, "UTC").to_plan()
    except FlowQLError:
        return
    bodies = Bodies()
    if isinstance(found.answer, Request):
        check_safe(found.answer.body)
    elif not isinstance(found.answer, Counted | Sum | Size):
        for fetch in fetches(found.answer):
            if (request := bodies.rows(fetch.entity, fetch.where)) is not None:
                check_safe(request.body)


# ── refusals ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("flow_runs where work_queue_name contains old", ["not-in-answers"]),
        ("flow_runs select work_queue_name", ["not-in-answers"]),
        ("flow_runs sort work_queue_name limit 300", ["not-in-answers"]),
        ("events where every resource (role = flow)", ["not-listed"]),
        ("events where text contains error or payload.x = 1", []),
        ("flow_runs where state = $state limit $n", ["unbound-parameter", "unbound-parameter"]),
        ("flow_runs where labels is null", ["not-in-answers"]),
    ],
)
def test_what_no_answer_tells_is_refused_by_name(text: str, codes: list[str]) -> None:
    assert (problems(text) if codes else spelled(text) and []) == codes


def test_what_a_body_says_of_a_field_that_no_answer_has_is_asked() -> None:
    assert isinstance(plan("flow_runs where work_queue_name = old").answer, Fetch)
    found = plan("flow_runs where work_queue_name = old or flow.name = a").answer
    assert len(fetches(found)) == 2  # type: ignore[arg-type]


# ── how far it goes ───────────────────────────────────────────────────────────────────────────────

DEEP = "every run (every task (any run (not every task ("


def test_depth_is_bounded_by_a_problem() -> None:
    shallow = plan("flows where " + DEEP * 3 + "state = FAILED" + "))))" * 3)
    assert 10 < height(shallow.answer) <= 100  # type: ignore[arg-type]
    assert problems("flows where " + DEEP * 30 + "state = FAILED" + "))))" * 30) == [
        "plan-too-large"
    ]


@pytest.mark.parametrize(
    "one",
    ['not any run (name contains "a{}%b")', "any run (name = a{})", "any run (any tag (like a{}))"],
)
def test_width_is_bounded_by_a_problem(one: str) -> None:
    wide = " and ".join(one.format(number) for number in range(500))
    assert problems(f"flows where {wide}") == ["plan-too-large"]


@pytest.mark.parametrize(
    ("one", "word"),
    [
        ('name contains "a{}%b"', "and"),
        ('name contains "a{}%b"', "or"),
        ("(name = a{0} and tags has b{0})", "or"),
    ],
)
def test_work_grows_little_faster_than_the_query(one: str, word: str) -> None:
    def work(size: int) -> int:
        text = f" {word} ".join(one.format(number) for number in range(size))
        query = flowql.parse(f"flow_runs where {text}", now=NOW)
        return lines(query.to_plan)

    assert work(400) < 12 * work(50)


def test_a_long_list_is_asked_for_in_parts() -> None:
    ids = ", ".join(f"00000000-0000-0000-0000-{number:012d}" for number in range(2_500))
    found = plan(f"flow_runs where id in [{ids}] and state = FAILED").answer
    assert isinstance(found, Fetch)
    assert found.among is not None
    assert len(found.among.values) == 2_500
    excluded = plan(f"flow_runs where id not in [{ids}]").answer
    assert all(one.among is None for one in each(excluded) if isinstance(one, Fetch))  # type: ignore[arg-type]
