"""One request: the endpoint and the body that select the very rows of a query.

Promised: the server's answer is what the query means, to the row, or a coded
problem says at its place what one body cannot say. Nothing is written that
`docs/prefect.md` lists under "What FlowQL never sends". Only plain dictionaries
are made here; nothing on this road imports pydantic or an HTTP client.

`conditions` finds criteria for single conditions, `groups` puts them into the
model's groups, this module follows the relations from key to key, `endpoints`
chooses where to ask and says sorts and pages.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flowql import typed
from flowql.backends.body.conditions import Conditions
from flowql.backends.body.endpoints import (
    Request,
    clauses,
    endpoint_of,
    merged,
    with_arguments,
    within_path,
    without_fixed,
)
from flowql.backends.body.facts import certain
from flowql.backends.body.groups import Grouping
from flowql.backends.body.sayings import Joined, Json, Saying, flat, weight
from flowql.catalog import Gives, Means
from flowql.catalog.filters import Place, filter_model, places
from flowql.diagnostics import FlowQLError
from flowql.diagnostics import request as problems
from flowql.rewrite.merge import merge
from flowql.rewrite.normal import normal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowql.backends.body.patterns import Database
    from flowql.catalog import Endpoint
    from flowql.diagnostics import Diagnostic
    from flowql.source import Span

__all__ = ["Request", "to_request"]

_WINDOW: dict[Means, Json] = {
    Means.SINCE: "0001-01-01T00:00:00Z",
    Means.UNTIL: "9999-12-31T23:59:59Z",
}
"""The bounds of times of which nothing is asked."""

_NOTHING: dict[Means, Json] = {Means.ANY: [], Means.LABELS: {"none": []}}
"""Criteria that no row meets with these values."""

VALUES_LIMIT = 32_765
"""Values of one statement on PostgreSQL, with room for limit and offset."""


def to_request(
    query: typed.Query,
    endpoint: str | None = None,
    arguments: Mapping[str, Any] | None = None,
    database: Database | None = None,
) -> Request:
    """The request of a grounded query.

    `endpoint` names another endpoint that takes the same filters, `arguments` what
    it wants beside them, `database` what the server stores its rows in. Raises
    `FlowQLError` with every reason why one request cannot say the query.
    """
    found: list[Diagnostic] = []
    at = endpoint_of(query, endpoint, found)
    if at is None:
        raise FlowQLError(found)
    path, body = _filters(query, at, endpoint, database, found)
    without_fixed(body, at, found)
    body = merged(body, clauses(query, at, found))
    with_arguments(body, at, arguments or {}, found)
    if found:
        raise FlowQLError(found)
    return Request("POST", path, body)


def _filters(
    query: typed.Query,
    at: Endpoint,
    wanted: str | None,
    database: Database | None,
    found: list[Diagnostic],
) -> tuple[str, dict[str, Json]]:
    root = places(query.target, at)
    written = normal(query.filter)
    known = certain(written)
    filter_ = merge(written if known is written else normal(known))
    before = len(found)
    # Where nothing meets the filter, only what was written still names the path's rows.
    named = query.filter if filter_ == typed.FALSE else filter_
    path, rest = within_path(at, wanted, named, found)
    if len(found) > before:
        return path, {}
    filter_ = filter_ if filter_ == typed.FALSE else rest
    writer = _Writer(at.path, tuple(at.keys), database, found)
    if filter_ == typed.FALSE:
        if at.gives is Gives.FIGURES:
            # Figures of no rows still have their span and their kinds.
            writer.keep(root, _wanted(query.filter, at))
        writer.say_nothing(root)
    elif filter_ != typed.TRUE:
        writer.write(root, filter_)
    if query.target.absent:
        writer.say_absent(root)
    if writer.weight > VALUES_LIMIT:
        found.append(problems.TooManyInRequest(count=writer.weight, limit=VALUES_LIMIT))
    for key, other in at.needs.items():
        if key in writer.body:
            writer.body.setdefault(other, {})
    return path, {key: writer.body[key] for key in at.keys if key in writer.body}


def _wanted(filter_: typed.Predicate, at: Endpoint) -> list[typed.Predicate]:
    """The conditions on what an endpoint wants to be told, or makes its answer of."""
    told = {".".join(path.split(".")[1:]) for path in (*at.required, *at.fixed)}
    found: list[typed.Predicate] = []
    for operand in filter_.operands if isinstance(filter_, typed.And) else (filter_,):
        match operand:
            case typed.Compare(column) | typed.In(column, (_, *_)):
                criteria = column.field.criteria
                if any(one.path in told or one.means in _WINDOW for one in criteria):
                    found.append(operand)
            case _:
                pass
    return found


@dataclass(slots=True)
class _Writer:
    """Follows the relations of a merged filter and writes the keys of a body."""

    endpoint: str
    keys: tuple[str, ...]
    database: Database | None
    problems: list[Diagnostic]
    body: dict[str, Json] = field(default_factory=dict)
    weight: int = 0

    def write(self, place: Place, filter_: typed.Predicate, span: Span | None = None) -> bool:
        """Say that a row of the place meets the filter; whether any key says so now."""
        own: list[typed.Predicate] = []
        scopes: dict[str, typed.Exists] = {}
        for operand in filter_.operands if isinstance(filter_, typed.And) else (filter_,):
            if not isinstance(operand, typed.Exists) or operand.relation.name not in place.related:
                own.append(operand)
                continue
            name = operand.relation.name
            if scopes.setdefault(name, operand) is not operand:
                self.problems.append(problems.SecondWitness(span=operand.span, relation=name))
        if own == [typed.TRUE]:
            own = []
        said = False
        for name, scope in scopes.items():
            said |= self.write(place.related[name], scope.where, scope.span or span)
        if place.relation and not place.key and (own or not said):
            self._no_key(place, getattr(own[0], "span", None) if own else span)
        elif own:
            self._own(place, own)
        elif place.relation and not said:
            # An empty filter asks that there is such a row.
            self.body[str(place.key)] = {}
        return True

    def keep(self, root: Place, operands: list[typed.Predicate]) -> None:
        """Say conditions although no row meets all of the filter."""
        if operands:
            self._own(root, operands)

    def say_nothing(self, root: Place) -> None:
        """Ask for a row of which some value is one of none."""
        for leaf in filter_model(root.entity).leaves():
            if leaf.means in _NOTHING:
                said: Any = _NOTHING[leaf.means]
                for name in reversed((str(root.key), *leaf.path)):
                    said = {name: said}
                self.body = merged(self.body, said)
                return
        self.problems.append(problems.NoRowsInRequest(entity=root.entity.name))

    def say_absent(self, root: Place) -> None:
        """Say that nothing is asked where the server would ask something by itself."""
        said = self.body.get(str(root.key), {})
        assert isinstance(said, dict)
        for name in root.entity.absent:
            if name not in root.entity.never_null:
                said = {**said, name: said.get(name)}
        window: dict[str, Json] = {}
        for leaf in filter_model(root.entity).leaves():
            if leaf.means in _WINDOW:
                window[leaf.path[-1]] = _WINDOW[leaf.means]
                own = said.get(leaf.path[0])
                said = {**said, leaf.path[0]: {**window, **(own if isinstance(own, dict) else {})}}
        self.body[str(root.key)] = said

    def _no_key(self, place: Place, span: Span | None) -> None:
        relation = place.relation.name if place.relation else place.entity.name
        self.problems.append(
            problems.NoFilterKey(
                span=span, endpoint=self.endpoint, relation=relation, keys=self.keys
            )
        )

    def _own(self, place: Place, operands: list[typed.Predicate]) -> None:
        entity = place.entity
        conditions = Conditions(entity, self.endpoint, self.keys, self.problems, self.database)
        said: list[Saying] = []
        for operand in operands:
            saying = conditions.say(operand)
            if saying is not None:
                said.append(saying)
        if len(said) < len(operands):
            return
        whole = said[0] if len(said) == 1 else Joined("and", said, None)
        self.weight += weight(whole)
        grouped = Grouping(entity.name, self.problems).arrange(filter_model(entity), flat(whole))
        if grouped is not None:
            self.body[str(place.key)] = grouped
