"""Phrases and their grammar: who is spoken of, and how phrases are joined."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST_LISTED = 20


@dataclass(frozen=True, slots=True)
class Subject:
    """Who a phrase is about: `flows that have …`, `a run that has …`."""

    noun: str
    plural: bool

    @property
    def have(self) -> str:
        return "have" if self.plural else "has"

    @property
    def are(self) -> str:
        return "are" if self.plural else "is"

    @property
    def do(self) -> str:
        return "do" if self.plural else "does"


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase as it ends a sentence, and as something may follow it.

    What is said of a related row comes last; closed, it stands in parentheses,
    so that what follows is not taken for a part of it.
    """

    open: str
    closed: str
    joined: Literal["and", "or"] | None = None


def plain(text: str) -> Phrase:
    """A phrase that anything may follow."""
    return Phrase(text, text)


def about(head: str, inner: Phrase, note: str = "", same: str = "") -> Phrase:
    """A phrase that ends in what is said of a related row, and in a note.

    `same` stands before several conditions that hold of one row together.
    """
    if inner.joined is None:
        within = f"{inner.open}; {note}" if note else inner.open
        after = f" ({note})" if note else ""
        return Phrase(f"{head} {inner.open}{after}", f"{head} ({within})")
    lead = same if inner.joined == "and" else ""
    return plain(f"{head} ({lead}{inner.open}{f'; {note}' if note else ''})")


def joined(word: Literal["and", "or"], phrases: Sequence[Phrase]) -> Phrase:
    """Phrases joined by a word; those joined by the other word stand in parentheses."""
    parts = [f"({phrase.open})" if phrase.joined else phrase.closed for phrase in phrases[:-1]]
    last = phrases[-1]
    parts.append(f"({last.open})" if last.joined else last.open)
    text = f" {word} ".join(parts)
    return Phrase(text, f"({text})", word)


def listed(items: Sequence[str], word: str = "and") -> str:
    """`a, b and c`; of a long list the beginning and the number of the others."""
    if len(items) > _MOST_LISTED:
        shown = items[: _MOST_LISTED // 2]
        return f"{', '.join(shown)} {word} {len(items) - len(shown):,} others"
    *others, last = items
    return f"{', '.join(others)} {word} {last}" if others else last


def many(noun: str) -> str:
    return f"{noun}s"


def one(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
