"""What talks to the world: Prefect's API, databases and the demo that needs neither.

`run(query, on)` gives the rows of a query as JSON values, wherever they are. Promised: nothing is
ever written to what is asked; the rows are exactly the query's, or there is a coded problem; keys
and passwords appear in no answer, message or repr; no other exception leaves for anything that a
user, a file or a server can do. `saved` alone writes, and saved searches of FlowQL's own alone.

`places` reads what `--on` says; `databases` and `client` ask; `export` copies a database's tables
to a folder, which `parquet` writes and opens; `settings` reads Prefect's own;
`rows` turns stored values into JSON; `table` draws; `demo` makes the demo; `why` says of a row why
a query selects it or not; `estimating` says what a plan comes to, `curl` what it sends.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, assert_never

from flowql.limits import MAX_REQUESTS, MAX_ROWS

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from flowql.api import Query
    from flowql.run.progress import Progress

__all__ = ["Answer", "run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a place answers to a query.

    `rows` are JSON values, keyed as the place keys them: by Prefect's columns or by the API's
    names; with `select` by field. `count` is how many rows there are in all, where that is known,
    and the number itself for a query that counts. `page` of `pages` is which of them these are,
    where the place counts pages. `place` says who answered.
    """

    rows: list[dict[str, Any]]
    place: str
    count: int | None = None
    page: int | None = None
    pages: int | None = None
    requests: int | None = None
    """How many requests an API was sent."""
    fetched: int | None = None
    """How many rows it answered in all."""
    changed: int = 0
    """How many of these changed from one request to another."""

    @property
    def extent(self) -> str:
        """How many rows these are: `8 rows`, or `page 1 of 3, 47 rows in all`."""
        count = len(self.rows) if self.pages is None or self.count is None else self.count
        rows = f"{count:,} row{'' if count == 1 else 's'}" if count else "no rows"
        return f"page {self.page} of {self.pages}, {rows} in all" if self.pages else rows

    @property
    def effort(self) -> str:
        """What it took: `by 16 requests (1,707 rows fetched)`."""
        many = f"by {self.requests:,} request{'' if self.requests == 1 else 's'}"
        fetched = self.fetched or 0
        return f"{many} ({fetched:,} row{'' if fetched == 1 else 's'} fetched)"


def run(
    query: Query,
    on: str | os.PathLike[str] | None = None,
    *,
    timeout: float | None = None,
    database: Literal["sqlite", "postgres"] | None = None,
    max_requests: int | None = MAX_REQUESTS,
    max_rows: int | None = MAX_ROWS,
    on_progress: Callable[[Progress], None] | None = None,
) -> Answer:
    """The rows that the query selects.

    `on` is a database file, a folder that tables were exported to, a SQLAlchemy URL, the URL of a
    Prefect API, `prefect` for the API that Prefect's settings name, or None for the demo. Of APIs
    alone: `timeout` is how many seconds each request may take, `database` what the server stores
    its rows in, on which the case of events hangs; more than `max_requests` and `max_rows` are
    refused (None: any number may be taken), and `on_progress` is called after each answer. Raises
    `FlowQLError`.
    """
    from flowql.run import places

    match place := places.find(on):
        case places.Demo():
            from flowql.run.databases import ask
            from flowql.run.demo import demo_path

            return ask(query, places.Sqlite(demo_path(query.now)))
        case places.Sqlite() | places.Duck() | places.Folder() | places.Postgres():
            from flowql.run.databases import ask

            return ask(query, place)
        case places.Api():
            from flowql.run.client import request

            return request(
                query,
                place.url,
                timeout,
                database,
                max_requests=max_requests,
                max_rows=max_rows,
                on_progress=on_progress,
            )
        case _:
            assert_never(place)
