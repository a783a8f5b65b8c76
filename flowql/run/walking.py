"""All rows that one body selects: its pages, read so that each row comes once.

A walk notices rows that come or go meanwhile: the number of rows in all changes, or a row
stands on two pages. It then begins anew, and gives up after a few times.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flowql import typed
from flowql.backends.body import Request
from flowql.backends.plan.bodies import all_of, sized
from flowql.backends.predicate.values import read
from flowql.catalog import Means, Type
from flowql.catalog.walks import onward, walk
from flowql.diagnostics import FlowQLError
from flowql.diagnostics import plan as problems
from flowql.run.shapes import NUMBER, identity, rows_of, shaped

if TYPE_CHECKING:
    from flowql.backends.plan.bodies import Bodies
    from flowql.catalog import Entity
    from flowql.catalog.walks import Walk
    from flowql.run.asking import Asking
    from flowql.run.joins import Row, Rows

TRIES = 3
"""Times that a walk is begun."""

_LEFT_OUT = 10_000
"""The most rows that are left out by their ids."""


def walked(
    entity: Entity, where: typed.Predicate, bodies: Bodies, asking: Asking
) -> Generator[list[Request], list[Any], Rows]:
    """The rows of one body."""
    way = walk(entity)
    request = bodies.rows(entity, where)
    assert way is not None
    assert request is not None, where
    one = _Walk(entity, way, where, bodies, asking)
    request = sized(entity, request)
    if way.by is not None:
        return (yield from one.by_time(request))
    for _ in range(TRIES):
        rows, whole = yield from one.by_offset(request)
        if whole:
            return rows
    if not way.total and way.without is not None:
        return (yield from one.by_leaving_out(rows))
    raise FlowQLError([problems.RowsKeepChanging(entity=entity.name, tries=TRIES)])


class _Walk:
    def __init__(
        self, entity: Entity, way: Walk, where: typed.Predicate, bodies: Bodies, asking: Asking
    ) -> None:
        self.entity = entity
        self.way = way
        self.where = where
        self.bodies = bodies
        self.asking = asking
        self.size = way.endpoint.size
        self.key = identity(entity)

    def by_offset(self, request: Request) -> Generator[list[Request], list[Any], tuple[Rows, bool]]:
        """The rows of all pages, and whether they are all that there are, each once."""
        pages = self.way.endpoint.pages
        rows, count = yield from self._page(request)
        found = self._by_key(rows)
        if len(rows) < self.size or not pages:
            return found, count in (None, len(found))
        if count is None and (counting := self.bodies.count(self.entity, self.where)) is not None:
            (document,) = yield from self.asking.ask([counting])
            count = shaped(NUMBER, counting, document)
        if count is None:
            return (yield from self._one_by_one(request, found))
        following = [
            _at(request, pages, number, self.size)
            for number in range(2, -(-count // self.size) + 1)
        ]
        self.asking.allow(len(following), count - len(rows))
        whole = True
        answers = yield from self.asking.ask(following)
        for asked, document in zip(following, answers, strict=True):
            more, now = rows_of(self.entity, self.way.endpoint, asked, document)
            self.asking.got(more)
            whole = whole and now in (None, count)
            found.update(self._by_key(more))
        return found, whole and len(found) == count

    def _one_by_one(
        self, request: Request, found: Rows
    ) -> Generator[list[Request], list[Any], tuple[Rows, bool]]:
        """Page after page, where no answer says how many there are."""
        number, places = 1, self.size
        while True:
            number += 1
            asked = _at(request, self.way.endpoint.pages, number, self.size)
            rows, _ = yield from self._page(asked)
            found.update(self._by_key(rows))
            places += len(rows)
            if len(rows) < self.size:
                return found, len(found) == places

    def by_time(self, request: Request) -> Generator[list[Request], list[Any], Rows]:
        """From bound to bound of a time, each page going on where the last one ended."""
        by = self.way.by
        assert by is not None
        assert self.way.bound is not None
        descending = self.way.bound.means in (Means.AT_MOST, Means.UNTIL)
        found: Rows = {}
        at: datetime | None = None
        while True:
            rows, _ = yield from self._page(request)
            found.update(self._by_key(rows))
            if len(rows) < self.size:
                return found
            last = str(rows[-1][by.column])
            moment = onward(self.way, read(Type.TIME, last))
            if moment is None or moment == at:
                raise FlowQLError(
                    [problems.TooManyAtOnce(entity=self.entity.name, time=last, page=self.size)]
                )
            at = moment
            bound = typed.Compare(typed.Column(by), "<=" if descending else ">=", moment)
            following = self.bodies.rows(self.entity, all_of([self.where, bound]))
            assert following is not None, bound
            request = sized(self.entity, following)

    def by_leaving_out(self, found: Rows) -> Generator[list[Request], list[Any], Rows]:
        """The rows that are left when those found are left out, until none is."""
        column = typed.Column(self.entity.by_name["id"])
        while len(found) < _LEFT_OUT:
            seen = typed.In(column, tuple(map(UUID, found)))
            request = self.bodies.rows(self.entity, all_of([self.where, typed.Not(seen)]))
            if request is None:
                break
            rows, count = yield from self._page(sized(self.entity, request))
            found.update(self._by_key(rows))
            if len(rows) == count:
                return found
        raise FlowQLError([problems.RowsKeepChanging(entity=self.entity.name, tries=TRIES)])

    def _page(
        self, request: Request
    ) -> Generator[list[Request], list[Any], tuple[list[Row], int | None]]:
        (document,) = yield from self.asking.ask([request])
        rows, count = rows_of(self.entity, self.way.endpoint, request, document)
        self.asking.got(rows)
        return rows, count

    def _by_key(self, rows: list[Row]) -> Rows:
        return {str(row[self.key]): row for row in rows}


def _at(request: Request, pages: tuple[str, ...], number: int, size: int) -> Request:
    place = {"page": number} if "page" in pages else {"offset": (number - 1) * size}
    return replace(request, body={**request.body, **place})
