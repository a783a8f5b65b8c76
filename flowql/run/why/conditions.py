"""The conditions of a filter as a reader sees them: their words, their fields, their opposites.

Pure: nothing here asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from flowql import typed
from flowql.api import parse
from flowql.backends.text import condition_to_text
from flowql.backends.text.conditions import condition, merged
from flowql.catalog import Type, entities
from flowql.catalog.chains import named
from flowql.diagnostics import FlowQLError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flowql.api import Query
    from flowql.catalog import Entity, Relation

_WORDS = 400
"""Characters of a condition that are compared with what they mean, to be shown as written."""


def is_plain(node: typed.Predicate) -> bool:
    """Whether it is one condition on the row in hand: `tags has etl`, `not (duration > 5m)`."""
    while isinstance(node, typed.Not):
        node = node.operand
    return isinstance(node, typed.Own) or condition(node) is not None


def is_combination(node: typed.Predicate) -> bool:
    """Whether it is made of conditions that are decided one by one."""
    inner = node
    while isinstance(inner, typed.Not):
        inner = inner.operand
    return isinstance(inner, typed.And | typed.Or) and not is_plain(node)


def operands(node: typed.And | typed.Or) -> tuple[typed.Predicate, ...]:
    """The operands, those in one that were written as one (`tags = [a, b]`, `name is empty`)."""
    return tuple(merged(node))


def two_valued(node: typed.Predicate) -> bool:
    """Whether a plain condition is never unknown."""
    while isinstance(node, typed.Not):
        node = node.operand
    match node:
        case typed.And(parts) | typed.Or(parts):
            return all(map(two_valued, parts))
        case typed.In(_, values):
            return not values
        case typed.Compare() | typed.TextMatch():
            return False
        case _:
            return True


def negated(node: typed.Predicate) -> typed.Predicate:
    """True where the condition is false."""
    return node.operand if isinstance(node, typed.Not) else typed.Not(node)


def path_of(
    node: typed.Exists | typed.Every,
) -> tuple[tuple[Relation, ...], typed.Predicate]:
    """The steps that a quantifier takes in a row to related rows, and the condition on the last.

    Elements of a list are no rows, so a step to them is left to the condition.
    """
    steps = [node.relation]
    where = node.where
    while isinstance(where, type(node)) and not where.relation.elements:
        steps.append(where.relation)
        where = where.where
    return tuple(steps), where


def path_text(path: Sequence[Relation]) -> str:
    """A path in words: `run.task`."""
    return ".".join(relation.name for relation in named(path))


def columns(node: typed.Predicate, entity: Entity) -> tuple[typed.Column, ...]:
    """The fields that the conditions on a row look at, those of related rows left out."""
    found: dict[typed.Column, None] = {}
    for column in mentioned(node, entity):
        found[column] = None
        if column.field.coalesce is not None:
            found[typed.Column(entity.by_name[column.field.coalesce])] = None
    return tuple(found)


def mentioned(node: typed.Predicate, entity: Entity) -> tuple[typed.Column, ...]:
    """The same without the fields that are looked at where another is null."""
    found: dict[typed.Column, None] = {}
    pending = [node]
    while pending:
        part = pending.pop()
        match part:
            case typed.And(operands) | typed.Or(operands):
                pending.extend(reversed(operands))
            case typed.Not(operand):
                pending.append(operand)
            case typed.Exists(relation) | typed.Every(relation):
                if relation.elements:
                    found[typed.Column(entity.by_name[relation.elements])] = None
            case typed.Latest() | typed.Always():
                pass
            case typed.Count(counted):
                if counted.path[0].elements:
                    found[typed.Column(entity.by_name[counted.path[0].elements])] = None
            case (
                typed.In(column) | typed.Compare(column) | typed.TextMatch(column)
                | typed.TagsMatch(column) | typed.IsNull(column)
            ):  # fmt: skip
                if not column.field.server:
                    found[column] = None
            case _:
                assert_never(part)
    return tuple(found)


def leaves(node: typed.Predicate) -> int:
    """How many conditions and scopes are on a row itself."""
    count = 0
    pending = [node]
    while pending:
        part = pending.pop()
        if isinstance(part, typed.And | typed.Or):
            pending.extend(part.operands)
        elif isinstance(part, typed.Not):
            pending.append(part.operand)
        else:
            count += 1
    return count


# ── opposites ─────────────────────────────────────────────────────────────────


def not_true(node: typed.Predicate, entity: Entity) -> typed.Predicate:
    """True where the condition is false or unknown, and never unknown itself.

    It misses rows of which JSON holds a list or an object where the condition asks for a plain
    value: no condition tells these from others.
    """
    return _settled(node, entity, holds=False)


def _settled(node: typed.Predicate, entity: Entity, *, holds: bool) -> typed.Predicate:
    """True where the condition is not the opposite of `holds`."""
    match node:
        case typed.Not(operand):
            return _settled(operand, entity, holds=not holds)
        case typed.And(operands) | typed.Or(operands):
            parts: list[typed.Predicate] = []
            for operand in operands:
                parts.append(_settled(operand, entity, holds=holds))  # noqa: PERF401
            both = isinstance(node, typed.And) == holds
            return typed.conjunction(parts) if both else typed.disjunction(parts)
        case _:
            wanted = node if holds else typed.Not(node)
            return typed.disjunction([wanted, *unknown(node, entity)])


def unknown(node: typed.Predicate, entity: Entity) -> Iterator[typed.Predicate]:
    """Where a plain condition is unknown, one case after the other, as far as conditions tell."""
    while isinstance(node, typed.Not):
        node = node.operand
    if not isinstance(node, typed.In | typed.Compare | typed.TextMatch) or two_valued(node):
        return
    column = node.column
    if column.field.server:
        return
    if column.field.coalesce is not None:
        second = typed.Column(entity.by_name[column.field.coalesce])
        yield typed.And((typed.IsNull(column), typed.IsNull(second)))
        return
    yield typed.IsNull(column)
    if column.field.type is not Type.JSON:
        return
    sample = node.values[0] if isinstance(node, typed.In) else node.value
    if not isinstance(sample, bool):
        yield typed.In(column, (True, False))
    if not isinstance(sample, str):
        yield typed.TextMatch(column, "like", "%")
    if isinstance(sample, bool | str):
        yield typed.Or((typed.Compare(column, "<", 0), typed.Compare(column, ">=", 0)))


# ── words ─────────────────────────────────────────────────────────────────────


def words(node: typed.Predicate, entity: Entity, query: Query) -> str:
    """A condition as it was written, where that says it by itself; else its canonical text.

    What was written may be part of a longer dotted path, or hold parameters whose values tell more.
    """
    span = getattr(node, "span", None)
    if query.source is not None and span is not None and span.end - span.start <= _WORDS:
        written = query.source.text[span.start : span.end]
        if written.isprintable() and _means(written, node, entity, query):
            return written
    return condition_to_text(node)


def _means(written: str, node: typed.Predicate, entity: Entity, query: Query) -> bool:
    if entity.element:
        return False
    try:
        read = parse(f"{entity.name} where {written}", now=query.now, timezone=query.timezone)
    except FlowQLError:
        return False
    return read.typed == typed.Query(entities()[entity.name], node)
