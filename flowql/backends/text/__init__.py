"""The canonical text: typed to ast, which the one printer prints.

One spelling for one meaning, in words: quantifiers where one row is to satisfy
several conditions or none may, the dotted form where one condition stands alone.
Reading the text gives an equal query.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flowql import ast, typed
from flowql.backends.text.conditions import path_to, scalar
from flowql.backends.text.scopes import scope
from flowql.catalog import entities
from flowql.printing import format_expression, format_query

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["clauses_to_text", "condition_to_text", "to_ast", "to_text"]

_ENDLESS = 1 << 60


def to_text(query: typed.Query) -> str:
    """The canonical text of a query; relative times and parameters stay as such."""
    return format_query(to_ast(query))


def condition_to_text(condition: typed.Predicate) -> str:
    """The canonical text of a condition, on one line."""
    return format_expression(scope(condition, entities()["flows"]))


def clauses_to_text(query: typed.Query) -> str:
    """What a query says beside its filter, on one line: sort, limit, what is selected."""
    bare = to_ast(replace(query, filter=typed.TRUE))
    return format_query(bare, _ENDLESS).removeprefix(query.target.name).lstrip()


def to_ast(query: typed.Query) -> ast.Query:
    """The tree of the canonical text; its pieces have no places."""
    name = ast.Path((query.target.name,))
    clauses = tuple(_clauses(query))
    if query.filter == typed.TRUE:
        return ast.Query(None, ast.Bare(name), clauses)
    filter_ = scope(query.filter, query.target)
    # A name alone would be taken for a target.
    is_name = isinstance(filter_, ast.Bare) and len(filter_.path.parts) == 1
    target = name if is_name or query.target is not entities()["flows"] else None
    return ast.Query(target, filter_, clauses)


def _clauses(query: typed.Query) -> Iterator[ast.Clause]:
    if query.sort:
        yield ast.Sort(tuple(_sort_key(key) for key in query.sort))
    if query.distinct:
        yield ast.Distinct(tuple(path_to(column) for column in query.distinct))
    if query.limit is not None:
        yield ast.Number("limit", scalar(query.limit))
    if query.page is not None:
        yield ast.Number("page", scalar(query.page))
    if query.offset is not None:
        yield ast.Number("offset", scalar(query.offset))
    if query.select is not None:
        yield ast.Select(tuple(path_to(column) for column in query.select))
    if query.count:
        yield ast.Count()


def _sort_key(key: typed.SortKey) -> ast.SortKey:
    return ast.SortKey(path_to(key.column), "desc" if key.descending else None, key.nulls)
