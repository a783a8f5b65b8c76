"""The crowd reaches both servers, overflows their pages, and is shown as it is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from flowql.run.rows import plain
from tests.oracle.crowd import CROWD
from tests.oracle.server import PAGE
from tests.oracle.world import WORLD

if TYPE_CHECKING:
    from tests.oracle.server import PrefectServer

_SHOWN = ("flow", "flow_run", "task_run", "deployment", "artifact", "variable")
_OVERFLOWING = (*_SHOWN, "log")


@pytest.mark.parametrize("table", _OVERFLOWING)
def test_a_page_is_not_enough(table: str) -> None:
    assert len(CROWD[table]) > PAGE


def test_every_row_is_stored(crowd_server: PrefectServer) -> None:
    for table, rows in crowd_server.tables().items():
        assert rows == sorted(CROWD[table], key=lambda row: str(row["id"])), table


@pytest.mark.parametrize("table", _SHOWN)
def test_the_server_shows_what_is_stored(crowd_server: PrefectServer, table: str) -> None:
    """Plans judge the rows of answers, so these must be the rows that SQL judges."""
    stored = {str(row["id"]): row for row in CROWD[table]}
    shown = _shown(crowd_server, table)
    assert {row["id"] for row in shown} == stored.keys()
    for row in shown:
        for column in (row.keys() & stored[row["id"]].keys()) - _SHOWN_OTHERWISE:
            assert row[column] == plain(stored[row["id"]][column]), (row, column)


def _shown(server: PrefectServer, table: str) -> list[Any]:
    if table != "deployment":
        return server.walk(f"{table}s")
    # Their names are not unique, so that no walk by them is sure to come by each.
    ids = [str(row["id"]) for row in CROWD[table]]
    parts = [ids[start : start + PAGE] for start in range(0, len(ids), PAGE)]
    answers = [
        server.post("/deployments/filter", {"deployments": {"id": {"any_": part}}})[1]
        for part in parts
    ]
    return [row for answer in answers for row in answer]


_SHOWN_OTHERWISE = {"work_queue_name", "labels", "empirical_policy", "concurrency_limit"}
"""Prefect shows the related queue's name and limit, `{}` for no labels, and policies in full."""


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_the_small_world_is_served(engine: str, request: pytest.FixtureRequest) -> None:
    server: PrefectServer = request.getfixturevalue(f"world_{engine}")
    for table, rows in server.tables().items():
        assert rows == sorted(WORLD[table], key=lambda row: str(row["id"])), table
    for table in (*_OVERFLOWING, "work_pool", "work_queue"):
        assert server.ids(f"{table}s") == {str(row["id"]) for row in WORLD[table]}
