"""What a person sees of plans: drawn, and on a terminal while an API answers."""

from __future__ import annotations

import codecs
import json
import os
import pty
import re
import select
import signal
import sys
import time
from collections.abc import Iterator

import httpx
import pytest

import flowql
from tests.cli.command import COMMAND, flow, on_terminal, rows
from tests.oracle.server import PrefectServer
from tests.run.faults import Passing, Proxy, before

NO_RUN = "no run (state = FAILED) sort name desc limit 5"
MANY = "flow_runs where run_count >= 0 and no task_run (name = nobody)"


DRAWN = """\
several requests:
look at one page first, which may have all rows that are wanted
   POST /flows/paginate {"sort": "NAME_DESC", "limit": 200}
then fetch all flows  (all rows are needed)
   POST /flows/paginate {"limit": 200}
   one page after another
then leave out those that are among these  (a body says which rows have such a run, not which \
have none)
└─ fetch flows where run.state = FAILED  (one body says it)
      POST /flows/paginate {"flow_runs": {"state": {"type": {"any_": ["FAILED"]}}}, "limit": 200}
      one page after another; perhaps fewer, by what was found before
then sort name desc limit 5
"""


@pytest.fixture
def proxy(crowd_sqlite: PrefectServer) -> Iterator[Proxy]:
    """A real server with the crowd, that can be slowed down."""
    with before(crowd_sqlite.api_url) as running:
        yield running


# ── drawn ─────────────────────────────────────────────────────────────────────


def test_a_plan_is_drawn() -> None:
    assert flow("explain", NO_RUN, "--plan").out == DRAWN


def test_one_request_is_said_to_be_one() -> None:
    assert flow("explain", "flow_runs where state = FAILED limit 3", "--plan").out == (
        "one request\n"
        '   POST /flow_runs/paginate {"flow_runs": {"state": {"type": {"any_": ["FAILED"]}}},'
        ' "limit": 3}\n'
    )


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("count run (state = FAILED) >= 3", ["then keep those with at least 3 of these"]),
        (
            "count run (state = FAILED) < 0.5 * count run",
            ["then keep those with fewer than 0.5 times as many of these as of the others"],
        ),
        (
            "latest run (state = FAILED)",
            ["then keep those whose last started run, of these, is one where state = FAILED"],
        ),
        (
            "latest run (no task_run (state = FAILED))",
            ["then keep those whose last started run, of these, is among the others"],
        ),
        (
            'flow_runs where name matches "^a" or deployment.name = x',
            [
                "take the rows of any of these  (no one body says this `or`)",
                "├─ fetch flow_runs where deployment.name = x  (one body says it)",
                '   then keep those where name matches "^a"'
                "  (a body has no criterion for `name matches` of flow_runs)",
            ],
        ),
        (
            "flows where not (run.state = FAILED or tags has a) count",
            ["count all flows"],
        ),
        ("flow_runs where run_count > 2 count", ["then count them"]),
        (
            "flow_runs where every task_run (state = COMPLETED)",
            ["fetch task_runs of which it is unknown whether state = COMPLETED"],
        ),
    ],
)
def test_every_step_has_words(text: str, lines: list[str]) -> None:
    out = flow("explain", text, "--plan").out
    for line in lines:
        assert line in out, out


def test_a_plan_as_data() -> None:
    found = json.loads(flow("explain", NO_RUN, "--plan", "--json").out)
    assert flowql.parse(found["text"]) == flowql.parse(NO_RUN)
    assert found["one_request"] is False
    assert [one["step"] for one in found["steps"]] == ["peek", "fetch", "minus", "arrange"]
    [part] = found["steps"][2]["parts"]
    [fetch] = part["steps"]
    body = {"flow_runs": {"state": {"type": {"any_": ["FAILED"]}}}, "limit": 200}
    assert fetch["request"] == {"method": "POST", "path": "/flows/paginate", "body": body}
    assert fetch["where"] == "run.state = FAILED"
    assert (found["requests"], found["rows"], fetch["rows"]) == (None, None, None)


def test_a_server_counts(crowd_sqlite: PrefectServer) -> None:
    on = ("--plan", "--on", crowd_sqlite.api_url)
    found = json.loads(flow("explain", NO_RUN, *on, "--json").out)
    flows = crowd_sqlite.execute("SELECT count(*) AS n FROM flow")[0]["n"]
    assert found["steps"][1]["rows"] == flows
    assert found["steps"][1]["requests"] == -(-flows // 200)
    assert found["rows"] > flows
    drawn = flow("explain", NO_RUN, *on).out
    assert drawn.startswith(f"about {found['requests']} requests and {found['rows']:,} rows:\n")
    assert f"\n   {flows} rows on 2 pages\n" in drawn
    assert (
        "nothing counts these rows"
        in flow("explain", 'work_queues where name matches "a"', *on).out
    )


def test_lines_are_cut_on_a_terminal() -> None:
    drawn = on_terminal("explain", NO_RUN, "--plan", columns=60, NO_COLOR="1")
    assert all(len(line) <= 60 for line in drawn.splitlines())
    assert '{"type":…' in drawn
    assert "\x1b" not in drawn
    whole = on_terminal("explain", NO_RUN, "--plan", "--full", columns=60, NO_COLOR="1")
    assert whole == flow("explain", NO_RUN, "--plan").out


def test_hidden_characters_are_shown() -> None:
    text = 'flows where name = "\\u001b[31m\\u202e" or run.name = "\\u001b\\u202e" limit 3'
    for more in ([], ["--full"]):
        out = flow("explain", text, "--plan", *more).out
        assert "\\u001b[31m\\u202e" in out
        assert all(char.isprintable() or char == "\n" for char in out)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["explain", "flows", "--full"], "--plan"),
        (["explain", "flows", "--on", "prefect"], "--plan"),
        (["run", "flows", "--dry-run"], "--on"),
        (["run", "flows", "--max-rows", "-1"], "--max-rows"),
        (["run", "flows", "--max-rows", "1e3"], "--max-rows"),
        (["run", "flows", "--max-requests", "x"], "--max-requests"),
        (["run", "flows", "--max-requests", "9" * 30], "--max-requests"),
    ],
)
def test_options_that_cannot_be_meant(arguments: list[str], word: str) -> None:
    done = flow(*arguments)
    assert done.code == 2
    assert word in done.err


def test_a_database_is_sent_no_requests(crowd_sqlite: PrefectServer) -> None:
    path = crowd_sqlite.url.removeprefix("sqlite:///")
    for arguments in (["run", "flows", "--dry-run"], ["explain", "flows", "--plan"]):
        done = flow(*arguments, "--on", path)
        assert (done.code, done.out) == (2, "")
        assert "names a database" in done.err
    assert flow("run", "flows limit 1", "--on", path, "--max-requests", "0", "--yes").code == 0


def test_what_no_plan_answers_is_a_problem_at_its_place() -> None:
    done = flow("explain", "flow_runs where work_queue_name contains old or any task", "--plan")
    assert (done.code, done.out) == (1, "")
    assert "error[not-in-answers]" in done.err


# ── while an API answers ──────────────────────────────────────────────────────


def test_too_much_is_a_problem_where_nobody_can_be_asked(crowd_sqlite: PrefectServer) -> None:
    on = ("run", f"{MANY} select id", "--on", crowd_sqlite.api_url)
    done = flow(*on, "--max-rows", "10")
    assert (done.code, done.out) == (1, "")
    assert "error[plan-costly]" in done.err
    done = flow(*on, "--max-rows", "10", "--json")
    assert (done.code, json.loads(done.err)["code"]) == (1, "plan-costly")
    whole = flow(*on)
    assert (whole.code, whole.err) == (0, "")
    assert len(rows(whole.out)) > 200
    assert flow(*on, "--yes").out == whole.out
    assert flow(*on, "--yes", "--max-requests", "1").code == 1, "what is said holds"


class Talk:
    """The command on a terminal, with somebody who reads and types."""

    def __init__(self, *arguments: str) -> None:
        self.child, self.terminal = pty.fork()
        if self.child == 0:
            os.environ |= {"TERM": "xterm-256color", "NO_COLOR": "1"}
            os.execv(sys.executable, [*COMMAND, *arguments])
        self.said = ""
        self._decode = codecs.getincrementaldecoder("utf-8")().decode

    def until(self, wanted: str, seconds: float = 30) -> None:
        """Reads until something was said; the end of all is `wanted` being nothing."""
        end = time.monotonic() + seconds
        while not wanted or not re.search(wanted, self.said):
            ready, _, _ = select.select([self.terminal], [], [], max(end - time.monotonic(), 0))
            assert ready, f"{wanted!r} is not in {self.said!r}"
            try:
                chunk = os.read(self.terminal, 65536)
            except OSError:
                chunk = b""
            if not chunk:
                assert not wanted, self.said
                return
            self.said += self._decode(chunk)

    def type(self, text: str) -> None:
        os.write(self.terminal, text.encode())

    def end(self) -> int:
        self.until("")
        _, status = os.waitpid(self.child, 0)
        os.close(self.terminal)
        assert "Traceback" not in self.said
        return os.waitstatus_to_exitcode(status)

    @property
    def screen(self) -> list[str]:
        """The lines that stand there in the end, those that were rewritten once."""
        lines = []
        for line in self.said.replace("\r\n", "\n").split("\n"):
            shown: list[str] = []
            for piece in line.split("\r"):
                shown[: len(piece)] = piece
            lines.append("".join(shown).rstrip())
        return lines


def test_a_person_is_asked(crowd_sqlite: PrefectServer) -> None:
    on = ("run", f"{MANY} select id", "--on", crowd_sqlite.api_url, "--max-rows", "10")
    question = (
        r"the answer takes (about|at least) [\d,]+ requests and [\d,]+ rows; go on\? \[y/N\] "
    )
    for typed, code in (
        ("y\n", 0),
        ("YES\n", 0),
        ("n\n", 1),
        ("\n", 1),
        ("\x04", 1),
        ("\x03", 130),
    ):
        talk = Talk(*on)
        talk.until(question)
        talk.type(typed)
        assert talk.end() == code, talk.said
        taken = any(re.search(r"rows, by \d+ requests", line) for line in talk.screen)
        assert taken == (code == 0), talk.said
        assert "error[" not in talk.said


def test_nobody_is_asked_who_wants_json(crowd_sqlite: PrefectServer) -> None:
    talk = Talk("run", MANY, "--on", crowd_sqlite.api_url, "--max-rows", "10", "--json")
    assert talk.end() == 1
    assert "go on?" not in talk.said
    assert "plan-costly" in talk.said


PROGRESS = r"\d+ of ~\d+ requests"


def test_progress_is_shown_and_leaves_nothing(proxy: Proxy) -> None:
    proxy.held = lambda: time.sleep(0.3)
    talk = Talk("run", f"{MANY} select id", "--on", proxy.url)
    assert talk.end() == 0
    assert re.search(PROGRESS, talk.said)
    assert not any("requests," in line or " of ~" in line for line in talk.screen), talk.screen
    last = [line for line in talk.screen if line][-1]
    assert re.fullmatch(r"[\d,]+ rows, by \d+ requests \([\d,]+ rows fetched\)", last)


def test_an_interrupt_leaves_a_clean_line(proxy: Proxy) -> None:
    proxy.held = lambda: time.sleep(0.3)
    talk = Talk("run", MANY, "--on", proxy.url)
    talk.until(PROGRESS)
    os.kill(talk.child, signal.SIGINT)
    assert talk.end() == 130
    assert [line for line in talk.screen if line] == []


@pytest.mark.parametrize("more", [("--json",), ()])
def test_no_progress_where_nobody_looks(proxy: Proxy, more: tuple[str, ...]) -> None:
    proxy.held = lambda: time.sleep(0.2)
    if more:
        talk = Talk("run", MANY, "--on", proxy.url, *more)
        assert talk.end() == 0
        assert " of ~" not in talk.said
    else:
        done = flow("run", MANY, "--on", proxy.url)
        assert (done.code, done.err) == (0, "")


def test_rows_that_changed_are_warned_of(proxy: Proxy, crowd_sqlite: PrefectServer) -> None:
    """Two answers have the same rows, of which the server has touched one in between."""

    def touched(to: Passing) -> None:
        document = httpx.post(f"{crowd_sqlite.api_url}/flow_runs/paginate", content=to.body).json()
        document["results"][0]["updated"] = f"2026-04-01T00:00:{len(proxy.requests):02}Z"
        to.answer(200, document)

    query = "flow_runs where run_count > 1000000 limit 1"
    for changing in (False, True):
        proxy.by_path = {"/flow_runs/paginate": touched} if changing else {}
        done = flow("run", query, "--on", proxy.url)
        assert (done.code, done.out) == (0, "")
        assert ("warning[rows-changed]: one row changed" in done.err) is changing
    done = flow("run", query, "--on", proxy.url, "--json")
    assert [json.loads(line)["code"] for line in done.err.splitlines()] == ["rows-changed"]
