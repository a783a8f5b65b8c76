"""Logs."""

from flowql.catalog.model import (
    Criterion,
    Endpoints,
    Entity,
    Field,
    Means,
    Relation,
    Sort,
    Type,
)

LEVELS = {"DEBUG": 10, "INFO": 20, "WARNING": 30, "ERROR": 40, "CRITICAL": 50}

ENTITY = Entity(
    name="logs",
    singular="log",
    table="log",
    doc="A line that a run has logged.",
    fields=(
        Field("id", Type.UUID, "The line's id.", "id", nullable=False, unique=True),
        Field("name", Type.TEXT, "The logger's name.", "name", nullable=False),
        Field(
            "level", Type.INTEGER, "How grave it is.", "level", nullable=False, words=LEVELS,
            criteria=(
                Criterion("level.ge_", Means.AT_LEAST),
                Criterion("level.le_", Means.AT_MOST),
            ),
        ),
        Field("message", Type.TEXT, "What it says.", "message", nullable=False),
        Field("text", Type.TEXT, "The message, a space and the logger's name: what a search reads.",
              nullable=False, joined=("message", "name"),
              criteria=(Criterion("text.query", Means.SEARCH, required=True),)),
        Field(
            "timestamp", Type.TIME, "When it was logged.", "timestamp", nullable=False,
            criteria=(
                Criterion("timestamp.before_", Means.AT_MOST),
                Criterion("timestamp.after_", Means.AT_LEAST),
            ),
        ),
        Field("flow_run_id", Type.UUID, "The run's id.", "flow_run_id",
              criteria=(Criterion("flow_run_id.any_", Means.ANY),)),
        Field(
            "task_run_id", Type.UUID, "The task run's id.", "task_run_id",
            criteria=(
                Criterion("task_run_id.any_", Means.ANY),
                Criterion("task_run_id.is_null_", Means.IS_NULL),
            ),
        ),
        Field("created", Type.TIME, "When the row was made.", "created", nullable=False),
        Field("updated", Type.TIME, "When the row last changed.", "updated", nullable=False),
    ),
    relations=(
        Relation("run", "flow_runs", "The run that logged it.", "flow_run_id", "id",
                 aliases=("flow_run", "runs", "flow_runs")),
        Relation("task", "task_runs", "The task run that logged it.", "task_run_id", "id",
                 aliases=("task_run", "tasks", "task_runs")),
        Relation("flow", "flows", "The flow of its run.", via=("run", "flow"),
                 aliases=("flows",)),
        Relation("deployment", "deployments", "The deployment of its run.",
                 via=("run", "deployment"), aliases=("deployments",)),
    ),
    default_sort=Sort("TIMESTAMP_ASC", "timestamp", False),
    endpoints=Endpoints(
        path="/logs",
        keys={"logs": ()},
        sorts=(
            Sort("TIMESTAMP_ASC", "timestamp", False),
            Sort("TIMESTAMP_DESC", "timestamp", True),
        ),
    ),
    model="LogFilter",
)  # fmt: skip
