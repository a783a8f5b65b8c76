"""The demo: Prefect's own schema and storage, the same rows every time, and something to find."""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import pytest

from flowql.run import demo
from flowql.run.demo_rows import FLOWS, demo_rows
from flowql.run.demo_values import Json
from tests.oracle.schema import COLUMNS
from tests.oracle.server import PrefectServer
from tests.oracle.storage import from_sqlite, time_to_text

MIDNIGHT = datetime(2026, 4, 15, tzinfo=UTC)
TABLES = tuple(COLUMNS)
HOURS = (0, 3, 4, 12, 23)
"""Times of day at which the demo's story differs most."""


@pytest.fixture(scope="module", params=HOURS, ids="{:02}h".format)
def anchor(request: pytest.FixtureRequest) -> datetime:
    return MIDNIGHT + timedelta(hours=request.param)


@pytest.fixture(scope="module")
def path(anchor: datetime, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("demo") / "demo.db"
    demo.make_demo(made, anchor)
    return made


def rows_of(path: Path, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql, parameters).fetchall()


def test_the_schema_is_prefects_own(prefect_sqlite: PrefectServer, tmp_path: Path) -> None:
    if not prefect_sqlite.version.startswith("3.8."):
        pytest.skip("the demo's schema is that of Prefect 3.8")
    demo.make_demo(tmp_path / "demo.db", MIDNIGHT)
    marks = ", ".join("?" * len(TABLES))
    sql = f"SELECT name, sql FROM sqlite_master WHERE tbl_name IN ({marks}) AND sql IS NOT NULL"
    ours = rows_of(tmp_path / "demo.db", sql, *TABLES)
    theirs = prefect_sqlite.execute_tuples(sql, TABLES)
    assert len(ours) > 60
    assert {name: _parts(text) for name, text in ours} == {
        name: _parts(text) for name, text in theirs
    }


def _parts(statement: str) -> tuple[str, frozenset[str]]:
    """A statement without its spacing, and a table's constraints as a set.

    Their order changes from one migrated database to the next: Alembic keeps them in sets.
    """
    text = " ".join(statement.split()).removesuffix(" )")
    head, *constraints = text.split(", CONSTRAINT ")
    return head, frozenset(constraints)


@pytest.mark.parametrize("table", TABLES)
def test_values_are_stored_as_prefect_stores_them(path: Path, anchor: datetime, table: str) -> None:
    names = ", ".join(f'"{name}"' for name in COLUMNS[table])
    forms = {
        "uuid": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        "time": r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}",
        "interval": r"1970-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}",
        "json": r"[\[{\"][\x20-\x7e]*[\]}\"]|true|false|null",
        "plain_json": r"[\[{\"][\x20-\x7e]*[\]}\"]|true|false|null",
        "enum": r"[A-Z_]+",
    }
    stored = rows_of(path, f"SELECT {names} FROM {table}")
    for row in stored:
        for (name, kind), value in zip(COLUMNS[table].items(), row, strict=True):
            if isinstance(value, str) and kind in forms:
                assert re.fullmatch(forms[kind], value), f"{name}: {value!r}"
    # Read back as the tests read a server's rows, they are what the demo meant.
    read = [
        {
            name: from_sqlite(kind, value)
            for (name, kind), value in zip(COLUMNS[table].items(), row, strict=True)
        }
        for row in stored
    ]
    meant = [
        {name: value.value if isinstance(value, Json) else value for name, value in row.items()}
        for row in demo_rows(anchor)[table]
    ]
    assert sorted(read, key=_id) == sorted(meant, key=_id)


def _id(row: dict[str, Any]) -> str:
    return str(row["id"])


def test_references_lead_somewhere(path: Path) -> None:
    assert rows_of(path, "PRAGMA foreign_key_check") == []
    for table, column, other in (
        ("flow_run", "deployment_id", "deployment"),
        ("log", "flow_run_id", "flow_run"),
        ("log", "task_run_id", "task_run"),
        ("artifact", "flow_run_id", "flow_run"),
        ("artifact", "task_run_id", "task_run"),
        ("artifact_collection", "latest_id", "artifact"),
        ("event_resources", "event_id", "events"),
    ):
        dangling = f"SELECT 1 FROM {table} WHERE {column} NOT IN (SELECT id FROM {other})"
        assert rows_of(path, dangling) == [], (table, column)


def test_prefect_reads_what_only_it_can_tell_wrong(anchor: datetime) -> None:
    from prefect.server.events.schemas.automations import Automation
    from prefect.server.events.schemas.events import ReceivedEvent

    rows = demo_rows(anchor)
    assert len(rows["automation"]) > 3
    for row in rows["automation"]:
        # Its models write into what they read.
        read = Automation.model_validate(deepcopy(row))
        trigger = row["trigger"]
        assert isinstance(trigger, dict)
        # What is expected comes back as a set, in any order.
        assert read.trigger.model_dump(mode="json") == {**trigger, "expect": ANY}
        assert [action.model_dump(mode="json") for action in read.actions] == row["actions"]
    resources = [
        resource
        for row in rows["events"]
        for resource in ReceivedEvent.model_validate(row).as_database_resource_rows()
    ]
    assert len(resources) > 500
    stored = rows["event_resources"]
    assert resources == [{name: row[name] for name in resources[0]} for row in stored]


def test_the_latest_artifact_of_a_key_is_the_newest(path: Path) -> None:
    older = """
        SELECT c.key FROM artifact_collection c JOIN artifact l ON l.id = c.latest_id
        WHERE l.key <> c.key OR l.created <> c.updated
           OR l.created < (SELECT max(created) FROM artifact a WHERE a.key = c.key)
    """
    assert rows_of(path, older) == []
    keys = "SELECT count(DISTINCT key), (SELECT count(*) FROM artifact_collection) FROM artifact"
    assert rows_of(path, keys) == [(6, 6)]


def test_nothing_has_happened_after_the_anchor(path: Path, anchor: datetime) -> None:
    for table in ("flow_run", "task_run"):
        sql = f"SELECT max(start_time), max(end_time), max(state_timestamp) FROM {table}"
        for latest in rows_of(path, sql)[0]:
            assert latest <= time_to_text(anchor)
    for table, column in (
        ("log", "timestamp"),
        ("events", "occurred"),
        ("artifact", "created"),
        ("artifact_collection", "updated"),
        ("worker", "last_heartbeat_time"),
        ("variable", "updated"),
    ):
        [(latest,)] = rows_of(path, f"SELECT max({column}) FROM {table}")
        assert latest <= time_to_text(anchor), table
    unended = "SELECT count(*) FROM flow_run WHERE state_type = 'RUNNING' AND end_time IS NULL"
    assert rows_of(path, unended)[0][0] >= 1


def test_tasks_lie_within_their_runs(path: Path) -> None:
    sql = """
        SELECT t.name FROM task_run t JOIN flow_run r ON r.id = t.flow_run_id
        WHERE t.start_time < r.start_time OR t.end_time > r.end_time OR t.end_time < t.start_time
           OR (r.end_time IS NOT NULL AND t.end_time IS NULL)
    """
    assert rows_of(path, sql) == []


FAILED = "r.state_type IN ('FAILED', 'CRASHED')"
RUNS = "FROM flow_run r JOIN flow f ON f.id = r.flow_id"
SINCE = "strftime('%Y-%m-%d %H:%M:%f', :now, '-{}')"
QUERIES = {
    "tags ⊇ [etl] and run.state in [FAILED,CRASHED] sort name_asc limit 20": f"""
        SELECT DISTINCT f.name {RUNS}
        WHERE {FAILED} AND EXISTS (SELECT 1 FROM json_each(f.tags) WHERE value = 'etl')
    """,
    "flow_runs where state in [FAILED, CRASHED] and start_time in last 24h"
    " and tags has none [dev, test]": f"""
        SELECT f.name {RUNS}
        WHERE {FAILED} AND r.start_time >= {SINCE.format("24 hours")}
          AND NOT EXISTS (SELECT 1 FROM json_each(r.tags) WHERE value IN ('dev', 'test'))
    """,
    "task_runs where flow.name = ingest-orders and duration > 5m": f"""
        SELECT t.name {RUNS} JOIN task_run t ON t.flow_run_id = r.id
        WHERE f.name = 'ingest-orders'
          AND (julianday(t.end_time) - julianday(t.start_time)) * 1440 > 5
    """,
    "flows where no run (state = COMPLETED and end_time in last 7d)": f"""
        SELECT f.name FROM flow f WHERE NOT EXISTS (
            SELECT 1 FROM flow_run r WHERE r.flow_id = f.id AND r.state_type = 'COMPLETED'
               AND r.end_time >= {SINCE.format("7 days")})
    """,
    "flows where latest run (state = FAILED)": """
        SELECT f.name FROM flow f WHERE 'FAILED' = (
            SELECT r.state_type FROM flow_run r
            WHERE r.flow_id = f.id AND r.start_time IS NOT NULL
            ORDER BY r.start_time DESC LIMIT 1)
    """,
    "deployments where paused and work_pool.name = k8s": """
        SELECT d.name FROM deployment d JOIN work_queue q ON q.id = d.work_queue_id
        JOIN work_pool p ON p.id = q.work_pool_id WHERE d.paused = 1 AND p.name = 'k8s'
    """,
    "flow_runs where state.name = Late": "SELECT name FROM flow_run WHERE state_name = 'Late'",
    "logs where level >= 40 and timestamp in last 24h": f"""
        SELECT message FROM log WHERE level >= 40 AND timestamp >= {SINCE.format("24 hours")}
    """,
    "logs where any flow_run (state = CRASHED)": """
        SELECT message FROM log WHERE flow_run_id IN (
            SELECT id FROM flow_run WHERE state_type = 'CRASHED')
    """,
    "artifacts where key = data-quality": "SELECT type FROM artifact WHERE key = 'data-quality'",
    "variables where tags has etl": """
        SELECT name FROM variable WHERE EXISTS (SELECT 1 FROM json_each(tags) WHERE value = 'etl')
    """,
    "workers where status = OFFLINE": "SELECT name FROM worker WHERE status = 'OFFLINE'",
    "automations where enabled": "SELECT name FROM automation WHERE enabled",
    "block_documents where not is_anonymous": """
        SELECT name FROM block_document WHERE NOT is_anonymous
    """,
    "events where event = prefect.flow-run.Failed": """
        SELECT resource_id FROM events WHERE event = 'prefect.flow-run.Failed'
    """,
    "flow_runs where any parent_run": """
        SELECT name FROM flow_run WHERE parent_task_run_id IS NOT NULL
    """,
}


@pytest.mark.parametrize("minutes", [0, 59])
@pytest.mark.parametrize("query", QUERIES)
def test_what_the_documents_ask_is_found(
    path: Path, anchor: datetime, query: str, minutes: int
) -> None:
    now = time_to_text(anchor + timedelta(minutes=minutes))[:23]
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute(QUERIES[query], {"now": now} if ":now" in QUERIES[query] else {})
        names = found.fetchall()
    assert len(names) >= (1 if "Late" in query else 3), query
    if "sort name_asc" in query:
        # The README prints these rows, so they are the same at every hour.
        assert sorted(name for (name,) in names) == [
            "archive-legacy",
            "check-data-quality",
            "dbt-nightly",
            "ingest-clickstream",
            "ingest-customers",
            "ingest-orders",
            "ingest-payments",
            "load-warehouse",
        ]


def test_rows_depend_on_the_hour_alone(tmp_path: Path) -> None:
    """A change of the rows needs a new edition, since users keep the old ones in their cache."""
    demo.make_demo(tmp_path / "one.db", MIDNIGHT)
    demo.make_demo(tmp_path / "two.db", MIDNIGHT + timedelta(minutes=59))
    assert (tmp_path / "one.db").read_bytes() == (tmp_path / "two.db").read_bytes()
    digest = hashlib.sha256()
    for table in TABLES:
        for row in rows_of(tmp_path / "one.db", f"SELECT * FROM {table} ORDER BY id"):
            digest.update(repr(row).encode())
    schema = Path(demo.__file__).with_name("demo_schema.sql").read_text("utf-8")
    digest.update(schema.encode())
    assert (demo.EDITION, digest.hexdigest()[:16]) == (2, "5dfe0f4a8f36694a")


def test_names_are_told_once() -> None:
    names = [flow.name for flow in FLOWS]
    assert len(set(names)) == len(names) == 24


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own, whichever system it runs on."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def test_the_demo_is_made_once_an_hour(cache: Path) -> None:
    first = demo.demo_path(MIDNIGHT)
    assert cache in first.parents
    made = first.stat()
    assert demo.demo_path(MIDNIGHT + timedelta(minutes=30)) == first
    assert (first.stat().st_ino, first.stat().st_mtime_ns) == (made.st_ino, made.st_mtime_ns)
    second = demo.demo_path(MIDNIGHT + timedelta(hours=1))
    assert second != first
    # The earlier file may be in use for a while; a day later nobody wants it.
    assert first.exists()
    os.utime(first, (time.time() - 86400,) * 2)
    third = demo.demo_path(MIDNIGHT + timedelta(hours=2))
    assert sorted(third.parent.iterdir()) == sorted([second, third])


def test_processes_that_make_it_together_agree(cache: Path) -> None:
    code = (
        "from datetime import UTC, datetime\n"
        "from flowql.run.demo import demo_path\n"
        "print(demo_path(datetime(2026, 4, 15, tzinfo=UTC)))\n"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    said = {process.communicate(timeout=60)[0].strip() for process in processes}
    assert [process.returncode for process in processes] == [0, 0, 0]
    [path] = map(Path, said)
    assert list(path.parent.iterdir()) == [path]
    assert rows_of(path, "PRAGMA integrity_check") == [("ok",)]


def test_a_cache_that_cannot_be_written_is_done_without(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = cache / "file"
    blocked.touch()
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(blocked))
    path = demo.demo_path(MIDNIGHT)
    assert blocked not in path.parents
    assert rows_of(path, "SELECT count(*) FROM flow") == [(24,)]


def test_a_relative_cache_folder_is_ignored(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert cache in demo.demo_path(MIDNIGHT).parents
