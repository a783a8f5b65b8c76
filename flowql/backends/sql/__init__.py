"""SQL over Prefect's own schema: a typed query as one statement of a dialect.

Promised: the rows that the query means, by the three-valued meaning of its nodes,
in the order of its keys and then the greatest id first. The text comes from a
sqlglot tree, never from joined strings; values stand in it as literals, or with
`bind` as parameters in the driver's own style and form. What a dialect cannot say
exactly, or an engine's parser could not read, is a coded problem at its span.

`lower` has predicates, `correlated` and `keyed` the two ways of scopes over related
rows, `conditions` those on the row in hand, `select` the clauses, `values` literals
and parameters; `dialects/` has one file a dialect.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sqlglot import Dialect as Writer
from sqlglot import ErrorLevel

from flowql.backends.sql import correlated, keyed
from flowql.backends.sql.dialect import Dialect
from flowql.backends.sql.dialects import dialects, get
from flowql.backends.sql.lower import Lowering
from flowql.backends.sql.result import Sql
from flowql.backends.sql.select import lower_query
from flowql.diagnostics import FlowQLError
from flowql.diagnostics.sql import NoTable, SqlTooDeep, UnknownDialect

if TYPE_CHECKING:
    from flowql import typed

__all__ = ["Sql", "dialects", "to_sql"]


def to_sql(
    query: typed.Query, dialect: str | Dialect, params: Literal["inline", "bind"] = "inline"
) -> Sql:
    """The statement of a grounded query.

    `dialect` is one, or the name or alias of one in `dialects()`. With `bind`, values are
    parameters (`?` for SQLite and DuckDB, psycopg's `%s` for PostgreSQL): execute
    the text with `Sql.params`, even where there are none, because psycopg reads
    a doubled `%` only then; or with `Sql.bind(…)` where some have no value yet.
    Raises `FlowQLError` with every problem.
    """
    found = get(dialect) if isinstance(dialect, str) else dialect
    if found is None:
        raise FlowQLError([UnknownDialect(name=str(dialect), known=tuple(dialects()))])
    if not query.target.table:
        raise FlowQLError([NoTable(entity=query.target.name)])
    too_deep = SqlTooDeep(span=query.filter.span, dialect=found.name)
    scopes = correlated.scope if found.related == "correlated" else keyed.scope
    lowering = Lowering(found, params == "bind", scopes)
    try:
        tree = lower_query(query, lowering)
        if any(depth.exceeded(tree) for depth in found.depths):
            lowering.problems.append(too_deep)
        lowering.values.check_number()
        if lowering.problems:
            raise FlowQLError(lowering.problems)
        writer = Writer.get_or_raise(found.writer).generator(
            unsupported_level=ErrorLevel.RAISE, comments=False
        )
        text = writer.generate(tree, copy=False)
    except RecursionError:
        # The depths leave room for a caller that is itself deep, but not for any caller.
        raise FlowQLError([too_deep]) from None
    values = lowering.values
    return Sql(text, tuple(values.params), tuple(values.places))
