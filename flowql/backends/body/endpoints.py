"""Where a request goes, and what it says of sorts and pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from flowql import typed
from flowql.catalog import Argument, Endpoint, Gives, Means, Type, endpoints
from flowql.catalog.filters import filter_model
from flowql.diagnostics import request as problems
from flowql.diagnostics.values import OutOfRange, UnboundParameter
from flowql.limits import PAGE_SIZE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowql.diagnostics import Diagnostic

_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Request:
    """A request to Prefect's API; the path is without `/api`."""

    method: str
    path: str
    body: dict[str, Any] = field(hash=False)


def endpoint_of(query: typed.Query, wanted: str | None, found: list[Diagnostic]) -> Endpoint | None:
    """The endpoint to ask; None where there is none and a problem was reported."""
    entity = query.target
    if wanted is not None:
        return _wanted(query, wanted, found)
    page = endpoints.giving(entity, Gives.PAGE)
    if query.count:
        at = endpoints.giving(entity, Gives.COUNT)
    elif page and query.offset in (None, 0):
        at = page
    else:
        at = endpoints.giving(entity, Gives.ROWS)
    if at is None:
        what = "counts" if query.count else "lists"
        found.append(problems.NoEndpoint(span=query.span("count"), entity=entity.name, what=what))
    return at


def _wanted(query: typed.Query, wanted: str, found: list[Diagnostic]) -> Endpoint | None:
    entity = query.target
    endpoint = endpoints.find(endpoints.plain(wanted))
    if endpoint is None or endpoint[0] is not entity:
        known = tuple(
            at.path for at in endpoints.endpoints(entity) if at.gives is not Gives.CHANGES
        )
        found.append(
            problems.WrongEndpoint(span=None, endpoint=wanted, entity=entity.name, known=known)
        )
        return None
    _, at, _ = endpoint
    if at.gives is Gives.CHANGES:
        found.append(problems.NeverSent(endpoint=at.path))
        return None
    if query.count and at.gives is not Gives.COUNT:
        count = endpoints.giving(entity, Gives.COUNT)
        offer = f"`{count.path}` does" if count else None
        found.append(
            problems.ClauseAtEndpoint(
                span=query.span("count"), clause="count", endpoint=at.path, offer=offer
            )
        )
    return at


def clauses(query: typed.Query, at: Endpoint, found: list[Diagnostic]) -> dict[str, Any]:
    """What the body says of sort and page; defaults are left out."""
    if query.select is not None:
        found.append(problems.SelectInRequest(span=query.span("select")))
    distinct = _distinct(query, at, found)
    _refuse_unknown(query, at, found)
    if not at.pages:
        return _sorted_body(query, at, found) if at.gives is Gives.ROWS else {}
    limit = _number(query, "limit", found)
    page = _number(query, "page", found)
    offset = _number(query, "offset", found)
    if limit is not None and not at.least <= limit <= at.most:
        found.append(problems.LimitInRequest(span=query.span("limit"), value=limit, limit=at.most))
    size = at.size if limit is None else limit
    # `page` without `limit` means pages of 200, whatever an endpoint's own pages are.
    if page not in (None, 1) and limit is None and at.size != PAGE_SIZE:
        size = PAGE_SIZE
        limit = PAGE_SIZE if at.most >= PAGE_SIZE else None
    skipped = offset or 0
    if page is not None:
        skipped = (page - 1) * size
    if skipped > _LARGEST or (page or 0) > _LARGEST:
        found.append(
            OutOfRange(
                span=query.span("page") or query.span("offset"),
                value=str(skipped),
                bounds="a server counts rows in 64 bits",
            )
        )
    body = merged(_sorted_body(query, at, found), distinct)
    if limit is not None:
        body["limit"] = limit
    if "page" in at.pages:
        page = _page(query, at.path, page, offset, size, found)
        if page > 1:
            body["page"] = page
    elif skipped:
        body["offset"] = skipped
    return body


def _distinct(query: typed.Query, at: Endpoint, found: list[Diagnostic]) -> dict[str, Any]:
    """What asks for one row of each value of a column."""
    if not query.distinct:
        return {}
    own = next(key for key, chain in at.keys.items() if not chain)
    for leaf in filter_model(query.target).leaves():
        column = typed.Column(leaf.field) if leaf.field else None
        if leaf.means is Means.DISTINCT and query.distinct == (column,) and at.sorts:
            said: Any = True
            for name in reversed((own, *leaf.path)):
                said = {name: said}
            return dict(said)
    found.append(problems.DistinctInRequest(span=query.span("distinct")))
    return {}


def merged(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """Two bodies that say different things as one."""
    found = dict(first)
    for key, value in second.items():
        own = found.get(key)
        if isinstance(own, dict) and isinstance(value, dict):
            value = merged(own, value)
        found[key] = value
    return found


def _refuse_unknown(query: typed.Query, at: Endpoint, found: list[Diagnostic]) -> None:
    """Report the clauses that the endpoint has no key for."""
    given = {
        "sort": bool(query.sort), "limit": query.limit is not None,
        "page": query.page not in (None, 1), "offset": query.offset not in (None, 0),
    }  # fmt: skip
    taken = {*at.pages}
    if at.gives in (Gives.ROWS, Gives.PAGE):
        taken.add("sort")
    if {"page", "offset"} & taken:
        taken |= {"page", "offset"}
    for clause, present in given.items():
        if present and clause not in taken:
            found.append(
                problems.ClauseAtEndpoint(span=query.span(clause), clause=clause, endpoint=at.path)
            )


def _sorted_body(query: typed.Query, at: Endpoint, found: list[Diagnostic]) -> dict[str, Any]:
    sort: Any = _sort(query, at, found)
    if sort is None:
        return {}
    for key in reversed(at.order):
        sort = {key: sort}
    return dict(sort)


def _page(
    query: typed.Query,
    path: str,
    page: int | None,
    offset: int | None,
    size: int,
    found: list[Diagnostic],
) -> int:
    if not offset:
        return page or 1
    if size and offset % size == 0:
        return offset // size + 1
    offer = f"an offset there is a multiple of the limit ({size}); `/filter` takes any"
    found.append(
        problems.ClauseAtEndpoint(
            span=query.span("offset"), clause=f"offset {offset}", endpoint=path, offer=offer
        )
    )
    return 1


def _number(query: typed.Query, clause: str, found: list[Diagnostic]) -> int | None:
    value: int | typed.Parameter | None = getattr(query, clause)
    if isinstance(value, typed.Parameter):
        span = value.span or query.span(clause)
        found.append(UnboundParameter(span=span, name=value.name))
        return None
    return value


def _sort(query: typed.Query, at: Endpoint, found: list[Diagnostic]) -> str | None:
    """Prefect's name of the sort; None for the endpoint's default."""
    if not query.sort:
        return None
    entity = query.target
    default = at.default_sort or entity.default_sort
    if all(key.nulls is None and not key.column.keys for key in query.sort):
        wanted = tuple((key.column.field.name, key.descending) for key in query.sort)
        for sort in (default, *at.sorts):
            if sort.keys == wanted:
                return None if sort.name == default.name else sort.name
    found.append(
        problems.SortInRequest(
            span=query.span("sort"), entity=entity.name, sorts=tuple(sort.name for sort in at.sorts)
        )
    )
    return None


def with_arguments(
    body: dict[str, Any], at: Endpoint, given: Mapping[str, Any], found: list[Diagnostic]
) -> None:
    """Add the keys that are neither filter, sort nor page; those that are wanted must be there."""
    known = {argument.name: argument for argument in at.arguments}
    for name, value in given.items():
        if name not in known:
            found.append(problems.UnknownArgument(name=name, endpoint=at.path, known=tuple(known)))
        elif (said := _argument(known[name], value)) is None:
            wanted = _WANTED[known[name].type]
            found.append(problems.WrongArgument(name=name, endpoint=at.path, wanted=wanted))
        else:
            body[name] = said
    missing = tuple(name for name, one in known.items() if one.required and name not in given)
    if missing:
        found.append(problems.MissingArgument(endpoint=at.path, names=missing))


_WANTED = {
    Type.TIME: "a time with its offset",
    Type.DURATION: "a number of seconds, at least one",
    Type.BOOLEAN: "true or false",
    Type.ENUM: "one of its words",
    Type.INTEGER: "a number that is not too small",
    Type.JSON: "an object",
}


def _argument(argument: Argument, value: Any) -> Any:
    """A value as JSON; None where it is none of the argument's."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    match argument.type:
        case Type.TIME if isinstance(value, datetime) and value.tzinfo is not None:
            return value.isoformat()
        case Type.TIME if isinstance(value, str):
            return value
        case Type.DURATION if isinstance(value, timedelta):
            seconds = value.total_seconds()
            return seconds if seconds >= 1 else None
        case Type.DURATION:
            return value if number and 1 <= value < float("inf") else None
        case Type.INTEGER:
            least = argument.least or 0
            return value if number and least <= value < float("inf") else None
        case Type.BOOLEAN:
            return value if isinstance(value, bool) else None
        case Type.ENUM:
            return value if value in argument.choices else None
        case Type.JSON:
            return value if isinstance(value, dict) else None
        case _:
            return None


def within_path(
    at: Endpoint, wanted: str | None, filter_: typed.Predicate, found: list[Diagnostic]
) -> tuple[str, typed.Predicate]:
    """The path with what the filter says of its holes, and the rest of the filter.

    What stands in the holes of the path that was asked for must be what the filter says.
    """
    path = at.path
    endpoint = endpoints.find(endpoints.plain(wanted)) if wanted is not None else None
    filled = endpoint[2] if endpoint else {}
    for hole in at.holes:
        operands = filter_.operands if isinstance(filter_, typed.And) else (filter_,)
        for operand in operands:
            value, rest = _fixing(operand, hole.split("."))
            if value and filled.get(hole, value) == value:
                if "/" in value or value in (".", ".."):
                    span = getattr(operand, "span", None)
                    found.append(problems.UnsayableInPath(span=span, endpoint=at.path, value=value))
                path = path.replace(f"{{{hole}}}", quote(value, safe=""))
                others = [other for other in operands if other is not operand]
                if rest != typed.TRUE:
                    others.append(rest)
                filter_ = typed.conjunction(others)
                break
        else:
            problem = problems.PathNeedsValue(endpoint=at.path, field=hole, value=filled.get(hole))
            found.append(problem)
    return path, filter_


def _fixing(node: typed.Predicate, path: list[str]) -> tuple[str | None, typed.Predicate]:
    """The one text that a condition wants in a field of a related row, and what else it asks."""
    match node:
        case typed.Exists(relation, where, span) if len(path) > 1 and relation.name == path[0]:
            operands = where.operands if isinstance(where, typed.And) else (where,)
            for operand in operands:
                value, rest = _fixing(operand, path[1:])
                if value:
                    others = [other for other in operands if other is not operand]
                    if rest != typed.TRUE:
                        others.append(rest)
                    where = typed.conjunction(others)
                    # The row that the path names is there.
                    return value, typed.Exists(relation, where, span) if others else typed.TRUE
        case typed.In(column, (str(value),)) if [column.field.name] == path:
            return value, typed.TRUE
        case _:
            pass
    return None, node


def without_fixed(body: dict[str, Any], at: Endpoint, found: list[Diagnostic]) -> None:
    """Take from a body what the endpoint says itself, and check what it wants to be said."""
    for path, values in at.fixed.items():
        key, group, *criterion = path.split(".")
        own: Any = body.get(key, {}).get(group)
        for name in criterion:
            own = own.get(name) if isinstance(own, dict) and len(own) == 1 else None
        if not isinstance(own, list) or set(own) != set(values):
            found.append(problems.FixedAtEndpoint(endpoint=at.path, criterion=path, values=values))
        else:
            body[key] = {name: said for name, said in body[key].items() if name != group}
    for path in at.required:
        value: Any = body
        for name in path.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        if value is None:
            found.append(problems.EndpointWants(endpoint=at.path, criterion=path))
