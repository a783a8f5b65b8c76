// What the page of the team shows.
const answer = await fetch(`http://127.0.0.1:4200/api/flow_runs/filter`, {
  method: 'post',
  headers: { 'Authorization': `Bearer ${process.env.PREFECT_API_KEY}`, "Content-Type": 'application/json' },
  signal: AbortSignal.timeout(5_000), /* not for ever */
  body: JSON.stringify({
    flow_runs: {
      tags: { all_: ['etl'] }, // the team's tag
      state: { type: { any_: ["COMPLETED", "SCHEDULED"] }, name: undefined, },
      name: { like_: 'a' },
    },
    sort: 'NAME_ASC',
    limit: 0x14,
  }),
});
const count = (await fetch("http://127.0.0.1:4200/api/task_runs/count", {method: "POST", body: '{"task_runs": {"name": {"like_": "100\u0025"}}}'})).json();
