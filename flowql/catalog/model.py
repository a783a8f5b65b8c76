"""What an entity is: its fields, relations, sorts, criteria and endpoints, as data.

Everything a front end or back end knows about Prefect it reads from here. A
field names its column, its type and, where Prefect's filter model has them, the
leaf criteria that can say a condition on it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

from flowql.limits import PAGE_SIZE

if TYPE_CHECKING:
    from collections.abc import Mapping


class Type(Enum):
    """The type of a field; it decides operators and how values are read."""

    TEXT = "text"
    ENUM = "enum"
    UUID = "uuid"
    INTEGER = "integer"
    TIME = "time"
    DURATION = "duration"
    BOOLEAN = "boolean"
    TAGS = "tags"
    JSON = "JSON"


class Means(Enum):
    """What a leaf criterion of a filter model says of its field.

    The values are the plain definitions; `body` readers and writers are the only
    ones that act on them.
    """

    ANY = "the value is one of the list"
    ANY_IF_SOME = "the value is one of the list (an empty list says nothing)"
    NOT_ANY = "the value is not null and none of the list (an empty list says nothing)"
    LIKE = "the text contains the pattern, ignoring case (the empty pattern says nothing)"
    STARTS_WITH = "the text starts with one of the patterns, ignoring case"
    PREFIX = "the text starts with one of the list, in the case that the database minds"
    NOT_PREFIX = "the text starts with none of the list, in the case that the database minds"
    ALL_TAGS = "the tags include all of the list"
    ALL_TAGS_IF_SOME = "the tags include all of the list (an empty list says nothing)"
    ANY_TAG = "the tags include one of the list"
    ANY_TAG_IF_SOME = "the tags include one of the list (an empty list says nothing)"
    NO_TAGS = "true: there are no tags; false: there are some"
    IS_NULL = "true: the value is null; false: it is not"
    NOT_NULL = "true: the value is not null; false: it is"
    EQUALS = "the boolean is the value given"
    AT_MOST = "the value is not greater"
    AT_LEAST = "the value is not less"
    HAS_NONE = "true: no row is related; false: some is"
    HAS_SOME = "true: some row is related; false: none is"
    EITHER_NAME = "the name, or the name of the related flow, contains the pattern"
    SEARCH = "the text contains the words of a search (see `backends/body/search.py`)"
    SINCE = "the time is not less; where nothing is said, than 180 days before today"
    UNTIL = "the time is not greater; where nothing is said, than now"
    LABELS = "the event's own resource has these labels"
    RESOURCE = "some resource of the event meets all criteria of the group"
    DISTINCT = "true: of events with one value only the first"
    DEAD = "nothing: the server accepts and ignores it"


@dataclass(frozen=True, slots=True)
class Criterion:
    """A leaf of a filter model: `path` from the model to it, such as `state.type.any_`."""

    path: str
    means: Means
    required: bool = False
    """Where its group is given, it must be."""

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(self.path.split("."))


class Answered(Enum):
    """What an API's answer has of a field, beside what the database has stored."""

    STORED = "the stored value"
    NULL_AS_EMPTY = "the stored value, but an empty object for null"
    AS_WRITTEN = "the stored value in rows that Prefect itself wrote, as it writes them now"
    NO = "nothing, or another value"


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """A field of an entity; equal only to itself.

    `name` is how texts write it (dots allowed: `state.name`); `column` is the
    column of Prefect's table, `keys` the way into it for a JSON column.
    `coalesce`: where set, comparisons, periods and sorts look at
    coalesce(column, coalesce), tests for null and stored rows at the column alone.
    `difference`: a computed duration, the first column minus the second; null
    until both exist. `through`: the field of another entity that this name stands
    for, as a path (`parent_task.flow_run_id`). `either`: paths any of which may
    satisfy a condition (`flow_or_deployment_name`).
    """

    name: str
    type: Type
    doc: str
    column: str = ""
    keys: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    nullable: bool = True
    choices: tuple[str, ...] = ()
    coalesce: str | None = None
    difference: tuple[str, str] | None = None
    through: tuple[str, ...] | None = None
    either: tuple[str, ...] | None = None
    criteria: tuple[Criterion, ...] = ()
    unique: bool = False
    """No two rows share a value, so it leaves no order open as last sort key."""
    joined: tuple[str, ...] = ()
    """The text columns that it is, a space between them."""
    words: Mapping[str, int] = field(default_factory=dict)
    """Words that stand for numbers."""
    plain_json: bool = False
    """The column is PostgreSQL's `json`, which has no operators of `jsonb`."""
    server: bool = False
    """Its value is known to the server alone, which only searches it."""
    whole: bool = False
    """The JSON value itself may be compared, not only what is inside."""
    only_null: bool = False
    """Only tests for null apply: the value is a JSON object read through other fields."""
    answered: Answered = Answered.STORED
    """What an answer has of it; tests hold it against what both databases have stored."""
    answer: tuple[str, ...] = ()
    """Where an answer has it, if not under its column, its name or an alias."""


@dataclass(frozen=True, slots=True, eq=False)
class Relation:
    """A way from a row to related rows; equal only to itself.

    `local` and `remote` are the columns that are equal. `via` instead names a
    chain of relations that this one stands for (`task = run.task`). `elements`
    instead names a tags field whose elements are the related rows.
    """

    name: str
    target: str
    doc: str
    local: str = ""
    remote: str = ""
    many: bool = False
    via: tuple[str, ...] = ()
    elements: str = ""
    aliases: tuple[str, ...] = ()
    criteria: tuple[Criterion, ...] = ()


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort of an endpoint: Prefect's name for it, the field, and the direction."""

    name: str
    field: str
    descending: bool
    then: tuple[str, ...] = ()
    """Further fields, in the same direction."""

    @property
    def keys(self) -> tuple[tuple[str, bool], ...]:
        """The fields in turn, each with whether it descends."""
        return tuple((name, self.descending) for name in (self.field, *self.then))


class Gives(Enum):
    """What an endpoint does with the rows that its filters select."""

    ROWS = "rows, by offset"
    PAGE = "a page of rows and their number"
    COUNT = "the number of rows"
    FIGURES = "figures made of the rows"
    CHANGES = "changes to the rows"


@dataclass(frozen=True, slots=True)
class Argument:
    """A key of a body that is neither filter, sort nor page: `history_start`."""

    name: str
    type: Type
    required: bool = False
    choices: tuple[str, ...] = ()
    least: float | None = None
    """The least number that it takes."""


@dataclass(frozen=True, slots=True, eq=False)
class Endpoint:
    """An endpoint whose body takes filters of one entity; equal only to itself.

    `path` may have a field of a related row in braces (`{work_pool.name}`): the
    endpoint answers only rows of which it has the value in its place. `keys` maps a
    top-level key to the chain of relations from the entity to the rows that it
    filters; `()` is the entity itself.
    """

    path: str
    gives: Gives
    keys: Mapping[str, tuple[str, ...]]
    sorts: tuple[Sort, ...] = ()
    default_sort: Sort | None = None
    """Its order where the body names none, if that is not the entity's."""
    order: tuple[str, ...] = ("sort",)
    """Where in the body the sort stands."""
    pages: tuple[str, ...] = ()
    """What it takes of `limit`, `offset` and `page`."""
    least: int = 0
    """The least `limit`."""
    most: int = PAGE_SIZE
    """The greatest `limit`."""
    size: int = PAGE_SIZE
    """The `limit` where the body names none."""
    arguments: tuple[Argument, ...] = ()
    fixed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Criteria, by path (`task_runs.state.type.any_`), for which it has values of its own."""
    required: tuple[str, ...] = ()
    """Criteria that a body must have, by path."""
    needs: Mapping[str, str] = field(default_factory=dict)
    """Keys with which another one must stand, or the server fails."""
    partial: bool = False
    """Whether its rows lack fields that other answers have."""

    @property
    def holes(self) -> tuple[str, ...]:
        """The fields in braces of the path."""
        return tuple(part[1:-1] for part in self.path.split("/") if part.startswith("{"))


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The endpoints of an entity: those of the usual names under a path, and others.

    The usual ones share `keys` and `sorts`; `size` is their greatest page.
    """

    path: str
    keys: Mapping[str, tuple[str, ...]]
    filter: bool = True
    paginate: bool = False
    count: bool = False
    sorts: tuple[Sort, ...] = ()
    pages: tuple[str, ...] = ("limit", "offset")
    arguments: tuple[Argument, ...] = ()
    others: tuple[Endpoint, ...] = ()
    partial_pages: bool = False
    """Whether the rows of `paginate` lack fields that those of `filter` have."""

    def each(self) -> tuple[Endpoint, ...]:
        """All of them, the usual ones first."""
        found = []
        if self.filter:
            found.append(self._usual("filter", Gives.ROWS, self.pages))
        if self.paginate:
            page = self._usual("paginate", Gives.PAGE, ("limit", "page"))
            found.append(replace(page, partial=self.partial_pages))
        if self.count:
            found.append(Endpoint(f"{self.path}/count", Gives.COUNT, self.keys))
        return (*found, *self.others)

    def _usual(self, name: str, gives: Gives, pages: tuple[str, ...]) -> Endpoint:
        return Endpoint(
            f"{self.path}/{name}",
            gives,
            self.keys,
            self.sorts,
            pages=pages,
            arguments=self.arguments,
        )


@dataclass(frozen=True)
class Entity:
    """An entity: a table of Prefect's database and a filter model of its API."""

    name: str
    singular: str
    table: str
    """Its table; empty where its rows are in none."""
    doc: str
    fields: tuple[Field, ...]
    relations: tuple[Relation, ...] = ()
    aliases: tuple[str, ...] = ()
    default_sort: Sort = Sort("ID_DESC", "id", True)
    endpoints: Endpoints | None = None
    model: str = ""
    """The name of its filter model in Prefect's OpenAPI."""
    element: bool = False
    """Its rows are the elements of a list, which no query is about by itself."""
    operators: frozenset[str] = frozenset()
    """The criterion groups of the model that have an `operator` of their own."""
    never_null: frozenset[str] = frozenset()
    """The criterion groups that may be left out, but not be null."""
    joins_or: bool = True
    """Whether the model itself has an `operator`."""
    takes_unknown: bool = False
    """Whether the server ignores what the model does not know, instead of refusing it."""
    absent: Mapping[str, Mapping[str, bool]] = field(default_factory=dict)
    """What the server takes for a criterion group that a body does not mention."""

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        """Fields by name and alias."""
        found = {one.name: one for one in self.fields}
        for one in self.fields:
            for alias in one.aliases:
                found.setdefault(alias, one)
        return MappingProxyType(found)

    @cached_property
    def relation_by_name(self) -> Mapping[str, Relation]:
        """Relations by name and alias."""
        found = {relation.name: relation for relation in self.relations}
        for relation in self.relations:
            for alias in relation.aliases:
                found.setdefault(alias, relation)
        return MappingProxyType(found)

    def __repr__(self) -> str:
        return f"Entity({self.name})"

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return hash(self.name)
