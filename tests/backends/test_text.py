"""The canonical text reads back as an equal query, and says it in one way."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given

import flowql
from flowql import ast, typed
from flowql.backends.text import condition_to_text, to_ast, to_text
from flowql.catalog import entities
from flowql.catalog.chains import named, single_steps
from flowql.frontends import text as text_front
from flowql.printing import format_query
from flowql.resolve import resolve
from tests import golden
from tests.hostile import HOSTILE
from tests.strategies import queries

# A zone that is seldom meant, so that a time which depends on it does not come back.
ZONE = ZoneInfo("Asia/Kathmandu")


def read(text: str) -> typed.Query:
    tree, problems = text_front.parse(text)
    assert not problems, text
    query, found = resolve(tree, zone=ZONE)
    assert not [problem for problem in found if problem.severity == "error"], (text, found)
    return query


def test_spelling(update: bool) -> None:
    golden.check("text.txt", lambda text: to_text(read(text)), update)


@pytest.mark.parametrize("text", golden.queries("text.txt"))
def test_comes_back(text: str) -> None:
    query = read(text)
    assert read(to_text(query)) == query


@given(queries(parameters=True))
def test_random_queries_come_back(query: typed.Query) -> None:
    text = to_text(query)
    tree, problems = text_front.parse(text)
    assert not problems
    assert tree == to_ast(query)
    assert format_query(tree) == text
    assert read(text) == query


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/flows/filter", '{"flow_runs": {"tags": {"all_": ["a", "b"]}}, "task_runs": {}}'),
        ("/flows/filter", '{"flows": {"name": {"any_": []}}}'),
        ("/flows/filter", '{"flows": {"operator": "or_", "tags": {"is_null_": true}}}'),
        ("/flow_runs/filter", '{"flow_runs": {"id": {"not_any_": []}, "name": {"like_": "a_b"}}}'),
        ("/flow_runs/filter", '{"task_runs": {}, "flows": {"name": {"like_": ""}}}'),
        ("/work_queues/filter", '{"work_queues": {"name": {"startswith_": ["a", "b"]}}}'),
        ("/deployments/filter", '{"deployments": {"flow_or_deployment_name": {"like_": "x"}}}'),
        ("/task_runs/filter", '{"task_runs": {"subflow_runs": {"exists_": false}}, "limit": 5}'),
    ],
)
def test_bodies_come_back(path: str, body: str) -> None:
    query = flowql.from_request(path, body)
    assert flowql.parse(str(query)) == query


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_values_come_back(value: str) -> None:
    for template in ("flow_runs where name = $x", "tags has $x", 'labels.`a "b` in [$x, b]'):
        tree, _ = text_front.parse(template)
        query, problems = resolve(tree, zone=ZONE, params={"x": value})
        assert not [problem for problem in problems if problem.severity == "error"]
        assert read(to_text(query)) == query


def test_pieces_know_their_depth() -> None:
    """The depth that the builder of canonical trees counts is what the parser counts."""
    for text in golden.queries("text.txt"):
        built = to_ast(read(text))
        parsed, _ = text_front.parse(format_query(built))
        assert _depths(built.filter) == _depths(parsed.filter)


def _depths(expr: ast.Expr | None) -> int:
    return getattr(expr, "depth", 0)


def test_every_and_no_row() -> None:
    """Bodies can say what is true of all rows or of none; the texts mean the same."""
    runs = entities()["flows"].relation_by_name["run"]
    tag = entities()["flows"].relation_by_name["tag"]
    for predicate, text in (
        (typed.FALSE, "id in []"),
        (typed.Exists(runs, typed.TRUE), "any run"),
        (typed.Exists(runs, typed.FALSE), "any run (id in [])"),
        (typed.Exists(tag, typed.FALSE), "any tag (in [])"),
        (typed.Not(typed.Exists(runs, typed.TRUE)), "no run"),
        (typed.Every(runs, typed.TRUE), "every run"),
        (typed.Or((typed.TRUE, typed.Exists(runs, typed.TRUE))), "id not in [] or any run"),
    ):
        assert condition_to_text(predicate) == text
        read(text)


def test_chains_are_named_in_short_and_taken_apart_again() -> None:
    for entity in entities().values():
        for relation in entity.relations:
            assert named(single_steps(entity, relation)) == (relation,)


def test_no_name_is_both_a_field_and_a_relation() -> None:
    """A dotted path would be read as the field."""
    for entity in entities().values():
        assert not set(entity.by_name) & set(entity.relation_by_name)
