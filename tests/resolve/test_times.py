"""Times and durations from their text, and the instants that periods come to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest

import flowql
from flowql import ast, typed
from flowql.catalog import Type
from flowql.resolve import times
from flowql.rewrite.ground import Grounding, OutOfCalendar
from flowql.searches.parameters import parameters

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 16, 30, 15, 250_000, tzinfo=UTC)  # a Monday


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-01T08:30:00Z", "2026-11-01T08:30:00+00:00"),
        ("2026-11-01t08:30z", "2026-11-01T08:30:00+00:00"),
        ("2026-11-01 08:30:00.5", "2026-11-01T07:30:00.500000+00:00"),
        ("2026-11-01T08:30:00.123456+0530", "2026-11-01T03:00:00.123456+00:00"),
        ("2026-11-01T08:30:00.1234560000Z", "2026-11-01T08:30:00.123456+00:00"),
        # The clock goes from 02:00 to 03:00: a time in between goes forward.
        ("2026-03-29T02:30:00", "2026-03-29T01:30:00+00:00"),
        # The clock goes back from 03:00 to 02:00: of two the first.
        ("2026-10-25T02:30:00", "2026-10-25T00:30:00+00:00"),
    ],
)
def test_an_instant_without_an_offset_is_in_the_querys_zone(text: str, instant: str) -> None:
    assert times.read_time(text, BERLIN) == at(instant)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026", typed.Calendar(2026)),
        ("2026-11", typed.Calendar(2026, 11)),
        ("2026-11-01", typed.Calendar(2026, 11, 1)),
        ("Today", typed.Rolling("day", 0)),
        ("yesterday", typed.Rolling("day", -1)),
        ("today - 180d", typed.Rolling("day", -180)),
        ("today-180d", typed.Rolling("day", -180)),
        ("TODAY +3D", typed.Rolling("day", 3)),
        ("today - 2w", typed.Rolling("day", -14)),
        ("today - 1w 3d", typed.Rolling("day", -10)),
        ("today + 30 days", typed.Rolling("day", 30)),
        ("today - 1 week", typed.Rolling("day", -7)),
        ("today - 1d", typed.Rolling("day", -1)),
        ("today + 0d", typed.Rolling("day", 0)),
        ("last week", typed.Rolling("week", -1)),
        ("next Quarter", typed.Rolling("quarter", 1)),
        ("now", typed.Relative(timedelta(0))),
        ("now - 24h", typed.Relative(timedelta(hours=-24))),
        ("now-24h", typed.Relative(timedelta(hours=-24))),
        ("now + 1h30m", typed.Relative(timedelta(minutes=90))),
        ("last 7d", typed.Last(timedelta(7))),
        ("last 7 days", typed.Last(timedelta(7))),
        ("next 2 hours", typed.Next(timedelta(hours=2))),
    ],
)
def test_periods_and_relative_times_stay_as_written(text: str, value: object) -> None:
    assert times.read_time(text, UTC) == value


LEADS = get_args(ast.Lead)


@pytest.mark.parametrize("lead", LEADS)
@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("7d", "7d"),
        ("1w 3d", "1w 3d"),
        ("30 days", "30 days"),
        ("0d", "0d"),
        (timedelta(7), "7d"),
        (timedelta(1), "1d"),
        ("90m", "90m"),
        ("1.5h", "1.5h"),
        (timedelta(seconds=1), "1s"),
        ("-2h", "-2h"),
    ],
)
def test_a_length_that_is_given_is_the_length_as_written(
    lead: str, given: Any, written: str
) -> None:
    text = "flow_runs where end_time in {0} {1} or no task (end_time in [2026, {0} {1}])"
    said = flowql.check(text.format(lead, written))
    if not said:
        bound = flowql.parse(text.format(lead, "$n"), {"n": given})
        assert bound == flowql.parse(text.format(lead, written))
        assert str(bound) == str(flowql.parse(text.format(lead, written)))
    else:
        assert [d.code for d in flowql.check(text.format(lead, "$n"), {"n": given})] == [
            "wrong-parameter"
        ] * 2


@pytest.mark.parametrize("lead", LEADS)
def test_a_length_that_is_not_given_stays_open(lead: str) -> None:
    query = flowql.parse(f"flow_runs where end_time in {lead} $n")
    assert flowql.parse(str(query)) == query
    assert str(query).endswith(f"{lead} $n")
    loud = flowql.fmt(f"flow_runs where end_time in {lead.upper()}$n")
    assert loud == f"flow_runs where end_time in {lead} $n"
    (parameter,) = parameters(query.typed)
    assert (parameter.name, parameter.type, parameter.many) == ("n", Type.DURATION, False)
    assert parameter.span is not None
    assert query.source is not None
    assert query.source.text[slice(*parameter.span)] == "$n"
    assert "$n" in query.to_english()
    with pytest.raises(flowql.FlowQLError) as refused:
        query.to_request()
    assert [(d.code, d.span) for d in refused.value.diagnostics] in (
        [("unbound-parameter", parameter.span)],
        # Of a day, both ends are open.
        [("unbound-parameter", parameter.span)] * 2,
    )


@pytest.mark.parametrize(
    "text",
    ["soon", "2026-13", "2026-02-30", "2026-11-01T25:00:00Z", "last", "last x", "now - x", "202",
     "last -3d", "2026-11-01T", "20261101", "last month ago", "", "today - x", "today -",
     "today - 1 month", "today 3d", "today - 3d ago"],
)  # fmt: skip
def test_what_is_no_time(text: str) -> None:
    assert times.read_time(text, UTC) is None


@pytest.mark.parametrize(
    ("text", "offer"),
    [
        ("today - 3h", "now - 3h"),
        ("today + 24h", "now + 24h"),
        ("today - 1.5d", "now - 1.5d"),
        ("today - 1d12h", "now - 1d12h"),
        ("today - 7", "today - 7d"),
        ("yesterday - 3d", "today - 4d"),
        ("yesterday - 7", "today - 8d"),
        ("tomorrow + 1w", "today + 8d"),
        ("yesterday + 1d", "today"),
        ("tomorrow - 3h", "now - 3h"),
    ],
)
def test_days_are_counted_from_today_and_whole(text: str, offer: str) -> None:
    with pytest.raises(times.NotWholeDays) as refused:
        times.read_time(text, UTC)
    assert refused.value.offer == offer
    assert times.read_time(offer, UTC) is not None


@pytest.mark.parametrize(
    ("text", "microseconds"),
    [
        ("5m", 300_000_000), ("1h30m", 5_400_000_000), ("1.5h", 5_400_000_000),
        ("90s", 90_000_000), ("1w2d", 777_600_000_000), ("0.000001s", 1), ("1ms", 1_000),
        ("1us", 1), ("-2s", -2_000_000), ("2 hours 5 minutes", 7_500_000_000), ("0s", 0),
    ],
)  # fmt: skip
def test_durations(text: str, microseconds: int) -> None:
    assert times.read_duration(text) == timedelta(microseconds=microseconds)


@pytest.mark.parametrize("text", ["", "-", "5", "m", "5x", "5m 3", "1.5.5h", "five minutes"])
def test_what_is_no_duration(text: str) -> None:
    assert times.read_duration(text) is None


def test_what_storage_cannot_hold() -> None:
    with pytest.raises(times.Imprecise):
        times.read_duration("0.0000001s")
    with pytest.raises(times.Beyond):
        times.read_duration("999999999999d")
    with pytest.raises(times.Imprecise):
        times.read_time("2026-11-01T00:00:00.1234567Z", UTC)
    with pytest.raises(times.Beyond):
        times.read_time("0001-01-01T00:00:00+14:00", UTC)
    for beyond in ("today - 3652059d", "today + 521723w", f"yesterday - {'9' * 18}w"):
        with pytest.raises(times.Beyond):
            times.read_time(beyond, UTC)


@pytest.mark.parametrize(
    ("value", "start", "end"),
    [
        (typed.Calendar(2026), "2026-01-01T00:00+01:00", "2027-01-01T00:00+01:00"),
        (typed.Calendar(2026, 12), "2026-12-01T00:00+01:00", "2027-01-01T00:00+01:00"),
        (typed.Calendar(2026, 3, 29), "2026-03-29T00:00+01:00", "2026-03-30T00:00+02:00"),
        (typed.Rolling("day", 0), "2026-11-23T00:00+01:00", "2026-11-24T00:00+01:00"),
        (typed.Rolling("day", -28), "2026-10-26T00:00+01:00", "2026-10-27T00:00+01:00"),
        (typed.Rolling("day", -29), "2026-10-25T00:00+02:00", "2026-10-26T00:00+01:00"),
        (typed.Rolling("day", -30), "2026-10-24T00:00+02:00", "2026-10-25T00:00+02:00"),
        (typed.Rolling("day", 126), "2027-03-29T00:00+02:00", "2027-03-30T00:00+02:00"),
        (typed.Rolling("day", 2_912_115), "9999-12-30T00:00+01:00", "9999-12-31T00:00+01:00"),
        (typed.Rolling("week", 0), "2026-11-23T00:00+01:00", "2026-11-30T00:00+01:00"),
        (typed.Rolling("week", -1), "2026-11-16T00:00+01:00", "2026-11-23T00:00+01:00"),
        (typed.Rolling("month", 2), "2027-01-01T00:00+01:00", "2027-02-01T00:00+01:00"),
        (typed.Rolling("quarter", -1), "2026-07-01T00:00+02:00", "2026-10-01T00:00+02:00"),
        (typed.Rolling("year", 1), "2027-01-01T00:00+01:00", "2028-01-01T00:00+01:00"),
        (typed.Rolling("hour", -1), "2026-11-23T16:00+01:00", "2026-11-23T17:00+01:00"),
    ],
)
def test_periods_are_whole_in_the_zone(
    value: typed.Calendar | typed.Rolling, start: str, end: str
) -> None:
    assert Grounding(NOW, BERLIN).period(value) == (at(start), at(end))


@pytest.mark.parametrize("offset", [-3_652_058, -739_942, 2_912_116, 3_652_058])
def test_a_day_outside_the_calendar_is_reported(offset: int) -> None:
    with pytest.raises(OutOfCalendar):
        Grounding(NOW, BERLIN).period(typed.Rolling("day", offset))


def test_a_day_whose_midnight_is_skipped_begins_after_the_gap() -> None:
    # In Beirut the clock went from 00:00 to 01:00 on 2022-03-27.
    beirut = ZoneInfo("Asia/Beirut")
    start, end = Grounding(NOW, beirut).period(typed.Calendar(2022, 3, 27))
    assert start == at("2022-03-27T01:00:00+03:00")
    assert end - start == timedelta(hours=23)
