"""Ties: more rows than two pages hold, equal in whatever Prefect sorts by.

What it keeps unique (names of flows, pools and variables, keys of latest artifacts) differs, and
times that a walk goes on from are each shared by fewer rows than a page holds. The automations'
triggers are as an older server left them, without the defaults that answers add.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from tests.oracle.data.blocks import DATA
from tests.oracle.data.values import NOW, Draw, Row, ident, row

__all__ = ["COUNT", "TIES"]

COUNT = 430
"""Rows of a table; events, of which a page has 50, are as many."""

_SHARED = 130
"""Rows that share a time where pages hold 200."""

_EVENTS_SHARED = 37
"""Events that share a time, where pages hold 50."""


def _moment(number: int, shared: int = _SHARED) -> datetime:
    """A time that so many rows have in common, a microsecond after that of those before."""
    return NOW + timedelta(microseconds=number // shared)


_ROWS: dict[str, Callable[[int], Row]] = {
    "flow": lambda number: {"name": f"flow-{number}", "tags": []},
    "work_pool": lambda number: {
        "name": f"pool-{number}",
        "type": "process",
        "status": "READY",
        "is_paused": False,
        "base_job_template": {},
        "storage_configuration": {},
        "default_queue_id": ident("work_queue", number),
    },
    "work_queue": lambda number: {
        "name": "default",
        "work_pool_id": ident("work_pool", number),
        "description": "",
        "is_paused": False,
        "priority": 1,
        "status": "READY",
    },
    "deployment": lambda number: {
        "name": "nightly",
        "flow_id": ident("flow", number),
        "tags": [],
        "parameters": {},
        "infra_overrides": {},
        "paused": False,
        "enforce_parameter_schema": True,
        "status": "READY",
    },
    "flow_run": lambda number: {
        "name": "brave-otter",
        "flow_id": ident("flow", 0),
        "parameters": {},
        "context": {},
        "empirical_policy": {},
        "tags": [],
        "auto_scheduled": False,
        "run_count": 1,
        "total_run_time": timedelta(0),
        "expected_start_time": NOW,
    },
    "task_run": lambda number: {
        "name": "load",
        "task_key": "load",
        "dynamic_key": str(number),
        "flow_run_id": ident("flow_run", 0),
        "empirical_policy": {},
        "task_inputs": {},
        "tags": [],
        "flow_run_run_count": 0,
        "run_count": 1,
        "total_run_time": timedelta(0),
        "expected_start_time": NOW,
    },
    "artifact": lambda number: {"key": "report", "type": "markdown", "data": "x"},
    "artifact_collection": lambda number: {
        "key": f"report-{number}",
        "latest_id": ident("artifact", number),
    },
    "log": lambda number: {
        "name": "app",
        "level": 20,
        "message": "x",
        "timestamp": _moment(number),
    },
    "variable": lambda number: {"name": f"variable-{number}", "value": number, "tags": []},
    "block_type": lambda number: {
        "name": "Secret",
        "slug": f"secret-{number}",
        "is_protected": False,
    },
    "block_schema": lambda number: {
        "checksum": f"sha256:{number}",
        "version": "1",
        # Prefect keeps the references of a schema in a table of their own.
        "fields": {"title": "Secret", "type": "object"},
        "capabilities": [],
        "block_type_id": ident("block_type", number),
    },
    "block_document": lambda number: {
        "name": "prod",
        "data": next(iter(DATA)),
        "is_anonymous": False,
        "block_type_name": "Secret",
        "block_type_id": ident("block_type", number),
        "block_schema_id": ident("block_schema", number),
    },
    "worker": lambda number: {
        "name": f"worker-{number}",
        "work_pool_id": ident("work_pool", 0),
        "last_heartbeat_time": _moment(number),
        "status": "ONLINE",
    },
    "automation": lambda number: {
        "name": "alarm",
        "description": "",
        "enabled": False,
        "tags": [],
        "created": _moment(number),
        "trigger": {
            "type": "event",
            "id": str(ident("trigger", number)),
            "posture": "Reactive",
            "threshold": 1,
            "within": 0,
        },
        "actions": [],
        "actions_on_trigger": [],
        "actions_on_resolve": [],
    },
    "events": lambda number: {
        "event": "order.placed",
        "occurred": _moment(number, _EVENTS_SHARED),
        "received": _moment(number, _EVENTS_SHARED),
        "recorded": _moment(number, _EVENTS_SHARED),
        "resource_id": "my-app.orders",
        "resource": {"prefect.resource.id": "my-app.orders"},
        "related": [],
        "related_resource_ids": [],
        "payload": {},
    },
}
"""What a row of each table must have, by its number, and little that tells it from the others."""

TIES: dict[str, list[Row]] = {
    table: [
        row(table, number, Draw(0), **{"created": NOW, "updated": NOW, **_ROWS[table](number)})
        for number in range(COUNT)
    ]
    for table in _ROWS
}
