"""Filter models: the query is that of the body which Prefect's own client sends for them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from prefect.client import schemas
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas import filters as client
from prefect.server.schemas import filters as server

import flowql
from flowql import FlowQLError
from flowql.frontends.captured.models import request
from tests.oracle.data import ident
from tests.oracle.server import PrefectServer

FLOW = ident("flow", 0)
STATE = {"type": {"any_": ["FAILED", "CRASHED"]}}

CASES: list[tuple[dict[str, Any], str, str]] = [
    ({"flow_run_filter": client.FlowRunFilter(state=STATE)}, "read_flow_runs",
     "flow_runs where state in [FAILED, CRASHED]"),
    ({"flow_run_filter": client.FlowRunFilter(operator="or_", name={"like_": "a"},
                                              tags={"all_": ["etl"]})}, "read_flow_runs",
     "flow_runs where name contains a or tags has etl"),
    ({"flow_filter": client.FlowFilter(id={"any_": [FLOW]}),
      "flow_run_filter": client.FlowRunFilter(start_time={"after_": datetime(2026, 4, 1,
                                                                             tzinfo=UTC)}),
      "deployment_filter": client.DeploymentFilter(tags={"all_": ["prod"]}),
      "work_pool_filter": client.WorkPoolFilter(name={"any_": ["k8s"]}),
      "work_queue_filter": client.WorkQueueFilter(name={"any_": ["default"]})}, "read_flow_runs",
     f"flow_runs where start_time >= 2026-04-01T00:00:00Z and flow.id = {FLOW}"
     " and any deployment (tags has prod) and work_queue.name = default"
     " and work_pool.name = k8s"),
    ({"task_run_filter": client.TaskRunFilter(flow_run_id={"any_": [FLOW]})}, "read_task_runs",
     f"task_runs where flow_run_id = {FLOW}"),
    ({"task_run_filter": client.TaskRunFilter(name={"any_": ["a"]}),
      "flow_filter": client.FlowFilter()}, "read_task_runs",
     "task_runs where name = a and any run (any flow)"),
    ({"flow_filter": client.FlowFilter(name={"like_": "etl"})}, "read_flows",
     "flows where name contains etl"),
    ({"deployment_filter": client.DeploymentFilter(name={"any_": ["a", "b"]})},
     "read_deployments", "deployments where name in [a, b]"),
    ({"work_pool_filter": client.WorkPoolFilter(type={"any_": ["process"]})}, "read_work_pools",
     "work_pools where type = process"),
    ({"log_filter": client.LogFilter(level={"ge_": 40})}, "read_logs",
     "logs where level >= 40"),
]  # fmt: skip


@pytest.fixture(scope="module")
def sending(prefect_sqlite: PrefectServer) -> Iterator[tuple[SyncPrefectClient, list[Any]]]:
    """The client on a real server, and what it sends there."""
    sent: list[Any] = []
    with SyncPrefectClient(api=prefect_sqlite.api_url) as asking:

        def note(request: Any) -> None:
            if request.method == "POST":
                sent.append((request.url.path.removeprefix("/api"), json.loads(request.read())))

        asking._client.event_hooks["request"].append(note)
        yield asking, sent


@pytest.mark.parametrize(("filters", "method", "text"), CASES, ids=[text for *_, text in CASES])
def test_the_body_is_the_client_s(
    sending: tuple[SyncPrefectClient, list[Any]], filters: dict[str, Any], method: str, text: str
) -> None:
    asking, sent = sending
    sent.clear()
    getattr(asking, method)(**filters)
    ((path, body),) = [one for one in sent if "csrf" not in one[0]]
    target = text.split()[0]
    made = request(tuple(filters.values()), target)
    clauses = {"sort", "limit", "offset"}
    said = {key: value for key, value in body.items() if value is not None and key not in clauses}
    assert made == (path, said)
    query = flowql.from_filters(*filters.values(), target=target)
    assert query == flowql.parse(text)
    if len(filters) == 1:
        assert flowql.from_filters(*filters.values()) == query


@pytest.mark.parametrize("module", [client, server], ids=["client", "server"])
def test_both_modules(module: Any) -> None:
    query = flowql.from_filters(module.FlowRunFilter(tags={"all_": ["etl"]}))
    assert str(query) == "flow_runs where tags has etl"


def test_defaults_count() -> None:
    """A filter of block documents asks for those with a name unless it says otherwise."""
    query = flowql.from_filters(client.BlockDocumentFilter(name={"any_": ["a"]}))
    assert query == flowql.from_request(
        "/block_documents/filter",
        {"block_documents": {"name": {"any_": ["a"]}, "is_anonymous": {"eq_": False}}},
    )


def test_the_target_may_be_a_path() -> None:
    query = flowql.from_filters(client.FlowRunFilter(), target="/flow_runs/count")
    assert str(query) == "flow_runs count"


class FlowFilter:
    """Named as a filter model is, and none."""


@pytest.mark.parametrize(
    ("filters", "target", "code"),
    [
        ([], None, "several-filters"),
        ([client.FlowFilter(), client.FlowRunFilter()], None, "several-filters"),
        ([client.FlowFilter(), client.FlowFilter()], "flows", "repeated-filter"),
        ([client.FlowFilter()], "flow", "no-such-target"),
        ([client.FlowFilter()], "/flow/filter", "no-such-target"),
        ([client.WorkPoolFilter()], "task_runs", "filter-not-taken"),
        ([{"name": {"any_": ["a"]}}], None, "unknown-filter"),
        ([FlowFilter()], None, "unknown-filter"),
        ([FlowFilter], None, "unknown-filter"),
        ([None], None, "unknown-filter"),
        ([schemas.objects.Flow(id=UUID(int=1), name="a")], None, "unknown-filter"),
    ],
)
def test_what_cannot_be_read(filters: list[Any], target: str | None, code: str) -> None:
    with pytest.raises(FlowQLError) as caught:
        flowql.from_filters(*filters, target=target)
    assert [problem.code for problem in caught.value.diagnostics] == [code]
