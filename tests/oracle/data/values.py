"""What the awkward rows are made of: instants, names, tags and JSON that engines treat differently.

Everything derives from fixed lists and one seed a table, so a failure can be run again. Letters
whose lower case differs between engines (Kelvin's K, the dotted I, final sigma) are left out.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid5

from tests.oracle.schema import COLUMNS

Row = dict[str, Any]
_T = TypeVar("_T")

NOW = datetime(2026, 4, 15, 12, 0, 0, tzinfo=UTC)
"""A Wednesday, in the middle of its month."""

MICROSECOND = timedelta(microseconds=1)
_NAMESPACE = UUID("5f1b6f2e-0d0f-4c55-9a53-6b8e1d6a7f10")


def ident(entity: str, number: int) -> UUID:
    """The id of a row: scattered like real ids, yet found again from its table and number."""
    return uuid5(_NAMESPACE, f"{entity}/{number}")


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def _around(instant: datetime) -> tuple[datetime, datetime, datetime]:
    """The instant and its neighbours, since bounds go wrong by one microsecond."""
    return instant - MICROSECOND, instant, instant + MICROSECOND


TIMES: tuple[datetime, ...] = (
    *_around(NOW),
    *_around(NOW - timedelta(hours=24)),
    *_around(NOW - timedelta(days=7)),
    *_around(utc(2026, 4, 13)),  # the Monday of this week
    *_around(utc(2026, 4, 15)),  # today
    *_around(utc(2026, 4, 1)),
    *_around(utc(2026, 3, 1)),  # after a February of 28 days
    *_around(utc(2026, 1, 1)),
    utc(2024, 2, 29, 23, 59, 59, 999999),
    utc(2026, 3, 8, 7),  # New York's clocks go forward
    utc(2026, 3, 29, 0, 59, 59, 999999),
    utc(2026, 3, 29, 1),  # Berlin's clocks go forward
    utc(2025, 10, 26, 0, 30),
    utc(2025, 10, 26, 1, 30),  # the same wall clock in Berlin an hour later
    utc(2026, 4, 14, 3, 4, 5, 600000),
    utc(2026, 4, 14, 3, 4, 5, 60),
    utc(2026, 4, 14, 3, 4, 5),
    utc(1970, 1, 1),
    utc(1969, 12, 31, 23, 59, 59, 999999),
    utc(1066, 10, 14, 9),
    utc(2999, 12, 31, 23, 59, 59),
    utc(9999, 6, 1, 0, 0, 0, 1),
)

DURATIONS: tuple[timedelta, ...] = (
    timedelta(0),
    timedelta(0),
    MICROSECOND,
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

SPELLINGS: tuple[str, ...] = (
    "report",
    "Report",
    "REPORT",
    "daily-report",
    "daily_report",
    "dailyXreport",
    "100%",
    "100% done",
    "a_b",
    "aXb",
    "back\\slash",
    "it's",
    'say "hi"',
    " report",
    "report ",
    "naïve",
    "NAÏVE",
    "🚀",
    "null",
    "true",
    "42",
    "team:data",
    "v1.2",
    "line\nbreak",
)
"""Names that are told apart by case, spaces and what LIKE takes for a wildcard; none is refused."""

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


class Draw:
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


def row(table: str, number: int, draw: Draw, **values: Any) -> Row:
    """A row with every column of its table in the schema's order; what is not given is None."""
    made: Row = dict.fromkeys(COLUMNS[table])
    created = draw.one(TIMES)
    made |= {"id": ident(table, number), "created": created, "updated": draw.one((created, *TIMES))}
    unknown = values.keys() - made.keys()
    assert not unknown, f"{table} has no {unknown}"
    return made | values
