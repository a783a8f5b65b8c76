"""The demo's rows: two dozen flows of a small company and a month of their runs.

`FLOWS` and `POOLS` are the whole story; the code below lets it happen up to an instant. Chance is
drawn from seeds made of a flow's name and the day, counted back from the anchor, so the story reads
the same on any day: what failed yesterday and today fails yesterday and today. `demo_records` adds
what the runs leave behind, `demo_workspace` what stands beside them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any
from uuid import UUID

from flowql.run.demo_records import demo_records
from flowql.run.demo_values import Row, Rows, digest, ident, seconds, timed_ident
from flowql.run.demo_workspace import demo_workspace

HISTORY = 30
"""How many days back the oldest runs lie."""


@dataclass(frozen=True, slots=True)
class Task:
    """A task of a flow, with the seconds that it takes at least and at most."""

    name: str
    quickest: int
    slowest: int
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Deployment:
    name: str
    pool: str = "k8s"
    queue: str = "default"
    paused: bool = False
    tags: tuple[str, ...] = ("prod",)


@dataclass(frozen=True, slots=True)
class Trouble:
    """What goes wrong with a flow's runs on some days; day 0 is the anchor's."""

    state_type: str
    state_name: str
    days: range | tuple[int, ...]
    message: str | None = None
    hour: int | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """A flow, when it runs and what becomes of it. The first deployment is the one that runs;
    without one, its runs were started by hand. `running` is how many minutes ago a run started that
    has not ended, and `subflow` names the flow that its task of that name runs."""

    name: str
    tags: tuple[str, ...] = ()
    tasks: tuple[Task, ...] = ()
    deployments: tuple[Deployment, ...] = ()
    hours: tuple[int, ...] = ()
    every: int = 1
    days: range = range(-2, HISTORY)
    troubles: tuple[Trouble, ...] = ()
    team: str | None = None
    running: int = 0
    subflow: str | None = None


TODAY_AND_YESTERDAY = (0, 1)
"""A run at a fixed hour of both lies within the last 24 hours at any time of day, once."""

FLOWS: tuple[Flow, ...] = (
    Flow(
        "ingest-orders",
        ("etl", "orders", "team:data"),
        (
            Task("extract-orders", 20, 90),
            Task("validate-orders", 5, 30),
            Task("load-orders", 150, 600, ("warehouse",)),
        ),
        (Deployment("production", queue="high"), Deployment("staging", paused=True, tags=("dev",))),
        hours=(3, 15),
        troubles=(
            Trouble("FAILED", "Failed", TODAY_AND_YESTERDAY, "duplicate key in `orders`", hour=3),
            Trouble("CRASHED", "Crashed", (4, 17), "The pod was evicted.", hour=15),
            Trouble("FAILED", "TimedOut", (11,), "Flow run exceeded timeout of 900.0 second(s)"),
        ),
        team="data",
    ),
    Flow(
        "ingest-customers",
        ("etl", "nightly", "team:data"),
        (Task("extract-customers", 30, 120), Task("load-customers", 60, 240, ("warehouse",))),
        (Deployment("production"),),
        hours=(1,),
        troubles=(Trouble("FAILED", "Failed", (6, 20), "HTTP 503 from the CRM"),),
        team="data",
    ),
    Flow(
        "ingest-payments",
        ("etl", "nightly", "pii", "team:finance"),
        (
            Task("extract-payments", 40, 150),
            Task("mask-cards", 10, 40, ("pii",)),
            Task("load-payments", 60, 400, ("warehouse",)),
        ),
        (Deployment("production", queue="high"), Deployment("audit", paused=True)),
        hours=(2,),
        troubles=(
            Trouble("CRASHED", "Crashed", TODAY_AND_YESTERDAY, "Worker `k8s-1` was lost."),
            Trouble("CANCELLED", "Cancelled", (13,), "Cancelled by an operator"),
        ),
        team="finance",
    ),
    Flow(
        "ingest-clickstream",
        ("etl", "streaming", "team:data"),
        (Task("read-batch", 10, 60), Task("write-parquet", 20, 80)),
        (Deployment("every-two-hours", queue="high"),),
        hours=tuple(range(0, 24, 2)),
        days=range(-1, 3),
        troubles=(Trouble("CRASHED", "Crashed", TODAY_AND_YESTERDAY, "Out of memory", hour=10),),
        team="data",
    ),
    Flow(
        "dbt-nightly",
        ("dbt", "etl", "nightly", "team:data"),
        (Task("dbt-deps", 5, 15), Task("dbt-run", 400, 1500), Task("dbt-test", 60, 300)),
        (Deployment("nightly"), Deployment("full-refresh", paused=True, tags=("dev",))),
        hours=(4,),
        troubles=(Trouble("FAILED", "Failed", range(3), "2 of 214 tests failed"),),
        team="data",
    ),
    Flow(
        "dbt-weekly",
        ("dbt", "etl", "weekly", "team:data"),
        (Task("dbt-run", 1200, 3600), Task("dbt-docs", 30, 60)),
        (Deployment("weekly"),),
        hours=(5,),
        every=7,
        team="data",
    ),
    Flow(
        "load-warehouse",
        ("etl", "nightly", "prod", "team:data"),
        (Task("copy-into", 200, 900, ("warehouse",)), Task("vacuum", 30, 120)),
        (Deployment("production"),),
        hours=(5,),
        troubles=(Trouble("FAILED", "Failed", (2, 9), "Statement reached its timeout"),),
        team="data",
    ),
    Flow(
        "nightly-pipeline",
        ("nightly", "orchestration", "team:data"),
        (Task("plan", 2, 10), Task("export-parquet", 100, 400), Task("notify", 1, 3)),
        (Deployment("nightly", queue="high"),),
        hours=(0,),
        subflow="export-parquet",
        team="data",
    ),
    # Runs only as a subflow of nightly-pipeline, so it has no deployment and no hours.
    Flow("export-parquet", ("etl", "export"), (Task("write-files", 60, 90),), team="data"),
    Flow(
        "send-daily-report",
        ("reporting", "daily", "team:analytics"),
        (Task("render-report", 20, 60), Task("send-mail", 2, 5)),
        (Deployment("daily", pool="local"),),
        hours=(7,),
        troubles=(Trouble("FAILED", "Failed", (8,), "SMTP connection refused"),),
        team="analytics",
    ),
    Flow(
        "weekly-kpis",
        ("reporting", "weekly", "team:analytics"),
        (Task("query-kpis", 60, 200), Task("publish-sheet", 5, 20)),
        (Deployment("weekly", pool="local"),),
        hours=(6,),
        every=7,
        team="analytics",
    ),
    Flow(
        "refresh-dashboards",
        ("reporting", "hourly", "team:analytics"),
        (Task("refresh-extracts", 60, 300),),
        (Deployment("six-hourly"), Deployment("on-demand", paused=True, tags=("prod", "manual"))),
        hours=(0, 6, 12, 18),
        days=range(-1, 10),
        troubles=(Trouble("FAILED", "TimedOut", (3,), "Task run exceeded timeout", hour=12),),
        team="analytics",
    ),
    Flow(
        "train-churn-model",
        ("ml", "gpu", "team:ml"),
        (Task("build-features", 600, 1800), Task("train", 7200, 16000), Task("evaluate", 60, 300)),
        (Deployment("gpu", pool="gpu", queue="training"),),
        hours=(20,),
        every=3,
        days=range(2, HISTORY),
        troubles=(Trouble("CRASHED", "Crashed", (12, 24), "CUDA out of memory"),),
        team="ml",
        running=95,
    ),
    Flow(
        "score-leads",
        ("ml", "nightly", "prod", "team:ml"),
        (Task("load-model", 10, 30), Task("score", 120, 500)),
        (Deployment("gpu", pool="gpu"),),
        hours=(6,),
        # The pool is paused, so nothing picks these up.
        troubles=(Trouble("SCHEDULED", "Late", range(2)),),
        team="ml",
    ),
    Flow(
        "sync-salesforce",
        ("crm", "team:sales"),
        (Task("fetch-accounts", 20, 200), Task("upsert-accounts", 20, 100)),
        (Deployment("every-other-day"),),
        hours=(9,),
        every=2,
        troubles=(Trouble("FAILED", "Failed", (2, 16), "429 Too Many Requests"),),
        team="sales",
    ),
    Flow(
        "sync-hubspot",
        ("crm", "team:sales", "dev"),
        (Task("fetch-contacts", 20, 60),),
        hours=(13,),
        every=9,
        days=range(8, HISTORY),
        team="sales",
    ),
    Flow(
        "backup-postgres",
        ("ops", "nightly", "prod"),
        (Task("pg-dump", 300, 1200), Task("upload", 60, 240)),
        (Deployment("nightly", pool="local", queue="ops"),),
        hours=(23,),
        days=range(-1, 15),
        troubles=(Trouble("CANCELLED", "Cancelled", (9,), "Cancelled for maintenance"),),
        team="ops",
    ),
    Flow(
        "rotate-secrets",
        ("ops", "weekly", "security"),
        (Task("rotate", 5, 20),),
        (Deployment("weekly", pool="local", queue="ops"),),
        hours=(10,),
        every=7,
        days=range(1, HISTORY),
        troubles=(Trouble("PAUSED", "Suspended", (7,), "Waiting for approval"),),
        team="ops",
    ),
    Flow(
        "cleanup-tmp",
        ("ops", "dev"),
        (Task("delete-old-files", 1, 20),),
        (Deployment("every-third-day", pool="local"),),
        hours=(22,),
        every=3,
        team="ops",
    ),
    Flow(
        "check-data-quality",
        ("etl", "nightly", "quality", "team:data"),
        (Task("profile-tables", 60, 300), Task("run-expectations", 30, 200)),
        (Deployment("nightly"),),
        hours=(8,),
        troubles=(
            Trouble("CRASHED", "Crashed", TODAY_AND_YESTERDAY, "The pod was evicted."),
            Trouble("FAILED", "Failed", (5, 12, 19), "3 expectations were not met"),
        ),
        team="data",
    ),
    Flow(
        "archive-legacy",
        ("etl", "legacy"),
        (Task("copy-to-archive", 200, 900),),
        (Deployment("legacy", paused=True, tags=("prod", "deprecated")),),
        hours=(21,),
        every=2,
        days=range(12, HISTORY),
        troubles=(Trouble("FAILED", "Failed", (12, 18), "No space left on device"),),
    ),
    # Deployed and never run.
    Flow(
        "backfill-2024",
        ("etl", "backfill", "team:data"),
        (),
        (Deployment("manual", paused=True, tags=("prod", "manual")),),
        team="data",
    ),
    Flow(
        "hello-world",
        ("dev", "test"),
        (Task("say-hello", 1, 2),),
        hours=(11,),
        every=5,
        days=range(1, HISTORY),
    ),
    Flow(
        "integration-test",
        ("dev", "test"),
        (Task("set-up", 1, 10), Task("assert-rows", 5, 30)),
        hours=(14,),
        days=range(8),
        troubles=(Trouble("FAILED", "Failed", range(4), "AssertionError: 41 != 42"),),
    ),
)

# Each pool with its type, its state and its queues.
POOLS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("k8s", "kubernetes", "READY", ("default", "high", "low")),
    ("gpu", "kubernetes", "PAUSED", ("default", "training")),
    ("local", "process", "READY", ("default", "ops")),
    ("ecs", "ecs", "NOT_READY", ("default",)),
)


def demo_rows(anchor: datetime) -> Rows:
    """Table name to rows, every row of a table with the same columns."""
    world = _World(anchor)
    return world.rows | demo_records(world.rows, anchor) | demo_workspace(world.founded, anchor)


_ADJECTIVES = "amber brave calm daring eager fuzzy gentle humble jolly keen lucid mellow".split()
_ANIMALS = "badger condor dolphin falcon gecko heron ibex jackal lemur marmot otter puffin".split()
_AHEAD = timedelta(hours=48)
"""How far ahead runs are scheduled: they are created that long before they are expected."""
_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)
_NO_TIME = timedelta(0)

_FLOW_RUN_POLICY: dict[str, Any] = {
    "max_retries": 0,
    "retry_delay_seconds": 0.0,
    "retries": None,
    "retry_delay": None,
    "pause_keys": [],
    "resuming": False,
    "retry_type": None,
}
_TASK_RUN_POLICY: dict[str, Any] = {
    "max_retries": 0,
    "retry_delay_seconds": 0.0,
    "retries": None,
    "retry_delay": None,
    "retry_jitter_factor": None,
}

_COMPLETED = Trouble("COMPLETED", "Completed", ())
"""No trouble at all, as the outcome of a run."""


@dataclass(frozen=True, slots=True)
class _State:
    type: str
    name: str
    timestamp: datetime
    message: str | None = None


@dataclass(frozen=True, slots=True)
class _Occasion:
    """Why and when a flow runs: on schedule, by hand, or as a task of another flow."""

    expected: datetime
    deployment: Row | None
    outcome: Trouble
    chance: Random
    parent_task: UUID | None = None


class _World:
    """Fills the tables, one entity after another; later rows refer to earlier ones."""

    def __init__(self, anchor: datetime) -> None:
        self.anchor = anchor
        self.midnight = anchor.replace(hour=0)
        self.founded = self.midnight - 400 * _DAY
        self.rows: Rows = {
            "flow": [],
            "work_pool": [],
            "work_queue": [],
            "deployment": [],
            "flow_run": [],
            "task_run": [],
            "flow_run_state": [],
            "task_run_state": [],
        }
        for name, kind, status, queues in POOLS:
            self._pool(name, kind, status, queues)
        for number, flow in enumerate(FLOWS):
            self._flow(flow, number)
        for flow in FLOWS:
            deployments = [
                self._deployment(flow, deployment, number)
                for number, deployment in enumerate(flow.deployments)
            ]
            self._runs(flow, deployments[0] if deployments else None)

    def _pool(self, name: str, kind: str, status: str, queues: tuple[str, ...]) -> None:
        pool = ident("work_pool", name)
        ready = status == "READY"
        polled = self.anchor - 12 * _SECOND if ready else self.anchor - 2 * _DAY
        for priority, queue in enumerate(queues, start=1):
            self.rows["work_queue"].append(
                {
                    "id": ident("work_queue", name, queue),
                    "created": self.founded,
                    "updated": self.founded,
                    "name": queue,
                    "filter": None,
                    "description": "The work pool's default queue." if queue == "default" else "",
                    "is_paused": status == "PAUSED",
                    "concurrency_limit": 4 if queue == "low" else None,
                    "last_polled": polled,
                    "priority": priority,
                    "work_pool_id": pool,
                    "status": status,
                }
            )
        self.rows["work_pool"].append(
            {
                "id": pool,
                "created": self.founded,
                "updated": self.founded,
                "name": name,
                "description": None,
                "type": kind,
                "base_job_template": {},
                "is_paused": status == "PAUSED",
                "concurrency_limit": 20 if name == "k8s" else None,
                "default_queue_id": ident("work_queue", name, "default"),
                "status": status,
                "last_transitioned_status_at": polled,
                "last_status_event_id": None,
                "storage_configuration": {},
            }
        )

    def _flow(self, flow: Flow, number: int) -> None:
        created = self.founded + timedelta(days=number, hours=9, minutes=7 * number)
        self.rows["flow"].append(
            {
                "id": ident("flow", flow.name),
                "created": created,
                "updated": created,
                "name": flow.name,
                "tags": list(flow.tags),
                "labels": _flow_labels(flow),
            }
        )

    def _deployment(self, flow: Flow, deployment: Deployment, number: int) -> Row:
        created = self.founded + timedelta(days=60 + number, hours=10)
        dates = {"type": "object", "properties": {"date": {"type": "string", "title": "date"}}}
        row: Row = {
            "id": ident("deployment", flow.name, deployment.name),
            "created": created,
            "updated": self.midnight - 21 * _DAY,
            "name": deployment.name,
            "version": "1.4.0",
            "description": None,
            "flow_id": ident("flow", flow.name),
            "tags": [*deployment.tags, *(tag for tag in flow.tags if tag not in deployment.tags)],
            "labels": _flow_labels(flow),
            "parameters": {},
            "parameter_openapi_schema": dates if "etl" in flow.tags else {},
            "enforce_parameter_schema": True,
            "paused": deployment.paused,
            "status": "READY" if deployment.pool in {"k8s", "local"} else "NOT_READY",
            "work_queue_id": ident("work_queue", deployment.pool, deployment.queue),
            "work_queue_name": deployment.queue,
            "last_polled": self.anchor - 12 * _SECOND,
            "path": None,
            "entrypoint": f"flows/{flow.name.replace('-', '_')}.py:main",
            "infra_overrides": {},
            "pull_steps": None,
            "concurrency_limit": 1 if deployment.queue == "training" else None,
            "concurrency_limit_id": None,
            "concurrency_options": None,
            "infrastructure_document_id": None,
            "storage_document_id": None,
            "created_by": None,
            "updated_by": None,
            "version_id": None,
        }
        self.rows["deployment"].append(row)
        return row

    def _runs(self, flow: Flow, deployment: Row | None) -> None:
        scheduled = deployment is not None and not deployment["paused"]
        until = self.anchor + _AHEAD if scheduled else self.anchor
        for day in reversed(flow.days):
            for hour in flow.hours if day % flow.every == 0 else ():
                expected = self.midnight - day * _DAY + timedelta(hours=hour)
                if expected < until:
                    chance = Random(f"{flow.name}/{day}/{hour}")
                    outcome = _outcome(flow, day, hour)
                    self._run(flow, _Occasion(expected, deployment, outcome, chance))
        if flow.running:
            expected = self.anchor - timedelta(minutes=flow.running)
            chance = Random(f"{flow.name}/running")
            self._run(flow, _Occasion(expected, None, _COMPLETED, chance))

    def _run(self, flow: Flow, occasion: _Occasion) -> None:
        """One run with its tasks, as far as it has come by the anchor."""
        chance, outcome, expected = occasion.chance, occasion.outcome, occasion.expected
        by_schedule = occasion.deployment is not None
        created = expected - _AHEAD if by_schedule else expected
        created += seconds(chance, 0.01, 0.9)
        run = timed_ident(created, chance)
        states = [_State("SCHEDULED", "Scheduled", created)]
        start = end = None
        waits = outcome.state_type == "SCHEDULED"
        if waits and expected + 15 * _SECOND <= self.anchor:
            states.append(_State("SCHEDULED", "Late", expected + 15 * _SECOND))
        pending = max(created, expected) + seconds(chance, 0.2, 4)
        begin = pending + seconds(chance, 0.5, 20 if by_schedule else 2)
        if not waits and begin <= self.anchor:
            start = begin
            states.append(_State("PENDING", "Pending", pending))
            states.append(_State("RUNNING", "Running", start))
            finish = self._tasks(flow, run, start, occasion)
            if finish <= self.anchor:
                end = None if outcome.state_type == "PAUSED" else finish
                states.append(
                    _State(outcome.state_type, outcome.state_name, finish, outcome.message)
                )
        last = states[-1]
        self.rows["flow_run"].append(
            {
                "id": run,
                "created": created,
                "updated": last.timestamp,
                "name": f"{chance.choice(_ADJECTIVES)}-{chance.choice(_ANIMALS)}",
                "flow_id": ident("flow", flow.name),
                "state_type": last.type,
                "state_name": last.name,
                "state_timestamp": last.timestamp,
                "state_id": self._states("flow_run", run, states, chance),
                "run_count": 0 if start is None else 1,
                "expected_start_time": expected,
                "next_scheduled_start_time": expected if last.type == "SCHEDULED" else None,
                "start_time": start,
                "end_time": end,
                # A run that has not left RUNNING has no run time yet.
                "total_run_time": last.timestamp - start if start else _NO_TIME,
                "flow_version": digest(flow.name),
                "parameters": _parameters(flow, expected),
                "context": {},
                "empirical_policy": _FLOW_RUN_POLICY,
                "infrastructure_pid": None,
                "infrastructure_document_id": None,
                "job_variables": {},
                "parent_task_run_id": occasion.parent_task,
                **(_on_schedule if by_schedule else _by_hand)(flow, occasion),
            }
        )

    def _tasks(self, flow: Flow, run: UUID, start: datetime, occasion: _Occasion) -> datetime:
        """The tasks one after the other, up to the anchor; when the flow run ends."""
        chance, outcome = occasion.chance, occasion.outcome
        # Trouble hits one of the tasks, and those after it do not run.
        last = len(flow.tasks)
        if outcome.state_type not in {"COMPLETED", "PAUSED"}:
            last = chance.randrange(last) + 1
        begin = start + seconds(chance, 0.1, 1)
        for number, task in enumerate(flow.tasks[:last]):
            end = begin + seconds(chance, task.quickest, task.slowest)
            if begin > self.anchor:
                # The rest of the run lies ahead, and so does its end.
                return end
            struck = number + 1 == last and outcome.state_type not in {"COMPLETED", "PAUSED"}
            result = outcome if struck else _COMPLETED
            identity = self._task(task, run, begin, end, result, chance)
            if task.name == flow.subflow:
                [below] = (candidate for candidate in FLOWS if candidate.name == flow.subflow)
                self._run(below, _Occasion(begin, None, _COMPLETED, chance, identity))
            begin = end + seconds(chance, 0.01, 0.3)
        return begin

    def _task(
        self,
        task: Task,
        run: UUID,
        begin: datetime,
        end: datetime,
        result: Trouble,
        chance: Random,
    ) -> UUID:
        identity = timed_ident(begin, chance)
        states = [_State("RUNNING", "Running", begin)]
        ended = end <= self.anchor
        if ended:
            states.append(_State(result.state_type, result.state_name, end, result.message))
        last = states[-1]
        self.rows["task_run"].append(
            {
                "id": identity,
                "created": begin,
                "updated": last.timestamp,
                "name": f"{task.name}-{chance.getrandbits(12):03x}",
                "flow_run_id": run,
                "state_type": last.type,
                "state_name": last.name,
                "state_timestamp": last.timestamp,
                "state_id": self._states("task_run", identity, states, chance),
                "run_count": 1,
                "flow_run_run_count": 1,
                "expected_start_time": begin,
                "next_scheduled_start_time": None,
                "start_time": begin,
                "end_time": end if ended else None,
                "total_run_time": end - begin if ended else _NO_TIME,
                "task_key": f"{task.name.replace('-', '_')}-{digest(task.name)}",
                "dynamic_key": str(ident("dynamic", str(identity))),
                "cache_key": None,
                "cache_expiration": None,
                "task_version": None,
                "empirical_policy": _TASK_RUN_POLICY,
                "task_inputs": {},
                "tags": list(task.tags),
                "labels": {"prefect.flow-run.id": str(run)},
            }
        )
        return identity

    def _states(self, table: str, run: UUID, states: list[_State], chance: Random) -> UUID:
        """The history of a run; the id of its last state."""
        assert all(one.timestamp < two.timestamp for one, two in pairwise(states))
        for state in states:
            identity = timed_ident(state.timestamp, chance)
            self.rows[f"{table}_state"].append(
                {
                    "id": identity,
                    "created": state.timestamp,
                    "updated": state.timestamp,
                    "type": state.type,
                    "timestamp": state.timestamp,
                    "name": state.name,
                    "message": state.message,
                    "state_details": {f"{table}_id": str(run)},
                    "data": None,
                    f"{table}_id": run,
                    "result_artifact_id": None,
                }
            )
        return identity


def _outcome(flow: Flow, day: int, hour: int) -> Trouble:
    for trouble in flow.troubles:
        if day in trouble.days and trouble.hour in (None, hour):
            return trouble
    return _COMPLETED


def _flow_labels(flow: Flow) -> dict[str, Any]:
    return {"team": flow.team} if flow.team else {}


def _on_schedule(flow: Flow, occasion: _Occasion) -> Row:
    """What a run has from its deployment and the schedule, as Prefect's scheduler writes it."""
    deployment = occasion.deployment
    assert deployment is not None
    tags = deployment["tags"]
    assert isinstance(tags, list)
    return {
        "deployment_id": deployment["id"],
        "deployment_version": deployment["version"],
        "work_queue_id": deployment["work_queue_id"],
        "work_queue_name": deployment["work_queue_name"],
        "idempotency_key": f"scheduled {deployment['id']} {occasion.expected}",
        "tags": ["auto-scheduled", *tags],
        "labels": {
            "prefect.flow.id": str(deployment["flow_id"]),
            "prefect.deployment.id": str(deployment["id"]),
            **_flow_labels(flow),
        },
        "created_by": {
            "id": str(ident("schedule", flow.name)),
            "type": "SCHEDULE",
            "display_value": "CronSchedule",
        },
        "auto_scheduled": True,
    }


def _by_hand(flow: Flow, occasion: _Occasion) -> Row:
    """What a run has that its writer started, or another flow."""
    return {
        "deployment_id": None,
        "deployment_version": None,
        "work_queue_id": None,
        "work_queue_name": None,
        "idempotency_key": None,
        "tags": [tag for tag in flow.tags if tag in {"dev", "test", "etl"}],
        "labels": {"prefect.flow.id": str(ident("flow", flow.name)), **_flow_labels(flow)},
        "created_by": None,
        "auto_scheduled": False,
    }


def _parameters(flow: Flow, expected: datetime) -> dict[str, Any]:
    if "etl" in flow.tags:
        return {"date": f"{expected - _DAY:%Y-%m-%d}", "full_refresh": False, "region": "eu"}
    if "ml" in flow.tags:
        return {"epochs": 20, "learning_rate": 0.001, "features": ["recency", "frequency"]}
    return {}
