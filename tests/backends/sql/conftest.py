"""The three engines over the awkward rows, behind one face."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.backends.sql.engines import Engine


@pytest.fixture
def engine(connected: Engine) -> Engine:
    """Each engine in turn."""
    return connected


@pytest.fixture(scope="session", params=["sqlite", "postgres", "duckdb"])
def connected(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A connection to each engine, open as long as the tests run."""
    if request.param == "duckdb":
        yield Engine("duckdb", request.getfixturevalue("duckdb_awkward"))
        return
    server = request.getfixturevalue(f"prefect_{request.param}")
    with closing(server.connect()) as connection:
        yield Engine(request.param, connection)
