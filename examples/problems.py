"""Everything that is wrong with a text, in one pass."""

import flowql

TEXT = "flow_runs where state = Late and naem contains etl and end_time = null sort start_tme"

for problem in flowql.check(TEXT):
    print(problem.code, problem.span, problem.message, "—", problem.help)

try:
    flowql.parse(TEXT)
except flowql.FlowQLError as error:
    print(error)
