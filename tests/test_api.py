"""The public names, as the package offers them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

import flowql

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_every_public_name_is_there() -> None:
    for name in flowql.__all__:
        assert getattr(flowql, name) is not None
    with pytest.raises(AttributeError):
        flowql.nothing_of_the_kind  # noqa: B018


def test_what_back_ends_give_is_of_the_public_types() -> None:
    query = flowql.parse("flow_runs where state = FAILED", now=NOW)
    assert isinstance(query.to_request(), flowql.Request)
    assert isinstance(query.to_sql("sqlite"), flowql.Sql)


def test_equal_queries_say_the_same_whenever_they_are_asked() -> None:
    text = "flow_runs where start_time in last 24h"
    early = flowql.parse(text, now=NOW)
    late = flowql.parse(text, now=NOW.replace(year=2027))
    assert early == late
    assert hash(early) == hash(late)
    assert str(early) == text
    assert early.to_request() != late.to_request()


def test_a_moment_is_an_instant_and_a_zone_is_known() -> None:
    with pytest.raises(flowql.FlowQLError) as naive:
        flowql.parse("flows", now=datetime(2026, 11, 23))
    assert [d.code for d in naive.value.diagnostics] == ["naive-now"]
    assert [d.code for d in flowql.check("flows", timezone="Europe/Berlni")] == [
        "unknown-time-zone"
    ]


def test_a_contradiction_is_a_warning() -> None:
    query = flowql.parse("flow_runs where state = FAILED and state = CRASHED")
    assert [warning.code for warning in query.warnings] == ["contradiction"]
    assert query.to_request().body == {"flow_runs": {"id": {"any_": []}}}


def test_what_one_request_cannot_say_is_refused_at_its_place() -> None:
    query = flowql.parse("tags has etl and no run (state = COMPLETED)")
    with pytest.raises(flowql.FlowQLError) as refused:
        query.to_request()
    (problem,) = refused.value.diagnostics
    assert problem.code == "unsayable-quantifier"
    assert problem.span == (17, 43)
    assert "SQL" in (problem.help or "")
