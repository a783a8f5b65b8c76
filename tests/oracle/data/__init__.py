"""Awkward rows of Prefect's tables: the same, to the microsecond, on every engine and in memory.

`AWKWARD` maps a table's name to its rows, and a row has every column of that table as a Python
value: UUID, datetime in UTC, timedelta, JSON as Python reads it, None for NULL. `NOW` is the
instant that queries with relative times should take as theirs. Each family of tables has a module,
which opens with what the server could not serve and so is left out.
"""

from __future__ import annotations

from tests.oracle.data import artifacts, automations, blocks, events, runs, variables
from tests.oracle.data.values import NOW, TIMES, Row, ident
from tests.oracle.schema import TABLES

__all__ = ["AWKWARD", "AWKWARD_STATES", "NOW", "TIMES", "Row", "ident"]

_ARTIFACTS = list(artifacts.artifacts())
_EVENTS = list(events.events())

AWKWARD: dict[str, list[Row]] = {
    "flow": list(runs.flows()),
    "flow_run": list(runs.flow_runs()),
    "task_run": list(runs.task_runs()),
    "deployment": list(runs.deployments()),
    "work_pool": list(runs.work_pools()),
    "work_queue": list(runs.work_queues()),
    "artifact": _ARTIFACTS,
    "artifact_collection": list(artifacts.artifact_collections(_ARTIFACTS)),
    "log": list(artifacts.logs()),
    "variable": list(variables.variables()),
    "block_type": list(blocks.block_types()),
    "block_schema": list(blocks.block_schemas()),
    "block_document": list(blocks.block_documents()),
    "worker": list(variables.workers()),
    "automation": list(automations.automations()),
    "events": _EVENTS,
    "event_resources": list(events.event_resources(_EVENTS)),
}
assert tuple(AWKWARD) == TABLES

AWKWARD_STATES: dict[str, list[Row]] = {
    "flow_run_state": list(runs.states("flow_run", AWKWARD["flow_run"])),
    "task_run_state": list(runs.states("task_run", AWKWARD["task_run"])),
}
"""The state rows that the runs point to: the server shows them, no filter reads them."""
