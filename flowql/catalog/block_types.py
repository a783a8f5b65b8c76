"""Block types."""

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
    name="block_types",
    singular="block_type",
    table="block_type",
    doc="A type of blocks.",
    fields=(
        Field("id", Type.UUID, "The type's id.", "id", nullable=False, unique=True),
        Field("name", Type.TEXT, "The type's name.", "name", nullable=False,
              criteria=(Criterion("name.like_", Means.LIKE),)),
        Field("slug", Type.TEXT, "Its name in addresses; no two share one.", "slug",
              nullable=False, unique=True, criteria=(Criterion("slug.any_", Means.ANY),)),
        Field("description", Type.TEXT, "Its description.", "description"),
        Field("logo_url", Type.TEXT, "Where its picture is.", "logo_url"),
        Field("documentation_url", Type.TEXT, "Where its page is.", "documentation_url"),
        Field("code_example", Type.TEXT, "How to use it.", "code_example"),
        Field("protected", Type.BOOLEAN, "Whether it belongs to Prefect.", "is_protected",
              nullable=False, aliases=("is_protected",)),
        Field("created", Type.TIME, "When the row was made.", "created", nullable=False),
        Field("updated", Type.TIME, "When the row last changed.", "updated", nullable=False),
    ),
    relations=(
        Relation("block_schema", "block_schemas", "Its schemas.", "id", "block_type_id",
                 many=True, aliases=("block_schemas", "schema", "schemas")),
        Relation("block_document", "block_documents", "Its blocks.", "id", "block_type_id",
                 many=True, aliases=("block_documents", "block", "blocks")),
    ),
    default_sort=Sort("NAME_ASC", "name", False),
    endpoints=Endpoints(
        path="/block_types",
        keys={"block_types": (), "block_schemas": ("block_schema",)},
    ),
    model="BlockTypeFilter",
    joins_or=False,
)  # fmt: skip
