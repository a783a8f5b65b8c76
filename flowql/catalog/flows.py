"""Flows."""

from flowql.catalog.model import (
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

ENTITY = Entity(
    name="flows",
    singular="flow",
    table="flow",
    doc="A flow, as registered by its first run or deployment.",
    fields=(
        Field(
            "id", Type.UUID, "The flow's id.", "id", nullable=False, unique=True,
            criteria=(Criterion("id.any_", Means.ANY), Criterion("id.not_any_", Means.NOT_ANY)),
        ),
        Field(
            "name", Type.TEXT, "The flow's name; no two flows share one.", "name",
            nullable=False, unique=True,
            criteria=(Criterion("name.any_", Means.ANY), Criterion("name.like_", Means.LIKE)),
        ),
        Field(
            "tags", Type.TAGS, "The flow's tags.", "tags", nullable=False,
            criteria=(
                Criterion("tags.all_", Means.ALL_TAGS_IF_SOME),
                Criterion("tags.is_null_", Means.NO_TAGS),
            ),
        ),
        Field("created", Type.TIME, "When the row was made.", "created", nullable=False),
        Field("updated", Type.TIME, "When the row last changed.", "updated", nullable=False),
        Field("labels", Type.JSON, "Labels, by key: `labels.team`.", "labels"),
    ),
    relations=(
        Relation("run", "flow_runs", "Its runs.", "id", "flow_id", many=True,
                 aliases=("runs", "flow_run", "flow_runs")),
        Relation("deployment", "deployments", "Its deployments.", "id", "flow_id", many=True,
                 aliases=("deployments",),
                 criteria=(Criterion("deployment.is_null_", Means.HAS_NONE),)),
        Relation("task", "task_runs", "The task runs of its runs.", via=("run", "task"), many=True,
                 aliases=("tasks", "task_run", "task_runs")),
        Relation("work_queue", "work_queues", "The work queues of its deployments.",
                 via=("deployment", "work_queue"), many=True,
                 aliases=("queue", "queues", "work_queues")),
        Relation("work_pool", "work_pools", "The work pools of its deployments.",
                 via=("deployment", "work_queue", "work_pool"), many=True,
                 aliases=("pool", "pools", "work_pools")),
        Relation("tag", "tag", "Its tags, one by one.", elements="tags", many=True),
    ),
    default_sort=Sort("NAME_ASC", "name", False),
    endpoints=Endpoints(
        path="/flows",
        keys={
            "flows": (),
            "flow_runs": ("run",),
            "task_runs": ("run", "task"),
            "deployments": ("deployment",),
            "work_pools": ("deployment", "work_queue", "work_pool"),
        },
        paginate=True,
        count=True,
        sorts=(
            Sort("NAME_ASC", "name", False),
            Sort("NAME_DESC", "name", True),
            Sort("CREATED_DESC", "created", True),
            Sort("UPDATED_DESC", "updated", True),
        ),
        others=(
            Endpoint("/flows/bulk_delete", Gives.CHANGES, {"flows": ()}, pages=("limit",),
                     least=1, most=50, size=50),
        ),
    ),
    model="FlowFilter",
    operators=frozenset({"deployment", "tags"}),
)  # fmt: skip
