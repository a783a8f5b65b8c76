"""`flowql text`: the text of each request in what people have copied or saved."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowql import api
from flowql.diagnostics import FlowQLError
from flowql.diagnostics.captured import PassedOver
from flowql.diagnostics.render import as_dict
from flowql.searches.file import decoded, unreadable
from flowql.source import Source

if TYPE_CHECKING:
    from argparse import Namespace

    from flowql.cli.console import Console

FINE = 0
PROBLEMS = 1

_ITSELF = re.compile(
    r"\s*(?:\{|\[|[A-Za-z][A-Za-z+.-]*://|(?:[\w./\\-]*[/\\])?curl(?:\.exe)?\s"
    r"|(?:.*[\s=(;])?fetch\s*\()",
    re.S | re.I,
)
"""What an argument begins with that is a request itself and no file's name."""


@dataclass(frozen=True, slots=True)
class _Given:
    """An argument: a file, `-` for standard input, or the request itself."""

    argument: str

    @property
    def name(self) -> str:
        """What messages call it."""
        if self.argument == "-":
            return "<stdin>"
        # Bytes that are no UTF-8 become replacement characters.
        return "<request>" if self._is_itself() else self._argument().decode(errors="replace")

    def read(self) -> str:
        """Its text; raises `FlowQLError` where there is none."""
        if self.argument != "-" and self._is_itself():
            return decoded(self._argument(), "the request")
        try:
            data = sys.stdin.buffer.read() if self.argument == "-" else self._file().read_bytes()
        except (OSError, AttributeError, ValueError) as error:
            raise unreadable(self.name, error) from None
        return decoded(data, self.name)

    def _is_itself(self) -> bool:
        return _ITSELF.match(self.argument) is not None

    def _file(self) -> Path:
        return Path(self.argument)

    def _argument(self) -> bytes:
        return os.fsencode(self.argument)


def text(arguments: Namespace, console: Console) -> int:
    """The text of each request; one that cannot be read does not keep back the others."""
    given = [_Given(argument) for argument in arguments.given or ["-"]]
    if sum(one.argument == "-" for one in given) > 1:
        arguments.usage_error("standard input can be read once")
    now = arguments.now or datetime.now(UTC)
    found: list[tuple[_Given, api.Reading]] = []
    code = FINE
    for one in given:
        try:
            capture = api.from_capture(
                one.read(),
                arguments.server,
                arguments.path,
                database=arguments.database,
                now=now,
                timezone=arguments.timezone,
                name=one.name,
            )
        except FlowQLError as error:
            console.problems(error.diagnostics, error.source or Source("", one.name))
            code = PROBLEMS
            continue
        found += [(one, reading) for reading in capture]
        if capture.passed_over:
            note = PassedOver(count=capture.passed_over)
            console.problems([note], Source("", one.name))
    if _say(found, console):
        code = PROBLEMS
    return code


def _say(found: list[tuple[_Given, api.Reading]], console: Console) -> bool:
    """Prints what was read; whether some of it could not be."""
    documents: list[dict[str, Any]] = []
    broken = False
    for one, reading in found:
        source = _source(one, reading)
        if reading.query is None:
            broken = True
            console.problems(reading.problems, source)
            continue
        warnings = reading.query.warnings
        written = str(reading.query)
        if console.json:
            documents.append(
                {
                    "label": _label(one, reading, len(found)),
                    "path": reading.path,
                    "text": written,
                    "warnings": [as_dict(warning, source) for warning in warnings],
                }
            )
            continue
        if len(found) > 1:
            # A comment, so that what is printed can be a file of a query.
            console.say(f"# {_label(one, reading, len(found))}: POST {reading.path}")
        console.say(written)
        console.problems(warnings, source)
    if console.json:
        console.say_json(documents)
    return broken


def _label(one: _Given, reading: api.Reading, requests: int) -> str:
    if requests == 1 or not reading.label:
        return reading.label or one.name
    return f"{one.name}, {reading.label}"


def _source(one: _Given, reading: api.Reading) -> Source:
    name = f"{one.name}, {reading.label}" if reading.label else one.name
    return Source(reading.source.text if reading.source else "", name)
