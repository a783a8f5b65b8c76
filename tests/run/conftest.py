"""Places to run queries on: each engine's database and the servers, real and faulty."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.oracle.data import AWKWARD
from tests.oracle.duck import load
from tests.oracle.server import PrefectServer, SqliteDatabase
from tests.oracle.shared import shared_process
from tests.run.faults import Proxy, Server, before, faulty


@pytest.fixture(autouse=True)
def no_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The developer's own settings, of Prefect and of the network, are no part of a test."""
    for name in list(os.environ):
        if name.startswith("PREFECT_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "prefect-home"))


@pytest.fixture
def server() -> Iterator[Server]:
    """A server that does wrong what its paths say."""
    with faulty() as running:
        yield running


@pytest.fixture
def proxy(prefect_server: PrefectServer) -> Iterator[Proxy]:
    """Each of the real servers, behind a proxy that fails when it is told to."""
    with before(prefect_server.api_url) as running:
        yield running


@pytest.fixture(scope="session")
def duckdb_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The awkward rows in a DuckDB file."""
    path = tmp_path_factory.mktemp("duck") / "prefect.duckdb"
    connection = load(AWKWARD)
    connection.execute(f"ATTACH '{path}' AS file; COPY FROM DATABASE memory TO file; DETACH file")
    connection.close()
    return path


@pytest.fixture(scope="session")
def sqlite_file(prefect_sqlite: PrefectServer) -> Path:
    """The awkward rows in the SQLite file of a running Prefect."""
    return Path(prefect_sqlite.url.removeprefix("sqlite:///"))


@pytest.fixture(scope="module")
def guarded(oracle_folder: Path) -> Iterator[str]:
    """A real Prefect with a password and protection against forged requests."""
    folder = oracle_folder / "prefect-guarded"
    url = f"sqlite+aiosqlite:///{folder / 'prefect.db'}"
    arguments = [url, "admin:tell-nobody"]

    def prepare(_: object) -> None:
        SqliteDatabase(str(folder / "prefect.db")).load(AWKWARD)

    with shared_process(folder, "tests.run.serve_guarded", arguments, prepare=prepare) as state:
        yield state["api"]
