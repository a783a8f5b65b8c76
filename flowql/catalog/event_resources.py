"""Resources of events."""

from flowql.catalog.model import Entity, Field, Relation, Sort, Type

ENTITY = Entity(
    name="event_resources",
    singular="event_resource",
    table="event_resources",
    doc="A resource that an event involves: its own, or one related to it.",
    fields=(
        Field("id", Type.UUID, "The row's own id.", "id", nullable=False, unique=True),
        Field("resource_id", Type.TEXT, "The resource (`prefect.flow-run.…`).", "resource_id",
              nullable=False),
        Field("role", Type.TEXT, "What it is to the event; empty for the event's own.",
              "resource_role", nullable=False, aliases=("resource_role",)),
        Field("labels", Type.JSON, "Its other labels, by key: ``labels.`prefect.name` ``.",
              "resource", nullable=False, plain_json=True),
        Field("event_id", Type.UUID, "The event's id.", "event_id", nullable=False),
        Field("occurred", Type.TIME, "When the event happened.", "occurred", nullable=False),
        Field("created", Type.TIME, "When the row was made.", "created", nullable=False),
        Field("updated", Type.TIME, "When the row last changed.", "updated", nullable=False),
    ),
    relations=(
        Relation("event", "events", "The event.", "event_id", "id", aliases=("events",)),
    ),
    default_sort=Sort("OCCURRED_DESC", "occurred", True),
)  # fmt: skip
