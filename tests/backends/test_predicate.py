"""Rows in memory: in which forms values may come, and what is said of those that cannot be read.

That the right rows are selected is compared elsewhere: `test_strategies.py`, `test_cases.py`.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from datetime import UTC, datetime, timedelta, timezone
from enum import Enum
from types import MappingProxyType
from typing import Any
from uuid import UUID

import pytest

import flowql
from flowql.backends.predicate.conditions import ascii_fold, like
from flowql.catalog import entities
from tests.effort import lines
from tests.oracle.data import AWKWARD
from tests.oracle.schema import COLUMNS
from tests.oracle.storage import to_sqlite

NOW = datetime(2026, 4, 15, 12, tzinfo=UTC)
ID = UUID("0f8fad5b-d9cb-469f-a165-70867728950e")


def select(text: str, **tables: Any) -> list[Any]:
    return flowql.parse(text, now=NOW).select(tables)


def selects(condition: str, **columns: Any) -> bool:
    """Whether a flow run with these columns is selected."""
    run = {"id": ID, **columns}
    return select(f"flow_runs where {condition} sort id", flow_runs=[run]) == [run]


def problems(text: str, **tables: Any) -> list[tuple[str, str | None]]:
    with pytest.raises(flowql.FlowQLError) as caught:
        select(text, **tables)
    return [(problem.code, problem.pointer) for problem in caught.value.diagnostics]


# ── forms of values ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "stored",
    [
        datetime(2026, 4, 15, 10, 0, 0, 5, tzinfo=UTC),
        datetime(2026, 4, 15, 10, 0, 0, 5),
        datetime(2026, 4, 15, 12, 0, 0, 5, tzinfo=timezone(timedelta(hours=2))),
        "2026-04-15T10:00:00.000005Z",
        "2026-04-15T10:00:00.000005",
        "2026-04-15T12:00:00.000005+02:00",
        "2026-04-15 10:00:00.000005",
        "2026-04-15 10:00:00.000005+00",
        "2026-04-15T10:00:00.000005000Z",
    ],
)
def test_a_time_comes_in_many_forms(stored: Any) -> None:
    assert selects("end_time = 2026-04-15T10:00:00.000005Z", end_time=stored)
    assert not selects("end_time > 2026-04-15T10:00:00.000005Z", end_time=stored)


@pytest.mark.parametrize("stored", [ID, str(ID), str(ID).upper(), ID.hex])
def test_an_id_comes_in_many_forms(stored: Any) -> None:
    assert selects(f"deployment_id = {ID}", deployment_id=stored)
    runs = [{"id": UUID(int=1), "flow_id": stored}]
    flows = [{"id": ID, "name": "etl"}]
    assert select("flow_runs where flow.name = etl", flow_runs=runs, flows=flows) == runs


@pytest.mark.parametrize("stored", [timedelta(minutes=5), 300, 300.0, "1970-01-01 00:05:00.000000"])
def test_a_duration_comes_in_many_forms(stored: Any) -> None:
    assert selects("total_run_time = 5m", total_run_time=stored)


@pytest.mark.parametrize("stored", [-0.5, timedelta(seconds=-0.5), "1969-12-31 23:59:59.500000"])
def test_a_duration_may_be_negative(stored: Any) -> None:
    assert selects("total_run_time = -500ms", total_run_time=stored)


@pytest.mark.parametrize(
    "stored", [["a", "b"], ("b", "a"), {"a", "b"}, '["a", "b"]', '["\\u0061","b"]']
)
def test_tags_come_in_many_forms(stored: Any) -> None:
    assert selects("tags = [a, b]", tags=stored)
    assert selects("count tag = 2", tags=stored)


@pytest.mark.parametrize("stored", [None, [], "[]", "null"])
def test_missing_tags_are_no_tags(stored: Any) -> None:
    assert selects("tags is empty", tags=stored)
    assert selects("tags within [a] and not tags has a", tags=stored)


@pytest.mark.parametrize("stored", [{"x": {"y": 1}}, '{"x": {"y": 1}}', OrderedDict(x={"y": 1.0})])
def test_json_comes_in_many_forms(stored: Any) -> None:
    assert selects("parameters.x.y = 1 and parameters.x is not null", parameters=stored)


@pytest.mark.parametrize("stored", [True, 1])
def test_a_boolean_comes_in_many_forms(stored: Any) -> None:
    assert selects("auto_scheduled and not auto_scheduled = false", auto_scheduled=stored)


def test_an_enum_may_come_as_a_member() -> None:
    state = Enum("state", {"FAILED": "FAILED"})
    assert selects("state = FAILED", state_type=state.FAILED)


def test_rows_of_sqlite_select_what_python_values_select() -> None:
    stored = {
        table: [
            {name: to_sqlite(COLUMNS[table][name], value) for name, value in row.items()}
            for row in rows
        ]
        for table, rows in AWKWARD.items()
    }
    for text in (
        "flow_runs where start_time in last 7d and tags has etl sort start_time desc",
        "flow_runs where duration > 5m or total_run_time < 2s sort duration",
        "deployments where paused and parameters.x = 1 or labels.team = data",
        "flows where latest run (state = FAILED) or count run (created_by.type is null) > 2",
    ):
        query = flowql.parse(text, now=NOW)
        given = [str(row["id"]) for row in query.select(AWKWARD)]
        assert given
        assert [row["id"] for row in query.select(stored)] == given


def test_tables_are_known_by_entity_and_by_table() -> None:
    rows = [{"id": ID, "name": "a"}]
    assert select("flows", flows=iter(rows)) == rows
    assert select("flows", flow=tuple(rows)) == rows
    assert select("flows", flows=[MappingProxyType(rows[0])]) == rows


def test_answers_of_the_api_have_columns_elsewhere() -> None:
    run = {
        "id": str(ID),
        "state_type": "FAILED",
        "state": {"type": "FAILED", "name": "Late", "timestamp": "2026-04-15T10:00:00Z"},
    }
    assert select("runs where state.timestamp in today and state.name = Late", flow_runs=[run])
    assert not select("runs where state.timestamp is null", flow_runs=[run])
    without = {"id": str(ID), "state": None}
    assert select("runs where state.timestamp is null and state is null", flow_runs=[without])
    deployment = {"id": str(ID), "name": "d", "job_variables": {"image": "x"}}
    assert select("deployments where job_variables.image = x", deployments=[deployment])


def test_letters_are_equal_as_the_folding_says() -> None:
    rows = [{"id": ID, "name": "Die ÄRZTE"}]
    assert select("flows where name contains die", flows=rows) == rows
    query = flowql.parse('flows where name ends with "ärzte"')
    assert query.select({"flows": rows}) == []
    assert query.select({"flows": rows}, fold=str.lower) == rows
    assert ascii_fold("AbÄÖ") == "abÄÖ"


@pytest.mark.parametrize(
    ("pattern", "fits", "fails"),
    [
        ("", [""], ["a", "\n"]),
        ("%", ["", "a", "a\nb"], []),
        ("_", ["a", "\n", "🚀"], ["", "ab"]),
        ("a%b%a", ["aba", "abba", "abxa"], ["ab", "ba", "aab"]),
        ("%ab_%b", ["abcb", "xabab_b"], ["abb", "ab"]),
        ("a%a", ["aa"], ["a"]),
        ("%.%", [".", "a.b"], ["ab"]),
    ],
)
def test_like_fits_whole_texts(pattern: str, fits: list[str], fails: list[str]) -> None:
    whole = like(pattern)
    assert [text for text in (*fits, *fails) if whole(text)] == fits


# ── what is given back ────────────────────────────────────────────────────────────────────────────


def test_the_very_rows_given_come_back() -> None:
    row = {"id": str(ID), "name": "a", "more": object()}
    (found,) = select("flows", flows=[row])
    assert found is row


def test_selected_fields_have_the_stored_values() -> None:
    run = {
        "id": str(ID),
        "start_time": None,
        "expected_start_time": "2026-04-15T10:00:00Z",
        "end_time": "2026-04-15T10:00:00Z",
        "state_type": "FAILED",
        "state_name": "Late",
        "parameters": '{"x": {"y": 2}}',
        "created_by": {"type": "USER"},
        "tags": None,
    }
    text = (
        "runs sort id select id, start_time, duration, state, state.name, parameters.x.y,"
        " created_by.type, created_by.id, tags"
    )
    assert select(text, flow_runs=[run]) == [
        {
            "id": str(ID),
            "start_time": None,
            "duration": None,
            "state": "FAILED",
            "state.name": "Late",
            "parameters.x.y": 2,
            "created_by.type": "USER",
            "created_by.id": None,
            "tags": None,
        }
    ]
    started = run | {"start_time": "2026-04-15 09:00:00"}
    (found,) = select("runs sort id select duration", flow_runs=[started])
    assert found == {"duration": timedelta(hours=1)}


def test_a_count_is_one_row() -> None:
    assert select("flows count", flows=[{"id": ID}, {"id": UUID(int=1)}]) == [{"count": 2}]
    assert select("flows where name = a count", flows=[]) == [{"count": 0}]


def test_one_of_each_is_linear_in_the_rows_and_keeps_the_first() -> None:
    rows = [{"id": UUID(int=number), "name": f"{number % 7}"} for number in range(70_000)]
    assert select("flows distinct name sort id", flows=rows) == rows[:7]
    assert select("flows distinct name", flows=rows) == rows[:-8:-1][::-1]
    assert select("flows distinct name count", flows=rows) == [{"count": 7}]


def test_one_of_each_compares_values_as_they_are_read() -> None:
    rows = [
        {"id": UUID(int=1), "end_time": "2026-04-15T09:00:00Z"},
        {"id": UUID(int=2), "end_time": "2026-04-15 11:00:00+02:00"},
        {"id": UUID(int=3), "end_time": None},
    ]
    assert select("runs distinct end_time sort id", flow_runs=rows) == [rows[0], rows[2]]


def test_a_page_without_limit_has_two_hundred_rows() -> None:
    rows = [{"id": UUID(int=number), "name": f"{number:03}"} for number in range(450)]
    assert select("flows", flows=rows) == rows
    assert select("flows page 1", flows=rows) == rows[:200]
    assert select("flows page 3", flows=rows) == rows[400:]
    assert select("flows page 4", flows=rows) == []
    assert select("flows offset 449", flows=rows) == rows[449:]
    assert select("flows limit 0", flows=rows) == []


def test_rows_without_an_id_are_told_apart_by_what_is_unique() -> None:
    rows = [
        {"identifier": name, "task_keys": keys, "timestamp": "2026-04-15T10:00:00Z"}
        for name, keys in [("b", ["etl"]), ("a", ["etl", "x"]), ("c", [])]
    ]
    b, a, c = rows
    assert select("task_workers", task_workers=rows) == [a, b, c]
    assert select("task_workers where task_keys has etl", task_workers=rows) == [a, b]
    assert select("task_workers sort timestamp", task_workers=rows) == [c, b, a]
    assert problems("task_workers where identifier = a") == [("missing-table", None)]


# ── problems ──────────────────────────────────────────────────────────────────────────────────────


def test_a_missing_table_is_a_problem_even_where_no_row_would_be_asked_of_it() -> None:
    assert problems("flows where any run", flows=[]) == [("missing-table", None)]
    assert problems("flows where any task (name = a)", flow=[], flow_runs=[]) == [
        ("missing-table", None)
    ]


def test_a_table_that_the_query_does_not_need_may_be_missing_or_broken() -> None:
    assert select("flows where name = a", flows=[], flow_runs=[{}], nonsense=1) == []


def test_a_missing_column_is_a_problem_at_its_first_row() -> None:
    rows = [{"id": ID, "name": "a", "tags": []}, {"id": ID, "name": "b"}, {"id": ID, "name": "c"}]
    assert problems("flows where tags has a", flows=rows) == [("missing-column", "/flows/1/tags")]
    assert problems("flows select tags", flow=rows) == [("missing-column", "/flow/1/tags")]


@pytest.mark.parametrize(
    ("condition", "column", "stored"),
    [
        ("end_time > 2026", "end_time", "soon"),
        ("end_time > 2026", "end_time", "2026-04-15"),
        ("end_time > 2026", "end_time", 1776247200),
        ("end_time > 2026", "end_time", "2026-04-15T10:00:00.1234567Z"),
        ("end_time > 2026", "end_time", "0001-01-01T00:00:00+23:00"),
        ("end_time is null", "end_time", ""),
        ("total_run_time > 5m", "total_run_time", "5m"),
        ("total_run_time > 5m", "total_run_time", True),
        ("total_run_time > 5m", "total_run_time", float("nan")),
        ("total_run_time > 5m", "total_run_time", 1e300),
        (f"flow_id = {ID}", "flow_id", "etl"),
        (f"flow_id = {ID}", "flow_id", 5),
        ("run_count > 1", "run_count", "2"),
        ("run_count > 1", "run_count", 1.5),
        ("run_count > 1", "run_count", True),
        ("auto_scheduled", "auto_scheduled", "true"),
        ("auto_scheduled", "auto_scheduled", 2),
        ("tags has a", "tags", "a"),
        ("tags has a", "tags", '"a"'),
        ("tags has a", "tags", [1]),
        ("tags has a", "tags", {"a": 1}),
        ("name = a", "name", 1),
        ("name = a", "name", b"a"),
        ("state = FAILED", "state_type", {"type": "FAILED"}),
        ("parameters.x = 1", "parameters", "{"),
        ("parameters.x = 1", "parameters", "[" * 100_000),
    ],
)
def test_a_value_that_cannot_be_read_is_a_problem_at_its_place(
    condition: str, column: str, stored: Any
) -> None:
    runs = [{"id": ID, column: None}, {"id": ID, column: stored}]
    assert problems(f"flow_runs where {condition} sort id", flow_runs=runs) == [
        ("unreadable-value", f"/flow_runs/1/{column}")
    ]


def test_a_value_inside_json_is_pointed_to() -> None:
    runs = [{"id": ID, "created_by": {"type": 5, "id": "x"}}]
    assert problems("runs where created_by.type = a or created_by.id is null", flow_runs=runs) == [
        ("unreadable-value", "/flow_runs/0/created_by/type"),
        ("unreadable-value", "/flow_runs/0/created_by/id"),
    ]


@pytest.mark.parametrize("rows", ["flows", {"id": ID}, 5, None, b"x"])
def test_rows_that_are_no_list_are_a_problem(rows: Any) -> None:
    assert problems("flows sort id", flows=rows) == [("unreadable-rows", "/flows")]


@pytest.mark.parametrize("row", ["a", None, 5, ["id"], (1, 2)])
def test_a_row_that_is_no_mapping_is_a_problem(row: Any) -> None:
    assert problems("flows sort id", flows=[{"id": ID}, row]) == [("unreadable-rows", "/flows/1")]


def test_all_problems_come_at_once() -> None:
    found = problems(
        "flows where name = a or any run (end_time > 2026 and any task) or tags has x",
        flows=[{"id": "x"}],
        flow_runs=[{"id": ID, "flow_id": None, "end_time": "never"}],
    )
    assert sorted(found) == [
        ("missing-column", "/flows/0/name"),
        ("missing-column", "/flows/0/tags"),
        ("missing-table", None),
        ("unreadable-value", "/flow_runs/0/end_time"),
        ("unreadable-value", "/flows/0/id"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "flows where name = $p",
        "flows where name in $p",
        "flows where name contains $p",
        "flows where tags has $p or tags within $p",
        "flows where created > $p",
        "flows where created in last $p",
        "flows where created in today - $p..now + $p",
        "flows where count tag > $p",
        "flows limit $p",
        "flows page $p",
        "flows offset $p",
    ],
)
def test_a_parameter_without_a_value_is_a_problem_at_its_place(text: str) -> None:
    query = flowql.parse(text)
    flow = {"id": ID, "name": "a", "tags": [], "created": NOW}
    with pytest.raises(flowql.FlowQLError) as caught:
        query.select({"flows": [flow]})
    for problem in caught.value.diagnostics:
        assert problem.code == "unbound-parameter"
        assert problem.span is not None
        assert text[slice(*problem.span)] == "$p"


# ── size ──────────────────────────────────────────────────────────────────────────────────────────


def test_the_deepest_query_is_answered() -> None:
    flows = [{"id": ID, "name": "a"}]
    runs = [{"id": UUID(int=1), "flow_id": ID, "name": "a"}]
    deep = "any run (name = a and any flow (name = a or " * 49 + "name = a" + "))" * 49
    assert select(f"flows where {deep}", flows=flows, flow_runs=runs) == flows
    nots = "not " * 190 + "name = a"
    assert select(f"flows where {nots}", flows=flows) == flows


LINEAR = (
    "runs where any flow.run (state = FAILED and any flow (any run (state = COMPLETED)))",
    "runs where count flow.run (state = FAILED) < 100000",
    "runs where latest flow.run (state = COMPLETED)",
    "runs where every flow.run (any flow (tags has etl))",
)


@pytest.mark.parametrize("text", LINEAR)
def test_the_work_is_linear_in_the_rows_however_they_are_related(text: str) -> None:
    """One flow has all the runs; going from runs to it and back would visit every pair."""
    flows = [{"id": ID, "name": "a", "tags": ["etl"]}]

    def ask(count: int) -> None:
        runs = [
            {
                "id": UUID(int=number),
                "flow_id": ID,
                "state_type": "FAILED" if number % 3 else "COMPLETED",
                "start_time": NOW + timedelta(seconds=number),
            }
            for number in range(count)
        ]
        assert len(select(f"{text} sort id", flows=flows, flow_runs=runs)) == count

    # The last run that started must be COMPLETED, so the counts leave a rest of 1 by 3.
    small, large = lines(lambda: ask(301)), lines(lambda: ask(3_001))
    assert large < 15 * small


def test_every_column_of_the_catalog_can_be_read() -> None:
    for entity in entities().values():
        names = [
            f.name for f in entity.fields if f.through is None and f.either is None and not f.server
        ]
        if entity.table:
            text = f"{entity.name} limit 1 select {', '.join(names)}"
            assert len(flowql.parse(text).select(AWKWARD)) == 1
            for name in names:
                if entity.by_name[name].type.value != "tags":
                    flowql.parse(f"{entity.name} where {name} is null").select(AWKWARD)


@pytest.mark.parametrize(
    ("row", "selected"),
    [
        # An API gives the value, and times with a `T`.
        ({"created": "2026-11-01T00:00:00Z", "tags": [], "value": "42"}, "42"),
        ({"created": "2026-11-01T00:00:00Z", "value": "42"}, "42"),
        ({"created": "2026-11-01T00:00:00Z", "value": 42}, 42),
        # SQLite and DuckDB give its JSON.
        ({"created": "2026-11-01 00:00:00.000000", "value": "42"}, 42),
        ({"created": "2026-11-01 00:00:00.000000", "value": '"42"'}, "42"),
        ({"tags": "[]", "value": '"42"'}, "42"),
        ({"tags": ["a"], "value": '"42"'}, '"42"'),
        # Nothing tells, and it can be only one of them.
        ({"value": "prod"}, "prod"),
        ({"value": None}, None),
    ],
)
def test_a_text_where_any_json_may_stand(row: dict[str, Any], selected: object) -> None:
    """The rest of the row tells whether it is the value or its JSON."""
    values = (42, "42", '"42"', "prod")
    found = [
        value
        for value in values
        if flowql.parse("variables where value = $v", params={"v": value}).select(
            {"variables": [{"id": UUID(int=1), "name": "v", **row}]}
        )
    ]
    assert found == ([] if selected is None else [selected])


def test_a_text_of_which_nothing_tells_is_refused() -> None:
    with pytest.raises(flowql.FlowQLError) as refused:
        flowql.parse("variables where value = 42").select(
            {"variables": [{"id": UUID(int=1), "name": "v", "value": "42"}]}
        )
    assert [problem.code for problem in refused.value.diagnostics] == ["unreadable-value"]


def test_json_text_is_read_like_the_object_it_spells() -> None:
    rows = AWKWARD["flow_run"]
    spelled = [row | {"parameters": json.dumps(row["parameters"])} for row in rows]
    for condition in (
        "parameters.x = 1",
        'parameters.x = "1"',
        "parameters.x < 2",
        "parameters.x = true",
        "parameters.x is null",
        "parameters.`x.y` ~ KEY",
    ):
        text = f"flow_runs where {condition}"
        found = [row["id"] for row in select(text, flow_runs=rows)]
        assert found
        assert found == [row["id"] for row in select(text, flow_runs=spelled)]
