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

_KINDS = "FRTDQPCAKLVUBSOWEX"


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


def _artifact(
    name: str, key: str | None, kind: str | None, data: Any, run: str | None, task: str | None,
    **values: Any,
) -> Row:  # fmt: skip
    return _row("artifact", name, key=key, type=kind, data=data, flow_run_id=ident(run),
                task_run_id=ident(task), **values)  # fmt: skip


ARTIFACTS = [
    _artifact("A1", "report", "markdown", "# Done", "R1", "T1", description="Daily numbers",
              created=at("04-01 00:00")),
    _artifact("A2", "report", "markdown", "# Failed", "R2", None, metadata_={"rows": "12"}),
    _artifact("A3", "rows", "table", [{"n": 1}], "R1", "T2",
              metadata_={"rows": "3", "a.b": "x"}),
    _artifact("A4", None, "result", {"type": "reference", "size": 10}, "R3", None),
    _artifact("A5", "Rows", "Table", {"size": 2.5, "ok": True}, "R99", None),  # its run is gone
    _artifact("A6", None, None, None, None, "T7", description=""),
    _artifact("A7", "progress", "progress", 42.5, "R9", "T8"),
]  # fmt: skip


def _latest(name: str, key: str, artifact: str, kind: str | None, run: str | None) -> Row:
    return _row("artifact_collection", name, key=key, latest_id=ident(artifact), type=kind,
                flow_run_id=ident(run))  # fmt: skip


LATEST = [
    _latest("K1", "report", "A2", "markdown", "R2"),
    _latest("K2", "rows", "A3", "stale", "R1"),  # its copy of the type is stale
    _latest("K3", "Rows", "A5", "Table", "R99"),
    _latest("K4", "gone", "A99", None, None),  # its artifact is gone
]


def _log(
    name: str, logger: str, level: int, message: str, when: str, run: str | None,
    task: str | None = None,
) -> Row:  # fmt: skip
    return _row("log", name, name=logger, level=level, message=message, timestamp=at(when),
                flow_run_id=ident(run), task_run_id=ident(task))  # fmt: skip


LOGS = [
    _log("L1", "prefect.flow_runs", 20, "Started", "04-15 09:00", "R1"),
    _log("L2", "prefect.flow_runs", 40, "Failed: 100%_done", "04-14 12:00:30", "R2"),
    _log("L3", "prefect.task_runs", 30, "Retrying", "04-14 12:00:15", "R2", "T3"),
    _log("L4", "my_app", 25, "half way", "04-15 09:05", "R1", "T1"),
    _log("L5", "my_app", 50, "it's over", "04-08 12:02", "R4", "T4"),
    _log("L6", "Prefect.Flow_Runs", 10, "", "04-15 11:30", "R99"),  # its run is gone
    _log("L7", "", 0, "STARTED", "04-15 11:59:59.999999", None),
    _log("L8", "prefect.flow_runs", 40, "error in load", "04-15 12:00", "R1", "T2"),
]


def _variable(name: str, called: str, value: Any, tags: list[str]) -> Row:
    return _row("variable", name, name=called, value=value, tags=tags)


VARIABLES = [
    _variable("V1", "region", "eu", ["prod"]),
    _variable("V2", "retries", 3, []),
    _variable("V3", "debug", True, ["dev"]),
    _variable("V4", "config", {"region": "eu", "port": 5432, "a.b": {"c": 1}}, ["prod", "db"]),
    _variable("V5", "hosts", ["a", "b"], []),
    _variable("V6", "nothing", None, ["etl"]),
    _variable("V7", "text_3", "3", ["etl", "nightly"]),
    _variable("V8", "Ratio", 0.5, ["team:data"]),
]


def _automation(
    name: str, called: str, enabled: bool, tags: list[str], trigger: Any, created: str
) -> Row:
    return _row("automation", name, name=called, description="", enabled=enabled, tags=tags,
                trigger=trigger, created=at(created))  # fmt: skip


AUTOMATIONS = [
    _automation("U1", "cancel late", True, ["ops"],
                {"type": "event", "posture": "Reactive", "threshold": 1, "within": 0},
                "01-01 00:00"),
    _automation("U2", "notify", False, [],
                {"type": "event", "posture": "Proactive", "within": 90.5}, "03-01 00:00"),
    _automation("U3", "notify", True, ["ops", "prod"],
                {"type": "compound", "require": "any"}, "04-14 23:59:59.999999"),
    _automation("U4", "", True, ["Ops"], {"type": "sequence"}, "04-15 00:00"),
]  # fmt: skip


def _block_type(name: str, called: str, slug: str, protected: bool, text: str | None) -> Row:
    return _row("block_type", name, name=called, slug=slug, is_protected=protected,
                description=text)  # fmt: skip


BLOCK_TYPES = [
    _block_type("B1", "Secret", "secret", True, "Keeps a value."),
    _block_type("B2", "Slack Webhook", "slack-webhook", True, ""),
    _block_type("B3", "S3 Bucket", "s3-bucket", False, None),
    _block_type("B4", "Unused", "unused", False, None),  # without schemas
]


def _schema(name: str, kind: str, version: str, capabilities: list[str], title: str) -> Row:
    return _row("block_schema", name, block_type_id=ident(kind), version=version,
                capabilities=capabilities, checksum=f"sha256:{name}",
                fields={"title": title, "required": ["value"]})  # fmt: skip


SCHEMAS = [
    _schema("S1", "B1", "0.1.0", [], "Secret"),
    _schema("S2", "B2", "0.1.0", ["notify"], "Slack"),
    _schema("S3", "B3", "0.2.0", ["read-path", "write-path"], "Bucket"),
    _schema("S4", "B3", "0.10.0", ["read-path"], "Bucket"),
]


def _document(name: str, called: str, schema: str, kind: str, copied: str, hidden: bool) -> Row:
    return _row("block_document", name, name=called, block_schema_id=ident(schema),
                block_type_id=ident(kind), block_type_name=copied,
                is_anonymous=hidden)  # fmt: skip


DOCUMENTS = [
    _document("O1", "prod", "S1", "B1", "Secret", False),
    _document("O2", "dev", "S1", "B1", "Secret", False),
    _document("O3", "prod", "S4", "B3", "S3 Bucket", False),
    _document("O4", "anonymous-1", "S2", "B2", "Slack Webhook", True),
    _document("O5", "alerts", "S2", "B2", "Slack", False),  # its copy of the type's name is stale
]


def _worker(name: str, called: str, pool: str, status: str, heard: str, every: int | None) -> Row:
    return _row("worker", name, name=called, work_pool_id=ident(pool), status=status,
                last_heartbeat_time=at(heard), heartbeat_interval_seconds=every)  # fmt: skip


WORKERS = [
    _worker("W1", "worker-a", "P1", "ONLINE", "04-15 11:59:30", 30),
    _worker("W2", "worker-b", "P1", "OFFLINE", "04-14 12:00", None),
    _worker("W3", "worker-a", "P2", "ONLINE", "04-15 11:00", 60),
    _worker("W4", "spare", "P2", "OFFLINE", "01-01 00:00", 0),
]

_ID = "prefect.resource.id"


def _event(
    name: str, called: str, resource: str, labels: dict[str, str], when: str, **values: Any
) -> Row:
    time = at(when)
    return _row("events", name, event=called, resource_id=resource,
                resource={_ID: resource, **labels}, occurred=time, received=time,
                related=[], related_resource_ids=[],
                payload=values.pop("payload", {}), **values)  # fmt: skip


EVENTS = [
    _event("E1", "prefect.flow-run.Completed", "prefect.flow-run.R1",
           {"prefect.resource.name": "alpha", "prefect.state-name": "Completed"}, "04-15 09:10"),
    _event("E2", "prefect.flow-run.Failed", "prefect.flow-run.R2",
           {"prefect.resource.name": "bravo"}, "04-14 12:00:30", follows=ident("E3")),
    _event("E3", "prefect.flow-run.Running", "prefect.flow-run.R2",
           {"prefect.resource.name": "bravo"}, "04-14 12:00"),
    _event("E4", "Prefect.Flow-Run.Failed", "my-app.job",
           {"region": "eu-west", "team": "data"}, "04-01 00:00"),
    _event("E5", "my_app.order", "my-app.orders", {"region": "EU-WEST"}, "04-15 12:00",
           payload={"rows": 12, "ok": True}),
    _event("E6", "100%", "my_app.orders", {}, "2025-10-01 00:00", follows=ident("E99")),
]  # fmt: skip


def _resource(name: str, event: str, resource: str, role: str, labels: dict[str, str]) -> Row:
    return _row("event_resources", name, event_id=ident(event), resource_id=resource,
                resource_role=role, resource=labels, occurred=NOW)  # fmt: skip


RESOURCES = [
    _resource("X1", "E1", "prefect.flow-run.R1", "",
              {"prefect.resource.name": "alpha", "prefect.state-name": "Completed"}),
    _resource("X2", "E1", "prefect.flow.F1", "flow", {"prefect.resource.name": "ingest"}),
    _resource("X3", "E1", "prefect.tag.nightly", "tag", {}),
    _resource("X4", "E2", "prefect.flow-run.R2", "", {"prefect.resource.name": "bravo"}),
    _resource("X5", "E2", "prefect.flow.F1", "flow", {"prefect.resource.name": "ingest"}),
    _resource("X6", "E3", "prefect.flow-run.R2", "", {"prefect.resource.name": "bravo"}),
    _resource("X7", "E4", "my-app.job", "", {"region": "eu-west", "team": "data"}),
    _resource("X8", "E4", "my-app.orders", "source", {"region": "us"}),
    _resource("X9", "E5", "my-app.orders", "", {"region": "EU-WEST"}),
    _resource("X10", "E5", "prefect.tag.nightly", "Tag", {}),
    _resource("X11", "E99", "my-app.orders", "", {}),  # its event is gone; E6 has none
]  # fmt: skip

TABLES: dict[str, list[Row]] = {
    "flow": FLOWS,
    "flow_run": RUNS,
    "task_run": TASKS,
    "deployment": DEPLOYMENTS,
    "work_pool": POOLS,
    "work_queue": QUEUES,
    "artifact": ARTIFACTS,
    "artifact_collection": LATEST,
    "log": LOGS,
    "variable": VARIABLES,
    "automation": AUTOMATIONS,
    "block_type": BLOCK_TYPES,
    "block_schema": SCHEMAS,
    "block_document": DOCUMENTS,
    "worker": WORKERS,
    "events": EVENTS,
    "event_resources": RESOURCES,
}

NAMES: dict[str, str] = {
    str(row["id"]): f"{kind}{number}"
    for kind, rows in zip("FRTDPQAKLVUBSOWEX", TABLES.values(), strict=True)
    for number, row in enumerate(rows, 1)
}
"""The name of a row by its id."""
