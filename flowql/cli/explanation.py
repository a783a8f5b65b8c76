"""What `flowql explain` says: the reading in words, the canonical text, and who can say it."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any, Literal

from flowql.diagnostics import FlowQLError
from flowql.diagnostics.render import as_dict
from flowql.searches.parameters import parameters

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowql.api import Query

_LABEL = 10
"""Columns of the labels on the left."""


def explanation(
    query: Query, database: Literal["sqlite", "postgres"] | None = None
) -> dict[str, Any]:
    """The explanation as data; what `--json` prints."""
    return {
        "english": query.to_english(),
        "text": str(query),
        "parameters": sorted({parameter.name for parameter in parameters(query.typed)}),
        "notes": [as_dict(warning, query.source) for warning in query.warnings],
        "request": _request(query, database),
        "plan": _plan(query, database),
        "sql": {name: _sql(query, name) for name in _dialects()},
    }


def in_words(found: dict[str, Any], width: int) -> str:
    """The explanation for a person to read."""
    lines = [
        _labelled("means", found["english"], width),
        # A line break put into the text could fall into a quoted value.
        f"{'text':<{_LABEL}} {found['text']}",
        _labelled("request", _said(found["request"]), width),
        _labelled("plan", _said(found["plan"]), width),
    ]
    lines += [_labelled(name, _said(answer), width) for name, answer in found["sql"].items()]
    return "\n".join(lines)


def _request(query: Query, database: Literal["sqlite", "postgres"] | None) -> dict[str, Any]:
    def ask() -> dict[str, Any]:
        request = query.to_request(database=database)
        return {"method": request.method, "path": request.path, "body": request.body}

    return _tried(query, ask)


def _plan(query: Query, database: Literal["sqlite", "postgres"] | None) -> dict[str, Any]:
    def ask() -> dict[str, Any]:
        from flowql.backends.plan.description import describe

        return {"one_request": describe(query.to_plan(database), database).one}

    return _tried(query, ask)


def _sql(query: Query, dialect: str) -> dict[str, Any]:
    def ask() -> dict[str, Any]:
        query.to_sql(dialect, "bind")
        return {}

    return _tried(query, ask)


def _tried(query: Query, ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return {"possible": True, **ask()}
    except FlowQLError as error:
        problems = [as_dict(problem, error.source or query.source) for problem in error.diagnostics]
        return {"possible": False, "problems": problems}


def _dialects() -> list[str]:
    from flowql.backends.sql import dialects

    return sorted(dialects())


def _said(answer: dict[str, Any]) -> str:
    match answer:
        case {"possible": True, "path": path, "method": method}:
            return f"yes, {method} {path}"
        case {"possible": True, "one_request": one}:
            return f"yes, {'one request' if one else 'several requests'} (--plan draws it)"
        case {"possible": True}:
            return "yes"
        case _:
            pass
    return "\n".join(f"no: {problem['message']}" for problem in answer["problems"])


def _labelled(label: str, text: str, width: int) -> str:
    """The text in lines of the terminal's width, beside its label; its own line breaks stay."""
    room = max(width - _LABEL - 1, 20)
    lines = [
        piece
        for line in text.splitlines()
        for piece in textwrap.wrap(
            line,
            room,
            break_long_words=False,
            break_on_hyphens=False,
            subsequent_indent=" " * (len(line) - len(line.lstrip())),
        )
        or [""]
    ]
    return "\n".join(
        f"{label if number == 0 else '':<{_LABEL}} {line}".rstrip()
        for number, line in enumerate(lines)
    )
