"""Drawing problems: the source line with carets, colour, and JSON.

The only module that knows what a problem looks like.
"""

from __future__ import annotations

import json
import unicodedata
from typing import TYPE_CHECKING, Any

from flowql.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowql.diagnostics.base import Diagnostic

_COLOURS = {"error": "31", "warning": "33", "note": "36"}
_WIDTH = 100
"""Columns of source shown around a problem; longer lines are cut on both sides."""


def render(
    diagnostics: Iterable[Diagnostic], source: Source | None = None, *, colour: bool = False
) -> str:
    """Problems as text for a person, each with its source line and carets."""
    return "\n".join(_one(diagnostic, source, colour) for diagnostic in diagnostics)


def to_json(diagnostics: Iterable[Diagnostic], source: Source | None = None) -> str:
    """Problems as a JSON array of objects (see `as_dict`)."""
    return json.dumps([as_dict(d, source) for d in diagnostics], ensure_ascii=False, indent=2)


def as_dict(diagnostic: Diagnostic, source: Source | None = None) -> dict[str, Any]:
    """A problem as plain data: code, severity, message, help and place."""
    found: dict[str, Any] = {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
    }
    if diagnostic.help is not None:
        found["help"] = diagnostic.help
    if diagnostic.replacement is not None:
        found["replacement"] = diagnostic.replacement
    if source is not None and source.name != "<query>":
        found["file"] = source.name
    if diagnostic.span is not None:
        found["span"] = list(diagnostic.span)
        if source is not None:
            start = source.place(diagnostic.span.start)
            end = source.place(diagnostic.span.end)
            found["start"] = {"line": start.line, "column": start.column}
            found["end"] = {"line": end.line, "column": end.column}
    if diagnostic.pointer is not None:
        found["pointer"] = diagnostic.pointer
    return found


def _one(diagnostic: Diagnostic, source: Source | None, colour: bool) -> str:
    paint = _painter(_COLOURS[diagnostic.severity]) if colour else _plain
    bold = _painter("1") if colour else _plain
    lines = [
        f"{paint(f'{diagnostic.severity}[{diagnostic.code}]')}: {bold(visible(diagnostic.message))}"
    ]
    if diagnostic.span is not None and source is not None:
        lines.extend(_excerpt(diagnostic.span, source, paint))
    elif place := _named(diagnostic, source):
        lines.append(f"  at {place}")
    if diagnostic.help is not None:
        lines.append(f"  help: {visible(diagnostic.help)}")
    return "\n".join(lines)


def _named(diagnostic: Diagnostic, source: Source | None) -> str:
    """The place of a problem that stands in no text: its file, and where in a body it is."""
    names = [] if source is None or source.name == "<query>" else [source.name]
    if diagnostic.pointer is not None:
        names.append(diagnostic.pointer or "/")
    return visible(": ".join(names))


def _excerpt(span: Span, source: Source, paint: Any) -> list[str]:
    place = source.place(span.start)
    text = source.line(place.line)
    start = place.column - 1
    end = min(max(start + 1, start + span.end - span.start), max(len(text), start + 1))
    cut = 0 if len(text) <= _WIDTH else max(0, start - _WIDTH // 2)
    shown = text[cut : cut + _WIDTH]
    prefix, marked = shown[: start - cut], shown[start - cut : end - cut]
    before, after = "…" * (cut > 0), "…" * (cut + _WIDTH < len(text))
    number = str(place.line)
    gutter = " " * len(number)
    carets = "^" * max(1, _columns(visible(marked)))
    return [
        f"{gutter} ┌ {source.name}:{place.line}:{place.column}",
        f"{number} │ {before}{visible(shown)}{after}",
        f"{gutter} │ {' ' * _columns(before + visible(prefix))}{paint(carets)}",
    ]


def visible(text: str) -> str:
    """Control, format and bidirectional characters as escapes, so nothing hides."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char == "\n" else ("\\t" if char == "\t" else _escape(char))
        for char in text
    )


def _escape(char: str) -> str:
    return f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"


def _columns(text: str) -> int:
    """Terminal columns: wide characters take two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def _painter(code: str) -> Any:
    return lambda text: f"\x1b[{code}m{text}\x1b[0m"


def _plain(text: str) -> str:
    return text
