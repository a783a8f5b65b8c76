"""What Prefect's schema makes certain of its own rows, so that a body need not say it."""

from __future__ import annotations

from datetime import UTC, datetime
from operator import is_
from typing import assert_never

from flowql import typed
from flowql.catalog import Type

_FIRST = datetime.min.replace(tzinfo=UTC)
_LAST = datetime.max.replace(tzinfo=UTC)


def certain(node: typed.Predicate) -> typed.Predicate:
    """A normal filter without the conditions that hold of every row or of none.

    It selects the same rows of a server's database. Where all is said already it is the
    very filter; else it is not normal any more.
    """
    match node:
        case typed.And(operands, span):
            parts = []
            for operand in operands:
                parts.append(certain(operand))  # noqa: PERF401
            return node if all(map(is_, parts, operands)) else typed.And(tuple(parts), span)
        case typed.Or(operands, span):
            parts = []
            for operand in operands:
                parts.append(certain(operand))
            return node if all(map(is_, parts, operands)) else typed.Or(tuple(parts), span)
        case typed.Not(operand, span):
            if _true_of_values(operand):
                return typed.Always(False, span)
            inner = certain(operand)
            return node if inner is operand else typed.Not(inner, span)
        case typed.Exists(relation, where, span):
            inner = certain(where)
            return node if inner is where else typed.Exists(relation, inner, span)
        case typed.IsNull(column, span):
            return node if _nullable(column) else typed.Always(False, span)
        case typed.In(column, values, span) if any(map(_is_fraction, values)) and (
            column.field.type is Type.INTEGER and not _nullable(column)
        ):
            whole = tuple(value for value in values if not _is_fraction(value))
            return typed.In(column, whole, span) if whole else typed.Always(False, span)
        case typed.In(column, _, span) | typed.TextMatch(column, _, _, span):
            if not _true_of_values(node):
                return node
            present = typed.Not(typed.IsNull(column, span), span)
            return present if _nullable(column) else typed.Always(True, span)
        case typed.Compare(_, operator, value, span):
            beyond = (operator == "<" and value == _FIRST) or (operator == ">" and value == _LAST)
            return typed.Always(False, span) if beyond else node
        case typed.Every() | typed.Latest() | typed.Count() | typed.TagsMatch() | typed.Always():
            return node
        case _:
            assert_never(node)


def _is_fraction(value: typed.Value) -> bool:
    return isinstance(value, float) and not value.is_integer()


def _nullable(column: typed.Column) -> bool:
    return bool(
        column.field.nullable
        or column.keys
        or column.field.difference
        or column.field.type is Type.JSON
    )


def _true_of_values(node: typed.Predicate) -> bool:
    """Whether a condition on the row in hand is true of every value but null."""
    match node:
        case typed.In(column, values):
            return column.field.type is Type.BOOLEAN and {True, False} <= set(values)
        case typed.TextMatch(column, operator, str(value)) if column.field.type is Type.TEXT:
            if operator == "like":
                return value != "" and not value.strip("%")
            return operator != "matches" and value == ""
        case _:
            return False
