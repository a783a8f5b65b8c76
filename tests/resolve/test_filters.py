"""Filters that were resolved wrongly once, and parameters."""

from __future__ import annotations

from typing import Any

import pytest

import flowql


def codes(text: str, params: dict[str, Any] | None = None) -> list[str]:
    return [d.code for d in flowql.check(text, params) if d.severity == "error"]


def test_several_unknown_names_beside_a_path() -> None:
    assert codes("x = 1 and y = 2 and run.name = a") == ["unknown-field", "unknown-field"]
    assert codes("(x = 1 or y = 2) and run.name = a") == ["unknown-field", "unknown-field"]


def test_a_count_in_no_list_reads_back() -> None:
    query = flowql.parse("flows where count run in []")
    assert flowql.parse(str(query)) == query
    assert query.select({"flows": [], "flow_runs": []}) == []


@pytest.mark.parametrize(
    ("text", "params", "expected"),
    [
        ("flow_runs where state in $s", {"s": ["FAILED", "CRASHED"]}, []),
        ("flow_runs where state = $s", {"s": "FAILED"}, []),
        ("flow_runs where state = $s", {"s": "failed"}, ["unknown-choice"]),
        ("flow_runs where state in $s", {"s": "FAILED"}, ["wrong-parameter"]),
        ("flow_runs where state = $s", {"s": None}, ["null-value"]),
        ("flow_runs where state = $s", {"s": object()}, ["wrong-parameter"]),
        ("flow_runs where state = $s", {"t": "FAILED"}, ["unused-parameter"]),
        ("tags has all $t", {"t": "a"}, []),
        ("tags = $t", {"t": ["a"]}, ["wrong-operator"]),
        ("limit $n", {"n": 5}, []),
        ("limit $n", {"n": "5"}, []),
        ("limit $n", {"n": -1}, ["wrong-value"]),
        ("limit $n", {"n": True}, ["wrong-value"]),
        ("flow_runs where run_count > $n", {"n": 2**70}, ["out-of-range"]),
        ("flow_runs where run_count > $n", {"n": float("nan")}, ["out-of-range"]),
        ("name = $n", {"n": "a\0"}, ["unsafe-character"]),
        ("name = $n", {"n": "a b"}, []),
    ],
)
def test_parameters(text: str, params: dict[str, Any], expected: list[str]) -> None:
    assert codes(text, params) == expected


def test_an_unbound_parameter_is_refused_where_a_value_is_needed() -> None:
    query = flowql.parse("flow_runs where state = $state")
    for lower in (query.to_request, lambda: query.to_sql("sqlite"), lambda: query.select(_RUNS)):
        with pytest.raises(flowql.FlowQLError) as refused:
            lower()
        (problem,) = refused.value.diagnostics
        assert problem.code == "unbound-parameter"
        assert problem.span == (24, 30)


_RUNS: dict[str, list[dict[str, Any]]] = {"flow_runs": []}
