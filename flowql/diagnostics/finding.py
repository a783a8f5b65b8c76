"""Problems of several texts at once: each with the text that its span is a place in."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from flowql.diagnostics.base import Diagnostic, FlowQLError
    from flowql.source import Source


class Finding(NamedTuple):
    """A problem, and the text that it stands in where there is one."""

    diagnostic: Diagnostic
    source: Source | None = None


def findings(error: FlowQLError) -> list[Finding]:
    """The problems of an error, each with the error's text."""
    return [Finding(diagnostic, error.source) for diagnostic in error.diagnostics]
