"""What the readers of this room give: requests, and the text that problems may show."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flowql.catalog import endpoints

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from flowql import typed
    from flowql.diagnostics import Diagnostic
    from flowql.source import Span

_HIDDEN = re.compile(r"\S")


@dataclass(frozen=True, slots=True)
class Window:
    """The time between two instants of a body that stand for a relative one."""

    start: datetime
    end: datetime
    means: typed.Last | typed.Next


@dataclass(frozen=True, slots=True)
class Captured:
    """One request: what was sent where, and what is to be said of it.

    `path` is as the catalog writes it where it is known. `label` tells the request from
    others of the same text and is empty where there is one. `problems` may have errors:
    then the body is not what was sent. `window` is the part of the body that moves with
    the moment `now`.
    """

    method: str
    path: str
    body: Mapping[str, object] | str | bytes | None
    label: str = ""
    problems: tuple[Diagnostic, ...] = ()
    window: Window | None = None
    now: datetime | None = None

    @property
    def asks_for_rows(self) -> bool:
        """Whether it is a POST to an endpoint whose bodies are read."""
        return self.method == "POST" and endpoints.find(self.path) is not None


@dataclass(frozen=True, slots=True)
class Found:
    """The requests of a text, in its order.

    `shown` is the text as long as it is, with all hidden that may be secret.
    """

    requests: tuple[Captured, ...]
    shown: str | None = None


def endpoint_path(url: str) -> str:
    """The path of a URL as the catalog writes it: host, `/api` and Cloud's prefix put aside.

    Of a path that leads to no endpoint all but the host is left.
    """
    try:
        path = urlsplit(url.strip()).path
    except ValueError:
        path = url
    parts = [part for part in path.split("/") if part]
    if not parts or parts[-1] not in _ends():
        return "/" + "/".join(parts)
    # Endpoints are a few parts long; what stands before them may be any length.
    for start in range(max(0, len(parts) - _LONGEST), len(parts)):
        tail = "/" + "/".join(parts[start:])
        if endpoints.find(tail) is not None:
            return tail
    return "/" + "/".join(parts)


_LONGEST = 12


def is_json(content_type: str) -> bool:
    """Whether the server reads a body of this type; of any other it sees nothing."""
    plain = content_type.partition(";")[0].strip().lower()
    main, _, sub = plain.partition("/")
    return main == "application" and (sub == "json" or sub.endswith("+json"))


def has_query(url: str) -> bool:
    """Whether something stands behind the `?` of a URL."""
    return bool(url.partition("#")[0].partition("?")[2])


@cache
def _ends() -> frozenset[str]:
    """The last parts of all endpoints, none of which is filled in."""
    return frozenset(path.rpartition("/")[2] for path in endpoints.known())


def hidden(text: str, shown: Iterable[Span]) -> str:
    """The text with everything but some stretches of it made unreadable, as long as it is."""
    pieces = []
    at = 0
    for span in sorted(shown):
        start = max(at, span.start)
        if start < span.end:
            pieces += [_HIDDEN.sub("·", text[at:start]), text[start : span.end]]
            at = span.end
    pieces.append(_HIDDEN.sub("·", text[at:]))
    return "".join(pieces)
