"""Walks as the catalog describes them, followed on a real server: every row of an entity.

Written apart from the product's own walks and as plainly as can be: one page after another.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote

from flowql.catalog import Criterion, Entity, entities
from flowql.catalog.walks import Walk, onward, walk
from tests.oracle.server import PrefectServer, Refused, Row, identity

EVER = {"since": "0001-01-02T00:00:00Z", "until": "9999-12-30T00:00:00Z"}

_EVERYTHING: dict[str, Row] = {
    # Anonymous ones are left out unless the filter says something of them.
    "block_documents": {"block_documents": {"is_anonymous": None}},
    "events": {"filter": {"occurred": EVER}},
}
"""Bodies that select all rows, where an empty one does not."""


def every_row(server: PrefectServer, entity: Entity, size: int | None = None) -> list[Row]:
    """What a walk in pages of a size comes by; rows that come twice are given twice."""
    way = walk(entity)
    assert way is not None, entity
    rows: list[Row] = []
    for path in _paths(server, way):
        walker = _Walker(server, entity, way, path, size or way.endpoint.most)
        if way.by is not None:
            rows += walker.by_time()
        elif way.total or way.without is None:
            rows += walker.by_offset()
        else:
            rows += walker.by_leaving_out()
    return rows


def by_offset(server: PrefectServer, entity: Entity) -> list[Row]:
    """The rows of all pages by offset, whatever their order; rows may come twice or be missing."""
    way = walk(entity)
    assert way is not None, entity
    [path] = _paths(server, way)
    return _Walker(server, entity, way, path, way.endpoint.most).by_offset()


def _paths(server: PrefectServer, way: Walk) -> list[str]:
    if not way.endpoint.holes:
        return [way.endpoint.path]
    [hole] = way.endpoint.holes
    assert hole == "work_pool.name"
    pools = every_row(server, entities()["work_pools"])
    names = [quote(pool["name"], safe="") for pool in pools]
    return [way.endpoint.path.replace(f"{{{hole}}}", name) for name in names]


class _Walker:
    def __init__(
        self, server: PrefectServer, entity: Entity, way: Walk, path: str, size: int
    ) -> None:
        self.server = server
        self.way = way
        self.path = path
        self.size = size
        self.key = next(key for key, chain in way.endpoint.keys.items() if chain == ())
        self.body = _EVERYTHING.get(entity.name, {})
        if way.sort is not None:
            self.body = _with(self.body, way.endpoint.order, way.sort.name)

    def by_offset(self) -> list[Row]:
        pages = self.way.endpoint.pages
        if not pages:
            return self._page({})
        rows: list[Row] = []
        for number in range(1_000):
            place = {"page": number + 1} if "page" in pages else {"offset": number * self.size}
            page = self._page(place)
            rows += page
            if not page:
                break
        return rows

    def by_time(self) -> list[Row]:
        assert self.way.by is not None
        assert self.way.bound is not None
        rows: dict[str, Row] = {}
        asked: Row = {}
        while True:
            page = self._page(asked)
            new = {identity(row): row for row in page if identity(row) not in rows}
            rows |= new
            if len(page) < self.size:
                return list(rows.values())
            assert new, "more rows have one time than a page holds"
            bound = onward(self.way, datetime.fromisoformat(page[-1][self.way.by.column]))
            assert bound is not None
            asked = self._said(self.way.bound, bound.isoformat())

    def by_leaving_out(self) -> list[Row]:
        assert self.way.without is not None
        rows: list[Row] = []
        while True:
            page = self._page(self._said(self.way.without, [row["id"] for row in rows]))
            rows += page
            if not page:
                return rows

    def _said(self, criterion: Criterion, value: Any) -> Row:
        return _with({}, (self.key, *criterion.keys), value)

    def _page(self, more: Row) -> list[Row]:
        body = _merged(self.body, more)
        if self.way.endpoint.pages:
            body = {**body, "limit": self.size}
        status, answer = self.server.post(self.path, body)
        if status != 200:
            raise Refused(f"POST {self.path} {body!r}: {status} {answer!r}")
        if isinstance(answer, dict):
            answer = answer["events" if "events" in answer else "results"]
        rows: list[Row] = answer
        return rows


def _with(body: Row, keys: tuple[str, ...], value: Any) -> Row:
    first, *rest = keys
    inner = _with(body.get(first, {}), tuple(rest), value) if rest else value
    return {**body, first: inner}


def _merged(body: Row, more: Row) -> Row:
    found = dict(body)
    for key, value in more.items():
        both = isinstance(value, dict) and isinstance(found.get(key), dict)
        found[key] = _merged(found[key], value) if both else value
    return found
