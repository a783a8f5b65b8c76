"""Random queries of which many fit into one request: conditions on few related rows."""

from __future__ import annotations

from hypothesis import strategies as st

from flowql import typed
from flowql.catalog import Type, entities
from flowql.catalog.endpoints import endpoints
from tests.oracle.data import AWKWARD
from tests.rewrite.crowds import own
from tests.strategies import Draw, caseless

RESOURCES = entities()["event_resources"]


@st.composite
def sayable(draw: Draw) -> typed.Query:
    """A query for an entity that has endpoints."""
    target = draw(st.sampled_from([one for one in entities().values() if one.endpoints]))
    at = endpoints(target)[0]
    parts: list[typed.Predicate] = []
    if at.holes:
        pool = draw(st.sampled_from([row["name"] for row in AWKWARD["work_pool"]]))
        parts.append(typed.Exists(target.relation_by_name["work_pool"], _named(pool)))
    for _ in range(draw(st.integers(1, 3))):
        chain = draw(st.sampled_from(sorted(at.keys.values())))
        entity, steps = target, []
        for name in chain:
            steps.append(entity.relation_by_name[name])
            entity = entities()[steps[-1].target]
        told = [f for f in entity.fields if f.criteria and not (f.through or f.either or f.server)]
        told = [f for f in told if not f.only_null and f.type is not Type.JSON]
        conditions = [draw(own(entity, draw(st.sampled_from(told)))) for _ in range(2)]
        conditions = [typed.Not(x) if draw(st.integers(0, 4)) == 0 else x for x in conditions]
        join = draw(st.sampled_from((typed.conjunction, typed.disjunction)))
        part: typed.Predicate = join(conditions[: draw(st.integers(1, 2))])
        if target.name == "events" and draw(st.booleans()):
            part = draw(of_resources())
        for step in reversed(steps):
            part = typed.Exists(step, part)
        parts.append(part)
    return typed.Query(target, typed.conjunction(parts))


def _named(name: str) -> typed.Predicate:
    return typed.In(typed.Column(entities()["work_pools"].by_name["name"]), (name,))


# ── resources of events ───────────────────────────────────────────────────────────────────────────


@st.composite
def of_resources(draw: Draw) -> typed.Predicate:
    """What is asked of one resource of an event: ids, roles, both in pairs, labels."""
    kinds = st.sampled_from((_ids, _roles, _pairs, _prefixes, _labels, _labels))
    found = [draw(draw(kinds)()) for _ in range(draw(st.sampled_from((0, 1, 1, 2, 2, 3))))]
    relation = entities()["events"].relation_by_name["resource"]
    return typed.Exists(relation, typed.conjunction(found))


def _column(name: str, *keys: str) -> typed.Column:
    return typed.Column(RESOURCES.by_name[name], keys)


def _stored(column: str) -> st.SearchStrategy[str]:
    return st.sampled_from([row[column] for row in AWKWARD["event_resources"]])


def _ids() -> st.SearchStrategy[typed.Predicate]:
    some = st.lists(_stored("resource_id"), max_size=3, unique=True)
    return some.map(lambda ids: typed.In(_column("resource_id"), tuple(ids)))


def _roles() -> st.SearchStrategy[typed.Predicate]:
    some = st.lists(_stored("resource_role"), max_size=2, unique=True)
    roles = st.one_of(some, st.just([""]), st.just([""]))
    said = roles.map(lambda names: typed.In(_column("role"), tuple(names)))
    return st.one_of(said, said.map(typed.Not))


def _pairs() -> st.SearchStrategy[typed.Predicate]:
    rows = st.sampled_from(AWKWARD["event_resources"])

    def pair(row: dict[str, str]) -> typed.Predicate:
        resource = typed.In(_column("resource_id"), (row["resource_id"],))
        return typed.And((resource, typed.In(_column("role"), (row["resource_role"],))))

    return st.lists(rows.map(pair), min_size=1, max_size=3).map(typed.disjunction)


def _prefixes() -> st.SearchStrategy[typed.Predicate]:
    return st.lists(
        _patterns(_column("resource_id"), _stored("resource_id")), min_size=1, max_size=2
    ).map(typed.disjunction)


@st.composite
def _labels(draw: Draw) -> typed.Predicate:
    """One label, of which one of some patterns is wanted."""
    rows = [row["resource"] for row in AWKWARD["event_resources"] if row["resource"]]
    label = draw(st.sampled_from(sorted({label for row in rows for label in row})))
    values = st.sampled_from([row[label] for row in rows if label in row])
    column = _column("labels", label)
    one = st.one_of(
        _patterns(column, values),
        st.lists(values, max_size=2, unique=True).map(lambda x: typed.In(column, tuple(x))),
    )
    signed = st.one_of(one, one, one.map(typed.Not))
    return typed.disjunction(draw(st.lists(signed, min_size=1, max_size=2)))


@st.composite
def _patterns(draw: Draw, column: typed.Column, of: st.SearchStrategy[str]) -> typed.Predicate:
    """A text's beginning, end or part, with and without regard to case."""
    text = caseless(draw(of))
    operator: typed.TextOperator = draw(
        st.sampled_from(("starts with", "starts with", "contains", "ends with", "like", "matches"))
    )
    if operator == "matches":
        plain = "".join(char if char.isalnum() else "(.|\\n)" for char in text)
        return typed.TextMatch(column, operator, f"^{plain}")
    part = text[: draw(st.integers(0, len(text)))]
    if operator == "like":
        part = part.replace("\\", "_") + draw(st.sampled_from(("", "%", "_")))
    return typed.TextMatch(column, operator, part)
