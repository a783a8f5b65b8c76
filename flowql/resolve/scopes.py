"""Dotted paths to explicit scopes: which conditions share one related row.

A scope is an and/or combination of conditions, some of them on related rows
(`Dotted`). It holds if each path that it mentions, with every prefix, can be
given one related row or nothing so that the combination is true; a condition on
nothing is false. Since a path may be given nothing, alternatives never hinder
one another, and:

- conditions that all begin with one relation become one `Exists` of it;
- an `or` is the `or` of its parts, each on its own;
- in an `and`, parts without a common relation are independent;
- where parts share a relation and one of them is an `or` that mixes it with
  something else, the `and` is distributed over that `or`.

Only the last step multiplies; it stops at a stated bound.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

from flowql import typed
from flowql.catalog import Relation
from flowql.source import Span


@dataclass(frozen=True, slots=True)
class Dotted:
    """A condition on the row at the end of a path."""

    steps: tuple[Relation, ...]
    condition: typed.Predicate
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class All:
    """`and` of a scope, with the first relations its parts begin with."""

    parts: tuple[Formula, ...]
    firsts: frozenset[Relation | None]
    size: int
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Some:
    """`or` of a scope, with the first relations its parts begin with."""

    parts: tuple[Formula, ...]
    firsts: frozenset[Relation | None]
    size: int
    span: Span | None = None


Formula = Dotted | All | Some | typed.Predicate
"""A typed predicate in a formula is a condition on the row in hand."""

_OWN: frozenset[Relation | None] = frozenset({None})


class TooMuch(Exception):
    """Distributing would pass the bound."""


def every_part(parts: list[Formula], span: Span | None = None) -> Formula:
    """The `and` of parts, flat."""
    flat = _flat(All, parts)
    if len(flat) == 1:
        return flat[0]
    if all(_firsts(part) is _OWN for part in flat):
        return typed.conjunction(flat, span)  # type: ignore[arg-type]
    return All(tuple(flat), _union(flat), sum(map(_size, flat)), span)


def some_part(parts: list[Formula], span: Span | None = None) -> Formula:
    """The `or` of parts, flat."""
    flat = _flat(Some, parts)
    if len(flat) == 1:
        return flat[0]
    if all(_firsts(part) is _OWN for part in flat):
        return typed.disjunction(flat, span)  # type: ignore[arg-type]
    return Some(tuple(flat), _union(flat), sum(map(_size, flat)), span)


def _flat(kind: type[All] | type[Some], parts: list[Formula]) -> list[Formula]:
    flat: list[Formula] = []
    for part in parts:
        if isinstance(part, kind):
            flat.extend(part.parts)
        else:
            flat.append(part)
    return flat


def _firsts(formula: Formula) -> frozenset[Relation | None]:
    if isinstance(formula, All | Some):
        return formula.firsts
    if isinstance(formula, Dotted):
        return _only_of(formula.steps[0])
    return _OWN


@cache
def _only_of(relation: Relation) -> frozenset[Relation | None]:
    return frozenset({relation})


def _union(parts: list[Formula]) -> frozenset[Relation | None]:
    return frozenset().union(*map(_firsts, parts))


def _size(formula: Formula) -> int:
    return formula.size if isinstance(formula, All | Some) else 1


@dataclass(slots=True)
class Lowering:
    """Lowers one scope; `left` conditions may still be made by distributing."""

    left: int
    shared: list[Relation] = field(default_factory=list)
    """Relations of which one row has to satisfy several conditions."""

    def lower(self, formula: Formula) -> typed.Predicate:
        """The scope with every witness explicit. Raises `TooMuch`."""
        match formula:
            case Dotted(steps, condition, span):
                for relation in reversed(steps):
                    condition = typed.Exists(relation, condition, span)
                return condition
            case Some():
                return self._some(formula)
            case All():
                return self._all(formula)
            case _:
                return formula

    def _some(self, formula: Some) -> typed.Predicate:
        alternatives: list[typed.Predicate] = []
        for group in _by_relation(formula.parts):
            relation = _only(group)
            if relation is not None and len(group) > 1:
                inner = some_part([_stripped(part) for part in group])
                alternatives.append(typed.Exists(relation, self.lower(inner), formula.span))
            else:
                alternatives.extend(self.lower(part) for part in group)
        return typed.disjunction(alternatives, formula.span)

    def _all(self, formula: All) -> typed.Predicate:
        conditions: list[typed.Predicate] = []
        for component in _components(formula.parts):
            relation = _only(component)
            if relation is not None:
                if len(component) > 1:
                    self.shared.append(relation)
                inner = every_part([_stripped(part) for part in component], formula.span)
                conditions.append(typed.Exists(relation, self.lower(inner), _span(component)))
            elif len(component) == 1:
                conditions.append(self.lower(component[0]))
            else:
                conditions.append(self._distributed(component, formula.span))
        return typed.conjunction(conditions, formula.span)

    def _distributed(self, parts: list[Formula], span: Span | None) -> typed.Predicate:
        mixed = [part for part in parts if isinstance(part, Some) and len(part.firsts) > 1]
        chosen = min(mixed, key=lambda part: len(part.parts))
        rest = [part for part in parts if part is not chosen]
        self.left -= (sum(map(_size, rest)) + 1) * len(chosen.parts)
        if self.left < 0:
            raise TooMuch
        return typed.disjunction(
            [self.lower(every_part([*rest, part], span)) for part in chosen.parts], span
        )


def _only(parts: list[Formula]) -> Relation | None:
    """The relation that all parts begin with, if it is one and the same."""
    firsts = _union(parts)
    return next(iter(firsts)) if len(firsts) == 1 else None


def _stripped(formula: Formula) -> Formula:
    """The formula as the related row sees it; every part begins with one relation."""
    match formula:
        case Dotted((_,), condition, _):
            return condition
        case Dotted(steps, condition, span):
            return Dotted(steps[1:], condition, span)
        case All(parts, _, _, span):
            return every_part([_stripped(part) for part in parts], span)
        case Some(parts, _, _, span):
            return some_part([_stripped(part) for part in parts], span)
        case _:
            raise AssertionError(formula)


def _by_relation(parts: tuple[Formula, ...]) -> list[list[Formula]]:
    """Alternatives, those on one relation together, in the order of their first."""
    groups: dict[object, list[Formula]] = {}
    for at, part in enumerate(parts):
        firsts = _firsts(part)
        relation = next(iter(firsts)) if len(firsts) == 1 else None
        groups.setdefault(at if relation is None else relation, []).append(part)
    return list(groups.values())


def _components(parts: tuple[Formula, ...]) -> list[list[Formula]]:
    """Parts that share a relation, directly or through others, in order."""
    # A union-find over relations; conditions on the row in hand stand alone.
    leader: dict[Relation, Relation] = {}

    def find(relation: Relation) -> Relation:
        while leader[relation] is not relation:
            leader[relation] = leader[leader[relation]]
            relation = leader[relation]
        return relation

    for part in parts:
        related = [first for first in _firsts(part) if first is not None]
        for relation in related:
            leader.setdefault(relation, relation)
            leader[find(relation)] = find(related[0])
    groups: dict[object, list[Formula]] = {}
    for at, part in enumerate(parts):
        related = [first for first in _firsts(part) if first is not None]
        key: object = find(related[0]) if related else at
        groups.setdefault(key, []).append(part)
    return list(groups.values())


def _span(parts: list[Formula]) -> Span | None:
    spans = [span for part in parts if (span := part.span) is not None]
    return spans[0].to(spans[-1]) if spans else None
