"""The oracle as pytest fixtures: `pytest_plugins = ["tests.oracle.fixtures"]` in a conftest.

`prefect_sqlite`, `prefect_postgres` and `prefect_server` (both, one after the other) are real
servers over the awkward rows, and `crowd_sqlite`, `crowd_postgres` and `crowd_server` over the
crowd, `world_sqlite` and `world_postgres` over the rows of the hand-stated cases, and
`tied_sqlite`, `tied_postgres` and `tied_server` over the ties;
`postgres` is an empty database; `awkward` and `duckdb_awkward` are
the same rows as Python values and in DuckDB. Whatever needs PostgreSQL is skipped where no server
can be had, and the run's summary then says so in as many words.

`FLOWQL_ORACLE_PYTHON` names another interpreter whose Prefect is asked, for another version of it.
"""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.oracle.data import AWKWARD, AWKWARD_STATES
from tests.oracle.server import Database, PostgresDatabase, PrefectServer, Row, SqliteDatabase
from tests.oracle.shared import shared_process

if TYPE_CHECKING:
    import duckdb

_NO_POSTGRES = "PostgreSQL is missing, so nothing was compared with it"
NO_SEARCH = "SQLite is too old for Prefect's searches, so PostgreSQL alone was asked for"


@pytest.fixture(scope="session")
def oracle_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all workers of a run: xdist gives each a folder below a common one."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "oracle"


@pytest.fixture(scope="session")
def prefect_sqlite(oracle_folder: Path) -> Iterator[PrefectServer]:
    """A real Prefect over SQLite with the awkward rows."""
    folder = oracle_folder / "prefect-sqlite"
    path = folder / "prefect.db"
    with _prefect(folder, SqliteDatabase(str(path)), f"sqlite+aiosqlite:///{path}") as server:
        yield server


@pytest.fixture(scope="session")
def prefect_postgres(oracle_folder: Path, postgres_cluster: str) -> Iterator[PrefectServer]:
    """A real Prefect over PostgreSQL with the awkward rows."""
    url = postgres_cluster.format(database="postgres")
    driver = url.replace("postgresql://", "postgresql+asyncpg://")
    with _prefect(oracle_folder / "prefect-postgres", PostgresDatabase(url), driver) as server:
        yield server


@pytest.fixture(scope="session")
def crowd_sqlite(oracle_folder: Path) -> Iterator[PrefectServer]:
    """A real Prefect over SQLite with the crowd."""
    with _in_sqlite(oracle_folder, "crowd", _crowd) as server:
        yield server


@pytest.fixture(scope="session")
def crowd_postgres(oracle_folder: Path, postgres_cluster: str) -> Iterator[PrefectServer]:
    """A real Prefect over PostgreSQL with the crowd."""
    with _in_postgres(oracle_folder, postgres_cluster, "crowd", _crowd) as server:
        yield server


@pytest.fixture(scope="session")
def world_sqlite(oracle_folder: Path) -> Iterator[PrefectServer]:
    """A real Prefect over SQLite with the rows of the hand-stated cases."""
    with _in_sqlite(oracle_folder, "world", _world) as server:
        yield server


@pytest.fixture(scope="session")
def world_postgres(oracle_folder: Path, postgres_cluster: str) -> Iterator[PrefectServer]:
    """A real Prefect over PostgreSQL with the rows of the hand-stated cases."""
    with _in_postgres(oracle_folder, postgres_cluster, "world", _world) as server:
        yield server


@pytest.fixture(scope="session")
def tied_sqlite(oracle_folder: Path) -> Iterator[PrefectServer]:
    """A real Prefect over SQLite with the ties."""
    with _in_sqlite(oracle_folder, "tied", _ties) as server:
        yield server


@pytest.fixture(scope="session")
def tied_postgres(oracle_folder: Path, postgres_cluster: str) -> Iterator[PrefectServer]:
    """A real Prefect over PostgreSQL with the ties."""
    with _in_postgres(oracle_folder, postgres_cluster, "tied", _ties) as server:
        yield server


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def tied_server(request: pytest.FixtureRequest) -> PrefectServer:
    """Each of the two with the ties in turn."""
    server: PrefectServer = request.getfixturevalue(f"tied_{request.param}")
    return server


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def crowd_server(request: pytest.FixtureRequest) -> PrefectServer:
    """Each of the two with the crowd in turn."""
    server: PrefectServer = request.getfixturevalue(f"crowd_{request.param}")
    return server


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def prefect_server(request: pytest.FixtureRequest) -> PrefectServer:
    """Each of the two in turn."""
    server: PrefectServer = request.getfixturevalue(f"prefect_{request.param}")
    return server


@pytest.fixture(scope="session")
def postgres_cluster(oracle_folder: Path) -> Iterator[str]:
    """The URL of a PostgreSQL superuser, with `{database}` in the place of the database's name."""
    with shared_process(oracle_folder / "postgres", "tests.oracle.serve_postgres") as state:
        if "missing" in state:
            pytest.skip(f"{_NO_POSTGRES}: {state['missing']}")
        yield state["url"]


@pytest.fixture(scope="session")
def postgres(postgres_cluster: str) -> Iterator[str]:
    """The URL of an empty database, this worker's own; it may be written to."""
    import psycopg

    name = f"scratch_{uuid.uuid4().hex}"
    with psycopg.connect(postgres_cluster.format(database="postgres"), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        yield postgres_cluster.format(database=name)
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def awkward() -> dict[str, list[Row]]:
    """The awkward rows as Python values, the test's own copy."""
    return deepcopy(AWKWARD)


@pytest.fixture(scope="session")
def duckdb_awkward() -> Iterator[duckdb.DuckDBPyConnection]:
    """The awkward rows in DuckDB."""
    from tests.oracle.duck import load

    connection = load(AWKWARD)
    yield connection
    connection.close()


def _awkward() -> dict[str, list[Row]]:
    return AWKWARD | AWKWARD_STATES


def _crowd() -> dict[str, list[Row]]:
    from tests.oracle.crowd import CROWD, CROWD_STATES

    return CROWD | CROWD_STATES


def _ties() -> dict[str, list[Row]]:
    from tests.oracle.ties import TIES

    return TIES


def _world() -> dict[str, list[Row]]:
    from tests.oracle.world import WORLD, WORLD_STATES

    return WORLD | WORLD_STATES


@contextmanager
def _in_sqlite(
    folder: Path, name: str, rows: Callable[[], dict[str, list[Row]]]
) -> Iterator[PrefectServer]:
    """A server with rows of its own, in a file of its own."""
    path = folder / f"{name}-sqlite" / "prefect.db"
    url = f"sqlite+aiosqlite:///{path}"
    with _prefect(path.parent, SqliteDatabase(str(path)), url, rows) as server:
        yield server


@contextmanager
def _in_postgres(
    folder: Path, cluster: str, name: str, rows: Callable[[], dict[str, list[Row]]]
) -> Iterator[PrefectServer]:
    """A server with rows of its own, in a database of its own."""
    import psycopg

    with (
        psycopg.connect(cluster.format(database="postgres"), autocommit=True) as admin,
        # Another worker may have made it, or be about to.
        suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation),
    ):
        admin.execute(f"CREATE DATABASE {name}")
    url = cluster.format(database=name)
    driver = url.replace("postgresql://", "postgresql+asyncpg://")
    database = PostgresDatabase(url)
    with _prefect(folder / f"{name}-postgres", database, driver, rows) as server:
        yield server


@contextmanager
def _prefect(
    folder: Path,
    database: Database,
    driver_url: str,
    rows: Callable[[], dict[str, list[Row]]] = _awkward,
) -> Iterator[PrefectServer]:
    def prepare(state: dict[str, Any]) -> None:
        database.load(rows())

    python = os.environ.get("FLOWQL_ORACLE_PYTHON", sys.executable)
    module = "tests.oracle.serve_prefect"
    with shared_process(folder, module, [driver_url], python=python, prepare=prepare) as state:
        server = PrefectServer(state["api"], state["version"], database)
        try:
            yield server
        finally:
            server.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A skip is easily overlooked; a judge that was not heard must not be."""
    reasons = {
        str(report.longrepr[2])
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple)
        and any(unheard in report.longrepr[2] for unheard in (_NO_POSTGRES, NO_SEARCH))
    }
    for reason in sorted(reasons):
        terminalreporter.write_sep("=", "WARNING", yellow=True, bold=True)
        terminalreporter.write_line(reason.removeprefix("Skipped: "), yellow=True)
