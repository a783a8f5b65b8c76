"""Single criteria of a body as conditions."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal, assert_never

from flowql import typed
from flowql.catalog import Entity, Field, Means, Type, entities
from flowql.diagnostics import body as problems
from flowql.frontends.body.events import Resources, matched
from flowql.frontends.body.patterns import prefix
from flowql.frontends.body.search import searched
from flowql.frontends.body.values import Kind, Values, described

if TYPE_CHECKING:
    from flowql.catalog.filters import Leaf
    from flowql.frontends.body.patterns import Database

WINDOW_DAYS = 180
"""How far back events are looked for by a body that does not say."""

Vanishing = Literal["absent", "empty"]
"""A criterion that is not there, or one that drops out of whatever it stands in."""


@dataclass(slots=True)
class Leaves:
    """Reads the criteria of one entity's filter model."""

    entity: Entity
    values: Values
    either: bool = False
    """The model joins its criteria by `or_`."""
    database: Database | None = None
    """What the server stores its rows in, where a meaning hangs on it."""
    distinct: list[typed.Column] = dataclass_field(default_factory=list)
    """Columns of which each value was asked for once."""

    def read(self, leaf: Leaf, value: Any, pointer: str) -> typed.Predicate | Vanishing:
        """The condition; "absent" for null, where it says nothing and after a problem."""
        never_null = leaf.required or leaf.means in (Means.SINCE, Means.UNTIL, Means.DISTINCT)
        if value is None and not never_null:
            return "absent"
        kind, choices = _kind(leaf)
        found = self.values.read(kind, value, pointer, choices)
        if found is None:
            return "absent"
        before = len(self.values.problems)
        condition = self._condition(leaf, found, pointer)
        silent = isinstance(condition, str) and leaf.means is not Means.DISTINCT
        if silent and len(self.values.problems) == before:
            criterion = ".".join(leaf.path)
            self.values.problems.append(
                problems.EmptyCriterion(
                    pointer=pointer,
                    criterion=criterion,
                    value=described(value) if value else "empty",
                )
            )
        return condition

    def _condition(self, leaf: Leaf, value: Any, pointer: str) -> typed.Predicate | Vanishing:
        field = leaf.field
        match leaf.means:
            case Means.HAS_NONE | Means.HAS_SOME:
                assert leaf.relation is not None
                some = typed.Exists(leaf.relation, typed.TRUE)
                return some if value == (leaf.means is Means.HAS_SOME) else typed.Not(some)
            case Means.DEAD:
                criterion = ".".join(leaf.path)
                self.values.problems.append(
                    problems.IgnoredCriterion(pointer=pointer, criterion=criterion)
                )
                return "absent"
            case Means.EITHER_NAME:
                assert field is not None
                return self._either(field, value, pointer)
            case Means.LABELS:
                assert leaf.relation is not None
                resources = Resources(leaf.relation, self.values, self.database)
                return resources.own_labels(value, pointer) or "absent"
            case Means.ANY if field is not None and field.through:
                return self._through(field.through, value)
            case _:
                assert field is not None
                return self._own(leaf, typed.Column(field), value, pointer)

    def _own(
        self, leaf: Leaf, column: typed.Column, value: Any, pointer: str
    ) -> typed.Predicate | Vanishing:
        match leaf.means:
            case Means.ANY:
                return typed.In(column, tuple(dict.fromkeys(value)))
            case Means.ANY_IF_SOME:
                return typed.In(column, tuple(dict.fromkeys(value))) if value else "absent"
            case Means.DISTINCT:
                if value:
                    self.distinct.append(column)
                return "absent"
            case Means.PREFIX | Means.NOT_PREFIX:
                return self._prefixes(leaf.means, column, value, pointer)
            case Means.NOT_ANY:
                if not value:
                    return "absent"
                return typed.Not(typed.In(column, tuple(dict.fromkeys(value))))
            case Means.EQUALS:
                return typed.In(column, (value,))
            case Means.LIKE:
                return self._like(column, value, pointer)
            case Means.STARTS_WITH:
                return self._starts(column, value, pointer)
            case Means.ALL_TAGS if not value:
                return typed.TRUE
            case Means.ALL_TAGS_IF_SOME if not value:
                return "absent"
            case Means.ALL_TAGS | Means.ALL_TAGS_IF_SOME:
                return typed.TagsMatch(column, "has all", tuple(dict.fromkeys(value)))
            case Means.SEARCH:
                return searched(column, value, either=self.either)
            case Means.ANY_TAG_IF_SOME if not value:
                return "absent"
            case Means.ANY_TAG | Means.ANY_TAG_IF_SOME:
                return typed.TagsMatch(column, "has any", tuple(dict.fromkeys(value)))
            case Means.NO_TAGS:
                none = typed.TagsMatch(column, "within", ())
                return none if value else typed.Not(none)
            case Means.IS_NULL:
                null = typed.IsNull(column)
                return null if value else typed.Not(null)
            case Means.NOT_NULL:
                null = typed.IsNull(column)
                return typed.Not(null) if value else null
            case Means.AT_MOST | Means.UNTIL:
                return typed.Compare(column, "<=", value)
            case Means.AT_LEAST | Means.SINCE:
                return typed.Compare(column, ">=", value)
            case (
                Means.HAS_NONE | Means.HAS_SOME | Means.DEAD
                | Means.EITHER_NAME | Means.LABELS | Means.RESOURCE
            ):  # fmt: skip
                raise AssertionError(leaf.means)
            case _:
                assert_never(leaf.means)

    # ── patterns ──────────────────────────────────────────────────────────────

    def _like(
        self, column: typed.Column, pattern: str, pointer: str
    ) -> typed.Predicate | Vanishing:
        if not pattern or not self._is_portable(pattern, pointer):
            return "absent"
        if "%" in pattern or "_" in pattern:
            return typed.TextMatch(column, "like", f"%{pattern}%")
        return typed.TextMatch(column, "contains", pattern)

    def _starts(
        self, column: typed.Column, patterns: list[str], pointer: str
    ) -> typed.Predicate | Vanishing:
        starts: list[typed.Predicate] = []
        for at, pattern in enumerate(patterns):
            if not self._is_portable(pattern, f"{pointer}/{at}"):
                return "absent"
            if "%" in pattern or "_" in pattern:
                starts.append(typed.TextMatch(column, "like", f"{pattern}%"))
            else:
                starts.append(typed.TextMatch(column, "starts with", pattern))
        return typed.disjunction(list(dict.fromkeys(starts))) if starts else "empty"

    def _prefixes(
        self, means: Means, column: typed.Column, patterns: list[str], pointer: str
    ) -> typed.Predicate | Vanishing:
        found: list[typed.Predicate] = []
        for at, pattern in enumerate(patterns):
            place = f"{pointer}/{at}"
            if not self._is_portable(pattern, place):
                return "absent"
            condition = matched(column, prefix(pattern), self.database, self.values, place)
            found.append(condition if means is Means.PREFIX else typed.Not(condition))
        if not found:
            return "absent"
        join = typed.disjunction if means is Means.PREFIX else typed.conjunction
        return join(list(dict.fromkeys(found)))

    # ── times that are always there ───────────────────────────────────────────

    def window(self, leaf: Leaf, pointer: str) -> typed.Predicate:
        """The bound that the server sets on times of events where a body sets none."""
        assert leaf.field is not None
        column = typed.Column(leaf.field)
        if leaf.means is Means.UNTIL:
            return typed.Compare(column, "<=", typed.Relative(timedelta(0)))
        self.values.problems.append(problems.EventsWindow(pointer=pointer, days=WINDOW_DAYS))
        return typed.Compare(column, ">=", typed.Rolling("day", -WINDOW_DAYS))

    def _is_portable(self, pattern: str, pointer: str) -> bool:
        if "\\" not in pattern:
            return True
        criterion = pointer.removesuffix("/").rpartition("/")[2]
        self.values.problems.append(problems.BackslashInBody(pointer=pointer, criterion=criterion))
        return False

    # ── conditions on related rows ────────────────────────────────────────────

    def _either(self, field: Field, pattern: str, pointer: str) -> typed.Predicate | Vanishing:
        names: list[typed.Predicate] = []
        for path in field.either or ():
            *relations, name = path.split(".")
            entity = self.entity
            chain = []
            for relation in relations:
                chain.append(entity.relation_by_name[relation])
                entity = entities()[chain[-1].target]
            condition = self._like(typed.Column(entity.by_name[name]), pattern, pointer)
            if isinstance(condition, str):
                return condition
            for step in reversed(chain):
                condition = typed.Exists(step, condition)
            names.append(condition)
        return typed.disjunction(names)

    def _through(self, path: tuple[str, ...], value: list[Any]) -> typed.Predicate:
        relation = self.entity.relation_by_name[path[0]]
        field = entities()[relation.target].by_name[path[1]]
        return typed.Exists(relation, typed.In(typed.Column(field), tuple(dict.fromkeys(value))))


def _kind(leaf: Leaf) -> tuple[Kind, tuple[str, ...]]:
    """The type of a criterion's value, and what an enum allows."""
    match leaf.means:
        case Means.ANY | Means.NOT_ANY | Means.ANY_IF_SOME:
            assert leaf.field is not None
            match leaf.field.type:
                case Type.UUID:
                    return Kind.UUIDS, ()
                case Type.ENUM:
                    return Kind.CHOICES, leaf.field.choices
                case _:
                    return Kind.TEXTS, ()
        case Means.ALL_TAGS | Means.ALL_TAGS_IF_SOME | Means.ANY_TAG | Means.ANY_TAG_IF_SOME:
            return Kind.TEXTS, ()
        case Means.STARTS_WITH | Means.PREFIX | Means.NOT_PREFIX:
            return Kind.TEXTS, ()
        case Means.LABELS | Means.RESOURCE:
            return Kind.OBJECT, ()
        case Means.SINCE | Means.UNTIL:
            return Kind.TIME, ()
        case Means.LIKE | Means.EITHER_NAME:
            return Kind.TEXT, ()
        case Means.SEARCH:
            return Kind.SEARCH, ()
        case Means.AT_MOST | Means.AT_LEAST:
            whole = leaf.field is not None and leaf.field.type is Type.INTEGER
            return (Kind.INTEGER if whole else Kind.TIME), ()
        case (
            Means.NO_TAGS | Means.IS_NULL | Means.NOT_NULL
            | Means.EQUALS | Means.DISTINCT | Means.HAS_NONE | Means.HAS_SOME
        ):  # fmt: skip
            return Kind.BOOLEAN, ()
        case Means.DEAD:
            return (Kind.BOOLEAN if leaf.path[-1] == "is_null_" else Kind.INTEGER), ()
        case _:
            assert_never(leaf.means)
