"""One stored value, as an API or a database gives it, to the value that its type has.

    type      read from                                           to
    uuid      UUID, text in any case                              UUID
    time      datetime (without a zone it is UTC), ISO 8601 text  datetime in UTC
    duration  timedelta, seconds, SQLite's text from 1970-01-01   timedelta
    boolean   bool, 0, 1                                          bool
    tags      list, JSON text, null                               frozenset
    JSON      objects and lists, JSON text                        the same, parsed
    text      text                                                str
    enum      text, members of an Enum                            str
    number    integers                                            int

Null stays null, but for tags. Anything else is `Unreadable`; nothing is guessed.
"""

from __future__ import annotations

import json
import math
import operator
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flowql.catalog import Type

if TYPE_CHECKING:
    from collections.abc import Callable

WANTED: Mapping[Type, str] = {
    Type.TEXT: "a text",
    Type.ENUM: "a text or a member of an Enum",
    Type.UUID: "a UUID, or 32 hexadecimal digits",
    Type.INTEGER: "a whole number",
    Type.TIME: "a time of the years 1 to 9999: a datetime, or ISO 8601 text to the microsecond",
    Type.DURATION: "a duration: a timedelta, seconds, or SQLite's text from 1970-01-01 on",
    Type.BOOLEAN: "true or false",
    Type.TAGS: "a list of texts",
    Type.JSON: "JSON",
}

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TOO_FINE = re.compile(r"[.,]\d{6}0*[1-9]")


class Unreadable(Exception):
    """The value is not of the type."""


def read(kind: Type, value: Any) -> Any:
    """The value of a type; raises `Unreadable`."""
    if isinstance(value, Enum):
        value = value.value
    if value is None:
        return frozenset() if kind is Type.TAGS else None
    try:
        return _READERS[kind](value)
    except (ValueError, TypeError, OverflowError, RecursionError):
        raise Unreadable from None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Unreadable
    return str(value)


def _uuid(value: Any) -> UUID:
    if isinstance(value, UUID):
        # Drivers have classes of their own that compare more slowly, or not at all.
        return value if type(value) is UUID else UUID(int=value.int)
    return UUID(_text(value))


def _integer(value: Any) -> int:
    if isinstance(value, bool):
        raise Unreadable
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return operator.index(value)


def _boolean(value: Any) -> bool:
    if value is True or value is False:
        return bool(value)
    number = _integer(value)
    if number not in (0, 1):
        raise Unreadable
    return bool(number)


def _time(value: Any) -> datetime:
    moment = value if isinstance(value, datetime) else _moment(_text(value))
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _moment(text: str) -> datetime:
    if len(text) <= len("2026-11-01") or _TOO_FINE.search(text):
        raise Unreadable
    return datetime.fromisoformat(text)


def _duration(value: Any) -> timedelta:
    if isinstance(value, timedelta):
        return value
    if isinstance(value, str):
        return _time(value) - _EPOCH
    if isinstance(value, bool):
        raise Unreadable
    return timedelta(seconds=value)


def _tags(value: Any) -> frozenset[str]:
    if isinstance(value, str):
        value = json.loads(value)
        if value is None:
            return frozenset()
    if not isinstance(value, list | tuple | set | frozenset):
        raise Unreadable
    return frozenset(_text(tag) for tag in value)


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str | bytes) else value


_READERS: Mapping[Type, Callable[[Any], Any]] = {
    Type.TEXT: _text,
    Type.ENUM: _text,
    Type.UUID: _uuid,
    Type.INTEGER: _integer,
    Type.TIME: _time,
    Type.DURATION: _duration,
    Type.BOOLEAN: _boolean,
    Type.TAGS: _tags,
    Type.JSON: _json,
}


def inside(value: Any, keys: tuple[str, ...]) -> Any:
    """What the keys lead to in a JSON value; null where there is no such key."""
    for key in keys:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value


def like_kind(value: Any, sample: Any) -> bool:
    """Whether a JSON value is of the sample's type: text, boolean or number."""
    if isinstance(sample, bool) or isinstance(value, bool):
        return isinstance(sample, bool) and isinstance(value, bool)
    if isinstance(sample, str):
        return isinstance(value, str)
    if not isinstance(sample, int | float):
        return False
    return isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))
