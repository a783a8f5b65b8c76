"""What the demo's runs leave behind: logs, artifacts and events.

All of it follows from the rows of runs and their states. Logs go back seven days and events one, as
if older ones had been cleaned away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, TypeAlias
from uuid import UUID

from flowql.run.demo_values import Json, Row, Rows, ident, new_row, seconds, timed_ident
from flowql.run.demo_workspace import AUTOMATIONS, WORKERS

LOGS_KEPT = timedelta(days=7)
EVENTS_KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Keepsake:
    """An artifact that each run of a flow leaves, unless it comes to nothing."""

    flow: str
    key: str
    type: str
    description: str | None
    data: Callable[[Random], Any]


def _quality(chance: Random) -> str:
    return f"# Data quality\n\n{chance.randrange(180, 200)} of 200 expectations were met."


def _models(chance: Random) -> str:
    return f"## dbt\n\n{chance.randrange(205, 214)} of 214 tests passed."


def _kpis(chance: Random) -> list[dict[str, Any]]:
    return [{"region": name, "revenue": chance.randrange(10**5, 10**6)} for name in ("eu", "us")]


def _scores(chance: Random) -> list[dict[str, Any]]:
    return [{"metric": "auc", "value": round(chance.uniform(0.7, 0.9), 3)}]


KEEPSAKES: tuple[Keepsake, ...] = (
    Keepsake("check-data-quality", "data-quality", "markdown", "What was expected", _quality),
    Keepsake("dbt-nightly", "dbt-summary", "markdown", None, _models),
    Keepsake("weekly-kpis", "weekly-kpis", "table", "Revenue by region", _kpis),
    Keepsake(
        "send-daily-report",
        "daily-report",
        "link",
        "The report as it was sent",
        lambda chance: f"[Report](https://reports.example.com/{chance.getrandbits(32):08x})",
    ),
    Keepsake("train-churn-model", "churn-model-scores", "table", None, _scores),
    Keepsake(
        "train-churn-model",
        "training-progress",
        "progress",
        "Epochs so far",
        lambda chance: float(chance.randrange(5, 100)),
    ),
)


World: TypeAlias = Mapping[str, list[dict[str, Any]]]


def demo_records(world: World, anchor: datetime) -> Rows:
    """Table name to rows, of the tables that follow from those of flows, runs and pools."""
    artifacts = list(_artifacts(world, anchor))
    events = sorted(_events(world, anchor), key=lambda event: event["occurred"])
    return {
        "artifact": artifacts,
        "artifact_collection": list(_latest(artifacts)),
        "log": list(_logs(world, anchor)),
        "events": events,
        "event_resources": [row for event in events for row in _resources(event)],
    }


def _chance(kind: str, run: dict[str, Any], anchor: datetime) -> Random:
    """The same for the run of a flow on such a day and hour, whenever the demo is made."""
    since = run["start_time"] - anchor.replace(hour=0)
    return Random(f"{kind}/{run['flow_id']}/{since // timedelta(minutes=1)}")


def _started(world: World, since: datetime) -> Iterator[dict[str, Any]]:
    for run in world["flow_run"]:
        if run["start_time"] is not None and run["start_time"] >= since:
            yield run


_Line: TypeAlias = tuple[datetime, str, int, UUID | None, str]
"""When, the logger, the level, the task run and the message."""


def _logs(world: World, anchor: datetime) -> Iterator[Row]:
    flows = {flow["id"]: flow["name"] for flow in world["flow"]}
    messages = {state["id"]: state["message"] for state in world["flow_run_state"]}
    messages |= {state["id"]: state["message"] for state in world["task_run_state"]}
    tasks: dict[UUID, list[dict[str, Any]]] = {}
    for task in world["task_run"]:
        tasks.setdefault(task["flow_run_id"], []).append(task)
    for run in _started(world, anchor - LOGS_KEPT):
        chance = _chance("log", run, anchor)
        begun = f"Beginning flow run '{run['name']}' for flow '{flows[run['flow_id']]}'"
        lines: list[_Line] = [(run["start_time"], "prefect.flow_runs", 20, None, begun)]
        if run["deployment_id"] is not None:
            submitted = run["start_time"] - seconds(chance, 0.1, 0.4)
            text = f"Worker submitting flow run '{run['id']}'"
            lines.append((submitted, "prefect.flow_runs.worker", 20, None, text))
        for task in tasks.get(run["id"], ()):
            lines += _task_lines(task, messages, chance)
        if run["end_time"] is not None:
            level = 20 if run["state_type"] == "COMPLETED" else 40
            text = f"Finished in state {_state(run, messages)}"
            lines.append((run["end_time"], "prefect.flow_runs", level, None, text))
        for timestamp, name, level, task_id, message in lines:
            yield new_row(
                timed_ident(timestamp, chance),
                timestamp,
                name=name,
                level=level,
                flow_run_id=run["id"],
                task_run_id=task_id,
                message=message,
                timestamp=timestamp,
            )


def _task_lines(
    task: dict[str, Any], messages: Mapping[UUID, str | None], chance: Random
) -> Iterator[_Line]:
    """A line of its own now and then, and how it ended."""
    name, begin, end = "prefect.task_runs", task["start_time"], task["end_time"]
    skipped, rows = chance.randrange(10), chance.randrange(500, 90_000)
    if end is None:
        return
    middle = begin + (end - begin) / 2
    if skipped < 2:
        text = f"{skipped + 1} rows had no key and were skipped"
        yield middle, name, 30, task["id"], text
    elif "load" in task["name"] or "copy" in task["name"]:
        yield middle, "company.warehouse", 20, task["id"], f"Wrote {rows} rows"
    if task["state_type"] != "COMPLETED":
        text = f"Task run failed with exception: {messages[task['state_id']]}"
        yield end - timedelta(milliseconds=3), name, 40, task["id"], text
    level = 20 if task["state_type"] == "COMPLETED" else 40
    yield end, name, level, task["id"], f"Finished in state {_state(task, messages)}"


def _state(run: dict[str, Any], messages: Mapping[UUID, str | None]) -> str:
    message = messages[run["state_id"]]
    return f"{run['state_name']}({'' if message is None else repr(message)})"


def _artifacts(world: World, anchor: datetime) -> Iterator[Row]:
    keepsakes: dict[UUID, list[Keepsake]] = {}
    for keepsake in KEEPSAKES:
        keepsakes.setdefault(ident("flow", keepsake.flow), []).append(keepsake)
    tasks = {task["flow_run_id"]: task for task in world["task_run"]}
    for run in _started(world, min(run["created"] for run in world["flow_run"])):
        chance = _chance("artifact", run, anchor)
        for keepsake in keepsakes.get(run["flow_id"], ()):
            # What is in progress is shown meanwhile, all else at the end.
            made = run["start_time"] if keepsake.type == "progress" else run["end_time"]
            if made is None or run["state_type"] == "CRASHED":
                continue
            yield new_row(
                timed_ident(made, chance),
                made,
                key=keepsake.key,
                type=keepsake.type,
                data=Json(keepsake.data(chance)),
                description=keepsake.description,
                metadata_=Json(None),
                flow_run_id=run["id"],
                task_run_id=tasks[run["id"]]["id"] if run["id"] in tasks else None,
            )
        if run["state_type"] == "COMPLETED" and run["flow_id"] == ident("flow", "score-leads"):
            yield _result(run, chance)


def _result(run: dict[str, Any], chance: Random) -> Row:
    """A result has no key, so it is the latest of nothing."""
    return new_row(
        timed_ident(run["end_time"], chance),
        run["end_time"],
        key=None,
        type="result",
        data=Json({"type": "unpersisted"}),
        description=None,
        metadata_=Json({"leads": str(chance.randrange(200, 900))}),
        flow_run_id=run["id"],
        task_run_id=None,
    )


def _latest(artifacts: list[Row]) -> Iterator[Row]:
    """Of each key, a copy of the artifact that was made last."""
    first: dict[Any, Any] = {}
    last: dict[Any, Row] = {}
    keyed = [artifact for artifact in artifacts if artifact["key"] is not None]
    for artifact in sorted(keyed, key=lambda row: str(row["id"])):
        first.setdefault(artifact["key"], artifact["created"])
        last[artifact["key"]] = artifact
    for key, artifact in last.items():
        copied = {**artifact, "id": ident("artifact_collection", key), "created": first[key]}
        yield {**copied, "latest_id": artifact["id"]}


def _events(world: World, anchor: datetime) -> Iterator[dict[str, Any]]:
    since = anchor - EVENTS_KEPT
    related = _Related(world)
    runs = {run["id"]: run for run in world["flow_run"]}
    before: dict[UUID, dict[str, Any]] = {}
    for state in world["flow_run_state"]:
        run_id = state["flow_run_id"]
        if state["timestamp"] >= since:
            yield _state_event(runs[run_id], state, before.get(run_id), related)
            if state["type"] in {"FAILED", "CRASHED"}:
                yield _alert(state, min(state["timestamp"] + timedelta(seconds=1), anchor))
        before[run_id] = state
    for name, pool, silence in WORKERS:
        if silence < timedelta(hours=1):
            yield _worker_event(name, pool, anchor - timedelta(hours=20))
    for task in world["task_run"]:
        done = task["state_type"] == "COMPLETED" and task["end_time"] >= since
        if done and "warehouse" in task["tags"] and task["name"].startswith("load-"):
            yield _table_event(task, runs[task["flow_run_id"]], related)


class _Related:
    """What Prefect names as related to a run."""

    def __init__(self, world: World) -> None:
        self._by_id = {
            table: {row["id"]: row for row in world[table]}
            for table in ("flow", "deployment", "work_queue", "work_pool")
        }

    def of(self, run: dict[str, Any]) -> list[dict[str, str]]:
        found = [
            ("flow", "flow", run["flow_id"]),
            ("deployment", "deployment", run["deployment_id"]),
        ]
        queue = self._by_id["work_queue"].get(run["work_queue_id"])
        if queue is not None:
            found += [("work-queue", "work_queue", queue["id"])]
            found += [("work-pool", "work_pool", queue["work_pool_id"])]
        resources = []
        for kind, table, identity in found:
            if identity is not None:
                row = self._by_id[table][identity]
                resource = _resource(f"prefect.{kind}.{identity}", kind, row["name"])
                if kind == "work-pool":
                    resource["prefect.work-pool.type"] = row["type"]
                resources.append(resource)
        return resources + [_resource(f"prefect.tag.{tag}", "tag") for tag in sorted(run["tags"])]


_ID, _NAME, _ROLE = "prefect.resource.id", "prefect.resource.name", "prefect.resource.role"


def _resource(identity: str, role: str, name: str | None = None) -> dict[str, str]:
    return {_ID: identity, _ROLE: role} | ({} if name is None else {_NAME: name})


def _state_event(
    run: dict[str, Any],
    state: dict[str, Any],
    before: dict[str, Any] | None,
    related: _Related,
) -> dict[str, Any]:
    return _event(
        # Prefect gives such an event the id of the state.
        state["id"],
        state["timestamp"],
        f"prefect.flow-run.{state['name']}",
        {
            _ID: f"prefect.flow-run.{run['id']}",
            _NAME: run["name"],
            "prefect.run-count": str(run["run_count"]),
            "prefect.state-message": state["message"] or "",
            "prefect.state-name": state["name"],
            "prefect.state-timestamp": state["timestamp"].isoformat(),
            "prefect.state-type": state["type"],
        },
        related.of(run),
        {
            "intended": {"from": None if before is None else before["type"], "to": state["type"]},
            "initial_state": None if before is None else _told(before),
            "validated_state": _told(state),
        },
        follows=None if before is None else before["id"],
    )


def _told(state: dict[str, Any]) -> dict[str, Any]:
    return {"type": state["type"], "name": state["name"], "message": state["message"] or ""}


def _alert(state: dict[str, Any], occurred: datetime) -> dict[str, Any]:
    """An automation was triggered by what happened to a run."""
    automation = AUTOMATIONS[0].name
    return _event(
        timed_ident(occurred, Random(f"alert/{state['id']}")),
        occurred,
        "prefect.automation.triggered",
        {
            _ID: f"prefect.automation.{ident('automation', automation)}",
            _NAME: automation,
            "prefect.posture": "Reactive",
        },
        [_resource(f"prefect.event.{state['id']}", "triggering-event")],
        {"triggering_labels": {}},
    )


def _worker_event(name: str, pool: str, occurred: datetime) -> dict[str, Any]:
    return _event(
        timed_ident(occurred, Random(f"worker/{name}")),
        occurred,
        "prefect.worker.started",
        {_ID: f"prefect.worker.{pool}.{name}", _NAME: name, "prefect.version": "3.8.8"},
        [_resource(f"prefect.work-pool.{ident('work_pool', pool)}", "work-pool", pool)],
        {},
    )


def _table_event(task: dict[str, Any], run: dict[str, Any], related: _Related) -> dict[str, Any]:
    """The company's own: a task has loaded a table."""
    chance = Random(f"table/{task['id']}")
    table = task["name"].rpartition("-")[0].removeprefix("load-")
    rows = chance.randrange(500, 90_000)
    occurred = task["end_time"]
    return _event(
        timed_ident(occurred, chance),
        occurred,
        "warehouse.table.loaded",
        {_ID: f"warehouse.table.{table}", _NAME: table, "region": "eu", "rows": str(rows)},
        [_resource(f"prefect.flow-run.{run['id']}", "flow-run", run["name"]), *related.of(run)],
        {"rows": rows, "full_refresh": False},
    )


def _event(
    identity: UUID,
    occurred: datetime,
    event: str,
    resource: dict[str, str],
    related: list[dict[str, str]],
    payload: dict[str, Any],
    follows: UUID | None = None,
) -> dict[str, Any]:
    return new_row(
        identity,
        occurred,
        occurred=occurred,
        event=event,
        resource_id=resource[_ID],
        resource=resource,
        related=related,
        related_resource_ids=[one[_ID] for one in related],
        payload=payload,
        received=occurred,
        recorded=occurred,
        follows=follows,
    )


def _resources(event: dict[str, Any]) -> Iterator[Row]:
    """A row for each resource, as Prefect stores them a second time."""
    for number, resource in enumerate((event["resource"], *event["related"])):
        yield new_row(
            timed_ident(event["occurred"], Random(f"resource/{event['id']}/{number}")),
            event["occurred"],
            occurred=event["occurred"],
            resource_id=resource[_ID],
            resource_role=resource[_ROLE] if number else "",
            resource={key: text for key, text in resource.items() if key not in (_ID, _ROLE)},
            event_id=event["id"],
        )
