curl.exe --json '{"flow_runs": {"name": {"any_": ["say \"hi\"", "it''s"]}}, "sort": "NAME_ASC"}' `
  http://127.0.0.1:4200/api/flow_runs/filter
