"""Numbers and times in order, as far as that can be said whatever the moment and the time zone.

A bound is a position and whether the position itself is left out. Positions on one
scale are in order: instants, instants counted from now, midnights of the calendar,
starts of rolling periods. Of positions on different scales only what always holds is
said; what is not said may be either way.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil, floor
from typing import Any, Literal, assert_never

from flowql import typed
from flowql.catalog.model import Type

_DAY = timedelta(1)
_NOW = "now"
_PLAIN = "plain"
_MIDNIGHT = "midnight"
_NOTHING = timedelta(0)

_WITHIN: frozenset[tuple[str, str]] = frozenset({
    ("day", "week"), ("day", "month"), ("day", "quarter"), ("day", "year"),
    ("month", "quarter"), ("month", "year"), ("quarter", "year"),
})  # fmt: skip
"""Units of which the first one's period of today lies in the second one's."""


@dataclass(frozen=True, slots=True)
class Position:
    """A place on a scale; `at` is a value, an offset, a date in numbers, a count of periods."""

    scale: object
    at: Any


@dataclass(frozen=True, slots=True)
class Bound:
    """An end of an interval; `strict` where the position does not belong to it."""

    position: Position
    strict: bool


@dataclass(frozen=True, slots=True)
class Interval:
    """The values between two bounds; None where there is no end."""

    low: Bound | None = None
    high: Bound | None = None


def compared(node: typed.Compare) -> Interval:
    """The values of which a comparison is true."""
    low = high = None
    match node.operator:
        case ">" | ">=":
            low = _low(node.value, strict=node.operator == ">")
        case "<" | "<=":
            high = _high(node.value, strict=node.operator == "<")
        case _:
            assert_never(node.operator)
    if node.column.field.type is Type.INTEGER:
        return _whole(Interval(low, high))
    return Interval(low, high)


def inside(value: typed.Value) -> Interval:
    """The values that `in` finds in a value, be it one or a period."""
    match value:
        case typed.Last(length):
            return Interval(_at_distance(length, "-"), _from_now(_NOTHING))
        case typed.Next(length):
            return Interval(_from_now(_NOTHING), _at_distance(length, "+"))
        case typed.Range(low, high):
            return Interval(
                None if low is None else _low(low, strict=False),
                None if high is None else _high(high, strict=False),
            )
        case _:
            return Interval(_low(value, strict=False), _high(value, strict=False))


def apart(low: Bound, high: Bound) -> bool:
    """Whether certainly nothing lies between a lower and an upper bound."""
    if _before(high.position, low.position):
        return True
    return (low.strict or high.strict) and _not_after(high.position, low.position)


def reaches(outer: Bound, inner: Bound) -> bool:
    """Whether a lower bound certainly lets through what another lower bound does."""
    return apart(inner, Bound(outer.position, not outer.strict))


def opposite(bound: Bound) -> Bound:
    """The end of what lies on the other side."""
    return Bound(bound.position, not bound.strict)


def number(bound: Bound | None) -> Any:
    """The plain value of a bound; None where it is not a number."""
    if bound is None or bound.position.scale != _PLAIN:
        return None
    at = bound.position.at
    return at if isinstance(at, int | float) else None


def _at_distance(length: timedelta | typed.Parameter, sign: Literal["-", "+"]) -> Bound:
    if isinstance(length, typed.Parameter):
        return Bound(_point(typed.Offset("now", sign, length)), strict=False)
    return _from_now(-length if sign == "-" else length)


def _from_now(offset: timedelta) -> Bound:
    return Bound(Position(_NOW, offset), strict=False)


def _low(value: typed.Point, strict: bool) -> Bound:
    """`> value` where strict, `>= value` else: of a period, from its end or from its start."""
    match value:
        case typed.Calendar() | typed.Rolling():
            return Bound(_end(value) if strict else _start(value), strict=False)
        case _:
            return Bound(_point(value), strict)


def _high(value: typed.Point, strict: bool) -> Bound:
    """`< value` where strict, `<= value` else: of a period, before its start or before its end."""
    match value:
        case typed.Calendar() | typed.Rolling():
            return Bound(_start(value) if strict else _end(value), strict=True)
        case _:
            return Bound(_point(value), strict)


def _point(value: typed.Point) -> Position:
    match value:
        case typed.Relative(offset):
            return Position(_NOW, offset)
        case typed.Offset() | typed.Parameter():
            # It may be a day, or bound to a period. `<` and `>=` then meet at its start, `<=`
            # and `>` at its end, and the start is not after the end: in order as an instant is.
            return Position(value, 0)
        case _:
            return Position(_PLAIN, value)


def _start(value: typed.Calendar | typed.Rolling) -> Position:
    if isinstance(value, typed.Rolling):
        return Position(value.unit, value.offset)
    return Position(_MIDNIGHT, (value.year, value.month or 1, value.day or 1))


def _end(value: typed.Calendar | typed.Rolling) -> Position:
    match value:
        case typed.Rolling(unit, offset):
            return Position(unit, offset + 1)
        case typed.Calendar(year, None, _):
            return Position(_MIDNIGHT, (year + 1, 1, 1))
        case typed.Calendar(year, int(month), None):
            return Position(_MIDNIGHT, (year + month // 12, month % 12 + 1, 1))
        case typed.Calendar(year, int(month), int(day)):
            try:
                after = datetime(year, month, day) + _DAY
            except OverflowError:
                return Position(_MIDNIGHT, (year + 1, 1, 1))
            return Position(_MIDNIGHT, (after.year, after.month, after.day))
        case _:
            raise AssertionError(value)


def _whole(interval: Interval) -> Interval:
    """Bounds of whole numbers, at whole numbers."""
    low, high = interval.low, interval.high
    if (value := number(low)) is not None and low is not None:
        least = floor(value) + 1 if low.strict else ceil(value)
        low = Bound(Position(_PLAIN, least), strict=False)
    if (value := number(high)) is not None and high is not None:
        most = ceil(value) - 1 if high.strict else floor(value)
        high = Bound(Position(_PLAIN, most), strict=False)
    return Interval(low, high)


# ── the order ─────────────────────────────────────────────────────────────────


def _before(one: Position, other: Position) -> bool:
    """Whether a position certainly lies before another."""
    # Two midnights may fall together where a zone has left a day out.
    if one.scale == other.scale:
        return one.scale in (_PLAIN, _NOW) and bool(one.at < other.at)
    return False


def _not_after(one: Position, other: Position) -> bool:
    """Whether a position certainly lies before another, or is the same."""
    if one.scale == other.scale:
        return bool(one.at <= other.at)
    if _up_to_now(one) and _from_now_on(other):
        return True
    if one.scale == _MIDNIGHT and other.scale == _PLAIN:
        midnight = _in_utc(one)
        return midnight is not None and other.at - midnight >= _DAY
    if one.scale == _PLAIN and other.scale == _MIDNIGHT:
        midnight = _in_utc(other)
        return midnight is not None and midnight - one.at >= _DAY
    days, others = _days(one), _days(other)
    if days is not None and others is not None and days[1] <= others[0]:
        return True
    # Between a day's midnight and now minus or plus as many days lie less than two or three
    # days: the hour of now, and offsets from UTC that may have changed.
    if days is not None and other.scale == _NOW:
        return bool(timedelta(days[1] + 2) <= other.at)
    if others is not None and one.scale == _NOW:
        return bool(one.at <= timedelta(others[0] - 3))
    # The start of this year is not after the start of this month, nor is its end before.
    if (other.scale, one.scale) in _WITHIN:
        return bool(one.at <= 0 <= other.at)
    if (one.scale, other.scale) in _WITHIN:
        return bool(one.at <= 1 <= other.at)
    return False


def _up_to_now(position: Position) -> bool:
    match position.scale:
        case "now":
            return bool(position.at <= _NOTHING)
        case "hour" | "day" | "week" | "month" | "quarter" | "year":
            return bool(position.at <= 0)
        case _:
            return False


def _from_now_on(position: Position) -> bool:
    match position.scale:
        case "now":
            return bool(position.at >= _NOTHING)
        case "hour":
            return bool(position.at >= 1)
        case "day" | "week" | "month" | "quarter" | "year":
            # Where clocks go back over midnight, today's end may have been before now.
            return bool(position.at >= 2)
        case _:
            return False


_LENGTHS: dict[object, tuple[int, int]] = {
    "day": (1, 1), "week": (7, 7), "month": (28, 31), "quarter": (90, 92), "year": (365, 366),
}  # fmt: skip
"""The days of the shortest and the longest period of a unit."""
_MOST_PERIODS = 10_000


def _days(position: Position) -> tuple[int, int] | None:
    """The first and last day that may be a period's first, counted from today."""
    if position.scale not in _LENGTHS or abs(position.at) > _MOST_PERIODS:
        return None
    least, most = _LENGTHS[position.scale]
    if position.at <= 0:
        return most * position.at - (most - 1), least * position.at
    return least * (position.at - 1) + 1, most * position.at


def _in_utc(position: Position) -> datetime | None:
    """The midnight as UTC has it; in any zone it is less than a day away."""
    try:
        year, month, day = position.at
        return datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        return None
