"""What the demo's rows are made of: their types, and ids and times that chance and names decide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, TypeAlias
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Json:
    """A value of a column that holds any JSON: there a text is JSON too, and None is its null."""

    value: Any


Value: TypeAlias = (
    bool | int | str | datetime | timedelta | UUID | list[Any] | dict[str, Any] | Json | None
)
Row: TypeAlias = dict[str, Value]
Rows: TypeAlias = dict[str, list[Row]]


def seconds(chance: Random, least: float, most: float) -> timedelta:
    """Between two numbers of seconds, to the microsecond."""
    return timedelta(microseconds=chance.randrange(int(least * 1e6), int(most * 1e6)))


def digest(text: str) -> str:
    """Eight hexadecimal digits, as versions of code have."""
    return f"{Random(text).getrandbits(32):08x}"


def ident(*parts: str) -> UUID:
    """An id that is the same in every demo."""
    return UUID(int=Random("/".join(parts)).getrandbits(128), version=4)


def timed_ident(instant: datetime, chance: Random) -> UUID:
    """A version 7 id, as Prefect gives to runs: ids order as their instants do."""
    milliseconds = int(instant.timestamp() * 1000)
    head = milliseconds << 16 | 7 << 12 | chance.getrandbits(12)
    return UUID(int=head << 64 | 0b10 << 62 | chance.getrandbits(62))


def new_row(
    identity: UUID, created: datetime, updated: datetime | None = None, **values: Any
) -> Row:
    """A row as every table has it; what has not changed since was updated when it was created."""
    return {"id": identity, "created": created, "updated": updated or created, **values}
