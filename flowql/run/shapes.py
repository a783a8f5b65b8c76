"""What answers of Prefect's API must be before anybody believes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from pydantic import (
    BaseModel,
    ConfigDict,
    NonNegativeInt,
    PositiveInt,
    TypeAdapter,
    ValidationError,
)

from flowql.catalog import Gives
from flowql.diagnostics import FlowQLError
from flowql.diagnostics.run import UnexpectedAnswer

if TYPE_CHECKING:
    from flowql.backends.body import Request
    from flowql.catalog import Endpoint, Entity

T = TypeVar("T")


class Row(BaseModel):
    """A row of an answer: it has an id, and whatever else its server's version gives it."""

    model_config = ConfigDict(extra="allow")

    id: UUID


class Process(BaseModel):
    """A row that no table has: a server's memory of a process."""

    model_config = ConfigDict(extra="allow")

    identifier: str


class Events(BaseModel):
    """The answer about events."""

    events: list[Row]
    total: NonNegativeInt


class Page(BaseModel):
    """The answer of a paginate endpoint."""

    results: list[Row]
    count: NonNegativeInt
    limit: NonNegativeInt
    pages: NonNegativeInt
    page: PositiveInt


PAGE = TypeAdapter(Page)
ROWS = TypeAdapter(list[Row])
PROCESSES = TypeAdapter(list[Process])
EVENTS = TypeAdapter(Events)
NUMBER = TypeAdapter(NonNegativeInt)


def shaped(shape: TypeAdapter[T], request: Request, document: Any) -> T:
    """The answer to a request in its shape; raises `FlowQLError` where it has another."""
    try:
        return shape.validate_python(document)
    except ValidationError as error:
        problem = UnexpectedAnswer(url=request.path, reason=first_reason(error))
        raise FlowQLError([problem]) from None


def first_reason(error: ValidationError) -> str:
    """What is wrong first with an answer, and where, without any value of it."""
    first = error.errors(include_input=False, include_url=False)[0]
    place = "/".join(map(str, first["loc"]))
    return f"at {place}: {first['msg'].lower()}" if place else first["msg"].lower()


def rows_of(
    entity: Entity, endpoint: Endpoint, request: Request, document: Any
) -> tuple[list[dict[str, Any]], int | None]:
    """The rows of an answer as they came, and how many there are in all where it says so."""
    if endpoint.gives is Gives.PAGE:
        page = shaped(PAGE, request, document)
        return document["results"], page.count
    if endpoint.order != ("sort",):
        events = shaped(EVENTS, request, document)
        return document["events"], events.total
    if entity.table:
        shaped(ROWS, request, document)
    else:
        shaped(PROCESSES, request, document)
    return document, None


def identity(entity: Entity) -> str:
    """The key of an answer's row that tells it from all others."""
    if "id" in entity.by_name:
        return "id"
    return next(field.column for field in entity.fields if field.unique)
