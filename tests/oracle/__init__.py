"""The judges of FlowQL: a real Prefect server on SQLite and PostgreSQL, and awkward rows for both.

`data` has the rows as Python values, `schema` their columns, `storage` the way each database keeps
them, `duck` loads them into DuckDB, `server` asks a running Prefect and its database, `fixtures`
hands all of it to pytest. Nothing here imports `flowql`: a judge that shares code with the accused
proves nothing.
"""
