"""A child process that all workers of one test run share, and that ends when the last of them does.

Starting Prefect takes seconds, so the first worker that needs it starts it and the others find its
state file. Each holds a shared lock on a file for as long as it runs; the child tries now and then
to take that lock alone, and once it can, nobody is left and it goes. The kernel drops a lock with
its process, so nothing survives a test run that is killed.
"""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

State = dict[str, Any]

_ROOT = Path(__file__).resolve().parents[2]
_READY, _STATE, _USERS, _START, _LOG = "ready.json", "state.json", "users.lock", "start.lock", "log"


@contextmanager
def shared_process(
    folder: Path,
    module: str,
    arguments: Sequence[str] = (),
    *,
    python: str = sys.executable,
    environment: Mapping[str, str] | None = None,
    prepare: Callable[[State], None] = lambda state: None,
    seconds: float = 120,
) -> Iterator[State]:
    """What the child said of itself. Who starts it also runs `prepare`, before others see it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / _USERS).open("a") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        with (folder / _START).open("a") as start:
            fcntl.flock(start, fcntl.LOCK_EX)
            state_file = folder / _STATE
            if not state_file.exists():
                state = _start(folder, [python, "-m", module, *arguments], environment, seconds)
                prepare(state)
                _write(state_file, state)
        yield json.loads(state_file.read_text())


def _start(
    folder: Path, command: list[str], environment: Mapping[str, str] | None, seconds: float
) -> State:
    ready = folder / _READY
    ready.unlink(missing_ok=True)
    with (folder / _LOG).open("w") as log:
        child = subprocess.Popen(
            command,
            cwd=_ROOT,
            env={**os.environ, **(environment or {}), "FLOWQL_ORACLE_FOLDER": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C is for the tests, which then let go of the lock
        )
    deadline = time.monotonic() + seconds
    while not ready.exists():
        if child.poll() is not None or time.monotonic() > deadline:
            child.kill()
            text = (folder / _LOG).read_text(errors="replace")[-4000:]
            raise RuntimeError(f"{' '.join(command)} did not start:\n{text}")
        time.sleep(0.02)
    state: State = json.loads(ready.read_text())
    return state


def _write(path: Path, state: State) -> None:
    """Whole or not at all: readers look for the name only."""
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(state))
    draft.rename(path)


def child_folder() -> Path:
    """In the child: where it may keep its files."""
    return Path(os.environ["FLOWQL_ORACLE_FOLDER"])


def announce(state: State) -> None:
    """In the child: it is ready to be used."""
    _write(child_folder() / _READY, state)


def deserted() -> bool:
    """In the child: nobody uses it any more. It must go then, for the state file is gone too."""
    folder = child_folder()
    with (folder / _USERS).open("a") as users:
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        (folder / _STATE).unlink(missing_ok=True)
        (folder / _READY).unlink(missing_ok=True)
        return True
