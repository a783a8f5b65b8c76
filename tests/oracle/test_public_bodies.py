"""Bodies that people really send: read, spelled, parsed and written again, they say the same.

`public_bodies.jsonl` has them from Prefect's documentation, its clients, command line, pages and
tests, from issues, and from projects that call the API. Ids, names and dates in them are those of
the awkward rows; all else is as it is sent, down to nulls and keys that the server ignores. Those
that the server refuses are marked `refused`, `unsayable` gives the code of the problem where one
request cannot say what a body means, and `open` says what is not yet right.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import flowql
from flowql.catalog import endpoints
from flowql.diagnostics import FlowQLError
from tests.oracle.server import PAGE, PrefectServer, identity

Json = Any

BODIES: list[dict[str, Json]] = [
    json.loads(line)
    for line in (Path(__file__).with_name("public_bodies.jsonl")).read_text("utf-8").splitlines()
]

_WALKED = re.compile(r"/(flows|flow_runs|task_runs|deployments|work_pools)/(filter|paginate)")


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
            marks=[pytest.mark.xfail(reason=told["open"])] if "open" in told else [],
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
    _check_same(prefect_server, path, body, request.body)


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


# ── the same answer ───────────────────────────────────────────────────────────────────────────────


def _check_same(server: PrefectServer, path: str, sent: Json, written: Json) -> None:
    """Equal answers; of a page, equal rows in all, and equal keys where a sort leaves ties open."""
    status, first = server.post(path, sent)
    again, second = server.post(path, written)
    assert (status, again) == (200, 200), (written, first, second)
    if path.endswith("/lateness"):
        # Runs that have not started grow later from one request to the next.
        assert second == pytest.approx(first, rel=1e-6, abs=60), written
        return
    if path == "/task_workers/filter":
        # They come in any order, and each has another time in each answer.
        first, second = ({identity(row) for row in rows} for rows in (first, second))
        assert first == second, written
        return
    rows, beside = _parts(first)
    rows_again, beside_again = _parts(second)
    assert beside == beside_again, written
    walked = _WALKED.fullmatch(path)
    if walked and len(rows) >= (sent.get("limit") or PAGE):
        assert server.ids(walked[1], sent) == server.ids(walked[1], written), written
    ids, ids_again = [row["id"] for row in rows], [row["id"] for row in rows_again]
    if ids == ids_again:
        return
    sort = sent.get("sort")
    if sort:
        assert _keys(server, path, rows, sort) == _keys(server, path, rows_again, sort), written
    else:
        assert not walked, written
        assert set(ids) == set(ids_again), written


def _parts(answer: Json) -> tuple[list[Any], Json]:
    """The rows of an answer, and what it says beside them."""
    if isinstance(answer, list) and all("id" in row for row in answer):
        return answer, len(answer)
    if isinstance(answer, dict) and "results" in answer:
        return answer["results"], {**answer, "results": len(answer["results"])}
    if isinstance(answer, dict) and "events" in answer:
        # The address of the next page has the filter within, as it was sent.
        return answer["events"], answer["total"]
    if isinstance(answer, list):
        for bucket in answer:
            for state in bucket.get("states", ()):
                # Until a run ends, its estimates grow from one request to the next.
                del state["sum_estimated_run_time"], state["sum_estimated_lateness"]
    return [], answer


def _keys(server: PrefectServer, path: str, rows: list[Any], sort: str) -> list[Any]:
    """The values that a page is sorted by, as they are stored."""
    assert not sort.startswith("ID_"), "an order by ids is total"
    column = re.sub("_(ASC|DESC)$", "", sort).lower()
    stored = {str(row["id"]): row for table in server.tables().values() for row in table}
    keys = [stored.get(row["id"], row)[column] for row in rows]
    if column == "start_time" and "/flow_runs/" in path:
        expected = [stored[row["id"]]["expected_start_time"] for row in rows]
        return [key or other for key, other in zip(keys, expected, strict=True)]
    return keys
