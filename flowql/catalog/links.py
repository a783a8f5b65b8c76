"""Relations seen from their other end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowql.catalog import entities
from flowql.catalog.chains import owner

if TYPE_CHECKING:
    from flowql.catalog.model import Relation


def mirror(relation: Relation) -> Relation | None:
    """The relation of the target that leads back along the same columns, if there is one.

    A chain of relations and the elements of a list have none.
    """
    if relation.via or relation.elements:
        return None
    source = owner(relation).name
    return next(
        (
            back
            for back in entities()[relation.target].relations
            if back.target == source
            and (back.local, back.remote) == (relation.remote, relation.local)
        ),
        None,
    )
