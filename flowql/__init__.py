"""FlowQL: one line of text, the same rows through a Prefect server, SQL and memory.

    text ──► ast ──┬─► fmt
                   │                  ┌─► str          canonical text
                   ├─► resolve ─► typed ─► to_request  one request to Prefect's API
    body ──────────┘      ▲           ├─► to_sql       SQLite, PostgreSQL, DuckDB
                       catalog        ├─► select       rows in memory
                                      └─► to_english   what it means

Invariants: every front end meets every back end only in the typed query; a back
end that cannot say a query exactly raises `FlowQLError` with a coded problem; no
input text, body or parameter gives any other exception.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowql.api import (
    Capture,
    Query,
    Reading,
    check,
    fmt,
    from_capture,
    from_filters,
    from_request,
    parse,
)
from flowql.diagnostics import Diagnostic, FlowQLError

if TYPE_CHECKING:
    from flowql.backends.body import Request
    from flowql.backends.sql import Sql

__all__ = [
    "Capture",
    "Diagnostic",
    "FlowQLError",
    "Query",
    "Reading",
    "Request",
    "Sql",
    "check",
    "fmt",
    "from_capture",
    "from_filters",
    "from_request",
    "parse",
]
__version__ = "0.1.0.dev0"


def __getattr__(name: str) -> Any:
    # What back ends give is imported when it is asked for: sqlglot alone costs a tenth of a second.
    if name == "Request":
        from flowql.backends.body import Request

        return Request
    if name == "Sql":
        from flowql.backends.sql import Sql

        return Sql
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
