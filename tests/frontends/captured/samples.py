"""What people have copied and saved: the files of tests/captured, read at one moment.

`pages.txt` holds an address a line; every other file is one text of its own. `texts.txt` is not a
sample: it has what was read of each.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import flowql
from flowql import Diagnostic, FlowQLError

FOLDER = Path(__file__).parent.parent.parent / "captured"
NOW = datetime(2026, 4, 15, 12, 0, 7, 250_000, UTC)
SECRET = "s3cr3t"
"""In everything that is secret in the samples."""


def texts() -> dict[str, str]:
    """The samples by name; addresses by themselves."""
    found: dict[str, str] = {}
    for path in sorted(FOLDER.iterdir()):
        if path.name == "texts.txt":
            continue
        text = path.read_bytes().decode()
        if path.name == "pages.txt":
            found |= {line: line for line in text.splitlines() if not line.startswith("#")}
        else:
            found[path.name] = text
    return found


def read(text: str) -> flowql.Capture:
    return flowql.from_capture(text, now=NOW)


def problems(text: str) -> list[Diagnostic]:
    """Everything that is said of a text, whether it stops the reading or not."""
    try:
        capture = read(text)
    except FlowQLError as error:
        return error.diagnostics
    return [
        problem
        for reading in capture
        for problem in (reading.query.warnings if reading.query else reading.problems)
    ]
