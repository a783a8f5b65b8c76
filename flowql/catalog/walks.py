"""How all rows that a filter selects are read over pages, each once.

Prefect gives a page of rows at a time, by offset, and its sorts name one column each
without a tie-break: of rows that are equal in it, a database may give one on two pages
and another on none. So a walk goes by a sort that leaves no two rows equal, or from
bound to bound of a time. What is known of each order is read from the catalog; the
requests are the business of who walks.

Of an order that is neither, this much holds: as long as the rows stay what they are, the
pages together have as many places as there are rows. So where every page but the last is
full and no row came twice, none is missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

from flowql.catalog.endpoints import giving
from flowql.catalog.model import Gives, Means, Type
from flowql.limits import EXACT_YEARS

if TYPE_CHECKING:
    from datetime import datetime

    from flowql.catalog.model import Criterion, Endpoint, Entity, Field, Sort

_BOUNDS = {True: (Means.AT_MOST, Means.UNTIL), False: (Means.AT_LEAST, Means.SINCE)}
"""The criteria with which a page goes on from the last time, by whether times descend."""


@dataclass(frozen=True, slots=True)
class Walk:
    """How all rows that a filter of an entity selects are read, page by page, each once.

    An endpoint without pages (`endpoint.pages`) answers all rows at once.
    """

    endpoint: Endpoint
    """Where whole rows are asked for: with their number, if an endpoint gives both."""
    sort: Sort | None
    """The sort to send; None where the endpoint has one order only."""
    total: bool
    """Whether no two rows are equal in that order, so that pages by offset can be trusted."""
    by: Field | None
    """The time field that it goes by, where it is not total: a page goes on from the last
    time of the page before, that time included, and leaves out the rows seen."""
    bound: Criterion | None
    """The criterion of `by` that says from where a page goes on."""
    without: Criterion | None
    """The criterion that leaves out rows by id: with those seen, the first page is the next."""


@cache
def walk(entity: Entity) -> Walk | None:
    """The best walk over an entity's rows; None where no request lists them by themselves."""
    endpoint = giving(entity, Gives.PAGE)
    if endpoint is None or endpoint.partial:
        endpoint = giving(entity, Gives.ROWS)
    if endpoint is None:
        return None
    orders = endpoint.sorts or (endpoint.default_sort or entity.default_sort,)
    order = next((one for one in orders if _is_total(entity, one)), None)
    total = order is not None or not endpoint.pages
    by = bound = None
    if not total:
        order, bound = next(
            ((one, bound) for one in orders if (bound := _bound(entity, one))), (None, None)
        )
        by = entity.by_name[order.field] if order else None
    sort = (order or orders[0]) if endpoint.sorts else None
    return Walk(endpoint, sort, total, by, bound, _without(entity))


def onward(way: Walk, last: datetime) -> datetime | None:
    """The bound of the page after one that ends at this time, which is in UTC.

    It is that time itself, or where a request cannot say its microseconds the whole second
    before it in the order. None: the calendar has no such second.
    """
    if not last.microsecond or last.year in EXACT_YEARS:
        return last
    second = last.replace(microsecond=0)
    if way.bound is not None and way.bound.means in _BOUNDS[False]:
        return second
    try:
        return second + timedelta(seconds=1)
    except OverflowError:
        return None


def _is_total(entity: Entity, order: Sort) -> bool:
    """Whether one of its keys has another value in each row."""
    return any(entity.by_name[name].unique for name, _ in order.keys)


def _bound(entity: Entity, order: Sort) -> Criterion | None:
    """What bounds the first key of an order, if it is a time that every row has."""
    field = entity.by_name[order.field]
    if field.type is not Type.TIME or field.nullable or field.coalesce is not None:
        return None
    wanted = _BOUNDS[order.descending]
    return next((one for one in field.criteria if one.means in wanted), None)


def _without(entity: Entity) -> Criterion | None:
    """The criterion that the value of a field with another value in each row is none of."""
    return next(
        (
            criterion
            for field in entity.fields
            if field.unique
            for criterion in field.criteria
            if criterion.means is Means.NOT_ANY
        ),
        None,
    )
