"""A real Prefect asked through a network that fails: again, together, in time, and to the end."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import TypeAdapter

from flowql import Diagnostic, FlowQLError
from flowql.backends.body import Request
from flowql.run.http import Api, AsyncApi
from flowql.run.retrying import Patience, retry_after
from flowql.run.settings import connection
from tests.oracle.server import PrefectServer
from tests.run.faults import Fault, Passing, Proxy, Server, before, status
from tests.run.ways import GIVEN, OWN, WAYS, Hourglass, Way, batch

ways = pytest.mark.parametrize("way", WAYS, ids=str)
ANY = TypeAdapter(object)

QUESTIONS = [
    Request("POST", "/flows/count", {}),
    Request("POST", "/flow_runs/count", {}),
    *(
        Request("POST", "/flows/paginate", {"limit": 2, "page": page, "sort": "NAME_ASC"})
        for page in range(1, 13)
    ),
    Request("POST", "/variables/filter", {"variables": {"name": {"like_": "a"}}}),
]
ONE = QUESTIONS[:1]


def truth(server: PrefectServer, requests: list[Request]) -> list[Any]:
    """What the server answers when it is asked directly."""
    return [server.post(request.path, request.body)[1] for request in requests]


def problem(ask: Callable[[], object]) -> Diagnostic:
    """The one problem that comes of asking, with nothing of others' exceptions about it."""
    with pytest.raises(FlowQLError) as raised:
        ask()
    [found] = raised.value.diagnostics
    assert raised.value.__context__ is None
    assert raised.value.__cause__ is None
    return found


def strays() -> list[threading.Thread]:
    """Threads of batches that are still there."""
    return [one for one in threading.enumerate() if one.name.startswith("flowql-")]


# ── together ──────────────────────────────────────────────────────────────────


@ways
def test_answers_stand_in_the_order_of_the_requests(
    way: Way, prefect_server: PrefectServer
) -> None:
    expected = truth(prefect_server, QUESTIONS)
    assert len({str(answer) for answer in expected}) > 10, "they are told apart"
    for limit in (1, 3, 8, 100):
        assert way.answers(QUESTIONS, prefect_server.api_url, together=limit) == expected
    assert way.answers([], prefect_server.api_url) == []
    assert strays() == []


@ways
@pytest.mark.parametrize("limit", [1, 3, 8])
def test_so_many_requests_are_under_way_at_a_time(way: Way, proxy: Proxy, limit: int) -> None:
    # Each waits until there are as many as may be; were there fewer, the barrier would break.
    barrier = threading.Barrier(limit)
    proxy.held = lambda: barrier.wait(10)
    way.answers(
        QUESTIONS[: 2 * limit][: len(QUESTIONS) // limit * limit], proxy.url, together=limit
    )
    assert proxy.most == limit


@ways
def test_connections_are_used_again(way: Way, proxy: Proxy) -> None:
    way.answers(QUESTIONS, proxy.url, together=3)
    assert len(proxy.requests) == len(QUESTIONS)
    assert len(proxy._connections) <= 3


@ways
def test_each_answer_is_told_where_it_was_asked_for(way: Way, proxy: Proxy) -> None:
    proxy.script.extend([None, status(503)])
    told: list[threading.Thread] = []
    how = {"on_answer": lambda: told.append(threading.current_thread())}
    way.answers(QUESTIONS, proxy.url, patience=Hourglass().patience(), **how)
    assert told == [threading.current_thread()] * len(QUESTIONS)
    assert len(proxy.requests) == len(QUESTIONS) + 1


@ways
def test_the_first_failure_ends_the_others(way: Way, proxy: Proxy) -> None:
    proxy.by_path = {"/flows/count": status(400), "/flow_runs/count": Passing.silent}
    held = threading.Barrier(4)
    proxy.held = lambda: held.wait(10)
    silent = [QUESTIONS[1]] * 3
    before = time.monotonic()
    found = problem(lambda: way.answers([*silent, *ONE, *QUESTIONS], proxy.url, together=4))
    assert found.code == "request-refused"
    assert time.monotonic() - before < 20, "the silent ones have 30 seconds"
    for _ in silent:
        assert proxy.left.acquire(timeout=5), "the other side has gone"
    assert strays() == []
    assert len(proxy.requests) == 4, "nothing more was asked"


# ── again ─────────────────────────────────────────────────────────────────────


@ways
@pytest.mark.parametrize(
    "script",
    [
        [status(429)],
        [status(502), status(503), status(504)],
        [Passing.drop],
        [Passing.cut, Passing.half, Passing.drop],
        [status(503), Passing.drop, status(429)],
    ],
)
def test_what_fails_for_a_moment_is_asked_again(
    way: Way, proxy: Proxy, prefect_server: PrefectServer, script: list[Fault]
) -> None:
    clock = Hourglass()
    proxy.script.extend(script)
    answer = way.answers(ONE, proxy.url, patience=clock.patience())
    assert answer == truth(prefect_server, ONE)
    assert clock.waits == [0.5, 1.0, 2.0][: len(script)]
    assert len({request[3] for request in proxy.requests}) == 1, "each time the same body"


@ways
def test_every_request_of_a_batch_may_fail_for_a_moment(
    way: Way, proxy: Proxy, prefect_server: PrefectServer
) -> None:
    proxy.script.extend([status(503), Passing.drop, Passing.half, None, status(429)] * 3)
    answer = way.answers(QUESTIONS, proxy.url, patience=Hourglass().patience(attempts=20))
    assert answer == truth(prefect_server, QUESTIONS)


@ways
def test_a_server_that_comes_up_meanwhile(way: Way, prefect_server: PrefectServer) -> None:
    with before(prefect_server.api_url) as first:
        port, url = first.server_port, first.url
    clock, later = Hourglass(), []

    def start() -> None:
        later.append(Proxy(prefect_server.api_url, port))
        later[-1].start()

    clock.meanwhile = start
    try:
        assert way.answers(ONE, url, patience=clock.patience()) == truth(prefect_server, ONE)
        assert clock.waits == [0.5]
    finally:
        for one in later:
            one.stop()


@ways
def test_a_server_that_says_nothing_is_asked_again(
    way: Way, proxy: Proxy, prefect_server: PrefectServer
) -> None:
    proxy.script.append(Passing.silent)
    # Half of the time is for the first attempt, and half for the second one on a busy machine.
    patience = Hourglass().patience(silence=0.3, first=0)
    assert way.answers(ONE, proxy.url, patience=patience, timeout=3) == truth(prefect_server, ONE)
    assert len(proxy.requests) == 2


@pytest.mark.parametrize("way", GIVEN, ids=str)
def test_the_own_waits_of_a_client_that_is_given(
    way: Way, proxy: Proxy, prefect_server: PrefectServer
) -> None:
    way = Way(way.tasks, True, {"timeout": httpx.Timeout(5, read=0.2)})
    proxy.script.append(Passing.silent)
    assert way.answers(ONE, proxy.url, patience=Hourglass().patience()) == truth(
        prefect_server, ONE
    )
    proxy.by_path = {ONE[0].path: Passing.silent}
    patience = Hourglass().patience(attempts=2)
    found = problem(lambda: way.answers(ONE, proxy.url, patience=patience))
    assert found.message.endswith("gave no answer within 0.2 seconds in 2 attempts")


NOON = "Mon, 23 Nov 2026 12:00:{:02} GMT"


@ways
@pytest.mark.parametrize(
    ("said", "waits"),
    [
        ("7", [7.0]),
        ("0", [0.0]),
        ("45", [45.0]),
        (NOON.format(9), [9.0]),
        ("Monday, 23-Nov-26 12:00:09 GMT", [9.0]),
        ("Mon Nov 23 12:00:09 2026", [9.0]),
        ("Mon, 23 Nov 2026 11:00:00 GMT", [0.0]),
        ("soon", [0.5]),
        ("-3", [0.5]),
        ("", [0.5]),
        ("61", None),
        ("9" * 400, None),
        ("Tue, 24 Nov 2026 12:00:00 GMT", None),
    ],
)
def test_what_the_server_asks_for(
    way: Way, proxy: Proxy, said: str, waits: list[float] | None
) -> None:
    clock = Hourglass()
    proxy.script.append(status(429, retry_after=said))
    if waits is None:
        # It asks for more than is waited, so there is no use in asking sooner.
        found = problem(lambda: way.answers(ONE, proxy.url, patience=clock.patience()))
        assert found.code == "request-refused"
        assert len(proxy.requests) == 1
    else:
        way.answers(ONE, proxy.url, patience=clock.patience())
        assert clock.waits == waits


@pytest.mark.parametrize("said", ["٣", "1e3", "inf", "nan", "0x10", "Mon, 99 Nov 2026 12:00:00"])
def test_what_is_no_retry_after(said: str) -> None:
    assert retry_after(said, Hourglass().date()) is None


def test_waits_are_drawn_below_a_bound_that_doubles() -> None:
    drawn = [Patience().wait(attempt, None, 100) for attempt in (1, 2, 3) for _ in range(200)]
    assert None not in drawn
    for at, bound in enumerate((0.5, 1.0, 2.0)):
        waits = [wait for wait in drawn[at * 200 : at * 200 + 200] if wait is not None]
        assert 0 <= min(waits) < bound / 4
        assert bound * 3 / 4 < max(waits) <= bound
    assert Patience().wait(4, None, 100) is None
    assert Patience(attempts=10_000).wait(9_999, None, 100) is not None


@ways
@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        (status(429), "request-refused", "refuses the request in 4 attempts (status 429): busy"),
        (status(503), "server-failed", "failed in 4 attempts (status 503): busy"),
        (Passing.drop, "connection-lost", "broke off in 4 attempts: "),
        (Passing.half, "connection-lost", "broke off in 4 attempts: "),
    ],
)
def test_what_goes_on_failing_is_told_with_the_attempts(
    way: Way, proxy: Proxy, fault: Fault, code: str, words: str
) -> None:
    proxy.by_path = {ONE[0].path: fault}
    clock = Hourglass()
    found = problem(lambda: way.answers(ONE, proxy.url, patience=clock.patience()))
    assert found.code == code
    assert words in found.message
    assert len(proxy.requests) == 4
    assert clock.waits == [0.5, 1.0, 2.0]


@ways
def test_the_last_failure_is_the_one_that_is_told(way: Way, proxy: Proxy) -> None:
    proxy.script.extend([status(503), Passing.drop, status(429), status(401)])
    found = problem(lambda: way.answers(ONE, proxy.url, patience=Hourglass().patience()))
    assert found.code == "not-allowed"
    proxy.script.extend([status(503), status(405)])
    found = problem(lambda: way.answers(ONE, proxy.url, patience=Hourglass().patience()))
    assert found.code == "no-such-endpoint"


@ways
@pytest.mark.parametrize("code", [400, 401, 404, 409, 422, 500, 501])
def test_what_will_fail_again_is_not_asked_again(way: Way, proxy: Proxy, code: int) -> None:
    proxy.script.append(status(code))
    problem(lambda: way.answers(ONE, proxy.url, patience=Hourglass().patience()))
    assert len(proxy.requests) == 1


@ways
def test_a_gateway_has_the_last_word(way: Way, server: Server) -> None:
    url, patience = f"{server.url}/s502", Hourglass().patience()
    found = problem(lambda: way.answers(ONE, url, patience=patience))
    assert found.message.endswith("failed in 4 attempts (status 502): Bad Gateway")


@ways
def test_nobody_there(way: Way) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/api"
        found = problem(lambda: way.answers(ONE, url, patience=Hourglass().patience()))
        assert found.code == "api-unreachable"
        assert f"{url} cannot be reached in 4 attempts: Connection refused" in found.message


@ways
def test_a_name_that_no_host_has(way: Way) -> None:
    clock = Hourglass()
    url = "http://nowhere.invalid/api"
    found = problem(lambda: way.answers(ONE, url, patience=clock.patience()))
    assert found.code == "api-unreachable"
    # Where no name server can be asked, it may be that one can a moment later.
    assert clock.waits == [] or "attempts" in found.message


@ways
def test_all_attempts_together_have_the_time_of_one_request(way: Way, proxy: Proxy) -> None:
    proxy.by_path = {ONE[0].path: status(503)}
    clock = Hourglass()
    patience = clock.patience(attempts=100)
    found = problem(lambda: way.answers(ONE, proxy.url, patience=patience, timeout=100))
    assert found.code == "server-failed"
    assert clock.waits == [0.5, 1, 2, 4, 8, 16, 32], "the next would end after the time"
    assert f"in {len(proxy.requests)} attempts" in found.message


@ways
def test_the_time_of_one_request_ends(way: Way, proxy: Proxy) -> None:
    proxy.by_path = {ONE[0].path: Passing.silent}
    before = time.monotonic()
    patience = Hourglass().patience(silence=0.2)
    found = problem(lambda: way.answers(ONE, proxy.url, patience=patience, timeout=0.5))
    assert found.code == "api-timed-out"
    assert "no answer within " in found.message
    assert time.monotonic() - before < 20


# ── what writes ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize("fault", [status(429), status(503), Passing.drop, Passing.cut])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/saved_searches/"),
        ("PATCH", "/flows/1"),
        ("POST", "/flow_runs/bulk_delete"),
        ("POST", "/flow_runs/"),
        ("DELETE", "/saved_searches/1"),
    ],
)
def test_what_writes_is_sent_once(
    fault: Fault, method: str, path: str, prefect_sqlite: PrefectServer
) -> None:
    clock = Hourglass()
    with before(prefect_sqlite.api_url) as proxy:
        proxy.by_path = {path: fault}
        with Api(connection(proxy.url), patience=clock.patience()) as api:
            if method == "DELETE":
                found = problem(lambda: api.delete(path))
            else:
                found = problem(lambda: api.exchange(method, path, {}, ANY))
        assert "attempts" not in found.message
        assert len(proxy.requests) == 1
    assert clock.waits == []


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/saved_searches/1"), ("POST", "/saved_searches/filter")]
)
def test_what_only_reads_is_not(method: str, path: str, prefect_sqlite: PrefectServer) -> None:
    with before(prefect_sqlite.api_url) as proxy:
        proxy.by_path = {path: status(503)}
        with Api(connection(proxy.url), patience=Hourglass().patience()) as api:
            problem(lambda: api.exchange(method, path, None, ANY))
        assert len(proxy.requests) == 4


# ── to the end ────────────────────────────────────────────────────────────────


@ways
def test_an_answer_that_is_too_large(way: Way, proxy: Proxy, prefect_server: PrefectServer) -> None:
    request = [Request("POST", "/flow_runs/filter", {"limit": 20})]
    size = len(prefect_server._client.post(f"{prefect_server.api_url}/flow_runs/filter").content)
    assert size > 2_000
    patience = Hourglass().patience(largest=2_000)
    found = problem(lambda: way.answers(request, proxy.url, patience=patience))
    assert (found.code, len(proxy.requests)) == ("answer-too-large", 1)
    assert way.answers(ONE, proxy.url, patience=patience) == truth(prefect_server, ONE)
    proxy.script.append(Passing.packed)
    patience = Hourglass().patience(largest=5_000_000)
    found = problem(lambda: way.answers(request, proxy.url, patience=patience))
    assert found.message.endswith("is larger than 5 MB"), "it is its unpacked size that counts"


@ways
def test_a_server_that_stops_between_two_batches(way: Way, proxy: Proxy) -> None:
    closed = []

    def evaluation() -> Iterator[Any]:
        try:
            assert len((yield QUESTIONS)) == len(QUESTIONS)
            proxy.stop()
            yield QUESTIONS
        finally:
            closed.append(True)

    found = problem(lambda: way.drive(evaluation(), proxy.url, patience=Hourglass().patience()))
    assert found.code in ("api-unreachable", "connection-lost")
    assert "in 4 attempts" in found.message
    assert closed == [True]
    assert strays() == []


@ways
def test_a_server_that_stops_amid_a_batch(way: Way, proxy: Proxy) -> None:
    wanted = threading.Event()
    proxy.by_path = {"/flow_runs/count": lambda _: wanted.set()}
    stopping = threading.Thread(target=lambda: wanted.wait(20) and proxy.stop())
    stopping.start()
    found = problem(lambda: way.answers(QUESTIONS, proxy.url, patience=Hourglass().patience()))
    stopping.join()
    assert found.code in ("api-unreachable", "connection-lost")
    assert strays() == []


INTERRUPTED = """
import asyncio, sys
from tests.run.ways import Way
from flowql.backends.body import Request
way = Way(sys.argv[2] == "tasks", sys.argv[3] == "given")
how = {"together": int(sys.argv[4])}
way.answers([Request("POST", "/flow_runs/count", {})] * 5, sys.argv[1], **how)
"""


@ways
@pytest.mark.skipif(os.name == "nt", reason="Windows has another Ctrl-C")
@pytest.mark.parametrize("together", [1, 3])
def test_an_interrupt_leaves_at_once(
    way: Way, together: int, prefect_sqlite: PrefectServer
) -> None:
    with before(prefect_sqlite.api_url) as proxy:
        proxy.by_path = {"/flow_runs/count": Passing.silent}
        kind = ["tasks" if way.tasks else "threads", "given" if way.given else "own"]
        asking = subprocess.Popen(
            [sys.executable, "-c", INTERRUPTED, proxy.url, *kind, str(together)],
            cwd=Path(__file__).parents[2],
            stderr=subprocess.PIPE,
            text=True,
        )
        deadline = time.monotonic() + 60
        while len(proxy.requests) < together and time.monotonic() < deadline:
            time.sleep(0.01)
        asking.send_signal(signal.SIGINT)
        _, said = asking.communicate(timeout=20)
        for _ in range(together):
            assert proxy.left.acquire(timeout=5), "its connections are closed"
    assert asking.returncode != 0
    assert said.strip().splitlines()[-1] == "KeyboardInterrupt"
    assert "Exception in thread" not in said
    assert "Exception ignored" not in said
    assert "never retrieved" not in said


@pytest.mark.parametrize("way", [one for one in WAYS if one.tasks], ids=str)
def test_a_cancellation_leaves_nothing_running(way: Way, proxy: Proxy) -> None:
    proxy.by_path = {"/flow_runs/count": Passing.silent}

    async def cancelled() -> None:
        requests = [QUESTIONS[1]] * 3
        asking = asyncio.create_task(way.adrive(batch(requests), proxy.url, together=3))
        while len(proxy.requests) < 3:
            await asyncio.sleep(0.01)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(cancelled())
    for _ in range(3):
        assert proxy.left.acquire(timeout=5), "its connections are closed"


def test_a_timeout_of_the_one_who_asks(proxy: Proxy) -> None:
    proxy.by_path = {"/flow_runs/count": Passing.silent}

    async def hasty() -> None:
        async with asyncio.timeout(0.2):
            await Way(True, False).adrive(batch([QUESTIONS[1]] * 3), proxy.url)

    with pytest.raises(TimeoutError):
        asyncio.run(hasty())


# ── tokens against forged requests ────────────────────────────────────────────


@ways
def test_a_token_is_fetched_once_for_many(
    way: Way, guarded: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", "admin:tell-nobody")
    way = Way(way.tasks, way.given, {"auth": ("admin", "tell-nobody")})
    with before(guarded) as proxy:
        first = way.answers([*ONE, *QUESTIONS], proxy.url)
        assert first[0] == first[1]
        tokens = [path for _, path, _, _ in proxy.requests if "csrf-token" in path]
        assert 1 <= len(tokens) <= 8


# ── clients that are given ────────────────────────────────────────────────────


def test_a_client_without_an_address() -> None:
    with httpx.Client() as client:
        assert problem(lambda: Api.of(client)).code == "no-base-url"
    assert problem(lambda: AsyncApi.of(httpx.AsyncClient())).code == "no-base-url"
    with httpx.Client(base_url="/api") as client:
        assert problem(lambda: Api.of(client)).code == "bad-address"


def test_a_client_that_is_closed(prefect_sqlite: PrefectServer) -> None:
    client = httpx.Client(base_url=prefect_sqlite.api_url)
    client.close()
    assert problem(lambda: Api.of(client).answers(QUESTIONS)).code == "client-closed"

    async def closed() -> None:
        client = httpx.AsyncClient(base_url=prefect_sqlite.api_url)
        await client.aclose()
        await AsyncApi.of(client).answers(QUESTIONS)

    assert problem(lambda: asyncio.run(closed())).code == "client-closed"


@pytest.mark.parametrize("way", GIVEN, ids=str)
def test_a_client_with_hooks_and_redirects_of_its_own(
    way: Way, proxy: Proxy, prefect_server: PrefectServer
) -> None:
    def strict(response: httpx.Response) -> None:
        response.raise_for_status()

    async def astrict(response: httpx.Response) -> None:
        response.raise_for_status()

    hooks = {"response": [astrict if way.tasks else strict]}
    way = Way(way.tasks, True, {"event_hooks": hooks, "follow_redirects": True})
    proxy.script.extend([status(503), None])
    assert way.answers(ONE, proxy.url, patience=Hourglass().patience()) == truth(
        prefect_server, ONE
    )
    proxy.script.append(status(307, location="http://elsewhere.example/api"))
    assert problem(lambda: way.answers(ONE, proxy.url)).code == "redirected"
    proxy.script.append(status(422))
    assert problem(lambda: way.answers(ONE, proxy.url)).code == "request-refused"


@pytest.mark.parametrize("address", ["{}", "{}/", "{}/api", "{}/api/"])
@pytest.mark.parametrize("way", GIVEN, ids=str)
def test_forms_of_a_base_url(way: Way, address: str, prefect_sqlite: PrefectServer) -> None:
    root = prefect_sqlite.api_url.removesuffix("/api")
    assert way.answers(ONE, address.format(root)) == truth(prefect_sqlite, ONE)


def test_a_failure_elsewhere_leaves_the_connections_of_others(proxy: Proxy) -> None:
    """What somebody else asks with the same client goes on while a batch fails."""
    proxy.by_path = {"/flows/count": status(400), "/flow_runs/count": Passing.silent}
    asked, go_on = threading.Event(), threading.Event()

    def slow(to: Passing) -> None:
        asked.set()
        go_on.wait(20)
        to.pass_on()

    proxy.by_path["/deployments/count"] = slow
    with httpx.Client(base_url=proxy.url, trust_env=False) as client:
        client.post("/flow_runs/filter", json={})  # A connection that is used again.
        others: list[int] = []
        other = threading.Thread(
            target=lambda: others.append(
                client.post("/deployments/count", json={}, timeout=30).status_code
            )
        )
        other.start()
        assert asked.wait(20)
        problem(lambda: Api.of(client).answers([QUESTIONS[1], QUESTIONS[0]]))
        go_on.set()
        other.join()
        assert others == [200]


# ── the environment ───────────────────────────────────────────────────────────


@pytest.mark.parametrize("way", OWN, ids=str)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HTTP_PROXY", "ftp://me:tell-nobody@proxy.example"),
        ("HTTPS_PROXY", "http://me:tell-nobody@proxy.example:port"),
        ("SSL_CERT_FILE", "/nowhere/tell-nobody.pem"),
    ],
)
def test_an_environment_that_cannot_be_used(
    way: Way, name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    found = problem(lambda: way.answers(ONE, "https://127.0.0.1:1/api", patience=Patience(1)))
    assert found.code == "unusable-network"
    assert "tell-nobody" not in f"{found} {found.help}"


@pytest.mark.parametrize("way", OWN, ids=str)
def test_a_proxy_that_is_not_there(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://me:tell-nobody@127.0.0.1:1")
    found = problem(lambda: way.answers(ONE, "http://prefect.example/api", patience=Patience(1)))
    assert found.code == "api-unreachable"
    assert "tell-nobody" not in f"{found} {found.help}"
