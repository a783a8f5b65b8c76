"""Rows from every place a query can run on: the same flows, in the same order, as JSON has them."""

from __future__ import annotations

import json
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import pytest

import flowql
from flowql import FlowQLError
from flowql.diagnostics import Diagnostic
from flowql.run import Answer, run
from flowql.run.rows import plain
from tests.oracle.data import AWKWARD
from tests.oracle.server import PrefectServer

MAIN = "tags ⊇ [etl] and run.state in [FAILED,CRASHED] sort name_asc limit 20"
NOW = datetime(2026, 11, 1, tzinfo=UTC)

Ask = Callable[..., Answer]


DATABASES = pytest.mark.parametrize(
    "place", ["sqlite", "sqlite-url", "duckdb", "postgres"], indirect=True
)


@pytest.fixture(params=["sqlite", "sqlite-url", "duckdb", "postgres", "api", "postgres-api"])
def place(request: pytest.FixtureRequest) -> str:
    """Where the awkward rows are, as `--on` names it."""

    def value(fixture: str) -> Any:
        return request.getfixturevalue(fixture)

    match request.param:
        case "sqlite":
            return str(value("sqlite_file"))
        case "sqlite-url":
            return f"sqlite+aiosqlite:///{value('sqlite_file')}"
        case "duckdb":
            return f"duckdb:///{value('duckdb_file')}"
        case "postgres":
            url: str = value("prefect_postgres").url
            return url.replace("postgresql://", "postgresql+asyncpg://")
        case "api":
            return str(value("prefect_sqlite").api_url)
        case _:
            return str(value("prefect_postgres").api_url)


def in_memory(text: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = plain(flowql.parse(text, now=NOW).select(AWKWARD))
    return rows


def test_the_main_query_gives_the_same_flows_in_the_same_order(place: str) -> None:
    rows = run(flowql.parse(MAIN), place).rows
    expected = in_memory(MAIN)
    assert len(expected) >= 3
    assert {row["id"] for row in rows} == {row["id"] for row in expected}
    # Databases with a collation of their own order letters of two cases differently.
    assert [row["name"].lower() for row in rows] == [row["name"].lower() for row in expected]


def test_sqlite_memory_and_the_api_agree_to_the_letter(
    prefect_sqlite: PrefectServer, sqlite_file: Path
) -> None:
    query = flowql.parse(MAIN)
    rows = run(query, sqlite_file).rows
    assert rows == run(query, prefect_sqlite.api_url).rows == in_memory(MAIN)


FLOW_RUN_COLUMNS = (
    "id, name, tags, state, state.name, state.timestamp, start_time, end_time, duration,"
    " total_run_time, run_count, flow_id, deployment_id, flow_version, created_by.type,"
    " auto_scheduled, created, updated, parameters"
)


def test_selected_columns_are_the_same_everywhere(place: str) -> None:
    text = f"flow_runs where state = FAILED sort id_desc limit 20 select {FLOW_RUN_COLUMNS}"
    rows = run(flowql.parse(text), place).rows
    assert len(rows) > 3
    for found, expected in zip(rows, in_memory(text), strict=True):
        assert found == expected


def test_a_count_is_a_number(place: str) -> None:
    answer = run(flowql.parse("flow_runs where state = FAILED count"), place)
    assert (answer.rows, answer.count) == (
        [],
        in_memory("flow_runs where state = FAILED count")[0]["count"],
    )


@DATABASES
def test_all_columns_are_as_json_has_them(place: str) -> None:
    """The API names some columns in its own way; test_client looks at its answers."""
    for entity, table in (("flow_runs", "flow_run"), ("deployments", "deployment")):
        rows = run(flowql.parse(f"{entity} sort id desc"), place).rows
        stored = sorted(AWKWARD[table], key=lambda row: str(row["id"]), reverse=True)
        assert rows == plain(stored)


@DATABASES
def test_bound_values_are_data(place: str) -> None:
    text = "flows where name = $name or tags has $tag"
    for value in ("it's", 'a"b', "C:\\new\\table", "%", "日本", "'; DROP TABLE flow; --"):
        params = {"name": value, "tag": value}
        query = flowql.parse(text, params)
        expected = {str(row["id"]) for row in query.select(AWKWARD)}
        assert {row["id"] for row in run(query, place).rows} == expected, value


def test_a_page_knows_how_many_there_are(prefect_server: PrefectServer) -> None:
    answer = run(flowql.parse("flow_runs sort id_desc limit 50 page 2"), prefect_server.api_url)
    total = len(AWKWARD["flow_run"])
    assert len(answer.rows) == 50
    assert (answer.page, answer.pages, answer.count) == (2, -(-total // 50), total)
    assert answer.extent == f"page 2 of {answer.pages}, {total} rows in all"


def test_an_endpoint_without_pages_is_read_to_its_end(prefect_server: PrefectServer) -> None:
    answer = run(flowql.parse("work_queues"), prefect_server.api_url)
    total = len(AWKWARD["work_queue"])
    assert (len(answer.rows), answer.count, answer.pages) == (total, total, None)
    assert answer.extent == f"{total} rows"


def test_the_demo_is_asked_where_nothing_is_named() -> None:
    answer = run(flowql.parse(MAIN))
    assert len(answer.rows) == 8
    assert Path(answer.place).is_file()


def test_the_address_of_an_api_needs_no_path(prefect_sqlite: PrefectServer) -> None:
    for url in (prefect_sqlite.api_url, f"{prefect_sqlite.api_url}/"):
        for address in (url, url.removesuffix("/").removesuffix("api")):
            assert len(run(flowql.parse(MAIN), address).rows) == 3


# ── nothing is written ────────────────────────────────────────────────────────


def test_databases_are_opened_to_be_read(
    sqlite_file: Path, duckdb_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flowql.run import databases
    from flowql.run.places import Duck, Sqlite

    for make, file in ((Sqlite, sqlite_file), (Duck, duckdb_file)):
        copy = tmp_path / file.name
        shutil.copy(file, copy)
        with pytest.raises(FlowQLError, match=r"(?i)read-?only"):
            databases._execute(make(copy), "DELETE FROM flow", ())


def test_postgresql_is_asked_in_a_transaction_that_can_only_read(
    prefect_postgres: PrefectServer,
) -> None:
    from flowql.run import databases
    from flowql.run.places import Postgres

    with pytest.raises(FlowQLError, match="read-only"):
        databases._execute(Postgres(prefect_postgres.url), "DELETE FROM flow", ())


@pytest.mark.parametrize("kind", ["Sqlite", "Duck", "Postgres"])
def test_a_long_statement_can_be_stopped(
    kind: str, sqlite_file: Path, duckdb_file: Path, request: pytest.FixtureRequest
) -> None:
    """By Ctrl-C, at which SQLite does not look by itself."""
    place = f"Path({str(sqlite_file if kind == 'Sqlite' else duckdb_file)!r})"
    if kind == "Postgres":
        place = repr(request.getfixturevalue("prefect_postgres").url)
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT 1 FROM n) SELECT max(x) FROM n"
    code = (
        "from pathlib import Path\n"
        "from flowql.run import databases, places\n"
        f"place = places.{kind}({place})\n"
        "databases._execute(place, 'SELECT 1', ())\n"
        "print('ready', flush=True)\n"
        f"databases._execute(place, {endless!r}, ())\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    time.sleep(0.5)
    child.send_signal(signal.SIGINT)
    try:
        _, err = child.communicate(timeout=60)
    finally:
        child.kill()
    assert err.rstrip().endswith("KeyboardInterrupt")


# ── what can go wrong ─────────────────────────────────────────────────────────


def problem(on: str | Path, text: str = "flows") -> Diagnostic:
    with pytest.raises(FlowQLError) as raised:
        run(flowql.parse(text), on)
    [found] = raised.value.diagnostics
    return found


def test_a_parameter_without_a_value_is_refused_at_its_place(place: str) -> None:
    with pytest.raises(FlowQLError) as raised:
        run(flowql.parse("flows where name = $name"), place)
    [found] = raised.value.diagnostics
    assert (found.code, found.span) == ("unbound-parameter", (19, 24))
    assert "^^^^^" in str(raised.value)


def test_what_one_request_cannot_say_takes_some(prefect_server: PrefectServer) -> None:
    query = flowql.parse("flows where run.state = FAILED or tags has etl")
    with pytest.raises(FlowQLError):
        query.to_request()
    answer = run(query, prefect_server.api_url)
    assert {row["id"] for row in answer.rows} == {str(row["id"]) for row in query.select(AWKWARD)}
    assert answer.requests is not None
    assert answer.requests > 1


@pytest.mark.parametrize(
    ("on", "code"),
    [
        ("prefcet", "unknown-place"),
        ("/no/such/file.db", "unknown-place"),
        ("a\0b", "unreadable-file"),
        ("\ud800", "unreadable-file"),
        ("", "unreadable-file"),
        ("sqlite:///no/such/file.db", "unknown-place"),
        ("sqlite://", "bad-address"),
        ("sqlite:///:memory:", "bad-address"),
        ("sqlite://relative.db", "bad-address"),
        ("sqlite:relative.db", "bad-address"),
        ("sqlite://[::1/x", "bad-address"),
        ("postgresql:localhost", "bad-address"),
        ("postgresql://user:tell-nobody@host:port/db", "bad-address"),
        ("postgresql://user:tell-nobody@127.0.0.1:1/db", "database-unreachable"),
        ("postgresql://127.0.0.1:1/db?no_such_option=1", "database-unreachable"),
        ("postgresql://127.0.0.1:1/db?sslmode=tell", "database-unreachable"),
        ("mysql://user:tell-nobody@host/db", "unsupported-database"),
        ("oracle+cx://user:tell-nobody@host/db", "unsupported-database"),
        ("http://", "bad-address"),
        ("http://user:tell-nobody@host:port/api", "bad-address"),
        ("http://host/api?token=tell-nobody", "bad-address"),
        ("http://127.0.0.1:1/api", "api-unreachable"),
        ("http://user:tell-nobody@127.0.0.1:1/api", "api-unreachable"),
        ("http://no-such-host.invalid/api", "api-unreachable"),
        ("prefect", "no-api-configured"),
    ],
)
def test_a_place_that_is_none(on: str, code: str) -> None:
    found = problem(on)
    assert found.code == code
    assert "tell-nobody" not in f"{found!r} {found} {found.help}"


def test_files_that_are_no_database(tmp_path: Path) -> None:
    for name, content in {"a.md": b"# text", "empty.db": b"", "b.db": b"SQLite format 2\0"}.items():
        path = tmp_path / name
        path.write_bytes(content)
        assert problem(path).code == "not-a-database"
        assert problem(str(path)).code == "not-a-database"
    assert problem(f"sqlite:///{tmp_path}/a.md").code == "not-a-database"
    assert problem(f"duckdb:///{tmp_path}/a.md").code == "database-unreachable"
    assert problem(tmp_path).code == "not-an-export"
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(b"SQLite format 3\0" + b"\x07" * 5000)
    assert problem(damaged).code in ("not-a-database", "database-failed")
    damaged.write_bytes(b"12345678DUCK" + b"\x07" * 5000)
    assert problem(damaged).code in ("database-unreachable", "database-failed")


def test_databases_that_are_not_prefects(tmp_path: Path, postgres: str) -> None:
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE bookmark (url TEXT)")
    assert problem(other).code == "not-prefects"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE flow (url TEXT)")
    assert problem(other, "flows where name = a").code == "not-prefects"
    import duckdb

    with duckdb.connect(str(tmp_path / "other.duckdb")) as duck:
        duck.execute("CREATE TABLE bookmark (url TEXT)")
    assert problem(tmp_path / "other.duckdb").code == "not-prefects"
    assert problem(postgres).code == "not-prefects"


def test_a_duckdb_that_another_process_writes(tmp_path: Path) -> None:
    path = tmp_path / "busy.duckdb"
    code = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True);"
        " sys.stdin.read()"
    )
    writer = subprocess.Popen(
        [sys.executable, "-c", code, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert writer.stdout is not None
    writer.stdout.readline()
    found = problem(path)
    writer.communicate("")
    assert found.code == "database-unreachable"


def test_a_wrong_password_is_not_repeated(prefect_postgres: PrefectServer) -> None:
    url = prefect_postgres.url
    wrong = re.sub(r"://[^@/]*@", "://no_such_user:tell-nobody@", url)
    if wrong == url:
        wrong = url.replace("://", "://no_such_user:tell-nobody@")
    found = problem(wrong)
    assert found.code == "database-unreachable"
    assert "tell-nobody" not in f"{found!r} {found}"


@pytest.mark.parametrize("driver", ["duckdb", "psycopg", "pytz"])
def test_a_missing_driver_names_what_to_install(driver: str, duckdb_file: Path) -> None:
    """In a process of its own, in which the driver cannot be found."""
    on = "postgresql://127.0.0.1/db" if driver == "psycopg" else str(duckdb_file)
    code = (
        f"import sys; sys.modules[{driver!r}] = None\n"
        "from flowql.cli import main\n"
        f"sys.exit(main(['run', 'flows', '--on', {on!r}]))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    extra = "postgres" if driver == "psycopg" else "duckdb"
    assert done.stderr.startswith("error[missing-driver]")
    assert f"pip install 'flowql[{extra}]'" in done.stderr


def test_events_come_with_their_number(prefect_server: PrefectServer) -> None:
    """An answer about events has a shape of its own, and a page of 50 at most."""
    occurred = sorted((row["occurred"] for row in AWKWARD["events"]), reverse=True)
    since = occurred[9].isoformat()
    answer = run(flowql.parse(f"events where occurred >= {since} limit 5"), prefect_server.api_url)
    wanted = [row["id"] for row in AWKWARD["events"] if row["occurred"] >= occurred[4]]
    assert {row["id"] for row in answer.rows} == {str(one) for one in wanted}
    assert answer.count == sum(time >= occurred[9] for time in occurred)


def test_the_case_of_events_is_that_of_the_servers_database(prefect_server: PrefectServer) -> None:
    database: Literal["sqlite", "postgres"] = (
        "sqlite" if prefect_server.engine == "sqlite" else "postgres"
    )
    begins = {row["event"] for row in AWKWARD["events"]}
    texts = {"sqlite": 'event starts with "PREFECT."', "postgres": 'event matches "^PREFECT[.]"'}
    wanted = {
        one
        for one in begins
        if (one.lower() if database == "sqlite" else one).startswith(
            "prefect." if database == "sqlite" else "PREFECT."
        )
    }
    query = flowql.parse(f"events where {texts[database]} limit 50")
    rows = run(query, prefect_server.api_url, database=database).rows
    assert {row["event"] for row in rows} <= wanted
    assert bool(rows) == bool(wanted)
    for other, known in ((texts[database], None), (texts.pop("sqlite"), "postgres")):
        query = flowql.parse(f"events where {other}")
        with pytest.raises(FlowQLError) as raised:
            query.to_request(database=known)
        assert [problem.code for problem in raised.value.diagnostics] == ["case-in-request"]
        # No request is sure to mean it, so it is judged here.
        answer = run(query, prefect_server.api_url, database=known)
        expected = {str(row["id"]) for row in query.select(AWKWARD)}
        assert {row["id"] for row in answer.rows} == expected


def test_the_workers_of_a_pool(prefect_server: PrefectServer) -> None:
    names = {row["id"]: row["name"] for row in AWKWARD["work_pool"]}
    pool = max(names, key=lambda one: sum(w["work_pool_id"] == one for w in AWKWARD["worker"]))
    text = f"workers where work_pool.name = {json.dumps(names[pool])}"
    answer = run(flowql.parse(text), prefect_server.api_url)
    wanted = {str(row["id"]) for row in AWKWARD["worker"] if row["work_pool_id"] == pool}
    assert wanted
    assert {row["id"] for row in answer.rows} == wanted
    with pytest.raises(FlowQLError) as raised:
        run(flowql.parse("workers where work_pool.name = nowhere"), prefect_server.api_url)
    [problem] = raised.value.diagnostics
    assert problem.code == "not-there"
    assert "nowhere" in problem.message
