"""The shape of a body: its keys over the relations, and the filter model under each key.

Made from what entities, fields and relations say of themselves, so that the reader
and the writer of bodies walk the same trees. What a group of criteria does that the
criteria do not tell stands here as data.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from flowql.catalog import entities
from flowql.catalog.model import Endpoint, Entity, Field, Means, Relation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SINGLE = frozenset({("task_runs", "flow_run_id")})
"""Groups of which one criterion counts: `is_null_: true` hides `any_`, and `{}` is not null."""

PLAIN_PARTS = frozenset({("flow_runs", "state"), ("task_runs", "state")})
"""Groups that drop a part which says nothing, and before 3.9.1 one that says two things."""


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """A criterion, with the field or the relation that it is about."""

    path: tuple[str, ...]
    means: Means
    field: Field | None
    relation: Relation | None
    required: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """An object of the model; `operator`: its parts can be joined by `or_`.

    `absent`: what the server takes in its place where a body does not mention it; null
    says that nothing is asked.
    """

    path: tuple[str, ...]
    operator: bool
    single: bool
    plain_parts: bool
    absent: Mapping[str, bool] | None = None
    never_null: bool = False
    takes_unknown: bool = False
    parts: dict[str, Group | Leaf] = field(default_factory=dict)

    def leaves(self) -> Iterator[Leaf]:
        for part in self.parts.values():
            if isinstance(part, Leaf):
                yield part
            else:
                yield from part.leaves()


@cache
def filter_model(entity: Entity) -> Group:
    """The filter model of an entity; no parts where it has no filter."""
    model = _group(entity, ())
    owners: tuple[Field | Relation, ...] = (*entity.fields, *entity.relations)
    for owner in owners:
        for criterion in owner.criteria:
            keys = criterion.keys
            group = model
            for depth, key in enumerate(keys[:-1], 1):
                inner = group.parts.get(key)
                if inner is None:
                    inner = group.parts[key] = _group(entity, keys[:depth])
                assert isinstance(inner, Group), criterion.path
                group = inner
            group.parts[keys[-1]] = Leaf(
                keys,
                criterion.means,
                owner if isinstance(owner, Field) else None,
                owner if isinstance(owner, Relation) else None,
                criterion.required,
            )
    return model


def _group(entity: Entity, path: tuple[str, ...]) -> Group:
    name = ".".join(path)
    return Group(
        path,
        operator=name in entity.operators if path else entity.joins_or,
        single=(entity.name, name) in SINGLE,
        plain_parts=(entity.name, name) in PLAIN_PARTS,
        absent=entity.absent.get(name),
        never_null=name in entity.never_null,
        takes_unknown=entity.takes_unknown,
    )


@dataclass(slots=True)
class Place:
    """The rows that a relation leads to, and the key that filters them, if there is one."""

    entity: Entity
    relation: Relation | None = None
    key: str | None = None
    related: dict[str, Place] = field(default_factory=dict)


@cache
def places(entity: Entity, endpoint: Endpoint) -> Place:
    """The keys of an endpoint's bodies as a tree over the entity's relations."""
    root = Place(entity)
    for key, chain in endpoint.keys.items():
        place = root
        for name in chain:
            relation = place.entity.relation_by_name[name]
            if name not in place.related:
                place.related[name] = Place(entities()[relation.target], relation)
            place = place.related[name]
        place.key = key
    return root
