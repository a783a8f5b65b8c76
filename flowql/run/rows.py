"""Values of rows as JSON has them, the same wherever a row comes from.

Times are ISO 8601 in UTC with `Z`, durations seconds, ids text, tags lists, JSON parsed: what
Prefect's API gives. A value that is not what its column holds is left as it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flowql.backends.predicate.values import Unreadable, read
from flowql.catalog import Type

if TYPE_CHECKING:
    from flowql import typed
    from flowql.catalog import Entity

OTHERS: Mapping[Type, frozenset[str]] = {
    Type.JSON: frozenset(
        "actions actions_on_resolve actions_on_trigger base_job_template concurrency_options"
        " created_by data empirical_policy fields filter infra_overrides metadata_"
        " parameter_openapi_schema payload pull_steps related related_resource_ids resource"
        " storage_configuration task_inputs trigger updated_by".split()
    ),
    Type.TIME: frozenset({"last_transitioned_status_at"}),
}
"""Columns of Prefect's that no field of the catalog tells the type of."""


def kinds(query: typed.Query) -> dict[str, Type]:
    """The types of the columns of an answer, where they are known."""
    if query.select is not None:
        return {
            ".".join((column.field.name, *column.keys)): column.field.type
            for column in query.select
        }
    return column_kinds(query.target)


def column_kinds(entity: Entity) -> dict[str, Type]:
    """The types of a table's columns, where they are not text or numbers."""
    found = {name: kind for kind, names in OTHERS.items() for name in names}
    for field in entity.fields:
        if field.column and not field.keys:
            found[field.column] = field.type
    return found


def stored(value: Any, kind: Type | None, *, json_as_text: bool) -> Any:
    """A value that a driver gave, as JSON. `json_as_text`: the database keeps JSON as text."""
    if kind in (Type.JSON, Type.TAGS):
        if json_as_text and isinstance(value, str):
            try:
                return json.loads(value)
            except ValueError:
                return value
    elif kind is not None and value is not None:
        with suppress(Unreadable):
            value = read(kind, value)
    return plain(value)


def plain(value: Any) -> Any:
    """A Python value as JSON has it."""
    match value:
        case Enum():
            return plain(value.value)
        case None | bool() | int() | float() | str():
            return value
        case datetime():
            moment = value if value.tzinfo else value.replace(tzinfo=UTC)
            return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case UUID():
            return str(value)
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case bytes() | bytearray() | memoryview():
            return bytes(value).hex()
        case set() | frozenset():
            return sorted(plain(item) for item in value)
        case Sequence():
            return [plain(item) for item in value]
        case _:
            return str(value)
