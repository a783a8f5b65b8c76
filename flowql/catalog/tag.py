"""The elements of a tag list, for `any tag (starts with "team:")`.

Not a table: its rows are the tags of the row in hand, its one field the tag
itself, which conditions leave unnamed.
"""

from flowql.catalog.model import Entity, Field, Type

ENTITY = Entity(
    name="tag",
    singular="tag",
    table="",
    doc="One tag of a row.",
    element=True,
    fields=(Field("text", Type.TEXT, "The tag itself.", "value", nullable=False),),
)
