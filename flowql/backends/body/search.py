"""Conditions on a searched text as a search: the words of which it is made (see `Means.SEARCH`)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowql.backends.body.sayings import Atom, Joined, atoms
from flowql.catalog import Means

if TYPE_CHECKING:
    from flowql.backends.body.sayings import Saying

LENGTH_LIMIT = 200
"""Characters of a search."""

_PLAIN = re.compile(r"""[^\s"+!-][^\s"]*""")


def term(sign: str, text: str) -> str | None:
    """A text that must (`+`) or must not (`-`) be there; None where no search can say so.

    A search drops what is empty or white, and folds its own letters beyond ASCII where
    SQLite does not fold those that are stored.
    """
    if not text.strip() or any(letter != letter.lower() for letter in text if letter > "\x7f"):
        return None
    if _PLAIN.fullmatch(text):
        return sign + text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'{sign}"{escaped}"'


def joined(saying: Saying, *, either: bool) -> str | None:
    """The search that says it all; None where it is more than a search can say.

    `either`: the model joins by `or_`, which takes the words that must be there, those
    that must not, and those of which one must be for conditions of their own.
    """
    if isinstance(saying, Atom):
        return _short([_text(saying).removeprefix("+")])
    if saying.word == "or":
        return _short(_any_of(saying) if either else _alternatives(saying))
    terms: list[str] = []
    alternatives = 0
    for part in saying.parts:
        if isinstance(part, Atom):
            terms.append(_text(part))
        else:
            found = _alternatives(part)
            alternatives += 1
            if found is None or alternatives > 1:
                return None
            terms = [*found, *terms]
    kinds = {_kind(found) for found in terms}
    return None if either and len(kinds) > 1 else _short(sorted(terms, key=_kind))


def needs_either(saying: Joined) -> bool:
    """Whether only a model that joins by `or_` can say these alternatives."""
    if any(atom.leaf.means is not Means.SEARCH for atom in atoms(saying)):
        return False
    return saying.word == "or" and _alternatives(saying) is None


def _any_of(saying: Joined) -> list[str] | None:
    """Words of which one must be there, or all of some, or none of others."""
    plain: list[str] = []
    whole: dict[int, list[str]] = {}
    for part in saying.parts:
        if isinstance(part, Joined) and not all(isinstance(one, Atom) for one in part.parts):
            return None
        terms = [_text(atom) for atom in atoms(part)]
        kinds = {_kind(term) for term in terms}
        if isinstance(part, Atom) and kinds == {_MUST}:
            plain.append(terms[0][1:])
        elif len(kinds) > 1 or kinds <= whole.keys():
            return None
        else:
            whole[kinds.pop()] = terms
    return [*plain, *(term for kind in sorted(whole) for term in whole[kind])]


_MUST = 0
"""The kind of words that must be there."""


def _kind(found: str) -> int:
    """Alternatives first, then what must be there, then what must not."""
    return "+-".find(found[0])


def _alternatives(saying: Joined) -> list[str] | None:
    """Words of which one must be there."""
    found = []
    for part in saying.parts:
        if not isinstance(part, Atom) or _text(part)[0] != "+":
            return None
        found.append(_text(part)[1:])
    return found if saying.word == "or" else None


def _text(atom: Atom) -> str:
    assert isinstance(atom.value, str)
    return atom.value


def _short(terms: list[str] | None) -> str | None:
    if terms is None:
        return None
    whole = " ".join(terms)
    return whole if len(whole) <= LENGTH_LIMIT else None
