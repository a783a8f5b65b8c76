"""Events."""

import re

from flowql.catalog.model import (
    Answered,
    Argument,
    Criterion,
    Endpoint,
    Endpoints,
    Entity,
    Field,
    Gives,
    Means,
    Relation,
    Sort,
    Type,
)

PLAIN_LABEL = re.compile(r"[ !#-\[\]-~]+")
"""Names of labels that a server finds over every database: SQLite is asked by a path of JSON, in
which no name with a quotation mark, a backslash or what JSON escapes is found."""

UNITS = ("week", "day", "hour", "minute", "second")

ENTITY = Entity(
    name="events",
    singular="event",
    table="events",
    doc="Something that happened to a resource.",
    fields=(
        Field("id", Type.UUID, "The event's id.", "id", nullable=False, unique=True,
              criteria=(Criterion("id.id", Means.ANY_IF_SOME),)),
        Field(
            "occurred", Type.TIME,
            "When it happened; a request that says nothing of it looks 180 days back.",
            "occurred", nullable=False,
            criteria=(
                Criterion("occurred.since", Means.SINCE),
                Criterion("occurred.until", Means.UNTIL),
            ),
        ),
        Field(
            "event", Type.TEXT, "What happened (`prefect.flow-run.Completed`).", "event",
            nullable=False, aliases=("name",),
            criteria=(
                Criterion("event.prefix", Means.PREFIX),
                Criterion("event.exclude_prefix", Means.NOT_PREFIX),
                Criterion("event.name", Means.ANY_IF_SOME),
                Criterion("event.exclude_name", Means.NOT_ANY),
            ),
        ),
        Field(
            "resource_id", Type.TEXT, "The resource that it happened to (`prefect.flow-run.…`).",
            "resource_id", nullable=False, answer=("resource", "prefect.resource.id"),
            criteria=(
                Criterion("resource.id", Means.ANY_IF_SOME),
                Criterion("resource.id_prefix", Means.PREFIX),
                Criterion("resource.distinct", Means.DISTINCT),
            ),
        ),
        Field("text", Type.TEXT, "All of it as the server writes it out, for searches alone.",
              nullable=False, server=True, answered=Answered.NO,
              criteria=(Criterion("text.query", Means.SEARCH, required=True),)),
        Field("labels", Type.JSON, "The labels of its resource: ``labels.`prefect.name` ``.",
              "resource", nullable=False),
        Field("payload", Type.JSON, "What came with it, by key.", "payload", nullable=False),
        Field("follows", Type.UUID, "The id of the event before it.", "follows"),
        Field("received", Type.TIME, "When the server got it.", "received", nullable=False),
        Field("recorded", Type.TIME, "When the server wrote it down.", "recorded",
              nullable=False, answered=Answered.NO),
        Field("created", Type.TIME, "When the row was made.", "created", nullable=False,
              answered=Answered.NO),
        Field("updated", Type.TIME, "When the row last changed.", "updated", nullable=False,
              answered=Answered.NO),
    ),
    relations=(
        Relation(
            "resource", "event_resources", "The resources that it involves, its own first.",
            "id", "event_id", many=True, aliases=("resources",),
            criteria=(
                Criterion("resource.labels", Means.LABELS),
                Criterion("related.id", Means.RESOURCE),
                Criterion("related.role", Means.RESOURCE),
                Criterion("related.resources_in_roles", Means.RESOURCE),
                Criterion("related.labels", Means.RESOURCE),
                Criterion("any_resource.id", Means.RESOURCE),
                Criterion("any_resource.id_prefix", Means.RESOURCE),
                Criterion("any_resource.labels", Means.RESOURCE),
            ),
        ),
    ),
    default_sort=Sort("DESC", "occurred", True),
    endpoints=Endpoints(
        path="/events",
        keys={"filter": ()},
        filter=False,
        others=(
            Endpoint("/events/filter", Gives.ROWS, {"filter": ()},
                     (Sort("DESC", "occurred", True), Sort("ASC", "occurred", False)),
                     order=("filter", "order"), pages=("limit",), most=50, size=50),
            *(
                Endpoint(f"/events/count-by/{what}", Gives.FIGURES, {"filter": ()},
                         arguments=(Argument("time_unit", Type.ENUM, choices=UNITS),
                                    Argument("time_interval", Type.INTEGER, least=0.01)))
                for what in ("day", "time", "event", "resource")
            ),
        ),
    ),
    model="EventFilter",
    joins_or=False,
    absent={"occurred": {}},
    never_null=frozenset({"occurred", "id"}),
)  # fmt: skip
