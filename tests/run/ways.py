"""The ways to ask an API: by threads and by tasks, each with an own client or a given one.

What a test says of one must hold of all four.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

import httpx

from flowql.backends.body import Request
from flowql.run.drivers import adrive, drive
from flowql.run.http import Api, AsyncApi
from flowql.run.retrying import Clock, Patience
from flowql.run.settings import connection

CHEAP: dict[str, Any] = {"trust_env": False, "verify": False}
"""No certificates are read, which takes longer than all else in a test."""


@dataclass(frozen=True)
class Way:
    """How an API is asked."""

    tasks: bool
    given: bool
    client: dict[str, Any] = field(default_factory=dict)
    """What a given client is made with."""

    def __str__(self) -> str:
        return f"{'tasks' if self.tasks else 'threads'}-{'given' if self.given else 'own'}"

    def drive(
        self, evaluation: Generator[list[Request], list[Any], Any], url: str, **how: Any
    ) -> Any:
        """What an evaluation over this API returns."""
        if self.tasks:
            return asyncio.run(self.adrive(evaluation, url, **how))
        if not self.given:
            with Api(connection(url), **how) as api:
                return drive(evaluation, api)
        with httpx.Client(base_url=url, **CHEAP, **self.client) as client:
            found = drive(evaluation, Api.of(client, **how))
            assert not client.is_closed
            return found

    async def adrive(
        self, evaluation: Generator[list[Request], list[Any], Any], url: str, **how: Any
    ) -> Any:
        if not self.given:
            async with AsyncApi(connection(url), **how) as api:
                return await adrive(evaluation, api)
        async with httpx.AsyncClient(base_url=url, **CHEAP, **self.client) as client:
            found = await adrive(evaluation, AsyncApi.of(client, **how))
            assert not client.is_closed
            return found

    def answers(self, requests: Sequence[Request], url: str, **how: Any) -> list[Any]:
        """What this API answers to a batch."""
        found: list[Any] = self.drive(batch(requests), url, **how)
        return found


WAYS = [Way(tasks, given) for tasks in (False, True) for given in (False, True)]
OWN = [Way(False, False), Way(True, False)]
GIVEN = [Way(False, True), Way(True, True)]


def batch(requests: Sequence[Request]) -> Generator[list[Request], list[Any], list[Any]]:
    """An evaluation of one batch, which returns its answers."""
    return (yield list(requests))


class Hourglass:
    """A clock on which waiting takes no time, though it has then passed."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self.meanwhile = lambda: None
        """What happens while there is a wait."""

    def now(self) -> float:
        return monotonic() + sum(self.waits)

    def date(self) -> datetime:
        return datetime(2026, 11, 23, 12, tzinfo=UTC) + timedelta(seconds=sum(self.waits))

    def sleep(self, seconds: float, _: threading.Event) -> None:
        self.waits.append(seconds)
        self.meanwhile()

    async def asleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.meanwhile()

    def patience(self, **others: Any) -> Patience:
        """The usual patience by this clock, without chance."""
        clock = Clock(self.now, self.date, self.sleep, self.asleep)
        return Patience(**{"clock": clock, "jitter": lambda: 1.0} | others)
