"""Runs a real Prefect server on a database, on loopback, until nobody uses it.

`python -m tests.oracle.serve_prefect DATABASE_URL`. The application is Prefect's own and migrates
the database first. Its lifespan is left out: that is what starts the scheduler, the late-run marker
and the other loops, which would change the rows that tests compare.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys

from tests.oracle.data.task_workers import TASK_WORKERS
from tests.oracle.shared import announce, child_folder, deserted
from tests.oracle.storage import ENCRYPTION_KEY


def _settings(url: str) -> dict[str, str]:
    """Prefect reads its settings from the environment as it is imported."""
    return {
        "PREFECT_HOME": str(child_folder() / "home"),
        "PREFECT_API_DATABASE_CONNECTION_URL": url,
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_LOGGING_LEVEL": "ERROR",
        "PREFECT_LOGGING_LEVEL": "ERROR",
        "PREFECT_SERVER_UI_ENABLED": "false",
        "PREFECT_SERVER_ENCRYPTION_KEY": ENCRYPTION_KEY,
        "DO_NOT_TRACK": "1",
    }


async def _serve(url: str) -> None:
    import prefect
    import uvicorn
    from prefect.server.api.server import create_app
    from prefect.server.database import provide_database_interface
    from prefect.server.models.task_workers import observe_worker

    for worker in TASK_WORKERS:
        # A server knows them as long as it runs, and keeps them nowhere.
        await observe_worker(worker["task_keys"], worker["identifier"])
    await provide_database_interface().create_db()
    app = create_app(ephemeral=True)
    # asyncio turns Nagle's algorithm off only for sockets that say they are TCP; 40 ms a request.
    with socket.socket(proto=socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        running = asyncio.create_task(server.serve([listener]))
        while not server.started:
            await asyncio.sleep(0.01)
        announce({"api": f"http://127.0.0.1:{port}/api", "version": prefect.__version__})
        while not deserted():
            await asyncio.sleep(0.5)
        server.should_exit = True
        await running


def main() -> None:
    for name in [name for name in os.environ if name.startswith("PREFECT_")]:
        del os.environ[name]  # the developer's own profile is no part of the test
    os.environ |= _settings(sys.argv[1])
    asyncio.run(_serve(sys.argv[1]))


if __name__ == "__main__":
    main()
