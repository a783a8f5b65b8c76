"""Saved searches on the command line: by name, in lists, in folders, and as hooks."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

import flowql
from tests.cli.command import ROOT, flow, on_terminal, process, rows

LATE = """\
# Runs that ended badly.
#
# More of it.
# $states = FAILED, CRASHED: the ends that count
# $since: from when on
flow_runs where state in $states and start_time > $since and tags has all $with
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with searches; the working directory is below it."""
    folder = tmp_path / "searches"
    for name, text in {
        "bad": LATE,
        "team/etl": "# Flows of ETL.\nflows where tags has etl\n",
        "plain": "flows\n",
    }.items():
        path = folder / f"{name}.flowql"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    return folder


# ── by name ───────────────────────────────────────────────────────────────────


def test_every_command_takes_a_name(project: Path) -> None:
    text = "flows where tags has etl"
    assert flow("body", "@team/etl").out == flow("body", text).out
    assert flow("sql", "@team/etl").out == flow("sql", text).out
    assert rows(flow("run", "@team/etl").out) == rows(flow("run", text).out)
    assert flow("explain", "@team/etl").out == flow("explain", text).out
    assert flow("fmt", "@team/etl").out == "# Flows of ETL.\nflows where tags has etl\n"
    assert flow("fmt", "@team/etl", "@plain", "--check").code == 0
    assert flow("check", "@team/etl", "@plain").code == 0


def test_defaults_and_settings(project: Path) -> None:
    def body(*settings: str) -> Any:
        options = [part for setting in settings for part in ("--set", setting)]
        done = flow("body", "@bad", "--json", *options)
        assert done.code == 0, done.err
        return json.loads(done.out)["body"]["flow_runs"]

    rest = ("since=2026-11-01", "with=dev")
    assert body(*rest)["state"] == {"type": {"any_": ["FAILED", "CRASHED"]}}
    assert body("states=FAILED", *rest)["state"] == {"type": {"any_": ["FAILED"]}}
    done = flow("body", "@bad", "--json")
    assert [json.loads(line)["code"] for line in done.err.splitlines()] == ["unbound-parameter"] * 2
    done = flow("body", "@bad", "--set", "sinc=2026")
    assert "did you mean `$since`" in done.err


def test_a_length_of_time(project: Path) -> None:
    text = "# $since = 24h: how far back to look\nflow_runs where end_time in last $since\n"
    (project / "recent.flowql").write_text(text)

    def body(*options: str) -> Any:
        done = flow("body", "@recent", "--json", "--now", "2026-11-08T12:00:00Z", *options)
        assert done.code == 0, done.err
        return json.loads(done.out)["body"]["flow_runs"]["end_time"]

    assert body()["after_"] == "2026-11-07T12:00:00Z"
    asked = body("--set", "since=7d")
    assert asked == {"after_": "2026-11-01T12:00:00Z", "before_": "2026-11-08T12:00:00Z"}
    done = flow("body", "@recent", "--set", "since=week")
    assert (done.code, done.out) == (1, "")
    assert "wrong-value" in done.err
    shown = json.loads(flow("show", "recent", "--json").out)
    [parameter] = shown["parameters"]
    assert (parameter["type"], parameter["default"]) == ("duration", "24h")
    assert "$since = 24h  (duration): how far back to look" in flow("show", "recent").out


def test_a_comment_block_counts_wherever_it_stands(project: Path) -> None:
    text = "# $n = 3: how many\nflows sort name_asc limit $n\n"
    (project / "n.flowql").write_text(text)
    whole = flow("body", "flows sort name_asc limit 3").out
    assert flow("body", "@n").out == whole
    assert flow("body", text).out == whole
    assert flow("body", "-", stdin=text.encode()).out == whole
    assert flow("body", str(project / "n.flowql")).out == whole
    assert flow("body", "--file", str(project / "n.flowql")).out == whole


def test_tidying_by_name_writes_the_file(project: Path) -> None:
    path = project / "plain.flowql"
    path.write_text("# $x:  y\nflows   where name=$x")
    done = flow("fmt", "--write", "@plain")
    assert (done.code, done.err) == (0, "../searches/plain.flowql tidied\n")
    assert path.read_text() == "# $x:  y\nflows where name = $x\n"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("@team/elt", "unknown-search"),
        ("@../pyproject", "bad-search-name"),
        ("@/etc/passwd", "bad-search-name"),
        ("@", "bad-search-name"),
        (b"@\xe9", "not-utf8"),
        ("@plain@", "bad-search-name"),
    ],
)
@pytest.mark.parametrize("command", ["body", "sql", "run", "explain", "fmt", "check", "show"])
def test_names_that_lead_nowhere(project: Path, command: str, name: str, code: str) -> None:
    done = flow(command, name, "--json")
    assert done.code == 1
    found = json.loads(done.out) if command == "check" else rows(done.err)
    assert [problem["code"] for problem in found] == [code]


def test_a_name_among_several(project: Path) -> None:
    done = flow("check", "@plai", "flows where (", "@plain", "--json")
    found = [problem["code"] for problem in json.loads(done.out)]
    assert found[0] == "unknown-search"
    assert len(found) > 1
    assert "did you mean `@plain`?" in done.out


# ── list and show ─────────────────────────────────────────────────────────────


def test_list(project: Path) -> None:
    done = flow("list")
    assert (done.code, done.err) == (0, "")
    head, _, *lines = [line.split() for line in done.out.splitlines()]
    assert head == ["name", "target", "description", "parameters"]
    assert [line[:2] for line in lines] == [
        ["bad", "flow_runs"], ["plain", "flows"], ["team/etl", "flows"],
    ]  # fmt: skip
    assert "Runs that ended badly.   $states = FAILED, CRASHED, $since, $with" in done.out
    found = json.loads(flow("list", "--json").out)
    assert [one["name"] for one in found] == ["bad", "plain", "team/etl"]
    assert found[0] == {
        "name": "bad",
        "file": "../searches/bad.flowql",
        "target": "flow_runs",
        "description": "Runs that ended badly.\n\nMore of it.",
        "parameters": [
            {
                "name": "states", "type": "enum", "list": True, "default": "FAILED, CRASHED",
                "description": "the ends that count",
            },
            {
                "name": "since", "type": "time", "list": False, "default": None,
                "description": "from when on",
            },
            {"name": "with", "type": "tags", "list": True, "default": None, "description": ""},
        ],
    }  # fmt: skip


def test_list_on_a_terminal_has_room_for_the_line(project: Path) -> None:
    (project / "long.flowql").write_text(f"# {'many words ' * 30}\nflows\n")
    said = on_terminal("list", "--color", "never", columns=60)
    assert max(map(len, said.splitlines())) <= 60
    assert "many words" in said


def test_a_broken_search_among_good_ones(project: Path) -> None:
    (project / "aa.flowql").write_text("# Broken.\nflow_runs where state = FAILD\n")
    (project / "bytes.flowql").write_bytes(b"\xff")
    done = flow("list")
    assert done.code == 1
    assert "error[unknown-choice]" in done.err
    assert "../searches/aa.flowql:2:25" in done.err
    assert "bytes.flowql is not UTF-8" in done.err
    lines = done.out.splitlines()[2:]
    assert lines[0].split()[:2] == ["aa", "broken"]
    assert len(lines) == 4
    done = flow("show", "aa")
    assert done.code == 1
    assert "Broken." in done.out
    assert "error[unknown-choice]" in done.err


def test_list_of_nothing(project: Path, tmp_path: Path) -> None:
    for path in project.rglob("*.flowql"):
        path.unlink()
    assert (flow("list").code, flow("list").out) == (0, "")
    assert json.loads(flow("list", "--json").out) == []


def test_show(project: Path) -> None:
    for name in ("bad", "@bad"):
        done = flow("show", name)
        assert (done.code, done.err) == (0, "")
        assert done.out == (
            """\
@bad  ../searches/bad.flowql

Runs that ended badly.

More of it.

$states = FAILED, CRASHED  (list of enum): the ends that count
$since  (time): from when on
$with  (list of tags)

    flow_runs where state in $states and start_time > $since and tags has all $with

"""
            + "\n".join(wrapped(flowql.parse(LATE).to_english()))
            + "\n"
        )
    found = json.loads(flow("show", "bad", "--json").out)
    assert found["text"] == LATE
    assert found["query"] == LATE.splitlines()[-1]
    assert found["english"] == flowql.parse(LATE).to_english()


def wrapped(text: str) -> list[str]:
    import textwrap

    return textwrap.wrap(text, 80, break_long_words=False, break_on_hyphens=False)


# ── folders ───────────────────────────────────────────────────────────────────


def test_check_a_folder(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project.parent)
    for name in ("searches", "searches/", "./searches", str(project)):
        assert flow("check", name).code == 0
    (project / "zz.flowql").write_text("# $x = 1: y\nflow_runs where state = FAILD")
    (project / "bytes.flowql").write_bytes(b"\xff")
    done = flow("check", "searches", "--json")
    assert done.code == 1
    found = [(one["code"], one["file"]) for one in json.loads(done.out)]
    assert found == [
        ("not-utf8", "searches/bytes.flowql"),
        ("no-such-parameter", "searches/zz.flowql"),
        ("unknown-choice", "searches/zz.flowql"),
    ]
    # Several files and folders, and a query beside them.
    done = flow("check", "searches/team", "searches/plain.flowql", "flows where nam = a", "--json")
    assert [one["code"] for one in json.loads(done.out)] == ["unknown-field"]


def test_an_entity_goes_before_a_folder_of_its_name(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.parent)
    (project.parent / "flows").mkdir()
    (project.parent / "flows" / "a.flowql").write_text("flows where (")
    assert flow("check", "flows").code == 0
    assert flow("check", "flows/").code == 1
    # A query may end in a slash.
    assert flow("check", "name = a/").code == 0
    done = flow("check", "missing/", "--json")
    assert [one["code"] for one in json.loads(done.out)] == ["unreadable-file"]


def test_tidy_a_folder(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project.parent)
    assert flow("fmt", "--check", "searches").code == 0
    (project / "a.flowql").write_text("flows   where name=a")
    (project / "b.flowql").write_text("flows where (")
    done = flow("fmt", "--check", "searches/")
    assert done.code == 1
    assert "searches/a.flowql is not tidy\n" in done.err
    assert "searches/b.flowql:1:" in done.err
    assert flow("fmt", "--write", "searches").code == 1
    assert (project / "a.flowql").read_text() == "flows where name = a\n"
    assert (project / "b.flowql").read_text() == "flows where ("


# ── hooks ─────────────────────────────────────────────────────────────────────

HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))


def test_the_hooks_run(project: Path) -> None:
    assert [hook["id"] for hook in HOOKS] == ["flowql-check", "flowql-fmt"]
    (project / "a b.flowql").write_text("flows   where name=a")
    files = ["../searches/a b.flowql", "../searches/bad.flowql"]
    for hook in HOOKS:
        assert hook["language"] == "python"
        [program, *arguments] = shlex.split(hook["entry"]) + hook.get("args", [])
        assert program == "flowql"
        assert process(*arguments, *files, cwd=project.parent / "below").code == 0
    assert (project / "a b.flowql").read_text() == "flows where name = a\n"
    (project / "a b.flowql").write_text("flows where nam = a\n")
    assert process("check", *files, cwd=project.parent / "below").code == 1


# ── usage ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "arguments",
    [
        ["list", "x"], ["show"], ["show", "a", "b"], ["saved"], ["saved", "pusch"],
        ["saved", "push", "--force"], ["saved", "pull", "--prune"], ["saved", "diff", "--dry-run"],
        ["check", "flows", "--format", "xml"], ["check", "flows", "--json", "--format", "sarif"],
    ],
)  # fmt: skip
def test_usage(arguments: list[str]) -> None:
    done = flow(*arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("usage: flowql")


@pytest.mark.parametrize("command", ["list", "show", "saved", "saved push", "saved pull"])
def test_help(command: str) -> None:
    done = flow(*command.split(), "--help")
    assert (done.code, done.err) == (0, "")
    assert max(map(len, done.out.splitlines())) <= 88
