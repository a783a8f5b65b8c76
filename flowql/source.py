"""Where things stand in a text: spans, lines and columns.

This is the lowest floor. It knows nothing of queries; everything that can be
reported carries one of its spans.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple


class Span(NamedTuple):
    """A stretch of a text: `start` included, `end` excluded, in code points."""

    start: int
    end: int

    def to(self, other: Span) -> Span:
        """The span from the start of this one to the end of `other`."""
        return Span(self.start, other.end)


class Place(NamedTuple):
    """A position as editors count it: lines and columns from 1."""

    line: int
    column: int


ANONYMOUS = frozenset({"<query>", "<stdin>"})
"""Names of texts that are no files."""


class Source:
    """A text with a name for messages (`<query>`, or a file's path)."""

    __slots__ = ("_starts", "name", "text")

    def __init__(self, text: str, name: str = "<query>") -> None:
        self.text = text
        self.name = name
        self._starts: list[int] | None = None

    @property
    def _line_starts(self) -> list[int]:
        if self._starts is None:
            starts = [0]
            starts.extend(at + 1 for at, char in enumerate(self.text) if char == "\n")
            self._starts = starts
        return self._starts

    def place(self, offset: int) -> Place:
        """Line and column of an offset; an offset past the end is the end."""
        offset = min(offset, len(self.text))
        starts = self._line_starts
        line = bisect_right(starts, offset)
        return Place(line, offset - starts[line - 1] + 1)

    def line(self, number: int) -> str:
        """The text of a line (from 1), without its line break."""
        starts = self._line_starts
        begin = starts[number - 1]
        end = starts[number] - 1 if number < len(starts) else len(self.text)
        return self.text[begin:end].rstrip("\r")
