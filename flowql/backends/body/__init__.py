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
from typing import TYPE_CHECKING

from flowql import typed
from flowql.backends.body.conditions import Conditions
from flowql.backends.body.endpoints import Request, clauses, endpoint_of
from flowql.backends.body.facts import certain
from flowql.backends.body.groups import Grouping
from flowql.backends.body.sayings import Joined, Json, Saying, flat, weight
from flowql.catalog.filters import Place, filter_model, places
from flowql.diagnostics import FlowQLError
from flowql.diagnostics import request as problems
from flowql.rewrite.merge import merge
from flowql.rewrite.normal import normal

if TYPE_CHECKING:
    from flowql.diagnostics import Diagnostic
    from flowql.source import Span

__all__ = ["Request", "to_request"]

VALUES_LIMIT = 32_765
"""Values of one statement on PostgreSQL, with room for limit and offset."""


def to_request(query: typed.Query, endpoint: str | None = None) -> Request:
    """The request of a grounded query.

    `endpoint` names another endpoint that takes the same filters. Raises
    `FlowQLError` with every reason why one request cannot say the query.
    """
    found: list[Diagnostic] = []
    path = endpoint_of(query, endpoint, found)
    body = _filters(query, path or query.target.name, found)
    if path is not None:
        body |= clauses(query, path, found)
    if found or path is None:
        raise FlowQLError(found)
    return Request("POST", path, body)


def _filters(query: typed.Query, endpoint: str, found: list[Diagnostic]) -> dict[str, Json]:
    root = places(query.target)
    keys = tuple(query.target.endpoints.keys) if query.target.endpoints else ()
    written = normal(query.filter)
    known = certain(written)
    filter_ = merge(written if known is written else normal(known))
    if isinstance(filter_, typed.Always):
        nothing: dict[str, Json] = {str(root.key): {"id": {"any_": []}}}
        return {} if filter_.value else nothing
    writer = _Writer(endpoint, keys, found)
    writer.write(root, filter_)
    if writer.weight > VALUES_LIMIT:
        found.append(problems.TooManyInRequest(count=writer.weight, limit=VALUES_LIMIT))
    return {key: writer.body[key] for key in keys if key in writer.body}


@dataclass(slots=True)
class _Writer:
    """Follows the relations of a merged filter and writes the keys of a body."""

    endpoint: str
    keys: tuple[str, ...]
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

    def _no_key(self, place: Place, span: Span | None) -> None:
        relation = place.relation.name if place.relation else place.entity.name
        self.problems.append(
            problems.NoFilterKey(
                span=span, endpoint=self.endpoint, relation=relation, keys=self.keys
            )
        )

    def _own(self, place: Place, operands: list[typed.Predicate]) -> None:
        entity = place.entity
        conditions = Conditions(entity, self.endpoint, self.keys, self.problems)
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
