"""Block schemas."""

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
    name="block_schemas",
    singular="block_schema",
    table="block_schema",
    doc="A schema of a block type: the fields of its blocks, in one version.",
    fields=(
        Field("id", Type.UUID, "The schema's id.", "id", nullable=False, unique=True,
              criteria=(Criterion("id.any_", Means.ANY),)),
        Field("version", Type.TEXT, "Its version.", "version", nullable=False,
              criteria=(Criterion("version.any_", Means.ANY),)),
        Field(
            "capabilities", Type.TAGS, "What its blocks can do.", "capabilities", nullable=False,
            criteria=(Criterion("block_capabilities.all_", Means.ALL_TAGS_IF_SOME),),
        ),
        Field("checksum", Type.TEXT, "The hash of its fields.", "checksum", nullable=False),
        Field("fields", Type.JSON, "Its JSON Schema, by key: `fields.title`.", "fields",
              nullable=False, answered=Answered.NO),
        Field("block_type_id", Type.UUID, "The type's id.", "block_type_id", nullable=False,
              criteria=(Criterion("block_type_id.any_", Means.ANY),)),
        Field("created", Type.TIME, "When the row was made.", "created", nullable=False),
        Field("updated", Type.TIME, "When the row last changed.", "updated", nullable=False),
    ),
    relations=(
        Relation("block_type", "block_types", "Its type.", "block_type_id", "id",
                 aliases=("block_types",)),
        Relation("block_document", "block_documents", "Its blocks.", "id", "block_schema_id",
                 many=True, aliases=("block_documents", "block", "blocks")),
    ),
    default_sort=Sort("CREATED_DESC", "created", True),
    endpoints=Endpoints(path="/block_schemas", keys={"block_schemas": ()}),
    model="BlockSchemaFilter",
)  # fmt: skip
