"""The statement: what is selected, in which order, from which row to which."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sqlglot import exp

from flowql import typed
from flowql.backends.sql import nodes
from flowql.backends.sql.lower import Lowering, Row
from flowql.backends.sql.result import Unfit
from flowql.catalog import Type
from flowql.diagnostics.names import NotSortable
from flowql.diagnostics.sql import SqlNameTooLong, SqlOffsetTooLarge
from flowql.diagnostics.values import OutOfRange
from flowql.limits import PAGE_SIZE

if TYPE_CHECKING:
    from flowql.source import Span

_INT64 = 2**63


def lower_query(query: typed.Query, lowering: Lowering) -> exp.Select:
    """The statement's tree; what is wrong goes to the lowering's problems."""
    row = Row(query.target, query.target.table)
    source = nodes.table(query.target.table, row.alias)
    select = exp.select(*_selected(query, row, lowering), copy=False).from_(source, copy=False)
    if query.filter != typed.TRUE:
        select = select.where(nodes.every(lowering.filtered(query.filter, row)), copy=False)
    if query.count:
        return select
    keys = [_ordered(key, row, lowering) for key in _sort_keys(query)]
    return _paged(query, select.order_by(*keys, copy=False), lowering)


# ── columns ───────────────────────────────────────────────────────────────────


def _selected(query: typed.Query, row: Row, lowering: Lowering) -> list[exp.Expr]:
    if query.count:
        return [exp.Alias(this=exp.Count(this=exp.Star()), alias=nodes.name("count"))]
    if query.select is None:
        return [exp.Column(this=exp.Star(), table=nodes.name(row.alias))]
    span = query.span("select")
    return [_shown(column, row, lowering, span) for column in query.select]


def _shown(column: typed.Column, row: Row, lowering: Lowering, span: Span | None) -> exp.Expr:
    """A column as it is stored, under the name that a text writes."""
    field = column.field
    shown = ".".join((field.name, *column.keys))
    limit = lowering.dialect.max_name
    if limit is not None and len(shown.encode(errors="replace")) > limit:
        problem = SqlNameTooLong(span=span, dialect=lowering.dialect.name, name=shown, limit=limit)
        lowering.problems.append(problem)
    alias = lowering.values.own(shown, span)
    conditions = lowering.conditions
    keys = conditions.keys(column, span)
    if field.difference is not None:
        ends = (nodes.column(row.alias, name) for name in field.difference)
        found = lowering.dialect.shown_difference(*ends)
    elif field.keys:
        found = conditions.compared(column, row.alias, span)
    elif keys:
        found = lowering.dialect.json_shown(conditions.stored(field, row.alias), keys)
    else:
        found = conditions.stored(field, row.alias)
        if field.column == shown:
            return found
    return exp.Alias(this=found, alias=nodes.name(alias))


# ── order ─────────────────────────────────────────────────────────────────────


def _sort_keys(query: typed.Query) -> list[typed.SortKey]:
    """The keys that were asked for, or the entity's own; the id settles what they leave open."""
    entity = query.target
    keys = list(query.sort)
    if not keys:
        default = entity.default_sort
        column = typed.Column(entity.by_name[default.field])
        keys = [typed.SortKey(column, default.descending)]
    ids = typed.Column(entity.by_name["id"])
    if all(key.column != ids for key in keys):
        keys.append(typed.SortKey(ids, descending=True))
    return keys


def _ordered(key: typed.SortKey, row: Row, lowering: Lowering) -> exp.Expr:
    field = key.column.field
    if field.type in (Type.TAGS, Type.JSON):
        written = ".".join((field.name, *key.column.keys))
        problem = NotSortable(span=key.span, field=written, type=field.type.value)
        lowering.problems.append(problem)
    value = lowering.conditions.compared(key.column, row.alias, key.span)
    if field.type is Type.ENUM and lowering.dialect.enum_types:
        # An enum sorts by its declaration there, and by its labels everywhere else.
        value = nodes.cast(value, "text")
    # sqlglot writes where nulls stand only if that is not the dialect's own way.
    return exp.Ordered(
        this=value,
        desc=key.descending,
        nulls_first=_nulls_first(key, lowering.dialect.nulls),
    )


def _nulls_first(key: typed.SortKey, nulls: Literal["small", "large", "last"]) -> bool:
    if key.nulls is not None:
        return key.nulls == "first"
    return nulls != "last" and (nulls == "large") == key.descending


# ── pages ─────────────────────────────────────────────────────────────────────


def _paged(query: typed.Query, select: exp.Select, lowering: Lowering) -> exp.Select:
    limit = query.limit
    if query.page is not None and limit is None:
        limit = PAGE_SIZE
    if limit is not None:
        select = select.limit(_number(limit, 0, query.span("limit"), lowering), copy=False)
    offset = _offset(query, limit, lowering)
    return select if offset is None else select.offset(offset, copy=False)


def _offset(
    query: typed.Query, limit: int | typed.Parameter | None, lowering: Lowering
) -> exp.Expr | None:
    page, span = query.page, query.span("page")
    if page is None:
        if query.offset is None:
            return None
        return _number(query.offset, 0, query.span("offset"), lowering)
    assert limit is not None
    if isinstance(page, int) and isinstance(limit, int):
        offset = (page - 1) * limit
        if offset >= _INT64:
            lowering.problems.append(SqlOffsetTooLarge(span=span, offset=offset))
            return None
        return _number(offset, 0, span, lowering) if offset else None
    # Drivers send small numbers as small types, whose product would overflow.
    before = exp.Sub(
        this=nodes.cast(_number(page, 1, span, lowering), "bigint"),
        expression=nodes.number(1),
    )
    size = nodes.cast(_number(limit, 0, query.span("limit"), lowering), "bigint")
    return exp.Mul(this=exp.Paren(this=before), expression=size)


def _number(
    value: int | typed.Parameter, least: int, span: Span | None, lowering: Lowering
) -> exp.Expr:
    if isinstance(value, int) and value >= _INT64:
        problem = OutOfRange(span=span, value=str(value), bounds="numbers have 64 bits")
        lowering.problems.append(problem)
    # Two parameters are multiplied at most, and that stays within 64 bits.
    most = 2**31

    def whole(given: int | float) -> int:
        if isinstance(given, int) and least <= given <= most:
            return given
        raise Unfit(f"a whole number from {least} to {most}")

    form = whole if isinstance(value, typed.Parameter) else None
    return lowering.values.one(value, Type.INTEGER, span, form)
