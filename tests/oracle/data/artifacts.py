"""Rows of artifacts, of the latest artifact of each key, and of logs.

No foreign key leads from them to runs, so some of their ids dangle. Prefect keeps the latest of
each key in a table of its own and copies the artifact's columns there; the copies here are right,
stale, or of an artifact that is gone, and some keys have none.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any
from uuid import UUID

from tests.oracle.data.runs import FLOW_RUN_COUNT, TASK_RUN_COUNT
from tests.oracle.data.values import SPELLINGS, TIMES, Draw, Row, ident, row

ARTIFACT_COUNT = 60
LOG_COUNT = 60

_TYPES = (None, "result", "table", "Table", "markdown", "progress", "link", "image", "", "it's_a%")
_DATA: tuple[Any, ...] = (
    None,
    "# It's *done*",
    "null",
    "",
    "42",
    42,
    99.5,
    True,
    [{"region": "eu", "rows": 1}, {"region": "us", "rows": None}],
    [],
    {},
    {"type": "unpersisted"},
    {"é": "🚀", "quote'\"": "\\"},
)
_METADATA: tuple[Row | None, ...] = (None, None, {}, {"rows": "12"}, {"é": "it's", "a.b": ""})
_DESCRIPTIONS = (None, None, "", "it's 100% done", "## Title\n\nback\\slash_", "Grüße 🚀")


def artifacts() -> Iterator[Row]:
    draw = Draw(8)
    for number in range(ARTIFACT_COUNT):
        yield row(
            "artifact",
            number,
            draw,
            # Results have no key; the others share theirs, so that each has a history.
            key=None if number % 4 == 3 else SPELLINGS[number * 5 % len(SPELLINGS)],
            type=_TYPES[number % len(_TYPES)],
            data=draw.one(_DATA),
            description=draw.one(_DESCRIPTIONS),
            metadata_=draw.one(_METADATA),
            **_source(draw),
        )


def artifact_collections(rows: list[Row]) -> Iterator[Row]:
    """Of these artifacts."""
    draw = Draw(9)
    keyed = sorted((one for one in rows if one["key"] is not None), key=lambda one: str(one["key"]))
    for number, (key, of_key) in enumerate(groupby(keyed, key=lambda one: one["key"])):
        by_age = sorted(of_key, key=lambda one: (one["created"], one["id"]))
        latest = by_age[0 if number % 7 == 4 else -1]
        copied = {name: latest[name] for name in _COPIED}
        match number % 8:
            case 3:
                continue
            case 5:
                copied |= {"type": "stale", "description": None, "data": None}
            case 6:
                copied |= _source(draw)
        yield row(
            "artifact_collection",
            number,
            draw,
            key=key,
            latest_id=ident("artifact", ARTIFACT_COUNT + 1) if number % 8 == 7 else latest["id"],
            **copied,
        )
    for number, key in enumerate(("deleted", "deleted too"), start=100):
        yield row(
            "artifact_collection",
            number,
            draw,
            key=key,
            latest_id=ident("artifact", number),
            type=draw.one(_TYPES),
            **_source(draw),
        )


_COPIED = ("type", "data", "description", "metadata_", "flow_run_id", "task_run_id")


def logs() -> Iterator[Row]:
    draw = Draw(10)
    for number in range(LOG_COUNT):
        yield row(
            "log",
            number,
            draw,
            name=draw.one(_LOGGERS),
            level=_LEVELS[number % len(_LEVELS)],
            message=_MESSAGES[number * 3 % len(_MESSAGES)],
            timestamp=draw.one(TIMES),
            **_source(draw),
        )


_LOGGERS = (
    "prefect.flow_runs",
    "prefect.flow_runs",
    "prefect.task_runs",
    "Prefect.Flow_Runs",
    "prefect.flow-runs",
    "my_app.load",
    "my.app",
    "",
    "it's 100%",
    "日本語",
)
_LEVELS = (10, 20, 20, 20, 25, 30, 40, 40, 50, 15, 0, -1, 60, 5, 99, 32767, -32768)
_MESSAGES = (
    "Finished in state Completed()",
    "finished in state COMPLETED",
    "ERROR: duplicate key in `orders`",
    "error: duplicate key in `orders`",
    "No errors.",
    "Encountered an exception:\nTraceback (most recent call last):\n  ...\nValueError: 'x'",
    "100% of rows",
    "100 % of rows",
    "50%",
    "a_b",
    "aXb",
    "%",
    "_",
    "\\",
    "C:\\new\\table",
    "ends with \\",
    "it's",
    "it''s",
    'say "hello"',
    "''; DROP TABLE log; --",
    "-- comment",
    "",
    " ",
    " padded ",
    "tab\there",
    "windows\r\nline",
    "naïve café",
    "NAÏVE CAFÉ",
    "Straße",
    "日本語のログ",
    "🚀 launched",
    "cafe\u0301",
    "null",
    "true",
    "40",
    '{"level": "ERROR", "rows": 12}',
    "$param {curly} %s %(name)s :name ?",
    "x" * 3000,
)


def _source(draw: Draw) -> dict[str, UUID | None]:
    """The runs that something is of: both, either or none, there or not."""
    flow_run = ident("flow_run", draw.number(FLOW_RUN_COUNT + 30))
    task_run = ident("task_run", draw.number(TASK_RUN_COUNT + 40))
    of_flow, of_task = draw.often(75), draw.often(50)
    return {
        "flow_run_id": flow_run if of_flow else None,
        "task_run_id": task_run if of_task else None,
    }
