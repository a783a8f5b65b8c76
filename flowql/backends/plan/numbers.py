"""Numbers of rows, by as few rows as can be: sums of what the server counts, or a size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowql import typed
from flowql.backends.plan.bodies import all_of, conjuncts
from flowql.backends.plan.complement import outside, two_valued
from flowql.backends.plan.steps import Counted, Number, Size, Sum

if TYPE_CHECKING:
    from flowql.backends.plan.planner import Planner
    from flowql.catalog import Entity

TERMS = 4
"""Conditions that are counted by inclusion and exclusion; their sets double with each."""


def number(planner: Planner, entity: Entity, where: typed.Predicate) -> Number:
    """The number of rows that meet a normal filter."""
    return _sum(planner, entity, where, TERMS) or Size(planner.rows(entity, where))


def _sum(planner: Planner, entity: Entity, where: typed.Predicate, terms: int) -> Number | None:
    """The number as one that the server counts, or as a sum of such."""
    if where == typed.FALSE:
        return Sum((), (), why="the conditions contradict one another")
    if planner.bodies.count(entity, where) is not None:
        return Counted(entity, where, why="the server counts them")
    if not terms:
        return None
    conditions = conjuncts(where)
    for condition in conditions:
        others = [one for one in conditions if one is not condition]
        if isinstance(condition, typed.Or):
            first, rest = condition.operands[0], typed.disjunction([*condition.operands[1:]])
            wholes = [all_of([*others, first]), all_of([*others, rest])]
            why = "rows of either set, those of both counted once"
            return _combined(planner, entity, wholes, all_of([*others, first, rest]), terms, why)
        if not planner.says(entity, [condition]) and two_valued(condition):
            opposite = outside(condition)
            if opposite is None:
                return None
            less = all_of([*others, opposite])
            why = "all rows less those that are not so"
            return _combined(planner, entity, [all_of(others)], less, terms, why)
    return None


def _combined(
    planner: Planner,
    entity: Entity,
    wholes: list[typed.Predicate],
    less: typed.Predicate,
    terms: int,
    why: str,
) -> Number | None:
    """The sum of some numbers less another; None where one of them is no such sum."""
    found = []
    for where in (*wholes, less):
        part = _sum(planner, entity, where, terms - 1)
        if part is None:
            return None
        found.append(part)
    return Sum(tuple(found[:-1]), (found[-1],), why=why)
