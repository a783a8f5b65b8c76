"""The command as a user meets it: processes with real streams, files, terminals and exit codes."""

from __future__ import annotations

import fcntl
import io
import json
import os
import pty
import re
import signal
import sqlite3
import struct
import subprocess
import sys
import termios
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import flowql
from flowql.cli import main
from flowql.run import demo
from tests.oracle.data import AWKWARD
from tests.oracle.server import PrefectServer

ROOT = Path(__file__).parent.parent
MAIN = "tags ⊇ [etl] and run.state in [FAILED,CRASHED] sort name_asc limit 20"
NAMES = [
    "archive-legacy", "check-data-quality", "dbt-nightly", "ingest-clickstream",
    "ingest-customers", "ingest-orders", "ingest-payments", "load-warehouse",
]  # fmt: skip
COMMAND = [sys.executable, "-m", "flowql"]


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A home of the tests' own, with the demo in it and without settings of Prefect's."""
    folder = tmp_path_factory.mktemp("home")
    before = dict(os.environ)
    for name in list(os.environ):
        if name.startswith("PREFECT_") or name.lower().endswith("_proxy"):
            del os.environ[name]
    os.environ |= {
        "HOME": str(folder),
        "XDG_CACHE_HOME": str(folder),
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "error:::flowql",
    }
    os.environ.pop("NO_COLOR", None)
    yield folder
    os.environ.clear()
    os.environ.update(before)


class Done:
    """What a process has said."""

    def __init__(self, code: int, out: bytes, err: bytes) -> None:
        self.code = code
        self.out = out.decode()
        self.err = err.decode()
        assert "Traceback" not in self.err, self.err


def flow(*arguments: str | bytes, stdin: bytes = b"") -> Done:
    """Runs the command in this process, with streams of its own; starting one takes longest."""
    streams = [io.TextIOWrapper(io.BytesIO(data), "ascii") for data in (stdin, b"", b"")]
    before = sys.stdin, sys.stdout, sys.stderr
    sys.stdin, sys.stdout, sys.stderr = streams
    try:
        code = main([os.fsdecode(argument) for argument in arguments])
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        sys.stdin, sys.stdout, sys.stderr = before
    for stream in streams:
        stream.flush()
    _, out, err = (stream.buffer.getvalue() for stream in streams)  # type: ignore[attr-defined]
    return Done(code, out, err)


def process(
    *arguments: str | bytes, stdin: bytes = b"", cwd: Path | None = None, **environment: str
) -> Done:
    """Runs the command as a user does."""
    done = subprocess.run(
        [*COMMAND, *arguments],
        input=stdin,
        capture_output=True,
        cwd=cwd,
        env={**os.environ, **environment},
        timeout=120,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def on_terminal(*arguments: str, columns: int = 80, **environment: str) -> str:
    """Runs the command on a terminal and gives what stands there."""
    child, terminal = pty.fork()
    if child == 0:
        for name in ("COLUMNS", "LINES"):
            os.environ.pop(name, None)
        os.environ |= {"TERM": "xterm-256color", **environment}
        time.sleep(0.1)  # the size is set meanwhile
        os.execv(sys.executable, [*COMMAND, *arguments])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    said = b""
    while True:
        try:
            chunk = os.read(terminal, 65536)
        except OSError:
            break
        if not chunk:
            break
        said += chunk
    os.waitpid(child, 0)
    os.close(terminal)
    return said.decode().replace("\r\n", "\n")


def rows(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


# ── each command ──────────────────────────────────────────────────────────────


def test_body() -> None:
    done = process("body", MAIN)
    assert (done.code, done.err) == (0, "")
    first, _, body = done.out.partition("\n")
    assert first == "POST /flows/paginate"
    assert json.loads(body) == flowql.parse(MAIN).to_request().body
    assert '  "flows": {"tags": {"all_": ["etl"]}},\n' in body
    as_json = json.loads(flow("body", MAIN, "--json").out)
    assert as_json == {"method": "POST", "path": "/flows/paginate", "body": json.loads(body)}


def test_body_for_another_endpoint() -> None:
    done = flow("body", "flow_runs where state = FAILED", "--endpoint", "/flow_runs/filter")
    assert done.out.startswith("POST /flow_runs/filter\n")
    done = flow("body", "flow_runs where state = FAILED", "--endpoint", "/no/such")
    assert (done.code, done.out) == (1, "")


def test_sql_in_each_dialect() -> None:
    query = flowql.parse(MAIN)
    assert flow("sql", MAIN).out == query.to_sql("sqlite").text + "\n"
    for dialect in ("sqlite", "postgres", "duckdb"):
        done = flow("sql", MAIN, "--dialect", dialect, "--bind", "--json")
        expected = query.to_sql(dialect, "bind")
        found = json.loads(done.out)
        assert found == {"dialect": dialect, "text": expected.text, "params": list(expected.params)}
    done = flow("sql", "flow_runs where start_time > 2026-11-01 and state = $s", "--bind")
    text, _, params = done.out.partition("\n\n")
    assert "?" in text
    assert json.loads(params)[1] == {"parameter": "s"}


def test_an_unknown_dialect_is_a_problem() -> None:
    done = flow("sql", MAIN, "--dialect", "postgers")
    assert (done.code, done.out) == (1, "")
    assert "did you mean `postgres`" in done.err


def test_explain() -> None:
    done = flow("explain", MAIN)
    assert done.code == 0
    for line in ("means", "text", "request    yes, POST /flows/paginate", "sqlite     yes"):
        assert f"\n{line}" in f"\n{done.out}"
    found = json.loads(
        flow("explain", "flows where run.state = FAILED or tags has a", "--json").out
    )
    assert found["english"]
    assert flowql.parse(found["text"]) == flowql.parse(
        "flows where run.state = FAILED or tags has a"
    )
    assert found["request"]["possible"] is False
    assert found["request"]["problems"][0]["code"] == "or-across-entities"
    assert {name: answer["possible"] for name, answer in found["sql"].items()} == {
        "duckdb": True,
        "postgres": True,
        "sqlite": True,
    }


def test_explain_says_what_is_open() -> None:
    found = json.loads(flow("explain", "flow_runs where name =~ $n", "--json").out)
    assert found["parameters"] == ["n"]
    assert found["request"]["possible"] is False


def test_fmt(tmp_path: Path) -> None:
    assert flow("fmt", "flows   where name=a  AND tags has b").out == (
        flowql.fmt("flows   where name=a  AND tags has b") + "\n"
    )
    file = tmp_path / "a.flowql"
    file.write_bytes("\ufeffflows   where name=é\r\n".encode())
    tidy = flowql.fmt("flows   where name=é") + "\n"
    assert flow("fmt", str(file)).out == tidy
    done = flow("fmt", "--check", str(file))
    assert (done.code, done.out, done.err) == (1, "", f"{file} is not tidy\n")
    done = flow("fmt", "--write", str(file))
    assert (done.code, done.out, done.err) == (0, "", f"{file} tidied\n")
    assert file.read_bytes() == tidy.encode()
    assert (flow("fmt", "--check", str(file)).code, flow("fmt", "--write", str(file)).err) == (
        0,
        "",
    )
    assert flow("fmt", "--check", tidy.rstrip("\n")).code == 0
    assert flow("fmt", "--check", "-", stdin=tidy.encode()).code == 0


def test_fmt_leaves_alone_what_it_cannot_read_or_write(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.flowql", tmp_path / "bad.flowql"
    good.write_text("flows  where name=a")
    bad.write_text("flows where (")
    done = flow("fmt", "--write", str(bad), str(good))
    assert done.code == 1
    assert "bad.flowql:1:" in done.err
    assert bad.read_text() == "flows where ("
    assert good.read_text() == flowql.fmt("flows where name=a") + "\n"
    assert flow("fmt", "--write", "flows").code == 2


def test_check() -> None:
    done = flow("check", MAIN)
    assert (done.code, done.out) == (0, "")
    done = flow("check", "flow_runs where state = Late", "flows", "name = 'a")
    assert (done.code, done.out) == (1, "")
    assert done.err.count("error[") == 2
    done = flow("check", 'flows where tags has "team:*"')
    assert (done.code, done.err.count("warning[")) == (0, 1)
    done = flow("check", "--json", 'tags has "team:*"', "state = x", "missing.flowql")
    assert (done.code, done.err) == (1, "")
    severities = [(one["code"], one["severity"]) for one in json.loads(done.out)]
    assert severities[0] == ("ordinary-star", "warning")
    assert severities[-1] == ("unreadable-file", "error")
    assert json.loads(flow("check", "--json", "flows").out) == []


def test_run() -> None:
    done = process("run", MAIN)
    assert done.code == 0
    assert [row["name"] for row in rows(done.out)] == NAMES
    [path] = re.findall(r"^demo data: (.+) \(--on asks another place\)\n$", done.err)
    assert Path(path).is_file()
    assert rows(flow("run", MAIN, "--on", path).out) == rows(done.out)
    assert flow("run", MAIN, "--on", path).err == ""


def test_run_counts(home: Path) -> None:
    assert flow("run", "flows count").out == "24\n"
    assert flow("run", "flows count", "--json").out == "24\n"


def test_run_on_an_api_says_which_page_it_is(prefect_sqlite: PrefectServer) -> None:
    done = flow("run", "flow_runs sort id_desc limit 2", "--on", prefect_sqlite.api_url)
    total = len(AWKWARD["flow_run"])
    assert len(rows(done.out)) == 2
    assert done.err == f"page 1 of {total // 2}, {total} rows in all\n"
    done = flow("run", "flow_runs sort id_desc limit 2 page 2 count", "--on", "prefect")
    assert done.code == 1
    note = rows(flow("run", "flow_runs limit 2", "--on", prefect_sqlite.api_url, "--json").err)[-1]
    assert (note["code"], note["count"]) == ("rows", total)
    environment = {"PREFECT_API_URL": prefect_sqlite.api_url}
    assert process("run", "flows count", "--on", "prefect", **environment).out == (
        f"{len(AWKWARD['flow'])}\n"
    )


def test_the_main_query_is_the_same_from_a_file_the_api_and_memory(
    prefect_sqlite: PrefectServer,
) -> None:
    expected = [str(row["id"]) for row in flowql.parse(MAIN).select(AWKWARD)]
    file = prefect_sqlite.url.removeprefix("sqlite:///")
    for on in (file, prefect_sqlite.url, prefect_sqlite.api_url):
        assert [row["id"] for row in rows(flow("run", MAIN, "--on", on).out)] == expected


# ── what goes in ──────────────────────────────────────────────────────────────


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


# ── what comes out ────────────────────────────────────────────────────────────


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
