"""Whether, wherever some conditions are true, one of some others is: proven or not known.

A sequent has conditions that are given and conditions that are sought, in normal form.
It holds where no row makes all given ones true and no sought one. It is closed by a
clash on one column, on the tags, on the related rows of one relation, or on numbers of
them; else an `or` that is given or an `and` that is sought parts it in two or more,
which must all hold.

Never unknown are scopes, tests for null and conditions on tags: these are given as
well as their negation is sought. Any other condition may be unknown, and so may its
negation be: the two are sought in vain where there is no value.

What the catalog says of rows is relied on where it cannot be otherwise (the choices of
an enum, whole numbers, at most one row at the end of a relation to one), but not that a
column is never null. Every step is charged; beyond the budget, or too many scopes deep,
nothing is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from math import ceil, floor

from flowql import typed
from flowql.catalog import Field, Relation, Type, entities
from flowql.rewrite.budget import Budget, OutOfBudget
from flowql.rewrite.columns import Tags, clash, kind, opposite, telling

Predicates = tuple[typed.Predicate, ...]

DEEPEST = 40
"""Scopes within scopes that are looked into."""
MOST_PARTS = 256
"""Parts that the `and`s sought may come to before each is looked at on its own."""

_FLIPPED: dict[typed.CountOperator, typed.CountOperator] = {
    "<": ">=", "<=": ">", ">": "<=", ">=": "<",
}  # fmt: skip


def holds(given: Iterable[typed.Predicate], sought: Iterable[typed.Predicate], steps: int) -> bool:
    """Whether the sequent is proven; raises `OutOfBudget` where that takes too many steps."""
    return _Prover(Budget(steps)).holds(given, sought, 0)


class Given:
    """Conditions that are given, made ready for much to be sought."""

    __slots__ = ("_closed", "_prover", "_sequent")

    def __init__(self, given: Iterable[typed.Predicate], steps: int) -> None:
        """Raises `OutOfBudget` where it takes too many steps to look at them."""
        self._prover = _Prover(Budget(steps))
        self._sequent = _Sequent(self._prover.budget)
        try:
            self._sequent.add(given, ())
            self._closed = self._prover.closed(self._sequent, 0)
        except _Closed:
            self._closed = True

    def shows(self, sought: typed.Predicate, steps: int) -> bool:
        """Whether the sequent is proven; raises `OutOfBudget` as `holds` does."""
        if self._closed:
            return True
        self._prover.budget.steps = steps
        sequent = self._sequent.copy()
        try:
            sequent.add((), (sought,))
        except _Closed:
            return True
        return self._prover.search(sequent, 0)


# ── what is given and sought of one row ───────────────────────────────────────


class _Closed(Exception):
    """A condition is both given and sought, or is given and never true."""


@dataclass(slots=True)
class _Scopes:
    """Conditions on the rows of one relation."""

    some: list[typed.Predicate] = field(default_factory=list)
    """Each is true of some row."""
    every: list[typed.Predicate] = field(default_factory=list)
    """Each is true of all rows."""
    none: list[typed.Predicate] = field(default_factory=list)
    """Each is true of no row."""
    not_every: list[typed.Predicate] = field(default_factory=list)
    """Each is not true of some row."""

    def copy(self) -> _Scopes:
        return _Scopes(list(self.some), list(self.every), list(self.none), list(self.not_every))


@dataclass(slots=True)
class _Pair:
    """Conditions given and sought."""

    given: list[typed.Predicate] = field(default_factory=list)
    sought: list[typed.Predicate] = field(default_factory=list)

    def copy(self) -> _Pair:
        return _Pair(list(self.given), list(self.sought))


@dataclass(slots=True)
class _Sequent:
    """What is given and sought of one row, by what it is about."""

    budget: Budget
    given: set[typed.Predicate] = field(default_factory=set)
    sought: set[typed.Predicate] = field(default_factory=set)
    columns: dict[typed.Column, _Pair] = field(default_factory=dict)
    absent: set[typed.Column] = field(default_factory=set)
    present: set[typed.Column] = field(default_factory=set)
    tags: dict[typed.Column, Tags] = field(default_factory=dict)
    scopes: dict[Relation, _Scopes] = field(default_factory=dict)
    latest: dict[tuple[Relation, ...], _Pair] = field(default_factory=dict)
    counts: dict[tuple[Relation, ...], list[typed.Count]] = field(default_factory=dict)
    either: list[typed.Or] = field(default_factory=list)
    both: list[typed.And] = field(default_factory=list)
    fresh: set[object] = field(default_factory=set)
    """The columns, relations and paths of which something new is said since they were looked at."""

    def copy(self) -> _Sequent:
        self.budget.spend(1 + (len(self.given) + len(self.sought)) // 32)
        return _Sequent(
            self.budget,
            set(self.given),
            set(self.sought),
            {key: pair.copy() for key, pair in self.columns.items()},
            set(self.absent),
            set(self.present),
            {key: tags.copy() for key, tags in self.tags.items()},
            {key: scopes.copy() for key, scopes in self.scopes.items()},
            {key: pair.copy() for key, pair in self.latest.items()},
            {key: list(counts) for key, counts in self.counts.items()},
            list(self.either),
            list(self.both),
            set(self.fresh),
        )

    def add(self, given: Iterable[typed.Predicate], sought: Iterable[typed.Predicate]) -> None:
        """Take conditions in; raises `_Closed` where that proves the sequent."""
        pending = [(node, True) for node in given]
        pending += [(node, False) for node in sought]
        while pending:
            node, is_given = pending.pop()
            self.budget.spend(1)
            seen, against = (self.given, self.sought) if is_given else (self.sought, self.given)
            if node in against:
                raise _Closed
            if node in seen:
                continue
            seen.add(node)
            self._touch(node)
            if isinstance(node, typed.In | typed.TagsMatch):
                self.budget.spend(len(node.values) // 32)
            pending += self._given(node) if is_given else self._sought(node)

    def _touch(self, node: typed.Predicate) -> None:
        match node.operand if isinstance(node, typed.Not) else node:
            case (
                typed.In(about) | typed.Compare(about) | typed.TextMatch(about)
                | typed.TagsMatch(about) | typed.IsNull(about)
            ):  # fmt: skip
                self.fresh.add(about)
            case typed.Exists(relation) | typed.Every(relation):
                self.fresh.add(relation)
            case typed.Latest(path) | typed.Count(typed.Counted(path)):
                self.fresh.add(path)
            case _:
                pass

    def _given(self, node: typed.Predicate) -> Iterator[tuple[typed.Predicate, bool]]:
        """Take in a condition that is given; what follows from it."""
        match node:
            case typed.Always(value):
                if not value:
                    raise _Closed
            case typed.And(operands):
                for operand in operands:
                    yield operand, True
            case typed.Or():
                self.either.append(node)
            case typed.Not(typed.In(column) | typed.TextMatch(column) as operand):
                if operand in self.given:
                    raise _Closed
                self.columns.setdefault(column, _Pair()).given.append(node)
            case typed.Not(operand):
                if _never_unknown(operand):
                    yield operand, False
            case typed.In(column) | typed.Compare(column) | typed.TextMatch(column):
                if typed.Not(node) in self.given:
                    raise _Closed
                self.columns.setdefault(column, _Pair()).given.append(node)
            case typed.IsNull(column):
                self.absent.add(column)
            case typed.TagsMatch(column):
                self.tags.setdefault(column, Tags()).given.append(node)
            case typed.Exists(relation, where):
                self.scopes.setdefault(relation, _Scopes()).some.append(where)
                # Where there is a related row there is what leads to it.
                for local in _local(relation):
                    yield typed.IsNull(local), False
            case typed.Every(relation, where):
                self.scopes.setdefault(relation, _Scopes()).every.append(where)
            case typed.Latest(path, where):
                self.latest.setdefault(path, _Pair()).given.append(where)
                yield _reached(path, typed.conjunction([where, _started(path)])), True
            case typed.Count(counted):
                self.counts.setdefault(counted.path, []).append(node)
                if _at_least_one(node):
                    yield _reached(counted.path, counted.where), True

    def _sought(self, node: typed.Predicate) -> Iterator[tuple[typed.Predicate, bool]]:
        """Take in a condition that is sought; what its being untrue would mean."""
        match node:
            case typed.Always(value):
                if value:
                    raise _Closed
            case typed.Or(operands):
                for operand in operands:
                    yield operand, False
            case typed.And():
                self.both.append(node)
            case typed.Not(typed.In(column) | typed.TextMatch(column)):
                self.columns.setdefault(column, _Pair()).sought.append(node)
            case typed.Not(operand):
                if _never_unknown(operand):
                    yield operand, True
            case typed.In(column) | typed.Compare(column) | typed.TextMatch(column):
                self.columns.setdefault(column, _Pair()).sought.append(node)
            case typed.IsNull(column):
                self.present.add(column)
            case typed.TagsMatch(column):
                self.tags.setdefault(column, Tags()).denied.append(node)
            case typed.Exists(relation, where):
                self.scopes.setdefault(relation, _Scopes()).none.append(where)
            case typed.Every(relation, where):
                self.scopes.setdefault(relation, _Scopes()).not_every.append(where)
            case typed.Latest(path, where):
                self.latest.setdefault(path, _Pair()).sought.append(where)
            case typed.Count(counted, operator, bound, span):
                if operator == "=":
                    less = typed.Count(counted, "<", bound, span)
                    yield typed.Or((less, typed.Count(counted, ">", bound, span))), True
                else:
                    yield typed.Count(counted, _FLIPPED[operator], bound, span), True


def _never_unknown(node: typed.Predicate) -> bool:
    match node:
        case typed.IsNull() | typed.TagsMatch() | typed.Always():
            return True
        case typed.Exists() | typed.Every() | typed.Latest() | typed.Count():
            return True
        case _:
            return False


def _reached(path: tuple[Relation, ...], where: typed.Predicate) -> typed.Predicate:
    """That a row at the end of a path is so."""
    for relation in reversed(path):
        where = typed.Exists(relation, where)
    return where


def _started(path: tuple[Relation, ...]) -> typed.Predicate:
    """That a run has started: only then it is the latest."""
    start = entities()[path[-1].target].by_name["start_time"]
    return typed.Not(typed.IsNull(typed.Column(start)))


@cache
def _local(relation: Relation) -> tuple[typed.Column, ...]:
    """The fields whose column leads to the related rows, as far as they are fields."""
    return tuple(
        typed.Column(known)
        for entity in entities().values()
        if relation in entity.relations and relation.local
        for known in entity.fields
        if _is_stored(known) and known.column == relation.local and known.type is not Type.JSON
    )


def _is_stored(known: Field) -> bool:
    """Whether a field is a whole column of its table."""
    named = known.through or known.either or known.difference
    return bool(known.column) and not known.keys and not named


@cache
def _needed(known: Field) -> tuple[typed.Column, ...]:
    """The fields that have a value where a computed one has."""
    if known.difference is None:
        return ()
    owner = next(entity for entity in entities().values() if known in entity.fields)
    return tuple(
        typed.Column(other)
        for other in owner.fields
        if _is_stored(other) and other.column in known.difference
    )


@cache
def _elements(known: Field) -> Relation | None:
    """The relation whose rows are the elements of a tags field."""
    for entity in entities().values():
        if known in entity.fields:
            return next((r for r in entity.relations if r.elements == known.name), None)
    return None


# ── the search for a proof ────────────────────────────────────────────────────


@dataclass(slots=True)
class _Prover:
    budget: Budget
    known: dict[tuple[object, ...], bool] = field(default_factory=dict)
    kept: list[object] = field(default_factory=list)
    """What `known` names by identity."""

    def holds(
        self, given: Iterable[typed.Predicate], sought: Iterable[typed.Predicate], depth: int
    ) -> bool:
        if depth > DEEPEST:
            raise OutOfBudget
        sequent = _Sequent(self.budget)
        try:
            sequent.add(given, sought)
        except _Closed:
            return True
        return self.search(sequent, depth)

    def search(self, sequent: _Sequent, depth: int) -> bool:
        """Prove a sequent and all that it parts into."""
        pending = [sequent]
        while pending:
            self.budget.spend(1)
            current = pending.pop()
            if self.closed(current, depth):
                continue
            parts = self._parted(current, depth)
            if parts is None:
                return False
            pending += parts
        return True

    def _parted(self, sequent: _Sequent, depth: int) -> list[_Sequent] | None:
        """The sequents that must hold instead; None where there is no way on."""
        either, both = sequent.either, sequent.both
        if both and (len(both) == 1 or not either):
            if _product(both) <= MOST_PARTS:
                chosen = min(both, key=lambda node: len(node.operands))
                both.remove(chosen)
                return self._with_each(sequent, chosen.operands, given=False)
            return [] if self._one_alone(sequent, depth) else None
        if either:
            closest = min(
                either, key=lambda node: (not _touches(node, sequent), len(node.operands))
            )
            either.remove(closest)
            return self._with_each(sequent, closest.operands, given=True)
        return None

    def _with_each(self, sequent: _Sequent, operands: Predicates, given: bool) -> list[_Sequent]:
        found: list[_Sequent] = []
        against = sequent.sought if given else sequent.given
        for operand in operands:
            self.budget.spend(1)
            if operand in against:
                continue
            part = sequent.copy()
            try:
                part.add((operand,) if given else (), () if given else (operand,))
            except _Closed:
                continue
            found.append(part)
        return found

    def _one_alone(self, sequent: _Sequent, depth: int) -> bool:
        """Whether one of many `and`s that are sought can be proven without the others."""
        if depth >= DEEPEST:
            raise OutOfBudget
        many, sequent.both = sequent.both, []
        for node in many:
            if all(
                self.search(part, depth + 1)
                for part in self._with_each(sequent, node.operands, given=False)
            ):
                return True
        return False

    def closed(self, sequent: _Sequent, depth: int) -> bool:
        """Whether what is new in a sequent clashes with something in it."""
        if not sequent.fresh:
            return False
        found = (
            self._no_value(sequent)
            or self._no_tags(sequent)
            or self._no_number(sequent, depth)
            or self._no_related(sequent, depth)
            or self._no_latest(sequent, depth)
        )
        sequent.fresh.clear()
        return found

    # ── columns ───────────────────────────────────────────────────────────────

    def _no_value(self, sequent: _Sequent) -> bool:
        """Whether what is said of one column cannot be."""
        if sequent.absent and self._nothing_there(sequent):
            return True
        for column, pair in sequent.columns.items():
            if column not in sequent.fresh:
                continue
            self.budget.spend(1 + len(pair.given) + len(pair.sought))
            if not any(telling(condition) for condition in pair.given) and (
                column not in sequent.present or column.field.type is Type.JSON
            ):
                continue
            sought = [opposite(condition) for condition in pair.sought]
            if column.field.type is Type.JSON:
                kinds = {kind(condition) for condition in pair.given}
                if len(kinds - {None}) > 1:
                    return True
                if None in kinds:
                    continue
                # A condition on a value of another type is not true, nor is its negation.
                sought = [c for c in sought if kind(c) in kinds]
            if clash(column, [*pair.given, *sought], self.budget):
                return True
        return False

    def _nothing_there(self, sequent: _Sequent) -> bool:
        """Whether a value must be there that is said not to be."""
        self.budget.spend(1 + len(sequent.columns) + len(sequent.present))
        there = [c for c, pair in sequent.columns.items() if any(map(telling, pair.given))]
        return any(_known_absent(c, sequent.absent) for c in (*there, *sequent.present))

    def _no_tags(self, sequent: _Sequent) -> bool:
        """Whether what is said of one set of tags cannot be."""
        return any(
            tags.clash(self.budget)
            for column, tags in sequent.tags.items()
            if column in sequent.fresh
        )

    # ── related rows ──────────────────────────────────────────────────────────

    def _no_related(self, sequent: _Sequent, depth: int) -> bool:
        """Whether what is said of the rows of one relation cannot be."""
        for relation, scopes in sequent.scopes.items():
            if relation not in sequent.fresh:
                continue
            if relation.many:
                if any(
                    self._proven((*given, *scopes.every), (*sought, *scopes.none), depth)
                    for given, sought in _witnesses(scopes)
                ):
                    return True
            elif (scopes.some or scopes.not_every) and self._proven(
                (*scopes.some, *scopes.every), (*scopes.none, *scopes.not_every), depth
            ):
                return True
        for column, tags in sequent.tags.items():
            elements = _elements(column.field)
            if elements is None or elements not in sequent.scopes:
                continue
            if sequent.fresh.isdisjoint((column, elements)):
                continue
            if self._no_tag(tags, elements, sequent.scopes[elements], depth):
                return True
        return False

    def _no_tag(self, tags: Tags, elements: Relation, scopes: _Scopes, depth: int) -> bool:
        """Conditions on single tags beside conditions on the set of them."""
        needed, barred, some, allowed, exceeded = tags.read()
        text = typed.Column(entities()[elements.target].fields[0])
        every = list(scopes.every)
        none = list(scopes.none)
        if allowed is not None:
            every.append(_one_of(text, allowed))
        if barred:
            none.append(_one_of(text, barred))
        witnesses = list(_witnesses(scopes))
        witnesses += [((_one_of(text, (tag,)),), ()) for tag in needed]
        witnesses += [((_one_of(text, tags),), ()) for tags in some]
        witnesses += [((), (_one_of(text, tags),)) for tags in exceeded]
        return any(
            self._proven((*given, *every), (*sought, *none), depth) for given, sought in witnesses
        )

    def _no_latest(self, sequent: _Sequent, depth: int) -> bool:
        """Whether what is said of the run that started last cannot be."""
        for path, pair in sequent.latest.items():
            if not pair.given or sequent.fresh.isdisjoint((path, path[0])):
                continue
            given, sought = (*pair.given, _started(path)), tuple(pair.sought)
            if len(path) == 1 and (scopes := sequent.scopes.get(path[0])):
                given, sought = (*given, *scopes.every), (*sought, *scopes.none)
            if self._proven(given, sought, depth):
                return True
        return False

    # ── numbers of related rows ───────────────────────────────────────────────

    def _no_number(self, sequent: _Sequent, depth: int) -> bool:
        """Whether what is said of numbers of rows cannot be."""
        for path, counts in sequent.counts.items():
            if sequent.fresh.isdisjoint((path, path[0])):
                continue
            single = not any(relation.many for relation in path)
            for more in counts:
                least = _least(more)
                if least is not None and single and least > 1:
                    return True
                for less in counts:
                    self.budget.spend(1)
                    if _apart(more, less) and self._as_many(more, less, sequent, depth):
                        return True
                most = _most(more)
                if most is not None and most < 0:
                    return True
        return False

    def _as_many(self, more: typed.Count, less: typed.Count, sequent: _Sequent, depth: int) -> bool:
        """Whether all rows that the first counts are among those that the second does."""
        if more.counted == less.counted:
            return True
        given: Predicates = (more.counted.where,)
        sought: Predicates = (less.counted.where,)
        path = more.counted.path
        if len(path) == 1 and (scopes := sequent.scopes.get(path[0])):
            given, sought = (*given, *scopes.every), (*sought, *scopes.none)
        return self._proven(given, sought, depth)

    def _proven(self, given: Predicates, sought: Predicates, depth: int) -> bool:
        """What holds of a related row, asked once."""
        key = (tuple(map(id, given)), tuple(map(id, sought)))
        if key not in self.known:
            self.kept.append((given, sought))
            self.known[key] = self.holds(given, sought, depth + 1)
        return self.known[key]


def _witnesses(scopes: _Scopes) -> Iterator[tuple[Predicates, Predicates]]:
    """What is given and sought of each row that there must be."""
    for where in scopes.some:
        yield (where,), ()
    for where in scopes.not_every:
        yield (), (where,)


def _one_of(column: typed.Column, values: Iterable[object]) -> typed.Predicate:
    listed: tuple[typed.Value, ...] = tuple(values)  # type: ignore[arg-type]
    return typed.In(column, listed) if listed else typed.FALSE


def _known_absent(column: typed.Column, absent: set[typed.Column]) -> bool:
    """Whether a value that is there is said not to be, or what it is part of or made from."""
    known = column.field
    if column in absent and known.coalesce is None:
        return True
    if any(typed.Column(known, column.keys[:at]) in absent for at in range(len(column.keys))):
        return True
    return any(needed in absent for needed in _needed(known))


def _touches(node: typed.Or, sequent: _Sequent) -> bool:
    """Whether an `or` speaks of what something sought speaks of."""
    for operand in node.operands:
        inner = operand.operand if isinstance(operand, typed.Not) else operand
        match inner:
            case typed.In(column) | typed.Compare(column) | typed.TextMatch(column):
                pair = sequent.columns.get(column)
                if pair is not None and pair.sought:
                    return True
            case typed.Exists(relation) | typed.Every(relation):
                if relation in sequent.scopes:
                    return True
            case typed.TagsMatch(column):
                if column in sequent.tags:
                    return True
            case _:
                return True
    return False


def _product(both: list[typed.And]) -> int:
    product = 1
    for node in both:
        product *= len(node.operands)
        if product > MOST_PARTS:
            break
    return product


# ── bounds of numbers of rows ─────────────────────────────────────────────────


def _least(count: typed.Count) -> int | None:
    """The least number of rows that a condition leaves, as far as it is a number."""
    bound = count.bound
    if isinstance(bound, typed.Share):
        return 1 if count.operator == ">" and bound.factor >= 0 else None
    if isinstance(bound, typed.Parameter) or count.operator in ("<", "<="):
        return None
    return floor(bound) + 1 if count.operator == ">" else ceil(bound)


def _most(count: typed.Count) -> int | None:
    """The greatest number of rows that a condition leaves."""
    bound = count.bound
    if isinstance(bound, typed.Share | typed.Parameter) or count.operator in (">", ">="):
        return None
    return ceil(bound) - 1 if count.operator == "<" else floor(bound)


def _at_least_one(count: typed.Count) -> bool:
    least = _least(count)
    return least is not None and least >= 1


def _apart(more: typed.Count, less: typed.Count) -> bool:
    """Whether no number is as the first says or greater, and as the second says or less."""
    least, most = _least(more), _most(less)
    if least is not None and most is not None and least > most:
        return True
    if more.bound != less.bound or isinstance(more.bound, int | float):
        return False
    return (more.operator, less.operator) in _CROSSED


_CROSSED = {(">", "<"), (">", "<="), (">", "="), (">=", "<"), ("=", "<")}
"""Pairs of a bound from below and one from above that leave no number between them."""
