"""A running Prefect and the database behind it, asked through the API and in SQL.

Both connections can only read: the rows are shared by every test of the run.
"""

from __future__ import annotations

import json
import re
import sqlite3
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from typing import Any, Literal

import httpx

from tests.oracle.schema import COLUMNS, TABLES, Kind
from tests.oracle.storage import from_postgres, from_sqlite, to_postgres, to_sqlite

Row = dict[str, Any]
Json = Any
Parameters = Sequence[Any] | Mapping[str, Any]

PAGE = 200
"""The most rows that Prefect gives in one answer."""

EVENTS_PAGE = 50
"""The most events."""

_WALK_SORT = {
    "flows": "NAME_ASC",
    "flow_runs": "ID_DESC",
    "task_runs": "ID_DESC",
    "deployments": "NAME_ASC",
    "artifacts": "ID_DESC",
    "artifacts/latest": "ID_DESC",
    "variables": "NAME_ASC",
}
"""Flows and variables have unique names. Those of deployments, automations and block documents are
not, nor are the times of logs, so their walk is right on one page only."""

_COUNTED = frozenset(
    {
        "flows",
        "flow_runs",
        "task_runs",
        "deployments",
        "work_pools",
        "artifacts",
        "artifacts/latest",
        "variables",
        "automations",
        "block_documents",
    }
)


class Refused(Exception):
    """The server answered a walk with something else than rows."""


def identity(row: Row) -> str:
    """What tells a row of an answer or of a table from all others."""
    return str(row["id"] if "id" in row else row["identifier"])


class Database:
    """Prefect's database without its API: `execute` for one statement, `tables` for the rows."""

    engine: Literal["sqlite", "postgres"]
    url: str

    def __init__(self) -> None:
        self._kept: Any = None
        self._lock = threading.Lock()

    def close(self) -> None:
        """Ends the connection that `execute` keeps."""
        with self._lock:
            if self._kept is not None:
                self._kept.close()
                self._kept = None

    def connect(self) -> Any:
        """A new connection that can only read, of `sqlite3` or `psycopg`; the caller closes it."""
        raise NotImplementedError

    def execute_tuples(self, sql: str, params: Parameters = ()) -> list[tuple[Any, ...]]:
        """The rows of one statement, as the driver gives them."""
        return self._run(sql, params)[1]

    def execute(self, sql: str, params: Parameters = ()) -> list[Row]:
        """The same as dicts; two columns of one name would hide each other and are an error."""
        names, rows = self._run(sql, params)
        assert len(set(names)) == len(names), f"columns of equal name: {names}"
        return [dict(zip(names, row, strict=True)) for row in rows]

    def _run(self, sql: str, params: Parameters) -> tuple[list[str], list[tuple[Any, ...]]]:
        with self._lock:
            if self._kept is None or getattr(self._kept, "closed", False):
                # One connection for all statements: PostgreSQL's takes longer than they do.
                self._kept = self.connect()
            # psycopg reads `%` as a placeholder only where parameters are given.
            cursor = self._kept.execute(sql, params) if params else self._kept.execute(sql)
            return [column[0] for column in cursor.description or ()], cursor.fetchall()

    def tables(self) -> dict[str, list[Row]]:
        """The entities' rows as Python values, ordered by id; unknown columns are left out."""
        return {
            table: [
                {name: self._value(table, name, value) for name, value in row.items()}
                for row in self.execute(f"SELECT {_names(table)} FROM {table} ORDER BY id")
            ]
            for table in TABLES
        }

    def load(self, rows: Mapping[str, Iterable[Row]]) -> None:
        """Replaces the rows of these tables; relations among them may be circular."""
        raise NotImplementedError

    def _value(self, table: str, column: str, value: Any) -> Any:
        raise NotImplementedError


class SqliteDatabase(Database):
    engine = "sqlite"

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.url = f"sqlite:///{path}"

    def connect(self) -> sqlite3.Connection:
        return sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, check_same_thread=False)

    def load(self, rows: Mapping[str, Iterable[Row]]) -> None:
        # sqlite3 leaves foreign keys unchecked unless asked, so any order of the tables will do.
        with closing(sqlite3.connect(self.path)) as connection, connection:
            for table, table_rows in rows.items():
                connection.execute(f"DELETE FROM {table}")
                connection.executemany(
                    _insert(table, "?"),
                    [_stored(to_sqlite, table, row) for row in table_rows],
                )

    def _value(self, table: str, column: str, value: Any) -> Any:
        return from_sqlite(COLUMNS[table][column], value)


class PostgresDatabase(Database):
    engine = "postgres"

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url

    def connect(self) -> Any:
        import psycopg

        return psycopg.connect(
            self.url, autocommit=True, options="-c default_transaction_read_only=on"
        )

    def load(self, rows: Mapping[str, Iterable[Row]]) -> None:
        import psycopg

        with psycopg.connect(self.url) as connection, connection.cursor() as cursor:
            # As a replica does, the session leaves foreign keys unchecked.
            cursor.execute("SET session_replication_role = replica")
            for table, table_rows in rows.items():
                cursor.execute(f"DELETE FROM {table}")
                cursor.executemany(
                    _insert(table, "%s"),
                    [_stored(to_postgres, table, row) for row in table_rows],
                )
            connection.commit()
            connection.autocommit = True
            cursor.execute("ANALYZE")

    def _value(self, table: str, column: str, value: Any) -> Any:
        return from_postgres(value)


def _names(table: str) -> str:
    return ", ".join(f'"{name}"' for name in COLUMNS[table])


def _stored(store: Callable[[Kind, Any], Any], table: str, row: Row) -> list[Any]:
    return [store(kind, row[name]) for name, kind in COLUMNS[table].items()]


def _insert(table: str, placeholder: str) -> str:
    marks = ", ".join([placeholder] * len(COLUMNS[table]))
    return f"INSERT INTO {table} ({_names(table)}) VALUES ({marks})"


class PrefectServer:
    """Prefect's API on loopback, with its database."""

    def __init__(self, api_url: str, version: str, database: Database) -> None:
        self.api_url = api_url
        self.version = version
        self.database = database
        self.engine = database.engine
        self.url = database.url
        self.connect = database.connect
        self.execute = database.execute
        self.execute_tuples = database.execute_tuples
        # After a 500 uvicorn drops the connection without a word, so none is used twice.
        limits = httpx.Limits(max_keepalive_connections=0)
        self._client = httpx.Client(timeout=60, trust_env=False, limits=limits)
        self._tables: dict[str, list[Row]] | None = None
        self._lock = threading.Lock()

    def close(self) -> None:
        self._client.close()
        self.database.close()

    def post(self, path: str, body: Json) -> tuple[int, Json]:
        """Status and answer of one request; the path without `/api`, as in `/flows/filter`.

        The body goes out in ASCII, so that a lone surrogate reaches the server as JSON spells it.
        """
        return self.post_text(path, json.dumps(body))

    def post_text(self, path: str, text: str) -> tuple[int, Json]:
        """The same for a body that is already text."""
        answer = self._client.post(
            self.api_url + path, content=text, headers={"content-type": "application/json"}
        )
        try:
            return answer.status_code, answer.json()
        except ValueError:
            return answer.status_code, answer.text

    def get(self, path: str) -> tuple[int, Json]:
        answer = self._client.get(self.api_url + path)
        return answer.status_code, answer.json()

    def openapi(self) -> Json:
        """The schema that the server publishes of itself."""
        answer = self._client.get(self.api_url.removesuffix("/api") + "/openapi.json")
        return answer.raise_for_status().json()

    @property
    def searches(self) -> bool:
        """Whether it can search logs and events: Prefect 3.8 needs SQLite 3.44 for it."""
        if self.engine != "sqlite" or self.version >= "3.9":
            return True
        try:
            self.execute_tuples("SELECT concat('a', 'b')")
        except sqlite3.OperationalError:
            return False
        return True

    def walk(self, entity: str, body: Mapping[str, Json] | None = None) -> list[Row]:
        """Every row that the body selects, each once, as the API shows it.

        `entity` is `flow_runs` or any of its paths, `/flow_runs/paginate`. The body's own sort,
        limit, page and offset are put aside. Of events, those of the last 180 days are selected
        unless the body says when they occurred.
        """
        entity = re.sub(r"^/|/(filter|paginate|count)$", "", entity)
        if entity == "events":
            return self._walk_events(body or {})
        if entity == "task_workers":
            return self._rows("/task_workers/filter", body or {})
        filters = {
            key: value
            for key, value in (body or {}).items()
            if key not in {"sort", "limit", "offset", "page"}
        }
        sort = {"sort": _WALK_SORT[entity]} if entity in _WALK_SORT else {}
        rows: list[Row] = []
        while len(rows) % PAGE == 0:
            request = {**filters, **sort, "limit": PAGE, "offset": len(rows)}
            page = self._rows(f"/{entity}/filter", request)
            rows += page
            if not page:
                break
        assert len({row["id"] for row in rows}) == len(rows), f"{entity}: a row came twice"
        if entity in _COUNTED:
            status, count = self.post(f"/{entity}/count", filters)
            assert (status, count) == (200, len(rows)), f"{entity}: {count} counted, {len(rows)}"
        return rows

    def _walk_events(self, body: Mapping[str, Json]) -> list[Row]:
        """Events come 50 a page, and an answer has the whole address of the next."""
        status, page = self.post("/events/filter", {**body, "limit": EVENTS_PAGE})
        rows: list[Row] = []
        while True:
            if status != 200:
                raise Refused(f"/events/filter {body!r}: {status} {page!r}")
            rows += page["events"]
            if page["next_page"] is None:
                break
            address = page["next_page"].removeprefix(self.api_url)
            status, page = self.get(address)
        assert len({row["id"] for row in rows}) == len(rows), "events: a row came twice"
        assert page["total"] == len(rows), f"events: {page['total']} counted, {len(rows)}"
        return rows

    def ids(self, entity: str, body: Mapping[str, Json] | None = None) -> set[str]:
        """The ids of a walk, as lower-case text; of task workers, their names."""
        return {identity(row) for row in self.walk(entity, body)}

    def tables(self) -> dict[str, list[Row]]:
        """The stored rows as Python values; read once, so take copies before changing any."""
        with self._lock:
            if self._tables is None:
                self._tables = self.database.tables()
            return self._tables

    def _rows(self, path: str, body: Json) -> list[Row]:
        status, answer = self.post(path, body)
        if status != 200 or not isinstance(answer, list):
            raise Refused(f"POST {path} {body!r}: {status} {answer!r}")
        return answer
