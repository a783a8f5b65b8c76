"""What a server knows the user by, and what of it no message may hold.

Keys go into headers and nowhere else. A client that is given has keys that only the request shows
that it made, so they are learnt from there, too.
"""

from __future__ import annotations

import base64
import json
import ssl
from collections import deque
from typing import TYPE_CHECKING
from urllib.parse import quote
from urllib.request import getproxies

from flowql.diagnostics import FlowQLError
from flowql.diagnostics.run import UnreadableFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import httpx

    from flowql.run.settings import Settings

_MANAGED = frozenset({"user-agent", "prefect-csrf-token", "prefect-csrf-client"})
"""Headers that Prefect's client lets nobody set."""

_PLAIN = frozenset(
    """
    accept accept-encoding connection content-length content-type host transfer-encoding user-agent
    """.split()
)
"""Headers that hold no secret."""


_LATEST = 512
"""Ways to write what was sent; there are some of each header."""


def headers(settings: Settings) -> dict[str, str]:
    """The headers of every request; `PREFECT_API_AUTH_STRING` goes before `PREFECT_API_KEY`."""
    found = {
        name: secret.get_secret_value()
        for name, secret in (settings.headers or {}).items()
        if name.lower() not in _MANAGED
    }
    if settings.auth_string is not None:
        token = base64.b64encode(settings.auth_string.get_secret_value().encode()).decode()
        found["Authorization"] = f"Basic {token}"
    elif settings.key is not None:
        found["Authorization"] = f"Bearer {settings.key.get_secret_value()}"
    found["User-Agent"] = "flowql"
    return found


def sent(settings: Settings, url: httpx.URL) -> str | None:
    """What a server can know the user by, in words."""
    if url.userinfo:
        return "the name and password of the address"
    if settings.auth_string is not None:
        return "PREFECT_API_AUTH_STRING"
    return "PREFECT_API_KEY" if settings.key is not None else None


def sent_by(client: httpx.Client | httpx.AsyncClient) -> str | None:
    """The same of a client."""
    if client.base_url.userinfo:
        return "the name and password of the address"
    return "the client's own key" if client.auth or "authorization" in client.headers else None


def trust(settings: Settings) -> ssl.SSLContext | bool:
    """Whose certificates are believed."""
    if settings.insecure:
        return False
    if settings.certificates is None:
        return True
    try:
        return ssl.create_default_context(cafile=settings.certificates)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it holds no certificates"
    raise FlowQLError([UnreadableFile(path=settings.certificates, reason=reason)])


# ── secrets ───────────────────────────────────────────────────────────────────


class Secrets:
    """Everything that no message may hold: what is known from the start, and what was sent lately.

    An authorization may send something else with each request, so only the latest are kept. More
    may be learnt in any thread.
    """

    __slots__ = ("_known", "_learnt")

    def __init__(self, known: Iterable[str]) -> None:
        self._known = frozenset(form for secret in known if secret for form in _forms(secret))
        self._learnt: deque[str] = deque(maxlen=_LATEST)

    def learn(self, sent: httpx.Headers) -> None:
        """What a request has sent is secret."""
        for name, value in sent.items():
            if name not in _PLAIN and value not in self._known and value not in self._learnt:
                for part in filter(None, _parts(value)):
                    self._learnt.extend(_forms(part))

    def cleared(self, text: str) -> str:
        """The text without any of them."""
        for form in sorted({*self._known, *list(self._learnt)}, key=len, reverse=True):
            text = text.replace(form, "***")
        return text


def of_settings(settings: Settings, url: httpx.URL) -> Iterator[str]:
    """The secrets of settings and of an address."""
    for secret in (settings.key, settings.auth_string, *(settings.headers or {}).values()):
        if secret is not None:
            yield secret.get_secret_value()
    yield from of_url(url)


def of_url(url: httpx.URL) -> Iterator[str]:
    """The secrets of an address."""
    yield url.password
    yield url.userinfo.decode("ascii", "replace")
    for _, value in url.params.multi_items():
        yield value


def of_proxies() -> Iterator[str]:
    """The secrets of the proxies that the environment names."""
    for address in getproxies().values():
        userinfo = address.rpartition("@")[0].rpartition("//")[2]
        yield userinfo
        yield userinfo.partition(":")[2]


def of_client(client: httpx.Client | httpx.AsyncClient) -> Iterator[str]:
    """The secrets that a client has before it sends anything."""
    yield from of_url(client.base_url)
    for _, value in client.params.multi_items():
        yield value
    for cookie in client.cookies.jar:
        yield cookie.value or ""
    for name, value in client.headers.items():
        if name not in _PLAIN:
            yield from _parts(value)
    # Whatever scheme an authorization follows, it keeps its texts in attributes.
    for kept in getattr(client.auth, "__dict__", {}).values():
        if isinstance(kept, bytes):
            kept = kept.decode(errors="replace")
        if isinstance(kept, str):
            yield from _parts(kept)


def _parts(value: str) -> Iterator[str]:
    """A header's value, and what stands in it: `Bearer TOKEN`, `Basic BASE64`."""
    yield value
    scheme, space, credentials = value.partition(" ")
    if not space:
        return
    yield credentials
    if scheme.lower() == "basic":
        try:
            pair = base64.b64decode(credentials, validate=True).decode()
        except ValueError:
            return
        yield pair
        yield pair.partition(":")[2]


def _forms(secret: str) -> Iterator[str]:
    """A secret as it may stand in a text: as it is, encoded, or quoted."""
    data = secret.encode(errors="replace")
    yield secret
    yield base64.b64encode(data).decode()
    yield quote(data, safe="")
    for quoted in (json.dumps(secret), repr(secret), repr(data).removeprefix("b")):
        yield quoted[1:-1]
