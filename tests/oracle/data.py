"""Awkward rows of Prefect's tables: the same, to the microsecond, on every engine and in memory.

`AWKWARD` maps a table's name to its rows, and a row has every column of that table as a Python
value: UUID, datetime in UTC, timedelta, list and dict for JSON, None for NULL. Everything derives
from fixed lists and one seed, so a failure can be run again. `NOW` is the instant that queries with
relative times should take as theirs.

What the server cannot serve is left out, since it answers 500 to any page with such a row: names of
flows, pools and queues have no `/ % & < >` and are not empty, a run that is RUNNING has a state
timestamp, a pool has a default queue. Letters whose lower case differs between engines (Kelvin's K,
the dotted I, final sigma) are left out as well.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid5

from tests.oracle.schema import COLUMNS, TABLES

Row = dict[str, Any]
_T = TypeVar("_T")

NOW = datetime(2026, 4, 15, 12, 0, 0, tzinfo=UTC)
"""A Wednesday, in the middle of its month."""

_MICROSECOND = timedelta(microseconds=1)
_NAMESPACE = UUID("5f1b6f2e-0d0f-4c55-9a53-6b8e1d6a7f10")


def ident(entity: str, number: int) -> UUID:
    """The id of a row: scattered like real ids, yet found again from its table and number."""
    return uuid5(_NAMESPACE, f"{entity}/{number}")


def _utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def _around(instant: datetime) -> tuple[datetime, datetime, datetime]:
    """The instant and its neighbours, since bounds go wrong by one microsecond."""
    return instant - _MICROSECOND, instant, instant + _MICROSECOND


TIMES: tuple[datetime, ...] = (
    *_around(NOW),
    *_around(NOW - timedelta(hours=24)),
    *_around(NOW - timedelta(days=7)),
    *_around(_utc(2026, 4, 13)),  # the Monday of this week
    *_around(_utc(2026, 4, 15)),  # today
    *_around(_utc(2026, 4, 1)),
    *_around(_utc(2026, 3, 1)),  # after a February of 28 days
    *_around(_utc(2026, 1, 1)),
    _utc(2024, 2, 29, 23, 59, 59, 999999),
    _utc(2026, 3, 8, 7),  # New York's clocks go forward
    _utc(2026, 3, 29, 0, 59, 59, 999999),
    _utc(2026, 3, 29, 1),  # Berlin's clocks go forward
    _utc(2025, 10, 26, 0, 30),
    _utc(2025, 10, 26, 1, 30),  # the same wall clock in Berlin an hour later
    _utc(2026, 4, 14, 3, 4, 5, 600000),
    _utc(2026, 4, 14, 3, 4, 5, 60),
    _utc(2026, 4, 14, 3, 4, 5),
    _utc(1970, 1, 1),
    _utc(1969, 12, 31, 23, 59, 59, 999999),
    _utc(1066, 10, 14, 9),
    _utc(2999, 12, 31, 23, 59, 59),
    _utc(9999, 6, 1, 0, 0, 0, 1),
)

DURATIONS: tuple[timedelta, ...] = (
    timedelta(0),
    timedelta(0),
    _MICROSECOND,
    timedelta(milliseconds=1500),
    timedelta(seconds=59, microseconds=999999),
    timedelta(minutes=5),
    timedelta(minutes=5, microseconds=1),
    timedelta(hours=23, minutes=59, seconds=59),
    timedelta(days=1),
    timedelta(days=2, hours=3, minutes=4, seconds=5, microseconds=6),
    timedelta(days=40, microseconds=1),
)

FLOW_NAMES: tuple[str, ...] = (
    "ingest-orders",
    "Ingest-Orders",
    "INGEST-ORDERS",
    "ingest_orders",
    "ingestXorders",
    "ingest-orders ",
    " ingest-orders",
    "etl",
    "ETL",
    "etl-nightly",
    "dbt-nightly",
    "team:data",
    "it's",
    "it''s",
    'say "hello"',
    "back\\slash",
    "back\\\\slash",
    "ends with \\",
    "a_b",
    "aXb",
    "a\\_b",
    "naïve café",
    "NAÏVE CAFÉ",
    "cafe\u0301",
    "Straße",
    "strasse",
    "rocket 🚀",
    "🚀",
    "👩\u200d🔬 lab",
    "日本語の流れ",
    "tab\there",
    "line\nbreak",
    "semi;colon -- comment",
    "-- comment",
    "null",
    "None",
    "true",
    "1",
    "1.0",
    "[etl]",
    "{curly} $param ${env:HOME}",
    "__SQLGLOT__LB__",
)

RUN_NAMES: tuple[str, ...] = (
    "brave-otter",
    "Brave-Otter",
    "brave_otter",
    "braveXotter",
    "100%",
    "100 percent",
    "100%_off",
    "50%",
    "a_b",
    "aXb",
    "a\\_b",
    "%",
    "_",
    "\\",
    "'",
    '"',
    "''; DROP TABLE flow; --",
    "",
    " ",
    " padded ",
    "café",
    "CAFÉ",
    "🚀 launch",
    "naïve",
    "name\nwith\nlines",
    "null",
    "true",
    "42",
    "team:data",
    "prod/us-east",
    "v1.2",
    "a & b < c > d",
)

TAG_SETS: tuple[list[str], ...] = (
    [],
    [],
    ["etl"],
    ["ETL"],
    ["etl", "nightly"],
    ["nightly", "etl"],
    ["etl", "nightly", "prod"],
    ["dev"],
    ["test", "dev"],
    ["prod"],
    ["Prod", "prod", "PROD"],
    ["team:data"],
    ["team:data", "team:ops", "etl"],
    ["team:*"],
    ["it's"],
    ['say "hi"'],
    ['"etl"'],
    ["back\\slash"],
    ["C:\\new\\table"],
    ["\\u00e9", "é"],
    ["café", "🚀"],
    ["100%", "a_b"],
    [""],
    [" "],
    ["etl,nightly"],
    ["[etl]"],
    ["null"],
    ["1"],
    ["a", "b", "c", "d", "e", "f", "g", "h"],
    ["etl", "etl"],
    ["prod/us-east", "v1.2", "*.csv"],
    ["line\nbreak", "tab\there"],
)

LABEL_SETS: tuple[Row | None, ...] = (
    None,
    {},
    {"team": "data"},
    {"team": "data", "tier": 1},
    {"team": "Data", "tier": "1"},
    {"tier": 1.5, "critical": True},
    {"critical": False},
    {"critical": "true"},
    {"é": "🚀", "with space": "x", "quote'\"": "\\"},
    {"a.b": "dotted", "prefect.flow.id": "x"},
)

PARAMETER_SETS: tuple[Row, ...] = (
    {},
    {"x": 1},
    {"x": "1"},
    {"x": 1.0},
    {"x": True},
    {"x": False},
    {"x": 0},
    {"x": None},
    {"x": "null"},
    {"x": "true"},
    {"x": -2.5},
    {"x": 9007199254740993},
    {"x": ""},
    {"x": [1, "1", None]},
    {"x": {"y": 1}},
    {"x": {"y": "1", "z": {"deep": True}}},
    {"y": 1},
    {"x": 'it\'s "quoted" \\ % _'},
    {"x": "café 🚀"},
    {"x.y": "dotted key", "X": "upper key"},
    {"é": 1, "with space": "v", "'": "quote", '"': "double"},
    {"start": "2026-04-01", "region": "eu", "n": 10, "dry_run": False},
    {"start": "2026-04-02", "region": "us", "n": 9, "dry_run": True},
)

CREATED_BY: tuple[Row | None, ...] = (
    None,
    None,
    {"id": str(ident("creator", 0)), "type": "DEPLOYMENT", "display_value": "nightly"},
    {"id": str(ident("creator", 1)), "type": "SCHEDULE", "display_value": "cron 'daily'"},
    {"id": str(ident("creator", 1)), "type": "AUTOMATION", "display_value": None},
    {"id": None, "type": "USER", "display_value": "ünï"},
    {"id": None, "type": None, "display_value": None},
)

# State types with names that Prefect gives them, and some that users do.
STATES: tuple[tuple[str | None, str | None], ...] = (
    ("SCHEDULED", "Scheduled"),
    ("SCHEDULED", "Late"),
    ("SCHEDULED", "AwaitingRetry"),
    ("SCHEDULED", "AwaitingConcurrencySlot"),
    ("PENDING", "Pending"),
    ("PENDING", "Submitting"),
    ("RUNNING", "Running"),
    ("RUNNING", "Retrying"),
    ("COMPLETED", "Completed"),
    ("COMPLETED", "Completed"),
    ("COMPLETED", "Cached"),
    ("COMPLETED", 'it\'s 100% "done" 🚀'),
    ("COMPLETED", None),
    ("FAILED", "Failed"),
    ("FAILED", "TimedOut"),
    ("FAILED", "failed"),
    ("CRASHED", "Crashed"),
    ("CRASHED", "Late"),
    ("CANCELLED", "Cancelled"),
    ("CANCELLING", "Cancelling"),
    ("PAUSED", "Paused"),
    ("PAUSED", "Suspended"),
    (None, None),
    (None, "Ghost"),
)

_VERSIONS = (None, "1", "1.10", "1.1", "v2", "", "a1b2c3d", "1.0 'beta'")
_QUEUE_COUNT = 9
_DEPLOYMENT_COUNT = 26
_FLOW_RUN_COUNT = 186
_TASK_RUN_COUNT = 252


class _Draw:
    """The choices of one table, from a seed of its own: adding a row there moves no other table."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def one(self, options: tuple[_T, ...]) -> _T:
        return options[self._random.randrange(len(options))]

    def often(self, percent: int) -> bool:
        return self._random.randrange(100) < percent

    def maybe(self, percent: int, options: tuple[_T, ...]) -> _T | None:
        chosen, kept = self.one(options), self.often(percent)
        return chosen if kept else None

    def number(self, below: int) -> int:
        return self._random.randrange(below)


def _row(table: str, number: int, draw: _Draw, **values: Any) -> Row:
    """A row with every column of its table in the schema's order; what is not given is None."""
    row: Row = dict.fromkeys(COLUMNS[table])
    created = draw.one(TIMES)
    row |= {"id": ident(table, number), "created": created, "updated": draw.one((created, *TIMES))}
    unknown = values.keys() - row.keys()
    assert not unknown, f"{table} has no {unknown}"
    return row | values


def _flows() -> Iterator[Row]:
    draw = _Draw(1)
    for number, name in enumerate(FLOW_NAMES):
        yield _row(
            "flow",
            number,
            draw,
            name=name,
            # The first flows share the tags that hand-written queries ask for.
            tags=["etl"] if number < 3 else draw.one(TAG_SETS),
            labels=draw.one(LABEL_SETS),
        )


def _work_pools() -> Iterator[Row]:
    draw = _Draw(2)
    pools = (
        ("k8s", "kubernetes", "READY", False),
        ("K8S-2", "kubernetes", "NOT_READY", True),
        ("local 'dev'", "process", "PAUSED", True),
        ("café 🚀", "docker", "READY", False),
        ("pool_\\1", "Process", "NOT_READY", False),  # has no queues
    )
    for number, (name, kind, status, paused) in enumerate(pools):
        yield _row(
            "work_pool",
            number,
            draw,
            name=name,
            type=kind,
            status=status,
            is_paused=paused,
            description=(None, "", "The 'main' pool", "ünï", " ")[number],
            base_job_template={} if number % 2 else {"job_configuration": {"image": "x"}},
            storage_configuration={},
            concurrency_limit=(None, 0, 1, 10, 2147483647)[number],
            # The server refuses a pool without one, so the last points to another pool's.
            default_queue_id=ident("work_queue", number % 4),
            last_status_event_id=ident("event", number) if number % 2 else None,
            last_transitioned_status_at=draw.maybe(60, TIMES),
        )


def _work_queues() -> Iterator[Row]:
    draw = _Draw(3)
    names = ("default", "default", "default", "default", "high", "High", "l'autre", "q_1\\", "🚀")
    pools = (0, 1, 2, 3, 0, 0, 1, 2, 3)
    for number, (name, pool) in enumerate(zip(names, pools, strict=True)):
        yield _row(
            "work_queue",
            number,
            draw,
            name=name,
            work_pool_id=ident("work_pool", pool),
            description=("", "first", "it's", " ")[number % 4],
            is_paused=number % 3 == 1,
            concurrency_limit=(None, 0, 5)[number % 3],
            priority=(1, 1, 2, 10)[number % 4],
            filter=None,
            status=("READY", "NOT_READY", "PAUSED")[number % 3],
            last_polled=draw.maybe(60, TIMES),
        )


def _deployments() -> Iterator[Row]:
    draw = _Draw(4)
    queues = tuple(_work_queues())
    names = (*RUN_NAMES[:20], "nightly", "Nightly", "nightly", "prod", "", "🚀")
    for number in range(_DEPLOYMENT_COUNT):
        queue = queues[draw.number(_QUEUE_COUNT)] if number % 3 else None
        # A queue's name on a deployment is a copy: here the right one, a stale one, or one alone.
        if queue is None:
            queue_name = draw.one((None, "default", "gone"))
        else:
            queue_name = draw.one((queue["name"], queue["name"], None, "stale"))
        yield _row(
            "deployment",
            number,
            draw,
            name=names[number],
            version=draw.one(_VERSIONS),
            description=draw.one((None, "", "it's 100%", "Line\nbreak")),
            # Twelve flows share them, so some have several and most have none.
            flow_id=ident("flow", (0, 0, 0, 1, 1, 2, 7, 7, 9, 10, 11, 26)[number % 12]),
            work_queue_id=queue and queue["id"],
            work_queue_name=queue_name,
            path=draw.one((None, "", "/srv/flows", "C:\\flows")),
            entrypoint=draw.one((None, "flows/etl.py:main")),
            tags=draw.one(TAG_SETS),
            labels=draw.one(LABEL_SETS),
            parameters=draw.one(PARAMETER_SETS),
            infra_overrides=draw.one(({}, {"env": {"A": "1"}})),
            pull_steps=draw.one((None, [])),
            parameter_openapi_schema=draw.one((None, {}, {"type": "object"})),
            concurrency_options=draw.one((None, {"collision_strategy": "ENQUEUE"})),
            concurrency_limit=draw.one((None, 0, 1, 5)),
            created_by=draw.one(CREATED_BY),
            updated_by=draw.one(CREATED_BY),
            paused=draw.often(40),
            enforce_parameter_schema=draw.often(50),
            status=draw.one(("READY", "NOT_READY")),
            last_polled=draw.maybe(50, TIMES),
            version_id=ident("version", number) if number % 4 == 0 else None,
        )


def _run_times(draw: _Draw, state: str | None) -> Row:
    """Times as such a state tends to have them, and any of them may be missing all the same."""
    expected = draw.maybe(90, TIMES)
    started = state in {"RUNNING", "COMPLETED", "FAILED", "CRASHED", "PAUSED", "CANCELLING"}
    start = draw.maybe(90 if started else 8, TIMES)
    end = None
    if state in {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}:
        end = draw.maybe(90, TIMES)
        if start is not None and start.year < 2999 and draw.often(70):
            end = start + draw.one(DURATIONS)
    return {
        "expected_start_time": expected,
        "next_scheduled_start_time": draw.maybe(70 if state == "SCHEDULED" else 5, TIMES),
        "start_time": start,
        "end_time": end,
        "total_run_time": draw.one(DURATIONS),
        "run_count": draw.one((0, 1, 1, 2, 17)),
        "state_timestamp": draw.maybe({"RUNNING": 100, None: 20}.get(state, 90), TIMES),
    }


def _flow_runs() -> Iterator[Row]:
    draw = _Draw(5)
    queues = tuple(_work_queues())
    # A quarter of the flows has many runs, a half a few, and the last quarter none.
    busy, calm = len(FLOW_NAMES) // 4, len(FLOW_NAMES) * 3 // 4
    keys: set[tuple[UUID, str]] = set()
    for number in range(_FLOW_RUN_COUNT):
        flow_id = ident("flow", draw.number(busy) if draw.often(60) else draw.number(calm))
        state_type, state_name = STATES[number % len(STATES)]
        queue = queues[draw.number(_QUEUE_COUNT)] if draw.often(55) else None
        key = draw.maybe(40, ("", "once", "it's", "100%", "scheduled 2026-04-01", "🚀"))
        if key is not None and (flow_id, key) in keys:
            key = f"{key} {number}"
        if key is not None:
            keys.add((flow_id, key))
        parent = None
        if number % 8 == 5:
            # Subflows; the parent task belongs to another run, or to none.
            parent = ident("task_run", draw.number(_TASK_RUN_COUNT))
        deployment = None
        if number % 3 != 2:
            # Numbers past the last deployment dangle, as after a deletion.
            deployment = ident("deployment", draw.number(_DEPLOYMENT_COUNT + 4))
        yield _row(
            "flow_run",
            number,
            draw,
            name=draw.one(RUN_NAMES),
            flow_id=flow_id,
            state_type=state_type,
            state_name=state_name,
            state_id=ident("flow_run_state", number) if _has_state(number) else None,
            deployment_id=deployment,
            deployment_version=draw.one(_VERSIONS) if deployment else None,
            parent_task_run_id=parent,
            work_queue_id=queue and queue["id"],
            work_queue_name=draw.one(
                (queue["name"], None, "stale") if queue else (None, None, "default", "gone")
            ),
            flow_version=draw.one(_VERSIONS),
            idempotency_key=key,
            infrastructure_pid=draw.one((None, "", "host:123", "it's")),
            parameters=draw.one(PARAMETER_SETS),
            context=draw.one(({}, {"a": 1})),
            empirical_policy=draw.one(({}, {"retries": 3})),
            tags=draw.one(TAG_SETS),
            labels=draw.one(LABEL_SETS),
            created_by=draw.one(CREATED_BY),
            job_variables=draw.one((None, {}, {"image": "x"})),
            auto_scheduled=draw.often(40),
            **_run_times(draw, state_type),
        )


def _task_runs() -> Iterator[Row]:
    draw = _Draw(6)
    for number in range(_TASK_RUN_COUNT):
        state_type, state_name = STATES[draw.number(len(STATES))]
        flow_run = None
        if number % 11 != 10:
            # A third of the runs has no tasks.
            flow_run = ident("flow_run", draw.number(_FLOW_RUN_COUNT) // 3 * 3 + number % 2)
        yield _row(
            "task_run",
            number,
            draw,
            name=draw.one(RUN_NAMES),
            flow_run_id=flow_run,
            state_type=state_type,
            state_name=state_name,
            state_id=ident("task_run_state", number) if state_type and state_name else None,
            task_key=draw.one(("load-a1b2", "extract", "it's", "Ünï")),
            dynamic_key=str(number),
            cache_key=draw.one((None, "", "key'1")),
            cache_expiration=draw.maybe(20, TIMES),
            task_version=draw.one(_VERSIONS),
            flow_run_run_count=draw.one((0, 1, 2)),
            empirical_policy=draw.one(({}, {"retries": 3})),
            task_inputs={},
            tags=draw.one(TAG_SETS),
            labels=draw.one(LABEL_SETS),
            **_run_times(draw, state_type),
        )


def _has_state(number: int) -> bool:
    """A state row needs a type and a name; the columns on the run itself may lack either."""
    state_type, state_name = STATES[number % len(STATES)]
    return state_type is not None and state_name is not None


def _states(table: str, runs: list[Row]) -> Iterator[Row]:
    """The current state of each run that points to one."""
    draw = _Draw(7)
    for number, run in enumerate(runs):
        if run["state_id"] is None:
            continue
        yield _row(
            f"{table}_state",
            number,
            draw,
            type=run["state_type"],
            name=run["state_name"],
            timestamp=run["state_timestamp"] or NOW,
            message=draw.one((None, "it's 100% done")),
            state_details={},
            **{f"{table}_id": run["id"]},
        )


AWKWARD: dict[str, list[Row]] = {
    "flow": list(_flows()),
    "flow_run": list(_flow_runs()),
    "task_run": list(_task_runs()),
    "deployment": list(_deployments()),
    "work_pool": list(_work_pools()),
    "work_queue": list(_work_queues()),
}
assert tuple(AWKWARD) == TABLES

AWKWARD_STATES: dict[str, list[Row]] = {
    "flow_run_state": list(_states("flow_run", AWKWARD["flow_run"])),
    "task_run_state": list(_states("task_run", AWKWARD["task_run"])),
}
"""The state rows that the runs point to: the server shows them, no filter reads them."""
