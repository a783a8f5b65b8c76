"""Conditions on the row in hand: which rows make them true, and which false, on every engine.

The truth of each is stated beside it, as Python over the stored row.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from flowql import typed
from tests.backends.sql.engines import Engine, Row, column, query, stored, where
from tests.oracle.data import NOW, TIMES, ident

Truth = Callable[[Row], bool | None]

RUNS = "flow_runs"
BIG = 9007199254740993
MICROSECOND = timedelta(microseconds=1)


def known(name: str, test: Callable[[Any], bool]) -> Truth:
    """Unknown where the column is null."""
    return lambda row: None if row[name] is None else test(row[name])


def duration(row: Row) -> timedelta | None:
    if row["end_time"] is None or row["start_time"] is None:
        return None
    length: timedelta = row["end_time"] - row["start_time"]
    return length


def started(row: Row) -> datetime | None:
    found: datetime | None = row["start_time"] or row["expected_start_time"]
    return found


def of(value: Callable[[Row], Any], test: Callable[[Any], bool]) -> Truth:
    return lambda row: None if value(row) is None else test(value(row))


def inside(name: str, *keys: str) -> Callable[[Row], Any]:
    def found(row: Row) -> Any:
        value = row[name]
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        return value

    return found


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def number(name: str, *keys: str) -> Callable[[Row], Any]:
    found = inside(name, *keys)
    return lambda row: found(row) if is_number(found(row)) else None


def text(name: str, *keys: str) -> Callable[[Row], Any]:
    found = inside(name, *keys)
    return lambda row: found(row) if isinstance(found(row), str) else None


def boolean(name: str, *keys: str) -> Callable[[Row], Any]:
    found = inside(name, *keys)
    return lambda row: found(row) if isinstance(found(row), bool) else None


def tags(test: Callable[[set[str]], bool]) -> Truth:
    return lambda row: test(set(row["tags"]))


def is_in(field: str, *values: Any, keys: tuple[str, ...] = (), entity: str = RUNS) -> typed.In:
    return typed.In(column(entity, field, *keys), values)


def compare(field: str, operator: Any, value: Any, *keys: str) -> typed.Compare:
    return typed.Compare(column(RUNS, field, *keys), operator, value)


def match(field: str, operator: Any, value: str, *keys: str) -> typed.TextMatch:
    return typed.TextMatch(column(RUNS, field, *keys), operator, value)


def tagged(operator: Any, *values: str) -> typed.TagsMatch:
    return typed.TagsMatch(column(RUNS, "tags"), operator, values)


def is_null(field: str, *keys: str) -> typed.IsNull:
    return typed.IsNull(column(RUNS, field, *keys))


FIRST = stored(RUNS)[0]
CREATOR = ident("creator", 1)
MANY = tuple(f"name {number}" for number in range(150))

CONDITIONS: dict[str, tuple[typed.Predicate, Truth]] = {
    "true": (typed.TRUE, lambda row: True),
    "false": (typed.FALSE, lambda row: False),
    # ── one of a list ──
    "enum": (is_in("state", "FAILED"), known("state_type", "FAILED".__eq__)),
    "enums": (
        is_in("state", "FAILED", "CRASHED"),
        known("state_type", lambda v: v in ("FAILED", "CRASHED")),
    ),
    "text": (is_in("state.name", "Late"), known("state_name", "Late".__eq__)),
    "text minds case": (is_in("state.name", "failed"), known("state_name", "failed".__eq__)),
    "empty text": (is_in("infrastructure_pid", ""), known("infrastructure_pid", "".__eq__)),
    "quotes": (is_in("idempotency_key", "it's"), known("idempotency_key", "it's".__eq__)),
    "none of null": (is_in("work_queue_name"), lambda row: False),
    "long list": (
        is_in("work_queue_name", "default", "stale", *MANY),
        known("work_queue_name", lambda v: v in ("default", "stale")),
    ),
    "long list of ids": (
        is_in("deployment_id", *(ident("deployment", n) for n in range(0, 400, 2))),
        known("deployment_id", lambda v: v in {ident("deployment", n) for n in range(0, 400, 2)}),
    ),
    "long list of times": (
        is_in("end_time", *TIMES, *(NOW + timedelta(days=n) for n in range(100, 250))),
        known("end_time", lambda v: v in TIMES),
    ),
    "long list of durations": (
        is_in("duration", *(timedelta(minutes=5, microseconds=n) for n in range(120))),
        of(duration, lambda v: 0 <= (v - timedelta(minutes=5)) // MICROSECOND < 120),
    ),
    "long list of enums": (
        is_in("state", *["FAILED", "CRASHED"] * 60),
        known("state_type", lambda v: v in ("FAILED", "CRASHED")),
    ),
    "long list of numbers": (
        is_in("run_count", *range(2, 200)),
        lambda row: row["run_count"] in range(2, 200),
    ),
    "long list of fractions": (
        is_in("run_count", *(n / 2 for n in range(2, 200))),
        lambda row: row["run_count"] in range(1, 100),
    ),
    "uuid": (
        is_in("deployment_id", ident("deployment", 1)),
        known("deployment_id", ident("deployment", 1).__eq__),
    ),
    "number": (is_in("run_count", 1, 17), lambda row: row["run_count"] in (1, 17)),
    "fraction": (is_in("run_count", 2.5), lambda row: False),
    "boolean": (is_in("auto_scheduled", True), lambda row: row["auto_scheduled"]),
    "no boolean": (is_in("auto_scheduled", False), lambda row: not row["auto_scheduled"]),
    "instant": (is_in("end_time", NOW), known("end_time", NOW.__eq__)),
    "coalesced instant": (is_in("start_time", NOW), of(started, NOW.__eq__)),
    # ── order ──
    "time after": (
        compare("end_time", ">", NOW - timedelta(7)),
        known("end_time", lambda v: v > NOW - timedelta(7)),
    ),
    "time before": (compare("end_time", "<=", NOW), known("end_time", lambda v: v <= NOW)),
    "coalesced time": (compare("start_time", "<", NOW), of(started, lambda v: v < NOW)),
    "earliest time": (
        compare("end_time", ">=", datetime(1, 1, 1, tzinfo=UTC)),
        known("end_time", lambda v: True),
    ),
    "latest time": (
        compare("end_time", "<=", datetime.max.replace(tzinfo=UTC)),
        known("end_time", lambda v: True),
    ),
    "duration": (
        compare("duration", ">", timedelta(minutes=5)),
        of(duration, lambda v: v > timedelta(minutes=5)),
    ),
    "duration from": (
        compare("duration", ">=", timedelta(minutes=5, microseconds=1)),
        of(duration, lambda v: v >= timedelta(minutes=5, microseconds=1)),
    ),
    "negative duration": (
        compare("duration", "<", timedelta(days=-2, microseconds=-3)),
        of(duration, lambda v: v < timedelta(days=-2, microseconds=-3)),
    ),
    "equal duration": (
        is_in("duration", timedelta(minutes=5), timedelta(0)),
        of(duration, lambda v: v in (timedelta(minutes=5), timedelta(0))),
    ),
    "stored duration": (
        compare("total_run_time", "<=", timedelta(minutes=5)),
        lambda row: row["total_run_time"] <= timedelta(minutes=5),
    ),
    "equal stored duration": (
        is_in("total_run_time", timedelta(days=40, microseconds=1)),
        lambda row: row["total_run_time"] == timedelta(days=40, microseconds=1),
    ),
    "longest duration": (
        compare("total_run_time", "<", timedelta(days=9_999_999)),
        lambda row: True,
    ),
    "number from": (compare("run_count", ">=", 2), lambda row: row["run_count"] >= 2),
    "number above a fraction": (
        compare("run_count", ">", 1.5),
        lambda row: row["run_count"] > 1.5,
    ),
    "largest number": (compare("run_count", "<", 2**63 - 1), lambda row: True),
    # ── text ──
    "contains": (
        match("name", "contains", "OTTER"),
        lambda row: "otter" in row["name"].lower(),
    ),
    "contains percent": (match("name", "contains", "0%"), lambda row: "0%" in row["name"]),
    "contains underscore": (match("name", "contains", "a_b"), lambda row: "a_b" in row["name"]),
    "contains backslash": (match("name", "contains", "\\"), lambda row: "\\" in row["name"]),
    "contains nothing": (
        match("infrastructure_pid", "contains", ""),
        known("infrastructure_pid", lambda v: True),
    ),
    "starts with": (
        match("name", "starts with", "Brave"),
        lambda row: row["name"].lower().startswith("brave"),
    ),
    "starts with percent": (
        match("name", "starts with", "%"),
        lambda row: row["name"].startswith("%"),
    ),
    "starts with nothing": (
        match("work_queue_name", "starts with", ""),
        known("work_queue_name", lambda v: True),
    ),
    "ends with": (
        match("name", "ends with", "OTTER"),
        lambda row: row["name"].lower().endswith("otter"),
    ),
    "ends with underscore": (match("name", "ends with", "_"), lambda row: row["name"][-1:] == "_"),
    "ends with emoji": (
        match("state.name", "ends with", "🚀"),
        known("state_name", lambda v: v.endswith("🚀")),
    ),
    "ends with nothing": (
        match("work_queue_name", "ends with", ""),
        known("work_queue_name", lambda v: True),
    ),
    "ends with more": (match("name", "ends with", "x" * 500), lambda row: False),
    "like": (
        match("name", "like", "BRAVE_otter"),
        lambda row: len(row["name"]) == 11 and row["name"].lower()[:5] == "brave",
    ),
    "like anything": (
        match("infrastructure_pid", "like", "%"),
        known("infrastructure_pid", lambda v: True),
    ),
    "like one": (match("name", "like", "_"), lambda row: len(row["name"]) == 1),
    "like nothing": (match("name", "like", ""), lambda row: row["name"] == ""),
    "like text": (
        match("created_by.type", "like", "s%e"),
        of(
            inside("created_by", "type"),
            lambda v: v.lower().startswith("s") and v.lower().endswith("e"),
        ),
    ),
    # ── tags ──
    "has all": (tagged("has all", "etl", "nightly"), tags(lambda v: {"etl", "nightly"} <= v)),
    "has all of one": (tagged("has all", "Prod"), tags(lambda v: "Prod" in v)),
    "has all twice": (tagged("has all", "etl", "etl"), tags(lambda v: "etl" in v)),
    "has all of none": (tagged("has all"), lambda row: True),
    "has all of many": (tagged("has all", *MANY), lambda row: False),
    "has all of letters": (tagged("has all", *"abcdefgh"), tags(lambda v: set("abcdefgh") <= v)),
    "has any": (
        tagged("has any", "café", "team:*", "back\\slash"),
        tags(lambda v: bool(v & {"café", "team:*", "back\\slash"})),
    ),
    "has any escaped": (
        tagged("has any", "\\u00e9", 'say "hi"', "C:\\new\\table", "line\nbreak"),
        tags(lambda v: bool(v & {"\\u00e9", 'say "hi"', "C:\\new\\table", "line\nbreak"})),
    ),
    "has any of none": (tagged("has any"), lambda row: False),
    "has any of many": (tagged("has any", "etl", *MANY), tags(lambda v: "etl" in v)),
    "within": (tagged("within", "etl", "nightly"), tags(lambda v: v <= {"etl", "nightly"})),
    "within one": (tagged("within", "etl"), tags(lambda v: v <= {"etl"})),
    "within none": (tagged("within"), tags(lambda v: not v)),
    "within many": (tagged("within", "etl", "dev", *MANY), tags(lambda v: v <= {"etl", "dev"})),
    # ── nothing there ──
    "null": (is_null("end_time"), lambda row: row["end_time"] is None),
    "null does not coalesce": (is_null("start_time"), lambda row: row["start_time"] is None),
    "null duration": (is_null("duration"), lambda row: duration(row) is None),
    "null json": (is_null("created_by"), lambda row: row["created_by"] is None),
    "null key": (
        is_null("created_by.id"),
        lambda row: inside("created_by", "id")(row) is None,
    ),
    "null parameter": (
        is_null("parameters", "x"),
        lambda row: inside("parameters", "x")(row) is None,
    ),
    "null deep parameter": (
        is_null("parameters", "x", "y"),
        lambda row: inside("parameters", "x", "y")(row) is None,
    ),
    # ── JSON ──
    "created_by.type": (
        is_in("created_by.type", "USER", "SCHEDULE"),
        of(inside("created_by", "type"), lambda v: v in ("USER", "SCHEDULE")),
    ),
    "created_by.id": (
        is_in("created_by.id", CREATOR),
        of(inside("created_by", "id"), lambda v: UUID(v) == CREATOR),
    ),
    "long list of created_by.id": (
        is_in("created_by.id", *(ident("creator", n) for n in range(1, 200))),
        of(inside("created_by", "id"), lambda v: UUID(v) == CREATOR),
    ),
    "json number": (
        is_in("parameters", 1, keys=("x",)),
        of(number("parameters", "x"), lambda v: v == 1),
    ),
    "json numbers": (
        is_in("parameters", 1, -2.5, BIG, keys=("x",)),
        of(number("parameters", "x"), lambda v: v in (1, -2.5, BIG)),
    ),
    "json many numbers": (
        is_in("parameters", *range(1, 200), BIG, keys=("x",)),
        of(number("parameters", "x"), lambda v: v in (1, BIG)),
    ),
    "json large number": (
        is_in("parameters", BIG, keys=("x",)),
        of(number("parameters", "x"), lambda v: v == BIG),
    ),
    "json nearly as large": (
        is_in("parameters", BIG - 1, keys=("x",)),
        of(number("parameters", "x"), lambda v: False),
    ),
    "json from": (
        compare("parameters", ">=", BIG, "x"),
        of(number("parameters", "x"), lambda v: v >= BIG),
    ),
    "json above": (
        compare("parameters", ">", BIG - 1, "x"),
        of(number("parameters", "x"), lambda v: v > BIG - 1),
    ),
    "json below": (
        compare("parameters", "<", BIG, "x"),
        of(number("parameters", "x"), lambda v: v < BIG),
    ),
    "json above a fraction": (
        compare("parameters", ">", -2.5, "x"),
        of(number("parameters", "x"), lambda v: v > -2.5),
    ),
    "json text": (
        is_in("parameters", "1", keys=("x",)),
        of(text("parameters", "x"), "1".__eq__),
    ),
    "json texts": (
        is_in("parameters", "null", "true", "café 🚀", 'it\'s "quoted" \\ % _', keys=("x",)),
        of(
            text("parameters", "x"),
            lambda v: v in ("null", "true", "café 🚀", 'it\'s "quoted" \\ % _'),
        ),
    ),
    "json many texts": (
        is_in("parameters", "1", *MANY, keys=("x",)),
        of(text("parameters", "x"), "1".__eq__),
    ),
    "json boolean": (
        is_in("parameters", True, keys=("x",)),
        of(boolean("parameters", "x"), lambda v: v),
    ),
    "json no boolean": (
        is_in("parameters", False, keys=("dry_run",)),
        of(boolean("parameters", "dry_run"), lambda v: not v),
    ),
    "json contains": (
        match("parameters", "contains", "QUOTED", "x"),
        of(text("parameters", "x"), lambda v: "quoted" in v.lower()),
    ),
    "json deep": (
        is_in("parameters", "1", keys=("x", "y")),
        of(text("parameters", "x", "y"), "1".__eq__),
    ),
    "json deeper": (
        is_in("parameters", True, keys=("x", "z", "deep")),
        of(boolean("parameters", "x", "z", "deep"), lambda v: v),
    ),
    "json no index": (is_in("parameters", 1, keys=("x", "0")), lambda row: None),
    "json dotted key": (
        is_in("parameters", "dotted key", keys=("x.y",)),
        of(text("parameters", "x.y"), "dotted key".__eq__),
    ),
    "json key minds case": (
        is_in("parameters", "upper key", keys=("X",)),
        of(text("parameters", "X"), "upper key".__eq__),
    ),
    "json key beyond ascii": (
        is_in("parameters", 1, keys=("é",)),
        of(number("parameters", "é"), lambda v: v == 1),
    ),
    "json quote as key": (
        is_in("parameters", "quote", keys=("'",)),
        of(text("parameters", "'"), "quote".__eq__),
    ),
    "json double quote as key": (
        is_in("parameters", "double", keys=('"',)),
        of(text("parameters", '"'), "double".__eq__),
    ),
    "json null column": (
        is_in("labels", 1, 1.5, keys=("tier",)),
        of(number("labels", "tier"), lambda v: v in (1, 1.5)),
    ),
    # ── combinations ──
    "and": (
        typed.And((is_in("state", "COMPLETED"), compare("end_time", "<", NOW))),
        lambda row: both(
            of(lambda r: r["state_type"], "COMPLETED".__eq__)(row),
            known("end_time", lambda v: v < NOW)(row),
        ),
    ),
    "or": (
        typed.Or((is_in("state", "COMPLETED"), compare("end_time", "<", NOW))),
        lambda row: either(
            of(lambda r: r["state_type"], "COMPLETED".__eq__)(row),
            known("end_time", lambda v: v < NOW)(row),
        ),
    ),
    "or within and": (
        typed.And(
            (
                typed.Or((is_in("state", "FAILED"), is_in("work_queue_name", "default"))),
                typed.Not(typed.And((is_null("end_time"), is_in("run_count", 1)))),
            )
        ),
        lambda row: both(
            either(
                known("state_type", "FAILED".__eq__)(row),
                known("work_queue_name", "default".__eq__)(row),
            ),
            not (row["end_time"] is None and row["run_count"] == 1),
        ),
    ),
}


def both(left: bool | None, right: bool | None) -> bool | None:
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def either(left: bool | None, right: bool | None) -> bool | None:
    if left is True or right is True:
        return True
    return None if left is None or right is None else False


@pytest.mark.parametrize("name", CONDITIONS)
def test_rows_are_true_false_or_unknown(engine: Engine, name: str) -> None:
    condition, truth = CONDITIONS[name]
    assert set(engine.ids(query(RUNS, condition))) == where(RUNS, truth)
    negated = typed.Not(condition)
    assert set(engine.ids(query(RUNS, negated))) == where(RUNS, truth, False)


def test_a_regular_expression_is_searched_for_and_minds_case(engine: Engine) -> None:
    condition = match("state.name", "matches", "^[A-Z][a-z]+$")
    if engine.dialect == "sqlite":
        return  # it has none: see `test_refusals`
    truth = known("state_name", lambda v: v.isascii() and v.istitle() and v.isalpha())
    assert set(engine.ids(query(RUNS, condition))) == where(RUNS, truth)
    assert set(engine.ids(query(RUNS, typed.Not(condition)))) == where(RUNS, truth, False)


def test_other_tables_have_their_own_columns(engine: Engine) -> None:
    paused = is_in("paused", True, entity="work_queues")
    assert set(engine.ids(query("work_queues", paused))) == where(
        "work_queues", lambda row: row["is_paused"]
    )
    kind = is_in("type", "Process", entity="work_pools")
    assert set(engine.ids(query("work_pools", kind))) == where(
        "work_pools", lambda row: row["type"] == "Process"
    )
    variables = typed.IsNull(column("deployments", "job_variables", "env", "A"))
    assert set(engine.ids(query("deployments", variables))) == where(
        "deployments", lambda row: inside("infra_overrides", "env", "A")(row) is None
    )
