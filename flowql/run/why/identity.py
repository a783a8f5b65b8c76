"""Which row is meant: by its id, or by its name where that tells it from all others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from flowql import typed
from flowql.catalog import Entity, Field, Type
from flowql.diagnostics import FlowQLError
from flowql.diagnostics.why import AmbiguousRow, NoSuchRow, NotAnId
from flowql.run.why.explaining import subject_of
from flowql.run.why.questions import FEW, Ends, Questions, Subject, can_be_stored, own_id, spelled
from flowql.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowql.diagnostics import Diagnostic


def identified(
    questions: Questions, given: str, columns: Iterable[typed.Column]
) -> tuple[Subject, dict[str, Any]]:
    """The row that is meant, with its values. Raises `FlowQLError` where none is, or several."""
    entity = questions.query.typed.target
    wanted = list(columns)
    own = own_id(entity)
    names = _names(entity, own)
    ways: list[tuple[Field, UUID | str]] = []
    if own.type is not Type.UUID:
        ways.append((own, given))
    elif (by_id := _uuid(given)) is not None:
        ways.append((own, by_id))
    elif not names:
        raise _refused(given, NotAnId(span=_whole(given), entity=entity.name, given=given))
    if can_be_stored(given):
        ways += [(name, given) for name in names]
    for field, value in ways:
        this = typed.In(typed.Column(field), (value,))
        rows, count = questions.some(Ends(entity, this), typed.TRUE, wanted, FEW)
        if len(rows) > 1:
            ids = tuple(str(row[spelled(typed.Column(own))]) for row in rows)
            raise _refused(
                given,
                AmbiguousRow(
                    span=_whole(given),
                    entity=entity.name,
                    field=field.name,
                    given=given,
                    ids=ids,
                    all=count == len(rows),
                ),
            )
        if rows:
            return subject_of(entity, rows[0]), rows[0]
    fields = tuple(field.name for field, _ in ways) or (own.name,)
    raise _refused(
        given, NoSuchRow(span=_whole(given), entity=entity.singular, given=given, by=fields)
    )


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
