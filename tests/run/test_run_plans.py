"""Plans over real servers: what may be taken, what it comes to, and requests as curl has them."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import flowql
from flowql import FlowQLError
from flowql.backends.body import Request
from flowql.backends.plan.description import describe
from flowql.diagnostics.plan import PlanCostly, RowsKeepChanging, TooManyAtOnce
from flowql.run import curl, estimating, run
from flowql.run.client import request
from flowql.run.progress import Progress
from flowql.run.settings import connection
from flowql.run.walking import TRIES
from tests.cli.command import flow
from tests.oracle.server import PrefectServer
from tests.run.faults import Fault, Passing, Proxy, before

SEVERAL = [
    "flows where no run (state = FAILED)",
    "count run (state = FAILED) >= 3 sort name limit 5",
    "latest run (state = FAILED)",
    "every run (state = COMPLETED) count",
    'flow_runs where name matches "^a" or deployment.name contains e limit 5',
    "flow_runs where every task_run (tags has etl) and no deployment (name contains a)",
    "flow_runs where run_count > 2 sort start_time_desc limit 3",
    "count run (state = FAILED) > 0.5 * count run",
    'work_queues where name matches "a"',
    "flow_runs distinct flow_id count",
]
"""Queries that take more than one request."""

HOSTILE = [
    "'",
    "''; DROP TABLE flow; --",
    '"$(id)" `id` ${HOME} \\',
    "a\nb",
    "\ta\r",
    "\x1b[31m\x07",
    "!!",
    "%00 %s {} [1-3] {a,b}",
    "@/etc/passwd",
    "-o /tmp/x",
    "é 漢字 😀 \u202e\u2028",
    " # no comment",
    "*?~",
]
"""Names that a shell, curl or a terminal could take for more than text."""

CURL = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


# ── what may be taken ─────────────────────────────────────────────────────────


def test_more_than_allowed_is_refused_and_taken_where_anything_is(
    crowd_sqlite: PrefectServer,
) -> None:
    query = flowql.parse("flow_runs where run_count >= 0")
    for limits in ({"max_requests": 2}, {"max_rows": 300}, {"max_requests": 0}):
        with pytest.raises(FlowQLError) as raised:
            run(query, crowd_sqlite.api_url, **limits)
        [problem] = raised.value.diagnostics
        assert isinstance(problem, PlanCostly)
    whole = run(query, crowd_sqlite.api_url, max_requests=None, max_rows=None)
    assert len(whole.rows) > 300
    assert (whole.requests or 0) > 2
    path = crowd_sqlite.url.removeprefix("sqlite:///")
    limited = run(query, path, max_requests=0, max_rows=0)
    assert len(limited.rows) == len(whole.rows), "a database knows no such limits"


def test_progress_is_told_after_each_answer(crowd_sqlite: PrefectServer) -> None:
    told: list[Progress] = []
    query = flowql.parse("flow_runs where no task_run (state = FAILED)")
    answer = run(query, crowd_sqlite.api_url, on_progress=told.append)
    assert [one.requests for one in told] == list(range(1, len(told) + 1))
    assert len(told) == answer.requests
    assert all(one.requests <= one.expected for one in told)
    assert [one.rows for one in told] == sorted(one.rows for one in told)


def altered(proxy: Proxy, alter: Callable[[Any], None]) -> Fault:
    """The real answer of the server behind the proxy, with something else in it."""

    def fault(to: Passing) -> None:
        path = to.path.partition("/api")[2]
        host, port = proxy.upstream
        answer = httpx.post(f"http://{host}:{port}/api{path}", content=to.body)
        document = answer.json()
        alter(document)
        to.answer(200, document)

    return fault


@pytest.fixture
def crowded(crowd_sqlite: PrefectServer) -> Iterator[Proxy]:
    """A real server with the crowd, whose answers can be altered."""
    with before(crowd_sqlite.api_url) as running:
        yield running


def test_rows_that_come_and_go_all_the_time(crowded: Proxy) -> None:
    def grow(document: Any) -> None:
        document["count"] += len(crowded.requests)

    crowded.by_path = {"/flow_runs/paginate": altered(crowded, grow)}
    with pytest.raises(FlowQLError) as raised:
        run(flowql.parse("flow_runs where run_count >= 0"), crowded.url)
    [problem] = raised.value.diagnostics
    assert problem == RowsKeepChanging(entity="flow_runs", tries=TRIES)


def test_more_rows_of_one_time_than_a_page_has(crowded: Proxy) -> None:
    def stop(document: Any) -> None:
        for event in document["events"]:
            event["occurred"] = "2200-01-01T00:00:00Z"

    crowded.by_path = {"/events/filter": altered(crowded, stop)}
    with pytest.raises(FlowQLError) as raised:
        run(flowql.parse('events where payload.x matches "a" or event matches "a"'), crowded.url)
    [problem] = raised.value.diagnostics
    assert isinstance(problem, TooManyAtOnce)
    assert (problem.entity, problem.page) == ("events", 50)


# ── what it comes to ──────────────────────────────────────────────────────────


@pytest.mark.parametrize("text", SEVERAL)
def test_an_estimate_is_about_what_it_takes_and_its_counts_are_the_servers(
    crowd_sqlite: PrefectServer, text: str
) -> None:
    query = flowql.parse(text)
    plan, estimate = estimating.ask(query, crowd_sqlite.api_url)
    answer = request(query, crowd_sqlite.api_url, max_requests=None, max_rows=None)
    if estimate.counted:
        # What is asked for in parts ends some pages early.
        assert (answer.requests or 0) <= 1.25 * estimate.requests
        page = len(answer.rows) if plan.peek is None else 200
        assert (answer.fetched or 0) <= estimate.rows + page
    for (entity, where), count in estimate.counts.items():
        counted = flowql.api.Query(
            flowql.typed.Query(entity, where, count=True), query.now, query.timezone
        )
        assert request(counted, crowd_sqlite.api_url).count == count


@pytest.mark.parametrize("text", SEVERAL)
def test_what_is_described_is_what_is_sent(crowd_sqlite: PrefectServer, text: str) -> None:
    """The first request that a plan sends is one of those that its description knows."""
    from flowql.run.evaluation import evaluate

    plan = flowql.parse(text).to_plan()
    assert len(repr(plan)) < 600
    first = next(evaluate(plan))
    known = _requests(describe(plan).stages)
    for one in first:
        assert one in known


def _requests(stages: Any) -> list[Request]:
    found = []
    for stage in stages:
        found += [one for one in (stage.request, stage.count) if one is not None]
        for part in stage.parts:
            found += _requests(part.stages)
    return found


# ── curl ──────────────────────────────────────────────────────────────────────


def shell(script: str, **environment: str) -> list[Any]:
    """What the commands of a script answer, run by a POSIX shell."""
    done = subprocess.run(
        ["sh", "-eu"],
        input=script.replace("curl ", "curl -sS -w '\\n' ").encode(),
        capture_output=True,
        env={"PATH": "/usr/bin:/bin", **environment},
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert not done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def printed(text: str, api: str, *more: str) -> str:
    done = flow("run", text, "--on", api, "--dry-run", *more)
    assert done.code == 0, done.err
    return done.out


@CURL
@pytest.mark.parametrize("name", HOSTILE)
def test_a_command_sends_what_the_query_says(prefect_sqlite: PrefectServer, name: str) -> None:
    query = flowql.parse("flows where name = $name limit 5", params={"name": name})
    asked = query.to_request()
    command = curl.command(asked, connection(prefect_sqlite.api_url))
    assert command.isprintable()
    # The shell hands curl the very body.
    [echoed] = shell_words(command)
    assert json.loads(echoed[echoed.index("-d") + 1]) == asked.body
    assert echoed[1] == f"{prefect_sqlite.api_url}{asked.path}"
    # And what is read of it is the query.
    [reading] = flowql.from_capture(command)
    assert reading.query is not None, reading.problems
    assert reading.query == query


def shell_words(command: str) -> list[list[str]]:
    script = f'curl() {{ printf "%s\\0" curl "$@"; }}\n{command}\n'
    done = subprocess.run(["sh", "-eu"], input=script.encode(), capture_output=True, check=True)
    return [done.stdout.decode().rstrip("\0").split("\0")]


@CURL
@pytest.mark.parametrize(
    "text",
    [
        "name contains o sort name desc limit 3",
        "flow_runs where state = FAILED limit 2 page 2",
        "flows where run.state = FAILED count",
        'flow_runs where name = "it\'s \\"so\\" $HOME" limit 1',
    ],
)
def test_the_printed_command_is_answered_as_the_query_is(
    prefect_sqlite: PrefectServer, text: str
) -> None:
    command = printed(text, prefect_sqlite.api_url)
    [document] = shell(command)
    answer = request(flowql.parse(text), prefect_sqlite.api_url)
    if answer.count is not None and not isinstance(document, dict):
        assert document == answer.count
    else:
        assert [row["id"] for row in document["results"]] == [row["id"] for row in answer.rows]
    back = flow("text", command)
    assert flowql.parse(back.out) == flowql.parse(text), back.err


@CURL
@pytest.mark.parametrize("text", SEVERAL)
def test_the_requests_of_a_plan_are_all_answered(crowd_sqlite: PrefectServer, text: str) -> None:
    script = printed(text, crowd_sqlite.api_url)
    commands = [line for line in script.splitlines() if not line.startswith("#")]
    remarks = [line for line in script.splitlines() if line.startswith("#")]
    assert len(shell(script)) == len(commands) == len(set(commands))
    assert len(remarks) == len(commands)
    assert all("detail" not in one for one in shell(script) if isinstance(one, dict))
    assert flow("text", stdin=script.encode()).code == 0
    as_json = json.loads(printed(text, crowd_sqlite.api_url, "--json"))
    assert [one["url"] for one in as_json] == [line.split()[1] for line in commands]


def test_nothing_is_sent(server: Any) -> None:
    printed(SEVERAL[0], f"{server.url}/good")
    printed("flows", f"{server.url}/good")
    assert server.requests == []


# ── keys ──────────────────────────────────────────────────────────────────────


def test_a_key_is_a_variable(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_KEY", "pnu_tell-nobody")
    command = printed("flows limit 1", f"{server.url}/good")
    assert "tell-nobody" not in command
    assert '-H "Authorization: Bearer $PREFECT_API_KEY"' in command
    assert flowql.parse(flow("text", command).out) == flowql.parse("flows limit 1")
    monkeypatch.setenv("PREFECT_API_URL", "https://api.prefect.cloud/api")
    assert "PREFECT_API_KEY" not in printed("flows limit 1", f"{server.url}/good")


@CURL
def test_a_key_is_sent_by_the_shell(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_KEY", "pnu_tell-nobody")
    shell(printed("flows limit 1", f"{server.url}/good"), PREFECT_API_KEY="other key")
    [(path, headers, body)] = server.requests
    assert path == "/good/flows/paginate"
    assert headers["Authorization"] == "Bearer other key"
    assert headers["Content-Type"] == "application/json"
    assert json.loads(body) == {"limit": 1}


@CURL
@pytest.mark.parametrize("where", ["address", "setting"])
def test_a_name_and_password_stand_nowhere(
    server: Any, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    url = f"{server.url}/good"
    if where == "address":
        url = url.replace("://", "://ada:tell-nobody@")
    else:
        monkeypatch.setenv("PREFECT_API_AUTH_STRING", "ada:tell-nobody")
    monkeypatch.setenv("PREFECT_CLIENT_CUSTOM_HEADERS", '{"X-Token": "tell-nobody-either"}')
    script = printed("flows limit 1", url)
    assert "tell-nobody" not in script
    assert "X-Token" in script
    assert "tell-nobody" not in printed("flows limit 1", url, "--json")
    shell(script, PREFECT_API_AUTH_STRING="ada:word")
    [(_, headers, _)] = server.requests
    assert headers["Authorization"] == "Basic YWRhOndvcmQ="


def test_certificates_are_named(
    server: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PREFECT_API_SSL_CERT_FILE", str(tmp_path / "it's.pem"))
    assert "--cacert '" in printed("flows", f"{server.url}/good")
    monkeypatch.setenv("PREFECT_API_TLS_INSECURE_SKIP_VERIFY", "true")
    assert "--insecure" in printed("flows", f"{server.url}/good")
