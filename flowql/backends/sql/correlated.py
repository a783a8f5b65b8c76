"""Scopes as correlated subqueries, for engines that take them anywhere and plan them well."""

from __future__ import annotations

from typing import assert_never

from sqlglot import exp

from flowql import typed
from flowql.backends.sql import nodes
from flowql.backends.sql.conditions import never_unknown
from flowql.backends.sql.lower import COUNTS, Lowering, Row, fraction, settled, times, where
from flowql.catalog import Relation, Type


def scope(lowering: Lowering, node: typed.Scope, row: Row) -> exp.Expr:
    """A condition on rows related to the row in hand."""
    match node:
        case typed.Exists(relation, inner):
            return _exists(lowering, relation, inner, row)
        case typed.Every(relation, inner):
            return _every(lowering, relation, inner, row)
        case typed.Latest(path, inner):
            return _latest(lowering, path, inner, row)
        case typed.Count():
            return _count(lowering, node, row)
        case _:
            assert_never(node)


def _exists(lowering: Lowering, relation: Relation, inner: typed.Predicate, row: Row) -> exp.Expr:
    related, select, conditions = lowering.path((relation,), row)
    if inner != typed.TRUE:
        conditions.extend(lowering.filtered(inner, related))
    return nodes.exists(where(select.select(nodes.number(1), copy=False), conditions))


def _every(lowering: Lowering, relation: Relation, inner: typed.Predicate, row: Row) -> exp.Expr:
    related, select, conditions = lowering.path((relation,), row)
    holds = lowering.predicate(inner, related)
    if not never_unknown(inner) or lowering.is_large(inner):
        holds = settled(holds)
    conditions.append(nodes.negated(holds))
    select = where(select.select(nodes.number(1), copy=False), conditions)
    return nodes.negated(nodes.exists(select))


def _latest(
    lowering: Lowering, path: tuple[Relation, ...], inner: typed.Predicate, row: Row
) -> exp.Expr:
    end, select, conditions = lowering.path(path, row)
    started = nodes.column(end.alias, "start_time")
    conditions.append(nodes.negated(nodes.is_null(started)))
    last = (
        where(select.select(nodes.column(end.alias, "id"), copy=False), conditions)
        .order_by(
            lowering.descending(started.copy()),
            lowering.descending(nodes.column(end.alias, "id")),
            copy=False,
        )
        .limit(nodes.number(1), copy=False)
    )
    latest = lowering.again(end.entity)
    found = [nodes.equal(nodes.column(latest.alias, "id"), exp.Subquery(this=last))]
    if inner != typed.TRUE:
        found.extend(lowering.filtered(inner, latest))
    source = nodes.table(latest.entity.table, latest.alias)
    select = exp.select(nodes.number(1), copy=False).from_(source, copy=False)
    return nodes.exists(where(select, found))


def _count(lowering: Lowering, node: typed.Count, row: Row) -> exp.Expr:
    comparison = COUNTS[node.operator]
    counted = _number(lowering, node.counted, row)
    match node.bound:
        case typed.Share(factor, other):
            share = fraction(lowering, node, factor)
            left = times(lowering, counted, share.denominator)
            right = times(lowering, _number(lowering, other, row), share.numerator)
            return comparison(this=left, expression=right)
        case bound:
            limit = lowering.values.one(bound, Type.INTEGER, node.span)
            return comparison(this=counted, expression=limit)


def _number(lowering: Lowering, counted: typed.Counted, row: Row) -> exp.Expr:
    end, select, conditions = lowering.path(counted.path, row)
    rows: exp.Expr = exp.Star()
    if end.entity.element:
        # Equal tags are one tag.
        rows = exp.Distinct(expressions=[nodes.column(end.alias, "value")])
    elif len(counted.path) > 1:
        rows = exp.Distinct(expressions=[nodes.column(end.alias, "id")])
    if counted.where != typed.TRUE:
        conditions.extend(lowering.filtered(counted.where, end))
    select = select.select(exp.Count(this=rows), copy=False)
    return exp.Subquery(this=where(select, conditions))
