"""The page about reading requests shows what the command does."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.cli.command import ROOT, flow

PAGE = (ROOT / "docs" / "requests.md").read_text(encoding="utf-8")


def _commands() -> list[tuple[str, str]]:
    """Each command of the page with what it prints."""
    found = []
    for block in re.findall(r"^```console\n(.*?)^```", PAGE, re.M | re.S):
        for piece in re.split(r"^\$ ", block, flags=re.M)[1:]:
            command, _, printed = piece.partition("\n")
            found.append((command, printed))
    return found


@pytest.mark.parametrize(("command", "printed"), _commands())
def test_a_command(command: str, printed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    words = shlex.split(command)
    data = b""
    if words[0] == "echo":
        data, words = words[1].encode(), words[3:]
    assert words[:2] == ["flowql", "text"]
    done = flow(*words[1:], stdin=data)
    assert (done.code, done.out) == (0, printed), done.err


def test_there_are_commands() -> None:
    assert len(_commands()) >= 5


def test_the_links_lead_somewhere() -> None:
    for link in re.findall(r"\]\(([^)#:]+)", PAGE):
        assert (Path(ROOT) / "docs" / link).exists()
