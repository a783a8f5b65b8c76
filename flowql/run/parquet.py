"""A folder of Parquet files with Prefect's tables, one file a table, and what describes them.

Values are kept exactly: ids as UUID, times in microseconds of UTC, JSON as its text, durations as
whole microseconds, since Parquet's own INTERVAL knows only milliseconds. `views` gives a connection
in which each file is a table of Prefect's, with the types that the SQL for DuckDB is written for;
nothing is ever written through it. Nothing here knows where rows come from (see `export`).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NoReturn

from flowql.catalog import entities
from flowql.diagnostics import FlowQLError
from flowql.diagnostics.export import (
    DamagedExport,
    NotAnExport,
    NotExported,
    UnknownExportFormat,
)
from flowql.diagnostics.run import MissingDriver, UnreadableFile
from flowql.run.places import shown_path

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from flowql.diagnostics import Diagnostic

DESCRIPTION = "flowql-export.json"
"""The file that makes a folder an export."""

FORMAT = 1
"""The version of the folder's layout; another one is refused."""

ROWS = 10_000
"""Rows of one batch, and of one group of rows in a file."""

_LONGEST = 1_000_000
"""Bytes of a description that are read; ours have a few thousand."""


class Kind(Enum):
    """What a column holds, by the name that the description has for it."""

    UUID = "uuid"
    TEXT = "text"
    TIME = "time"
    DURATION = "duration"
    JSON = "json"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    NUMBER = "number"
    BYTES = "bytes"


@dataclass(frozen=True, slots=True)
class _Stored:
    """How a kind is given to DuckDB, and the type that it has in a file."""

    given: str
    kept: str


_STORED: Mapping[Kind, _Stored] = {
    Kind.UUID: _Stored("VARCHAR", "UUID"),
    Kind.TEXT: _Stored("VARCHAR", "VARCHAR"),
    Kind.TIME: _Stored("VARCHAR", "TIMESTAMP WITH TIME ZONE"),
    Kind.DURATION: _Stored("BIGINT", "BIGINT"),
    Kind.JSON: _Stored("VARCHAR", "VARCHAR"),
    Kind.BOOLEAN: _Stored("BOOLEAN", "BOOLEAN"),
    Kind.INTEGER: _Stored("BIGINT", "BIGINT"),
    Kind.NUMBER: _Stored("DOUBLE", "DOUBLE"),
    Kind.BYTES: _Stored("BLOB", "BLOB"),
}

Columns = Mapping[str, Kind]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of an export."""

    rows: int
    columns: Columns


@dataclass(frozen=True, slots=True)
class Export:
    """What the description of a folder says: where it is from, from when, and what is in it."""

    source: str
    taken: str
    tables: Mapping[str, Table]


def file_name(table: str) -> str:
    """The file of a table."""
    return f"{table}.parquet"


# ── writing ───────────────────────────────────────────────────────────────────


class Writer:
    """Writes one table after another to a folder, a batch at a time; close it in the end."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.connection = connected({"temp_directory": str(folder / "spilled")})
        self._parts: list[Path] = []

    def close(self) -> None:
        """Let go of the files."""
        self.connection.close()

    def begin(self, columns: Columns) -> None:
        """Make ready for the batches of a table with these columns."""
        declared = (f"{quoted(name)} {_STORED[kind].kept}" for name, kind in columns.items())
        self.connection.execute(f"CREATE OR REPLACE TABLE batch ({', '.join(declared)})")
        self._parts = []
        # A table without rows has a file, too.
        self._part()

    def add(self, columns: Columns, batch: Sequence[Sequence[Any]]) -> None:
        """Write a batch: a tuple of values for each column, in the columns' order.

        Raises `duckdb.ConversionException` where a text is not what its column holds.
        """
        values = ", ".join(
            f"CAST(UNNEST(CAST(${number} AS {_STORED[kind].given}[])) AS {_STORED[kind].kept})"
            for number, kind in enumerate(columns.values(), 1)
        )
        self.connection.execute(f"INSERT INTO batch SELECT {values}", [list(v) for v in batch])
        self._part()
        self.connection.execute("TRUNCATE batch")

    def end(self, table: str) -> int:
        """Make one file of the batches; gives its size in bytes."""
        parts = ", ".join(literal(str(path)) for path in self._parts)
        path = self._folder / file_name(table)
        interruptible(
            self.connection,
            f"COPY (FROM read_parquet([{parts}])) TO {_written(path)}",
            (),
        )
        for part in self._parts:
            part.unlink()
        return path.stat().st_size

    def _part(self) -> None:
        path = self._folder / f"part-{len(self._parts)}"
        self.connection.execute(f"COPY batch TO {_written(path)}")
        self._parts.append(path)


def _written(path: Path) -> str:
    return f"{literal(str(path))} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROWS})"


def describe(folder: Path, export: Export, version: str) -> None:
    """Write the description of a folder."""
    document = {
        "format": FORMAT,
        "flowql": version,
        "source": export.source,
        "taken": export.taken,
        "tables": {
            name: {
                "rows": table.rows,
                "columns": {column: kind.value for column, kind in table.columns.items()},
            }
            for name, table in export.tables.items()
        },
    }
    text = json.dumps(document, ensure_ascii=False, indent=2)
    (folder / DESCRIPTION).write_text(f"{text}\n", "utf-8", newline="\n")


# ── reading ───────────────────────────────────────────────────────────────────


def described(folder: Path) -> Export:
    """What the description of a folder says; raises `FlowQLError` where it is none."""
    path = folder / DESCRIPTION
    shown = shown_path(path)
    try:
        with path.open("rb") as file:
            text = file.read(_LONGEST + 1)
    except FileNotFoundError:
        refuse(NotAnExport(path=shown_path(folder), file=DESCRIPTION))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        refuse(UnreadableFile(path=shown, reason=reason))
    if len(text) > _LONGEST:
        refuse(DamagedExport(path=shown, reason=f"it has more than {_LONGEST:,} bytes"))
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        refuse(DamagedExport(path=shown, reason="it is no JSON"))
    if not isinstance(document, dict) or "format" not in document:
        refuse(DamagedExport(path=shown, reason="it names no format"))
    version = document["format"]
    if version != FORMAT or isinstance(version, bool):
        by = document.get("flowql")
        by = by[:40] if isinstance(by, str) else None
        refuse(UnknownExportFormat(path=shown, format=json.dumps(version)[:40], written_by=by))
    try:
        return _export(document)
    except (AttributeError, KeyError, TypeError, ValueError):
        refuse(DamagedExport(path=shown, reason="it lacks what a description has"))


def _export(document: Any) -> Export:
    tables = {}
    for name, table in document["tables"].items():
        rows, columns = table["rows"], table["columns"].items()
        if type(rows) is not int or rows < 0:
            raise ValueError
        tables[name] = Table(rows, {column: Kind(kind) for column, kind in columns})
    return Export(str(document["source"]), str(document["taken"]), tables)


def views(folder: Path, tables: Collection[str], connection: duckdb.DuckDBPyConnection) -> None:
    """Make a view of each of these tables of Prefect's in a connection.

    Raises `FlowQLError` where a file is missing, or is not what its description says.
    """
    export = described(folder)
    of = {entity.table: entity.name for entity in entities().values() if entity.table}
    for table in sorted(tables):
        path = (folder / file_name(table)).absolute()
        if table not in export.tables or not path.exists():
            refuse(NotExported(path=shown_path(path), entity=of.get(table, table)))
        _view(connection, table, path, export.tables[table])


def _view(connection: duckdb.DuckDBPyConnection, name: str, path: Path, table: Table) -> None:
    import duckdb

    shown = shown_path(path)
    try:
        source = f"read_parquet({literal(str(path))})"
        found = connection.execute(f"DESCRIBE FROM {source}").fetchall()
        counted = connection.execute(
            f"SELECT SUM(num_rows) FROM parquet_file_metadata({literal(str(path))})"
        ).fetchone()
    except duckdb.IOException as error:
        refuse(UnreadableFile(path=shown, reason=first_line(error)))
    except (duckdb.Error, UnicodeError) as error:
        refuse(DamagedExport(path=shown, reason=first_line(error)))
    expected = {column: _STORED[kind].kept for column, kind in table.columns.items()}
    if {column: kind for column, kind, *_ in found} != expected:
        refuse(DamagedExport(path=shown, reason="its columns are not the described ones"))
    if counted is None or int(counted[0]) != table.rows:
        rows = "none" if counted is None else f"{int(counted[0]):,}"
        reason = f"it has {rows} of {table.rows:,} rows"
        refuse(DamagedExport(path=shown, reason=reason))
    columns = ", ".join(_seen(column, kind) for column, kind in table.columns.items())
    connection.execute(f"CREATE VIEW {quoted(name)} AS SELECT {columns} FROM {source}")


def _seen(column: str, kind: Kind) -> str:
    spelled = quoted(column)
    return f"TO_MICROSECONDS({spelled}) AS {spelled}" if kind is Kind.DURATION else spelled


# ── DuckDB ────────────────────────────────────────────────────────────────────


def connected(config: dict[str, Any] | None = None) -> duckdb.DuckDBPyConnection:
    """A new database in memory, in UTC; raises `FlowQLError` where DuckDB is not installed."""
    try:
        import duckdb
    except ImportError:
        refuse(MissingDriver(package="duckdb", extra="duckdb"))
    if find_spec("pytz") is None:
        # DuckDB asks for it when it hands a TIMESTAMPTZ to Python.
        refuse(MissingDriver(package="pytz", extra="duckdb"))
    connection = duckdb.connect(":memory:", config=config or {})
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def interruptible(
    connection: duckdb.DuckDBPyConnection, text: str, params: Sequence[object]
) -> tuple[list[str], list[Any]]:
    """The columns and rows of a statement, which Ctrl-C ends."""
    from concurrent.futures import ThreadPoolExecutor

    def work() -> tuple[list[str], list[Any]]:
        cursor = connection.execute(text, params)
        return [column[0] for column in cursor.description or ()], cursor.fetchall()

    # DuckDB looks at signals only now and then, but can be stopped from another thread.
    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(work)
        try:
            return working.result()
        except KeyboardInterrupt:
            connection.interrupt()
            with suppress(Exception):
                working.result()
            raise


def quoted(name: str) -> str:
    """A name in SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str) -> str:
    """A text in SQL."""
    return "'" + value.replace("'", "''") + "'"


def first_line(error: Exception) -> str:
    """What an error says first."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


def refuse(problem: Diagnostic) -> NoReturn:
    """Raise the problem alone."""
    raise FlowQLError([problem]) from None
