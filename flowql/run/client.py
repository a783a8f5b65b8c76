"""A Prefect API asked for the rows of a query: one request where one says it, else a plan of some.

Where the plan stands aside (an `--on` of the command line, `run`), the API is opened from Prefect's
settings; `fetch` and `afetch` take a client of httpx that the user has opened and keeps.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from flowql.diagnostics import FlowQLError
from flowql.run.drivers import adrive, drive
from flowql.run.evaluation import MAX_REQUESTS, MAX_ROWS, Evaluation, evaluate
from flowql.run.http import Api, AsyncApi
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
) -> Answer:
    """The rows that the API at `url` gives, or with None the configured one."""
    evaluation = _evaluation(query, database, max_requests, max_rows)
    with Api(connection(url), timeout, on_answer=on_answer) as api:
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
) -> Answer:
    """The rows that the API at the client's `base_url` gives."""
    evaluation = _evaluation(query, database, max_requests, max_rows)
    return _driven(query, evaluation, Api.of(client, timeout, on_answer=on_answer))


async def afetch(
    query: Query,
    client: httpx.AsyncClient,
    timeout: float | None = None,
    database: Database | None = None,
    *,
    max_requests: int | None = MAX_REQUESTS,
    max_rows: int | None = MAX_ROWS,
    on_answer: Callable[[], None] | None = None,
) -> Answer:
    """The same without blocking."""
    evaluation = _evaluation(query, database, max_requests, max_rows)
    api = AsyncApi.of(client, timeout, on_answer=on_answer)
    try:
        return replace(await adrive(evaluation, api), place=api.shown)
    except FlowQLError as error:
        error.source = error.source or query.source
        raise


def _evaluation(
    query: Query, database: Database | None, max_requests: int | None, max_rows: int | None
) -> Evaluation:
    return evaluate(query.to_plan(database), database, max_requests, max_rows)


def _driven(query: Query, evaluation: Evaluation, api: Api) -> Answer:
    try:
        return replace(drive(evaluation, api), place=api.shown)
    except FlowQLError as error:
        error.source = error.source or query.source
        raise
