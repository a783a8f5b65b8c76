"""A database to try queries on: a small company's Prefect, in Prefect's own schema on SQLite.

Its rows depend on nothing but the hour they are made for, the anchor: flows have run on their
schedules up to it and are scheduled after it. So `last 24h` always finds runs, no run has ended in
the future, and two machines see the same rows in the same hour. Only the standard library is asked,
for the demo is what a user meets first.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from uuid import UUID

from flowql.run.demo_rows import demo_rows
from flowql.run.demo_values import Json, Row, Value

EDITION = 2
"""Part of the file's name: to be raised whenever the rows or the schema change."""

_KEPT = timedelta(hours=2)
"""How long a file of an earlier hour is left alone, as another process may be about to open it."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def demo_path(now: datetime | None = None) -> Path:
    """The demo of this hour, made in the user's cache folder unless it is there already.

    A folder that cannot be written to is replaced by a temporary one, which goes with the process.
    """
    anchor = _whole_hour(now or datetime.now(UTC))
    name = f"demo-{EDITION}-{anchor:%Y%m%dT%H}.db"
    try:
        folder = _cache_folder()
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / name
        if not path.exists():
            _make_at_once(path, anchor)
            _forget_old(folder, name)
    except (OSError, RuntimeError, sqlite3.OperationalError):
        folder = Path(tempfile.mkdtemp(prefix="flowql-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        path = folder / name
        make_demo(path, anchor)
    return path


def make_demo(path: Path, anchor: datetime) -> None:
    """Writes the demo for the hour of `anchor` to a file that does not exist or is empty."""
    schema = resources.files("flowql.run").joinpath("demo_schema.sql").read_text("utf-8")
    # Nobody sees the file before it is whole, so a crash may leave it broken.
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.executescript("BEGIN;" + schema)
        for table, rows in demo_rows(_whole_hour(anchor)).items():
            _insert(connection, table, rows)
        connection.execute("COMMIT")


def _insert(connection: sqlite3.Connection, table: str, rows: list[Row]) -> None:
    columns = tuple(rows[0])
    names = ", ".join(f'"{column}"' for column in columns)  # `trigger` is a word of SQL
    marks = ", ".join("?" * len(columns))
    connection.executemany(
        f"INSERT INTO {table} ({names}) VALUES ({marks})",
        ([_stored(row[column]) for column in columns] for row in rows),
    )


def _stored(value: Value) -> str | int | None:
    """The value as Prefect's server stores it on SQLite."""
    match value:
        case datetime():
            text = value.astimezone(UTC).replace(tzinfo=None)
            return text.isoformat(sep=" ", timespec="microseconds")
        case timedelta():
            # SQLAlchemy keeps an interval as the instant that far from 1970.
            return _stored(_EPOCH + value)
        case UUID():
            return str(value)
        case list() | dict():
            return json.dumps(value)
        case Json(inner):
            return json.dumps(inner)
        case bool():
            return int(value)
        case _:
            return value


def _whole_hour(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _cache_folder() -> Path:
    """Where this system keeps what a program can make again."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        # The XDG specification has relative paths ignored.
        chosen = Path(os.environ.get("XDG_CACHE_HOME", ""))
        base = chosen if chosen.is_absolute() else Path.home() / ".cache"
    return Path(base) / "flowql"


def _make_at_once(path: Path, anchor: datetime) -> None:
    """Makes the file under another name first, so that processes that do so together agree."""
    handle, draft_name = tempfile.mkstemp(dir=path.parent, prefix="draft-", suffix=".db")
    os.close(handle)
    draft = Path(draft_name)
    try:
        make_demo(draft, anchor)
        draft.replace(path)
    except OSError:
        # Windows refuses to replace a file that another process has made and opened meanwhile.
        if not path.exists():
            raise
    finally:
        draft.unlink(missing_ok=True)


def _forget_old(folder: Path, kept: str) -> None:
    before = time.time() - _KEPT.total_seconds()
    for path in _files(folder):
        with contextlib.suppress(OSError):
            if path.name != kept and path.stat().st_mtime < before:
                path.unlink()


def _files(folder: Path) -> Iterable[Path]:
    yield from folder.glob("demo-*.db")
    yield from folder.glob("draft-*.db")
