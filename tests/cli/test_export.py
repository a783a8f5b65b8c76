"""`flowql export`, and `flowql run` on what it made."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.command import MAIN, NAMES, flow, on_terminal, rows


def test_the_demo_is_copied_and_asked(tmp_path: Path) -> None:
    folder = str(tmp_path / "demo")
    done = flow("export", "--to", folder)
    assert done.code == 0
    assert done.out.startswith("16 tables, ")
    assert "block_documents are left out" in done.err
    asked = flow("run", MAIN, "--on", folder)
    assert [row["name"] for row in rows(asked.out)] == NAMES
    assert asked.err == ""
    again = flow("export", "--to", folder, "--json")
    assert (again.code, json.loads(again.err)["code"]) == (1, "folder-taken")
    over = flow("export", "--to", folder, "--overwrite", "--json", "--only", "flows,flow_runs")
    document = json.loads(over.out)
    assert [*document["tables"]] == ["flow_run", "flow"]
    assert document["rows"] == sum(table["rows"] for table in document["tables"].values())
    assert document["bytes"] > 1_000


def test_usage(tmp_path: Path) -> None:
    assert flow("export").code == 2
    assert flow("export", "--to", str(tmp_path / "x"), "--only", ",").code == 2


def test_the_line_of_progress_is_gone_in_the_end(tmp_path: Path) -> None:
    said = on_terminal("export", "--to", str(tmp_path / "x"), "--only", "flows")
    assert said.splitlines()[0].split("\r")[-1].startswith("1 table, ")
