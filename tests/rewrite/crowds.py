"""Random filters whose conditions crowd on a few columns and relations.

Laws apply where conditions meet, which in filters drawn from the whole catalog
they hardly do.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from flowql import typed
from flowql.catalog import Entity, Type, entities
from tests.oracle.data import NOW
from tests.strategies import Draw, few, unique

_FIELDS = {
    "flows": ("name", "tags"),
    "flow_runs": ("state", "state.name", "tags", "start_time", "end_time", "run_count",
                  "work_queue_name", "duration"),
    "task_runs": ("state", "name", "tags", "start_time", "flow_run_id"),
    "deployments": ("paused", "status", "tags", "name", "work_queue_name"),
    "work_pools": ("type", "status", "paused"),
    "work_queues": ("name", "priority", "paused"),
    "tag": ("text",),
}  # fmt: skip

_VALUES: dict[Type, tuple[Any, ...]] = {
    Type.TEXT: ("etl", "ETL", "default", "", "Late", "once", "%"),
    Type.INTEGER: (0, 1, 2, 1.5),
    Type.TIME: tuple(
        NOW + step
        for step in (timedelta(0), timedelta(microseconds=1), -timedelta(days=7), timedelta(1))
    ),
    Type.DURATION: (timedelta(0), timedelta(minutes=5), timedelta(minutes=5, microseconds=1)),
    Type.BOOLEAN: (True, False),
}

_TAGS = ("etl", "nightly", "dev", "prod", "")


@st.composite
def crowded(draw: Draw, entity: Entity, depth: int = 4) -> typed.Predicate:
    """A filter on rows of the entity."""

    def inner(of: Entity, levels: int) -> typed.Predicate:
        return draw(crowded(of, levels))

    kinds = ["own"]
    if depth > 1:
        kinds += ["and", "and", "or", "or", "not"]
        if entity.relations:
            kinds += ["exists", "exists", "every", "count", "latest"]
    kind = draw(st.sampled_from(kinds))
    match kind:
        case "and":
            return typed.conjunction([inner(entity, depth - 1) for _ in range(draw(few()))])
        case "or":
            return typed.disjunction([inner(entity, depth - 1) for _ in range(draw(few()))])
        case "not":
            return typed.Not(inner(entity, depth - 1))
        case "own":
            return draw(own(entity))
        case _:
            single = [relation for relation in entity.relations if not relation.via]
            relation = draw(st.sampled_from(single))
            target = entities()[relation.target]
            where = draw(st.sampled_from((typed.TRUE, None))) or inner(target, depth - 1)
            if kind == "every":
                return typed.Every(relation, where)
            if kind == "latest" and "start_time" in target.by_name:
                return typed.Latest((relation,), where)
            if kind != "count":
                return typed.Exists(relation, where)
            bound = draw(st.sampled_from((0, 1, 0.5, 2, -1)))
            operator: typed.CountOperator = draw(st.sampled_from(("=", "<", "<=", ">", ">=")))
            return typed.Count(typed.Counted((relation,), where), operator, bound)


@st.composite
def own(draw: Draw, entity: Entity) -> typed.Predicate:
    """A condition on one of the few columns."""
    field = entity.by_name[draw(st.sampled_from(_FIELDS[entity.name]))]
    column = typed.Column(field)
    if draw(st.integers(0, 12)) == 0:
        return typed.Always(draw(st.booleans()))
    if field.type is Type.TAGS:
        operator: typed.TagsOperator = draw(st.sampled_from(("has all", "has any", "within")))
        tags = draw(st.lists(st.sampled_from(_TAGS), max_size=3))
        return typed.TagsMatch(column, operator, unique(tags))
    kinds = ["in", "in", "null"]
    if field.type in (Type.INTEGER, Type.TIME, Type.DURATION):
        kinds += ["compare"] * 4
    if field.type is Type.TEXT:
        kinds.append("text")
    values = field.choices or _VALUES.get(field.type) or _stored(entity, field.column)
    match draw(st.sampled_from(kinds)):
        case "null":
            return typed.IsNull(column)
        case "compare":
            ordering: typed.Ordering = draw(st.sampled_from(("<", "<=", ">", ">=")))
            return typed.Compare(column, ordering, draw(st.sampled_from(values)))
        case "text":
            text: typed.TextOperator = draw(st.sampled_from(("contains", "starts with", "like")))
            return typed.TextMatch(column, text, draw(st.sampled_from(values)))
        case _:
            return typed.In(column, unique(draw(st.lists(st.sampled_from(values), max_size=5))))


def _stored(entity: Entity, column: str) -> tuple[Any, ...]:
    from tests.oracle.data import AWKWARD

    return unique(row[column] for row in AWKWARD[entity.table] if row[column] is not None)[:4]
