"""Paths to fields: which relations a dotted name follows, and where it ends."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from flowql import ast, catalog, typed
from flowql.catalog import Entity, Field, Relation, Type
from flowql.catalog.chains import single_steps
from flowql.diagnostics import names as problems
from flowql.source import Span

if TYPE_CHECKING:
    from flowql.diagnostics import Diagnostic


@dataclass(frozen=True, slots=True)
class Found:
    """Where a path leads: single steps, the entity at their end, and its column.

    Without a column the path ends at the related rows themselves.
    """

    steps: tuple[Relation, ...]
    entity: Entity
    column: typed.Column | None


@dataclass(frozen=True, slots=True)
class _Lost:
    """Where a path cannot go on: the part, and the entity or the field that it stands after."""

    at: int
    after: Entity | Field


def find(path: ast.Path, entity: Entity, found_problems: list[Diagnostic]) -> Found | None:
    """Follow a path from an entity; what it does not find is reported."""
    found = _follow(path.parts, entity)
    if isinstance(found, Found):
        return found
    after = found.after
    if isinstance(after, Entity):
        found_problems.append(_unknown(path, found.at, after))
    else:
        found_problems.append(
            problems.NoSuchKey(span=path.span, field=after.name, type=after.type.value)
        )
    return None


@lru_cache(maxsize=4096)
def _follow(parts: tuple[str, ...], entity: Entity) -> Found | _Lost:
    steps: list[Relation] = []
    at = 0
    while at < len(parts):
        # The longest dotted field name wins: `state.name` before `state`.
        for end in range(min(len(parts), at + 2), at, -1):
            field = entity.by_name.get(".".join(parts[at:end]))
            if field is None:
                continue
            keys = parts[end:]
            if keys and field.only_null:
                continue
            if keys and field.type is not Type.JSON:
                return _Lost(at, field)
            return Found(tuple(steps), entity, typed.Column(field, keys))
        relation = entity.relation_by_name.get(parts[at])
        if relation is None:
            return _Lost(at, entity)
        steps.extend(single_steps(entity, relation))
        entity = catalog.entities()[steps[-1].target]
        at += 1
    return Found(tuple(steps), entity, None)


def _unknown(path: ast.Path, at: int, entity: Entity) -> Diagnostic:
    return problems.UnknownField(
        span=_part_span(path, at),
        entity=entity.name,
        name=path.parts[at],
        fields=tuple(entity.by_name),
        relations=tuple(relation.name for relation in entity.relations),
    )


def _part_span(path: ast.Path, at: int) -> Span:
    """The span of one part; of the whole path where backticks move the places."""
    length = sum(map(len, path.parts)) + len(path.parts) - 1
    if path.span.end - path.span.start != length:
        return path.span
    start = path.span.start + sum(len(part) + 1 for part in path.parts[:at])
    return Span(start, start + len(path.parts[at]))
