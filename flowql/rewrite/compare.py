"""Queries compared by what they mean: which rows of one are certainly rows of the other.

`implies`, `empty` and `compare` say only what holds of all rows there can be, in every
back end, at any moment and in any time zone, and whatever values parameters get: a
parameter of one name and type has one value, in both queries. What they do not say may
be so or not: the search for a proof is bounded in its steps, and some laws are not
known to it.

What queries select is compared, and for "same" also how they put it: the clauses, a
page being the rows it skips. An order that is left out is the answering endpoint's, so
it is no order that is written. A query of some pages, of a number, or of distinct rows
contains none and is contained in none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from flowql import typed
from flowql.limits import PAGE_SIZE
from flowql.rewrite.budget import OutOfBudget
from flowql.rewrite.normal import normal
from flowql.rewrite.prove import Given, holds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

STEPS = 20_000
"""Steps that one question may take: some tens of milliseconds."""

_MOST_EXPLAINED = 32
"""Conditions that are told apart in a reason; more are told together."""


@dataclass(frozen=True, slots=True)
class Step:
    """A condition of one query that follows from conditions of the other."""

    given: tuple[typed.Predicate, ...]
    shown: typed.Predicate


@dataclass(frozen=True, slots=True)
class Clash:
    """Conditions that no row meets together; without any of them, some row might."""

    conditions: tuple[typed.Predicate, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of two queries, the first one said to be so of the second.

    `steps`: why each condition of the wider one holds; of "same", those of the second
    and then those of the first. `further`: what only the narrower one asks. `clash`:
    the narrower one selects nothing. `differ`: clauses that are not the same, where
    the rows are. `parameters`: names that stand for one value in both.
    """

    relation: Literal["same", "contains", "contained", "unknown"]
    steps: tuple[Step, ...] = ()
    further: tuple[typed.Predicate, ...] = ()
    clash: Clash | None = None
    differ: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()


UNKNOWN = Verdict("unknown")


def implies(one: typed.Predicate, other: typed.Predicate, steps: int = STEPS) -> bool:
    """Whether every row that the first filter selects is certainly selected by the second.

    False says only that this is not known.
    """
    return _follows((normal(one),), normal(other), steps)


def empty(filter_: typed.Predicate, steps: int = STEPS) -> Clash | None:
    """Why a filter certainly selects nothing; None where that is not known."""
    return _clash(normal(filter_), steps)


def compare(one: typed.Query, other: typed.Query, steps: int = STEPS) -> Verdict:
    """What is known of the rows of two queries."""
    return Prepared(one).compare(Prepared(other), steps)


class Prepared:
    """A query made ready to be compared with many."""

    __slots__ = (
        "_given", "_too_much", "clauses", "conditions", "filter", "parameters", "query", "whole",
    )  # fmt: skip

    def __init__(self, query: typed.Query) -> None:
        self.query = query
        self.filter = normal(query.filter)
        self.conditions = _conditions(self.filter)
        self._given: Given | None = None
        self._too_much = False
        self.clauses = _clauses(query)
        pages = self.clauses["limit"] is not None or bool(self.clauses["page"])
        self.whole = not (pages or query.count or query.distinct)
        self.parameters = {parameter.name: parameter for parameter in _parameters(self.filter)}

    def empty(self, steps: int = STEPS) -> Clash | None:
        """Why it selects nothing; None where that is not known."""
        return _clash(self.filter, steps)

    def within(self, other: Prepared, steps: int = STEPS) -> bool:
        """Whether the filter certainly selects only rows that the other one does."""
        if self.query.target is not other.query.target:
            return False
        try:
            given = self._ready(steps)
            return given is not None and all(
                given.shows(condition, steps) for condition in other.conditions
            )
        except OutOfBudget:
            return False

    def _ready(self, steps: int) -> Given | None:
        """Its conditions, looked at once; None where that alone takes too many steps."""
        if self._given is None and not self._too_much:
            try:
                self._given = Given((self.filter,), steps)
            except OutOfBudget:
                self._too_much = True
        return self._given

    def compare(self, other: Prepared, steps: int = STEPS) -> Verdict:
        """What is known of the rows of both."""
        if self.query.target is not other.query.target:
            return UNKNOWN
        differ = tuple(
            name for name, clause in self.clauses.items() if clause != other.clauses[name]
        )
        if differ and not (self.whole and other.whole):
            return UNKNOWN
        inside, around = self.within(other, steps), other.within(self, steps)
        if inside and around and not differ:
            reasons = (*self._reasons(other, steps), *other._reasons(self, steps))
            told = tuple(step for step in dict.fromkeys(reasons) if step.given != (step.shown,))
            return Verdict("same", told, parameters=self._common(other))
        if not (self.whole and other.whole):
            return UNKNOWN
        if inside:
            return self._contained("contained", other, differ if around else (), steps)
        if around:
            return other._contained("contains", self, (), steps)
        return UNKNOWN

    def _contained(
        self,
        relation: Literal["contains", "contained"],
        other: Prepared,
        differ: tuple[str, ...],
        steps: int,
    ) -> Verdict:
        parameters = self._common(other)
        if clash := self.empty(steps):
            return Verdict(relation, clash=clash, differ=differ, parameters=parameters)
        reasons = self._reasons(other, steps)
        used = {condition for step in reasons for condition in step.given}
        further = tuple(c for c in self.conditions if c not in used) if not differ else ()
        return Verdict(relation, reasons, further, differ=differ, parameters=parameters)

    def _reasons(self, other: Prepared, steps: int) -> tuple[Step, ...]:
        """Why each condition of the other one holds of what this one selects."""
        if max(len(self.conditions), len(other.conditions)) > _MOST_EXPLAINED:
            return (Step(self.conditions, other.filter),)
        own = frozenset(self.conditions)
        return tuple(
            Step((shown,), shown) if shown in own else self._reason(shown, steps)
            for shown in other.conditions
        )

    def _reason(self, shown: typed.Predicate, steps: int) -> Step:
        for condition in self.conditions:
            if _follows((condition,), shown, steps):
                return Step((condition,), shown)
        return Step(_fewest(self.conditions, shown, steps), shown)

    def _common(self, other: Prepared) -> tuple[str, ...]:
        return tuple(
            name
            for name, parameter in self.parameters.items()
            if other.parameters.get(name) == parameter
        )


def _follows(given: Sequence[typed.Predicate], shown: typed.Predicate, steps: int) -> bool:
    try:
        return holds(given, (shown,), steps)
    except OutOfBudget:
        return False


def _clash(filter_: typed.Predicate, steps: int) -> Clash | None:
    if not _follows((filter_,), typed.FALSE, steps):
        return None
    conditions = _conditions(filter_)
    if len(conditions) > _MOST_EXPLAINED:
        return Clash(conditions)
    return Clash(_fewest(conditions, typed.FALSE, steps))


def _fewest(
    conditions: tuple[typed.Predicate, ...], shown: typed.Predicate, steps: int
) -> tuple[typed.Predicate, ...]:
    """Those conditions without any of which the rest would not suffice."""
    left = list(conditions)
    for condition in conditions:
        rest = [other for other in left if other is not condition]
        if rest and _follows(rest, shown, steps):
            left = rest
    return tuple(left)


def _conditions(filter_: typed.Predicate) -> tuple[typed.Predicate, ...]:
    """The conditions of which all must hold."""
    match filter_:
        case typed.And(operands):
            return operands
        case typed.Always(True):
            return ()
        case _:
            return (filter_,)


def _clauses(query: typed.Query) -> dict[str, object]:
    """The clauses of a query, equal where they say the same."""
    limit, skipped = query.limit, query.offset
    if query.page is not None:
        limit = PAGE_SIZE if limit is None else limit
        if isinstance(query.page, int) and isinstance(limit, int):
            skipped = (query.page - 1) * limit
        else:
            return {**_order(query), "limit": limit, "page": (query.page, skipped)}
    return {**_order(query), "limit": limit, "page": skipped or 0}


def _order(query: typed.Query) -> dict[str, object]:
    return {
        "sort": query.sort,
        "select": query.select,
        "distinct": query.distinct,
        "count": query.count,
    }


def _parameters(filter_: typed.Predicate) -> Iterator[typed.Parameter]:
    """The parameters of a filter, in its order."""
    pending: list[object] = [filter_]
    while pending:
        match pending.pop():
            case typed.Parameter() as parameter:
                yield parameter
            case typed.And(operands) | typed.Or(operands):
                pending.extend(reversed(operands))
            case typed.Not(inner) | typed.Exists(_, inner) | typed.Every(_, inner):
                pending.append(inner)
            case typed.Latest(_, inner) | typed.Counted(_, inner):
                pending.append(inner)
            case typed.Count(counted, _, bound):
                pending += [bound, counted]
            case typed.Share(_, counted):
                pending.append(counted)
            case typed.In(_, values) | typed.TagsMatch(_, _, values):
                pending.extend(value for value in reversed(values) if isinstance(value, _OPEN))
            case typed.Compare(_, _, value) | typed.TextMatch(_, _, value):
                pending.append(value)
            case typed.Range(low, high):
                pending += [high, low]
            case typed.Last(length) | typed.Next(length) | typed.Offset(_, _, length):
                pending.append(length)
            case _:
                pass


_OPEN = (typed.Parameter, typed.Range, typed.Last, typed.Next, typed.Offset)
"""Values that are parameters, or may have one in them."""
