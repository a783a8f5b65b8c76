"""One request to Prefect's API: sent, and its answer checked before anybody believes it.

Only what one request says exactly is sent (`Query.to_request`); what it cannot is refused there.
`select` is put aside for the request and done here afterwards, which changes no row: it comes after
filter, sort and page, and keeps of each row the fields that the answer has.
"""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, NonNegativeInt, PositiveInt, TypeAdapter

from flowql.backends.predicate.order import answer as selected
from flowql.backends.predicate.tables import Tables
from flowql.diagnostics import FlowQLError
from flowql.run import Answer
from flowql.run.http import Api
from flowql.run.rows import plain
from flowql.run.settings import connection

if TYPE_CHECKING:
    from flowql.api import Query
    from flowql.diagnostics import Diagnostic


class Row(BaseModel):
    """A row of an answer: it has an id, and whatever else its server's version gives it."""

    model_config = ConfigDict(extra="allow")

    id: UUID


class Process(BaseModel):
    """A row that no table has: a server's memory of a process."""

    model_config = ConfigDict(extra="allow")

    identifier: str


class Events(BaseModel):
    """The answer about events."""

    events: list[Row]
    total: NonNegativeInt


class Page(BaseModel):
    """The answer of a paginate endpoint."""

    results: list[Row]
    count: NonNegativeInt
    limit: NonNegativeInt
    pages: NonNegativeInt
    page: PositiveInt


PAGE = TypeAdapter(Page)
ROWS = TypeAdapter(list[Row])
PROCESSES = TypeAdapter(list[Process])
EVENTS = TypeAdapter(Events)
NUMBER = TypeAdapter(NonNegativeInt)


def request(
    query: Query,
    url: str | None,
    timeout: float | None = None,
    database: Literal["sqlite", "postgres"] | None = None,
) -> Answer:
    """The rows that the API at `url` gives, or with None the configured one."""
    whole = copy(query)
    whole.typed = replace(query.typed, select=None)
    wanted = whole.to_request(database=database)
    with Api(connection(url), timeout) as api:
        if query.typed.count:
            count, _ = api.ask(wanted, NUMBER)
            return Answer(rows=[], place=api.shown, count=count)
        if query.typed.target.name == "events":
            found, document = api.ask(wanted, EVENTS)
            rows = _selected(query, document["events"])
            return Answer(rows=rows, place=api.shown, count=found.total)
        if not wanted.path.endswith("/paginate"):
            stored = bool(query.typed.target.table)
            _, rows = api.ask(wanted, ROWS) if stored else api.ask(wanted, PROCESSES)
            return Answer(rows=_selected(query, rows), place=api.shown)
        page, document = api.ask(wanted, PAGE)
        return Answer(
            rows=_selected(query, document["results"]),
            place=api.shown,
            count=page.count,
            page=page.page,
            pages=page.pages,
        )


def _selected(query: Query, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows reduced to what the query selects, with the values that the answer has.

    In two things these differ from the stored ones: the API gives `work_queue_name` from the
    related queue, where the filter reads the row's own copy, and `labels` that are null as `{}`.
    """
    if query.typed.select is None:
        return rows
    found: list[Diagnostic] = []
    tables = Tables({query.typed.target.name: rows}, found)
    table = tables.table(query.typed.target)
    chosen = selected(query.typed, tables, table, list(range(len(rows))))
    if found:
        raise FlowQLError(found, query.source)
    return [plain(row) for row in chosen]
