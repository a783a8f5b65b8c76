"""The crowd: rows enough that every page overflows, for what takes more than one request.

The same tables as the awkward rows, of the same values and with the same ids, so that what is drawn
from those also asks something here; but several hundred rows where Prefect's pages end at 200, with
few different values in the columns that it sorts by.

Rows are as Prefect itself would have made them where its API would otherwise show something else
than is stored: runs have names, and a state with all of its parts or none. What a server is given
of blocks, workers, automations and events are the awkward rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from tests.oracle.data import AWKWARD
from tests.oracle.data.artifacts import artifact_collections
from tests.oracle.data.runs import QUEUE_COUNT, states
from tests.oracle.data.values import (
    CREATED_BY,
    DURATIONS,
    FLOW_NAMES,
    LABEL_SETS,
    NOW,
    PARAMETER_SETS,
    RUN_NAMES,
    SPELLINGS,
    STATES,
    TAG_SETS,
    TIMES,
    Draw,
    Row,
    ident,
    row,
)
from tests.oracle.data.variables import VALUES
from tests.oracle.schema import TABLES

__all__ = ["CROWD", "CROWD_STATES"]

FLOW_COUNT = 230
BUSY, CALM = 20, 120
"""The first flows have most of the runs, those after them some, and the rest none."""

DEPLOYMENT_COUNT = 260
FLOW_RUN_COUNT = 700
TASK_RUN_COUNT = 900
ARTIFACT_COUNT = 230
LOG_COUNT = 450
VARIABLE_COUNT = 210

_STEMS = ("ingest", "Load", "a_b", "café", "back\\slash")
_NAMES = tuple(name for name in RUN_NAMES if name)
_STATES = tuple(
    (type_, name)
    for type_, name in STATES
    if (type_ is None) == (name is None)
)  # fmt: skip
_STARTED = frozenset({"RUNNING", "COMPLETED", "FAILED", "CRASHED", "PAUSED", "CANCELLING"})
_ENDED = frozenset({"COMPLETED", "FAILED", "CRASHED", "CANCELLED"})
_VERSIONS = (None, "1", "1.10", "1.1", "v2")


def flows() -> Iterator[Row]:
    draw = Draw(101)
    for number in range(FLOW_COUNT):
        stem = draw.one(_STEMS)
        yield row(
            "flow",
            number,
            draw,
            name=FLOW_NAMES[number] if number < len(FLOW_NAMES) else f"{stem}-{number:03}",
            tags=draw.one(TAG_SETS),
            labels=draw.one(LABEL_SETS),
        )


def deployments() -> Iterator[Row]:
    draw = Draw(102)
    queues = AWKWARD["work_queue"]
    taken: set[tuple[int, str]] = set()
    for number in range(DEPLOYMENT_COUNT):
        flow = draw.number(BUSY) if draw.often(40) else draw.number(FLOW_COUNT)
        name = draw.one((*_NAMES, "nightly", "nightly", "nightly", "prod", "prod"))
        if (flow, name) in taken:
            name = f"{name} {number}"
        taken.add((flow, name))
        queue = queues[draw.number(QUEUE_COUNT)] if draw.often(60) else None
        yield row(
            "deployment",
            number,
            draw,
            name=name,
            flow_id=ident("flow", flow),
            version=draw.one(_VERSIONS),
            description=draw.one((None, "", "it's 100%", "Line\nbreak")),
            work_queue_id=queue and queue["id"],
            work_queue_name=queue and draw.one((queue["name"], queue["name"], "stale")),
            path=draw.one((None, "", "/srv/flows", "C:\\flows")),
            entrypoint=draw.one((None, "flows/etl.py:main")),
            tags=draw.one(TAG_SETS),
            labels=draw.one(LABEL_SETS),
            parameters=draw.one(PARAMETER_SETS),
            infra_overrides=draw.one(({}, {"env": {"A": "1"}})),
            concurrency_limit=draw.one((None, 0, 1, 5)),
            created_by=draw.one(CREATED_BY),
            paused=draw.often(40),
            enforce_parameter_schema=draw.often(50),
            status=draw.one(("READY", "NOT_READY")),
            last_polled=draw.maybe(50, TIMES),
        )


def flow_runs() -> Iterator[Row]:
    draw = Draw(103)
    queues = AWKWARD["work_queue"]
    for number in range(FLOW_RUN_COUNT):
        state_type, state_name = draw.one(_STATES)
        queue = queues[draw.number(QUEUE_COUNT)] if draw.often(50) else None
        deployment = parent = None
        if draw.often(65):
            # Numbers past the last deployment dangle, as after a deletion.
            deployment = ident("deployment", draw.number(DEPLOYMENT_COUNT + 30))
        if draw.often(15):
            parent = ident("task_run", draw.number(TASK_RUN_COUNT + 60))
        yield row(
            "flow_run",
            number,
            draw,
            name=draw.one(_NAMES),
            flow_id=ident("flow", draw.number(BUSY) if draw.often(60) else draw.number(CALM)),
            deployment_id=deployment,
            deployment_version=draw.one(_VERSIONS) if deployment else None,
            parent_task_run_id=parent,
            work_queue_id=queue and queue["id"],
            work_queue_name=queue and draw.one((queue["name"], queue["name"], "stale")),
            flow_version=draw.one(_VERSIONS),
            idempotency_key=f"once {number}" if draw.often(20) else None,
            infrastructure_pid=draw.one((None, "", "host:123", "it's")),
            parameters=draw.one(PARAMETER_SETS),
            context=draw.one(({}, {"a": 1})),
            empirical_policy={},
            tags=draw.one(TAG_SETS),
            labels=draw.one(LABEL_SETS),
            created_by=draw.one(CREATED_BY),
            job_variables=draw.one((None, {}, {"image": "x"})),
            auto_scheduled=draw.often(40),
            **_state("flow_run", number, state_type, state_name, draw),
            **_times(state_type, draw),
        )


def task_runs() -> Iterator[Row]:
    draw = Draw(104)
    for number in range(TASK_RUN_COUNT):
        state_type, state_name = draw.one(_STATES)
        flow_run = None
        if draw.often(90):
            # Half of the runs have no tasks.
            flow_run = ident("flow_run", draw.number(FLOW_RUN_COUNT) // 2 * 2)
        yield row(
            "task_run",
            number,
            draw,
            name=draw.one(_NAMES),
            flow_run_id=flow_run,
            task_key=draw.one(("load-a1b2", "extract", "it's", "Ünï")),
            dynamic_key=str(number),
            cache_key=draw.one((None, "", "key'1")),
            cache_expiration=draw.maybe(20, TIMES),
            task_version=draw.one(_VERSIONS),
            flow_run_run_count=draw.one((0, 1, 2)),
            empirical_policy={},
            task_inputs={},
            tags=draw.one(TAG_SETS),
            labels=draw.one(LABEL_SETS),
            **_state("task_run", number, state_type, state_name, draw),
            **_times(state_type, draw),
        )


def artifacts() -> Iterator[Row]:
    draw = Draw(105)
    for number in range(ARTIFACT_COUNT):
        yield row(
            "artifact",
            number,
            draw,
            key=draw.one((None, *SPELLINGS)),
            type=draw.one((None, "result", "table", "Table", "markdown", "it's_a%")),
            data=draw.one((None, "# It's *done*", "42", 42, 99.5, True, [], {"rows": 1})),
            description=draw.one((None, "", "it's 100% done", "back\\slash_")),
            metadata_=draw.one((None, {}, {"rows": "12"})),
            **_source(draw),
        )


def logs() -> Iterator[Row]:
    draw = Draw(106)
    messages = (*_NAMES, "Finished in state Completed()", "error: duplicate key", "100% of rows")
    for number in range(LOG_COUNT):
        yield row(
            "log",
            number,
            draw,
            name=draw.one(("prefect.flow_runs", "prefect.task_runs", "my_app.load", "")),
            level=draw.one((10, 20, 20, 20, 30, 40, 50, 15)),
            message=draw.one(messages),
            timestamp=_moment(draw),
            **_source(draw),
        )


def variables() -> Iterator[Row]:
    draw = Draw(107)
    for number in range(VARIABLE_COUNT):
        yield row(
            "variable",
            number,
            draw,
            name=SPELLINGS[number] if number < len(SPELLINGS) else f"var_{number:03}",
            value=draw.one(VALUES),
            tags=draw.one(TAG_SETS),
        )


def _state(
    table: str, number: int, state_type: str | None, state_name: str | None, draw: Draw
) -> Row:
    known = state_type is not None
    return {
        "state_type": state_type,
        "state_name": state_name,
        "state_id": ident(f"{table}_state", number) if known else None,
        "state_timestamp": _moment(draw) if known else None,
    }


def _times(state: str | None, draw: Draw) -> Row:
    """Times as such a state tends to have them, and any of them may be missing all the same."""
    expected = _moment(draw) if draw.often(90) else None
    start = _moment(draw) if draw.often(90 if state in _STARTED else 8) else None
    end = None
    if state in _ENDED and draw.often(92):
        longer = start is not None and start.year < 2999 and draw.often(80)
        end = start + draw.one(DURATIONS) if longer and start else _moment(draw)
    return {
        "expected_start_time": expected,
        "next_scheduled_start_time": draw.maybe(70 if state == "SCHEDULED" else 5, TIMES),
        "start_time": start,
        "end_time": end,
        "total_run_time": draw.one(DURATIONS),
        "run_count": draw.one((0, 1, 1, 2, 17)),
    }


def _moment(draw: Draw) -> datetime:
    """One of the moments that queries ask for, or an hour of the last three weeks."""
    return draw.one(TIMES) if draw.often(55) else NOW - timedelta(hours=draw.number(21 * 24))


def _source(draw: Draw) -> dict[str, UUID | None]:
    """The runs that something is of: both, either or none, there or not."""
    flow_run = ident("flow_run", draw.number(FLOW_RUN_COUNT + 60))
    task_run = ident("task_run", draw.number(TASK_RUN_COUNT + 60))
    return {
        "flow_run_id": flow_run if draw.often(75) else None,
        "task_run_id": task_run if draw.often(50) else None,
    }


_ARTIFACTS = list(artifacts())

CROWD: dict[str, list[Row]] = {
    **AWKWARD,
    "flow": list(flows()),
    "flow_run": list(flow_runs()),
    "task_run": list(task_runs()),
    "deployment": list(deployments()),
    "artifact": _ARTIFACTS,
    "artifact_collection": list(artifact_collections(_ARTIFACTS)),
    "log": list(logs()),
    "variable": list(variables()),
}
assert tuple(CROWD) == TABLES

CROWD_STATES: dict[str, list[Row]] = {
    "flow_run_state": list(states("flow_run", CROWD["flow_run"])),
    "task_run_state": list(states("task_run", CROWD["task_run"])),
}
"""The state rows that the runs point to."""
