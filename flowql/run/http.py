"""One Prefect API over HTTP, asked by threads or by tasks: the sending alone.

What is sent, whether it is sent again, and what an answer means is decided elsewhere, once for
both: `exchange` holds the conversation, `judging` reads what comes back, `retrying` says how
patiently. A request that only reads is tried again where the server may answer a moment later; one
that writes is sent once, for a user decides better whether it is to be done twice. Nothing is
followed elsewhere.

Promised: whatever an address, a network or a server does ends in an answer or in `FlowQLError`; no
message, `repr` or chained exception holds a key; after a failure, an interrupt or a cancellation
nothing is left running.
"""

from __future__ import annotations

import asyncio
import threading
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import httpx

from flowql.diagnostics import FlowQLError
from flowql.diagnostics.api import ClientClosed
from flowql.run.exchange import Conversation, Exchange, Pause
from flowql.run.judging import FAILURES, OK, Attempt, Failed, Reply
from flowql.run.lines import Lines
from flowql.run.opening import of_client, of_connection, opened
from flowql.run.retrying import Patience
from flowql.run.together import together as in_threads

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pydantic import TypeAdapter

    from flowql.backends.body import Request
    from flowql.run.settings import Connection

T = TypeVar("T")

__all__ = ["OK", "Api", "AsyncApi"]

TOGETHER = 8
"""Requests of one batch that are under way at a time."""

PATIENCE = Patience()

_DELETED = frozenset({200, 204, 404})


class _Asked:
    """What the two have in common. `shown` is the address for messages."""

    _client: httpx.Client | httpx.AsyncClient

    def __init__(
        self, exchange: Exchange, own: bool, together: int, on_answer: Callable[[], None] | None
    ) -> None:
        self.shown = exchange.judge.shown
        self._exchange = exchange
        self._judge = exchange.judge
        self._clock = exchange.patience.clock
        self._own = own
        self._together = max(together, 1)
        self._answered = on_answer or _nothing

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.shown!r})"

    def placed(self, error: FlowQLError) -> FlowQLError:
        """The same problems; those of an answer of which only the path is known, with the address.

        It is a new exception, with nothing in its context.
        """
        return FlowQLError(map(self._judge.placed, error.diagnostics), error.source)

    def _document(self, request: Request) -> Conversation[Any]:
        return self._exchange.document(request.method, request.path, request.body)

    def _built(self, attempt: Attempt, trace: Any = None) -> httpx.Request:
        return self._client.build_request(
            attempt.method,
            attempt.url,
            content=attempt.content,
            headers=attempt.headers,
            timeout=httpx.Timeout(attempt.quiet, connect=attempt.connect),
            extensions=None if trace is None else {"trace": trace},
        )

    def _taken(self, attempt: Attempt, body: bytearray, chunk: bytes) -> Failed | None:
        """Adds to the body of an answer what has come of it, unless it is too much or too late."""
        body += chunk
        if len(body) > attempt.largest:
            return self._judge.too_large(attempt)
        late = self._clock.now() > attempt.deadline
        return self._judge.late(attempt, self._exchange.seconds) if late else None

    def _replied(self, response: httpx.Response, body: bytearray) -> Reply:
        self._judge.secrets.learn(response.request.headers)
        headers = response.headers
        return Reply(
            status=response.status_code,
            content=body,
            kind=headers.get("content-type", "nothing").partition(";")[0],
            location=headers.get("location", "nowhere"),
            retry_after=headers.get("retry-after"),
        )

    def _failed(
        self, attempt: Attempt, request: httpx.Request | None, error: Exception
    ) -> Reply | Failed:
        if isinstance(error, httpx.HTTPStatusError):
            # A hook of the client refuses what is no success; the judge has words for it.
            return self._replied(error.response, bytearray())
        if request is not None:
            self._judge.secrets.learn(request.headers)
        return self._judge.failed(attempt, error)


class Api(_Asked):
    """An API that can be asked, by a thread. To be closed, or entered: what is its own is closed.

    `timeout` is how many seconds each request has, with all its attempts. `answers` has `together`
    requests under way at a time and calls `on_answer` after each answer, in the thread that asks.
    Raises `FlowQLError` where the address or a setting cannot be used.
    """

    _client: httpx.Client

    def __init__(
        self,
        asked: Connection,
        timeout: float | None = None,
        *,
        together: int = TOGETHER,
        patience: Patience = PATIENCE,
        on_answer: Callable[[], None] | None = None,
    ) -> None:
        exchange = of_connection(asked, timeout, patience)
        self._client = opened(httpx.Client, asked)
        self._lines = Lines(exclusive=True)
        super().__init__(exchange, True, together, on_answer)

    @classmethod
    def of(
        cls,
        client: httpx.Client,
        timeout: float | None = None,
        *,
        together: int = TOGETHER,
        patience: Patience = PATIENCE,
        on_answer: Callable[[], None] | None = None,
    ) -> Api:
        """The API at a client's `base_url`. The client is not closed; where it waits less long
        than would be waited here, it does so."""
        api = cls.__new__(cls)
        api._client = client
        api._lines = Lines(exclusive=False)
        _Asked.__init__(api, of_client(client, timeout, patience), False, together, on_answer)
        return api

    def __enter__(self) -> Api:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the connections, unless the client was given."""
        if self._own:
            self._client.close()

    def answers(self, requests: Sequence[Request]) -> list[Any]:
        """What the API answers to each request, as JSON, in their order; raises `FlowQLError`.

        The first request that fails ends the others.
        """
        work = [partial(self._held, self._document(request)) for request in requests]
        if len(work) > 1 and self._together > 1:
            return in_threads(work, self._together, self._answered, self._lines.hang_up)
        return [self._told(conversation) for conversation in map(self._document, requests)]

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
        document = self._told(self._exchange.document(method, path, body, successes))
        return self._judge.shaped(path, document, shape), document

    def delete(self, path: str) -> None:
        """Deletes what is there; what is there no longer is as good as deleted."""
        self._told(self._exchange.reply("DELETE", path, None, _DELETED))

    # ── sending ───────────────────────────────────────────────────────────────

    def _told(self, conversation: Conversation[T]) -> T:
        """What comes of a conversation that this thread holds alone."""
        result = self._held(conversation, threading.Event())
        self._answered()
        return result

    def _held(self, conversation: Conversation[T], stopped: threading.Event) -> T:
        """What comes of a conversation, unless it is stopped."""
        came: Reply | Failed | None = None
        try:
            step = next(conversation)
            while not stopped.is_set():
                if isinstance(step, Pause):
                    self._clock.sleep(step.seconds, stopped)
                    came = None
                else:
                    came = self._sent(step, stopped)
                step = conversation.send(came)
        except StopIteration as end:
            result: T = end.value
            return result
        raise _Stopped

    def _sent(self, attempt: Attempt, stopped: threading.Event) -> Reply | Failed:
        """What comes of an attempt. httpx bounds each wait, the deadline all of them together."""
        if self._client.is_closed:
            return Failed(ClientClosed(url=self.shown))
        request, body = None, bytearray()
        try:
            with self._lines.line(stopped) as line:
                request = self._built(attempt, line.trace)
                response = self._client.send(request, stream=True, follow_redirects=False)
                try:
                    line.answered(response)
                    for chunk in response.iter_bytes():
                        if (over := self._taken(attempt, body, chunk)) is not None:
                            return over
                finally:
                    response.close()
            return self._replied(response, body)
        except FAILURES as error:
            return self._failed(attempt, request, error)


class AsyncApi(_Asked):
    """The same, by a task of asyncio; `on_answer` is called in the task that asks."""

    _client: httpx.AsyncClient

    def __init__(
        self,
        asked: Connection,
        timeout: float | None = None,
        *,
        together: int = TOGETHER,
        patience: Patience = PATIENCE,
        on_answer: Callable[[], None] | None = None,
    ) -> None:
        exchange = of_connection(asked, timeout, patience)
        self._client = opened(httpx.AsyncClient, asked)
        super().__init__(exchange, True, together, on_answer)

    @classmethod
    def of(
        cls,
        client: httpx.AsyncClient,
        timeout: float | None = None,
        *,
        together: int = TOGETHER,
        patience: Patience = PATIENCE,
        on_answer: Callable[[], None] | None = None,
    ) -> AsyncApi:
        """The API at a client's `base_url`, as `Api.of`."""
        api = cls.__new__(cls)
        api._client = client
        _Asked.__init__(api, of_client(client, timeout, patience), False, together, on_answer)
        return api

    async def __aenter__(self) -> AsyncApi:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Ends the connections, unless the client was given."""
        if self._own:
            await self._client.aclose()

    async def answers(self, requests: Sequence[Request]) -> list[Any]:
        """What the API answers to each request, as JSON, in their order; raises `FlowQLError`.

        The first request that fails ends the others, and so does a cancellation.
        """
        gate = asyncio.Semaphore(self._together)
        tasks = [asyncio.create_task(self._through(gate, request)) for request in requests]
        try:
            for task in asyncio.as_completed(tasks):
                await task
                self._answered()
            return [task.result() for task in tasks]
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def ask(self, request: Request, shape: TypeAdapter[T]) -> tuple[T, Any]:
        """The answer to a request, in the shape that it must have and as it came."""
        [document] = await self.answers([request])
        return self._judge.shaped(request.path, document, shape), document

    # ── sending ───────────────────────────────────────────────────────────────

    async def _through(self, gate: asyncio.Semaphore, request: Request) -> Any:
        async with gate:
            return await self._held(self._document(request))

    async def _held(self, conversation: Conversation[T]) -> T:
        came: Reply | Failed | None = None
        try:
            step = next(conversation)
            while True:
                if isinstance(step, Pause):
                    await self._clock.asleep(step.seconds)
                    came = None
                else:
                    came = await self._sent(step)
                step = conversation.send(came)
        except StopIteration as end:
            result: T = end.value
            return result

    async def _sent(self, attempt: Attempt) -> Reply | Failed:
        if self._client.is_closed:
            return Failed(ClientClosed(url=self.shown))
        request, body = None, bytearray()
        try:
            async with asyncio.timeout(attempt.deadline - self._clock.now()):
                request = self._built(attempt)
                response = await self._client.send(request, stream=True, follow_redirects=False)
                try:
                    async for chunk in response.aiter_bytes():
                        if (over := self._taken(attempt, body, chunk)) is not None:
                            return over
                finally:
                    await response.aclose()
            return self._replied(response, body)
        except TimeoutError:
            return self._judge.late(attempt, self._exchange.seconds)
        except FAILURES as error:
            return self._failed(attempt, request, error)


class _Stopped(Exception):
    """A conversation was to end; nobody waits for its result."""


def _nothing() -> None:
    """Nobody wants to know of answers."""
