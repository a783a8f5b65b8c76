"""Rows of events and of the resources that are involved in each.

Every event has one resource of its own, with the role "", and any number of related ones. Prefect
keeps them in the event as JSON and again as a row each; `resource_rows` makes those as Prefect
does. Its cleaning takes either away without the other, so some events have none of these rows and
some rows have no event. The server orders events by `occurred` alone, so no two have the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from tests.oracle.data.runs import FLOW_RUN_COUNT
from tests.oracle.data.values import FLOW_NAMES, MICROSECOND, NOW, TIMES, Draw, Row, ident, row

ID, NAME, ROLE = "prefect.resource.id", "prefect.resource.name", "prefect.resource.role"

EVENT_NAMES = (
    "prefect.flow-run.Completed", "prefect.flow-run.Completed", "prefect.flow-run.Failed",
    "prefect.flow-run.Crashed", "prefect.flow-run.Scheduled", "Prefect.Flow-Run.completed",
    "prefect.flow-run.completed", "PREFECT.FLOW-RUN.COMPLETED", "prefect.flow_run.Completed",
    "prefect.flow-run", "prefect.flow-run.", "prefect.flowXrun.Completed",
    "prefect.task-run.Completed", "prefect.task-run.Failed", "prefect.worker.started",
    "prefect.deployment.created", "prefect.automation.triggered", "my-app.order.placed",
    "my_app.order.placed", "myXapp.order.placed", "100%", "100% done", "%", "_", "*", "prefect.*",
    "!prefect.flow-run.Failed", "?", "\\", "back\\slash", "it's", 'say "hi"', "", " ",
    " prefect.flow-run.Completed", "naïve.café", "NAÏVE.CAFÉ", "🚀.launched", "line\nbreak", "null",
)  # fmt: skip

_RESOURCES: tuple[dict[str, str], ...] = (
    {ID: "my-app.orders", NAME: "orders"},
    {ID: "my_app.orders", NAME: "Orders"},
    {ID: "myXapp.orders"},
    {ID: "My-App.Orders", NAME: ""},
    {ID: "my-app.orders.eu", "region": "eu-west", "team": "data"},
    {ID: "my-app.orders.us", "region": "EU-WEST", "Team": "data"},
    {ID: "my-app.%", "region": "eu_west", "share": "100%"},
    {ID: "my-app.*", "region": "euXwest", "share": "100"},
    {ID: "*", "glob": "*", "one": "?", "not": "!"},
    {ID: "?", "glob": "a*b", "one": "a?b", "not": "!eu-west"},
    {ID: "%", "glob": "a%b", "one": "a_b", "not": "eu-west"},
    {ID: "_", "glob": "ab", "one": "aXb", "not": ""},
    {ID: "!my-app.orders", "path": "C:\\new"},
    {ID: "back\\slash", "path": "back\\\\slash", NAME: "\\"},
    {ID: "it's", "quote'": "it's", 'quote"': 'say "hi"'},
    {ID: "naïve", "é": "café", "with space": " x "},
    {ID: "NAÏVE", "é": "CAFÉ", "a.b": "dotted", "$": "[*]"},
    {ID: "🚀", NAME: "🚀", "line": "line\nbreak"},
    {ID: "null", "region": "null", ROLE: "flow"},
)
"""A label's value may hold what a filter on labels takes for a pattern."""

_RELATED: tuple[dict[str, str], ...] = (
    {ID: "prefect.tag.etl", ROLE: "tag"},
    {ID: "prefect.tag.nightly", ROLE: "tag"},
    {ID: "prefect.tag.it's 100%", ROLE: "tag"},
    {ID: "prefect.tag.etl", ROLE: "Tag"},
    {ID: "prefect.work-pool.k8s", ROLE: "work-pool", NAME: "k8s", "type": "kubernetes"},
    {ID: "prefect.work_pool.k8s", ROLE: "work_pool", NAME: "K8S", "type": "kube*"},
    {ID: "my-app.orders", ROLE: "source", "region": "eu-west"},
    {ID: "my-app.orders", ROLE: "it's", "region": "us"},
    {ID: "*", ROLE: "%", "glob": "?"},
    {ID: "🚀", ROLE: "é", "not": "!eu-west", "path": "\\"},
)

_PAYLOADS: tuple[Row, ...] = (
    {},
    {},
    {"rows": 12, "ok": True, "note": None},
    {"validated_state": {"type": "COMPLETED", "name": "Completed", "message": ""}},
    {"é": ["🚀", 1.5, {"deep": []}], "a.b": "it's"},
)


def events() -> Iterator[Row]:
    draw = Draw(17)
    lately = [NOW - timedelta(minutes=7 * step, seconds=1) for step in range(60 - len(TIMES))]
    for number, occurred in enumerate((*TIMES, *lately)):
        resource, related = _involved(number, draw)
        follows = None
        if number % 6 == 5:
            # The one before, or one that is gone.
            follows = ident("events", number - 1 if number % 4 == 3 else number + 1000)
        received = occurred + draw.one((MICROSECOND, timedelta(milliseconds=20), timedelta(0)))
        yield row(
            "events",
            number,
            draw,
            occurred=occurred,
            event=EVENT_NAMES[number % len(EVENT_NAMES)],
            resource_id=resource[ID],
            resource=resource,
            related=related,
            related_resource_ids=[one[ID] for one in related],
            payload=draw.one(_PAYLOADS),
            received=received,
            recorded=received + draw.one((MICROSECOND, timedelta(seconds=1))),
            follows=follows,
        )


def _involved(number: int, draw: Draw) -> tuple[dict[str, str], list[dict[str, str]]]:
    """A run with what Prefect relates to it, or something with whatever anybody does."""
    if number % 3 == 0:
        run = {
            ID: f"prefect.flow-run.{ident('flow_run', draw.number(FLOW_RUN_COUNT + 20))}",
            NAME: draw.one(("brave-otter", "Brave-Otter", "brave_otter", "")),
            "prefect.run-count": "1",
            "prefect.state-name": draw.one(("Completed", "Failed", "it's 100%")),
        }
        flow = draw.number(6)
        name = FLOW_NAMES[flow]
        return run, [
            {ID: f"prefect.flow.{ident('flow', flow)}", ROLE: "flow", NAME: name},
            *(draw.one(_RELATED[:4]) for _ in range(draw.number(3))),
        ]
    resource = _RESOURCES[number % len(_RESOURCES)]
    related = [draw.one(_RELATED) for _ in range(draw.number(4))]
    if number % 7 == 1:
        related.append({**resource, ROLE: "itself"})
    return resource, related


def event_resources(rows: list[Row]) -> Iterator[Row]:
    """Of these events."""
    draw = Draw(18)
    kept = [event for number, event in enumerate(rows) if number % 13 != 12]
    gone = [{**event, "id": ident("events", 2000 + at)} for at, event in enumerate(rows[:2])]
    made = (one for event in (*kept, *gone) for one in resource_rows(event))
    for number, values in enumerate(made):
        yield row("event_resources", number, draw, **values)


def resource_rows(event: Row) -> list[dict[str, Any]]:
    """What Prefect stores of the resources of an event."""
    return [
        {
            "occurred": event["occurred"],
            "resource_id": resource[ID],
            "resource_role": resource[ROLE] if number else "",
            "resource": {
                label: text for label, text in resource.items() if label not in (ID, ROLE)
            },
            "event_id": event["id"],
        }
        for number, resource in enumerate((event["resource"], *event["related"]))
    ]
