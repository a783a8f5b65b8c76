"""Workers."""

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

ENTITY = Entity(
    name="workers",
    singular="worker",
    table="worker",
    doc="A worker: a process that takes runs from a work pool.",
    fields=(
        Field("id", Type.UUID, "The worker's id.", "id", nullable=False, unique=True),
        Field("name", Type.TEXT, "The worker's name, its own within its pool.", "name",
              nullable=False),
        Field(
            "status", Type.ENUM, "The stored status, which a worker that dies leaves behind.",
            "status", nullable=False, choices=("ONLINE", "OFFLINE"),
            criteria=(
                Criterion("status.any_", Means.ANY),
                Criterion("status.not_any_", Means.NOT_ANY),
            ),
        ),
        Field(
            "last_heartbeat_time", Type.TIME, "When it was last heard of.",
            "last_heartbeat_time", nullable=False,
            criteria=(
                Criterion("last_heartbeat_time.before_", Means.AT_MOST),
                Criterion("last_heartbeat_time.after_", Means.AT_LEAST),
            ),
        ),
        Field("heartbeat_interval_seconds", Type.INTEGER, "How often it is to be heard of.",
              "heartbeat_interval_seconds"),
        Field("work_pool_id", Type.UUID, "The pool's id.", "work_pool_id", nullable=False),
        Field("created", Type.TIME, "When the row was made.", "created", nullable=False),
        Field("updated", Type.TIME, "When the row last changed.", "updated", nullable=False),
    ),
    relations=(
        Relation("work_pool", "work_pools", "Its pool.", "work_pool_id", "id",
                 aliases=("pool", "pools", "work_pools")),
    ),
    default_sort=Sort("LAST_HEARTBEAT_TIME_DESC", "last_heartbeat_time", True),
    endpoints=Endpoints(
        path="/work_pools/{work_pool.name}/workers", keys={"workers": ()},
    ),
    model="WorkerFilter",
)  # fmt: skip
