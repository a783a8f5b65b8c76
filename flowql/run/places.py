"""What `--on` names: a closed union of places, found from a text without asking any of them."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from flowql.diagnostics import FlowQLError
from flowql.diagnostics.run import (
    BadAddress,
    NotADatabase,
    UnknownPlace,
    UnreadableFile,
    UnsupportedDatabase,
)

CONFIGURED = "prefect"
"""The place that Prefect's settings name."""

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")


@dataclass(frozen=True, slots=True)
class Demo:
    """The embedded demo."""


@dataclass(frozen=True, slots=True)
class Sqlite:
    """A SQLite file."""

    path: Path

    def __str__(self) -> str:
        return shown_path(self.path)


@dataclass(frozen=True, slots=True)
class Duck:
    """A DuckDB file."""

    path: Path

    def __str__(self) -> str:
        return shown_path(self.path)


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that tables were exported to."""

    path: Path

    def __str__(self) -> str:
        return shown_path(self.path)


@dataclass(frozen=True, slots=True, repr=False)
class Postgres:
    """A PostgreSQL database; `url` may hold a password, so only `str` is for messages."""

    url: str

    def __str__(self) -> str:
        return masked(self.url)


@dataclass(frozen=True, slots=True, repr=False)
class Api:
    """A Prefect API, or None for the configured one; `url` may hold a password."""

    url: str | None


Place = Demo | Sqlite | Duck | Folder | Postgres | Api


def find(on: str | os.PathLike[str] | None) -> Place:
    """The place of an `--on`; raises `FlowQLError` where it names none."""
    if on is None:
        return Demo()
    if not isinstance(on, str):
        return _file(Path(on))
    if not on:
        raise FlowQLError([UnreadableFile(path="", reason="it has no name")])
    if on == CONFIGURED:
        return Api(None)
    if scheme := _SCHEME.match(on):
        return _url(on, scheme.group(1).lower())
    if Path(on).exists() or not on.startswith(("sqlite:", "duckdb:", "postgres", "http")):
        return _file(Path(on))
    raise FlowQLError([BadAddress(address=masked(on), reason="`//` is missing after the scheme")])


def _url(url: str, scheme: str) -> Place:
    if scheme in ("http", "https"):
        return Api(url)
    match scheme.partition("+")[0]:
        case "sqlite":
            return Sqlite(_path(url))
        case "duckdb":
            return Duck(_path(url))
        case "postgres" | "postgresql":
            return Postgres(url)
        case _:
            raise FlowQLError([UnsupportedDatabase(scheme=scheme)])


def _path(url: str) -> Path:
    """The path of `sqlite:///relative.db` and `sqlite:////absolute.db`, as SQLAlchemy reads it."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise FlowQLError([BadAddress(address=masked(url), reason=str(error))]) from None
    path = unquote(parts.path.removeprefix("/"))
    if parts.netloc or not path or path == ":memory:":
        reason = (
            "a database in memory is empty"
            if path in ("", ":memory:") and not parts.netloc
            else "three slashes stand before a relative path, four before an absolute one"
        )
        raise FlowQLError([BadAddress(address=masked(url), reason=reason)])
    found = Path(path.removeprefix("file:")).expanduser()
    _head(found)
    return found


def _file(path: Path) -> Place:
    with suppress(OSError, ValueError):
        if path.is_dir():
            return Folder(path)
    head = _head(path)
    if head.startswith(b"SQLite format 3\0"):
        return Sqlite(path)
    if head[8:12] == b"DUCK":
        return Duck(path)
    raise FlowQLError([NotADatabase(path=shown_path(path))])


def _head(path: Path) -> bytes:
    """The first bytes of a file, which say what it is."""
    try:
        with path.open("rb") as file:
            return file.read(16)
    except FileNotFoundError:
        raise FlowQLError([UnknownPlace(on=shown_path(path))]) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise FlowQLError([UnreadableFile(path=shown_path(path), reason=reason)]) from None


def shown_path(path: Path) -> str:
    """A path for messages; bytes that are no UTF-8 become replacement characters."""
    try:
        return os.fsencode(path).decode(errors="replace")
    except UnicodeEncodeError:
        return str(path).encode("ascii", "backslashreplace").decode()


def masked(url: str) -> str:
    """A URL for messages: without its password, and without any value that its name calls secret.

    Addresses come misspelt, too, so everything up to the last `@` is taken for a name and password.
    """
    scheme, mark, rest = url.partition("://")
    if not mark:
        scheme, mark, rest = "", "", url
    userinfo, at, rest = rest.rpartition("@")
    if at:
        user, colon, _ = userinfo.partition(":")
        # A lone name before an API's host is a token, before a database's it is a user.
        lone = "***" if scheme.lower().startswith("http") else user
        rest = f"{user}:***@{rest}" if colon else f"{lone}@{rest}"
    rest = re.sub(r"(?i)([?&][^=&]*(?:pass|key|token|secret|auth)[^=&]*=)[^&#]*", r"\1***", rest)
    return f"{scheme}{mark}{rest}"
