"""How SQLite and PostgreSQL keep Prefect's values: from Python to storage and back.

SQLite's formats are the ones that SQLAlchemy gives to Prefect's column types there; `test_oracle`
has a server read what is written here. JSON that is a number becomes one on SQLite: `1.0` in a
column of the type JSON is kept as the integer 1.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from tests.oracle.schema import Kind

ENCRYPTION_KEY = "Zmxvd3FsLW9yYWNsZS1rZXktMzItYnl0ZXMtbG9uZyE="
"""What the servers of the tests decrypt block documents with: a Fernet key, known to everybody."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def time_to_text(value: datetime) -> str:
    """`YYYY-MM-DD HH:MM:SS.ffffff` in UTC; isoformat, because strftime drops a year's zeros."""
    utc = value.astimezone(UTC).replace(tzinfo=None)
    return utc.isoformat(sep=" ", timespec="microseconds")


def to_sqlite(kind: Kind, value: Any) -> Any:
    """The value as Prefect stores it on SQLite."""
    match kind, value:
        case "plain_json", _:
            return json.dumps(value)
        case _, None:
            return None
        case "json", _:
            return json.dumps(value)
        case "bool", _:
            return int(value)
        case "time", _:
            return time_to_text(value)
        case "interval", _:
            return time_to_text(_EPOCH + value)
        case "uuid", _:
            return str(value)
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
        case "json" | "plain_json":
            return json.loads(value) if isinstance(value, str) else value
        case _:
            return value


def to_postgres(kind: Kind, value: Any) -> Any:
    """The value as psycopg takes it; the server casts text to its own enum types."""
    from psycopg.types.json import Json, Jsonb

    match kind, value:
        case "plain_json", _:
            return Json(value)
        case "json", value if value is not None:
            return Jsonb(value)
        case _:
            return value


def from_postgres(value: Any) -> Any:
    """A value that psycopg returned, with times in UTC whatever the session's zone is."""
    return value.astimezone(UTC) if isinstance(value, datetime) else value
