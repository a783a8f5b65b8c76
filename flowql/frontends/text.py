"""Text to `ast`: the parser.

The grammar file says what the language's syntax is; this module walks the
tables made of it, and `builder` makes the tree. Any text gives a tree and a list
of problems; no text raises.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flowql import ast
from flowql.diagnostics import syntax
from flowql.frontends.builder import CALLBACKS, Builder
from flowql.frontends.recovery import (
    MOST_PROBLEMS,
    Hole,
    SyntaxFault,
    fault,
    keywords_as_names,
    with_holes,
)
from flowql.frontends.tables import END, Kind, Rule, Tables, tables
from flowql.limits import DEFAULT, Limits
from flowql.source import Span

if TYPE_CHECKING:
    from flowql.diagnostics import Diagnostic

_MOST_PASSES = 2 * MOST_PROBLEMS


def parse(text: str, limits: Limits = DEFAULT) -> tuple[ast.Query, list[Diagnostic]]:
    """The tree of a text, with every syntax problem found in it.

    Where there are problems the tree has `Hole`s in their places; without
    problems it has none.
    """
    if len(text) > limits.length:
        return ast.Query(None, None, ()), [
            syntax.TooLong(span=Span(0, 0), length=len(text), limit=limits.length)
        ]
    problems: list[Diagnostic] = []
    holes: list[Hole] = []
    for _ in range(_MOST_PASSES):
        builder = Builder(limits)
        try:
            query = Walk(text, tables(), builder, holes).run()
            if builder.misplaced:
                raise keywords_as_names(text, builder.misplaced, holes)
        except SyntaxFault as found:
            problems.extend(found.problems)
            before, holes = holes, with_holes(holes, found.holes)
            if holes == before or len(problems) > MOST_PROBLEMS:
                break
        else:
            return query, _listed(problems + builder.problems)
    return ast.Query(None, ast.Hole(), ()), _listed(problems)


def _listed(problems: list[Diagnostic]) -> list[Diagnostic]:
    """The problems in the order of the text, each once, and not too many."""
    found = sorted(dict.fromkeys(problems), key=lambda problem: problem.span or Span(0, 0))
    if len(found) > MOST_PROBLEMS:
        found[MOST_PROBLEMS:] = [syntax.TooManyProblems(span=found[MOST_PROBLEMS].span)]
    return found


_BLANK = re.compile(r"[ \t\r\n\f\u00a0]*")
_COMMENT = re.compile(r"#(?=[\s#!]|$)[^\n]*")
_HIDING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control and bidirectional characters: a comment with one may not read as it is."""


@dataclass(slots=True)
class Walk:
    """One walk over a text with the tables; iterative, linear in the text."""

    text: str
    tables: Tables
    builder: Builder
    holes: list[Hole] = field(default_factory=list)
    comments: list[ast.Comment] = field(default_factory=list)

    def run(self) -> ast.Query:
        """The tree. Raises `SyntaxFault` where the text cannot go on."""
        text, actions, scanners = self.text, self.tables.actions, self.tables.scanners
        builder, callbacks, final = self.builder, CALLBACKS, self.tables.end
        keep, begin, grow, splice = Kind.PASS, Kind.LIST, Kind.GROW, Kind.SPLICE
        states = [self.tables.start]
        values: list[Any] = []
        places: list[tuple[int, int]] = []
        state = states[0]
        position = 0
        shifted: str | None = None
        holes = list(reversed(self.holes))
        while True:
            # The next token, among those that may stand in this state.
            match = scanners[state].match(text, position)
            if match is not None and (not holes or match.end() <= holes[-1].start):
                token: str = match.lastgroup  # type: ignore[assignment]
                start, end = match.span(token)
            else:
                blank = _BLANK.match(text, position)
                start = end = blank.end() if blank else position
                if holes and start >= holes[-1].start:
                    hole = holes.pop()
                    position = max(hole.end, position)
                    if hole.token is None:
                        continue
                    token, start, end = hole.token, hole.start, hole.end
                elif start == len(text):
                    token = END
                elif comment := _COMMENT.match(text, start):
                    self._comment(comment)
                    position = comment.end()
                    continue
                else:
                    raise self._fault(start, states, shifted, None)
            # Reduce until the token can be shifted.
            while True:
                action = actions[state].get(token)
                if action.__class__ is int:
                    break
                if action is None:
                    raise self._fault(start, states, shifted, token)
                rule: Rule = action  # type: ignore[assignment]
                kind, size = rule.kind, rule.size
                if kind is keep:
                    state = states[-1] = actions[states[-2]][rule.origin]  # type: ignore[assignment]
                    continue
                if kind is grow:
                    # In place, so that a list of n values costs n steps.
                    values[-size].extend(values[1 - size :])
                    places[-size] = (places[-size][0], places[-1][1])
                    del values[1 - size :], places[1 - size :], states[-size:]
                elif size == 0:
                    values.append(callbacks[rule.callback](builder, [], Span(start, start)))
                    places.append((start, start))
                else:
                    children = values[-size:]
                    if kind is splice:
                        children = _spliced(children, rule.spliced)
                    span = Span(places[-size][0], places[-1][1])
                    if kind is begin:
                        values[-size] = children
                    else:
                        values[-size] = callbacks[rule.callback](builder, children, span)
                    places[-size] = span
                    if size > 1:
                        del values[1 - size :], places[1 - size :]
                    del states[-size:]
                state = actions[states[-1]][rule.origin]  # type: ignore[assignment]
                states.append(state)
                if state == final and token == END:
                    return builder.finish(values[-1], tuple(self.comments), len(text))
            state = action
            states.append(state)
            values.append(text[start:end])
            places.append((start, end))
            position = end
            shifted = token

    def _comment(self, match: re.Match[str]) -> None:
        start = match.start()
        words = match.group().rstrip()
        own_line = not self.text[self.text.rfind("\n", 0, start) + 1 : start].strip()
        self.comments.append(ast.Comment(words, own_line, Span(*match.span())))
        if hiding := _HIDING.search(words):
            char, at = hiding.group(), start + hiding.start()
            name = unicodedata.name(char, "unnamed")
            self.builder.problems.append(
                syntax.StrayCharacter(span=Span(at, at + 1), character=char, name=name)
            )

    def _fault(
        self, at: int, states: list[int], after: str | None, refused: str | None
    ) -> SyntaxFault:
        expected = self._expected(states)
        return fault(self.text, at, expected, self.holes, after=after, refused=refused)

    def _expected(self, states: list[int]) -> frozenset[str]:
        """The tokens that can really follow: LALR rows also list merged look-aheads."""
        actions = self.tables.actions
        found = set()
        for token in actions[states[-1]]:
            stack = list(states[-64:])
            while isinstance(action := actions[stack[-1]].get(token), Rule):
                if action.size >= len(stack):
                    break
                if action.size:
                    del stack[-action.size :]
                stack.append(actions[stack[-1]][action.origin])  # type: ignore[arg-type]
                if stack[-1] == self.tables.end:
                    break
            else:
                if action is None:
                    continue
            found.add(token)
        return frozenset(found)


def _spliced(children: list[Any], spliced: tuple[bool, ...]) -> list[Any]:
    flat: list[Any] = []
    for child, is_list in zip(children, spliced, strict=True):
        if is_list:
            flat.extend(child)
        else:
            flat.append(child)
    return flat
