"""Task workers."""

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
    name="task_workers",
    singular="task_worker",
    table="",
    doc="A process that serves background tasks, known to its server alone.",
    fields=(
        Field("identifier", Type.TEXT, "The process's name.", "identifier", nullable=False,
              unique=True),
        Field("task_keys", Type.TAGS, "The tasks that it serves.", "task_keys", nullable=False,
              criteria=(Criterion("task_keys", Means.ANY_TAG_IF_SOME, required=True),)),
        Field("timestamp", Type.TIME, "When it was last heard of.", "timestamp", nullable=False),
    ),
    relations=(
        Relation("task_key", "tag", "The tasks that it serves, one by one.",
                 elements="task_keys", many=True),
    ),
    default_sort=Sort("ANY", "identifier", False),
    endpoints=Endpoints(
        path="/task_workers", keys={"task_worker_filter": ()}, pages=(),
    ),
    model="TaskWorkerFilter",
    joins_or=False,
    takes_unknown=True,
)  # fmt: skip
