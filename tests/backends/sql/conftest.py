"""The three engines over the awkward rows, behind one face."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.backends.sql.engines import Engine


@pytest.fixture(scope="session", params=["sqlite", "postgres", "duckdb"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Each engine in turn."""
    if request.param == "duckdb":
        yield Engine("duckdb", request.getfixturevalue("duckdb_awkward"))
        return
    server = request.getfixturevalue(f"prefect_{request.param}")
    with closing(server.connect()) as connection:
        yield Engine(request.param, connection)
