"""From a filter to steps: what one body can say is said, and the rest is made of sets.

A condition is planned as a set of rows. Conjuncts that one body says together make one
fetch; an `or` that no body says is a union; rows without a related row are a difference;
conditions without a criterion are judged over the rows that the others leave. Each set is
asked for within the others (`may`): what holds of all rows wanted anyway narrows every
fetch that can say it, which costs nothing and changes no row that counts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, assert_never

from flowql import typed
from flowql.backends.plan.answers import missing
from flowql.backends.plan.bodies import LIST, Bodies, all_of, conjuncts, hole, long_lists
from flowql.backends.plan.complement import outside
from flowql.backends.plan.steps import (
    Both,
    Chain,
    Choice,
    Fetch,
    Keep,
    Last,
    Minus,
    Nothing,
    Semi,
    Spread,
    Step,
    Tally,
    Undecided,
    Union,
    height,
)
from flowql.backends.plan.weaker import weaker
from flowql.catalog import Entity, entities
from flowql.catalog.links import mirror
from flowql.catalog.walks import walk
from flowql.diagnostics import FlowQLError
from flowql.diagnostics import plan as problems
from flowql.diagnostics.meaning import OnlyServerKnows
from flowql.rewrite.normal import normal, some

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from flowql.catalog import Relation

DEPTH = 40
"""Sets within one another that are planned; each costs some eight frames of Python's thousand."""

HEIGHT = 100
"""Steps of a plan within one another; each costs three frames when it is run."""

STEPS = 400
"""Steps of one plan."""

NARROWING = 12
"""Conditions known to hold of all rows wanted that a fetch is tried to be narrowed by."""

BODIES_OF_OR = 8
"""Bodies that an `or` on the row in hand is split into, rather than judged after a fetch."""

SPLIT_DEPTH = 3
"""Depth of a plan to which both ways of an `or` are planned; each doubles what is below."""

Covered = frozenset[typed.Predicate]


@dataclass(slots=True)
class Planner:
    """Plans sets of rows; `bodies` tells what one request can say."""

    bodies: Bodies
    steps: int = 0
    _depth: int = 0
    _fits: dict[tuple[Entity, typed.Predicate], bool] = field(default_factory=dict)

    def rows(self, entity: Entity, where: typed.Predicate) -> Step:
        """The rows of which a normal filter is true. Raises `FlowQLError`."""
        step = self._rows(entity, [where], [])[0]
        if height(step) > HEIGHT:
            raise self._too_large()
        return step

    def _too_large(self) -> FlowQLError:
        return FlowQLError([problems.PlanTooLarge(depth=HEIGHT, steps=STEPS)])

    def narrowest(self, entity: Entity, where: typed.Predicate) -> typed.Predicate:
        """What one body says of all rows of which a normal filter is true."""
        conditions = conjuncts(where)
        said = self.fitting(entity, [], conditions)
        told = set(said)
        rest = [condition for condition in conditions if condition not in told]
        hints = [hint for condition in rest for hint in self._implied(entity, condition)]
        return all_of([*said, *self.fitting(entity, said, hints[:NARROWING])])

    def says(self, entity: Entity, conditions: Iterable[typed.Predicate]) -> bool:
        """Whether one body can say them together."""
        where = all_of([*conditions])
        key = (entity, where)
        if key not in self._fits:
            self._fits[key] = self._says(entity, where)
        return self._fits[key]

    def _says(self, entity: Entity, where: typed.Predicate) -> bool:
        if walk(entity) is None or long_lists(where):
            return False
        if self.bodies.rows(entity, where) is not None:
            return True
        named = hole(entity)
        if named is None or where == typed.FALSE:
            return False
        relation, column = named
        return (
            self.bodies.rows(entity, all_of([where, named_by(relation, column, "x")])) is not None
        )

    def fitting(
        self,
        entity: Entity,
        base: Sequence[typed.Predicate],
        extra: Sequence[typed.Predicate],
    ) -> list[typed.Predicate]:
        """Those of some conditions that one body can say together with others."""
        if not extra:
            return []
        if self.says(entity, [*base, *extra]):
            return list(extra)
        if len(extra) == 1:
            return []
        half = len(extra) // 2
        first = self.fitting(entity, base, extra[:half])
        return first + self.fitting(entity, [*base, *first], extra[half:])

    # ── conjunctions ──────────────────────────────────────────────────────────

    def _rows(
        self, entity: Entity, must: Sequence[typed.Predicate], may: Sequence[typed.Predicate]
    ) -> tuple[Step, Covered]:
        """The rows that meet `must`, and which of `may` all of these rows meet as well."""
        self._depth += 1
        self.steps += 1
        if self._depth > DEPTH or self.steps > STEPS:
            raise self._too_large()
        try:
            return self._conjunction(entity, must, may)
        finally:
            self._depth -= 1

    def _conjunction(
        self, entity: Entity, must: Sequence[typed.Predicate], may: Sequence[typed.Predicate]
    ) -> tuple[Step, Covered]:
        where = all_of(must)
        if where == typed.FALSE:
            return Nothing(entity, why="the conditions contradict one another"), frozenset(may)
        conditions = conjuncts(where)
        said = self.fitting(entity, [], conditions)
        among = None
        together = set(said)
        rest = [condition for condition in conditions if condition not in together]
        for condition in rest:
            if isinstance(condition, typed.In) and self._is_long(entity, said, condition):
                among = condition
                rest.remove(condition)
                break
        hints = [hint for c in rest for hint in self._implied(entity, c)]
        after = [c for c in rest if judged(c)]
        apart = [c for c in after if self._splits(entity, c)]
        scoped = [c for c in rest if not judged(c)]
        make = partial(self._made, entity, said, among, hints, may)
        if not apart:
            return make(scoped, after)
        split, covered = make([*scoped, *apart], [c for c in after if c not in apart])
        if not said and not scoped:
            return split, covered
        whole, also = make(scoped, after)
        why = "one `or` can be asked for in bodies of its own, or be judged over the others' rows"
        return Choice((split, whole), why=why), covered & also

    def _made(
        self,
        entity: Entity,
        said: Sequence[typed.Predicate],
        among: typed.In | None,
        hints: Sequence[typed.Predicate],
        may: Sequence[typed.Predicate],
        scoped: Sequence[typed.Predicate],
        after: Sequence[typed.Predicate],
    ) -> tuple[Step, Covered]:
        """The rows that meet what bodies say, what is planned apart, and what is judged after."""
        known = [*said, *hints, *may]
        parts: list[Step] = []
        filters: list[Callable[[Step], Step]] = []
        covered: set[typed.Predicate] = set()
        for condition in scoped:
            self._scoped(entity, condition, known, parts, filters, covered)
        needed = [condition for condition in said if condition not in covered]
        if needed or not parts or among is not None:
            asked = set(needed)
            narrowing = [one for one in [*hints, *may] if one not in asked]
            narrowed = self.fitting(entity, needed, narrowing[:NARROWING])
            parts.insert(0, self._fetch(entity, [*needed, *narrowed], among))
            covered.update(narrowed)
        step = parts[0] if len(parts) == 1 else Both(tuple(parts), why="a row is to be in all")
        if after:
            step = Keep(step, all_of(after), why=self._why(entity, after))
        for filter_ in filters:
            step = filter_(step)
        return step, frozenset(one for one in may if one in covered)

    def _fetch(
        self, entity: Entity, conditions: Sequence[typed.Predicate], among: typed.In | None = None
    ) -> Step:
        where = all_of(conditions)
        if where == typed.FALSE:
            return Nothing(entity, why="the conditions contradict one another")
        if walk(entity) is None:
            raise FlowQLError([problems.NotListed(entity=entity.name)])
        why = "one body says it" if where != typed.TRUE else "all rows are needed"
        if among is not None:
            why = f"a list of {len(among.values):,} values is asked for in parts"
        if self.bodies.rows(entity, where) is not None:
            return Fetch(entity, where, among, why=why)
        named = hole(entity)
        if named is None:
            # What is narrowed by nothing must be sayable; it was tried before.
            raise FlowQLError(self.bodies.refusals(entity, where))
        relation, column = named
        of = self._fetch(entities()[relation.target], [])
        return Spread(entity, where, relation, column, of, why=f"the path names a {relation.name}")

    def _is_long(
        self, entity: Entity, said: Sequence[typed.Predicate], condition: typed.In
    ) -> bool:
        one = typed.In(condition.column, condition.values[:1])
        return len(condition.values) > LIST and self.says(entity, [*said, one])

    # ── conditions that are judged ────────────────────────────────────────────

    def _splits(self, entity: Entity, condition: typed.Predicate) -> bool:
        """Whether an `or` on the row in hand can be asked for in a few bodies of its own."""
        if not isinstance(condition, typed.Or) or self._depth > SPLIT_DEPTH:
            return False
        return all(self.says(entity, [operand]) for operand in condition.operands) and (
            len(self._alternatives(entity, condition.operands)) <= BODIES_OF_OR
        )

    def _why(self, entity: Entity, conditions: Sequence[typed.Predicate]) -> str:
        for condition in conditions:
            if refused := self.bodies.refusals(entity, all_of([condition])):
                return refused[0].message
        return "no body says it beside the other conditions"

    # ── conditions that are sets of their own ─────────────────────────────────

    def _scoped(
        self,
        entity: Entity,
        condition: typed.Predicate,
        known: Sequence[typed.Predicate],
        parts: list[Step],
        filters: list[Callable[[Step], Step]],
        covered: set[typed.Predicate],
    ) -> None:
        """Plan a condition: as a part that its rows are in, or as a filter of the others."""
        others = [one for one in known if one != condition]

        def add(found: tuple[Step, Covered]) -> None:
            parts.append(found[0])
            covered.update(found[1])

        match condition:
            case typed.Or(operands):
                add(self._union(entity, operands, others))
            case typed.Exists(relation, inner):
                if self.says(entity, [condition]):
                    add(self._rows(entity, [condition], others))
                else:
                    filters.append(self._semi(entity, relation, inner, others, some_=True))
            case typed.Not(typed.Exists(relation, inner) as operand):
                filters.append(self._without(entity, operand, others))
            case typed.Every(relation, inner):
                filters.extend(self._all_inside(entity, relation, inner, others))
            case typed.Not(typed.Every(relation, inner)):
                add(self._some_outside(entity, relation, inner, others))
            case typed.Count():
                filters.append(self._tally(entity, condition, others, some_=True))
            case typed.Not(typed.Count() as operand):
                filters.append(self._tally(entity, operand, others, some_=False))
            case typed.Latest():
                filters.append(self._last(entity, condition, others, some_=True))
            case typed.Not(typed.Latest() as operand):
                filters.append(self._last(entity, operand, others, some_=False))
            case _ if self.says(entity, [condition]):
                add(self._rows(entity, [condition], others))
            case _:
                raise FlowQLError([self._refusal(entity, condition)])

    def _refusal(self, entity: Entity, condition: typed.Predicate) -> problems.Diagnostic:
        """Why a condition can neither be said nor judged."""
        span = getattr(condition, "span", None)
        field_ = missing(condition)
        if field_ is not None and not field_.server:
            return problems.NotInAnswers(span=span, entity=entity.name, field=field_.name)
        if refused := self.bodies.refusals(entity, all_of([condition])):
            return refused[0]
        return OnlyServerKnows(span=span, field=field_.name if field_ else entity.name)

    def _union(
        self,
        entity: Entity,
        operands: Sequence[typed.Predicate],
        others: Sequence[typed.Predicate],
    ) -> tuple[Step, Covered]:
        steps = []
        covered: Covered | None = None
        for operand in self._alternatives(entity, operands):
            step, also = self._rows(entity, [operand], others)
            steps.append(step)
            covered = also if covered is None else covered & also
        why = "no one body says this `or`"
        step = steps[0] if len(steps) == 1 else Union(tuple(steps), why=why)
        return step, covered or frozenset()

    def _alternatives(
        self, entity: Entity, operands: Sequence[typed.Predicate]
    ) -> list[typed.Predicate]:
        """The operands of an `or` in few groups, each of one body or of one judgement."""
        after = {
            operand for operand in operands if judged(operand) and not self.says(entity, [operand])
        }
        if after:
            # All rows are judged anyway.
            after.update(operand for operand in operands if judged(operand))
        groups = self._grouped(entity, [one for one in operands if one not in after])
        if after:
            groups.append([one for one in operands if one in after])
        return [typed.disjunction(group) for group in groups]

    def _grouped(
        self, entity: Entity, operands: Sequence[typed.Predicate]
    ) -> list[list[typed.Predicate]]:
        """Operands of an `or` in groups that one body says; halves are tried, not all pairs."""
        if not operands:
            return []
        if len(operands) == 1 or self.says(entity, [typed.disjunction([*operands])]):
            return [[*operands]]
        half = len(operands) // 2
        first = self._grouped(entity, operands[:half])
        second = self._grouped(entity, operands[half:])
        if self.says(entity, [typed.disjunction([*first[-1], *second[0]])]):
            return [*first[:-1], [*first[-1], *second[0]], *second[1:]]
        return [*first, *second]

    # ── related rows ──────────────────────────────────────────────────────────

    def _semi(
        self,
        entity: Entity,
        relation: Relation,
        inner: typed.Predicate,
        others: Sequence[typed.Predicate],
        *,
        some_: bool,
    ) -> Callable[[Step], Step]:
        of = self._related(entity, relation, inner, others)
        why = f"the {relation.name} is looked up by its key"
        return lambda source: Semi(source, relation, of, some_, why=why)

    def _related(
        self,
        entity: Entity,
        relation: Relation,
        inner: typed.Predicate,
        others: Sequence[typed.Predicate],
    ) -> Step:
        target = entities()[relation.target]
        return self._rows(target, [inner], self._mirrored(entity, relation, others))[0]

    def _mirrored(
        self, entity: Entity, relation: Relation, others: Sequence[typed.Predicate]
    ) -> list[typed.Predicate]:
        """What the rows wanted are, said of the rows related to them."""
        back = mirror(relation)
        own = [one for one in others if not relations_of(one)]
        fitting = self.fitting(entity, [], own[:NARROWING])
        if back is None or not fitting:
            return []
        return [typed.Exists(back, all_of(fitting))]

    def _without(
        self, entity: Entity, operand: typed.Exists, others: Sequence[typed.Predicate]
    ) -> Callable[[Step], Step]:
        """A filter that leaves the rows without such a related row."""
        relation = operand.relation
        if self.says(entity, [operand]):
            excluded = self._rows(entity, [operand], others)[0]
            why = f"a body says which rows have such a {relation.name}, not which have none"
            if relation.many or not self.says(entities()[relation.target], [operand.where]):
                return lambda source: Minus(source, excluded, why=why)
            of = self._related(entity, relation, operand.where, others)
            return lambda source: Minus(source, excluded, relation, of, why=why)
        return self._semi(entity, relation, operand.where, others, some_=False)

    def _all_inside(
        self,
        entity: Entity,
        relation: Relation,
        inner: typed.Predicate,
        others: Sequence[typed.Predicate],
    ) -> list[Callable[[Step], Step]]:
        said, step = self._outside(entity, relation, inner, others)
        filters = []
        if said is not None:
            there = some(relation, said, None)
            if isinstance(there, typed.Exists):
                filters.append(self._without(entity, there, others))
        if step is not None:
            why = f"every {relation.name} is to be so: rows with another one are left out"
            filters.append(lambda source: Semi(source, relation, step, some=False, why=why))
        return filters

    def _some_outside(
        self,
        entity: Entity,
        relation: Relation,
        inner: typed.Predicate,
        others: Sequence[typed.Predicate],
    ) -> tuple[Step, Covered]:
        said, step = self._outside(entity, relation, inner, others)
        parts: list[Step] = []
        covered: Covered = frozenset(others)
        if said is not None:
            part, also = self._rows(entity, [some(relation, said, None)], others)
            parts.append(part)
            covered &= also
        if step is not None:
            source, also = self._rows(entity, [], others)
            why = f"some {relation.name} is to be otherwise"
            parts.append(Semi(source, relation, step, why=why))
            covered &= also
        return (parts[0] if len(parts) == 1 else Union(tuple(parts))), covered

    def _outside(
        self,
        entity: Entity,
        relation: Relation,
        inner: typed.Predicate,
        others: Sequence[typed.Predicate],
    ) -> tuple[typed.Predicate | None, Step | None]:
        """The related rows of which a condition is not true: as a condition, as a step, or both."""
        target = entities()[relation.target]
        complement = outside(inner)
        there = None if complement is None else some(relation, all_of([complement]), None)
        if there is not None and self.says(entity, [there]):
            return complement, None
        may = self._mirrored(entity, relation, others)
        context = all_of(may)
        opposite = normal(typed.Not(inner))
        if all(
            self.bodies.count(target, all_of([context, *one])) is not None
            for one in ([], [inner], [opposite])
        ):
            why = "the numbers tell whether the condition is unknown of any row"
            return opposite, Undecided(target, context, inner, opposite, why=why)
        if complement is not None:
            return complement, None
        all_, _ = self._rows(target, [], may)
        inside, _ = self._rows(target, [inner], may)
        return None, Minus(all_, inside, why="the condition may be unknown of a row")

    # ── numbers of related rows, and the latest ───────────────────────────────

    def _tally(
        self,
        entity: Entity,
        node: typed.Count,
        others: Sequence[typed.Predicate],
        *,
        some_: bool,
    ) -> Callable[[Step], Step]:
        bound = node.bound
        assert not isinstance(bound, typed.Parameter)
        chain = self._chain(entity, node.counted.path, node.counted.where, others)
        share = None
        if isinstance(bound, typed.Share):
            share = self._chain(entity, bound.counted.path, bound.counted.where, others)
            bound = bound.factor
        why = "no body counts related rows"
        return lambda source: Tally(source, chain, node.operator, bound, share, some_, why=why)

    def _last(
        self,
        entity: Entity,
        node: typed.Latest,
        others: Sequence[typed.Predicate],
        *,
        some_: bool,
    ) -> Callable[[Step], Step]:
        end = entities()[node.path[-1].target]
        started = typed.Not(typed.IsNull(typed.Column(end.by_name["start_time"])))
        chain = self._chain(entity, node.path, started, others)
        why = "no body asks for the run that started last"
        if judged(node.where):
            deciding = Chain(chain.path, chain.steps, node.where)
            return lambda source: Last(source, deciding, None, some_, why=why)
        may = self._mirrored(entity, node.path[0], others) if len(node.path) == 1 else []
        among, _ = self._rows(end, [node.where, started], may)
        return lambda source: Last(source, chain, among, some_, why=why)

    def _chain(
        self,
        entity: Entity,
        path: tuple[Relation, ...],
        where: typed.Predicate,
        others: Sequence[typed.Predicate],
    ) -> Chain:
        """The steps of a path: all rows on the way, and at its end those of which `where` is true.

        The elements of a list are no rows that could be fetched: their condition stays.
        """
        steps: list[Step] = []
        at_end: typed.Predicate = typed.TRUE
        may = list(others)
        at = entity
        for place, relation in enumerate(path):
            if relation.elements:
                at_end = where
                break
            may = self._mirrored(at, relation, may)
            target = entities()[relation.target]
            # The next relation is made of elements, or of rows with a condition of their own.
            must = [where] if place == len(path) - 1 else []
            step, _ = self._rows(target, must, may)
            steps.append(step)
            at = target
        return Chain(path, tuple(steps), at_end)

    # ── what follows from a condition ─────────────────────────────────────────

    def _implied(self, entity: Entity, condition: typed.Predicate) -> list[typed.Predicate]:
        """Conditions that a body can say and that hold wherever this one does."""
        found: typed.Predicate | None = None
        match condition:
            case typed.Exists(relation, inner) if not relation.elements:
                target = entities()[relation.target]
                found = some(relation, self._sayable(target, inner), None)
            case typed.Latest(path, inner):
                found = self._reached(path, inner)
            case typed.Count(typed.Counted(path, inner), operator, bound) if _at_least_one(
                operator, bound
            ):
                found = self._reached(path, inner)
            case typed.In() | typed.Compare() | typed.TextMatch() | typed.Or():
                found = weaker(condition)
            case _:
                pass
        if found is None or found == typed.TRUE or not self.says(entity, [found]):
            return []
        return [all_of([found])]

    def _reached(self, path: tuple[Relation, ...], inner: typed.Predicate) -> typed.Predicate:
        if any(relation.elements for relation in path):
            return typed.TRUE
        found = self._sayable(entities()[path[-1].target], inner)
        for relation in reversed(path):
            found = some(relation, found, None)
        return found

    def _sayable(self, entity: Entity, where: typed.Predicate) -> typed.Predicate:
        if walk(entity) is None:
            return typed.TRUE
        return all_of(self.fitting(entity, [], conjuncts(where)))


def _at_least_one(
    operator: typed.CountOperator, bound: int | float | typed.Share | typed.Parameter
) -> bool:
    if not isinstance(bound, int | float):
        return False
    match operator:
        case "=" | ">=":
            return bound > 0
        case ">":
            return bound >= 0
        case "<" | "<=":
            return False
        case _:
            assert_never(operator)


def relations_of(node: typed.Predicate) -> bool:
    """Whether a condition speaks of rows of other tables; elements of a list are in the row."""
    pending = [node]
    while pending:
        match pending.pop():
            case typed.And(operands) | typed.Or(operands):
                pending.extend(operands)
            case typed.Not(operand):
                pending.append(operand)
            case typed.Exists(relation, inner) | typed.Every(relation, inner):
                if not relation.elements:
                    return True
                pending.append(inner)
            case typed.Latest():
                return True
            case typed.Count(typed.Counted(path, inner), _, bound):
                if not path[0].elements or isinstance(bound, typed.Share):
                    return True
                pending.append(inner)
            case _:
                pass
    return False


def judged(node: typed.Predicate) -> bool:
    """Whether a condition can be judged over the rows that answers have."""
    return missing(node) is None and not relations_of(node)


def named_by(relation: Relation, column: typed.Column, value: str) -> typed.Predicate:
    return typed.Exists(relation, typed.In(column, (value,)))
