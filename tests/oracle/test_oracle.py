"""The judges themselves: the same rows reach every engine, and the servers really filter them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import UUID

import pytest

from tests.oracle.data import AWKWARD
from tests.oracle.data.blocks import DATA
from tests.oracle.schema import COLUMNS, TABLES, Kind
from tests.oracle.server import PrefectServer, Row

if TYPE_CHECKING:
    import duckdb

_PATHS = {table: f"{table}s" for table in TABLES} | {"artifact_collection": "artifacts/latest"}


def _by_id(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: str(row["id"]))


def test_schema_names_every_column(prefect_server: PrefectServer) -> None:
    for table, columns in COLUMNS.items():
        connection = prefect_server.connect()
        found = connection.execute(f"SELECT * FROM {table} LIMIT 0").description
        connection.close()
        assert {column[0] for column in found} == set(columns), table


def test_rows_come_back_equal(prefect_server: PrefectServer) -> None:
    tables = prefect_server.tables()
    for table in TABLES:
        assert tables[table] == _by_id(AWKWARD[table]), table


# Nothing answers with the rows of event_resources themselves.
_ASKED = [table for table in TABLES if table != "event_resources"]
EVER = {"since": "0001-01-02T00:00:00Z", "until": "9999-12-30T00:00:00Z"}


@pytest.mark.parametrize("table", _ASKED)
def test_api_and_sql_count_the_same(prefect_server: PrefectServer, table: str) -> None:
    [row] = prefect_server.execute(f"SELECT count(*) AS n FROM {table}")
    rows = _walk(prefect_server, table)
    assert row["n"] == len(rows) == len(AWKWARD[table])
    assert {row["id"] for row in rows} == {str(row["id"]) for row in AWKWARD[table]}


def _walk(server: PrefectServer, table: str) -> list[Row]:
    """Every row of a table, as the API shows it."""
    match table:
        case "worker":
            # Those of a pool are asked for by its name, which may be any text.
            pools = [quote(row["name"], safe="") for row in AWKWARD["work_pool"]]
            return [row for pool in pools for row in server.walk(f"work_pools/{pool}/workers")]
        case "events":
            return server.walk("events", {"filter": {"occurred": EVER}})
        case "block_document":
            # Anonymous ones are left out unless the filter says something of them.
            return server.walk("block_documents", {"block_documents": {"is_anonymous": None}})
        case _:
            return server.walk(_PATHS[table])


@pytest.mark.parametrize("table", _ASKED)
def test_the_server_reads_what_was_stored(prefect_server: PrefectServer, table: str) -> None:
    """So the loaders write each kind of value as Prefect itself would."""
    shown = {row["id"]: row for row in _walk(prefect_server, table)}
    for row in AWKWARD[table]:
        answer = shown[str(row["id"])]
        columns = row.keys() & answer.keys() - _SHOWN_OTHERWISE
        if table == "block_document":
            columns -= {"data"}  # is shown decrypted
        assert len(columns) >= 5
        for name in columns:
            value = row[name]
            assert _told(COLUMNS[table][name], answer[name], value) == value, (name, row)


# The queue's name is the related queue's; Prefect's models add defaults to the others.
_SHOWN_OTHERWISE = {"work_queue_name", "empirical_policy", "storage_configuration"}
_SHOWN_OTHERWISE |= {"concurrency_limit", "concurrency_options"}


def _told(kind: Kind, answer: Any, stored: Any) -> Any:
    """What the API shows, as Python's own value."""
    match kind, answer:
        case _, None:
            return None
        case "plain_json", _:
            return answer
        case "uuid", _:
            return UUID(answer)
        case "time", _:
            return datetime.fromisoformat(answer)
        case "interval", _:
            return timedelta(seconds=answer)
        case "json", {} | [] if stored is None and not answer:
            return None
        case "text", _ if stored == "":
            # A task run without a name is shown with another invented one each time.
            return ""
        case _:
            return answer


def test_block_documents_are_decrypted(prefect_server: PrefectServer) -> None:
    body = {"block_documents": {"is_anonymous": None}, "include_secrets": True}
    shown = prefect_server.walk("block_documents", body)
    stored = {str(row["id"]): DATA[row["data"]] for row in AWKWARD["block_document"]}
    assert {row["id"]: row["data"] for row in shown} == stored


def test_resources_of_events_are_stored_as_prefect_stores_them() -> None:
    from prefect.server.events.schemas.events import ReceivedEvent

    stored = AWKWARD["event_resources"]
    for event in AWKWARD["events"]:
        read = ReceivedEvent.model_validate(event)
        meant = read.as_database_row()
        assert {name: event[name] for name in meant if name != "recorded"} == {
            name: value for name, value in meant.items() if name != "recorded"
        }
        rows = [row for row in stored if row["event_id"] == event["id"]]
        columns = rows and rows[0].keys() - {"id", "created", "updated"}
        kept = [{name: row[name] for name in columns} for row in rows]
        assert kept in ([], read.as_database_resource_rows())
    with_rows = {row["event_id"] for row in stored}
    assert with_rows - {event["id"] for event in AWKWARD["events"]}
    assert 3 < sum(event["id"] not in with_rows for event in AWKWARD["events"]) < 10


def test_a_body_filters(prefect_server: PrefectServer) -> None:
    body = {
        "flows": {"tags": {"all_": ["etl"]}},
        "flow_runs": {"state": {"type": {"any_": ["FAILED"]}}},
    }
    failed = {run["flow_id"] for run in AWKWARD["flow_run"] if run["state_type"] == "FAILED"}
    wanted = {row["id"] for row in AWKWARD["flow"] if "etl" in row["tags"] and row["id"] in failed}
    assert 1 < len(wanted) < len(AWKWARD["flow"])
    assert {UUID(text) for text in prefect_server.ids("/flows/paginate", body)} == wanted


def test_duckdb_has_the_rows(duckdb_awkward: duckdb.DuckDBPyConnection) -> None:
    for table in TABLES:
        found = duckdb_awkward.execute(f"SELECT * FROM {table}")
        names = [column[0] for column in found.description or ()]
        kinds = COLUMNS[table]
        rows = [
            {name: _plain(kinds[name], value) for name, value in zip(names, row, strict=True)}
            for row in found.fetchall()
        ]
        assert _by_id(rows) == _by_id(AWKWARD[table]), table


def _plain(kind: Kind, value: Any) -> Any:
    """A value of DuckDB as Python's own, for a comparison with what was loaded."""
    if value is None:
        return None
    if kind in {"json", "plain_json"}:
        return json.loads(value)
    return value.astimezone(UTC) if kind == "time" else value


def test_an_error_in_sql_leaves_the_connection_usable(prefect_server: PrefectServer) -> None:
    for wrong in ("SELECT nothing_of_that_name FROM flow", "DELETE FROM flow"):
        with pytest.raises(Exception, match=r"(?i)no such column|does not exist|read-?only"):
            prefect_server.execute(wrong)
    assert prefect_server.execute("SELECT 1 AS one") == [{"one": 1}]
