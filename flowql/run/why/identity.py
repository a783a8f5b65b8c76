"""Which row is meant: by its id, or by its name where that tells it from all others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from flowql import typed
from flowql.catalog import Entity, Field, Type, entities
from flowql.diagnostics import FlowQLError
from flowql.diagnostics.why import AmbiguousRow, NoSuchRow, NotAnId
from flowql.run.why.explaining import subject_of
from flowql.run.why.questions import FEW, Ends, Questions, Subject, can_be_stored, own_id, spelled
from flowql.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from flowql.diagnostics import Diagnostic


def identified(
    questions: Questions, given: str, columns: Iterable[typed.Column]
) -> tuple[Subject, dict[str, Any]]:
    """The row that is meant, with its values. Raises `FlowQLError` where none is, or several."""
    entity = questions.query.typed.target
    wanted = list(columns)
    own = own_id(entity)
    ways = list(_ways(entity, own, given))
    if not ways:
        raise _refused(given, NotAnId(span=_whole(given), entity=entity.name, given=given))
    for _, meant in ways:
        rows, count = questions.some(Ends(entity, meant), typed.TRUE, wanted, FEW)
        if len(rows) > 1:
            problem = AmbiguousRow(
                span=_whole(given),
                entity=entity.name,
                given=given,
                ids=tuple(str(row[spelled(typed.Column(own))]) for row in rows),
                all=count == len(rows),
                within=_WITHIN.get(entity.name),
            )
            raise _refused(given, problem)
        if rows:
            return subject_of(entity, rows[0]), rows[0]
    by = tuple(dict.fromkeys(name for name, _ in ways))
    problem_ = NoSuchRow(span=_whole(given), entity=entity.singular, given=given, by=by)
    raise _refused(given, problem_)


_WITHIN = {"deployments": "flow", "work_queues": "work_pool"}
"""Relations to the row within which names are unique, written before them: `FLOW/DEPLOYMENT`."""


def _ways(entity: Entity, own: Field, given: str) -> Iterator[tuple[str, typed.Predicate]]:
    """What may be meant: the field that is given, and the rows that have it."""
    names = _names(entity, own)
    if own.type is not Type.UUID:
        yield own.name, _is(own, given)
    elif (by_id := _uuid(given)) is not None:
        yield own.name, _is(own, by_id)
    elif not names:
        return
    if not can_be_stored(given):
        if own.type is Type.UUID:
            yield own.name, typed.FALSE
        return
    for name in names:
        yield name.name, _is(name, given)
    if (within := _WITHIN.get(entity.name)) is not None and "/" in given:
        before, _, after = given.partition("/")
        relation = entity.relation_by_name[within]
        around = entities()[relation.target].by_name["name"]
        both = typed.And((_is(names[0], after), typed.Exists(relation, _is(around, before))))
        yield names[0].name, both


def _is(field: Field, value: UUID | str) -> typed.Predicate:
    return typed.In(typed.Column(field), (value,))


def _names(entity: Entity, own: Field) -> list[Field]:
    """The fields that people call a row by: those that no two rows share, or else its name."""
    unique = [
        field
        for field in entity.fields
        if field.unique and field.type is Type.TEXT and field is not own
    ]
    named = [entity.by_name[name] for name in ("name", "key") if name in entity.by_name]
    return unique or named[:1]


def _uuid(given: str) -> UUID | None:
    try:
        return UUID(given)
    except ValueError:
        return None


def _whole(given: str) -> Span:
    return Span(0, len(given))


def _refused(given: str, problem: Diagnostic) -> FlowQLError:
    return FlowQLError([problem], Source(given, "<id>"))
