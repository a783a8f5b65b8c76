"""Comparing queries: pairs stated by hand, and proofs about random pairs held against rows."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

import flowql
from flowql import typed
from flowql.catalog import Entity, Type, entities
from flowql.frontends.text import parse as parse_text
from flowql.rewrite.compare import STEPS, Prepared, Verdict, compare, empty, implies
from flowql.rewrite.ground import ground
from flowql.rewrite.normal import normal
from tests.oracle.data import AWKWARD, NOW
from tests.reference import holds, select_ids
from tests.rewrite.crowds import crowded, meeting
from tests.rewrite.pairs import near, pointed, stronger, weaker
from tests.strategies import TARGETS, Rows, open_times, predicates, some_rows

_HERE = Path(__file__).parent


def stated() -> list[tuple[str, str, str]]:
    """The verdict and the two queries of each pair of the page."""
    lines = (_HERE / "compare.pairs").read_text(encoding="utf-8").splitlines()
    found = []
    for line in lines:
        if line and not line.startswith("#"):
            verdict, queries = line.split(None, 1)
            one, other = queries.split(" // ")
            found.append((verdict, one.strip(), other.strip()))
    return found


STATED = stated()


@pytest.mark.parametrize(("verdict", "one", "other"), STATED)
def test_pairs_stated_by_hand(verdict: str, one: str, other: str) -> None:
    first, second = flowql.parse(one, now=NOW).typed, flowql.parse(other, now=NOW).typed
    assert compare(first, second).relation == verdict
    mirrored = {"contained": "contains", "contains": "contained"}
    # Rows that are the same and put another way lie in one another.
    if not compare(first, second).differ:
        assert compare(second, first).relation == mirrored.get(verdict, verdict)


def test_there_are_enough_pairs_and_traps() -> None:
    assert len(STATED) >= 120
    assert sum(verdict == "unknown" for verdict, _, _ in STATED) >= 40


@pytest.mark.parametrize(
    ("verdict", "one", "other"),
    [
        pair
        for pair in STATED
        if pair[0] != "unknown" and "$" not in pair[1] and " page " not in pair[1]
    ],
)
def test_what_is_stated_holds_of_rows(verdict: str, one: str, other: str) -> None:
    """The plain definitions read the texts themselves: no resolver, no rewrite between."""
    first, second = (select_ids(parse_text(text)[0], AWKWARD, NOW, UTC) for text in (one, other))
    if verdict in ("same", "contained"):
        assert first <= second
    if verdict in ("same", "contains"):
        assert first >= second


# ── random pairs ──────────────────────────────────────────────────────────────


@st.composite
def pairs(draw: Any) -> tuple[Entity, str, typed.Predicate, typed.Predicate]:
    """Two filters of one entity, and how the second was made of the first."""
    entity = draw(st.sampled_from(_ASKED))
    drawn = draw(st.sampled_from((meeting, meeting, crowded, crowded, predicates)))
    one, more = normal(draw(drawn(entity))), draw(drawn(entity))
    rng = random.Random(draw(st.integers(0, 2**32 - 1)))
    how = draw(st.sampled_from(("weaker", "stronger", "near", "near", "near", "other")))
    match how:
        case "weaker":
            pair = one, weaker(one, rng, more)
        case "stronger":
            pair = stronger(one, rng, more), one
        case "near":
            pair = one, near(one, rng, more)
        case _:
            pair = one, more
    if how in ("near", "other") and draw(st.booleans()):
        pair = typed.Not(pair[0]), typed.Not(pair[1])
    return entity, how, *pair


# Of an event there is a text that only the server knows.
_ASKED = [target for target in TARGETS if target.name not in ("events", "event_resources")]

_KNOWN: Counter[str] = Counter()


@given(pairs(), some_rows(), st.integers(0, 2**32 - 1))
def test_what_is_proven_holds_of_rows(
    pair: tuple[Entity, str, typed.Predicate, typed.Predicate], rows: Rows, seed: int
) -> None:
    entity, how, one, other = pair
    # As they are written, times count from any now; at one moment more may hold.
    at_once = tuple(ground(typed.Query(entity, node), NOW, UTC).filter for node in (one, other))
    claims = [(0, 1)] if implies(one, other) or implies(*at_once) else []
    claims += [(1, 0)] if implies(other, one) or implies(at_once[1], at_once[0]) else []
    nothing = [at for at, node in enumerate((one, other)) if empty(node)]
    if how in ("weaker", "stronger") and not nothing:
        _KNOWN[how] += 1
        _KNOWN[f"{how}, proven"] += implies(one, other)
    if not claims and not nothing:
        return
    crowds = [rows, *(pointed(rows, at_once, entity, seed + turn) for turn in range(2))]
    for tables in crowds:
        for row in tables[entity.table]:
            selected = [holds(node, row, entity, tables) is True for node in at_once]
            for narrow, wide in claims:
                assert selected[wide] or not selected[narrow]
            assert not any(selected[at] for at in nothing)


def test_the_share_that_is_proven_is_printed() -> None:
    """Of pairs of which one was made from the other by a law; printed, since a share is no rule."""
    for how in ("weaker", "stronger"):
        if _KNOWN[how]:
            share = _KNOWN[f"{how}, proven"] / _KNOWN[how]
            print(f"{how}: {share:.1%} of {_KNOWN[how]} proven")


# ── times that hang on the moment ─────────────────────────────────────────────

_MOMENTS = (
    (NOW, "UTC"),
    (datetime(2026, 3, 29, 1, 30, tzinfo=UTC), "Europe/Berlin"),
    # Clocks go back over midnight, so that a day begins twice.
    (datetime(2006, 10, 29, 2, 10, tzinfo=UTC), "America/St_Johns"),
    (datetime(2006, 10, 29, 3, 10, tzinfo=UTC), "America/St_Johns"),
    (datetime(2026, 11, 1, 5, 30, tzinfo=UTC), "America/Havana"),
    # A day is left out.
    (datetime(2011, 12, 30, 9, 59, tzinfo=UTC), "Pacific/Apia"),
    (datetime(2011, 12, 30, 10, 1, tzinfo=UTC), "Pacific/Apia"),
    (datetime(2012, 1, 31, 23, 59, tzinfo=UTC), "Pacific/Apia"),
    (datetime(2024, 2, 29, 12, 30, tzinfo=UTC), "Australia/Lord_Howe"),
    (datetime(2025, 12, 31, 23, 30, tzinfo=UTC), "Asia/Kathmandu"),
)


@st.composite
def moving(draw: Any) -> typed.Predicate:
    """A condition on a time whose bounds move with the moment or the zone."""
    column = typed.Column(entities()["flow_runs"].by_name["end_time"])
    days = st.sampled_from((-400, -100, -32, -8, -7, -2, -1, 0, 1, 2, 8, 40))
    units: st.SearchStrategy[typed.Unit] = st.sampled_from(
        ("hour", "day", "week", "month", "quarter", "year")
    )
    rolling = st.one_of(
        st.builds(typed.Rolling, units, st.sampled_from((-1, 0, 1))),
        st.builds(typed.Rolling, st.just("day"), days),
    )
    around = draw(st.sampled_from(_MOMENTS))[0].date() + timedelta(draw(days))
    calendar = st.sampled_from(
        (
            typed.Calendar(around.year),
            typed.Calendar(around.year, around.month),
            typed.Calendar(around.year, around.month, around.day),
        )
    )
    hours = st.sampled_from((0, 1, 23, 24, 25, 47, 48, 49, 72, 96, 168, 240, 800, 9000))
    lengths = hours.map(lambda number: timedelta(hours=number))
    signed = st.tuples(lengths, st.sampled_from((1, -1)))
    relative = signed.map(lambda pair: typed.Relative(pair[0] * pair[1]))
    instant = st.just(datetime(around.year, around.month, around.day, 11, tzinfo=UTC))
    point: Any = st.one_of(rolling, rolling, calendar, relative, instant, open_times())
    if draw(st.booleans()):
        return typed.Compare(column, draw(st.sampled_from(("<", "<=", ">", ">="))), draw(point))
    stretch = st.one_of(lengths, lengths, st.just(typed.Parameter("n", Type.DURATION)))
    period = st.one_of(
        rolling, calendar, open_times(), stretch.map(typed.Last), stretch.map(typed.Next)
    )
    return typed.In(column, (draw(period),))


def _at(node: typed.Predicate, days: int) -> typed.Predicate:
    """A grounded condition on a time with so many days as the length that is open."""

    def plain(value: Any) -> Any:
        if isinstance(value, typed.Parameter):
            assert value.instant is not None
            return value.instant(timedelta(days))
        return value

    match node:
        case typed.And(operands):
            return typed.And(tuple(_at(operand, days) for operand in operands))
        case typed.Compare(column, operator, value):
            return typed.Compare(column, operator, plain(value))
        case typed.In(column, values):
            return typed.In(column, tuple(map(plain, values)))
        case _:
            raise AssertionError(node)


@given(moving(), st.lists(moving(), min_size=1, max_size=8))
def test_order_of_times_holds_at_awkward_moments(
    one: typed.Predicate, others: list[typed.Predicate]
) -> None:
    entity = entities()["flow_runs"]
    for other in others:
        for narrow, wide in ((one, other), (other, one)):
            if not implies(narrow, wide):
                continue
            for (now, zone), days in product(_MOMENTS, (0, 1, 8)):
                pair = [
                    _at(ground(typed.Query(entity, node), now, ZoneInfo(zone)).filter, days)
                    for node in (narrow, wide)
                ]
                for instant in _bounds(pair):
                    for step in (-1, 0, 1):
                        row = {"end_time": instant + timedelta(microseconds=step)}
                        inside, around = (holds(node, row, entity, {}) for node in pair)
                        assert around or not inside, (narrow, wide, now, zone)


def _bounds(nodes: list[typed.Predicate]) -> list[datetime]:
    found = []
    pending = list(nodes)
    while pending:
        match pending.pop():
            case typed.And(operands):
                pending += operands
            case typed.Compare(_, _, datetime() as bound):
                found.append(bound)
            case _:
                pass
    return found


# ── nothing at all ────────────────────────────────────────────────────────────

_NOTHING = (
    ("runs where state = FAILED and state = CRASHED", 2),
    ("runs where state = FAILED and name = x and state != FAILED", 2),
    ("runs where run_count > 3 and run_count < 4", 2),
    ("runs where start_time > now and start_time < now - 1h", 2),
    ("runs where end_time in 2026 and end_time in 2025", 2),
    ("runs where name starts with a and name starts with b", 2),
    ("runs where name = etl and not name contains t", 2),
    ("runs where tags has a and tags within [b]", 2),
    ("runs where deployment_id is null and deployment.name = x", 2),
    ("runs where end_time is null and duration > 5m", 2),
    ("runs where labels is null and labels.team = x", 2),
    ("runs where parameters.x = 1 and parameters.x = true", 2),
    ('runs where parameters.x > 1 and parameters.x contains "1"', 2),
    ("runs where tags has team:a and no tag (starts with team)", 2),
    ("runs where count deployment >= 2", 1),
    ("latest run (state = FAILED) and no run (state = FAILED)", 2),
    ("latest run (start_time is null)", 1),
    ("every run (state = FAILED) and any run (state = CRASHED)", 2),
    ("count run (state = FAILED) > 3 and count run < 2 and name = x", 2),
    ("count run = 1.5", 1),
    ("count run < 0", 1),
    ("any run (state = FAILED and state = CRASHED)", 1),
    ("runs where state = $x and state != $x", 2),
    ("count run (state = FAILED) > $n and count run <= $n", 2),
)

_SOMETHING = (
    "runs where start_time is null and start_time > now",
    "run.state = FAILED and run.state = CRASHED and name = x and any run (tags has a)"
    " and any run (not tags has a)",
    "runs where state = $x and state = $y",
    "runs where state not in $x and state is null",
    "runs where deployment_id is not null and no deployment",
    "every run (state = FAILED) and every run (state = CRASHED)",
    "every run (state = FAILED) and no run (state = FAILED)",
    "runs where name contains É and not name contains é",
    "runs where parameters.x is not null and not any task",
    "runs where tags within [] and every tag (= a)",
    "runs where start_time in today and start_time in 2025",
    "runs where start_time in last 24h and start_time < today",
    "count run > 3 and count run (state = FAILED) < 2",
    "runs where name like a_ and name ends with b",
    "runs where id is null",
)


@pytest.mark.parametrize(("text", "number"), _NOTHING)
def test_what_selects_nothing_is_found_with_the_fewest_conditions(text: str, number: int) -> None:
    clash = empty(flowql.parse(text, now=NOW).typed.filter)
    assert clash is not None
    assert len(clash.conditions) == number


@pytest.mark.parametrize("text", _SOMETHING)
def test_what_may_select_something_is_left_alone(text: str) -> None:
    filter_ = flowql.parse(text, now=NOW).typed.filter
    if "run.state = CRASHED" in text:
        filter_ = flowql.parse(text.replace("run.state = CRASHED", "run.tags has b")).typed.filter
    assert empty(filter_) is None


# ── the reason ────────────────────────────────────────────────────────────────


def _compared(one: str, other: str) -> Verdict:
    return compare(flowql.parse(one, now=NOW).typed, flowql.parse(other, now=NOW).typed)


def _spelled(conditions: tuple[typed.Predicate, ...]) -> list[str]:
    from flowql.backends.text import condition_to_text

    return [condition_to_text(condition) for condition in conditions]


def test_a_reason_says_what_follows_from_what() -> None:
    verdict = _compared(
        "runs where state = FAILED and tags has etl and run_count = $n",
        "runs where run_count >= $n and state in [FAILED, CRASHED]",
    )
    assert verdict.relation == "contained"
    assert [(_spelled(step.given), *_spelled((step.shown,))) for step in verdict.steps] == [
        (["run_count = $n"], "run_count >= $n"),
        (["state = FAILED"], "state in [FAILED, CRASHED]"),
    ]
    assert _spelled(verdict.further) == ["tags has etl"]
    assert verdict.parameters == ("n",)


def test_a_reason_names_the_fewest_conditions_that_do() -> None:
    verdict = _compared("name = x and every run (state = FAILED) and any run", "run.state = FAILED")
    (step,) = verdict.steps
    assert _spelled(step.given) == ["every run (state = FAILED)", "any run"]
    assert _spelled(verdict.further) == ["name = x"]


def test_a_query_that_selects_nothing_lies_in_any_other() -> None:
    verdict = _compared("runs where state = FAILED and state = CRASHED", "runs where name = x")
    assert verdict.relation == "contained"
    assert verdict.clash is not None
    assert _spelled(verdict.clash.conditions) == ["state = FAILED", "state = CRASHED"]


def test_clauses_that_differ_are_named() -> None:
    verdict = _compared("runs sort name select id", "runs sort id")
    assert verdict.differ == ("sort", "select")


def test_every_clause_of_a_query_is_compared() -> None:
    """A clause that is added to queries must be looked at here: rows may hang on it."""
    handled = {"target", "filter", "spans", "page", "offset", "limit"}
    looked_at = set(Prepared(flowql.parse("runs").typed).clauses)
    assert {field.name for field in fields(typed.Query)} == handled | looked_at


def test_parameters_of_one_name_and_two_types_are_two() -> None:
    name = typed.Column(entities()["flow_runs"].by_name["name"])
    text, many = (typed.Parameter("x", name.field.type, many) for many in (False, True))
    assert not implies(typed.In(name, (text,)), typed.In(name, (many,)))
    assert not implies(typed.In(name, (many,)), typed.In(name, (text,)))


# ── work ──────────────────────────────────────────────────────────────────────


def _name() -> typed.Column:
    return typed.Column(entities()["flow_runs"].by_name["name"])


def _contains(number: int) -> typed.Predicate:
    return typed.TextMatch(_name(), "contains", f"word {number}.")


def test_long_lists_are_compared_in_no_time() -> None:
    many = tuple(f"name {number}" for number in range(100_000))
    column = _name()
    assert implies(typed.In(column, many[:-1]), typed.In(column, many[::-1]))
    assert not implies(typed.In(column, many), typed.In(column, many[:-1]))
    assert implies(typed.In(column, many[:50_000]), typed.Not(typed.In(column, many[50_000:])))
    tags = typed.Column(entities()["flow_runs"].by_name["tags"])
    assert implies(typed.TagsMatch(tags, "has all", many), typed.TagsMatch(tags, "has any", many))


def test_long_conditions_are_compared_one_by_one() -> None:
    many = [_contains(number) for number in range(1_000)]
    assert implies(typed.And(tuple(many)), typed.And(tuple(many[::-2])))
    assert implies(typed.Or(tuple(many[::-2])), typed.Or(tuple(many)))


def test_a_question_that_would_take_too_long_stays_open() -> None:
    """Sixteen pigeons in fifteen holes: true of no row, and no short proof shows it."""
    entity = entities()["flow_runs"]
    task = entity.relation_by_name["task"]
    name = typed.Column(entities()["task_runs"].by_name["name"])

    def sits(pigeon: int, hole: int) -> typed.Predicate:
        return typed.Exists(task, typed.In(name, (f"{pigeon} in {hole}",)))

    holes, pigeons = range(15), range(16)
    housed = [typed.Or(tuple(sits(pigeon, hole) for hole in holes)) for pigeon in pigeons]
    apart = [
        typed.Or((typed.Not(sits(one, hole)), typed.Not(sits(two, hole))))
        for hole in holes
        for one in pigeons
        for two in pigeons
        if one < two
    ]
    assert empty(typed.And((*housed, *apart))) is None


def test_the_deepest_filters_are_compared_or_left_open() -> None:
    task = entities()["flow_runs"].relation_by_name["task"]
    run = entities()["task_runs"].relation_by_name["run"]
    for depth, proven in ((30, True), (198, False)):
        one: typed.Predicate = typed.In(_name(), ("a",))
        other: typed.Predicate = typed.In(_name(), ("a", "b"))
        for level in range(depth):
            relation = (task, run)[level % 2]
            one, other = typed.Exists(relation, one), typed.Exists(relation, other)
        assert implies(one, one)
        assert implies(one, other) is proven


def test_fewer_steps_prove_less_and_never_more() -> None:
    one = flowql.parse("runs where state = FAILED and (name = a or tags has x)").typed.filter
    other = flowql.parse("runs where state != COMPLETED").typed.filter
    proven = [implies(one, other, steps) for steps in (0, 3, STEPS)]
    assert proven == sorted(proven)
    assert proven[-1]
