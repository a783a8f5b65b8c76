"""Conditions on one row, and values: each has one spelling."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, assert_never
from uuid import UUID

from flowql import ast, typed
from flowql.catalog import Type, entities
from flowql.printing.values import duration, instant, text_value

if TYPE_CHECKING:
    from collections.abc import Iterator

_NEGATED = {
    "=": "!=",
    "in": "not in",
    "between": "not between",
    "contains": "not contains",
    "starts with": "not starts with",
    "ends with": "not ends with",
    "like": "not like",
    "matches": "not matches",
    "has": "not has",
    "has all": "not has all",
    "has any": "has none",
    "within": "not within",
    "is null": "is not null",
    "is empty": "is not empty",
}
"""Operators that are negated by a word of their own; before the others stands a `not`."""


def condition(node: typed.Predicate, path: tuple[str, ...] = ()) -> ast.Bare | ast.Condition | None:
    """The one condition that says a predicate on the row at a path's end, if one does."""
    positive = node.operand if isinstance(node, typed.Not) else node
    said = _said(positive)
    if said is None:
        return None
    column, operator, operand = said
    if positive is node:
        if operator == "=" and column.field.type is Type.BOOLEAN and operand == ast.Word("true"):
            return ast.Bare(path_to(column, path))
        return _spelled(column, path, operator, operand)
    negated = _NEGATED.get(operator)
    if negated is None or (_is_element(column, operand) and negated != "!="):
        return None
    return _spelled(column, path, negated, operand)


def _spelled(
    column: typed.Column, path: tuple[str, ...], operator: str, operand: ast.Operand | None
) -> ast.Condition:
    subject = None if _is_element(column, operand) else path_to(column, path)
    return ast.Condition(subject, ast.Operator(operator, operator), operand)


def _is_element(column: typed.Column, operand: ast.Operand | None) -> bool:
    """Whether the column goes without a name: the text of a tag, unless nothing follows it."""
    return column.field is entities()["tag"].fields[0] and operand is not None


def _said(node: typed.Predicate) -> tuple[typed.Column, str, ast.Operand | None] | None:
    """Column, operator and operand of what one operator can say without a negation."""
    match node:
        case typed.In(column, values):
            return column, *_membership(column, values)
        case typed.Compare(column, operator, value):
            return column, operator, scalar(value, column)
        case typed.TextMatch(column, operator, value):
            if operator in ("like", "matches") and isinstance(value, str):
                return column, operator, ast.Quoted(value)
            return column, operator, scalar(value, column)
        case typed.TagsMatch(column, operator, values):
            return column, *_tags(operator, values)
        case typed.IsNull(column):
            return column, "is null", None
        case typed.And((typed.TagsMatch(column, _, values) as first, second)) if _exactly(
            first, second
        ):
            return column, "=", _list(values, column)
        case typed.Or((typed.IsNull(column) as first, second)) if _empty(first, second):
            return column, "is empty", None
        case typed.And() | typed.Or() | typed.Not() | typed.Always():
            return None
        case typed.Exists() | typed.Every() | typed.Latest() | typed.Count():
            return None
        case _:
            assert_never(node)


def merged(node: typed.And | typed.Or) -> Iterator[typed.Predicate]:
    """The operands, those pairs in one that one operator says: `tags = […]`, `is empty`."""
    operands = node.operands
    at = 0
    while at < len(operands):
        pair = operands[at : at + 2]
        if len(pair) == 2:
            if isinstance(node, typed.And) and _exactly(*pair):
                yield typed.And(pair)
                at += 2
                continue
            if isinstance(node, typed.Or) and _empty(*pair):
                yield typed.Or(pair)
                at += 2
                continue
        yield operands[at]
        at += 1


def _exactly(first: typed.Predicate, second: typed.Predicate) -> bool:
    return (
        isinstance(first, typed.TagsMatch)
        and first.operator == "has all"
        and bool(first.values)
        and second == typed.TagsMatch(first.column, "within", first.values)
        and not _is_many(first.values[0])
    )


def _empty(first: typed.Predicate, second: typed.Predicate) -> bool:
    return isinstance(first, typed.IsNull) and second == typed.In(first.column, ("",))


# ── operators and operands ────────────────────────────────────────────────────


def _membership(column: typed.Column, values: tuple[typed.Value, ...]) -> tuple[str, ast.Operand]:
    if len(values) != 1:
        return "in", _list(values, column)
    value = values[0]
    match value:
        case typed.Range(low, high) if column.field.type is not Type.TIME and not (
            low is None or high is None
        ):
            return "between", ast.Between(scalar(low, column), scalar(high, column))
        case typed.Range():
            return "in", _range(value, column)
        case typed.Calendar() | typed.Rolling() | typed.Last() | typed.Next():
            return "in", scalar(value)
        case typed.Offset("today"):
            return "in", scalar(value)
        case typed.Parameter(many=True):
            return "in", scalar(value)
        case _:
            return "=", scalar(value, column)


def _tags(
    operator: typed.TagsOperator, values: tuple[str | typed.Parameter, ...]
) -> tuple[str, ast.Operand | None]:
    if operator == "within" and not values:
        return "is empty", None
    if len(values) == 1:
        if _is_many(values[0]):
            return operator, scalar(values[0])
        if operator == "has all":
            return "has", scalar(values[0])
    return operator, ast.Values(tuple(scalar(value) for value in values))


def _is_many(value: typed.Value) -> bool:
    return isinstance(value, typed.Parameter) and value.many


def _list(values: tuple[typed.Value, ...], column: typed.Column) -> ast.Values:
    return ast.Values(
        tuple(
            _range(value, column) if isinstance(value, typed.Range) else scalar(value, column)
            for value in values
        )
    )


def _range(value: typed.Range, column: typed.Column) -> ast.Range:
    return ast.Range(
        None if value.low is None else scalar(value.low, column),
        None if value.high is None else scalar(value.high, column),
    )


# ── names and values ──────────────────────────────────────────────────────────


def path_to(column: typed.Column, path: tuple[str, ...] = ()) -> ast.Path:
    """The path of a column of the row that another path ends at."""
    return ast.Path((*path, *column.field.name.split("."), *column.keys))


_READ_AS_OTHERS = re.compile(r"true|false|[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
"""What a bare word of a JSON field would be read as, if not as text."""


def scalar(
    value: typed.Point | typed.Last | typed.Next, column: typed.Column | None = None
) -> ast.Scalar:
    """One value as the column's type reads it."""
    match value:
        case typed.Parameter(name):
            return ast.Param(name)
        case str():
            in_json = column is not None and column.field.type is Type.JSON
            if in_json and _READ_AS_OTHERS.fullmatch(value):
                return ast.Quoted(value)
            return text_value(value)
        case bool():
            return ast.Word("true" if value else "false")
        case int() | float():
            words = column.field.words if column is not None else {}
            named = (word for word, number in words.items() if number == value)
            return ast.Word(next(named, repr(value)))
        case UUID():
            return ast.Word(str(value))
        case datetime():
            return ast.Word(instant(value))
        case timedelta():
            return ast.Word(duration(value))
        case typed.Relative(offset):
            return ast.Word(_relative(offset))
        case typed.Calendar(year, month, day):
            parts = (f"-{part:02}" for part in (month, day) if part is not None)
            return ast.Word(f"{year:04}{''.join(parts)}")
        case typed.Rolling():
            return ast.Word(_rolling(value))
        case typed.Offset(origin, sign, length):
            return ast.Param(length.name, lead=_LEADS[origin, sign])
        case typed.Last(length):
            return _stretch("last", length)
        case typed.Next(length):
            return _stretch("next", length)
        case _:
            assert_never(value)


def _stretch(word: Literal["last", "next"], length: timedelta | typed.Parameter) -> ast.Scalar:
    if isinstance(length, typed.Parameter):
        return ast.Param(length.name, lead=word)
    return ast.Word(f"{word} {duration(length)}")


_LEADS: dict[tuple[str, str], ast.Lead] = {
    ("now", "-"): "now -", ("now", "+"): "now +",
    ("today", "-"): "today -", ("today", "+"): "today +",
}  # fmt: skip


def _relative(offset: timedelta) -> str:
    if not offset:
        return "now"
    return f"now {'-' if offset < timedelta(0) else '+'} {duration(abs(offset))}"


_DAYS = {-1: "yesterday", 0: "today", 1: "tomorrow"}
_OFFSETS = {-1: "last", 0: "this", 1: "next"}


def _rolling(value: typed.Rolling) -> str:
    if value.unit == "day":
        sign = "-" if value.offset < 0 else "+"
        return _DAYS.get(value.offset) or f"today {sign} {abs(value.offset)}d"
    return f"{_OFFSETS[value.offset]} {value.unit}"
