"""SQLite, with Prefect's text forms of times, ids, intervals and JSON.

Lower case and LIKE fold ASCII letters only. JSON is read by json_each, whose keys
are compared as the texts they are: before SQLite 3.45 a path compares them as they
are escaped in storage, where Prefect writes é as \\u00e9.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, assert_never

from sqlglot import exp

from flowql import typed
from flowql.backends.sql.depth import WRITER, Depth
from flowql.backends.sql.dialect import (
    Dialect,
    Keys,
    Needle,
    Packed,
    Wanted,
    microseconds,
    utc_text,
)
from flowql.backends.sql.nodes import (
    call,
    called_table,
    cast,
    column,
    equal,
    every,
    exists,
    is_null,
    negated,
    number,
    one_of,
    text,
)
from flowql.catalog import Type

_MILLION = 1_000_000


# ── times ─────────────────────────────────────────────────────────────────────


def _time(value: datetime) -> exp.Expr:
    return text(utc_text(value))


def _duration(value: timedelta) -> exp.Expr:
    return number(microseconds(value))


def _since_1970(time: exp.Expr) -> exp.Expr:
    """A stored time or interval in microseconds: SQLite's own arithmetic keeps milliseconds."""
    seconds = call("STRFTIME", text("%s"), call("SUBSTR", time, number(1), number(19)))
    return exp.Add(
        this=exp.Mul(this=_integer(seconds), expression=number(_MILLION)),
        expression=_integer(call("SUBSTR", time.copy(), number(21))),
    )


def _difference(end: exp.Expr, start: exp.Expr) -> exp.Expr:
    return exp.Sub(this=_since_1970(end), expression=exp.Paren(this=_since_1970(start)))


def _shown_difference(end: exp.Expr, start: exp.Expr) -> exp.Expr:
    """In seconds, as Prefect's API gives durations; exact up to 285 years."""
    return exp.Div(
        this=exp.Paren(this=_difference(end, start)), expression=exp.Literal.number("1000000.0")
    )


def _integer(value: exp.Expr) -> exp.Expr:
    return cast(value, "bigint")


# ── lists ─────────────────────────────────────────────────────────────────────


def _pack(values: list[object]) -> str:
    return json.dumps(values, ensure_ascii=False)


def _packed(values: Sequence[typed.Plain], kind: Type) -> exp.Expr:
    form = _BOUND.get(kind)
    return text(_pack(list(values) if form is None else [form(value) for value in values]))


def _one_of_packed(value: exp.Expr, array: exp.Expr) -> exp.Expr:
    return exp.In(this=value, query=exp.Subquery(this=_items(array, "listed")))


def _items(array: exp.Expr, alias: str) -> exp.Select:
    return _from(_elements(array, alias), column(alias, "value"))


def _elements(array: exp.Expr, alias: str) -> exp.Expr:
    return called_table("JSON_EACH", array, alias)


def _from(source: exp.Expr, *shown: exp.Expr) -> exp.Select:
    return exp.select(*(shown or [number(1)]), copy=False).from_(source, copy=False)


def _in(value: exp.Expr, wanted: Wanted) -> exp.Expr:
    if isinstance(wanted, Packed):
        return _one_of_packed(value, wanted.array)
    return one_of(value, wanted)


# ── tags ──────────────────────────────────────────────────────────────────────


def _some_tag(tags: exp.Expr, condition: exp.Expr | None) -> exp.Expr:
    select = _from(_elements(tags, "own"))
    return exists(select if condition is None else select.where(condition, copy=False))


def _has_any(tags: exp.Expr, wanted: Wanted) -> exp.Expr:
    return _some_tag(tags, _in(column("own", "value"), wanted))


def _has_all(tags: exp.Expr, wanted: Wanted) -> exp.Expr:
    if isinstance(wanted, Packed):
        missing = negated(_one_of_packed_of(column("wanted", "value"), tags))
        select = _from(_elements(wanted.array, "wanted")).where(missing, copy=False)
        return negated(exists(select))
    return every([_has_any(tags.copy(), [tag]) for tag in wanted])


def _one_of_packed_of(value: exp.Expr, tags: exp.Expr) -> exp.Expr:
    return exp.In(this=value, query=exp.Subquery(this=_items(tags, "own")))


def _within(tags: exp.Expr, wanted: Wanted) -> exp.Expr:
    if wanted == []:
        return negated(_some_tag(tags, None))
    return negated(_some_tag(tags, negated(_in(column("own", "value"), wanted))))


# ── text ──────────────────────────────────────────────────────────────────────


def _text_match(operator: typed.TextOperator, own: exp.Expr, needle: Needle) -> exp.Expr:
    match operator:
        case "contains":
            return exp.GT(this=_place_of(own, needle), expression=number(0))
        case "starts with":
            return equal(_place_of(own, needle), number(1))
        case "ends with":
            length = call("LENGTH", needle(str))
            last = call("SUBSTR", own, exp.Neg(this=length), call("LENGTH", needle(str)))
            return equal(call("LOWER", last), call("LOWER", needle(str)))
        case "like":
            return exp.Like(this=own, expression=needle(str))
        case "matches":
            raise AssertionError("SQLite has no regular expressions")
        case _:
            assert_never(operator)


def _place_of(own: exp.Expr, needle: Needle) -> exp.Expr:
    return call("INSTR", call("LOWER", own), call("LOWER", needle(str)))


# ── JSON ──────────────────────────────────────────────────────────────────────

_TYPES = {
    Type.TEXT: ("text",),
    Type.INTEGER: ("integer", "real"),
    Type.BOOLEAN: ("true", "false"),
}


def _reached(document: exp.Expr, keys: Keys, shown: exp.Expr, *conditions: exp.Expr) -> exp.Expr:
    """A subquery for what the keys lead to: its row of json_each is the last, `key_n`."""
    select = _from(_elements(document, "key_1"), shown)
    found = [equal(column("key_1", "key"), text(keys[0]))]
    for depth, key in enumerate(keys[1:], 2):
        before = f"key_{depth - 1}"
        inside = exp.Case(
            ifs=[
                exp.If(
                    this=equal(column(before, "type"), text("object")),
                    true=column(before, "value"),
                )
            ]
        )
        select = select.join(_elements(inside, f"key_{depth}"), join_type="cross", copy=False)
        found.append(equal(column(f"key_{depth}", "key"), text(key)))
    return exp.Subquery(this=select.where(every([*found, *conditions]), copy=False))


def _json_value(document: exp.Expr, keys: Keys, kind: Type) -> exp.Expr:
    if not keys:
        whole = call("JSON_EXTRACT", document, text("$"))
        types = [text(name) for name in _TYPES[kind]]
        typed_so = one_of(call("JSON_TYPE", document.copy()), types)
        return exp.Case(ifs=[exp.If(this=typed_so, true=whole)])
    last = f"key_{len(keys)}"
    typed_so = one_of(column(last, "type"), [text(name) for name in _TYPES[kind]])
    return _reached(document, keys, column(last, "value"), typed_so)


def _json_is_null(document: exp.Expr, keys: Keys) -> exp.Expr:
    if not keys:
        kind = call("JSON_TYPE", document)
        return equal(exp.Coalesce(this=kind, expressions=[text("null")]), text("null"))
    last = f"key_{len(keys)}"
    some = exp.NEQ(this=column(last, "type"), expression=text("null"))
    return is_null(_reached(document, keys, number(1), some))


def _json_shown(document: exp.Expr, keys: Keys) -> exp.Expr:
    last = f"key_{len(keys)}"
    as_it_is = ("object", "array")
    shown = exp.Case(
        ifs=[
            exp.If(
                this=one_of(column(last, "type"), [text(kind) for kind in as_it_is]),
                true=column(last, "value"),
            ),
            exp.If(
                this=one_of(column(last, "type"), [text(kind) for kind in _TYPES[Type.BOOLEAN]]),
                true=column(last, "type"),
            ),
        ],
        default=call("JSON_QUOTE", column(last, "value")),
    )
    return _reached(document, keys, shown)


# ── the dialect ───────────────────────────────────────────────────────────────


def _whole(value: int | float) -> int | float:
    """Integers have 64 bits; beyond them, a float is on the same side of every integer."""
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return float(value)
    return value


_BOUND: dict[Type, Callable[[Any], object]] = {
    Type.UUID: str,
    Type.TIME: utc_text,
    Type.DURATION: microseconds,
    Type.BOOLEAN: int,
    Type.INTEGER: _whole,
}

_PARSER = Depth(
    most=90,
    node=4,
    nodes={
        exp.Paren: 1,
        exp.Not: 1,
        exp.Neg: 1,
        exp.Subquery: 1,
        exp.If: 1,
        exp.Where: 0,
        exp.Exists: 2,
        exp.Select: 5,
    },
    right=2,
)
"""Symbols on the parser's stack, of which it has 100 (SQLite 3.46 lets it grow)."""

_HEIGHT = Depth(most=900, left=1)
"""SQLite's own bound on the height of an expression is 1,000."""

DIALECT = Dialect(
    name="sqlite",
    aliases=("sqlite3",),
    writer="sqlite",
    max_params=32_766,
    max_pattern=50_000,
    depths=(WRITER, _PARSER, _HEIGHT),
    bound=_BOUND,
    time=_time,
    duration=_duration,
    pack=_pack,
    packed_parameter=lambda parameter, kind: parameter,
    packed=_packed,
    one_of_packed=_one_of_packed,
    nulls="small",
    stored_duration=_since_1970,
    difference=_difference,
    shown_difference=_shown_difference,
    text_match=_text_match,
    has_all=_has_all,
    has_any=_has_any,
    within=_within,
    elements=_elements,
    json_value=_json_value,
    json_is_null=_json_is_null,
    json_shown=_json_shown,
)
