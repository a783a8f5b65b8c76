"""What docs/searches.md shows is what happens."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

import pytest

from flowql.diagnostics import searches as problems
from flowql.searches import read
from flowql.searches.parameters import check
from tests.cli.command import ROOT, flow

PAGE = (ROOT / "docs" / "searches.md").read_text(encoding="utf-8")
EXAMPLES = ROOT / "examples"


def blocks(language: str) -> list[str]:
    found: list[str] = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.M | re.S)
    return found


def test_the_search_is_one_of_the_examples() -> None:
    [text] = blocks("flowql")
    assert text == (EXAMPLES / "searches" / "slow-tasks.flowql").read_text(encoding="utf-8")
    assert check(read(text, "s")) == []


def test_the_commands_print_what_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(EXAMPLES)
    monkeypatch.setenv("COLUMNS", "80")
    [block] = blocks("console")
    commands = re.split(r"^\$ flowql ", block, flags=re.M)[1:]
    assert commands
    for command in commands:
        line, _, expected = command.partition("\n")
        done = flow(*shlex.split(line))
        assert (done.code, done.err, done.out) == (0, "", expected)


def test_the_setting_names_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [text] = blocks("toml")
    (tmp_path / "pyproject.toml").write_text(text)
    folder = tmp_path / tomllib.loads(text)["tool"]["flowql"]["searches"]
    folder.mkdir(parents=True)
    (folder / "a.flowql").write_text("flows\n")
    monkeypatch.chdir(tmp_path)
    assert flow("body", "@a").out == flow("body", "flows").out


def test_the_codes_are_those_of_the_comment_block() -> None:
    codes = re.findall(r"^\| `([a-z-]+)` \|", PAGE, re.M)
    assert codes == [
        one.code
        for one in (
            problems.MalformedParameter,
            problems.DuplicateParameter,
            problems.NoSuchParameter,
            problems.BadDefault,
        )
    ]
    for code in re.findall(r"\(`([a-z]+(?:-[a-z]+)+)`\)", PAGE):
        assert any(
            isinstance(one, type) and getattr(one, "code", None) == code
            for one in vars(problems).values()
        ), code
