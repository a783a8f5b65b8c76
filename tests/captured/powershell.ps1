PS C:\Users\me> curl.exe -X POST "http://127.0.0.1:4200/api/flow_runs/filter" `
  -H "Authorization: Bearer $env:PREFECT_API_KEY" `
  -H 'Content-Type: application/json' `
  -d '{\"flow_runs\": {\"tags\": {\"all_\": [\"etl\"]}}, \"limit\": 7}'
