"""Asks one query of every back end and compares the rows with plain Python.

The set of rows comes from memory (which `test_strategies` compares with the plain
definitions), the order from a sort written here over stored values, with each
engine's own place for nulls. Back ends must give the same
ids in the same order; a request is asked of the real server, its set by a walk.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cmp_to_key
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from flowql import typed
from flowql.backends.body import to_request
from flowql.backends.predicate import ascii_fold, select
from flowql.backends.sql import to_sql
from flowql.catalog import Field, Type, endpoints
from flowql.diagnostics import FlowQLError
from flowql.limits import PAGE_SIZE
from tests import reference
from tests.oracle.data.task_workers import TASK_WORKERS
from tests.oracle.server import identity

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowql.run import Answer
    from tests.oracle.server import PrefectServer

Tables = dict[str, list[dict[str, Any]]]


_REFUSALS = {"sql-no-regex", "sql-too-deep", "sql-factor-too-fine"}


@dataclass(frozen=True, repr=False)
class Engine:
    """A database, and how it orders nulls: `large`, `small` or `last`."""

    dialect: str
    nulls: str
    fold: Callable[[str], str]
    execute: Callable[[str, tuple[Any, ...]], list[tuple[Any, ...]]]
    tables: Tables

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(self.dialect)  # hypothesis would print all the rows


def expected(query: typed.Query, engine: Engine) -> list[str]:
    """The ids that the query selects on the engine, in order."""
    whole = replace(query, sort=(), limit=None, page=None, offset=None, select=None, distinct=())
    rows = select(whole, engine.tables, fold=engine.fold)
    keys = _sort_keys(query)
    own = query.target.by_name.get("id") or query.target.by_name["identifier"]
    if all(key.column.field is not own for key in keys):
        keys.append(typed.SortKey(typed.Column(own), True))
    ordered = sorted(rows, key=cmp_to_key(lambda a, b: _compared(a, b, keys, engine)))
    if query.distinct:
        columns = [(column.field, column.keys) for column in query.distinct]
        ordered = [dict(row) for row in reference.first_of_each(ordered, columns)]
    ids = [identity(dict(row)) for row in ordered]
    limit = query.limit
    if query.page is not None and limit is None:
        limit = PAGE_SIZE
    start = query.offset or 0
    if query.page is not None:
        start = (query.page - 1) * limit
    return ids[start:] if limit is None else ids[start : start + limit]


def _sort_keys(query: typed.Query) -> list[typed.SortKey]:
    """The keys of a query, or those that its entity has without."""
    if query.sort:
        return list(query.sort)
    default = query.target.default_sort
    return [typed.SortKey(typed.Column(query.target.by_name[default.field]), default.descending)]


def _compared(a: Any, b: Any, keys: list[typed.SortKey], engine: Engine) -> int:
    for key in keys:
        left, right = (_value(row, key.column.field) for row in (a, b))
        if left == right:
            continue
        if left is None or right is None:
            first = _nulls_first(key, engine)
            return -1 if (left is None) == first else 1
        return (-1 if left < right else 1) * (-1 if key.descending else 1)
    return 0


def _nulls_first(key: typed.SortKey, engine: Engine) -> bool:
    if key.nulls is not None:
        return key.nulls == "first"
    if engine.nulls == "last":
        return False
    return (engine.nulls == "small") != key.descending


def _value(row: dict[str, Any], field: Field) -> Any:
    if field.difference is not None:
        later, earlier = (row[column] for column in field.difference)
        return None if later is None or earlier is None else later - earlier
    if field.joined:
        return " ".join(row[column] for column in field.joined)
    value = row[field.column]
    if value is None and field.coalesce is not None:
        value = row[field.coalesce]
    for key in field.keys:
        value = value.get(key) if isinstance(value, dict) else None
    if value is None:
        return None
    if field.type is Type.UUID:
        return str(value)
    return value


def check_sql(query: typed.Query, engine: Engine) -> None:
    """SQL, inline and bound, gives the expected ids in the expected order."""
    if query.count:
        want: list[Any] = [len(expected(replace(query, count=False), engine))]
        asked = query
    else:
        want = expected(query, engine)
        asked = replace(query, select=(typed.Column(query.target.by_name["id"]),))
    for params in ("inline", "bind"):
        try:
            sql = to_sql(asked, engine.dialect, params)  # type: ignore[arg-type]
        except FlowQLError as refused:
            if {problem.code for problem in refused.diagnostics} <= _REFUSALS:
                return
            raise
        rows = engine.execute(sql.text, sql.params)
        got = [row[0] if query.count else str(row[0]) for row in rows]
        assert got == want, f"{engine.dialect} {params}\n{sql.text}"


def check_request(query: typed.Query, server: PrefectServer, engine: Engine) -> bool:
    """Where one request says the query, the server's rows are the expected ones."""
    try:
        request = to_request(replace(query, select=None), database=server.engine)
    except FlowQLError:
        return False
    if "text" in request.body.get("logs", ()) and not server.searches:
        return False
    status, answer = server.post(request.path, request.body)
    assert status == 200, (status, answer, request)
    if query.count:
        assert answer == len(expected(replace(query, count=False), engine)), request
        return True
    found = endpoints.find(request.path)
    assert found is not None
    size = found[1].size
    rows = answer
    if isinstance(answer, dict):
        rows = answer["events" if "events" in answer else "results"]
    everything = replace(query, limit=None, page=None, offset=None)
    want = expected(everything, engine)
    filters = {k: v for k, v in request.body.items() if k not in _PAGING}
    assert server.ids(request.path, filters) == set(want), request
    start = query.offset or ((query.page or 1) - 1) * (query.limit or PAGE_SIZE)
    count = size if query.limit is None else query.limit
    assert len(rows) == len(want[start : start + count]), request
    if query.target.table:
        # Task workers come in any order.
        _check_order(query, [row["id"] for row in rows], want, engine)
    return True


def check_plan(query: typed.Query, answer: Answer, engine: Engine) -> None:
    """The answer of a plan is the query's: its rows in its order, or their number.

    A page that one request gave is any of those that the sort keys allow. Nulls stand where the
    database has them, or where rows are sorted in memory.
    """
    if query.count:
        assert answer.count == len(expected(replace(query, count=False), engine)), answer
        return
    got = [identity(row) for row in answer.rows]
    engines = [replace(engine, nulls=nulls) for nulls in dict.fromkeys((engine.nulls, "small"))]
    if any(got == expected(query, one) for one in engines):
        return
    want = expected(query, engine)
    whole = expected(replace(query, limit=None, page=None, offset=None), engine)
    assert set(got) <= set(whole), f"rows too many: {set(got) - set(whole)}"
    assert len(got) == len(want), f"{len(got)} rows for {len(want)}: {set(want) - set(got)}"
    assert len(set(got)) == len(got), "a row came twice"
    assert answer.requests == 1, "another order"
    assert not query.distinct, "another row of each"
    assert any(_same_places(query, got, one) for one in engines), "another order"


def _same_places(query: typed.Query, got: list[str], engine: Engine) -> bool:
    """Whether each row stands where the sort keys alone may have it."""
    stored = {identity(row): row for row in engine.tables[query.target.table]}
    keys = _sort_keys(query)
    return all(
        _compared(stored[one], stored[other], keys, engine) == 0
        for one, other in zip(got, expected(query, engine), strict=True)
    )


_PAGING = ("sort", "limit", "offset", "page")


def _check_order(query: typed.Query, got: list[str], want: list[str], engine: Engine) -> None:
    """The rows follow the sort keys alone: a request has no last key."""
    stored = {str(row["id"]): row for row in engine.tables[query.target.table]}
    keys = _sort_keys(query)
    assert set(got) <= set(want)
    for one, next_ in pairwise(got):
        assert _compared(stored[one], stored[next_], keys, engine) <= 0


def _tables(server: PrefectServer) -> Tables:
    return {**server.tables(), "task_workers": TASK_WORKERS}


def sqlite_engine(server: PrefectServer) -> Engine:
    return Engine("sqlite", "small", ascii_fold, server.execute_tuples, _tables(server))


def postgres_engine(server: PrefectServer) -> Engine:
    return Engine("postgres", "large", str.lower, server.execute_tuples, _tables(server))


def duckdb_engine(connection: Any, tables: Tables) -> Engine:
    def execute(text: str, params: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = connection.execute(text, params).fetchall()
        return rows

    return Engine("duckdb", "last", str.lower, execute, tables)
