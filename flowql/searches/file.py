"""One saved search: a query under a comment block that says what it is for.

    # Runs that ended badly.
    #
    # $since = last 24h: how far back to look
    # $states = FAILED, CRASHED: the ends that count,
    #   by their types
    # $flow: the flow's name
    flow_runs where state in $states and start_time in $since and flow.name = $flow

The block is every comment before the query. A line that begins with `$name` describes that
parameter; lines further in than it go on with its description; all else describes the search. A
default ends at the first `:` before a space or the line's end. In double quotes, with JSON's
escapes, it may hold anything; of a list, each item may.

Reading is of the comments alone. Whether the query is one, and whether a default fits its place,
`parameters` asks.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from flowql.diagnostics import FlowQLError
from flowql.source import Source, Span

if TYPE_CHECKING:
    from pathlib import Path

    from flowql.diagnostics import Diagnostic

SUFFIX = ".flowql"
"""What the file of a saved search ends in."""

BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class Item:
    """One value of a default; in quotes it is a text, whatever it looks like."""

    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Default:
    """A default as it was written, and as the list that it may be."""

    written: str
    items: tuple[Item, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter as the comment block describes it; `span` is that of its `$name`."""

    name: str
    span: Span
    default: Default | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class Search:
    """A saved search.

    `name` is `late` or `team/late`; of a text that is in no folder it is what messages call it.
    `shown` is what messages call the file. `text` is the whole text, comment block included, and
    what every span counts in; `mark` is the byte order mark before it, where there is one.
    `problems` are those of the comment block.
    """

    name: str
    text: str
    description: str = ""
    parameters: tuple[Parameter, ...] = ()
    problems: tuple[Diagnostic, ...] = ()
    path: Path | None = None
    shown: str = "<query>"
    mark: str = field(default="", repr=False)
    begins: int = 0
    """Where in the text the comment block has ended."""

    @property
    def source(self) -> Source:
        """The text, named for messages."""
        return Source(self.text, self.shown)

    @property
    def contents(self) -> str:
        """The file's text to the last byte."""
        return self.mark + self.text

    @property
    def query(self) -> str:
        """The text after the comment block."""
        return self.text[self.begins :].rstrip()

    @property
    def summary(self) -> str:
        """The first paragraph of the description, on one line."""
        return " ".join(self.description.partition("\n\n")[0].split())


def read(contents: str, name: str, path: Path | None = None, shown: str | None = None) -> Search:
    """The search that a text is; every text is one."""
    text = contents.removeprefix(BYTE_ORDER_MARK)
    block = _Block(text)
    block.read()
    return Search(
        name=name,
        text=text,
        description=_paragraphs(block.prose),
        parameters=tuple(block.parameters.values()),
        problems=tuple(block.problems),
        path=path,
        shown=name if shown is None else shown,
        mark=contents[: len(contents) - len(text)],
        begins=block.end,
    )


def decoded(data: bytes, what: str) -> str:
    """Bytes as the text they are, byte order mark included; raises `FlowQLError`."""
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        from flowql.diagnostics.run import NotUtf8

        raise FlowQLError([NotUtf8(what=what, at=error.start + 1)]) from None


def unreadable(name: str, error: Exception) -> FlowQLError:
    """The problem of a file that cannot be read."""
    from flowql.diagnostics.run import UnreadableFile

    reason = getattr(error, "strerror", None) or str(error)
    return FlowQLError([UnreadableFile(path=name, reason=reason)])


# ── the comment block ─────────────────────────────────────────────────────────

COMMENT = re.compile(r"#(?=[\s#!]|$)[^\n]*")
"""A comment, as the grammar has it; a test compares the two."""
_BLANK = re.compile(r"[ \t\r\n\f\u00a0]*")
_NAME = re.compile(r"\$([^\W\d]\w*)\s*")
_BARE = re.compile(r"(?:[^,:]|:(?=\S))*")
_STRING = json.JSONDecoder(strict=False)


class _Malformed(Exception):
    """Why a description cannot be read, and where."""

    def __init__(self, at: int, reason: str) -> None:
        self.at = at
        self.reason = reason


class _Block:
    """The comments before a query, read line by line."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.source = Source(text)
        self.prose: list[str] = []
        self.parameters: dict[str, Parameter] = {}
        self.problems: list[Diagnostic] = []
        self.end = 0
        self._open: tuple[list[str], int] | None = None
        """The description that may go on, and how far in its line begins."""

    def read(self) -> None:
        """Read every comment; a blank line between two parts paragraphs."""
        said: dict[str, list[str]] = {}
        at = 0
        while True:
            start = self._skip(at)
            comment = COMMENT.match(self.text, start)
            if comment is None:
                self.end = start
                break
            if at and self.text.count("\n", at, start) > 1:
                self._line("", start, said)
            # A first comment `#!/usr/bin/env …` is for the shell.
            if at or not comment.group().startswith("#!"):
                self._line(comment.group().rstrip(), start, said)
            at = comment.end()
        self.parameters = {
            name: replace(known, description=" ".join(filter(None, said[name])))
            for name, known in self.parameters.items()
        }

    def _skip(self, at: int) -> int:
        blank = _BLANK.match(self.text, at)
        return blank.end() if blank else at

    def _line(self, comment: str, start: int, said: dict[str, list[str]]) -> None:
        body = comment.lstrip("#")
        line = body.strip()
        indent = len(body) - len(body.lstrip())
        if named := _NAME.match(line):
            words = self._parameter(line, named, start + len(comment) - len(line))
            self._open = (words, indent)
            said.setdefault(named[1], words)
        elif line and self._open is not None and indent > self._open[1]:
            self._open[0].append(line)
        else:
            self._open = None
            self.prose.append(line)

    def _parameter(self, line: str, named: re.Match[str], start: int) -> list[str]:
        """Take down a parameter; what is said of it so far."""
        from flowql.diagnostics.searches import DuplicateParameter, MalformedParameter

        name = named[1]
        span = Span(start, start + 1 + len(name))
        try:
            default, description = _described(line, named.end(), start)
        except _Malformed as found:
            place = Span(start + min(found.at, len(line) - 1), start + len(line))
            self.problems.append(MalformedParameter(span=place, name=name, reason=found.reason))
            default, description = None, ""
        if name in self.parameters:
            first = self.source.place(self.parameters[name].span.start).line
            self.problems.append(DuplicateParameter(span=span, name=name, line=first))
        else:
            self.parameters[name] = Parameter(name, span, default)
        return [description]


def _described(line: str, at: int, start: int) -> tuple[Default | None, str]:
    """The default and description after a parameter's name; raises `_Malformed`."""
    default = None
    if line.startswith("=", at):
        default, at = _default(line, at + 1, start)
    if at == len(line):
        return default, ""
    if _colon(line, at):
        return default, line[at + 1 :].strip()
    raise _Malformed(at, "after the name comes `=` and a default, `:` and a description, or both")


def _default(line: str, at: int, start: int) -> tuple[Default, int]:
    """The default from `at` on, and where it ends."""
    items: list[Item] = []
    first = _past_spaces(line, at)
    while True:
        at = _past_spaces(line, at)
        if line.startswith('"', at):
            try:
                text, end = _STRING.raw_decode(line, at)
            except ValueError:
                raise _Malformed(at, "this is no text in double quotes") from None
            items.append(Item(text, quoted=True))
            last, at = end, _past_spaces(line, end)
            if at < len(line) and line[at] != "," and not _colon(line, at):
                raise _Malformed(at, "after a text in quotes comes `,` or `: ` or nothing")
        else:
            bare = _BARE.match(line, at)
            assert bare is not None
            items.append(Item(bare.group().rstrip()))
            last, at = at + len(items[-1].text), bare.end()
        if not line.startswith(",", at):
            break
        at += 1
    written = line[first:last]
    found = tuple(items) if written else ()
    return Default(written, found, Span(start + first, start + max(last, first))), at


def _colon(line: str, at: int) -> bool:
    """Whether the `:` before a description stands here."""
    return line.startswith(":", at) and not line[at + 1 : at + 2].strip()


def _past_spaces(line: str, at: int) -> int:
    while at < len(line) and line[at].isspace():
        at += 1
    return at


def _paragraphs(lines: list[str]) -> str:
    """The lines, with one empty line where there are several and none at the ends."""
    text = "\n".join(lines).strip("\n")
    return re.sub(r"\n{3,}", "\n\n", text)
