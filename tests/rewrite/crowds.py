"""Random filters whose conditions crowd on a few columns and relations.

Laws apply where conditions meet, which in filters drawn from the whole catalog
they hardly do.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from flowql import typed
from flowql.catalog import Entity, Field, Relation, Type, entities
from tests.oracle.data import NOW
from tests.strategies import Draw, fields_of, stored, unique

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
    Type.INTEGER: (0, 1, 2, 1.5),
    Type.TIME: tuple(
        NOW + step
        for step in (timedelta(0), timedelta(microseconds=1), -timedelta(days=7), timedelta(1))
    ),
    Type.DURATION: (timedelta(0), timedelta(minutes=5), timedelta(minutes=5, microseconds=1)),
    Type.BOOLEAN: (True, False),
}

_TAGS = ("etl", "nightly", "dev")


@st.composite
def crowded(draw: Draw, entity: Entity, depth: int = 4) -> typed.Predicate:
    """A filter on rows of the entity; of each entity it knows two fields and a relation."""
    known: dict[Entity, tuple[list[Field], list[Relation]]] = {}

    def palette(of: Entity) -> tuple[list[Field], list[Relation]]:
        if of not in known:
            names = st.lists(st.sampled_from(_fields(of)), min_size=1, max_size=2)
            steps = [relation for relation in of.relations if not relation.via]
            few_steps = st.lists(st.sampled_from(steps), min_size=1, max_size=2)
            fields = [of.by_name[name] for name in draw(names)]
            known[of] = fields, draw(few_steps) if steps else []
        return known[of]

    def build(of: Entity, levels: int) -> typed.Predicate:
        fields, relations = palette(of)
        kinds = ["own"] * 4
        if levels > 1:
            kinds += ["and"] * 4 + ["or"] * 4 + ["not"]
            kinds += ["exists", "exists", "none", "every", "count", "latest"] if relations else []
        kind = draw(st.sampled_from(kinds))
        match kind:
            case "and" | "or":
                parts = [build(of, levels - 1) for _ in range(draw(st.integers(2, 5)))]
                return typed.conjunction(parts) if kind == "and" else typed.disjunction(parts)
            case "not":
                return typed.Not(build(of, levels - 1))
            case "own":
                condition = draw(own(of, draw(st.sampled_from(fields))))
                return typed.Not(condition) if draw(st.integers(0, 2)) == 0 else condition
            case _:
                relation = draw(st.sampled_from(relations))
                target = entities()[relation.target]
                return scope(kind, relation, target, levels)

    def scope(kind: str, relation: Relation, target: Entity, levels: int) -> typed.Predicate:
        where = typed.TRUE if draw(st.integers(0, 3)) == 0 else build(target, levels - 1)
        match kind:
            case "every":
                return typed.Every(relation, where)
            case "latest" if "start_time" in target.by_name:
                return typed.Latest((relation,), where)
            case "count":
                bound = draw(st.sampled_from((0, 1, 0.5, 2, -1)))
                operator: typed.CountOperator = draw(st.sampled_from(("=", "<", "<=", ">", ">=")))
                return typed.Count(typed.Counted((relation,), where), operator, bound)
            case "none":
                return typed.Not(typed.Exists(relation, where))
            case _:
                return typed.Exists(relation, where)

    return build(entity, depth)


@st.composite
def meeting(draw: Draw, entity: Entity) -> typed.Predicate:
    """Some conditions on one column, or on the rows of one relation, joined by one word."""
    field = entity.by_name[draw(st.sampled_from(_fields(entity)))]
    steps = [relation for relation in entity.relations if not relation.via]
    related = draw(st.sampled_from((False, False, True))) and bool(steps)
    relation = draw(st.sampled_from(steps)) if related else None
    target = entities()[relation.target] if relation else entity
    if relation:
        field = target.by_name[draw(st.sampled_from(_fields(target)))]
    parts: list[typed.Predicate] = []
    for _ in range(draw(st.sampled_from((1, 2, 2, 2, 3, 3, 4)))):
        part = draw(own(target, field))
        if draw(st.integers(0, 2)) == 0:
            part = typed.Not(part)
        if relation:
            scope = draw(st.sampled_from((typed.Exists, typed.Exists, typed.Every, None)))
            if scope:
                part = scope(relation, part)
            else:
                bound = draw(st.sampled_from((0, 1, 0.5, 2, -1)))
                operator: typed.CountOperator = draw(st.sampled_from(("=", "<", "<=", ">", ">=")))
                part = typed.Count(typed.Counted((relation,), part), operator, bound)
            if draw(st.integers(0, 3)) == 0:
                part = typed.Not(part)
        parts.append(part)
    joined = draw(st.sampled_from((typed.conjunction, typed.disjunction)))
    return joined(parts)


@st.composite
def own(draw: Draw, entity: Entity, field: Field) -> typed.Predicate:
    """A condition on a column, with one of a few values."""
    column = typed.Column(field)
    if draw(st.integers(0, 30)) == 0:
        return typed.Always(draw(st.booleans()))
    if field.type is Type.TAGS:
        operator: typed.TagsOperator = draw(st.sampled_from(("has all", "has any", "within")))
        tags = draw(st.lists(st.sampled_from(_TAGS), max_size=3))
        return typed.TagsMatch(column, operator, unique(tags))
    kinds = ["in", "in", "in", "null"]
    if field.type in (Type.INTEGER, Type.TIME, Type.DURATION):
        kinds += ["compare"] * 4
    if field.type is Type.TEXT:
        kinds.append("text")
    values = field.choices[-4:] or _VALUES.get(field.type) or _stored(entity, field)
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
            size = draw(st.sampled_from((0, *[1, 2] * 4, 4)))
            some = st.lists(st.sampled_from(values), min_size=min(size, 1), max_size=size)
            return typed.In(column, unique(draw(some)))


def _fields(entity: Entity) -> tuple[str, ...]:
    """The fields that are chosen for an entity, or its first ones that are plain."""
    plain = [
        field.name
        for field in fields_of(entity)
        if field.type is not Type.JSON and (field.column or field.difference)
    ]
    return _FIELDS.get(entity.name) or tuple(plain[:6])


def _stored(entity: Entity, field: Field) -> tuple[Any, ...]:
    return stored(entity, field)[:4]
