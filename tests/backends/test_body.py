"""Requests: spelling, clauses, limits, and that a body read back means the query."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

import flowql
from flowql import FlowQLError, typed
from flowql.backends.body import Request, to_request
from flowql.backends.predicate import select
from flowql.catalog import entities
from flowql.frontends.body import from_request
from flowql.rewrite.ground import ground
from tests import golden
from tests.hostile import HOSTILE
from tests.oracle.bodies import ROWS
from tests.oracle.data import NOW
from tests.oracle.server import identity
from tests.sayable import sayable
from tests.strategies import Rows, queries, some_rows


def request_of(text: str, endpoint: str | None = None) -> Request:
    return flowql.parse(text, now=NOW).to_request(endpoint)


def codes(text: str, endpoint: str | None = None) -> list[str]:
    with pytest.raises(FlowQLError) as refused:
        request_of(text, endpoint)
    return [problem.code for problem in refused.value.diagnostics]


# ── spelling ──────────────────────────────────────────────────────────────────────────────────────


def test_spelling(update: bool) -> None:
    golden.check("body.txt", _spelled, update)


def _spelled(text: str) -> str:
    try:
        request = request_of(text)
    except FlowQLError as refused:
        return "\n".join(_refusal(text, problem) for problem in refused.diagnostics)
    return f"{request.method} {request.path}\n{json.dumps(request.body, ensure_ascii=False)}"


def _refusal(text: str, problem: flowql.Diagnostic) -> str:
    assert problem.span, "a refusal says where"
    return f"{problem.code}: {text[slice(*problem.span)]}"


# ── endpoints and clauses ─────────────────────────────────────────────────────────────────────────

CLAUSES = {
    "flows": ("/flows/paginate", {}),
    "flows sort name": ("/flows/paginate", {}),
    "flows sort name desc": ("/flows/paginate", {"sort": "NAME_DESC"}),
    "flow_runs sort start_time": ("/flow_runs/paginate", {"sort": "START_TIME_ASC"}),
    "flow_runs sort id desc": ("/flow_runs/paginate", {}),
    "flows limit 200": ("/flows/paginate", {"limit": 200}),
    "flows limit 0": ("/flows/paginate", {"limit": 0}),
    "flows page 1": ("/flows/paginate", {}),
    "flows limit 20 page 3": ("/flows/paginate", {"limit": 20, "page": 3}),
    "flows offset 0": ("/flows/paginate", {}),
    "flows offset 7": ("/flows/filter", {"offset": 7}),
    "work_pools sort name": ("/work_pools/filter", {}),
    "work_pools page 3": ("/work_pools/filter", {"offset": 400}),
    "work_queues limit 20 page 3": ("/work_queues/filter", {"limit": 20, "offset": 40}),
    "flows count": ("/flows/count", {}),
    "work_pools count": ("/work_pools/count", {}),
}  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), CLAUSES.items())
def test_clauses(text: str, wanted: tuple[str, Any]) -> None:
    assert request_of(text) == Request("POST", *wanted)


ELSEWHERE = {
    ("flows limit 20 page 3", "/flows/filter"): ("/flows/filter", {"limit": 20, "offset": 40}),
    ("flows limit 20 offset 40", "flows/paginate"): ("/flows/paginate", {"limit": 20, "page": 3}),
    ("flows offset 400", "/api/flows/paginate"): ("/flows/paginate", {"page": 3}),
    ("name = a", "/flows/count"): ("/flows/count", {"flows": {"name": {"any_": ["a"]}}}),
    ("flows count", "/flows/count"): ("/flows/count", {}),
}  # fmt: skip


@pytest.mark.parametrize(("asked", "wanted"), ELSEWHERE.items())
def test_another_endpoint(asked: tuple[str, str], wanted: tuple[str, Any]) -> None:
    assert request_of(*asked) == Request("POST", *wanted)


@pytest.mark.parametrize(
    ("text", "endpoint", "code"),
    [
        ("flows", "/flow_runs/filter", "wrong-endpoint"),
        ("flows", "/flows/bulk_delete", "never-sent"),
        ("work_queues", "/work_queues/paginate", "wrong-endpoint"),
        ("flows count", "/flows/filter", "clause-at-endpoint"),
        ("flows limit 5", "/flows/count", "clause-at-endpoint"),
        ("flows sort name", "/flows/count", "clause-at-endpoint"),
        ("flows limit 20 offset 7", "/flows/paginate", "clause-at-endpoint"),
        ("work_queues count", None, "no-endpoint"),
        ("flows limit 201", None, "limit-in-request"),
        ("flows select name", None, "select-in-request"),
        ("flows distinct name", None, "distinct-in-request"),
        ("flows count distinct name", None, "distinct-in-request"),
        ("flows distinct name", "/flows/filter", "distinct-in-request"),
        ("flows sort id", None, "sort-in-request"),
        ("flows sort name, id desc", None, "sort-in-request"),
        ("flows sort name nulls last", None, "sort-in-request"),
        ("work_pools sort name desc", None, "sort-in-request"),
        ("flows limit $n", None, "unbound-parameter"),
        ("name = $x", None, "unbound-parameter"),
        ("tags has all $x", None, "unbound-parameter"),
        ("name ~ $x", None, "unbound-parameter"),
        ("flow_runs where end_time < $x", None, "unbound-parameter"),
        ("flows page 9000000000000000000", None, "out-of-range"),
    ],
)
def test_refused_clauses(text: str, endpoint: str | None, code: str) -> None:
    assert codes(text, endpoint) == [code]


def test_every_reason_is_given_at_once() -> None:
    text = "flow_runs where name ~ 100% and no task and duration > 5m limit 500 sort run_count"
    assert codes(text) == [
        "wildcard-in-text", "unsayable-quantifier", "no-criterion", "limit-in-request",
        "sort-in-request",
    ]  # fmt: skip


# ── what is never emitted ─────────────────────────────────────────────────────────────────────────


def listed(count: int) -> list[str]:
    return [f"value-{number}" for number in range(count)]


def asked(text: str, **params: Any) -> Request:
    return flowql.parse(text, params, now=NOW).to_request()


def refusal(text: str, **params: Any) -> list[str]:
    with pytest.raises(FlowQLError) as refused:
        asked(text, **params)
    return [problem.code for problem in refused.value.diagnostics]


def test_how_much_fits_into_one_request() -> None:
    assert asked("tags has all $x", x=listed(127)).body
    assert refusal("tags has all $x", x=listed(128)) == ["too-many-tags"]
    assert asked("name in $x", x=listed(32_765)).body
    assert refusal("name in $x", x=listed(32_766)) == ["too-many-in-request"]
    assert asked("name in $x", x=["a"] * 40_000).body == {"flows": {"name": {"any_": ["a"]}}}
    two = "name in $x and any run (flow_version in $y)"
    assert refusal(two, x=listed(20_000), y=listed(20_000)) == ["too-many-in-request"]
    assert asked("name ~ $x", x="x" * 49_998).body
    assert refusal("name ~ $x", x="x" * 49_999) == ["text-too-long"]
    assert refusal("name ~ $x", x="é" * 25_000) == ["text-too-long"]
    starts = " or ".join(f"name starts with n{number}" for number in range(900))
    [prefixes] = asked(f"work_queues where {starts}").body["work_queues"]["name"].values()
    assert len(prefixes) == 900
    assert refusal(f"work_queues where {starts} or name starts with x") == ["too-many-prefixes"]


def test_times_at_the_ends_of_the_calendar() -> None:
    first, last = (time.replace(tzinfo=UTC) for time in (datetime.min, datetime.max))
    column = typed.Column(entities()["flow_runs"].by_name["end_time"])
    for beyond in (typed.Compare(column, "<", first), typed.Compare(column, ">", last)):
        request = to_request(typed.Query(entities()["flow_runs"], beyond))
        assert request.body == {"flow_runs": {"id": {"any_": []}}}
    request = to_request(typed.Query(entities()["flow_runs"], typed.Compare(column, ">=", first)))
    assert request.body == {"flow_runs": {"end_time": {"after_": "0001-01-01T00:00:00Z"}}}


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_values_come_back(value: str) -> None:
    flows = entities()["flows"]
    name, tags = (typed.Column(flows.by_name[field]) for field in ("name", "tags"))
    said = typed.And((typed.In(name, (value,)), typed.TagsMatch(tags, "has all", (value,))))
    request = to_request(typed.Query(flows, said))
    assert request.body == {"flows": {"name": {"any_": [value]}, "tags": {"all_": [value]}}}
    assert from_request(request.path, json.dumps(request.body))[0].filter == said
    contains = typed.Query(flows, typed.TextMatch(name, "contains", value))
    try:
        request = to_request(contains)
    except FlowQLError as refused:
        assert {problem.code for problem in refused.diagnostics} == {"wildcard-in-text"}  # noqa: PT017
        assert set(value) & set("%_\\")
    else:
        assert from_request(request.path, request.body)[0] == contains or not value


@pytest.mark.parametrize("value", ["a\0b", "\ud800"])
def test_what_no_server_stores_is_refused(value: str) -> None:
    flows = entities()["flows"]
    column = typed.Column(flows.by_name["name"])
    for node in (typed.In(column, (value,)), typed.TextMatch(column, "contains", value)):
        with pytest.raises(FlowQLError) as refused:
            to_request(typed.Query(flows, node))
        assert [problem.code for problem in refused.value.diagnostics] == ["unsafe-character"]


def test_the_deepest_filter() -> None:
    runs = entities()["flow_runs"]
    names = typed.Column(runs.by_name["name"])
    node: typed.Predicate = typed.In(names, ("a",))
    for level in range(100):
        state = typed.In(typed.Column(runs.by_name["state"]), ("FAILED",))
        node = typed.Or((typed.And((node, state)), typed.In(names, (f"{level}",))))
    with pytest.raises(FlowQLError):
        to_request(typed.Query(runs, node))


# ── there and back ────────────────────────────────────────────────────────────────────────────────


DATABASES: tuple[Literal["sqlite", "postgres"], ...] = ("sqlite", "postgres")


@given(
    st.one_of(sayable(), sayable(), sayable(), queries(depth=2)),
    some_rows(),
    st.sampled_from(DATABASES),
)
def test_a_body_read_back_means_the_query(
    query: typed.Query, tables: Rows, database: Literal["sqlite", "postgres"]
) -> None:
    grounded = ground(replace(query, select=None), NOW, UTC)
    tables = {**tables, "task_workers": ROWS["task_workers"]}
    try:
        request = to_request(grounded, database=database)
    except FlowQLError:
        event("refused")
        assume(False)
    event("said")
    check_safe(request.body)
    again, warnings = from_request(request.path, json.dumps(request.body), database=database)
    assert not warnings
    assert to_request(again, database=database) == request
    assert (again.target, again.count) == (query.target, query.count)
    whole = [typed.Query(asked.target, asked.filter) for asked in (grounded, again)]
    mine, read = ({identity(dict(row)) for row in select(one, tables)} for one in whole)
    assert mine == read
    assert _page(grounded) == _page(again)


def check_safe(body: dict[str, Any]) -> None:
    """Nothing stands in the body that a server ignores, drops or takes for everything."""
    for key, value in body.items():
        # Of blocks the server asks something by itself, unless null stands there.
        assert value is not None or key == "is_anonymous", key
        if isinstance(value, dict):
            assert not {"any_", "not_any_"} <= set(value), value
            if value.get("operator") == "or_":
                assert len(value) > 2 or "text" in value, value
                assert all(inner not in ({}, [], "") for inner in value.values()), value
            check_safe(value)


def _page(query: typed.Query) -> tuple[int, int]:
    size = 200 if query.limit is None else query.limit
    assert isinstance(size, int)
    page = query.page or 1
    assert isinstance(page, int)
    return size, query.offset if isinstance(query.offset, int) else (page - 1) * size


def test_ids_are_written_as_the_server_keeps_them() -> None:
    text = "flows where id = 0D4C79F5-64A5-4A66-8A2B-6BB2DBD7C5D1"
    identity = str(UUID("0d4c79f5-64a5-4a66-8a2b-6bb2dbd7c5d1"))
    assert request_of(text).body == {"flows": {"id": {"any_": [identity]}}}


@pytest.mark.parametrize(
    ("start", "step", "written"),
    [
        ("2026-01-01T00:00:00Z", 60, ("2026-01-01T00:00:00Z", 60)),
        (datetime(2026, 1, 1, tzinfo=UTC), timedelta(hours=1), ("2026-01-01T00:00:00+00:00", 3600)),
        (datetime(2026, 1, 1), 60, None),
        ("2026-01-01T00:00:00Z", 0, None),
        ("2026-01-01T00:00:00Z", True, None),
        ("2026-01-01T00:00:00Z", float("nan"), None),
        (5, 60, None),
    ],
)
def test_arguments(start: Any, step: Any, written: tuple[str, int] | None) -> None:
    """What an endpoint takes beside filters goes out as JSON, or is a problem."""
    given = {"history_start": start, "history_end": "2026-01-02T00:00:00Z"}
    query = flowql.parse("flow_runs where state = FAILED")
    arguments = {**given, "history_interval_seconds": step}
    if written is None:
        with pytest.raises(flowql.FlowQLError) as refused:
            query.to_request("/flow_runs/history", arguments)
        assert [problem.code for problem in refused.value.diagnostics] == ["wrong-argument"]
        return
    body = query.to_request("/flow_runs/history", arguments).body
    assert (body["history_start"], body["history_interval_seconds"]) == written
    assert body["flow_runs"] == {"state": {"type": {"any_": ["FAILED"]}}}
