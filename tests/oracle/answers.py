"""Whether a server answers two bodies the same."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from flowql.catalog import endpoints
from tests.oracle.server import PAGE, PrefectServer, identity

Json = Any

_WALKED = re.compile(r"/(flows|flow_runs|task_runs|deployments|work_pools)/(filter|paginate)")


def check_same(server: PrefectServer, path: str, sent: Json, written: Json) -> None:
    """Equal answers; of a page, equal rows in all, and equal keys where a sort leaves ties open."""
    status, first = server.post(path, sent)
    again, second = server.post(path, written)
    assert (status, again) == (200, 200), (written, first, second)
    if path.endswith("/lateness"):
        # Runs that have not started grow later from one request to the next.
        known = None if first is None else pytest.approx(first, rel=1e-6, abs=60)
        assert second == known, written
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
    sort = sent.get("sort") or _own_sort(path)
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
    if isinstance(answer, list) and all("count" in bucket for bucket in answer):
        # Events by what they have in common, those with the most first: equal ones in any order.
        return [], sorted(answer, key=json.dumps)
    if isinstance(answer, list):
        for bucket in answer:
            for state in bucket.get("states", ()):
                # Until a run ends, its estimates grow from one request to the next.
                del state["sum_estimated_run_time"], state["sum_estimated_lateness"]
            if "states" in bucket:
                bucket["states"].sort(key=lambda state: sorted(state.items()))
    return [], answer


def _own_sort(path: str) -> str | None:
    """The sort of an endpoint whose body names none."""
    found = endpoints.find(path)
    assert found is not None, path
    entity, at, _ = found
    return (at.default_sort or entity.default_sort).name if at.sorts else None


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
