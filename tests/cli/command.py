"""The command run as a user runs it: in this process, in one of its own, and on a terminal."""

from __future__ import annotations

import fcntl
import io
import json
import os
import pty
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import Any

from flowql.cli import main

ROOT = Path(__file__).parent.parent.parent
MAIN = "tags ⊇ [etl] and run.state in [FAILED,CRASHED] sort name_asc limit 20"
NAMES = [
    "archive-legacy", "check-data-quality", "dbt-nightly", "ingest-clickstream",
    "ingest-customers", "ingest-orders", "ingest-payments", "load-warehouse",
]  # fmt: skip
COMMAND = [sys.executable, "-m", "flowql"]


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
            os.unsetenv(name)  # readline sets them where Python does not see it
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
