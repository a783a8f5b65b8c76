"""What was sent and what its text is written as: a real Prefect answers both alike."""

from __future__ import annotations

import json
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

import flowql
from flowql import FlowQLError
from flowql.catalog import Gives, endpoints
from flowql.frontends.captured import read as found_in
from tests.frontends.captured.samples import NOW, texts
from tests.oracle.server import PrefectServer

Json = Any


def _requests() -> list[Any]:
    """Every request of every sample that was read, with what was sent."""
    made = []
    for name, text in texts().items():
        try:
            capture = flowql.from_capture(text, now=NOW)
        except FlowQLError:
            continue
        sent = {
            (one.label, one.path): one
            for one in found_in(text, None, NOW, ZoneInfo("UTC")).requests
        }
        for reading in capture:
            if reading.query is not None:
                captured = sent[reading.label, reading.path]
                label = f"{name} {reading.label}".strip()[:100]
                made.append(pytest.param(reading, captured.body, id=label))
    return made


REQUESTS = _requests()
_TIES = {"START_TIME_DESC", "EXPECTED_START_TIME_DESC", "EXPECTED_START_TIME_ASC"} | {
    "NAME_ASC", "NAME_DESC",
}  # fmt: skip
"""Sorts of which rows may be equal."""


def test_they_are_not_few() -> None:
    assert len(REQUESTS) >= 80


@pytest.mark.parametrize(("reading", "body"), REQUESTS)
def test_body_text_body(prefect_server: PrefectServer, reading: flowql.Reading, body: Json) -> None:
    sent = json.loads(body) if isinstance(body, str | bytes) and body else body or {}
    status, wanted = prefect_server.post(reading.path, sent)
    assert status == 200, wanted
    assert reading.query is not None
    query = flowql.parse(str(reading.query), now=reading.query.now)
    request = query.to_request(reading.path)
    assert request.path == reading.path
    status, answer = prefect_server.post(request.path, request.body)
    assert status == 200, answer
    if prefect_server.engine == "postgres" and request.body.get("sort") in _TIES:
        # Among rows that are equal to its sort PostgreSQL takes another order each time.
        assert prefect_server.ids(reading.path, request.body) == prefect_server.ids(
            reading.path, sent
        )
        for clause, usual in (("limit", 200), ("offset", 0), ("page", 1)):
            assert request.body.get(clause, usual) == sent.get(clause, usual)
        return
    assert _told(answer) == _told(wanted), request.body


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json", "application/json; charset=latin-1", "APPLICATION/JSON",
        "application/vnd.prefect+json", "application/x-www-form-urlencoded", "text/json",
        "text/plain;charset=UTF-8", "multipart/form-data",
    ],
)  # fmt: skip
def test_the_server_looks_at_the_content_type(
    prefect_server: PrefectServer, content_type: str
) -> None:
    body = '{"flow_runs": {"state": {"name": {"any_": ["Late"]}}}}'
    url = f"{prefect_server.api_url}/flow_runs/filter"
    answer = httpx.post(url, content=body, headers={"content-type": content_type})
    (reading,) = flowql.from_capture(f"curl {url} -H 'Content-Type: {content_type}' -d '{body}'")
    assert reading.query is not None
    read = prefect_server.post(reading.path, reading.query.to_request().body)[1]
    assert len(_told(answer.json())) == len(_told(read))


def _told(answer: Json) -> Json:
    """An answer by its rows' ids, in their order: some names are invented anew in each."""
    match answer:
        case {"results": rows, **rest}:
            return [row["id"] for row in rows], rest
        case list():
            return [row["id"] for row in answer]
        case _:
            return answer


def test_some_select_rows_and_some_do_not(prefect_sqlite: PrefectServer) -> None:
    """Where every answer were empty, the others would say nothing."""
    sizes = []
    for param in REQUESTS:
        reading, _ = param.values
        assert isinstance(reading, flowql.Reading)
        assert reading.query
        entity, endpoint, _ = endpoints.find(reading.path) or (None, None, None)
        assert entity
        assert endpoint
        if endpoint.gives is Gives.COUNT:
            continue
        answer = prefect_sqlite.post(reading.path, reading.query.to_request(reading.path).body)[1]
        ids, *_ = _told(answer) if isinstance(answer, dict) else (_told(answer),)
        sizes.append(len(ids))
    assert len([size for size in sizes if size]) > len(sizes) // 2
