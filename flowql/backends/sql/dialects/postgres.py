"""PostgreSQL 14 or newer, with jsonb, timestamptz, interval and Prefect's enum types.

Parameters are psycopg's. Tags are asked with the operators that a GIN index serves.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from sqlglot import exp

from flowql import typed
from flowql.backends.sql.depth import WRITER, Depth
from flowql.backends.sql.dialect import Dialect, Keys, Packed, Wanted, utc_text
from flowql.backends.sql.nodes import call, cast, equal, is_null, some, text
from flowql.catalog import Type
from flowql.regex import Regex

_ARRAYS = {
    Type.TEXT: "text[]",
    Type.TAGS: "text[]",
    Type.UUID: "uuid[]",
    Type.INTEGER: "decimal[]",
    Type.TIME: "timestamptz[]",
    Type.DURATION: "interval[]",
    Type.BOOLEAN: "boolean[]",
}
"""An array of enums is left without a cast, because PostgreSQL finds the enum's own type."""


def _interval(value: timedelta) -> str:
    return f"{value.days} days {value.seconds} seconds {value.microseconds} microseconds"


def _duration(value: timedelta) -> exp.Expr:
    return cast(text(_interval(value)), "interval")


def _difference(end: exp.Expr, start: exp.Expr) -> exp.Expr:
    return exp.Sub(this=end, expression=start)


def _number(value: int | float) -> int | Decimal:
    """A float would make PostgreSQL compare as floats, which keep 53 bits of an integer."""
    return Decimal(repr(value)) if isinstance(value, float) else value


# ── lists ─────────────────────────────────────────────────────────────────────


def _array(values: exp.Expr, kind: Type) -> exp.Expr:
    return cast(values, _ARRAYS[kind]) if kind in _ARRAYS else values


def _pack(values: list[object]) -> list[object]:
    """psycopg takes lists of one type only."""
    if any(isinstance(value, Decimal) for value in values):
        return [Decimal(value) if isinstance(value, int) else value for value in values]
    return values


def _packed(values: Sequence[typed.Plain], kind: Type) -> exp.Expr:
    return _array(text("{" + ",".join(map(_item, values)) + "}"), kind)


def _item(value: typed.Plain) -> str:
    match value:
        case datetime():
            shown = f"{utc_text(value)}+00:00"
        case timedelta():
            shown = _interval(value)
        case _:
            shown = str(value)
    return '"' + shown.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _one_of_packed(value: exp.Expr, array: exp.Expr) -> exp.Expr:
    return equal(value, exp.Any(this=exp.Paren(this=array)))


# ── tags ──────────────────────────────────────────────────────────────────────


def _texts(wanted: Wanted) -> exp.Expr:
    if isinstance(wanted, Packed):
        return wanted.array
    return _array(exp.Array(expressions=wanted), Type.TEXT)


def _has_all(tags: exp.Expr, wanted: Wanted) -> exp.Expr:
    return exp.JSONBContainsAllTopKeys(this=tags, expression=_texts(wanted))


def _has_any(tags: exp.Expr, wanted: Wanted) -> exp.Expr:
    return exp.JSONBContainsAnyTopKeys(this=tags, expression=_texts(wanted))


def _within(tags: exp.Expr, wanted: Wanted) -> exp.Expr:
    return exp.ArrayContainedBy(this=tags, expression=call("TO_JSONB", _texts(wanted)))


def _elements(tags: exp.Expr, alias: str) -> exp.Expr:
    return exp.Table(
        this=call("JSONB_ARRAY_ELEMENTS_TEXT", tags),
        alias=exp.TableAlias(
            this=exp.to_identifier(alias, quoted=True),
            columns=[exp.to_identifier("value", quoted=True)],
        ),
    )


# ── JSON ──────────────────────────────────────────────────────────────────────

_TYPES = {Type.TEXT: "string", Type.INTEGER: "number", Type.BOOLEAN: "boolean"}


def _reached(document: exp.Expr, keys: Keys) -> exp.Expr:
    """What the keys lead to; `->` with a text finds nothing in an array."""
    for key in keys:
        document = exp.JSONExtract(this=document, expression=text(key))
    return document


def _reached_text(document: exp.Expr, keys: Keys) -> exp.Expr:
    if not keys:
        return exp.JSONBExtractScalar(this=document, expression=text("{}"))
    inside = _reached(document, keys[:-1])
    return exp.JSONExtractScalar(this=inside, expression=text(keys[-1]))


def _json_value(document: exp.Expr, keys: Keys, kind: Type) -> exp.Expr:
    found = _reached_text(document, keys)
    if kind is Type.INTEGER:
        found = cast(found, "decimal")
    elif kind is Type.BOOLEAN:
        found = cast(found, "boolean")
    # CASE asks for the type first, so that no other value is cast.
    stored = call("JSONB_TYPEOF", _reached(document.copy(), keys))
    return exp.Case(ifs=[exp.If(this=equal(stored, text(_TYPES[kind])), true=found)])


def _json_is_null(document: exp.Expr, keys: Keys) -> exp.Expr:
    if keys:
        return is_null(_reached_text(document, keys))
    null = cast(text("null"), "jsonb")
    return some([is_null(document), equal(document.copy(), null)])


_PLANNER = Depth(most=14, node=0, nodes={exp.Exists: 1}, right=0)
"""EXISTS beside an OR is planned in two ways, and so is what is in it: twenty are a million."""

DIALECT = Dialect(
    name="postgres",
    aliases=("postgresql", "pg"),
    writer="postgres",
    max_params=65_535,
    max_name=63,
    # For each arm of an OR that an index serves it keeps all conditions beside it: with a
    # thousand of either, gigabytes.
    max_conditions=200,
    depths=(WRITER, _PLANNER),
    percent_doubled=True,
    bound={Type.INTEGER: _number},
    duration=_duration,
    pack=_pack,
    packed_parameter=_array,
    packed=_packed,
    one_of_packed=_one_of_packed,
    nulls="large",
    enum_types=True,
    wide_integer="decimal",
    difference=_difference,
    shown_difference=_difference,
    regex=Regex.spell_postgres,
    has_all=_has_all,
    has_any=_has_any,
    within=_within,
    elements=_elements,
    plain_json=lambda column: cast(column, "jsonb"),
    json_value=_json_value,
    json_is_null=_json_is_null,
    json_shown=_reached,
)
