"""`and` and `or` of conditions, drawn together wherever no row can tell the difference.

The results are equal in three values: what was unknown stays unknown. So these
laws hold anywhere, under `not` as well. Lists of one column become one list,
conditions on the row at the end of a relation to one become one scope.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flowql import typed
from flowql.catalog import Relation, Type

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowql.source import Span

Values = dict[typed.Value, None]
"""A set that keeps its order."""


def all_of(parts: Iterable[typed.Predicate], span: Span | None = None) -> typed.Predicate:
    """The `and` of normal conditions, normal itself."""
    flat: list[typed.Predicate] = []
    for part in parts:
        if isinstance(part, typed.And):
            flat.extend(part.operands)
        elif isinstance(part, typed.Always):
            if not part.value:
                return part
        else:
            flat.append(part)
    if len(flat) > 1:
        flat = _conjoined(flat)
    if len(flat) > 1:
        return typed.And(tuple(flat), span)
    return flat[0] if flat else typed.TRUE


def any_of(parts: Iterable[typed.Predicate], span: Span | None = None) -> typed.Predicate:
    """The `or` of normal conditions, normal itself."""
    flat: list[typed.Predicate] = []
    for part in parts:
        if isinstance(part, typed.Or):
            flat.extend(part.operands)
        elif isinstance(part, typed.Always):
            if part.value:
                return part
        else:
            flat.append(part)
    if len(flat) > 1:
        flat = _disjoined(flat)
    if len(flat) > 1:
        return typed.Or(tuple(flat), span)
    return flat[0] if flat else typed.FALSE


def mergeable(column: typed.Column, values: tuple[typed.Value, ...]) -> bool:
    """Whether lists of the column can be counted out against one another."""
    return column.field.type is not Type.JSON and _OPEN.isdisjoint(map(type, values))


_OPEN: frozenset[type] = frozenset({
    typed.Parameter, typed.Relative, typed.Calendar, typed.Rolling, typed.Offset,
    typed.Last, typed.Next, typed.Range,
})  # fmt: skip
"""What a value may be that is not a value yet."""


@dataclass(slots=True)
class _Lists:
    """The lists of one column: those that hold the value, those that do not."""

    within: list[Values] = field(default_factory=list)
    without: list[Values] = field(default_factory=list)
    within_spans: list[Span | None] = field(default_factory=list)
    without_spans: list[Span | None] = field(default_factory=list)


@dataclass(slots=True)
class _Sorted:
    """Operands by what can be drawn together, each kind in the place of its first."""

    places: dict[object, typed.Predicate] = field(default_factory=dict)
    lists: dict[typed.Column, _Lists] = field(default_factory=dict)
    tags: dict[object, list[typed.TagsMatch]] = field(default_factory=dict)
    scopes: dict[Relation, list[typed.Exists]] = field(default_factory=dict)

    def add(self, operand: typed.Predicate, tags_law: str) -> None:
        match operand:
            case typed.In(column, values, span) if mergeable(column, values):
                lists = self.list_of(column)
                lists.within.append(dict.fromkeys(values))
                lists.within_spans.append(span)
            case typed.Not(typed.In(column, values, span)) if mergeable(column, values):
                lists = self.list_of(column)
                lists.without.append(dict.fromkeys(values))
                lists.without_spans.append(span)
            case typed.TagsMatch() if (operator := _drawn_as(operand, tags_law)) and not any(
                isinstance(value, typed.Parameter) for value in operand.values
            ):
                key = (operand.column, operator)
                self.places.setdefault(key, operand)
                self.tags.setdefault(key, []).append(operand)
            case typed.Exists(relation):
                self.places.setdefault(relation, operand)
                self.scopes.setdefault(relation, []).append(operand)
            case typed.Not(typed.Exists() | typed.Every() | typed.Latest() | typed.Count()):
                self.places[id(operand)] = operand
            case typed.Not() | typed.In() | typed.Compare() | typed.TextMatch() | typed.IsNull():
                # The same condition twice is that condition once.
                self.places.setdefault(operand, operand)
            case _:
                self.places[id(operand)] = operand

    def list_of(self, column: typed.Column) -> _Lists:
        self.places.setdefault(column, typed.TRUE)
        return self.lists.setdefault(column, _Lists())


def _drawn_as(operand: typed.TagsMatch, law: str) -> str | None:
    """The operator under which a condition on tags is drawn together with its like."""
    if law == "and":
        return operand.operator if operand.operator != "has any" else None
    one = operand.operator == "has all" and len(operand.values) == 1
    return "has any" if one or operand.operator == "has any" else None


def _conjoined(operands: list[typed.Predicate]) -> list[typed.Predicate]:
    found = _Sorted()
    for operand in operands:
        found.add(operand, "and")
    result: list[typed.Predicate] = []
    for place, operand in found.places.items():
        if isinstance(place, typed.Column):
            lists = found.lists[place]
            within, without = _narrowed(lists.within, lists.without)
            result += _spelled(place, lists, within, without)
        elif place in found.tags:
            result.append(_tags_conjoined(found.tags[place]))
        elif isinstance(place, Relation):
            result += _scopes_conjoined(found.scopes[place])
        else:
            result.append(operand)
    return result


def _disjoined(operands: list[typed.Predicate]) -> list[typed.Predicate]:
    found = _Sorted()
    for operand in operands:
        found.add(operand, "or")
    result: list[typed.Predicate] = []
    for place, operand in found.places.items():
        if isinstance(place, typed.Column):
            lists = found.lists[place]
            without, within = _narrowed(lists.without, lists.within)
            result += _spelled(place, lists, within, without)
        elif place in found.tags:
            result.append(_tags_disjoined(found.tags[place]))
        elif isinstance(place, Relation):
            result.append(_scopes_disjoined(found.scopes[place]))
        else:
            result.append(operand)
    return result


def _narrowed(inner: list[Values], outer: list[Values]) -> tuple[list[Values], list[Values]]:
    """What is in all of `inner` and in none of `outer`, as lists to be in and not to be in.

    Read the other way round, these are the laws of `or`: not in all of `inner`,
    or in one of `outer`. A list that would come out empty is left alone, since an
    empty list is never unknown and what it stands for is.
    """
    union: Values = {}
    for values in outer:
        union |= values
    if not inner:
        return [], [union] if outer else []
    common = inner[0]
    for values in inner[1:]:
        common = {value: None for value in common if value in values}
    if not common:
        return inner, [union] if outer else []
    rest = {value: None for value in common if value not in union}
    return ([rest], []) if rest else ([common], [union])


def _spelled(
    column: typed.Column, lists: _Lists, within: list[Values], without: list[Values]
) -> list[typed.Predicate]:
    """The lists that are left as conditions; a list drawn together stands where its first did."""
    result: list[typed.Predicate] = [
        typed.In(column, tuple(values), span)
        for values, span in zip(within, lists.within_spans, strict=False)
    ]
    for values, span in zip(without, lists.without_spans, strict=False):
        result.append(not_in(column, tuple(values), span))
    return result


def not_in(
    column: typed.Column, values: tuple[typed.Value, ...], span: Span | None
) -> typed.Predicate:
    """The negation of a list that is not empty; not one boolean is the other."""
    match values:
        case (bool(value),) if column.field.type is Type.BOOLEAN:
            return typed.In(column, (not value,), span)
        case _:
            return typed.Not(typed.In(column, values, span), span)


def _tags_conjoined(like: list[typed.TagsMatch]) -> typed.TagsMatch:
    if len(like) == 1:
        return like[0]
    first = like[0]
    values = dict.fromkeys(first.values)
    for other in like[1:]:
        if first.operator == "has all":
            values |= dict.fromkeys(other.values)
        else:
            allowed = set(other.values)
            values = {value: None for value in values if value in allowed}
    return typed.TagsMatch(first.column, first.operator, tuple(values), first.span)


def _tags_disjoined(like: list[typed.TagsMatch]) -> typed.TagsMatch:
    if len(like) == 1:
        return like[0]
    values = dict.fromkeys(value for match in like for value in match.values)
    operator: typed.TagsOperator = "has all" if len(values) == 1 else "has any"
    return typed.TagsMatch(like[0].column, operator, tuple(values), like[0].span)


def _scopes_conjoined(scopes: list[typed.Exists]) -> list[typed.Predicate]:
    """One row meets all where there is only one; else each may have a row of its own."""
    relation = scopes[0].relation
    if len(scopes) == 1:
        return list(scopes)
    if not relation.many:
        where = all_of([scope.where for scope in scopes], scopes[0].span)
        return [exists(relation, where, scopes[0].span)]
    # That there is some row follows from any other condition on one.
    told = [scope for scope in dict.fromkeys(scopes) if scope.where != typed.TRUE]
    return list(told or scopes[:1])


def _scopes_disjoined(scopes: list[typed.Exists]) -> typed.Predicate:
    if len(scopes) == 1:
        return scopes[0]
    where = any_of([scope.where for scope in scopes], scopes[0].span)
    return exists(scopes[0].relation, where, scopes[0].span)


def exists(relation: Relation, where: typed.Predicate, span: Span | None) -> typed.Predicate:
    """That some related row makes a normal condition true."""
    if isinstance(where, typed.Always) and not where.value:
        return where
    return typed.Exists(relation, where, span)
