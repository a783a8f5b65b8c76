"""Which conditions share one related row: the texts, and the trees stated by hand."""

from __future__ import annotations

import pytest

import flowql
from flowql import catalog, typed

FLOWS = catalog.entities()["flows"]
RUNS = catalog.entities()["flow_runs"]
RUN = FLOWS.relation_by_name["run"]
TASK = RUNS.relation_by_name["task"]
DEPLOYMENT = FLOWS.relation_by_name["deployment"]


def name(entity: catalog.Entity, *values: str) -> typed.In:
    return typed.In(typed.Column(entity.by_name["name"]), values)


def tree(text: str) -> typed.Predicate:
    return flowql.parse(text).typed.filter


A, B = name(RUNS, "a"), name(RUNS, "b")
OWN = name(FLOWS, "o")
T = name(catalog.entities()["task_runs"], "t")
D = name(catalog.entities()["deployments"], "d")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("run.name = a", typed.Exists(RUN, A)),
        ("run.name = a and run.name = b", typed.Exists(RUN, typed.And((A, B)))),
        ("run.name = a or run.name = b", typed.Exists(RUN, typed.Or((A, B)))),
        ("run.name = a and name = o", typed.And((typed.Exists(RUN, A), OWN))),
        ("run.name = a or name = o", typed.Or((typed.Exists(RUN, A), OWN))),
        (
            "any run (name = a) and any run (name = b)",
            typed.And((typed.Exists(RUN, A), typed.Exists(RUN, B))),
        ),
        ("not run.name = a", typed.Not(typed.Exists(RUN, A))),
        ("run.name != a", typed.Exists(RUN, typed.Not(A))),
        (
            "run.name = a and not run.name = b",
            typed.And((typed.Exists(RUN, A), typed.Not(typed.Exists(RUN, B)))),
        ),
        ("task.name = t", typed.Exists(RUN, typed.Exists(TASK, T))),
        ("run.task.name = t", typed.Exists(RUN, typed.Exists(TASK, T))),
        (
            "run.name = a and task.name = t",
            typed.Exists(RUN, typed.And((A, typed.Exists(TASK, T)))),
        ),
        (
            "(run.name = a or name = o) and run.name = b",
            typed.Or(
                (
                    typed.Exists(RUN, typed.And((B, A))),
                    typed.And((typed.Exists(RUN, B), OWN)),
                )
            ),
        ),
        (
            "(run.name = a or name = o) and deployment.name = d",
            typed.And((typed.Or((typed.Exists(RUN, A), OWN)), typed.Exists(DEPLOYMENT, D))),
        ),
        ("no run", typed.Not(typed.Exists(RUN, typed.TRUE))),
        ("every task (name = t)", typed.Every(RUN, typed.Every(TASK, T))),
        (
            "count task (name = t) > 2",
            typed.Count(typed.Counted((RUN, TASK), T), ">", 2),
        ),
        (
            "not (name = o and run.name = a)",
            typed.Not(typed.And((OWN, typed.Exists(RUN, A)))),
        ),
    ],
)
def test_scopes(text: str, expected: typed.Predicate) -> None:
    assert tree(text) == expected


def test_distributing_stops_at_its_bound() -> None:
    # Each disjunction mixes two relations that all the others speak of too.
    parts = " and ".join(f"(run.name = a{i} or deployment.name = d{i})" for i in range(14))
    codes = [d.code for d in flowql.check(parts)]
    assert "too-much-expansion" in codes


def test_two_dotted_conditions_earn_a_note_with_the_quantifier() -> None:
    notes = flowql.check("run.name = a and run.state = FAILED")
    assert [note.code for note in notes] == ["one-witness"]
    assert "any run (name = a and state = FAILED)" in (notes[0].help or "")


def test_a_prefix_not_before_a_path_earns_a_note() -> None:
    notes = flowql.check("not run.state = FAILED")
    assert [note.code for note in notes] == ["negated-path"]
    assert "no run (state = FAILED)" in (notes[0].help or "")
