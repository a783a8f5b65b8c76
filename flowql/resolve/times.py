"""Times and durations from their text."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import assert_never

from flowql import ast, typed


class Imprecise(ValueError):
    """More than six decimals of a second."""


class Beyond(ValueError):
    """Outside the years 1 to 9999, or of a duration what Python holds."""


class NotWholeDays(ValueError):
    """`today - 3h`, `yesterday - 1d`: not counted from today in whole days; `offer` is near it."""

    def __init__(self, offer: str) -> None:
        super().__init__(offer)
        self.offer = offer


_INSTANT = re.compile(
    r"""(?P<date>\d{4}-\d{2}-\d{2})[Tt ]
        (?P<hour>\d{2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d+))?)?
        [ ]?(?P<zone>[Zz]|[+-]\d{2}:?\d{2})?""",
    re.VERBOSE,
)
_PERIOD = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_RELATIVE = re.compile(r"now(?: ?([+-]) ?(.+))?", re.IGNORECASE)
_ROLLING = re.compile(r"(this|last|next) (hour|day|week|month|quarter|year)", re.IGNORECASE)
_STRETCH = re.compile(r"(last|next) (.+)", re.IGNORECASE)
_COUNTED = re.compile(r"(today|yesterday|tomorrow) ?([+-]) ?(.+)")
_WHOLE_DAYS = re.compile(r"(?: ?\d{1,18} ?(?:d|days?|w|weeks?))+")
_DAYS_OR_WEEKS = re.compile(r"(\d+) ?([dw])")
_MOST_DAYS = (date.max - date.min).days
_DAYS = {"today": 0, "yesterday": -1, "tomorrow": 1}
_OFFSETS = {"this": 0, "last": -1, "next": 1}

Time = datetime | typed.Relative | typed.Calendar | typed.Rolling | typed.Last | typed.Next


def read_time(text: str, zone: tzinfo) -> Time | None:
    """A time, period or stretch; None where the text is none.

    A time without an offset is in `zone`. Raises `Imprecise`, `Beyond` and `NotWholeDays`.
    """
    if match := _INSTANT.fullmatch(text):
        return _instant(match, zone)
    if match := _PERIOD.fullmatch(text):
        return _calendar(*match.groups())
    folded = text.lower()
    if folded in _DAYS:
        return typed.Rolling("day", _DAYS[folded])
    if match := _COUNTED.fullmatch(folded):
        return _counted(*match.groups())
    if match := _RELATIVE.fullmatch(folded):
        sign, length = match.groups()
        offset = read_duration(length) if length else timedelta(0)
        return None if offset is None else typed.Relative(-offset if sign == "-" else offset)
    if match := _ROLLING.fullmatch(folded):
        return typed.Rolling(match[2], _OFFSETS[match[1]])  # type: ignore[arg-type]
    if match := _STRETCH.fullmatch(folded):
        stretch = read_duration(match[2])
        if stretch is None or stretch < timedelta(0):
            return None
        return typed.Last(stretch) if match[1] == "last" else typed.Next(stretch)
    return None


def at_open_length(
    lead: ast.Lead, length: typed.Parameter
) -> typed.Offset | typed.Last | typed.Next:
    """The time or stretch whose length a parameter is to give."""
    match lead:
        case "last":
            return typed.Last(length)
        case "next":
            return typed.Next(length)
        case "now -":
            return typed.Offset("now", "-", length)
        case "now +":
            return typed.Offset("now", "+", length)
        case "today -":
            return typed.Offset("today", "-", length)
        case "today +":
            return typed.Offset("today", "+", length)
        case _:
            assert_never(lead)


def utc(moment: datetime, zone: tzinfo) -> datetime:
    """A moment in UTC; a naive one is in `zone`. Raises `Beyond`."""
    try:
        aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
        return aware.astimezone(UTC)
    except (OverflowError, ValueError):
        raise Beyond from None


def _instant(match: re.Match[str], zone: tzinfo) -> datetime | None:
    fraction = match["fraction"] or ""
    if len(fraction.rstrip("0")) > 6:
        raise Imprecise
    given = match["zone"]
    suffix = "" if given is None else "+00:00" if given in "Zz" else given
    text = (
        f"{match['date']}T{match['hour']}:{match['minute']}:{match['second'] or '00'}"
        f".{fraction[:6].ljust(6, '0')}{suffix}"
    )
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return utc(moment, zone)


def _calendar(year: str, month: str | None, day: str | None) -> typed.Calendar | None:
    try:
        date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    return typed.Calendar(int(year), int(month) if month else None, int(day) if day else None)


def _counted(day: str, sign: str, length: str) -> typed.Rolling | None:
    """The day that lies some whole days from another, which is to be today."""
    days = length if _WHOLE_DAYS.fullmatch(length) else f"{length}d"
    if not _WHOLE_DAYS.fullmatch(days):
        if read_duration(length) is None:
            return None
        raise NotWholeDays(f"now {sign} {length}")
    number = sum(
        int(count) * (7 if unit == "w" else 1) for count, unit in _DAYS_OR_WEEKS.findall(days)
    )
    offset = _DAYS[day] + (-number if sign == "-" else number)
    if abs(offset) > _MOST_DAYS:
        raise Beyond
    if day != "today" or days != length:
        counted = f" {'-' if offset < 0 else '+'} {abs(offset)}d" if offset else ""
        raise NotWholeDays(f"today{counted}")
    return typed.Rolling("day", offset)


_UNITS = {
    "w": 604_800_000_000, "d": 86_400_000_000, "h": 3_600_000_000, "m": 60_000_000,
    "s": 1_000_000, "ms": 1_000, "us": 1, "µs": 1,
    "week": 604_800_000_000, "day": 86_400_000_000, "hour": 3_600_000_000,
    "minute": 60_000_000, "min": 60_000_000, "second": 1_000_000, "sec": 1_000_000,
}  # fmt: skip
_PART = re.compile(r" ?(\d{1,18})(?:\.(\d{1,18}))? ?([a-zµ]+)")


def read_duration(text: str) -> timedelta | None:
    """A length such as `5m`, `1h30m`, `1.5h`, `7 days`, `-2s`; None where it is none.

    Raises `Imprecise` below a microsecond and `Beyond` past Python's timedelta.
    """
    folded = text.strip().lower()
    negative = folded.startswith("-")
    position = 1 if negative else 0
    microseconds = 0
    if position == len(folded):
        return None
    while position < len(folded):
        match = _PART.match(folded, position)
        unit = match and (_UNITS.get(match[3]) or _UNITS.get(match[3].removesuffix("s")))
        if not match or not unit:
            return None
        microseconds += int(match[1]) * unit
        if decimals := match[2]:
            numerator, denominator = int(decimals) * unit, 10 ** len(decimals)
            if numerator % denominator:
                raise Imprecise
            microseconds += numerator // denominator
        position = match.end()
    try:
        length = timedelta(microseconds=microseconds)
    except OverflowError:
        raise Beyond from None
    return -length if negative else length
