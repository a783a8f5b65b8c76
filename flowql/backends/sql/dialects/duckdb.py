"""DuckDB, with TIMESTAMPTZ, UUID and INTERVAL columns, tags and JSON as text.

Durations are compared in microseconds: the difference of two TIMESTAMPTZ is taken
by the calendar of the session's time zone there, where a day may have 23 hours.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlglot import exp

from flowql import typed
from flowql.backends.sql.depth import WRITER, Depth
from flowql.backends.sql.dialect import Dialect, Keys, Packed, Wanted, microseconds, utc_text
from flowql.backends.sql.nodes import (
    call,
    cast,
    column,
    equal,
    exists,
    is_null,
    name,
    negated,
    number,
    one_of,
    text,
    try_cast,
)
from flowql.catalog import Type
from flowql.regex import Regex

_ARRAYS = {
    Type.UUID: "uuid[]",
    Type.TIME: "timestamptz[]",
    Type.DURATION: "bigint[]",
    Type.BOOLEAN: "boolean[]",
}


# ── times ─────────────────────────────────────────────────────────────────────


def _duration(value: timedelta) -> exp.Expr:
    return number(microseconds(value))


def _microseconds(value: exp.Expr) -> exp.Expr:
    return call("EPOCH_US", value)


def _difference(end: exp.Expr, start: exp.Expr) -> exp.Expr:
    return exp.Sub(this=_microseconds(end), expression=_microseconds(start))


def _shown_difference(end: exp.Expr, start: exp.Expr) -> exp.Expr:
    return call("TO_MICROSECONDS", _difference(end, start))


# ── lists ─────────────────────────────────────────────────────────────────────


def _array(values: exp.Expr, kind: Type) -> exp.Expr:
    return cast(values, _ARRAYS.get(kind, "varchar[]"))


def _packed_parameter(parameter: exp.Expr, kind: Type) -> exp.Expr:
    # A list of numbers has the type of its items, since a cast would round or lose digits.
    return parameter if kind is Type.INTEGER else _array(parameter, kind)


def _packed(values: Sequence[typed.Plain], kind: Type) -> exp.Expr:
    # A text is read as JSON before it is read as a list: the direct cast corrupts escapes.
    listed = cast(text(json.dumps([_item(value) for value in values])), "json")
    texts = _array(listed, Type.TEXT)
    if kind is Type.INTEGER:
        whole = all(isinstance(value, int) for value in values)
        return cast(texts, "bigint[]" if whole else "double[]")
    return _array(texts, kind) if kind in _ARRAYS else texts


def _item(value: typed.Plain) -> str:
    match value:
        case datetime():
            return f"{utc_text(value)}+00:00"
        case timedelta():
            return str(microseconds(value))
        case _:
            return str(value)


def _one_of_packed(value: exp.Expr, array: exp.Expr) -> exp.Expr:
    return exp.In(this=value, query=exp.Subquery(this=exp.select(call("UNNEST", array))))


# ── tags ──────────────────────────────────────────────────────────────────────


def _texts(wanted: Wanted) -> exp.Expr:
    if isinstance(wanted, Packed):
        return wanted.array
    return _array(exp.Array(expressions=wanted), Type.TEXT)


def _tags(stored: exp.Expr) -> exp.Expr:
    listed = exp.Coalesce(this=stored, expressions=[text("[]")])
    return _array(cast(listed, "json"), Type.TEXT)


def _has_all(tags: exp.Expr, wanted: Wanted) -> exp.Expr:
    return call("LIST_HAS_ALL", _tags(tags), _texts(wanted))


def _has_any(tags: exp.Expr, wanted: Wanted) -> exp.Expr:
    return call("LIST_HAS_ANY", _tags(tags), _texts(wanted))


def _within(tags: exp.Expr, wanted: Wanted) -> exp.Expr:
    if isinstance(wanted, Packed):
        # LIST_HAS_ALL would read the long list anew for each row.
        other = negated(_one_of_packed(column("own", "value"), wanted.array))
        own = exp.select(number(1)).from_(_elements(tags, "own"), copy=False)
        return negated(exists(own.where(other, copy=False)))
    return call("LIST_HAS_ALL", _texts(wanted), _tags(tags))


def _elements(tags: exp.Expr, alias: str) -> exp.Expr:
    return exp.Unnest(
        expressions=[_tags(tags)],
        alias=exp.TableAlias(this=name(alias), columns=[name("value")]),
    )


# ── JSON ──────────────────────────────────────────────────────────────────────

_TYPES = {
    Type.TEXT: ("VARCHAR",),
    Type.INTEGER: ("BIGINT", "UBIGINT", "DOUBLE"),
    Type.BOOLEAN: ("BOOLEAN",),
}


def _pointer(keys: Keys) -> exp.Expr:
    """A JSON pointer, in which every key but `~` and `/` stands as it is."""
    return text("".join("/" + key.replace("~", "~0").replace("/", "~1") for key in keys))


def _objects(document: exp.Expr, keys: Keys) -> exp.Expr:
    """The document, unless a number among the keys would lead into an array."""
    for depth, key in enumerate(keys):
        if key.isdigit():
            inside = call("JSON_TYPE", document, _pointer(keys[:depth]))
            is_object = equal(inside, text("OBJECT"))
            document = exp.Case(ifs=[exp.If(this=is_object, true=document.copy())])
    return document


def _type(document: exp.Expr, keys: Keys) -> exp.Expr:
    return call("JSON_TYPE", _objects(document, keys), _pointer(keys))


def _text(document: exp.Expr, keys: Keys) -> exp.Expr:
    return call("JSON_EXTRACT_STRING", _objects(document, keys), _pointer(keys))


def _json_value(document: exp.Expr, keys: Keys, kind: Type) -> exp.Expr:
    found = _text(document, keys)
    if kind is Type.INTEGER:
        found = try_cast(found, "double")
    elif kind is Type.BOOLEAN:
        found = try_cast(found, "boolean")
    return _case(document, keys, _TYPES[kind], found)


def _json_integer(document: exp.Expr, keys: Keys) -> exp.Expr:
    found = try_cast(_text(document, keys), "int128")
    return _case(document, keys, ("BIGINT", "UBIGINT"), found)


def _case(document: exp.Expr, keys: Keys, types: tuple[str, ...], found: exp.Expr) -> exp.Expr:
    stored = one_of(_type(document.copy(), keys), [text(kind) for kind in types])
    return exp.Case(ifs=[exp.If(this=stored, true=found)])


def _json_is_null(document: exp.Expr, keys: Keys) -> exp.Expr:
    return is_null(_text(document, keys))


def _json_shown(document: exp.Expr, keys: Keys) -> exp.Expr:
    return call("JSON_EXTRACT", _objects(document, keys), _pointer(keys))


_PLANNER = Depth(most=16, node=0, nodes={exp.Select: 1}, right=0)
"""Correlated subqueries are flattened level by level, each slower than the one around it."""

DIALECT = Dialect(
    name="duckdb",
    writer="duckdb",
    max_params=65_535,
    # Memory and time grow with their square: two thousand take gigabytes.
    max_conditions=200,
    depths=(WRITER, _PLANNER),
    bound={Type.DURATION: microseconds},
    duration=_duration,
    packed_parameter=_packed_parameter,
    packed=_packed,
    one_of_packed=_one_of_packed,
    nulls="last",
    wide_integer="int128",
    stored_duration=_microseconds,
    difference=_difference,
    shown_difference=_shown_difference,
    regex=Regex.spell_re2,
    has_all=_has_all,
    has_any=_has_any,
    within=_within,
    elements=_elements,
    json_value=_json_value,
    json_integer=_json_integer,
    json_is_null=_json_is_null,
    json_shown=_json_shown,
)
