"""Values: from the text as written, or a parameter's Python value, to the field's type.

Converted once; nobody later sees the text. What cannot be read is a coded
problem at the value's span, and None is given in its place.
"""

from __future__ import annotations

import math
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from enum import Enum
from typing import TYPE_CHECKING, Any, assert_never
from uuid import UUID

from flowql import ast, typed
from flowql.catalog import Field, Type
from flowql.diagnostics import values as problems
from flowql.printing.values import duration
from flowql.resolve import times
from flowql.rewrite.ground import OutOfCalendar, UnfitLength, at_length

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flowql.diagnostics import Diagnostic
    from flowql.source import Span

INT64 = 2**63
_Time = times.Time | timedelta

WANTED = {
    Type.TEXT: "a word, or a text in quotes",
    Type.ENUM: "one of the words it allows",
    Type.UUID: "32 hexadecimal digits, such as 2f6a1b7e-0c5d-4d7e-9a3b-6f1e2d3c4b5a",
    Type.INTEGER: "a number, such as 3",
    Type.TIME: "a date, a time with date, a period such as `today`, or `now - 24h`",
    Type.DURATION: "a number with a unit, such as 5m or 1h30m",
    Type.BOOLEAN: "true or false",
    Type.TAGS: "a word, or a text in quotes",
    Type.JSON: "a number, true, false or a text",
}

_STATE_NAMES = frozenset({
    "Late", "Retrying", "AwaitingRetry", "AwaitingConcurrencySlot", "TimedOut", "Resuming",
    "Suspended", "Cached", "RolledBack", "Scheduled", "Pending", "Running", "Completed", "Failed",
    "Cancelled", "Crashed", "Paused", "Cancelling", "Submitting", "InfrastructurePending",
    "AwaitingInput", "Claimed",
})  # fmt: skip
_INTEGER = re.compile(r"[+-]?\d{1,400}")
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,4})?")
_UUID = re.compile(r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}")
_UNSAFE = re.compile("[\0\ud800-\udfff]")


@dataclass(slots=True)
class Values:
    """Reads values for one query: its parameters, time zone and problems."""

    zone: tzinfo
    params: Mapping[str, Any]
    problems: list[Diagnostic]

    def read(self, value: ast.Scalar, column: typed.Column) -> typed.Value | None:
        """The value of one scalar; a parameter's where it is bound."""
        match value:
            case ast.Word(text, span):
                if text.lower() == "null":
                    self.problems.append(problems.NullValue(span=span, field=name_of(column)))
                    return None
                return self._text(text, column, span, quoted=False)
            case ast.Quoted(text, span):
                return self._text(text, column, span, quoted=True)
            case ast.Param(name, span, lead):
                if lead is not None:
                    return self._led(value, lead, column)
                return self._parameter(name, column, span)
            case _:
                assert_never(value)

    def many(self, param: ast.Param, column: typed.Column) -> list[typed.Value] | typed.Parameter:
        """The values of a parameter that stands for a list, or for a time's length."""
        if param.lead is not None:
            stretch = self._led(param, param.lead, column)
            return [] if stretch is None else [stretch]
        if param.name not in self.params:
            return typed.Parameter(param.name, column.field.type, True, param.span)
        given = self.params[param.name]
        if isinstance(given, list | tuple | set | frozenset):
            items = sorted(given, key=repr) if isinstance(given, set | frozenset) else given
            found = [self._given(item, param.name, column, param.span) for item in items]
            return [item for item in found if item is not None]
        one = self._given(given, param.name, column, param.span)
        if one is None:
            return []
        # `has all a` takes one tag as a list of one, and a period is inside itself.
        whole = isinstance(one, typed.Calendar | typed.Rolling | typed.Last | typed.Next)
        if not whole and column.field.type is not Type.TAGS:
            self._wrong_parameter(param.name, given, "a list", param.span)
            return []
        return [one]

    def whole_number(self, value: ast.Scalar, least: int) -> int | typed.Parameter | None:
        """The value of `limit`, `page`, `offset` and the like."""
        if isinstance(value, ast.Param) and value.lead is not None:
            text = str(value)
        elif isinstance(value, ast.Param):
            if value.name not in self.params:
                return typed.Parameter(value.name, Type.INTEGER, False, value.span)
            given = self.params[value.name]
            text = given if isinstance(given, str) else repr(given)
            if isinstance(given, bool):
                text = "a boolean"
        else:
            text = value.text
        if not re.fullmatch(r"\d{1,30}", text) or int(text) < least:
            wanted = f"a whole number from {least} on"
            self.problems.append(
                problems.WrongValue(span=value.span, value=text, type="whole number", wanted=wanted)
            )
            return None
        if int(text) >= INT64:
            self._out_of_range(text, value.span)
            return None
        return int(text)

    # ── parameters ────────────────────────────────────────────────────────────

    def _parameter(self, name: str, column: typed.Column, span: Span) -> typed.Value | None:
        if name not in self.params:
            return typed.Parameter(name, column.field.type, False, span)
        return self._given(self.params[name], name, column, span)

    def _led(self, param: ast.Param, lead: ast.Lead, column: typed.Column) -> typed.Value | None:
        """A time or stretch at a length that a parameter gives: `last $since`."""
        kind, name = column.field.type, param.name
        if kind is not Type.TIME:
            return self._wrong(str(param), kind, param.span, f"`${name}`")
        if name not in self.params:
            return times.at_open_length(
                lead, typed.Parameter(name, Type.DURATION, False, param.own)
            )
        given = self.params[name]
        if given is None:
            self.problems.append(problems.NullValue(span=param.own, field=name_of(column)))
            return None
        length = self._given(given, name, _LENGTH, param.own)
        if not isinstance(length, timedelta):
            return None
        value = times.at_open_length(lead, typed.Parameter(name, Type.DURATION))
        try:
            return at_length(value, length)
        except UnfitLength as unfit:
            problem = problems.WrongParameter(
                span=param.own, name=name, given=f"`{duration(length)}`", wanted=unfit.wanted
            )
            self.problems.append(problem)
        except OutOfCalendar:
            self._beyond(f"{lead} {duration(length)}", param.own)
        return None

    def _given(self, given: Any, name: str, column: typed.Column, span: Span) -> typed.Value | None:
        kind = column.field.type
        if isinstance(given, Enum):
            given = given.value
        if given is None:
            self.problems.append(problems.NullValue(span=span, field=name_of(column)))
            return None
        if isinstance(given, str):
            return self._text(given, column, span, quoted=True)
        if isinstance(given, bool):
            if kind in (Type.BOOLEAN, Type.JSON):
                return given
        elif isinstance(given, int | float):
            if kind in (Type.INTEGER, Type.JSON):
                return self._number(repr(given), span)
        elif isinstance(given, datetime):
            if kind is Type.TIME:
                return self._caught(
                    given.isoformat(), kind, span, lambda: times.utc(given, self.zone)
                )
        elif isinstance(given, date):
            if kind is Type.TIME:
                return typed.Calendar(given.year, given.month, given.day)
        elif isinstance(given, timedelta):
            if kind is Type.DURATION:
                return given
        elif isinstance(given, UUID):
            if kind is Type.UUID:
                return given
            if kind is Type.TEXT:
                return str(given)
        self._wrong_parameter(name, given, f"a {kind.value}", span)
        return None

    def _wrong_parameter(self, name: str, given: Any, wanted: str, span: Span) -> None:
        self.problems.append(
            problems.WrongParameter(
                span=span, name=name, given=f"a {type(given).__name__}", wanted=wanted
            )
        )

    # ── texts ─────────────────────────────────────────────────────────────────

    def _text(
        self, text: str, column: typed.Column, span: Span, *, quoted: bool
    ) -> typed.Value | None:
        if unsafe := _UNSAFE.search(text):
            from flowql.diagnostics.syntax import UnsafeCharacter

            self.problems.append(UnsafeCharacter(span=span, character=unsafe.group()))
            return None
        kind = column.field.type
        match kind:
            case Type.TEXT | Type.TAGS:
                if not quoted and " " in text:
                    return self._wrong(text, kind, span, f'`"{text}"`, in quotes')
                return text
            case Type.ENUM:
                return self._choice(text, column, span)
            case Type.UUID:
                return UUID(text) if _UUID.fullmatch(text) else self._wrong(text, kind, span)
            case Type.INTEGER:
                words = column.field.words
                if text.upper() in words:
                    return words[text.upper()]
                if _NUMBER.fullmatch(text):
                    return self._number(text, span)
                if words:
                    self.problems.append(
                        problems.UnknownChoice(
                            span=span, field=column.field.name, value=text, choices=tuple(words)
                        )
                    )
                    return None
                return self._wrong(text, kind, span)
            case Type.TIME:
                return self._caught(text, kind, span, lambda: times.read_time(text, self.zone))
            case Type.DURATION:
                if _NUMBER.fullmatch(text):
                    return self._wrong(text, kind, span, f"`{text}s`, with its unit")
                return self._caught(text, kind, span, lambda: times.read_duration(text))
            case Type.BOOLEAN:
                if text.lower() in ("true", "false"):
                    return text.lower() == "true"
                return self._wrong(text, kind, span)
            case Type.JSON:
                if quoted:
                    return text
                if text.lower() in ("true", "false"):
                    return text.lower() == "true"
                if _NUMBER.fullmatch(text):
                    return self._number(text, span)
                if " " in text:
                    return self._wrong(text, Type.TEXT, span, f'`"{text}"`, in quotes')
                return text
            case _:
                assert_never(kind)

    def _choice(self, text: str, column: typed.Column, span: Span) -> str | None:
        choices = column.field.choices
        if text in choices:
            return text
        facts: dict[str, Any] = {
            "span": span, "field": column.field.name, "value": text, "choices": choices,
        }  # fmt: skip
        is_state_name = column.field.name == "state" and text in _STATE_NAMES
        if is_state_name and text.upper() not in choices:
            self.problems.append(problems.StateName(**facts))
        else:
            self.problems.append(problems.UnknownChoice(**facts))
        return None

    def _number(self, text: str, span: Span) -> int | float | None:
        if _INTEGER.fullmatch(text):
            number = int(text)
            if -INT64 <= number < INT64:
                return number
        else:
            decimal = float(text)
            if math.isfinite(decimal):
                return int(decimal) if decimal.is_integer() and abs(decimal) < 2**53 else decimal
        self._out_of_range(text, span)
        return None

    def _out_of_range(self, text: str, span: Span) -> None:
        self.problems.append(
            problems.OutOfRange(span=span, value=text[:60], bounds="numbers have 64 bits")
        )

    def _caught(
        self, text: str, kind: Type, span: Span, read: Callable[[], _Time | None]
    ) -> _Time | None:
        """The time or duration that `read` gives; what it is not is reported."""
        try:
            found = read()
        except times.Imprecise:
            self.problems.append(problems.TooPrecise(span=span, value=text))
            return None
        except times.NotWholeDays as uncounted:
            self.problems.append(
                problems.NotWholeDays(span=span, value=text, offer=uncounted.offer)
            )
            return None
        except times.Beyond:
            self._beyond(text, span)
            return None
        if found is None:
            self._wrong(text, kind, span, _with_lead(text) if kind is Type.TIME else None)
        return found

    def _beyond(self, text: str, span: Span) -> None:
        self.problems.append(
            problems.OutOfRange(span=span, value=text, bounds="times stay in the years 1 to 9999")
        )

    def _wrong(
        self, text: str, kind: Type, span: Span, offer: str | None = None
    ) -> typed.Value | None:
        self.problems.append(
            problems.WrongValue(
                span=span, value=text, type=kind.value, wanted=WANTED[kind], offer=offer
            )
        )
        return None


def _with_lead(text: str) -> str | None:
    """The times that a length alone, which is none, was probably meant to be."""
    with suppress(times.Imprecise, times.Beyond):
        length = times.read_duration(text)
        if length is not None and length >= timedelta(0):
            return f"`last {text}` for a stretch, or `now - {text}`"
    return None


_LENGTH = typed.Column(Field("length", Type.DURATION, "A length of time."))


def name_of(column: typed.Column) -> str:
    """How a text writes a column."""
    return ".".join((column.field.name, *column.keys))
