"""What steps cost: the server's counts, asked together and once, and estimates made of them."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, assert_never

from flowql import typed
from flowql.backends.body import Request
from flowql.backends.plan.bodies import LIST, Bodies, pages_of
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
    fetches,
)
from flowql.diagnostics import FlowQLError
from flowql.diagnostics import plan as problems
from flowql.limits import PAGE_SIZE
from flowql.run.shapes import NUMBER, shaped

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowql.catalog import Entity
    from flowql.run.asking import Asking

UNKNOWN = 1_000_000
"""The rows that a fetch is taken for where nothing counts them; it goes last."""


class Cost(NamedTuple):
    """How many requests, how many rows they fetch, and how many rows that leaves, at most."""

    requests: int
    rows: int
    size: int


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
        return pages_of(entity, count)

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
        asking, cost = self.asking, self.cost(step)
        requests = asking.requests + cost.requests
        asking.expected = requests
        too_many = asking.max_requests is not None and requests > asking.max_requests
        if too_many or (asking.max_rows is not None and cost.rows > asking.max_rows):
            raise FlowQLError(
                [
                    problems.PlanCostly(
                        requests=requests,
                        rows=cost.rows,
                        max_requests=asking.max_requests,
                        max_rows=asking.max_rows,
                    )
                ]
            )

    def least(self, options: Sequence[Step]) -> Step:
        """The step that takes the fewest requests, of equal ones the fewest rows."""
        return min(options, key=lambda step: self.cost(step)[:2])

    def cost(self, step: Step, keys: int | None = None, *, unique: bool = True) -> Cost:
        """What a step takes, as far as the counts tell; what nothing counts is taken for nothing.

        `keys` is by how many values the rows are narrowed, of which with `unique` no two rows
        share one.
        """
        match step:
            case Nothing():
                return Cost(0, 0, 0)
            case Fetch(entity, where, among):
                rows = self._counts.get((entity, where), 0 if among is None else len(among.values))
                requests = pages_of(entity, rows)
                if among is not None:
                    requests += len(among.values) // LIST
                if keys is not None:
                    parts = pages_of(entity, keys)
                    if unique:
                        requests, rows = min(requests, parts), min(rows, keys)
                    elif parts < requests:
                        # Each part ends with a page that need not be full.
                        requests += parts - 1
                return Cost(requests, rows, rows)
            case Spread(of=spread):
                cost = self.cost(spread)
                return Cost(cost.requests + cost.size, cost.rows, cost.size)
            case Keep(source):
                return self.cost(source, keys, unique=unique)
            case Union(parts):
                return _added([self.cost(part, keys, unique=unique) for part in parts], sum)
            case Both(parts):
                smallest, *others = sorted(parts, key=self.size)
                cost = self.cost(smallest, keys, unique=unique)
                return _added([cost, *(self.cost(one, cost.size) for one in others)], min)
            case Minus(source, without, relation, of):
                cost = self.cost(source, keys, unique=unique)
                excluded = self.cost(without, cost.size)
                if relation is not None and of is not None:
                    excluded = min(
                        excluded, self.cost(of, cost.size, unique=relation.remote == "id")
                    )
                return _added([cost, excluded])
            case Semi(source, join, end, some):
                if some and keys is None and self.size(end) <= self.size(source):
                    led = self.cost(end)
                    own = self.cost(source, led.size, unique=join.local == "id")
                    return _added([own, led])
                own = self.cost(source, keys, unique=unique)
                return _added([own, self.cost(end, own.size, unique=join.remote == "id")])
            case Tally(source, chain, _, _, share):
                own = self.cost(source, keys, unique=unique)
                counted = self._chain(chain, own.size)
                return _added([own, *counted, *(self._chain(share, own.size) if share else [])])
            case Last(source, chain, among):
                own = self.cost(source, keys, unique=unique)
                runs = self._chain(chain, own.size)
                if len(runs) == 1:
                    # The newest run of each row takes no more requests than there are rows.
                    requests = min(runs[0].requests, own.size + 1)
                    runs = [Cost(requests, min(runs[0].rows, requests * PAGE_SIZE), runs[0].size)]
                return _added([own, *runs, *([self.cost(among)] if among else [])])
            case Undecided():
                return Cost(3, 0, 0)
            case Choice(options):
                return self.cost(self.least(options), keys, unique=unique)
            case _:
                assert_never(step)

    def _chain(self, chain: Chain, keys: int) -> list[Cost]:
        found = []
        for relation, step in zip(chain.path, chain.steps, strict=False):
            cost = self.cost(step, keys, unique=relation.remote == "id")
            keys = cost.size
            found.append(cost)
        return found

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


def _added(costs: Sequence[Cost], size: Callable[[list[int]], int] | None = None) -> Cost:
    """The costs of steps that are all taken; of the first one's size unless it is made of all."""
    sizes = [cost.size for cost in costs]
    return Cost(
        sum(cost.requests for cost in costs),
        sum(cost.rows for cost in costs),
        sizes[0] if size is None else size(sizes),
    )
