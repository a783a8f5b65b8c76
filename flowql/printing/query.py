"""Queries, conditions and values as documents for `layout`.

Precedence is the only cause of a parenthesis; operators and connectives are
spelled as the tree has them, names and values so that the parser reads them
back as they are.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, assert_never

from flowql import ast
from flowql.printing.layout import (
    SPACE,
    WITH_LAST,
    WITH_NEXT,
    Doc,
    Fill,
    Group,
    Layout,
    Line,
    Nest,
    Piece,
    Row,
    place_comments,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowql.source import Span

WIDTH = 88


def format_query(query: ast.Query, width: int = WIDTH) -> str:
    """A query as text: tidied, with the writer's own words, structure and comments.

    The text reads back as an equal tree, and formatting that changes nothing. A
    tree with holes has no text (`ValueError`).
    """
    doc = _query(query)
    leading = place_comments(doc, query.comments)
    return Layout(width).render(doc, leading)


def format_expression(expression: ast.Expr) -> str:
    """A condition as text, on one line."""
    return Layout(1 << 60).render(_top(expression))


def _query(query: ast.Query) -> Doc:
    parts: list[Doc] = []
    if query.target is not None:
        parts.append(_path(query.target))
        if query.filter is not None:
            parts += [SPACE, Piece("where", WITH_LAST), SPACE]
    if query.filter is not None:
        parts.append(_top(query.filter))
    for clause in query.clauses:
        if parts:
            parts.append(Line())
        parts.append(_clause(clause))
    return Group(parts)


# ── expressions ───────────────────────────────────────────────────────────────


def _top(node: ast.Expr) -> Doc:
    """An expression without parentheses around it; its later lines are set in."""
    if isinstance(node, ast.And | ast.Or):
        first, *rest = _operands(node)
        return Group([first, Nest(rest)])
    return _expr(node)


def _operands(node: ast.And | ast.Or) -> list[Doc]:
    parts: list[Doc] = []
    for operand in node.operands:
        if parts:
            parts += [Line(), Piece(node.word, WITH_NEXT), SPACE]
        parts.append(_top(operand) if isinstance(node, ast.Or) else _expr(operand))
    return parts


def _expr(node: ast.Expr) -> Doc:
    match node:
        case ast.And() | ast.Or():
            return _parenthesised([], Piece("(", WITH_NEXT), node, WITH_LAST)
        case ast.Not(operand, _, word, span):
            parts: list[Doc] = [Piece(word, span.start)]
            if word == "not" or (isinstance(operand, ast.Condition) and operand.path is None):
                parts.append(SPACE)  # `!` and `=` side by side would be another operator.
            return Row([*parts, _expr(operand)])
        case ast.Bare(path):
            return _path(path)
        case ast.Condition(path, operator, operand):
            subject: list[Doc] = [] if path is None else [_path(path), SPACE]
            return Row([*subject, *_predicate(operator, operand)])
        case ast.Quantified(_, path, where, _, word, span):
            return _related(word, path, where, span)
        case ast.CountCondition(count, operator, operand):
            return Row([_counted(count), SPACE, *_predicate(operator, operand)])
        case ast.Hole():
            raise ValueError("a query with syntax problems has no text")
        case _:
            assert_never(node)


def _parenthesised(before: list[Doc], opening: Piece, node: ast.Expr, closing: int) -> Doc:
    within = _operands(node) if isinstance(node, ast.And | ast.Or) else [_expr(node)]
    return Group([*before, opening, Nest([Line(""), *within]), Line(""), Piece(")", closing)])


def _related(word: str, path: ast.Path, where: ast.Expr | None, span: Span) -> Doc:
    before: list[Doc] = [Piece(word, span.start), SPACE, _path(path)]
    if where is None:
        return Row(before)
    return _parenthesised([*before, SPACE], Piece("(", WITH_LAST), where, span.end - 1)


def _counted(counted: ast.Counted) -> Doc:
    return _related("count", counted.path, counted.where, counted.span)


def _predicate(operator: ast.Operator, operand: ast.Operand | ast.Share | None) -> list[Doc]:
    parts: list[Doc] = [Piece(operator.spelling, operator.span.start)]
    match operand:
        case None:
            return parts
        case ast.Between(low, high):
            return [*parts, SPACE, _value(low), SPACE, Piece("and", WITH_NEXT), SPACE, _value(high)]
        case ast.Share(ast.Word("1"), count):
            return [*parts, SPACE, _counted(count)]
        case ast.Share(factor, count):
            star = Piece("*", WITH_LAST)
            return [*parts, SPACE, _value(factor), SPACE, star, SPACE, _counted(count)]
        case ast.Values(items, span) if items:
            listed = _listed([_value(item) for item in items])
            opening, closing = Piece("[", span.start), Piece("]", span.end - 1)
            return [
                *parts, SPACE, Group([opening, Nest([Line(""), listed]), Line(""), closing]),
            ]  # fmt: skip
        case ast.Values(_, span):
            return [*parts, SPACE, Piece("[]", span.start)]
        case ast.EmptySet(span):
            return [*parts, SPACE, Piece("∅", span.start)]
        case ast.Word() | ast.Quoted() | ast.Param() | ast.Range():
            return [*parts, SPACE, _value(operand)]
        case _:
            assert_never(operand)


def _listed(pieces: list[Piece]) -> Doc:
    parts: list[Doc] = []
    for piece in pieces[:-1]:
        piece.text += ","
        parts += [piece, Line()]
    return Fill([*parts, pieces[-1]])


# ── values and names ──────────────────────────────────────────────────────────


def _value(value: ast.Scalar | ast.Range) -> Piece:
    if not isinstance(value, ast.Range):
        return Piece(_scalar(value), value.span.start)
    low = "" if value.low is None else _scalar(value.low)
    high = "" if value.high is None else _scalar(value.high)
    # A bare word may end in one dot, which must not become part of the two.
    return Piece(f"{low} ..{high}" if low.endswith(".") else f"{low}..{high}", value.span.start)


def _scalar(value: ast.Scalar) -> str:
    match value:
        case ast.Word(text):
            return text
        case ast.Quoted(text):
            return _quoted(text)
        case ast.Param():
            return str(value)
        case _:
            assert_never(value)


_UNSEEN = re.compile(r"[^ -\U0010ffff]|\x7f|[^\x00-\x7f]")


def _quoted(text: str) -> str:
    """JSON's spelling; whatever could hide or turn other text around is escaped."""
    spelled = json.dumps(text, ensure_ascii=False)
    return spelled if spelled.isprintable() else _UNSEEN.sub(_escaped, spelled)


def _escaped(match: re.Match[str]) -> str:
    char = match.group()
    return char if char.isprintable() else json.dumps(char)[1:-1]


_FIRST_NAME = re.compile(r"[^\W\d]\w*")
_LATER_NAME = re.compile(r"\w+")


def _path(path: ast.Path) -> Piece:
    return Piece(_path_text(path), path.span.start)


def _path_text(path: ast.Path) -> str:
    first, *rest = path.parts
    plain = _FIRST_NAME.fullmatch(first) and first.lower() not in ast.KEYWORDS
    return ".".join([
        first if plain else f"`{first}`",
        *(part if _LATER_NAME.fullmatch(part) else f"`{part}`" for part in rest),
    ])  # fmt: skip


# ── clauses ───────────────────────────────────────────────────────────────────


def _clause(clause: ast.Clause) -> Doc:
    match clause:
        case ast.Sort(keys, span):
            return _keyed("sort", [_sort_key(key) for key in keys], span)
        case ast.Number(word, value, span):
            return Row([Piece(word, span.start), SPACE, _value(value)])
        case ast.Select(keys, span):
            return _keyed("select", [_key(key) for key in keys], span)
        case ast.Distinct(keys, span):
            return _keyed("distinct", [_key(key) for key in keys], span)
        case ast.Count((), span):
            return Piece("count", span.start)
        case ast.Count(by, span):
            return _keyed("count by", [_key(key) for key in by], span)
        case ast.Having(key, operator, operand, span):
            subject = Piece("count", WITH_LAST) if key is None else _key(key)
            return Row([
                Piece("having", span.start), SPACE, subject, SPACE, *_predicate(operator, operand),
            ])  # fmt: skip
        case ast.After(values, span):
            return _keyed("after", [_value(value) for value in values], span)
        case ast.Hole():
            raise ValueError("a query with syntax problems has no text")
        case _:
            assert_never(clause)


def _keyed(word: str, keys: Sequence[Piece], span: Span) -> Doc:
    return Nest([Piece(word, span.start), SPACE, _listed(list(keys))])


def _sort_key(key: ast.SortKey) -> Piece:
    words = [_path_text(key.path)]
    if key.direction is not None:
        words.append(key.direction)
    if key.nulls is not None:
        words.append(f"nulls {key.nulls}")
    return Piece(" ".join(words), key.span.start)


def _key(key: ast.Path | ast.Call) -> Piece:
    if isinstance(key, ast.Path):
        return _path(key)
    within = "" if key.path is None else _path_text(key.path)
    function = _path_text(ast.Path(tuple(key.function.split("."))))
    return Piece(f"{function}({within})", key.span.start)
