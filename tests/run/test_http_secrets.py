"""No message, repr, chained exception or warning holds what a server knows the user by."""

from __future__ import annotations

import asyncio
import base64
import re
import traceback
from collections.abc import Generator
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from flowql import FlowQLError
from flowql.backends.body import Request
from flowql.run.http import Api, AsyncApi
from flowql.run.settings import connection
from tests.run.faults import Server
from tests.run.ways import GIVEN, OWN, Hourglass, Way

WORD = "tell-nobody"
ONE = [Request("POST", "/flows/count", {})]


class Signed(httpx.Auth):
    """An authorization whose secret shows in the request alone."""

    def __init__(self) -> None:
        self.sign = lambda: WORD

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["X-Signed"] = self.sign()
        yield request


CLIENTS: list[dict[str, Any]] = [
    {"headers": {"Authorization": f"Bearer {WORD}"}},
    {"headers": {"X-Custom": WORD}},
    {"headers": {"X-Custom": f'quoted "{WORD}" \\'}},
    {"headers": {"Cookie": f"session={WORD}"}},
    {"cookies": {"session": WORD}},
    {"auth": ("admin", WORD)},
    {"auth": httpx.DigestAuth("admin", WORD)},
    {"auth": Signed()},
    {"params": {"api_key": WORD}},
    {"params": {"x": WORD}},
    {"headers": {"Proxy-Authorization": f"Basic {base64.b64encode(WORD.encode()).decode()}"}},
]

SETTINGS = [
    {"PREFECT_API_KEY": WORD},
    {"PREFECT_API_AUTH_STRING": f"admin:{WORD}"},
    {"PREFECT_API_AUTH_STRING": f'ädmin:"{WORD}'},
    {"PREFECT_CLIENT_CUSTOM_HEADERS": f'{{"X-Secret": "{WORD}"}}'},
]

FAULTS = """
    echo400 echo401 echo404 echo500 echo503 echolist echotext echokind echolocation echovalue
    drop cut html deep list null noid redirect badid s401 s422
""".split()


def shown(error: BaseException) -> str:
    """All that a program may print of an exception, and of those that led to it."""
    texts = []
    seen: BaseException | None = error
    while seen is not None:
        texts += [str(seen), repr(seen), "".join(traceback.format_exception(seen))]
        seen = seen.__cause__ or seen.__context__
    for found in getattr(error, "diagnostics", []):
        texts += [str(found), repr(found), found.message, str(found.help)]
    # A traceback quotes the lines of this test.
    return re.sub(r'(?m)^ +File ".*\n.*\n', "", "\n".join(texts))


def keeps_silent(text: str) -> bool:
    """Whether a text has the secret in none of the ways in which it can be written."""
    for secret in (WORD, f"admin:{WORD}", f'ädmin:"{WORD}', f"session={WORD}"):
        data = secret.encode()
        for form in (secret, base64.b64encode(data).decode(), quote(data, safe=""), data.hex()):
            if form in text:
                return False
    return True


def failure(way: Way, url: str) -> FlowQLError | None:
    try:
        way.answers(ONE, url, patience=Hourglass().patience())
    except FlowQLError as error:
        return error
    return None


@pytest.mark.parametrize("way", GIVEN, ids=str)
@pytest.mark.parametrize("client", CLIENTS, ids=lambda one: "-".join(one))
def test_a_client_that_is_given(way: Way, client: dict[str, Any], server: Server) -> None:
    for fault in FAULTS:
        error = failure(Way(way.tasks, True, client), f"{server.url}/{fault}")
        if error is None:
            assert fault in ("list", "null", "noid", "badid", "echovalue"), "these are JSON"
        else:
            assert keeps_silent(shown(error)), shown(error)


@pytest.mark.parametrize("way", OWN, ids=str)
@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_settings(
    way: Way, settings: dict[str, str], server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    for fault in FAULTS:
        error = failure(way, f"{server.url}/{fault}")
        assert error is None or keeps_silent(shown(error)), shown(error)


@pytest.mark.parametrize("way", [*OWN, *GIVEN], ids=str)
@pytest.mark.parametrize("userinfo", [f"me:{WORD}", WORD])
def test_the_address(way: Way, userinfo: str, server: Server) -> None:
    for fault in FAULTS:
        error = failure(way, f"{server.url}/{fault}".replace("://", f"://{userinfo}@"))
        assert error is None or keeps_silent(shown(error)), shown(error)


def test_echoes_are_echoes(server: Server) -> None:
    """The secrets come back indeed, else the tests above would show nothing."""
    for fault in FAULTS:
        if fault.startswith("echo"):
            with httpx.Client(headers={"X-Custom": WORD}) as client:
                answer = client.post(f"{server.url}/{fault}/flows/count")
            assert WORD in answer.text + str(answer.headers)


@pytest.mark.parametrize(
    "client", [{"headers": {"X-Custom": WORD + "\n"}}, {"headers": {"X-Custom": f"{WORD}\x00"}}]
)
@pytest.mark.parametrize("way", GIVEN, ids=str)
def test_a_header_that_cannot_be_sent(way: Way, client: dict[str, Any], server: Server) -> None:
    """What takes offence at a header quotes it."""
    error = failure(Way(way.tasks, True, client), f"{server.url}/good")
    assert error is not None
    assert keeps_silent(shown(error)), shown(error)
    assert server.requests == []


def test_an_api_does_not_show_them(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_KEY", WORD)
    url = f"{server.url}/good".replace("://", f"://me:{WORD}@")
    with Api(connection(url)) as api:
        assert repr(api) == str(api) == f"Api('{server.url.replace('://', '://me:***@')}/good')"
    with httpx.Client(base_url=url, auth=("me", WORD), headers={"X": WORD}) as client:
        assert keeps_silent(f"{Api.of(client)!r}")

    async def both() -> None:
        async with AsyncApi(connection(url)) as api:
            assert keeps_silent(f"{api!r}")
        async with httpx.AsyncClient(base_url=url, auth=("me", WORD)) as client:
            assert keeps_silent(f"{AsyncApi.of(client)!r}")

    asyncio.run(both())
    assert keeps_silent(repr(connection(url).settings))


@pytest.mark.parametrize("way", GIVEN, ids=str)
def test_a_refused_key_is_named_as_the_clients(way: Way, server: Server) -> None:
    error = failure(way, f"{server.url}/s401")
    assert "without a key" in str(error)
    assert "its headers or its auth" in str(error)
    error = failure(Way(way.tasks, True, CLIENTS[0]), f"{server.url}/s401")
    assert "with the client's own key" in str(error)


def test_an_evaluation_that_does_not_like_an_answer(server: Server) -> None:
    from flowql.diagnostics.run import UnexpectedAnswer

    def evaluation() -> Generator[list[Request], list[Any], None]:
        [answer] = yield ONE
        raise FlowQLError([UnexpectedAnswer(url="/flows/count", reason=f"{answer}\x1b[31m")])

    way = Way(False, True, {"headers": {"X-Custom": WORD}})
    with pytest.raises(FlowQLError) as raised:
        way.drive(evaluation(), f"{server.url}/echovalue")
    said = shown(raised.value)
    assert keeps_silent(said)
    assert "\x1b" not in said
    assert f"{server.url}/echovalue/flows/count answers with" in said
