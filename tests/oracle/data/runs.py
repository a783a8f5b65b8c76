"""Rows of flows, their runs and what starts them.

What the server cannot serve is left out, since it answers 500 to any page with such a row: names of
flows, pools and queues have no `/ % & < >` and are not empty, a run that is RUNNING has a state
timestamp, a pool has a default queue.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from tests.oracle.data.values import (
    CREATED_BY,
    DURATIONS,
    FLOW_NAMES,
    LABEL_SETS,
    NOW,
    PARAMETER_SETS,
    RUN_NAMES,
    STATES,
    TAG_SETS,
    TIMES,
    Draw,
    Row,
    ident,
    row,
)

_VERSIONS = (None, "1", "1.10", "1.1", "v2", "", "a1b2c3d", "1.0 'beta'")
QUEUE_COUNT = 9
DEPLOYMENT_COUNT = 26
FLOW_RUN_COUNT = 186
TASK_RUN_COUNT = 252


def flows() -> Iterator[Row]:
    draw = Draw(1)
    for number, name in enumerate(FLOW_NAMES):
        yield row(
            "flow",
            number,
            draw,
            name=name,
            # The first flows share the tags that hand-written queries ask for.
            tags=["etl"] if number < 3 else draw.one(TAG_SETS),
            labels=draw.one(LABEL_SETS),
        )


def work_pools() -> Iterator[Row]:
    draw = Draw(2)
    pools = (
        ("k8s", "kubernetes", "READY", False),
        ("K8S-2", "kubernetes", "NOT_READY", True),
        ("local 'dev'", "process", "PAUSED", True),
        ("café 🚀", "docker", "READY", False),
        ("pool_\\1", "Process", "NOT_READY", False),  # has no queues
    )
    for number, (name, kind, status, paused) in enumerate(pools):
        yield row(
            "work_pool",
            number,
            draw,
            name=name,
            type=kind,
            status=status,
            is_paused=paused,
            description=(None, "", "The 'main' pool", "ünï", " ")[number],
            base_job_template={} if number % 2 else {"job_configuration": {"image": "x"}},
            storage_configuration={},
            concurrency_limit=(None, 0, 1, 10, 2147483647)[number],
            # The server refuses a pool without one, so the last points to another pool's.
            default_queue_id=ident("work_queue", number % 4),
            last_status_event_id=ident("event", number) if number % 2 else None,
            last_transitioned_status_at=draw.maybe(60, TIMES),
        )


def work_queues() -> Iterator[Row]:
    draw = Draw(3)
    names = ("default", "default", "default", "default", "high", "High", "l'autre", "q_1\\", "🚀")
    pools = (0, 1, 2, 3, 0, 0, 1, 2, 3)
    for number, (name, pool) in enumerate(zip(names, pools, strict=True)):
        yield row(
            "work_queue",
            number,
            draw,
            name=name,
            work_pool_id=ident("work_pool", pool),
            description=("", "first", "it's", " ")[number % 4],
            is_paused=number % 3 == 1,
            concurrency_limit=(None, 0, 5)[number % 3],
            priority=(1, 1, 2, 10)[number % 4],
            filter=None,
            status=("READY", "NOT_READY", "PAUSED")[number % 3],
            last_polled=draw.maybe(60, TIMES),
        )


def deployments() -> Iterator[Row]:
    draw = Draw(4)
    queues = tuple(work_queues())
    names = (*RUN_NAMES[:20], "nightly", "Nightly", "nightly", "prod", "", "🚀")
    for number in range(DEPLOYMENT_COUNT):
        queue = queues[draw.number(QUEUE_COUNT)] if number % 3 else None
        # A queue's name on a deployment is a copy: here the right one, a stale one, or one alone.
        if queue is None:
            queue_name = draw.one((None, "default", "gone"))
        else:
            queue_name = draw.one((queue["name"], queue["name"], None, "stale"))
        yield row(
            "deployment",
            number,
            draw,
            name=names[number],
            version=draw.one(_VERSIONS),
            description=draw.one((None, "", "it's 100%", "Line\nbreak")),
            # Twelve flows share them, so some have several and most have none.
            flow_id=ident("flow", (0, 0, 0, 1, 1, 2, 7, 7, 9, 10, 11, 26)[number % 12]),
            work_queue_id=queue and queue["id"],
            work_queue_name=queue_name,
            path=draw.one((None, "", "/srv/flows", "C:\\flows")),
            entrypoint=draw.one((None, "flows/etl.py:main")),
            tags=draw.one(TAG_SETS),
            labels=draw.one(LABEL_SETS),
            parameters=draw.one(PARAMETER_SETS),
            infra_overrides=draw.one(({}, {"env": {"A": "1"}})),
            pull_steps=draw.one((None, [])),
            parameter_openapi_schema=draw.one((None, {}, {"type": "object"})),
            concurrency_options=draw.one((None, {"collision_strategy": "ENQUEUE"})),
            concurrency_limit=draw.one((None, 0, 1, 5)),
            created_by=draw.one(CREATED_BY),
            updated_by=draw.one(CREATED_BY),
            paused=draw.often(40),
            enforce_parameter_schema=draw.often(50),
            status=draw.one(("READY", "NOT_READY")),
            last_polled=draw.maybe(50, TIMES),
            version_id=ident("version", number) if number % 4 == 0 else None,
        )


def _run_times(draw: Draw, state: str | None) -> Row:
    """Times as such a state tends to have them, and any of them may be missing all the same."""
    expected = draw.maybe(90, TIMES)
    started = state in {"RUNNING", "COMPLETED", "FAILED", "CRASHED", "PAUSED", "CANCELLING"}
    start = draw.maybe(90 if started else 8, TIMES)
    end = None
    if state in {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}:
        end = draw.maybe(90, TIMES)
        if start is not None and start.year < 2999 and draw.often(70):
            end = start + draw.one(DURATIONS)
    return {
        "expected_start_time": expected,
        "next_scheduled_start_time": draw.maybe(70 if state == "SCHEDULED" else 5, TIMES),
        "start_time": start,
        "end_time": end,
        "total_run_time": draw.one(DURATIONS),
        "run_count": draw.one((0, 1, 1, 2, 17)),
        "state_timestamp": draw.maybe({"RUNNING": 100, None: 20}.get(state, 90), TIMES),
    }


def flow_runs() -> Iterator[Row]:
    draw = Draw(5)
    queues = tuple(work_queues())
    # A quarter of the flows has many runs, a half a few, and the last quarter none.
    busy, calm = len(FLOW_NAMES) // 4, len(FLOW_NAMES) * 3 // 4
    keys: set[tuple[UUID, str]] = set()
    for number in range(FLOW_RUN_COUNT):
        flow_id = ident("flow", draw.number(busy) if draw.often(60) else draw.number(calm))
        state_type, state_name = STATES[number % len(STATES)]
        queue = queues[draw.number(QUEUE_COUNT)] if draw.often(55) else None
        key = draw.maybe(40, ("", "once", "it's", "100%", "scheduled 2026-04-01", "🚀"))
        if key is not None and (flow_id, key) in keys:
            key = f"{key} {number}"
        if key is not None:
            keys.add((flow_id, key))
        parent = None
        if number % 8 == 5:
            # Subflows; the parent task belongs to another run, or to none.
            parent = ident("task_run", draw.number(TASK_RUN_COUNT))
        deployment = None
        if number % 3 != 2:
            # Numbers past the last deployment dangle, as after a deletion.
            deployment = ident("deployment", draw.number(DEPLOYMENT_COUNT + 4))
        yield row(
            "flow_run",
            number,
            draw,
            name=draw.one(RUN_NAMES),
            flow_id=flow_id,
            state_type=state_type,
            state_name=state_name,
            state_id=ident("flow_run_state", number) if _has_state(number) else None,
            deployment_id=deployment,
            deployment_version=draw.one(_VERSIONS) if deployment else None,
            parent_task_run_id=parent,
            work_queue_id=queue and queue["id"],
            work_queue_name=draw.one(
                (queue["name"], None, "stale") if queue else (None, None, "default", "gone")
            ),
            flow_version=draw.one(_VERSIONS),
            idempotency_key=key,
            infrastructure_pid=draw.one((None, "", "host:123", "it's")),
            parameters=draw.one(PARAMETER_SETS),
            context=draw.one(({}, {"a": 1})),
            empirical_policy=draw.one(({}, {"retries": 3})),
            tags=draw.one(TAG_SETS),
            labels=draw.one(LABEL_SETS),
            created_by=draw.one(CREATED_BY),
            job_variables=draw.one((None, {}, {"image": "x"})),
            auto_scheduled=draw.often(40),
            **_run_times(draw, state_type),
        )


def task_runs() -> Iterator[Row]:
    draw = Draw(6)
    for number in range(TASK_RUN_COUNT):
        state_type, state_name = STATES[draw.number(len(STATES))]
        flow_run = None
        if number % 11 != 10:
            # A third of the runs has no tasks.
            flow_run = ident("flow_run", draw.number(FLOW_RUN_COUNT) // 3 * 3 + number % 2)
        yield row(
            "task_run",
            number,
            draw,
            name=draw.one(RUN_NAMES),
            flow_run_id=flow_run,
            state_type=state_type,
            state_name=state_name,
            state_id=ident("task_run_state", number) if state_type and state_name else None,
            task_key=draw.one(("load-a1b2", "extract", "it's", "Ünï")),
            dynamic_key=str(number),
            cache_key=draw.one((None, "", "key'1")),
            cache_expiration=draw.maybe(20, TIMES),
            task_version=draw.one(_VERSIONS),
            flow_run_run_count=draw.one((0, 1, 2)),
            empirical_policy=draw.one(({}, {"retries": 3})),
            task_inputs={},
            tags=draw.one(TAG_SETS),
            labels=draw.one(LABEL_SETS),
            **_run_times(draw, state_type),
        )


def _has_state(number: int) -> bool:
    """A state row needs a type and a name; the columns on the run itself may lack either."""
    state_type, state_name = STATES[number % len(STATES)]
    return state_type is not None and state_name is not None


def states(table: str, runs: list[Row]) -> Iterator[Row]:
    """The current state of each run that points to one."""
    draw = Draw(7)
    for number, run in enumerate(runs):
        if run["state_id"] is None:
            continue
        yield row(
            f"{table}_state",
            number,
            draw,
            type=run["state_type"],
            name=run["state_name"],
            timestamp=run["state_timestamp"] or NOW,
            message=draw.one((None, "it's 100% done")),
            state_details={},
            **{f"{table}_id": run["id"]},
        )
