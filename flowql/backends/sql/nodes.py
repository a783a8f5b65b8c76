"""Small trees that every part of the SQL back end builds from."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from sqlglot import exp

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

GROUP = 24
"""Operands of one chain of ANDs or ORs; more are grouped by parentheses.

A chain is as deep as it is long to SQLite, which stops at 1,000; groups of groups
of 24 keep a million operands within five times as many levels.
"""


def text(value: str) -> exp.Expr:
    """A string literal."""
    return exp.Literal(this=value, is_string=True)


def number(value: int | float) -> exp.Expr:
    """A numeric literal; the number is finite."""
    return exp.Literal.number(value)


def name(value: str) -> exp.Identifier:
    """A quoted identifier."""
    return exp.Identifier(this=value, quoted=True)


def column(alias: str, value: str) -> exp.Expr:
    """A column, qualified by the alias of its row."""
    return exp.Column(this=name(value), table=name(alias))


def table(value: str, alias: str) -> exp.Expr:
    """A table under an alias, which is left out where it is the table's own name."""
    if alias == value:
        return exp.Table(this=name(value))
    return exp.Table(this=name(value), alias=exp.TableAlias(this=name(alias)))


def call(function: str, *arguments: exp.Expr) -> exp.Expr:
    """A function call, as it stands."""
    return exp.Anonymous(this=function, expressions=list(arguments))


def called_table(function: str, argument: exp.Expr, alias: str) -> exp.Expr:
    """A function call as a table of a FROM clause."""
    return exp.Table(this=call(function, argument), alias=exp.TableAlias(this=name(alias)))


def cast(value: exp.Expr, kind: str) -> exp.Expr:
    """A cast; `exp.cast` leaves out one from an array to another type of array."""
    return exp.Cast(this=value, to=_type(kind).copy())


def try_cast(value: exp.Expr, kind: str) -> exp.Expr:
    """A cast that gives null where it fails."""
    return exp.TryCast(this=value, to=_type(kind).copy())


@cache
def _type(name: str) -> exp.DataType:
    return exp.DataType.build(name)


def is_null(value: exp.Expr) -> exp.Expr:
    return exp.Is(this=value, expression=exp.Null())


def equal(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    return exp.EQ(this=left, expression=right)


def one_of(value: exp.Expr, options: Sequence[exp.Expr]) -> exp.Expr:
    """The value is one of some options; there is at least one."""
    if len(options) == 1:
        return equal(value, options[0])
    return exp.In(this=value, expressions=list(options))


def exists(select: exp.Select) -> exp.Expr:
    return exp.Exists(this=select)


def every(conditions: Sequence[exp.Expr]) -> exp.Expr:
    """The conjunction of some conditions; of none it is true."""
    grouped = _grouped(conditions, exp.and_)
    return exp.and_(*grouped, copy=False) if grouped else exp.true()


def some(conditions: Sequence[exp.Expr]) -> exp.Expr:
    """The disjunction of some conditions; of none it is false."""
    grouped = _grouped(conditions, exp.or_)
    return exp.or_(*grouped, copy=False) if grouped else exp.false()


def _grouped(
    conditions: Sequence[exp.Expr], connect: Callable[..., exp.Expr]
) -> Sequence[exp.Expr]:
    while len(conditions) > GROUP:
        conditions = [
            connect(*conditions[at : at + GROUP], copy=False)
            for at in range(0, len(conditions), GROUP)
        ]
    return conditions


def negated(condition: exp.Expr) -> exp.Expr:
    return exp.not_(condition, copy=False)
