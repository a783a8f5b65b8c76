"""Recovery: what is wrong where a text cannot go on, and what to leave out of it.

The stretch around a problem, from the `and`/`or`, bracket or clause word before
it to the one after it, is read as a hole, and the text is read again; so one
problem a stretch is reported and all else still reaches the resolver.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowql import ast
from flowql.diagnostics import syntax
from flowql.frontends.hints import hint, names
from flowql.frontends.tables import HOLES
from flowql.source import Span

if TYPE_CHECKING:
    from flowql.diagnostics import Diagnostic

MOST_PROBLEMS = 20
"""Syntax problems reported in one text; each may cost one more pass over it."""

_CONDITION, _CLAUSE = HOLES


@dataclass(frozen=True, slots=True)
class Hole:
    """A stretch read as one token, or with no token as nothing at all.

    An empty stretch puts in a token that is missing.
    """

    start: int
    end: int
    token: str | None


def with_holes(holes: list[Hole], more: list[Hole]) -> list[Hole]:
    """The holes with some more, in order; those that the new ones cover are gone."""
    for hole in more:
        holes = [h for h in holes if h.end <= hole.start or h.start >= hole.end]
    return sorted(dict.fromkeys([*holes, *more]), key=lambda hole: (hole.start, hole.end))


class SyntaxFault(Exception):
    """A place where the text cannot go on, and what to leave out before reading again.

    There is no problem to report where an earlier hole turned out too small.
    """

    def __init__(self, problems: list[Diagnostic], holes: list[Hole]) -> None:
        self.problems = problems
        self.holes = holes


_LANDMARK = re.compile(
    r"""
      (?P<quoted>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`\n]*`)
    | (?P<comment>\#(?=[\s\#!]|$)[^\n]*)
    | (?P<open>[(\[])
    | (?P<close>[)\]])
    | (?P<join>(?:and|or)(?![\w\-/:@+*%?.])|&&|\|\||∧|∨)
    | (?P<where>where(?![\w\-/:@+*%?.]))
    | (?P<clause>(?:sort|limit|page|offset|select|distinct|count|having|after)(?![\w\-/:@+*%?.]))
    | (?P<word>\$?[\w\-/:@+*%?.]+)
    | (?P<quote>["'`])
    | (?P<other>[^ \t\r\n\f\u00a0])
    """,
    re.IGNORECASE | re.VERBOSE,
)
_Marks = list[re.Match[str]]


def _landmarks(text: str, holes: list[Hole]) -> _Marks:
    return [
        mark
        for mark in _LANDMARK.finditer(text)
        if mark.lastgroup != "comment"
        and not any(hole.start <= mark.start() < hole.end for hole in holes)
    ]


def fault(
    text: str,
    at: int,
    expected: frozenset[str],
    holes: list[Hole],
    *,
    after: str | None,
    refused: str | None,
) -> SyntaxFault:
    """The problem at a place, and the stretch to leave out before reading on.

    `expected` are the tokens that could stand there, `after` is the one before it,
    `refused` the one found, if any token was.
    """
    marks = _landmarks(text, holes)
    if refused in HOLES:
        small = next(hole for hole in holes if hole.token == refused and hole.start == at)
        here = next((i for i, mark in enumerate(marks) if mark.start() >= at), len(marks))
        return SyntaxFault([], _wider(text, marks, here, small))
    here = next((i for i, mark in enumerate(marks) if mark.end() > at), len(marks))
    found = marks[here].lastgroup if here < len(marks) else "end"
    if found == "close" and (unopened := _unopened(marks, here)):
        return SyntaxFault(
            [_bracket(syntax.UnopenedBracket, mark) for mark in unopened],
            [Hole(*mark.span(), None) for mark in unopened],
        )
    if unclosed := _unclosed(marks, here, holes):
        innermost = unclosed[0]
        if found in ("clause", "end") and _CLOSING[innermost.group()] in expected:
            return SyntaxFault(
                [_bracket(syntax.UnclosedBracket, mark) for mark in unclosed],
                [Hole(at, at, _CLOSING[mark.group()]) for mark in unclosed],
            )
        if innermost.group() == "[" and "RSQB" in expected and found != "quote":
            hole = _stretch(text, marks, marks.index(innermost), expected)
            return SyntaxFault([_bracket(syntax.UnclosedBracket, innermost)], [hole])
    if here and after == "PATH" and marks[here - 1].group().lower() in ast.KEYWORDS:
        # A keyword where a name belongs is what is wrong, not what follows it.
        return _misplaced(text, marks, here, expected)
    problem = _problem(text, at, marks, here, expected)
    if isinstance(problem, syntax.StrayCharacter) and unicodedata.category(text[at]) == "Zs":
        return SyntaxFault([problem], [Hole(at, at + 1, None)])
    return SyntaxFault([problem], [_stretch(text, marks, here, expected)])


def _misplaced(text: str, marks: _Marks, here: int, expected: frozenset[str]) -> SyntaxFault:
    keyword = marks[here - 1]
    problem = _keyword_as_name(marks, here - 1)
    follows = here < len(marks) and marks[here].lastgroup in ("word", "open")
    if keyword.lastgroup in ("join", "where") and follows:
        return SyntaxFault([problem], [Hole(*keyword.span(), None)])
    return SyntaxFault([problem], [_stretch(text, marks, here, expected)])


def keywords_as_names(text: str, places: list[Span], holes: list[Hole]) -> SyntaxFault:
    """The problems of keywords that were read as names, and the stretches they stand in."""
    marks = _landmarks(text, holes)
    starts = {place.start for place in places[: MOST_PROBLEMS + 1]}
    found = [index for index, mark in enumerate(marks) if mark.start() in starts]
    problems = [_keyword_as_name(marks, index) for index in found]
    return SyntaxFault(problems, [_stretch(text, marks, index, frozenset()) for index in found])


def _keyword_as_name(marks: _Marks, at: int) -> Diagnostic:
    word = marks[at].group()
    before = [mark.group() for mark in marks[max(0, at - 1) : at]]
    return syntax.UnexpectedText(
        span=Span(*marks[at].span()),
        found=word,
        expected=("a field",),
        hint=hint(word, before, frozenset({"PATH"})),
    )


# ── brackets ──────────────────────────────────────────────────────────────────


_CLOSING = {"(": "RPAR", "[": "RSQB"}


def _bracket(
    kind: type[syntax.UnopenedBracket | syntax.UnclosedBracket], mark: re.Match[str]
) -> Diagnostic:
    return kind(span=Span(*mark.span()), bracket=mark.group())


def _unopened(marks: _Marks, here: int) -> _Marks:
    """The brackets from a mark on that close nothing, if that one does not."""
    found: _Marks = []
    depth = 0
    for index, mark in enumerate(marks):
        if mark.lastgroup == "open":
            depth += 1
        elif mark.lastgroup == "close":
            if depth == 0 and index >= here:
                found.append(mark)
            depth -= depth > 0
        if index == here and not found:
            break
        if len(found) > MOST_PROBLEMS:
            break
    return found


def _mismatched(marks: _Marks, here: int) -> bool:
    """Whether a bracket is closed by one of the other kind."""
    opened: list[str] = []
    for mark in marks[:here]:
        if mark.lastgroup == "open":
            opened.append(mark.group())
        elif mark.lastgroup == "close" and opened:
            opened.pop()
    return bool(opened) and here < len(marks) and opened[-1] + marks[here].group() in ("[)", "(]")


def _unclosed(marks: _Marks, here: int, holes: list[Hole]) -> _Marks:
    """The brackets before a mark that are never closed, the last one first."""
    opened: _Marks = []
    for mark in marks:
        if mark.lastgroup == "open":
            opened.append(mark)
        elif mark.lastgroup == "close" and opened:
            opened.pop()
    put_in = sum(hole.token in _CLOSING.values() for hole in holes)
    end = marks[here].start() if here < len(marks) else None
    before = [mark for mark in opened if end is None or mark.start() < end]
    return before[: len(before) - put_in][-1 - MOST_PROBLEMS :][::-1]


# ── stretches ─────────────────────────────────────────────────────────────────


def _wider(text: str, marks: _Marks, here: int, hole: Hole) -> list[Hole]:
    """A hole that also covers what stands before it, up to the next landmark."""
    if here == 0:
        return []
    wider = _stretch(text, marks[:here], here - 1, frozenset())
    return [Hole(wider.start, max(hole.end, wider.end), wider.token)]


def _stretch(text: str, marks: _Marks, here: int, expected: frozenset[str]) -> Hole:
    """From the landmark before the problem to the one after it, brackets whole."""
    if _CLAUSE in expected and not expected & {_CONDITION, "AND"}:
        # Only clauses may follow: what stands here is left out up to the next of them.
        return _covering(text, marks, here, _end(marks, here, ("clause",)), _CLAUSE)
    first = _start(marks, here)
    ends: tuple[str, ...] = ("join", "where", "clause")
    is_join = here < len(marks) and marks[here].lastgroup == "join"
    if (is_join and "AND" not in expected) or _mismatched(marks, here):
        # Nothing reads on behind an `and` that cannot stand here, or a wrong bracket.
        here += 1
    last = max(_end(marks, here, ends), min(first + 1, len(marks)))
    in_clause = first < len(marks) and marks[first].lastgroup == "clause"
    return _covering(text, marks, first, last, _CLAUSE if in_clause else _CONDITION)


def _start(marks: _Marks, here: int) -> int:
    first = here
    depth = 0
    while first > 0:
        kind = marks[first - 1].lastgroup
        if kind == "close":
            depth += 1
        elif kind == "open":
            if depth == 0 and marks[first - 1].group() == "(":
                break
            depth -= depth > 0
        elif depth == 0 and kind in ("join", "where"):
            break
        first -= 1
        if depth == 0 and kind == "clause":
            break
    return first


def _end(marks: _Marks, here: int, ends: tuple[str, ...]) -> int:
    last = here
    depth = 0
    while last < len(marks):
        kind = marks[last].lastgroup
        if kind == "open":
            depth += 1
        elif kind == "close":
            if depth == 0 and marks[last].group() == ")":
                break
            depth -= depth > 0
        elif depth == 0 and last > here and kind in ends:
            break
        last += 1
    return last


def _covering(text: str, marks: _Marks, first: int, last: int, token: str) -> Hole:
    start = marks[first].start() if first < len(marks) else len(text)
    return Hole(start, marks[last - 1].end() if last > first else start, token)


# ── the problem itself ────────────────────────────────────────────────────────


def _problem(text: str, at: int, marks: _Marks, here: int, expected: frozenset[str]) -> Diagnostic:
    if here < len(marks) and marks[here].lastgroup == "quote":
        return syntax.UnclosedQuote(span=Span(at, _line_end(text, at)), quote=text[at])
    stray = text[at] if at < len(text) else ""
    if stray and (unicodedata.category(stray) in ("Cf", "Pi", "Pf", "Cc", "Zs") or stray in "„‟"):
        name = unicodedata.name(stray, "unnamed")
        return syntax.StrayCharacter(span=Span(at, at + 1), character=stray, name=name)
    found = text[at : max(at, marks[here].end())] if here < len(marks) else ""
    return syntax.UnexpectedText(
        span=Span(at, at + len(found)),
        found=found if len(found) <= 40 else found[:40] + "…",
        expected=names(expected),
        hint=hint(found, [mark.group() for mark in marks[max(0, here - 3) : here]], expected),
    )


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end
