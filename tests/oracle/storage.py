"""How SQLite and PostgreSQL keep Prefect's values: from Python to storage and back.

SQLite's formats are the ones that SQLAlchemy gives to Prefect's column types there; `test_oracle`
has a server read what is written here.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from tests.oracle.schema import Kind

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def time_to_text(value: datetime) -> str:
    """`YYYY-MM-DD HH:MM:SS.ffffff` in UTC; isoformat, because strftime drops a year's zeros."""
    utc = value.astimezone(UTC).replace(tzinfo=None)
    return utc.isoformat(sep=" ", timespec="microseconds")


def to_sqlite(value: Any) -> Any:
    """The value as Prefect stores it on SQLite."""
    match value:
        case bool():
            return int(value)
        case datetime():
            return time_to_text(value)
        case timedelta():
            return time_to_text(_EPOCH + value)
        case UUID():
            return str(value)
        case dict() | list():
            return json.dumps(value)
        case _:
            return value


def from_sqlite(kind: Kind, value: Any) -> Any:
    """A stored value of SQLite as a Python value."""
    if value is None:
        return None
    match kind:
        case "uuid":
            return UUID(value)
        case "time":
            return datetime.fromisoformat(value).replace(tzinfo=UTC)
        case "interval":
            return datetime.fromisoformat(value).replace(tzinfo=UTC) - _EPOCH
        case "bool":
            return bool(value)
        case "json":
            return json.loads(value)
        case _:
            return value


def to_postgres(value: Any) -> Any:
    """The value as psycopg takes it; the server casts text to its own enum types."""
    from psycopg.types.json import Jsonb

    return Jsonb(value) if isinstance(value, (dict, list)) else value


def from_postgres(value: Any) -> Any:
    """A value that psycopg returned, with times in UTC whatever the session's zone is."""
    return value.astimezone(UTC) if isinstance(value, datetime) else value
