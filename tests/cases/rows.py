"""A small world to ask about: few enough rows to know them all.

Each row has a name of its own (`F1`, `R7`, …), which the cases use. It is Wednesday the 15th of
April 2026, noon in UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from tests.oracle.schema import COLUMNS

NOW = datetime(2026, 4, 15, 12, tzinfo=UTC)

Row = dict[str, Any]

_KINDS = "FRTDQPC"


def ident(name: str | None) -> UUID | None:
    """The id of a row by its name: greater for a greater number."""
    if name is None:
        return None
    kind, number = _KINDS.index(name[0]) + 1, int(name[1:])
    return UUID(f"00000000-0000-4000-8000-{kind:06}{number:06}")


def at(text: str | None) -> datetime | None:
    """`04-15 09:00` of this year, or a whole date and time."""
    if text is None:
        return None
    full = text if len(text.split(" ")[0]) == 10 else f"2026-{text}"
    return datetime.fromisoformat(full).replace(tzinfo=UTC)


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def _row(table: str, handle: str, /, **values: Any) -> Row:
    row: Row = dict.fromkeys(COLUMNS[table])
    row |= {"id": ident(handle), "created": NOW, "updated": NOW}
    assert values.keys() <= row.keys(), values.keys() - row.keys()
    return row | values


def _flow(name: str, called: str, tags: list[str], labels: Any, created: str) -> Row:
    return _row("flow", name, name=called, tags=tags, labels=labels, created=at(created))


FLOWS = [
    _flow("F1", "ingest", ["etl", "nightly"], {"team": "data", "tier": 1}, "01-01 00:00"),
    _flow("F2", "transform", ["etl"], {"team": "data", "tier": "1"}, "02-28 23:59:59.999999"),
    _flow("F3", "report", [], None, "03-01 00:00"),
    _flow("F4", "backup", ["nightly", "ops"], {"critical": True}, "04-01 00:00"),
    _flow("F5", "INGEST copy", ["ETL"], {}, "2025-12-31 23:59:59.999999"),
    _flow("F6", "100%_done", ["team:data"], {"tier": 2.5}, "04-15 00:00"),
    _flow("F7", "it's a \\ test", ["etl,nightly", "it's"], {"team": None}, "04-14 23:59:59.999999"),
    _flow("F8", "cleanup", ["ops"], {"critical": "true"}, "04-13 00:00"),
    _flow("F9", "orphan", ["dev"], {"team": "ops", "a b": {"c": "x"}}, "2024-02-29 00:00"),
    _flow("F10", "legacy", ["etl", "nightly", "prod"], {"tier": 0}, "03-29 01:00"),
]  # fmt: skip


def _pool(name: str, called: str, kind: str, status: str, paused: bool, most: int | None) -> Row:
    return _row("work_pool", name, name=called, type=kind, status=status, is_paused=paused,
                concurrency_limit=most)  # fmt: skip


POOLS = [
    _pool("P1", "k8s", "kubernetes", "READY", False, 10),
    _pool("P2", "local", "process", "PAUSED", True, None),
    _pool("P3", "spare", "docker", "NOT_READY", False, 0),  # without queues
]


def _queue(
    name: str, called: str, pool: str, priority: int, status: str, paused: bool, most: int | None
) -> Row:
    return _row("work_queue", name, name=called, work_pool_id=ident(pool), priority=priority,
                status=status, is_paused=paused, concurrency_limit=most,
                description="")  # fmt: skip


QUEUES = [
    _queue("Q1", "default", "P1", 1, "READY", False, None),
    _queue("Q2", "high", "P1", 2, "PAUSED", True, 5),
    _queue("Q3", "default", "P2", 1, "NOT_READY", False, 0),
    _queue("Q4", "idle", "P2", 10, "READY", False, None),
]


def _deployment(
    name: str, called: str, flow: str, queue: str | None, queue_name: str | None, paused: bool,
    tags: list[str], version: str | None, x: Any,
) -> Row:  # fmt: skip
    return _row("deployment", name, name=called, flow_id=ident(flow), work_queue_id=ident(queue),
                work_queue_name=queue_name, paused=paused, tags=tags, version=version,
                parameters=x, infra_overrides={"env": name},
                status="NOT_READY" if paused else "READY",
                enforce_parameter_schema=False)  # fmt: skip


DEPLOYMENTS = [
    _deployment("D1", "nightly", "F1", "Q1", "default", False, ["prod"], "1.10", {"x": 1}),
    _deployment("D2", "nightly", "F2", "Q2", "high", True, [], None, {"x": "1"}),
    _deployment("D3", "weekly", "F3", None, "gone", False, ["prod", "dev"], "1.1", {}),
    _deployment("D4", "adhoc", "F8", "Q3", "default", True, ["etl"], "", {"x": None}),
    _deployment("D5", "backfill", "F1", "Q1", "stale", True, [], None, {"x": True}),
    _deployment("D6", "lost", "F99", None, None, False, [], None, {}),  # its flow is gone
]


def _run(name: str, flow: str, called: str, state: str | None, **values: Any) -> Row:
    """A flow run; `state` is `FAILED/TimedOut`, times are spelled as for `at`."""
    kind, state_name = state.split("/") if state else (None, None)
    times = {
        column: at(values.pop(short, None))
        for short, column in (
            ("start", "start_time"),
            ("expected", "expected_start_time"),
            ("next", "next_scheduled_start_time"),
            ("end", "end_time"),
        )
    }
    creator = values.pop("by", None)
    if creator is not None:
        kind_of_creator, creator_id, shown = creator
        creator = {
            "id": creator_id and str(ident(creator_id)),
            "type": kind_of_creator,
            "display_value": shown,
        }
    return _row(
        "flow_run", name, name=called, flow_id=ident(flow), state_type=kind, state_name=state_name,
        deployment_id=ident(values.pop("deployment", None)),
        work_queue_id=ident(values.pop("queue", None)),
        parent_task_run_id=ident(values.pop("parent", None)),
        tags=values.pop("tags", []),
        run_count=values.pop("count", 0),
        total_run_time=seconds(values.pop("total", 0)),
        parameters=values.pop("given", {}),
        auto_scheduled=values.pop("auto", False),
        created_by=creator, context={}, labels=None,
        **times, **values,
    )  # fmt: skip


RUNS = [
    _run("R1", "F1", "alpha", "COMPLETED/Completed", start="04-15 09:00", expected="04-15 08:59",
         end="04-15 09:10", deployment="D1", queue="Q1", work_queue_name="default",
         tags=["nightly", "prod"], count=1, total=600, given={"x": 1}, auto=True,
         by=("DEPLOYMENT", "C1", "nightly"), idempotency_key="once", flow_version="1.10"),
    _run("R2", "F1", "bravo", "FAILED/Failed", start="04-14 12:00", expected="04-14 12:00",
         end="04-14 12:00:30", deployment="D1", queue="Q1", work_queue_name="default",
         tags=["nightly"], count=3, total=90, given={"x": "1"}, auto=True,
         by=("DEPLOYMENT", "C1", "nightly"), idempotency_key="twice", flow_version="1.1"),
    _run("R3", "F1", "charlie", "FAILED/TimedOut", start="04-14 11:59:59.999999",
         end="04-14 13:00", count=2, total=3600, given={"x": 2}, idempotency_key=""),
    _run("R4", "F2", "delta", "CRASHED/Crashed", start="04-08 12:00", expected="04-08 12:00",
         deployment="D2", queue="Q2", work_queue_name="high", tags=["nightly"], count=1,
         given={"x": True}, auto=True, by=("SCHEDULE", None, "cron 'daily'"), flow_version="2"),
    _run("R5", "F2", "echo", "COMPLETED/Cached", start="04-13 00:00", expected="04-13 00:00",
         end="04-13 00:00", deployment="D2", queue="Q1", work_queue_name="default", tags=["etl"],
         count=1, flow_version=""),
    _run("R6", "F2", "foxtrot", "RUNNING/Running", start="04-15 11:00", expected="04-15 11:00",
         tags=["etl", "prod"], count=1, total=300, given={"x": None}),
    _run("R7", "F3", "golf", "SCHEDULED/Late", expected="04-15 11:30", next="04-15 11:30",
         deployment="D3", work_queue_name="gone", given={"x": 2.5}, auto=True,
         by=("SCHEDULE", "C2", None)),
    _run("R8", "F3", "hotel", "SCHEDULED/Scheduled", expected="04-16 09:00", next="04-16 09:00",
         deployment="D3", given={"x": {"y": 1}}, auto=True),
    _run("R9", "F4", "india", "FAILED/Failed", start="04-01 00:00", expected="04-01 00:00",
         end="04-01 01:00", deployment="D99", tags=["nightly"], count=1, total=3600,
         given={"x": "a%b"}),  # its deployment is gone
    _run("R10", "F4", "juliett", "COMPLETED/Completed", start="03-31 23:59:59.999999",
         end="04-01 00:30", tags=["nightly"], count=1, total=1800, parent="T5",
         given={"x": "A_B"}),
    _run("R11", "F5", "kilo", "CANCELLED/Cancelled", start="04-15 00:00", expected="04-14 23:00",
         end="04-15 00:05", tags=["ETL"], count=1, total=300, given={"x": "it's"}),
    _run("R12", "F6", "lima", None),
    _run("R13", "F6", "mike", "PENDING/Pending", expected="04-15 12:00", given={"x": False}),
    _run("R14", "F7", "november", "PAUSED/Suspended", start="04-12 23:59:59.999999",
         expected="04-12 23:59:59.999999", tags=["it's"], count=1, total=1,
         given={"x": "2026-04-15"}),
    _run("R15", "F10", "oscar", "SCHEDULED/Scheduled", expected="04-20 00:00", next="04-20 00:00",
         tags=["prod"], given={"x": -1}, auto=True),
    _run("R16", "F1", "papa", "COMPLETED/Completed", start="04-15 09:00", expected="04-15 09:00",
         end="04-15 09:05", deployment="D5", queue="Q1", work_queue_name="default", count=1,
         total=300, given={"x": 10}),
]  # fmt: skip


def _task(
    name: str, run: str | None, called: str, state: str, start: str | None, end: str | None,
    tags: list[str],
) -> Row:  # fmt: skip
    kind, state_name = state.split("/")
    return _row(
        "task_run", name, name=called, flow_run_id=ident(run), state_type=kind,
        state_name=state_name, start_time=at(start), end_time=at(end),
        expected_start_time=at(start or "04-14 11:00"), tags=tags, task_key=f"{called}-key",
        dynamic_key=name, run_count=0 if start is None else 1, flow_run_run_count=1,
        total_run_time=seconds(0), labels=None,
    )  # fmt: skip


TASKS = [
    _task("T1", "R1", "load", "COMPLETED/Completed", "04-15 09:01", "04-15 09:02", ["io"]),
    _task("T2", "R1", "check", "FAILED/Failed", "04-15 09:03", "04-15 09:03:30", []),
    _task("T3", "R2", "load", "FAILED/Failed", "04-14 12:00:10", "04-14 12:00:20", ["io"]),
    _task("T4", "R4", "load", "CRASHED/Crashed", "04-08 12:01", None, ["io", "slow"]),
    _task("T5", "R1", "spawn", "COMPLETED/Completed", "04-15 09:04", "04-15 09:09", []),
    _task("T6", "R6", "load", "RUNNING/Running", "04-15 11:01", None, ["slow"]),
    _task("T7", None, "solo", "COMPLETED/Completed", "04-15 10:00", "04-15 10:01", []),
    _task("T8", "R9", "load", "COMPLETED/Completed", "04-01 00:10", "04-01 00:20", []),
    _task("T9", "R10", "clean", "COMPLETED/Completed", "04-01 00:01", "04-01 00:02", ["io"]),
    _task("T10", "R3", "check", "PENDING/Pending", None, None, []),
]

TABLES: dict[str, list[Row]] = {
    "flow": FLOWS,
    "flow_run": RUNS,
    "task_run": TASKS,
    "deployment": DEPLOYMENTS,
    "work_pool": POOLS,
    "work_queue": QUEUES,
}

NAMES: dict[str, str] = {
    str(row["id"]): f"{kind}{number}"
    for kind, rows in zip("FRTDPQ", TABLES.values(), strict=True)
    for number, row in enumerate(rows, 1)
}
"""The name of a row by its id."""
