await fetch("http://127.0.0.1:4200/api/flows/paginate", {
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
});