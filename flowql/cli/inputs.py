"""The queries of a command line: their texts, and the values of their parameters."""

from __future__ import annotations

import json
import os
import re
import sys
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowql import api, typed
from flowql.catalog import Type
from flowql.diagnostics import FlowQLError

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable, Iterator

SUFFIX = ".flowql"
"""What ends so is a file; a query whose last word does is given with that word in quotes."""

_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class Given:
    """A query as it was given: text, `-` or a file's path. `read` gives its text."""

    argument: str
    path: Path | None = None

    @property
    def name(self) -> str:
        """What messages call it."""
        if self.path is not None:
            # Bytes that are no UTF-8 become replacement characters.
            return os.fsencode(self.path).decode(errors="replace")
        return "<stdin>" if self.argument == "-" else "<query>"

    def read(self) -> str:
        """The text; raises `FlowQLError` where there is none."""
        if self.path is not None:
            try:
                return _decoded(self.path.read_bytes(), self.name)
            except (OSError, ValueError) as error:
                raise unreadable(self.name, error) from None
        if self.argument == "-":
            try:
                return _decoded(sys.stdin.buffer.read(), "standard input")
            except (OSError, AttributeError, ValueError) as error:
                raise unreadable("standard input", error) from None
        return _argument(self.argument, "the query")


def given(arguments: Namespace) -> list[Given]:
    """The queries of a command line, in its order, files of `--file` last."""
    named = arguments.file or []
    files = [named] if isinstance(named, str) else named
    found = [
        Given(argument, Path(argument)) if argument.endswith(SUFFIX) else Given(argument)
        for argument in arguments.queries
    ]
    found += [Given(path, Path(path)) for path in files]
    if not found:
        arguments.usage_error("a query is wanted: in quotes, as a file, or - for standard input")
    if len(found) > 1 and not arguments.several:
        arguments.usage_error("one query is wanted; put it in quotes")
    if sum(one.argument == "-" and one.path is None for one in found) > 1:
        arguments.usage_error("standard input can be read once")
    return found


def only(arguments: Namespace) -> Given:
    """The query of a command that takes one."""
    return given(arguments)[0]


def parse(arguments: Namespace, one: Given) -> api.Query:
    """The query that was given, with its parameters, moment and time zone."""
    text = one.read()
    meaning = context(arguments)
    params = values(arguments.set, text, meaning)
    return api.parse(text, params, name=one.name, **meaning)


def context(arguments: Namespace) -> dict[str, Any]:
    """The moment and time zone, as the public functions take them."""
    return {"now": arguments.now or datetime.now(UTC), "timezone": arguments.timezone}


# ── parameters ────────────────────────────────────────────────────────────────


def values(
    settings: Iterable[tuple[str, str]], text: str, meaning: dict[str, Any]
) -> dict[str, Any]:
    """The values of `--set`, read as the places of their parameters ask.

    A query that cannot be read has no places; its problems are for the caller to find.
    """
    texts: dict[str, list[str]] = {}
    for name, value in settings:
        texts.setdefault(_argument(name, "--set"), []).append(_argument(value, "--set"))
    if not texts:
        return {}
    try:
        places = {place.name: place for place in parameters(api.parse(text, **meaning).typed)}
    except FlowQLError:
        places = {}
    return {name: _value(given, places.get(name)) for name, given in texts.items()}


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


def _value(texts: list[str], place: typed.Parameter | None) -> Any:
    kind = place.type if place else None
    if place and place.many and len(texts) == 1:
        texts = texts[0].split(",") if texts[0] else []
    elif len(texts) == 1:
        return _plain(texts[0], kind)
    return [_plain(text, kind) for text in texts]


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


# ── bytes ─────────────────────────────────────────────────────────────────────


def _argument(argument: str, what: str) -> str:
    """An argument as UTF-8, whatever encoding Python has read it by."""
    try:
        data = os.fsencode(argument)
    except UnicodeEncodeError as error:
        raise _not_utf8(what, error) from None
    return _decoded(data, what)


def _decoded(data: bytes, what: str) -> str:
    try:
        return data.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise _not_utf8(what, error) from None


def _not_utf8(what: str, error: UnicodeDecodeError | UnicodeEncodeError) -> FlowQLError:
    from flowql.diagnostics.run import NotUtf8

    return FlowQLError([NotUtf8(what=what, at=error.start + 1)])


def unreadable(name: str, error: Exception) -> FlowQLError:
    """The problem of a file that cannot be read."""
    from flowql.diagnostics.run import UnreadableFile

    reason = getattr(error, "strerror", None) or str(error)
    return FlowQLError([UnreadableFile(path=name, reason=reason)])
