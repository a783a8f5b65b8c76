"""What a body is to say: criteria with their values, joined by words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from flowql.catalog.filters import Leaf
    from flowql.source import Span

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


@dataclass(frozen=True, slots=True)
class Atom:
    """One criterion with its value; `weight` is how many values a server binds for it."""

    leaf: Leaf
    value: Json
    span: Span | None
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Joined:
    """Sayings joined by one word."""

    word: Literal["and", "or"]
    parts: list[Saying]
    span: Span | None


Saying = Atom | Joined


def weight(saying: Saying) -> int:
    """How many values a server binds for it."""
    return sum(atom.weight for atom in atoms(saying))


def atoms(saying: Saying) -> list[Atom]:
    found: list[Atom] = []
    pending: list[Saying] = [saying]
    while pending:
        part = pending.pop()
        if isinstance(part, Atom):
            found.append(part)
        else:
            pending.extend(reversed(part.parts))
    return found


def flat(saying: Saying) -> Saying:
    """A saying without an `and` directly in an `and`: one instant is two bounds."""
    if not isinstance(saying, Joined):
        return saying
    parts: list[Saying] = []
    for part in map(flat, saying.parts):
        if isinstance(part, Joined) and part.word == saying.word:
            parts.extend(part.parts)
        else:
            parts.append(part)
    return Joined(saying.word, parts, saying.span)
