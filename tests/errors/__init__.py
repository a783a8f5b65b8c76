"""Annotated queries: each problem under the text that has it.

    # What stands before a query in lines with a hash is for the reader.
    @ params {"x": 1}
    > flow_runs where naem = ingest
                      ^^^^ unknown-field
        flow_runs have no field `naem`
        help: did you mean `name`?

A file is a row of such pieces with an empty line between them. The lines with `>` are the query;
what follows them is written anew by `pytest --update`. Lines with `@` say how it is asked:

    @ params JSON, @ limits JSON, @ timezone NAME       as `flowql.check` takes them
    @ escapes                                           the query has Python's escapes
    @ to request [ENDPOINT] | plan | sqlite | postgres | duckdb  what is made of it
    @ from PATH [SERVER]                                the text is a body for that path
    @ arguments JSON, @ database NAME                   as requests are written and read with
    @ captured                                          the text is a request as people have it

A class of problems that no query shows stands in `elsewhere.txt` with the reason.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import flowql
from flowql import Diagnostic, FlowQLError
from flowql.diagnostics.captured import PassedOver
from flowql.limits import Limits
from flowql.source import Source

FOLDER = Path(__file__).parent


@dataclass
class Annotated:
    """A query, how it is asked, and what stands before it."""

    notes: list[str] = field(default_factory=list)
    asked: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        text = "\n".join(self.lines)
        if "escapes" not in self.asked:
            return text
        return re.sub(r"\\u([0-9a-f]{4})", lambda match: chr(int(match[1], 16)), text)


def files() -> list[str]:
    return sorted(path.name for path in FOLDER.glob("*.txt") if path.name != "elsewhere.txt")


def read(name: str) -> list[Annotated]:
    """The queries of a file; their annotations are left out."""
    found: list[Annotated] = []
    for piece in (FOLDER / name).read_text(encoding="utf-8").strip().split("\n\n"):
        query = Annotated()
        for line in piece.splitlines():
            if line.startswith("#"):
                query.notes.append(line)
            elif line.startswith("@"):
                key, _, value = line[1:].strip().partition(" ")
                query.asked[key] = value
            elif line.startswith(">"):
                query.lines.append(line[2:])
        found.append(query)
    return found


def problems(query: Annotated) -> list[Diagnostic]:
    """What is found in a query, asked as it is to be asked."""
    try:
        return list(_asked(query))
    except FlowQLError as error:
        return error.diagnostics


def _asked(query: Annotated) -> Iterator[Diagnostic]:
    asked = query.asked
    database: Any = asked.get("database")
    if path := asked.get("from"):
        at, *server = path.split()
        yield from flowql.from_request(at, query.text, *server, database=database).warnings
        return
    if "captured" in asked:
        capture = flowql.from_capture(query.text, now=datetime(2026, 11, 1, tzinfo=UTC))
        for reading in capture:
            yield from reading.query.warnings if reading.query else reading.problems
        if capture.passed_over:
            yield PassedOver(count=capture.passed_over)
        return
    options = {
        "params": json.loads(asked["params"]) if "params" in asked else None,
        "timezone": asked.get("timezone", "UTC"),
        "limits": Limits(**json.loads(asked.get("limits", "{}"))),
    }
    match asked.get("to", "").split():
        case []:
            yield from flowql.check(query.text, **options)
        case ["request", *endpoint]:
            at = endpoint[0] if endpoint else None
            arguments = json.loads(asked.get("arguments", "{}"))
            flowql.parse(query.text, **options).to_request(at, arguments, database)
        case ["plan"]:
            flowql.parse(query.text, **options).to_plan(database)
        case [dialect]:
            flowql.parse(query.text, **options).to_sql(dialect)


# ── drawing ───────────────────────────────────────────────────────────────────


def annotated(query: Annotated, found: list[Diagnostic]) -> str:
    """The piece of a file that shows a query with its problems."""
    source = Source(query.text)
    lines = [*query.notes, *(f"@ {key} {value}".rstrip() for key, value in query.asked.items())]
    for number, line in enumerate(query.lines, start=1):
        lines.append(f"> {line}".rstrip())
        for problem in found:
            if problem.span and source.place(problem.span.start).line == number:
                lines += _under(problem, source)
    for problem in found:
        if not problem.span:
            lines += [f"  {_named(problem)} at {problem.pointer or 'no place'}", *_said(problem)]
    return "\n".join(lines)


def _under(problem: Diagnostic, source: Source) -> list[str]:
    assert problem.span is not None
    place = source.place(problem.span.start)
    room = len(source.line(place.line)) - place.column + 1
    carets = "^" * max(1, min(problem.span.end - problem.span.start, room))
    return [f"  {' ' * (place.column - 1)}{carets} {_named(problem)}", *_said(problem)]


def _named(problem: Diagnostic) -> str:
    return problem.code if problem.severity == "error" else f"{problem.code} ({problem.severity})"


def _said(problem: Diagnostic) -> list[str]:
    said = [f"    {problem.message}"]
    if problem.help is not None:
        said.append(f"    help: {problem.help}")
    if problem.replacement is not None:
        said.append(f"    instead: `{problem.replacement}`")
    return said
