"""Lines: where a text is broken, and where its comments go.

A document is pieces of text with places between them. A group stands on one
line if it fits the width, else it is broken at each of its lines. The layout
depends on the document alone, so a text laid out, read and laid out again stays
as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flowql import ast


@dataclass(slots=True, eq=False)
class Piece:
    """A text that is never broken, and the comments that follow it.

    `at` is its place in the source, by which comments find it. Of a text whose
    place is not known it says which neighbour no comment parts it from.
    """

    text: str
    at: int
    comments: list[ast.Comment] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Line:
    """Where a group may be broken; unbroken it is `flat`, one space or nothing."""

    flat: str = " "


@dataclass(slots=True, eq=False)
class Row:
    """Parts in a row; its lines are those of what it stands in."""

    parts: list[Doc]


@dataclass(slots=True, eq=False)
class Nest:
    """Parts whose lines begin two columns further in."""

    parts: list[Doc]


@dataclass(slots=True, eq=False)
class Group:
    """Parts on one line if they fit, else broken at every line."""

    parts: list[Doc]


@dataclass(slots=True, eq=False)
class Fill:
    """Parts broken only at those lines where the next ones no longer fit."""

    parts: list[Doc]


class Space(Enum):
    """A space that is never broken, unless a comment ends there."""

    SPACE = auto()


SPACE = Space.SPACE
Leaf = Piece | Line | Space
Doc = Leaf | Row | Nest | Group | Fill

WITH_NEXT, WITH_LAST = -2, -1

_INDENT = "  "


def place_comments(doc: Doc, comments: Sequence[ast.Comment]) -> list[ast.Comment]:
    """Gives each comment to the last piece that stood before it; returns those before all."""
    pieces = [leaf for leaf in _leaves([doc]) if isinstance(leaf, Piece)]
    places = [piece.at for piece in pieces]
    for index, place in enumerate(places):
        if place == WITH_LAST and index:
            places[index] = places[index - 1]
    for index in range(len(places) - 2, -1, -1):
        if places[index] == WITH_NEXT:
            places[index] = places[index + 1]
    leading: list[ast.Comment] = []
    index = 0
    for comment in comments:
        while index < len(pieces) and places[index] < comment.span.start:
            index += 1
        (pieces[index - 1].comments if index else leading).append(comment)
    return leading


def _leaves(parts: list[Doc], start: int = 0) -> Iterator[Leaf]:
    todo = [(parts, start)]
    while todo:
        parts, index = todo.pop()
        while index < len(parts):
            part = parts[index]
            index += 1
            if isinstance(part, Row | Nest | Group | Fill):
                todo.append((parts, index))
                parts, index = part.parts, 0
            else:
                yield part


class _Mode(Enum):
    FLAT = auto()
    BROKEN = auto()
    FILLED = auto()


@dataclass(slots=True)
class _Open:
    """Parts being laid out, from `next` on."""

    parts: list[Doc]
    mode: _Mode
    indent: str
    next: int = 0


class Layout:
    """Lays out one document whose comments are placed."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.out: list[str] = []
        self.column = 0
        self.gap = ""
        """What parts the next piece from the last: nothing, a space, or a new line's indent."""
        self.waiting: list[str] = []
        """Comments on lines of their own; they stand as far in as the piece after them."""

    def render(self, doc: Doc, leading: Sequence[ast.Comment] = ()) -> str:
        self.waiting.extend(comment.text for comment in leading)
        if leading:
            self.gap = "\n"
        stack = [_Open([doc], _Mode.BROKEN, "")]
        while stack:
            top = stack[-1]
            if top.next == len(top.parts):
                stack.pop()
                continue
            part = top.parts[top.next]
            top.next += 1
            if isinstance(part, Piece):
                self._piece(part, top.indent)
            elif isinstance(part, Space):
                self.gap = self.gap or " "
            elif isinstance(part, Line):
                self._line(part, top, stack)
            elif isinstance(part, Row):
                stack.append(_Open(part.parts, top.mode, top.indent))
            elif isinstance(part, Nest):
                stack.append(_Open(part.parts, top.mode, top.indent + _INDENT))
            elif top.mode is _Mode.FLAT or self._fits(part, stack):
                stack.append(_Open(part.parts, _Mode.FLAT, top.indent))
            else:
                mode = _Mode.FILLED if isinstance(part, Fill) else _Mode.BROKEN
                stack.append(_Open(part.parts, mode, top.indent))
        self._write_waiting("\n")
        return "".join(self.out)

    def _piece(self, piece: Piece, indent: str) -> None:
        self._write_waiting(self.gap)
        gap = self.gap if self.out else ""
        self.out.append(gap + piece.text)
        self.column = len(gap) + len(piece.text) + (-1 if "\n" in gap else self.column)
        self.gap = ""
        for number, comment in enumerate(piece.comments):
            if comment.own_line or number:
                self.waiting.append(comment.text)
            else:
                self.out.append(f"  {comment.text}")
            self.gap = f"\n{indent}{_INDENT}"

    def _write_waiting(self, gap: str) -> None:
        for text in self.waiting:
            self.out.append(gap + text if self.out else text)
        self.waiting.clear()

    def _line(self, line: Line, top: _Open, stack: list[_Open]) -> None:
        if top.mode is _Mode.FILLED:
            broken = not self._rest_fits(self.width - self.column - len(line.flat), stack)
        else:
            broken = top.mode is _Mode.BROKEN
        if broken or "\n" in self.gap:
            self.gap = f"\n{top.indent}"
        else:
            self.gap = self.gap or line.flat

    def _fits(self, doc: Group | Fill, stack: list[_Open]) -> bool:
        """Whether a group fits here, with what cannot be parted from its end."""
        start = -1 if "\n" in self.gap else self.column
        room = self.width - start - len(self.gap)
        ended = False
        for leaf in _leaves(doc.parts):
            room -= _width(leaf)
            if ended or room < 0:
                # A comment ends its line, so what it stands in is broken.
                return False
            ended = isinstance(leaf, Piece) and bool(leaf.comments)
        return ended or self._rest_fits(room, stack)

    def _rest_fits(self, room: int, stack: list[_Open]) -> bool:
        """Whether what comes next fits, up to where it may be broken."""
        for level in reversed(stack):
            for leaf in _leaves(level.parts, level.next):
                if isinstance(leaf, Line) and level.mode is not _Mode.FLAT:
                    return True
                room -= _width(leaf)
                if room < 0:
                    return False
                if isinstance(leaf, Piece) and leaf.comments:
                    return True
        return True


def _width(leaf: Leaf) -> int:
    if isinstance(leaf, Piece):
        return len(leaf.text)
    return 1 if isinstance(leaf, Space) else len(leaf.flat)
