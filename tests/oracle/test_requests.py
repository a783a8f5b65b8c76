"""Request bodies: what the real server selects is what FlowQL reads, and writes again.

Every body is sent to the server and read back; the rows of the query in memory must
be the server's, and so must those of the body that the query is written as.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from flowql import typed
from flowql.backends.body import to_request
from flowql.backends.predicate import ascii_fold, select
from flowql.catalog import Means, entities
from flowql.catalog.filters import filter_model
from flowql.diagnostics import FlowQLError
from flowql.frontends.body import from_request
from tests.oracle.bodies import ENTITIES, MODELS, Schema, bodies, damaged, telling
from tests.oracle.server import PrefectServer

_SETTINGS = settings(
    max_examples=settings.default.max_examples // 4,
    suppress_health_check=list(HealthCheck),
    deadline=None,
)
"""Each of six entities on two servers takes its share of the profile's examples."""

_STRICTER = {"wrong-time", "backslash-in-body", "unsafe-character", "out-of-range"}
"""What the server takes and FlowQL refuses: it means different things to different servers."""


@pytest.fixture(scope="module")
def schema(prefect_server: PrefectServer) -> Schema:
    return Schema(prefect_server.openapi())


def _ids(query: typed.Query, server: PrefectServer) -> set[str]:
    """The ids that the query selects in memory, whatever its clauses."""
    fold = ascii_fold if server.engine == "sqlite" else str.lower
    whole = typed.Query(query.target, query.filter)
    return {str(row["id"]) for row in select(whole, server.tables(), fold=fold)}


def _read(path: str, body: Any, version: str) -> tuple[typed.Query | None, set[str]]:
    """The query, or the codes of the problems."""
    try:
        return from_request(path, body, version)[0], set()
    except FlowQLError as error:
        return None, {problem.code for problem in error.diagnostics}


def _check(server: PrefectServer, entity: str, body: dict[str, Any]) -> int:
    query, _ = from_request(f"/{entity}/filter", body, server.version)
    selected = server.ids(entity, body)
    assert _ids(query, server) == selected, query.filter
    request = to_request(query)
    assert server.ids(request.path, request.body) == selected, request
    again, warnings = from_request(request.path, request.body, server.version)
    assert not warnings
    assert to_request(again) == request
    return len(selected)


# ── every leaf ────────────────────────────────────────────────────────────────────────────────────

LEAVES = [
    pytest.param(entity.name, ".".join(leaf.path), id=f"{entity.name}.{'.'.join(leaf.path)}")
    for entity in entities().values()
    if entity.endpoints
    for leaf in filter_model(entity).leaves()
]


@pytest.mark.parametrize(("entity", "path"), LEAVES)
def test_every_criterion(
    prefect_server: PrefectServer, schema: Schema, entity: str, path: str
) -> None:
    model = entities()[entity].model
    sizes: set[int] = set()
    for told in telling(schema, MODELS[model], path, schema.leaves(model)[path]):
        inner: Any = told
        for key in reversed(path.split(".")):
            inner = {key: inner}
        for operator in ({}, {"operator": "or_"}):
            sizes.add(_check(prefect_server, entity, {entity: {**inner, **operator}}))
    assert (path in DEAD) == (len(sizes) == 1), sizes


DEAD = {
    ".".join(leaf.path)
    for leaf in filter_model(entities()["deployments"]).leaves()
    if leaf.means is Means.DEAD
}


def test_the_leaves_are_not_few() -> None:
    assert (len(LEAVES), len(DEAD)) == (78, 3)


# ── random bodies ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("entity", ENTITIES)
def test_random_bodies(prefect_server: PrefectServer, schema: Schema, entity: str) -> None:
    @given(bodies(schema, f"/{entity}/filter"))
    @settings(_SETTINGS)
    def check(body: dict[str, Any]) -> None:
        event("some" if _check(prefect_server, entity, body) else "none")

    check()


@pytest.mark.parametrize("entity", ENTITIES)
def test_damaged_bodies(prefect_server: PrefectServer, schema: Schema, entity: str) -> None:
    """What the server answers with 422 is a problem, and nothing else is."""
    kinds = [
        kind for kind in ("filter", "paginate", "count") if f"/{entity}/{kind}" in schema.paths
    ]

    @given(bodies(schema, f"/{entity}/filter"), st.integers(0, 2**32), st.sampled_from(kinds))
    @settings(_SETTINGS)
    def check(body: dict[str, Any], seed: int, kind: str) -> None:
        if kind != "count":
            body = {"limit": 5, "sort": "NAME_ASC", **body}
            body["page" if kind == "paginate" else "offset"] = 1
        body = damaged(body, seed)
        status, answer = prefect_server.post(f"/{entity}/{kind}", body)
        query, codes = _read(f"/{entity}/{kind}", body, prefect_server.version)
        if query is None:
            assert status != 200 or codes <= _STRICTER, (codes, body)
            event(f"refused: {status}")
            return
        assert status == 200, (answer, body)
        event("read")
        plain = replace(query, sort=(), limit=None, page=None, offset=None, count=False)
        assert _ids(plain, prefect_server) == prefect_server.ids(entity, body)

    check()
