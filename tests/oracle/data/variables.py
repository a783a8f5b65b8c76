"""Rows of variables, whose value is any JSON, and of workers, which belong to pools."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.oracle.data.values import SPELLINGS, TAG_SETS, TIMES, Draw, Row, ident, row

VALUES: tuple[Any, ...] = (
    None,
    "",
    "text",
    "Text",
    "null",
    "true",
    "42",
    "1.0",
    " padded ",
    'it\'s "quoted" \\ % _',
    "naïve 🚀",
    "2026-04-15",
    "[1]",
    "line\nbreak",
    True,
    False,
    0,
    1,
    42,
    -7,
    1.0,
    2.5,
    9007199254740993,
    [],
    [1, "1", None, True],
    ["etl"],
    {},
    {"x": 1},
    {"x": "1", "deep": {"y": [None]}},
    {"é": "🚀", "a.b": "dotted", "'": '"'},
)
"""Integers stay within 64 bits: SQLite keeps larger ones as floating numbers, and on PostgreSQL the
server answers a page with one with 500."""


def variables() -> Iterator[Row]:
    draw = Draw(11)
    names = (*SPELLINGS, "my_variable", "My_Variable", "my-variable", "", "a" * 255, "é")
    for number, name in enumerate(names):
        yield row(
            "variable",
            number,
            draw,
            name=name,
            value=VALUES[number],
            tags=draw.one(TAG_SETS),
        )


def workers() -> Iterator[Row]:
    draw = Draw(12)
    # A pool's workers have distinct names, and the last of the five pools has none.
    for number in range(28):
        yield row(
            "worker",
            number,
            draw,
            name=SPELLINGS[number // 4 * 3 % len(SPELLINGS)],
            work_pool_id=ident("work_pool", number % 4),
            last_heartbeat_time=draw.one(TIMES),
            heartbeat_interval_seconds=draw.one((None, 30, 30, 0, 1, 86400)),
            status=draw.one(("ONLINE", "OFFLINE")),
        )
