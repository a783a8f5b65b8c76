"""Scopes as lists of keys: subqueries that stand by themselves, for engines that want such.

A row has a related one if its key is among those of the related rows. Keys that are null are
in no list and asked of none, so that no comparison is unknown. Of numbers, a list has the keys
whose rows are as many; zero is what no list has.
"""

from __future__ import annotations

from typing import assert_never

from sqlglot import exp

from flowql import typed
from flowql.backends.sql import nodes
from flowql.backends.sql.conditions import never_unknown
from flowql.backends.sql.lower import COUNTS, Lowering, Row, fraction, settled, times, where
from flowql.catalog import Relation, Type, entities

_HOLDS = {
    "=": lambda a, b: a == b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def scope(lowering: Lowering, node: typed.Scope, row: Row) -> exp.Expr:
    """A condition on rows related to the row in hand."""
    match node:
        case typed.Exists(relation, inner):
            ends, select, key, conditions = _path(lowering, (relation,), row)
            if inner != typed.TRUE:
                conditions.extend(lowering.filtered(inner, ends))
            return _among(lowering, relation, row, _keys(select, key, conditions))
        case typed.Every(relation, inner):
            ends, select, key, conditions = _path(lowering, (relation,), row)
            holds = lowering.predicate(inner, ends)
            if not never_unknown(inner) or lowering.is_large(inner):
                holds = settled(holds)
            conditions.append(nodes.negated(holds))
            others = _among(lowering, relation, row, _keys(select, key, conditions))
            return nodes.negated(others)
        case typed.Latest(path, inner):
            return _latest(lowering, path, inner, row)
        case typed.Count(counted, _, typed.Share()):
            return _share(lowering, node, counted, row)
        case typed.Count():
            return _count(lowering, node, row)
        case _:
            assert_never(node)


# ── keys ──────────────────────────────────────────────────────────────────────


def _local(lowering: Lowering, relation: Relation, row: Row) -> str:
    """The column of the row in hand whose values the keys are."""
    return "id" if relation.elements else relation.local


def _path(
    lowering: Lowering, path: tuple[Relation, ...], row: Row
) -> tuple[Row, exp.Select, exp.Expr, list[exp.Expr]]:
    """The row at the end of a path, a SELECT of nothing yet from it, the key, and its condition."""
    first, *others = path
    if first.elements:
        # The rows in hand once more, each beside its elements.
        at = lowering.again(row.entity)
        key = nodes.column(at.alias, "id")
        select = exp.Select().from_(nodes.table(at.entity.table, at.alias), copy=False)
        others = list(path)
        conditions: list[exp.Expr] = []
    else:
        at = lowering.again(entities()[first.target])
        lowering.stored(at.entity)
        key = nodes.column(at.alias, first.remote)
        select = exp.Select().from_(nodes.table(at.entity.table, at.alias), copy=False)
        conditions = [] if first.remote == "id" else [nodes.negated(nodes.is_null(key.copy()))]
    for relation in others:
        at, source, joins = lowering.related(relation, at)
        select = _joined(select, source, joins)
    return at, select, key, conditions


def _keys(select: exp.Select, key: exp.Expr, conditions: list[exp.Expr]) -> exp.Select:
    return where(select.select(key, copy=False), conditions)


def _among(lowering: Lowering, relation: Relation, row: Row, keys: exp.Select) -> exp.Expr:
    """Whether the row's key is in a list; false where it has none."""
    local = _local(lowering, relation, row)
    own = nodes.column(row.alias, local)
    found = exp.In(this=own, query=exp.Subquery(this=keys))
    if local == "id":
        return found
    return nodes.every([nodes.negated(nodes.is_null(own.copy())), found])


# ── the latest, and numbers ───────────────────────────────────────────────────


def _latest(
    lowering: Lowering, path: tuple[Relation, ...], inner: typed.Predicate, row: Row
) -> exp.Expr:
    """The rows whose key has a run in the first place that is as asked."""
    end, select, key, conditions = _path(lowering, path, row)
    started = nodes.column(end.alias, "start_time")
    ids = nodes.column(end.alias, "id")
    conditions.append(nodes.negated(nodes.is_null(started)))
    order = [lowering.descending(started.copy()), lowering.descending(ids.copy())]
    place = exp.Window(
        this=exp.RowNumber(),
        partition_by=[key.copy()],
        order=exp.Order(expressions=order),
    )
    shown = [
        exp.Alias(this=key, alias=nodes.name("key")),
        exp.Alias(this=ids, alias=nodes.name("id")),
        exp.Alias(this=place, alias=nodes.name("place")),
    ]
    placed = where(select.select(*shown, copy=False), conditions)
    table = exp.Subquery(this=placed, alias=exp.TableAlias(this=nodes.name("placed")))
    found = [nodes.equal(nodes.column("placed", "place"), nodes.number(1))]
    if inner != typed.TRUE:
        latest = lowering.again(end.entity)
        source = nodes.table(latest.entity.table, latest.alias)
        so = exp.select(nodes.column(latest.alias, "id"), copy=False).from_(source, copy=False)
        so = where(so, lowering.filtered(inner, latest))
        found.append(exp.In(this=nodes.column("placed", "id"), query=exp.Subquery(this=so)))
    keys = exp.select(nodes.column("placed", "key"), copy=False).from_(table, copy=False)
    return _among(lowering, path[0], row, where(keys, found))


def _count(lowering: Lowering, node: typed.Count, row: Row) -> exp.Expr:
    """Keys with as many rows, or none where none is as many."""
    comparison = COUNTS[node.operator]
    counted, bound = node.counted, node.bound
    assert not isinstance(bound, typed.Share)
    grouped = _grouped(lowering, counted, row)
    limit = lowering.values.one(bound, Type.INTEGER, node.span)
    number = comparison(this=exp.Count(this=grouped.counted), expression=limit)
    found = _among(lowering, counted.path[0], row, grouped.select.having(number, copy=False))
    if not isinstance(bound, typed.Parameter) and not _HOLDS[node.operator](0, bound):
        return found
    without = _grouped(lowering, counted, row).select
    none = nodes.negated(_among(lowering, counted.path[0], row, without))
    if isinstance(bound, typed.Parameter):
        zero = lowering.values.one(bound, Type.INTEGER, node.span)
        none = nodes.every([none, comparison(this=nodes.number(0), expression=zero)])
    return nodes.some([found, none])


class _Grouped:
    """Keys with at least one row, grouped, and what is counted of each group."""

    def __init__(self, select: exp.Select, counted: exp.Expr) -> None:
        self.select = select
        self.counted = counted


def _grouped(lowering: Lowering, counted: typed.Counted, row: Row) -> _Grouped:
    end, select, key, conditions = _path(lowering, counted.path, row)
    if counted.where != typed.TRUE:
        conditions.extend(lowering.filtered(counted.where, end))
    select = _keys(select, key, conditions).group_by(key.copy(), copy=False)
    return _Grouped(select, _told_apart(counted.path, end))


def _told_apart(path: tuple[Relation, ...], end: Row) -> exp.Expr:
    """What is counted of the rows at the end of a path, each once."""
    if end.entity.element:
        # Equal tags are one tag.
        return exp.Distinct(expressions=[nodes.column(end.alias, "value")])
    if len(path) > 1:
        return exp.Distinct(expressions=[nodes.column(end.alias, "id")])
    return exp.Star()


def _share(lowering: Lowering, node: typed.Count, counted: typed.Counted, row: Row) -> exp.Expr:
    """Rows of both numbers under one another, each with its side, counted by the row in hand."""
    assert isinstance(node.bound, typed.Share)
    share = fraction(lowering, node, node.bound.factor)
    sides = [
        _side(lowering, one, row, number)
        for number, one in enumerate((counted, node.bound.counted), 1)
    ]
    both = exp.union(*sides, distinct=False, copy=False)
    table = exp.Subquery(this=both, alias=exp.TableAlias(this=nodes.name("sides")))
    numbers = [exp.Count(this=exp.Distinct(expressions=[_of_side(side)])) for side in (1, 2)]
    compared: exp.Expr = COUNTS[node.operator](
        this=times(lowering, numbers[0], share.denominator),
        expression=times(lowering, numbers[1], share.numerator),
    )
    key = nodes.column("sides", "key")
    keys = exp.select(key, copy=False).from_(table, copy=False).group_by(key.copy(), copy=False)
    own = nodes.column(row.alias, "id")
    zero = _HOLDS[node.operator](0, 0)
    if zero:
        # Of rows in no list both numbers are zero, so those are listed that do not hold.
        compared = nodes.negated(compared)
    found = exp.In(this=own, query=exp.Subquery(this=keys.having(compared, copy=False)))
    return nodes.negated(found) if zero else found


def _side(lowering: Lowering, counted: typed.Counted, row: Row, side: int) -> exp.Select:
    """The rows in hand once more, each beside what is counted of it."""
    at = base = lowering.again(row.entity)
    select = exp.Select().from_(nodes.table(at.entity.table, at.alias), copy=False)
    for relation in counted.path:
        at, source, joins = lowering.related(relation, at)
        select = _joined(select, source, joins)
    conditions = [] if counted.where == typed.TRUE else lowering.filtered(counted.where, at)
    value = nodes.column(at.alias, "value" if at.entity.element else "id")
    shown = [
        exp.Alias(this=nodes.column(base.alias, "id"), alias=nodes.name("key")),
        exp.Alias(this=nodes.cast(value, "text"), alias=nodes.name("value")),
        exp.Alias(this=nodes.number(side), alias=nodes.name("side")),
    ]
    return where(select.select(*shown, copy=False), conditions)


def _of_side(side: int) -> exp.Expr:
    is_side = nodes.equal(nodes.column("sides", "side"), nodes.number(side))
    return exp.Case(ifs=[exp.If(this=is_side, true=nodes.column("sides", "value"))])


def _joined(select: exp.Select, source: exp.Expr, joins: list[exp.Expr]) -> exp.Select:
    if joins:
        return select.join(source, on=joins[0], join_type="inner", copy=False)
    return select.join(source, join_type="cross", copy=False)
