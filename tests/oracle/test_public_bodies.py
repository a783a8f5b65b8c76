"""Bodies that people really send: read, spelled, parsed and written again, they say the same.

`public_bodies.jsonl` has them from Prefect's documentation, its clients, command line, pages and
tests, from issues, and from projects that call the API. Ids, names and dates in them are those of
the awkward rows; all else is as it is sent, down to nulls and keys that the server ignores. Those
that the server refuses are marked `refused`, and `unsayable` gives the code of the problem where
one request cannot say what a body means.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import flowql
from flowql.catalog import endpoints
from flowql.diagnostics import FlowQLError
from tests.oracle.answers import check_same
from tests.oracle.server import PrefectServer

Json = Any

BODIES: list[dict[str, Json]] = [
    json.loads(line)
    for line in (Path(__file__).with_name("public_bodies.jsonl")).read_text("utf-8").splitlines()
]


def _problems(path: str, body: Json, **server: Any) -> set[str]:
    try:
        flowql.from_request(path, body, **server)
    except FlowQLError as error:
        return {problem.code for problem in error.diagnostics}
    return set()


def _server(server: PrefectServer, told: dict[str, Json]) -> dict[str, Any]:
    return {"server": told.get("server", server.version), "database": server.engine}


def _arguments(path: str) -> set[str]:
    """What the endpoint takes beside a query, so that no text says it."""
    found = endpoints.find(path)
    return {argument.name for argument in found[1].arguments} if found else set()


def _named(bodies: list[dict[str, Json]]) -> list[Any]:
    return [
        pytest.param(
            told,
            id=f"{number}-{told['path'].strip('/').replace('/', '.')}",
        )
        for number, told in enumerate(bodies, 1)
    ]


TAKEN = [told for told in BODIES if not told.get("refused")]
REFUSED = [told for told in BODIES if told.get("refused")]


@pytest.mark.parametrize("told", _named(TAKEN))
def test_body_to_text_to_body(prefect_server: PrefectServer, told: dict[str, Json]) -> None:
    path, body = told["path"], told["body"] or {}
    query = flowql.from_request(path, told["body"], **_server(prefect_server, told))
    again = flowql.parse(str(query), now=query.now)
    assert again == query
    beside = {key: body[key] for key in _arguments(path) & body.keys()}
    if "unsayable" in told:
        with pytest.raises(FlowQLError) as caught:
            again.to_request(path, beside, database=prefect_server.engine)
        assert {problem.code for problem in caught.value.diagnostics} == {told["unsayable"]}
        return
    request = again.to_request(path, beside, database=prefect_server.engine)
    assert request.path == path
    check_same(prefect_server, path, body, request.body)


@pytest.mark.parametrize("told", _named(REFUSED))
def test_refused_as_by_the_server(prefect_server: PrefectServer, told: dict[str, Json]) -> None:
    status, answer = prefect_server.post(told["path"], told["body"])
    assert status == 422, answer
    assert _problems(told["path"], told["body"], **_server(prefect_server, told))


def test_they_are_many() -> None:
    assert len({(told["path"], json.dumps(told["body"])) for told in BODIES}) == len(BODIES) >= 130
    assert len({told["path"].split("/")[1] for told in BODIES}) >= 14
    assert len(REFUSED) >= 10


def test_none_is_left_over() -> None:
    assert not [path for path in _paths() if "unknown-path" in _problems(path, None)]


def test_no_endpoint_is_left_out() -> None:
    """Those that write rows are never sent."""
    written = {"bulk_delete", "bulk_set_state"}
    known = {path for path in endpoints.known() if path.rpartition("/")[2] not in written}
    found = [endpoints.find(path) for path in _paths()]
    assert {at[1].path for at in found if at} == known


def _paths() -> set[str]:
    return {told["path"] for told in BODIES}
