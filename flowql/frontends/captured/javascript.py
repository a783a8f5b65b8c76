"""`fetch(…)` calls, as browsers and Node's users write them, to requests.

The literals of JavaScript are read as JSON-like text and nothing is ever evaluated: names,
calls and operators are a coded problem where a value is needed, and passed over where none is
(`signal: controller.signal`).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flowql.diagnostics import captured as problems
from flowql.diagnostics.body import NotJson
from flowql.frontends.captured.found import (
    Captured,
    Found,
    endpoint_path,
    has_query,
    hidden,
    is_json,
)
from flowql.limits import DEFAULT
from flowql.source import Span

if TYPE_CHECKING:
    from flowql.diagnostics import Diagnostic

_CALL = re.compile(r"(?<![\w$.])(?:(?:window|globalThis|self)\.)?fetch\s*\(")

_SPACE = re.compile(r"(?:\s|//[^\n]*)*+")
_NAME = re.compile(r"[A-Za-z_$][\w$]*")
_NUMBER = re.compile(r"-?(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?![\w$])")
_STRINGS = {
    quote: re.compile(rf"{quote}((?:[^{quote}\\]|\\.)*+){quote}", re.S) for quote in ("'", '"', "`")
}
_ESCAPE = re.compile(
    r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|.))", re.S
)
_ESCAPED = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "0": "\0"}
_CONSTANTS = {"true": True, "false": False, "null": None, "undefined": None}
_STRINGIFY = re.compile(r"JSON\s*\.\s*stringify\s*\(")
_AFTER_VALUE = re.compile(r"[,}\])]")


def first(text: str) -> int | None:
    """Where the first call of a text begins, if it has one."""
    found = _CALL.search(text)
    return found.start() if found else None


def read(text: str) -> Found:
    """The requests of all calls of a text."""
    requests: list[Captured] = []
    shown: list[Span] = []
    at = 0
    while call := _CALL.search(text, at):
        reader = _Reader(text, call.end())
        requests.append(_request(reader))
        shown += [Span(*call.span()), *reader.shown]
        at = max(reader.at, call.end())
    if len(requests) > 1:
        requests = [
            Captured(one.method, one.path, one.body, f"fetch {number}", one.problems)
            for number, one in enumerate(requests, start=1)
        ]
    return Found(tuple(requests), hidden(text, shown))


def _request(reader: _Reader) -> Captured:
    try:
        start = reader.space()
        url = reader.value("the address")
        if not isinstance(url, str):
            raise _Unread(problems.NotLiteral(span=Span(start, reader.at), wanted="the address"))
        path = endpoint_path(url)
        options = reader.options()
    except _Unread as unread:
        if unread.problem.span:
            reader.shown.append(unread.problem.span)
        return Captured("", "", None, problems=(unread.problem,))
    # Without a word on it the method is GET, whatever else is said.
    method = options.get("method")
    body = options.get("body")
    sent_as = options.get("headers", "text/plain;charset=UTF-8")
    if body and not is_json(sent_as):
        reader.problems.append(
            problems.BodyIgnored(span=Span(start, start + 1), content_type=sent_as)
        )
        body = None
    if has_query(url):
        reader.problems.append(problems.QueryIgnored(span=Span(start, start + 1)))
    return Captured(
        method.upper() if isinstance(method, str) else "GET",
        path,
        body,
        problems=tuple(reader.problems),
    )


class _Unread(Exception):
    """The call cannot be read any further."""

    def __init__(self, problem: Diagnostic) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(slots=True)
class _Reader:
    """A position in a text of JavaScript."""

    text: str
    at: int
    problems: list[Diagnostic] = field(default_factory=list)
    shown: list[Span] = field(default_factory=list)

    def space(self) -> int:
        """Past spaces and comments."""
        while True:
            found = _SPACE.match(self.text, self.at)
            assert found is not None
            self.at = found.end()
            if not self.text.startswith("/*", self.at):
                return self.at
            end = self.text.find("*/", self.at + 2)
            self.at = len(self.text) if end < 0 else end + 2

    def takes(self, char: str) -> bool:
        """Whether the character follows; then it is passed."""
        self.space()
        if not self.text.startswith(char, self.at):
            return False
        self.at += len(char)
        return True

    def options(self) -> dict[str, Any]:
        """What the second argument says of method and body; the rest is passed over."""
        options: dict[str, Any] = {}
        if not self.takes(","):
            self._close()
            return options
        if self.takes(")"):
            return options
        if not self.takes("{"):
            raise self._refused("an object of options")
        while not self.takes("}"):
            name = self._name()
            if not self.takes(":"):
                raise self._refused("`:`")
            if name in ("method", "body"):
                options[name] = self._option(name)
            elif name == "headers":
                options |= self._headers()
            else:
                self._pass()
            if not self.takes(",") and not self._is_next("}"):
                raise self._refused("`,` or `}`")
        self.takes(",")
        self._close()
        return options

    def _option(self, name: str) -> Any:
        start = self.space()
        value = self.value(f"the {name}")
        if name == "body" and value is not None and not isinstance(value, str):
            # JavaScript would send `[object Object]`.
            raise _Unread(problems.NotLiteral(span=Span(start, start + 1), wanted="a text"))
        return value

    def _headers(self) -> dict[str, str]:
        """The content type of the headers, if they have one; the others are passed over."""
        if self._is_next("null") or self._is_next("undefined"):
            self._pass()
            return {}
        if not self.takes("{"):
            raise self._refused("an object of headers")
        found: dict[str, str] = {}
        while not self.takes("}"):
            name = self._name()
            if not self.takes(":"):
                raise self._refused("`:`")
            if name.lower() == "content-type":
                value = self.value("the content type")
                found["headers"] = value if isinstance(value, str) else ""
            else:
                self._pass()
            if not self.takes(",") and not self._is_next("}"):
                raise self._refused("`,` or `}`")
        return found

    def _close(self) -> None:
        if not self.takes(")"):
            raise self._refused("`)`")

    def _is_next(self, char: str) -> bool:
        self.space()
        return self.text.startswith(char, self.at)

    def _refused(self, wanted: str) -> _Unread:
        start = self.space()
        word = re.compile(r"[\w$.]+|.?", re.S).match(self.text, start)
        end = min(word.end() if word else start, start + 40)
        return _Unread(problems.NotLiteral(span=Span(start, end), wanted=wanted))

    def _name(self) -> str:
        self.space()
        if found := _NAME.match(self.text, self.at):
            self.at = found.end()
            return found.group()
        for quote in ("'", '"'):
            if self.text.startswith(quote, self.at):
                return self._string(quote)
        raise self._refused("the name of an option")

    # ── values ────────────────────────────────────────────────────────────────

    def value(self, wanted: str, depth: int = 0) -> Any:
        """The literal that follows."""
        if depth > DEFAULT.depth:
            at = Span(self.at, self.at + 1)
            raise _Unread(NotJson(span=at, reason="it nests too deep"))
        self.space()
        found = self._value(wanted, depth)
        # What follows may change it: `"a" + b`, `"a".concat(b)`.
        self.space()
        if self.at < len(self.text) and not _AFTER_VALUE.match(self.text, self.at):
            raise self._refused(wanted)
        return found

    def _value(self, wanted: str, depth: int) -> Any:
        text = self.text
        char = text[self.at : self.at + 1]
        if char in _STRINGS:
            return self._string(char)
        if char == "{":
            return self._object(depth)
        if char == "[":
            return self._array(depth)
        if number := _NUMBER.match(text, self.at):
            return self._number(number, wanted)
        if call := _STRINGIFY.match(text, self.at):
            return self._stringify(call.end(), depth)
        if (name := _NAME.match(text, self.at)) and name.group() in _CONSTANTS:
            self.at = name.end()
            return _CONSTANTS[name.group()]
        raise self._refused(wanted)

    def _number(self, found: re.Match[str], wanted: str) -> int | float:
        digits = found.group()
        sign = -1 if digits.startswith("-") else 1
        digits = digits.lstrip("-")
        if len(digits) > 400 or re.fullmatch(r"0\d+", digits):
            raise self._refused(wanted)
        self.at = found.end()
        if digits[:2] in ("0x", "0X"):
            return sign * int(digits, 16)
        number = int(digits) if digits.isdigit() else float(digits)
        if number == float("inf"):
            raise self._refused(wanted)
        return sign * number

    def _string(self, quote: str) -> str:
        found = _STRINGS[quote].match(self.text, self.at)
        if found is None:
            raise _Unread(problems.UnclosedQuote(span=Span(self.at, self.at + 1), quote=quote))
        inside = found[1]
        if quote == "`" and (filled := re.search(r"(?<!\\)\$\{", inside)):
            start = self.at + 1 + filled.start()
            raise _Unread(problems.NotLiteral(span=Span(start, start + 2), wanted="a text"))
        self.at = found.end()
        text = _ESCAPE.sub(_unescaped, inside)
        # Two halves of a character may be written one by one.
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")

    def _object(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        self.at += 1
        while not self.takes("}"):
            if number := _NUMBER.match(self.text, self.at):
                name, self.at = number.group(), number.end()
            else:
                name = self._name()
            if not self.takes(":"):
                raise self._refused("`:`")
            start = self.space()
            found[name] = self.value("a value", depth + 1)
            if self.text.startswith("undefined", start):
                del found[name]
            if not self.takes(",") and not self._is_next("}"):
                raise self._refused("`,` or `}`")
        return found

    def _array(self, depth: int) -> list[Any]:
        found: list[Any] = []
        self.at += 1
        while not self.takes("]"):
            found.append(self.value("a value", depth + 1))
            if not self.takes(",") and not self._is_next("]"):
                raise self._refused("`,` or `]`")
        return found

    def _stringify(self, at: int, depth: int) -> str:
        self.at = at
        value = self.value("a value", depth + 1)
        if self.takes(","):
            raise self._refused("`)`")
        self._close()
        return json.dumps(value, ensure_ascii=False)

    # ── what is passed over ───────────────────────────────────────────────────

    def _pass(self) -> None:
        """Past an expression that does not matter, up to the `,` or `}` after it."""
        open_ = 0
        while self.at < len(self.text):
            char = self.text[self.at]
            if char in _STRINGS:
                found = _STRINGS[char].match(self.text, self.at)
                if found is None:
                    raise _Unread(
                        problems.UnclosedQuote(span=Span(self.at, self.at + 1), quote=char)
                    )
                self.at = found.end()
                continue
            if char in "([{":
                open_ += 1
            elif char in ")]}":
                if open_ == 0:
                    return
                open_ -= 1
            elif char == "," and open_ == 0:
                return
            elif char == "/":
                before = self.at
                if self.space() != before:
                    continue
            self.at += 1


def _unescaped(match: re.Match[str]) -> str:
    point, four, two, other = match.groups()
    if number := point or four or two:
        code = int(number, 16)
        return chr(code) if code <= 0x10FFFF else "\ufffd"
    if other in ("\n", "\r\n", "\r", "\u2028", "\u2029"):
        return ""
    return _ESCAPED.get(other, other)
