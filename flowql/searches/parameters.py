"""Parameters and their values: from texts, as `--set` gives them, and from a search's defaults.

A text is read as its parameter's place asks: for a list it is split at its commas, where JSON
stands a bare number is a number, and everything else the resolver reads as it reads the query's
own words. A default goes the same way; what is wrong with it is a problem at the default's place.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

from flowql import api, ast, typed
from flowql.catalog import Type
from flowql.diagnostics import FlowQLError
from flowql.frontends import text as text_front

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from flowql.diagnostics import Diagnostic
    from flowql.searches.file import Default, Search
    from flowql.source import Span

_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")


def unbound(search: Search, **meaning: Any) -> api.Query:
    """The query with its parameters open; `meaning` is `now` and `timezone`, as `api.parse` has.

    Raises `FlowQLError` with the query's problems; the comment block's and the defaults' are left.
    """
    return api.parse(search.text, name=search.shown, **meaning)


def bound(
    search: Search, settings: Mapping[str, Sequence[str]] | None = None, **meaning: Any
) -> api.Query:
    """The query with the texts of `settings`, and defaults where a parameter is not among them.

    Raises `FlowQLError` with every problem of the query, the comment block and the defaults.
    """
    query, diagnostics = _read(search, settings or {}, meaning)
    if query is None:
        raise FlowQLError([d for d in diagnostics if d.severity == "error"], search.source)
    return query


def check(
    search: Search, settings: Mapping[str, Sequence[str]] | None = None, **meaning: Any
) -> list[Diagnostic]:
    """Every problem, warning and note of a search, in the order of its text.

    Raises `FlowQLError` where `meaning` itself has none: a time zone that there is not.
    """
    return _read(search, settings or {}, meaning)[1]


def parameters(query: typed.Query) -> Iterator[typed.Parameter]:
    """The unbound parameters of a query, those that stand for lists last."""
    many = []
    pending: list[Any] = [query]
    while pending:
        node = pending.pop()
        match node:
            case typed.Parameter():
                if node.many:
                    many.append(node)
                else:
                    yield node
            case tuple():
                pending.extend(node)
            case typed.Column():
                pass
            case _ if is_dataclass(node) and type(node).__module__ == typed.__name__:
                pending.extend(getattr(node, field.name) for field in fields(node))
            case _:
                pass
    yield from many


# ── reading ───────────────────────────────────────────────────────────────────


def _read(
    search: Search, settings: Mapping[str, Sequence[str]], meaning: Mapping[str, Any]
) -> tuple[api.Query | None, list[Diagnostic]]:
    """The query where it has no errors, and all that is to be said of it."""
    if not settings and not search.parameters and not search.problems:
        return _tried(search, {}, meaning)
    block = list(search.problems) + _strays(search)
    query, diagnostics = _tried(search, {}, meaning)
    if query is None:
        return None, _ordered(block + diagnostics)
    open_ = list(parameters(query.typed))
    places = {place.name: place for place in open_}
    given: dict[str, Any] = {
        name: _value(texts, places.get(name)) for name, texts in settings.items()
    }
    defaults = {
        described.name: described.default
        for described in search.parameters
        if described.default is not None
        and described.name in places
        and described.name not in given
    }
    given |= {name: _default(default, places[name]) for name, default in defaults.items()}
    if given:
        query, diagnostics = _tried(search, given, meaning)
        diagnostics = _at_defaults(diagnostics, defaults, open_)
    diagnostics = _ordered(block + diagnostics)
    return (None if any(d.severity == "error" for d in diagnostics) else query), diagnostics


def _tried(
    search: Search, params: Mapping[str, Any], meaning: Mapping[str, Any]
) -> tuple[api.Query | None, list[Diagnostic]]:
    try:
        query = api.parse(search.text, params, name=search.shown, **meaning)
    except FlowQLError as error:
        if error.source is None:
            raise
        # The error has errors alone; the check has warnings beside them.
        return None, api.check(search.text, params, name=search.shown, **meaning)
    return query, query.warnings


def _strays(search: Search) -> list[Diagnostic]:
    """Problems of described parameters that the query lacks, where its syntax is sound."""
    from flowql.diagnostics.searches import NoSuchParameter

    tree, problems = text_front.parse(search.text)
    if problems:
        return []
    known = _mentioned(tree)
    return [
        NoSuchParameter(span=described.span, name=described.name, known=tuple(sorted(known)))
        for described in search.parameters
        if described.name not in known
    ]


def _mentioned(query: ast.Query) -> set[str]:
    """The names of all `$name`s of a query, whatever became of their places."""
    found: set[str] = set()
    pending: list[Any] = [query]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Param):
            found.add(node.name)
        elif isinstance(node, tuple):
            pending.extend(node)
        elif is_dataclass(node):
            pending.extend(getattr(node, each.name) for each in fields(node))
    return found


def _at_defaults(
    diagnostics: Iterable[Diagnostic],
    defaults: Mapping[str, Default],
    places: Iterable[typed.Parameter],
) -> list[Diagnostic]:
    """The errors at parameters that have defaults as problems of those defaults, each once."""
    from flowql.diagnostics.searches import BadDefault

    spans = sorted((place.span, place.name) for place in places if place.span is not None)
    found: list[Diagnostic] = []
    for diagnostic in diagnostics:
        name = _within(diagnostic.span, spans) if diagnostic.severity == "error" else None
        if name is None or name not in defaults:
            found.append(diagnostic)
            continue
        bad = BadDefault(
            span=defaults[name].span, name=name, reason=diagnostic.message, offer=diagnostic.help
        )
        if bad not in found[-8:]:
            found.append(bad)
    return found


def _within(span: Span | None, spans: Sequence[tuple[Span, str]]) -> str | None:
    """The parameter that a problem's place is, or begins with."""
    if span is None:
        return None
    index = bisect_left(spans, (span, ""))
    if index == len(spans) or spans[index][0].end > span.end:
        return None
    return spans[index][1]


def _ordered(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    return sorted(diagnostics, key=lambda diagnostic: diagnostic.span or (0, 0))


# ── values ────────────────────────────────────────────────────────────────────


def _value(texts: Sequence[str], place: typed.Parameter | None) -> Any:
    kind = place.type if place else None
    if place and place.many and len(texts) == 1:
        texts = texts[0].split(",") if texts[0] else []
    elif len(texts) == 1:
        return _plain(texts[0], kind)
    return [_plain(text, kind) for text in texts]


def _default(default: Default, place: typed.Parameter) -> Any:
    """A default's value. Unlike an option's, its items may stand in quotes, or after spaces."""
    items = [item.text if item.quoted else _plain(item.text, place.type) for item in default.items]
    if place.many:
        return items
    if len(items) == 1:
        return items[0]
    # Without quotes, the commas are the text's own.
    quoted = any(item.quoted for item in default.items)
    return items if quoted else _plain(default.written, place.type)


def _plain(text: str, kind: Type | None) -> str | int | float | bool:
    """The value as the query's own text would have it: in JSON a bare number is a number."""
    if kind is not Type.JSON:
        return text
    if text in ("true", "false"):
        return text == "true"
    if _NUMBER.fullmatch(text) or re.fullmatch(r'".*"', text, re.DOTALL):
        try:
            value: str | int | float = json.loads(text)
        except ValueError:
            return text
        return value
    return text
