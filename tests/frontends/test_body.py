"""Bodies read: which query they mean, what is ignored, what is refused, and that nothing breaks.

What the readings are worth is for the real server to say (`oracle/test_requests.py`).
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowql import FlowQLError, typed
from flowql.backends.text import to_text
from flowql.catalog import entities
from flowql.frontends import text as text_front
from flowql.frontends.body import from_request
from flowql.resolve import resolve
from tests.oracle.bodies import JUNK

ID = "0d4c79f5-64a5-4a66-8a2b-6bb2dbd7c5d1"


def said(path: str, body: Any, server: str = "3.9") -> str:
    return " ".join(to_text(from_request(path, body, server)[0]).split())


def warnings(path: str, body: Any, server: str = "3.9") -> list[tuple[str, str | None]]:
    return [(found.code, found.pointer) for found in from_request(path, body, server)[1]]


def refusals(path: str, body: Any, server: str = "3.9") -> list[tuple[str, str | None]]:
    with pytest.raises(FlowQLError) as refused:
        from_request(path, body, server)
    return [(found.code, found.pointer) for found in refused.value.diagnostics]


# ── meaning ───────────────────────────────────────────────────────────────────────────────────────

READ = [
    ("/flows/filter", {}, "flows"),
    ("/flows/filter", {"flows": {}}, "flows"),
    ("/flows/count", {"flows": {"name": {"like_": "etl"}}}, "name contains etl count"),
    ("/flows/filter", {"flows": {"name": {"like_": "a_b"}}}, 'name like "%a_b%"'),
    ("/flows/filter", {"flows": {"name": {"any_": ["a", "b", "a"]}}}, "name in [a, b]"),
    ("/flows/filter", {"flows": {"id": {"not_any_": [ID]}}}, f"id != {ID}"),
    ("/flows/filter", {"flows": {"tags": {"all_": ["a", "b"]}}}, "tags has all [a, b]"),
    ("/flows/filter", {"flows": {"tags": {"is_null_": True}}}, "tags is empty"),
    ("/flows/filter", {"flows": {"tags": {"is_null_": False}}}, "tags is not empty"),
    ("/flows/filter", {"flows": {"deployment": {"is_null_": True}}}, "no deployment"),
    ("/flows/filter", {"flows": {"deployment": {"is_null_": False}}}, "any deployment"),
    ("/flows/filter", {"flow_runs": {}}, "any run"),
    ("/flows/filter", {"task_runs": {}}, "any task"),
    (
        "/flows/filter",
        {"task_runs": {"name": {"any_": ["x"]}}, "flow_runs": {"tags": {"any_": ["a"]}}},
        "any run (tags has any [a] and task.name = x)",
    ),
    (
        "/flows/filter",
        {"work_pools": {"type": {"any_": ["process"]}}, "deployments": {"paused": {"eq_": False}}},
        "any deployment (paused = false and work_pool.type = process)",
    ),
    (
        "/flow_runs/filter",
        {"work_pools": {"name": {"any_": ["k"]}}, "work_pool_queues": {"name": {"any_": ["q"]}}},
        "flow_runs where any work_queue (name = q and work_pool.name = k)",
    ),
    (
        "/flow_runs/filter",
        {"flow_runs": {"state": {"operator": "or_", "type": {"any_": ["FAILED"]},
                                 "name": {"any_": ["Late"]}}}},
        "flow_runs where state = FAILED or state.name = Late",
    ),
    (
        "/flow_runs/filter",
        {"flow_runs": {"operator": "or_", "name": {"any_": ["a"]},
                       "end_time": {"is_null_": False, "before_": "2026-01-01T00:00:00Z"}}},
        "flow_runs where name = a or end_time <= 2026-01-01T00:00:00Z and end_time is not null",
    ),
    (
        "/flow_runs/filter",
        {"flow_runs": {"parent_flow_run_id": {"any_": [ID]}}},
        f"flow_runs where parent_task.flow_run_id = {ID}",
    ),
    ("/task_runs/filter", {"task_runs": {"subflow_runs": {"exists_": False}}},
     "task_runs where no subflow_run"),
    ("/task_runs/filter", {"task_runs": {"flow_run_id": {}}},
     "task_runs where flow_run_id is not null"),
    ("/task_runs/filter", {"task_runs": {"flow_run_id": {"is_null_": None}}}, "task_runs"),
    ("/task_runs/filter", {"task_runs": {"flow_run_id": {"any_": [ID], "is_null_": False}}},
     f"task_runs where flow_run_id = {ID}"),
    ("/deployments/filter", {"deployments": {"flow_or_deployment_name": {"like_": "x"}}},
     "deployments where name contains x or flow.name contains x"),
    ("/work_queues/filter", {"work_queues": {"name": {"startswith_": ["a", "b_"]}}},
     'work_queues where name starts with a or name like "b_%"'),
    ("/work_queues/filter", {"work_queues": {"name": {"startswith_": []}}}, "work_queues"),
    ("/flows/filter", {"flows": {"id": {"any_": []}}}, "id in []"),
    ("/flows/filter", {"flows": {"name": {"like_": ""}, "tags": {"all_": []}}}, "flows"),
    ("/flow_runs/paginate", {"sort": "START_TIME_DESC", "limit": "5", "page": 2.0},
     "flow_runs sort start_time desc limit 5 page 2"),
    ("/flows/filter", {"limit": True, "offset": " 3 "}, "flows limit 1 offset 3"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "body", "text"), READ)
def test_reading(path: str, body: Any, text: str) -> None:
    assert said(path, body) == text


@pytest.mark.parametrize(("path", "body", "text"), READ)
def test_a_body_gives_the_tree_that_its_text_gives(path: str, body: Any, text: str) -> None:
    query = from_request(path, body)[0]
    tree, problems = text_front.parse(to_text(query))
    assert not problems
    assert resolve(tree, zone=UTC)[0] == query


@pytest.mark.parametrize(
    "path",
    ["/flows/filter", "flows/filter", "/api/flows/filter", "api/flows/filter/", "/flows/filter?a=1",
     "http://localhost:4200/api/flows/filter"],
)  # fmt: skip
def test_paths(path: str) -> None:
    assert said(path, {}) == "flows"


@pytest.mark.parametrize(
    "body", [None, "", b"", "null", "{}", b"{}", "\ufeff{}", b"\xef\xbb\xbf{}"]
)
def test_nothing_is_everything(body: Any) -> None:
    assert said("/flows/filter", body) == "flows"


VALUES = {
    "2026-04-15T12:00:00Z": datetime(2026, 4, 15, 12, tzinfo=UTC),
    "2026-04-15T14:00:00+02:00": datetime(2026, 4, 15, 12, tzinfo=UTC),
    "2026-04-15 12:00": datetime(2026, 4, 15, 12, tzinfo=UTC),
    "2026-04-15": datetime(2026, 4, 15, tzinfo=UTC),
    "2026-04-15T12:00:00.1234567": datetime(2026, 4, 15, 12, 0, 0, 123456, tzinfo=UTC),
    1776254400: datetime(2026, 4, 15, 12, tzinfo=UTC),
    "1776254400": datetime(2026, 4, 15, 12, tzinfo=UTC),
    1776254400000: datetime(2026, 4, 15, 12, tzinfo=UTC),
}


@pytest.mark.parametrize(("written", "time"), VALUES.items())
def test_times(written: Any, time: datetime) -> None:
    body = {"flow_runs": {"end_time": {"before_": written}}}
    column = typed.Column(entities()["flow_runs"].by_name["end_time"])
    assert from_request("/flow_runs/filter", body)[0].filter == typed.Compare(column, "<=", time)


@pytest.mark.parametrize(
    "written", [ID, ID.upper(), ID.replace("-", ""), f"{{{ID}}}", f"urn:uuid:{ID}"]
)
def test_ids(written: str) -> None:
    [value] = from_request("/flows/filter", {"flows": {"id": {"any_": [written]}}})[0].filter.values  # type: ignore[union-attr]
    assert value == UUID(ID)


# ── versions ──────────────────────────────────────────────────────────────────────────────────────

BOTH = {"any_": ["FAILED", "CRASHED"], "not_any_": ["CRASHED"]}
PAIR = {"flow_runs": {"state": {"type": BOTH, "name": {"any_": ["Late"]}}}}
EITHER = {"flow_runs": {"state": {"operator": "or_", **PAIR["flow_runs"]["state"]}}}


@pytest.mark.parametrize("server", ["3.8", "3.8.8", "3.9.0"])
def test_older_servers_drop_a_pair_in_a_state(server: str) -> None:
    for body in (PAIR, EITHER):
        assert said("/flow_runs/filter", body, server) == "flow_runs where state.name = Late"
        dropped = [("ignored-pair", "/flow_runs/state/type")]
        assert warnings("/flow_runs/filter", body, server) == dropped


@pytest.mark.parametrize("server", ["3.9", "3.9.1", "3.9.12"])
def test_newer_servers_apply_it(server: str) -> None:
    both = "state in [FAILED, CRASHED] and state != CRASHED"
    assert (
        said("/flow_runs/filter", PAIR, server) == f"flow_runs where {both} and state.name = Late"
    )
    assert (
        said("/flow_runs/filter", EITHER, server) == f"flow_runs where {both} or state.name = Late"
    )
    assert warnings("/flow_runs/filter", PAIR, server) == []


def test_a_part_of_a_state_that_says_nothing_drops_out_on_all() -> None:
    body = {"flow_runs": {"state": {"operator": "or_", "type": {}, "name": {"any_": ["Late"]}}}}
    for server in ("3.8", "3.9"):
        assert said("/flow_runs/filter", body, server) == "flow_runs where state.name = Late"


@pytest.mark.parametrize("server", ["2.20", "3.7", "3.10", "4", "", "3.8.x", "3.9.1.dev0", "३.9"])
def test_unknown_servers(server: str) -> None:
    assert refusals("/flows/filter", {}, server) == [("unknown-server", None)]


def test_sorts_of_newer_servers() -> None:
    body = {"sort": "DURATION_DESC"}
    assert refusals("/task_runs/filter", body, "3.9") == [("unsayable-sort", "/sort")]
    assert refusals("/task_runs/filter", body, "3.8") == [("wrong-choice", "/sort")]
    assert refusals("/flow_runs/filter", body, "3.9") == [("wrong-choice", "/sort")]


# ── what is ignored, what is refused ──────────────────────────────────────────────────────────────

IGNORED = [
    ("/flow_runs/filter", {"work_queues": {}}, "ignored-key", "/work_queues"),
    ("/flows/filter", {"a/b~c": 1}, "ignored-key", "/a~1b~0c"),
    ("/flows/filter", {"page": "x"}, "ignored-key", "/page"),
    ("/flows/count", {"limit": "x"}, "ignored-key", "/limit"),
    ("/work_pools/filter", {"sort": 5}, "ignored-key", "/sort"),
    ("/flows/filter", {"flow_runs": None}, "ignored-null", "/flow_runs"),
    ("/flows/filter", {"limit": None}, "ignored-null", "/limit"),
    ("/deployments/filter", {"deployments": {"concurrency_limit": {"is_null_": True}}},
     "ignored-criterion", "/deployments/concurrency_limit/is_null_"),
    ("/task_runs/filter", {"task_runs": {"flow_run_id": {"any_": [], "is_null_": True}}},
     "overridden-criterion", "/task_runs/flow_run_id/any_"),
    ("/flows/filter", {"flows": {"operator": "or_", "name": {}, "id": {"any_": []}}},
     "everything-matches", "/flows/name"),
    ("/flow_runs/filter", {"flow_runs": {"operator": "or_", "state": {}, "id": {"any_": []}}},
     "everything-matches", "/flow_runs/state"),
    ("/flows/filter", {"flows": {"name": {"like_": ""}}}, "empty-criterion", "/flows/name/like_"),
    ("/flows/filter", {"flows": {"tags": {"all_": []}}}, "empty-criterion", "/flows/tags/all_"),
    ("/logs/filter", {"logs": {"text": {"query": " - "}}}, "empty-criterion", "/logs/text/query"),
    ("/flows/filter", '{"limit": 1, "limit": 2}', "repeated-key", None),
]  # fmt: skip


@pytest.mark.parametrize(("path", "body", "code", "pointer"), IGNORED)
def test_warnings(path: str, body: Any, code: str, pointer: str) -> None:
    assert warnings(path, body) == [(code, pointer)]


REFUSED = [
    ("/flow/filter", {}, "unknown-path", None),
    ("/work_queues/count", {}, "unknown-path", None),
    ("", {}, "unknown-path", None),
    ("//[", {}, "unknown-path", None),
    ("/flows/filter", "{", "not-json", None),
    ("/flows/filter", b"\xff\xfe\xff", "not-json", None),
    ("/flows/filter", "[" * 100_000, "not-json", None),
    ("/flows/filter", '{"limit": ' + "1" * 5_000 + "}", "not-json", None),
    ("/flows/filter", " ", "not-json", None),
    ("/flows/filter", "[]", "wrong-json", ""),
    ("/flows/filter", {"flows": []}, "wrong-json", "/flows"),
    ("/flows/filter", {"flows": {"name": "x"}}, "wrong-json", "/flows/name"),
    ("/flows/filter", {"flows": {"nmae": {}}}, "unknown-criterion", "/flows/nmae"),
    ("/flows/filter", {"flows": {"name": {"operator": "or_"}}}, "unknown-criterion",
     "/flows/name/operator"),
    ("/flows/filter", {"flows": {"operator": None}}, "wrong-json", "/flows/operator"),
    ("/flows/filter", {"flows": {"operator": "OR_"}}, "wrong-choice", "/flows/operator"),
    ("/flows/filter", {"flows": {"name": {"any_": [None]}}}, "wrong-json", "/flows/name/any_/0"),
    ("/flows/filter", {"flows": {"name": {"any_": ["\0"]}}}, "unsafe-character",
     "/flows/name/any_/0"),
    ("/flows/filter", '{"flows": {"name": {"like_": "\\ud800"}}}', "unsafe-character",
     "/flows/name/like_"),
    ("/flows/filter", {"flows": {"name": {"like_": "a\\b"}}}, "backslash-in-body",
     "/flows/name/like_"),
    ("/work_queues/filter", {"work_queues": {"name": {"startswith_": ["a", "\\"]}}},
     "backslash-in-body", "/work_queues/name/startswith_/1"),
    ("/flows/filter", {"flows": {"id": {"any_": [5]}}}, "wrong-json", "/flows/id/any_/0"),
    ("/flows/filter", {"flows": {"deployment": {"is_null_": "maybe"}}}, "wrong-json",
     "/flows/deployment/is_null_"),
    ("/flow_runs/filter", {"flow_runs": {"end_time": {"after_": "2026-11"}}}, "wrong-time",
     "/flow_runs/end_time/after_"),
    ("/flow_runs/filter", {"flow_runs": {"end_time": {"after_": "0001-01-01T00:00:00+14:00"}}},
     "out-of-range", "/flow_runs/end_time/after_"),
    ("/flow_runs/filter", {"flow_runs": {"end_time": {"after_": True}}}, "wrong-json",
     "/flow_runs/end_time/after_"),
    ("/flow_runs/filter", {"flow_runs": {"state": {"type": {"any_": ["failed"]}}}},
     "wrong-choice", "/flow_runs/state/type/any_/0"),
    ("/flows/filter", {"limit": 201}, "number-outside", "/limit"),
    ("/flows/filter", {"limit": -1}, "number-outside", "/limit"),
    ("/flows/filter", {"limit": 1.5}, "wrong-json", "/limit"),
    ("/flows/filter", {"offset": -1}, "number-outside", "/offset"),
    ("/flows/filter", {"offset": 2**63}, "number-outside", "/offset"),
    ("/flows/paginate", {"page": 0}, "number-outside", "/page"),
    ("/flows/paginate", {"page": 2**62}, "number-outside", "/page"),
    ("/flows/filter", {"sort": "name_asc"}, "wrong-choice", "/sort"),
    ("/flows/filter", {"sort": ["NAME_ASC"]}, "wrong-json", "/sort"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "body", "code", "pointer"), REFUSED)
def test_refusals(path: str, body: Any, code: str, pointer: str | None) -> None:
    assert refusals(path, body) == [(code, pointer)]


def test_everything_that_is_wrong_is_said_at_once() -> None:
    body = {"flows": {"nmae": {}, "id": {"any_": ["x", 1]}}, "limit": 500, "sort": "up"}
    assert refusals("/flows/filter", body) == [
        ("unknown-criterion", "/flows/nmae"),
        ("wrong-json", "/flows/id/any_/0"),
        ("wrong-json", "/flows/id/any_/1"),
        ("number-outside", "/limit"),
        ("wrong-choice", "/sort"),
    ]
    assert len(refusals("/flow/filter", "{", "2")) == 3


# ── nothing breaks ────────────────────────────────────────────────────────────────────────────────

KEYS = ("flows", "flow_runs", "task_runs", "deployments", "work_pools", "work_pool_queues", "limit",
        "offset", "page", "sort", "operator", "id", "name", "tags", "state", "type", "any_", "all_",
        "not_any_", "is_null_", "like_", "before_", "after_", "start_time", "flow_run_id", "eq_",
        "deployment", "paused", "startswith_", "x", "")  # fmt: skip

JSON = st.recursive(
    st.one_of(st.sampled_from(JUNK), st.text(max_size=4), st.floats(), st.integers()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)
    ),
    max_leaves=20,
)
PATHS = ("/flows/filter", "/flow_runs/paginate", "/task_runs/count", "/deployments/filter",
         "/work_pools/filter", "/work_queues/filter")  # fmt: skip


def outcome(*request: Any) -> str:
    """The text of the query, or of the problems."""
    try:
        return to_text(from_request(*request)[0])
    except FlowQLError as refused:
        return str(refused)


@given(st.sampled_from(PATHS), st.dictionaries(st.sampled_from(KEYS), JSON, max_size=5))
def test_any_json_is_read_or_refused(path: str, body: dict[str, Any]) -> None:
    for content in (body, json.dumps(body), json.dumps(body).encode()):
        assert outcome(path, content)


@given(st.text(max_size=30), st.binary(max_size=30), st.text(max_size=6))
def test_any_bytes_are_read_or_refused(text: str, body: bytes, server: str) -> None:
    for request in ((text, body), ("/flows/filter", body), ("/flows/filter", text, server)):
        assert outcome(*request)
