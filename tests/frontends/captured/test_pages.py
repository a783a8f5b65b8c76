"""Addresses of pages: the moment, the zone, and which interface an address belongs to."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

import flowql
from flowql.frontends.captured import read
from tests.frontends.captured.samples import NOW, problems

ROOT = "http://127.0.0.1:4200"


def query(address: str, **options: str) -> flowql.Query:
    (reading,) = flowql.from_capture(f"{ROOT}{address}", now=NOW, **options)
    assert reading.query is not None, reading.problems
    return reading.query


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("/runs?type=span&seconds=-3600", "start_time in last 1h"),
        ("/runs?type=span&seconds=90", "start_time in next 1m30s"),
        ("/v2/runs?range=past-hour", "expected_start_time in last 1h"),
        ("/v2/runs?range=past-24-hours", "expected_start_time in last 24h"),
        ("/dashboard?type=span&seconds=-7200", "expected_start_time in last 2h"),
        ("/v2/dashboard?rangeType=span&seconds=-7200", "expected_start_time in last 2h"),
        ("/v2/dashboard?rangeType=range", "expected_start_time in last 24h"),
    ],
)
def test_spans_stay_relative(address: str, text: str) -> None:
    assert text in str(query(address))


def test_the_moment_is_the_page_s() -> None:
    """Whole seconds, and whole minutes on the second interface's dashboard."""
    assert query("/runs").now == datetime(2026, 4, 15, 12, 0, 7, tzinfo=UTC)
    assert query("/v2/runs?range=past-hour").now == datetime(2026, 4, 15, 12, 0, 7, tzinfo=UTC)
    assert query("/v2/dashboard").now == datetime(2026, 4, 15, 12, tzinfo=UTC)
    later = query("/v2/dashboard?rangeType=span&seconds=3600")
    assert later.now == datetime(2026, 4, 15, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "address",
    [
        "/runs",
        "/runs?type=span&seconds=86400",
        "/runs?tab=task-runs",
        "/v2/runs?range=past-7-days",
        "/v2/runs?tab=task-runs&range=past-7-days&state=Late",
        "/dashboard",
        "/v2/dashboard",
        "/v2/dashboard?rangeType=span&seconds=3600",
    ],
)
def test_relative_times_are_those_that_the_page_sends(address: str) -> None:
    """At the page's moment the text means the instants of the body, to the microsecond."""
    from zoneinfo import ZoneInfo

    (captured,) = read(f"{ROOT}{address}", None, NOW, ZoneInfo("UTC")).requests
    assert captured.window is not None
    sent = flowql.from_request(captured.path, captured.body)  # type: ignore[arg-type]
    moving = query(address)
    assert "last" in str(moving) or "next" in str(moving)
    assert moving.to_request().body == sent.to_request().body


def test_the_day_is_the_browser_s() -> None:
    found = query("/runs?type=period&period=Today", timezone="America/New_York")
    assert "start_time >= 2026-04-15T04:00:00Z" in str(found)
    assert "start_time <= 2026-04-16T03:59:59.999Z" in str(found)
    assert "browser-zone" in [warning.code for warning in found.warnings]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-03-01T00:00:00.123456Z", "2026-03-01T00:00:00.123Z"),
        ("2026-03-01T00:00:00%2B02:00", "2026-02-28T22:00:00Z"),
        ("2026-03-01T00:00", "2026-02-28T23:00:00Z"),
        ("2026-03-01", "2026-03-01T00:00:00Z"),
        ("2026", "2026-01-01T00:00:00Z"),
    ],
)
def test_times_are_javascript_s(written: str, read: str) -> None:
    address = f"/runs?type=range&startDate={written}&endDate=2026-04-01T00:00:00Z"
    found = query(address, timezone="Europe/Berlin")
    assert f"start_time >= {read}" in str(found)


@pytest.mark.parametrize(
    ("address", "codes"),
    [
        ("/runs?type=span", []),
        ("/runs?seconds=-60", ["left-out-parameter"]),
        ("/runs?type=range&startDate=2026-01-01T00:00:00Z", []),
        ("/runs?type=range&startDate=soon&endDate=2026", ["unread-parameter"]),
        ("/runs?type=tomorrow", ["ignored-value"]),
        ("/runs?type=span&seconds=999999999999", ["wrong-parameter"]),
        ("/runs?flow-runs-sort=DURATION_DESC", ["wrong-choice"]),
        ("/runs?flow=me", ["wrong-json"]),
        ("/runs?tab=flow-runs&tab=task-runs", ["ignored-value"]),
        ("/runs?limit=500", ["number-outside"]),
        ("/runs?limit=500&tag=a&flow-runs-page=1", ["unknown-parameter"]),
        ("/v2/runs?limit=500", ["number-outside"]),
        ("/v2/runs?limit=0", ["ignored-value"]),
        ("/v2/runs?page=%222%22", ["ignored-value"]),
        ("/v2/runs?tags=5", ["wrong-parameter"]),
        ("/v2/runs?tags=%225%22", []),
        ("/v2/runs?hide-subflows=yes", ["wrong-parameter"]),
        ("/v2/runs?range=past-year", ["wrong-parameter"]),
        ("/v2/runs?state=Late&state=Failed", ["wrong-parameter"]),
        ("/v2/runs?start=2026-01-01T00:00:00Z", ["left-out-parameter"]),
        ("/v2/runs?start=a&end=b", ["wrong-parameter", "wrong-parameter"]),
        ("/v2/dashboard?start=tomorrow", ["wrong-parameter"]),
        ("/v2/dashboard?seconds=soon", ["ignored-value"]),
        ("/v2/flows?limit=101", ["ignored-value"]),
        ("/v2/flows?sort=newest", ["wrong-parameter"]),
        ("/v2/deployments?sort=newest", ["ignored-value"]),
        ("/flows?x=1", ["unknown-parameter"]),
        ("/flows?flows.name=a", ["unread-parameter"]),
        ("/flows/flow/x", ["wrong-json"]),
    ],
)
def test_what_is_said_of_a_parameter(address: str, codes: list[str]) -> None:
    found = [problem.code for problem in problems(f"{ROOT}{address}")]
    assert [code for code in found if not code.startswith("browser-")] == codes


@pytest.mark.parametrize(
    ("address", "by"),
    [
        ("/runs", "start_time"),
        ("/v2/runs?range=past-hour", "expected_start_time"),
        ("/runs?range=past-hour&limit=5", "expected_start_time"),
        ("/prefect/v2/runs?range=past-hour", "expected_start_time"),
        ("/prefect/runs?tag=v2", "start_time"),
        ("/v2/runs?type=span&seconds=-60&range=past-hour", "expected_start_time"),
    ],
)
def test_the_interface(address: str, by: str) -> None:
    assert f" {by} in last" in f" {query(address)}".replace("\n", " ")
