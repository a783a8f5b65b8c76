r"""LIKE patterns as the two databases of Prefect match them: SQLite whatever the case of ASCII
letters, PostgreSQL minding case.

A pattern is its texts and wildcards in turn (`flowql.regex.Wild`). Where no letter has
a case both say the same; else the database must be known.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from flowql import typed
from flowql.regex import Wild, together

if TYPE_CHECKING:
    from collections.abc import Sequence

Database = Literal["sqlite", "postgres"]
Part = str | Wild

_SPECIAL = re.compile(r"[%_\\]")
_LIKE = {Wild.MANY: "%", Wild.ONE: "_"}
_REGEX = {Wild.MANY: r"(.|\n)*", Wild.ONE: r"(.|\n)"}


class UnknownCase(Exception):
    """Whether case counts depends on the database, which was not named."""


class TooWild(Exception):
    """The language has no condition for this pattern."""


def prefix(pattern: str) -> tuple[Part, ...]:
    """A LIKE pattern of which only the beginning is given."""
    wild = {"%": Wild.MANY, "_": Wild.ONE}
    return together([*(wild.get(letter, letter) for letter in pattern), Wild.MANY])


def glob(pattern: str) -> tuple[Part, ...]:
    """A pattern in which `*` and `?` are wild."""
    wild = {"*": Wild.MANY, "?": Wild.ONE}
    return together(wild.get(letter, letter) for letter in pattern)


def matching(
    column: typed.Column, parts: Sequence[Part], database: Database | None
) -> typed.Predicate:
    """The condition that a text matches; raises `UnknownCase` or `TooWild`."""
    texts = "".join(part for part in parts if isinstance(part, str))
    if texts.lower() == texts.upper():
        return _folding(column, parts)
    if database is None:
        raise UnknownCase
    return _folding(column, parts) if database == "sqlite" else _exact(column, parts)


def _exact(column: typed.Column, parts: Sequence[Part]) -> typed.Predicate:
    if all(isinstance(part, str) for part in parts):
        return typed.In(column, ("".join(map(str, parts)),))
    begins, ends = parts[0] is not Wild.MANY, parts[-1] is not Wild.MANY
    inner = parts[not begins : len(parts) - (not ends)]
    spelled = "".join(_REGEX[p] if isinstance(p, Wild) else _escaped(p) for p in inner)
    return typed.TextMatch(column, "matches", f"{'^' * begins}{spelled}{'$' * ends}")


def _escaped(text: str) -> str:
    return re.sub(r"[^\w\s/:@,;=<>!\"'#&~`%-]", r"\\\g<0>", text)


def _folding(column: typed.Column, parts: Sequence[Part]) -> typed.Predicate:
    special = any(_SPECIAL.search(part) for part in parts if isinstance(part, str))
    match parts:
        case () | (str(),):
            text = str(parts[0]) if parts else ""
            if text.lower() == text.upper():
                return typed.In(column, (text,))
            if not special:
                return typed.TextMatch(column, "like", text)
            # As long as the text, and holding it.
            return _both(_like(column, parts), typed.TextMatch(column, "contains", text))
        case (str(text), Wild.MANY):
            return typed.TextMatch(column, "starts with", text)
        case (Wild.MANY, str(text)):
            return typed.TextMatch(column, "ends with", text)
        case (Wild.MANY, str(text), Wild.MANY):
            return typed.TextMatch(column, "contains", text)
        case _ if not special:
            return _like(column, parts)
        case (str(first), Wild.MANY, str(last)):
            return typed.conjunction([
                _like(column, parts),
                typed.TextMatch(column, "starts with", first),
                typed.TextMatch(column, "ends with", last),
            ])  # fmt: skip
        case _:
            raise TooWild


def _like(column: typed.Column, parts: Sequence[Part]) -> typed.Predicate:
    """A LIKE in which `_` stands for the characters that are wild or no part of patterns."""
    spelled = "".join(
        _LIKE[part] if isinstance(part, Wild) else _SPECIAL.sub("_", part) for part in parts
    )
    return typed.TextMatch(column, "like", spelled)


def _both(first: typed.Predicate, second: typed.Predicate) -> typed.Predicate:
    return typed.And((first, second))
