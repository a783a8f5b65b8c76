"""What an explanation is made of: findings about conditions, and the rows that bear witness.

Only data, with JSON values; nothing here asks or draws. `as_dict` is what `flowql why --json`
prints, and docs/why.md describes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from flowql.source import Span

Verdict = Literal["true", "false", "unknown"]

Kind = Literal["condition", "and", "or", "not", "any", "every", "latest", "count"]
"""What a finding is about: a condition on the row in hand, a combination, or a scope."""

Role = Literal["witness", "counterexample", "latest", "counted", "nearest"]
"""What related rows are shown for: one that meets the condition, one that does not though every
row should, the run that started last, one that was counted, or the one that misses least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A row with the values that conditions look at.

    `id` is None for an element of a list, which is its `name`. `finding` is what its conditions
    come to on this row, where that says more than the values.
    """

    entity: str
    id: str | None
    name: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    finding: Finding | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """The related rows that a scope is about.

    `total` is how many there are, `met` how many of them meet the scope's condition; None where
    the place cannot count them. `rows` are some of them and `role` says which. `exact` is False
    for a nearest row where the search for a nearer one was given up.
    """

    path: str
    entity: str
    total: int | None
    met: int | None
    role: Role | None = None
    rows: tuple[Shown, ...] = ()
    exact: bool = True
    each: tuple[tuple[str, int | None], ...] = ()
    """Of a scope that fails: its conditions one by one, with how many rows meet each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A condition of the query, and what it comes to on one row.

    `text` is the condition in words, and empty for a combination whose parts tell all.
    `values` are those of the fields that it looks at, `reason` is why it is unknown. `related`
    has the rows of a scope, `against` those that a share of it is compared with.
    """

    kind: Kind
    text: str
    verdict: Verdict
    span: Span | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    reason: Literal["null", "another type"] | None = None
    parts: tuple[Finding, ...] = ()
    related: Related | None = None
    against: Related | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a row that meets the filter stands among all that do.

    `position` counts from 1 and is None where the place leaves the order open; `first` and `last`
    are the positions that the query gives, `last` None where it gives all that follow. `instead`
    is the row that stands for this one, of those that `distinct` holds to be the same.
    """

    position: int | None = None
    count: int | None = None
    first: int = 1
    last: int | None = None
    instead: Shown | None = None

    @property
    def inside(self) -> bool | None:
        """Whether the query gives the row; None where the order leaves it open."""
        if self.instead is not None:
            return False
        if self.position is None:
            return None
        return self.first <= self.position and (self.last is None or self.position <= self.last)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why a query selects a row, or does not.

    `verdict` is that of the whole filter. `selected` is whether the query gives the row, and None
    where its pages have no order that would tell. `because` are the conditions that have to
    change for the filter to be true. `questions` is how many were asked; `shortened` is whether
    some rows are not shown because there would have been more.
    """

    row: Shown
    verdict: Verdict
    selected: bool | None
    finding: Finding | None
    because: tuple[Finding, ...]
    place: Place | None
    asked_of: str
    questions: int
    shortened: bool = False


# ── as JSON ───────────────────────────────────────────────────────────────────


def as_dict(explanation: Explanation) -> dict[str, Any]:
    """An explanation as JSON values."""
    place = explanation.place
    return {
        "row": _shown(explanation.row),
        "selected": explanation.selected,
        "verdict": explanation.verdict,
        "because": [_short(finding) for finding in explanation.because],
        "finding": None if explanation.finding is None else _finding(explanation.finding),
        "place": None
        if place is None
        else {
            "position": place.position,
            "count": place.count,
            "first": place.first,
            "last": place.last,
            "instead": None if place.instead is None else _shown(place.instead),
        },
        "asked_of": explanation.asked_of,
        "questions": explanation.questions,
        "shortened": explanation.shortened,
    }


def _short(finding: Finding) -> dict[str, Any]:
    found: dict[str, Any] = {"text": finding.text} if finding.text else {}
    found["verdict"] = finding.verdict
    if finding.span is not None:
        found["span"] = list(finding.span)
    return found


def _finding(finding: Finding) -> dict[str, Any]:
    found = {"kind": finding.kind, **_short(finding)}
    if finding.values:
        found["values"] = dict(finding.values)
    if finding.reason is not None:
        found["reason"] = finding.reason
    if finding.parts:
        parts = []
        for part in finding.parts:
            parts.append(_finding(part))  # noqa: PERF401 - a comprehension is a frame more a level
        found["parts"] = parts
    if finding.related is not None:
        found["related"] = _related(finding.related)
    if finding.against is not None:
        found["against"] = _related(finding.against)
    return found


def _related(related: Related) -> dict[str, Any]:
    found: dict[str, Any] = {
        "path": related.path,
        "entity": related.entity,
        "total": related.total,
        "met": related.met,
    }
    if related.role is not None:
        found["role"] = related.role
        found["rows"] = [_shown(row) for row in related.rows]
    if related.role == "nearest":
        found["exact"] = related.exact
    if related.each:
        found["each"] = [{"text": text, "met": met} for text, met in related.each]
    return found


def _shown(row: Shown) -> dict[str, Any]:
    found: dict[str, Any] = {"entity": row.entity, "id": row.id, "name": row.name}
    if row.values:
        found["values"] = dict(row.values)
    if row.finding is not None:
        found["finding"] = _finding(row.finding)
    return found
