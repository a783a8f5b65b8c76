"""Addresses of the pages of Prefect's two user interfaces, as the requests they make.

The first interface (Vue; also Prefect Cloud's) stands at the root, the second (React) under
`/v2`; where an address does not say so, its parameters do. What each parameter means is
described in docs/prefect.md. A parameter is never dropped without a word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowql.catalog import endpoints
from flowql.diagnostics import captured as problems
from flowql.frontends.captured.found import Captured, Found, endpoint_path, hidden
from flowql.frontends.captured.page import react, vue
from flowql.frontends.captured.page.address import Address, Browser, Read, read_address

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

_LISTS = {"runs": "runs", "flow-runs": "runs", "dashboard": "dashboard", "flows": "flows",
          "deployments": "deployments"}  # fmt: skip
"""The last part of an address, with the page that it leads to."""

_SINGLE: dict[tuple[str, ...], tuple[str, str]] = {
    ("runs", "flow-run"): ("flow_runs", "id"),
    ("flow-runs", "flow-run"): ("flow_runs", "id"),
    ("runs", "task-run"): ("task_runs", "id"),
    ("flow-runs", "task-run"): ("task_runs", "id"),
    ("flows", "flow"): ("flows", "id"),
    ("deployments", "deployment"): ("deployments", "id"),
    ("work-pools", "work-pool"): ("work_pools", "name"),
}
"""Pages of one row: what stands before the row in the address, and the row's key."""

_KNOWN = (
    *(f"/{name}" for name in _LISTS if name != "flow-runs"),
    *(f"/{'/'.join(names)}/…" for names in _SINGLE if names[0] != "flow-runs"),
)


def read(text: str, now: datetime, zone: ZoneInfo) -> Found:
    """The request for the rows of the page at this address."""
    address = read_address(text)
    captured = _captured(address, Browser(now, zone))
    shown = address.safe(problem.span for problem in captured.problems)
    return Found((captured,), hidden(text, shown))


def _captured(address: Address, browser: Browser) -> Captured:
    *_, last = ("", *address.parts)
    if last in _LISTS:
        name = _LISTS[last]
        pages = react.PAGES if _is_react(address, name) else vue.PAGES
        return pages[name](Read(address, browser))
    if single := _SINGLE.get(address.parts[-3:-1]):
        return _one(address, browser, *single, last)
    path = endpoint_path("/" + "/".join(address.parts))
    if endpoints.find(path):
        wrong = problems.OtherMethod(span=address.path, method="GET", path=path)
        return Captured("", path, None, problems=(wrong,))
    path = "/" + "/".join(address.parts)
    shown = path if len(path) <= 80 else f"{path[:79]}…"
    unknown = problems.UnknownPage(span=address.path, path=shown, known=_KNOWN)
    return Captured("", "", None, problems=(unknown,))


def _is_react(address: Address, page: str) -> bool:
    if "v2" in address.parts[:-1]:
        return True
    names = {given.name for given in address.given}
    reacts, vues = react.KNOWN[page], vue.KNOWN[page]
    return len(names & reacts - vues) > len(names & vues - reacts)


def _one(address: Address, browser: Browser, key: str, criterion: str, value: str) -> Captured:
    """The page of one row, which it reads alone: no parameter chooses another."""
    read = Read(address, browser)
    for given in address.given:
        read.problems.append(problems.LeftOutParameter(span=given.span, name=given.name))
    body = {key: {criterion: {"any_": [value]}}}
    return Captured("POST", f"/{key}/filter", body, problems=tuple(read.problems))


__all__ = ["read"]
