"""What an API answers, and what became of a request that it did not: a document, or a problem.

Nothing is sent here, so it is the same whoever sends. Whatever a server or a library says is
cleared of secrets before it stands in a problem, and no problem carries their exceptions with it.
"""

from __future__ import annotations

import json
import os
import socket
import ssl
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

import httpx
from pydantic import TypeAdapter, ValidationError

from flowql.diagnostics import FlowQLError
from flowql.diagnostics import run as problems
from flowql.diagnostics.api import AnswerTooLarge
from flowql.run.places import masked
from flowql.run.retrying import AGAIN
from flowql.run.shapes import first_reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowql.diagnostics import Diagnostic
    from flowql.run.credentials import Secrets

T = TypeVar("T")

OK = frozenset({200})

_SHOWN = 300
"""Characters of a server's own words that a message repeats."""

FAILURES = (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL)
"""What httpx raises where no whole response comes about."""

_PASSING = (
    httpx.TimeoutException,
    httpx.ConnectError,
    httpx.ReadError,
    httpx.WriteError,
    httpx.CloseError,
    httpx.RemoteProtocolError,
)
"""Failures that may be gone a moment later."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request to be sent, once."""

    method: str
    url: str
    shown: str
    """The address for messages."""
    content: bytes | None
    headers: dict[str, str]
    deadline: float
    """By the clock; no answer is taken after it."""
    quiet: float
    """Seconds that may pass without a word of the server."""
    connect: float
    """Seconds for the connection."""
    largest: int
    """Bytes of an answer."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole response: its body is unpacked, of its headers there is what is read later."""

    status: int
    content: bytes | bytearray = b""
    kind: str = "nothing"
    location: str = "nowhere"
    retry_after: str | None = None

    @property
    def busy(self) -> bool:
        """Whether the server may answer a moment later."""
        return self.status in AGAIN


@dataclass(frozen=True, slots=True)
class Failed:
    """No whole response came about, and whether another attempt may bring one."""

    problem: Diagnostic
    passing: bool = False


class Judge:
    """Judges the answers of one API. `shown` is its address for messages."""

    def __init__(
        self, shown: str, secrets: Secrets, *, sent: str | None, withheld: str | None
    ) -> None:
        self.shown = shown
        self.secrets = secrets
        self._sent = sent
        self._withheld = withheld

    def accept(self, path: str, reply: Reply, successes: frozenset[int] = OK) -> None:
        """Raises the problem of every response but a success."""
        if reply.status not in successes:
            raise FlowQLError([self.refusal(path, reply)])

    def refusal(self, path: str, reply: Reply) -> Diagnostic:
        """The problem of a response that is no success."""
        url, status = self.shown + path, reply.status
        if status < 300:
            return problems.UnexpectedAnswer(url=url, reason=f"status {status}")
        if status < 400:
            return problems.Redirected(url=url, to=self.cleared(masked(reply.location)))
        if status in (401, 403):
            return problems.NotAllowed(
                url=url, status=status, sent=self._sent, withheld=self._withheld
            )
        if status == 404 and _names_missing(reply):
            return problems.NotThere(url=url, reason=self.cleared(_own_words(reply)))
        if status in (404, 405):
            return problems.NoSuchEndpoint(url=url, status=status)
        reason = self.cleared(_own_words(reply)) or httpx.codes.get_reason_phrase(status)
        if status < 500:
            return problems.RequestRefused(url=url, status=status, reason=reason)
        return problems.ServerFailed(url=url, status=status, reason=reason)

    def parsed(self, path: str, reply: Reply) -> Any:
        """The JSON document of a response; raises the problem of anything else."""
        try:
            return json.loads(reply.content)
        except (ValueError, RecursionError):
            pass  # What the exception quotes is not to stand in the context of the problem.
        reason = f"it is no JSON ({self.cleared(reply.kind)})"
        raise FlowQLError([problems.UnexpectedAnswer(url=self.shown + path, reason=reason)])

    def shaped(self, path: str, document: Any, shape: TypeAdapter[T]) -> T:
        """The document in the shape that it must have; raises the problem of another."""
        try:
            return shape.validate_python(document)
        except ValidationError as error:
            reason = self.cleared(first_reason(error))
        raise FlowQLError([problems.UnexpectedAnswer(url=self.shown + path, reason=reason)])

    def failed(self, attempt: Attempt, error: Exception) -> Failed:
        """What became of an attempt in which httpx raised this."""
        passing = isinstance(error, _PASSING)
        url = attempt.shown
        said = self.cleared(_said(error)) or type(error).__name__
        match error:
            case httpx.ConnectTimeout():
                reason = f"no connection within {attempt.connect:g} seconds"
                return Failed(problems.ApiUnreachable(url=self.shown, reason=reason), passing)
            case httpx.TimeoutException():
                return Failed(problems.ApiTimedOut(url=url, seconds=attempt.quiet), passing)
            case httpx.ConnectError() if (failure := _tls(error)) is not None:
                reason = self.cleared(failure)
                return Failed(problems.UntrustedCertificate(url=self.shown, reason=reason))
            case httpx.ConnectError() | httpx.ProxyError():
                passing = passing and not _nameless(error)
                return Failed(problems.ApiUnreachable(url=self.shown, reason=said), passing)
            case httpx.DecodingError():
                reason = "it is compressed in a way that it does not name"
                return Failed(problems.UnexpectedAnswer(url=url, reason=reason))
            case _:
                return Failed(problems.ConnectionLost(url=url, reason=said), passing)

    def late(self, attempt: Attempt, seconds: float) -> Failed:
        """The whole answer was not there in time."""
        return Failed(problems.ApiTimedOut(url=attempt.shown, seconds=seconds))

    def too_large(self, attempt: Attempt) -> Failed:
        """The answer is larger than is kept."""
        return Failed(AnswerTooLarge(url=attempt.shown, limit=attempt.largest))

    def placed(self, problem: Diagnostic) -> Diagnostic:
        """A problem that was found in a document, of which only the path was known."""
        match problem:
            case problems.UnexpectedAnswer(url=path, reason=said) if path.startswith("/"):
                return replace(problem, url=self.shown + path, reason=self.cleared(said))
            case _:
                return problem

    def cleared(self, text: str) -> str:
        """Others' words on one line, without any secret of ours or character that is not seen."""
        text = " ".join(self.secrets.cleared(text).split())
        text = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
        return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _names_missing(reply: Reply) -> bool:
    """Whether a server that knows the endpoint says what it has not: a work pool."""
    try:
        document = json.loads(reply.content)
    except (ValueError, RecursionError):
        return False
    said = document.get("detail") if isinstance(document, dict) else None
    return isinstance(said, str) and said != "Not Found"


def _own_words(reply: Reply) -> str:
    """What a refusing server says: Prefect's `detail` or message, else the text itself."""
    try:
        document = json.loads(reply.content)
    except (ValueError, RecursionError):
        return "" if "html" in reply.kind else reply.content.decode(errors="replace")
    if isinstance(document, dict):
        for name in ("detail", "exception_detail", "exception_message", "message"):
            if said := document.get(name):
                return said if isinstance(said, str) else _text(said)
    return _text(document)


def _text(document: Any) -> str:
    """A document as it came, so that what is secret can be found in it."""
    return json.dumps(document, ensure_ascii=False)


def _said(error: Exception) -> str:
    """What the system says, where it is what failed; libraries have other words around it."""
    if isinstance(error, httpx.ConnectError):
        for cause in _causes(error):
            if isinstance(cause, socket.gaierror) and cause.strerror:
                return cause.strerror
            if isinstance(cause, OSError) and cause.errno:
                return os.strerror(cause.errno)
    return str(error)


def _tls(error: BaseException) -> str | None:
    """What TLS has against the server, if that is why no connection came about."""
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return cause.verify_message
        if isinstance(cause, ssl.SSLError):
            return cause.reason or "the TLS handshake failed"
    return None


def _nameless(error: BaseException) -> bool:
    """Whether there is no host of this name; none will come about in a moment."""
    return any(
        isinstance(cause, socket.gaierror) and cause.errno == socket.EAI_NONAME
        for cause in _causes(error)
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        else:
            error = error.__cause__ or error.__context__
