"""Asking an engine, and short spellings for hand-built trees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlglot import Dialect as Writer
from sqlglot import exp

from flowql import typed
from flowql.backends.sql import to_sql
from flowql.backends.sql.dialect import Dialect
from flowql.catalog import Relation, entities
from tests.oracle.data import AWKWARD

Row = dict[str, Any]


@dataclass(frozen=True)
class Engine:
    """An open connection to a database with the awkward rows."""

    dialect: str | Dialect
    connection: Any

    def rows(self, query: typed.Query, params: str = "inline", **values: Any) -> list[Any]:
        sql = to_sql(query, self.dialect, params)  # type: ignore[arg-type]
        if params == "inline":
            assert sql.params == ()
            return self.execute(sql.text)
        return self.execute(sql.text, sql.bind(**values))

    def execute(self, text: str, params: tuple[object, ...] | None = None) -> list[Any]:
        cursor = self.connection.cursor()
        cursor = cursor.execute(text) if params is None else cursor.execute(text, params)
        rows: list[Any] = cursor.fetchall()
        return rows

    def names(self, query: typed.Query) -> list[str]:
        cursor = self.connection.cursor()
        cursor = cursor.execute(to_sql(query, self.dialect).text)
        return [column[0] for column in cursor.description]

    def value(self, expression: exp.Expr, params: tuple[object, ...] | None = None) -> Any:
        """The value of an expression that names no table."""
        text = Writer.get_or_raise(str(self.dialect)).generate(exp.select(expression), copy=False)
        return self.execute(text, params)[0][0]

    def ids(self, query: typed.Query, **values: Any) -> list[UUID]:
        """The ids of the rows, in order; inline and bound they are the same."""
        shown = replace(query, select=(column(query.target.name, "id"),))
        bound = [UUID(str(row[0])) for row in self.rows(shown, "bind", **values)]
        if not values:
            assert [UUID(str(row[0])) for row in self.rows(shown)] == bound
        return bound


def column(entity: str, field: str, *keys: str) -> typed.Column:
    return typed.Column(entities()[entity].by_name[field], keys)


def steps(entity: str, *names: str) -> tuple[Relation, ...]:
    """A chain of single relations."""
    found = []
    for name in names:
        found.append(entities()[entity].relation_by_name[name])
        entity = found[-1].target
    return tuple(found)


def step(entity: str, name: str) -> Relation:
    return steps(entity, name)[0]


def query(entity: str, filter_: typed.Predicate = typed.TRUE, **clauses: Any) -> typed.Query:
    return typed.Query(entities()[entity], filter_, **clauses)


def stored(entity: str) -> list[Row]:
    return AWKWARD[entities()[entity].table]


def where(entity: str, truth: Callable[[Row], bool | None], wanted: bool = True) -> set[UUID]:
    """The ids of the awkward rows of which something is true (or false, never unknown)."""
    return {row["id"] for row in stored(entity) if truth(row) is wanted}
