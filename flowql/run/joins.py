"""Fetched rows, judged in memory: conditions on them, and relations between rows of two steps.

The in-memory back end decides; here stands which rows a relation leads to. Each step's rows are a
table of their own, though two steps may be of one entity.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from flowql import typed
from flowql.backends.plan.steps import Chain, Last, Tally
from flowql.backends.predicate.conditions import Judge, compared, share
from flowql.backends.predicate.tables import Table, Tables, column_of
from flowql.diagnostics import FlowQLError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from flowql.catalog import Entity, Relation
    from flowql.diagnostics import Diagnostic

Row = dict[str, Any]
Rows = dict[str, Row]
"""Rows of one entity, by what tells them apart."""


class Joined(Tables):
    """The rows of a step as a table, and the tables that relations lead to from it."""

    def __init__(self, entity: Entity, rows: Rows) -> None:
        self.problems: list[Diagnostic] = []
        super().__init__({entity.name: list(rows.values())}, self.problems)
        self.entity = entity
        self.root = self.table(entity)
        self._led: dict[tuple[int, Relation], Table] = {}

    def lead(self, table: Table, relation: Relation, entity: Entity, rows: Rows) -> Table:
        """Lead a relation of a table to these rows."""
        led = Table(entity, entity.name, list(rows.values()))
        self._led[id(table), relation] = led
        return led

    def follow(self, chain: Chain, rows: Sequence[Rows]) -> None:
        """Lead each relation of a chain to the rows of its step."""
        at = self.root
        for relation, step, found in zip(chain.path, chain.steps, rows, strict=False):
            at = self.lead(at, relation, step.entity, found)

    def target(self, table: Table, relation: Relation) -> Table:
        led = self._led.get((id(table), relation))
        return super().target(table, relation) if led is None else led


class Judging:
    """Judges rows; `fold` is what makes letters equal where case does not count."""

    def __init__(self, fold: Callable[[str], str]) -> None:
        self._fold = fold

    def keep(self, entity: Entity, rows: Rows, where: typed.Predicate) -> Rows:
        """The rows of which a condition on the row in hand is true."""
        return self._true(Joined(entity, rows), rows, where)

    def undecided(self, entity: Entity, rows: Rows, where: typed.Predicate) -> Rows:
        """The rows of which a condition on the row in hand is neither true nor false."""
        tables = Joined(entity, rows)
        verdict = Judge(tables, self._fold).verdict(where, tables.root, set(range(len(rows))))
        _refuse(tables.problems)
        known = verdict.true | verdict.false
        return {key: row for number, (key, row) in enumerate(rows.items()) if number not in known}

    def related(
        self, entity: Entity, rows: Rows, relation: Relation, of: tuple[Entity, Rows], some: bool
    ) -> Rows:
        """The rows that have a related row among others, or have none."""
        tables = Joined(entity, rows)
        tables.lead(tables.root, relation, *of)
        there = typed.Exists(relation, typed.TRUE)
        return self._true(tables, rows, there if some else typed.Not(there))

    def last(
        self, step: Last, rows: Rows, led: Sequence[Rows], among: Iterable[str] | None
    ) -> Rows:
        """The rows whose last started run is as the step says."""
        tables = Joined(step.entity, rows)
        tables.follow(step.chain, led)
        where = step.chain.where
        if among is not None:
            end = step.chain.steps[-1].entity
            where = typed.In(column_of(end, "id"), tuple(UUID(one) for one in among))
        last = typed.Latest(step.chain.path, where)
        return self._true(tables, rows, last if step.some else typed.Not(last))

    def tally(
        self, step: Tally, rows: Rows, led: Sequence[Rows], shared: Sequence[Rows] | None
    ) -> Rows:
        """The rows whose numbers of related rows are as the step says."""
        numbers = self._numbers(step.entity, rows, step.chain, led)
        limits: Mapping[int, Any] = dict.fromkeys(numbers, step.bound)
        if step.share is not None and shared is not None:
            others = self._numbers(step.entity, rows, step.share, shared)
            limits = share(step.bound, others)
        holding = compared(numbers, step.operator, limits)
        return {
            key: row
            for number, (key, row) in enumerate(rows.items())
            if (number in holding) == step.some
        }

    def keys(self, entity: Entity, rows: Rows, column: str) -> frozenset[Any]:
        """The values of a column that are not null."""
        tables = Joined(entity, rows)
        values = tables.values(tables.root, column_of(entity, column))
        _refuse(tables.problems)
        return frozenset(value for value in values if value is not None)

    def compared(
        self, entity: Entity, rows: Sequence[Row], columns: Sequence[typed.Column]
    ) -> list[tuple[Any, ...]]:
        """The values of columns by which rows are ordered, a tuple for each row."""
        tables = Joined(entity, {str(number): row for number, row in enumerate(rows)})
        found = [tables.compared(tables.root, column) for column in columns]
        _refuse(tables.problems)
        return list(zip(*found, strict=True))

    def _numbers(
        self, entity: Entity, rows: Rows, chain: Chain, led: Sequence[Rows]
    ) -> dict[int, int]:
        tables = Joined(entity, rows)
        tables.follow(chain, led)
        judge = Judge(tables, self._fold)
        counted = typed.Counted(chain.path, chain.where)
        numbers = judge.numbers(counted, tables.root, set(range(len(rows))))
        _refuse(tables.problems)
        return numbers

    def _true(self, tables: Joined, rows: Rows, where: typed.Predicate) -> Rows:
        judge = Judge(tables, self._fold)
        true = judge.verdict(where, tables.root, set(range(len(rows)))).true
        _refuse(tables.problems)
        return {key: row for number, (key, row) in enumerate(rows.items()) if number in true}


def _refuse(found: list[Diagnostic]) -> None:
    if found:
        raise FlowQLError(found)
