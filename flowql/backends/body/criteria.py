"""Which criteria a filter model has for a field, and for a condition on a text."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, assert_never

from flowql import typed
from flowql.catalog import Entity, Field, Means, Relation
from flowql.catalog.filters import Leaf, filter_model

if TYPE_CHECKING:
    from collections.abc import Mapping


@cache
def criteria(entity: Entity) -> Mapping[tuple[Field | Relation, Means], Leaf]:
    """The leaves of a model by what they are about and what they mean."""
    return {
        (owner, leaf.means): leaf
        for leaf in filter_model(entity).leaves()
        if (owner := leaf.field or leaf.relation) is not None
        and leaf.means is not Means.DEAD
        and (leaf.field is None or not leaf.field.through)
    }


def name_of(column: typed.Column) -> str:
    return ".".join((column.field.name, *column.keys))


def patterns(operator: typed.TextOperator, value: str) -> list[tuple[Means, str]]:
    """The patterns that say it, and the criteria that take them."""
    match operator:
        case "contains":
            return [(Means.LIKE, value)]
        case "starts with":
            return [(Means.STARTS_WITH, value)]
        case "like" if value.endswith("%"):
            prefix = (Means.STARTS_WITH, value[:-1])
            both = len(value) > 1 and value.startswith("%")
            return [(Means.LIKE, value[1:-1]), prefix] if both else [prefix]
        case "like" | "ends with" | "matches":
            return []
        case _:
            assert_never(operator)
