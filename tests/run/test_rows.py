"""Stored values as JSON has them, and which columns hold what."""

from __future__ import annotations

from collections import UserDict
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest

from flowql.catalog import Entity, Type, entities
from flowql.run.rows import column_kinds, plain, stored
from tests.oracle.schema import COLUMNS

ID = UUID("2f6a1b7e-0c5d-4d7e-9a3b-6f1e2d3c4b5a")
PLAIN = {"text", "int", "enum"}
KINDS = {
    "uuid": {Type.UUID},
    "time": {Type.TIME},
    "interval": {Type.DURATION},
    "bool": {Type.BOOLEAN},
    "json": {Type.JSON, Type.TAGS},
    "plain_json": {Type.JSON},
}
ENTITIES = [entity for entity in entities().values() if entity.table]


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: str(entity.name))
def test_the_type_of_every_column_that_needs_one_is_known(entity: Entity) -> None:
    """On SQLite a boolean is a number, and times and JSON are text: only its type tells."""
    known = column_kinds(entity)
    for name, kind in COLUMNS[entity.table].items():
        if kind not in PLAIN and kind != "uuid":
            assert known.get(name) in KINDS[kind], name


@pytest.mark.parametrize(
    ("kind", "value", "json"),
    [
        (Type.TIME, "2026-11-01 12:00:00.000000", "2026-11-01T12:00:00Z"),
        (Type.TIME, "2026-11-01 12:00:00.000001", "2026-11-01T12:00:00.000001Z"),
        (Type.TIME, datetime(2026, 11, 1, 12), "2026-11-01T12:00:00Z"),
        (
            Type.TIME,
            datetime(2026, 11, 1, 12, tzinfo=timezone(timedelta(hours=2))),
            "2026-11-01T10:00:00Z",
        ),
        (Type.TIME, "soon", "soon"),
        (Type.DURATION, "1970-01-01 00:01:30.500000", 90.5),
        (Type.DURATION, timedelta(seconds=90), 90.0),
        (Type.BOOLEAN, 1, True),
        (Type.BOOLEAN, 2, 2),
        (Type.UUID, ID, str(ID)),
        (Type.UUID, str(ID).upper(), str(ID)),
        (Type.TAGS, '["b", "a", "a"]', ["b", "a", "a"]),
        (Type.JSON, '{"a": "\\u00e9"}', {"a": "é"}),
        (Type.JSON, "null", None),
        (Type.JSON, "{oops", "{oops"),
        (Type.TEXT, "[1]", "[1]"),
        (None, b"\x00\xff", "00ff"),
    ],
)
def test_a_stored_value(kind: Type | None, value: Any, json: Any) -> None:
    assert stored(value, kind, json_as_text=True) == json
    assert stored(None, kind, json_as_text=True) is None


def test_json_that_a_driver_has_parsed_is_not_parsed_again() -> None:
    assert stored("[1]", Type.JSON, json_as_text=False) == "[1]"
    assert stored(["a"], Type.TAGS, json_as_text=False) == ["a"]


class State(StrEnum):
    FAILED = "FAILED"


def test_python_values() -> None:
    given = {
        "at": datetime(2026, 11, 1, tzinfo=UTC),
        "on": date(2026, 11, 1),
        "long": timedelta(minutes=1),
        "id": ID,
        "state": State.FAILED,
        "whole": Decimal("3.0"),
        "half": Decimal("0.5"),
        "tags": {"b", "a"},
        "inner": UserDict({1: (ID, None)}),
        "other": object,
    }
    assert plain(given) == {
        "at": "2026-11-01T00:00:00Z",
        "on": "2026-11-01",
        "long": 60.0,
        "id": str(ID),
        "state": "FAILED",
        "whole": 3,
        "half": 0.5,
        "tags": ["a", "b"],
        "inner": {"1": [str(ID), None]},
        "other": str(object),
    }
    assert type(plain(State.FAILED)) is str
