"""The questions of `benchmarks.rows`: each can be said in one body to Prefect's API.

A question's rows must have one order, so each is sorted by what no two rows share: Prefect leaves
ties open, and two pages of which each is right could not be compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
"""When the questions are asked: relative times count from it, and the data ends about it."""


@dataclass(frozen=True, slots=True)
class Question:
    name: str
    """Names the files of its plans."""
    rows: str
    """Target and filter."""
    page: str | None
    """Order and page; None where only the number of rows is asked."""

    @property
    def text(self) -> str:
        return f"{self.rows} {self.page or 'count'}"

    @property
    def count(self) -> str:
        return f"{self.rows} count"


QUESTIONS = (
    Question(
        "flows-by-tag-and-run-state",
        "flows where tags has all [etl] and any run (state in [FAILED, CRASHED])",
        "sort name asc limit 20",
    ),
    Question("flows-by-part-of-name", "flows where name contains orders", "sort name asc limit 50"),
    Question(
        "runs-by-state-and-time",
        "flow_runs where state in [FAILED, CRASHED] and start_time in last 7d",
        "sort start_time desc limit 200",
    ),
    Question(
        "failed-last-day",
        "flow_runs where state = FAILED and start_time in last 24h",
        None,
    ),
    Question(
        "runs-by-deployment",
        "flow_runs where any deployment (name = nightly)",
        "sort start_time desc limit 50",
    ),
    Question(
        "runs-of-tagged-flows",
        "flow_runs where any flow (tags has all [etl])",
        "sort start_time desc limit 50",
    ),
    Question(
        "runs-by-any-tag",
        "flow_runs where tags has any [backfill, team:ml]",
        "sort start_time desc limit 50",
    ),
    Question(
        "runs-by-all-tags",
        "flow_runs where tags has all [etl, prod]",
        "sort id desc limit 200",
    ),
    Question(
        "runs-by-part-of-name", "flow_runs where name contains heron-7", "sort id desc limit 200"
    ),
    Question(
        "runs-by-work-pool",
        "flow_runs where any work_pool (name = ecs)",
        "sort id desc limit 200",
    ),
    Question(
        "runs-with-failed-tasks",
        "flow_runs where any task (state = FAILED)",
        "sort start_time desc limit 50",
    ),
    Question(
        "late-runs",
        "flow_runs where state.name = Late",
        "sort expected_start_time asc limit 200",
    ),
    Question(
        "runs-of-no-such-state",
        "flow_runs where state not in [COMPLETED, SCHEDULED]",
        "sort start_time desc limit 200",
    ),
    Question(
        "deep-page",
        "flow_runs where state = COMPLETED",
        "sort start_time desc limit 200 page 20",
    ),
    Question(
        "tasks-of-a-flow",
        "task_runs where any flow (name = ingest-orders-000)",
        "sort id desc limit 200",
    ),
    Question(
        "deployments-with-failed-runs",
        "deployments where any run (state = FAILED)",
        "sort created desc limit 200",
    ),
)
