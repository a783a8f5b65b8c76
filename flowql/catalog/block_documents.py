"""Block documents."""

from flowql.catalog.model import (
    Argument,
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
    name="block_documents",
    singular="block_document",
    table="block_document",
    aliases=("blocks",),
    doc="A block: values of a block type, kept by the server.",
    fields=(
        Field("id", Type.UUID, "The block's id.", "id", nullable=False, unique=True,
              criteria=(Criterion("id.any_", Means.ANY),)),
        Field(
            "name", Type.TEXT, "The block's name, its own within its type.", "name",
            nullable=False,
            criteria=(Criterion("name.any_", Means.ANY), Criterion("name.like_", Means.LIKE)),
        ),
        Field("anonymous", Type.BOOLEAN,
              "Whether it was made without a name. Prefect leaves these out unless asked.",
              "is_anonymous", nullable=False, aliases=("is_anonymous",),
              criteria=(Criterion("is_anonymous.eq_", Means.EQUALS),)),
        Field("block_type_name", Type.TEXT, "The name of its type.", "block_type_name"),
        Field("block_type_id", Type.UUID, "The type's id.", "block_type_id", nullable=False,
              criteria=(Criterion("block_type_id.any_", Means.ANY),)),
        Field("block_schema_id", Type.UUID, "The schema's id.", "block_schema_id",
              nullable=False),
        Field("created", Type.TIME, "When the row was made.", "created", nullable=False),
        Field("updated", Type.TIME, "When the row last changed.", "updated", nullable=False),
    ),
    relations=(
        Relation("block_type", "block_types", "Its type.", "block_type_id", "id",
                 aliases=("block_types",)),
        Relation("block_schema", "block_schemas", "Its schema.", "block_schema_id", "id",
                 aliases=("block_schemas", "schema", "schemas")),
    ),
    default_sort=Sort("NAME_ASC", "name", False),
    endpoints=Endpoints(
        path="/block_documents",
        keys={
            "block_documents": (),
            "block_types": ("block_type",),
            "block_schemas": ("block_schema",),
        },
        count=True,
        sorts=(
            Sort("NAME_ASC", "name", False),
            Sort("NAME_DESC", "name", True),
            Sort("BLOCK_TYPE_AND_NAME_ASC", "block_type_name", False, then=("name",)),
        ),
        arguments=(Argument("include_secrets", Type.BOOLEAN),),
    ),
    model="BlockDocumentFilter",
    absent={"is_anonymous": {"eq_": False}},
)  # fmt: skip
