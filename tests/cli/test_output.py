"""What comes out where: data, problems, colour and tables; and how the command ends and starts."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

import flowql
from flowql.run import demo
from tests.cli.command import COMMAND, MAIN, NAMES, Done, flow, on_terminal, rows


def test_problems_as_json() -> None:
    done = flow("body", "flow_runs where state = Late and nam = a", "--json")
    assert (done.code, done.out) == (1, "")
    first, second = rows(done.err)
    assert (first["code"], first["start"]) == ("state-name", {"line": 1, "column": 25})
    assert second["severity"] == "error"


def test_warnings_do_not_spoil_data() -> None:
    done = flow("body", 'tags has "team:*"', "--json")
    assert (done.code, json.loads(done.out)["path"]) == (0, "/flows/paginate")
    assert [one["severity"] for one in rows(done.err)] == ["warning"]


def test_colour_is_for_terminals() -> None:
    query = "flow_runs where state = Late"
    assert "\x1b[31m" in on_terminal("check", query)
    assert "\x1b" not in on_terminal("check", query, NO_COLOR="1")
    assert "\x1b" not in on_terminal("check", query, TERM="dumb")
    assert "\x1b" not in on_terminal("check", query, "--color", "never")
    assert "\x1b[31m" in on_terminal("check", query, "--color", "always", NO_COLOR="1")
    assert "\x1b" not in flow("check", query).err
    assert "\x1b[31m" in flow("check", query, "--color", "always").err
    # Rows in a pipe are data, whatever the colour.
    assert [row["name"] for row in rows(flow("run", MAIN, "--color", "always").out)] == NAMES


def test_rows_on_a_terminal_are_a_table() -> None:
    said = on_terminal("run", MAIN, "--color", "never", columns=100)
    notice, header, rule, *lines, extent = said.splitlines()
    assert notice.startswith("demo data: ")
    assert header.split() == ["name", "tags", "id"]
    assert set(rule) == {"─"}
    assert [line.split()[0] for line in lines if not line.startswith(" ")] == NAMES
    assert extent == "8 rows"
    assert [row["name"] for row in rows(on_terminal("run", MAIN, "--json").partition("\n")[2])] == (
        NAMES
    )
    assert on_terminal("run", "flows where name = nobody").splitlines()[1:] == ["no rows"]


@pytest.mark.parametrize("columns", [20, 40, 60, 80, 100, 150, 300])
@pytest.mark.parametrize(
    "query",
    [
        "flow_runs limit 30",
        "deployments",
        "work_queues",
        "task_runs select id, name, tags, start_time, duration, flow_run_id limit 5",
    ],
)
def test_a_table_fits_the_terminal(columns: int, query: str, home: Path) -> None:
    """Drawn in this process: a terminal for each would take minutes."""
    from rich.cells import cell_len

    from flowql.run import run
    from flowql.run.table import drawn

    asked = flowql.parse(query)
    found = run(asked).rows
    for colour in (False, True):
        table = drawn(found, asked, width=columns, colour=colour)
        plain = re.sub(r"\x1b\[[0-9;]*m", "", table)
        assert max(map(cell_len, plain.splitlines())) <= columns
        assert (plain != table) == colour


def test_a_table_shows_times_in_the_zone_asked_for() -> None:
    query = "flow_runs where start_time is not null sort start_time_desc select start_time limit 1"
    [row] = rows(flow("run", query).out)
    utc = row["start_time"][:16].replace("T", " ")
    assert utc in on_terminal("run", query)
    assert utc not in on_terminal("run", query, "--timezone", "Asia/Kolkata")


def test_a_table_moves_no_cursor(tmp_path: Path) -> None:
    path = tmp_path / "demo.db"
    demo.make_demo(path, datetime(2026, 4, 15, tzinfo=UTC))
    with sqlite3.connect(path) as connection:
        name = "a\x1b[2J\n\u202eb日本"
        connection.execute("UPDATE flow SET name = ? WHERE name = 'dbt-nightly'", (name,))
    said = on_terminal("run", MAIN, "--on", str(path), "--color", "never")
    assert "a\\x1b[2J\\n\\u202eb日本" in said
    assert "\x1b" not in said


# ── ends ──────────────────────────────────────────────────────────────────────


def test_a_reader_that_goes_away() -> None:
    """`flowql run … | head -1` ends without a word, as other commands do."""
    for query in ("task_runs", "flows limit 1"):
        reader, writer = os.pipe()
        child = subprocess.Popen([*COMMAND, "run", query], stdout=writer, stderr=subprocess.PIPE)
        os.close(writer)
        os.close(reader)
        _, err = child.communicate(timeout=120)
        assert child.returncode == 141
        assert err.decode().count("\n") == 1


def test_a_full_disk() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    for query in ("task_runs", "flows"):
        with Path("/dev/full").open("wb") as full:
            done = subprocess.run(
                [*COMMAND, "run", query], stdout=full, stderr=subprocess.PIPE, check=False
            )
        found = Done(done.returncode, b"", done.stderr)
        assert found.code == 1
        assert "error[unwritable-file]: standard output cannot be written" in found.err


def test_closed_standard_output() -> None:
    done = subprocess.run(
        f"{sys.executable} -m flowql body flows >&-", shell=True, capture_output=True, check=False
    )
    assert Done(done.returncode, b"", done.stderr).code == 0


def test_ctrl_c() -> None:
    child = subprocess.Popen(
        [*COMMAND, "run", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    time.sleep(3)  # until it waits for its standard input
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=60)
    assert Done(child.returncode, out, err).code == 130
    assert (out, err) == (b"", b"")


# ── start ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("command", "never"),
    [
        ("body", {"sqlglot", "pydantic", "rich", "httpx", "sqlalchemy", "flowql.run"}),
        ("check", {"sqlglot", "pydantic", "rich", "httpx", "sqlalchemy", "flowql.run"}),
        ("fmt", {"sqlglot", "pydantic", "rich", "httpx", "sqlalchemy", "flowql.run"}),
        ("sql", {"pydantic", "rich", "httpx", "sqlalchemy"}),
        ("run", {"pydantic", "rich", "httpx", "sqlalchemy", "duckdb", "psycopg"}),
    ],
)
def test_a_command_loads_what_it_needs(command: str, never: set[str]) -> None:
    code = (
        "import sys\n"
        "from flowql.cli import main\n"
        f"assert main([{command!r}, {MAIN!r}]) == 0\n"
        "print(*sys.modules, file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert never & set(done.stderr.split()) == set()
