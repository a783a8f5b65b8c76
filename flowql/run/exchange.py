"""One request to an API, from the first attempt to the answer, without sending anything.

A conversation yields what is to be done next, an `Attempt` to send or a `Pause` to wait, and is
sent what came of it. So trying again, and the token that a server wants against forged requests,
are the same whether threads send or tasks.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Generator
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import TypeAdapter

from flowql.catalog import Gives, endpoints
from flowql.diagnostics import FlowQLError
from flowql.diagnostics.run import (
    ApiTimedOut,
    ApiUnreachable,
    ConnectionLost,
    RequestRefused,
    ServerFailed,
)
from flowql.run.judging import OK, Attempt, Failed, Judge, Reply

if TYPE_CHECKING:
    import httpx

    from flowql.diagnostics import Diagnostic
    from flowql.run.retrying import Patience

T = TypeVar("T")

CONNECT_SECONDS = 10.0

SAVED = "/saved_searches/filter"
"""It lists saved searches, which are no entity of the catalog."""

Repeated = ApiTimedOut | ApiUnreachable | ConnectionLost | RequestRefused | ServerFailed
"""Problems that may stand at the end of several attempts."""

TOKEN = TypeAdapter(dict[str, Any])


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing is to be sent for so many seconds."""

    seconds: float


Step = Attempt | Pause
Came = Reply | Failed | None
"""What came of a step: of a pause, nothing."""

Conversation = Generator[Step, Came, T]


class Exchange:
    """Holds conversations with one API; `seconds` is the time that each has.

    `own` are the waits of a client that has its own, which may be shorter.
    """

    def __init__(
        self,
        url: httpx.URL,
        judge: Judge,
        seconds: float,
        patience: Patience,
        own: httpx.Timeout | None = None,
    ) -> None:
        self.judge = judge
        self.patience = patience
        self.seconds = seconds
        self._url = str(url)
        self._quiet = patience.quiet(seconds)
        self._connect = CONNECT_SECONDS
        if own is not None:
            self._quiet = min(self._quiet, own.read or self._quiet)
            self._connect = min(self._connect, own.connect or self._connect)
        self._token: dict[str, str] = {}

    def document(
        self, method: str, path: str, body: Any, successes: frozenset[int] = OK
    ) -> Conversation[Any]:
        """What the API answers, as JSON; raises `FlowQLError`."""
        reply = yield from self.reply(method, path, body, successes)
        return self.judge.parsed(path, reply)

    def reply(
        self, method: str, path: str, body: Any, successes: frozenset[int] = OK
    ) -> Conversation[Reply]:
        """The response, if it is a success, with the token where the server wants one."""
        deadline = self.patience.clock.now() + self.seconds
        content = None if body is None else json.dumps(body).encode()
        sent = self._token
        reply = yield from self._insisted(method, path, content, deadline)
        if reply.status == 403 and b"CSRF" in reply.content:
            if self._token is sent:  # Nobody else has meanwhile fetched a newer one.
                yield from self._take_token(deadline)
            reply = yield from self._insisted(method, path, content, deadline)
        self.judge.accept(path, reply, successes)
        return reply

    def _take_token(self, deadline: float) -> Conversation[None]:
        """What a server with protection against forged requests wants of every client."""
        client, path = str(uuid.uuid4()), "/csrf-token"
        reply = yield from self._insisted("GET", f"{path}?client={client}", None, deadline)
        self.judge.accept(path, reply)
        token = self.judge.shaped(path, self.judge.parsed(path, reply), TOKEN).get("token")
        # The two are for one another, so they are exchanged at once.
        self._token = {"Prefect-Csrf-Client": client, "Prefect-Csrf-Token": str(token)}

    def _insisted(
        self, method: str, path: str, content: bytes | None, deadline: float
    ) -> Conversation[Reply]:
        """A response, at the first attempt or, of what only reads, at a later one."""
        clock, shown = self.patience.clock, path.partition("?")[0]
        for attempt in count(1):
            came = yield self._attempt(method, path, content, deadline)
            assert came is not None
            match came:
                case Reply(busy=False):
                    return came
                case Reply():
                    problem, asked = self.judge.refusal(shown, came), came.retry_after
                case Failed(problem, passing):
                    asked = None
                    if not passing:
                        raise FlowQLError([_after(attempt, problem)])
            left = deadline - clock.now()
            wait = self.patience.wait(attempt, asked, left) if _only_reads(method, path) else None
            if wait is None:
                if isinstance(problem, ApiTimedOut) and left <= 0:
                    problem = replace(problem, seconds=self.seconds)
                raise FlowQLError([_after(attempt, problem)])
            yield Pause(wait)
        raise AssertionError("counting does not end")

    def _attempt(self, method: str, path: str, content: bytes | None, deadline: float) -> Attempt:
        left = max(deadline - self.patience.clock.now(), 0.001)
        headers = {"content-type": "application/json"} if content else {}
        quiet = self._quiet if _only_reads(method, path) else self.seconds
        return Attempt(
            method=method,
            url=self._url + path,
            shown=self.judge.shown + path.partition("?")[0],
            content=content,
            headers=headers | self._token,
            deadline=deadline,
            quiet=min(quiet, left),
            connect=min(left, self._connect),
            largest=self.patience.largest,
        )


def _only_reads(method: str, path: str) -> bool:
    """Whether a request changes nothing, so that it does no harm to send it twice.

    Filters are sent with POST; a POST of which the catalog knows nothing may write.
    """
    if method != "POST":
        return method == "GET"
    found = endpoints.find(path)
    return found[1].gives is not Gives.CHANGES if found else path == SAVED


def _after(attempts: int, problem: Diagnostic) -> Diagnostic:
    """The problem, with the number of attempts that all ended so or in a like manner."""
    return replace(problem, attempts=attempts) if isinstance(problem, Repeated) else problem
