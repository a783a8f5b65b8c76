"""Prefect's rows in DuckDB, under Prefect's table and column names.

Times are TIMESTAMPTZ, ids UUID, durations INTERVAL; tags and all other JSON are text as Python's
`json.dumps` writes it, in VARCHAR. The session's time zone is UTC: by default DuckDB gives times in
the machine's zone and casts between TIMESTAMP and TIMESTAMPTZ by it. Reading a TIMESTAMPTZ into
Python needs the package `pytz`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tests.oracle.schema import COLUMNS, Kind

if TYPE_CHECKING:
    import duckdb

_TYPES: dict[Kind, str] = {
    "uuid": "UUID",
    "text": "VARCHAR",
    "enum": "VARCHAR",
    "int": "BIGINT",
    "bool": "BOOLEAN",
    "time": "TIMESTAMPTZ",
    "interval": "INTERVAL",
    "json": "VARCHAR",
    "plain_json": "VARCHAR",
}


def load(tables: Mapping[str, Iterable[dict[str, Any]]]) -> duckdb.DuckDBPyConnection:
    """A new database in memory that holds these rows."""
    import duckdb

    connection = duckdb.connect(":memory:", config={"threads": 1})
    connection.execute("SET TimeZone = 'UTC'")
    for table, rows in tables.items():
        columns = COLUMNS[table]
        declared = ", ".join(f'"{name}" {_TYPES[kind]}' for name, kind in columns.items())
        connection.execute(f"CREATE TABLE {table} ({declared})")
        # One statement with the values inline: DuckDB takes seconds to bind thousands one by one.
        values = ",\n".join(
            "(" + ", ".join(_literal(kind, row[name]) for name, kind in columns.items()) + ")"
            for row in rows
        )
        if values:
            connection.execute(f"INSERT INTO {table} VALUES {values}")
    return connection


def _literal(kind: Kind, value: Any) -> str:
    if kind == "plain_json" or (kind == "json" and value is not None):
        return _text(json.dumps(value))
    match value:
        case None:
            return "NULL"
        case bool():
            return str(value).upper()
        case int():
            return str(value)
        case UUID():
            return f"UUID '{value}'"
        case datetime():
            return f"TIMESTAMPTZ '{value.isoformat(sep=' ', timespec='microseconds')}'"
        case timedelta():
            # Days apart from the rest, as PostgreSQL keeps what psycopg sends.
            rest = value.seconds * 1_000_000 + value.microseconds
            return f"INTERVAL ({value.days}) DAY + INTERVAL ({rest}) MICROSECOND"
        case str():
            return _text(value)
        case _:
            raise TypeError(f"no DuckDB literal for {value!r}")


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
