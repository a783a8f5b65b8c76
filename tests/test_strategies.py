"""Rows in memory against the plain definitions, over random trees and random texts.

What memory says, the databases and servers are then compared with (`oracle/test_same_rows.py`).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import given

import flowql
from flowql import typed
from flowql.backends.predicate import select
from flowql.diagnostics.render import render, to_json
from flowql.frontends import text as text_front
from flowql.limits import PAGE_SIZE
from flowql.rewrite.ground import ground
from flowql.source import Source
from tests import reference
from tests.hostile import HOSTILE, REFUSED
from tests.oracle.data import AWKWARD
from tests.strategies import MOMENTS, Rows, queries, some_rows
from tests.texts import Written, damaged_texts, written_queries

Moment = tuple[datetime, str]


def ids(rows: Any) -> set[UUID]:
    return {row["id"] for row in rows}


@given(queries(), MOMENTS, some_rows())
def test_memory_selects_the_rows_that_hold(
    query: typed.Query, moment: Moment, tables: Rows
) -> None:
    now, zone = moment
    grounded = ground(typed.Query(query.target, query.filter), now, ZoneInfo(zone))
    held = {
        row["id"]
        for row in tables[query.target.table]
        if reference.holds(grounded.filter, row, query.target, tables) is True
    }
    assert ids(select(grounded, tables)) == held


@given(written_queries(clauses=False), MOMENTS, some_rows())
def test_a_text_selects_what_its_words_say(written: Written, moment: Moment, tables: Rows) -> None:
    now, zone = moment
    query = flowql.parse(written.text, written.params, now=now, timezone=zone)
    tree, _ = text_front.parse(written.text)
    said = reference.select_ids(tree, tables, now, ZoneInfo(zone), written.params)
    assert ids(query.select(tables)) == said


@given(written_queries(), MOMENTS)
def test_every_text_is_understood(written: Written, moment: Moment) -> None:
    now, zone = moment
    query = flowql.parse(written.text, written.params, now=now, timezone=zone)
    assert flowql.parse(str(query), now=now, timezone=zone) == query


@given(queries(depth=2), MOMENTS)
def test_rows_stand_in_order_on_their_page(query: typed.Query, moment: Moment) -> None:
    now, zone = moment
    grounded = ground(query, now, ZoneInfo(zone))
    whole = typed.Query(query.target, grounded.filter, query.sort)
    rows = select(whole, AWKWARD)
    assert all(_stand(query, first, second) for first, second in pairwise(rows))
    if query.distinct:
        columns = [(column.field, column.keys) for column in query.distinct]
        rows = [dict(row) for row in reference.first_of_each(rows, columns)]
    if query.count:
        assert select(grounded, AWKWARD) == [{"count": len(rows)}]
        return
    size = PAGE_SIZE if query.limit is None and query.page is not None else query.limit
    start = query.offset or 0
    if query.page is not None:
        start = (query.page - 1) * size
    page = rows[start:] if size is None else rows[start : start + size]
    paged = replace(grounded, select=None)
    assert [row["id"] for row in select(paged, AWKWARD)] == [row["id"] for row in page]
    if query.select is not None:
        names = [".".join((column.field.name, *column.keys)) for column in query.select]
        assert [[*row] for row in select(grounded, AWKWARD)] == [names] * len(page)


def _stand(query: typed.Query, first: dict[str, Any], second: dict[str, Any]) -> bool:
    """Whether a row may stand right before another: the first key that differs decides."""
    entity = query.target
    keys = [(key.column.field, key.descending, key.nulls) for key in query.sort]
    if not keys:
        default = entity.default_sort
        keys.append((entity.by_name[default.field], default.descending, None))
    for field, descending, nulls in [*keys, (entity.by_name["id"], True, None)]:
        left = reference.compared_value(first, field)
        right = reference.compared_value(second, field)
        if left == right:
            continue
        if left is None or right is None:
            nulls_first = not descending if nulls is None else nulls == "first"
            return (left is None) == nulls_first
        return (left < right) != descending
    return False


@given(damaged_texts())
def test_a_damaged_text_gives_problems_and_never_a_traceback(text: str) -> None:
    problems = flowql.check(text)
    source = Source(text)
    assert render(problems, source).count("error[") >= len(
        [problem for problem in problems if problem.severity == "error"]
    )
    to_json(problems, source)
    for problem in problems:
        if problem.span is not None:
            assert 0 <= problem.span.start <= problem.span.end <= len(text)


def test_there_are_hundreds_of_hostile_texts() -> None:
    assert len(HOSTILE) > 400
    assert len(set(HOSTILE)) == len(HOSTILE)
    for text in HOSTILE:
        assert "\0" not in text
        text.encode()
    for text in REFUSED:
        assert "\0" in text or any("\ud800" <= char <= "\udfff" for char in text)
