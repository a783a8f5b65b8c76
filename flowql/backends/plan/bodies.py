"""What one body can say: the requests of a plan, and why others are impossible."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from flowql import typed
from flowql.backends.body import Request, to_request
from flowql.catalog import Entity, Gives, endpoints, entities
from flowql.catalog.walks import walk
from flowql.diagnostics import FlowQLError
from flowql.rewrite.merge import merge
from flowql.rewrite.normal import normal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowql.backends.body.patterns import Database
    from flowql.catalog import Relation
    from flowql.catalog.walks import Walk
    from flowql.diagnostics import Diagnostic

LIST = 1_000
"""The longest list of one body: `any_` takes SQLite time in the square of it."""


@dataclass(slots=True)
class Bodies:
    """Requests for rows and for their number, each worked out once."""

    database: Database | None = None
    _rows: dict[tuple[Entity, typed.Predicate], Request | list[Diagnostic]] = field(
        default_factory=dict
    )
    _counts: dict[tuple[Entity, typed.Predicate], Request | None] = field(default_factory=dict)

    def rows(self, entity: Entity, where: typed.Predicate) -> Request | None:
        """The request for the rows that meet a filter, in the order of their walk."""
        found = self._row_request(entity, where)
        return found if isinstance(found, Request) else None

    def refusals(self, entity: Entity, where: typed.Predicate) -> list[Diagnostic]:
        """Why no body says it; none where one does."""
        found = self._row_request(entity, where)
        return [] if isinstance(found, Request) else found

    def count(self, entity: Entity, where: typed.Predicate) -> Request | None:
        """The request for the number of the rows, where an endpoint tells it."""
        key = (entity, where)
        if key not in self._counts:
            self._counts[key] = None
            if endpoints.giving(entity, Gives.COUNT) is not None and not long_lists(where):
                try:
                    query = typed.Query(entity, where, count=True)
                    self._counts[key] = to_request(query, None, None, self.database)
                except FlowQLError:
                    pass
        return self._counts[key]

    def sorts(self, entity: Entity, key: typed.SortKey) -> bool:
        """Whether the endpoint that lists the rows has this sort."""
        return self.first(entity, typed.TRUE, key) is not None

    def first(self, entity: Entity, where: typed.Predicate, key: typed.SortKey) -> Request | None:
        """The request for the first page of the rows in another order."""
        way = walk(entity)
        assert way is not None, entity
        try:
            query = typed.Query(entity, where, (key,), limit=way.endpoint.size)
            return to_request(query, way.endpoint.path, None, self.database)
        except FlowQLError:
            return None

    def _row_request(self, entity: Entity, where: typed.Predicate) -> Request | list[Diagnostic]:
        key = (entity, where)
        if key not in self._rows:
            self._rows[key] = self._asked(entity, where)
        return self._rows[key]

    def _asked(self, entity: Entity, where: typed.Predicate) -> Request | list[Diagnostic]:
        way = walk(entity)
        assert way is not None, entity
        sort = () if way.sort is None else sort_keys(entity, way)
        try:
            query = typed.Query(entity, where, sort)
            return to_request(query, way.endpoint.path, None, self.database)
        except FlowQLError as error:
            return error.diagnostics


def sort_keys(entity: Entity, way: Walk) -> tuple[typed.SortKey, ...]:
    assert way.sort is not None
    return tuple(
        typed.SortKey(typed.Column(entity.by_name[name]), descending)
        for name, descending in way.sort.keys
    )


def hole(entity: Entity) -> tuple[Relation, typed.Column] | None:
    """What the path of the entity's endpoint names: a related row, by a column."""
    way = walk(entity)
    if way is None or not way.endpoint.holes:
        return None
    name, _, column = way.endpoint.holes[0].partition(".")
    relation = entity.relation_by_name[name]
    return relation, typed.Column(entities()[relation.target].by_name[column])


def sized(entity: Entity, request: Request) -> Request:
    """The request with the page's size said: a server may have another one of its own."""
    way = walk(entity)
    if way is None or "limit" not in way.endpoint.pages:
        return request
    return replace(request, body={**request.body, "limit": way.endpoint.size})


def pages_of(entity: Entity, count: int) -> int:
    """The requests that fetch so many rows."""
    way = walk(entity)
    assert way is not None, entity
    return max(1, -(-count // way.endpoint.size))


def in_parts(where: typed.Predicate, among: typed.In | None) -> list[typed.Predicate]:
    """The filters of a fetch: one, or of a list too long for one body as many as it has parts."""
    if among is None:
        return [where]
    return [
        all_of([where, typed.In(among.column, among.values[start : start + LIST])])
        for start in range(0, len(among.values), LIST)
    ]


def all_of(conditions: Sequence[typed.Predicate]) -> typed.Predicate:
    """The normal, merged filter of conditions that are all to be true."""
    return merge(normal(typed.conjunction(list(conditions))))


def conjuncts(where: typed.Predicate) -> list[typed.Predicate]:
    """What a filter asks, one by one."""
    if where == typed.TRUE:
        return []
    return list(where.operands) if isinstance(where, typed.And) else [where]


def long_lists(where: typed.Predicate) -> bool:
    """Whether some list of it is too long for one body."""
    pending = [where]
    while pending:
        match pending.pop():
            case typed.And(operands) | typed.Or(operands):
                pending.extend(operands)
            case typed.Not(operand):
                pending.append(operand)
            case typed.Exists(_, inner) | typed.Every(_, inner) | typed.Latest(_, inner):
                pending.append(inner)
            case typed.In(_, values) if len(values) > LIST:
                return True
            case _:
                pass
    return False
