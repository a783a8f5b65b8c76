"""The catalog as it is shown: what can be asked, as plain data in the order of the catalog.

The language reference's tables and the command `flowql catalog` are both drawn from it. It
says nothing of back ends: which of them can say a thing they are asked by `capabilities`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowql import catalog
from flowql.catalog.endpoints import endpoints
from flowql.catalog.model import Means, Type
from flowql.catalog.operators import OPERATORS, is_own, is_single, taken

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flowql.catalog.model import Criterion, Endpoint, Entity, Field, Relation, Sort


@dataclass(frozen=True, slots=True)
class ListedCriterion:
    """A leaf of Prefect's filter model, and what it says."""

    path: str
    means: str


@dataclass(frozen=True, slots=True)
class ListedField:
    """A field. `operators` it takes itself, `inside` its keys take, where it has some."""

    name: str
    aliases: tuple[str, ...]
    type: str
    doc: str
    nullable: bool
    choices: tuple[str, ...]
    words: Mapping[str, int]
    operators: tuple[str, ...]
    inside: tuple[str, ...]
    sortable: bool
    criteria: tuple[ListedCriterion, ...]


@dataclass(frozen=True, slots=True)
class ListedRelation:
    """A way to related rows; `latest`: they are runs, of which one started last."""

    name: str
    aliases: tuple[str, ...]
    target: str
    many: bool
    doc: str
    latest: bool
    criteria: tuple[ListedCriterion, ...]


@dataclass(frozen=True, slots=True)
class ListedSort:
    """A sort that Prefect has a name for, and how a text writes it: `start_time_desc`."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class ListedArgument:
    """A key of a body that is neither filter, sort nor page."""

    name: str
    type: str
    required: bool


@dataclass(frozen=True, slots=True)
class ListedEndpoint:
    """An endpoint; `usual`: it is one of those that most entities have."""

    path: str
    gives: str
    usual: bool
    keys: tuple[str, ...]
    sorts: tuple[str, ...]
    pages: tuple[str, ...]
    arguments: tuple[ListedArgument, ...]


@dataclass(frozen=True, slots=True)
class ListedEntity:
    """An entity with all that can be asked of it."""

    name: str
    singular: str
    aliases: tuple[str, ...]
    doc: str
    fields: tuple[ListedField, ...]
    relations: tuple[ListedRelation, ...]
    default_sort: ListedSort
    sorts: tuple[ListedSort, ...]
    endpoints: tuple[ListedEndpoint, ...]


def listing() -> tuple[ListedEntity, ...]:
    """All entities that a query can be about."""
    return tuple(listed(one) for one in catalog.entities().values() if not one.element)


def listed(entity: Entity) -> ListedEntity:
    """One entity."""
    sorts = dict.fromkeys(sort for at in endpoints(entity) for sort in at.sorts)
    return ListedEntity(
        entity.name,
        entity.singular,
        entity.aliases,
        entity.doc,
        tuple(map(listed_field, entity.fields)),
        tuple(map(listed_relation, entity.relations)),
        _sort(entity.default_sort),
        tuple(map(_sort, sorts)),
        tuple(_endpoint(at, entity) for at in endpoints(entity)),
    )


def listed_field(field: Field) -> ListedField:
    """One field."""
    has_keys = field.type is Type.JSON and not field.only_null
    return ListedField(
        field.name,
        field.aliases,
        field.type.value,
        field.doc,
        field.nullable,
        field.choices,
        dict(field.words),
        _in_order(taken(field)),
        _in_order(taken(field, inside=True)) if has_keys else (),
        is_own(field) and is_single(field),
        _criteria(field.criteria),
    )


def _in_order(names: frozenset[str]) -> tuple[str, ...]:
    return tuple(name for name in OPERATORS if name in names)


def listed_relation(relation: Relation) -> ListedRelation:
    """One relation."""
    target = catalog.entities()[relation.target]
    return ListedRelation(
        relation.name,
        relation.aliases,
        relation.target,
        relation.many,
        relation.doc,
        "start_time" in target.by_name,
        _criteria(relation.criteria),
    )


def _criteria(criteria: Iterable[Criterion]) -> tuple[ListedCriterion, ...]:
    return tuple(
        ListedCriterion(one.path, one.means.value)
        for one in criteria
        if one.means is not Means.DEAD
    )


def _sort(sort: Sort) -> ListedSort:
    way = "desc" if sort.descending else "asc"
    text = ", ".join(f"{name} {way}" for name, _ in sort.keys)
    in_one = sort.name.lower()
    return ListedSort(sort.name, in_one if in_one == text.replace(" ", "_") else text)


def _endpoint(at: Endpoint, entity: Entity) -> ListedEndpoint:
    assert entity.endpoints is not None
    return ListedEndpoint(
        at.path,
        at.gives.value,
        at not in entity.endpoints.others,
        tuple(at.keys),
        tuple(_sort(sort).text for sort in at.sorts),
        at.pages,
        tuple(ListedArgument(one.name, one.type.value, one.required) for one in at.arguments),
    )
