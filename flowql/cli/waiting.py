"""What a person at a terminal sees and is asked while an API answers or tables are copied.

All of it is on standard error, and only where that is a terminal and nobody asked for JSON. The one
line that is rewritten is gone when the answer, a problem or an interrupt has come.
"""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

    from flowql.cli.console import Console
    from flowql.run.progress import Progress

QUIET_SECONDS = 0.5
"""What takes no longer needs no word."""
AGAIN_SECONDS = 0.1
"""How often the line is rewritten at most."""


def watched(console: Console) -> bool:
    """Whether a person looks at standard error."""
    return not console.json and _is_terminal(sys.stderr) and os.environ.get("TERM") != "dumb"


class ProgressLine:
    """A line on standard error that is rewritten in place; entered, and erased when left."""

    def __init__(self, console: Console) -> None:
        self._shown = watched(console)
        self._due = time.monotonic() + QUIET_SECONDS
        self._width = 0

    def __enter__(self) -> ProgressLine:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._write("")

    def tell(self, progress: Progress) -> None:
        """Show how far an answer has come, if it is time to."""
        if progress.expected <= 1:
            return
        rows = f", {progress.rows:,} rows" if progress.rows else ""
        self.show(f"{progress.requests:,} of ~{progress.expected:,} requests{rows}")

    def show(self, text: str) -> None:
        """Show how far something has come, if it is time to."""
        now = time.monotonic()
        if not self._shown or now < self._due:
            return
        self._due = now + AGAIN_SECONDS
        self._write(text)

    def _write(self, text: str) -> None:
        if not self._width and not text:
            return
        # The last column is left free: some terminals begin a new line after it.
        try:
            text = text[: os.get_terminal_size(sys.stderr.fileno()).columns - 1]
            line = f"\r{text:<{self._width}}"
            # Known before it stands there: an interrupt may come between the two.
            self._width = max(self._width, len(text))
            sys.stderr.write(line + ("" if text else "\r"))
            sys.stderr.flush()
        except OSError:
            self._shown = False
        self._width = len(text)


def goes_on(console: Console, requests: int, rows: int, *, at_least: bool) -> bool | None:
    """Whether a person wants what takes so much; None where there is nobody to ask."""
    if not watched(console) or not _is_terminal(sys.stdin):
        return None
    bound = "at least" if at_least else "about"
    console.flush()
    sys.stderr.write(
        f"the answer takes {bound} {requests:,} requests and {rows:,} rows; go on? [y/N] "
    )
    sys.stderr.flush()
    try:
        said = sys.stdin.readline()
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        raise
    except (OSError, ValueError):
        said = ""
    if not said.endswith("\n"):
        # The end of the input leaves the cursor on the line of the question.
        sys.stderr.write("\n")
    return said.strip().casefold() in ("y", "yes")


def _is_terminal(stream: object) -> bool:
    try:
        return bool(stream is not None and stream.isatty())  # type: ignore[attr-defined]
    except ValueError:
        return False
