"""Chains of relations: taken apart into single steps, and named again in short."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from flowql.catalog import entities

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flowql.catalog.model import Entity, Relation


def single_steps(entity: Entity, relation: Relation) -> tuple[Relation, ...]:
    """A relation of an entity, or the chain that it stands for (`via`), step by step."""
    if not relation.via:
        return (relation,)
    steps: list[Relation] = []
    for name in relation.via:
        steps.extend(single_steps(entity, entity.relation_by_name[name]))
        entity = entities()[steps[-1].target]
    return tuple(steps)


def named(steps: Sequence[Relation]) -> tuple[Relation, ...]:
    """The fewest relations that stand for a chain of single steps."""
    found: list[Relation] = []
    at = 0
    while at < len(steps):
        chains = _chains()[owner(steps[at])]
        relation, length = next(
            (
                (whole, len(chain))
                for chain, whole in chains
                if tuple(steps[at:][: len(chain)]) == chain
            ),
            (steps[at], 1),
        )
        found.append(relation)
        at += length
    return tuple(found)


def owner(relation: Relation) -> Entity:
    """The entity that a relation belongs to."""
    return _owners()[relation]


@cache
def _owners() -> Mapping[Relation, Entity]:
    return {relation: entity for entity in entities().values() for relation in entity.relations}


@cache
def _chains() -> Mapping[Entity, list[tuple[tuple[Relation, ...], Relation]]]:
    """The relations of each entity that stand for chains, the longest first."""
    found = {}
    for entity in entities().values():
        chains = [
            (single_steps(entity, relation), relation)
            for relation in entity.relations
            if relation.via
        ]
        found[entity] = sorted(chains, key=lambda chain: -len(chain[0]))
    return found
