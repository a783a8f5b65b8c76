"""Addresses of a Prefect API, from what people have at hand: the API's own, or that of a page.

Only the text is looked at; nobody is asked. A page of Prefect Cloud names its workspace, whose API
is at another host; a page of a server stands beside `/api`. Every other path is taken as it is:
what stands behind a reverse proxy is known to nobody here.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit, urlunsplit

import httpx

from flowql.diagnostics import FlowQLError
from flowql.diagnostics.api import NoWorkspace
from flowql.diagnostics.run import BadAddress
from flowql.run.places import masked

_CLOUD_PAGES = re.compile(r"app((?:\.\w+)?\.prefect\.(?:cloud|dev))")
"""Hosts of Prefect Cloud's pages; the API's has `api` in the place of `app`."""

_CLOUD_API = re.compile(r"api((?:\.\w+)?\.prefect\.(?:cloud|dev))")

_UUID = r"([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})"

_WORKSPACE = re.compile(rf"(?:/api)?/accounts?/{_UUID}/workspaces?/{_UUID}(/.*)?")
"""The path of a workspace: `/account/…/workspace/…` of pages, in the plural of the API."""

_PATH = "/api/accounts/{}/workspaces/{}"

PAGES = frozenset(
    """
    artifacts automations blocks concurrency-limits concurrency-limits-v2 dashboard deployments docs
    events flow-runs flows login notifications redoc runs settings v2 variables work-pools
    work-queues
    """.split()
)
"""What the paths of a server's pages begin with; the second interface is under `/v2`."""


def formed(address: str) -> str:
    """The address of the API that is meant by this one; what cannot be read stays as it is.

    Raises `FlowQLError` where a page of Prefect Cloud is of no workspace.
    """
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").lower()
    except ValueError:
        return address
    if cloud := _CLOUD_PAGES.fullmatch(host):
        workspace = _WORKSPACE.fullmatch(parts.path.rstrip("/"))
        if workspace is None:
            raise FlowQLError([NoWorkspace(address=masked(address))])
        return f"https://api{cloud[1]}" + _PATH.format(workspace[1], workspace[2])
    if _CLOUD_API.fullmatch(host):
        workspace = _WORKSPACE.fullmatch(parts.path.rstrip("/"))
        # The words of a page at the host of the API: neither would answer.
        if workspace is not None and not workspace[3] and not parts.query:
            path = _PATH.format(workspace[1], workspace[2])
            return urlunsplit((parts.scheme, parts.netloc, path, "", parts.fragment))
        return address
    head, *_ = parts.path.strip("/").split("/")
    if head in PAGES and not parts.path.rstrip("/").endswith("/api"):
        return urlunsplit((parts.scheme, parts.netloc, "/api", "", ""))
    return address


def base(address: str) -> httpx.URL:
    """The address that paths are added to; one without a path is given Prefect's own, `/api`.

    Raises `FlowQLError` where it is none.
    """
    try:
        url = httpx.URL(address)
        reason = _wrong(url)
        if reason is None:
            return url.copy_with(raw_path=url.raw_path.rstrip(b"/") or b"/api")
    except (httpx.InvalidURL, ValueError) as error:
        reason = str(error).lower()
    raise FlowQLError([BadAddress(address=masked(address), reason=reason)])


def _wrong(url: httpx.URL) -> str | None:
    """Why nothing can be asked at an address, if so. What no socket takes, httpx lets pass."""
    if url.scheme not in ("http", "https") or not url.host:
        return "it has no host"
    if url.query or url.fragment:
        return "it ends in more than a path"
    if url.port is not None and url.port > 65_535:
        return "its port is beyond 65,535"
    labels = url.raw_host.removesuffix(b".").split(b".")
    if b":" not in url.raw_host and not all(0 < len(label) < 64 for label in labels):
        return "between the dots of its host stands no letter, or more than 63"
    return None
