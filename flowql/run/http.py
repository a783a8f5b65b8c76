"""One Prefect API over HTTP: requests sent, answers checked, each failure a coded problem.

The only module that holds keys. They go into headers and nowhere else; what a server or a library
says is searched for them before it is shown. Nothing is followed elsewhere and nothing tried twice:
a user at a terminal decides that better.
"""

from __future__ import annotations

import base64
import json
import ssl
import time
import uuid
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import httpx
from pydantic import TypeAdapter, ValidationError

from flowql.diagnostics import FlowQLError
from flowql.diagnostics import run as problems
from flowql.run.places import masked

if TYPE_CHECKING:
    from flowql.backends.body import Request
    from flowql.diagnostics import Diagnostic
    from flowql.run.settings import Connection, Settings

T = TypeVar("T")

DEFAULT_SECONDS = 60.0
CONNECT_SECONDS = 10.0

OK = frozenset({200})

_MANAGED = frozenset({"user-agent", "prefect-csrf-token", "prefect-csrf-client"})
"""Headers that Prefect's client lets nobody set."""

_SHOWN = 300
"""Characters of a server's own words that a message repeats."""


class Api:
    """An API that can be asked. `shown` is its address for messages."""

    def __init__(self, asked: Connection, timeout: float | None = None) -> None:
        settings = asked.settings
        self._url = _base(asked.url)
        self.shown = masked(str(self._url))
        self._withheld = asked.withheld
        self._seconds = timeout or settings.timeout or DEFAULT_SECONDS
        self._secrets = _secrets(settings, self._url)
        self._sent = _sent(settings, self._url)
        self._client = httpx.Client(
            headers=_headers(settings),
            verify=_trust(settings),
            timeout=httpx.Timeout(self._seconds, connect=min(self._seconds, CONNECT_SECONDS)),
        )

    def __enter__(self) -> Api:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def ask(self, request: Request, shape: TypeAdapter[T]) -> tuple[T, Any]:
        """The answer to a request, in the shape that it must have and as it came."""
        return self.exchange(request.method, request.path, request.body, shape)

    def exchange(
        self,
        method: str,
        path: str,
        body: Any,
        shape: TypeAdapter[T],
        successes: frozenset[int] = OK,
    ) -> tuple[T, Any]:
        """The same of any method, and of an endpoint that may answer with another success."""
        response = self._let_in(method, path, body)
        self._accept(path, response, successes)
        document = self._parsed(path, response)
        return self._shaped(path, document, shape), document

    def delete(self, path: str) -> None:
        """Deletes what is there; what is there no longer is as good as deleted."""
        response = self._let_in("DELETE", path)
        self._accept(path, response, frozenset({200, 204, 404}))

    # ── sending ───────────────────────────────────────────────────────────────

    def _send(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """A whole response. httpx bounds each wait, the deadline here all of them together."""
        shown = self.shown + path.partition("?")[0]
        deadline = time.monotonic() + self._seconds
        content = None if body is None else json.dumps(body).encode()
        try:
            request = self._client.build_request(
                method,
                httpx.URL(str(self._url) + path),
                content=content,
                headers={"content-type": "application/json"} if content else None,
            )
            response = self._client.send(request, stream=True)
            try:
                chunks = []
                for chunk in response.iter_bytes():
                    chunks.append(chunk)
                    if time.monotonic() > deadline:
                        self._refuse(problems.ApiTimedOut(url=shown, seconds=self._seconds))
            finally:
                response.close()
            return httpx.Response(
                response.status_code, headers=_kept(response), content=b"".join(chunks)
            )
        except httpx.ConnectTimeout:
            reason = f"no connection within {min(self._seconds, CONNECT_SECONDS):g} seconds"
            self._refuse(problems.ApiUnreachable(url=self.shown, reason=reason))
        except httpx.TimeoutException:
            self._refuse(problems.ApiTimedOut(url=shown, seconds=self._seconds))
        except httpx.ConnectError as error:
            if (failure := _tls(error)) is not None:
                self._refuse(problems.UntrustedCertificate(url=self.shown, reason=failure))
            self._refuse(problems.ApiUnreachable(url=self.shown, reason=self._said(error)))
        except httpx.DecodingError:
            reason = "it is compressed in a way that it does not name"
            self._refuse(problems.UnexpectedAnswer(url=shown, reason=reason))
        except (httpx.HTTPError, httpx.StreamError) as error:
            self._refuse(problems.ConnectionLost(url=shown, reason=self._said(error)))

    def _let_in(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """A response, with the token where the server wants one."""
        response = self._send(method, path, body)
        if response.status_code == 403 and b"CSRF" in response.content:
            self._take_csrf_token()
            response = self._send(method, path, body)
        return response

    def _take_csrf_token(self) -> None:
        """What a server with protection against forged requests wants of every client."""
        client = str(uuid.uuid4())
        path = "/csrf-token"
        response = self._send("GET", f"{path}?client={client}")
        self._accept(path, response)
        token = self._shaped(path, self._parsed(path, response), TypeAdapter(dict[str, Any]))
        self._client.headers["Prefect-Csrf-Client"] = client
        self._client.headers["Prefect-Csrf-Token"] = str(token.get("token"))

    # ── answers ───────────────────────────────────────────────────────────────

    def _accept(self, path: str, response: httpx.Response, successes: frozenset[int] = OK) -> None:
        """Raises the problem of every response but a success."""
        url, status = self.shown + path, response.status_code
        if status in successes:
            return
        if status < 300:
            self._refuse(problems.UnexpectedAnswer(url=url, reason=f"status {status}"))
        if 300 <= status < 400:
            to = masked(response.headers.get("location", "nowhere"))
            self._refuse(problems.Redirected(url=url, to=self._cleared(to)))
        if status in (401, 403):
            self._refuse(
                problems.NotAllowed(
                    url=url, status=status, sent=self._sent, withheld=self._withheld
                )
            )
        if status == 404 and _names_missing(response):
            self._refuse(problems.NotThere(url=url, reason=self._cleared(_own_words(response))))
        if status in (404, 405):
            self._refuse(problems.NoSuchEndpoint(url=url, status=status))
        reason = self._cleared(_own_words(response)) or response.reason_phrase
        if 400 <= status < 500:
            self._refuse(problems.RequestRefused(url=url, status=status, reason=reason))
        self._refuse(problems.ServerFailed(url=url, status=status, reason=reason))

    def _parsed(self, path: str, response: httpx.Response) -> Any:
        try:
            return json.loads(response.content)
        except (ValueError, RecursionError):
            kind = response.headers.get("content-type", "nothing").partition(";")[0]
            reason = f"it is no JSON ({kind})"
            self._refuse(problems.UnexpectedAnswer(url=self.shown + path, reason=reason))

    def _shaped(self, path: str, document: Any, shape: TypeAdapter[T]) -> T:
        try:
            return shape.validate_python(document)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            place = "/".join(map(str, first["loc"]))
            where = f"at {place}: " if place else ""
            reason = self._cleared(f"{where}{first['msg'].lower()}")
            self._refuse(problems.UnexpectedAnswer(url=self.shown + path, reason=reason))

    # ── words ─────────────────────────────────────────────────────────────────

    def _said(self, error: Exception) -> str:
        return self._cleared(str(error)) or type(error).__name__

    def _cleared(self, text: str) -> str:
        """Others' words on one line, without any secret of ours or character that is not seen."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        text = " ".join(text.split())
        text = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
        return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"

    def _refuse(self, problem: Diagnostic) -> NoReturn:
        raise FlowQLError([problem]) from None


def _base(address: str) -> httpx.URL:
    """The address that paths are added to; one without a path is given Prefect's own, `/api`."""
    try:
        url = httpx.URL(address)
        if url.scheme not in ("http", "https") or not url.host:
            raise httpx.InvalidURL("it has no host")
        if url.query or url.fragment:
            raise httpx.InvalidURL("it ends in more than a path")
        return url.copy_with(raw_path=url.raw_path.rstrip(b"/") or b"/api")
    except (httpx.InvalidURL, ValueError) as error:
        raise FlowQLError(
            [problems.BadAddress(address=masked(address), reason=str(error).lower())]
        ) from None


def _headers(settings: Settings) -> dict[str, str]:
    """The headers of every request; `PREFECT_API_AUTH_STRING` goes before `PREFECT_API_KEY`."""
    headers = {
        name: secret.get_secret_value()
        for name, secret in (settings.headers or {}).items()
        if name.lower() not in _MANAGED
    }
    if settings.auth_string is not None:
        token = base64.b64encode(settings.auth_string.get_secret_value().encode()).decode()
        headers["Authorization"] = f"Basic {token}"
    elif settings.key is not None:
        headers["Authorization"] = f"Bearer {settings.key.get_secret_value()}"
    headers["User-Agent"] = "flowql"
    return headers


def _sent(settings: Settings, url: httpx.URL) -> str | None:
    """What a server can know the user by, in words."""
    if url.userinfo:
        return "the name and password of the address"
    if settings.auth_string is not None:
        return "PREFECT_API_AUTH_STRING"
    return "PREFECT_API_KEY" if settings.key is not None else None


def _secrets(settings: Settings, url: httpx.URL) -> list[str]:
    """Everything that no message may hold, in every form in which it is sent."""
    kept = [settings.key, settings.auth_string, *(settings.headers or {}).values()]
    found = [secret.get_secret_value() for secret in kept if secret is not None]
    encoded = [base64.b64encode(secret.encode()).decode() for secret in found]
    return [one for one in (*found, *encoded, url.password, url.userinfo.decode()) if one]


def _trust(settings: Settings) -> ssl.SSLContext | bool:
    """Whose certificates are believed."""
    if settings.insecure:
        return False
    if settings.certificates is None:
        return True
    try:
        return ssl.create_default_context(cafile=settings.certificates)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it holds no certificates"
        raise FlowQLError(
            [problems.UnreadableFile(path=settings.certificates, reason=reason)]
        ) from None


def _tls(error: BaseException | None) -> str | None:
    """What TLS has against the server, if that is why no connection came about."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return error.verify_message
        if isinstance(error, ssl.SSLError):
            return error.reason or "the TLS handshake failed"
        error = error.__cause__ or error.__context__
    return None


def _kept(response: httpx.Response) -> dict[str, str]:
    """The headers of a response that are read later; its body is decoded by then."""
    return {
        name: response.headers[name]
        for name in ("content-type", "location")
        if name in response.headers
    }


def _names_missing(response: httpx.Response) -> bool:
    """Whether a server that knows the endpoint says what it has not: a work pool."""
    try:
        document = json.loads(response.content)
    except (ValueError, RecursionError):
        return False
    said = document.get("detail") if isinstance(document, dict) else None
    return isinstance(said, str) and said != "Not Found"


def _own_words(response: httpx.Response) -> str:
    """What a refusing server says: Prefect's `detail` or message, else the text itself."""
    try:
        document = json.loads(response.content)
    except (ValueError, RecursionError):
        return response.text if "html" not in response.headers.get("content-type", "") else ""
    if isinstance(document, dict):
        for name in ("detail", "exception_detail", "exception_message", "message"):
            if said := document.get(name):
                return said if isinstance(said, str) else json.dumps(said)
    return json.dumps(document)
