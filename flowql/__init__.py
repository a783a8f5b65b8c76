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

from flowql.api import Query, check, fmt, from_request, parse
from flowql.diagnostics import Diagnostic, FlowQLError

__all__ = ["Diagnostic", "FlowQLError", "Query", "check", "fmt", "from_request", "parse"]
__version__ = "0.1.0.dev0"
