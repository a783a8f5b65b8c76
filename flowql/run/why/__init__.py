"""Why a query selects a row, or does not: each of its conditions decided on that row.

`why(query, row_id, on)` asks the place questions, as queries through `flowql.run.run`, and finds
which conditions hold, with the related rows that bear witness or the nearest miss. Promised: the
verdict on the whole is that of the query itself; unknown stays unknown, with its reason; a place is
asked for numbers and for a few rows, in at most `questions.MOST` questions, whatever it holds.

`conditions` reads the filter, `questions` asks, `identity` finds the row, `explaining` decides and
collects witnesses, `nearest` looks for the nearest miss, `paging` for the row's place among those
that meet the filter, `findings` is what comes of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from flowql import typed
from flowql.diagnostics import FlowQLError
from flowql.diagnostics.values import UnboundParameter
from flowql.diagnostics.why import RowChanged
from flowql.limits import MAX_REQUESTS, MAX_ROWS
from flowql.run.why.conditions import columns
from flowql.run.why.explaining import Explaining, shown
from flowql.run.why.findings import Explanation, Finding, Place, Related, Shown, as_dict
from flowql.run.why.identity import identified
from flowql.run.why.paging import place
from flowql.run.why.questions import Asked, Questions, Subject, identity, spelled
from flowql.searches.parameters import parameters

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    from flowql.api import Query

__all__ = ["Explanation", "Finding", "Place", "Related", "Shown", "as_dict", "why"]


def why(
    query: Query,
    row_id: str,
    on: str | os.PathLike[str] | None = None,
    *,
    timeout: float | None = None,
    database: Literal["sqlite", "postgres"] | None = None,
    max_requests: int | None = MAX_REQUESTS,
    max_rows: int | None = MAX_ROWS,
) -> Explanation:
    """Why the query selects the row of this id, or does not.

    `row_id` is an id, or a name where one row alone has it. All others are as for `flowql.run.run`,
    the limits for each question by itself. Raises `FlowQLError` where there is no such row or more
    than one, a parameter has no value, or the place cannot answer.
    """
    _bound(query)
    asked = Asked(on, timeout, database, max_requests, max_rows)
    with Questions(query, asked) as questions:
        return _explained(questions, row_id)


def _explained(questions: Questions, row_id: str) -> Explanation:
    query = questions.query.typed
    looked_at = questions.told(columns(query.filter, query.target))
    subject, values = identified(questions, row_id, looked_at)
    finding = None
    if query.filter != typed.TRUE:
        finding = _decided(questions, subject, values, query.filter)
    verdict = "true" if finding is None else finding.verdict
    where = place(questions, subject) if verdict == "true" else None
    known_by = [spelled(column) for column in identity(query.target)]
    return Explanation(
        row=shown(query.target, {name: values[name] for name in known_by}),
        verdict=verdict,
        selected=verdict == "true" and (where is None or where.inside),
        finding=finding,
        because=() if finding is None else tuple(_failing(finding)),
        place=where,
        asked_of=questions.shown,
        questions=questions.asked,
        shortened=questions.shortened,
    )


def _bound(query: Query) -> None:
    """Raises the problem of each parameter without a value."""
    open_ = [
        UnboundParameter(name=parameter.name, span=parameter.span)
        for parameter in parameters(query.typed)
    ]
    if open_:
        found = sorted(dict.fromkeys(open_), key=lambda problem: problem.span or (0, 0))
        raise FlowQLError(found, query.source)


def _decided(
    questions: Questions, subject: Subject, values: dict[str, Any], filter_: typed.Predicate
) -> Finding:
    """The filter decided, part by part, and compared with what the place says of the whole."""
    explaining = Explaining(questions, subject, values)
    whole = typed.Query(subject.entity, typed.conjunction([subject.itself, filter_]))
    holds = None
    # An API may have to look at very many rows for what is no single request; the parts tell, too.
    if not questions.at_api or questions.one_request(whole):
        holds = questions.holds(subject, filter_)
    verdict = explaining.verdict(filter_, "true" if holds else None)
    if holds is not None and holds != (verdict == "true"):
        raise FlowQLError([RowChanged(entity=subject.entity.singular, id=str(subject.id))])
    return explaining.finding(filter_, needed=True, named=True)


def _failing(finding: Finding) -> Iterator[Finding]:
    """The fewest conditions that have to change: of a conjunction its parts that are not true."""
    if finding.verdict == "true":
        return
    if finding.kind == "and":
        for part in finding.parts:
            yield from _failing(part)
    else:
        yield finding
