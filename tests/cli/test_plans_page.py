"""The page about plans shows what the command does, and states the limits that there are."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from flowql.backends.plan.bodies import LIST
from flowql.backends.plan.planner import DEPTH, HEIGHT, STEPS
from flowql.diagnostics import plan as problems
from flowql.diagnostics.base import all_classes
from flowql.limits import MAX_REQUESTS, MAX_ROWS
from flowql.run.http import TOGETHER
from flowql.run.walking import TRIES
from tests.cli.command import ROOT, flow

PAGE = (ROOT / "docs" / "plans.md").read_text(encoding="utf-8")


def _commands() -> list[tuple[str, str]]:
    """Each command of the page with what it prints."""
    found = []
    for block in re.findall(r"^```console\n(.*?)^```", PAGE, re.M | re.S):
        for piece in re.split(r"^\$ ", block, flags=re.M)[1:]:
            command, _, printed = piece.partition("\n")
            found.append((command, printed))
    return found


@pytest.mark.parametrize(("command", "printed"), _commands())
def test_a_command(command: str, printed: str) -> None:
    words = shlex.split(command)
    assert words[0] == "flowql"
    done = flow(*words[1:])
    assert (done.code, done.out) == (0, printed), done.err


def test_there_are_commands() -> None:
    assert len(_commands()) >= 4


def test_the_limits_are_those_that_there_are() -> None:
    from flowql.run.stepping import CHUNK

    rows = dict(re.findall(r"^\| (.+?) \| (.+?) \|$", PAGE, re.M))
    assert rows["values of one list in a body"].startswith(f"{LIST:,};")
    assert rows["values by which one fetch is narrowed"] == f"{CHUNK}"
    assert rows["requests under way at a time"] == f"{TOGETHER}"
    assert rows["times that a walk over pages is begun"] == f"{TRIES}"
    assert rows["steps, and steps within one another"] == f"{STEPS}, {HEIGHT}"
    assert rows["sets within one another that are planned"] == f"{DEPTH}"
    assert f"at most {MAX_REQUESTS} requests and {MAX_ROWS:,} rows" in PAGE


def test_every_problem_of_plans_is_on_the_page() -> None:
    own = [cls for cls in all_classes() if cls.__module__ == problems.__name__]
    assert len(own) >= 7
    for cls in own:
        assert f"`{cls.code}`" in PAGE


def test_the_links_lead_somewhere() -> None:
    for link in re.findall(r"\]\(([^)#:]+)", PAGE):
        assert (Path(ROOT) / "docs" / link).exists()
