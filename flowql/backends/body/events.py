"""Conditions on the resources of an event as the groups `resource`, `related` and `any_resource`.

All criteria of a group are about one row of `event_resources`; groups of one name in a
list may each have their own. `related` leaves out the event's own resource, the row
without a role, unless it names roles.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flowql import typed
from flowql.backends.body.patterns import as_glob, as_prefix, pattern_of
from flowql.backends.body.sayings import Json
from flowql.catalog.events import PLAIN_LABEL
from flowql.diagnostics import request as problems

if TYPE_CHECKING:
    from flowql.backends.body.patterns import Database
    from flowql.diagnostics import Diagnostic
    from flowql.source import Span

ID, ROLE = "prefect.resource.id", "prefect.resource.role"
"""Labels that rows of resources have as columns."""

Group = tuple[str, dict[str, Json]]
"""A group by its name."""


@dataclass(slots=True)
class Resource:
    """What is asked of one resource: its ids, roles, both in pairs, and labels."""

    database: Database | None
    problems: list[Diagnostic]
    ids: list[Json] | None = None
    prefixes: list[Json] | None = None
    roles: list[Json] | None = None
    related: bool = False
    pairs: list[Json] | None = None
    labels: dict[str, Json] = field(default_factory=dict)

    def group(self, where: typed.Predicate, span: Span | None) -> Group | None:
        """The group that says it; None where a problem was reported."""
        operands = where.operands if isinstance(where, typed.And) else (where,)
        pending = [operand for operand in operands if operand != typed.TRUE]
        for operand in _gathered(pending):
            if not self._take(operand):
                problem = problems.UnsayableResource(span=getattr(operand, "span", None) or span)
                self.problems.append(problem)
                return None
        if ROLE in self.labels and not self._is_own():
            # Elsewhere the label stands for the column.
            self.problems.append(problems.UnsayableResource(span=span))
            return None
        return self._written()

    def _is_own(self) -> bool:
        """Whether labels are all that is asked of the event's own resource."""
        return self.roles == [""] and self.ids is self.prefixes is self.pairs is None

    def _written(self) -> Group:
        if self._is_own():
            return "resource", {"labels": self.labels or {ID: []}}
        if self.pairs is not None and not self.related and self.roles is None:
            # Roles that are named let the event's own resource in.
            self.roles = list(dict.fromkeys(self._pair_roles()))
        said: dict[str, Json] = {}
        if self.ids is not None:
            said["id"] = self.ids
        labels = dict(self.labels)
        if self.prefixes is None and (self.related or self.pairs is not None):
            if self.roles is not None:
                said["role"] = self.roles
            if self.pairs is not None:
                said["resources_in_roles"] = self.pairs
            name = "related"
        else:
            if self.prefixes is not None:
                said["id_prefix"] = self.prefixes
            if self.roles is not None:
                labels[ROLE] = self.roles
            name = "any_resource"
        if labels or not said:
            said["labels"] = labels or {ID: []}
        return name, said

    def _pair_roles(self) -> list[Json]:
        return [pair[1] for pair in self.pairs or () if isinstance(pair, list)]

    def _take(self, node: typed.Predicate) -> bool:
        """Add one condition; whether there is a place for it."""
        match node:
            case typed.In(column, values) if column.field.name == "role" and self.roles is None:
                self.roles = [str(value) for value in values]
                self.related = self.related or "" not in values
                return True
            case typed.Not(typed.In(column, ("",))) if column.field.name == "role":
                self.related = True
                return True
            case typed.In(column, values) if column.field.name == "resource_id" and (
                self.ids is None
            ):
                self.ids = [str(value) for value in values]
                return True
            case typed.Or(operands) if self.pairs is None and (pairs := _pairs(operands)):
                self.pairs = pairs
                return True
            case typed.And(operands) if self.pairs is None and (pairs := _pairs((node,))):
                self.pairs = pairs
                return True
            case _:
                return self._prefixes(node) or self._label(node)

    def _prefixes(self, node: typed.Predicate) -> bool:
        if self.prefixes is not None or self.related or self.roles is not None:
            return False
        found: list[Json] = []
        for one in node.operands if isinstance(node, typed.Or) else (node,):
            column = _column(one)
            said = pattern_of(one)
            if column is None or column.field.name != "resource_id" or said is None:
                return False
            prefix = as_prefix(said.parts)
            if prefix is None:
                return False
            self._require(said.database, one)
            found.append(prefix)
        self.prefixes = _once(found)
        return True

    def _label(self, node: typed.Predicate) -> bool:
        """One label, of which one of some patterns is wanted."""
        found: list[Json] = []
        names = set()
        for one in node.operands if isinstance(node, typed.Or) else (node,):
            positive = one.operand if isinstance(one, typed.Not) else one
            column = _column(positive)
            if column is None:
                return False
            names.add(ID if column.field.name == "resource_id" else ".".join(column.keys))
            if column.field.name not in ("resource_id", "labels") or len(column.keys) > 1:
                return False
            for single in _singles(positive):
                said = pattern_of(single)
                glob = None if said is None else as_glob(said.parts)
                if said is None or glob is None:
                    return False
                if positive is one and glob.startswith("!"):
                    # There it would negate the pattern.
                    return False
                if positive is not one and len(_singles(positive)) > 1:
                    return False
                self._require(said.database, single)
                found.append(f"!{glob}" if positive is not one else glob)
        name = names.pop()
        if names or name in self.labels:
            return False
        if self.database != "postgres" and not PLAIN_LABEL.fullmatch(name):
            return False
        self.labels[name] = _once(found)
        return True

    def _require(self, database: Database | None, node: typed.Predicate) -> None:
        """Report a condition that a server over another database would match otherwise."""
        if database not in (None, self.database):
            span = getattr(node, "span", None)
            value = str(getattr(node, "value", None) or getattr(node, "values", ("",))[0])
            self.problems.append(
                problems.CaseInRequest(span=span, wanted=database, known=self.database, value=value)
            )


def _once(values: list[Json]) -> list[Json]:
    """Each value once; they are texts."""
    return list(dict.fromkeys(map(str, values)))


def _column(node: typed.Predicate) -> typed.Column | None:
    match node:
        case typed.In(column) | typed.TextMatch(column):
            return column
        case typed.And(operands):
            columns = {_column(operand) for operand in operands}
            return columns.pop() if len(columns) == 1 else None
        case _:
            return None


def _singles(node: typed.Predicate) -> list[typed.Predicate]:
    """A list of texts, one by one."""
    if isinstance(node, typed.In):
        return [typed.In(node.column, (value,), node.span) for value in node.values]
    return [node]


def _gathered(operands: list[typed.Predicate]) -> list[typed.Predicate]:
    """The conditions, those that say one pattern only together as one."""
    found: list[typed.Predicate] = []
    texts: dict[typed.Column, list[typed.Predicate]] = {}
    for operand in operands:
        if isinstance(operand, typed.TextMatch):
            texts.setdefault(operand.column, []).append(operand)
        else:
            found.append(operand)
    for alike in texts.values():
        whole = typed.conjunction(alike)
        found += [whole] if len(alike) > 1 and pattern_of(whole) else alike
    return found


def _pairs(operands: tuple[typed.Predicate, ...]) -> list[Json] | None:
    """Pairs of a resource and its role, where each operand is one."""
    found: list[Json] = []
    for operand in operands:
        match operand:
            case typed.And((typed.In(first, (str(a),)), typed.In(second, (str(b),)))):
                named = {first.field.name: a, second.field.name: b}
                if set(named) != {"resource_id", "role"}:
                    return None
                found.append([named["resource_id"], named["role"]])
            case _:
                return None
    return found
