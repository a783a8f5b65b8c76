"""A request body, read back into text."""

import flowql

body = {
    "flow_runs": {
        "state": {"type": {"any_": ["FAILED", "CRASHED"]}},
        "tags": {"all_": ["nightly"]},
        "name": {"like_": "etl"},
    },
    "deployments": {"paused": {"eq_": False}, "concurrency_limit": {"ge_": 1}},
    "sort": "START_TIME_DESC",
    "limit": 50,
}
query = flowql.from_request("/flow_runs/filter", body)

print(query)
for warning in query.warnings:
    print(f"{warning.severity}: {warning.message}")
