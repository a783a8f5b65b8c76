"""One query, three ways: a request body, SQL on a database, rows in memory.

The database is the embedded demo, in Prefect's own schema.
"""

import json
import sqlite3

import flowql
from flowql.run.demo import demo_path

query = flowql.parse("tags ⊇ [etl] and run.state in [FAILED,CRASHED] sort name_asc limit 20")

request = query.to_request()
print(request.method, request.path)
print(json.dumps(request.body, indent=2))

database = sqlite3.connect(demo_path())
database.row_factory = sqlite3.Row

sql = query.to_sql("sqlite", params="bind")
from_sql = [row["name"] for row in database.execute(sql.text, sql.params)]

tables = {
    entity: [dict(row) for row in database.execute(f"SELECT * FROM {table}")]
    for entity, table in [("flows", "flow"), ("flow_runs", "flow_run")]
}
from_memory = [row["name"] for row in query.select(tables)]

print(query.to_english())
print(*from_sql, sep="\n")
assert from_sql == from_memory
