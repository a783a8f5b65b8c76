"""The rows given, seen as columns of read values and as links from row to row.

A row is known by its number in its table. Columns are read whole, when a query
first asks for them; what cannot be read is reported and counts as null until
the query gives up. The elements of a tag list are a table of their own, with
one row a text, which every row that has the tag links to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from flowql import typed
from flowql.backends.predicate.json_texts import Ambiguous, gives_json_as_text, spelled
from flowql.backends.predicate.values import WANTED, Unreadable, inside, read
from flowql.catalog import Entity, Field, Relation, Type, entities
from flowql.diagnostics import rows as problems
from flowql.diagnostics.meaning import OnlyServerKnows

if TYPE_CHECKING:
    from flowql.diagnostics import Diagnostic

Link = Sequence[tuple[int, ...]]
"""By the number of a row, the numbers of its related rows, each once."""

_MISSING = object()


class Table:
    """The rows of one entity, and the columns read of them so far."""

    def __init__(self, entity: Entity, name: str, rows: list[Mapping[str, Any]]) -> None:
        self.entity = entity
        self.name = name
        self.rows = rows
        self.columns: dict[typed.Column, list[Any]] = {}
        self.compared: dict[typed.Column, list[Any]] = {}
        self.objects: dict[str, list[Any]] = {}
        self.links: dict[Relation, Link] = {}

    def __len__(self) -> int:
        return len(self.rows)


class Tables:
    """The tables given, by entity; everything that is wrong with them goes to `found`."""

    def __init__(
        self, given: Mapping[str, Iterable[Mapping[str, Any]]], found: list[Diagnostic]
    ) -> None:
        self.found = found
        self._given = given
        self._tables: dict[Entity, Table] = {}

    def table(self, entity: Entity) -> Table:
        """The rows of an entity."""
        if entity not in self._tables:
            self._tables[entity] = self._table(entity)
        return self._tables[entity]

    def _table(self, entity: Entity) -> Table:
        for name in (entity.name, entity.table):
            if name in self._given:
                return Table(entity, name, self._rows(name, self._given[name]))
        known = tuple(str(name) for name in self._given)
        self.found.append(problems.MissingTable(entity=entity.name, given=known))
        return Table(entity, entity.name, [])

    def _rows(self, name: str, given: Any) -> list[Mapping[str, Any]]:
        pointer = f"/{_escaped(name)}"
        if isinstance(given, Mapping | str | bytes) or not isinstance(given, Iterable):
            wanted = "a list of rows"
            self.found.append(
                problems.UnreadableRows(pointer=pointer, found=_shown(given), wanted=wanted)
            )
            return []
        rows = list(given)
        for number, row in enumerate(rows):
            if not isinstance(row, Mapping):
                wanted = "a row, a mapping from column to value,"
                self.found.append(
                    problems.UnreadableRows(
                        pointer=f"{pointer}/{number}", found=_shown(row), wanted=wanted
                    )
                )
                return []
        return rows

    # ── columns ───────────────────────────────────────────────────────────────

    def values(self, table: Table, column: typed.Column) -> list[Any]:
        """The column's own values, as tests for null and answers see them."""
        if column not in table.columns:
            table.columns[column] = self._values(table, column)
        return table.columns[column]

    def compared(self, table: Table, column: typed.Column) -> list[Any]:
        """The values that comparisons, periods and sorts see."""
        if column not in table.compared:
            values = self.values(table, column)
            if column.field.coalesce is not None:
                second = self.values(table, column_of(table.entity, column.field.coalesce))
                values = [b if a is None else a for a, b in zip(values, second, strict=True)]
            table.compared[column] = values
        return table.compared[column]

    def _values(self, table: Table, column: typed.Column) -> list[Any]:
        field = column.field
        if field.difference is not None:
            end, start = (
                self.values(table, column_of(table.entity, name)) for name in field.difference
            )
            return [
                None if a is None or b is None else a - b for a, b in zip(end, start, strict=True)
            ]
        if field.server:
            self.found.append(OnlyServerKnows(field=field.name))
            return [None] * len(table)
        if field.joined:
            parts = [self.values(table, column_of(table.entity, name)) for name in field.joined]
            return [None if None in each else " ".join(each) for each in zip(*parts, strict=True)]
        if field.type is not Type.JSON and not field.keys:
            return self._read(table, field.type, self.stored(table, field), field.column)
        keys = (*field.keys, *column.keys)
        found = [inside(value, keys) for value in self._objects(table, field)]
        return self._read(table, field.type, found, field.column, *keys) if field.keys else found

    def _objects(self, table: Table, field: Field) -> list[Any]:
        """The parsed values of a JSON column, in which several fields look."""
        if field.column not in table.objects:
            stored = self.stored(table, field)
            if field.whole or field.plain_json:
                stored = self._spelled(table, field, stored)
            table.objects[field.column] = self._read(table, Type.JSON, stored, field.column)
        return table.objects[field.column]

    def _spelled(self, table: Table, field: Field, stored: list[Any]) -> list[Any]:
        """Texts as JSON, where they may be that or the value itself."""
        found: list[Any] = []
        open_: list[int] = []
        as_text = gives_json_as_text(table.rows, table.entity)
        for number, value in enumerate(stored):
            try:
                found.append(spelled(value, as_text))
            except Ambiguous:
                found.append(None)
                open_.append(number)
        if open_:
            self.found.append(
                problems.UnreadableValue(
                    pointer=_pointer(table, open_[0], field.column),
                    found=_shown(stored[open_[0]]),
                    wanted="JSON, or a value beside columns that tell it from JSON,",
                    others=len(open_) - 1,
                )
            )
        return found

    def given(self, table: Table, column: typed.Column) -> list[Any]:
        """The column's values as they were given, where they were and are not computed."""
        field = column.field
        if field.difference is not None or field.joined or field.server:
            return self.values(table, column)
        if keys := (*field.keys, *column.keys):
            return [inside(value, keys) for value in self._objects(table, field)]
        return self.stored(table, field)

    def stored(self, table: Table, field: Field) -> list[Any]:
        """A field's values as they were given, by row; `keys` are still to be followed."""
        paths = _paths(field)
        column = field.column
        values: list[Any] = []
        missing: list[int] = []
        for number, row in enumerate(table.rows):
            value = row.get(column, _MISSING)
            if value is _MISSING:
                value = _found(row, paths)
                if value is _MISSING:
                    missing.append(number)
                    value = None
            values.append(value)
        if missing:
            self.found.append(
                problems.MissingColumn(
                    pointer=_pointer(table, missing[0], column),
                    entity=table.entity.name,
                    column=column,
                    others=len(missing) - 1,
                )
            )
        return values

    def _read(self, table: Table, kind: Type, raw: list[Any], *path: str) -> list[Any]:
        values: list[Any] = []
        unreadable: list[int] = []
        for number, value in enumerate(raw):
            try:
                values.append(read(kind, value))
            except Unreadable:
                unreadable.append(number)
                values.append(None)
        if unreadable:
            first = unreadable[0]
            self.found.append(
                problems.UnreadableValue(
                    pointer=_pointer(table, first, *path),
                    found=_shown(raw[first]),
                    wanted=WANTED[kind],
                    others=len(unreadable) - 1,
                )
            )
            if kind is Type.TAGS:
                values = [frozenset() if value is None else value for value in values]
        return values

    # ── links ─────────────────────────────────────────────────────────────────

    def link(self, table: Table, relation: Relation) -> Link:
        """From each row of a table to its related rows."""
        if relation not in table.links:
            table.links[relation] = self._link(table, relation)
        return table.links[relation]

    def target(self, table: Table, relation: Relation) -> Table:
        """The table of the related rows."""
        entity = entities()[relation.target]
        if not relation.elements:
            return self.table(entity)
        if entity not in self._tables:
            self._tables[entity] = Table(entity, entity.name, [])
        return self._tables[entity]

    def _link(self, table: Table, relation: Relation) -> Link:
        if relation.elements:
            return self._elements(table, relation)
        target = self.target(table, relation)
        remote = self.values(target, column_of(target.entity, relation.remote))
        index: dict[Any, list[int]] = {}
        for number, key in enumerate(remote):
            if key is not None:
                index.setdefault(key, []).append(number)
        rows = {key: tuple(numbers) for key, numbers in index.items()}
        local = self.values(table, column_of(table.entity, relation.local))
        return [rows.get(key, ()) for key in local]

    def _elements(self, table: Table, relation: Relation) -> Link:
        """Tags of several tables share one table of texts, which grows with each."""
        target = self.target(table, relation)
        (field,) = target.entity.fields
        column = typed.Column(field)
        texts = target.columns.setdefault(column, [])
        numbers = {text: number for number, text in enumerate(texts)}
        link = []
        for tags in self.values(table, column_of(table.entity, relation.elements)):
            for tag in tags:
                if tag not in numbers:
                    numbers[tag] = len(texts)
                    texts.append(tag)
                    target.rows.append({field.column: tag})
            link.append(tuple(numbers[tag] for tag in tags))
        return link


def _paths(field: Field) -> list[tuple[str, ...]]:
    """Where an API's answer has what the column holds: `job_variables`, `state.timestamp`."""
    if field.keys:
        return []
    if field.answer:
        return [field.answer]
    paths = [tuple(name.split(".")) for name in (*field.aliases, field.name)]
    return sorted(paths, key=len, reverse=True)


def _found(row: Mapping[str, Any], paths: list[tuple[str, ...]]) -> Any:
    for path in paths:
        value: Any = row.get(path[0], _MISSING)
        for key in path[1:]:
            if isinstance(value, Mapping):
                value = value.get(key, _MISSING)
            elif value is not None:
                value = _MISSING
        if value is not _MISSING:
            return value
    return _MISSING


def column_of(entity: Entity, name: str) -> typed.Column:
    """The whole column of this name, as the entity's field has it."""
    for field in entity.fields:
        if field.column == name and not field.keys:
            return typed.Column(field)
    return typed.Column(entity.by_name[name])


def _pointer(table: Table, number: int, *path: str) -> str:
    return "/" + "/".join(map(_escaped, (table.name, str(number), *path)))


def _escaped(part: object) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")


def _shown(value: object) -> str:
    try:
        text = repr(value)
    except Exception:
        text = f"a {type(value).__name__}"
    return text if len(text) <= 60 else f"{text[:60]}…"
