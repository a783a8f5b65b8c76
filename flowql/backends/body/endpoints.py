"""Where a request goes, and what it says of sorts and pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flowql import typed
from flowql.diagnostics import request as problems
from flowql.diagnostics.values import OutOfRange, UnboundParameter
from flowql.limits import PAGE_SIZE

if TYPE_CHECKING:
    from flowql.catalog import Endpoints
    from flowql.diagnostics import Diagnostic

_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Request:
    """A request to Prefect's API; the path is without `/api`."""

    method: str
    path: str
    body: dict[str, Any] = field(hash=False)


def endpoint_of(query: typed.Query, wanted: str | None, found: list[Diagnostic]) -> str | None:
    """The path to ask at; None where there is none and a problem was reported."""
    entity = query.target
    at = entity.endpoints
    if at is None or (query.count and not at.count and wanted is None):
        what = "counts" if query.count else "lists"
        found.append(problems.NoEndpoint(span=query.span("count"), entity=entity.name, what=what))
        return None
    if wanted is not None:
        return _wanted(query, at, wanted, found)
    if query.count:
        return f"{at.path}/count"
    if at.paginate and query.offset in (None, 0):
        return f"{at.path}/paginate"
    return f"{at.path}/filter"


def _wanted(query: typed.Query, at: Endpoints, wanted: str, found: list[Diagnostic]) -> str | None:
    path = "/" + wanted.strip("/").removeprefix("api/")
    known = [f"{at.path}/{kind}" for kind in ("filter", "paginate", "count") if getattr(at, kind)]
    known += at.extra
    if path not in known:
        found.append(
            problems.WrongEndpoint(
                span=None, endpoint=wanted, entity=query.target.name, known=tuple(known)
            )
        )
        return None
    if query.count and not path.endswith("/count"):
        offer = f"`{at.path}/count` does" if at.count else None
        found.append(
            problems.ClauseAtEndpoint(
                span=query.span("count"), clause="count", endpoint=path, offer=offer
            )
        )
    return path


def clauses(query: typed.Query, path: str, found: list[Diagnostic]) -> dict[str, Any]:
    """What the body says of sort and page; defaults are left out."""
    if query.select is not None:
        found.append(problems.SelectInRequest(span=query.span("select")))
    if path.endswith("/count"):
        given = {
            "sort": bool(query.sort), "limit": query.limit is not None,
            "page": query.page is not None, "offset": query.offset is not None,
        }  # fmt: skip
        for clause, present in given.items():
            if present:
                found.append(
                    problems.ClauseAtEndpoint(span=query.span(clause), clause=clause, endpoint=path)
                )
        return {}
    limit = _number(query, "limit", found)
    page = _number(query, "page", found)
    offset = _number(query, "offset", found)
    if limit is not None and limit > PAGE_SIZE:
        found.append(
            problems.LimitInRequest(span=query.span("limit"), value=limit, limit=PAGE_SIZE)
        )
    size = PAGE_SIZE if limit is None else limit
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
    body: dict[str, Any] = {}
    if (sort := _sort(query, found)) is not None:
        body["sort"] = sort
    if limit is not None:
        body["limit"] = limit
    if path.endswith("/paginate"):
        page = _page(query, path, page, offset, size, found)
        if page > 1:
            body["page"] = page
    elif skipped:
        body["offset"] = skipped
    return body


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


def _sort(query: typed.Query, found: list[Diagnostic]) -> str | None:
    """Prefect's name of the sort; None for the default."""
    if not query.sort:
        return None
    entity = query.target
    sorts = entity.endpoints.sorts if entity.endpoints else ()
    known = [*sorts, entity.default_sort]
    if len(query.sort) == 1 and query.sort[0].nulls is None and not query.sort[0].column.keys:
        key = query.sort[0]
        for sort in known:
            if (sort.field, sort.descending) == (key.column.field.name, key.descending):
                return None if sort.name == entity.default_sort.name else sort.name
    found.append(
        problems.SortInRequest(
            span=query.span("sort"), entity=entity.name, sorts=tuple(sort.name for sort in sorts)
        )
    )
    return None
