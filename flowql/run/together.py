"""Several pieces of work at a time, in threads that all end with the first failure or an interrupt.

The threads are this batch's own and start no other; the results are taken in by the thread that
asked for them.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")

Work = Callable[[threading.Event], T]
"""Ends early, with whatever exception, once the event is set."""

WATCH_SECONDS = 0.2
"""How often the asking thread looks up: on Windows, waiting for a lock is deaf to Ctrl-C."""

FAREWELL_SECONDS = 1.0
"""How long threads are waited for that are to end. One that looks up a host's name cannot be woken;
it ends by itself, and being a daemon it holds nobody up."""


def together(
    work: Sequence[Work[T]],
    limit: int,
    done: Callable[[], None],
    stop: Callable[[], None],
) -> list[T]:
    """The results in the order of the work, at most `limit` pieces at a time.

    `done` is called after each piece, in this thread. The first failure is raised once `stop` has
    ended what is under way; so is what interrupts this thread.
    """
    stopped = threading.Event()
    left: queue.SimpleQueue[int] = queue.SimpleQueue()
    came: queue.SimpleQueue[_Came[T]] = queue.SimpleQueue()
    for at in range(len(work)):
        left.put(at)

    def run() -> None:
        while not stopped.is_set():
            try:
                at = left.get_nowait()
            except queue.Empty:
                return
            one = _done(work[at], at, stopped)
            came.put(one)
            if one.failure is not None:
                # Nobody is to begin anything more before the asking thread has heard of it.
                stopped.set()

    threads = [
        threading.Thread(target=run, name=f"flowql-{number}", daemon=True)
        for number in range(min(limit, len(work)))
    ]
    whole = False
    try:
        for thread in threads:
            thread.start()
        results = _gathered(came, len(work), done)
        whole = True
        return results
    finally:
        stopped.set()
        if not whole:
            stop()
        for thread in threads:
            if thread.ident is not None:
                thread.join(FAREWELL_SECONDS)


@dataclass(frozen=True, slots=True)
class _Came(Generic[T]):
    """What came of a piece of work."""

    at: int
    result: T | None = None
    failure: BaseException | None = None


def _done(work: Work[T], at: int, stopped: threading.Event) -> _Came[T]:
    try:
        return _Came(at, work(stopped))
    except BaseException as failure:
        # Whatever it is, it belongs to the thread that asked for the work.
        return _Came(at, failure=failure)


def _gathered(came: queue.SimpleQueue[_Came[T]], count: int, done: Callable[[], None]) -> list[T]:
    results: list[Any] = [None] * count
    taken = 0
    while taken < count:
        try:
            one = came.get(timeout=WATCH_SECONDS)
        except queue.Empty:
            continue
        if one.failure is not None:
            raise one.failure
        results[one.at] = one.result
        taken += 1
        done()
    return results
