"""Texts where any JSON may stand: the value itself, or the JSON of a value.

An API and PostgreSQL's driver give a variable `prod` as that text, SQLite and DuckDB as
`"prod"` in its quotes. Which of them rows come from their other values tell.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from flowql.catalog import Type

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flowql.catalog import Entity


class Ambiguous(Exception):
    """Nothing tells a value from the JSON of one."""


def spelled(value: Any, as_text: bool | None) -> Any:
    """A text as the JSON of a value; what is no text as it is.

    `as_text`: its place gives JSON as text; None where that is not known. Raises
    `Ambiguous` for a text that might then be either.
    """
    if not isinstance(value, str) or as_text:
        return value
    if as_text is None and _is_json(value):
        raise Ambiguous
    return json.dumps(value)


def gives_json_as_text(rows: Iterable[Mapping[str, Any]], entity: Entity) -> bool | None:
    """Whether the place that rows come from does; None where nothing tells."""
    for row in rows:
        for field in entity.fields:
            given = row.get(field.column)
            if given is None or field.keys:
                continue
            if field.type in (Type.TAGS, Type.JSON):
                if not isinstance(given, str):
                    return False
                if not (field.whole or field.plain_json):
                    return True
            elif field.type is Type.TIME and isinstance(given, str):
                # SQLite puts a space between date and time, an API a `T`.
                return given[10:11] == " "
    return None


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
