"""The order of rows, the page of them, and the fields they are reduced to."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from flowql import typed
from flowql.backends.predicate.tables import Table, Tables, column_of
from flowql.limits import PAGE_SIZE

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowql.catalog import Entity


def sorted_rows(
    query: typed.Query, tables: Tables, table: Table, rows: Collection[int]
) -> list[int]:
    """Rows in the order of the sort keys, then the greatest id first, or what tells rows apart.

    Texts go by code point. Nulls are smaller than everything, unless the key
    says where they stand.
    """
    ids = _identity(table.entity)
    keys = list(query.sort)
    if not keys:
        default = table.entity.default_sort
        field = table.entity.by_name[default.field]
        keys = [typed.SortKey(typed.Column(field), default.descending)]
    if all(key.column != ids for key in keys):
        keys.append(typed.SortKey(ids, descending=True))
    found = sorted(rows)
    for key in reversed(keys):
        values = tables.compared(table, key.column)
        nulls = [row for row in found if values[row] is None]
        found = [row for row in found if values[row] is not None]
        found.sort(key=values.__getitem__, reverse=key.descending)
        first = not key.descending if key.nulls is None else key.nulls == "first"
        found = nulls + found if first else found + nulls
    return found


def _identity(entity: Entity) -> typed.Column:
    """The id, or the field that tells rows without an id apart."""
    if "id" in entity.by_name:
        return column_of(entity, "id")
    return typed.Column(next(field for field in entity.fields if field.unique))


def first_of_each(query: typed.Query, tables: Tables, table: Table, rows: list[int]) -> list[int]:
    """The rows, or with `distinct` the first of each combination of values, null being one."""
    if not query.distinct:
        return rows
    columns = [tables.compared(table, column) for column in query.distinct]
    seen: dict[tuple[Any, ...], int] = {}
    for row in rows:
        seen.setdefault(tuple(values[row] for values in columns), row)
    return list(seen.values())


def page_of(
    query: typed.Query, rows: list[int], number: Callable[[typed.Point], int | None]
) -> list[int]:
    """The rows of the page asked for; `number` makes a clause's value concrete."""
    limit, page, offset = (
        None if value is None else number(value)
        for value in (query.limit, query.page, query.offset)
    )
    if page is not None:
        limit = PAGE_SIZE if limit is None else limit
        offset = (page - 1) * limit
    start = offset or 0
    return rows[start:] if limit is None else rows[start : start + limit]


def answer(query: typed.Query, tables: Tables, table: Table, rows: list[int]) -> list[Any]:
    """The rows as given, or with `select` new ones of the selected fields."""
    if query.select is None:
        return [table.rows[row] for row in rows]
    columns = {
        ".".join((column.field.name, *column.keys)): tables.given(table, column)
        for column in query.select
    }
    return [{name: values[row] for name, values in columns.items()} for row in rows]
