"""The walk over each entity, and the way back over each relation, stated by hand."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from flowql.catalog import entities
from flowql.catalog.links import mirror
from flowql.catalog.walks import onward, walk

_WALKS = """
artifacts         /artifacts/filter                          ID_DESC        total
automations       /automations/filter                        CREATED_DESC   by created.before_
block_documents   /block_documents/filter                    NAME_ASC       open
block_schemas     /block_schemas/filter                      –              open
block_types       /block_types/filter                        –              open
deployments       /deployments/paginate                      NAME_ASC       without id.not_any_
events            /events/filter                             DESC           by occurred.until
flow_runs         /flow_runs/paginate                        ID_DESC        total
flows             /flows/paginate                            NAME_ASC       total
latest_artifacts  /artifacts/latest/filter                   ID_DESC        total
logs              /logs/filter                               TIMESTAMP_ASC  by timestamp.after_
task_runs         /task_runs/filter                          ID_DESC        total
task_workers      /task_workers/filter                       –              total
variables         /variables/filter                          NAME_ASC       total
work_pools        /work_pools/filter                         –              total
work_queues       /work_queues/filter                        –              open
workers           /work_pools/{work_pool.name}/workers/filter –              by last_heartbeat_time.before_
event_resources   –
tag               –
"""  # noqa: E501


def test_every_walk() -> None:
    wanted = dict(line.split(maxsplit=1) for line in _WALKS.strip().splitlines())
    assert wanted.keys() == entities().keys()
    for name, entity in entities().items():
        assert _said(name) == " ".join(wanted[name].split()), entity


def _said(name: str) -> str:
    way = walk(entities()[name])
    if way is None:
        return "–"
    if way.total:
        kind = "total"
    elif way.by is not None and way.bound is not None:
        kind = f"by {way.bound.path}"
        assert way.bound in way.by.criteria
    else:
        kind = f"without {way.without.path}" if way.without else "open"
    return f"{way.endpoint.path} {way.sort.name if way.sort else '–'} {kind}"


@pytest.mark.parametrize(
    ("entity", "last", "bound"),
    [
        ("logs", "2026-04-15T12:00:00.000001", "2026-04-15T12:00:00.000001"),
        ("logs", "2999-12-31T23:59:59", "2999-12-31T23:59:59"),
        ("logs", "2999-12-31T23:59:59.999999", "2999-12-31T23:59:59"),
        ("events", "2999-12-31T23:59:59.000001", "3000-01-01T00:00:00"),
        ("events", "1066-10-14T09:00:00.5", "1066-10-14T09:00:01"),
        ("events", "9999-12-31T23:59:59.999999", None),
        ("workers", "9999-06-01T00:00:00.000001", "9999-06-01T00:00:01"),
    ],
)
def test_a_page_goes_on_from_a_time_that_servers_keep(
    entity: str, last: str, bound: str | None
) -> None:
    way = walk(entities()[entity])
    assert way is not None
    found = onward(way, datetime.fromisoformat(last).replace(tzinfo=UTC))
    assert found == (bound and datetime.fromisoformat(bound).replace(tzinfo=UTC))


def test_a_mirror_leads_back() -> None:
    without = set()
    for entity in entities().values():
        for relation in entity.relations:
            back = mirror(relation)
            if back is not None:
                assert mirror(back) is relation
                assert back in entities()[relation.target].relations
            elif relation.local:
                without.add(f"{entity.name}.{relation.name}")
    # What is kept of a key's latest artifact is a copy, which the original knows nothing of.
    assert without == {f"latest_artifacts.{name}" for name in ("run", "task", "artifact")}


def test_ways_over_several_steps_have_no_mirror() -> None:
    flows, runs = entities()["flows"], entities()["flow_runs"]
    assert mirror(flows.relation_by_name["task"]) is None
    assert mirror(flows.relation_by_name["tag"]) is None
    parent = runs.relation_by_name["parent_task"]
    assert mirror(parent) is entities()["task_runs"].relation_by_name["subflow_run"]
