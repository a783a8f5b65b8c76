"""Queries, files, parameters and bytes that go in, and the usage that is refused."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import flowql
from tests.cli.command import MAIN, Done, flow, process


def test_queries_come_from_arguments_files_and_standard_input(tmp_path: Path) -> None:
    expected = flow("body", MAIN).out
    assert flow("body", "-", stdin=MAIN.encode()).out == expected
    assert flow("body", "-", stdin=f"\ufeff{MAIN}\r\n".encode()).out == expected
    saved, other = tmp_path / "saved ü.flowql", tmp_path / "other.txt"
    for file in (saved, other):
        file.write_text(f"# failing\n{MAIN}\n", "utf-8")
    assert flow("body", str(saved)).out == expected
    assert process("body", saved.name, cwd=tmp_path).out == expected
    assert flow("body", "--file", str(other)).out == expected
    saved.write_text("\nflows where nam = a\n")
    assert f"{saved}:2:13" in flow("body", str(saved)).err
    assert "<stdin>:1:13" in flow("body", "-", stdin=b"flows where nam = a").err
    assert "<query>:1:13" in flow("body", "flows where nam = a").err


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--nope"],
        ["body"],
        ["body", "flows", "where", "name", "=", "a"],
        ["body", "flows", "--file", "x"],
        ["body", "flows", "--set", "state"],
        ["body", "flows", "--now", "soon"],
        ["body", "flows", "--color", "blue"],
        ["body", "flows", "--dialect", "sqlite"],
        ["run", "flows", "--timeout", "0"],
        ["run", "flows", "--timeout", "nan"],
        ["check", "-", "-"],
        ["fmt", "--check", "--write", "a.flowql"],
        ["nope", "flows"],
    ],
)
def test_usage(arguments: list[str]) -> None:
    done = flow(*arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("usage: flowql")


def test_help_and_version() -> None:
    assert flow("--version").out == f"flowql {flowql.__version__}\n"
    for arguments in ([], ["body"], ["sql"], ["run"], ["explain"], ["fmt"], ["check"]):
        done = flow(*arguments, "--help")
        assert (done.code, done.err) == (0, "")
        assert max(map(len, done.out.splitlines())) <= 88


def test_the_examples_of_the_help_are_queries() -> None:
    for query in re.findall(r"flowql \w+ '(.+?)'", flow("--help").out):
        assert flowql.parse(query)


def test_parameters() -> None:
    def body(query: str, *settings: str) -> Any:
        options = [part for setting in settings for part in ("--set", setting)]
        done = flow("body", query, *options, "--json")
        assert done.code == 0, done.err
        return json.loads(done.out)["body"]

    listed = {"flow_runs": {"state": {"type": {"any_": ["FAILED", "CRASHED"]}}}}
    query = "flow_runs where state in $states"
    assert body(query, "states=FAILED,CRASHED") == listed
    assert body(query, "states=FAILED", "states=CRASHED") == listed
    assert body(query, "$states=FAILED") == body("flow_runs where state in [FAILED]")
    # Only a list is taken apart, and not where its elements are given one by one.
    assert body("flows where name = $n", "n=a,b") == body('flows where name = "a,b"')
    assert body("flows where name in $n", "n=a,b", "n=c=d") == body(
        'flows where name in ["a,b", "c=d"]'
    )
    assert body("flow_runs where start_time > $t limit $n", "t=2026-11-01", "n=5") == body(
        "flow_runs where start_time > 2026-11-01 limit 5"
    )
    assert body("flow_runs where id in $ids", "ids=") == body("flow_runs where id in []")


def test_a_parameter_beside_json_is_read_as_in_a_query(home: Path) -> None:
    for value, literal in {
        "5": "5", "-0.5": "-0.5", "true": "true", "eu": "eu", '"5"': '"5"', "1_0": '"1_0"',
        "": '""', "007": '"007"',
    }.items():  # fmt: skip
        bound = flow("sql", "flow_runs where parameters.x = $x", "--set", f"x={value}")
        assert bound.out == flow("sql", f"flow_runs where parameters.x = {literal}").out != ""


def test_wrong_parameters_are_problems() -> None:
    done = flow("body", "flow_runs where state = $s", "--set", "s=FAILED", "--set", "s=CRASHED")
    assert (done.code, "wrong-parameter" in done.err) == (1, True)
    done = flow("body", "flow_runs where state = $s", "--set", "t=FAILED")
    assert (done.code, "unused-parameter" in done.err) == (1, True)
    done = flow("body", "flow_runs where state = $s")
    assert (done.code, "unbound-parameter" in done.err) == (1, True)
    done = flow("check", "flow_runs where state = $s and (", "--set", "s=FAILED")
    assert done.code == 1


def test_the_moment_and_the_zone() -> None:
    done = flow(
        "body", "flow_runs where end_time in today", "--now", "2026-11-01T23:30:00Z",
        "--timezone", "Europe/Berlin", "--json",
    )  # fmt: skip
    assert json.loads(done.out)["body"]["flow_runs"]["end_time"]["after_"] == "2026-11-01T23:00:00Z"
    assert "naive-now" in flow("body", "flows", "--now", "2026-11-01").err
    assert "unknown-time-zone" in flow("body", "flows", "--timezone", "Mars/Base").err
    assert "unknown-time-zone" in flow("check", "flows", "--timezone", "../etc").err


# ── bytes ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("locale", ["C", "POSIX", "C.UTF-8", "en_US.ISO-8859-1"])
@pytest.mark.parametrize("coerced", ["0", "1"])
def test_utf_8_whatever_the_locale(locale: str, coerced: str, tmp_path: Path) -> None:
    environment = {"LC_ALL": locale, "PYTHONCOERCECLOCALE": coerced, "PYTHONUTF8": "0"}
    query = 'name = "Größe 日本 🚀"'
    expected = flowql.parse(query).to_request().body
    done = process("body", query.encode(), "--json", **environment)
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out)["body"] == expected
    assert "Größe 日本 🚀" in done.out
    file = tmp_path / "größe.flowql"
    file.write_text(query, "utf-8")
    done = process("body", os.fsencode(file), "--json", **environment)
    assert json.loads(done.out)["body"] == expected
    done = process("body", "flows where größe = 日本".encode(), **environment)
    assert "│ flows where größe = 日本" in done.err


def test_bytes_that_are_no_utf_8(tmp_path: Path) -> None:
    file = tmp_path / "latin.flowql"
    file.write_bytes("name = café".encode("latin-1"))
    for done in (
        flow("body", b"name = caf\xe9"),
        flow("body", "-", stdin=b"name = caf\xe9"),
        flow("body", str(file)),
        flow("body", "name = $n", "--set", b"n=caf\xe9"),
        flow("check", b"name = caf\xe9"),
        flow("fmt", b"name = caf\xe9"),
    ):
        assert (done.code, done.out) == (1, "")
        assert "error[not-utf8]" in done.err
    done = flow("run", "flows", "--on", b"/no/caf\xe9.db")
    assert "error[unknown-place]" in done.err
    assert "error[unreadable-file]" in flow("body", b"caf\xe9.flowql").err


@pytest.mark.parametrize(
    "arguments",
    [
        ["body", "--file", "/no/such/file"],
        ["body", "--file", "/"],
        ["body", "missing.flowql"],
        ["fmt", "missing.flowql"],
        ["run", "missing.flowql"],
        ["explain", ""],
        ["body", "\x1b[31m"],
        ["check", "name = '\x00"[:-1]],
    ],
)
def test_input_that_is_none(arguments: list[str]) -> None:
    done = flow(*arguments)
    assert "\x1b" not in done.err
    assert done.code in (0, 1)
    assert (done.code == 1) == done.err.startswith("error[")


def test_closed_standard_input() -> None:
    done = subprocess.run(
        f"{sys.executable} -m flowql body - <&-", shell=True, capture_output=True, check=False
    )
    assert Done(done.returncode, done.stdout, done.stderr).code == 1
