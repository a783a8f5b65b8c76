"""Problems as commands of GitHub Actions, which shows each beside its line in a pull request.

A line of its own is one command, so line breaks are escaped, and in properties what parts them.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from flowql.diagnostics.render import visible
from flowql.source import ANONYMOUS

if TYPE_CHECKING:
    from flowql.diagnostics.finding import Finding

_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def to_github(finding: Finding) -> str:
    """One problem as one line."""
    diagnostic, source = finding
    facts: dict[str, object] = {}
    if source is not None and source.name not in ANONYMOUS:
        facts["file"] = PurePath(source.name).as_posix()
        if diagnostic.span is not None:
            start, end = source.place(diagnostic.span.start), source.place(diagnostic.span.end)
            facts["line"], facts["endLine"] = start.line, end.line
            facts["col"], facts["endColumn"] = start.column, end.column
    facts["title"] = diagnostic.code
    said = diagnostic.message
    if diagnostic.help is not None:
        said = f"{said}\nhelp: {diagnostic.help}"
    properties = ",".join(f"{name}={_property(str(value))}" for name, value in facts.items())
    return f"::{_COMMANDS[diagnostic.severity]} {properties}::{_data(said)}"


def _data(text: str) -> str:
    return _escaped(visible(text))


def _property(text: str) -> str:
    # A path is told as it is, or it would be another file's.
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
