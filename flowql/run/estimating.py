"""What a plan comes to on a server: the numbers of its rows, asked in one batch before any row."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flowql import typed
from flowql.backends.body import Request
from flowql.backends.plan.bodies import Bodies, all_of, in_parts, pages_of
from flowql.backends.plan.planner import judged
from flowql.backends.plan.steps import (
    Counted,
    Fetch,
    Number,
    Plan,
    Size,
    Step,
    Sum,
    Undecided,
    each,
)
from flowql.diagnostics import FlowQLError
from flowql.run.asking import Asking, together
from flowql.run.costs import Costs
from flowql.run.drivers import drive
from flowql.run.http import Api
from flowql.run.settings import connection

if TYPE_CHECKING:
    from flowql.api import Query
    from flowql.backends.body.patterns import Database
    from flowql.catalog import Entity

    Key = tuple[Entity, typed.Predicate]


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the server counts for the fetches of a plan, and what they come to.

    It is often less, where one fetch narrows another. `counted`: there is no fetch whose rows
    nothing counts; else it may be any number more.
    """

    counts: dict[Key, int]
    requests: int
    rows: int
    counted: bool


def ask(
    query: Query, url: str | None, timeout: float | None = None, database: Database | None = None
) -> tuple[Plan, Estimate]:
    """The plan of a query, and what it comes to at the API of `url` or the configured one."""
    plan = query.to_plan(database)
    try:
        with Api(connection(url), timeout) as api:
            return plan, drive(estimate(plan, database), api)
    except FlowQLError as error:
        error.source = error.source or query.source
        raise


def estimate(
    plan: Plan, database: Database | None = None
) -> Generator[list[Request], list[Any], Estimate]:
    """What a plan comes to; asks for numbers alone."""
    bodies, asking = Bodies(database), Asking(None, None)
    costs = Costs(bodies, asking)
    steps, numbers = _leaves(plan.answer)
    fetched = list(dict.fromkeys(key for step in steps for key in _fetched(step)))
    undecided = [one for step in steps for one in each(step) if isinstance(one, Undecided)]
    asked = dict.fromkeys([*fetched, *numbers, *(key for one in undecided for key in _sets(one))])
    countable = [key for key in asked if bodies.count(*key) is not None]
    found = yield from together([costs.count(*key) for key in countable])
    counts = dict(zip(countable, found, strict=True))
    first = isinstance(plan.answer, Request) or plan.peek is not None
    # A plan of several fetches counts them before it begins.
    counting = [key for key in fetched if key in counts] if len(fetched) > 1 else []
    requests, rows = first + len(counting) + len(dict.fromkeys(numbers)), 0
    for cost in [costs.cost(step) for step in steps]:
        requests, rows = requests + cost.requests, rows + cost.rows
    for one in undecided:
        context, *decided = _sets(one)
        if counts[context] == sum(counts[key] for key in decided):
            continue
        for entity, where in [context] if judged(one.where) else [context, *decided]:
            requests += pages_of(entity, counts[entity, where])
            rows += counts[entity, where]
    return Estimate(counts, requests, rows, counted=len(counts) == len(asked))


def _leaves(answer: Request | Number | Step) -> tuple[list[Step], list[Key]]:
    """The steps of an answer, and what it counts without fetching."""
    steps: list[Step] = []
    numbers: list[Key] = []
    pending: list[Request | Number | Step] = [answer]
    while pending:
        match pending.pop():
            case Request():
                pass
            case Counted(entity, where):
                numbers.append((entity, where))
            case Sum(plus, minus):
                pending += [*plus, *minus]
            case Size(of):
                steps.append(of)
            case step:
                steps.append(step)
    return steps, numbers


def _fetched(step: Step) -> list[Key]:
    """What is fetched for a step, by whole bodies."""
    return [
        (one.entity, part)
        for one in each(step)
        if isinstance(one, Fetch)
        for part in in_parts(one.where, one.among)
    ]


def _sets(step: Undecided) -> list[Key]:
    """The rows in question, those of which the condition is true, and those of which it is not."""
    more: list[list[typed.Predicate]] = [[], [step.where], [step.opposite]]
    return [(step.entity, all_of([step.context, *also])) for also in more]
