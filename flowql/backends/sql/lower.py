"""Predicates: and, or, not; scopes over related rows are for `correlated` and `keyed`.

Every table has an alias of its own, so that a subquery can name the rows of all
that are around it. A scope is true or false; inside it, WHERE drops the rows of
which a condition is unknown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple, assert_never

from sqlglot import exp

from flowql import typed
from flowql.backends.sql import nodes
from flowql.backends.sql.conditions import Conditions
from flowql.backends.sql.values import Values
from flowql.catalog import Entity, Relation, entities
from flowql.diagnostics.sql import NoTable, SqlFactorTooFine

if TYPE_CHECKING:
    from flowql.backends.sql.dialect import Dialect
    from flowql.diagnostics import Diagnostic

COUNTS: dict[typed.CountOperator, type[exp.Binary]] = {
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


Scopes = Callable[["Lowering", typed.Scope, Row], exp.Expr]
"""Lowers a condition on rows that are related to a row."""


class Lowering:
    """Lowers the predicates of one statement; `scopes` those on related rows."""

    def __init__(self, dialect: Dialect, bind: bool, scopes: Scopes) -> None:
        self.scopes = scopes
        self.dialect = dialect
        self.problems: list[Diagnostic] = []
        self.values = Values(dialect, bind, self.problems)
        self.conditions = Conditions(dialect, self.values, self.problems)
        self.aliases: Counter[str] = Counter()

    def predicate(self, node: typed.Predicate, row: Row) -> exp.Expr:
        match node:
            case typed.And(operands):
                return nodes.every([self.predicate(operand, row) for operand in operands])
            case typed.Or(operands):
                return nodes.some([self.predicate(operand, row) for operand in operands])
            case typed.Not(operand):
                return nodes.negated(self.predicate(operand, row))
            case typed.Exists() | typed.Every() | typed.Latest() | typed.Count():
                return self.scopes(self, node, row)
            case (
                typed.Always() | typed.In() | typed.Compare()
                | typed.TextMatch() | typed.TagsMatch() | typed.IsNull()
            ):  # fmt: skip
                return self.conditions.lower(node, row.alias)
            case _:
                assert_never(node)

    # ── related rows ──────────────────────────────────────────────────────────

    def related(self, relation: Relation, row: Row) -> tuple[Row, exp.Expr, list[exp.Expr]]:
        """The row that a step leads to, its source for FROM, and what joins it to this one."""
        entity = entities()[relation.target]
        base = entity.table or entity.name
        self.aliases[base] += 1
        related = Row(entity, f"{base}_{self.aliases[base]}")
        if relation.elements:
            tags = nodes.column(row.alias, row.entity.by_name[relation.elements].column)
            return related, self.dialect.elements(tags, related.alias), []
        self.stored(entity)
        join = nodes.equal(
            nodes.column(related.alias, relation.remote), nodes.column(row.alias, relation.local)
        )
        return related, nodes.table(entity.table, related.alias), [join]

    def path(self, path: tuple[Relation, ...], row: Row) -> tuple[Row, exp.Select, list[exp.Expr]]:
        """The row at the end of a path, a SELECT of nothing yet from the path, its first join."""
        row, source, first = self.related(path[0], row)
        select = exp.Select().from_(source, copy=False)
        for relation in path[1:]:
            row, source, joins = self.related(relation, row)
            if joins:
                select = select.join(source, on=joins[0], join_type="inner", copy=False)
            else:
                select = select.join(source, join_type="cross", copy=False)
        return row, select, first

    def stored(self, entity: Entity) -> None:
        """Report an entity whose rows are in no table."""
        if not entity.table:
            self.problems.append(NoTable(entity=entity.name))

    def again(self, entity: Entity) -> Row:
        """Another row of an entity, under an alias of its own."""
        self.aliases[entity.table] += 1
        return Row(entity, f"{entity.table}_{self.aliases[entity.table]}")

    def descending(self, value: exp.Expr) -> exp.Expr:
        """A key of an order in which nothing is null; it stands as indexes have it."""
        large = self.dialect.nulls == "large"
        return exp.Ordered(this=value, desc=True, nulls_first=large)

    def filtered(self, where: typed.Predicate, row: Row) -> list[exp.Expr]:
        """The conditions of a WHERE, in which unknown is as good as false."""
        operands = where.operands if isinstance(where, typed.And) else (where,)
        if not self.is_large(where):
            return [self.predicate(operand, row) for operand in operands]
        # What stands in COALESCE a planner evaluates, and does not take apart.
        groups = (typed.And, typed.Or, typed.Not)
        apart = [operand for operand in operands if not isinstance(operand, groups)][:_APART]
        seen = set(map(id, apart))
        together = [operand for operand in operands if id(operand) not in seen]
        found = [self.predicate(operand, row) for operand in apart]
        rest = nodes.every([self.predicate(operand, row) for operand in together])
        return [*found, settled(rest)]

    def is_large(self, where: typed.Predicate) -> bool:
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


def times(lowering: Lowering, counted: exp.Expr, factor: int) -> exp.Expr:
    """A number of rows times a factor, without an overflow."""
    if factor == 1:
        return counted
    if lowering.dialect.wide_integer is not None:
        counted = nodes.cast(counted, lowering.dialect.wide_integer)
    return exp.Mul(this=counted, expression=nodes.number(factor))


def fraction(lowering: Lowering, node: typed.Count, factor: int | float) -> Fraction:
    """The decimal that was written, of which numerator and denominator multiply exactly."""
    share = Fraction(Decimal(repr(factor)))
    if max(abs(share.numerator), share.denominator) > _FACTOR:
        lowering.problems.append(SqlFactorTooFine(span=node.span, factor=factor))
    return share


def settled(condition: exp.Expr) -> exp.Expr:
    """The condition, unknown being false."""
    return exp.Coalesce(this=condition, expressions=[exp.Boolean(this=False)])


def where(select: exp.Select, conditions: list[exp.Expr]) -> exp.Select:
    return select.where(nodes.every(conditions), copy=False) if conditions else select
