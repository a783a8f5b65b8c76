"""Random pairs of filters that have to do with one another, and rows on which they part.

`stronger` and `weaker` change a filter in normal form by a law that is known, so that one of the
two implies the other. `near` changes it somehow: mostly to what does not, but nearly does.
`pointed` takes rows and sets columns to values that the pair speaks of, to their neighbours, and to
null, since that is where two filters part if they do.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from flowql import typed
from flowql.catalog import Entity, Field, Type, entities
from tests.strategies import Rows

_MICROSECOND = timedelta(microseconds=1)
_LESS: dict[str, tuple[typed.Ordering, ...]] = {
    ">": (">=", ">"),
    ">=": (">=",),
    "<": ("<=", "<"),
    "<=": ("<=",),
}


# ── a filter changed by a known law ───────────────────────────────────────────────────────────────


def weaker(node: typed.Predicate, rng: random.Random, more: typed.Predicate) -> typed.Predicate:
    """A filter that `node` implies; `more` is what an `or` may be given."""
    match node:
        case typed.And(operands):
            at = rng.randrange(len(operands))
            if rng.random() < 0.5:
                return typed.conjunction([c for n, c in enumerate(operands) if n != at])
            changed = weaker(operands[at], rng, more)
            return typed.conjunction([*operands[:at], changed, *operands[at + 1 :]])
        case typed.Or(operands):
            at = rng.randrange(len(operands))
            if rng.random() < 0.3:
                return typed.disjunction([*operands, more])
            changed = weaker(operands[at], rng, more)
            return typed.disjunction([*operands[:at], changed, *operands[at + 1 :]])
        case typed.Not(typed.Exists() | typed.Every() | typed.Latest() as scope):
            return typed.Not(replace(scope, where=stronger(scope.where, rng, typed.FALSE)))
        case typed.Not(typed.In(column, values)) if len(values) > 1:
            return typed.Not(typed.In(column, values[1:]))
        case typed.In(column, values) if values:
            if rng.random() < 0.2:
                return typed.Not(typed.IsNull(column)) if column.field.coalesce is None else node
            return typed.In(column, tuple(dict.fromkeys([*values, *_others(node, rng)])))
        case typed.Compare(column, operator, value):
            moved = _moved(value, operator in (">", ">="), rng)
            return typed.Compare(column, rng.choice(_LESS[operator]), moved)
        case typed.TextMatch(
            column, "starts with" | "contains" | "ends with" as operator, str(text)
        ):
            cut = rng.randrange(len(text) + 1)
            if not text.isascii() or operator == "contains":
                return typed.TextMatch(column, "contains", text)
            kept = text[:cut] if operator == "starts with" else text[cut:]
            return typed.TextMatch(column, rng.choice((operator, "contains")), kept)
        case typed.TagsMatch(column, "has all", values) if len(values) > 1:
            return typed.TagsMatch(column, rng.choice(("has all", "has any")), values[1:])
        case typed.TagsMatch(column, "has any" | "within" as operator, values):
            return typed.TagsMatch(column, operator, (*values, "one more"))
        case typed.Exists() | typed.Every() | typed.Latest():
            return replace(node, where=weaker(node.where, rng, typed.FALSE))
        case typed.Count(counted, ">" | ">=" as operator, bound) if not isinstance(
            bound, typed.Parameter
        ):
            if isinstance(bound, int | float) and rng.random() < 0.5:
                return replace(node, bound=bound - 1)
            inner = replace(counted, where=weaker(counted.where, rng, typed.FALSE))
            return replace(node, counted=inner)
        case typed.Count(counted, "<" | "<=", bound) if isinstance(bound, int | float):
            if rng.random() < 0.5:
                return replace(node, bound=bound + 1)
            inner = replace(counted, where=stronger(counted.where, rng, typed.FALSE))
            return replace(node, counted=inner)
        case _:
            return typed.disjunction([node, more])


def stronger(node: typed.Predicate, rng: random.Random, more: typed.Predicate) -> typed.Predicate:
    """A filter that implies `node`; `more` is what an `and` may be given."""
    match node:
        case typed.And(operands):
            at = rng.randrange(len(operands))
            changed = stronger(operands[at], rng, more)
            return typed.conjunction([*operands[:at], changed, *operands[at + 1 :]])
        case typed.Or(operands):
            at = rng.randrange(len(operands))
            if rng.random() < 0.5:
                return typed.disjunction([c for n, c in enumerate(operands) if n != at])
            changed = stronger(operands[at], rng, more)
            return typed.disjunction([*operands[:at], changed, *operands[at + 1 :]])
        case typed.In(column, values) if len(values) > 1:
            return typed.In(column, values[1:])
        case typed.Exists() | typed.Every() | typed.Latest():
            return replace(node, where=stronger(node.where, rng, typed.TRUE))
        case _:
            return typed.conjunction([node, more])


def _others(node: typed.In, rng: random.Random) -> list[typed.Value]:
    """Values of the same type as those of a list."""
    first = node.values[0]
    match first:
        case bool():
            return [not first]
        case str():
            choices = node.column.field.choices
            return [rng.choice(choices)] if choices else [first + "x"]
        case int() | float():
            return [first + 1]
        case datetime():
            return [first - _MICROSECOND if first.year > 9000 else first + _MICROSECOND]
        case timedelta():
            return [first + _MICROSECOND]
        case UUID():
            return [UUID(int=first.int ^ 1)]
        case _:
            return []


def _moved(value: Any, down: bool, rng: random.Random) -> Any:
    if rng.random() < 0.3:
        return value
    step: Any
    match value:
        case datetime():
            if not 1000 < value.year < 9000:
                return value
            step = rng.choice((_MICROSECOND, timedelta(1)))
        case timedelta():
            step = _MICROSECOND
        case typed.Relative(offset):
            step = timedelta(hours=1)
            return typed.Relative(offset - step if down else offset + step)
        case bool() | str() | typed.Parameter() | typed.Calendar() | typed.Rolling():
            return value
        case _:
            step = 1
    return value - step if down else value + step


# ── a filter changed somehow ──────────────────────────────────────────────────────────────────────


def near(node: typed.Predicate, rng: random.Random, more: typed.Predicate) -> typed.Predicate:
    """A filter that differs in one place, as a writer's slip would."""
    match node:
        case typed.And(operands) | typed.Or(operands):
            at = rng.randrange(len(operands))
            parts = list(operands)
            if rng.random() < 0.2:
                del parts[at]
            else:
                parts[at] = near(parts[at], rng, more)
            joined = typed.conjunction if isinstance(node, typed.And) else typed.disjunction
            if rng.random() < 0.15:
                joined = typed.disjunction if isinstance(node, typed.And) else typed.conjunction
            return joined(parts)
        case typed.Not(operand):
            return operand if rng.random() < 0.3 else typed.Not(near(operand, rng, more))
        case typed.In(column, values):
            match rng.randrange(4):
                case 0 if len(values) > 1:
                    return typed.In(column, values[1:])
                case 1:
                    return typed.Not(node)
                case 2 if column.field.type is Type.TEXT and values:
                    return _part(column, str(values[0]), rng)
                case _:
                    return typed.In(column, (*values, *_others(node, rng))) if values else node
        case typed.Compare(column, _, value):
            orderings: tuple[typed.Ordering, ...] = ("<", "<=", ">", ">=")
            if rng.random() < 0.2:
                return typed.Not(typed.In(column, (value,)))
            return typed.Compare(column, rng.choice(orderings), _moved(value, True, rng))
        case typed.TextMatch(column, operator, str(text)) if operator != "matches":
            if rng.random() < 0.3:
                return typed.In(column, (text,))
            return _part(column, text, rng)
        case typed.TagsMatch(column, _, values):
            all_tags: tuple[typed.TagsOperator, ...] = ("has all", "has any", "within")
            kept_tags = values[1:] if rng.random() < 0.4 else values
            return typed.TagsMatch(column, rng.choice(all_tags), kept_tags)
        case typed.IsNull():
            return typed.Not(node)
        case typed.Exists(relation, where) | typed.Every(relation, where):
            if rng.random() < 0.4:
                return rng.choice((typed.Exists, typed.Every))(relation, where)
            if rng.random() < 0.2:
                bound = rng.choice((0, 1, 2))
                return typed.Count(
                    typed.Counted((relation,), where), rng.choice(("=", ">", "<=")), bound
                )
            return replace(node, where=near(where, rng, typed.FALSE))
        case typed.Latest(path, where):
            if rng.random() < 0.3:
                inner = where
                for relation in reversed(path):
                    inner = typed.Exists(relation, inner)
                return inner
            return replace(node, where=near(where, rng, typed.FALSE))
        case typed.Count(counted, _, bound):
            counting: tuple[typed.CountOperator, ...] = ("=", "<", "<=", ">", ">=")
            if rng.random() < 0.5:
                return replace(node, operator=rng.choice(counting))
            return replace(
                node, counted=replace(counted, where=near(counted.where, rng, typed.TRUE))
            )
        case _:
            return more


def _part(column: typed.Column, text: str, rng: random.Random) -> typed.TextMatch:
    """A condition that a part of the text is somewhere, where it is or where it is not."""
    operators: tuple[typed.TextOperator, ...] = ("contains", "starts with", "ends with", "like")
    cut = rng.randrange(len(text) + 1)
    kept = rng.choice((text, text[:cut], text[cut:], text.swapcase()))
    operator = rng.choice(operators)
    return typed.TextMatch(
        column, operator, kept.replace("\\", "_") if operator == "like" else kept
    )


# ── rows on which two filters part ────────────────────────────────────────────────────────────────


def pointed(rows: Rows, filters: tuple[typed.Predicate, ...], entity: Entity, seed: int) -> Rows:
    """Rows with some columns set to what the filters speak of; the input stays as it is."""
    rng = random.Random(seed)
    wanted: dict[tuple[str, str], list[Any]] = {}
    within: dict[tuple[str, str], dict[tuple[str, ...], list[Any]]] = {}
    for of, column, value in _values(filters, entity):
        place = (of.table, column.field.column)
        if column.field.type is Type.TAGS or of.name == "tag":
            continue
        keys = (*column.field.keys, *column.keys)
        if keys:
            within.setdefault(place, {}).setdefault(keys, []).extend(_around(value))
        elif column.field.difference is None:
            wanted.setdefault(place, [None]).extend(_stored_around(column.field, value))
            if column.field.coalesce is not None:
                wanted.setdefault((of.table, column.field.coalesce), [None]).extend(_around(value))
    for (table, column), values in wanted.items():
        if (table, column) in _never_null():
            values[:] = [value for value in values if value is not None] or [""]
    tags = _tags(filters, entity)
    return {
        table: [_changed(table, row, wanted, within, tags, rng) for row in found]
        for table, found in rows.items()
    }


@cache
def _never_null() -> frozenset[tuple[str, str]]:
    """Columns of which a text is joined: there is no text where one is null."""
    return frozenset(
        (entity.table, column)
        for entity in entities().values()
        for field in entity.fields
        for column in field.joined
    )


def _changed(
    table: str,
    row: dict[str, Any],
    wanted: dict[tuple[str, str], list[Any]],
    within: dict[tuple[str, str], dict[tuple[str, ...], list[Any]]],
    tags: list[str],
    rng: random.Random,
) -> dict[str, Any]:
    row = dict(row)
    for (of, column), values in wanted.items():
        if of == table and column in row and column != "id" and rng.random() < 0.8:
            row[column] = rng.choice(values)
    for (of, column), ways in within.items():
        if of == table and rng.random() < 0.8:
            made: Any = rng.choice(({}, {}, {}, None))
            for keys, values in ways.items():
                value = rng.choice(values)
                for key in reversed(keys):
                    value = {key: value}
                made = {**made, **value} if made is not None else None
            row[column] = made
    if "tags" in row and tags and rng.random() < 0.8:
        row["tags"] = rng.sample(tags, rng.randrange(min(4, len(tags) + 1)))
    return row


def _around(value: Any) -> list[Any]:
    match value:
        case None:
            return [None]
        case bool():
            return [value, not value, None]
        case str():
            return [value, value.swapcase(), f"x{value}", f"{value}x", f"{value}{value}", "", None]
        case int() | float():
            return [value, value - 1, value + 1, value + 0.5, int(value), str(value), None]
        case datetime() if 1000 < value.year < 9000:
            return [value, value - _MICROSECOND, value + _MICROSECOND]
        case timedelta():
            return [value, value - _MICROSECOND, value + _MICROSECOND]
        case _:
            return [value]


def _stored_around(field: Field, value: Any) -> list[Any]:
    """Values that the column can store."""
    match field.type:
        case Type.ENUM:
            return [*field.choices, None]
        case Type.INTEGER:
            return [whole for whole in _around(value) if whole is None or type(whole) is int]
        case _:
            return _around(value)


def _tags(filters: tuple[typed.Predicate, ...], entity: Entity) -> list[str]:
    found = ["etl", "x"]
    for of, column, value in _values(filters, entity):
        if (column.field.type is Type.TAGS or of.name == "tag") and isinstance(value, str):
            found += [value, f"{value}x"]
    return list(dict.fromkeys(found))


def _values(
    filters: tuple[typed.Predicate, ...], entity: Entity
) -> Iterator[tuple[Entity, typed.Column, Any]]:
    """Every value that the filters speak of, with its column and the entity of that."""
    pending: list[tuple[Entity, Any]] = [(entity, node) for node in filters]
    while pending:
        of, node = pending.pop()
        match node:
            case typed.And(operands) | typed.Or(operands):
                pending += [(of, operand) for operand in operands]
            case typed.Not(operand):
                pending.append((of, operand))
            case typed.Exists(relation, where) | typed.Every(relation, where):
                pending.append((entities()[relation.target], where))
            case typed.Latest(path, where) | typed.Counted(path, where):
                pending.append((entities()[path[-1].target], where))
            case typed.Count(counted, _, bound):
                pending.append((of, counted))
                if isinstance(bound, typed.Share):
                    pending.append((of, bound.counted))
            case typed.In(column, values) | typed.TagsMatch(column, _, values):
                for value in values:
                    yield of, column, value
            case typed.Compare(column, _, value):
                yield of, column, value
            case typed.TextMatch(column, _, value):
                yield of, column, str(value).replace("%", "").replace("_", "q")
            case typed.IsNull(column):
                yield of, column, None
            case _:
                pass
