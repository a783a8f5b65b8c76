"""What an `--on` names, and what a message shows of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from flowql.run import places
from flowql.run.places import Api, Demo, Duck, Postgres, Sqlite, find, masked


def test_files_are_told_apart_by_their_first_bytes(
    sqlite_file: Path, duckdb_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever they are called, and wherever they are."""
    monkeypatch.chdir(tmp_path)
    for file, kind in ((sqlite_file, Sqlite), (duckdb_file, Duck)):
        for name in ("x", "a b#?%41.db", "ünï.db", "prefect", "sqlite:x"):
            copy = tmp_path / name
            shutil.copy(file, copy)
            assert find(copy) == kind(copy)
            if name != places.CONFIGURED:
                assert find(name) == kind(Path(name))
                assert find(f"./{name}") == kind(Path(name))


def test_urls(sqlite_file: Path, duckdb_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for scheme in ("sqlite", "sqlite+aiosqlite", "SQLite", "sqlite+pysqlite"):
        assert find(f"{scheme}:///{sqlite_file}") == Sqlite(sqlite_file)
        assert find(f"{scheme}:///{sqlite_file}?mode=rw&cache=shared") == Sqlite(sqlite_file)
    assert find(f"duckdb:///{duckdb_file}") == Duck(duckdb_file)
    monkeypatch.chdir(sqlite_file.parent)
    assert find(f"sqlite:///{sqlite_file.name}") == Sqlite(Path(sqlite_file.name))
    for scheme in ("postgres", "postgresql", "postgresql+asyncpg", "postgresql+psycopg2"):
        assert find(f"{scheme}://host/db") == Postgres(f"{scheme}://host/db")
    assert find("http://host/api") == Api("http://host/api")
    assert find("HTTPS://host") == Api("HTTPS://host")
    assert find("prefect") == Api(None)
    assert find(None) == Demo()


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://host/db", "postgresql://host/db"),
        ("postgresql://user@host/db", "postgresql://user@host/db"),
        ("postgresql://user:pw@host/db", "postgresql://user:***@host/db"),
        ("postgresql://user:p@w@host/db", "postgresql://user:***@host/db"),
        ("postgresql://user:p/w#?@host:port/db", "postgresql://user:***@host:port/db"),
        ("postgresql://host/db?user=a&password=pw&x=1", "postgresql://host/db?user=a&password=***&x=1"),
        ("postgresql://host/db?sslpassword=pw", "postgresql://host/db?sslpassword=***"),
        ("https://token@host/api", "https://***@host/api"),
        ("https://host/api?api_KEY=pw#x", "https://host/api?api_KEY=***#x"),
        ("user:pw@host", "user:***@host"),
    ],
)  # fmt: skip
def test_passwords_are_masked(url: str, shown: str) -> None:
    assert masked(url) == shown
    assert masked(shown) == shown


def test_no_place_shows_its_password() -> None:
    for place in (Postgres("postgresql://u:pw@h/d"), Api("https://u:pw@h/api")):
        assert "pw" not in f"{place!r} {place}"


def test_the_drivers_options_come_from_any_spelling() -> None:
    from flowql.run.databases import connection_options

    options = connection_options(
        Postgres(
            "postgresql+asyncpg://me:p%40w@host:5433/db?ssl=require"
            "&prepared_statement_cache_size=0&application_name=mine"
        )
    )
    assert options == {
        "host": "host",
        "port": 5433,
        "user": "me",
        "password": "p@w",
        "dbname": "db",
        "sslmode": "require",
        "application_name": "mine",
        "connect_timeout": 10,
    }
