"""What an answer's rows tell: which conditions can be judged after they were fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from flowql import typed
from flowql.catalog import Answered

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowql.catalog import Field


def missing(node: typed.Predicate) -> Field | None:
    """The first field of the row in hand whose stored value no answer tells; None: all are told.

    Fields of related rows are not looked at.
    """
    pending = [node]
    while pending:
        match part := pending.pop():
            case typed.And(operands) | typed.Or(operands):
                pending.extend(reversed(operands))
            case typed.Not(operand):
                pending.append(operand)
            case typed.IsNull(column):
                if column.field.answered is Answered.NULL_AS_EMPTY and not column.keys:
                    return column.field
                if untold := untold_of([column]):
                    return untold
            case typed.In(column) | typed.Compare(column):
                if untold := untold_of([column]):
                    return untold
            case typed.TextMatch(column) | typed.TagsMatch(column):
                if untold := untold_of([column]):
                    return untold
            case typed.Exists() | typed.Every() | typed.Latest() | typed.Count() | typed.Always():
                pass
            case _:
                assert_never(part)
    return None


def untold_of(columns: Iterable[typed.Column]) -> Field | None:
    """The first of some columns whose stored value no answer tells."""
    for column in columns:
        if column.field.answered is Answered.NO or column.field.server:
            return column.field
    return None
