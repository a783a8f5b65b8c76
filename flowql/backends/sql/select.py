"""The statement: what is selected, in which order, from which row to which."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sqlglot import exp

from flowql import typed
from flowql.backends.sql import nodes
from flowql.backends.sql.lower import Lowering, Row
from flowql.backends.sql.result import Unfit
from flowql.catalog import Type
from flowql.catalog.operators import is_single
from flowql.diagnostics.names import NotGroupable, NotSortable
from flowql.diagnostics.sql import SqlNameTooLong, SqlOffsetTooLarge
from flowql.diagnostics.values import OutOfRange
from flowql.limits import PAGE_SIZE

if TYPE_CHECKING:
    from flowql.source import Span

_INT64 = 2**63


def lower_query(query: typed.Query, lowering: Lowering) -> exp.Select:
    """The statement's tree; what is wrong goes to the lowering's problems."""
    row = Row(query.target, query.target.table)
    selected = _selected(query, row, lowering)
    if query.count:
        if query.distinct:
            select = exp.select(*selected, copy=False)
            return select.from_(_combinations(query, row, lowering), copy=False)
        return _from_rows(query, row, selected, lowering)
    keys = [_ordered(key, row, lowering) for key in _sort_keys(query)]
    if query.distinct:
        source = nodes.table(query.target.table, row.alias)
        first = _first_of_each(query, row, [key.copy() for key in keys], lowering)
        select = exp.select(*selected, copy=False).from_(source, copy=False)
        select = select.where(first, copy=False)
    else:
        select = _from_rows(query, row, selected, lowering)
    return _paged(query, select.order_by(*keys, copy=False), lowering)


def _from_rows(
    query: typed.Query, row: Row, selected: list[exp.Expr], lowering: Lowering
) -> exp.Select:
    """What is selected from the rows that the filter leaves."""
    source = nodes.table(query.target.table, row.alias)
    select = exp.select(*selected, copy=False).from_(source, copy=False)
    if query.filter == typed.TRUE:
        return select
    return select.where(nodes.every(lowering.filtered(query.filter, row)), copy=False)


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
    elif field.keys or field.joined or field.server:
        found = conditions.compared(column, row.alias, span)
    elif keys:
        found = lowering.dialect.json_shown(conditions.stored(field, row.alias), keys)
    else:
        found = conditions.stored(field, row.alias)
        if field.column == shown:
            return found
    return exp.Alias(this=found, alias=nodes.name(alias))


# ── one of each ───────────────────────────────────────────────────────────────


def _first_of_each(
    query: typed.Query, row: Row, keys: list[exp.Expr], lowering: Lowering
) -> exp.Expr:
    """The row is the first of those that it agrees with: its place among them is 1.

    Ids are looked up, so that the statement around keeps its columns and its order.
    """
    place = exp.Window(
        this=exp.RowNumber(),
        partition_by=_told_apart_by(query, row, lowering),
        order=exp.Order(expressions=keys),
    )
    shown = [nodes.column(row.alias, "id"), exp.Alias(this=place, alias=nodes.name("place"))]
    placed = _derived(_from_rows(query, row, shown, lowering), "placed")
    first = exp.select(nodes.column("placed", "id"), copy=False).from_(placed, copy=False)
    first = first.where(nodes.equal(nodes.column("placed", "place"), nodes.number(1)), copy=False)
    return exp.In(this=nodes.column(row.alias, "id"), query=exp.Subquery(this=first))


def _combinations(query: typed.Query, row: Row, lowering: Lowering) -> exp.Expr:
    """The combinations of values, as a table; null is one of them."""
    select = _from_rows(query, row, _told_apart_by(query, row, lowering), lowering)
    return _derived(select.distinct(copy=False), "each")


def _told_apart_by(query: typed.Query, row: Row, lowering: Lowering) -> list[exp.Expr]:
    span = query.span("distinct")
    for column in query.distinct:
        if not is_single(column.field):
            written = ".".join((column.field.name, *column.keys))
            problem = NotGroupable(span=span, field=written, type=column.field.type.value)
            lowering.problems.append(problem)
    return [lowering.conditions.compared(column, row.alias, span) for column in query.distinct]


def _derived(select: exp.Select, alias: str) -> exp.Expr:
    return exp.Subquery(this=select, alias=exp.TableAlias(this=nodes.name(alias)))


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
    if not is_single(field):
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
