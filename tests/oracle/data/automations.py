"""Rows of automations, with triggers and actions as Prefect writes them, every default included.

The server reads both by their models and answers a page with one that they refuse with 500: an
unknown type, a selected target without its id, an inferred run of a deployment for what happens to
flow runs. Sets such as `expect` come in any order, so they have one member at most.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.oracle.data.values import SPELLINGS, TAG_SETS, Draw, Row, ident, row


def automations() -> Iterator[Row]:
    draw = Draw(16)
    # Names need not be unique.
    for number, name in enumerate((*SPELLINGS, "report", "it's", "", "é")):
        yield row(
            "automation",
            number,
            draw,
            name=name,
            description=draw.one(("", "", "it's 100%", "line\nbreak 🚀", "Cancels late runs")),
            enabled=draw.often(60),
            tags=draw.one(TAG_SETS),
            trigger=_trigger(number % 8, str(ident("trigger", number))),
            actions=[ACTIONS[at % len(ACTIONS)] for at in range(number, number + number % 4)],
            actions_on_trigger=[ACTIONS[number % len(ACTIONS)]] if number % 5 == 1 else [],
            actions_on_resolve=[ACTIONS[0]] if number % 7 == 2 else [],
        )


def _trigger(number: int, trigger_id: str) -> Row:
    match number:
        case 0:
            return _event(trigger_id)
        case 1:
            return _event(
                trigger_id,
                match={"prefect.resource.id": "prefect.flow-run.*"},
                match_related={"prefect.resource.id": ["prefect.tag.etl", "prefect.tag.it's"]},
                expect=["prefect.flow-run.Failed"],
            )
        case 2:
            return _event(
                trigger_id,
                after=["prefect.flow-run.Running"],
                expect=["prefect.flow-run.Completed"],
                for_each=["prefect.resource.id"],
                posture="Proactive",
                within=90.5,
            )
        case 3:
            return _event(trigger_id, expect=["my_app.100%"], threshold=5, within=3600.0)
        case 4:
            return _event(trigger_id, match_related=[{"a.b": "!x"}, {"é": "*"}], expect=[""])
        case 5:
            return _compound(trigger_id, "compound", within=None, require="any")
        case 6:
            return _compound(trigger_id, "compound", within=60.0, require=2)
        case _:
            return _compound(trigger_id, "sequence", within=600.0)


def _event(trigger_id: str, **values: Any) -> Row:
    trigger = {
        "type": "event",
        "id": trigger_id,
        "match": {},
        "match_related": {},
        "after": [],
        "expect": [],
        "for_each": [],
        "posture": "Reactive",
        "threshold": 1,
        "within": 0.0,
    }
    return trigger | values


def _compound(trigger_id: str, kind: str, **values: Any) -> Row:
    triggers = [_event(str(ident(trigger_id, at)), expect=[f"step-{at}"]) for at in range(2)]
    return {"type": kind, "id": trigger_id, "triggers": triggers, **values}


_TARGET = str(ident("target", 0))
ACTIONS: tuple[Row, ...] = (
    {"type": "do-nothing"},
    {"type": "cancel-flow-run"},
    {
        "type": "change-flow-run-state",
        "name": None,
        "state": "FAILED",
        "message": "it's 100%",
        "force": False,
    },
    {
        "type": "run-deployment",
        "source": "selected",
        "deployment_id": str(ident("deployment", 3)),
        "parameters": {"x": None, "é": [1, "1"]},
        "job_variables": None,
        "schedule_after": 0.0,
    },
    {
        "type": "send-notification",
        "block_document_id": _TARGET,
        "subject": "Prefect automated notification",
        "body": "{{ flow_run.name }} \\ 🚀",
    },
    {"type": "call-webhook", "block_document_id": _TARGET, "payload": '{"a": "b"}'},
    {"type": "pause-work-pool", "source": "inferred", "work_pool_id": None},
    {"type": "pause-automation", "source": "selected", "automation_id": _TARGET},
)
