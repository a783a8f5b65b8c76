"""Normal form: `not` only before a condition, lists and scopes drawn together.

Every step is equal in three values, so the normal form says the same in every
back end, wherever it stands. What it never does: make `p or not p` true (p may
be unknown), or push `not` into a scope over related rows (no row is not some row).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, TypeGuard, assert_never

from flowql import typed
from flowql.catalog import entities
from flowql.rewrite.combine import all_of, any_of, exists, not_in

if TYPE_CHECKING:
    from flowql.catalog import Relation
    from flowql.source import Span

_OPPOSITE: dict[typed.Ordering, typed.Ordering] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def normal(predicate: typed.Predicate) -> typed.Predicate:
    """The normal form of a filter."""
    return _normal(predicate, negated=False)


def _normal(node: typed.Predicate, negated: bool) -> typed.Predicate:
    # Loops rather than comprehensions, which would be a frame more a level.
    match node:
        case typed.Not(operand):
            return _normal(operand, not negated)
        case typed.And(operands, span):
            parts: list[typed.Predicate] = []
            for operand in operands:
                parts.append(_normal(operand, negated))  # noqa: PERF401
            return any_of(parts, span) if negated else all_of(parts, span)
        case typed.Or(operands, span):
            parts = []
            for operand in operands:
                parts.append(_normal(operand, negated))
            return all_of(parts, span) if negated else any_of(parts, span)
        case typed.Always(value, span):
            return typed.Always(value != negated, span)
        case typed.Compare(column, operator, value, span):
            return typed.Compare(column, _OPPOSITE[operator], value, span) if negated else node
        case typed.In():
            return _in(node, negated)
        case typed.TagsMatch():
            return _negated(_tags(node), negated)
        case typed.TextMatch() | typed.IsNull():
            return _negated(node, negated)
        case typed.Exists(relation, where, span):
            return _negated(some(relation, _normal(where, False), span), negated)
        case typed.Every(relation, where, span):
            return _negated(every(relation, _normal(where, False), span), negated)
        case typed.Latest(path, where, span):
            where = _normal(where, False)
            if where == typed.FALSE:
                return _negated(where, negated)
            return _negated(typed.Latest(path, where, span), negated)
        case typed.Count():
            return _count(node, negated)
        case _:
            assert_never(node)


def _negated(node: typed.Predicate, negated: bool) -> typed.Predicate:
    return negation(node) if negated else node


def negation(node: typed.Predicate) -> typed.Predicate:
    """The negation of a single condition or scope."""
    match node:
        case typed.Always(value, span):
            return typed.Always(not value, span)
        case typed.Not(operand):
            return operand
        case _:
            return typed.Not(node, node.span)


def _in(node: typed.In, negated: bool) -> typed.Predicate:
    """An empty list is false, even of null."""
    if not node.values:
        return typed.Always(negated, node.span)
    return not_in(node.column, node.values, node.span) if negated else node


def _tags(node: typed.TagsMatch) -> typed.Predicate:
    match node.operator:
        case "has all" if not node.values:
            return typed.Always(True, node.span)
        case "has any" if not node.values:
            return typed.Always(False, node.span)
        case "has any" if len(node.values) == 1 and isinstance(node.values[0], str):
            return typed.TagsMatch(node.column, "has all", node.values, node.span)
        case _:
            return node


def some(relation: Relation, where: typed.Predicate, span: Span | None) -> typed.Predicate:
    """`any tag (= a)` is a condition on the tags; a row that is never true is no row."""
    column = _tags_columns().get(relation)
    if column is None:
        return exists(relation, where, span)
    match where:
        case typed.In(_, values) if _texts(values):
            return _tags(typed.TagsMatch(column, "has any", values, span))
        case typed.Not(typed.In(_, values)) if _texts(values):
            return typed.Not(typed.TagsMatch(column, "within", values, span), span)
        case typed.Always(True):
            return typed.Not(typed.TagsMatch(column, "within", (), span), span)
        case _:
            return exists(relation, where, span)


def every(relation: Relation, where: typed.Predicate, span: Span | None) -> typed.Predicate:
    column = _tags_columns().get(relation)
    match where:
        case typed.Always(True):
            return where
        case typed.In(_, values) if column is not None and _texts(values):
            return typed.TagsMatch(column, "within", values, span)
        case _:
            return typed.Every(relation, where, span)


def _texts(values: tuple[typed.Value, ...]) -> TypeGuard[tuple[str, ...]]:
    return all(isinstance(value, str) for value in values)


@cache
def _tags_columns() -> dict[Relation, typed.Column]:
    """The tags field of each relation whose rows are the elements of one."""
    return {
        relation: typed.Column(entity.by_name[relation.elements])
        for entity in entities().values()
        for relation in entity.relations
        if relation.elements
    }


def _count(node: typed.Count, negated: bool) -> typed.Predicate:
    """A number of rows; whether it is zero is whether there is a row."""
    counted = typed.Counted(node.counted.path, _normal(node.counted.where, False))
    bound = node.bound
    operator: typed.CountOperator = node.operator
    if negated and operator != "=":
        operator, negated = _OPPOSITE[operator], False
    if isinstance(bound, typed.Share):
        of = typed.Counted(bound.counted.path, _normal(bound.counted.where, False))
        bound = typed.Share(bound.factor, of)
    elif not isinstance(bound, typed.Parameter):
        match operator:
            case "=":
                there = False if bound == 0 else None
            case ">" | "<=":
                there = (operator == ">") if 0 <= bound < 1 else None
            case ">=" | "<":
                there = (operator == ">=") if 0 < bound <= 1 else None
            case _:
                assert_never(operator)
        if there is not None:
            return _negated(_reached(counted, node.span), there == negated)
    return _negated(typed.Count(counted, operator, bound, node.span), negated)


def _reached(counted: typed.Counted, span: Span | None) -> typed.Predicate:
    where = counted.where
    for relation in reversed(counted.path):
        where = some(relation, where, span)
    return where
