"""Single conditions as criteria of a filter model: which leaf, and which value in it.

What a model cannot say exactly is refused at its place; nothing is approximated.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, assert_never

from flowql import typed
from flowql.backends.body import search
from flowql.backends.body.criteria import criteria, name_of, patterns
from flowql.backends.body.events import Resource
from flowql.backends.body.patterns import as_prefix, pattern_of
from flowql.backends.body.sayings import Atom, Joined, Json, Saying
from flowql.backends.body.values import written
from flowql.catalog import Entity, Field, Means, Relation
from flowql.catalog.filters import Leaf, filter_model
from flowql.diagnostics import request as problems
from flowql.diagnostics.values import OutOfRange

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowql.backends.body.patterns import Database
    from flowql.diagnostics import Diagnostic
    from flowql.source import Span

TAGS_LIMIT = 127
"""Tags of one list: SQLite's functions take 127 arguments."""

SMALLINT = 2**15
"""The one column of numbers that requests ask about, a log's level, has 16 bits on PostgreSQL."""

PATTERN_BYTES = 50_000
"""The longest pattern of SQLite, its wildcards counted."""


@dataclass(slots=True)
class Conditions:
    """Says the conditions on the rows of one entity, in a body for one endpoint."""

    entity: Entity
    endpoint: str
    keys: tuple[str, ...]
    problems: list[Diagnostic]
    database: Database | None = None
    """What the server stores its rows in, where a criterion's meaning hangs on it."""
    _reported: set[int] = field(default_factory=set)

    def say(self, node: typed.Predicate, around: typed.Or | None = None) -> Saying | None:
        """The saying of a normal condition; None where a problem was reported.

        `around` is the nearest `or` that the condition stands in.
        """
        match node:
            case typed.And(operands, span):
                parts = self._parts(operands, around)
                return None if parts is None else Joined("and", parts, span)
            case typed.Or(operands, span):
                either, rest = self._either_names(operands)
                parts = self._parts(rest, node)
                if parts is None or None in either:
                    return None
                parts = [*(name for name in either if name), *parts]
                return parts[0] if len(parts) == 1 else Joined("or", parts, span)
            case typed.Not(operand, span):
                return self._not(operand, span, around)
            case typed.In(column, values, span):
                return self._in(column, values, span)
            case typed.Compare():
                return self._compare(node)
            case typed.TextMatch():
                return self._text(node)
            case typed.TagsMatch():
                return self._tags(node)
            case typed.IsNull(column, span):
                return self._null(column, True, span)
            case typed.Exists():
                return self._exists(node, around)
            case typed.Every(relation, _, span):
                return self._quantifier("every", relation, span)
            case typed.Latest(path, _, span):
                return self._quantifier("latest", path[-1], span)
            case typed.Count(counted, _, _, span):
                return self._quantifier("count", counted.path[-1], span)
            case typed.Always():
                raise AssertionError("a merged filter holds no constants")
            case _:
                assert_never(node)

    def _parts(
        self, operands: Iterable[typed.Predicate], around: typed.Or | None
    ) -> list[Saying] | None:
        parts: list[Saying] = []
        complete = True
        for operand in operands:
            part = self.say(operand, around)
            if part is None:
                complete = False
            else:
                parts.append(part)
        return parts if complete else None

    def _not(
        self, operand: typed.Predicate, span: Span | None, around: typed.Or | None
    ) -> Saying | None:
        match operand:
            case typed.In(column, values):
                return self._not_in(column, values, span)
            case typed.IsNull(column):
                return self._null(column, False, span)
            case typed.TagsMatch(column, "within", ()):
                return self._leaf(column, Means.NO_TAGS, False, span, "is not empty")
            case typed.TagsMatch(column, operator):
                words = "has none" if operator == "has any" else f"not {operator}"
                return self._no_criterion(column, words, span)
            case typed.TextMatch(column, "contains", str(value)) if leaf := self._find(
                column, Means.SEARCH
            ):
                return self._searched(leaf, "-", value, span)
            case typed.TextMatch(column) if self._find(column, Means.NOT_PREFIX):
                return self._prefix(operand, Means.NOT_PREFIX, span)
            case typed.TextMatch(column, operator):
                return self._no_criterion(column, f"not {operator}", span)
            case typed.Exists(relation, where):
                found = self._related(relation, where, span, some=False)
                return found or self._quantifier("no", relation, span)
            case typed.Every(relation):
                return self._quantifier("not every", relation, span)
            case typed.Latest(path):
                return self._quantifier("not latest", path[-1], span)
            case typed.Count(counted):
                return self._quantifier("count", counted.path[-1], span)
            case typed.Not() | typed.And() | typed.Or() | typed.Compare() | typed.Always():
                raise AssertionError("in normal form `not` stands before none of these")
            case _:
                assert_never(operand)

    # ── lists, bounds, nulls ──────────────────────────────────────────────────

    def _in(
        self, column: typed.Column, values: tuple[typed.Value, ...], span: Span | None
    ) -> Saying | None:
        words = "=" if len(values) == 1 else "in"
        means = Means.ANY_IF_SOME if self._find(column, Means.ANY_IF_SOME) else Means.ANY
        plain = self._plain(values, span)
        if plain is None:
            return None
        if len(plain) == 1 and self._find(column, Means.EQUALS):
            return self._leaf(column, Means.EQUALS, plain[0], span, words)
        if len(values) == 1 and self._bound(column, ">=") and self._bound(column, "<="):
            return self._equal(column, values[0], span)
        return self._leaf(column, means, plain, span, words, len(plain))

    def _equal(self, column: typed.Column, value: typed.Value, span: Span | None) -> Saying | None:
        """A value that has no list, between itself and itself."""
        assert isinstance(value, datetime | int | float)
        least = self._compare(typed.Compare(column, ">=", value, span))
        most = self._compare(typed.Compare(column, "<=", value, span)) if least else None
        return Joined("and", [least, most], span) if least and most else None

    def _not_in(
        self, column: typed.Column, values: tuple[typed.Value, ...], span: Span | None
    ) -> Saying | None:
        words = "!=" if len(values) == 1 else "not in"
        plain = self._plain(values, span)
        if plain is None:
            return None
        choices = column.field.choices
        if choices and not self._find(column, Means.NOT_ANY):
            others: list[Json] = [choice for choice in choices if choice not in plain]
            return self._leaf(column, Means.ANY, others, span, words, len(others))
        return self._leaf(column, Means.NOT_ANY, plain, span, words, len(plain))

    def _compare(self, node: typed.Compare) -> Saying | None:
        leaf = self._bound(node.column, node.operator)
        if leaf is None:
            return self._no_criterion(node.column, node.operator, node.span)
        bound = node.value
        if isinstance(bound, datetime) and node.operator in ("<", ">"):
            # Times are whole microseconds, so the next one is the tightest bound inside.
            bound += timedelta(microseconds=1 if node.operator == ">" else -1)
        elif isinstance(bound, int | float):
            bound = _whole(node.operator, bound)
            if not -SMALLINT <= bound < SMALLINT:
                bounds = "the column holds whole numbers of 16 bits"
                self.problems.append(OutOfRange(span=node.span, value=str(bound), bounds=bounds))
                return None
        plain = self._plain((bound,), node.span)
        if plain is None:
            return None
        return Atom(leaf, plain[0], node.span)

    def _bound(self, column: typed.Column, operator: typed.Ordering) -> Leaf | None:
        """The criterion that bounds a value from this side."""
        if operator in ("<", "<="):
            return self._find(column, Means.AT_MOST) or self._find(column, Means.UNTIL)
        return self._find(column, Means.AT_LEAST) or self._find(column, Means.SINCE)

    def _null(self, column: typed.Column, is_null: bool, span: Span | None) -> Saying | None:
        words = "is null" if is_null else "is not null"
        if not self._find(column, Means.IS_NULL) and self._find(column, Means.NOT_NULL):
            return self._leaf(column, Means.NOT_NULL, not is_null, span, words, 0)
        return self._leaf(column, Means.IS_NULL, is_null, span, words, 0)

    # ── texts ─────────────────────────────────────────────────────────────────

    def _text(self, node: typed.TextMatch) -> Saying | None:
        plain = self._plain((node.value,), node.span)
        if plain is None:
            return None
        if node.operator == "contains" and (leaf := self._find(node.column, Means.SEARCH)):
            return self._searched(leaf, "+", str(plain[0]), node.span)
        if self._find(node.column, Means.PREFIX):
            return self._prefix(node, Means.PREFIX, node.span)
        for means, pattern in patterns(node.operator, str(plain[0])):
            if not self._find(node.column, means):
                continue
            if node.operator != "like" and (wild := re.search(r"[%_\\]", pattern)):
                condition = f"{name_of(node.column)} {node.operator}"
                self.problems.append(
                    problems.WildcardInText(
                        span=node.span, condition=condition, character=wild.group()
                    )
                )
                return None
            if not self._fits(pattern, means, node.span):
                return None
            said: Json = [pattern] if means is Means.STARTS_WITH else pattern
            return self._leaf(node.column, means, said, node.span, node.operator)
        return self._no_criterion(node.column, node.operator, node.span)

    def _prefix(self, node: typed.TextMatch, means: Means, span: Span | None) -> Saying | None:
        said = pattern_of(node)
        prefix = None if said is None else as_prefix(said.parts)
        if said is None or prefix is None:
            return self._no_criterion(node.column, node.operator, span)
        if said.database not in (None, self.database):
            self.problems.append(
                problems.CaseInRequest(
                    span=span, wanted=said.database, known=self.database, value=str(node.value)
                )
            )
            return None
        return self._leaf(node.column, means, [prefix], span, node.operator)

    def _searched(self, leaf: Leaf, sign: str, term: str, span: Span | None) -> Saying | None:
        said = search.term(sign, term)
        if said is None:
            self.problems.append(problems.UnsearchableText(span=span, value=term))
            return None
        return Atom(leaf, said, span)

    def _fits(self, pattern: str, means: Means, span: Span | None) -> bool:
        limit = PATTERN_BYTES - (1 if means is Means.STARTS_WITH else 2)
        length = len(pattern.encode())
        if length <= limit:
            return True
        self.problems.append(problems.TextTooLong(span=span, length=length, limit=limit))
        return False

    def _either_names(
        self, operands: tuple[typed.Predicate, ...]
    ) -> tuple[list[Saying | None], list[typed.Predicate]]:
        """The pairs of one text in either of two names, and the operands that are left.

        None stands for a pair of which a problem was reported.
        """
        said: list[Saying | None] = []
        rest = list(operands)
        for leaf in filter_model(self.entity).leaves():
            if leaf.means is not Means.EITHER_NAME or leaf.field is None:
                continue
            for own in operands:
                if isinstance(own, typed.TextMatch) and (
                    other := self._same_of_related(leaf.field, own, operands)
                ):
                    atom = self._text(own)
                    pair = Atom(leaf, atom.value, own.span, 2) if isinstance(atom, Atom) else None
                    said.append(pair)
                    rest = [x for x in rest if x is not own and x is not other]
        return said, rest

    def _same_of_related(
        self, field: Field, own: typed.TextMatch, operands: tuple[typed.Predicate, ...]
    ) -> typed.Predicate | None:
        name, path = field.either or ("", "")
        relation, _, other = path.partition(".")
        if own.column.field.name != name:
            return None
        for operand in operands:
            match operand:
                case typed.Exists(related, typed.TextMatch(column, operator, value)) if (
                    related.name,
                    column.field.name,
                ) == (relation, other) and (operator, value) == (own.operator, own.value):
                    return operand
                case _:
                    pass
        return None

    # ── tags ──────────────────────────────────────────────────────────────────

    def _tags(self, node: typed.TagsMatch) -> Saying | None:
        column, values, span = node.column, node.values, node.span
        if node.operator == "within":
            if values:
                return self._no_criterion(column, "within", span)
            return self._leaf(column, Means.NO_TAGS, True, span, "is empty")
        plain = self._plain(values, span)
        if plain is None:
            return None
        if len(plain) > TAGS_LIMIT:
            self.problems.append(
                problems.TooManyTags(span=span, count=len(plain), limit=TAGS_LIMIT)
            )
            return None
        all_ = Means.ALL_TAGS if self._find(column, Means.ALL_TAGS) else Means.ALL_TAGS_IF_SOME
        means = all_ if node.operator == "has all" else Means.ANY_TAG
        if self._find(column, Means.ANY_TAG_IF_SOME) and (
            len(plain) == 1 or (plain and means is Means.ANY_TAG)
        ):
            means = Means.ANY_TAG_IF_SOME
        return self._leaf(column, means, plain, span, node.operator, len(plain))

    # ── related rows ──────────────────────────────────────────────────────────

    def _exists(self, node: typed.Exists, around: typed.Or | None) -> Saying | None:
        before = len(self.problems)
        found = self._related(node.relation, node.where, node.span, some=True)
        if found is not None or len(self.problems) > before:
            return found
        name = node.relation.name
        if around is None:
            self.problems.append(
                problems.NoFilterKey(
                    span=node.span, endpoint=self.endpoint, relation=name, keys=self.keys
                )
            )
        elif id(around) not in self._reported:
            self._reported.add(id(around))
            self.problems.append(
                problems.OrAcrossEntities(
                    span=around.span or node.span, entity=self.entity.name, relation=name
                )
            )
        return None

    def _related(
        self, relation: Relation, where: typed.Predicate, span: Span | None, *, some: bool
    ) -> Saying | None:
        """A criterion that says there is, or is not, such a related row."""
        if some and any(criterion.means is Means.RESOURCE for criterion in relation.criteria):
            return self._resource(relation, where, span)
        known = criteria(self.entity)
        if where == typed.TRUE:
            if leaf := known.get((relation, Means.HAS_SOME)):
                return Atom(leaf, some, span, 0)
            if leaf := known.get((relation, Means.HAS_NONE)):
                return Atom(leaf, not some, span, 0)
        match where:
            case typed.In(column, values) if some:
                way = (relation.name, column.field.name)
                for leaf in filter_model(self.entity).leaves():
                    if leaf.field is not None and leaf.field.through == way:
                        plain = self._plain(values, span)
                        return None if plain is None else Atom(leaf, plain, span, len(plain))
            case _:
                pass
        return None

    def _resource(
        self, relation: Relation, where: typed.Predicate, span: Span | None
    ) -> Saying | None:
        """A group about one of the resources of an event."""
        found = Resource(self.database, self.problems).group(where, span)
        if found is None:
            return None
        name, said = found
        if name == "resource":
            leaf = criteria(self.entity)[relation, Means.LABELS]
            return Atom(leaf, said["labels"], span)
        return Atom(Leaf((name,), Means.RESOURCE, None, relation), said, span)

    def _quantifier(self, quantifier: str, relation: Relation, span: Span | None) -> Saying | None:
        self.problems.append(
            problems.UnsayableQuantifier(
                span=span, quantifier=f"{quantifier} {relation.name}", relation=relation.name
            )
        )
        return None

    # ── leaves and values ─────────────────────────────────────────────────────

    def _find(self, column: typed.Column, means: Means) -> Leaf | None:
        return None if column.keys else criteria(self.entity).get((column.field, means))

    def _leaf(
        self,
        column: typed.Column,
        means: Means,
        value: Json,
        span: Span | None,
        words: str,
        weight: int = 1,
    ) -> Saying | None:
        leaf = self._find(column, means)
        if leaf is None:
            return self._no_criterion(column, words, span)
        return Atom(leaf, value, span, weight)

    def _no_criterion(self, column: typed.Column, words: str, span: Span | None) -> Saying | None:
        live = [c.path for c in column.field.criteria if c.means is not Means.DEAD]
        self.problems.append(
            problems.NoCriterion(
                span=span,
                entity=self.entity.name,
                condition=f"{name_of(column)} {words}",
                criteria=() if column.keys else tuple(live),
            )
        )
        return None

    def _plain(self, values: tuple[typed.Value, ...], span: Span | None) -> list[Json] | None:
        """The values as JSON, each once; None where one has no place in a body."""
        before = len(self.problems)
        plain = [written(value, span, self.problems) for value in dict.fromkeys(values)]
        return plain if len(self.problems) == before else None


def _whole(operator: typed.Ordering, bound: float) -> int:
    """The whole number that includes itself and says the same of whole numbers."""
    match operator:
        case "<":
            return math.ceil(bound) - 1
        case "<=":
            return math.floor(bound)
        case ">":
            return math.floor(bound) + 1
        case ">=":
            return math.ceil(bound)
        case _:
            assert_never(operator)
