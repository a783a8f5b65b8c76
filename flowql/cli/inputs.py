"""The queries of a command line: their texts, and the values of their parameters.

A query comes as an argument, from a file, by the name of a saved search, from standard input, or
with a whole folder of saved searches. Wherever it comes from, a comment block before it may give
its parameters defaults.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowql import api, searches
from flowql.diagnostics import FlowQLError
from flowql.searches import Search
from flowql.searches.file import BYTE_ORDER_MARK, SUFFIX, decoded, unreadable
from flowql.searches.parameters import bound

if TYPE_CHECKING:
    from argparse import Namespace

SIGN = "@"
"""What begins so is the name of a saved search; no query does."""

# A query whose last word ends in `.flowql` is given with that word in quotes.


@dataclass(frozen=True, slots=True)
class Given:
    """A query as it was given: text, `-`, a file's path, or a saved search.

    `found` is what a name or a folder has led to, its problem included.
    """

    argument: str
    path: Path | None = None
    found: Search | FlowQLError | None = None

    @property
    def name(self) -> str:
        """What messages call it."""
        if isinstance(self.found, Search):
            return self.found.shown
        if self.path is not None:
            # Bytes that are no UTF-8 become replacement characters.
            return os.fsencode(self.path).decode(errors="replace")
        return "<stdin>" if self.argument == "-" else "<query>"

    def search(self) -> Search:
        """The query with its comment block; raises `FlowQLError` where there is none."""
        match self.found:
            case Search():
                return self.found
            case FlowQLError():
                raise self.found
            case None:
                return searches.read(self._contents(), self.name, self.path)

    def _contents(self) -> str:
        if self.path is not None:
            try:
                return decoded(self.path.read_bytes(), self.name)
            except (OSError, ValueError) as error:
                raise unreadable(self.name, error) from None
        if self.argument == "-":
            try:
                return decoded(sys.stdin.buffer.read(), "standard input")
            except (OSError, AttributeError, ValueError) as error:
                raise unreadable("standard input", error) from None
        return _argument(self.argument, "the query")


def given(arguments: Namespace) -> list[Given]:
    """The queries of a command line, in its order, files of `--file` last."""
    named = arguments.file or []
    files = [named] if isinstance(named, str) else named
    found = [one for argument in arguments.queries for one in _given(argument, arguments.several)]
    found += [Given(path, Path(path)) for path in files]
    if not arguments.queries and not files:
        arguments.usage_error("a query is wanted: in quotes, as a file, or - for standard input")
    if len(found) > 1 and not arguments.several:
        arguments.usage_error("one query is wanted; put it in quotes")
    if sum(one.argument == "-" and one.path is None for one in found) > 1:
        arguments.usage_error("standard input can be read once")
    return found


def _given(argument: str, several: bool) -> list[Given]:
    """What an argument stands for: one query, or those of a folder where several may be."""
    if argument.startswith(SIGN):
        return [by_name(argument)]
    if several and _is_folder(argument):
        return _folder(argument)
    if argument.endswith(SUFFIX):
        return [Given(argument, Path(argument))]
    return [Given(argument)]


def by_name(argument: str) -> Given:
    """The saved search of a name, with or without its `@`."""
    from flowql.searches.folder import find, named

    try:
        name = _argument(argument, "the name").removeprefix(SIGN)
        found = named(name, find())
    except FlowQLError as error:
        return Given(argument, None, error)
    return Given(argument, found.path, found)


def _is_folder(argument: str) -> bool:
    """Whether an argument is a folder: it is there, or ends in `/`, and can be no query.

    A folder called as an entity is (`flows`) is given as `flows/`.
    """
    try:
        named = argument.endswith("/") or Path(argument).is_dir()
    except (OSError, ValueError):
        return False
    return named and any(problem.severity == "error" for problem in api.check(argument))


def _folder(argument: str) -> list[Given]:
    from flowql.searches.folder import load

    try:
        loaded = load(Path(argument))
    except FlowQLError as error:
        return [Given(argument, None, error)]
    problems = [FlowQLError([one.diagnostic], one.source) for one in loaded.problems]
    return [
        *(Given(argument, None, problem) for problem in problems),
        *(Given(argument, search.path, search) for search in loaded.searches),
    ]


def row(arguments: Namespace) -> str:
    """The id or name of a row, as it was given."""
    return _argument(arguments.row, "the id")


def only(arguments: Namespace) -> Given:
    """The query of a command that takes one."""
    return given(arguments)[0]


def parse(arguments: Namespace, one: Given) -> api.Query:
    """The query that was given, with its parameters, moment and time zone."""
    return bound(one.search(), settings(arguments), **context(arguments))


def context(arguments: Namespace) -> dict[str, Any]:
    """The moment and time zone, as the public functions take them."""
    return {"now": arguments.now or datetime.now(UTC), "timezone": arguments.timezone}


def settings(arguments: Namespace) -> dict[str, list[str]]:
    """The texts of `--set`, by the names of their parameters."""
    texts: dict[str, list[str]] = {}
    for name, value in arguments.set:
        texts.setdefault(_argument(name, "--set"), []).append(_argument(value, "--set"))
    return texts


# ── bytes ─────────────────────────────────────────────────────────────────────


def _argument(argument: str, what: str) -> str:
    """An argument as UTF-8, whatever encoding Python has read it by."""
    try:
        data = os.fsencode(argument)
    except UnicodeEncodeError as error:
        raise _not_utf8(what, error) from None
    return decoded(data, what).removeprefix(BYTE_ORDER_MARK)


def _not_utf8(what: str, error: UnicodeEncodeError) -> FlowQLError:
    from flowql.diagnostics.run import NotUtf8

    return FlowQLError([NotUtf8(what=what, at=error.start + 1)])
