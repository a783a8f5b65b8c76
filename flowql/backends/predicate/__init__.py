"""Rows in memory: which of them a query selects, in which order, on which page.

Promised: the same meaning as SQL. Every condition has three values, every scope
two; each stored value is read once; related rows are found through indexes, so
the time is linear in the rows whatever the query; nested conditions recurse at
most twice a level. A missing table or column and a value that is not of its
field's type are coded problems, all of them at once.

Conditions are decided a set of rows at a time (`conditions`), over columns of
read values (`tables`, `values`); `order` sorts and pages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowql.backends.predicate.conditions import Judge, ascii_fold
from flowql.backends.predicate.order import answer, first_of_each, page_of, sorted_rows
from flowql.backends.predicate.tables import Tables
from flowql.diagnostics import FlowQLError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from flowql import typed
    from flowql.diagnostics import Diagnostic

__all__ = ["ascii_fold", "select"]


def select(
    query: typed.Query,
    tables: Mapping[str, Iterable[Mapping[str, Any]]],
    *,
    fold: Callable[[str], str] = ascii_fold,
) -> list[dict[str, Any]]:
    """The rows of a grounded query: filtered, sorted, one of each, paged.

    `tables` has the rows by entity (`flow_runs`) or by Prefect's table
    (`flow_run`), as Prefect's API or a database gives them. The very rows given
    come back; with `select` new ones, keyed by field, with the stored values;
    with `count` one row, `{"count": n}`. `fold` is what makes letters equal where
    case does not count. Raises `FlowQLError`.
    """
    found: list[Diagnostic] = []
    stored = Tables(tables, found)
    judge = Judge(stored, fold)
    table = stored.table(query.target)
    rows = judge.verdict(query.filter, table, set(range(len(table)))).true
    selected: list[dict[str, Any]]
    if query.count:
        selected = [{"count": len(first_of_each(query, stored, table, list(rows)))}]
    else:
        ordered = sorted_rows(query, stored, table, rows)
        firsts = first_of_each(query, stored, table, ordered)
        page = page_of(query, firsts, judge.plain)
        selected = answer(query, stored, table, page)
    if found:
        raise FlowQLError(found)
    return selected
