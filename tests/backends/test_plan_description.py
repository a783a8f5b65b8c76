"""Whatever a plan is, it can be described: in stages, as data, in an outline, and short."""

from __future__ import annotations

import json

from hypothesis import given

from flowql import FlowQLError, typed
from flowql.api import Query
from flowql.backends.body import Request
from flowql.backends.plan.description import Stage, as_dict, describe, document, outline
from flowql.run.evaluation import evaluate
from tests.oracle.data import NOW
from tests.planned import planned


@given(query=planned())
def test_every_plan_can_be_described(query: typed.Query) -> None:
    try:
        plan = Query(query, NOW, "UTC").to_plan()
    except FlowQLError:
        return
    described = describe(plan)
    stages = _each(described.stages)
    assert described.one == isinstance(plan.answer, Request)
    assert json.loads(json.dumps(as_dict(described)))["steps"]
    assert len(outline(described).splitlines()) == len(stages)
    for text in (repr(plan), *(stage.says for stage in stages)):
        assert "\n" not in text
        assert "object at" not in text
        assert "span=" not in text
    # Whatever is sent first is known beforehand.
    try:
        first = next(evaluate(plan, None, None, None))
    except StopIteration:
        return
    known = {_key(one) for stage in stages for one in (stage.request, stage.count) if one}
    assert {_key(one) for one in first} <= known


def _each(stages: tuple[Stage, ...]) -> list[Stage]:
    found = []
    for stage in stages:
        found.append(stage)
        for part in stage.parts:
            found += _each(part.stages)
    return found


def _key(request: Request) -> tuple[str, str]:
    return request.path, document(request)
