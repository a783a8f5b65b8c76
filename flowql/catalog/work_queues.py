"""Work queues."""

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
    name="work_queues",
    singular="work_queue",
    table="work_queue",
    aliases=("queues",),
    doc="A work queue of a work pool.",
    fields=(
        Field("id", Type.UUID, "The queue's id.", "id", nullable=False, unique=True,
              criteria=(Criterion("id.any_", Means.ANY),)),
        Field(
            "name", Type.TEXT, "The queue's name, its own within its pool.", "name",
            nullable=False,
            criteria=(
                Criterion("name.any_", Means.ANY),
                Criterion("name.startswith_", Means.STARTS_WITH),
            ),
        ),
        Field("description", Type.TEXT, "The queue's description.", "description",
              nullable=False),
        Field("status", Type.ENUM, "READY where it has been polled lately.", "status",
              nullable=False, choices=("READY", "NOT_READY", "PAUSED")),
        Field("paused", Type.BOOLEAN, "Whether the queue is paused.", "is_paused",
              nullable=False, aliases=("is_paused",)),
        Field("concurrency_limit", Type.INTEGER, "How many of its runs go on at once at most.",
              "concurrency_limit"),
        Field("priority", Type.INTEGER, "Its place in the pool; 1 goes first.", "priority",
              nullable=False),
        Field("last_polled", Type.TIME, "When it was last polled.", "last_polled"),
        Field("work_pool_id", Type.UUID, "The pool's id.", "work_pool_id", nullable=False),
        Field("created", Type.TIME, "When the row was made.", "created", nullable=False),
        Field("updated", Type.TIME, "When the row last changed.", "updated", nullable=False),
    ),
    relations=(
        Relation("work_pool", "work_pools", "Its pool.", "work_pool_id", "id",
                 aliases=("pool", "pools", "work_pools")),
        Relation("deployment", "deployments", "The deployments on it.", "id", "work_queue_id",
                 many=True, aliases=("deployments",)),
        Relation("run", "flow_runs", "The runs on it.", "id", "work_queue_id", many=True,
                 aliases=("runs", "flow_run", "flow_runs")),
    ),
    default_sort=Sort("NAME_ASC", "name", False),
    endpoints=Endpoints(
        path="/work_queues",
        keys={"work_queues": ()},
        others=(
            Endpoint("/work_pools/{work_pool.name}/queues/filter", Gives.ROWS,
                     {"work_queues": ()}, default_sort=Sort("PRIORITY_ASC", "priority", False),
                     pages=("limit", "offset")),
        ),
    ),
    model="WorkQueueFilter",
)  # fmt: skip
