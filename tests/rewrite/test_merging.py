"""What merging makes of filters, and which contradictions it finds: stated by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

import flowql
from flowql.backends.text import to_text
from flowql.rewrite.merge import contradictions, merge
from flowql.rewrite.normal import normal

MERGED = {
    "tags ⊇ [a] and tags ⊇ [b]": "tags has all [a, b]",
    "tags has a or tags has any [b, c]": "tags has any [a, b, c]",
    "tags within [a, b] and tags within [b, c]": "tags within [b]",
    "tags is not empty and tags has a": "tags has a",
    "any tag (in [a, b])": "tags has any [a, b]",
    "no tag (not in [a, b])": "tags within [a, b]",
    "not (name = a or not tags has b)": "name != a and tags has b",
    "any run (state = FAILED) or any run (state = CRASHED)": "run.state in [FAILED, CRASHED]",
    "any run and any run (state = FAILED)": "run.state = FAILED",
    "count run (state = FAILED) >= 1": "run.state = FAILED",
    "count run = 0": "no run",
    "flow_runs where state in [FAILED, CRASHED] and state != CRASHED":
        "flow_runs where state = FAILED",
    "flow_runs where state = FAILED or state = CRASHED":
        "flow_runs where state in [FAILED, CRASHED]",
    "flow_runs where state != FAILED or state = FAILED":
        "flow_runs where state = FAILED or state != FAILED",
    "flow_runs where not run_count < 3": "flow_runs where run_count >= 3",
    "flow_runs where run_count > 1 and run_count >= 1 and run_count < 9":
        "flow_runs where run_count > 1 and run_count < 9",
    "flow_runs where run_count in [1, 2, 3] and run_count > 1":
        "flow_runs where run_count in [2, 3]",
    "flow_runs where end_time is not null and end_time > 2026-01-01T00:00:00Z":
        "flow_runs where end_time > 2026-01-01T00:00:00Z",
    "flow_runs where start_time is null and start_time > 2026-01-01T00:00:00Z":
        "flow_runs where start_time > 2026-01-01T00:00:00Z and start_time is null",
    "flow_runs where any flow (name = a) and any flow (tags has b)":
        "flow_runs where any flow (name = a and tags has b)",
    "any run (state = FAILED and state = CRASHED) or name = a": "name = a",
    "any run (end_time > 2026-01-01T00:00:00Z and end_time < 2026-01-01T00:00:00.000001Z)"
    " or name = a": "name = a",
    "deployments where not paused": "deployments where paused = false",
}  # fmt: skip


@pytest.mark.parametrize(("text", "merged"), MERGED.items())
def test_conditions_are_drawn_together(text: str, merged: str) -> None:
    query = flowql.parse(text).grounded()
    assert to_text(replace(query, filter=merge(normal(query.filter)))) == merged


CONTRADICTIONS = {
    "flow_runs where state = FAILED and state = CRASHED": "state = FAILED and state = CRASHED",
    "flow_runs where state in []": "state in []",
    "flow_runs where name = x and (run_count > 3 and run_count <= 3)":
        "run_count > 3 and run_count <= 3",
    "flow_runs where end_time is null and end_time > 2026-01-01":
        "end_time is null and end_time > 2026-01-01",
    "any run (state = FAILED and state != FAILED)": "state = FAILED and state != FAILED",
    "tags is empty and tags has a": "tags is empty and tags has a",
    "no run and count run >= 1": "no run and count run >= 1",
    "deployments where paused and not paused": "paused and not paused",
    "name ~ a and name !~ a": "name ~ a and name !~ a",
}  # fmt: skip


@pytest.mark.parametrize(("text", "place"), CONTRADICTIONS.items())
def test_a_contradiction_is_shown_where_it_stands(text: str, place: str) -> None:
    [found] = contradictions(flowql.parse(text).grounded().filter)
    assert (found.code, found.severity) == ("contradiction", "warning")
    assert found.span is not None
    assert text[slice(*found.span)] == place


@pytest.mark.parametrize(
    "text",
    [
        "flow_runs where start_time is null and start_time > 2026-01-01",
        "flow_runs where state = FAILED or state in []",
        "any run (state = FAILED) and any run (state = CRASHED)",
        "not any run (state = FAILED and state = CRASHED)",
        "flow_runs where state = $a and state = $b",
        "name = a or name != a",
    ],
)
def test_what_can_be_met_is_no_contradiction(text: str) -> None:
    assert contradictions(flowql.parse(text).grounded().filter) == []
