"""Artifacts."""

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

KEYS = {
    "artifacts": (),
    "flow_runs": ("run",),
    "task_runs": ("task",),
    "flows": ("run", "flow"),
    "deployments": ("run", "deployment"),
}

ENTITY = Entity(
    name="artifacts",
    singular="artifact",
    table="artifact",
    doc="An artifact of a run.",
    fields=(
        Field("id", Type.UUID, "The artifact's id.", "id", nullable=False, unique=True,
              criteria=(Criterion("id.any_", Means.ANY),)),
        Field(
            "key", Type.TEXT, "Its key; null where none was given.", "key", nullable=True,
            criteria=(
                Criterion("key.any_", Means.ANY),
                Criterion("key.like_", Means.LIKE),
                Criterion("key.exists_", Means.NOT_NULL),
            ),
        ),
        Field(
            "type", Type.TEXT, "Its kind (`table`, `markdown`, `progress`, …).", "type",
            criteria=(Criterion("type.any_", Means.ANY), Criterion("type.not_any_", Means.NOT_ANY)),
        ),
        Field("description", Type.TEXT, "Its description.", "description"),
        Field("flow_run_id", Type.UUID, "The id of the run that made it.", "flow_run_id",
              criteria=(Criterion("flow_run_id.any_", Means.ANY),)),
        Field("task_run_id", Type.UUID, "The id of the task run that made it.", "task_run_id",
              criteria=(Criterion("task_run_id.any_", Means.ANY),)),
        Field("data", Type.JSON, "What it holds: `data.rows`.", "data", plain_json=True),
        Field("metadata", Type.JSON, "What is said of it, by key.", "metadata_",
              aliases=("metadata_",), plain_json=True),
        Field("created", Type.TIME, "When the row was made.", "created", nullable=False),
        Field("updated", Type.TIME, "When the row last changed.", "updated", nullable=False),
    ),
    relations=(
        Relation("run", "flow_runs", "The run that made it.", "flow_run_id", "id",
                 aliases=("flow_run", "runs", "flow_runs")),
        Relation("task", "task_runs", "The task run that made it.", "task_run_id", "id",
                 aliases=("task_run", "tasks", "task_runs")),
        Relation("flow", "flows", "The flow of its run.", via=("run", "flow"),
                 aliases=("flows",)),
        Relation("deployment", "deployments", "The deployment of its run.",
                 via=("run", "deployment"), aliases=("deployments",)),
    ),
    endpoints=Endpoints(
        path="/artifacts",
        keys=KEYS,
        count=True,
        sorts=(
            Sort("ID_DESC", "id", True),
            Sort("CREATED_DESC", "created", True),
            Sort("UPDATED_DESC", "updated", True),
            Sort("KEY_DESC", "key", True),
            Sort("KEY_ASC", "key", False),
        ),
    ),
    model="ArtifactFilter",
)  # fmt: skip
