"""A folder's searches beside one another: two that mean the same, one in another, empty ones.

`lint` says what is proven (see `rewrite.compare`) of the searches as they are written:
parameters are open, and one of the same name has one value in both; where two searches
give it different defaults they are not compared. A search that lies in several others is
named beside the closest ones; that all lie in one without conditions goes without saying.

Searches are compared only with those that speak of the same columns and relations.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flowql import typed
from flowql.backends.text import condition_to_text
from flowql.diagnostics import FlowQLError
from flowql.diagnostics.finding import Finding
from flowql.diagnostics.lint import (
    ComparedInPart,
    ContainedSearch,
    EmptySearch,
    Equals,
    Follows,
    SameSearch,
)
from flowql.diagnostics.rewrite import Contradiction
from flowql.rewrite.compare import Prepared, Step
from flowql.searches.parameters import unbound
from flowql.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from flowql.diagnostics import Diagnostic
    from flowql.searches.file import Search

STEPS = 4_000
"""Steps of one comparison: some milliseconds."""
MOST_PAIRS = 100_000
"""Pairs of searches that are compared."""
_LONGEST = 100
"""Characters of a condition in a message."""


def lint(searches: Sequence[Search], most: int = MOST_PAIRS, **meaning: Any) -> list[Finding]:
    """What is to be said of several searches together, in their order.

    `meaning` is `now` and `timezone`, as `api.parse` has them. A search with errors is left out.
    """
    members: list[_Member] = []
    for search in searches:
        try:
            query = unbound(search, **meaning)
        except FlowQLError:
            continue
        known = any(isinstance(warning, Contradiction) for warning in query.warnings)
        members.append(_Member(search, Prepared(query.typed), len(members), known))
    found: list[tuple[_Member, Diagnostic]] = [
        (member, _empty(member)) for member in members if member.is_empty and not member.known
    ]
    pairs = _Pairs(members, most)
    pairs.compare()
    found += pairs.said()
    found.sort(key=lambda one: one[0].index)
    findings = [Finding(diagnostic, member.source) for member, diagnostic in found]
    return [*findings, Finding(ComparedInPart(limit=most))] if pairs.left_out else findings


@dataclass(slots=True, eq=False)
class _Member:
    """A search made ready to be compared."""

    search: Search
    query: Prepared
    index: int
    known: bool
    """That it is empty has been said of it alone."""
    conditions: tuple[typed.Predicate, ...] = ()
    is_empty: bool = False
    subjects: list[frozenset[object]] = field(default_factory=list)
    """What each of its conditions speaks of."""
    told: frozenset[object] = frozenset()
    """What all of them say something of."""
    source: Source = field(init=False)

    def __post_init__(self) -> None:
        self.source = self.search.source
        if clash := self.query.empty(STEPS):
            self.is_empty = True
            self.conditions = clash.conditions
        self.subjects = [frozenset(_subjects(c)) for c in self.query.conditions]
        self.told = frozenset().union(*self.subjects)

    @property
    def span(self) -> Span:
        """Where its query stands."""
        query = self.query.query
        spans = [span for _, span in query.spans]
        if (span := getattr(query.filter, "span", None)) is not None:
            spans.append(span)
        if not spans:
            return Span(len(self.source.text), len(self.source.text))
        return Span(min(span.start for span in spans), max(span.end for span in spans))

    @property
    def place(self) -> str:
        line, column = self.source.place(self.span.start)
        return f"{self.source.name}:{line}:{column}"

    def may_lie_in(self, other: _Member) -> bool:
        """Whether it says something of all that the other one asks."""
        return all(not self.told.isdisjoint(subjects) for subjects in other.subjects)

    def agrees(self, other: _Member) -> bool:
        """Whether parameters of one name have one default, or none."""
        defaults = {one.name: one.default for one in self.search.parameters}
        others = {one.name: one.default for one in other.search.parameters}
        return all(
            _items(defaults.get(name)) == _items(others.get(name))
            for name in self.query.parameters.keys() & other.query.parameters.keys()
        )


def _items(default: Any) -> object:
    return None if default is None else default.items


def _subjects(condition: typed.Predicate) -> Iterator[object]:
    """The columns of the row in hand, and the relations from it, that a condition speaks of."""
    pending = [condition]
    while pending:
        node = pending.pop()
        match node:
            case typed.And(operands) | typed.Or(operands):
                pending += operands
            case typed.Not(operand):
                pending.append(operand)
            case typed.Exists(relation) | typed.Every(relation):
                # Where there is a related row there is a value in the column that leads to it.
                yield from (relation, relation.local or relation.elements)
            case typed.Latest(path) | typed.Count(typed.Counted(path)):
                yield from (path[0], path[0].local or path[0].elements)
                if isinstance(node, typed.Count) and isinstance(node.bound, typed.Share):
                    yield node.bound.counted.path[0]
            case (
                typed.In(column) | typed.Compare(column) | typed.TextMatch(column)
                | typed.TagsMatch(column) | typed.IsNull(column)
            ):  # fmt: skip
                known = column.field
                yield from known.difference or known.joined or (known.column or known.name,)
            case typed.Always():
                pass


# ── pairs ─────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class _Pairs:
    members: list[_Member]
    most: int
    left_out: bool = False
    within: dict[_Member, list[_Member]] = field(default_factory=dict)
    """The searches in which each one certainly lies, as far as its filter goes."""

    def compare(self) -> None:
        """Find out which search lies in which."""
        groups: dict[object, list[_Member]] = {}
        for member in self.members:
            if not member.is_empty:
                groups.setdefault(member.query.query.target, []).append(member)
        for group in groups.values():
            self._compare(group)

    def _compare(self, group: list[_Member]) -> None:
        speaking: dict[object, list[_Member]] = {}
        for member in group:
            for subject in member.told:
                speaking.setdefault(subject, []).append(member)
        bare = [member for member in group if not member.query.conditions]
        for wide in group:
            for narrow in _narrower(wide, speaking) if wide.query.conditions else bare:
                if narrow is wide or not narrow.may_lie_in(wide) or not _fit(narrow, wide):
                    continue
                if self.most <= 0:
                    self.left_out = True
                    return
                self.most -= 1
                if narrow.query.within(wide.query, STEPS):
                    self.within.setdefault(narrow, []).append(wide)

    def said(self) -> Iterator[tuple[_Member, Diagnostic]]:
        """Each search with the first that means the same, else with the closest that hold it."""
        for member in self.members:
            around = self.within.get(member, [])
            twins = [other for other in around if member in self.within.get(other, [])]
            first = next((t for t in twins if t.index < member.index and _alike(t, member)), None)
            if first is not None:
                yield member, _same(member, first)
                continue
            earlier = [twin for twin in twins if twin.index < member.index]
            for other in earlier[:1] or self._closest(around, twins):
                if (said := _contained(member, other)) is not None:
                    yield member, said

    def _closest(self, around: list[_Member], twins: list[_Member]) -> Iterator[_Member]:
        """The searches that hold it, without those that hold one of these as well."""
        wider = [other for other in around if other not in twins]
        for other in wider:
            holding = self.within.get(other, [])
            if not any(
                other in self.within.get(between, [])
                and (between not in holding or between.index < other.index)
                for between in wider
                if between is not other
            ):
                yield other


def _narrower(wide: _Member, speaking: dict[object, list[_Member]]) -> Iterable[_Member]:
    """The searches that speak of what one of its conditions does: of the rarest."""

    def number(subjects: frozenset[object]) -> int:
        return sum(len(speaking[subject]) for subject in subjects)

    rarest = min(wide.subjects, key=number)
    return dict.fromkeys(member for subject in rarest for member in speaking[subject])


def _fit(one: _Member, other: _Member) -> bool:
    """Whether anything would be said of the two."""
    if not (one.query.whole and other.query.whole) and not _alike(one, other):
        return False
    return one.agrees(other)


def _alike(one: _Member, other: _Member) -> bool:
    return one.query.clauses == other.query.clauses


# ── what is said ──────────────────────────────────────────────────────────────


def _empty(member: _Member) -> EmptySearch:
    return EmptySearch(
        span=_hull(member.conditions) or member.span,
        conditions=tuple(map(_spelled, member.conditions)),
    )


def _same(member: _Member, other: _Member) -> SameSearch:
    verdict = member.query.compare(other.query, STEPS)
    return SameSearch(
        span=member.span,
        other=other.search.name,
        place=other.place,
        reasons=tuple(_reasons(verdict.steps)),
        parameters=verdict.parameters,
    )


def _contained(member: _Member, other: _Member) -> ContainedSearch | None:
    verdict = member.query.compare(other.query, STEPS)
    if verdict.relation != "contained":
        return None
    return ContainedSearch(
        span=member.span,
        other=other.search.name,
        place=other.place,
        reasons=tuple(_follows(step) for step in verdict.steps if step.given != (step.shown,)),
        further=tuple(map(_spelled, verdict.further)),
        differ=verdict.differ,
        parameters=verdict.parameters,
    )


def _reasons(steps: Iterable[Step]) -> Iterator[Follows | Equals]:
    """The steps in words; of two that say that conditions mean the same, one."""
    given = {(step.given, step.shown) for step in steps}
    for step in steps:
        match step.given:
            case (condition,) if ((step.shown,), condition) in given:
                given -= {(step.given, step.shown), ((step.shown,), condition)}
                if not _listed_otherwise(condition, step.shown):
                    yield Equals(one=_spelled(condition), other=_spelled(step.shown))
            case (_,) if (step.given, step.shown) not in given:
                pass
            case _:
                yield _follows(step)


def _listed_otherwise(one: typed.Predicate, other: typed.Predicate) -> bool:
    """Whether two conditions differ in the order of a list alone."""
    match one, other:
        case typed.Not(first), typed.Not(second):
            return _listed_otherwise(first, second)
        case (
            (typed.In(_, values), typed.In(_, others))
            | (typed.TagsMatch(_, _, values), typed.TagsMatch(_, _, others))
        ):  # fmt: skip
            return set(values) == set(others)
        case _:
            return False


def _follows(step: Step) -> Follows:
    return Follows(given=tuple(map(_spelled, step.given)), shown=_spelled(step.shown))


def _spelled(condition: typed.Predicate) -> str:
    text = condition_to_text(condition)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _hull(conditions: Iterable[typed.Predicate]) -> Span | None:
    spans = [span for condition in conditions if (span := getattr(condition, "span", None))]
    if not spans:
        return None
    return Span(min(span.start for span in spans), max(span.end for span in spans))
