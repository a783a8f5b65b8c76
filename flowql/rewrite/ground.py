"""Times made concrete: relative times, periods and ranges become instants.

After `ground` the values of `In` and `Compare` are `Plain` or `Parameter`; where the
parameter is a length of time, its `instant` makes the time of it that stands there. A
period's start is inside it and its end is not; `last 7d` and ranges of instants
include both ends. Periods begin and end at the time zone's midnights: a local
time that a clock change skips goes forward, one that comes twice is the first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from operator import is_
from typing import assert_never

from flowql import typed
from flowql.catalog.model import Type
from flowql.printing.values import instant
from flowql.source import Span


class OutOfCalendar(ValueError):
    """A time leaves the years 1 to 9999; `value` is the value that does, at `span`."""

    def __init__(self, value: typed.Value, span: Span | None = None) -> None:
        super().__init__("the time leaves the years 1 to 9999")
        self.value = value
        self.span = span


class UnfitLength(ValueError):
    """A length of time does not fit where its parameter stands; `wanted` would."""

    def __init__(self, wanted: str) -> None:
        super().__init__(wanted)
        self.wanted = wanted


def at_length(
    value: typed.Offset | typed.Last | typed.Next, length: timedelta
) -> typed.Relative | typed.Rolling | typed.Last | typed.Next:
    """The time or stretch with this as its length.

    Raises `UnfitLength`, and `OutOfCalendar` where days are more than a calendar has.
    """
    if isinstance(value, typed.Offset) and value.origin == "now":
        return typed.Relative(-length if value.sign == "-" else length)
    if length < timedelta(0):
        raise UnfitLength("a length of time that is not negative")
    match value:
        case typed.Last():
            return typed.Last(length)
        case typed.Next():
            return typed.Next(length)
        case typed.Offset():
            if length % _DAY:
                raise UnfitLength("a number of whole days, such as 7d,")
            if length.days > _MOST_DAYS:
                raise OutOfCalendar(typed.Rolling("day", length.days))
            return typed.Rolling("day", -length.days if value.sign == "-" else length.days)
        case _:
            assert_never(value)


_DAY = timedelta(1)
_MOST_DAYS = (date.max - date.min).days


def ground(query: typed.Query, now: datetime, zone: tzinfo) -> typed.Query:
    """The query with every time made concrete for a moment and a time zone.

    `now` is aware. Raises `OutOfCalendar` where a time leaves the years 1 to 9999.
    """
    grounded = Grounding(now.astimezone(UTC), zone).predicate(query.filter)
    return query if grounded is query.filter else replace(query, filter=grounded)


class Grounding:
    """A moment and a time zone to read times in."""

    def __init__(self, now: datetime, zone: tzinfo) -> None:
        self.now = now
        self.zone = zone

    def predicate(self, node: typed.Predicate) -> typed.Predicate:
        match node:
            case typed.In():
                return self._in(node)
            case typed.And(operands, span):
                grounded = [self.predicate(operand) for operand in operands]
                # Most conditions are no times; what stays the same is not made anew.
                if all(map(is_, grounded, operands)):
                    return node
                return typed.conjunction(grounded, span)
            case typed.Or(operands, span):
                grounded = [self.predicate(operand) for operand in operands]
                if all(map(is_, grounded, operands)):
                    return node
                return typed.disjunction(grounded, span)
            case typed.Not(operand, span):
                return typed.Not(self.predicate(operand), span)
            case typed.Exists(relation, where, span):
                return typed.Exists(relation, self.predicate(where), span)
            case typed.Every(relation, where, span):
                return typed.Every(relation, self.predicate(where), span)
            case typed.Latest(path, where, span):
                return typed.Latest(path, self.predicate(where), span)
            case typed.Count():
                return self._count(node)
            case typed.Compare():
                return self._compare(node)
            case typed.Always() | typed.TextMatch() | typed.TagsMatch() | typed.IsNull():
                return node
            case _:
                assert_never(node)

    def _count(self, node: typed.Count) -> typed.Count:
        bound = node.bound
        if isinstance(bound, typed.Share):
            bound = replace(bound, counted=self._counted(bound.counted))
        return replace(node, counted=self._counted(node.counted), bound=bound)

    def _counted(self, counted: typed.Counted) -> typed.Counted:
        return replace(counted, where=self.predicate(counted.where))

    def _in(self, node: typed.In) -> typed.Predicate:
        if node.column.field.type is Type.TIME or typed.Range in map(type, node.values):
            try:
                return self._times(node)
            except OutOfCalendar as beyond:
                raise OutOfCalendar(beyond.value, node.span) from None
        return node

    def _times(self, node: typed.In) -> typed.Predicate:
        plain: list[typed.Value] = []
        inside: list[typed.Predicate] = []
        for value in node.values:
            match value:
                case typed.Relative():
                    plain.append(self.instant(value))
                case typed.Offset("now", _, length):
                    plain.append(self._open(value, length))
                case typed.Calendar() | typed.Rolling() | typed.Offset():
                    inside.append(self._inside(node, value))
                case typed.Last() | typed.Next() | typed.Range():
                    inside.append(self._inside(node, value))
                case _:
                    plain.append(value)
        if not inside:
            return replace(node, values=tuple(plain))
        if plain:
            inside.append(replace(node, values=tuple(plain)))
        return typed.disjunction(inside, node.span)

    def _inside(
        self,
        node: typed.In,
        value: (
            typed.Calendar | typed.Rolling | typed.Offset | typed.Last | typed.Next | typed.Range
        ),
    ) -> typed.Predicate:
        def compare(operator: typed.Ordering, point: typed.Point) -> typed.Predicate:
            return self._compare(typed.Compare(node.column, operator, point, node.span))

        match value:
            case typed.Last(length):
                low: typed.Point
                if isinstance(length, typed.Parameter):
                    low = self._open(value, length)
                else:
                    low = typed.Relative(-length)
                bounds = [compare(">=", low), compare("<=", _NOW)]
            case typed.Next(length):
                high: typed.Point
                if isinstance(length, typed.Parameter):
                    high = self._open(value, length)
                else:
                    high = typed.Relative(length)
                bounds = [compare(">=", _NOW), compare("<=", high)]
            case typed.Range(start, end):
                bounds = [compare(">=", start)] if start is not None else []
                if end is not None:
                    bounds.append(compare("<=", end))
            case typed.Calendar() | typed.Rolling() | typed.Offset():
                bounds = [compare(">=", value), compare("<=", value)]
            case _:
                assert_never(value)
        return typed.conjunction(bounds, node.span)

    def _compare(self, node: typed.Compare) -> typed.Compare:
        try:
            return self._bound(node)
        except OutOfCalendar as beyond:
            raise OutOfCalendar(beyond.value, node.span) from None

    def _bound(self, node: typed.Compare) -> typed.Compare:
        match node.value:
            case typed.Relative():
                return replace(node, value=self.instant(node.value))
            case typed.Offset("now", _, length):
                return replace(node, value=self._open(node.value, length))
            case typed.Offset(_, _, length):
                operator, at_end = _EDGES[node.operator]
                value = self._open(node.value, length, at_end=at_end)
                return replace(node, operator=operator, value=value)
            case typed.Calendar() | typed.Rolling():
                operator, at_end = _EDGES[node.operator]
                return replace(node, operator=operator, value=self.period(node.value)[at_end])
            case _:
                return node

    def _open(
        self,
        value: typed.Offset | typed.Last | typed.Next,
        length: typed.Parameter,
        *,
        at_end: bool = False,
    ) -> typed.Parameter:
        """The parameter of a length, as one that gives the instant which the length makes."""
        return replace(length, instant=Instant(value, self.now, self.zone, at_end))

    def instant(self, value: typed.Relative) -> datetime:
        """The instant of a relative time, in UTC."""
        try:
            return self.now + value.offset
        except OverflowError:
            raise OutOfCalendar(value) from None

    def period(self, value: typed.Calendar | typed.Rolling) -> tuple[datetime, datetime]:
        """Start (inside) and end (outside) of a period, in UTC."""
        try:
            match value:
                case typed.Calendar(year, None, _):
                    return self._midnight(date(year, 1, 1)), self._midnight(date(year + 1, 1, 1))
                case typed.Calendar(year, int(month), None):
                    first = date(year, month, 1)
                    return self._midnight(first), self._midnight(_add_months(first, 1))
                case typed.Calendar(year, int(month), int(day)):
                    first = date(year, month, day)
                    return self._midnight(first), self._midnight(first + timedelta(1))
                case typed.Rolling():
                    return self._rolling(value)
                case _:
                    raise AssertionError(value)
        except (OverflowError, ValueError):
            raise OutOfCalendar(value) from None

    def _rolling(self, value: typed.Rolling) -> tuple[datetime, datetime]:
        local = self.now.astimezone(self.zone)
        today = local.date()
        offset = value.offset
        match value.unit:
            case "hour":
                # Hours are counted in elapsed time, so that a changed clock skips none.
                into = timedelta(
                    minutes=local.minute, seconds=local.second, microseconds=local.microsecond
                )
                start = self.now - into + timedelta(hours=offset)
                return start, start + timedelta(hours=1)
            case "day":
                first, last = today + timedelta(offset), today + timedelta(offset + 1)
            case "week":
                monday = today - timedelta(today.weekday())
                first, last = monday + timedelta(7 * offset), monday + timedelta(7 * offset + 7)
            case "month":
                month = today.replace(day=1)
                first, last = _add_months(month, offset), _add_months(month, offset + 1)
            case "quarter":
                quarter = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
                first, last = _add_months(quarter, 3 * offset), _add_months(quarter, 3 * offset + 3)
            case "year":
                first, last = date(today.year + offset, 1, 1), date(today.year + offset + 1, 1, 1)
            case _:
                assert_never(value.unit)
        return self._midnight(first), self._midnight(last)

    def _midnight(self, day: date) -> datetime:
        # fold=0 takes the first of two; in a gap it is the offset before the change,
        # which lands as far after the gap as the clock went forward.
        return datetime(day.year, day.month, day.day, tzinfo=self.zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Instant:
    """What makes an instant of a length of time: the open end of a stretch, or a day's edge.

    Called with the length it gives the instant in UTC. Raises `UnfitLength`, and
    `OutOfCalendar`.
    """

    value: typed.Offset | typed.Last | typed.Next
    now: datetime
    zone: tzinfo
    at_end: bool

    def __str__(self) -> str:
        """`2026-11-23T12:00:00Z - $n`, `the end of 2026-11-23 + $n in Europe/Berlin`."""
        parameter = self.value.length
        assert isinstance(parameter, typed.Parameter)
        name = f"${parameter.name}"
        match self.value:
            case typed.Last():
                return f"{instant(self.now)} - {name}"
            case typed.Next():
                return f"{instant(self.now)} + {name}"
            case typed.Offset("now", sign, _):
                return f"{instant(self.now)} {sign} {name}"
            case typed.Offset(_, sign, _):
                edge = "end" if self.at_end else "start"
                today = self.now.astimezone(self.zone).date()
                return f"the {edge} of {today} {sign} {name} in {self.zone}"
            case _:
                assert_never(self.value)

    def __call__(self, length: timedelta) -> datetime:
        moment = Grounding(self.now, self.zone)
        found = at_length(self.value, length)
        match found:
            case typed.Relative():
                return moment.instant(found)
            case typed.Last():
                return moment.instant(typed.Relative(-length))
            case typed.Next():
                return moment.instant(typed.Relative(length))
            case typed.Rolling():
                return moment.period(found)[self.at_end]
            case _:
                assert_never(found)


_NOW = typed.Relative(timedelta(0))
_EDGES: dict[typed.Ordering, tuple[typed.Ordering, bool]] = {
    "<": ("<", False),
    "<=": ("<", True),
    ">": (">=", True),
    ">=": (">=", False),
}
"""How a comparison with a period is said of an instant, and whether that is the period's end."""


def _add_months(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, day.day)
