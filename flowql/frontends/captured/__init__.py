"""Requests as people have them, found in their texts: curl, HAR, fetch, a page's address, a body.

Promised: what is found is what would be sent, with what it cannot know refused by a coded
problem at its place; and nothing secret of the text is in a message or in the text that
messages may show. Here it is found which form a text has; `curl`, `har`, `javascript` and
`page` read one form each. What a body means is none of their business.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from flowql import typed
from flowql.diagnostics import FlowQLError
from flowql.diagnostics import body as body_problems
from flowql.diagnostics import captured as problems
from flowql.frontends.captured import curl, har, javascript, page
from flowql.frontends.captured.found import Captured, Found, Window, endpoint_path

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

__all__ = ["Captured", "Found", "Window", "read", "with_relative_times"]

_ADDRESS = re.compile(r"\s*(?:[A-Za-z][A-Za-z+.-]*://|/)\S*\s*", re.S)


def read(text: str, path: str | None, now: datetime, zone: ZoneInfo) -> Found:
    """The requests of a text; with a path it is the body that was sent there.

    `now` and `zone` are what a page's address counts from. Raises `FlowQLError` where the
    text has none of the forms.
    """
    text = text.removeprefix("\ufeff")
    if path is not None:
        return Found((Captured("POST", endpoint_path(path), text),))
    if text.lstrip().startswith(("{", "[")):
        return _json(text)
    if _ADDRESS.fullmatch(text):
        return page.read(text, now, zone)
    command, call = curl.first(text), javascript.first(text)
    if command is not None and (call is None or command < call):
        return curl.read(text)
    if call is not None:
        return javascript.read(text)
    raise FlowQLError([problems.UnknownForm()])


def _json(text: str) -> Found:
    try:
        content = json.loads(text)
    except RecursionError:
        raise FlowQLError([body_problems.NotJson(reason="it nests too deep")]) from None
    except ValueError as error:
        raise FlowQLError([body_problems.NotJson(reason=str(error))]) from None
    if har.is_har(content):
        return har.read(content)
    raise FlowQLError([problems.MissingPath()])


# ── times that move ───────────────────────────────────────────────────────────


def with_relative_times(filter_: typed.Predicate, window: Window) -> typed.Predicate:
    """The filter with what the window stands for in the place of its two instants."""
    match filter_:
        case typed.And():
            return _merged([with_relative_times(each, window) for each in filter_.operands], window)
        case typed.Or():
            return typed.disjunction([with_relative_times(o, window) for o in filter_.operands])
        case typed.Not():
            return typed.Not(with_relative_times(filter_.operand, window))
        case typed.Exists():
            return typed.Exists(filter_.relation, with_relative_times(filter_.where, window))
        case _:
            return filter_


def _merged(operands: list[typed.Predicate], window: Window) -> typed.Predicate:
    """A conjunction in which two bounds of one column have become a single condition."""
    starts = {
        each.column: at
        for at, each in enumerate(operands)
        if isinstance(each, typed.Compare) and (each.operator, each.value) == (">=", window.start)
    }
    for at, each in enumerate(operands):
        if not isinstance(each, typed.Compare) or each.column not in starts:
            continue
        if (each.operator, each.value) == ("<=", window.end):
            first, last = sorted((at, starts[each.column]))
            within = typed.In(each.column, (window.means,))
            rest = [*operands[:first], within, *operands[first + 1 : last], *operands[last + 1 :]]
            return typed.conjunction(rest)
    return typed.conjunction(operands)
