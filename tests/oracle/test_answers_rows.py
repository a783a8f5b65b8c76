"""What the catalog says of answers, held against what both databases have stored.

Each field is read as rows in memory are: once from all rows as the API answers them, once from the
rows as they are stored. Where the catalog says that answers have something else, that must be seen.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from flowql import typed
from flowql.backends.predicate.tables import Tables
from flowql.catalog import Answered, Endpoint, Entity, Field, Gives, endpoints, entities
from flowql.catalog.operators import is_own
from flowql.catalog.walks import walk
from tests.oracle.server import PrefectServer, Row, identity
from tests.oracle.walking import every_row

if TYPE_CHECKING:
    from flowql.diagnostics import Diagnostic

_ASKED = [one for one in entities().values() if one.table and walk(one) is not None]
_FIELDS = [
    pytest.param(entity, field, id=f"{entity.name}.{field.name}")
    for entity in _ASKED
    for field in entity.fields
    if is_own(field)
]
_AS_WRITTEN = [one for one in _FIELDS if one.values[1].answered is Answered.AS_WRITTEN]  # type: ignore[union-attr]

Pair = tuple[Any, Any]
"""What an answer has of a row, and what is stored."""


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def servers(request: pytest.FixtureRequest, engine: str) -> list[PrefectServer]:
    """The awkward rows and the ties, on one engine."""
    return [request.getfixturevalue(f"{rows}_{engine}") for rows in ("prefect", "tied")]


@pytest.mark.parametrize(("entity", "field"), _FIELDS)
def test_answers_have_what_the_catalog_says(
    servers: list[PrefectServer], entity: Entity, field: Field
) -> None:
    pairs = [_pairs(server, entity, field) for server in servers]
    if pairs[0] is None:
        assert field.answered is Answered.NO
        return
    different = [(a, b) for each in pairs for a, b in each or () if _exact(a) != _exact(b)]
    match field.answered:
        case Answered.STORED:
            assert different == []
        case Answered.NULL_AS_EMPTY:
            assert different
            assert all(pair == ({}, None) for pair in different)
        case Answered.AS_WRITTEN | Answered.NO:
            assert different


@pytest.mark.parametrize(("entity", "field"), _AS_WRITTEN)
def test_of_rows_as_prefect_writes_them_answers_have_what_is_stored(
    crowd_server: PrefectServer, entity: Entity, field: Field
) -> None:
    pairs = _pairs(crowd_server, entity, field)
    assert pairs
    assert [(a, b) for a, b in pairs if _exact(a) != _exact(b)] == []


@pytest.mark.parametrize("entity", _ASKED, ids=repr)
def test_answers_have_what_relations_go_by(entity: Entity) -> None:
    for relation in entity.relations:
        if relation.local:
            [local] = [one for one in entity.fields if one.column == relation.local]
            target = entities()[relation.target]
            [remote] = [one for one in target.fields if one.column == relation.remote]
            assert local.answered is remote.answered is Answered.STORED, relation.name


_ENDPOINTS = [
    pytest.param(entity, at, id=at.path)
    for entity in _ASKED
    for at in endpoints.endpoints(entity)
    if at.gives in (Gives.ROWS, Gives.PAGE) and not at.holes and at.path != "/events/filter"
]


_STARTED = {"state": {"type": {"any_": ["RUNNING"]}}, "start_time": {"is_null_": False}}
_SHOWABLE = {"/ui/flow_runs/history": {"flow_runs": _STARTED}}
"""It answers 500 over a run without a time."""


@pytest.mark.parametrize(("entity", "at"), _ENDPOINTS)
def test_rows_are_partial_where_the_catalog_says_so(
    prefect_sqlite: PrefectServer, entity: Entity, at: Endpoint
) -> None:
    whole = _rows(prefect_sqlite, entity)[0][0].keys()
    status, answer = prefect_sqlite.post(at.path, _SHOWABLE.get(at.path, {}))
    assert status == 200
    rows = answer["results"] if at.gives is Gives.PAGE else answer
    assert (rows[0].keys() != whole) == at.partial


def _pairs(server: PrefectServer, entity: Entity, field: Field) -> list[Pair] | None:
    """Of each row; None where answers have no such value."""
    answers, stored = _rows(server, entity)
    found: list[Diagnostic] = []
    shown = _values(entity, field, answers, found)
    if found:
        return None
    kept = _values(entity, field, stored, found)
    assert found == []
    return list(zip(shown, kept, strict=True))


_known: dict[tuple[str, Entity], tuple[list[Row], list[Row]]] = {}


def _rows(server: PrefectServer, entity: Entity) -> tuple[list[Row], list[Row]]:
    """All rows as the API answers them, and as they are stored, in one order."""
    key = (server.api_url, entity)
    if key not in _known:
        answers = every_row(server, entity)
        stored = {identity(row): row for row in server.tables()[entity.table]}
        assert sorted(map(identity, answers)) == sorted(stored)
        _known[key] = answers, [stored[identity(row)] for row in answers]
    return _known[key]


def _values(entity: Entity, field: Field, rows: list[Row], found: list[Diagnostic]) -> list[Any]:
    tables = Tables({entity.name: rows}, found)
    return tables.values(tables.table(entity), typed.Column(field))


def _exact(value: Any) -> Any:
    """A value that equals no other: of JSON, `1` is neither `1.0` nor `true`."""
    plain = isinstance(value, dict | list | bool | int | float)
    return json.dumps(value, sort_keys=True) if plain else value
