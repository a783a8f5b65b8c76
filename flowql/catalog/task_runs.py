"""Task runs."""

from flowql.catalog.flow_runs import STATE_TYPES
from flowql.catalog.model import (
    Argument,
    Criterion,
    Endpoint,
    Endpoints,
    Entity,
    Field,
    Gives,
    Means,
    Relation,
    Sort,
    Type,
)

KEYS = {
    "flows": ("run", "flow"),
    "flow_runs": ("run",),
    "task_runs": (),
    "deployments": ("run", "deployment"),
}
TERMINAL = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")

ENTITY = Entity(
    name="task_runs",
    singular="task_run",
    table="task_run",
    aliases=("tasks",),
    doc="A run of a task.",
    fields=(
        Field("id", Type.UUID, "The task run's id.", "id", nullable=False, unique=True,
              criteria=(Criterion("id.any_", Means.ANY),)),
        Field(
            "name", Type.TEXT, "The task run's name.", "name", nullable=False,
            criteria=(Criterion("name.any_", Means.ANY), Criterion("name.like_", Means.LIKE)),
        ),
        Field(
            "tags", Type.TAGS, "The task run's tags.", "tags", nullable=False,
            criteria=(
                Criterion("tags.all_", Means.ALL_TAGS),
                Criterion("tags.is_null_", Means.NO_TAGS),
            ),
        ),
        Field("state", Type.ENUM, "The type of the task run's state.", "state_type",
              aliases=("state.type", "state_type"), choices=STATE_TYPES,
              criteria=(Criterion("state.type.any_", Means.ANY),)),
        Field("state.name", Type.TEXT, "The name of the task run's state.", "state_name",
              aliases=("state_name",), criteria=(Criterion("state.name.any_", Means.ANY),)),
        Field("state.timestamp", Type.TIME, "When the task run entered its state.",
              "state_timestamp", aliases=("state_timestamp",)),
        Field(
            "start_time", Type.TIME, "When the task run started.", "start_time",
            criteria=(
                Criterion("start_time.before_", Means.AT_MOST),
                Criterion("start_time.after_", Means.AT_LEAST),
                Criterion("start_time.is_null_", Means.IS_NULL),
            ),
        ),
        Field(
            "end_time", Type.TIME, "When the task run ended.", "end_time",
            criteria=(
                Criterion("end_time.before_", Means.AT_MOST),
                Criterion("end_time.after_", Means.AT_LEAST),
                Criterion("end_time.is_null_", Means.IS_NULL),
            ),
        ),
        Field(
            "expected_start_time", Type.TIME, "When the task run was to start.",
            "expected_start_time",
            criteria=(
                Criterion("expected_start_time.before_", Means.AT_MOST),
                Criterion("expected_start_time.after_", Means.AT_LEAST),
            ),
        ),
        Field("next_scheduled_start_time", Type.TIME, "When the task run is to start next.",
              "next_scheduled_start_time"),
        Field("duration", Type.DURATION, "End minus start; null until both exist.",
              difference=("end_time", "start_time")),
        Field("total_run_time", Type.DURATION, "Time spent in RUNNING states.",
              "total_run_time", nullable=False),
        Field("run_count", Type.INTEGER, "How many times the task run was started.",
              "run_count", nullable=False),
        Field("flow_run_run_count", Type.INTEGER, "The flow run's run count at the time.",
              "flow_run_run_count", nullable=False),
        Field(
            "flow_run_id", Type.UUID, "The flow run's id; null for a task run alone.",
            "flow_run_id",
            criteria=(
                Criterion("flow_run_id.any_", Means.ANY),
                Criterion("flow_run_id.is_null_", Means.IS_NULL),
            ),
        ),
        Field("task_key", Type.TEXT, "The task's key.", "task_key", nullable=False),
        Field("dynamic_key", Type.TEXT, "What tells runs of one task in one flow run apart.",
              "dynamic_key", nullable=False),
        Field("cache_key", Type.TEXT, "The key of the cached result.", "cache_key"),
        Field("cache_expiration", Type.TIME, "When the cached result expires.",
              "cache_expiration"),
        Field("task_version", Type.TEXT, "The task's version.", "task_version"),
        Field("created", Type.TIME, "When the row was made.", "created", nullable=False),
        Field("updated", Type.TIME, "When the row last changed.", "updated", nullable=False),
        Field("labels", Type.JSON, "Labels, by key: `labels.team`.", "labels"),
    ),
    relations=(
        Relation("run", "flow_runs", "Its flow run.", "flow_run_id", "id",
                 aliases=("flow_run", "runs", "flow_runs")),
        Relation("flow", "flows", "Its run's flow.", via=("run", "flow"), aliases=("flows",)),
        Relation("deployment", "deployments", "Its run's deployment.",
                 via=("run", "deployment"), aliases=("deployments",)),
        Relation("subflow_run", "flow_runs", "The flow run that it started.",
                 "id", "parent_task_run_id", many=True,
                 aliases=("subflow", "subflow_runs", "subflows"),
                 criteria=(Criterion("subflow_runs.exists_", Means.HAS_SOME),)),
        Relation("tag", "tag", "Its tags, one by one.", elements="tags", many=True),
    ),
    default_sort=Sort("ID_DESC", "id", True),
    endpoints=Endpoints(
        path="/task_runs",
        keys=KEYS,
        paginate=True,
        count=True,
        sorts=(
            Sort("ID_DESC", "id", True),
            Sort("EXPECTED_START_TIME_ASC", "expected_start_time", False),
            Sort("EXPECTED_START_TIME_DESC", "expected_start_time", True),
            Sort("NAME_ASC", "name", False),
            Sort("NAME_DESC", "name", True),
            Sort("NEXT_SCHEDULED_START_TIME_ASC", "next_scheduled_start_time", False),
            Sort("END_TIME_DESC", "end_time", True),
        ),
        others=(
            Endpoint("/task_runs/history", Gives.FIGURES, KEYS, arguments=(
                Argument("history_start", Type.TIME, required=True),
                Argument("history_end", Type.TIME, required=True),
                Argument("history_interval_seconds", Type.DURATION, required=True),
            )),
            Endpoint("/ui/task_runs/count", Gives.FIGURES, KEYS),
            Endpoint("/ui/task_runs/dashboard/counts", Gives.FIGURES,
                     {**KEYS, "work_pools": ("run", "work_queue", "work_pool"),
                      "work_queues": ("run", "work_queue")},
                     fixed={"task_runs.state.type.any_": TERMINAL},
                     required=("task_runs.start_time.after_",)),
        ),
    ),
    model="TaskRunFilter",
    operators=frozenset({"tags", "state", "flow_run_id"}),
)  # fmt: skip
