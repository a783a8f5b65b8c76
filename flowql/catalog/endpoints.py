"""The endpoints of Prefect's API that take filters: by entity, and by the path of a request."""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import unquote

from flowql.catalog import entities

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowql.catalog.model import Endpoint, Entity, Gives


@cache
def endpoints(entity: Entity) -> tuple[Endpoint, ...]:
    """The endpoints that take filters of an entity, the usual ones first."""
    return entity.endpoints.each() if entity.endpoints else ()


@cache
def known() -> Mapping[str, tuple[Entity, Endpoint]]:
    """All endpoints, by path as the catalog writes it."""
    found = {}
    for entity in entities().values():
        for endpoint in endpoints(entity):
            found[endpoint.path] = entity, endpoint
    return MappingProxyType(found)


def giving(entity: Entity, gives: Gives) -> Endpoint | None:
    """The first endpoint of an entity that gives this."""
    return next((at for at in endpoints(entity) if at.gives is gives), None)


def plain(path: str) -> str:
    """A path as the catalog writes it: from the root, without `/api`."""
    return "/" + path.strip("/").removeprefix("api/")


def find(path: str) -> tuple[Entity, Endpoint, Mapping[str, str]] | None:
    """The endpoint of a request's path, and what stands in the place of its braces."""
    if path in known():
        return *known()[path], {}
    parts = path.split("/")
    for entity, endpoint in known().values():
        pattern = endpoint.path.split("/")
        if not endpoint.holes or len(pattern) != len(parts):
            continue
        values = {}
        for part, wanted in zip(parts, pattern, strict=True):
            if wanted.startswith("{") and part:
                values[wanted[1:-1]] = unquote(part)
            elif part != wanted:
                break
        else:
            return entity, endpoint, values
    return None
