"""Tables copied to a folder: every value arrives, every query selects the same rows there."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings

import flowql
from flowql import FlowQLError, typed
from flowql.rewrite.ground import OutOfCalendar, ground
from flowql.run import run
from flowql.run.export import Copied, Exported, export
from flowql.run.parquet import DESCRIPTION, ROWS, connected, views
from flowql.run.rows import plain
from tests import judge, strategies
from tests.cases.rows import NOW, TABLES
from tests.engines import in_postgres
from tests.oracle.data import AWKWARD
from tests.oracle.schema import COLUMNS
from tests.oracle.server import PrefectServer
from tests.oracle.storage import to_sqlite
from tests.test_cases import Case, assert_selected, cases

_DECLARED = {
    "uuid": "CHAR(36)", "text": "VARCHAR", "enum": "VARCHAR(9)", "int": "INTEGER",
    "bool": "BOOLEAN", "time": "DATETIME", "interval": "DATETIME", "json": "JSON",
    "plain_json": "JSON",
}  # fmt: skip
ALL = [
    "artifacts", "automations", "block_documents", "block_schemas", "block_types", "deployments",
    "event_resources", "events", "flow_runs", "flows", "latest_artifacts", "logs", "task_runs",
    "variables", "work_pools", "work_queues", "workers",
]  # fmt: skip

sources = pytest.mark.parametrize("source", ["sqlite", "postgres"])


def made(on: str | Path | None, to: Path, **options: Any) -> Exported:
    return export(on, to, version="0", **options)


def refused(do: Callable[[], Any]) -> str:
    with pytest.raises(FlowQLError) as raised:
        do()
    (problem,) = raised.value.diagnostics
    assert problem.message
    return problem.code


def database(path: Path, tables: dict[str, list[dict[str, Any]]]) -> Path:
    """A SQLite file with the types that Prefect declares."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA journal_mode = WAL")
        for table, rows in tables.items():
            kinds = COLUMNS[table]
            declared = ", ".join(f'"{name}" {_DECLARED[kind]}' for name, kind in kinds.items())
            connection.execute(f"CREATE TABLE {table} ({declared})")
            connection.executemany(
                f"INSERT INTO {table} VALUES ({', '.join('?' * len(kinds))})",
                [[to_sqlite(kind, row[name]) for name, kind in kinds.items()] for row in rows],
            )
    return path


@pytest.fixture(scope="module")
def awkward_sqlite(prefect_sqlite: PrefectServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export") / "a [b]*?'x"
    made(prefect_sqlite.url, folder, only=ALL)
    return folder


@pytest.fixture(scope="module")
def awkward_postgres(
    prefect_postgres: PrefectServer, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("export") / "ünï"
    made(prefect_postgres.url, folder, only=ALL)
    return folder


def opened(folder: Path, tables: Any) -> duckdb.DuckDBPyConnection:
    connection = connected({"threads": 1})
    views(folder, tables, connection)
    return connection


# ── one meaning ───────────────────────────────────────────────────────────────


@sources
def test_every_value_arrives(source: str, request: pytest.FixtureRequest) -> None:
    folder = request.getfixturevalue(f"awkward_{source}")
    server: PrefectServer = request.getfixturevalue(f"prefect_{source}")
    with closing(opened(folder, AWKWARD)) as connection:
        # What the database itself tells: a number alone loses its point where SQLite keeps it.
        for table, rows in server.database.tables().items():
            columns = COLUMNS[table]
            names = ", ".join(f'"{name}"' for name in columns)
            found = connection.execute(f"SELECT {names} FROM {table} ORDER BY id").fetchall()
            assert len(found) == len(rows)
            for one, row in zip(found, sorted(rows, key=lambda row: row["id"]), strict=True):
                for (name, kind), value in zip(columns.items(), one, strict=True):
                    if "json" in kind and value is not None:
                        value = json.loads(value)
                    assert repr(plain(value)) == repr(plain(row[name])) or (
                        # jsonb orders keys by itself.
                        "json" in kind and value == row[name]
                    ), (table, name)


@pytest.fixture(scope="module")
def random_sqlite(prefect_sqlite: PrefectServer, awkward_sqlite: Path) -> Iterator[judge.Engine]:
    with closing(opened(awkward_sqlite, AWKWARD)) as connection:
        yield judge.duckdb_engine(connection, prefect_sqlite.database.tables())


@pytest.fixture(scope="module")
def random_postgres(awkward_postgres: Path) -> Iterator[judge.Engine]:
    with closing(opened(awkward_postgres, AWKWARD)) as connection:
        yield judge.duckdb_engine(connection, AWKWARD)


def _check(engine: judge.Engine, query: typed.Query, moment: tuple[datetime, str]) -> None:
    now, zone = moment
    try:
        grounded = ground(query, now.astimezone(UTC), ZoneInfo(zone))
    except OutOfCalendar:
        return
    judge.check_sql(grounded, engine)


_SETTINGS = settings(suppress_health_check=list(HealthCheck), deadline=None)


@given(strategies.queries(), strategies.MOMENTS)
@_SETTINGS
def test_random_queries_of_sqlite(
    random_sqlite: judge.Engine, query: typed.Query, moment: tuple[datetime, str]
) -> None:
    _check(random_sqlite, query, moment)


@given(strategies.queries(), strategies.MOMENTS)
@_SETTINGS
def test_random_queries_of_postgres(
    random_postgres: judge.Engine, query: typed.Query, moment: tuple[datetime, str]
) -> None:
    _check(random_postgres, query, moment)


@pytest.fixture(scope="module")
def cases_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("cases")
    made(database(folder / "cases.db", TABLES), folder / "export", only=ALL)
    with closing(opened(folder / "export", TABLES)) as connection:
        yield connection


@pytest.fixture(scope="module")
def cases_postgres(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("cases") / "export"
    with in_postgres(postgres, TABLES, "exported"):
        made(f"{postgres}?options=-csearch_path%3Dexported", folder, only=ALL)
    with closing(opened(folder, TABLES)) as connection:
        yield connection


@sources
@pytest.mark.parametrize(("case", "text"), [*cases()])
def test_case(case: Case, text: str, source: str, request: pytest.FixtureRequest) -> None:
    query = flowql.parse(text, case.params, now=NOW, timezone=case.zone)
    sql = query.to_sql("duckdb", "bind")
    connection = request.getfixturevalue(f"cases_{source}")
    cursor = connection.execute(sql.text, sql.params)
    names = [column[0] for column in cursor.description]
    rows = cursor.fetchall()
    if not query.typed.count and query.typed.select is None:
        rows = [(row[names.index("id")],) for row in rows]
    assert_selected(case, query, rows)


@sources
def test_run_on_a_folder(source: str, request: pytest.FixtureRequest) -> None:
    folder = request.getfixturevalue(f"awkward_{source}")
    url = request.getfixturevalue(f"prefect_{source}").url
    for text in (
        "tags ⊇ [etl] and run.state in [FAILED,CRASHED] sort id desc limit 20",
        "flow_runs sort id desc limit 50",
        "deployments sort id desc",
        "block_documents sort id desc",
        "artifacts sort id desc",
        "task_runs where total_run_time > 1s sort id desc select id, total_run_time, tags",
        "flows count",
    ):
        query = flowql.parse(text, now=NOW)
        here, there = run(query, folder), run(query, url)
        assert (here.rows, here.count) == (there.rows, there.count)
        assert here.rows or here.count


# ── what is copied ────────────────────────────────────────────────────────────


def test_secrets_are_copied_where_they_are_named_alone(
    prefect_sqlite: PrefectServer, tmp_path: Path
) -> None:
    done = made(prefect_sqlite.url, tmp_path / "most")
    assert len(done.tables) == len(ALL) - 1
    assert not (tmp_path / "most" / "block_document.parquet").exists()
    assert (
        refused(lambda: run(flowql.parse("block_documents"), tmp_path / "most")) == "not-exported"
    )
    some = made(prefect_sqlite.url, tmp_path / "some", only=["block_documents"])
    assert [*some.tables] == ["block_document"]
    names = {path.name for path in (tmp_path / "some").iterdir()}
    assert names == {DESCRIPTION, "block_document.parquet"}
    assert refused(lambda: run(flowql.parse("flows"), tmp_path / "some")) == "not-exported"


def test_columns_and_tables_that_are_there(tmp_path: Path) -> None:
    path = database(tmp_path / "x.db", {"flow": TABLES["flow"]})
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("ALTER TABLE flow DROP COLUMN labels")
        connection.execute("ALTER TABLE flow ADD COLUMN later FLOAT DEFAULT 1.5")
    done = made(path, tmp_path / "to")
    assert [*done.tables] == ["flow"]
    assert "flow_runs" in done.missing
    assert {"labels", "later"} & done.tables["flow"].columns.keys() == {"later"}
    assert {row["later"] for row in run(flowql.parse("flows"), tmp_path / "to").rows} == {1.5}
    asked = flowql.parse("flows where labels.x = 1")
    assert refused(lambda: run(asked, tmp_path / "to")) == "not-prefects"
    assert refused(lambda: made(path, tmp_path / "no", only=["logs"])) == "not-prefects"
    assert sorted(one.name for one in tmp_path.iterdir() if "x.db" not in one.name) == ["to"]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("created", "soon"), ("created", 5), ("created", "2026-11-01 00:00:00.1234567"),
        ("id", "x" * 36), ("id", "A" * 36), ("id", "é"), ("name", b"\xff"), ("tags", b"[]"),
        ("tags", float("inf")),
    ],
)  # fmt: skip
def test_values_that_are_none_of_prefects(column: str, value: Any, tmp_path: Path) -> None:
    path = database(tmp_path / "x.db", {"flow": TABLES["flow"][:3]})
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"UPDATE flow SET {column} = ?", [value])
    assert refused(lambda: made(path, tmp_path / "to")) == "value-not-exported"
    assert not [one for one in tmp_path.iterdir() if "to" in one.name]


# ── the snapshot, and what ends an export ─────────────────────────────────────


def many(path: Path, count: int) -> Path:
    """A file with as many flows, and a log."""
    made_at = "2026-11-01 00:00:00.000000"
    database(path, {"flow": [], "log": []})
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany(
            "INSERT INTO flow VALUES (?, ?, ?, ?, '[]', '{}')",
            (
                (f"00000000-0000-0000-0000-{number:012}", made_at, made_at, f"flow-{number}")
                for number in range(count)
            ),
        )
    return path


def test_one_snapshot_of_sqlite_in_batches(tmp_path: Path) -> None:
    path = many(tmp_path / "x.db", 2 * ROWS + 1)
    told: list[Copied] = []

    def meanwhile(copied: Copied) -> None:
        told.append(copied)
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("DELETE FROM flow WHERE name LIKE '%7'")
            connection.execute("INSERT INTO log (id) VALUES (?)", ["0" * 36])

    done = made(path, tmp_path / "to", on_progress=meanwhile)
    counts = [(one.rows, one.expected) for one in told]
    assert counts == [(rows, 2 * ROWS + 1) for rows in (ROWS, 2 * ROWS, 2 * ROWS + 1)]
    assert done.tables["flow"].rows == 2 * ROWS + 1
    assert done.tables["log"].rows == 0
    assert run(flowql.parse("flows count"), tmp_path / "to").count == 2 * ROWS + 1
    assert done.extent.startswith("2 tables, 20,001 rows, ")


@pytest.fixture
def flows_of_postgres(postgres: str) -> Iterator[tuple[str, Any]]:
    with psycopg.connect(postgres, autocommit=True) as admin:
        admin.execute("CREATE SCHEMA alive")
        admin.execute("CREATE TABLE alive.flow (id uuid, name text, span interval)")
        admin.execute(
            "INSERT INTO alive.flow SELECT gen_random_uuid(), 'x', '1 month -2 days 3 microseconds'"
            f" FROM generate_series(1, {ROWS + 1})"
        )
        admin.execute("CREATE TABLE alive.log (id uuid)")
        yield f"{postgres}?options=-csearch_path%3Dalive", admin
        admin.execute("DROP SCHEMA alive CASCADE")


def test_one_snapshot_of_postgres(flows_of_postgres: tuple[str, Any], tmp_path: Path) -> None:
    url, admin = flows_of_postgres

    def meanwhile(_: Copied) -> None:
        admin.execute("DELETE FROM alive.flow")
        admin.execute("INSERT INTO alive.log VALUES (gen_random_uuid())")

    done = made(url, tmp_path / "to", on_progress=meanwhile)
    assert {name: table.rows for name, table in done.tables.items()} == {
        "flow": ROWS + 1,
        "log": 0,
    }
    with closing(opened(tmp_path / "to", ["flow"])) as connection:
        found = connection.execute("SELECT DISTINCT EPOCH_US(span) FROM flow").fetchall()
    assert found == [(28 * 86_400_000_000 + 3,)]


def test_a_connection_that_is_lost(flows_of_postgres: tuple[str, Any], tmp_path: Path) -> None:
    url, admin = flows_of_postgres

    def meanwhile(_: Copied) -> None:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'flowql' AND pid <> pg_backend_pid()"
        )

    code = refused(lambda: made(url, tmp_path / "to", on_progress=meanwhile))
    assert code == "database-failed"
    assert not [*tmp_path.iterdir()]


def test_an_export_that_is_stopped_leaves_what_was_there(tmp_path: Path) -> None:
    path = many(tmp_path / "x.db", 10)
    made(path, tmp_path / "to")
    before = {one: one.read_bytes() for one in (tmp_path / "to").iterdir()}

    def stop(_: Copied) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        made(path, tmp_path / "to", overwrite=True, on_progress=stop)
    assert {one: one.read_bytes() for one in (tmp_path / "to").iterdir()} == before
    assert sorted(one.name for one in tmp_path.iterdir() if one.is_dir()) == ["to"]


def test_a_disk_that_is_full(tmp_path: Path) -> None:
    path = many(tmp_path / "x.db", 2 * ROWS)
    with closing(sqlite3.connect(path)) as connection, connection:
        # What cannot be compressed: the file is larger than SQLite's own, which has 32 kB.
        connection.execute("UPDATE flow SET name = HEX(RANDOMBLOB(16))")
    script = """
import resource, sys
from flowql.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))
sys.exit(main(["export", "--on", "x.db", "--to", "to", "--json"]))
"""
    root = str(Path(flowql.__file__).parent.parent)
    done = subprocess.run(
        [sys.executable, "-B", "-c", script],  # bytecode would be cut off, too
        cwd=tmp_path, env={"PYTHONPATH": root}, capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stderr)["code"] == "unwritable-file"
    assert not [one for one in tmp_path.iterdir() if one.is_dir()]


def test_memory_stays_flat(tmp_path: Path) -> None:
    script = """
import resource, sys
from flowql.run.export import export
export(sys.argv[1], sys.argv[2], version="0")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
    peaks = []
    for count in (ROWS, 10 * ROWS):
        path = many(tmp_path / f"{count}.db", count)
        done = subprocess.run(
            [sys.executable, "-c", script, str(path), str(tmp_path / f"to-{count}")],
            env={"PYTHONPATH": str(Path(flowql.__file__).parent.parent)},
            capture_output=True, timeout=120, check=True,
        )  # fmt: skip
        peaks.append(int(done.stdout))
    # Ten times as many rows, and not so much as half as much again.
    assert peaks[1] < peaks[0] * 1.5, peaks


# ── what is there already ─────────────────────────────────────────────────────


def test_only_an_export_is_overwritten(tmp_path: Path) -> None:
    path = many(tmp_path / "x.db", 3)
    to = tmp_path / "to"
    to.mkdir()
    assert refused(lambda: made(path, to)) == "folder-taken"
    made(path, to, overwrite=True)
    assert refused(lambda: made(path, to)) == "folder-taken"
    made(path, to, overwrite=True, only=["flows"])
    assert {one.name for one in to.iterdir()} == {DESCRIPTION, "flow.parquet"}
    (to / "notes.txt").write_text("mine")
    assert refused(lambda: made(path, to, overwrite=True)) == "folder-taken"
    assert refused(lambda: made(path, path, overwrite=True)) == "folder-taken"
    assert refused(lambda: made(path, tmp_path / "no" / "where")) == "unwritable-file"
    assert (to / "notes.txt").read_text() == "mine"


def test_what_is_no_database_or_entity(tmp_path: Path, duckdb_file: Path) -> None:
    path = many(tmp_path / "x.db", 3)
    made(path, tmp_path / "to")
    for place in ("http://127.0.0.1:1/api", "prefect", duckdb_file, tmp_path / "to"):
        assert refused(lambda place=place: made(place, tmp_path / "b")) == "not-exportable"
    assert refused(lambda: made(path, tmp_path / "b", only=["flow_rnus"])) == "unknown-table"
    assert refused(lambda: made(path, tmp_path / "b", only=["tag"])) == "unknown-table"
    assert not (tmp_path / "b").exists()


# ── folders that cannot be asked ──────────────────────────────────────────────


def _described(text: str) -> Callable[[Path], Any]:
    return lambda folder: (folder / DESCRIPTION).write_text(text)


def _replaced(pattern: str, by: str) -> Callable[[Path], Any]:
    def damage(folder: Path) -> None:
        path = folder / DESCRIPTION
        text, count = re.subn(pattern, by, path.read_text())
        assert count
        path.write_text(text)

    return damage


def _made_a_folder(folder: Path) -> None:
    (folder / "flow.parquet").unlink()
    (folder / "flow.parquet").mkdir()


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda folder: (folder / DESCRIPTION).unlink(), "not-an-export"),
        (_described(""), "damaged-export"),
        (_described("[" * 100_000), "damaged-export"),
        (_described(" " * 2_000_000), "damaged-export"),
        (_described("[]"), "damaged-export"),
        (_described('{"format": 1}'), "damaged-export"),
        (_described('{"format": 1, "source": 1, "tables": {"flow": 3}}'), "damaged-export"),
        (_described('{"format": 2, "flowql": [1]}'), "unknown-export-format"),
        (_described('{"format": true}'), "unknown-export-format"),
        (_replaced('"uuid"', '"uuids"'), "damaged-export"),
        (_replaced('"uuid"', '"text"'), "damaged-export"),
        (_replaced('"rows": 3', '"rows": 4'), "damaged-export"),
        (_replaced('"rows": 3', '"rows": -1'), "damaged-export"),
        (_replaced('"flow"', '"flows"'), "not-exported"),
        (lambda folder: (folder / "flow.parquet").unlink(), "not-exported"),
        (lambda folder: (folder / "flow.parquet").write_bytes(b""), "damaged-export"),
        (lambda folder: (folder / "flow.parquet").write_bytes(b"PAR1" * 9), "damaged-export"),
        (_made_a_folder, "unreadable-file"),
    ],
)  # fmt: skip
def test_damaged_folders(damage: Callable[[Path], Any], code: str, tmp_path: Path) -> None:
    made(many(tmp_path / "x.db", 3), tmp_path / "to")
    assert run(flowql.parse("flows count"), tmp_path / "to").count == 3
    damage(tmp_path / "to")
    assert refused(lambda: run(flowql.parse("flows"), tmp_path / "to")) == code


def test_other_tables_may_be_gone(tmp_path: Path) -> None:
    made(many(tmp_path / "x.db", 3), tmp_path / "to")
    (tmp_path / "to" / "log.parquet").unlink()
    assert len(run(flowql.parse("flows"), tmp_path / "to").rows) == 3
