"""The other endpoints: what is read of a body there and written again is answered the same.

Random bodies for every endpoint that reads, with what it takes beside filters; those that
change rows are read too, and never written.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

import flowql
from flowql.catalog import Endpoint, Entity, Gives
from flowql.catalog.endpoints import known
from flowql.diagnostics import FlowQLError
from tests.oracle.answers import check_same
from tests.oracle.bodies import ROWS, Json, Schema, bodies
from tests.oracle.server import PrefectServer
from tests.oracle.test_inventory import path_of
from tests.oracle.test_requests import POOLS, unsearchable

_SETTINGS = settings(
    max_examples=max(settings.default.max_examples // 20, 1),
    suppress_health_check=list(HealthCheck),
    deadline=None,
)
"""Each of 42 endpoints on two servers takes its share of the profile's examples."""

READING = [at for _, at in known().values() if at.gives is not Gives.CHANGES]
CHANGING = [(entity, at) for entity, at in known().values() if at.gives is Gives.CHANGES]

HISTORIES = {"/flow_runs/history", "/task_runs/history", "/ui/flow_runs/history"}


@pytest.fixture(scope="module")
def schema(prefect_server: PrefectServer) -> Schema:
    return Schema(prefect_server.openapi())


def _states(table: str, column: str) -> list[str]:
    return sorted({row[column] for row in ROWS[table] if row[column] is not None})


def _complete(table: str) -> Json:
    """Runs with a state and a time: over others the server fails to give a history."""
    return {
        "state": {
            "type": {"any_": _states(table, "state_type")},
            "name": {"any_": _states(table, "state_name")},
        },
        "start_time": {"is_null_": False},
    }


_WINDOW = {"since": "2026-04-08T00:00:00.5Z", "until": "2026-04-15T12:30:00.5Z"}
"""One with few enough buckets to count by, and no event at its very end."""


def _beside(at: Endpoint, schema: Schema) -> dict[str, st.SearchStrategy[Json]]:
    """What a body may have beside its filters, with values that the server takes."""
    some: dict[str, st.SearchStrategy[Json]] = {
        "limit": st.integers(at.least, min(at.most, 60)),
        "page": st.integers(1, 3),
        "offset": st.integers(0, 9),
        "sort": st.sampled_from([sort.name for sort in at.sorts] or [""]),
        "history_start": st.sampled_from(("2026-03-01T00:00:00Z", "2026-04-14T03:04:05Z")),
        "history_end": st.just("2026-04-16T00:00:00Z"),
        "history_interval_seconds": st.sampled_from((86400, 3600.5, 10**6)),
        "include_secrets": st.booleans(),
        "time_unit": st.sampled_from(("day", "hour", "week")),
        "time_interval": st.sampled_from((1, 2.5, 7)),
    }
    return {key: some[key] for key in schema.body(path_of(at)) if key in some}


@st.composite
def _asked(draw: Any, at: Endpoint, schema: Schema, without: str) -> Json:
    body = draw(bodies(schema, path_of(at), without))
    if at.path in HISTORIES:
        key = next(key for key, chain in at.keys.items() if not chain)
        others = {name: x for name, x in body.get(key, {}).items() if name in ("tags", "name")}
        body[key] = {**others, **_complete(key.removesuffix("s"))}
    if at.path == "/ui/task_runs/dashboard/counts":
        within = {"after_": "2026-04-01T00:00:00Z", "before_": "2026-04-16T00:00:00Z"}
        others = {name: x for name, x in body["task_runs"].items() if name in ("tags", "name")}
        body["task_runs"] = {**others, "start_time": within}
    if "count-by" in at.path:
        body["filter"]["occurred"] = _WINDOW
    needed = schema.needed(path_of(at))
    for key, values in _beside(at, schema).items():
        if key in needed or draw(st.booleans()):
            body[key] = draw(values)
    if len(at.order) > 1 and draw(st.booleans()):
        body["filter"]["order"] = draw(st.sampled_from([sort.name for sort in at.sorts]))
    return body


@pytest.mark.parametrize("at", READING, ids=lambda at: str(at.path))
def test_answered_the_same(prefect_server: PrefectServer, schema: Schema, at: Endpoint) -> None:
    searching = "EventFilter" if at.path.startswith("/events") else "LogFilter"
    without = unsearchable(prefect_server, searching)
    names = [argument.name for argument in at.arguments]

    @given(_asked(at, schema, without), st.sampled_from(POOLS))
    @settings(_SETTINGS)
    def check(body: dict[str, Json], pool: str) -> None:
        path = at.path.replace("{work_pool.name}", quote(pool, safe=""))
        now = datetime.now(UTC)
        options: Any = {"database": prefect_server.engine}
        try:
            query = flowql.from_request(path, body, prefect_server.version, now=now, **options)
        except FlowQLError as error:
            codes = {problem.code for problem in error.diagnostics}
            if codes == {"missing-key"}:
                # The server fails over pools without their queues.
                codes -= {"missing-key"} if prefect_server.post(path, body)[0] >= 500 else set()
            unsure = {"label-of-database"} if prefect_server.engine == "sqlite" else set()
            if codes - {"too-wild-pattern"} - unsure:
                raise
            event("refused")
            return
        arguments = {name: body[name] for name in names if name in body}
        parsed = flowql.parse(str(query), now=now)
        request = parsed.to_request(path, arguments, **options)
        assert request.path == path
        status, _ = prefect_server.post(path, body)
        event(str(status))
        if status == 500 and at.gives is Gives.FIGURES:  # over a row that it cannot show
            return
        check_same(prefect_server, path, body, request.body)

    check()


def test_the_endpoints_are_not_few() -> None:
    assert (len(READING), len(CHANGING)) == (42, 4)


# ── endpoints that change rows ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("entity", "at"), CHANGING, ids=lambda one: str(getattr(one, "path", "")))
def test_changes_are_read_and_never_sent(
    prefect_server: PrefectServer, schema: Schema, entity: Entity, at: Endpoint
) -> None:
    """The query has the rows that would be changed: the first that the filter lists."""
    beside = {"state": {"type": "CANCELLED"}} if "state" in schema.needed(at.path) else {}

    @given(bodies(schema, at.path), st.none() | st.integers(1, 50))
    @settings(_SETTINGS)
    def check(filters: dict[str, Json], limit: int | None) -> None:
        body = {**filters, **beside, **({} if limit is None else {"limit": limit})}
        query = flowql.from_request(at.path, body, prefect_server.version)
        assert query.typed.limit == (limit or 50)
        status, listed = prefect_server.post(
            f"/{entity.name}/filter", {**filters, "limit": limit or 50}
        )
        assert status == 200
        request = query.to_request(f"/{entity.name}/filter")
        status, rows = prefect_server.post(request.path, request.body)
        assert (status, [row["id"] for row in rows]) == (200, [row["id"] for row in listed])
        with pytest.raises(FlowQLError) as refused:
            query.to_request(at.path, beside)
        assert [problem.code for problem in refused.value.diagnostics] == ["never-sent"]

    check()
