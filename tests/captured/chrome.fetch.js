fetch("http://127.0.0.1:4200/api/flow_runs/paginate", {
  "headers": {
    "accept": "*/*",
    "authorization": "Bearer s3cr3t",
    "content-type": "application/json"
  },
  "referrer": "http://127.0.0.1:4200/runs",
  "body": "{\"flow_runs\":{\"start_time\":{\"before_\":\"2026-04-15T12:00:00.000Z\",\"after_\":\"2026-04-08T12:00:00.000Z\"}},\"sort\":\"START_TIME_DESC\",\"limit\":100,\"page\":1}",
  "method": "POST",
  "mode": "cors",
  "credentials": "include"
});