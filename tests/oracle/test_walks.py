"""Walks come by every row once, over rows that are equal in whatever Prefect sorts by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flowql.catalog import Entity, entities
from flowql.catalog.walks import walk
from flowql.limits import EXACT_YEARS
from tests.oracle.data.task_workers import TASK_WORKERS
from tests.oracle.server import identity
from tests.oracle.ties import COUNT, TIES
from tests.oracle.walking import every_row

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.oracle.server import PrefectServer, Row

_WALKS = {one: way for one in entities().values() if (way := walk(one)) is not None}
_SURE = [one for one, way in _WALKS.items() if way.total or way.by or way.without]
_BY_TIME = [one for one, way in _WALKS.items() if way.by is not None]


def _ids(rows: Iterable[Row]) -> list[str]:
    return sorted(map(identity, rows))


@pytest.mark.parametrize("entity", _SURE, ids=repr)
def test_a_walk_comes_by_each_row_once(tied_server: PrefectServer, entity: Entity) -> None:
    want = TIES[entity.table] if entity.table else TASK_WORKERS
    assert _ids(every_row(tied_server, entity)) == _ids(want)


@pytest.mark.parametrize("entity", [one for one in _WALKS if one not in _SURE], ids=repr)
def test_pages_have_as_many_places_as_there_are_rows(
    tied_server: PrefectServer, entity: Entity
) -> None:
    """So a row that is missing shows in another one that came twice."""
    rows = _ids(every_row(tied_server, entity))
    assert len(rows) == COUNT
    assert set(rows) <= set(_ids(TIES[entity.table]))


@pytest.mark.parametrize("entity", _BY_TIME, ids=repr)
def test_a_walk_goes_on_from_any_time(prefect_server: PrefectServer, entity: Entity) -> None:
    """From far ones too, whose microseconds PostgreSQL's driver rounds in a request."""
    want = prefect_server.tables()[entity.table]
    way = walk(entity)
    assert way is not None
    assert way.by is not None
    assert any(row[way.by.column].year not in EXACT_YEARS for row in want)
    assert _ids(every_row(prefect_server, entity, size=9)) == _ids(want)


_INDEXES = {
    "sqlite": "SELECT DISTINCT i.name AS index_name, c.name AS column_name"
    " FROM pragma_index_list('{table}') AS i, pragma_index_info(i.name) AS c"
    ' WHERE i."unique" AND NOT i.partial',
    "postgres": "SELECT i.indexrelid AS index_name, a.attname AS column_name"
    " FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = i.indexrelid"
    " WHERE i.indrelid = '{table}'::regclass AND i.indisunique AND i.indpred IS NULL",
}


@pytest.mark.parametrize("entity", [one for one in entities().values() if one.table], ids=repr)
def test_a_unique_field_is_one_that_the_database_keeps_so(
    tied_server: PrefectServer, entity: Entity
) -> None:
    indexes: dict[object, list[str]] = {}
    for row in tied_server.execute(_INDEXES[tied_server.engine].format(table=entity.table)):
        indexes.setdefault(row["index_name"], []).append(row["column_name"])
    kept = {columns[0] for columns in indexes.values() if len(columns) == 1}
    assert {field.column for field in entity.fields if field.unique} == kept
