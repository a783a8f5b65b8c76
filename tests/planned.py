"""Random queries of which few fit into one request: what is left out, joined across entities,
counted, quantified, or said of columns that no criterion asks for.

Values are those of the awkward rows, which the crowd is made of, too.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from flowql import typed
from flowql.catalog import Entity, Field, Relation, Type, entities
from tests import strategies
from tests.oracle.data import NOW, ident
from tests.strategies import Draw, chains, fields_of, single_steps, unique

if TYPE_CHECKING:
    from collections.abc import Callable

TARGETS: tuple[Entity, ...] = tuple(
    entity for entity in entities().values() if entity.table and entity.endpoints
)
_OFTEN = ("flows", "flow_runs", "flow_runs", "task_runs", "deployments")

_TAGS = ("etl", "nightly", "prod", "dev", "test", "team:data", "café")
_PARTS = ("%", "_", "\\", "a_b", "100%", "otter", "name", "é", "o")
_REGEXES = ("^[a-z-]+$", r"\d", "^n", "otter|launch", "%$", r"_", "^.{1,4}$", "[^\x00-\x7f]", "A")
_LENGTHS = (timedelta(0), timedelta(seconds=90), timedelta(minutes=5), timedelta(days=1))
_MOMENTS = tuple(NOW - timedelta(days=days) for days in (0, 1, 2, 5, 7, 10, 20, 40))


# ── of the row in hand ────────────────────────────────────────────────────────────────────────────


def own(entity: Entity) -> st.SearchStrategy[typed.Predicate]:
    """A condition that some rows meet and some do not, or any at all."""
    telling = st.sampled_from(_telling(entity)).flatmap(lambda field: _said(entity, field))
    return st.one_of(telling, telling, strategies.own_conditions(entity))


def _telling(entity: Entity) -> list[Field]:
    fields = [field for field in fields_of(entity) if not field.only_null]
    kept = [field for field in fields if field.name not in ("id", "created", "updated")]
    # Most tables have more times and texts than anything else.
    rare = [field for field in kept if field.type not in (Type.TIME, Type.TEXT)]
    return [*kept, *rare, *(field for field in kept if field.name in ("name", "tags", "state"))]


def _said(entity: Entity, field: Field) -> st.SearchStrategy[typed.Predicate]:
    return _SAID[field.type](entity, field)


def _tags(entity: Entity, field: Field) -> st.SearchStrategy[typed.Predicate]:
    operators = st.sampled_from(("has all", "has any", "has any", "within"))
    tags = st.lists(st.sampled_from(_TAGS), min_size=1, max_size=3).map(unique)
    return st.builds(typed.TagsMatch, st.just(typed.Column(field)), operators, tags)


def _choices(entity: Entity, field: Field) -> st.SearchStrategy[typed.Predicate]:
    some = st.lists(st.sampled_from(field.choices), min_size=1, max_size=3).map(unique)
    return some.map(lambda values: typed.In(typed.Column(field), values))


def _boolean(entity: Entity, field: Field) -> st.SearchStrategy[typed.Predicate]:
    return st.booleans().map(lambda value: typed.In(typed.Column(field), (value,)))


def _ids(entity: Entity, field: Field) -> st.SearchStrategy[typed.Predicate]:
    """Ids of rows that the field leads to, few and many."""
    table = next((r for r in single_steps(entity) if r.local == field.column and not r.many), None)
    name = entities()[table.target].table if table else "creator"
    numbers = st.one_of(
        st.lists(st.integers(0, 40), min_size=1, max_size=4), st.just(list(range(60)))
    )
    return numbers.map(
        lambda found: typed.In(typed.Column(field), unique(ident(name, number) for number in found))
    )


def _text(entity: Entity, field: Field) -> st.SearchStrategy[typed.Predicate]:
    column = typed.Column(field)
    parts = st.tuples(
        st.sampled_from(("contains", "contains", "starts with", "ends with")),
        st.sampled_from(_PARTS),
    )
    regexes = st.tuples(st.just("matches"), st.sampled_from(_REGEXES))
    likes = st.tuples(st.just("like"), st.sampled_from(("%a%", "_%", "%b", "1%", "%-%")))
    matches = st.one_of(parts, parts, regexes, likes).map(
        lambda pair: typed.TextMatch(column, pair[0], pair[1])  # type: ignore[arg-type]
    )
    known = strategies.stored(entity, field)
    if not known:
        return matches
    listed = st.lists(st.sampled_from(known), min_size=1, max_size=5).map(unique)
    return st.one_of(matches, matches, listed.map(lambda values: typed.In(column, values)))


def _ordered(values: tuple[object, ...]) -> Callable[..., st.SearchStrategy[typed.Predicate]]:
    def conditions(entity: Entity, field: Field) -> st.SearchStrategy[typed.Predicate]:
        operators = st.sampled_from(("<", "<=", ">", ">="))
        return st.builds(
            typed.Compare, st.just(typed.Column(field)), operators, st.sampled_from(values)
        )

    return conditions


def _json(entity: Entity, field: Field) -> st.SearchStrategy[typed.Predicate]:
    return strategies.json_conditions(entity, field)


_SAID: dict[Type, Callable[[Entity, Field], st.SearchStrategy[typed.Predicate]]] = {
    Type.TAGS: _tags,
    Type.ENUM: _choices,
    Type.BOOLEAN: _boolean,
    Type.UUID: _ids,
    Type.TEXT: _text,
    Type.TIME: _ordered(_MOMENTS),
    Type.DURATION: _ordered(_LENGTHS),
    Type.INTEGER: _ordered((0, 1, 2, 5, 20, 30)),
    Type.JSON: _json,
}


# ── of related rows ───────────────────────────────────────────────────────────────────────────────


@st.composite
def filters(draw: Draw, entity: Entity, depth: int = 4) -> typed.Predicate:
    """A filter on rows of an entity, whose scopes lie at most three deep."""
    steps = single_steps(entity) if depth > 1 else []
    shapes = ["own"] * (2 if steps else 5)
    shapes += ["excluded"] * 2
    if depth > 1:
        shapes += ["and", "and", "or", "not"]
    if steps:
        shapes += ["some", "none", "none", "every", "every", "witnesses", "across", "among"]
        shapes += ["count", "count", "none of many", "share", "latest", "latest"]
    shape = draw(st.sampled_from(shapes))
    if shape in ("and", "or"):
        parts = [draw(filters(entity, depth - 1)) for _ in range(draw(st.sampled_from((2, 2, 3))))]
        return typed.conjunction(parts) if shape == "and" else typed.disjunction(parts)
    match shape:
        case "own":
            return draw(own(entity))
        case "excluded":
            return typed.Not(draw(own(entity)))
        case "not":
            return typed.Not(draw(filters(entity, depth - 1)))
        case "across":
            # A condition here or one there, as of runs tagged so or of deployments tagged so.
            return typed.disjunction([draw(own(entity)), draw(_some(steps, depth))])
        case "witnesses":
            relation = draw(st.sampled_from(steps))
            two = [typed.Exists(relation, draw(_of(relation, depth))) for _ in range(2)]
            return typed.conjunction([*two])
        case "among":
            # The same row, or another that is related to the same.
            return typed.conjunction([draw(own(entity)), draw(_some(steps, depth))])
        case "some":
            return draw(_some(steps, depth))
        case "none":
            return typed.Not(draw(_some(steps, depth)))
        case "every":
            relation = draw(st.sampled_from(steps))
            return typed.Every(relation, draw(_of(relation, depth)))
        case "none of many":
            path = draw(st.sampled_from(chains(entity)))
            counted = typed.Counted(path, draw(_of(path[-1], depth)))
            operator: typed.CountOperator = draw(st.sampled_from(("=", "<=", "<")))
            return typed.Count(counted, operator, 1 if operator == "<" else 0)
        case "count":
            path = draw(st.sampled_from(chains(entity)))
            counted = typed.Counted(path, draw(_of(path[-1], depth)))
            operator = draw(st.sampled_from(("=", "<", "<=", ">", ">=", ">=")))
            return typed.Count(counted, operator, draw(st.sampled_from((1, 2, 3, 5, 10, 1.5))))
        case "share":
            path = draw(st.sampled_from(chains(entity)))
            counted = typed.Counted(path, draw(_of(path[-1], depth)))
            whole = typed.Counted(path, typed.TRUE)
            operator = draw(st.sampled_from(("<", "<=", ">", ">=", "=")))
            factor = draw(st.sampled_from((0.5, 0.2, 1, 0.3)))
            return typed.Count(counted, operator, typed.Share(factor, whole))
        case "latest":
            paths = [one for one in chains(entity) if one[-1].target in ("flow_runs", "task_runs")]
            if not paths:
                return draw(own(entity))
            path = draw(st.sampled_from(paths))
            return typed.Latest(path, draw(_of(path[-1], depth)))
        case _:
            raise AssertionError(shape)


@st.composite
def _some(draw: Draw, steps: list[Relation], depth: int) -> typed.Predicate:
    relation = draw(st.sampled_from(steps))
    return typed.Exists(relation, draw(_of(relation, depth)))


def _of(relation: Relation, depth: int) -> st.SearchStrategy[typed.Predicate]:
    """What is asked of related rows: anything, or that they are there."""
    inner = filters(entities()[relation.target], depth - 1)
    return st.one_of(inner, inner, inner, st.just(typed.TRUE))


# ── queries ───────────────────────────────────────────────────────────────────────────────────────


@st.composite
def planned(draw: Draw) -> typed.Query:
    """A whole query to an entity that has an endpoint."""
    every = [*(entities()[name] for name in _OFTEN * 4), *TARGETS]
    target = draw(st.sampled_from(every))
    filter_ = draw(filters(target))
    match draw(st.integers(0, 9)):
        case 0:
            distinct = draw(st.sampled_from(((), (), draw(strategies.distinct_columns(target)))))
            return typed.Query(target, filter_, distinct=distinct, count=True)
        case 1 | 2:
            distinct = draw(strategies.distinct_columns(target))
        case _:
            distinct = ()
    sort = strategies.unique_columns(draw(st.lists(strategies.sort_keys(target), max_size=2)))
    limit, page, offset = draw(st.sampled_from(_PAGES))
    select = None
    if draw(st.integers(0, 5)) == 0:
        some = draw(st.lists(strategies.selected(target), min_size=1, max_size=4))
        select = unique(some)
    return typed.Query(target, filter_, sort, limit, page, offset, select, distinct)


_PAGES = (
    *((None, None, None),) * 6,
    (1, None, None),
    (10, None, None),
    (200, None, None),
    (250, None, None),
    (None, 2, None),
    (None, 3, None),
    (100, 3, None),
    (250, 2, None),
    (20, None, 190),
    (None, None, 5),
    (None, None, 201),
    (300, None, 450),
)
"""Limit, page and offset, on both sides of what one page of Prefect's has."""
