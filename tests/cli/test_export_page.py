"""The page about exports shows what the commands do, and names every problem of theirs."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from flowql.diagnostics import export as problems
from flowql.diagnostics.base import all_classes
from flowql.run.parquet import DESCRIPTION, ROWS
from tests.cli.command import ROOT, flow

PAGE = (ROOT / "docs" / "export.md").read_text(encoding="utf-8")
_SIZES = re.compile(r"[\d,]+ rows, [\d.]+ [kM]B")
"""The demo has as many rows as its hour gives it."""


def test_the_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (block,) = re.findall(r"^```console\n(.*?)^```", PAGE, re.M | re.S)
    pieces = re.split(r"^\$ ", block, flags=re.M)[1:]
    assert len(pieces) == 2
    for piece in pieces:
        command, _, printed = piece.partition("\n")
        done = flow(*shlex.split(command)[1:])
        assert done.code == 0, done.err
        assert _SIZES.sub("…", done.out) == _SIZES.sub("…", printed)


def test_facts_and_problems_are_on_the_page() -> None:
    assert f"{ROWS:,} rows at a time" in PAGE
    assert DESCRIPTION in PAGE
    own = [cls.code for cls in all_classes() if cls.__module__ == problems.__name__]
    assert sorted(re.findall(r"^\| `([a-z-]+)` \|", PAGE, re.M)) == sorted(own)
