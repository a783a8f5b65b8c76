"""Questions about the crowd that no single request can ask, each answered in plain Python.

The answers know nothing of FlowQL: they are loops over the stored rows. A row is selected where the
function is true; `ordered` questions also say in what order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.oracle.crowd import CROWD
from tests.oracle.data import NOW, ident
from tests.oracle.data.values import Row

FLOWS, RUNS, TASKS, DEPLOYMENTS = (
    CROWD[table] for table in ("flow", "flow_run", "task_run", "deployment")
)
LOGS, ARTIFACTS = CROWD["log"], CROWD["artifact"]
QUEUES, POOLS = CROWD["work_queue"], CROWD["work_pool"]


def _grouped(rows: Iterable[Row], column: str) -> dict[UUID, list[Row]]:
    groups: dict[UUID, list[Row]] = {}
    for row in rows:
        if row[column] is not None:
            groups.setdefault(row[column], []).append(row)
    return groups


_RUNS_OF_FLOW = _grouped(RUNS, "flow_id")
_RUNS_OF_DEPLOYMENT = _grouped(RUNS, "deployment_id")
_TASKS_OF_RUN = _grouped(TASKS, "flow_run_id")
_DEPLOYMENTS_OF_FLOW = _grouped(DEPLOYMENTS, "flow_id")
_LOGS_OF_RUN = _grouped(LOGS, "flow_run_id")
_ARTIFACTS_OF_RUN = _grouped(ARTIFACTS, "flow_run_id")
_RUNS_OF_TASK = _grouped(RUNS, "parent_task_run_id")
_FLOW = {row["id"]: row for row in FLOWS}
_RUN = {row["id"]: row for row in RUNS}
_DEPLOYMENT = {row["id"]: row for row in DEPLOYMENTS}
_TASK = {row["id"]: row for row in TASKS}
_QUEUE = {row["id"]: row for row in QUEUES}


def runs(row: Row) -> list[Row]:
    """The runs of a flow or a deployment."""
    return _RUNS_OF_FLOW.get(row["id"], []) or _RUNS_OF_DEPLOYMENT.get(row["id"], [])


def tasks(run: Row) -> list[Row]:
    return _TASKS_OF_RUN.get(run["id"], [])


def deployment(run: Row) -> Row | None:
    """The deployment of a run, where it still exists."""
    return _DEPLOYMENT.get(run["deployment_id"])


def deployments(flow: Row) -> list[Row]:
    return _DEPLOYMENTS_OF_FLOW.get(flow["id"], [])


def state(row: Row, *types: str) -> bool:
    return row["state_type"] in types


def duration(row: Row) -> timedelta | None:
    if row["end_time"] is None or row["start_time"] is None:
        return None
    length: timedelta = row["end_time"] - row["start_time"]
    return length


def longer(row: Row, than: timedelta) -> bool:
    length = duration(row)
    return length is not None and length > than


def latest(some: list[Row]) -> Row | None:
    """The run that started last; of several, that with the greatest id."""
    started = [run for run in some if run["start_time"] is not None]
    return max(started, key=lambda run: (run["start_time"], run["id"]), default=None)


def last_is(some: list[Row], *types: str) -> bool:
    run = latest(some)
    return run is not None and state(run, *types)


def contains(text: str | None, part: str) -> bool:
    """Without regard to the case of ASCII letters; the parts here have no others."""
    return text is not None and part.lower() in text.lower()


def holds(value: Any, key: str, wanted: Any) -> bool:
    """Whether a JSON object has a number at a key, and that one; true is no number."""
    found = (value or {}).get(key)
    return type(found) in (int, float) and found == wanted


@dataclass(frozen=True)
class Question:
    text: str
    rows: Sequence[Row]
    selects: Callable[[Row], Any]
    order: Callable[[Row], Any] | None = None
    """The sort keys; where it is given, rows come in ascending order of it, each page of them."""
    page: tuple[int, int | None] = (0, None)

    @property
    def answer(self) -> list[str]:
        """The ids, in order if there is one."""
        found = [row for row in self.rows if self.selects(row)]
        if self.order is not None:
            # The greatest id first, then by the keys: sorting keeps the order of equal rows.
            found.sort(key=lambda row: str(row["id"]), reverse=True)
            found.sort(key=self.order)
        return [str(row["id"]) for row in found][slice(*self.page)]


_WEEK = NOW - timedelta(days=7)
_IDS = [ident("deployment", number) for number in range(40)]
_LISTED = ", ".join(map(str, _IDS))

QUESTIONS = (
    # ── left out ──
    Question(
        "runs where tags has none [etl, nightly]",
        RUNS, lambda run: not {"etl", "nightly"} & set(run["tags"]),
    ),
    Question(
        "runs where state not in [COMPLETED, SCHEDULED, CANCELLED]",
        RUNS,
        lambda run: run["state_type"] and not state(run, "COMPLETED", "SCHEDULED", "CANCELLED"),
    ),
    Question(
        "runs where not state = FAILED",
        RUNS, lambda run: run["state_type"] and not state(run, "FAILED"),
    ),
    Question(
        "runs where state != FAILED or state is null",
        RUNS, lambda run: not state(run, "FAILED"),
    ),
    Question(
        f"runs where deployment_id not in [{_LISTED}]",
        RUNS, lambda run: run["deployment_id"] and run["deployment_id"] not in _IDS,
    ),
    Question(
        "runs where no deployment (name in [nightly, prod])",
        RUNS,
        lambda run: deployment(run) is None or deployment(run)["name"] not in ("nightly", "prod"),  # type: ignore[index]
    ),
    Question(
        "runs where name not contains otter",
        RUNS, lambda run: not contains(run["name"], "otter"),
    ),
    Question(
        "runs where not flow.tags has etl",
        RUNS, lambda run: "etl" not in _FLOW[run["flow_id"]]["tags"],
    ),
    Question(
        "deployments where not paused and tags has none [dev] and not flow.name starts with ingest",
        DEPLOYMENTS,
        lambda one: not one["paused"] and "dev" not in one["tags"]
        and not _FLOW[one["flow_id"]]["name"].lower().startswith("ingest"),
    ),
    # ── here or there ──
    Question(
        "runs where flow.tags has etl or deployment.tags has prod",
        RUNS,
        lambda run: "etl" in _FLOW[run["flow_id"]]["tags"]
        or "prod" in (deployment(run) or {"tags": ()})["tags"],
    ),
    Question(
        "runs where state = CRASHED or any task (state = CRASHED)",
        RUNS, lambda run: any(state(one, "CRASHED") for one in (run, *tasks(run))),
    ),
    Question(
        "flows where tags has etl or any run (state = FAILED) or any deployment (paused)",
        FLOWS,
        lambda flow: "etl" in flow["tags"] or any(state(run, "FAILED") for run in runs(flow))
        or any(one["paused"] for one in deployments(flow)),
    ),
    Question(
        "tasks where (state = FAILED and run.state = COMPLETED) or"
        " (state = COMPLETED and run.state = FAILED)",
        TASKS,
        lambda task: (state(task, "FAILED") and state(_RUN.get(task["flow_run_id"],
                      {"state_type": None}), "COMPLETED"))
        or (state(task, "COMPLETED") and state(_RUN.get(task["flow_run_id"],
            {"state_type": None}), "FAILED")),
    ),
    # ── every, none, the latest ──
    Question("flows where no run", FLOWS, lambda flow: not runs(flow)),
    Question(
        "flows where any run and every run (state in [COMPLETED, FAILED])",
        FLOWS,
        lambda flow: runs(flow) and all(state(run, "COMPLETED", "FAILED") for run in runs(flow)),
    ),
    Question(
        # A run without a state is not one that is no CRASHED one.
        "flows where every run (state != CRASHED)",
        FLOWS,
        lambda flow: all(
            run["state_type"] and not state(run, "CRASHED") for run in runs(flow)
        ),
    ),
    Question(
        "flows where no run (state = CRASHED)",
        FLOWS, lambda flow: not any(state(run, "CRASHED") for run in runs(flow)),
    ),
    Question(
        "flows where any run (state = FAILED) and no run (state = CRASHED)",
        FLOWS,
        lambda flow: any(state(run, "FAILED") for run in runs(flow))
        and not any(state(run, "CRASHED") for run in runs(flow)),
    ),
    Question(
        "flows where latest run (state in [FAILED, CRASHED])",
        FLOWS, lambda flow: last_is(runs(flow), "FAILED", "CRASHED"),
    ),
    Question(
        "flows where any run and not latest run (state = COMPLETED)",
        FLOWS, lambda flow: runs(flow) and not last_is(runs(flow), "COMPLETED"),
    ),
    Question(
        "deployments where latest run (state = FAILED and tags has none [etl])",
        DEPLOYMENTS,
        lambda one: last_is(runs(one), "FAILED") and "etl" not in latest(runs(one))["tags"],  # type: ignore[index]
    ),
    Question(
        "deployments where every run (state = COMPLETED or start_time < now - 7d)",
        DEPLOYMENTS,
        lambda one: all(
            state(run, "COMPLETED")
            or ((began := run["start_time"] or run["expected_start_time"]) and began < _WEEK)
            for run in runs(one)
        ),
    ),
    Question(
        "runs where every task (state in [COMPLETED, SCHEDULED, PENDING, RUNNING])",
        RUNS,
        lambda run: all(
            state(task, "COMPLETED", "SCHEDULED", "PENDING", "RUNNING") for task in tasks(run)
        ),
    ),
    Question(
        "runs where no task and no log and no artifact",
        RUNS,
        lambda run: run["id"] not in _TASKS_OF_RUN and run["id"] not in _LOGS_OF_RUN
        and run["id"] not in _ARTIFACTS_OF_RUN,
    ),
    # ── how many ──
    Question(
        "flows where count run (state = FAILED) >= 3",
        FLOWS, lambda flow: sum(state(run, "FAILED") for run in runs(flow)) >= 3,
    ),
    Question(
        "flows where count run (state = FAILED) = 0",
        FLOWS, lambda flow: not any(state(run, "FAILED") for run in runs(flow)),
    ),
    Question(
        "flows where count run (state = FAILED) > 0.2 * count run",
        FLOWS,
        lambda flow: 5 * sum(state(run, "FAILED") for run in runs(flow)) > len(runs(flow)),
    ),
    Question(
        "flows where count task (state = FAILED) between 2 and 4",
        FLOWS,
        lambda flow: 2 <= sum(state(task, "FAILED") for run in runs(flow)
                              for task in tasks(run)) <= 4,
    ),
    Question(
        "flows where count deployment = 0 and any run",
        FLOWS, lambda flow: not deployments(flow) and runs(flow),
    ),
    Question(
        "runs where count tag >= 3",
        RUNS, lambda run: len(set(run["tags"])) >= 3,
    ),
    Question(
        "runs where count log (level >= ERROR) >= 1 and count task < 2",
        RUNS,
        lambda run: any(log["level"] >= 40 for log in _LOGS_OF_RUN.get(run["id"], ()))
        and len(tasks(run)) < 2,
    ),
    # ── two witnesses, and scopes within scopes ──
    Question(
        "flows where any run (state = FAILED) and any run (tags has nightly)",
        FLOWS,
        lambda flow: any(state(run, "FAILED") for run in runs(flow))
        and any("nightly" in run["tags"] for run in runs(flow)),
    ),
    Question(
        "flows where any run (state = FAILED and no task (state = FAILED))",
        FLOWS,
        lambda flow: any(
            state(run, "FAILED") and not any(state(task, "FAILED") for task in tasks(run))
            for run in runs(flow)
        ),
    ),
    Question(
        "flows where any deployment (every run (no task (state = CRASHED)) and any run)",
        FLOWS,
        lambda flow: any(
            runs(one)
            and all(not any(state(task, "CRASHED") for task in tasks(run)) for run in runs(one))
            for one in deployments(flow)
        ),
    ),
    Question(
        "runs where any subflow (state = FAILED)",
        RUNS,
        lambda run: any(
            state(child, "FAILED")
            for task in tasks(run)
            for child in _RUNS_OF_TASK.get(task["id"], ())
        ),
    ),
    # ── dangling ──
    Question(
        "runs where deployment_id is not null and no deployment",
        RUNS, lambda run: run["deployment_id"] and deployment(run) is None,
    ),
    Question(
        "runs where not deployment.paused = true",
        RUNS, lambda run: not (deployment(run) or {"paused": False})["paused"],
    ),
    Question(
        "runs where deployment.paused != true",
        RUNS, lambda run: not (deployment(run) or {"paused": True})["paused"],
    ),
    Question(
        "runs where parent_task_run_id is not null and no parent_task",
        RUNS, lambda run: run["parent_task_run_id"] and run["parent_task_run_id"] not in _TASK,
    ),
    Question(
        "logs where flow_run_id is not null and no run",
        LOGS, lambda log: log["flow_run_id"] and log["flow_run_id"] not in _RUN,
    ),
    # ── texts that a body cannot say, and columns that it does not know ──
    Question("runs where name contains '%'", RUNS, lambda run: "%" in run["name"]),
    Question("runs where name contains '_'", RUNS, lambda run: "_" in run["name"]),
    Question("runs where name contains '\\\\'", RUNS, lambda run: "\\" in run["name"]),
    Question(
        r'runs where name matches "^[a-z]+-[a-z]+$"',
        RUNS, lambda run: re.search("^[a-z]+-[a-z]+$", run["name"]),
    ),
    Question(
        "flows where name ends with '0' and name not like '%ing%'",
        FLOWS, lambda flow: flow["name"].endswith("0") and not contains(flow["name"], "ing"),
    ),
    Question(
        "runs where duration > 5m and run_count >= 2",
        RUNS, lambda run: longer(run, timedelta(minutes=5)) and run["run_count"] >= 2,
    ),
    Question(
        "runs where parameters.x = 1",
        RUNS, lambda run: holds(run["parameters"], "x", 1),
    ),
    Question(
        "flows where labels.tier is not null and labels.team = data",
        FLOWS,
        lambda flow: (flow["labels"] or {}).get("tier") is not None
        and (flow["labels"] or {}).get("team") == "data",
    ),
    Question(
        "runs where any tag (starts with 'team:')",
        RUNS, lambda run: any(tag.lower().startswith("team:") for tag in run["tags"]),
    ),
    Question(
        "deployments where every tag (contains p) and any tag",
        DEPLOYMENTS,
        lambda one: one["tags"] and all(contains(tag, "p") for tag in one["tags"]),
    ),
    Question(
        "tasks where cache_key is null and task_key = extract and run.name contains '%'",
        TASKS,
        lambda task: task["cache_key"] is None and task["task_key"] == "extract"
        and "%" in _RUN.get(task["flow_run_id"], {"name": ""})["name"],
    ),
    # ── other entities ──
    Question(
        "work_queues where count run (state = FAILED) >= 5",
        QUEUES,
        lambda queue: sum(
            state(run, "FAILED") for run in RUNS if run["work_queue_id"] == queue["id"]
        ) >= 5,
    ),
    Question(
        "work_pools where no deployment (paused)",
        POOLS,
        lambda pool: not any(
            one["paused"] and one["work_queue_id"] is not None
            and _QUEUE[one["work_queue_id"]]["work_pool_id"] == pool["id"]
            for one in DEPLOYMENTS
        ),
    ),
    Question(
        "logs where level >= ERROR and not message contains error and any run (state = FAILED)",
        LOGS,
        lambda log: log["level"] >= 40 and not contains(log["message"], "error")
        and state(_RUN.get(log["flow_run_id"], {"state_type": None}), "FAILED"),
    ),
    Question(
        "artifacts where key is null or run.state = COMPLETED",
        ARTIFACTS,
        lambda one: one["key"] is None
        or state(_RUN.get(one["flow_run_id"], {"state_type": None}), "COMPLETED"),
    ),
    Question(
        "variables where tags has none [etl, prod] and value is not null",
        CROWD["variable"],
        lambda one: not {"etl", "prod"} & set(one["tags"]) and one["value"] is not None,
    ),
    # ── in order, and in pages ──
    Question(
        "runs where tags has none [etl] sort duration desc nulls last limit 500",
        RUNS, lambda run: "etl" not in run["tags"],
        lambda run: (duration(run) is None, -(duration(run) or timedelta(0))), (0, 500),
    ),
    Question(
        "runs sort duration desc nulls last limit 100",
        RUNS, lambda run: True,
        lambda run: (duration(run) is None, -(duration(run) or timedelta(0))), (0, 100),
    ),
    Question(
        # The first page of all runs has some of them, but not sixty.
        "runs where name contains '%' limit 60",
        RUNS, lambda run: "%" in run["name"], lambda run: 0, (0, 60),
    ),
    Question(
        # The last of these is one of many runs of its name, most of which stand on the next page.
        "runs where run_count >= 1 sort name limit 162",
        RUNS, lambda run: run["run_count"] >= 1, lambda run: run["name"], (0, 162),
    ),
    Question(
        "runs sort run_count, name limit 200 page 3",
        RUNS, lambda run: True,
        lambda run: (run["run_count"], run["name"]), (400, 600),
    ),
    Question(
        "deployments where not paused sort name offset 120",
        DEPLOYMENTS, lambda one: not one["paused"],
        lambda one: one["name"], (120, None),
    ),
    Question(
        "tasks where any run sort task_key desc, end_time nulls first limit 250 page 2",
        TASKS, lambda task: task["flow_run_id"] in _RUN,
        lambda task: ([-ord(char) for char in task["task_key"]], task["end_time"] is not None,
                      task["end_time"]), (250, 500),
    ),
    Question(
        "flows where count run >= 1 sort created, name limit 30 offset 60",
        FLOWS, lambda flow: runs(flow),
        lambda flow: (flow["created"], flow["name"]), (60, 90),
    ),
)  # fmt: skip
