"""Rows in memory against the plain definitions, over random queries."""

from __future__ import annotations

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import given, settings

from flowql import typed
from flowql.backends.predicate import select
from flowql.rewrite.ground import ground
from tests import reference
from tests.strategies import MOMENTS, Rows, queries, some_rows


def filter_only(query: typed.Query) -> typed.Query:
    return typed.Query(query.target, query.filter)


def ids(rows: list[dict[str, Any]]) -> set[UUID]:
    return {row["id"] for row in rows}


@settings(max_examples=300, deadline=None)
@given(queries(), MOMENTS, some_rows())
def test_memory_selects_what_holds(query: typed.Query, moment: Any, tables: Rows) -> None:
    now, zone = moment
    grounded = ground(filter_only(query), now, ZoneInfo(zone))
    held = {
        row["id"]
        for row in tables[query.target.table]
        if reference.holds(grounded.filter, row, query.target, tables) is True
    }
    assert ids(select(grounded, tables)) == held
