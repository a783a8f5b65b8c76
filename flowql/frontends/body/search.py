"""The search of logs and events: words any of which, all of which or none of which is there.

Prefect's own syntax: `a b` is either word, `+a` must be there, `-a` or `!a` must not;
quotes hold spaces together, and within them a backslash keeps a quote or a backslash.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from flowql import typed

if TYPE_CHECKING:
    from collections.abc import Iterator

_TERM = re.compile(
    r"""(?P<sign>[-!+]?+)(?:"(?P<quoted>(?:\\.|[^"\\])*\\?)(?:"|\Z)|(?P<plain>[^\s"]+))|[-!+]""",
    re.DOTALL,
)
_ESCAPED = re.compile(r'\\([\\"])')


def searched(
    column: typed.Column, query: str, *, either: bool = False
) -> typed.Predicate | Literal["absent"]:
    """The condition that a search puts on a text; "absent" where it has no words.

    `either`: the model joins by `or_`, and so the words that must be there, those that
    must not, and those of which one must be.
    """
    found: dict[str, list[typed.Predicate]] = {"": [], "-": [], "+": []}
    for sign, term in _terms(query):
        # The server takes the term in lower case, which for ASCII makes no difference.
        contains = typed.TextMatch(column, "contains", term if term.isascii() else term.lower())
        if sign in ("-", "!"):
            found["-"].append(typed.Not(contains))
        else:
            found[sign].append(contains)
    parts = [typed.disjunction(found[""])] if found[""] else []
    parts += [typed.conjunction(found[sign]) for sign in ("+", "-") if found[sign]]
    if not parts:
        return "absent"
    return typed.disjunction(parts) if either else typed.conjunction(parts)


def _terms(query: str) -> Iterator[tuple[str, str]]:
    for found in _TERM.finditer(query):
        plain, quoted = found["plain"], found["quoted"]
        if plain is not None:
            yield found["sign"], plain
        elif quoted is not None and quoted.strip():
            yield found["sign"], _ESCAPED.sub(r"\1", quoted)
