"""How patiently an API is asked: what is tried again, when, and what is too long or too large.

Tried again is what only reads and may well succeed a moment later: statuses of a server that is
busy or away, connections that break off or do not come about, a server that says nothing for too
long. Between attempts stands a random wait below a bound that doubles each time, or what the server
asks for in `Retry-After`. All attempts of one request and the waits between them lie before one
deadline; a wait that would end after it is not begun.
"""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

AGAIN = frozenset({429, 502, 503, 504})
"""Statuses of a server that may answer a moment later."""


def _now() -> datetime:
    return datetime.now(UTC)


def _sleep(seconds: float, stopped: threading.Event) -> None:
    stopped.wait(seconds)


@dataclass(frozen=True, slots=True)
class Clock:
    """Time as it passes, and waiting. `sleep` ends early once the event is set."""

    now: Callable[[], float] = time.monotonic
    date: Callable[[], datetime] = _now
    sleep: Callable[[float, threading.Event], None] = _sleep
    asleep: Callable[[float], Awaitable[None]] = asyncio.sleep


@dataclass(frozen=True, slots=True)
class Patience:
    """How often one request is sent at most, and how long anything may take, in seconds."""

    attempts: int = 4
    first: float = 0.5
    """The bound of the first wait between attempts; that of each later one is twice the last."""
    longest: float = 60.0
    """No wait is longer; where a server asks for more, it is not asked again."""
    silence: float = 30.0
    """An attempt of which nothing is heard for so long is given up, or for half of the time that
    the request has, where that is more."""
    largest: int = 256_000_000
    """Bytes of one answer, once it is unpacked."""
    jitter: Callable[[], float] = field(default=random.random, compare=False)
    """A random number from 0 to 1."""
    clock: Clock = field(default_factory=Clock, compare=False)

    def quiet(self, seconds: float) -> float:
        """How long an attempt may say nothing, of a request that has so many seconds."""
        return max(self.silence, seconds / 2)

    def wait(self, attempt: int, asked: str | None, left: float) -> float | None:
        """How long to wait after this attempt, the first being 1; None where it was the last.

        `asked` is what the server says in `Retry-After`, `left` the seconds before the deadline.
        """
        if attempt >= self.attempts:
            return None
        seconds = retry_after(asked, self.clock.date()) if asked else None
        if seconds is None:
            bound = min(self.first * 2 ** min(attempt - 1, 60), self.longest)
            seconds = self.jitter() * bound
        elif seconds > self.longest:
            return None
        return seconds if seconds < left else None


def retry_after(value: str, now: datetime) -> float | None:
    """The seconds of a `Retry-After`, which gives them or a date; None where it cannot be read."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        date = parsedate_to_datetime(value)
        if date.tzinfo is None:
            date = date.replace(tzinfo=UTC)
        return max(0.0, (date - now).total_seconds())
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
