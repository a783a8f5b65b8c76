"""Filter models of a body as conditions on one entity's rows.

How the server joins what a group holds: a part that says nothing is true, and so
makes an `or_` true; a criterion that is not there takes no part; a list of no
beginnings drops out of whatever it stands in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flowql import typed
from flowql.catalog import Entity, Means
from flowql.catalog.filters import Group, Leaf, filter_model
from flowql.diagnostics import body as problems
from flowql.frontends.body.events import Resources
from flowql.frontends.body.leaves import Leaves, Vanishing
from flowql.frontends.body.values import Kind, Values, described, escaped

if TYPE_CHECKING:
    from flowql.catalog import Relation
    from flowql.diagnostics import Diagnostic
    from flowql.frontends.body.patterns import Database


_WINDOW = (Means.SINCE, Means.UNTIL)


@dataclass(slots=True)
class Models:
    """Reads filter models as one version of the server means them."""

    drops_pairs: bool
    """The server is older than 3.9.1."""

    problems: list[Diagnostic]
    database: Database | None = None
    distinct: list[typed.Column] = field(default_factory=list)
    """Columns of which each value was asked for once."""

    def read(self, entity: Entity, value: Any, pointer: str) -> typed.Predicate:
        """The condition that a model puts on the rows of its entity."""
        values = Values(self.problems)
        leaves = Leaves(entity, values, database=self.database, distinct=self.distinct)
        reader = _Groups(self.drops_pairs, leaves, values, self.problems)
        found = reader.read(filter_model(entity), value, pointer)
        return typed.TRUE if isinstance(found, str) else found


@dataclass(slots=True)
class _Groups:
    drops_pairs: bool
    leaves: Leaves
    values: Values
    problems: list[Diagnostic]

    def read(self, group: Group, value: Any, pointer: str) -> typed.Predicate | Vanishing:
        if not isinstance(value, Mapping):
            self.problems.append(
                problems.WrongJson(pointer=pointer, found=described(value), wanted="an object")
            )
            return "absent"
        self._unknown(group, value, pointer)
        operator = "and_"
        if group.operator and "operator" in value:
            choices = ("and_", "or_")
            place = f"{pointer}/operator"
            operator = self.values.read(Kind.CHOICE, value["operator"], place, choices) or operator
        if not group.path:
            self.leaves.either = operator == "or_"
        parts: dict[str, typed.Predicate | Vanishing] = {}
        for name, part in group.parts.items():
            given = value.get(name)
            place = f"{pointer}/{name}"
            if isinstance(part, Leaf) and name not in value and part.means in _WINDOW:
                parts[name] = self.leaves.window(part, place)
                continue
            if isinstance(part, Leaf) and part.required and name not in value:
                self.problems.append(problems.MissingKey(pointer=place, key=name))
            if name not in value:
                given = part.absent if isinstance(part, Group) else None
                if given is None:
                    continue
            parts[name] = self._part(group, part, given, place)
        if group.single:
            return self._single(group, value, parts, pointer)
        if all(leaf.means is Means.DEAD for leaf in group.leaves()):
            return "absent"
        return self._joined(operator, parts, pointer)

    def _unknown(self, group: Group, value: Mapping[str, Any], pointer: str) -> None:
        known = (*group.parts, "operator") if group.operator else tuple(group.parts)
        for key in value:
            if key not in known:
                place = f"{pointer}/{escaped(key)}"
                problem = problems.IgnoredKey if group.takes_unknown else problems.UnknownCriterion
                self.problems.append(problem(pointer=place, key=str(key), known=known))

    def _part(
        self, group: Group, part: Group | Leaf, value: Any, pointer: str
    ) -> typed.Predicate | Vanishing:
        if isinstance(part, Leaf):
            return self.leaves.read(part, value, pointer)
        if value is None and not part.never_null:
            return "absent"
        if relation := _of_resources(part):
            resources = Resources(relation, self.values, self.leaves.database)
            return resources.groups(part.path[-1], value, pointer) or "absent"
        found = self.read(part, value, pointer)
        if found == typed.TRUE and _is_search(part):
            return "absent"
        if not group.plain_parts:
            return found
        if found == typed.TRUE:
            return "absent"
        if self.drops_pairs and isinstance(found, typed.And):
            self.problems.append(
                problems.IgnoredPair(pointer=pointer, criterion=".".join(part.path))
            )
            return "absent"
        return found

    def _joined(
        self, operator: str, parts: dict[str, typed.Predicate | Vanishing], pointer: str
    ) -> typed.Predicate | Vanishing:
        present = {name: part for name, part in parts.items() if part != "absent"}
        if not present:
            return typed.TRUE
        said = {name: part for name, part in present.items() if not isinstance(part, str)}
        if not said:
            return "empty"
        true = [name for name, part in said.items() if part == typed.TRUE]
        if operator == "and_":
            return typed.conjunction([part for name, part in said.items() if name not in true])
        if true:
            if len(true) < len(said):
                self.problems.append(
                    problems.EverythingMatches(pointer=f"{pointer}/{true[0]}", criterion=true[0])
                )
            return typed.TRUE
        return typed.disjunction(list(said.values()))

    def _single(
        self,
        group: Group,
        value: Mapping[str, Any],
        parts: dict[str, typed.Predicate | Vanishing],
        pointer: str,
    ) -> typed.Predicate:
        """`is_null_: true` alone counts; not even mentioned, it is false, which `any_` hides."""
        null, listed = "", ""
        for name, part in group.parts.items():
            assert isinstance(part, Leaf), part
            if part.means is Means.IS_NULL:
                null, leaf = name, part
            else:
                listed = name
        condition = parts.get(listed, "absent")
        is_null = parts[null] if null in value else self.leaves.read(leaf, False, pointer)
        if isinstance(is_null, typed.IsNull):
            if condition != "absent":
                place = f"{pointer}/{listed}"
                self.problems.append(
                    problems.OverriddenCriterion(pointer=place, criterion=listed, by=null)
                )
            return is_null
        if not isinstance(condition, str):
            return condition
        return typed.TRUE if isinstance(is_null, str) else is_null


def _is_search(group: Group) -> bool:
    """Whether it holds a search: its conditions count as the model's own."""
    return any(isinstance(x, Leaf) and x.means is Means.SEARCH for x in group.parts.values())


def _of_resources(group: Group) -> Relation | None:
    """The relation to the resources of events, of a group that is about one of them."""
    for part in group.parts.values():
        if isinstance(part, Leaf) and part.means is Means.RESOURCE:
            return part.relation
    return None
