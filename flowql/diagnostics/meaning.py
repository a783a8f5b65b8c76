"""Notes and warnings about what a query means, and the limit on working it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from flowql.diagnostics.base import Diagnostic, Severity


@dataclass(frozen=True, kw_only=True)
class OneWitness(Diagnostic):
    """Several dotted conditions speak of one related row.

    Example:

        run.state = FAILED and run.tags has nightly
    """

    severity: ClassVar[Severity] = "note"
    relation: str
    spelled: str

    @property
    def message(self) -> str:
        return f"these conditions speak of one and the same {self.relation}"

    @property
    def help(self) -> str | None:
        return f"said with a quantifier: `{self.spelled}`"


@dataclass(frozen=True, kw_only=True)
class NegatedPath(Diagnostic):
    """A prefix `not` over a dotted path says that no related row is so.

    Example:

        not run.state = FAILED
    """

    severity: ClassVar[Severity] = "note"
    spelled: str

    @property
    def message(self) -> str:
        return "`not` before a dotted path says that there is no such related row"

    @property
    def help(self) -> str | None:
        return f"said with a quantifier: `{self.spelled}`"


@dataclass(frozen=True, kw_only=True)
class OpenOrder(Diagnostic):
    """The sort leaves the order of some rows open, so pages may lose and repeat rows.

    SQL adds the id as last key; one request cannot.

    Example:

        flow_runs sort end_time desc limit 50 page 2
    """

    severity: ClassVar[Severity] = "warning"

    @property
    def message(self) -> str:
        return (
            "rows that are equal in the sort key have no order in a request, so pages may overlap"
        )

    @property
    def help(self) -> str | None:
        return "`sort id desc` sees every row once; SQL adds the id by itself"


@dataclass(frozen=True, kw_only=True)
class TooMuchExpansion(Diagnostic):
    """The alternatives that mix paths multiply beyond the limit.

    Example: (eleven conditions `(run.name = a or task.name = b)` joined by `and`)
    """

    limit: int

    @property
    def message(self) -> str:
        return f"the alternatives that mix paths come to more than {self.limit} conditions"

    @property
    def help(self) -> str | None:
        return "quantifiers (`any run (…)`) keep conditions on different rows apart"


@dataclass(frozen=True, kw_only=True)
class OnlyServerKnows(Diagnostic):
    """A field is what the server writes out to search it, differently over each database.

    Example:

        events where text contains error
    """

    field: str

    @property
    def message(self) -> str:
        return f"only a Prefect server knows `{self.field}`, and only a request can ask for it"
