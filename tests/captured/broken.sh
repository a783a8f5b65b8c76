curl http://127.0.0.1:4200/api/flow_runs/filter -H 'Content-Type: application/json' -H 'Authorization: Bearer s3cr3t' -d '{"flow_runs": {"stat": {}}}'
curl http://127.0.0.1:4200/api/flow_runs/filter -H 'Content-Type: application/json' -H 'Authorization: Bearer s3cr3t' -d @s3cr3t.json
curl http://127.0.0.1:4200/api/flow_runs/filter -H 'Content-Type: application/json' -H 'Authorization: Bearer s3cr3t' -d '{"limit": 5}'
curl http://127.0.0.1:4200/api/flow_runs/filter -u me:s3cr3t -d "$BODY"
curl http://127.0.0.1:4200/api/flow_runs/filter -u me:s3cr3t --json '{"limit": 6,}'
curl -G http://127.0.0.1:4200/api/flow_runs/filter -u me:s3cr3t -d limit=5
curl http://127.0.0.1:4200/api/flow_runs/filter -u me:s3cr3t --dta '{"limit": 7}'
curl http://127.0.0.1:4200/api/flow_runs/filter -u me:s3cr3t -F limit=5
curl http://127.0.0.1:4200/api/flow_runs/filter -u me:s3cr3t -d '{"limit": 8}'
