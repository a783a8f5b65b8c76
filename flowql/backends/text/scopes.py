"""Combinations and scopes: when a condition is dotted, when it takes a quantifier."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import repeat
from typing import TYPE_CHECKING, Literal, assert_never

from flowql import ast, typed
from flowql.backends.text.conditions import condition, merged, scalar
from flowql.catalog import Entity, Relation, entities
from flowql.catalog.chains import named

if TYPE_CHECKING:
    from collections.abc import Iterator


def scope(node: typed.Predicate, entity: Entity) -> ast.Expr:
    """What opens a scope on rows of an entity: a filter, the inside of a `not` or a quantifier."""
    return _expr(node, entity, _alone(node))


def _alone(node: typed.Predicate) -> frozenset[Relation]:
    """The relations that just one dotted path of a scope would begin with.

    Two such paths would be read as conditions on one and the same row.
    """
    firsts: Counter[Relation] = Counter()
    pending = [node]
    while pending:
        part = pending.pop()
        if isinstance(part, typed.And | typed.Or):
            pending.extend(part.operands)
        elif isinstance(part, typed.Exists) and _dotted(part) is not None:
            firsts[part.relation] += 1
    return frozenset(relation for relation, count in firsts.items() if count == 1)


def _dotted(node: typed.Exists) -> ast.Bare | ast.Condition | None:
    """`run.state = FAILED`, where one condition on the row in hand is all there is."""
    steps, where = _chain(node)
    if steps[-1].elements:
        return None
    return condition(where, _names(steps))


def _expr(node: typed.Predicate, entity: Entity, alone: frozenset[Relation]) -> ast.Expr:
    if (single := condition(node) or _counts(node)) is not None:
        return single
    match node:
        case typed.And() | typed.Or():
            # A loop rather than a comprehension, which would be a frame more a level.
            operands: list[ast.Expr] = []
            for operand in _merged_counts(node):
                operands.append(_expr(operand, entity, alone))  # noqa: PERF401
            depth = 1 + max(map(_depth, operands))
            if isinstance(node, typed.And):
                return ast.And(tuple(operands), depth)
            return ast.Or(tuple(operands), depth)
        case typed.Not(operand):
            return _not(operand, entity)
        case typed.Exists(relation):
            dotted = _dotted(node) if relation in alone else None
            return dotted or _quantified("any", *_chain(node))
        case typed.Every():
            return _quantified("every", *_chain(node))
        case typed.Latest(path, where):
            return _quantified("latest", list(path), where)
        case typed.Count(_, operator):
            return _count(node, operator)
        case typed.Always(value):
            # The language has no word for it; a list of nothing says it of every row.
            never = typed.In(typed.Column(entity.fields[0]), ())
            return _expr(typed.Not(never) if value else never, entity, alone)
        case typed.In() | typed.Compare() | typed.TextMatch() | typed.TagsMatch() | typed.IsNull():
            raise AssertionError(node)
        case _:
            assert_never(node)


def _not(operand: typed.Predicate, entity: Entity) -> ast.Expr:
    if isinstance(operand, typed.Exists):
        return _quantified("no", *_chain(operand))
    if isinstance(operand, typed.Count) and operand.operator == "=":
        return _count(operand, "!=")
    if (counts := _counts(operand)) is not None:
        name = f"not {counts.operator.name}"
        return replace(counts, operator=ast.Operator(name, name))
    within = scope(operand, entity)
    return ast.Not(within, 1 + _depth(within))


def _chain(node: typed.Exists | typed.Every) -> tuple[list[Relation], typed.Predicate]:
    """The relations that a quantifier follows in a row, and the condition at their end."""
    steps = [node.relation]
    where = node.where
    while isinstance(where, type(node)):
        steps.append(where.relation)
        where = where.where
    return steps, where


def _names(steps: list[Relation] | tuple[Relation, ...]) -> tuple[str, ...]:
    return tuple(relation.name for relation in named(steps))


def _quantified(
    word: Literal["any", "no", "every", "latest"], steps: list[Relation], where: typed.Predicate
) -> ast.Quantified:
    path = ast.Path(_names(steps))
    if where == typed.TRUE:
        return ast.Quantified(word, path, None, 1, word)
    within = scope(where, entities()[steps[-1].target])
    return ast.Quantified(word, path, within, 1 + _depth(within), word)


# ── counts ────────────────────────────────────────────────────────────────────


def _count(node: typed.Count, operator: str) -> ast.CountCondition:
    counted = _counted(node.counted)
    spelled = ast.Operator(operator, operator)
    if not isinstance(node.bound, typed.Share):
        return ast.CountCondition(counted, spelled, scalar(node.bound), counted.depth)
    other = _counted(node.bound.counted)
    share = ast.Share(scalar(node.bound.factor), other)
    return ast.CountCondition(counted, spelled, share, max(counted.depth, other.depth))


def _counted(counted: typed.Counted) -> ast.Counted:
    path = ast.Path(_names(counted.path))
    if counted.where == typed.TRUE:
        return ast.Counted(path, None, 1)
    within = scope(counted.where, entities()[counted.path[-1].target])
    return ast.Counted(path, within, 1 + _depth(within))


def _counts(node: typed.Predicate) -> ast.CountCondition | None:
    """`count run between 1 and 3`, `count run in [1, 3]`, where that is what a node says."""
    if not isinstance(node, typed.And | typed.Or):
        return None
    counts = _one_count(node, node.operands, 0)
    if len(counts) != len(node.operands):
        return None
    bounds = [scalar(count.bound) for count in counts if not isinstance(count.bound, typed.Share)]
    counted = _counted(counts[0].counted)
    if isinstance(node, typed.And):
        low, high = bounds
        between = ast.Operator("between", "between")
        return ast.CountCondition(counted, between, ast.Between(low, high), counted.depth)
    one_of = ast.Operator("in", "in")
    return ast.CountCondition(counted, one_of, ast.Values(tuple(bounds)), counted.depth)


_SHALLOW = 8


def _merged_counts(node: typed.And | typed.Or) -> Iterator[typed.Predicate]:
    """The operands, those in one that `_counts` says in one."""
    operands = tuple(merged(node))
    at = 0
    while at < len(operands):
        counts = _one_count(node, operands, at)
        if len(counts) > 1:
            yield type(node)(counts)
        else:
            yield operands[at]
        at += max(1, len(counts))


def _one_count(
    node: typed.And | typed.Or, operands: tuple[typed.Predicate, ...], start: int
) -> tuple[typed.Count, ...]:
    """The operands from `start` on that compare one count: a range, or a list of numbers."""
    wanted = (">=", "<=") if isinstance(node, typed.And) else repeat("=")
    found: list[typed.Count] = []
    for at, operator in zip(range(start, len(operands)), wanted, strict=False):
        operand = operands[at]
        if (
            not isinstance(operand, typed.Count)
            or operand.operator != operator
            or isinstance(operand.bound, typed.Share)
            or (found and not _is_same(operand.counted, found[0].counted))
        ):
            break
        found.append(operand)
    return tuple(found)


def _is_same(one: typed.Counted, other: typed.Counted) -> bool:
    # Comparing deep trees could overflow the stack, so counts of related rows'
    # related rows stand side by side.
    return _is_shallow(one.where) and _is_shallow(other.where) and one == other


def _is_shallow(node: typed.Predicate) -> bool:
    pending = [(node, 0)]
    while pending:
        part, depth = pending.pop()
        if isinstance(part, typed.And | typed.Or):
            pending.extend((operand, depth + 1) for operand in part.operands)
        elif isinstance(part, typed.Not):
            pending.append((part.operand, depth + 1))
        elif not isinstance(part, typed.Own):
            return False
        if depth > _SHALLOW:
            return False
    return True


def _depth(expr: ast.Expr) -> int:
    return 0 if isinstance(expr, ast.Bare | ast.Condition | ast.Hole) else expr.depth
