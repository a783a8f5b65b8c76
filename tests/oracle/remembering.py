"""A transport of httpx that asks a server each question once.

The rows that tests ask about stay as they are, so an answer stays right; and random queries ask for
all flows again and again. What was asked is counted whether the answer was known or not.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import httpx

from flowql.catalog import Gives, endpoints

if TYPE_CHECKING:
    from flowql.run import Answer
    from tests.oracle.server import PrefectServer


class Remembering(httpx.BaseTransport):
    """`requests` and `rows` are what was asked for and answered, for who reads it to set back."""

    def __init__(self) -> None:
        # After a 500 uvicorn drops the connection without a word, so none is used twice.
        self._transport = httpx.HTTPTransport(limits=httpx.Limits(max_keepalive_connections=0))
        self._answers: dict[tuple[str, bytes], tuple[int, bytes]] = {}
        self._lock = threading.Lock()
        self.requests = self.rows = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        key = str(request.url), request.content
        if key not in self._answers:
            response = self._transport.handle_request(request)
            response.read()
            self._answers[key] = response.status_code, response.content
        status, content = self._answers[key]
        response = httpx.Response(
            status, content=content, headers={"content-type": "application/json"}
        )
        with self._lock:
            self.requests += 1
            self.rows += _rows(request.url.path, response)
        return response

    def close(self) -> None:
        self._transport.close()


def _rows(path: str, response: httpx.Response) -> int:
    found = endpoints.find(path.removeprefix("/api"))
    if found is None or found[1].gives is Gives.COUNT or response.status_code != 200:
        return 0
    answer: Any = response.json()
    if isinstance(answer, dict):
        answer = answer["events" if "events" in answer else "results"]
    return len(answer)


class Plans:
    """Queries answered by a server over REST, each answer's figures held against what was sent."""

    def __init__(self, server: PrefectServer) -> None:
        self.server = server
        self._transport = Remembering()
        self.client = httpx.Client(
            base_url=server.api_url, transport=self._transport, timeout=60, trust_env=False
        )

    def fetch(self, query: Any, **options: Any) -> Answer:
        """The answer to a `flowql.Query`, of any number of requests."""
        self._transport.requests = self._transport.rows = 0
        allowed = {"max_requests": None, "max_rows": None, "database": self.server.engine}
        answer: Answer = query.fetch(self.client, **{**allowed, **options})
        assert (answer.requests, answer.fetched) == self.sent
        return answer

    @property
    def sent(self) -> tuple[int, int]:
        """The requests since the last query was asked, and the rows that they were answered."""
        return self._transport.requests, self._transport.rows

    def close(self) -> None:
        self.client.close()

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(f"plans on {self.server.engine}")
