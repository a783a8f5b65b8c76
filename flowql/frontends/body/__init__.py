"""Request bodies to typed queries, as a named version of Prefect's server means them.

Promised: the query selects the very rows that the server's answer has. What the
server would refuse is a coded problem at its JSON pointer, all of them at once;
what it would silently ignore is a warning. Whatever bytes come in, nothing but
`FlowQLError` comes out.

`values` reads single values, `leaves` criteria, `groups` filter models; this module
reads the top level and follows the keys to the relations they filter.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flowql import typed
from flowql.catalog import Argument, Endpoint, Entity, Gives, Sort, Type, endpoints, entities
from flowql.catalog.filters import Place, places
from flowql.diagnostics import FlowQLError
from flowql.diagnostics import body as problems
from flowql.frontends.body.groups import Models
from flowql.frontends.body.values import Kind, Values, described, escaped

if TYPE_CHECKING:
    from flowql.diagnostics import Diagnostic
    from flowql.frontends.body.patterns import Database

__all__ = ["from_request"]

Filled = Mapping[str, str]
"""The values within a path, by the field that they are of."""

_LARGEST = 2**63 - 1

ESTIMATES = frozenset({"DURATION_DESC", "DURATION_ASC"})
"""Sorts of task runs, new with 3.9, by a run time that the server estimates."""


def from_request(
    path: str,
    body: Mapping[str, Any] | str | bytes | None,
    server: str = "3.9",
    database: Database | None = None,
) -> tuple[typed.Query, list[Diagnostic]]:
    """The query of a body, and warnings about what the server ignores.

    `path` may have `/api` before and a query string behind; `body` is an object,
    JSON text or nothing; `server` is a version of 3.8 or 3.9, where `3.9` is the
    newest; `database` is what it stores its rows in, where the case of letters hangs on
    it (events). Raises `FlowQLError` with everything that the server would refuse.
    """
    found: list[Diagnostic] = []
    endpoint = _endpoint(path, found)
    version = _version(server, found)
    content = _content(body, found)
    if endpoint is None or version is None or content is None:
        raise FlowQLError(found)
    query = _Body(*endpoint, version, database, found).read(content)
    errors = [problem for problem in found if problem.severity == "error"]
    if errors:
        raise FlowQLError(errors)
    return query, found


# ── what is read ──────────────────────────────────────────────────────────────


def _endpoint(path: str, found: list[Diagnostic]) -> tuple[Entity, Endpoint, Filled] | None:
    try:
        without_query = urlsplit(path).path
    except ValueError:
        without_query = path
    plain = endpoints.plain(without_query)
    endpoint = endpoints.find(plain)
    if endpoint is None:
        found.append(problems.UnknownPath(path=plain, known=tuple(endpoints.known())))
    return endpoint


def _version(server: str, found: list[Diagnostic]) -> tuple[int, ...] | None:
    match = re.fullmatch(r"(3)\.([89])(?:\.(\d{1,4}))?", server)
    if match is None:
        found.append(problems.UnknownServer(version=server))
        return None
    major, minor, patch = match.groups()
    return int(major), int(minor), int(patch) if patch else 9_999


def _content(
    body: Mapping[str, Any] | str | bytes | None, found: list[Diagnostic]
) -> Mapping[str, Any] | None:
    content: Any = body
    if isinstance(body, str | bytes):
        try:
            # The server decodes bytes, and so takes a byte order mark.
            text = body.removeprefix("\ufeff") if isinstance(body, str) else body
            content = json.loads(text, object_pairs_hook=partial(_object, found))
        except RecursionError:
            found.append(problems.NotJson(reason="it nests too deep"))
            return None
        except ValueError as error:
            if body:
                found.append(problems.NotJson(reason=str(error)))
                return None
            content = None
    if content is None:
        return {}
    if not isinstance(content, Mapping):
        found.append(problems.WrongJson(pointer="", found=described(content), wanted="an object"))
        return None
    return content


def _object(found: list[Diagnostic], pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object, of whose equal keys the last counts."""
    content = dict(pairs)
    if len(content) < len(pairs):
        times = Counter(key for key, _ in pairs)
        repeated = [key for key, count in times.items() if count > 1]
        found.extend(problems.RepeatedKey(key=key) for key in repeated)
    return content


class _Body:
    """One body at one endpoint."""

    def __init__(
        self,
        entity: Entity,
        at: Endpoint,
        filled: Filled,
        version: tuple[int, ...],
        database: Database | None,
        found: list[Diagnostic],
    ) -> None:
        self.entity = entity
        self.at = at
        self.filled = filled
        self.version = version
        self.found = found
        self.values = Values(found)
        self.models = Models(version < (3, 9, 1), found, database)
        self.places = places(entity, at)
        self.filtered = {place.key: place.entity for place in _all(self.places) if place.key}

    def read(self, content: Mapping[str, Any]) -> typed.Query:
        content, order = self._ordered(self._fixed(content))
        self._required(content)
        conditions: dict[str, typed.Predicate] = {}
        arguments = {argument.name: argument for argument in self.at.arguments}
        clauses = self.at.pages
        if self.at.sorts and len(self.at.order) == 1:
            clauses = (*clauses, *self.at.order)
        known = (*self.filtered, *clauses, *arguments)
        read: dict[str, Any] = {}
        for key, value in content.items():
            pointer = f"/{escaped(key)}"
            if key not in known:
                self._ignored(key, known, pointer)
            elif value is None:
                self.found.append(problems.IgnoredNull(pointer=pointer, key=key))
            elif key in self.filtered:
                conditions[key] = self.models.read(self.filtered[key], value, pointer)
            elif key == "sort":
                read[key] = self._sort(value, pointer)
            elif key in arguments:
                self._argument(arguments[key], value, pointer)
            else:
                read[key] = self._number(key, value, pointer)
        self._check_skipped(read)
        own = self.places.key
        if own and own not in conditions and self.entity.absent:
            conditions[own] = self.models.read(self.entity, {}, f"/{own}")
        filter_ = _joined(self.places, conditions)
        return typed.Query(
            self.entity,
            self._in_path(typed.TRUE if filter_ is None else filter_),
            sort=read.get("sort") or order or self._own_order(),
            limit=read.get("limit", self._own_limit()),
            page=read.get("page"),
            offset=read.get("offset"),
            distinct=self._distinct(),
            count=self.at.gives is Gives.COUNT,
        )

    def _ordered(
        self, content: Mapping[str, Any]
    ) -> tuple[Mapping[str, Any], tuple[typed.SortKey, ...]]:
        """The body without a sort that stands within the filter, and that sort."""
        if not self.entity.endpoints or len(order := _order_within(self.entity)) < 2:
            return content, ()
        key, name = order
        model = content.get(key)
        if not isinstance(model, Mapping) or name not in model:
            return content, ()
        rest = {inner: value for inner, value in model.items() if inner != name}
        found = self._sort(model[name], f"/{key}/{name}")
        return {**content, key: rest}, found if self.at.sorts else ()

    # ── what the endpoint itself adds ─────────────────────────────────────────

    def _fixed(self, content: Mapping[str, Any]) -> Mapping[str, Any]:
        """The body with the criteria that the endpoint sets in their group's place."""
        for path, values in self.at.fixed.items():
            key, group, *criterion = path.split(".")
            model = content.get(key)
            if not isinstance(model, Mapping):
                continue
            if model.get(group) is not None:
                self.found.append(
                    problems.ReplacedCriterion(
                        pointer=f"/{key}/{group}", criterion=group, own=values
                    )
                )
            own: Any = list(values)
            for name in reversed(criterion):
                own = {name: own}
            content = {**content, key: {**model, group: own}}
        return content

    def _required(self, content: Mapping[str, Any]) -> None:
        wanted = [argument.name for argument in self.at.arguments if argument.required]
        for path in (*wanted, *self.at.required):
            value: Any = content
            for name in path.split("."):
                value = value.get(name) if isinstance(value, Mapping) else None
            if value is None:
                pointer = "/" + path.replace(".", "/")
                self.found.append(problems.MissingKey(pointer=pointer, key=path))
        for key, other in self.at.needs.items():
            if content.get(key) is not None and content.get(other) is None:
                self.found.append(problems.MissingKey(pointer=f"/{other}", key=other))

    def _in_path(self, filter_: typed.Predicate) -> typed.Predicate:
        """The filter, and what the values within the path ask of the rows."""
        found = [] if filter_ == typed.TRUE else [filter_]
        for hole, value in self.filled.items():
            *relations, name = hole.split(".")
            entity = self.entity
            chain = []
            for relation in relations:
                chain.append(entity.relation_by_name[relation])
                entity = entities()[chain[-1].target]
            condition: typed.Predicate = typed.In(typed.Column(entity.by_name[name]), (value,))
            for step in reversed(chain):
                condition = typed.Exists(step, condition)
            found.insert(0, condition)
        return typed.conjunction(found)

    def _own_order(self) -> tuple[typed.SortKey, ...]:
        """The order of an endpoint that has another one than the entity's."""
        return self._keys(self.at.default_sort) if self.at.default_sort else ()

    def _keys(self, sort: Sort) -> tuple[typed.SortKey, ...]:
        return tuple(
            typed.SortKey(typed.Column(self.entity.by_name[name]), descending)
            for name, descending in sort.keys
        )

    def _distinct(self) -> tuple[typed.Column, ...]:
        if self.models.distinct and not self.at.sorts:
            criterion = f"{self.models.distinct[0].field.name} distinct"
            self.found.append(problems.IgnoredCriterion(pointer="", criterion=criterion))
            return ()
        return tuple(self.models.distinct)

    def _own_limit(self) -> int | None:
        """Rows that are changed are no page of more."""
        return self.at.size if self.at.gives is Gives.CHANGES else None

    # ── keys ──────────────────────────────────────────────────────────────────

    def _ignored(self, key: object, known: tuple[str, ...], pointer: str) -> None:
        offer = None
        for one, other in (_QUEUES, reversed(_QUEUES)):
            if key == one and other in known:
                offer = other
        self.found.append(
            problems.IgnoredKey(pointer=pointer, key=str(key), known=known, offer=offer)
        )

    def _argument(self, argument: Argument, value: Any, pointer: str) -> None:
        """A value that the query does not keep; wrong ones are reported."""
        kind = _ARGUMENTS[argument.type]
        found = self.values.read(kind, value, pointer, argument.choices)
        if argument.least is not None and found is not None and not found >= argument.least:
            wanted = f"a number from {argument.least:g} on"
            self.found.append(
                problems.WrongJson(pointer=pointer, found=described(value), wanted=wanted)
            )
        elif found is not None:
            self.found.append(
                problems.OutsideQuery(pointer=pointer, key=argument.name, value=described(value))
            )

    def _number(self, key: str, value: Any, pointer: str) -> int | None:
        number: int | None = self.values.read(Kind.INTEGER, value, pointer)
        least, most = (1 if key == "page" else 0), _LARGEST
        if key == "limit":
            least, most = self.at.least, self.at.most
        if number is None or least <= number <= most:
            return number
        self.found.append(
            problems.NumberOutside(pointer=pointer, key=key, value=number, least=least, most=most)
        )
        return None

    def _check_skipped(self, read: dict[str, Any]) -> None:
        """The rows before a page are counted in 64 bits."""
        page, limit = read.get("page"), read.get("limit")
        size = self.at.size if limit is None else limit
        if page is not None and (page - 1) * size > _LARGEST:
            most = _LARGEST // size + 1
            self.found.append(
                problems.NumberOutside(pointer="/page", key="page", value=page, least=1, most=most)
            )

    def _sort(self, value: Any, pointer: str) -> tuple[typed.SortKey, ...]:
        # An endpoint that counts events takes the order with the filter, and ignores it.
        every = (sort for at in endpoints.endpoints(self.entity) for sort in at.sorts)
        sorts = {sort.name: sort for sort in self.at.sorts or every}
        estimate = self.entity.name == "task_runs" and self.version >= (3, 9)
        if estimate and isinstance(value, str) and value in ESTIMATES:
            self.found.append(problems.UnsayableSort(pointer=pointer, sort=value))
            return ()
        name = self.values.read(Kind.CHOICE, value, pointer, tuple(sorts))
        return () if name is None else self._keys(sorts[name])


_QUEUES = ("work_queues", "work_pool_queues")
"""The two names of one key, of which an endpoint knows one."""

_ARGUMENTS = {
    Type.TIME: Kind.TIME,
    Type.DURATION: Kind.SECONDS,
    Type.BOOLEAN: Kind.BOOLEAN,
    Type.INTEGER: Kind.NUMBER,
    Type.ENUM: Kind.CHOICE,
    Type.JSON: Kind.OBJECT,
}


def _order_within(entity: Entity) -> tuple[str, ...]:
    """Where the entity's filter model itself holds the sort, if it does."""
    orders = (at.order for at in endpoints.endpoints(entity) if at.sorts)
    return next((order for order in orders if len(order) > 1), ())


def _all(place: Place) -> list[Place]:
    found = [place]
    for related in place.related.values():
        found += _all(related)
    return found


def _joined(place: Place, conditions: Mapping[str, typed.Predicate]) -> typed.Predicate | None:
    """The condition on a place's rows, one related row meeting all; None where nothing is said."""
    own = conditions.get(place.key) if place.key else None
    parts: list[typed.Predicate] = []
    if own is not None and own != typed.TRUE:
        parts.append(own)
    scopes: list[typed.Predicate] = []
    for related in place.related.values():
        condition = _joined(related, conditions)
        if condition is not None:
            assert related.relation is not None
            scopes.append(typed.Exists(related.relation, condition))
    if own is None and not scopes:
        return None
    return typed.conjunction([*parts, *scopes])
