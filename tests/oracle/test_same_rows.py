"""One meaning in every back end: random queries, the same rows everywhere.

Each query is asked of memory, of SQL on SQLite, PostgreSQL and DuckDB, inline and
bound, and where one request can say it, of a real Prefect on SQLite and on
PostgreSQL.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from flowql import typed
from flowql.rewrite.ground import OutOfCalendar, ground
from tests import judge, strategies
from tests.oracle.data import AWKWARD
from tests.sayable import sayable

if TYPE_CHECKING:
    from tests.oracle.server import PrefectServer

_SETTINGS = settings(suppress_health_check=list(HealthCheck), deadline=None)


def _grounded(query: typed.Query, moment: tuple[datetime, str]) -> typed.Query | None:
    now, zone = moment
    try:
        return ground(query, now.astimezone(UTC), ZoneInfo(zone))
    except OutOfCalendar:
        return None


@pytest.fixture(scope="module")
def sqlite(prefect_sqlite: PrefectServer) -> judge.Engine:
    return judge.sqlite_engine(prefect_sqlite)


@pytest.fixture(scope="module")
def postgres_database(prefect_postgres: PrefectServer) -> judge.Engine:
    return judge.postgres_engine(prefect_postgres)


@pytest.fixture(scope="module")
def duck(duckdb_awkward: Any) -> judge.Engine:
    return judge.duckdb_engine(duckdb_awkward, AWKWARD)


@given(strategies.queries(), strategies.MOMENTS)
@_SETTINGS
def test_sqlite(sqlite: judge.Engine, query: typed.Query, moment: tuple[datetime, str]) -> None:
    if (grounded := _grounded(query, moment)) is not None:
        judge.check_sql(grounded, sqlite)


@given(strategies.queries(), strategies.MOMENTS)
@_SETTINGS
def test_postgres(
    postgres_database: judge.Engine, query: typed.Query, moment: tuple[datetime, str]
) -> None:
    if (grounded := _grounded(query, moment)) is not None:
        judge.check_sql(grounded, postgres_database)


@given(strategies.queries(), strategies.MOMENTS)
@_SETTINGS
def test_duckdb(duck: judge.Engine, query: typed.Query, moment: tuple[datetime, str]) -> None:
    if (grounded := _grounded(query, moment)) is not None:
        judge.check_sql(grounded, duck)


@given(st.one_of(sayable(), strategies.queries(depth=3)), strategies.MOMENTS)
@_SETTINGS
def test_requests_on_sqlite(
    prefect_sqlite: PrefectServer,
    sqlite: judge.Engine,
    query: typed.Query,
    moment: tuple[datetime, str],
) -> None:
    if (grounded := _grounded(query, moment)) is not None:
        event(f"said: {judge.check_request(grounded, prefect_sqlite, sqlite)}")


@given(st.one_of(sayable(), strategies.queries(depth=3)), strategies.MOMENTS)
@_SETTINGS
def test_requests_on_postgres(
    prefect_postgres: PrefectServer,
    postgres_database: judge.Engine,
    query: typed.Query,
    moment: tuple[datetime, str],
) -> None:
    if (grounded := _grounded(query, moment)) is not None:
        event(f"said: {judge.check_request(grounded, prefect_postgres, postgres_database)}")
