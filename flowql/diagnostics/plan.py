"""Why no plan of requests answers a query, and why one stopped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from flowql.diagnostics.base import Diagnostic, Severity

__all__ = ["Diagnostic"]


@dataclass(frozen=True, kw_only=True)
class NotInAnswers(Diagnostic):
    """A stored value is not in what the API answers, and no criterion asks for it.

    Some columns are in Prefect's database and in no answer, or are answered with another
    value: a run's `work_queue_name` is there the related queue's name, not the row's copy.

    Example:

        flow_runs where work_queue_name contains old or any task
    """

    entity: str
    field: str

    @property
    def message(self) -> str:
        return f"the API's answers do not tell the stored `{self.field}` of {self.entity}"

    @property
    def help(self) -> str | None:
        return "SQL can ask this: `flowql sql …`"


@dataclass(frozen=True, kw_only=True)
class NotListed(Diagnostic):
    """A condition is about rows that no endpoint lists, and no body says it as it is.

    Example:

        events where every resource (role = flow)
    """

    entity: str

    @property
    def message(self) -> str:
        return f"no request lists {self.entity}, so conditions on them cannot be looked up"

    @property
    def help(self) -> str | None:
        return "SQL can ask this: `flowql sql …`"


@dataclass(frozen=True, kw_only=True)
class PlanTooLarge(Diagnostic):
    """A query would be taken apart into too many requests, or too deep.

    Example: (fifty nested quantifiers that no body says)
    """

    depth: int
    steps: int

    @property
    def message(self) -> str:
        return (
            f"a plan has at most {self.steps:,} steps, {self.depth} within one another;"
            " this query takes more"
        )

    @property
    def help(self) -> str | None:
        return "SQL can ask this: `flowql sql …`"


@dataclass(frozen=True, kw_only=True)
class PlanCostly(Diagnostic):
    """A plan fetches more than was allowed.

    `requests` and `rows` are what it comes to as far as the server's counts tell; at least
    so much where it was stopped on the way.

    Example: (`flow_runs where name matches "^a"` on a server with a million runs)
    """

    requests: int
    rows: int
    max_requests: int | None
    max_rows: int | None
    sent: int = 0
    """Requests that were sent already; 0: none of those that fetch."""

    @property
    def message(self) -> str:
        allowed = " and ".join(
            f"{limit:,} {what}"
            for limit, what in ((self.max_requests, "requests"), (self.max_rows, "rows"))
            if limit is not None
        )
        about = "at least " if self.sent else "about "
        return (
            f"the answer takes {about}{self.requests:,} requests and {self.rows:,} rows;"
            f" {allowed} are allowed"
        )

    @property
    def help(self) -> str | None:
        return (
            "--yes, --max-requests and --max-rows allow more; conditions and `limit` make it less"
        )


@dataclass(frozen=True, kw_only=True)
class RowsKeepChanging(Diagnostic):
    """Rows came and went while their pages were read, again and again.

    Example: (a server that makes runs faster than they can be listed)
    """

    entity: str
    tries: int

    @property
    def message(self) -> str:
        return (
            f"{self.entity} came or went while their pages were read, {self.tries} times in turn;"
            " no reading has all of them once"
        )

    @property
    def help(self) -> str | None:
        return "conditions on times that are past leave out rows that still come"


@dataclass(frozen=True, kw_only=True)
class TooManyAtOnce(Diagnostic):
    """More rows than a page holds have the very same time, so no page goes on from it.

    Example: (more than 200 lines logged in one microsecond)
    """

    entity: str
    time: str
    page: int

    @property
    def message(self) -> str:
        return (
            f"more than {self.page} of {self.entity} have the time {self.time}; a page has no more"
        )


@dataclass(frozen=True, kw_only=True)
class RowsChanged(Diagnostic):
    """Rows changed while the requests of a plan were answered.

    Each request sees a moment of its own; the answer may mix two.

    Example: (a run that ends between two requests)
    """

    severity: ClassVar[Severity] = "warning"
    count: int

    @property
    def message(self) -> str:
        rows = "one row" if self.count == 1 else f"{self.count:,} rows"
        return f"{rows} changed between the requests of this plan"

    @property
    def help(self) -> str | None:
        return "asked again, the answer is of one moment as far as these rows go"
