curl 'https://api.prefect.cloud/api/accounts/9b649228-0419-40e1-9e0d-44954b5c0ab6/workspaces/d137367a-5055-44ff-b91c-6f7366c9e4c4/task_runs/filter' \
  -H 'Authorization: Bearer pnu_4v3rys3cr3t' -H 'content-type: application/json' \
  --data-raw '{"flows":{"id":{"any_":["e03609d9-f4bb-5adb-8d50-dd4760960dbd","1cc02805-17e7-5e13-bcfd-777af45083cc"]}},"task_runs":{"state":{"type":{"any_":["COMPLETED","FAILED"]}}},"sort":"EXPECTED_START_TIME_ASC"}' --compressed
curl https://me:s3cr3t@prefect.example.org/orchestra/prod/api/deployments/filter --json '{"flows":{"name":{"any_":["etl","ingest-orders"]}},"sort":"NAME_DESC"}'
