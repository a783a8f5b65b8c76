"""Words of a command line as three shells make them: POSIX with bash's `$'…'`, cmd, PowerShell.

Commands are told apart as their shell tells them; comments, redirections and operators are no
words. What a shell would fill in (`$HOME`, `$(…)`, `%PATH%`) is left as written and marked.
Knows nothing of curl.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flowql.diagnostics import captured as problems
from flowql.source import Span

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowql.diagnostics import Diagnostic

_CMD = re.compile(r"\^\"|\^[ \t]*\r?(\n|\Z)")
_CMD_DOUBLED = re.compile(r"\"[{\[]\s*\"\"")
"""How a body in cmd's quotes begins where its own quotes are doubled."""
_POWERSHELL = re.compile(r"`[ \t]*\r?\n|^\s*PS [^\n>]*> ")

_POSIX = re.compile(r"\\\r?\n")
_QUOTE = re.compile("'")
_PROMPT = re.compile(r"^[ \t]*(?:PS [^\n>]*>|[A-Za-z]:\\[^\n>]*>|[$%>#])[ \t]*(?=curl\b)", re.M)
"""What stands before a command that was copied together with its prompt."""

_EXPANSION = re.compile(r"\$(\w+|\{[^}\s]*\}|[@*#?$!-])|\$\(|`")
_ANSI_C = re.compile(
    r"\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|([0-7]{1,3})|c(.)|(.))", re.S
)
_ESCAPES = {
    "a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t",
    "v": "\v", "\\": "\\", "'": "'", '"': '"', "?": "?",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Word:
    """A word with its quotes gone.

    `expansion` is the first thing in it that the shell would fill in, `filled` where that
    begins in `text`.
    """

    text: str
    span: Span
    expansion: Span | None = None
    filled: int = 0


Command = tuple[Word, ...]


def commands(text: str) -> tuple[list[Command], list[Diagnostic]]:
    """The commands of a text, by the shell whose marks it bears."""
    reader = _shell(text)
    state = _Reader(_PROMPT.sub(lambda prompt: " " * len(prompt.group()), text))
    reader(state)
    state.end_command()
    return state.commands, state.problems


def _shell(text: str) -> Callable[[_Reader], None]:
    """The reader of the shell whose mark comes first; what comes later may stand in quotes."""

    def first(mark: re.Pattern[str]) -> int:
        found = mark.search(text)
        return found.start() if found else len(text)

    if first(_CMD) < min(first(_QUOTE), first(_POSIX), first(_POWERSHELL)):
        return _cmd
    if _CMD_DOUBLED.search(text) and "'" not in text:
        return _cmd
    return _powershell if first(_POWERSHELL) < first(_POSIX) else _posix


@dataclass(slots=True)
class _Reader:
    """A position in a text, and the word that is being made."""

    text: str
    at: int = 0
    commands: list[Command] = field(default_factory=list)
    problems: list[Diagnostic] = field(default_factory=list)
    _words: list[Word] = field(default_factory=list)
    _pieces: list[str] = field(default_factory=list)
    _length: int = 0
    _start: int | None = None
    _expansion: Span | None = None
    _filled: int = 0
    skip_word: bool = False
    """The next word is the file of a redirection."""

    @property
    def in_word(self) -> bool:
        return self._start is not None

    def begin(self) -> None:
        if self._start is None:
            self._start = self.at

    def add(self, piece: str) -> None:
        self._pieces.append(piece)
        self._length += len(piece)

    def expands(self, span: Span) -> None:
        if self._expansion is None:
            self._expansion = span
            self._filled = self._length

    def end_word(self) -> None:
        if self._start is not None and not self.skip_word:
            span = Span(self._start, self.at)
            word = Word("".join(self._pieces), span, self._expansion, self._filled)
            self._words.append(word)
        if self._start is not None:
            self.skip_word = False
        self._pieces.clear()
        self._length = 0
        self._start = self._expansion = None

    def drop_number(self) -> None:
        """A number right before a redirection is that of a stream, and no word."""
        if self._start is not None and "".join(self._pieces).isdigit():
            self._start = None
        self.end_word()

    def end_command(self) -> None:
        self.end_word()
        self.skip_word = False
        if self._words:
            self.commands.append(tuple(self._words))
            self._words.clear()

    def unclosed(self, quote: str, start: int) -> None:
        self.problems.append(
            problems.UnclosedQuote(span=Span(start, start + len(quote)), quote=quote)
        )
        self.at = len(self.text)


# ── POSIX and bash ────────────────────────────────────────────────────────────

_POSIX_PLAIN = re.compile(r"[^\s'\"\\$`;&|<>()#]+")


def _posix(reader: _Reader) -> None:
    text = reader.text
    while reader.at < len(text):
        if plain := _POSIX_PLAIN.match(text, reader.at):
            reader.begin()
            reader.add(plain.group())
            reader.at = plain.end()
            continue
        match text[reader.at]:
            case "\n" | ";" | "&" | "|" | "(" | ")":
                reader.end_command()
                reader.at += 1
            case "<" | ">":
                _redirect(reader)
            case "\\":
                _posix_backslash(reader)
            case "'":
                _single(reader)
            case '"':
                reader.begin()
                _double(reader)
            case "$" if text.startswith(("$'", '$"'), reader.at):
                reader.begin()
                reader.at += 1
                if text[reader.at] == "'":
                    _ansi_c(reader)
                else:
                    _double(reader)
            case "$" | "`":
                reader.begin()
                _expansion(reader)
            case "#" if not reader.in_word:
                end = text.find("\n", reader.at)
                reader.at = len(text) if end < 0 else end
            case "#":
                reader.add("#")
                reader.at += 1
            case _:
                reader.end_word()
                reader.at += 1


def _redirect(reader: _Reader) -> None:
    reader.drop_number()
    while reader.at < len(reader.text) and reader.text[reader.at] in "<>&|":
        reader.at += 1
    reader.skip_word = True


def _posix_backslash(reader: _Reader) -> None:
    text = reader.text
    if text.startswith("\\\r\n", reader.at):
        reader.at += 3
        return
    if not text.startswith("\\\n", reader.at):
        reader.begin()
        reader.add(text[reader.at + 1 : reader.at + 2])
    reader.at += 2


def _single(reader: _Reader) -> None:
    reader.begin()
    end = reader.text.find("'", reader.at + 1)
    if end < 0:
        return reader.unclosed("'", reader.at)
    reader.add(reader.text[reader.at + 1 : end])
    reader.at = end + 1
    return None


_DOUBLE_PLAIN = re.compile(r"[^\"\\$`]+")


def _double(reader: _Reader) -> None:
    text, start = reader.text, reader.at
    reader.at += 1
    while reader.at < len(text):
        if plain := _DOUBLE_PLAIN.match(text, reader.at):
            reader.add(plain.group())
            reader.at = plain.end()
            continue
        match text[reader.at]:
            case '"':
                reader.at += 1
                return
            case "\\":
                follows = text[reader.at + 1 : reader.at + 2]
                if follows and follows in '$`"\\':
                    reader.add(follows)
                elif follows != "\n":
                    reader.add("\\" + follows)
                reader.at += 2
            case _:
                _expansion(reader)
    reader.unclosed('"', start)


def _expansion(reader: _Reader) -> None:
    """What the shell would fill in, as it is written; a `$` before nothing is itself."""
    found = _EXPANSION.match(reader.text, reader.at)
    if found is None:
        reader.add(reader.text[reader.at])
        reader.at += 1
        return None
    end = found.end()
    opening = found.group()
    if opening in ("$(", "`"):
        # Whatever is inside is not read; a bracket or tick of its own ends it too early,
        # which can only leave more of the command unread.
        closing = reader.text.find(")" if opening == "$(" else "`", end)
        if closing < 0:
            return reader.unclosed(opening, reader.at)
        end = closing + 1
    reader.expands(Span(reader.at, end))
    reader.add(reader.text[reader.at : end])
    reader.at = end
    return None


_ANSI_C_END = re.compile(r"(?:[^'\\]|\\.)*+'", re.S)


def _ansi_c(reader: _Reader) -> None:
    end = _ANSI_C_END.match(reader.text, reader.at + 1)
    if end is None:
        return reader.unclosed("$'", reader.at - 1)
    reader.add(_joined(_ANSI_C.sub(_ansi_c_escape, end.group()[:-1])))
    reader.at = end.end()
    return None


def _ansi_c_escape(match: re.Match[str]) -> str:
    byte, short, long, octal, control, other = match.groups()
    if byte or octal:
        # A byte of UTF-8, which may need its neighbours to be a character.
        number = int(byte, 16) if byte else int(octal, 8) & 0xFF
        return chr(number) if number < 0x80 else chr(0xDC00 + number)
    if short or long:
        number = int(short or long, 16)
        return chr(number) if number <= 0x10FFFF else "\ufffd"
    if control:
        return chr(ord(control) & 0x1F)
    return _ESCAPES.get(other, "\\" + other)


def _joined(text: str) -> str:
    """Bytes and halves of characters joined; browsers write a character beyond `\\uffff` in two."""
    try:
        text = text.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return text


# ── cmd ───────────────────────────────────────────────────────────────────────

_PERCENT = re.compile(r"%[A-Za-z_]\w*%")


def _cmd(reader: _Reader) -> None:
    """First what cmd takes away (carets), then how a program takes its words apart."""
    for line in _cmd_lines(reader.text):
        _native_words(reader, line)
        reader.end_command()


_Char = tuple[str, int]
"""A character that cmd leaves, and where it stands."""


def _cmd_lines(text: str) -> list[list[_Char]]:
    lines: list[list[_Char]] = []
    line: list[_Char] = []
    quoted = False
    at = 0
    while at < len(text):
        char = text[at]
        if char == "^" and not quoted:
            at += 1
            if text.startswith("\r\n", at):
                at += 2
            elif text.startswith("\n", at):
                at += 1
            # After a line break too the next character is taken as it is.
            if at < len(text):
                if text.startswith("\r\n", at):
                    at += 1
                line.append((text[at], at))
        elif char == "\n" or (char in "&|" and not quoted):
            lines.append(line)
            line, quoted = [], False
        else:
            quoted ^= char == '"'
            line.append((char, at))
        at += 1
    lines.append(line)
    return lines


def _native_words(reader: _Reader, line: list[_Char]) -> None:
    """Words as programs on Windows see them: `\\"` and `""` are quotes."""
    quoted = False
    at = 0
    opened = 0
    while at < len(line):
        char, reader.at = line[at]
        if char == "\\":
            run = 1
            while at + run < len(line) and line[at + run][0] == "\\":
                run += 1
            before_quote = at + run < len(line) and line[at + run][0] == '"'
            reader.begin()
            reader.add("\\" * (run // 2 if before_quote else run))
            at += run
            if before_quote and run % 2:
                reader.add('"')
                at += 1
            continue
        if char == '"':
            reader.begin()
            if quoted and at + 1 < len(line) and line[at + 1][0] == '"':
                reader.add('"')
                at += 1
            else:
                quoted = not quoted
                opened = reader.at
        elif char.isspace() and not quoted:
            reader.end_word()
        else:
            if char == "%":
                _percent(reader, reader.at)
            reader.begin()
            reader.add(char)
        at += 1
    if line:
        reader.at = line[-1][1] + 1
    if quoted:
        end = reader.at
        reader.unclosed('"', opened)
        reader.at = end


def _percent(reader: _Reader, at: int) -> None:
    if found := _PERCENT.match(reader.text, at):
        reader.expands(Span(*found.span()))


# ── PowerShell ────────────────────────────────────────────────────────────────

_POWERSHELL_PLAIN = re.compile(r"[^\s'\"`$;&|<>()#]+")
_BACKTICKS = {"n": "\n", "r": "\r", "t": "\t", "0": "\0", "a": "\a", "b": "\b", "e": "\x1b"}


def _powershell(reader: _Reader) -> None:
    text = reader.text
    while reader.at < len(text):
        if plain := _POWERSHELL_PLAIN.match(text, reader.at):
            reader.begin()
            reader.add(plain.group())
            reader.at = plain.end()
            continue
        match text[reader.at]:
            case "\n" | ";" | "&" | "|" | "(" | ")":
                reader.end_command()
                reader.at += 1
            case "<" | ">":
                _redirect(reader)
            case "`":
                _backtick(reader)
            case "'":
                _doubled(reader)
            case '"':
                _powershell_double(reader)
            case "$":
                reader.begin()
                _expansion(reader)
            case "#" if not reader.in_word:
                end = text.find("\n", reader.at)
                reader.at = len(text) if end < 0 else end
            case "#":
                reader.add("#")
                reader.at += 1
            case _:
                reader.end_word()
                reader.at += 1


def _backtick(reader: _Reader) -> None:
    if line_end := re.compile(r"`[ \t]*\r?\n").match(reader.text, reader.at):
        reader.at = line_end.end()
        return
    follows = reader.text[reader.at + 1 : reader.at + 2]
    reader.begin()
    reader.add(_BACKTICKS.get(follows, follows))
    reader.at += 2


_DOUBLED = re.compile(r"'((?:[^']|'')*+)'")


def _doubled(reader: _Reader) -> None:
    reader.begin()
    found = _DOUBLED.match(reader.text, reader.at)
    if found is None:
        return reader.unclosed("'", reader.at)
    reader.add(found[1].replace("''", "'"))
    reader.at = found.end()
    return None


_POWERSHELL_DOUBLE_PLAIN = re.compile(r"[^\"`$]+")


def _powershell_double(reader: _Reader) -> None:
    reader.begin()
    text, start = reader.text, reader.at
    reader.at += 1
    while reader.at < len(text):
        if plain := _POWERSHELL_DOUBLE_PLAIN.match(text, reader.at):
            reader.add(plain.group())
            reader.at = plain.end()
        elif text.startswith('""', reader.at):
            reader.add('"')
            reader.at += 2
        elif text[reader.at] == '"':
            reader.at += 1
            return
        elif text[reader.at] == "`":
            _backtick(reader)
        else:
            _expansion(reader)
    reader.unclosed('"', start)
