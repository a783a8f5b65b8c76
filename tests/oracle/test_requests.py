"""Request bodies: what the real server selects is what FlowQL reads, and writes again.

Every body is sent to the server and read back; the rows of the query in memory must
be the server's, and so must those of the body that the query is written as, and of the
body that its text is.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

import flowql
from flowql import typed
from flowql.backends.predicate import ascii_fold
from flowql.catalog import Means, entities
from flowql.catalog.filters import filter_model
from flowql.diagnostics import FlowQLError
from tests.oracle.bodies import EVER, MODELS, ROWS, Schema, bodies, damaged, telling
from tests.oracle.fixtures import NO_SEARCH
from tests.oracle.server import PrefectServer, identity

_SETTINGS = settings(
    max_examples=max(settings.default.max_examples // 8, 1),
    suppress_health_check=list(HealthCheck),
    deadline=None,
)
"""Each of 17 models on two servers takes its share of the profile's examples."""

_STRICTER = {
    "wrong-time", "backslash-in-body", "unsafe-character", "out-of-range", "too-wild-pattern",
    "label-of-database",
}  # fmt: skip
"""What the server takes and FlowQL refuses: it means different things to different servers, or
more than the language says."""

SEARCHES = {"LogFilter": "text.query", "EventFilter": "text.query"}
"""The criteria that Prefect 3.8 cannot answer on old versions of SQLite."""

POOLS = [row["name"] for row in ROWS["work_pool"]]


@pytest.fixture(scope="module")
def schema(prefect_server: PrefectServer) -> Schema:
    return Schema(prefect_server.openapi())


def _ids(query: flowql.Query, server: PrefectServer) -> set[str]:
    """The ids that the query selects in memory, whatever its page."""
    fold = ascii_fold if server.engine == "sqlite" else str.lower
    plain = replace(query.typed, limit=None, page=None, offset=None, count=False)
    whole = flowql.Query(plain, query.now, "UTC")
    tables = {**server.tables(), "task_workers": ROWS["task_workers"]}
    return {identity(dict(row)) for row in whole.select(tables, fold=fold)}


def _read(
    path: str, body: Any, server: PrefectServer, now: datetime
) -> tuple[flowql.Query | None, set[str]]:
    """The query, or the codes of the problems."""
    try:
        return _query(path, body, server, now), set()
    except FlowQLError as error:
        return None, {problem.code for problem in error.diagnostics}


def _query(path: str, body: Any, server: PrefectServer, now: datetime) -> flowql.Query:
    return flowql.from_request(path, body, server.version, database=server.engine, now=now)


def _answered(server: PrefectServer, path: str, body: Any) -> frozenset[str]:
    return _asked_once(server, path.replace("/paginate", "/filter"), json.dumps(body))


@lru_cache(maxsize=1_000)
def _asked_once(server: PrefectServer, path: str, body: str) -> frozenset[str]:
    """The ids of an answer; the rows stay as they are, so that it stays the same."""
    return frozenset(server.ids(path, json.loads(body)))


def _check(server: PrefectServer, path: str, body: dict[str, Any]) -> int:
    """The number of rows, which are the same in memory, in a request, and of the text's request."""
    now = datetime.now(UTC)
    query = _query(path, body, server, now)
    selected = _answered(server, path, body)
    if not _searches(query.typed.filter):
        assert _ids(query, server) == selected, query
    parsed = flowql.parse(str(query), now=now)
    assert parsed == query
    request = parsed.to_request(database=server.engine)
    assert _answered(server, request.path, request.body) == selected, request
    again = _query(request.path, request.body, server, now)
    assert not [note for note in again.warnings if note.code in _IGNORED]
    assert again.to_request(database=server.engine) == request
    return len(selected)


_IGNORED = {
    "ignored-key", "ignored-null", "ignored-criterion", "ignored-pair", "everything-matches",
    "overridden-criterion", "replaced-criterion", "events-window",
}  # fmt: skip


def _searches(node: typed.Predicate) -> bool:
    """Whether some condition is about what the server alone knows."""
    match node:
        case typed.And(operands) | typed.Or(operands):
            return any(map(_searches, operands))
        case typed.Not(operand):
            return _searches(operand)
        case typed.TextMatch(column):
            return column.field.server
        case _:
            return False


def paths(model: str) -> list[str]:
    """The paths at which the model's rows are listed: workers are those of one pool."""
    return [
        MODELS[model].path.replace("{work_pool_name}", quote(pool, safe=""))
        for pool in (POOLS if model == "WorkerFilter" else [""])
    ]


def unsearchable(server: PrefectServer, model: str) -> str:
    """The criterion of a model that this server answers with 500, if there is one."""
    return "" if server.searches else SEARCHES.get(model, "")


# ── every leaf ────────────────────────────────────────────────────────────────────────────────────

LEAVES = [
    pytest.param(entity.model, ".".join(leaf.path), id=f"{entity.name}.{'.'.join(leaf.path)}")
    for entity in entities().values()
    if entity.endpoints
    for leaf in filter_model(entity).leaves()
]


@pytest.mark.parametrize(("model", "path"), LEAVES)
def test_every_criterion(
    prefect_server: PrefectServer, schema: Schema, model: str, path: str
) -> None:
    asked = MODELS[model]
    if path == unsearchable(prefect_server, model):
        status, _ = prefect_server.post(asked.path, {asked.key: {"text": {"query": "e"}}})
        assert status == 500
        pytest.skip(f"{NO_SEARCH} `{path}` of `{asked.key}`")
    joins = [{}, {"operator": "or_"}] if "" in schema.operators(model) else [{}]
    sizes: set[int] = set()
    for told in telling(schema, asked.table, path, schema.leaves(model)[path]):
        inner: Any = told
        for key in reversed(path.split(".")):
            inner = {key: inner}
        for join in joins:
            within = {**inner, **join}
            if model == "EventFilter":
                within["occurred"] = {**EVER, **inner.get("occurred", {})}
            body = {asked.key: within}
            sizes.add(sum(_check(prefect_server, at, body) for at in paths(model)))
    assert (path in DEAD) == (len(sizes) == 1), sizes


DEAD = {
    ".".join(leaf.path)
    for leaf in filter_model(entities()["deployments"]).leaves()
    if leaf.means is Means.DEAD
}


def test_the_leaves_are_not_few() -> None:
    assert (len(LEAVES), len(DEAD)) == (148, 3)


@pytest.mark.parametrize(
    "window", [{}, {"since": EVER["since"]}, {"until": EVER["until"]}, EVER, None]
)
def test_windows_of_events(prefect_server: PrefectServer, window: dict[str, str] | None) -> None:
    """What a body does not say the server fills in, and so does the reader."""
    body = {"filter": {"occurred": window}} if window is not None else {}
    found = _check(prefect_server, "/events/filter", body)
    assert (found == len(ROWS["events"])) == (window == EVER)
    assert found or window in ({}, None)


# ── random bodies ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("model", MODELS)
def test_random_bodies(prefect_server: PrefectServer, schema: Schema, model: str) -> None:
    without = unsearchable(prefect_server, model)

    @given(bodies(schema, MODELS[model].path, without), st.sampled_from(paths(model)))
    @settings(_SETTINGS)
    def check(body: dict[str, Any], path: str) -> None:
        query, codes = _read(path, body, prefect_server, datetime.now(UTC))
        if query is None:
            unsure = {"label-of-database"} if prefect_server.engine == "sqlite" else set()
            assert codes <= {"too-wild-pattern"} | unsure, codes
            event("refused")
            return
        event("some" if _check(prefect_server, path, body) else "none")

    check()


@pytest.mark.parametrize("label", ["é", 'quote"'])
def test_a_server_over_sqlite_finds_no_label_of_such_a_name(
    prefect_server: PrefectServer, label: str
) -> None:
    said = {"resource": {"labels": {label: ["*"]}}, "occurred": EVER}
    body = {"filter": said}
    found = prefect_server.ids("/events/filter", body)
    query, codes = _read("/events/filter", body, prefect_server, datetime.now(UTC))
    if prefect_server.engine == "sqlite":
        assert (found, query, codes) == (set(), None, {"label-of-database"})
    else:
        assert found
        assert _check(prefect_server, "/events/filter", body) == len(found)


@pytest.mark.parametrize("model", MODELS)
def test_damaged_bodies(prefect_server: PrefectServer, schema: Schema, model: str) -> None:
    """What the server answers with 422 is a problem, and nothing else is."""
    asked = MODELS[model]
    kinds = [
        kind
        for kind in ("filter", "paginate", "count")
        if asked.path.replace("filter", kind) in schema.paths
    ]
    without = unsearchable(prefect_server, model)

    @given(
        bodies(schema, asked.path, without),
        st.integers(0, 2**32),
        st.sampled_from(kinds),
        st.sampled_from(paths(model)),
    )
    @settings(_SETTINGS)
    def check(body: dict[str, Any], seed: int, kind: str, path: str) -> None:
        now = datetime.now(UTC)
        properties = schema.body(asked.path.replace("filter", kind))
        clauses = {"limit": 5, "sort": "NAME_ASC", "page": 1, "offset": 1, "include_secrets": True}
        body = {**{key: clauses[key] for key in clauses if key in properties}, **body}
        body = damaged(body, seed)
        path = path.replace("filter", kind)
        status, answer = prefect_server.post(path, body)
        query, codes = _read(path, body, prefect_server, now)
        if query is None:
            assert status != 200 or codes <= _STRICTER, (codes, body)
            event(f"refused: {status}")
            return
        assert status == 200, (answer, body)
        event("read")
        if not _searches(query.typed.filter):
            assert _ids(query, prefect_server) == prefect_server.ids(path, body)

    check()
