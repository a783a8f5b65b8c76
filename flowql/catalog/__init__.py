"""The catalog: one file an entity, found by a scan of this folder.

A module of this folder that defines `ENTITY` adds it. `get` finds an entity by
its name or short form; names are Prefect's own.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType
from typing import TYPE_CHECKING

from flowql.catalog.model import (
    Answered,
    Argument,
    Criterion,
    Endpoint,
    Endpoints,
    Entity,
    Field,
    Gives,
    Means,
    Relation,
    Sort,
    Type,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "Answered",
    "Argument",
    "Criterion",
    "Endpoint",
    "Endpoints",
    "Entity",
    "Field",
    "Gives",
    "Means",
    "Relation",
    "Sort",
    "Type",
    "entities",
    "get",
]


@cache
def entities() -> Mapping[str, Entity]:
    """All entities by name."""
    found: dict[str, Entity] = {}
    for module in sorted(iter_modules(__path__), key=lambda module: module.name):
        entity = getattr(import_module(f"{__name__}.{module.name}"), "ENTITY", None)
        if isinstance(entity, Entity):
            found[entity.name] = entity
    return MappingProxyType(found)


@cache
def _names() -> Mapping[str, Entity]:
    found = dict(entities())
    for entity in entities().values():
        for alias in entity.aliases:
            found.setdefault(alias, entity)
    return MappingProxyType(found)


def get(name: str) -> Entity | None:
    """The entity of a name or short form, or None."""
    return _names().get(name)
