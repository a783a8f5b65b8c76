"""Conditions on one column drawn together, and contradictions found.

These laws keep the rows that a filter selects, not what is unknown of the others.
In normal form `not` stands only before a single condition or a scope, and a scope
asks only whether rows make it true, so they hold everywhere in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, assert_never

from flowql import typed
from flowql.catalog import Type
from flowql.diagnostics.base import Diagnostic
from flowql.diagnostics.rewrite import Contradiction
from flowql.rewrite.combine import all_of, any_of, mergeable
from flowql.rewrite.normal import every, negation, normal, some
from flowql.source import Span


def merge(predicate: typed.Predicate) -> typed.Predicate:
    """A filter that selects the same rows, each column's conditions drawn together.

    The input is in normal form, and so is the result.
    """
    return _Merging().merge(predicate)


def contradictions(predicate: typed.Predicate) -> list[Diagnostic]:
    """Why a filter can select nothing; none if it can select something.

    Times that are not concrete yet are taken to fit one another.
    """
    merging = _Merging()
    merging.merge(normal(predicate))
    return list(merging.found)


@dataclass(slots=True)
class _Merging:
    found: list[Contradiction] = field(default_factory=list)

    def merge(self, node: typed.Predicate) -> typed.Predicate:
        before = len(self.found)
        merged = self._merge(node)
        if not isinstance(merged, typed.Always) or merged.value:
            del self.found[before:]  # what holds all the same contradicts nothing
        return merged

    def _merge(self, node: typed.Predicate) -> typed.Predicate:
        match node:
            case typed.And(operands, span):
                parts = []
                for operand in operands:
                    parts.append(self.merge(operand))  # noqa: PERF401
                return self._conjoined(all_of(parts, span))
            case typed.Or(operands, span):
                parts = []
                for operand in operands:
                    parts.append(self.merge(operand))
                return any_of(parts, span)
            case typed.Not(operand, span):
                return self._negated(operand, node)
            case typed.Exists(relation, where, span):
                return some(relation, self.merge(where), span)
            case typed.Every(relation, where, span):
                return every(relation, self.merge(where), span)
            case typed.Latest(path, where, span):
                merged = self.merge(where)
                return merged if merged == typed.FALSE else typed.Latest(path, merged, span)
            case typed.Count(counted, operator, bound, span):
                if isinstance(bound, typed.Share):
                    bound = typed.Share(bound.factor, self._counted(bound.counted))
                return typed.Count(self._counted(counted), operator, bound, span)
            case typed.Always(value, span):
                if not value:
                    self.found.append(Contradiction(span=span))
                return node
            case typed.In() | typed.Compare() | typed.TextMatch():
                return node
            case typed.TagsMatch() | typed.IsNull():
                return node
            case _:
                assert_never(node)

    def _counted(self, counted: typed.Counted) -> typed.Counted:
        return typed.Counted(counted.path, self.merge(counted.where))

    def _negated(self, operand: typed.Predicate, node: typed.Not) -> typed.Predicate:
        match operand:
            case typed.In(column, values) if mergeable(column, values):
                choices = column.field.choices
                if choices and set(choices) <= set(values):
                    return self._contradiction(column, [node])
                return node
            case typed.Exists() | typed.Every() | typed.Latest() | typed.Count():
                return negation(self._merge(operand))
            case _:
                return node

    def _conjoined(self, node: typed.Predicate) -> typed.Predicate:
        if not isinstance(node, typed.And):
            return node
        columns: dict[typed.Column, list[typed.Predicate]] = {}
        for operand in node.operands:
            if (column := _column(operand)) is not None:
                columns.setdefault(column, []).append(operand)
        if clash := _clashing_scopes(node.operands):
            self.found.append(clash)
            return typed.FALSE
        if all(len(like) == 1 for like in columns.values()):
            return node
        result: list[typed.Predicate] = []
        for operand in node.operands:
            column = _column(operand)
            if column is None:
                result.append(operand)
            elif like := columns.pop(column, None):
                merged = _tags(like) if column.field.type is Type.TAGS else _values(column, like)
                if merged is None:
                    return self._contradiction(column, like)
                result += merged
        return all_of(result, node.span)

    def _contradiction(
        self, column: typed.Column, conditions: list[typed.Predicate]
    ) -> typed.Predicate:
        name = ".".join((column.field.name, *column.keys))
        self.found.append(Contradiction(span=_hull(conditions), subject=name))
        return typed.FALSE


def _column(operand: typed.Predicate) -> typed.Column | None:
    """The column of a condition on the row in hand."""
    if isinstance(operand, typed.Not):
        operand = operand.operand
    match operand:
        case (
            typed.In(column) | typed.Compare(column) | typed.TextMatch(column)
            | typed.TagsMatch(column) | typed.IsNull(column)
        ):  # fmt: skip
            return column
        case _:
            return None


def _hull(conditions: list[typed.Predicate]) -> Span | None:
    spans = [span for node in conditions if (span := getattr(node, "span", None))]
    if not spans:
        return None
    return Span(min(span.start for span in spans), max(span.end for span in spans))


def _clashing_scopes(operands: tuple[typed.Predicate, ...]) -> Contradiction | None:
    """`no run` beside `any run (…)`."""
    none = {
        operand.operand.relation: operand
        for operand in operands
        if isinstance(operand, typed.Not)
        and isinstance(operand.operand, typed.Exists)
        and operand.operand.where == typed.TRUE
    }
    if none:
        for operand in operands:
            if isinstance(operand, typed.Exists) and operand.relation in none:
                span = _hull([none[operand.relation], operand])
                return Contradiction(span=span, subject=operand.relation.name)
    return None


# ── one column ────────────────────────────────────────────────────────────────


def _values(
    column: typed.Column, conditions: list[typed.Predicate]
) -> list[typed.Predicate] | None:
    """The conditions on a column drawn together; None where they exclude one another."""
    if len(conditions) == 1:
        return conditions
    absent: list[typed.Predicate] = [c for c in conditions if isinstance(c, typed.IsNull)]
    present = [c for c in conditions if _is_not_null(c)]
    rest: list[typed.Predicate] = [
        c for c in conditions if not isinstance(c, typed.IsNull) and not _is_not_null(c)
    ]
    if absent and present:
        return None
    # A start time that is null may still be compared: the expected one stands in.
    if column.field.coalesce is None and any(_needs_a_value(c) for c in rest):
        if absent:
            return None
        present = []
    if column.field.type is not Type.JSON:
        narrowed = _narrowed(rest)
        if narrowed is None:
            return None
        rest = narrowed
    return [*rest, *absent[:1], *present[:1]]


def _is_not_null(condition: typed.Predicate) -> bool:
    return isinstance(condition, typed.Not) and isinstance(condition.operand, typed.IsNull)


def _needs_a_value(condition: typed.Predicate) -> bool:
    """Whether the condition is never true of null."""
    match condition:
        case typed.Not(typed.In(_, values)):
            # A list still to be given may turn out empty, and then it excludes nothing.
            return not any(isinstance(v, typed.Parameter) and v.many for v in values)
        case _:
            return True


def _narrowed(conditions: list[typed.Predicate]) -> list[typed.Predicate] | None:
    """Lists and bounds drawn together; None where no value is left."""
    lists: list[typed.In] = []
    excluded: list[typed.Predicate] = []
    bounds: list[typed.Compare] = []
    others: list[typed.Predicate] = []
    for condition in conditions:
        match condition:
            case typed.In(column, values) if mergeable(column, values):
                lists.append(condition)
            case typed.Not(typed.In(column, values)) if mergeable(column, values):
                excluded.append(condition)
            case typed.Compare(column, _, value) if mergeable(column, (value,)):
                bounds.append(condition)
            case _:
                others.append(condition)
    kept = _range(bounds)
    if kept is None or _opposed(others):
        return None
    if not lists:
        return [*kept, *excluded, *others]
    gone = {value for condition in excluded for value in _excluded(condition)}
    left = [
        value
        for value in lists[0].values
        if value not in gone and all(_inside(value, bound) for bound in kept)
    ]
    # Lists have been counted out against one another before; two left exclude each other.
    if len(lists) > 1 or not left:
        return None
    return [typed.In(lists[0].column, tuple(left), lists[0].span), *others]


def _excluded(condition: typed.Predicate) -> tuple[typed.Value, ...]:
    match condition:
        case typed.Not(typed.In(_, values)):
            return values
        case _:
            raise AssertionError(condition)


def _range(bounds: list[typed.Compare]) -> list[typed.Compare] | None:
    """The tightest lower and upper bound; None where nothing is between them."""

    def lower(bound: typed.Compare) -> Any:
        return bound.value, bound.operator == ">"

    def upper(bound: typed.Compare) -> Any:
        return bound.value, bound.operator == "<="

    low = max((b for b in bounds if b.operator in (">", ">=")), key=lower, default=None)
    high = min((b for b in bounds if b.operator in ("<", "<=")), key=upper, default=None)
    if low and high:
        least: Any = low.value
        most: Any = high.value
        if least > most or (least == most and (low.operator, high.operator) != (">=", "<=")):
            return None
        if (low.operator, high.operator) == (">", "<") and _adjoin(least, most):
            return None
    return [bound for bound in (low, high) if bound]


def _adjoin(least: Any, most: Any) -> bool:
    """Whether no time or length lies between two: they are whole microseconds."""
    if not isinstance(least, datetime | timedelta):
        return False
    return bool(most - least <= timedelta(microseconds=1))


def _inside(value: Any, bound: typed.Compare) -> bool:
    against: Any = bound.value
    match bound.operator:
        case "<":
            return bool(value < against)
        case "<=":
            return bool(value <= against)
        case ">":
            return bool(value > against)
        case ">=":
            return bool(value >= against)
        case _:
            assert_never(bound.operator)


def _opposed(conditions: list[typed.Predicate]) -> bool:
    """Whether one of the conditions is the negation of another."""
    plain = {condition for condition in conditions if not isinstance(condition, typed.Not)}
    return any(
        isinstance(condition, typed.Not) and condition.operand in plain for condition in conditions
    )


# ── tags ──────────────────────────────────────────────────────────────────────


def _tags(conditions: list[typed.Predicate]) -> list[typed.Predicate] | None:
    """The conditions on a set of tags drawn together; None where they exclude one another.

    `has all` and `within` stand once each by now.
    """
    if len(conditions) == 1:
        return conditions
    if _opposed(conditions):
        return None
    needed: frozenset[object] = frozenset()
    allowed: frozenset[object] | None = None
    alternatives: list[frozenset[object]] = []
    barred: set[object] = set()
    for condition in conditions:
        match condition:
            case typed.TagsMatch(_, operator, values) if _OPEN_TAG.isdisjoint(map(type, values)):
                match operator:
                    case "has all":
                        needed = frozenset(values)
                    case "within":
                        allowed = frozenset(values)
                    case "has any":
                        alternatives.append(frozenset(values))
                    case _:
                        assert_never(operator)
            case typed.Not(typed.TagsMatch(_, "has any", values)):
                barred.update(values)
            case typed.Not(typed.TagsMatch(_, "has all", (value,))):
                barred.add(value)
            case _:
                pass
    if needed & barred or any(tags <= barred for tags in alternatives):
        return None
    if allowed is not None and (
        not needed <= allowed or any(tags.isdisjoint(allowed) for tags in alternatives)
    ):
        return None
    if needed or alternatives:
        return [c for c in conditions if not _is_not_empty(c)]
    return conditions


_OPEN_TAG: frozenset[type] = frozenset({typed.Parameter})


def _is_not_empty(condition: typed.Predicate) -> bool:
    match condition:
        case typed.Not(typed.TagsMatch(_, "within", ())):
            return True
        case _:
            return False
