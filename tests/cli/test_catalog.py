"""`flowql catalog`: what it prints on terminals and elsewhere, and what it says of wrong names."""

from __future__ import annotations

import json

import pytest
from rich.cells import cell_len

from flowql.capabilities import back_ends
from flowql.catalog import entities
from flowql.catalog.operators import OPERATORS
from flowql.cli import catalog, catalog_pages
from tests import golden
from tests.cli.command import flow, on_terminal

TARGETS = [entity for entity in entities().values() if not entity.element]


def page(what: str, width: int) -> str:
    """The page of a name, as a terminal of this width shows it."""
    name, _, rest = what.partition(".")
    entity = entities().get(name)
    if entity is None:
        return catalog_pages.overview(catalog.overview(), width, False)
    if not rest:
        return catalog_pages.entity(catalog.of_entity(entity), width, False)
    return catalog_pages.detail(catalog.of_name(entity, rest), width, False)


def test_pages(update: bool) -> None:
    def drawn(asked: str) -> str:
        what, _, width = asked.partition(" at ")
        return page(what, int(width))

    golden.check("catalog.txt", drawn, update)


@pytest.mark.parametrize("width", [40, 80, 120, 200])
@pytest.mark.parametrize("what", ["all", "events", "workers", "flow_runs.start_time", "flows.run"])
def test_a_page_fits_the_terminal(what: str, width: int) -> None:
    assert max(cell_len(line) for line in page(what, width).splitlines()) <= width


def test_the_overview_has_every_entity_with_its_endpoints() -> None:
    found = json.loads(flow("catalog").out)
    assert found["back_ends"] == list(back_ends())
    assert [one["name"] for one in found["entities"]] == [entity.name for entity in TARGETS]
    by_name = {one["name"]: one for one in found["entities"]}
    assert (
        by_name["workers"]["endpoints"][0]["path"] == "/work_pools/{work_pool.name}/workers/filter"
    )
    assert by_name["task_workers"]["rows"][0]["can"] == ["request", "plan", "memory"]
    assert by_name["event_resources"]["rows"][0]["why"]["request"]["code"] == "no-endpoint"


def test_an_entity_as_json_has_all_that_the_catalog_has() -> None:
    found = json.loads(flow("catalog", "runs", "--json").out)
    entity = entities()["flow_runs"]
    assert found["aliases"] == ["runs"]
    assert [field["name"] for field in found["fields"]] == [field.name for field in entity.fields]
    assert [one["name"] for one in found["relations"]] == [one.name for one in entity.relations]
    state = next(field for field in found["fields"] if field["name"] == "state")
    assert state["aliases"] == ["state.type", "state_type"]
    assert "FAILED" in state["choices"]
    assert [one["name"] for one in state["operators"]] == [
        "=", "!=", "in", "not in", "is null", "is not null",
    ]  # fmt: skip
    assert state["criteria"][0] == {
        "path": "state.type.any_", "means": "the value is one of the list",
    }  # fmt: skip
    name = next(field for field in found["fields"] if field["name"] == "name")
    contains = next(one for one in name["operators"] if one["name"] == "contains")
    assert contains["symbols"] == ["~"]
    assert contains["sometimes"] == ["request"]
    assert contains["why"]["request"]["code"] == "wildcard-in-text"
    history = next(one for one in found["endpoints"] if one["path"] == "/flow_runs/history")
    assert [one["name"] for one in history["arguments"] if one["required"]] == [
        "history_start", "history_end", "history_interval_seconds",
    ]  # fmt: skip
    assert {one["name"] for field in found["fields"] for one in field["operators"]} <= set(
        OPERATORS
    )


def test_a_name_is_a_field_or_a_relation() -> None:
    for what, name in (
        ("flow_runs.state_name", "state.name"),
        ("runs.parameters.region", "parameters"),
        ("tasks.flow_run", "run"),
    ):
        found = json.loads(flow("catalog", what).out)
        assert found["name"] == name
        assert "forms" in found or found["operators"]


@pytest.mark.parametrize(
    ("what", "code", "said"),
    [
        ("flow_rnus", "unknown-target", "did you mean `flow_runs`?"),
        ("tag", "unknown-target", ""),
        ("runs.naem", "unknown-field", "did you mean `name`?"),
        ("runs.name.x", "unknown-field", ""),
        ("runs.created_by.x", "unknown-field", ""),
        (".", "unknown-target", ""),
        ("runs.tsak", "unknown-field", "did you mean `task`?"),
    ],
)
def test_a_wrong_name_is_a_problem(what: str, code: str, said: str) -> None:
    done = flow("catalog", what)
    assert (done.code, done.out) == (1, "")
    assert f"error[{code}]" in done.err
    assert said in done.err


def test_a_terminal_shows_tables() -> None:
    said = on_terminal("catalog", "flows.name", "--color", "never")
    assert said.startswith("flows.name: text, never null\n")
    assert "\x1b[32m" in on_terminal("catalog", "flows.name", "--color", "always")
    assert json.loads(on_terminal("catalog", "flows.name", "--json"))["entity"] == "flows"
