"""Requests asked together, counted and bounded: what steps of a plan share while they run."""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from flowql.backends.body import Request
from flowql.diagnostics import FlowQLError
from flowql.diagnostics import plan as problems

if TYPE_CHECKING:
    from flowql.run.joins import Row

T = TypeVar("T")


@dataclass(slots=True)
class Asking:
    """What was asked so far, and how much may be. Limits of None allow everything."""

    max_requests: int | None
    max_rows: int | None
    requests: int = 0
    rows: int = 0
    expected: int = 0
    """Requests that there will be in all, as far as counts tell."""
    changed: set[str] = field(default_factory=set)
    _seen: dict[str, Any] = field(default_factory=dict)

    def ask(self, requests: Sequence[Request]) -> Generator[list[Request], list[Any], list[Any]]:
        """The answers to independent requests, equal ones asked once."""
        return (yield list(requests)) if requests else []

    def counted(
        self, evaluation: Generator[list[Request], list[Any], T]
    ) -> Generator[list[Request], list[Any], T]:
        """The whole evaluation, what goes out and comes in being counted.

        Not so where steps ask: of equal requests that go out together there is one.
        """
        try:
            wanted = next(evaluation)
            while True:
                self.requests += len(wanted)
                if self.max_requests is not None and self.requests > self.max_requests:
                    self._refuse()
                answers = yield wanted
                self.rows += sum(map(_rows, answers))
                if self.max_rows is not None and self.rows > self.max_rows:
                    self._refuse()
                wanted = evaluation.send(answers)
        except StopIteration as end:
            value: T = end.value
            return value
        finally:
            evaluation.close()

    def got(self, rows: Sequence[Row]) -> None:
        """Notice rows that another answer had otherwise."""
        for row in rows:
            key, updated = str(row.get("id")), row.get("updated")
            if self._seen.setdefault(key, updated) != updated:
                self.changed.add(key)

    def allow(self, requests: int, rows: int) -> None:
        """Refuse what is known to come before it is asked for: so many requests and rows more."""
        requests, rows = self.requests + requests, self.rows + rows
        if (self.max_requests is not None and requests > self.max_requests) or (
            self.max_rows is not None and rows > self.max_rows
        ):
            self._refuse(requests, rows)

    def _refuse(self, requests: int | None = None, rows: int | None = None) -> None:
        raise FlowQLError(
            [
                problems.PlanCostly(
                    requests=self.requests if requests is None else requests,
                    rows=self.rows if rows is None else rows,
                    max_requests=self.max_requests,
                    max_rows=self.max_rows,
                    sent=self.requests,
                )
            ]
        )


def _rows(document: Any) -> int:
    """How many rows an answer has; what it must be otherwise is seen where it is read."""
    if isinstance(document, dict):
        document = document.get("results", document.get("events"))
    return len(document) if isinstance(document, list) else 0


def together(
    parts: Sequence[Generator[list[Request], list[Any], T]],
) -> Generator[list[Request], list[Any], list[T]]:
    """The results of several evaluations, whose requests go out side by side."""
    results: list[Any] = [None] * len(parts)
    waiting: dict[int, list[Request]] = {}

    def go_on(number: int, answers: list[Any] | None) -> None:
        try:
            part = parts[number]
            waiting[number] = next(part) if answers is None else part.send(answers)
        except StopIteration as end:
            waiting.pop(number, None)
            results[number] = end.value

    for number in range(len(parts)):
        go_on(number, None)
    while waiting:
        batch = [request for requests in waiting.values() for request in requests]
        unique: dict[str, Request] = {}
        keys = [json.dumps([request.path, request.body]) for request in batch]
        for key, request in zip(keys, batch, strict=True):
            unique.setdefault(key, request)
        found = yield list(unique.values())
        answers = dict(zip(unique, found, strict=True))
        given = iter([answers[key] for key in keys])
        for number, requests in list(waiting.items()):
            go_on(number, [next(given) for _ in requests])
    return results
