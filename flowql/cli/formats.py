"""The formats of `flowql check`: for a person, for programs, for dashboards and for GitHub."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from flowql import __version__
from flowql.diagnostics.render import as_dict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowql.cli.console import Console
    from flowql.diagnostics.finding import Finding


def say(findings: Sequence[Finding], style: str, console: Console) -> None:
    """Print the problems in a format: as data, but for a person on standard error."""
    match style:
        case "json":
            console.say_json([as_dict(diagnostic, source) for diagnostic, source in findings])
        case "sarif":
            from flowql.diagnostics.sarif import to_sarif

            console.say_json(to_sarif(findings, __version__))
        case "github":
            from flowql.diagnostics.github import to_github

            for finding in findings:
                console.say(to_github(finding))
        case _:
            for _, group in groupby(findings, lambda finding: id(finding.source)):
                same = list(group)
                console.problems((finding.diagnostic for finding in same), same[0].source)
