"""Work pools."""

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
    name="work_pools",
    singular="work_pool",
    table="work_pool",
    aliases=("pools",),
    doc="A work pool: where workers take runs from.",
    fields=(
        Field("id", Type.UUID, "The pool's id.", "id", nullable=False, unique=True,
              criteria=(Criterion("id.any_", Means.ANY),)),
        Field("name", Type.TEXT, "The pool's name; no two pools share one.", "name",
              nullable=False, unique=True, criteria=(Criterion("name.any_", Means.ANY),)),
        Field("type", Type.TEXT, "The pool's type (`process`, `kubernetes`, …).", "type",
              nullable=False, criteria=(Criterion("type.any_", Means.ANY),)),
        Field("status", Type.ENUM, "READY where a worker is online.", "status", nullable=False,
              choices=("READY", "NOT_READY", "PAUSED")),
        Field("description", Type.TEXT, "The pool's description.", "description"),
        Field("paused", Type.BOOLEAN, "Whether the pool is paused.", "is_paused",
              nullable=False, aliases=("is_paused",)),
        Field("concurrency_limit", Type.INTEGER, "How many runs it works on at once at most.",
              "concurrency_limit"),
        Field("default_queue_id", Type.UUID, "The default queue's id.", "default_queue_id"),
        Field("created", Type.TIME, "When the row was made.", "created", nullable=False),
        Field("updated", Type.TIME, "When the row last changed.", "updated", nullable=False),
    ),
    relations=(
        Relation("queue", "work_queues", "Its queues.", "id", "work_pool_id", many=True,
                 aliases=("queues", "work_queue", "work_queues")),
        Relation("deployment", "deployments", "The deployments on its queues.",
                 via=("queue", "deployment"), many=True, aliases=("deployments",)),
        Relation("run", "flow_runs", "The runs on its queues.", via=("queue", "run"), many=True,
                 aliases=("runs", "flow_run", "flow_runs")),
    ),
    default_sort=Sort("NAME_ASC", "name", False),
    endpoints=Endpoints(path="/work_pools", keys={"work_pools": ()}, count=True),
    model="WorkPoolFilter",
)  # fmt: skip
