"""Rows of a Prefect that has run flows for 90 days, as many as are asked for; always the same.

Ids are of the seventh kind, by time, as Prefect's own; rows come in the order in which they were
made. Most runs are of few deployments and completed; those under way and waiting are the newest.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from math import isqrt
from typing import Any
from uuid import UUID

from benchmarks.rows_questions import NOW

Row = dict[str, Any]

DAYS = 90
MAX_TASK_RUNS = 400_000
"""Two of each run, the newest first, up to this; Prefect's own data ends much the same, by age."""

_SUBJECTS = "orders customers payments clicks stock prices returns ledger traffic mail".split()
_VERBS = "ingest load check export train score archive sync".split()
_DEPLOYMENTS = "nightly hourly prod staging weekly".split()
_TAGS = (
    "etl prod nightly team:data staging hourly team:ml dbt pii critical backfill eu us"
    " team:finance dev adhoc".split()
)
_POOLS = ("k8s", "ecs", "docker", "process")
_ADJECTIVES = "amber brisk calm dusky eager fuzzy gentle humble ivory jolly".split()
_ANIMALS = "heron otter lynx raven mole crane viper stoat bison finch".split()

_ENDED = (("COMPLETED", "Completed", 88), ("FAILED", "Failed", 7), ("CRASHED", "Crashed", 2),
          ("CANCELLED", "Cancelled", 2), (None, None, 1))  # fmt: skip
_OPEN = (("SCHEDULED", "Scheduled", 55), ("SCHEDULED", "Late", 15), ("PENDING", "Pending", 5),
         ("RUNNING", "Running", 22), ("PAUSED", "Paused", 3))  # fmt: skip
_NEWEST = 25
"""Of the newest, one run of so many, every second one has not ended."""


class World:
    """Each table's rows by one iterator; those that others refer to are kept."""

    def __init__(self, runs: int) -> None:
        self.runs = runs
        self._random = random.Random(20261120)
        start = NOW - timedelta(days=DAYS + 1)
        self.pools = [self._pool(name, start) for name in _POOLS]
        self.queues = [self._queue(pool, name) for pool in self.pools for name in ("default", "hi")]
        for pool, queue in zip(self.pools, self.queues[::2], strict=True):
            pool["default_queue_id"] = queue["id"]
        self.flows = [self._flow(number, start) for number in range(isqrt(runs))]
        self.deployments = list(self._deployments())
        self._tasked: list[Row] = []

    def tables(self) -> Iterator[tuple[str, Iterator[Row]]]:
        """Tables with their rows, to be read in this order."""
        yield "work_pool", iter(self.pools)
        yield "work_queue", iter(self.queues)
        yield "flow", iter(self.flows)
        yield "deployment", iter(self.deployments)
        yield "flow_run", self._flow_runs()
        yield "task_run", self._task_runs()

    # ── what runs refer to ────────────────────────────────────────────────────

    def _pool(self, name: str, made: datetime) -> Row:
        return self._made(made) | {
            "name": name, "type": name, "description": "", "base_job_template": {},
            "storage_configuration": {}, "is_paused": False, "status": "READY",
        }  # fmt: skip

    def _queue(self, pool: Row, name: str) -> Row:
        return self._made(pool["created"]) | {
            "name": name, "description": "", "is_paused": False, "priority": 1,
            "work_pool_id": pool["id"], "status": "READY",
        }  # fmt: skip

    def _flow(self, number: int, start: datetime) -> Row:
        verb = _VERBS[number % len(_VERBS)]
        subject = _SUBJECTS[number // len(_VERBS) % len(_SUBJECTS)]
        return self._made(start + timedelta(seconds=number)) | {
            "name": f"{verb}-{subject}-{number:03}", "tags": self._tags(3), "labels": {},
        }  # fmt: skip

    def _deployments(self) -> Iterator[Row]:
        for number, flow in enumerate(self.flows):
            for offset in range(1 + number % 2):
                queue = self._random.choice(self.queues)
                name = _DEPLOYMENTS[(number + offset) % len(_DEPLOYMENTS)]
                made = flow["created"] + timedelta(hours=2, milliseconds=offset)
                yield self._made(made) | {
                    "name": name, "flow_id": flow["id"], "tags": self._tags(3),
                    "labels": {"prefect.flow.id": str(flow["id"])},
                    "work_queue_id": queue["id"], "work_queue_name": queue["name"],
                    "path": "/srv/flows", "entrypoint": f"flows/{flow['name']}.py:main",
                    "parameters": {"region": "eu"}, "infra_overrides": {}, "paused": False,
                    "enforce_parameter_schema": True, "status": "READY",
                    "parameter_openapi_schema": {"type": "object", "properties": {}},
                }  # fmt: skip

    # ── runs ──────────────────────────────────────────────────────────────────

    def _flow_runs(self) -> Iterator[Row]:
        step = timedelta(days=DAYS) / self.runs
        tasked = self.runs - min(self.runs, MAX_TASK_RUNS // 2)
        for number in range(self.runs):
            made = NOW - (self.runs - number) * step + self._random.random() * step
            is_new = number >= self.runs - self.runs // _NEWEST
            ended = not is_new or self._random.random() < 0.5
            run = self._made(made) | self._run(made, ended) | self._origin()
            if number >= tasked:
                self._tasked.append(run)
            yield run

    def _origin(self) -> Row:
        """What a run is of: few deployments have most of the runs, and some runs have none."""
        if self._random.random() < 0.15:
            flow = self.flows[self._skewed(len(self.flows))]
            return {"flow_id": flow["id"], "tags": self._tags(2), "auto_scheduled": False}
        deployment = self.deployments[self._skewed(len(self.deployments))]
        return {
            "flow_id": deployment["flow_id"], "deployment_id": deployment["id"],
            "work_queue_id": deployment["work_queue_id"],
            "work_queue_name": deployment["work_queue_name"],
            "tags": deployment["tags"] + self._tags(1), "auto_scheduled": True,
        }  # fmt: skip

    def _run(self, made: datetime, ended: bool) -> Row:
        kind, name = self._state(_ENDED if ended else _OPEN)
        expected = made + timedelta(seconds=self._random.random() * 60)
        if name == "Scheduled":
            expected = NOW + timedelta(days=3) * self._random.random()
        took = timedelta(seconds=self._random.expovariate(1 / 240))
        started = kind not in (None, "SCHEDULED", "PENDING")
        begun = expected + timedelta(seconds=self._random.random() * 20) if started else None
        end = begun + took if begun and ended else None
        word = f"{self._random.choice(_ADJECTIVES)}-{self._random.choice(_ANIMALS)}"
        return {
            "name": f"{word}-{self._random.randrange(1000)}",
            "state_type": kind, "state_name": name, "state_timestamp": end or begun or made,
            "expected_start_time": expected, "start_time": begun, "end_time": end,
            "next_scheduled_start_time": expected if kind == "SCHEDULED" else None,
            "total_run_time": took if end else timedelta(), "run_count": int(started),
            "parameters": {"region": "eu", "day": made.date().isoformat()}, "context": {},
            "empirical_policy": {"retries": 0, "retry_delay": 0}, "labels": {},
        }  # fmt: skip

    def _task_runs(self) -> Iterator[Row]:
        for run in self._tasked:
            for number in range(2):
                made = run["created"] + timedelta(milliseconds=5 + number)
                task = self._made(made) | self._run(made, run["end_time"] is not None)
                del task["parameters"], task["context"]
                yield task | {
                    "flow_run_id": run["id"], "task_key": f"extract-{number}",
                    "dynamic_key": "0", "task_inputs": {}, "tags": [], "flow_run_run_count": 1,
                }  # fmt: skip

    # ── values ────────────────────────────────────────────────────────────────

    def _made(self, made: datetime) -> Row:
        return {"id": self._id(made), "created": made, "updated": made}

    def _id(self, made: datetime) -> UUID:
        chance = self._random.getrandbits(74)
        milliseconds = int(made.timestamp() * 1000)
        return UUID(
            int=milliseconds << 80 | 7 << 76 | chance >> 62 << 64 | 2 << 62 | chance & (1 << 62) - 1
        )

    def _skewed(self, count: int) -> int:
        return int(count * self._random.random() ** 2)

    def _tags(self, most: int) -> list[str]:
        count = self._random.randrange(most + 1)
        return sorted({_TAGS[self._skewed(len(_TAGS))] for _ in range(count)})

    def _state(
        self, shares: tuple[tuple[str | None, str | None, int], ...]
    ) -> tuple[str | None, str | None]:
        left = self._random.randrange(100)
        for kind, name, share in shares:
            left -= share
            if left < 0:
                return kind, name
        raise AssertionError("the shares are of a hundred")
