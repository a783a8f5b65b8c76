"""The pages of the second interface (React).

Values are JSON where they are, and texts otherwise. Of the values that it cannot use it leaves
some out, and shows an error for others. Times are filtered by the expected start of flow runs,
on the dashboard a day back unless the address says otherwise.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from flowql.frontends.captured.found import Captured
from flowql.frontends.captured.page.address import UNITS, Read, Times, instant, without_empty

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

KNOWN = {
    "runs": frozenset(
        {
            "tab", "page", "limit", "sort", "hide-subflows", "flow-run-search", "state", "flows",
            "deployments", "work-pools", "tags", "range", "start", "end", "task-runs-page",
            "task-runs-limit", "task-runs-sort", "task-run-search",
        }
    ),
    "dashboard": frozenset(
        {
            "hideSubflows", "tags", "tab", "from", "to", "rangeType", "seconds", "start", "end",
            "aroundDate", "aroundQuantity", "aroundUnit", "period", "page", "flow",
        }
    ),
    "flows": frozenset({"name", "page", "limit", "tags", "sort"}),
    "deployments": frozenset({"page", "limit", "sort", "flowOrDeploymentName", "tags"}),
}  # fmt: skip

_DAY = 86_400
_PRESETS = {
    "past-hour": -3_600,
    "past-24-hours": -_DAY,
    "past-7-days": -7 * _DAY,
    "past-30-days": -30 * _DAY,
    "today": 0,
}
_STATES = frozenset(
    {
        "Scheduled", "Late", "Resuming", "AwaitingRetry", "AwaitingConcurrencySlot", "Pending",
        "Submitting", "InfrastructurePending", "Paused", "Suspended", "Running", "Retrying",
        "Completed", "Cached", "Cancelled", "Cancelling", "Crashed", "Failed", "TimedOut",
    }
)  # fmt: skip
_FLOW_RUN_SORTS: tuple[str, ...] = ("START_TIME_ASC", "START_TIME_DESC", "NAME_ASC", "NAME_DESC")
_TASK_RUN_SORTS: tuple[str, ...] = ("EXPECTED_START_TIME_DESC", "EXPECTED_START_TIME_ASC")
_LIST_SORTS = ("CREATED_DESC", "UPDATED_DESC", "NAME_ASC", "NAME_DESC")
_ROWS_OF_RUNS = 100
_ROWS_OF_LISTS = 10

_INFINITE = float("inf")
_DATETIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?Z", re.ASCII)


def _runs(read: Read) -> Captured:
    tab = _choice(read, "tab", ("flow-runs", "task-runs"), "flow-runs")
    times = _preset(read)
    runs: dict[str, Any] = {
        "state": {"name": {"any_": _states(read)}},
        "tags": {"any_": _split(read, "tags")},
        "expected_start_time": _between(times),
    }
    body: dict[str, Any] = {
        "flow_runs": runs,
        "flows": {"id": {"any_": _split(read, "flows")}},
        "deployments": {"id": {"any_": _split(read, "deployments")}},
    }
    if tab == "task-runs":
        path, prefix = "/task_runs/paginate", "task-runs-"
        body["task_runs"] = {"name": {"like_": _text(read, "task-run-search") or None}}
        sorts, sort = _TASK_RUN_SORTS, "EXPECTED_START_TIME_DESC"
    else:
        path, prefix = "/flow_runs/paginate", ""
        runs["parent_task_run_id"] = {"is_null_": _switch(read, "hide-subflows") or None}
        runs["name"] = {"like_": _text(read, "flow-run-search") or None}
        body["work_pools"] = {"name": {"any_": _split(read, "work-pools")}}
        sorts, sort = _FLOW_RUN_SORTS, "START_TIME_DESC"
    body["sort"] = _choice(read, f"{prefix}sort", sorts, sort)
    body["limit"] = _limit(read, f"{prefix}limit", _ROWS_OF_RUNS)
    body["page"] = _positive(read, f"{prefix}page") or 1
    return _done(read, "runs", path, body, times)


def _dashboard(read: Read) -> Captured:
    times = _range(read)
    runs: dict[str, Any] = {
        "expected_start_time": _between(times),
        "tags": {"all_": _texts(read, "tags", strict=False)},
        "parent_task_run_id": {
            "is_null_": _value(read, "hideSubflows", _is_switch, "true or false", strict=False)
            or None
        },
    }
    body = {"flow_runs": runs, "sort": "EXPECTED_START_TIME_DESC", "offset": 0}
    return _done(read, "dashboard", "/flow_runs/filter", body, times)


def _flows(read: Read) -> Captured:
    name = _text(read, "name") or None
    body = {
        "flows": {"name": {"like_": name}, "tags": {"all_": _texts(read, "tags", strict=True)}},
        "sort": _choice(read, "sort", _LIST_SORTS, "NAME_ASC"),
        "limit": _limit(read, "limit", _ROWS_OF_LISTS, most=100),
        "page": _positive(read, "page") or 1,
    }
    return _done(read, "flows", "/flows/paginate", body, None)


def _deployments(read: Read) -> Captured:
    name = _value(read, "flowOrDeploymentName", _is_text, "a text", strict=False) or None
    sort = _value(read, "sort", _LIST_SORTS.__contains__, "one of its choices", strict=False)
    body = {
        "deployments": {
            "flow_or_deployment_name": {"like_": name},
            "tags": {"all_": _texts(read, "tags", strict=False)},
        },
        "sort": sort or "NAME_ASC",
        "limit": _limit(read, "limit", _ROWS_OF_LISTS),
        "page": _positive(read, "page") or 1,
    }
    return _done(read, "deployments", "/deployments/paginate", body, None)


PAGES: dict[str, Callable[[Read], Captured]] = {
    "runs": _runs,
    "dashboard": _dashboard,
    "flows": _flows,
    "deployments": _deployments,
}


def _done(read: Read, page: str, path: str, body: dict[str, Any], times: Times | None) -> Captured:
    read.others(KNOWN[page])
    window = times.window if times else None
    return Captured(
        "POST",
        path,
        without_empty(body),
        problems=tuple(read.problems),
        window=window,
        now=_moment(window.start, window.end, read.browser.now) if window else read.browser.now,
    )


def _moment(start: datetime, end: datetime, now: datetime) -> datetime:
    """The page's now: whole seconds on the page of runs, whole minutes on the dashboard."""
    return end if end <= now else start


# ── times ─────────────────────────────────────────────────────────────────────


def _preset(read: Read) -> Times | None:
    """The bounds of the page of runs: from a time to another, or one of a few lengths."""
    start, end = _text(read, "start"), _text(read, "end")
    preset = _choice(read, "range", tuple(_PRESETS), None)
    if start and end:
        if preset:
            read.used.discard("range")
        dates = [_date(read, name, text) for name, text in (("start", start), ("end", end))]
        return Times(instant(dates[0]), instant(dates[1])) if dates[0] and dates[1] else None
    for name, text in (("start", start), ("end", end)):
        if text:
            read.used.discard(name)
    if preset is None:
        return None
    if preset == "today":
        return read.today()
    return read.span("range", _PRESETS[preset], read.browser.now.replace(microsecond=0))


def _range(read: Read) -> Times | None:
    """The bounds of the dashboard."""
    after, before = (
        _value(read, name, _is_datetime, "a time", strict=False) for name in ("from", "to")
    )
    type_ = _value(
        read, "rangeType", ("span", "range", "around", "period").__contains__,
        "one of its choices", strict=False,
    )  # fmt: skip
    seconds = _value(read, "seconds", _is_number, "a number", strict=False)
    start, end, middle = (
        _value(read, name, _is_datetime, "a time", strict=True)
        for name in ("start", "end", "aroundDate")
    )
    quantity = _value(read, "aroundQuantity", _is_number, "a number", strict=True)
    unit = _choice(read, "aroundUnit", UNITS, None)
    # `Today` is the only period, and meant where none is named.
    _choice(read, "period", ("Today",), None)
    if after and before:
        # With these the page does not look at the others, from which it has made them.
        return Times(after, before)
    now = read.browser.now.replace(second=0, microsecond=0)
    match type_:
        case "range" if start and end:
            return Times(start, end)
        case "around" if middle and quantity and unit:
            date = _date(read, "aroundDate", middle)
            return read.around("aroundDate", date, quantity, unit) if date else None
        case "period":
            return read.today()
        case "range" | "around":
            return read.span("rangeType", -_DAY, now)
        case _:
            name = "seconds" if seconds is not None else "rangeType"
            return read.span(name, -_DAY if seconds is None else seconds, now)


def _date(read: Read, name: str, text: str) -> datetime | None:
    date = read.date(text)
    if date is None:
        read.wrong(name, "a time in full")
    return date


def _between(times: Times | None) -> dict[str, str]:
    return {"after_": times.after, "before_": times.before} if times else {}


# ── values ────────────────────────────────────────────────────────────────────


def _value(
    read: Read, name: str, is_right: Callable[[Any], bool], wanted: str, *, strict: bool
) -> Any:
    """The value of a parameter; a wrong one is an error of the page's where it is `strict`."""
    read.used.add(name)
    values = [_parsed(value) for value in read.address.values(name)]
    if not values:
        return None
    value = values[0] if len(values) == 1 else values
    if _is_right(is_right, value):
        return value
    if strict:
        read.wrong(name, wanted)
    else:
        read.ignored(name, wanted)
    return None


def _is_right(is_right: Callable[[Any], bool], value: Any) -> bool:
    try:
        return is_right(value)
    except TypeError:
        # A list or an object is none of a few texts.
        return False


def _parsed(text: str | None) -> Any:
    """As the router parses: JSON where it is JSON; infinities are none."""
    try:
        return json.loads(text or "", parse_constant=_refuse)
    except (ValueError, RecursionError):
        return text or ""


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_switch(value: Any) -> bool:
    return isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _INFINITE


def _is_datetime(value: Any) -> bool:
    return isinstance(value, str) and _DATETIME.fullmatch(value) is not None


def _text(read: Read, name: str) -> str | None:
    text: str | None = _value(read, name, _is_text, "a text", strict=True)
    return text


def _switch(read: Read, name: str) -> bool | None:
    switch: bool | None = _value(read, name, _is_switch, "true or false", strict=True)
    return switch


def _choice(read: Read, name: str, choices: tuple[str, ...], usual: str | None) -> str | None:
    chosen: str | None = _value(read, name, choices.__contains__, "one of its choices", strict=True)
    return chosen or usual


def _texts(read: Read, name: str, *, strict: bool) -> list[str] | None:
    """A list of texts; without one the criterion is left out."""

    def is_right(value: Any) -> bool:
        return isinstance(value, list) and all(isinstance(each, str) for each in value)

    return _value(read, name, is_right, "a list of texts", strict=strict) or None


def _split(read: Read, name: str) -> list[str] | None:
    """The parts of a text between commas."""
    text = _text(read, name) or ""
    return [part for part in text.split(",") if part.strip()] or None


def _states(read: Read) -> list[str] | None:
    given = (_text(read, "state") or "").split(",")
    states = [name for name in given if name in _STATES]
    if len(states) < len([name for name in given if name]):
        read.ignored("state", "all names of states that the page knows")
    return states or None


def _positive(read: Read, name: str, most: int | None = None) -> int | None:
    def is_right(value: Any) -> bool:
        whole = _is_number(value) and value == int(value)
        return whole and value > 0 and (most is None or value <= most)

    number = _value(read, name, is_right, "a whole number from 1 on", strict=False)
    return None if number is None else int(number)


def _limit(read: Read, name: str, usual: int, most: int | None = None) -> int:
    return _positive(read, name, most) or read.remembered(usual)
