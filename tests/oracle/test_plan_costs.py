"""What typical questions cost over REST, as `docs/plans.md` states it: `--update` writes it anew.

The workspace is the crowd on SQLite. Figures are of the answers themselves.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import flowql
from tests.oracle.crowd import CROWD
from tests.oracle.data import NOW, ident
from tests.oracle.remembering import Plans

if TYPE_CHECKING:
    from tests.oracle.server import PrefectServer

PAGE = Path(__file__).parents[2] / "docs" / "plans.md"
START, END = "<!-- costs: written by tests/oracle/test_plan_costs.py -->", "<!-- end of costs -->"

_DEPLOYMENTS = ", ".join(str(ident("deployment", number)) for number in range(12))

TYPICAL = (
    ("runs not tagged prod", "runs where tags has none [prod]"),
    ("flows whose latest run failed", "flows where latest run (state = FAILED)"),
    ("flows with at least 3 failed runs", "flows where count run (state = FAILED) >= 3"),
    (
        "flows with a failed run but none that crashed",
        "flows where any run (state = FAILED) and no run (state = CRASHED)",
    ),
    (
        "runs of flows tagged etl or of deployments tagged prod",
        "runs where flow.tags has etl or deployment.tags has prod",
    ),
    (
        "deployments every run of which completed in the last week",
        "deployments where every run (state = COMPLETED and end_time in last 7d)",
    ),
    ("flows without runs", "flows where no run"),
    ("runs whose names match a regular expression", 'runs where name matches "^[a-z]+-[a-z]+$"'),
    ("the 500 longest runs", "runs sort duration desc nulls last limit 500"),
    (
        "runs of deployments other than twelve",
        f"runs where deployment_id not in [{_DEPLOYMENTS}]",
    ),
)
"""Questions in words and as queries."""


def table(plans: Plans) -> str:
    """The questions with what each took, as Markdown."""
    lines = [
        "| question | query | rows selected | requests | rows fetched |",
        "|---|---|---:|---:|---:|",
    ]
    for question, text in TYPICAL:
        answer = plans.fetch(flowql.parse(text, now=NOW))
        shown = text.replace(_DEPLOYMENTS, "…").replace("|", "\\|")
        figures = f"{len(answer.rows)} | {answer.requests} | {answer.fetched}"
        lines.append(f"| {question} | `{shown}` | {figures} |")
    return "\n".join(lines)


def workspace() -> str:
    """What the figures are of."""
    of = (("flow", "flows"), ("flow_run", "flow runs"), ("task_run", "task runs"))
    counts = [f"{len(CROWD[table])} {name}" for table, name in of]
    return f"{', '.join(counts)} and {len(CROWD['deployment'])} deployments"


def test_the_page_states_what_questions_cost(crowd_sqlite: PrefectServer, update: bool) -> None:
    plans = Plans(crowd_sqlite)
    written = PAGE.read_text(encoding="utf-8")
    before, _, rest = written.partition(START)
    _, _, after = rest.partition(END)
    current = f"{before}{START}\n\n{table(plans)}\n\n{END}{after}"
    plans.close()
    if update:
        PAGE.write_text(current, encoding="utf-8")
    assert current == written or update
    assert workspace() in written
