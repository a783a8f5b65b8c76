"""The nearest miss: of related rows none of which meets a condition, the one that misses least.

Conditions are left out one at a time, then two, and so on, until some row meets the rest; among the
ways to leave out so many, the first in the order of the text counts, and among rows the first in
theirs. Conditions that no row meets are left out at once. The search is exact as long as its
questions suffice, and says so where they did not.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

from flowql import typed
from flowql.run.why.conditions import columns
from flowql.run.why.conditions import operands as conjuncts

if TYPE_CHECKING:
    from flowql.run.why.questions import Ends, Questions

SEARCH = 60
"""Questions of one search for a nearest row."""


@dataclass(frozen=True, slots=True)
class Nearest:
    """A row, whether none misses less, and how many rows meet each condition by itself."""

    row: dict[str, Any]
    exact: bool
    each: tuple[tuple[typed.Predicate, int | None], ...]


def nearest(questions: Questions, ends: Ends, where: typed.Predicate) -> Nearest | None:
    """The row that misses least of a condition that none meets; None where that costs too much."""
    wanted = columns(where, ends.entity)

    def first(parts: tuple[typed.Predicate, ...]) -> dict[str, Any] | None:
        both = typed.conjunction(list(parts))
        rows, _ = questions.some(ends, both, wanted, 1)
        return rows[0] if rows else None

    parts = conjuncts(where) if isinstance(where, typed.And) else (where,)
    if not questions.affords(len(parts) + 1):
        return None
    before = questions.asked
    alone = parts if len(parts) > 1 else ()
    each = tuple((part, questions.number(ends, part)) for part in alone)
    live = tuple(part for part, number in each if number != 0)
    row: dict[str, Any] | None = None
    exact = True
    for size in range(min(len(live), len(parts) - 1), 0, -1):
        for kept in combinations(live, size):
            if questions.asked - before >= SEARCH or not questions.affords(len(live) + 1):
                exact = False
                break
            row = first(kept)
            if row is not None:
                break
        if row is not None or not exact:
            break
    if not exact and row is None:
        # As many as can be kept in the order of the text.
        kept = ()
        for part in live:
            found = first((*kept, part))
            if found is not None:
                kept, row = (*kept, part), found
    row = row or first(())
    return None if row is None else Nearest(row, exact, each)
