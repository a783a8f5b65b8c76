"""Several requests: how a query is answered over REST that one body cannot say.

Promised: the plan gives the very rows that the query selects, as SQL on the server's database
does, letters' case and the order of texts aside, which are the database's. What no request and
no answer tells is refused by name. One request stays one request. Nothing is asked here:
`flowql.run.evaluation` runs a plan.

`steps` is the plan as data, `planner` makes it, `bodies` knows what one request can say,
`answers` what can be judged over fetched rows.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flowql import typed
from flowql.backends.body import Request, to_request
from flowql.backends.body.facts import certain
from flowql.backends.plan.answers import untold_of
from flowql.backends.plan.bodies import Bodies, long_lists
from flowql.backends.plan.numbers import number
from flowql.backends.plan.planner import Planner
from flowql.backends.plan.steps import Nothing, Peek, Plan
from flowql.catalog import Gives, endpoints
from flowql.catalog.walks import walk
from flowql.diagnostics import FlowQLError
from flowql.diagnostics import plan as problems
from flowql.diagnostics.values import UnboundParameter
from flowql.limits import PAGE_SIZE
from flowql.rewrite.merge import merge
from flowql.rewrite.normal import normal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowql.backends.body.patterns import Database

__all__ = ["Plan", "to_plan"]


def to_plan(query: typed.Query, database: Database | None = None) -> Plan:
    """The plan of a grounded query.

    `database` is what the server stores its rows in, on which the case of events hangs. Raises
    `FlowQLError` where no requests tell the rows, or where a parameter has no value.
    """
    if open_ := [
        UnboundParameter(name=one.name, span=one.span) for one in dict.fromkeys(_parameters(query))
    ]:
        raise FlowQLError(open_)
    entity = query.target
    way = walk(entity)
    if way is None:
        raise FlowQLError([problems.NotListed(entity=entity.name)])
    if query.select is not None:
        _refuse_untold(query, query.select, "select")
    if query.limit == 0:
        return Plan(query, Nothing(entity, why="the limit is 0"))
    where = merge(normal(certain(merge(normal(query.filter)))))
    if (request := _one_request(query, database)) is not None:
        return Plan(query, request)
    planner = Planner(Bodies(database))
    if query.count and not query.distinct:
        return Plan(query, number(planner, entity, where))
    _refuse_untold(query, tuple(key.column for key in query.sort), "sort")
    _refuse_untold(query, query.distinct, "distinct")
    return Plan(query, planner.rows(entity, where), _peek(query, where, planner, database))


def _one_request(query: typed.Query, database: Database | None) -> Request | None:
    """The request that says all of a query, where it says how many rows it wants."""
    whole = query.count or query.limit is not None or query.page is not None
    if not whole or long_lists(query.filter) or _is_longer_page(query):
        return None
    try:
        return to_request(replace(query, select=None), _lister(query), None, database)
    except FlowQLError:
        return None


def _is_longer_page(query: typed.Query) -> bool:
    """Whether a page without a limit, which has 200 rows, is more than an endpoint gives."""
    way = walk(query.target)
    short = way is not None and way.endpoint.size < PAGE_SIZE
    return short and query.page is not None and query.limit is None


def _lister(query: typed.Query) -> str | None:
    """The endpoint that lists whole rows, where the one that is asked by default does not."""
    page = endpoints.giving(query.target, Gives.PAGE)
    way = walk(query.target)
    if query.count or way is None or page is None or not page.partial:
        return None
    return way.endpoint.path


def _peek(
    query: typed.Query, where: typed.Predicate, planner: Planner, database: Database | None
) -> Peek | None:
    """The first page, in the query's order, of rows that hold all those that are wanted."""
    way = walk(query.target)
    if way is None or query.limit is None or query.distinct or query.count or way.endpoint.holes:
        return None
    size = way.endpoint.most
    if wanted(query) > size:
        return None
    said = planner.narrowest(query.target, where)
    if said == typed.FALSE:
        return None
    sort = query.sort
    try:
        first = typed.Query(query.target, said, sort, limit=size)
        return Peek(to_request(first, _lister(first), None, database), said)
    except FlowQLError:
        return None


def wanted(query: typed.Query) -> int:
    """How many rows from the first on hold the page asked for."""
    assert isinstance(query.limit, int)
    if isinstance(query.page, int):
        return query.limit * query.page
    return query.limit + (query.offset if isinstance(query.offset, int) else 0)


def _refuse_untold(query: typed.Query, columns: tuple[typed.Column, ...], clause: str) -> None:
    if field := untold_of(columns):
        problem = problems.NotInAnswers(
            span=query.span(clause), entity=query.target.name, field=field.name
        )
        raise FlowQLError([problem])


def _parameters(query: typed.Query) -> Iterator[typed.Parameter]:
    """The parameters of a query that have no value yet."""
    for clause in (query.limit, query.page, query.offset):
        if isinstance(clause, typed.Parameter):
            yield clause
    pending: list[typed.Predicate] = [query.filter]
    while pending:
        match pending.pop():
            case typed.And(operands) | typed.Or(operands):
                pending.extend(reversed(operands))
            case typed.Not(operand):
                pending.append(operand)
            case typed.In(_, values) | typed.TagsMatch(_, _, values):
                yield from (one for one in values if isinstance(one, typed.Parameter))
            case typed.Compare(_, _, value) | typed.TextMatch(_, _, value):
                if isinstance(value, typed.Parameter):
                    yield value
            case typed.Exists(_, inner) | typed.Every(_, inner) | typed.Latest(_, inner):
                pending.append(inner)
            case typed.Count(counted, _, bound):
                if isinstance(bound, typed.Share):
                    pending.append(bound.counted.where)
                elif isinstance(bound, typed.Parameter):
                    yield bound
                pending.append(counted.where)
            case _:
                pass
