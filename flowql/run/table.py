"""Rows as a table for a terminal.

Without `select` a row has more columns than a line has room for, so the table shows those that tell
rows apart, and gives up the least telling until all fit. Nothing is lost: JSON has every column.
"""

from __future__ import annotations

import io
import json
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from flowql import typed
from flowql.backends.predicate.tables import Tables
from flowql.backends.predicate.values import Unreadable, read
from flowql.catalog import Type

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flowql.api import Query
    from flowql.catalog import Entity
    from flowql.diagnostics import Diagnostic

TELLING = (
    "name", "state.name", "start_time", "expected_start_time", "duration", "tags", "type", "status",
    "paused", "priority", "concurrency_limit", "work_queue_name", "last_polled", "updated", "id",
)  # fmt: skip
"""Fields that a table shows of any entity that has them, in this order."""

GIVEN_UP = (
    "updated", "work_queue_name", "last_polled", "id", "type", "concurrency_limit", "priority",
    "expected_start_time", "duration", "tags", "start_time",
)  # fmt: skip
"""Fields that a narrow terminal does without, the first ones first."""

INSTEAD = {"expected_start_time": "start_time"}
"""Fields that are shown where another one has gaps."""

NARROWEST = 24
"""Columns that a text or a list may be squeezed to before a field is given up."""

_GAP = 3
"""Columns that rich leaves between two fields."""

_UNITS = (("d", 86_400, "h", 3_600), ("h", 3_600, "m", 60), ("m", 60, "s", 1))
_LONGEST = 300
"""Characters that a cell shows of a value."""

_SQUEEZED = (Type.TEXT, Type.TAGS, Type.JSON)
_COLOURS = {
    "COMPLETED": "green", "RUNNING": "blue", "FAILED": "red", "CRASHED": "red", "READY": "green",
    "NOT_READY": "red", "LATE": "yellow", "CANCELLED": "yellow", "CANCELLING": "yellow",
    "PAUSED": "yellow", "SUSPENDED": "yellow", "TIMEDOUT": "red", "RETRYING": "yellow",
    "AWAITINGRETRY": "yellow",
}  # fmt: skip


def drawn(rows: Sequence[Mapping[str, Any]], query: Query, *, width: int, colour: bool) -> str:
    """The table, in lines of at most `width` columns."""
    selected = query.typed.select
    chosen = _telling(query.typed.target) if selected is None else selected
    cells = {
        column: [_cell(value, column, ZoneInfo(query.timezone)) for value in values]
        for column, values in _values(rows, query, chosen).items()
    }
    if selected is None:
        cells = _fitting(cells, width)
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    for column in cells:
        name = ".".join((column.field.name, *column.keys))
        squeezed = column.field.type in _SQUEEZED
        table.add_column(
            Text(name),
            justify="right" if column.field.type in (Type.INTEGER, Type.DURATION) else "left",
            no_wrap=not squeezed,
            overflow="fold" if squeezed else "ellipsis",
        )
    for line in zip(*cells.values(), strict=True):
        table.add_row(*line)
    page = io.StringIO()
    Console(
        file=page,
        width=width,
        force_terminal=colour,
        color_system="standard" if colour else None,
        no_color=not colour,
        highlight=False,
        emoji=False,
        markup=False,
        legacy_windows=False,
    ).print(table)
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines())


def _telling(entity: Entity) -> list[typed.Column]:
    return [typed.Column(entity.by_name[name]) for name in TELLING if name in entity.by_name]


def _values(
    rows: Sequence[Mapping[str, Any]], query: Query, columns: Sequence[typed.Column]
) -> dict[typed.Column, list[Any]]:
    """The values of the columns, where the rows have them: by field, column or the API's names.

    What was not asked for by name and is nowhere is left out.
    """
    if query.typed.select is not None:
        return {column: [row.get(_name(column)) for row in rows] for column in columns}
    found: dict[typed.Column, list[Any]] = {}
    for column in columns:
        problems: list[Diagnostic] = []
        tables = Tables({query.typed.target.name: rows}, problems)
        values = tables.given(tables.table(query.typed.target), column)
        if not problems and (not found or any(value not in (None, []) for value in values)):
            found[column] = values
    full = {_name(column) for column, values in found.items() if None not in values}
    return {
        column: values for column, values in found.items() if INSTEAD.get(_name(column)) not in full
    }


def _fitting(cells: dict[typed.Column, list[Text]], width: int) -> dict[typed.Column, list[Text]]:
    """The columns that fit side by side, the first one always."""
    kept = dict(cells)
    for name in GIVEN_UP:
        needed = sum(_least(column, texts) + _GAP for column, texts in kept.items()) - _GAP
        if needed <= width:
            break
        kept = {column: texts for column, texts in kept.items() if _name(column) != name} or kept
    return kept


def _least(column: typed.Column, texts: list[Text]) -> int:
    natural = max(len(_name(column)), *(text.cell_len for text in texts))
    return min(natural, NARROWEST) if column.field.type in _SQUEEZED else natural


def _name(column: typed.Column) -> str:
    return ".".join((column.field.name, *column.keys))


# ── cells ─────────────────────────────────────────────────────────────────────


def shown(value: Any, column: typed.Column, zone: ZoneInfo) -> str:
    """A value as a cell has it, without colour: safe to print, and cut where it is long."""
    return _cell(value, column, zone).plain


def _cell(value: Any, column: typed.Column, zone: ZoneInfo) -> Text:
    kind = column.field.type
    if value is None:
        return Text("–", style="dim")
    if kind is Type.TAGS and isinstance(value, list):
        return Text(_visible(", ".join(map(str, value))))
    if kind in (Type.TIME, Type.DURATION):
        with suppress(Unreadable):
            value = read(kind, value)
    match value:
        case datetime():
            return Text(value.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S"))
        case timedelta():
            return Text(_length(value))
        case bool():
            return Text(str(value).lower())
        case str():
            coloured = kind is Type.ENUM or column.field.name == "state.name"
            return Text(_visible(value), _COLOURS.get(value.upper(), "") if coloured else "")
        case _:
            return Text(_visible(json.dumps(value, ensure_ascii=False, default=str)))


def _length(value: timedelta) -> str:
    """`1d 2h`, `3m 20s`, `4.2s`: the two greatest units, which is what a glance takes in."""
    if value < timedelta(0):
        return f"-{_length(-value)}"
    seconds = value.total_seconds()
    if seconds < 60:
        return f"{seconds:.3g}s" if seconds < 10 else f"{seconds:.0f}s"
    whole = round(seconds)
    for unit, size, part, small in _UNITS:
        if whole >= size:
            rest = whole % size // small
            return f"{whole // size}{unit} {rest}{part}" if rest else f"{whole // size}{unit}"
    return f"{whole}s"


def _visible(text: str) -> str:
    """Text that can move no cursor and hide nothing, cut where it is longer than a glance."""
    if not text.isprintable():
        text = "".join(
            char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
        )
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
