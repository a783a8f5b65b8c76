"""Small sets of rows in each engine, asked one query at a time.

The rows stand in tables with Prefect's columns and the engine's own types, as Prefect keeps them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any

import flowql
from flowql.catalog import Type, entities
from tests.oracle.schema import COLUMNS
from tests.oracle.storage import to_postgres, to_sqlite

Tables = Mapping[str, list[dict[str, Any]]]
Answer = list[tuple[Any, ...]]
Engine = Callable[[flowql.Query], Answer]
"""Asks a query and gives its rows as tuples: the id alone unless fields are selected."""


def in_memory(tables: Tables) -> Engine:
    def ask(query: flowql.Query) -> Answer:
        rows = query.select(tables)
        if query.typed.count or query.typed.select is not None:
            return [tuple(row.values()) for row in rows]
        return [(row["id"],) for row in rows]

    return ask


@contextmanager
def in_sqlite(tables: Tables) -> Iterator[Engine]:
    with closing(sqlite3.connect(":memory:")) as connection:
        for table, rows in tables.items():
            names = ", ".join(f'"{name}"' for name in COLUMNS[table])
            connection.execute(f"CREATE TABLE {table} ({names})")
            connection.executemany(
                _insert(table, "?"),
                [
                    [to_sqlite(kind, row[name]) for name, kind in COLUMNS[table].items()]
                    for row in rows
                ],
            )
        yield _in_sql("sqlite", connection.execute)


@contextmanager
def in_duckdb(tables: Tables) -> Iterator[Engine]:
    from tests.oracle.duck import load

    with closing(load(tables)) as connection:
        yield _in_sql("duckdb", connection.execute)


_POSTGRES = {
    "uuid": "uuid", "text": "text", "int": "integer", "bool": "boolean", "time": "timestamptz",
    "interval": "interval", "json": "jsonb", "plain_json": "json",
}  # fmt: skip


@contextmanager
def in_postgres(url: str, tables: Tables, schema: str) -> Iterator[Engine]:
    """In a schema of its own of a database that may be written to."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {schema}")
        cursor.execute(f"SET search_path TO {schema}")
        for table, rows in tables.items():
            declared = []
            for name, kind in COLUMNS[table].items():
                of = f"{table}_{name}" if kind == "enum" else _POSTGRES[kind]
                if kind == "enum":
                    labels = ", ".join(f"'{label}'" for label in _labels(table, name))
                    cursor.execute(f"CREATE TYPE {of} AS ENUM ({labels})")
                declared.append(f'"{name}" {of}')
            cursor.execute(f"CREATE TABLE {table} ({', '.join(declared)})")
            cursor.executemany(
                _insert(table, "%s"),
                [
                    [to_postgres(kind, row[name]) for name, kind in COLUMNS[table].items()]
                    for row in rows
                ],
            )
        yield _in_sql("postgres", lambda text, params: cursor.execute(text, params or None))
        cursor.execute(f"DROP SCHEMA {schema} CASCADE")


def _insert(table: str, mark: str) -> str:
    return f"INSERT INTO {table} VALUES ({', '.join([mark] * len(COLUMNS[table]))})"


def _labels(table: str, column: str) -> tuple[str, ...]:
    (entity,) = (entity for entity in entities().values() if entity.table == table)
    (found,) = (f for f in entity.fields if f.column == column and f.type is Type.ENUM)
    return found.choices


def _in_sql(dialect: str, execute: Callable[[str, Any], Any]) -> Engine:
    def ask(query: flowql.Query) -> Answer:
        answers = []
        for params in ("inline", "bind"):
            sql = query.to_sql(dialect, params)
            cursor = execute(sql.text, sql.params)
            names = [column[0] for column in cursor.description]
            rows = [tuple(row) for row in cursor.fetchall()]
            if not query.typed.count and query.typed.select is None:
                rows = [(row[names.index("id")],) for row in rows]
            answers.append(rows)
        assert answers[0] == answers[1], "inline and bound differ"
        return answers[0]

    return ask
