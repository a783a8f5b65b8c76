"""The pages of the first interface (Vue).

A value that it cannot use is as if it were not there, and where several are given for one
the first counts. Times are filtered by the start of flow runs and by the expected start of
task runs, a week back unless the address says otherwise.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from flowql.diagnostics import captured as problems
from flowql.frontends.captured.found import Captured
from flowql.frontends.captured.page.address import UNITS, Read, Times, instant, without_empty

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

_RANGE = frozenset(
    {"type", "seconds", "startDate", "endDate", "date", "quantity", "unit", "period"}
)
KNOWN = {
    "runs": _RANGE
    | {
        "tab", "state", "tag", "flow", "deployment", "workPool", "workQueue", "hide-subflows",
        "flow-run-search", "flow-runs-sort", "flow-runs-page",
        "task-run-search", "task-runs-sort", "task-runs-page",
    },
    "dashboard": _RANGE | {"tags", "hide-subflows"},
    "flows": frozenset({"page", "limit", "sort", "flows.nameLike", "flows.tags.name"}),
    "deployments": frozenset(
        {
            "page", "limit", "sort", "deployments.flowOrDeploymentNameLike",
            "deployments.tags.name",
        }
    ),
}  # fmt: skip

_WEEK = 7 * 86_400
_DAY = 86_400
_ROWS_OF_RUNS = 100
_ROWS_OF_LISTS = 10

_FLOW_RUN_SORTS: tuple[str, ...] = (
    "ID_DESC", "END_TIME_DESC", "CREATED_DESC", "NAME_DESC", "NAME_ASC",
    "EXPECTED_START_TIME_DESC", "EXPECTED_START_TIME_ASC", "NEXT_SCHEDULED_START_TIME_ASC",
    "START_TIME_DESC", "START_TIME_ASC", "DURATION_DESC", "LATENESS_DESC",
)  # fmt: skip
_TASK_RUN_SORTS: tuple[str, ...] = (
    "ID_DESC", "EXPECTED_START_TIME_ASC", "EXPECTED_START_TIME_DESC", "NAME_DESC", "NAME_ASC",
    "NEXT_SCHEDULED_START_TIME_ASC", "END_TIME_DESC",
)  # fmt: skip
_LIST_SORTS = ("CREATED_DESC", "UPDATED_DESC", "NAME_DESC", "NAME_ASC")

_INTEGER = re.compile(r"\s*([+-]?)(?:0[xX]([0-9a-fA-F]{1,15})|(\d{1,15})(?!\d))", re.ASCII)


def _runs(read: Read) -> Captured:
    tab = _text(read, "tab") or "flow-runs"
    if tab not in ("flow-runs", "task-runs"):
        read.ignored("tab", "`flow-runs` or `task-runs`")
    body: dict[str, Any] = {
        "flows": {"id": {"any_": _texts(read, "flow")}},
        "deployments": {"id": {"any_": _texts(read, "deployment")}},
        "work_pools": {"name": {"any_": _texts(read, "workPool")}},
    }
    own: dict[str, Any] = {
        "tags": {"all_": _texts(read, "tag")},
        "state": {"name": {"any_": _texts(read, "state")}},
    }
    times = _times(read, -_WEEK)
    if tab == "task-runs":
        path, key, time, search = "/task_runs/paginate", "task_runs", "expected_start_time", "task"
        sorts, sort = _TASK_RUN_SORTS, "EXPECTED_START_TIME_DESC"
    else:
        path, key, time, search = "/flow_runs/paginate", "flow_runs", "start_time", "flow"
        sorts, sort = _FLOW_RUN_SORTS, "START_TIME_DESC"
        own["parent_task_run_id"] = {"is_null_": _true(read, "hide-subflows")}
    own["name"] = {"like_": _text(read, f"{search}-run-search") or None}
    own[time] = _between(times)
    body[key] = own
    body["sort"] = _choice(read, f"{search}-runs-sort", sorts, sort)
    body["limit"] = read.remembered(_ROWS_OF_RUNS)
    body["page"] = _number(read, f"{search}-runs-page", 1)
    return _done(read, "runs", path, body, times)


def _dashboard(read: Read) -> Captured:
    times = _times(read, -_DAY)
    runs: dict[str, Any] = {
        "expected_start_time": _between(times),
        "tags": {"any_": _texts(read, "tags")},
        "parent_task_run_id": {"is_null_": _true(read, "hide-subflows")},
    }
    return _done(read, "dashboard", "/flow_runs/filter", {"flow_runs": runs}, times)


def _flows(read: Read) -> Captured:
    flows = {
        "name": {"like_": _text(read, "flows.nameLike") or None},
        "tags": {"all_": _texts(read, "flows.tags.name")},
    }
    return _list(read, "flows", flows)


def _deployments(read: Read) -> Captured:
    name = _text(read, "deployments.flowOrDeploymentNameLike") or None
    deployments = {
        "flow_or_deployment_name": {"like_": name},
        "tags": {"all_": _texts(read, "deployments.tags.name")},
    }
    return _list(read, "deployments", deployments)


def _list(read: Read, key: str, own: dict[str, Any]) -> Captured:
    given = "limit" in read.address_names
    limit = _number(read, "limit", None) if given else read.remembered(_ROWS_OF_LISTS)
    body = {
        key: own,
        "sort": _choice(read, "sort", _LIST_SORTS, "NAME_ASC"),
        "limit": limit,
        "page": _number(read, "page", 1),
    }
    for each in read.address.given:
        # The lists take any criterion under its path, of which few are ever in an address.
        if "." in each.name and each.name not in KNOWN[key]:
            read.used.add(each.name)
            name = each.name if len(each.name) <= 60 else f"{each.name[:59]}…"
            read.problems.append(problems.UnreadParameter(span=each.span, name=name))
    return _done(read, key, f"/{key}/paginate", body, None)


PAGES: dict[str, Callable[[Read], Captured]] = {
    "runs": _runs,
    "dashboard": _dashboard,
    "flows": _flows,
    "deployments": _deployments,
}


def _done(read: Read, page: str, path: str, body: dict[str, Any], times: Times | None) -> Captured:
    read.others(KNOWN[page])
    return Captured(
        "POST",
        path,
        without_empty(body),
        problems=tuple(read.problems),
        window=times.window if times else None,
        now=read.browser.now.replace(microsecond=0),
    )


# ── times ─────────────────────────────────────────────────────────────────────


def _times(read: Read, usual: int) -> Times | None:
    """The page's bounds of time; its now is a whole second."""
    now = read.browser.now.replace(microsecond=0)
    match _choice(read, "type", ("span", "range", "period", "around"), None):
        case "span":
            if seconds := _number(read, "seconds", None):
                return read.span("seconds", seconds, now)
        case "range":
            start, end = _date(read, "startDate"), _date(read, "endDate")
            if start and end:
                return Times(instant(start), instant(end))
        case "around":
            date, unit = _date(read, "date"), _choice(read, "unit", UNITS, None)
            quantity = _number(read, "quantity", None)
            if date and unit and quantity:
                return read.around("date", date, quantity, unit)
        case "period":
            if _choice(read, "period", ("Today",), None):
                return read.today()
        case _:
            pass
    return read.span("type", usual, now)


def _between(times: Times | None) -> dict[str, str]:
    return {"before_": times.before, "after_": times.after} if times else {}


# ── values ────────────────────────────────────────────────────────────────────


def _given(read: Read, name: str) -> list[str | None]:
    read.used.add(name)
    return read.address.values(name)


def _texts(read: Read, name: str) -> list[str] | None:
    """All values; without one the criterion is left out."""
    return [value for value in _given(read, name) if value is not None] or None


def _first(read: Read, name: str, wanted: str, parse: Callable[[str], Any]) -> Any:
    """The first value that can be used, and a word on all others."""
    given = _given(read, name)
    usable = [found for value in given if value is not None and (found := parse(value)) is not None]
    if len(usable) != len(given):
        read.ignored(name, wanted)
    elif len(usable) > 1:
        read.ignored(name, "one value")
    return usable[0] if usable else None


def _text(read: Read, name: str) -> str | None:
    text: str | None = _first(read, name, "a text", lambda value: value)
    return text


def _number(read: Read, name: str, usual: int | None) -> int | None:
    if name not in read.address_names:
        return usual
    number: int | None = _first(read, name, "a whole number", _whole)
    return number


def _whole(text: str) -> int | None:
    """As JavaScript's `parseInt`: what follows the digits does not count."""
    found = _INTEGER.match(text)
    if found is None:
        return None
    sign, hexadecimal, digits = found.groups()
    number = int(hexadecimal, 16) if hexadecimal else int(digits)
    return -number if sign == "-" else number


def _choice(read: Read, name: str, choices: tuple[str, ...], usual: str | None) -> str | None:
    if name not in read.address_names:
        return usual
    wanted = "one of its choices"
    chosen: str | None = _first(
        read, name, wanted, lambda value: value if value in choices else None
    )
    return chosen


def _true(read: Read, name: str) -> bool | None:
    """True, or nothing: only a set switch is part of the request."""
    switches = {"true": True, "false": False}
    return _first(read, name, "`true` or `false`", switches.get) or None


def _date(read: Read, name: str) -> datetime | None:
    values = [value for value in _given(read, name) if value]
    if not values:
        return None
    if len(values) > 1:
        read.ignored(name, "one value")
    date = read.date(values[0])
    if date is None:
        # Browsers differ in what they read beyond the standard.
        span = read.address.span(name)
        read.problems.append(problems.UnreadParameter(span=span, name=name))
    return date
