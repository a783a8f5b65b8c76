"""The dialects: one file each, found by a scan of this folder.

A module of this folder that defines `DIALECT` adds it.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType
from typing import TYPE_CHECKING

from flowql.backends.sql.dialect import Dialect

if TYPE_CHECKING:
    from collections.abc import Mapping


@cache
def dialects() -> Mapping[str, Dialect]:
    """All dialects by name."""
    found: dict[str, Dialect] = {}
    for module in sorted(iter_modules(__path__), key=lambda module: module.name):
        dialect = getattr(import_module(f"{__name__}.{module.name}"), "DIALECT", None)
        if isinstance(dialect, Dialect):
            found[dialect.name] = dialect
    return MappingProxyType(found)


@cache
def _names() -> Mapping[str, Dialect]:
    names = dict(dialects())
    for dialect in dialects().values():
        for alias in dialect.aliases:
            names.setdefault(alias, dialect)
    return MappingProxyType(names)


def get(name: str) -> Dialect | None:
    """The dialect of a name or alias, or None."""
    return _names().get(name.lower())
