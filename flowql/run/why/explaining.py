"""What each condition of a filter comes to on one row, and which related rows bear witness.

A verdict on a combination follows from those of its parts, one on a scope from numbers of related
rows; only plain conditions are asked of the row itself: is it true, and if not, is its opposite?
What only illustrates is looked for as long as `Questions.affords` says.
"""

from __future__ import annotations

import operator as compare
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any, assert_never
from uuid import UUID

from flowql import typed
from flowql.backends.predicate.values import read
from flowql.catalog import Entity, Type, entities
from flowql.diagnostics import FlowQLError
from flowql.run.why.conditions import (
    columns,
    is_combination,
    is_plain,
    leaves,
    mentioned,
    negated,
    not_true,
    operands,
    path_of,
    path_text,
    two_valued,
    unknown,
    words,
)
from flowql.run.why.findings import Finding, Related, Role, Shown, Verdict
from flowql.run.why.nearest import nearest
from flowql.run.why.questions import (
    FEW,
    NOT_TOLD,
    Ends,
    Questions,
    Subject,
    can_be_stored,
    identity,
    own_id,
    spelled,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from flowql.catalog import Relation
    from flowql.source import Span

DEPTH = 3
"""Scopes inside scopes whose related rows are looked for; deeper ones have a verdict alone."""

ELEMENTS = 20
"""Elements of a list that are tried one by one."""

_HOLDS: Mapping[typed.CountOperator, Callable[[Any, Any], bool]] = {
    "=": compare.eq,
    "<": compare.lt,
    "<=": compare.le,
    ">": compare.gt,
    ">=": compare.ge,
}

_OPPOSITE: Mapping[Verdict, Verdict] = {"true": "false", "false": "true", "unknown": "unknown"}

_TEXT = typed.Column(entities()["tag"].fields[0])
"""What an element of a list is."""


class Explaining:
    """The conditions on one row."""

    def __init__(self, questions: Questions, subject: Subject, values: Mapping[str, Any]) -> None:
        self.questions = questions
        self.subject = subject
        self.entity = subject.entity
        self.values = values
        self._parts: dict[int, tuple[typed.Predicate, ...]] = {}
        self._verdicts: dict[int, Verdict] = {}

    # ── verdicts ──────────────────────────────────────────────────────────────

    def verdict(self, node: typed.Predicate, known: Verdict | None = None) -> Verdict:
        """What a condition comes to; `known` where that is known, and only its parts are not."""
        found = self._verdicts.get(id(node))
        if found is None:
            found = self._verdicts[id(node)] = self._verdict(node, known)
        return found

    def _verdict(self, node: typed.Predicate, known: Verdict | None) -> Verdict:
        if is_plain(node):
            return known or self._plain(node)
        match node:
            case typed.Not(operand):
                return _OPPOSITE[self.verdict(operand, known and _OPPOSITE[known])]
            case typed.And() | typed.Or():
                decided: Verdict = "false" if isinstance(node, typed.And) else "true"
                # Where a conjunction is true, so is each of its parts.
                inherited = known if known == _OPPOSITE[decided] else None
                verdicts: list[Verdict] = []
                for part in self._operands(node):
                    verdicts.append(self.verdict(part, inherited))  # noqa: PERF401
                if decided in verdicts:
                    return decided
                return "unknown" if "unknown" in verdicts else _OPPOSITE[decided]
            case typed.Exists() | typed.Every() | typed.Latest() | typed.Count():
                return "true" if self._holds(node) else "false"
            case _:
                raise AssertionError(node)

    def _operands(self, node: typed.And | typed.Or) -> tuple[typed.Predicate, ...]:
        # Two operands that were written as one are a new node, which verdicts are kept by.
        return self._parts.setdefault(id(node), operands(node))

    def _plain(self, node: typed.Predicate) -> Verdict:
        if self.questions.holds(self.subject, node):
            return "true"
        if two_valued(node):
            return "false"
        try:
            return "false" if self.questions.holds(self.subject, negated(node)) else "unknown"
        except FlowQLError as error:
            if not not_told(error):
                raise
        # An API may have a criterion for the condition, and for null, and none for the opposite.
        cases = typed.disjunction(list(unknown(node, self.entity)))
        return "unknown" if self.questions.holds(self.subject, cases) else "false"

    def _holds(self, node: typed.Scope) -> bool:
        """Whether a scope is true: by its related rows, or asked of the row itself."""
        try:
            return self._scope(node)
        except FlowQLError as error:
            if not not_told(error):
                raise
            return self.questions.holds(self.subject, node)

    def _scope(self, node: typed.Scope) -> bool:
        match node:
            case typed.Exists():
                if node.relation.elements:
                    return self.questions.holds(self.subject, node)
                path, where = path_of(node)
                ends = self.questions.ends(self.subject, path)
                return ends is not None and bool(self._some(ends, where)[0])
            case typed.Every():
                if node.relation.elements:
                    return self.questions.holds(self.subject, node)
                path, where = path_of(node)
                ends = self.questions.ends(self.subject, path)
                if ends is None:
                    return True
                total = self.questions.number(ends, typed.TRUE)
                met = self.questions.number(ends, where)
                if total is None or met is None:
                    return self.questions.holds(self.subject, node)
                return total == met
            case typed.Latest(path, where):
                latest = self._latest(path, where)
                return latest is not None and self.questions.holds(latest[0], where)
            case typed.Count(counted, operator, bound):
                number = self._counted(counted)
                if isinstance(bound, typed.Share):
                    other = self._counted(bound.counted)
                    # A factor is the decimal that was written.
                    limit = Fraction(repr(bound.factor)) * other
                else:
                    assert not isinstance(bound, typed.Parameter)
                    limit = Fraction(bound)
                return _HOLDS[operator](number, limit)
            case _:
                assert_never(node)

    # ── numbers and rows ──────────────────────────────────────────────────────

    def _some(self, ends: Ends, where: typed.Predicate) -> tuple[list[dict[str, Any]], int | None]:
        return self.questions.some(ends, where, columns(where, ends.entity))

    def _latest(
        self, path: Sequence[Relation], where: typed.Predicate
    ) -> tuple[Subject, dict[str, Any]] | None:
        """The run that started last, of those at the end of a path."""
        ends = self.questions.ends(self.subject, tuple(path))
        if ends is None:
            return None
        start = typed.Column(ends.entity.by_name["start_time"])
        own = typed.Column(own_id(ends.entity))
        wanted = [start, *columns(where, ends.entity)]
        started = typed.Not(typed.IsNull(start))
        order = (typed.SortKey(start, True),)
        rows, _ = self.questions.some(ends, started, wanted, 2, order)
        if len(rows) == 2 and rows[0][spelled(start)] == rows[1][spelled(start)]:
            # One request sorts by one key, so those that started together are asked for alone.
            moment = read(Type.TIME, rows[0][spelled(start)])
            together = typed.And((started, typed.In(start, (moment,))))
            order = (typed.SortKey(own, True),)
            rows, _ = self.questions.some(ends, together, wanted, 1, order)
        return (subject_of(ends.entity, rows[0]), rows[0]) if rows else None

    def _counted(self, counted: typed.Counted) -> int:
        if not any(relation.elements for relation in counted.path):
            ends = self.questions.ends(self.subject, counted.path)
            if ends is None:
                return 0
            number = self.questions.number(ends, counted.where)
            if number is not None:
                return number
        if len(counted.path) == 1 and counted.where == typed.TRUE:
            return len(self._elements(counted.path[0]))

        def at_least(number: int) -> bool:
            return self.questions.holds(self.subject, typed.Count(counted, ">=", number))

        return _greatest(at_least)

    def _elements(self, relation: Relation) -> list[str]:
        """The elements of a list of the row, each once."""
        column = typed.Column(self.entity.by_name[relation.elements])
        return list(dict.fromkeys(self.values.get(spelled(column)) or []))

    # ── findings ──────────────────────────────────────────────────────────────

    def finding(
        self, node: typed.Predicate, *, needed: bool, named: bool = False, depth: int = 0
    ) -> Finding:
        """A condition with its parts and its related rows.

        `needed`: that it is not true is why the row is not selected, so what would have to change
        is looked for. `named`: its words are wanted though it is a combination; those of all
        combinations in one another would be longer than the query by far. `depth` is in how many
        scopes it stands.
        """
        verdict = self.verdict(node)
        conjunction = isinstance(node, typed.And) and not is_plain(node)
        text = ""
        if (named and not conjunction) or not is_combination(node):
            text = words(node, self.entity, self.questions.query)
        span: Span | None = getattr(node, "span", None)
        needed = needed and verdict != "true"
        if is_plain(node):
            values = telling(self.values, node, self.entity)
            if verdict == "unknown" and not values:
                # An API need not tell a value for it to be known that there is none.
                values = {spelled(column): None for column in mentioned(node, self.entity)}
            reason = None
            if verdict == "unknown":
                reason = "another type" if values and None not in values.values() else "null"
            return Finding(
                kind="condition",
                text=text,
                verdict=verdict,
                span=span,
                values=values,
                reason=reason,  # type: ignore[arg-type]
            )
        match node:
            case typed.Not(operand):
                inner = self.finding(operand, needed=False, depth=depth)
                return Finding(kind="not", text=text, verdict=verdict, span=span, parts=(inner,))
            case typed.And() | typed.Or():
                parts: list[Finding] = []
                for part in self._operands(node):
                    inner = self.finding(
                        part, needed=needed, named=named and conjunction, depth=depth
                    )
                    parts.append(inner)
                return Finding(
                    kind="and" if isinstance(node, typed.And) else "or",
                    text=text,
                    verdict=verdict,
                    span=span,
                    parts=tuple(parts),
                )
            case typed.Exists() | typed.Every() | typed.Latest() | typed.Count():
                related = against = None
                if depth < DEPTH:
                    related, against = self._told(node, verdict, needed, depth)
                return Finding(
                    kind=_KINDS[type(node)],  # type: ignore[arg-type]
                    text=text,
                    verdict=verdict,
                    span=span,
                    related=related,
                    against=against,
                )
            case _:
                raise AssertionError(node)

    def _told(
        self, node: typed.Scope, verdict: Verdict, needed: bool, depth: int
    ) -> tuple[Related | None, Related | None]:
        """The related rows, as far as the place tells them: the verdict is known without."""
        try:
            return self._related(node, verdict, needed, depth)
        except FlowQLError as error:
            if not not_told(error):
                raise
            self.questions.shortened = True
            return None, None

    def _related(
        self, node: typed.Scope, verdict: Verdict, needed: bool, depth: int
    ) -> tuple[Related | None, Related | None]:
        match node:
            case typed.Exists(relation) | typed.Every(relation) if relation.elements:
                return self._of_elements(node, relation, depth), None
            case typed.Exists():
                return self._of_exists(node, verdict, needed, depth), None
            case typed.Every():
                return self._of_every(node, verdict, depth), None
            case typed.Latest(path, where):
                found = self._latest(path, where)
                entity = entities()[path[-1].target]
                rows: tuple[Shown, ...] = ()
                if found is not None:
                    rows = (self._shown(entity, found[1], where, depth, needed, always=True),)
                return Related(
                    path=path_text(path),
                    entity=entity.singular,
                    total=None,
                    met=None,
                    role="latest",
                    rows=rows,
                ), None
            case typed.Count(counted, _, bound):
                against = None
                if isinstance(bound, typed.Share):
                    against = self._of_counted(bound.counted)
                return self._of_counted(counted), against
            case _:
                assert_never(node)

    def _of_exists(self, node: typed.Exists, verdict: Verdict, needed: bool, depth: int) -> Related:
        path, where = path_of(node)
        ends = self.questions.ends(self.subject, path)
        entity = entities()[path[-1].target]
        if ends is None:
            return Related(path=path_text(path), entity=entity.singular, total=0, met=0)
        if verdict == "true":
            rows, met = self._some(ends, where)
            met = self._affordable(ends, where) if met is None else met
            total = met if where == typed.TRUE else self._affordable(ends, typed.TRUE)
            witnesses = self._all_shown(entity, rows, where, depth, needed=False)
            return self._rows(path, total, met, "witness", witnesses)
        total = self._affordable(ends, typed.TRUE)
        if not needed or total == 0 or where == typed.TRUE:
            return self._rows(path, total, 0)
        found = nearest(self.questions, ends, where)
        if found is None:
            return self._rows(path, total, 0)
        row = self._shown(entity, found.row, where, depth, needed=True, always=True)
        each = tuple((words(part, entity, self.questions.query), met) for part, met in found.each)
        return Related(
            path=path_text(path),
            entity=entity.singular,
            total=total,
            met=0,
            role="nearest",
            rows=(row,),
            exact=found.exact,
            each=each,
        )

    def _of_every(self, node: typed.Every, verdict: Verdict, depth: int) -> Related:
        path, where = path_of(node)
        ends = self.questions.ends(self.subject, path)
        entity = entities()[path[-1].target]
        if ends is None:
            return Related(path=path_text(path), entity=entity.singular, total=0, met=0)
        total = self._affordable(ends, typed.TRUE)
        if verdict == "true":
            return self._rows(path, total, total)
        met = self._affordable(ends, where)
        rows, _ = self.questions.some(ends, not_true(where, entity), columns(where, entity))
        others = self._all_shown(entity, rows, where, depth, needed=True)
        return self._rows(path, total, met, "counterexample", others)

    def _of_counted(self, counted: typed.Counted) -> Related:
        path = counted.path
        entity = entities()[path[-1].target]
        number = self._counted(counted)
        rows: tuple[Shown, ...] = ()
        total = number if counted.where == typed.TRUE else None
        if not any(relation.elements for relation in path):
            ends = self.questions.ends(self.subject, path)
            if ends is not None:
                if counted.where != typed.TRUE:
                    found, _ = self._some(ends, counted.where)
                    rows = tuple(shown(entity, row, counted.where) for row in found)
                total = self._affordable(ends, typed.TRUE) if total is None else total
            else:
                total = 0
        return self._rows(path, total, number, "counted", rows)

    def _of_elements(
        self, node: typed.Exists | typed.Every, relation: Relation, depth: int
    ) -> Related:
        """Elements tried one by one: those that meet the condition, or for `every` those that do
        not."""
        elements = self._elements(relation)
        exists = isinstance(node, typed.Exists)
        wanted: list[str] = []
        met = 0
        tried = elements if len(elements) <= ELEMENTS and all(map(can_be_stored, elements)) else []
        if not self.questions.affords(len(tried)):
            tried = []
        for element in tried:
            this = typed.In(_TEXT, (element,))
            both = typed.conjunction([this, node.where])
            holds = self.questions.holds(self.subject, typed.Exists(relation, both))
            met = met + holds
            if holds == exists:
                wanted.append(element)
        return Related(
            path=relation.name,
            entity="tag",
            total=len(elements),
            met=met if tried else None,
            role="witness" if exists else "counterexample",
            rows=tuple(Shown(entity="tag", id=None, name=tag) for tag in wanted[:FEW]),
        )

    def _rows(
        self,
        path: Sequence[Relation],
        total: int | None,
        met: int | None,
        role: Role | None = None,
        rows: tuple[Shown, ...] = (),
    ) -> Related:
        return Related(
            path=path_text(path),
            entity=entities()[path[-1].target].singular,
            total=total,
            met=met,
            role=role if rows else None,
            rows=rows,
        )

    def _affordable(self, ends: Ends, where: typed.Predicate) -> int | None:
        return self.questions.number(ends, where) if self.questions.affords(1) else None

    # ── related rows ──────────────────────────────────────────────────────────

    def _all_shown(
        self,
        entity: Entity,
        rows: Sequence[dict[str, Any]],
        where: typed.Predicate,
        depth: int,
        *,
        needed: bool,
    ) -> tuple[Shown, ...]:
        """Rows of which the first is explained, where its values do not do that."""
        return tuple(
            self._shown(entity, row, where, depth, needed)
            if number == 0
            else shown(entity, row, where)
            for number, row in enumerate(rows)
        )

    def _shown(
        self,
        entity: Entity,
        row: Mapping[str, Any],
        where: typed.Predicate,
        depth: int,
        needed: bool,
        always: bool = False,
    ) -> Shown:
        finding = None
        telling = always or not _speaks_for_itself(where)
        if telling and where != typed.TRUE and self.questions.affords(3 * leaves(where)):
            inner = Explaining(self.questions, subject_of(entity, row), row)
            finding = inner.finding(where, needed=needed, depth=depth + 1)
        return shown(entity, row, where, finding)


_KINDS = {
    typed.Exists: "any",
    typed.Every: "every",
    typed.Latest: "latest",
    typed.Count: "count",
}


def subject_of(entity: Entity, row: Mapping[str, Any]) -> Subject:
    """A row of an answer as one that can be asked about."""
    field = own_id(entity)
    value = str(row[field.name])
    return Subject(entity, UUID(value) if field.type is Type.UUID else value)


def shown(
    entity: Entity,
    row: Mapping[str, Any],
    where: typed.Predicate = typed.TRUE,
    finding: Finding | None = None,
) -> Shown:
    """A row of an answer: its id, its name, and the fields that a condition looks at."""
    names = [spelled(column) for column in identity(entity)]
    values = telling(row, where, entity)
    return Shown(
        entity=entity.singular,
        id=str(row[names[0]]),
        name=None if len(names) == 1 or row[names[1]] is None else str(row[names[1]]),
        values={name: value for name, value in values.items() if name not in names},
        finding=finding,
    )


def telling(values: Mapping[str, Any], where: typed.Predicate, entity: Entity) -> dict[str, Any]:
    """The values that a condition looks at; a second field only where the first is null."""
    found = {}
    for column in mentioned(where, entity):
        name = spelled(column)
        if name in values:
            found[name] = values[name]
            second = column.field.coalesce
            if values[name] is None and second is not None and second in values:
                found.setdefault(second, values[second])
    return found


def _speaks_for_itself(where: typed.Predicate) -> bool:
    """Whether the values of a row show at once that it meets a condition."""
    parts: Iterable[typed.Predicate] = where.operands if isinstance(where, typed.And) else (where,)
    return all(is_plain(part) for part in parts)


def _greatest(holds: Callable[[int], bool]) -> int:
    """The greatest number that holds, of numbers all of which hold up to it; 0 always does."""
    low, step = 0, 1
    while holds(low + step):
        low, step = low + step, step * 2
    high = low + step
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


def not_told(error: FlowQLError) -> bool:
    """Whether a place does not tell what was asked."""
    return all(problem.code in NOT_TOLD for problem in error.diagnostics)
