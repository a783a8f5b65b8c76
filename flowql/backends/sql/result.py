"""What `to_sql` gives: a statement, its parameters, and how to put values in their places."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any, assert_never
from uuid import UUID

from flowql import typed
from flowql.catalog import Type
from flowql.diagnostics import Diagnostic, FlowQLError
from flowql.diagnostics.values import UnboundParameter, UnusedParameter, WrongParameter

_WANTED = {
    Type.TEXT: "a text",
    Type.ENUM: "a text",
    Type.TAGS: "a text",
    Type.UUID: "a UUID",
    Type.INTEGER: "a number",
    Type.TIME: "a datetime with a time zone",
    Type.DURATION: "a timedelta",
    Type.BOOLEAN: "a bool",
    Type.JSON: "a number, a text, true or false",
}


class Refused(Exception):
    """A value cannot stand where it should; `problem` says why."""

    def __init__(self, problem: Diagnostic) -> None:
        super().__init__(problem)
        self.problem = problem


class Unfit(Exception):
    """A parameter's value is not what its place wants."""

    def __init__(self, wanted: str) -> None:
        super().__init__(wanted)
        self.wanted = wanted


@dataclass(frozen=True, slots=True)
class Place:
    """The place of an open parameter."""

    kind: Type
    """What it is compared with; JSON where that may be a number, a text or a boolean."""
    form: Callable[[Any], object]
    """What the driver gets for the value, or for the list; it may raise `Refused` or `Unfit`."""


@dataclass(frozen=True, slots=True)
class Sql:
    """A statement for one engine.

    `params` stand in the driver's own form, in the order of the placeholders. A
    parameter without a value stands there as it is, once for every place of it;
    `bind` gives the tuple in which values have taken these places.
    """

    text: str
    params: tuple[object, ...] = ()
    places: tuple[Place | None, ...] = field(default=(), repr=False, compare=False)
    """For each of `params` that is open, its place."""

    def bind(self, **values: object) -> tuple[object, ...]:
        """The parameters with these values in their places.

        Raises `FlowQLError` where a name is missing or unknown, or where a value
        does not fit its place.
        """
        problems: list[Diagnostic] = []
        known = {param.name for param in self.params if isinstance(param, typed.Parameter)}
        problems.extend(
            UnusedParameter(name=name, known=tuple(sorted(known)))
            for name in values
            if name not in known
        )
        found: list[object] = []
        for param, place in zip(self.params, self.places, strict=True):
            if not isinstance(param, typed.Parameter) or place is None:
                found.append(param)
            elif param.name not in values:
                unbound = UnboundParameter(name=param.name, span=param.span)
                if unbound not in problems:
                    problems.append(unbound)
            else:
                try:
                    found.append(_placed(param, place, values[param.name]))
                except Refused as refused:
                    problem = replace(refused.problem, span=param.span)
                    if problem not in problems:
                        problems.append(problem)
        if problems:
            raise FlowQLError(problems)
        return tuple(found)


def _placed(param: typed.Parameter, place: Place, value: object) -> object:
    """What the driver gets for a value, which is first read as `Plain`, or as a list of it."""
    # The value of a JSON key has the type of what it is compared with.
    kind = place.kind if param.type is Type.JSON else param.type
    try:
        if not param.many:
            return place.form(_plain(kind, value))
        if isinstance(value, set | frozenset):
            value = sorted(value, key=repr)
        if not isinstance(value, list | tuple):
            raise Unfit("a list")
        return place.form([_plain(kind, item) for item in value])
    except Unfit as unfit:
        given = "null" if value is None else f"a {type(value).__name__}"
        raise Refused(WrongParameter(name=param.name, given=given, wanted=unfit.wanted)) from None


def _plain(kind: Type, value: object) -> typed.Plain:
    match kind:
        case Type.TEXT | Type.ENUM | Type.TAGS:
            if isinstance(value, str):
                # A member of an enum is its value, also where that is a class of its own.
                return str.__str__(value)
            if isinstance(value, UUID) and kind is Type.TEXT:
                return str(value)
        case Type.UUID:
            if isinstance(value, UUID):
                return value
            if isinstance(value, str):
                with suppress(ValueError):
                    return UUID(value)
        case Type.INTEGER:
            if type(value) is int and -(2**63) <= value < 2**63:
                return value
            if isinstance(value, float) and isfinite(value):
                return value
        case Type.TIME:
            if isinstance(value, datetime) and value.tzinfo is not None:
                with suppress(OverflowError):
                    return value.astimezone(UTC)
        case Type.DURATION:
            if isinstance(value, timedelta):
                return value
        case Type.BOOLEAN:
            if isinstance(value, bool):
                return value
        case Type.JSON:
            if isinstance(value, bool):
                return value
            return _plain(Type.TEXT if isinstance(value, str) else Type.INTEGER, value)
        case _:
            assert_never(kind)
    raise Unfit(_WANTED[kind])
