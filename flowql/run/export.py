"""Prefect's tables copied out of a database to a folder of Parquet files.

Promised: the database is only read, in one snapshot, a batch of rows at a time; every value arrives
exactly, or there is a coded problem; the folder appears whole, under its name, when all is done,
and whatever ends an export before leaves what was there. Block documents, which hold what Prefect
keeps encrypted, are copied only where they are named; tables that no query reads, among them the
one with the server's own key, never are.
"""

from __future__ import annotations

import json
import secrets
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

from flowql.catalog import Entity, Type, entities
from flowql.diagnostics import FlowQLError
from flowql.diagnostics.export import (
    FolderTaken,
    NotExportable,
    UnknownTable,
    ValueNotExported,
)
from flowql.diagnostics.run import (
    DatabaseFailed,
    DatabaseUnreachable,
    MissingDriver,
    NotADatabase,
    NotPrefects,
    UnwritableFile,
)
from flowql.run import places
from flowql.run.databases import connection_options
from flowql.run.parquet import (
    DESCRIPTION,
    ROWS,
    Columns,
    Export,
    Kind,
    Table,
    Writer,
    describe,
    file_name,
    first_line,
    quoted,
    refuse,
)
from flowql.run.places import shown_path

if TYPE_CHECKING:
    import os

    import psycopg

SECRET = frozenset({"block_documents"})
"""Entities that are exported only where they are named."""

_STEPS = 50_000
"""Steps of SQLite's machine between two looks at whether the user has pressed Ctrl-C."""


@dataclass(frozen=True, slots=True)
class Copied:
    """How far an export has come: `rows` of `expected` of the entity that is being copied."""

    entity: str
    rows: int
    expected: int


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export has written, of which place, and which entities the database has not."""

    place: str
    folder: str
    tables: Mapping[str, Table]
    sizes: Mapping[str, int]
    missing: tuple[str, ...]

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(table.rows for table in self.tables.values())

    @property
    def extent(self) -> str:
        """How much it is: `16 tables, 48,211 rows, 3.1 MB`."""
        tables = f"{len(self.tables)} table{'' if len(self.tables) == 1 else 's'}"
        rows = f"{self.rows:,} row{'' if self.rows == 1 else 's'}"
        return f"{tables}, {rows}, {_size(sum(self.sizes.values()))}"


def export(
    on: str | os.PathLike[str] | None,
    to: str | os.PathLike[str],
    *,
    only: Sequence[str] = (),
    overwrite: bool = False,
    version: str,
    on_progress: Callable[[Copied], None] | None = None,
) -> Exported:
    """Copy the tables of a place to a folder.

    `on` is what `flowql.run.run` takes, as long as it is a SQLite or PostgreSQL database, or None
    for the demo; `only` names the entities, otherwise all but those in `SECRET` are copied;
    `overwrite` replaces an older export; `version` is told in the description; `on_progress` is
    called after each batch. Raises `FlowQLError`.
    """
    chosen = _chosen(only)
    place = places.find(on)
    if isinstance(place, places.Demo):
        from flowql.run.demo import demo_path

        place = places.Sqlite(demo_path(datetime.now(UTC)))
    if not isinstance(place, places.Sqlite | places.Postgres):
        shown = place.url or "the configured API" if isinstance(place, places.Api) else str(place)
        refuse(NotExportable(place=places.masked(shown)))
    target = Path(to).absolute()
    _may_write(target, overwrite=overwrite)
    with _beside(target) as folder:
        exported = _filled(folder, place, chosen, bool(only), version, on_progress)
        _put(folder, target, overwrite=overwrite)
    return Exported(str(place), shown_path(Path(to)), *exported)


def names() -> tuple[str, ...]:
    """The entities that have tables of their own."""
    return tuple(sorted(entity.name for entity in entities().values() if entity.table))


def _chosen(only: Sequence[str]) -> list[Entity]:
    known = {entity.name: entity for entity in entities().values() if entity.table}
    for name in only:
        if name not in known:
            refuse(UnknownTable(name=name, names=names()))
    wanted = set(only) or known.keys() - SECRET
    return [known[name] for name in sorted(wanted)]


# ── the folder ────────────────────────────────────────────────────────────────


def _may_write(target: Path, *, overwrite: bool) -> None:
    """Refuse what is there: all but an export, and an export unless it is to be overwritten."""
    try:
        if not (target.exists() or target.is_symlink()):
            return
        if target.is_dir() and not target.is_symlink():
            found = {path.name for path in target.iterdir()}
            ours = {DESCRIPTION, *(file_name(e.table) for e in entities().values() if e.table)}
            others = sorted(found - ours)
            if not others and (not found or DESCRIPTION in found):
                reason = None
            else:
                reason = "it holds what is no part of an export"
        else:
            reason = "it is no folder"
    except (OSError, ValueError) as error:
        raise _unwritable(target, error) from None
    if not overwrite or reason:
        refuse(FolderTaken(path=shown_path(target), reason=reason))


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """A new folder beside the target, which is gone in the end if it has not been renamed."""
    folder = target.parent / f".{target.name}-{secrets.token_hex(4)}"
    try:
        # DuckDB takes paths as UTF-8 alone.
        str(folder).encode()
        folder.mkdir()
    except (OSError, ValueError) as error:
        raise _unwritable(target, error) from None
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _put(folder: Path, target: Path, *, overwrite: bool) -> None:
    """Give the folder its name; what had it comes back if that fails."""
    _may_write(target, overwrite=overwrite)
    older = target.parent / f"{folder.name}-older"
    try:
        if not target.exists():
            folder.rename(target)
            return
        target.rename(older)
        try:
            folder.rename(target)
        except BaseException:
            older.rename(target)
            raise
        shutil.rmtree(older, ignore_errors=True)
    except OSError as error:
        raise _unwritable(target, error) from None


def _unwritable(target: Path, error: Exception) -> FlowQLError:
    reason = getattr(error, "strerror", None) or first_line(error)
    if isinstance(error, UnicodeError):
        reason = "its name is no UTF-8"
    return FlowQLError([UnwritableFile(path=shown_path(target), reason=reason)])


# ── copying ───────────────────────────────────────────────────────────────────


class Source(Protocol):
    """A snapshot of a database."""

    @property
    def kind(self) -> Literal["sqlite", "postgresql"]:
        """Which database it is."""

    def columns(self, entity: Entity) -> Columns:
        """The columns of an entity's table; none where there is no such table."""

    def count(self, table: str) -> int:
        """How many rows a table has."""

    def batches(self, table: str, columns: Columns) -> Iterator[list[Sequence[Any]]]:
        """Its rows, in lists of at most `ROWS`."""


def _filled(
    folder: Path,
    place: places.Sqlite | places.Postgres,
    chosen: Sequence[Entity],
    named: bool,
    version: str,
    on_progress: Callable[[Copied], None] | None,
) -> tuple[dict[str, Table], dict[str, int], tuple[str, ...]]:
    tables: dict[str, Table] = {}
    sizes: dict[str, int] = {}
    missing: list[str] = []
    opened = _sqlite(place) if isinstance(place, places.Sqlite) else _postgres(place)
    with closing(Writer(folder)) as writer, opened as source:
        taken = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        for entity in chosen:
            columns = source.columns(entity)
            if not columns:
                missing.append(entity.name)
                continue
            expected = source.count(entity.table)
            copying = _Copying(writer, entity, columns, str(place), expected, on_progress)
            with _writing(folder):
                tables[entity.table], sizes[entity.table] = copying.all_of(source)
    if not tables or (named and missing):
        lacked = entities()[missing[0]].table
        refuse(NotPrefects(place=str(place), reason=f"no such table: {lacked}"))
    with _writing(folder):
        describe(folder, Export(source.kind, taken, tables), version)
        shutil.rmtree(folder / "spilled", ignore_errors=True)
    return tables, sizes, tuple(missing)


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Errors of what is written become a coded problem; those of what is read are one already."""
    import duckdb

    try:
        yield
    except (duckdb.Error, OSError) as error:
        raise _unwritable(folder, error) from None


@dataclass(frozen=True, slots=True)
class _Copying:
    """One table on its way."""

    writer: Writer
    entity: Entity
    columns: Columns
    place: str
    expected: int
    on_progress: Callable[[Copied], None] | None

    def all_of(self, source: Source) -> tuple[Table, int]:
        """Copy all rows; gives the table and the size of its file."""
        rows = 0
        self.writer.begin(self.columns)
        for batch in source.batches(self.entity.table, self.columns):
            self._add(batch)
            rows += len(batch)
            if self.on_progress is not None:
                self.on_progress(Copied(self.entity.name, rows, self.expected))
        return Table(rows, self.columns), self.writer.end(self.entity.table)

    def _add(self, batch: list[Sequence[Any]]) -> None:
        import duckdb

        by_column = []
        for (name, kind), values in zip(
            self.columns.items(), zip(*batch, strict=True), strict=True
        ):
            try:
                by_column.append(_read(kind, values))
            except (ValueError, OverflowError) as error:
                self._refuse(name, str(error))
        try:
            self.writer.add(self.columns, by_column)
        except (duckdb.ConversionException, duckdb.InvalidInputException) as error:
            self._refuse("*", first_line(error))

    def _refuse(self, column: str, reason: str) -> None:
        table = self.entity.table
        refuse(ValueNotExported(place=self.place, table=table, column=column, reason=reason))


_PYTHON: Mapping[Kind, tuple[frozenset[type], str]] = {
    Kind.UUID: (frozenset({str}), "an id"),
    Kind.TEXT: (frozenset({str}), "a text"),
    Kind.TIME: (frozenset({str}), "a time"),
    Kind.DURATION: (frozenset({int}), "a duration"),
    Kind.JSON: (frozenset({str, int, float}), "JSON"),
    Kind.BOOLEAN: (frozenset({bool, int}), "a boolean"),
    Kind.INTEGER: (frozenset({int}), "a whole number"),
    Kind.NUMBER: (frozenset({int, float}), "a number"),
    Kind.BYTES: (frozenset({bytes}), "bytes"),
}


def _read(kind: Kind, values: Sequence[Any]) -> Sequence[Any]:
    """The values of a column as they are written; raises `ValueError` where one is none of it."""
    types, called = _PYTHON[kind]
    found = set(map(type, values)) - {type(None)}
    if not found <= types:
        other = next(iter(found - types)).__name__
        raise ValueError(f"it is {other}, and no {called.removeprefix('a ').removeprefix('an ')}")
    match kind:
        case Kind.UUID if any(v is not None and (len(v) != 36 or v != v.lower()) for v in values):
            raise ValueError("it is not spelled as Prefect spells ids")
        case Kind.BOOLEAN:
            if not set(values) <= {None, 0, 1}:
                raise ValueError("it is neither 0 nor 1")
            return [None if value is None else bool(value) for value in values]
        case Kind.JSON if found - {str}:
            # SQLite makes numbers of JSON that is a number and nothing else.
            return [v if v is None or type(v) is str else _number(v) for v in values]
        case _:
            return values


def _number(value: float) -> str:
    return json.dumps(value, allow_nan=False)


# ── SQLite ────────────────────────────────────────────────────────────────────


@contextmanager
def _sqlite(place: places.Sqlite) -> Iterator[Source]:
    uri = f"{place.path.absolute().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as connection:
            connection.set_progress_handler(lambda: 0, _STEPS)
            # The snapshot is taken by what is read first.
            connection.execute("BEGIN")
            connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
            yield _Sqlite(connection)
    except (sqlite3.Error, ValueError) as error:
        reason = str(error)
        if reason == "interrupted":
            raise KeyboardInterrupt from None
        if "not a database" in reason:
            refuse(NotADatabase(path=str(place)))
        if "unable to open" in reason:
            refuse(DatabaseUnreachable(place=str(place), reason=reason))
        refuse(DatabaseFailed(place=str(place), reason=reason))


_DECLARED: Mapping[str, Kind] = {
    "CHAR": Kind.UUID,
    "VARCHAR": Kind.TEXT,
    "TEXT": Kind.TEXT,
    "DATETIME": Kind.TIME,
    "JSON": Kind.JSON,
    "BOOLEAN": Kind.BOOLEAN,
    "INTEGER": Kind.INTEGER,
    "BIGINT": Kind.INTEGER,
    "SMALLINT": Kind.INTEGER,
    "FLOAT": Kind.NUMBER,
    "REAL": Kind.NUMBER,
    "BLOB": Kind.BYTES,
}


class _Sqlite:
    """A read transaction of SQLite."""

    kind: Final = "sqlite"

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def columns(self, entity: Entity) -> Columns:
        lengths = {f.column for f in entity.fields if f.type is Type.DURATION and f.column}
        found = self._connection.execute(f"PRAGMA table_info({quoted(entity.table)})").fetchall()
        columns = {}
        for _, name, declared, *_ in found:
            kind = _DECLARED.get(declared.upper().partition("(")[0].strip(), Kind.TEXT)
            # Prefect keeps a duration as the moment that lies so long after 1970.
            columns[name] = Kind.DURATION if kind is Kind.TIME and name in lengths else kind
        return columns

    def count(self, table: str) -> int:
        found = self._connection.execute(f"SELECT COUNT(*) FROM {quoted(table)}").fetchone()
        return int(found[0])

    def batches(self, table: str, columns: Columns) -> Iterator[list[Sequence[Any]]]:
        wanted = ", ".join(map(quoted, columns))
        cursor = self._connection.execute(f"SELECT {wanted} FROM {quoted(table)}")
        read = [_MOMENTS.get(kind) for kind in columns.values()]
        while batch := cursor.fetchmany(ROWS):
            yield [
                tuple(
                    value if of is None or type(value) is not str else of(value)
                    for of, value in zip(read, row, strict=True)
                )
                for row in batch
            ]


def _utc(text: str) -> str:
    # Prefect writes `YYYY-MM-DD HH:MM:SS.ffffff`, in UTC; what is longer says more than is read.
    if len(text) not in (19, 26):
        return f"not a time of Prefect's: {text[:40]}"
    return f"{text}+00"


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _since_1970(text: str) -> int | str:
    try:
        length = datetime.fromisoformat(text).replace(tzinfo=UTC) - _EPOCH
    except ValueError:
        return text
    return (length.days * 86_400 + length.seconds) * 1_000_000 + length.microseconds


_MOMENTS: Mapping[Kind, Callable[[str], int | str]] = {
    Kind.TIME: _utc,
    Kind.DURATION: _since_1970,
}


# ── PostgreSQL ────────────────────────────────────────────────────────────────


@contextmanager
def _postgres(place: places.Postgres) -> Iterator[Source]:
    try:
        import psycopg
    except ImportError:
        refuse(MissingDriver(package="psycopg", extra="postgres"))
    options = connection_options(place)

    def reason(error: Exception) -> str:
        said = first_line(error)
        password = options.get("password")
        return said.replace(password, "***") if password else said

    try:
        connection = psycopg.connect(**options)
    except (psycopg.Error, UnicodeError, ValueError) as error:
        refuse(DatabaseUnreachable(place=str(place), reason=reason(error)))
    try:
        with closing(connection):
            connection.read_only = True
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.execute("SET LOCAL TimeZone = 'UTC'")
            connection.execute("SET LOCAL DateStyle = 'ISO'")
            yield _Postgres(connection)
    except psycopg.Error as error:
        refuse(DatabaseFailed(place=str(place), reason=reason(error)))


_TYPES: Mapping[str, Kind] = {
    "uuid": Kind.UUID,
    "timestamptz": Kind.TIME,
    "interval": Kind.DURATION,
    "json": Kind.JSON,
    "jsonb": Kind.JSON,
    "bool": Kind.BOOLEAN,
    "int2": Kind.INTEGER,
    "int4": Kind.INTEGER,
    "int8": Kind.INTEGER,
    "float4": Kind.NUMBER,
    "float8": Kind.NUMBER,
    "bytea": Kind.BYTES,
}

_MICROSECONDS = (
    "(((EXTRACT(YEAR FROM {0}) * 12 + EXTRACT(MONTH FROM {0})) * 30 + EXTRACT(DAY FROM {0}))"
    " * 86400000000 + EXTRACT(HOUR FROM {0}) * 3600000000"
    " + EXTRACT(MINUTE FROM {0}) * 60000000 + EXTRACT(MICROSECONDS FROM {0}))::bigint"
)
"""A month has thirty days, as where PostgreSQL compares intervals."""


class _Postgres:
    """A read-only transaction of PostgreSQL that sees one snapshot."""

    kind: Final = "postgresql"

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def columns(self, entity: Entity) -> Columns:
        found = self._connection.execute(
            "SELECT attname, typname FROM pg_attribute JOIN pg_type ON pg_type.oid = atttypid"
            " WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped"
            " ORDER BY attnum",
            (quoted(entity.table),),
        )
        return {name: _TYPES.get(of, Kind.TEXT) for name, of in found}

    def count(self, table: str) -> int:
        query = f"SELECT COUNT(*) FROM {quoted(table)}"
        found = self._connection.execute(query.encode()).fetchone()
        return int(found[0]) if found else 0

    def batches(self, table: str, columns: Columns) -> Iterator[list[Sequence[Any]]]:
        wanted = ", ".join(_selected(name, kind) for name, kind in columns.items())
        query = f"SELECT {wanted} FROM {quoted(table)}"
        # A cursor of the server's, which sends a batch when it is asked for one.
        with self._connection.cursor("flowql_export") as cursor:
            cursor.execute(query.encode())
            while batch := cursor.fetchmany(ROWS):
                yield batch


def _selected(name: str, kind: Kind) -> str:
    match kind:
        case Kind.BOOLEAN | Kind.INTEGER | Kind.NUMBER | Kind.BYTES:
            return quoted(name)
        case Kind.DURATION:
            return _MICROSECONDS.format(quoted(name))
        case _:
            return f"{quoted(name)}::text"


def _size(count: int) -> str:
    """Bytes for a person: `3.1 MB`."""
    size, units = float(count), ["kB", "MB", "GB", "TB"]
    if count < 1_000:
        return f"{count} bytes"
    for unit in units:
        size /= 1_000
        if size < 999.95 or unit == units[-1]:
            return f"{size:,.1f} {unit}"
    return f"{count} bytes"
