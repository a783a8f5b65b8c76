"""Runs a real Prefect server that asks for a name and password, and for a token against forgery.

`python -m tests.run.serve_guarded DATABASE_URL AUTH_STRING`.
"""

from __future__ import annotations

import os
import sys

from tests.oracle import serve_prefect

if __name__ == "__main__":
    plain = serve_prefect._settings

    def guarded(url: str) -> dict[str, str]:
        return plain(url) | {
            "PREFECT_SERVER_API_AUTH_STRING": sys.argv[2],
            "PREFECT_SERVER_CSRF_PROTECTION_ENABLED": "true",
        }

    serve_prefect._settings = guarded
    os.environ.pop("PREFECT_API_AUTH_STRING", None)
    serve_prefect.main()
