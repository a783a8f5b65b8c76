"""Problems of rows given to the in-memory back end; the pointer leads to the row or value."""

from __future__ import annotations

from dataclasses import dataclass

from flowql.diagnostics.base import Diagnostic, listed, nearest


@dataclass(frozen=True, kw_only=True)
class MissingTable(Diagnostic):
    """The query speaks of rows that were not given.

    Rows in memory are given by entity, all that the query may reach: `{"flows": […],
    "flow_runs": […]}`. A table without rows is an empty list.

    Example: (`any run (state = FAILED)` over `{"flows": […]}`)
    """

    entity: str
    given: tuple[str, ...]

    @property
    def message(self) -> str:
        return f"the query needs `{self.entity}`, of which no rows were given"

    @property
    def help(self) -> str | None:
        if close := nearest(self.entity, self.given):
            return f"`{close}` was given; the key is `{self.entity}`"
        return f"given: {listed(self.given)}" if self.given else None


@dataclass(frozen=True, kw_only=True)
class MissingColumn(Diagnostic):
    """A row has no such column, so whether the query selects it cannot be said.

    A value that is not there is a null; a column that is not there is a row cut short.

    Example: (`end_time is null` over `{"flow_runs": [{"id": "…"}]}`)
    """

    entity: str
    column: str
    others: int = 0
    """How many other rows lack it as well."""

    @property
    def message(self) -> str:
        more = f", nor have {self.others:,} others" if self.others else ""
        return f"this row of {self.entity} has no `{self.column}`{more}"


@dataclass(frozen=True, kw_only=True)
class UnreadableValue(Diagnostic):
    """A stored value is not of its field's type.

    Example: (`end_time > 2026-11-01` over a row whose `end_time` is `"soon"`)
    """

    found: str
    wanted: str
    others: int = 0
    """How many other values of the column cannot be read either."""

    @property
    def message(self) -> str:
        more = f" ({self.others:,} others like it)" if self.others else ""
        return f"the value {self.found} is not {self.wanted}{more}"


@dataclass(frozen=True, kw_only=True)
class UnreadableRows(Diagnostic):
    """The rows of a table, or one of them, are not what rows are.

    A table is a list (or any iterable) of mappings from column to value.

    Example: (any query over `{"flows": ["ingest"]}`)
    """

    found: str
    wanted: str

    @property
    def message(self) -> str:
        return f"{self.found} stands where {self.wanted} is expected"
