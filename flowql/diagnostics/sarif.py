"""Problems as a SARIF 2.1.0 log, which code scanners' dashboards and editors read.

One run, one rule a code that occurs, one result a problem, with the fix where the problem knows
one. Columns count code points, and the log says so. A text that is no file goes along whole, so
that a place in it is one.
"""

from __future__ import annotations

import inspect
import re
from pathlib import PurePath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from flowql.source import ANONYMOUS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowql.diagnostics.base import Diagnostic
    from flowql.diagnostics.finding import Finding
    from flowql.source import Source, Span

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)


def to_sarif(findings: Iterable[Finding], version: str) -> dict[str, Any]:
    """The log as a JSON document; `version` is FlowQL's own."""
    run = _Run()
    results = [run.result(diagnostic, source) for diagnostic, source in findings]
    driver = {"name": "FlowQL", "version": version, "rules": list(run.rules.values())}
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "artifacts": run.artifacts,
                "results": results,
            }
        ],
    }


class _Run:
    """What the results of a run refer to by number."""

    def __init__(self) -> None:
        self.rules: dict[str, dict[str, Any]] = {}
        self.artifacts: list[dict[str, Any]] = []
        self._numbers: dict[str, int] = {}
        self._indices: dict[tuple[str, str], int] = {}

    def result(self, diagnostic: Diagnostic, source: Source | None) -> dict[str, Any]:
        """One problem; its help goes with its message."""
        code = diagnostic.code
        if code not in self.rules:
            self._numbers[code] = len(self.rules)
            self.rules[code] = _rule(type(diagnostic))
        said = diagnostic.message
        if diagnostic.help is not None:
            said = f"{said}\nhelp: {diagnostic.help}"
        result: dict[str, Any] = {
            "ruleId": code,
            "ruleIndex": self._numbers[code],
            "level": diagnostic.severity,
            "message": {"text": said},
        }
        if source is None:
            return result
        place: dict[str, Any] = {"artifactLocation": self._artifact(source)}
        if diagnostic.span is not None:
            place["region"] = _region(diagnostic.span, source)
            if diagnostic.replacement is not None:
                result["fixes"] = [
                    _fix(place["artifactLocation"], place["region"], diagnostic.replacement)
                ]
        result["locations"] = [{"physicalLocation": place}]
        return result

    def _artifact(self, source: Source) -> dict[str, Any]:
        """A text by its number among those of the run, and by its address where it is a file."""
        anonymous = source.name in ANONYMOUS
        key = (source.name, source.text if anonymous else "")
        location = {} if anonymous else {"uri": _uri(source.name)}
        if key not in self._indices:
            self._indices[key] = len(self.artifacts)
            self.artifacts.append(
                {"contents": {"text": source.text}} if anonymous else {"location": location}
            )
        return location | {"index": self._indices[key]}


def _rule(kind: type[Diagnostic]) -> dict[str, Any]:
    page = inspect.getdoc(kind) or kind.code
    short = " ".join(page.partition("\n\n")[0].split())
    return {
        "id": kind.code,
        "name": kind.__name__,
        "shortDescription": {"text": short},
        "help": {"text": page},
        "defaultConfiguration": {"level": kind.severity},
    }


def _region(span: Span, source: Source) -> dict[str, int]:
    start, end = source.place(span.start), source.place(span.end)
    return {
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    }


def _fix(artifact: dict[str, Any], region: dict[str, int], text: str) -> dict[str, Any]:
    replacement = {"deletedRegion": region, "insertedContent": {"text": text}}
    return {
        "description": {"text": f"write `{text}`"},
        "artifactChanges": [{"artifactLocation": artifact, "replacements": [replacement]}],
    }


def _uri(name: str) -> str:
    """A path as a reference: relative to where the command runs, or absolute."""
    path = PurePath(name)
    if path.is_absolute():
        return path.as_uri()
    text = quote(path.as_posix())
    # A first part with a colon would be a scheme.
    return f"./{text}" if re.match(r"[^/]*:", text) else text
