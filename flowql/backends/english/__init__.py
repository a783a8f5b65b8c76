"""What a query means, in words that need no knowledge of the language.

Exact down to flows without runs and runs without a state: `not` is carried
inward to where its effect on missing values can be said, and what is said of a
related row stands in parentheses wherever something follows it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowql import typed
from flowql.backends.english.conditions import noun_of
from flowql.backends.english.phrases import Subject, listed, many
from flowql.backends.english.scopes import said
from flowql.backends.english.values import periods
from flowql.limits import PAGE_SIZE

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["to_english"]


def to_english(query: typed.Query, timezone: str = "UTC") -> str:
    """The meaning of a query; `timezone` is the zone that its periods are whole in."""
    return " ".join([f"{_rows(query)}.", *(f"{also}." for also in _also(query, timezone))])


def _rows(query: typed.Query) -> str:
    subject = Subject(query.target.singular.replace("_", " "), plural=True)
    rows = many(subject.noun)
    if query.filter == typed.TRUE:
        found = f"all {rows}"
    else:
        found = f"{rows} {said(query.filter, subject).open}"
    if query.count:
        once = f", {_agreeing(query)} counted once" if query.distinct else ""
        return f"The number of {found}{once}"
    return found[0].upper() + found[1:]


def _also(query: typed.Query, timezone: str) -> Iterator[str]:
    if not query.count:
        yield _order(query)
    if query.select is not None:
        yield f"Of each: {listed([noun_of(column) for column in query.select])}"
    found = list(periods(query.filter))
    if found:
        weeks = any(isinstance(p, typed.Rolling) and p.unit == "week" for p in found)
        zone = f"Days and longer periods are those of {timezone}"
        yield f"{zone}; weeks begin on Monday" if weeks else zone


def _order(query: typed.Query) -> str:
    keys = [_key(key) for key in query.sort]
    if not keys:
        default = query.target.default_sort
        column = typed.Column(query.target.by_name[default.field])
        keys = [f"{_key(typed.SortKey(column, default.descending))} (the default)"]
    steps = [f"Sorted by {', then by '.join(keys)}"]
    if query.distinct:
        steps.append(f"of {_agreeing(query)} only the first{_tie(query)}")
    if page := _page(query):
        steps.append(page)
    return "; ".join(steps)


def _agreeing(query: typed.Query) -> str:
    """`those with the same flow id`: the rows that `distinct` takes one of."""
    columns = query.distinct
    words = listed([noun_of(column, compared=True) for column in columns])
    nullable = any(column.field.nullable for column in columns)
    return f"those with the same {words}{' (none counting as one)' if nullable else ''}"


def _tie(query: typed.Query) -> str:
    """Which row is the first of those that the sort does not tell apart."""
    entity = query.target
    fields = [key.column.field for key in query.sort]
    fields = fields or [entity.by_name[entity.default_sort.field]]
    return "" if any(field.unique for field in fields) else " (of equal ones the greatest id)"


def _key(key: typed.SortKey) -> str:
    words = noun_of(key.column, compared=True)
    if key.descending:
        words += ", descending"
    if key.nulls is not None:
        words += f", those without one {key.nulls}"
    return words


def _page(query: typed.Query) -> str | None:
    limit, page, offset = query.limit, query.page, query.offset
    if page is not None:
        size = PAGE_SIZE if limit is None else limit
        if isinstance(size, int) and isinstance(page, int):
            return f"of these page {page:,}, rows {size * (page - 1) + 1:,} to {size * page:,}"
        return f"of these page {_number(page)}, of {_number(size)} rows"
    rest = "" if offset is None else f" after leaving out the first {_number(offset)}"
    if limit is not None:
        return f"of these the first {_number(limit)}{rest}"
    return f"of these all{rest}" if rest else None


def _number(value: int | typed.Parameter) -> str:
    return f"${value.name}" if isinstance(value, typed.Parameter) else f"{value:,}"
