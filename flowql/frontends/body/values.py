"""Single values of a body, read as leniently as the server reads them.

The server validates with pydantic, so the same validators stand here: `"5"` is a
number, `"yes"` true, an id may lack its hyphens. pydantic is imported when the
first body is read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from flowql.diagnostics import body as problems
from flowql.diagnostics.syntax import UnsafeCharacter
from flowql.diagnostics.values import OutOfRange

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import TypeAdapter

    from flowql.diagnostics import Diagnostic

_UNSAFE = re.compile("[\0\ud800-\udfff]")


class Kind(Enum):
    """A type of values; the value is how messages call it."""

    TEXT = "a text"
    TEXTS = "a list of texts"
    UUIDS = "a list of UUIDs"
    CHOICES = "a list"
    CHOICE = "a text of those allowed"
    BOOLEAN = "true or false"
    INTEGER = "a whole number"
    TIME = "a time"
    SECONDS = "a number of seconds, at least one,"
    OBJECT = "an object"
    PAIRS = "a list of pairs of texts"
    LABELS = "an object of texts and lists of texts"
    NUMBER = "a number"
    SEARCH = "a text of at most 200 characters"


_OF: dict[Kind, str] = {
    Kind.TEXTS: "a text",
    Kind.UUIDS: "a UUID",
    Kind.CHOICES: "a text",
    Kind.PAIRS: "a pair of texts",
    Kind.LABELS: "a text or a list of texts",
}
"""How messages call the elements of a list or an object."""


@dataclass(slots=True)
class Values:
    """Reads values and reports those that the server would refuse."""

    problems: list[Diagnostic]

    def read(self, kind: Kind, value: Any, pointer: str, choices: tuple[str, ...] = ()) -> Any:
        """The value as its type; None where a problem was reported."""
        from pydantic import ValidationError

        before = len(self.problems)
        try:
            found = _adapter(kind, choices).validate_python(value)
        except ValidationError as error:
            details = error.errors(include_url=False, include_context=False)
            wrong = {_within(value, detail["loc"]): None for detail in details}
            for way in wrong:
                self._refuse(kind, value, way, pointer, choices)
            return None
        match found:
            case str():
                self._check_text(found, pointer)
            case [str(), *_]:
                for at, text in enumerate(found):
                    self._check_text(text, f"{pointer}/{at}")
            case [tuple(), *_] | dict() if kind is not Kind.OBJECT:
                for text in _texts_in(found):
                    self._check_text(text, pointer)
            case datetime():
                found = self._utc(found, pointer)
            case _:
                pass
        return found if len(self.problems) == before else None

    def _refuse(
        self,
        kind: Kind,
        value: Any,
        way: tuple[str | int, ...],
        pointer: str,
        choices: tuple[str, ...],
    ) -> None:
        for step in way:
            value = value[step]
            pointer = f"{pointer}/{escaped(step)}"
        found = described(value)
        problem: Diagnostic
        if kind is Kind.TIME and isinstance(value, str):
            problem = problems.WrongTime(pointer=pointer, found=found)
        elif choices and isinstance(value, str):
            problem = problems.WrongChoice(pointer=pointer, found=found, choices=choices)
        else:
            wanted = kind.value if not way else _OF[kind] if len(way) == 1 else "a text"
            problem = problems.WrongJson(pointer=pointer, found=found, wanted=wanted)
        self.problems.append(problem)

    def _check_text(self, text: str, pointer: str) -> None:
        if unsafe := _UNSAFE.search(text):
            self.problems.append(UnsafeCharacter(pointer=pointer, character=unsafe.group()))

    def _utc(self, time: datetime, pointer: str) -> datetime | None:
        """A time without a zone is in UTC."""
        if time.tzinfo is None:
            return time.replace(tzinfo=UTC)
        try:
            return time.astimezone(UTC)
        except OverflowError:
            bounds = "times stay in the years 1 to 9999 once in UTC"
            self.problems.append(OutOfRange(pointer=pointer, value=time.isoformat(), bounds=bounds))
            return None


def _within(value: Any, steps: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """The steps that lead into a value, up to the first that names a type or what is missing."""
    for depth, step in enumerate(steps):
        listed = range(len(value)) if isinstance(value, list | tuple) else ()
        if step not in (value if isinstance(value, Mapping) else listed):
            return steps[:depth]
        value = value[step]
    return steps


def escaped(key: object) -> str:
    """A key as JSON pointers write it."""
    return str(key).replace("~", "~0").replace("/", "~1")


def _texts_in(value: Any) -> Iterator[str]:
    """The texts of pairs, and of objects of texts and lists of texts."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _texts_in(inner)
    else:
        for inner in value:
            yield from _texts_in(inner)


@cache
def _adapter(kind: Kind, choices: tuple[str, ...]) -> TypeAdapter[Any]:
    from pydantic import Field, TypeAdapter

    types: dict[Kind, Any] = {
        Kind.TEXT: str,
        Kind.TEXTS: list[str],
        Kind.UUIDS: list[UUID],
        Kind.BOOLEAN: bool,
        Kind.INTEGER: int,
        Kind.TIME: datetime,
        Kind.SECONDS: Annotated[float, Field(ge=1, allow_inf_nan=False)],
        Kind.SEARCH: Annotated[str, Field(max_length=200)],
        Kind.PAIRS: list[tuple[str, str]],
        Kind.LABELS: dict[str, str | list[str]],
        Kind.NUMBER: float,
        Kind.OBJECT: dict[str, Any],
    }
    if choices:
        types |= {Kind.CHOICE: Literal[choices], Kind.CHOICES: list[Literal[choices]]}  # type: ignore[valid-type]
    return TypeAdapter(types[kind])


def described(value: Any) -> str:
    """A JSON value as messages show it."""
    match value:
        case list() | tuple():
            return "a list"
        case dict():
            return "an object"
        case _:
            text = json.dumps(value, ensure_ascii=False, default=repr)
            return text if len(text) <= 60 else text[:59] + "…"
