fetch("http://127.0.0.1:4200/api/flows/e03609d9-f4bb-5adb-8d50-dd4760960dbd", {
  "headers": {
    "accept": "*/*",
    "authorization": "Bearer s3cr3t",
    "content-type": "application/json"
  },
  "referrer": "http://127.0.0.1:4200/runs",
  "body": null,
  "method": "GET",
  "mode": "cors",
  "credentials": "include"
}); ;
fetch("http://127.0.0.1:4200/api/flow_runs/paginate", {
  "headers": {
    "accept": "*/*",
    "authorization": "Bearer s3cr3t",
    "content-type": "application/json"
  },
  "referrer": "http://127.0.0.1:4200/runs",
  "body": "{\"flows\":{\"id\":{\"any_\":[\"e03609d9-f4bb-5adb-8d50-dd4760960dbd\",\"1cc02805-17e7-5e13-bcfd-777af45083cc\"]}},\"flow_runs\":{\"tags\":{\"all_\":[\"etl\"]},\"state\":{\"name\":{\"any_\":[\"Late\",\"Completed\"]}}},\"sort\":\"EXPECTED_START_TIME_DESC\",\"limit\":5,\"page\":2}",
  "method": "POST",
  "mode": "cors",
  "credentials": "include"
}); ;
fetch("http://127.0.0.1:4200/api/flow_runs/count", {
  "headers": {
    "accept": "*/*",
    "authorization": "Bearer s3cr3t",
    "content-type": "application/json"
  },
  "referrer": "http://127.0.0.1:4200/runs",
  "body": "{\"flow_runs\":{\"expected_start_time\":{\"before_\":\"2026-04-15T12:00:00.000Z\",\"after_\":\"2026-04-14T12:00:00.000Z\"},\"state\":{\"type\":{\"any_\":[\"FAILED\",\"CRASHED\"]}}}}",
  "method": "POST",
  "mode": "cors",
  "credentials": "include"
}); ;
fetch("http://127.0.0.1:4200/api/task_runs/count", {
  "headers": {
    "accept": "*/*",
    "authorization": "Bearer s3cr3t",
    "content-type": "application/json"
  },
  "referrer": "http://127.0.0.1:4200/runs",
  "body": "{\"task_runs\":{\"operator\":\"and_\",\"subflow_runs\":{\"exists_\":false},\"start_time\":{\"after_\":\"2026-03-01T00:00:00Z\",\"before_\":\"2026-04-15T12:00:00.000Z\"},\"state\":{\"operator\":\"and_\",\"type\":{\"any_\":[\"COMPLETED\"]}}}}",
  "method": "POST",
  "mode": "cors",
  "credentials": "include"
}); ;
fetch("http://127.0.0.1:4200/api/flow_runs/filter", {
  "headers": {
    "accept": "*/*",
    "authorization": "Bearer s3cr3t",
    "content-type": "application/json"
  },
  "referrer": "http://127.0.0.1:4200/runs",
  "body": "{\"sort\":\"START_TIME_DESC\",\"offset\":0,\"limit\":24,\"work_pools\":{\"operator\":\"and_\",\"id\":{\"any_\":[\"b153df22-2bbd-55e9-a0c3-09a48031c611\"]}},\"flow_runs\":{\"operator\":\"and_\",\"parent_task_run_id\":{\"operator\":\"and_\",\"is_null_\":true}}}",
  "method": "POST",
  "mode": "cors",
  "credentials": "include"
}); ;
fetch("http://127.0.0.1:4200/api/flows/paginate", {
  "headers": {
    "accept": "*/*",
    "authorization": "Bearer s3cr3t",
    "content-type": "application/json"
  },
  "referrer": "http://127.0.0.1:4200/runs",
  "body": "{\"flows\":{\"operator\":\"and_\",\"name\":{\"like_\":\"etl\"},\"tags\":{\"operator\":\"and_\",\"all_\":[\"etl\"]}},\"sort\":\"NAME_ASC\",\"limit\":10,\"page\":1}",
  "method": "POST",
  "mode": "cors",
  "credentials": "include"
}); ;
fetch("http://127.0.0.1:4200/api/deployments/paginate", {
  "headers": {
    "accept": "*/*",
    "authorization": "Bearer s3cr3t",
    "content-type": "application/json"
  },
  "referrer": "http://127.0.0.1:4200/runs",
  "body": "{\"page\":1,\"limit\":10,\"sort\":\"NAME_ASC\",\"deployments\":{\"operator\":\"and_\",\"flow_or_deployment_name\":{\"like_\":\"\"},\"tags\":{\"operator\":\"and_\",\"all_\":[]}}}",
  "method": "POST",
  "mode": "cors",
  "credentials": "include"
});