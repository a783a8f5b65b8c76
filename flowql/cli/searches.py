"""`flowql list` and `flowql show`: which saved searches there are, and what one of them is."""

from __future__ import annotations

import io
import sys
import textwrap
from typing import TYPE_CHECKING, Any

from flowql.cli import inputs
from flowql.diagnostics.render import visible
from flowql.searches.folder import find, load
from flowql.searches.parameters import check, parameters, unbound

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from flowql.api import Query
    from flowql.cli.console import Console
    from flowql.searches import Search

FINE = 0
PROBLEMS = 1

_WIDEST = 1_000
"""Columns of a table that nobody looks at."""


def list_(arguments: Namespace, console: Console) -> int:
    """All searches of the folder in a table; problems of broken ones beside it."""
    loaded = load(find())
    facts: list[dict[str, Any]] = []
    failed = bool(loaded.problems)
    for finding in loaded.problems:
        console.problems([finding.diagnostic], finding.source)
    for search in loaded.searches:
        query = _understood(search, console)
        failed = failed or query is None
        facts.append(_facts(search, query))
    if console.json:
        console.say_json(facts)
    elif facts:
        summaries = [search.summary for search in loaded.searches]
        console.say(_table(facts, summaries, console))
    return PROBLEMS if failed else FINE


def show(arguments: Namespace, console: Console) -> int:
    """One search: what it is for, its parameters, its text and its meaning."""
    search = inputs.by_name(arguments.name).search()
    query = _understood(search, console)
    facts = _facts(search, query)
    facts |= {"text": search.text, "query": search.query}
    facts["english"] = query.to_english() if query is not None else None
    if console.json:
        console.say_json(facts)
    else:
        console.say(_page(search, facts, console))
    return FINE if query is not None else PROBLEMS


def _understood(search: Search, console: Console) -> Query | None:
    """The query with its parameters open, where nothing in the file is wrong; else what is."""
    errors = [problem for problem in check(search) if problem.severity == "error"]
    if errors:
        console.problems(errors, search.source)
        return None
    return unbound(search)


def _facts(search: Search, query: Query | None) -> dict[str, Any]:
    return {
        "name": search.name,
        "file": search.shown,
        "target": query.typed.target.name if query is not None else None,
        "description": search.description,
        "parameters": _parameters(search, query),
    }


def _parameters(search: Search, query: Query | None) -> list[dict[str, Any]]:
    """The parameters, described ones in the order of their lines, then the others by name."""
    places = {place.name: place for place in parameters(query.typed)} if query is not None else {}
    described = {parameter.name: parameter for parameter in search.parameters}
    found = []
    for name in (*described, *sorted(places.keys() - described.keys())):
        place, said = places.get(name), described.get(name)
        found.append(
            {
                "name": name,
                "type": place.type.value if place is not None else None,
                "list": place.many if place is not None else None,
                "default": said.default.written if said and said.default else None,
                "description": said.description if said is not None else "",
            }
        )
    return found


# ── for a person ──────────────────────────────────────────────────────────────


def _table(facts: Sequence[dict[str, Any]], summaries: Sequence[str], console: Console) -> str:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console as Page
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    for name in ("name", "target", "description", "parameters"):
        fold = name in ("description", "parameters")
        table.add_column(name, no_wrap=not fold, overflow="fold")
    for one, summary in zip(facts, summaries, strict=True):
        wanted = ", ".join(_short(parameter) for parameter in one["parameters"])
        cells = (one["name"], one["target"] or "broken", summary, wanted)
        table.add_row(*(Text(visible(cell)) for cell in cells))
    colour = console.coloured(sys.stdout)
    page = io.StringIO()
    Page(
        file=page,
        width=console.width if console.on_terminal else _WIDEST,
        force_terminal=colour,
        color_system="standard" if colour else None,
        no_color=not colour,
        highlight=False,
        emoji=False,
        markup=False,
        legacy_windows=False,
    ).print(table)
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines())


def _short(parameter: dict[str, Any]) -> str:
    default = parameter["default"]
    return f"${parameter['name']}" if default is None else f"${parameter['name']} = {default}"


def _page(search: Search, facts: dict[str, Any], console: Console) -> str:
    """The search in parts, with empty lines between."""
    parts = [f"@{search.name}  {search.shown}"]
    if search.description:
        parts.append(search.description)
    if facts["parameters"]:
        parts.append("\n".join(_line(parameter) for parameter in facts["parameters"]))
    parts.append(textwrap.indent(search.query, "    "))
    if facts["english"] is not None:
        parts.append(
            "\n".join(_wrapped(line, console.width) for line in facts["english"].split("\n"))
        )
    return visible("\n\n".join(parts))


def _line(parameter: dict[str, Any]) -> str:
    kind = parameter["type"] or "not known"
    text = f"{_short(parameter)}  ({'list of ' if parameter['list'] else ''}{kind})"
    return f"{text}: {parameter['description']}" if parameter["description"] else text


def _wrapped(line: str, width: int) -> str:
    return textwrap.fill(line, max(width, 40), break_long_words=False, break_on_hyphens=False)
