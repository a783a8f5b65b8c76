"""Values, moments and periods in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, assert_never
from uuid import UUID

from flowql import typed

if TYPE_CHECKING:
    from collections.abc import Iterator


def value_words(value: typed.Point) -> str:
    """A value; a text in quotes, a period or moment by its name."""
    match value:
        case typed.Parameter(name, _, many):
            return f"one of ${name}" if many else f"${name}"
        case bool():
            return "true" if value else "false"
        case str():
            return f"“{_visible(value)}”" if value else "the empty text"
        case int() | float():
            return f"{value:,}" if isinstance(value, int) else repr(value)
        case UUID():
            return str(value)
        case datetime():
            return f"{value.astimezone(UTC).replace(tzinfo=None).isoformat(' ')} UTC"
        case timedelta():
            return length_words(value)
        case typed.Relative(offset):
            return _relative(offset)
        case typed.Offset("now", sign, length):
            return f"${length.name} {'ago' if sign == '-' else 'from now'}"
        case typed.Offset(_, sign, length):
            return f"the day ${length.name} {'before' if sign == '-' else 'after'} today"
        case typed.Calendar() | typed.Rolling():
            return period_words(value)
        case _:
            assert_never(value)


def _visible(text: str) -> str:
    """The text, its control and bidirectional characters as escapes."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )


_UNITS = (
    ("day", timedelta(days=1)),
    ("hour", timedelta(hours=1)),
    ("minute", timedelta(minutes=1)),
    ("second", timedelta(seconds=1)),
    ("millisecond", timedelta(milliseconds=1)),
    ("microsecond", timedelta(microseconds=1)),
)


def length_words(length: timedelta | typed.Parameter) -> str:
    """`1 hour 30 minutes`; below two days in hours."""
    if isinstance(length, typed.Parameter):
        return f"${length.name}"
    if not length:
        return "0 seconds"
    left = abs(length)
    words = []
    for unit, size in _UNITS if left >= timedelta(days=2) else _UNITS[1:]:
        count, left = divmod(left, size)
        if count:
            words.append(f"{count:,} {unit}{'s' if count > 1 else ''}")
    return ("minus " if length < timedelta(0) else "") + " ".join(words)


def _relative(offset: timedelta) -> str:
    if not offset:
        return "now"
    direction = "ago" if offset < timedelta(0) else "from now"
    return f"{length_words(abs(offset))} {direction}"


_MONTHS = (
    "January February March April May June July August September October November December"
).split()
_DAYS = {-1: "yesterday", 0: "today", 1: "tomorrow"}
_OFFSETS = {-1: "the previous", 0: "this", 1: "the next"}


def period_words(period: typed.Calendar | typed.Rolling) -> str:
    """`November 2026`, `today`, `the previous week`."""
    match period:
        case typed.Calendar(year, None, _):
            return f"{year:04}"
        case typed.Calendar(year, int(month), None):
            return f"{_MONTHS[month - 1]} {year:04}"
        case typed.Calendar(year, month, day):
            return f"{day} {_MONTHS[(month or 1) - 1]} {year:04}"
        case typed.Rolling("day", offset):
            if abs(offset) > 1:
                direction = "before" if offset < 0 else "after"
                return f"the day {abs(offset):,} days {direction} today"
            return _DAYS[offset]
        case typed.Rolling(unit, offset):
            return f"{_OFFSETS[offset]} {'clock' if unit == 'hour' else 'calendar'} {unit}"
        case _:
            assert_never(period)


def within_words(period: typed.Calendar | typed.Rolling) -> str:
    """`in November 2026`, `on 1 November 2026`, `today`, `on the day 7 days before today`."""
    match period:
        case typed.Rolling("day", -1 | 0 | 1):
            return period_words(period)
        case typed.Rolling("day", _) | typed.Calendar(_, _, int()):
            return f"on {period_words(period)}"
        case _:
            return f"in {period_words(period)}"


def start_words(point: typed.Point) -> str:
    """A moment; of a period its first."""
    return f"the start of {value_words(point)}" if is_period(point) else value_words(point)


def end_words(point: typed.Point) -> str:
    """A moment; of a period its last."""
    return f"the end of {value_words(point)}" if is_period(point) else value_words(point)


def is_period(value: typed.Value) -> bool:
    """Whether a value is a whole period, which begins and ends in a time zone."""
    return isinstance(value, typed.Calendar | typed.Rolling) or (
        isinstance(value, typed.Offset) and value.origin == "today"
    )


def periods(predicate: typed.Predicate) -> Iterator[typed.Calendar | typed.Rolling | typed.Offset]:
    """The periods of a filter, which begin at a time zone's midnight."""
    pending: list[object] = [predicate]
    while pending:
        node = pending.pop()
        match node:
            case typed.And(operands) | typed.Or(operands):
                pending.extend(operands)
            case typed.Not(operand):
                pending.append(operand)
            case typed.Exists(_, where) | typed.Every(_, where) | typed.Latest(_, where):
                pending.append(where)
            case typed.Count(counted, _, bound):
                pending.extend((counted, bound))
            case typed.Counted(_, where):
                pending.append(where)
            case typed.Share(_, counted):
                pending.append(counted)
            case typed.In(_, values):
                pending.extend(values)
            case typed.Compare(_, _, value):
                pending.append(value)
            case typed.Range(low, high):
                pending.extend((low, high))
            case typed.Calendar() | typed.Rolling() | typed.Offset("today"):
                yield node
            case _:
                pass
