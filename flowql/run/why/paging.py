"""Where a row that meets the filter stands among all that do, and whether the query gives it.

The place sorts: it is asked which row stands at a position, and which of two rows stands first. So
no order of texts or nulls has to be known here, and the row is found in twice as many questions as
its number of rows has binary digits.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flowql import typed
from flowql.backends.predicate.values import read
from flowql.catalog import Entity
from flowql.limits import PAGE_SIZE
from flowql.run.why.explaining import shown
from flowql.run.why.findings import Place, Shown
from flowql.run.why.questions import Ends, Questions, Subject, has_count, identity, own_id, spelled

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def place(questions: Questions, subject: Subject) -> Place | None:
    """The place of a row that meets the filter; None where the query gives all that do."""
    query = questions.query.typed
    if query.count:
        return None
    if query.distinct and (instead := _instead(questions, subject, query)) is not None:
        return Place(instead=instead)
    first, last = _bounds(query)
    if first == 1 and last is None:
        return None
    if questions.at_api and not has_count(query.target):
        return Place(first=first, last=last)
    whole = replace(query, limit=None, page=None, offset=None, select=None, spans=())
    number = questions.ask(replace(whole, sort=(), count=True)).count or 0
    if first == 1 and last is not None and number <= last:
        return None
    position = None
    if not questions.at_api or _is_settled(whole) or not questions.one_request(whole):
        position = _position(questions, subject, whole, number)
    return Place(position=position, count=number, first=first, last=last)


def _bounds(query: typed.Query) -> tuple[int, int | None]:
    """The first and the last position that a query gives."""
    limit, page, start = query.limit, query.page, query.offset or 0
    assert not isinstance(limit, typed.Parameter)
    assert not isinstance(page, typed.Parameter)
    assert not isinstance(start, typed.Parameter)
    size = PAGE_SIZE if limit is None and page is not None else limit
    if page is not None and size is not None:
        start = (page - 1) * size
    return start + 1, None if size is None else start + size


# ── the order ─────────────────────────────────────────────────────────────────


def _is_settled(query: typed.Query) -> bool:
    """Whether an order leaves nothing open, as one request to an API does that adds no last key."""
    if not query.sort:
        default = query.target.default_sort
        return any(query.target.by_name[name].unique for name, _ in default.keys)
    return any(key.column.field.unique for key in query.sort)


def _position(
    questions: Questions, subject: Subject, whole: typed.Query, number: int
) -> int | None:
    """The position of a row, from 1; None where rows have changed meanwhile."""
    entity = whole.target
    wanted = str(subject.id)
    low, high = 0, number - 1
    while low <= high:
        middle = (low + high) // 2
        found = _id_of(questions, replace(whole, limit=1, offset=middle))
        if found is None:
            return None
        if found == wanted:
            return middle + 1
        both = typed.In(typed.Column(own_id(entity)), (_read(entity, found), subject.id))
        pair = typed.Query(entity, both, whole.sort, limit=1)
        if _id_of(questions, pair) == wanted:
            high = middle - 1
        else:
            low = middle + 1
    return None


def _id_of(questions: Questions, question: typed.Query) -> str | None:
    selected = replace(question, select=identity(question.target))
    rows = questions.ask(selected).rows
    return str(rows[0][own_id(question.target).name]) if rows else None


def _read(entity: Entity, text: str) -> Any:
    return read(own_id(entity).type, text)


# ── one row of each ───────────────────────────────────────────────────────────


def _instead(questions: Questions, subject: Subject, query: typed.Query) -> Shown | None:
    """The row that `distinct` keeps in the place of this one, if that is another."""
    entity = query.target
    looked_at = tuple(_with_second(query.distinct, entity))
    values = questions.row(subject, looked_at)
    if values is None:
        return None
    alike = [_alike(column, values, entity) for column in query.distinct]
    sort = query.sort or _default(entity)
    own = typed.Column(own_id(entity))
    if questions.at_api and all(key.column != own for key in sort):
        # The greatest id settles what one request would leave open.
        sort = (*sort, typed.SortKey(own, True))
    ends = Ends(entity, typed.conjunction([query.filter, *alike]))
    rows, _ = questions.some(ends, typed.TRUE, (), 1, sort)
    if not rows or str(rows[0][spelled(own)]) == str(subject.id):
        return None
    return shown(entity, rows[0])


def _default(entity: Entity) -> tuple[typed.SortKey, ...]:
    return tuple(
        typed.SortKey(typed.Column(entity.by_name[name]), descending)
        for name, descending in entity.default_sort.keys
    )


def _with_second(columns: tuple[typed.Column, ...], entity: Entity) -> Iterator[typed.Column]:
    for column in columns:
        yield column
        if column.field.coalesce is not None:
            yield typed.Column(entity.by_name[column.field.coalesce])


def _alike(column: typed.Column, values: Mapping[str, Any], entity: Entity) -> typed.Predicate:
    """Has the value that comparisons see, null being a value."""
    null: list[typed.Predicate] = []
    for part in _with_second((column,), entity):
        value = values[spelled(part)]
        if value is not None:
            return typed.In(column, (read(part.field.type, value),))
        null.append(typed.IsNull(part))
    return typed.conjunction(null)
