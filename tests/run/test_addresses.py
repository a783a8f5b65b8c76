"""Which API an address means: the forms that people have, each with what is asked."""

from __future__ import annotations

import re
from pathlib import Path

import prefect.server
import pytest

from flowql import FlowQLError
from flowql.run.addresses import PAGES, base, formed
from flowql.run.settings import connection

ACCOUNT = "9b649228-0419-40e1-9e0d-44954b5c0ab6"
WORKSPACE = "96bd3cf8-85c9-4545-9713-b4e3c3e03466"
CLOUD = f"https://api.prefect.cloud/api/accounts/{ACCOUNT}/workspaces/{WORKSPACE}"
PAGE = f"https://app.prefect.cloud/account/{ACCOUNT}/workspace/{WORKSPACE}"
LOCAL = "http://127.0.0.1:4200/api"

FORMS = {
    # Prefect Cloud's API, as its settings have it.
    CLOUD: CLOUD,
    f"{CLOUD}/": CLOUD,
    # Its pages.
    PAGE: CLOUD,
    f"{PAGE}/": CLOUD,
    f"{PAGE}/dashboard": CLOUD,
    f"{PAGE}/runs?state=Failed&tags=etl": CLOUD,
    f"{PAGE}/runs/flow-run/{ACCOUNT}?entity_id=1#logs": CLOUD,
    f"{PAGE}/deployments/deployment/{ACCOUNT}": CLOUD,
    f"  {PAGE}/runs ".strip(): CLOUD,
    PAGE.replace("https", "http"): CLOUD,
    PAGE.replace("app.prefect", "APP.Prefect"): CLOUD,
    PAGE.replace("app.prefect.cloud", "app.stg.prefect.dev"): CLOUD.replace(
        "api.prefect.cloud", "api.stg.prefect.dev"
    ),
    # Mixtures of the two, which people write by hand.
    CLOUD.replace("https://api", "https://app"): CLOUD,
    PAGE.replace("https://app", "https://api"): CLOUD,
    CLOUD.replace("accounts", "account").replace("workspaces", "workspace"): CLOUD,
    # A server's API, and what leads to it.
    "http://127.0.0.1:4200": LOCAL,
    "http://127.0.0.1:4200/": LOCAL,
    LOCAL: LOCAL,
    f"{LOCAL}/": LOCAL,
    "http://127.0.0.1:4200/runs": LOCAL,
    "http://127.0.0.1:4200/runs/": LOCAL,
    "http://127.0.0.1:4200/runs?state=Failed&page=2": LOCAL,
    "http://127.0.0.1:4200/dashboard#top": LOCAL,
    f"http://127.0.0.1:4200/runs/flow-run/{ACCOUNT}": LOCAL,
    f"http://127.0.0.1:4200/v2/flow-runs/flow-run/{ACCOUNT}?tab=Logs": LOCAL,
    "http://127.0.0.1:4200/v2": LOCAL,
    "http://127.0.0.1:4200/work-pools/work-pool/my%20pool": LOCAL,
    "http://127.0.0.1:4200/docs": LOCAL,
    "http://localhost:4200/flows": "http://localhost:4200/api",
    "HTTP://LOCALHOST:4200/flows": "http://localhost:4200/api",
    "http://[::1]:4200/flows": "http://[::1]:4200/api",
    "https://prefect.example.com/deployments": "https://prefect.example.com/api",
    "https://me:secret@prefect.example.com/runs?x=1": "https://me:secret@prefect.example.com/api",
    # What stands behind a reverse proxy is as it is.
    "https://example.com/prefect/api": "https://example.com/prefect/api",
    "https://example.com/prefect/api/": "https://example.com/prefect/api",
    "https://example.com/prefect": "https://example.com/prefect",
    "https://example.com/prefect/runs": "https://example.com/prefect/runs",
    "https://example.com/flows/api": "https://example.com/flows/api",
    "https://example.com/v2/api": "https://example.com/v2/api",
    "https://example.com/api/v2": "https://example.com/api/v2",
    "https://example.com/my%20team/api": "https://example.com/my%20team/api",
    # Others' hosts are not Prefect Cloud's.
    f"https://app.prefect.cloud.example.com/account/{ACCOUNT}": (
        f"https://app.prefect.cloud.example.com/account/{ACCOUNT}"
    ),
    "https://app.notprefect.cloud/x": "https://app.notprefect.cloud/x",
    "https://api.prefect.cloud/api": "https://api.prefect.cloud/api",
}


@pytest.mark.parametrize("address", FORMS)
def test_the_api_that_is_meant(address: str) -> None:
    assert str(base(formed(address))) == FORMS[address]
    assert formed(FORMS[address]) == FORMS[address], "what is formed stays so"


@pytest.mark.parametrize(
    "address",
    [
        "https://app.prefect.cloud",
        "https://app.prefect.cloud/",
        f"https://app.prefect.cloud/account/{ACCOUNT}",
        f"https://app.prefect.cloud/account/{ACCOUNT}/settings",
        "https://app.prefect.cloud/account/me/workspace/mine",
        f"https://app.prefect.cloud/account/{ACCOUNT}/workspace/{WORKSPACE}0",
        f"https://app.prefect.cloud/account/{ACCOUNT}/workspace/%2e%2e",
        "https://me:tell-nobody@app.prefect.cloud/my/profile",
    ],
)
def test_a_page_of_no_workspace(address: str) -> None:
    with pytest.raises(FlowQLError) as raised:
        connection(address)
    [found] = raised.value.diagnostics
    assert found.code == "no-workspace"
    assert "tell-nobody" not in f"{found} {found!r} {found.help}"


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("http://", "it has no host"),
        ("http:///api", "it has no host"),
        ("ftp://example.com/api", "it has no host"),
        ("http://example.com:port/api", "invalid port"),
        ("http://example.com/api?x=1", "it ends in more than a path"),
        ("http://example.com/api#x", "it ends in more than a path"),
        ("http://example.com:65536/api", "its port is beyond 65,535"),
        ("http://example..com/api", "stands no letter"),
        ("http://./api", "stands no letter"),
        (f"http://{'a' * 64}.com/api", "or more than 63"),
        ("http://[::1/api", ""),
        ("http://\x00/api", ""),
        ("http://example.com/\x00", ""),
        ("http://" + "a" * 70_000, ""),
    ],
)
def test_what_is_no_address(address: str, reason: str) -> None:
    with pytest.raises(FlowQLError) as raised:
        base(formed(address))
    [found] = raised.value.diagnostics
    assert found.code == "bad-address"
    assert reason in found.message
    assert raised.value.__context__ is None


def test_a_key_follows_its_page_to_the_api(monkeypatch: pytest.MonkeyPatch) -> None:
    """A profile that names the API has the key for its pages, and the other way round."""
    monkeypatch.setenv("PREFECT_API_KEY", "tell-nobody")
    for configured, asked in ((CLOUD, f"{PAGE}/runs"), (f"{PAGE}/runs", CLOUD), (PAGE, None)):
        monkeypatch.setenv("PREFECT_API_URL", configured)
        found = connection(asked)
        assert (found.url, found.withheld) == (CLOUD, None)
        assert found.settings.key is not None
    monkeypatch.setenv("PREFECT_API_URL", "https://app.prefect.cloud/")
    assert connection(LOCAL).settings.key is None
    assert connection(CLOUD).settings.key is None, "whose key it is cannot be told"


def test_the_pages_are_those_that_the_interfaces_have() -> None:
    """Prefect's own interface brings the list of its pages along."""
    server = Path(prefect.server.__file__).parent
    paths = {
        path
        for file in (*server.glob("ui/assets/*.js"), *server.glob("ui-v2/assets/*.js"))
        for path in re.findall(
            r"path:[`\"']/?([a-z0-9-]+)/?[`\"']", file.read_text(errors="replace")
        )
    }
    assert len(paths) > 15
    # These stand below others, and the last is a library's word.
    below = {"catalog", "collections", "create", "path"}
    assert paths <= PAGES | below, "a page that is not known"
