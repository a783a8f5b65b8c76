"""Variables."""

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
    name="variables",
    singular="variable",
    table="variable",
    doc="A variable: a name and a JSON value.",
    fields=(
        Field("id", Type.UUID, "The variable's id.", "id", nullable=False, unique=True,
              criteria=(Criterion("id.any_", Means.ANY),)),
        Field(
            "name", Type.TEXT, "The variable's name; no two share one.", "name", nullable=False,
            unique=True,
            criteria=(Criterion("name.any_", Means.ANY), Criterion("name.like_", Means.LIKE)),
        ),
        Field("value", Type.JSON, "Its value, or with keys what is inside: `value.region`.",
              "value", whole=True),
        Field(
            "tags", Type.TAGS, "The variable's tags.", "tags", nullable=False,
            criteria=(
                Criterion("tags.all_", Means.ALL_TAGS_IF_SOME),
                Criterion("tags.is_null_", Means.NO_TAGS),
            ),
        ),
        Field("created", Type.TIME, "When the row was made.", "created", nullable=False),
        Field("updated", Type.TIME, "When the row last changed.", "updated", nullable=False),
    ),
    relations=(
        Relation("tag", "tag", "Its tags, one by one.", elements="tags", many=True),
    ),
    default_sort=Sort("NAME_ASC", "name", False),
    endpoints=Endpoints(
        path="/variables",
        keys={"variables": ()},
        count=True,
        sorts=(
            Sort("NAME_ASC", "name", False),
            Sort("NAME_DESC", "name", True),
            Sort("CREATED_DESC", "created", True),
            Sort("UPDATED_DESC", "updated", True),
        ),
    ),
    model="VariableFilter",
    operators=frozenset({"tags"}),
)  # fmt: skip
