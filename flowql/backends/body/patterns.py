"""Conditions on a text as LIKE patterns, whose case SQLite ignores and PostgreSQL minds.

A pattern is its texts and wildcards in turn (`flowql.regex.Wild`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from flowql import regex, typed
from flowql.regex import Wild, together

if TYPE_CHECKING:
    from collections.abc import Sequence

Database = Literal["sqlite", "postgres"]
Part = str | Wild


class Pattern(NamedTuple):
    """A pattern, and which database matches it as the condition does; None where both do."""

    parts: tuple[Part, ...]
    database: Database | None


def pattern_of(node: typed.Predicate) -> Pattern | None:
    """The pattern of one condition on a text, if it has one."""
    match node:
        case typed.In(_, (str(value),)):
            return _pattern([value] if value else [], "postgres")
        case typed.TextMatch(_, "contains", str(value)):
            return _pattern([Wild.MANY, value, Wild.MANY], "sqlite")
        case typed.TextMatch(_, "starts with", str(value)):
            return _pattern([value, Wild.MANY], "sqlite")
        case typed.TextMatch(_, "ends with", str(value)):
            return _pattern([Wild.MANY, value], "sqlite")
        case typed.TextMatch(_, "like", str(value)):
            wild = {"%": Wild.MANY, "_": Wild.ONE}
            return _pattern([wild.get(letter, letter) for letter in value], "sqlite")
        case typed.TextMatch(_, "matches", str(value)):
            parts = regex.parse(value).wildcards()
            return None if parts is None else _pattern(parts, "postgres")
        case typed.And(operands):
            return _masked(operands)
        case _:
            return None


def _pattern(parts: Sequence[Part], database: Database) -> Pattern:
    texts = "".join(part for part in parts if isinstance(part, str))
    return Pattern(together(parts), None if texts.lower() == texts.upper() else database)


def _masked(operands: tuple[typed.Predicate, ...]) -> Pattern | None:
    """A text with `%`, `_` or a backslash: a `like` for its length, others for its letters."""
    likes = [x for x in operands if isinstance(x, typed.TextMatch) and x.operator == "like"]
    if len(likes) != 1 or not isinstance(likes[0].value, str):
        return None
    parts: list[Part]
    match [x for x in operands if x is not likes[0]]:
        case [typed.TextMatch(_, "contains", str(text))]:
            parts = [text]
        case [typed.TextMatch(_, "starts with", str(first)),
              typed.TextMatch(_, "ends with", str(last))]:  # fmt: skip
            parts = [first, Wild.MANY, last]
        case [typed.TextMatch(_, "ends with", str(last)),
              typed.TextMatch(_, "starts with", str(first))]:  # fmt: skip
            parts = [first, Wild.MANY, last]
        case _:
            return None
    spelled = "".join(
        "%" if isinstance(part, Wild) else "".join("_" if x in "%_\\" else x for x in part)
        for part in parts
    )
    return _pattern(parts, "sqlite") if spelled == likes[0].value else None


def as_prefix(parts: tuple[Part, ...]) -> str | None:
    """The beginning that a LIKE is made of, in which `%`, `_` and backslashes are no texts."""
    if not parts or parts[-1] is not Wild.MANY:
        return None
    wild = {Wild.MANY: "%", Wild.ONE: "_"}
    texts = [part for part in parts if isinstance(part, str)]
    if any(letter in text for text in texts for letter in "%_\\"):
        return None
    return "".join(wild[part] if isinstance(part, Wild) else part for part in parts[:-1])


def as_glob(parts: tuple[Part, ...]) -> str | None:
    """The pattern with `*` and `?`, which are no texts in it."""
    texts = [part for part in parts if isinstance(part, str)]
    if any(letter in text for text in texts for letter in "*?"):
        return None
    return "".join(part.value if isinstance(part, Wild) else part for part in parts)
