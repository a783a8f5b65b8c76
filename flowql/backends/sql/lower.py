"""Predicates: and, or, not, and scopes over related rows as correlated subqueries.

Every table has an alias of its own, so that a subquery can name the rows of all
that are around it. A scope is true or false; inside it, WHERE drops the rows of
which a condition is unknown.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple, assert_never

from sqlglot import exp

from flowql import typed
from flowql.backends.sql import nodes
from flowql.backends.sql.conditions import Conditions, never_unknown
from flowql.backends.sql.values import Values
from flowql.catalog import Entity, Relation, Type, entities
from flowql.diagnostics.sql import NoTable, SqlFactorTooFine

if TYPE_CHECKING:
    from flowql.backends.sql.dialect import Dialect
    from flowql.diagnostics import Diagnostic

_COUNTS: dict[typed.CountOperator, type[exp.Binary]] = {
    "=": exp.EQ,
    "<": exp.LT,
    "<=": exp.LTE,
    ">": exp.GT,
    ">=": exp.GTE,
}

_FACTOR = 10**18
"""Numerator and denominator of a share: more digits could pass what is multiplied exactly."""

_APART = 20
"""Plain conditions that stay apart from the others of a large WHERE, for indexes to serve."""


class Row(NamedTuple):
    """The row in hand: of which entity, under which alias."""

    entity: Entity
    alias: str


class Lowering:
    """Lowers the predicates of one statement."""

    def __init__(self, dialect: Dialect, bind: bool) -> None:
        self.dialect = dialect
        self.problems: list[Diagnostic] = []
        self.values = Values(dialect, bind, self.problems)
        self.conditions = Conditions(dialect, self.values, self.problems)
        self._aliases: Counter[str] = Counter()

    def predicate(self, node: typed.Predicate, row: Row) -> exp.Expr:
        match node:
            case typed.And(operands):
                return nodes.every([self.predicate(operand, row) for operand in operands])
            case typed.Or(operands):
                return nodes.some([self.predicate(operand, row) for operand in operands])
            case typed.Not(operand):
                return nodes.negated(self.predicate(operand, row))
            case typed.Exists(relation, where):
                return self._exists(relation, where, row)
            case typed.Every(relation, where):
                return self._every(relation, where, row)
            case typed.Latest(path, where):
                return self._latest(path, where, row)
            case typed.Count():
                return self._count(node, row)
            case (
                typed.Always() | typed.In() | typed.Compare()
                | typed.TextMatch() | typed.TagsMatch() | typed.IsNull()
            ):  # fmt: skip
                return self.conditions.lower(node, row.alias)
            case _:
                assert_never(node)

    # ── related rows ──────────────────────────────────────────────────────────

    def _related(self, relation: Relation, row: Row) -> tuple[Row, exp.Expr, list[exp.Expr]]:
        """The row that a step leads to, its source for FROM, and what joins it to this one."""
        entity = entities()[relation.target]
        base = entity.table or entity.name
        self._aliases[base] += 1
        related = Row(entity, f"{base}_{self._aliases[base]}")
        if relation.elements:
            tags = nodes.column(row.alias, row.entity.by_name[relation.elements].column)
            return related, self.dialect.elements(tags, related.alias), []
        if not entity.table:
            self.problems.append(NoTable(entity=entity.name))
        join = nodes.equal(
            nodes.column(related.alias, relation.remote), nodes.column(row.alias, relation.local)
        )
        return related, nodes.table(entity.table, related.alias), [join]

    def _from(self, path: tuple[Relation, ...], row: Row) -> tuple[Row, exp.Select, list[exp.Expr]]:
        """The row at the end of a path, a SELECT of nothing yet from the path, its first join."""
        row, source, first = self._related(path[0], row)
        select = exp.Select().from_(source, copy=False)
        for relation in path[1:]:
            row, source, joins = self._related(relation, row)
            if joins:
                select = select.join(source, on=joins[0], join_type="inner", copy=False)
            else:
                select = select.join(source, join_type="cross", copy=False)
        return row, select, first

    def _exists(self, relation: Relation, where: typed.Predicate, row: Row) -> exp.Expr:
        related, select, conditions = self._from((relation,), row)
        if where != typed.TRUE:
            conditions.extend(self.filtered(where, related))
        return nodes.exists(_where(select.select(nodes.number(1), copy=False), conditions))

    def _every(self, relation: Relation, where: typed.Predicate, row: Row) -> exp.Expr:
        related, select, conditions = self._from((relation,), row)
        holds = self.predicate(where, related)
        if not never_unknown(where) or self._is_large(where):
            holds = _settled(holds)
        conditions.append(nodes.negated(holds))
        select = _where(select.select(nodes.number(1), copy=False), conditions)
        return nodes.negated(nodes.exists(select))

    def _latest(self, path: tuple[Relation, ...], where: typed.Predicate, row: Row) -> exp.Expr:
        end, select, conditions = self._from(path, row)
        started = nodes.column(end.alias, "start_time")
        conditions.append(nodes.negated(nodes.is_null(started)))
        last = (
            _where(select.select(nodes.column(end.alias, "id"), copy=False), conditions)
            .order_by(
                self._descending(started.copy()),
                self._descending(nodes.column(end.alias, "id")),
                copy=False,
            )
            .limit(nodes.number(1), copy=False)
        )
        self._aliases[end.entity.table] += 1
        latest = Row(end.entity, f"{end.entity.table}_{self._aliases[end.entity.table]}")
        found = [nodes.equal(nodes.column(latest.alias, "id"), exp.Subquery(this=last))]
        if where != typed.TRUE:
            found.extend(self.filtered(where, latest))
        source = nodes.table(latest.entity.table, latest.alias)
        select = exp.select(nodes.number(1), copy=False).from_(source, copy=False)
        return nodes.exists(_where(select, found))

    def _descending(self, value: exp.Expr) -> exp.Expr:
        """A key of an order in which nothing is null; it stands as indexes have it."""
        large = self.dialect.nulls == "large"
        return exp.Ordered(this=value, desc=True, nulls_first=large)

    def filtered(self, where: typed.Predicate, row: Row) -> list[exp.Expr]:
        """The conditions of a WHERE, in which unknown is as good as false."""
        operands = where.operands if isinstance(where, typed.And) else (where,)
        if not self._is_large(where):
            return [self.predicate(operand, row) for operand in operands]
        # What stands in COALESCE a planner evaluates, and does not take apart.
        groups = (typed.And, typed.Or, typed.Not)
        apart = [operand for operand in operands if not isinstance(operand, groups)][:_APART]
        seen = set(map(id, apart))
        together = [operand for operand in operands if id(operand) not in seen]
        found = [self.predicate(operand, row) for operand in apart]
        rest = nodes.every([self.predicate(operand, row) for operand in together])
        return [*found, _settled(rest)]

    def _is_large(self, where: typed.Predicate) -> bool:
        """Whether there are more conditions than the planner takes apart well."""
        most = self.dialect.max_conditions
        if most is None:
            return False
        pending, count = [where], 0
        while pending and count <= most:
            match pending.pop():
                case typed.And(operands) | typed.Or(operands):
                    pending.extend(operands)
                case typed.Not(operand):
                    pending.append(operand)
                case _:
                    count += 1
        return count > most

    # ── counts ────────────────────────────────────────────────────────────────

    def _count(self, node: typed.Count, row: Row) -> exp.Expr:
        comparison = _COUNTS[node.operator]
        counted = self._number(node.counted, row)
        match node.bound:
            case typed.Share(factor, other):
                share = Fraction(Decimal(repr(factor)))
                if max(abs(share.numerator), share.denominator) > _FACTOR:
                    self.problems.append(SqlFactorTooFine(span=node.span, factor=factor))
                left = self._times(counted, share.denominator)
                right = self._times(self._number(other, row), share.numerator)
                return comparison(this=left, expression=right)
            case bound:
                limit = self.values.one(bound, Type.INTEGER, node.span)
                return comparison(this=counted, expression=limit)

    def _times(self, counted: exp.Expr, factor: int) -> exp.Expr:
        if factor == 1:
            return counted
        if self.dialect.wide_integer is not None:
            counted = nodes.cast(counted, self.dialect.wide_integer)
        return exp.Mul(this=counted, expression=nodes.number(factor))

    def _number(self, counted: typed.Counted, row: Row) -> exp.Expr:
        end, select, conditions = self._from(counted.path, row)
        rows: exp.Expr = exp.Star()
        if end.entity.element:
            # Equal tags are one tag.
            rows = exp.Distinct(expressions=[nodes.column(end.alias, "value")])
        elif len(counted.path) > 1:
            rows = exp.Distinct(expressions=[nodes.column(end.alias, "id")])
        if counted.where != typed.TRUE:
            conditions.extend(self.filtered(counted.where, end))
        select = select.select(exp.Count(this=rows), copy=False)
        return exp.Subquery(this=_where(select, conditions))


def _settled(condition: exp.Expr) -> exp.Expr:
    """The condition, unknown being false."""
    return exp.Coalesce(this=condition, expressions=[exp.Boolean(this=False)])


def _where(select: exp.Select, conditions: list[exp.Expr]) -> exp.Select:
    return select.where(nodes.every(conditions), copy=False) if conditions else select
