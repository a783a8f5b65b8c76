"""`flowql text`: what is printed of copied requests, and what is said about them where."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import flowql
from tests.cli.command import flow, process
from tests.frontends.captured.samples import FOLDER, SECRET

URL = "http://127.0.0.1:4200/api/flow_runs/filter"
AT = ("--now", "2026-04-15T12:00:07Z")


def test_one_request_is_its_text_alone() -> None:
    done = flow("text", f"curl {URL} --json '{{\"limit\": 5}}'")
    assert (done.code, done.out, done.err) == (0, "flow_runs limit 5\n", "")


def test_a_body_with_its_path() -> None:
    done = flow("text", "--path", "/flow_runs/filter", stdin=b'{"limit": 5}')
    assert (done.code, done.out, done.err) == (0, "flow_runs limit 5\n", "")


def test_a_body_alone() -> None:
    done = flow("text", "-", stdin=b'{"limit": 5}')
    assert done.code == 1
    assert done.out == ""
    assert "error[missing-path]" in done.err
    assert "at <stdin>" in done.err


def test_a_page() -> None:
    done = flow("text", "http://127.0.0.1:4200/runs?state=Late&sate=x")
    assert done.code == 0
    assert done.out.splitlines()[0] == "flow_runs where state.name = Late and start_time in last 7d"
    assert "warning[unknown-parameter]" in done.err
    assert "<request>:1:39" in done.err


def test_the_zone_of_a_page() -> None:
    address = "http://127.0.0.1:4200/v2/runs?range=today"
    done = flow("text", address, *AT, "--timezone", "America/New_York")
    assert "expected_start_time >= 2026-04-15T04:00:00Z" in done.out


def test_the_server_s_version() -> None:
    body = b'{"flow_runs": {"state": {"type": {"any_": ["FAILED"], "not_any_": ["CRASHED"]}}}}'
    old = flow("text", "--path", "/flow_runs/filter", "--server", "3.8.8", stdin=body)
    new = flow("text", "--path", "/flow_runs/filter", stdin=body)
    assert (old.out, "ignored-pair" in old.err) == ("flow_runs\n", True)
    assert (new.out, new.err) == ("flow_runs where state = FAILED and state != CRASHED\n", "")


def test_several_requests_are_told_apart() -> None:
    done = flow("text", str(FOLDER / "chrome.har"))
    assert done.code == 0
    name = FOLDER / "chrome.har"
    labels = [line for line in done.out.splitlines() if line.startswith("# ")]
    assert labels[0] == f"# {name}, entry 4: POST /flow_runs/paginate"
    assert len(labels) == 12
    assert "note[passed-over]: 5 other requests are no POST" in done.err
    # Every line before the next is a query, comment and all.
    first = done.out.split("\n# ")[0]
    assert flowql.parse(first)


def test_a_broken_request_is_named_and_the_rest_is_done() -> None:
    path = FOLDER / "broken.har"
    done = flow("text", str(path))
    assert done.code == 1
    assert [line for line in done.out.splitlines() if not line.startswith("#")] == [
        "flow_runs limit 5",
        "flow_runs",
        "flow_runs",
    ]
    assert f"error[wrong-json]: 5 stands where a text belongs\n  at {path}, entry 1: " in done.err
    assert f"at {path}, entry 8: /log/entries/7/request/bodySize" in done.err


def test_a_file_that_is_not_there_does_not_keep_back_the_others(tmp_path: Path) -> None:
    done = flow("text", str(tmp_path / "none.har"), str(FOLDER / "chrome.sh"))
    assert done.code == 1
    assert "error[unreadable-file]" in done.err
    assert "flow_runs where start_time" in done.out


def test_json() -> None:
    done = flow("text", "--json", str(FOLDER / "broken.sh"))
    assert done.code == 1
    documents = json.loads(done.out)
    assert [set(document) for document in documents] == [{"label", "path", "text", "warnings"}] * 2
    assert [warning["code"] for warning in documents[1]["warnings"]] == ["body-ignored"]
    assert documents[0] == {
        "label": "curl 3",
        "path": "/flow_runs/filter",
        "text": "flow_runs limit 5",
        "warnings": [],
    } | {"label": f"{FOLDER / 'broken.sh'}, curl 3"}
    problems = [json.loads(line) for line in done.err.splitlines()]
    assert [problem["code"] for problem in problems] == [
        "unknown-criterion", "body-in-file", "shell-expansion", "not-json", "other-method",
        "unknown-option", "form-data",
    ]  # fmt: skip
    assert problems[0]["file"] == f"{FOLDER / 'broken.sh'}, curl 1"
    assert problems[0]["pointer"] == "/flow_runs/stat"
    assert problems[1]["start"]["line"] == 2


def test_json_of_warnings() -> None:
    done = flow("text", "--json", "http://127.0.0.1:4200/runs?workQueue=a")
    (document,) = json.loads(done.out)
    assert {warning["code"] for warning in document["warnings"]} == {
        "browser-setting",
        "left-out-parameter",
    }
    assert done.err == ""


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.iterdir()))
@pytest.mark.parametrize("options", [(), ("--json",), ("--color", "always")], ids=str)
def test_nothing_secret_is_printed(name: str, options: tuple[str, ...]) -> None:
    path = FOLDER / name
    given = [str(path)]
    if name == "pages.txt":
        given = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    done = flow("text", *options, *given)
    # The name of a file that holds the body is no secret: the problem is about it.
    assert SECRET not in (done.out + done.err).replace(f"@{SECRET}.json", "")


@pytest.mark.parametrize("given", [b"\xff\xfe{\0", b"", b"\0", b"{" * 100_000])
def test_bytes_that_are_no_request(given: bytes) -> None:
    done = flow("text", stdin=given)
    assert done.code == 1
    assert done.err.startswith("error[")


def test_standard_input_is_read_once() -> None:
    assert flow("text", "-", "-").code == 2


def test_as_a_process_in_an_encoding_of_its_own() -> None:
    done = process(
        "text", stdin=(FOLDER / "chrome-quotes.sh").read_bytes(), LC_ALL="C", PYTHONUTF8="0"
    )
    assert done.code == 0, done.err
    assert "🚀" in done.out
