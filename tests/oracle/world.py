"""The small world of the hand-stated cases, as a real server can serve it.

What a server answers with 500 is mended or left out: a flow's name has no percent sign and its
labels are plain values, a run that has a state has the row of it, a pool has a default queue;
automations, blocks and events are gone. So some cases are stated of another world, which memory
tells.
"""

from __future__ import annotations

from typing import Any

from tests.cases.rows import NOW, TABLES, ident
from tests.oracle.schema import COLUMNS

Row = dict[str, Any]

_GONE = {"automation", "block_type", "block_schema", "block_document", "events", "event_resources"}

_NEEDED: dict[str, Row] = {
    "flow_run": {"empirical_policy": {}},
    "task_run": {"empirical_policy": {}, "task_inputs": {}},
    "work_pool": {
        "base_job_template": {},
        "storage_configuration": {},
        "default_queue_id": ident("Q1"),
    },
}
"""What Prefect's tables want and no case asks for."""


_PLAIN = (str, int, float, bool)


def _served(table: str, row: Row) -> Row:
    made = {**row, **_NEEDED.get(table, {})}
    if table == "flow":
        made["name"] = made["name"].replace("%", " percent")
        made["labels"] = _plain(row["labels"])
    if "state_id" in made and made["state_type"] is not None:
        made |= {"state_id": row["id"], "state_timestamp": row["start_time"] or NOW}
    return made


def _plain(labels: Row | None) -> Row | None:
    if labels is None:
        return None
    return {key: value for key, value in labels.items() if isinstance(value, _PLAIN)}


def _state(table: str, run: Row) -> Row:
    state: Row = dict.fromkeys(COLUMNS[f"{table}_state"])
    return state | {
        "id": run["state_id"],
        "created": NOW,
        "updated": NOW,
        "type": run["state_type"],
        "name": run["state_name"],
        "timestamp": run["state_timestamp"],
        "state_details": {},
        f"{table}_id": run["id"],
    }


WORLD: dict[str, list[Row]] = {
    table: [] if table in _GONE else [_served(table, row) for row in rows]
    for table, rows in TABLES.items()
}

WORLD_STATES: dict[str, list[Row]] = {
    f"{table}_state": [_state(table, run) for run in WORLD[table] if run["state_id"] is not None]
    for table in ("flow_run", "task_run")
}
"""The state rows that the runs point to."""
