"""What steps cost: the server's counts, asked together and once, and estimates made of them."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, assert_never

from flowql import typed
from flowql.backends.body import Request
from flowql.backends.plan.steps import (
    Both,
    Chain,
    Choice,
    Fetch,
    Keep,
    Last,
    Minus,
    Nothing,
    Semi,
    Spread,
    Step,
    Tally,
    Undecided,
    Union,
)
from flowql.catalog.walks import walk
from flowql.diagnostics import FlowQLError
from flowql.diagnostics import plan as problems
from flowql.run.shapes import NUMBER, shaped

if TYPE_CHECKING:
    from flowql.backends.plan.bodies import Bodies
    from flowql.catalog import Entity
    from flowql.run.asking import Asking

UNKNOWN = 1_000_000
"""The rows that a fetch is taken for where nothing counts them; it goes last."""


@dataclass(slots=True)
class Costs:
    """Counts by filter, and what they make of steps."""

    bodies: Bodies
    asking: Asking
    _counts: dict[tuple[Entity, typed.Predicate], int] = field(default_factory=dict)

    def count(
        self, entity: Entity, where: typed.Predicate
    ) -> Generator[list[Request], list[Any], int]:
        """The number of rows that the server counts."""
        key = (entity, where)
        if where == typed.FALSE:
            return 0
        if key not in self._counts:
            request = self.bodies.count(entity, where)
            assert request is not None, where
            (document,) = yield from self.asking.ask([request])
            self._counts[key] = shaped(NUMBER, request, document)
        return self._counts[key]

    def pages(
        self, entity: Entity, where: typed.Predicate
    ) -> Generator[list[Request], list[Any], int | None]:
        """The pages of a fetch; None where nothing counts its rows."""
        if self.bodies.count(entity, where) is None:
            return None
        count = yield from self.count(entity, where)
        return _pages(entity, count)

    def learn(self, step: Step) -> Generator[list[Request], list[Any], None]:
        """Count the rows of all fetches of a step, in one batch."""
        from flowql.run.asking import together

        asked = {
            (fetch.entity, fetch.where): None
            for fetch in fetches(step)
            if self.bodies.count(fetch.entity, fetch.where) is not None
        }
        yield from together([self.count(*key) for key in asked])

    def refuse_beyond(self, step: Step) -> None:
        """Refuse a step that comes to more than is allowed."""
        asking = self.asking
        found = fetches(step)
        rows = sum(self._known(one) for one in found)
        requests = asking.requests + sum(_pages(one.entity, self._known(one)) for one in found)
        too_many = asking.max_requests is not None and requests > asking.max_requests
        if too_many or (asking.max_rows is not None and rows > asking.max_rows):
            raise FlowQLError(
                [
                    problems.PlanCostly(
                        requests=requests,
                        rows=rows,
                        max_requests=asking.max_requests,
                        max_rows=asking.max_rows,
                    )
                ]
            )

    def _known(self, fetch: Fetch) -> int:
        return self._counts.get((fetch.entity, fetch.where), 0)

    def least(self, options: Sequence[Step]) -> Step:
        """The step that takes the fewest requests."""
        return min(
            options,
            key=lambda step: sum(_pages(one.entity, self._known(one)) for one in fetches(step)),
        )

    def size(self, step: Step) -> int:
        """About how many rows a step has, at most."""
        match step:
            case Nothing():
                return 0
            case Fetch(entity, where, among):
                if among is not None:
                    return len(among.values)
                return self._counts.get((entity, where), UNKNOWN)
            case Spread(of=of):
                return self.size(of)
            case Keep(source) | Minus(source) | Semi(source) | Tally(source) | Last(source):
                return self.size(source)
            case Union(parts):
                return sum(map(self.size, parts))
            case Both(parts) | Choice(parts):
                return min(map(self.size, parts))
            case Undecided():
                return 0
            case _:
                assert_never(step)


def _pages(entity: Entity, count: int) -> int:
    way = walk(entity)
    assert way is not None
    return max(1, -(-count // way.endpoint.size))


def fetches(step: Step) -> list[Fetch]:
    """The fetches of a step, each once."""
    found: dict[Fetch, None] = {}
    pending: list[Step | Chain] = [step]
    while pending:
        match pending.pop():
            case Fetch() as fetch:
                found[fetch] = None
            case Keep(source):
                pending.append(source)
            case Union(parts) | Both(parts) | Choice(parts):
                pending.extend(parts)
            case Minus(source, other) | Semi(source, _, other):
                pending += [source, other]
            case Spread(of=of):
                pending.append(of)
            case Tally(source, chain, _, _, share):
                pending += [source, chain, *([share] if share else [])]
            case Last(source, chain, among):
                pending += [source, chain, *([among] if among else [])]
            case Chain(_, steps):
                pending.extend(steps)
            case _:
                pass
    return list(found)
