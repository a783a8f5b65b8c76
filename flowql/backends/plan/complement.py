"""The complement of a condition: the rows of which it is not true, as a condition."""

from __future__ import annotations

from typing import assert_never

from flowql import typed
from flowql.catalog import Type


def outside(node: typed.Predicate) -> typed.Predicate | None:
    """A condition true of the very rows of which a normal one is false or unknown.

    None where no condition says it: a JSON value of another type is unknown, and
    nothing asks for the type.
    """
    match node:
        case typed.And(operands) | typed.Or(operands):
            parts = []
            for operand in operands:
                part = outside(operand)
                if part is None:
                    return None
                parts.append(part)
            if isinstance(node, typed.And):
                return typed.disjunction(parts)
            return typed.conjunction(parts)
        case typed.Not(operand):
            return _or_null(operand, operand)
        case typed.Always(value):
            return typed.Always(not value)
        case typed.In() | typed.Compare() | typed.TextMatch() | typed.TagsMatch() | typed.IsNull():
            return _or_null(typed.Not(node), node)
        case typed.Exists() | typed.Every() | typed.Latest() | typed.Count():
            return typed.Not(node)
        case _:
            assert_never(node)


def two_valued(node: typed.Predicate) -> bool:
    """Whether a condition is true or false of every row."""
    match node:
        case typed.Not(operand):
            return two_valued(operand)
        case typed.And(operands) | typed.Or(operands):
            return all(map(two_valued, operands))
        case typed.In(column) | typed.Compare(column) | typed.TextMatch(column):
            return not nullable(column)
        case _:
            return True


def nullable(column: typed.Column) -> bool:
    """Whether a condition on the column may be unknown."""
    kind = column.field
    return bool(
        kind.nullable or kind.difference or kind.keys or column.keys or kind.type is Type.JSON
    )


def _or_null(opposite: typed.Predicate, node: typed.Predicate) -> typed.Predicate | None:
    match node:
        case typed.In(column) | typed.Compare(column) | typed.TextMatch(column):
            if not nullable(column):
                return opposite
            kind = column.field
            if kind.type is Type.JSON or kind.coalesce:
                return None
            return typed.disjunction([opposite, typed.IsNull(column)])
        case _:
            return opposite
