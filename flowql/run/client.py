"""A Prefect API asked for the rows of a query: one request where one says it, else a plan of some.

Where the plan stands aside (an `--on` of the command line, `run`), the API is opened from Prefect's
settings; `fetch` and `afetch` take a client of httpx that the user has opened and keeps.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from flowql.diagnostics import FlowQLError
from flowql.limits import MAX_REQUESTS, MAX_ROWS
from flowql.run.asking import Asking
from flowql.run.drivers import adrive, drive
from flowql.run.evaluation import Evaluation, asked_by
from flowql.run.http import Api, AsyncApi
from flowql.run.progress import Progress, telling
from flowql.run.settings import connection

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from flowql.api import Query
    from flowql.run import Answer

Database = Literal["sqlite", "postgres"]


def request(
    query: Query,
    url: str | None,
    timeout: float | None = None,
    database: Database | None = None,
    *,
    max_requests: int | None = MAX_REQUESTS,
    max_rows: int | None = MAX_ROWS,
    on_answer: Callable[[], None] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Answer:
    """The rows that the API at `url` gives, or with None the configured one.

    `on_answer` and `on_progress` are called after each answer, in the thread that asks.
    """
    asking = Asking(max_requests, max_rows)
    evaluation = _evaluation(query, database, asking)
    told = telling(asking, on_answer, on_progress)
    with Api(connection(url), timeout, on_answer=told) as api:
        return _driven(query, evaluation, api)


def fetch(
    query: Query,
    client: httpx.Client,
    timeout: float | None = None,
    database: Database | None = None,
    *,
    max_requests: int | None = MAX_REQUESTS,
    max_rows: int | None = MAX_ROWS,
    on_answer: Callable[[], None] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Answer:
    """The rows that the API at the client's `base_url` gives."""
    asking = Asking(max_requests, max_rows)
    evaluation = _evaluation(query, database, asking)
    told = telling(asking, on_answer, on_progress)
    return _driven(query, evaluation, Api.of(client, timeout, on_answer=told))


async def afetch(
    query: Query,
    client: httpx.AsyncClient,
    timeout: float | None = None,
    database: Database | None = None,
    *,
    max_requests: int | None = MAX_REQUESTS,
    max_rows: int | None = MAX_ROWS,
    on_answer: Callable[[], None] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Answer:
    """The same without blocking."""
    asking = Asking(max_requests, max_rows)
    evaluation = _evaluation(query, database, asking)
    api = AsyncApi.of(client, timeout, on_answer=telling(asking, on_answer, on_progress))
    try:
        return replace(await adrive(evaluation, api), place=api.shown)
    except FlowQLError as error:
        error.source = error.source or query.source
        raise


def _evaluation(query: Query, database: Database | None, asking: Asking) -> Evaluation:
    return asked_by(asking, query.to_plan(database), database)


def _driven(query: Query, evaluation: Evaluation, api: Api) -> Answer:
    try:
        return replace(drive(evaluation, api), place=api.shown)
    except FlowQLError as error:
        error.source = error.source or query.source
        raise
