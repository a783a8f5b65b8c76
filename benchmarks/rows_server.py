"""Migrates a database as Prefect does, and tells what SQL Prefect's server sends for requests.

`python -m benchmarks.rows_server URL FILE`: FILE holds pickled pairs of a path and a body, and is
replaced by the statements of each with their parameters, as the driver is given them. The
application is Prefect's own and asked in process; its lifespan, which would start the scheduler and
the other loops, is left out. The database is empty then, so that nothing is sent beside what the
filter asks: of found rows the server loads states and queues by statements of their own.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import sys
import tempfile
from pathlib import Path
from typing import Any

Parameters = tuple[Any, ...] | dict[str, Any]


def main() -> None:
    url, file = sys.argv[1], Path(sys.argv[2])
    for name in [name for name in os.environ if name.startswith("PREFECT_")]:
        del os.environ[name]
    with tempfile.TemporaryDirectory() as home:
        # Prefect reads its settings from the environment as it is imported.
        os.environ |= {
            "PREFECT_HOME": home,
            "PREFECT_API_DATABASE_CONNECTION_URL": url,
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "PREFECT_SERVER_LOGGING_LEVEL": "ERROR",
            "PREFECT_LOGGING_LEVEL": "ERROR",
            "PREFECT_SERVER_UI_ENABLED": "false",
            "DO_NOT_TRACK": "1",
        }
        requests = pickle.loads(file.read_bytes())
        file.write_bytes(pickle.dumps(asyncio.run(_sent(requests))))


async def _sent(requests: list[tuple[str, Any]]) -> tuple[str, list[list[tuple[str, Parameters]]]]:
    import httpx
    import prefect
    from prefect.server.api.server import create_app
    from prefect.server.database import provide_database_interface
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    await provide_database_interface().create_db()
    heard: list[tuple[str, Parameters]] = []

    def hear(
        connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool
    ) -> None:
        if statement.startswith("SELECT"):
            # Prefect names SQLite's parameters, since one may stand in several places.
            is_named = isinstance(parameters, dict)
            heard.append((statement, dict(parameters) if is_named else tuple(parameters)))

    transport = httpx.ASGITransport(app=create_app(ephemeral=True))
    async with httpx.AsyncClient(transport=transport, base_url="http://prefect/api") as client:
        await client.post("/flows/count", json={})  # what a first connection asks is no answer
        event.listen(Engine, "before_cursor_execute", hear)
        sent = []
        for path, body in requests:
            # /paginate asks by two connections at once, of which the second may be a first one.
            await client.post(path, json=body)
            heard.clear()
            answer = await client.post(path, json=body)
            assert answer.status_code == 200, (path, body, answer.text)
            sent.append(list(heard))
    return prefect.__version__, sent


if __name__ == "__main__":
    main()
