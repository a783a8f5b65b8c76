"""A query with parameters: bound when it is parsed, or by the database driver."""

import sqlite3
from datetime import UTC, datetime, timedelta

import flowql
from flowql.run.demo import demo_path

TEXT = "flow_runs where state in $states and start_time > $since count"
since = datetime.now(UTC) - timedelta(days=7)

bound = flowql.parse(TEXT, params={"states": ["FAILED", "CRASHED"], "since": since})
print(bound)

open_query = flowql.parse(TEXT)
sql = open_query.to_sql("sqlite", params="bind")
with sqlite3.connect(demo_path()) as database:
    (once,) = database.execute(
        sql.text, sql.bind(states=["FAILED", "CRASHED"], since=since)
    ).fetchone()
    again = bound.to_sql("sqlite", params="bind")
    (twice,) = database.execute(again.text, again.params).fetchone()
print(once)
assert once == twice > 0
