"""The criteria on the resources of events: labels with patterns, roles, and pairs of both.

All criteria of a group are about one row of `event_resources`, the event's own resource
being the row without a role.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flowql import typed
from flowql.catalog import entities
from flowql.catalog.events import PLAIN_LABEL
from flowql.diagnostics import body as problems
from flowql.frontends.body.patterns import TooWild, UnknownCase, glob, matching, prefix
from flowql.frontends.body.values import Kind, Values, described, escaped

if TYPE_CHECKING:
    from flowql.catalog import Relation
    from flowql.frontends.body.patterns import Database, Part

ID, ROLE = "prefect.resource.id", "prefect.resource.role"
"""Labels that rows of resources have as columns."""

_KEYS = {
    "related": ("id", "role", "resources_in_roles", "labels"),
    "any_resource": ("id", "id_prefix", "labels"),
}


@dataclass(slots=True)
class Resources:
    """Reads the groups about resources, as the server over one database means them."""

    relation: Relation
    values: Values
    database: Database | None

    def own_labels(self, value: Any, pointer: str) -> typed.Predicate | None:
        """`resource.labels`: what the event's own resource has."""
        labels = self._labels(value, pointer, own=True)
        if not labels:
            return None
        own = typed.In(self._column("role"), ("",))
        said = [label for label in labels if label != typed.TRUE]
        return typed.Exists(self.relation, typed.conjunction([own, *said]))

    def groups(self, name: str, value: Any, pointer: str) -> typed.Predicate | None:
        """`related` or `any_resource`: one group, or a list of which each has its own row."""
        if not isinstance(value, list):
            return self._group(name, value, pointer)
        found = [self._group(name, one, f"{pointer}/{at}") for at, one in enumerate(value)]
        said = [one for one in found if one is not None]
        return typed.conjunction(said) if said else None

    def _group(self, name: str, value: Any, pointer: str) -> typed.Predicate | None:
        if not isinstance(value, Mapping):
            wanted = "an object"
            self.values.problems.append(
                problems.WrongJson(pointer=pointer, found=described(value), wanted=wanted)
            )
            return None
        said: list[typed.Predicate] = []
        roles = False
        for key, inner in value.items():
            place = f"{pointer}/{escaped(key)}"
            if key not in _KEYS[name]:
                self.values.problems.append(
                    problems.UnknownCriterion(pointer=place, key=str(key), known=_KEYS[name])
                )
            elif inner is not None:
                found = self._criterion(key, inner, place)
                roles = roles or (key == "role" and bool(found))
                said += found
        if name == "related" and not roles and (said or value.get("labels")):
            said.append(typed.Not(typed.In(self._column("role"), ("",))))
        if said or value.get("labels"):
            return typed.Exists(self.relation, typed.conjunction(said))
        return None

    def _criterion(self, key: str, value: Any, pointer: str) -> list[typed.Predicate]:
        match key:
            case "id" | "role":
                column = self._column("resource_id" if key == "id" else "role")
                texts = self.values.read(Kind.TEXTS, value, pointer)
                return [typed.In(column, tuple(dict.fromkeys(texts)))] if texts else []
            case "id_prefix":
                texts = self.values.read(Kind.TEXTS, value, pointer) or []
                either = [
                    self._matched(self._column("resource_id"), prefix(text), f"{pointer}/{at}")
                    for at, text in enumerate(texts)
                ]
                return [typed.disjunction(either)] if either else []
            case "resources_in_roles":
                pairs = self.values.read(Kind.PAIRS, value, pointer) or []
                either = [self._pair(*pair) for pair in dict.fromkeys(map(tuple, pairs))]
                return [typed.disjunction(either)] if either else []
            case _:
                return self._labels(value, pointer, own=False)

    def _pair(self, resource: str, role: str) -> typed.Predicate:
        return typed.And((
            typed.In(self._column("resource_id"), (resource,)),
            typed.In(self._column("role"), (role,)),
        ))  # fmt: skip

    def _labels(self, value: Any, pointer: str, *, own: bool) -> list[typed.Predicate]:
        """What labels ask, each of them one of its patterns; a list without any matches nothing."""
        given = self.values.read(Kind.LABELS, value, pointer) or {}
        said: list[typed.Predicate] = []
        for label, patterns in given.items():
            listed = [patterns] if isinstance(patterns, str) else patterns
            if label in (ID, ROLE):
                listed = patterns if isinstance(patterns, list) else [patterns] if patterns else []
            place = f"{pointer}/{escaped(label)}"
            if label == ROLE and not own:
                if listed:
                    said.append(typed.In(self._column("role"), tuple(dict.fromkeys(listed))))
                continue
            if label == ID:
                column = self._column("resource_id")
                if not listed:
                    continue
            else:
                if self.database != "postgres" and not PLAIN_LABEL.fullmatch(label):
                    problem = problems.LabelOfDatabase(pointer=place, label=label)
                    self.values.problems.append(problem)
                column = self._column("labels", label)
            either = [self._labelled(column, pattern, place) for pattern in listed]
            none = typed.In(self._column("resource_id"), ())
            said.append(typed.disjunction(either) if either else none)
        if own and given and not said:
            said.append(typed.TRUE)
        return said

    def _labelled(self, column: typed.Column, pattern: str, pointer: str) -> typed.Predicate:
        found = self._matched(column, glob(pattern.removeprefix("!")), pointer)
        return typed.Not(found) if pattern.startswith("!") else found

    def _matched(
        self, column: typed.Column, parts: tuple[Part, ...], pointer: str
    ) -> typed.Predicate:
        return matched(column, parts, self.database, self.values, pointer)

    def _column(self, name: str, *keys: str) -> typed.Column:
        return typed.Column(entities()[self.relation.target].by_name[name], keys)


def matched(
    column: typed.Column,
    parts: tuple[Part, ...],
    database: Database | None,
    values: Values,
    pointer: str,
) -> typed.Predicate:
    """The condition that a column matches; false where a problem was reported."""
    try:
        return matching(column, parts, database)
    except UnknownCase:
        text = next(part for part in parts if isinstance(part, str))
        values.problems.append(problems.CaseOfDatabase(pointer=pointer, text=text))
    except TooWild:
        values.problems.append(problems.TooWildPattern(pointer=pointer))
    return typed.FALSE
