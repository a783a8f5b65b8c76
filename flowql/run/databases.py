"""Prefect's own database asked in SQL: SQLite, PostgreSQL and DuckDB, each opened to be read only.

A folder that tables were exported to is asked by DuckDB, too.

Values go to the driver as bind parameters. Every error of a driver becomes a coded problem.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NoReturn, assert_never

from flowql.diagnostics import FlowQLError
from flowql.diagnostics.run import (
    BadAddress,
    DatabaseFailed,
    DatabaseUnreachable,
    MissingDriver,
    NotADatabase,
    NotPrefects,
)
from flowql.run import Answer
from flowql.run.parquet import connected, first_line, interruptible, views
from flowql.run.places import Duck, Folder, Postgres, Sqlite, masked
from flowql.run.rows import kinds, stored

if TYPE_CHECKING:
    from flowql.api import Query
    from flowql.diagnostics import Diagnostic

Found = tuple[list[str], Sequence[Sequence[Any]]]
"""The names of an answer's columns, and its rows."""

Database = Sqlite | Duck | Folder | Postgres
"""A place that is asked in SQL."""

_STEPS = 50_000
"""Steps of SQLite's machine between two looks at whether the user has pressed Ctrl-C."""

_CONNECT_SECONDS = 10

_ASYNCPG_ONLY = (
    "command_timeout",
    "max_cached_statement_lifetime",
    "prepared_statement_cache_size",
    "prepared_statement_name_func",
    "statement_cache_size",
)
"""Options of Prefect's asynchronous driver that mean nothing to the one used here."""


def ask(query: Query, place: Database) -> Answer:
    """The rows that a database gives."""
    dialect = _dialect(place)
    sql = query.to_sql(dialect, "bind")
    try:
        params = sql.bind()
    except FlowQLError as error:
        raise FlowQLError(error.diagnostics, query.source) from None
    if isinstance(place, Folder):
        names, found = _ask_folder(place, query, sql.text, params)
    else:
        names, found = _execute(place, sql.text, params)
    if query.typed.count:
        return Answer(rows=[], place=str(place), count=int(found[0][0]))
    types = kinds(query.typed)
    json_as_text = dialect != "postgres"
    rows = [
        {
            name: stored(value, types.get(name), json_as_text=json_as_text)
            for name, value in zip(names, row, strict=True)
        }
        for row in found
    ]
    return Answer(rows=rows, place=str(place))


def _dialect(place: Database) -> str:
    match place:
        case Sqlite():
            return "sqlite"
        case Duck() | Folder():
            return "duckdb"
        case Postgres():
            return "postgres"
        case _:
            assert_never(place)


def _execute(place: Sqlite | Duck | Postgres, text: str, params: tuple[object, ...]) -> Found:
    match place:
        case Sqlite():
            return _ask_sqlite(place, text, params)
        case Duck():
            return _ask_duck(place, text, params)
        case Postgres():
            return _ask_postgres(place, text, params)
        case _:
            assert_never(place)


def _ask_sqlite(place: Sqlite, text: str, params: tuple[object, ...]) -> Found:
    uri = f"{place.path.absolute().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            # SQLite runs a statement without looking at signals, unless it is called back.
            connection.set_progress_handler(lambda: 0, _STEPS)
            cursor = connection.execute(text, params)
            return _names(cursor), cursor.fetchall()
    except (sqlite3.Error, OverflowError, ValueError) as error:
        reason = str(error)
        if reason == "interrupted":
            raise KeyboardInterrupt from None
        if "no such table" in reason or "no such column" in reason:
            _refuse(NotPrefects(place=str(place), reason=reason))
        if "not a database" in reason:
            _refuse(NotADatabase(path=str(place)))
        if "unable to open" in reason:
            _refuse(DatabaseUnreachable(place=str(place), reason=reason))
        _refuse(DatabaseFailed(place=str(place), reason=reason))


def _ask_duck(place: Duck, text: str, params: tuple[object, ...]) -> Found:
    try:
        import duckdb
    except ImportError:
        _refuse(MissingDriver(package="duckdb", extra="duckdb"))
    if find_spec("pytz") is None:
        # DuckDB asks for it when it hands a TIMESTAMPTZ to Python.
        _refuse(MissingDriver(package="pytz", extra="duckdb"))
    try:
        with duckdb.connect(str(place.path), read_only=True) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            return interruptible(connection, text, params)
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        _refuse(NotPrefects(place=str(place), reason=first_line(error)))
    except duckdb.IOException as error:
        _refuse(DatabaseUnreachable(place=str(place), reason=first_line(error)))
    except (duckdb.Error, ValueError) as error:
        _refuse(DatabaseFailed(place=str(place), reason=first_line(error)))


def _ask_folder(place: Folder, query: Query, text: str, params: tuple[object, ...]) -> Found:
    with closing(connected()) as connection:
        import duckdb

        try:
            # Names are found where nothing is left to be bound.
            tables = connection.get_table_names(query.to_sql("duckdb", "inline").text)
            views(place.path, tables, connection)
            return interruptible(connection, text, params)
        except (duckdb.CatalogException, duckdb.BinderException) as error:
            _refuse(NotPrefects(place=str(place), reason=first_line(error)))
        except (duckdb.Error, ValueError) as error:
            _refuse(DatabaseFailed(place=str(place), reason=first_line(error)))


def _ask_postgres(place: Postgres, text: str, params: tuple[object, ...]) -> Found:
    try:
        import psycopg
    except ImportError:
        _refuse(MissingDriver(package="psycopg", extra="postgres"))
    options = connection_options(place)

    def reason(error: Exception) -> str:
        said = first_line(error)
        password = options.get("password")
        return said.replace(password, "***") if password else said

    try:
        connection = psycopg.connect(**options)
    except (psycopg.Error, UnicodeError, ValueError) as error:
        _refuse(DatabaseUnreachable(place=str(place), reason=reason(error)))
    try:
        with connection:
            connection.read_only = True
            cursor = connection.execute(text, params)
            return _names(cursor), cursor.fetchall()
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn) as error:
        _refuse(NotPrefects(place=str(place), reason=reason(error)))
    except psycopg.Error as error:
        _refuse(DatabaseFailed(place=str(place), reason=reason(error)))


def connection_options(place: Postgres) -> dict[str, Any]:
    """What the driver is told, from any spelling of the URL that SQLAlchemy takes.

    Raises `FlowQLError` where it is none.
    """
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        url = make_url(place.url).set(drivername="postgresql+psycopg")
        given = dict(url.query)
        if "ssl" in given:
            given.setdefault("sslmode", given.pop("ssl"))
        for name in _ASYNCPG_ONLY:
            given.pop(name, None)
        url = url.set(query=given)
        _, options = url.get_dialect()().create_connect_args(url)
    except (ArgumentError, ValueError):
        reason = "it is written postgresql://USER:PASSWORD@HOST:PORT/DATABASE"
        _refuse(BadAddress(address=masked(place.url), reason=reason))
    return {"connect_timeout": _CONNECT_SECONDS, "application_name": "flowql", **options}


def _names(cursor: Any) -> list[str]:
    return [column[0] for column in cursor.description]


def _refuse(problem: Diagnostic) -> NoReturn:
    raise FlowQLError([problem]) from None
