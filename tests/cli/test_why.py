"""`flowql why`: what its page shows, what a terminal is given, and what goes wrong."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import sqlite3
from pathlib import Path

import pytest

from flowql.run.demo import demo_path
from tests.cli.command import ROOT, flow, on_terminal
from tests.hostile import HOSTILE

PATH = ROOT / "docs" / "why.md"
NOW = "2026-11-23T09:30:00Z"
"""The moment of the page: the demo is made for its hour."""


# ── the page ──────────────────────────────────────────────────────────────────────────────────────


def _printed(command: str) -> str:
    words = shlex.split(command)
    assert words[:2] == ["flowql", "why"]
    done = flow(*words[1:], "--now", NOW)
    assert done.code == 0, done.err
    # Where the demo lies is another place for everybody.
    return re.sub(r'"asked_of": "[^"]*/', '"asked_of": "…/', done.out)


def _run(block: re.Match[str]) -> str:
    commands = re.findall(r"^\$ (.*)\n", block[1], re.M)
    assert commands
    return "```console\n" + "".join(f"$ {one}\n{_printed(one)}" for one in commands) + "```"


def test_the_page_shows_what_the_command_does(
    update: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "110")
    page = PATH.read_text(encoding="utf-8")
    found = re.sub(r"^```console\n(.*?)^```$", _run, page, flags=re.M | re.S)
    if update:
        PATH.write_text(found, encoding="utf-8")
    assert found == PATH.read_text(encoding="utf-8"), "`pytest --update` keeps it"
    assert len(re.findall(r"^\$ flowql why ", page, re.M)) >= 7


def test_the_pages_python() -> None:
    [block] = re.findall(r"^```python\n(.*?)^```", PATH.read_text(encoding="utf-8"), re.M | re.S)
    names: dict[str, object] = {}
    exec(block, names)
    for expression, value in re.findall(r"^(\S.*?)  # (.+)$", block, re.M):
        assert repr(eval(expression, names)) == value


def test_every_problem_of_the_page_is_one() -> None:
    from flowql.diagnostics.base import all_classes

    codes = re.findall(r"^\| `([a-z-]+)` \|", PATH.read_text(encoding="utf-8"), re.M)
    known = {cls.code: cls for cls in all_classes()}
    own = {code for code, cls in known.items() if cls.__module__ == "flowql.diagnostics.why"}
    assert own <= set(codes) & set(known)


# ── output ────────────────────────────────────────────────────────────────────────────────────────


def test_the_exit_code_does_not_tell_whether_the_row_is_selected() -> None:
    for query in ("tags has etl", "tags has nope"):
        done = flow("why", query, "dbt-nightly")
        assert (done.code, done.out.split()[:2]) == (0, ["flow", "dbt-nightly"])
        assert done.err.startswith("demo data: ")


def test_options_stand_anywhere() -> None:
    for words in (
        ("why", "--now", NOW, "tags has etl", "dbt-nightly"),
        ("why", "tags has etl", "--now", NOW, "dbt-nightly"),
        ("why", "tags has etl", "dbt-nightly", "--now", NOW),
    ):
        assert flow(*words).out.splitlines()[0].endswith("is selected.")
    assert flow("why", "tags has etl").code == 2
    assert flow("why", "tags", "has", "etl", "dbt-nightly").code == 2


def test_queries_come_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "searches"
    folder.mkdir()
    (folder / "tagged.flowql").write_text("# $tag = etl: which\ntags has $tag\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    for words, stdin in (
        (("@tagged",), b""),
        (("searches/tagged.flowql",), b""),
        (("@tagged", "--set", "tag=dbt"), b""),
        (("-",), b"tags has etl"),
    ):
        done = flow("why", *words, "dbt-nightly", stdin=stdin)
        assert done.out.splitlines()[0].endswith("is selected."), done.err
    done = flow("why", "@tagged", "--set", "tag=nope", "dbt-nightly")
    assert "`tags has nope` is false" in done.out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("tags has etl", "nope"), "no-such-row"),
        (("flow_runs where state = FAILED", "calm-jackal"), "ambiguous-row"),
        (("block_schemas where version = 1", "nope"), "not-an-id"),
        (("tags has $tag", "dbt-nightly"), "unbound-parameter"),
        (("tagz has etl", "dbt-nightly"), "unknown-field"),
        (("name matches 'a'", "dbt-nightly"), "sql-no-regex"),
        (("name = a", b"caf\xe9"), "not-utf8"),
        (("name = a", "a", "--on", "nowhere.db"), "unknown-place"),
    ],
)
def test_problems(words: tuple[str | bytes, ...], code: str) -> None:
    done = flow("why", *words)
    assert (done.code, done.out) == (1, "")
    assert f"error[{code}]" in done.err
    done = flow("why", *words, "--json")
    assert json.loads(done.err)["code"] == code


def test_a_terminal_has_colours_and_a_pipe_has_none() -> None:
    words = ("why", "tags has etl and tags has nope", "dbt-nightly")
    said = on_terminal(*words)
    assert "\x1b[32m✓\x1b[0m tags has etl" in said
    assert "\x1b[31m✗\x1b[0m tags has nope" in said
    assert "\x1b" not in on_terminal(*words, NO_COLOR="1")
    assert "\x1b" not in flow(*words).out


def test_nothing_that_a_row_holds_reaches_the_terminal_raw(tmp_path: Path) -> None:
    path = tmp_path / "prefect.db"
    shutil.copy(demo_path(), path)
    values = [text for text in HOSTILE if not text.isprintable()]
    assert len(values) > 40
    with sqlite3.connect(path) as database:
        for text in values:
            name = f"\x1b[2J{text}"
            database.execute("UPDATE flow SET name = ? WHERE name = 'dbt-nightly'", (name,))
            database.execute("UPDATE flow SET tags = ? WHERE name = ?", (json.dumps([text]), name))
            database.execute(
                "UPDATE flow_run SET name = ?, parameters = ?",
                (text, json.dumps({text: text, "x": text})),
            )
            database.commit()
            done = flow(
                "why",
                "tags has all [a, b] and any run (parameters.x > 1 and state = FAILED and name = a)"
                " and any tag (starts with q) and count run (name != a) < 2",
                name,
                "--on",
                str(path),
            )
            assert done.code == 0, done.err
            assert done.out.startswith("flow \\x1b[2J")
            assert all(char.isprintable() or char == "\n" for char in done.out)
            database.execute("UPDATE flow SET name = 'dbt-nightly' WHERE name = ?", (name,))
