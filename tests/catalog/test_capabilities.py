"""What is said of back ends is what they do: claims beside random queries that are lowered."""

from __future__ import annotations

import json
from functools import cache, partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

import flowql
from flowql import FlowQLError, typed
from flowql.backends.body.facts import certain
from flowql.capabilities import ROWS, Asked, Can, asked, back_ends, forms, inside, operators, sorts
from flowql.catalog import Entity, Field, Type, entities
from flowql.catalog.listing import listed
from flowql.catalog.operators import ALONE, OPERATORS, Operand
from flowql.rewrite.merge import merge
from flowql.rewrite.normal import normal
from tests.oracle.data import AWKWARD

TARGETS = [entity for entity in entities().values() if not entity.element]
WORKERS = [{"identifier": "a", "task_keys": ["a"], "timestamp": "2026-11-01T12:00:00Z"}]
TABLES = {**AWKWARD, "task_workers": WORKERS}


@cache
def claims(entity: Entity) -> list[tuple[Field, str, Asked]]:
    """Every operator of every field, with the path that it stands after."""
    places = [(field, field.name, operators(field)) for field in entity.fields]
    places += [
        (field, f"{field.name}.key", inside(field)) for field in entity.fields if inside(field)
    ]
    pairs = [(field, path, one) for field, path, questions in places for one in questions]
    answers = asked(entity, [one for *_, one in pairs])
    return [(field, path, answer) for (field, path, _), answer in zip(pairs, answers, strict=True)]


# ── random conditions ─────────────────────────────────────────────────────────

TEXTS = st.sampled_from(
    ["a", "etl", "ETL", "a b", "100%", "100", "a_b", "it's", "É", "-x", "{}", "*"]
)
QUOTED = TEXTS.map(partial(json.dumps, ensure_ascii=False))
NUMBERS = st.integers(-1_000, 1_000).map(str)
TIMES = st.sampled_from([
    "2026", "2026-11", "2026-11-01", "today", "yesterday", "last month", "now", "now - 24h",
    "2026-11-01T12:00:00Z", "2026-11-01T12:00:00.000001+02:00",
])  # fmt: skip
VALUES = {
    Type.TEXT: QUOTED, Type.TAGS: QUOTED, Type.UUID: st.uuids().map(str), Type.INTEGER: NUMBERS,
    Type.TIME: TIMES, Type.DURATION: st.sampled_from(["90s", "5m", "1h30m", "2d"]),
    Type.BOOLEAN: st.sampled_from(["true", "false"]), Type.JSON: NUMBERS,
}  # fmt: skip


@st.composite
def conditions(draw: st.DrawFn, entity: Entity) -> tuple[Asked, str]:
    """A claim about an operator, and a condition with it."""
    field, path, claim = draw(st.sampled_from(claims(entity)))
    name = claim.question.name
    return claim, path if name == ALONE else f"{path} {name} {draw(operands(field, name))}"


def operands(field: Field, name: str) -> st.SearchStrategy[str]:
    value = st.sampled_from(field.choices) if field.choices else VALUES[field.type]
    operator = OPERATORS[name]
    some = st.lists(value, min_size=1, max_size=3).map(lambda items: f"[{', '.join(items)}]")
    match operator.operand:
        case Operand.NOTHING:
            return st.just("")
        case Operand.BOUNDS:
            return st.tuples(value, value).map(" and ".join)
        case Operand.LIST:
            return some
        case Operand.VALUE if field.type is Type.TAGS:
            return value if name.endswith("has") else some
        case Operand.VALUE:
            if name.endswith("matches"):
                return st.sampled_from(['"^etl"', '"[a-z]+$"', "a"])
            text = (operator.negates or name) in ("contains", "starts with", "ends with", "like")
            return QUOTED if text else value


@pytest.mark.parametrize("entity", TARGETS, ids=str)
@given(data=st.data())
def test_claims_agree_with_what_is_lowered(entity: Entity, data: st.DataObject) -> None:
    claim, condition = data.draw(conditions(entity))
    for back_end in back_ends():
        can = claim.answers[back_end].can
        refusal = refused(back_end, entity, condition)
        if can is Can.ALWAYS:
            assert refusal is None, (back_end, condition)
        if can is Can.NEVER:
            assert refusal or is_settled(entity, condition), (back_end, condition)


def refused(back_end: str, entity: Entity, condition: str) -> str | None:
    """The code of the problem, where the back end cannot say the condition."""
    beside = ""
    if back_end == "request" and entity.name == "workers":
        beside = "work_pool.name = k8s and "
    query = flowql.parse(f"{entity.name} where {beside}({condition})")
    try:
        match back_end:
            case "request":
                query.to_request()
            case "plan":
                query.to_plan()
            case "memory":
                query.select(TABLES)
            case _:
                query.to_sql(back_end)
    except FlowQLError as error:
        return error.diagnostics[0].code
    return None


def is_settled(entity: Entity, condition: str) -> bool:
    """Whether no row has to be looked at, as for `between 5 and 3`: that can always be said."""
    written = normal(flowql.parse(f"{entity.name} where {condition}").grounded().filter)
    return merge(normal(certain(written))) in (typed.TRUE, typed.FALSE)


# ── what must be so ───────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("entity", "condition", "able"),
    [
        ("flow_runs", "state in [FAILED]", "request plan sqlite postgres duckdb memory"),
        ("flow_runs", "run_count = 3", "plan sqlite postgres duckdb memory"),
        ("flow_runs", "name matches a", "plan postgres duckdb memory"),
        ("task_workers", "task_keys has any [a]", "request plan memory"),
        ("task_workers", "identifier = a", "plan memory"),
        ("workers", "status = ONLINE", "request plan sqlite postgres duckdb memory"),
        ("events", "text contains error", "request plan"),
        ("event_resources", "role = flow", "sqlite postgres duckdb memory"),
    ],
)
def test_known_answers(entity: str, condition: str, able: str) -> None:
    target = entities()[entity]
    found = [
        claim
        for field, path, claim in claims(target)
        if condition.startswith(f"{path} {claim.question.name} ")
    ]
    longest = max(found, key=lambda claim: len(claim.question.name))
    assert [n for n, one in longest.answers.items() if one.can is not Can.NEVER] == able.split()
    assert [n for n in back_ends() if not refused(n, target, condition)] == able.split()


def test_what_depends_on_the_value_is_said_with_the_reason() -> None:
    answers = {
        (path, claim.question.name): claim.answers["request"]
        for _, path, claim in claims(entities()["flow_runs"])
    }
    contains = answers["name", "contains"]
    assert contains.can is Can.SOMETIMES
    assert contains.problem is not None
    assert contains.problem.code == "wildcard-in-text"
    assert answers["state", "="] == answers["state", "in"]
    assert answers["state", "="].problem is None


@pytest.mark.parametrize("entity", TARGETS, ids=str)
def test_sorts_and_relations_are_asked_too(entity: Entity) -> None:
    questions = [one for field in entity.fields for one in sorts(field)]
    questions += [one for relation in entity.relations for one in forms(relation)]
    for answer in asked(entity, [ROWS, *questions]):
        able = {name for name, one in answer.answers.items() if one.can is Can.ALWAYS}
        if entity.table and "sort text" not in answer.question.samples[0]:
            assert able - {"request", "plan"} == {"sqlite", "postgres", "duckdb", "memory"}
        # The sorts of an endpoint, with its default, are those that one request can say.
        if answer.question.samples[0].startswith("sort "):
            known = {sort.text.replace("_asc", " asc").replace("_desc", " desc")
                     for sort in (*listed(entity).sorts, listed(entity).default_sort)}  # fmt: skip
            assert ("request" in able) == (answer.question.name in known and bool(entity.endpoints))
