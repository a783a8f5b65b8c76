"""Flow runs."""

from flowql.catalog.model import (
    Answered,
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

STATE_TYPES = (
    "SCHEDULED", "PENDING", "RUNNING", "COMPLETED", "FAILED",
    "CANCELLED", "CRASHED", "PAUSED", "CANCELLING",
)  # fmt: skip

KEYS = {
    "flows": ("flow",),
    "flow_runs": (),
    "task_runs": ("task",),
    "deployments": ("deployment",),
    "work_pools": ("work_queue", "work_pool"),
    "work_pool_queues": ("work_queue",),
}
SORTS = (
    Sort("ID_DESC", "id", True),
    Sort("START_TIME_ASC", "start_time", False),
    Sort("START_TIME_DESC", "start_time", True),
    Sort("EXPECTED_START_TIME_ASC", "expected_start_time", False),
    Sort("EXPECTED_START_TIME_DESC", "expected_start_time", True),
    Sort("NAME_ASC", "name", False),
    Sort("NAME_DESC", "name", True),
    Sort("NEXT_SCHEDULED_START_TIME_ASC", "next_scheduled_start_time", False),
    Sort("END_TIME_DESC", "end_time", True),
)
HISTORY = (
    Argument("history_start", Type.TIME, required=True),
    Argument("history_end", Type.TIME, required=True),
    Argument("history_interval_seconds", Type.DURATION, required=True),
)
"""The span of a history and its steps."""

ENTITY = Entity(
    name="flow_runs",
    singular="flow_run",
    table="flow_run",
    aliases=("runs",),
    doc="A run of a flow.",
    fields=(
        Field(
            "id", Type.UUID, "The run's id.", "id", nullable=False, unique=True,
            criteria=(Criterion("id.any_", Means.ANY), Criterion("id.not_any_", Means.NOT_ANY)),
        ),
        Field(
            "name", Type.TEXT, "The run's name.", "name", nullable=False,
            criteria=(Criterion("name.any_", Means.ANY), Criterion("name.like_", Means.LIKE)),
        ),
        Field(
            "tags", Type.TAGS, "The run's tags.", "tags", nullable=False,
            criteria=(
                Criterion("tags.all_", Means.ALL_TAGS_IF_SOME),
                Criterion("tags.any_", Means.ANY_TAG),
                Criterion("tags.is_null_", Means.NO_TAGS),
            ),
        ),
        Field(
            "state", Type.ENUM, "The type of the run's state.", "state_type",
            aliases=("state.type", "state_type"), choices=STATE_TYPES,
            criteria=(
                Criterion("state.type.any_", Means.ANY),
                Criterion("state.type.not_any_", Means.NOT_ANY),
            ),
        ),
        Field(
            "state.name", Type.TEXT, "The name of the run's state (`Late`, `TimedOut`, …).",
            "state_name", aliases=("state_name",),
            criteria=(
                Criterion("state.name.any_", Means.ANY),
                Criterion("state.name.not_any_", Means.NOT_ANY),
            ),
        ),
        Field("state.timestamp", Type.TIME, "When the run entered its state.",
              "state_timestamp", aliases=("state_timestamp",), answered=Answered.AS_WRITTEN),
        Field(
            "start_time", Type.TIME,
            "When the run started; in comparisons, periods and sorts, when it was expected to"
            " where it has not.",
            "start_time", coalesce="expected_start_time",
            criteria=(
                Criterion("start_time.before_", Means.AT_MOST),
                Criterion("start_time.after_", Means.AT_LEAST),
                Criterion("start_time.is_null_", Means.IS_NULL),
            ),
        ),
        Field(
            "end_time", Type.TIME, "When the run ended.", "end_time",
            criteria=(
                Criterion("end_time.before_", Means.AT_MOST),
                Criterion("end_time.after_", Means.AT_LEAST),
                Criterion("end_time.is_null_", Means.IS_NULL),
            ),
        ),
        Field(
            "expected_start_time", Type.TIME, "When the run was to start.", "expected_start_time",
            criteria=(
                Criterion("expected_start_time.before_", Means.AT_MOST),
                Criterion("expected_start_time.after_", Means.AT_LEAST),
            ),
        ),
        Field(
            "next_scheduled_start_time", Type.TIME, "When the run is to start next.",
            "next_scheduled_start_time",
            criteria=(
                Criterion("next_scheduled_start_time.before_", Means.AT_MOST),
                Criterion("next_scheduled_start_time.after_", Means.AT_LEAST),
            ),
        ),
        Field("duration", Type.DURATION, "End minus start; null until both exist.",
              difference=("end_time", "start_time")),
        Field("total_run_time", Type.DURATION, "Time spent in RUNNING states.",
              "total_run_time", nullable=False),
        Field("run_count", Type.INTEGER, "How many times the run was started.", "run_count",
              nullable=False),
        Field("flow_id", Type.UUID, "The flow's id.", "flow_id", nullable=False),
        Field(
            "deployment_id", Type.UUID, "The deployment's id; it may no longer exist.",
            "deployment_id",
            criteria=(
                Criterion("deployment_id.any_", Means.ANY),
                Criterion("deployment_id.is_null_", Means.IS_NULL),
            ),
        ),
        Field("work_queue_id", Type.UUID, "The work queue's id.", "work_queue_id"),
        Field(
            "work_queue_name", Type.TEXT,
            "The row's own copy of the queue's name, which may be stale.", "work_queue_name",
            answered=Answered.NO,
            criteria=(
                Criterion("work_queue_name.any_", Means.ANY),
                Criterion("work_queue_name.is_null_", Means.IS_NULL),
            ),
        ),
        Field("flow_version", Type.TEXT, "The flow's version in this run.", "flow_version",
              criteria=(Criterion("flow_version.any_", Means.ANY),)),
        Field("deployment_version", Type.TEXT, "The deployment's version in this run.",
              "deployment_version"),
        Field("parent_flow_run_id", Type.UUID,
              "The run whose task started this one: parent_task.flow_run_id.",
              through=("parent_task", "flow_run_id"),
              criteria=(Criterion("parent_flow_run_id.any_", Means.ANY),)),
        Field(
            "parent_task_run_id", Type.UUID, "The task run that started this run.",
            "parent_task_run_id",
            criteria=(
                Criterion("parent_task_run_id.any_", Means.ANY),
                Criterion("parent_task_run_id.is_null_", Means.IS_NULL),
            ),
        ),
        Field(
            "idempotency_key", Type.TEXT, "The key that keeps a run from being made twice.",
            "idempotency_key",
            criteria=(
                Criterion("idempotency_key.any_", Means.ANY),
                Criterion("idempotency_key.not_any_", Means.NOT_ANY),
            ),
        ),
        Field("created_by", Type.JSON, "Who made the run; null where nobody is known.",
              "created_by", only_null=True,
              criteria=(Criterion("created_by.is_null_", Means.IS_NULL),)),
        Field("created_by.id", Type.UUID, "The id of who made the run.", "created_by",
              keys=("id",), criteria=(Criterion("created_by.id_", Means.ANY),)),
        Field("created_by.type", Type.TEXT, "What made the run: DEPLOYMENT, AUTOMATION, ….",
              "created_by", keys=("type",),
              criteria=(Criterion("created_by.type_", Means.ANY),)),
        Field("created_by.display_value", Type.TEXT, "The name of who made the run.",
              "created_by", keys=("display_value",)),
        Field("auto_scheduled", Type.BOOLEAN, "Whether a schedule made the run.",
              "auto_scheduled", nullable=False),
        Field("infrastructure_pid", Type.TEXT, "The process or job id of the run.",
              "infrastructure_pid"),
        Field("created", Type.TIME, "When the row was made.", "created", nullable=False),
        Field("updated", Type.TIME, "When the row last changed.", "updated", nullable=False),
        Field("parameters", Type.JSON, "Parameters, by name: `parameters.date`.", "parameters",
              nullable=False),
        Field("context", Type.JSON, "The run's context.", "context", nullable=False),
        Field("job_variables", Type.JSON, "Variables of the run's job.", "job_variables"),
        Field("labels", Type.JSON, "Labels, by key: `labels.team`.", "labels",
              answered=Answered.NULL_AS_EMPTY),
    ),
    relations=(
        Relation("flow", "flows", "Its flow.", "flow_id", "id", aliases=("flows",)),
        Relation("deployment", "deployments", "Its deployment, where it still exists.",
                 "deployment_id", "id", aliases=("deployments",)),
        Relation("work_queue", "work_queues", "Its work queue.", "work_queue_id", "id",
                 aliases=("queue", "work_queues", "queues")),
        Relation("work_pool", "work_pools", "Its work queue's pool.",
                 via=("work_queue", "work_pool"), aliases=("pool", "work_pools", "pools")),
        Relation("task", "task_runs", "Its task runs.", "id", "flow_run_id", many=True,
                 aliases=("tasks", "task_run", "task_runs")),
        Relation("parent_task", "task_runs", "The task run that started it.",
                 "parent_task_run_id", "id", aliases=("parent_task_run",)),
        Relation("parent_run", "flow_runs", "The run that started it.",
                 via=("parent_task", "run"), aliases=("parent_flow_run",)),
        Relation("subflow", "flow_runs", "The runs that its tasks started.",
                 via=("task", "subflow_run"), many=True,
                 aliases=("subflows", "subflow_run", "subflow_runs")),
        Relation("log", "logs", "What it logged, its tasks' lines too.", "id", "flow_run_id",
                 many=True, aliases=("logs",)),
        Relation("artifact", "artifacts", "Its artifacts, its tasks' too.", "id", "flow_run_id",
                 many=True, aliases=("artifacts",)),
        Relation("tag", "tag", "Its tags, one by one.", elements="tags", many=True),
    ),
    default_sort=Sort("ID_DESC", "id", True),
    endpoints=Endpoints(
        path="/flow_runs",
        keys=KEYS,
        paginate=True,
        count=True,
        sorts=SORTS,
        others=(
            Endpoint("/flow_runs/lateness", Gives.FIGURES, KEYS),
            Endpoint("/flow_runs/history", Gives.FIGURES,
                     {("work_queues" if key == "work_pool_queues" else key): chain
                      for key, chain in KEYS.items()}, arguments=HISTORY),
            Endpoint("/ui/flow_runs/history", Gives.ROWS,
                     {key: KEYS[key] for key in KEYS if key != "work_pool_queues"}, SORTS,
                     default_sort=Sort("EXPECTED_START_TIME_DESC", "expected_start_time", True),
                     pages=("limit", "offset"), most=1_000, size=1_000, partial=True),
            Endpoint("/flow_runs/bulk_delete", Gives.CHANGES, {"flow_runs": ()},
                     pages=("limit",), least=1, most=50, size=50),
            Endpoint("/flow_runs/bulk_set_state", Gives.CHANGES, {"flow_runs": ()},
                     pages=("limit",), least=1, most=50, size=50,
                     arguments=(Argument("state", Type.JSON, required=True),
                                Argument("force", Type.BOOLEAN))),
        ),
    ),
    model="FlowRunFilter",
    operators=frozenset({
        "tags", "deployment_id", "work_queue_name", "state", "parent_flow_run_id",
        "parent_task_run_id", "created_by",
    }),
)  # fmt: skip
