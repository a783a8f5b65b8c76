#!/bin/sh
# What is late, and what has failed since Monday.
curl -sS -X POST "$PREFECT_API_URL/flow_runs/filter" -H "Authorization: Bearer $PREFECT_API_KEY" \
  -H 'Content-Type: application/json' \
  -d '{
    "flow_runs": {"state": {"name": {"any_": ["Late"]}}},
    "sort": "EXPECTED_START_TIME_ASC"
  }' | jq -r '.[].name' > late.txt

PREFECT=1 curl --silent --json '{"flow_runs": {"state": {"type": {"any_": ["FAILED", "CRASHED"]}}, "start_time": {"after_": "2026-04-13T00:00:00Z"}}}' http://127.0.0.1:4200/api/flow_runs/count
curl -XPOST http://127.0.0.1:4200/api/flows/filter -d"{\"flows\": {\"tags\": {\"all_\": [\"etl\"]}}, \"limit\": 3}" 2>/dev/null
curl http://127.0.0.1:4200/api/flows/filter http://127.0.0.1:4200/api/flows/count -d '{"flows": {"name": {"like_": "ingest"}}}' -HContent-Type:application/json
curl http://127.0.0.1:4200/api/deployments/filter -X POST --next -d '{"deployments": {"paused": {"eq_": true}}}' http://127.0.0.1:4200/api/deployments/count
