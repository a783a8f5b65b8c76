"""How many requests a plan takes at most, stated by the rows that its bodies select."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flowql import typed
from flowql.backends.body import Request
from flowql.backends.plan.steps import (
    Counted,
    Fetch,
    Plan,
    Size,
    Spread,
    Step,
    Sum,
    Undecided,
    each,
)
from flowql.catalog.walks import walk

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowql.catalog import Entity

    Count = Callable[[Entity, typed.Predicate], int]

UNCOUNTED = 8
"""Parts that a fetch is narrowed to where no endpoint tells how many pages it has as a whole."""


def bound(plan: Plan, count: Count) -> int:
    """The most requests that a plan takes while no row comes or goes.

    `count` tells how many rows of an entity meet a filter. A fetch of n rows takes a page for
    each 200 of them and one more at most; narrowed to parts it takes no more than twice as many,
    or than `UNCOUNTED` more. What looks at a first page before does so for one request and may
    then take everything a second time. Counts are one for each fetch, and three where a condition
    may be unknown of some row.
    """
    match plan.answer:
        case Request() | Counted():
            return 1
        case Sum(plus, minus):
            return sum(bound(replace(plan, answer=one), count) for one in (*plus, *minus))
        case Size(of):
            return _bound(of, count)
        case step:
            once = _bound(step, count)
            return once if plan.peek is None else 1 + 2 * once


def _bound(step: Step, count: Count) -> int:
    total = 0
    for one in set(each(step)):
        match one:
            case Fetch(entity, where, among):
                parts = 0 if among is None else len(among.values)
                total += 1 + 2 * _pages(entity, count(entity, where)) + UNCOUNTED + parts
            case Undecided(entity, context):
                total += 3 + 3 * _pages(entity, count(entity, context))
            case Spread(entity, where, of=of):
                total += count(of.entity, typed.TRUE) + _pages(entity, count(entity, where))
            case _:
                pass
    return total


def _pages(entity: Entity, rows: int) -> int:
    way = walk(entity)
    assert way is not None, entity
    return rows // way.endpoint.size + 1
