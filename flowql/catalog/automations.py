"""Automations."""

from flowql.catalog.model import (
    Answered,
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
    name="automations",
    singular="automation",
    table="automation",
    doc="An automation: what triggers it and what it does.",
    fields=(
        Field("id", Type.UUID, "The automation's id.", "id", nullable=False, unique=True,
              criteria=(Criterion("id.any_", Means.ANY),)),
        Field("name", Type.TEXT, "The automation's name.", "name", nullable=False,
              criteria=(Criterion("name.any_", Means.ANY),)),
        Field("description", Type.TEXT, "Its description.", "description", nullable=False),
        Field("enabled", Type.BOOLEAN, "Whether it acts.", "enabled", nullable=False),
        Field(
            "tags", Type.TAGS, "The automation's tags.", "tags", nullable=False,
            criteria=(
                Criterion("tags.all_", Means.ALL_TAGS),
                Criterion("tags.any_", Means.ANY_TAG),
                Criterion("tags.is_null_", Means.NO_TAGS),
            ),
        ),
        Field("trigger", Type.JSON, "What triggers it, by key: `trigger.posture`.", "trigger",
              nullable=False, answered=Answered.AS_WRITTEN),
        Field("created", Type.TIME, "When the row was made.", "created", nullable=False,
              criteria=(Criterion("created.before_", Means.AT_MOST),)),
        Field("updated", Type.TIME, "When the row last changed.", "updated", nullable=False),
    ),
    relations=(
        Relation("tag", "tag", "Its tags, one by one.", elements="tags", many=True),
    ),
    default_sort=Sort("NAME_ASC", "name", False),
    endpoints=Endpoints(
        path="/automations",
        keys={"automations": ()},
        count=True,
        sorts=(
            Sort("NAME_ASC", "name", False),
            Sort("NAME_DESC", "name", True),
            Sort("CREATED_DESC", "created", True),
            Sort("UPDATED_DESC", "updated", True),
        ),
    ),
    model="AutomationFilter",
    operators=frozenset({"tags"}),
)  # fmt: skip
