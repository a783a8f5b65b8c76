"""What is written where: data to standard output, all else to standard error.

The only module that knows about terminals, colour and encodings. Both streams are UTF-8 whatever
the locale says, and what UTF-8 cannot spell (a lone surrogate) is written as an escape.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
from typing import TYPE_CHECKING, Any, TextIO

from flowql.diagnostics import FlowQLError
from flowql.diagnostics.render import as_dict, render

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowql.diagnostics import Diagnostic
    from flowql.source import Source


_FULL = 96
"""Columns of a line of JSON."""


class Console:
    """Standard output and standard error, as the options ask for them."""

    def __init__(self) -> None:
        self.json = False
        self._color = "auto"
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(encoding="utf-8", errors="backslashreplace")

    def configure(self, color: str, as_json: bool) -> None:
        """Take over `--color` and `--json`."""
        self._color = color
        self.json = as_json

    @property
    def on_terminal(self) -> bool:
        """Whether a person reads standard output."""
        return sys.stdout is not None and sys.stdout.isatty()

    @property
    def width(self) -> int:
        """Columns of the terminal."""
        return shutil.get_terminal_size().columns

    def coloured(self, stream: TextIO | None) -> bool:
        """Whether the stream takes colour."""
        if self._color != "auto":
            return self._color == "always"
        if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
            return False
        return stream is not None and stream.isatty()

    def say(self, text: str) -> None:
        """A line, or lines, of data."""
        if sys.stdout is None:
            return
        try:
            sys.stdout.write(f"{text}\n")
        except BrokenPipeError:
            raise
        except OSError as error:
            raise _unwritable(error) from None

    def say_json(self, value: Any) -> None:
        """A document of data."""
        self.say(laid_out(value))

    def say_row(self, row: Any) -> None:
        """A row of data on a line of its own."""
        self.say(json.dumps(row, ensure_ascii=False))

    def notice(self, code: str, text: str, **facts: Any) -> None:
        """A word about the data: where it comes from, which page it is."""
        if self.json:
            note = {"code": code, "severity": "note", "message": text, **facts}
            self._tell(json.dumps(note, ensure_ascii=False))
        else:
            self._tell(text)

    def problems(self, diagnostics: Iterable[Diagnostic], source: Source | None) -> None:
        """Problems, warnings and notes, for a person or as JSON."""
        diagnostics = list(diagnostics)
        if self.json:
            for diagnostic in diagnostics:
                self._tell(json.dumps(as_dict(diagnostic, source), ensure_ascii=False))
        elif diagnostics:
            self._tell(render(diagnostics, source, colour=self.coloured(sys.stderr)))

    def flush(self) -> None:
        """Hand on what was said; a full disk shows itself here."""
        if sys.stdout is None:
            return
        try:
            sys.stdout.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            # What could not be written would fail again at every later flush.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise _unwritable(error) from None

    def _tell(self, text: str) -> None:
        self.flush()
        if sys.stderr is not None:
            print(text, file=sys.stderr)


def laid_out(value: Any, indent: int = 0) -> str:
    """JSON of which the outermost value is spread over lines, and the rest where a line is full."""
    whole = json.dumps(value, ensure_ascii=False)
    inner = indent + 2
    if not value or (indent and indent + len(whole) <= _FULL):
        return whole
    match value:
        case dict():
            open_, close = "{}"
            lines = [
                f"{json.dumps(key, ensure_ascii=False)}: {laid_out(item, inner)}"
                for key, item in value.items()
            ]
        case list() | tuple():
            open_, close = "[]"
            lines = [laid_out(item, inner) for item in value]
        case _:
            return whole
    joined = ",\n".join(f"{' ' * inner}{line}" for line in lines)
    return f"{open_}\n{joined}\n{' ' * indent}{close}"


def _unwritable(error: OSError) -> FlowQLError:
    from flowql.diagnostics.run import UnwritableFile

    reason = error.strerror or str(error)
    return FlowQLError([UnwritableFile(path="standard output", reason=reason)])
