"""Conditions on one column, or on one set of tags, that no row can meet together.

What is said here holds of every row, in every back end and whatever the parameters
are; conditions that are not said to clash may or may not. A condition that is given
is true of the row, so the row's value is there and, in JSON, is of the condition's type.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil, floor
from typing import TYPE_CHECKING, assert_never

from flowql import typed
from flowql.catalog.model import Type
from flowql.rewrite import bounds
from flowql.rewrite.bounds import Bound, Interval
from flowql.rewrite.patterns import cost, excludes, fits, lets_through

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from flowql.rewrite.budget import Budget

_FEW = 64
"""Whole numbers that are tried one by one."""

_LISTED_A_STEP = 32
"""Values that are looked up in the time of one step."""

_LISTED = (Type.ENUM, Type.BOOLEAN, Type.INTEGER)
"""Types of which the values between two, or all of them, can be listed."""

_PERIODS: frozenset[type] = frozenset({
    typed.Relative, typed.Calendar, typed.Rolling, typed.Offset,
    typed.Last, typed.Next, typed.Range,
})  # fmt: skip


def kind(condition: typed.Predicate) -> str | None:
    """The type of values that a condition on a JSON column looks at; None if that is open."""
    match condition:
        case typed.Not(operand):
            return kind(operand)
        case typed.TextMatch():
            return "text"
        case typed.Compare(_, _, value):
            return _kind_of(value)
        case typed.In(_, (first, *_)):
            return _kind_of(first)
        case _:
            return None


def _kind_of(value: typed.Value) -> str | None:
    match value:
        case typed.Range(low, high):
            return _kind_of(low if low is not None else high)  # type: ignore[arg-type]
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "text"
        case _:
            return None


def telling(condition: typed.Predicate) -> bool:
    """Whether a condition on a column is true only where there is a value."""
    match condition:
        case typed.Not(typed.In(_, values)):
            # A list that is empty holds nothing, not even null.
            return bool(values) and not any(
                isinstance(value, typed.Parameter) and value.many for value in values
            )
        case _:
            return True


def opposite(condition: typed.Predicate) -> typed.Predicate:
    """What is true of a value of which the condition is not."""
    match condition:
        case typed.Compare(column, operator, value, span):
            return typed.Compare(column, _OPPOSITE[operator], value, span)
        case typed.Not(operand):
            return operand
        case _:
            return typed.Not(condition)


_OPPOSITE: dict[typed.Ordering, typed.Ordering] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}


# ── one value ─────────────────────────────────────────────────────────────────


def clash(column: typed.Column, conditions: Sequence[typed.Predicate], budget: Budget) -> bool:
    """Whether certainly no value of the column makes all of the conditions true."""
    budget.spend(len(conditions))
    if len(conditions) == 1 and column.field.type not in _LISTED:
        match conditions[0]:
            case typed.Not() | typed.Compare() | typed.TextMatch():
                return False
            case typed.In(_, values) if len(values) > 1:
                return False
            case _:
                pass
    asked = _Asked()
    for condition in conditions:
        asked.add(condition)
    choices = column.field.choices
    if choices and column.field.type is Type.ENUM:
        asked.lists.append(choices)
    if column.field.type is Type.BOOLEAN:
        asked.lists.append((True, False))
    return asked.clash(column, budget)


@dataclass(slots=True)
class _Asked:
    """What is asked of one value."""

    lists: list[tuple[typed.Value, ...]] = field(default_factory=list)
    barred: set[typed.Value] = field(default_factory=set)
    outside: list[Interval] = field(default_factory=list)
    lows: list[Bound] = field(default_factory=list)
    highs: list[Bound] = field(default_factory=list)
    texts: list[typed.TextMatch] = field(default_factory=list)
    other_texts: list[typed.TextMatch] = field(default_factory=list)

    def add(self, condition: typed.Predicate) -> None:
        match condition:
            case typed.In(_, (value,)) if type(value) in _PERIODS:
                self.between(bounds.inside(value))
            case typed.In(_, values):
                self.lists.append(values)
            case typed.Not(typed.In(_, values)):
                for value in values:
                    if type(value) in _PERIODS:
                        self.outside.append(bounds.inside(value))
                    else:
                        self.barred.add(value)
            case typed.Compare():
                self.between(bounds.compared(condition))
            case typed.TextMatch():
                self.texts.append(condition)
            case typed.Not(typed.TextMatch() as operand):
                self.other_texts.append(operand)
            case _:
                raise AssertionError(condition)

    def between(self, interval: Interval) -> None:
        if interval.low is not None:
            self.lows.append(interval.low)
        if interval.high is not None:
            self.highs.append(interval.high)

    def clash(self, column: typed.Column, budget: Budget) -> bool:
        if _apart(self.lows, self.highs) or self._no_text(budget):
            return True
        if not self.lists and column.field.type is Type.INTEGER:
            self._count_out()
        if self.lists:
            return self._no_member(budget)
        return self._all_outside(self.lows, self.highs, self._outside(), budget)

    def _no_text(self, budget: Budget) -> bool:
        for text in self.texts:
            for other in self.other_texts:
                budget.spend(cost(other, text))
                if other == text or lets_through(other, text):
                    return True
        # Only patterns that say how a text begins or ends can exclude one another.
        ends = [text for text in self.texts if text.operator not in ("contains", "matches")]
        budget.spend(len(ends) ** 2 // 2)
        return any(excludes(text, other) for at, text in enumerate(ends) for other in ends[:at])

    def _count_out(self) -> None:
        """Few whole numbers between two bounds are a list of them."""
        least = [ceil(at) for bound in self.lows if (at := bounds.number(bound)) is not None]
        most = [floor(at) for bound in self.highs if (at := bounds.number(bound)) is not None]
        if least and most and min(most) < max(least) + _FEW:
            self.lists.append(tuple(range(max(least), min(most) + 1)))

    def _no_member(self, budget: Budget) -> bool:
        """Whether no value that is in all of the lists meets the rest."""
        first, *rest = sorted(self.lists, key=len)
        # A list of values alone bars what is not in it; one that holds more bars nothing here.
        sets = [frozenset(values) for values in rest if all(map(_is_plain, values))]
        budget.spend((len(first) + sum(map(len, sets))) // _LISTED_A_STEP)
        for value in first:
            if type(value) in _PERIODS:
                if not self._no_moment(value, self._outside(), budget):
                    return False
            elif value in self.barred:
                continue
            elif isinstance(value, typed.Parameter):
                if value.many or not self._no_moment(value, self.outside, budget):
                    return False
            elif any(value not in members for members in sets):
                continue
            elif not self._barred(value, budget):
                return False
        return True

    def _no_moment(self, value: typed.Value, outside: list[Interval], budget: Budget) -> bool:
        """Whether nothing in a value or period meets the bounds."""
        budget.spend(1 + len(self.lows) + len(self.highs) + len(outside))
        interval = bounds.inside(value)
        lows = [*self.lows, *([interval.low] if interval.low else ())]
        highs = [*self.highs, *([interval.high] if interval.high else ())]
        return _apart(lows, highs) or self._all_outside(lows, highs, outside, budget)

    def _barred(self, value: typed.Value, budget: Budget) -> bool:
        """Whether a plain value does not meet the bounds or the patterns."""
        if isinstance(value, str):
            budget.spend((len(self.texts) + len(self.other_texts)) * (1 + len(value) // 64))
            if any(fits(value, text) is False for text in self.texts):
                return True
            return any(fits(value, text) is True for text in self.other_texts)
        if not (self.lows or self.highs or self.outside):
            return False
        return self._no_moment(value, self.outside, budget)

    def _outside(self) -> list[Interval]:
        """The intervals that are barred; a value is one of its own."""
        alone = [bounds.inside(value) for value in self.barred if _has_a_place(value)]
        return [*self.outside, *alone]

    def _all_outside(
        self, lows: list[Bound], highs: list[Bound], outside: list[Interval], budget: Budget
    ) -> bool:
        """Whether all that lies between the bounds lies in intervals that are barred.

        From the lower end on, each interval that lets nothing through before its
        own start moves the lower end to its end.
        """
        if not outside:
            return False
        lows = list(lows)
        budget.spend(len(outside) * (len(lows) + 1))
        moved = True
        while moved and outside:
            moved = False
            left: list[Interval] = []
            for interval in outside:
                low = interval.low
                if low is None or any(bounds.reaches(low, here) for here in lows):
                    if interval.high is None:
                        return True
                    lows.append(bounds.opposite(interval.high))
                    moved = True
                else:
                    left.append(interval)
            outside = left
            budget.spend(len(outside) * (len(lows) + 1))
            if moved and _apart(lows, highs):
                return True
        return False


def _apart(lows: Iterable[Bound], highs: Sequence[Bound]) -> bool:
    return any(bounds.apart(low, high) for low in lows for high in highs)


def _has_a_place(value: typed.Value) -> bool:
    """Whether a value has a place between bounds."""
    return not isinstance(value, str | bool) and not (
        isinstance(value, typed.Parameter) and value.many
    )


def _is_plain(value: typed.Value) -> bool:
    return type(value) not in _PERIODS and not isinstance(value, typed.Parameter)


# ── tags ──────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class Tags:
    """What is asked of one set of tags: conditions that are true, and ones that are not."""

    given: list[typed.TagsMatch] = field(default_factory=list)
    denied: list[typed.TagsMatch] = field(default_factory=list)

    def copy(self) -> Tags:
        return Tags(list(self.given), list(self.denied))

    def clash(self, budget: Budget) -> bool:
        """Whether certainly no set of tags is as asked."""
        needed, barred, some, allowed, exceeded = self.read()
        listed = len(needed) + len(barred) + sum(map(len, some))
        budget.spend(1 + listed // _LISTED_A_STEP)
        if not needed.isdisjoint(barred):
            return True
        # Only where all tags that may be there are known can another be missing.
        closed = allowed is not None and all(isinstance(tag, str) for tag in allowed)

        def possible(tag: object) -> bool:
            if tag in barred:
                return False
            return not (closed and allowed is not None and isinstance(tag, str)) or tag in allowed

        if not all(possible(tag) for tag in needed):
            return True
        for tags in some:
            left = [tag for tag in tags if possible(tag)]
            if not left:
                return True
            if len(left) == 1:
                needed.add(left[0])
        for match in self.denied:
            budget.spend(1 + len(match.values) // _LISTED_A_STEP)
            if match.operator == "has all" and needed.issuperset(match.values):
                return True
        if allowed is not None:
            return any(allowed - barred <= tags for tags in exceeded)
        return False

    def read(
        self,
    ) -> tuple[set[object], set[object], list[set[object]], set[object] | None, list[set[object]]]:
        """Tags that are there, that are not, sets of which one is, all there may be, sets left."""
        needed: set[object] = set()
        barred: set[object] = set()
        some: list[set[object]] = []
        allowed: set[object] | None = None
        exceeded: list[set[object]] = []
        for match in self.given:
            if _is_list_to_come(match):
                continue
            match match.operator:
                case "has all":
                    needed.update(match.values)
                case "has any":
                    some.append(set(match.values))
                case "within":
                    allowed = _common(allowed, set(match.values))
                case _:
                    assert_never(match.operator)
        for match in self.denied:
            if _is_list_to_come(match):
                continue
            match match.operator:
                case "has all":
                    if len(match.values) == 1:
                        barred.update(match.values)
                case "has any":
                    barred.update(match.values)
                case "within":
                    exceeded.append(set(match.values))
                case _:
                    assert_never(match.operator)
        return needed, barred, some, allowed, exceeded


def _common(one: set[object] | None, other: set[object]) -> set[object]:
    """What two lists allow; where parameters keep that open, what the first one does."""
    if one is None:
        return other
    if all(isinstance(tag, str) for tag in (*one, *other)):
        return one & other
    return one


def _is_list_to_come(match: typed.TagsMatch) -> bool:
    return any(isinstance(value, typed.Parameter) and value.many for value in match.values)
