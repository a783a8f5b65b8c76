"""The command `flowql`: queries in, bodies, SQL, rows and words out.

Exit codes: 0 fine, 1 problems, 2 usage; 130 after Ctrl-C and 141 where the reader of a pipe has
gone, as shells count them. Data goes to standard output and everything said about it (problems,
warnings, where rows come from) to standard error: in words, or with `--json` as one JSON object a
line. The exception is `check`, whose problems are its data.

`arguments` reads the command line, `inputs` the queries, `console` writes; `commands` has one
function a command. Each command imports what it needs when it runs, and problems when there are
any: `flowql body` starts without pydantic, sqlglot, SQLAlchemy, httpx and rich.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from flowql.cli.arguments import parser
from flowql.cli.console import Console
from flowql.diagnostics import FlowQLError

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

PROBLEMS = 1
INTERRUPTED = 130
PIPE_CLOSED = 141


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; a usage error raises `SystemExit(2)`."""
    try:
        console = Console()
        arguments = parser().parse_args(argv)
        console.configure(arguments.color, arguments.json)
        try:
            code = run(arguments.command, arguments, console)
            console.flush()
        except FlowQLError as error:
            console.problems(error.diagnostics, error.source)
            code = PROBLEMS
    except BrokenPipeError:
        # Python flushes both streams once more as it ends, which must not fail again.
        for stream in (sys.stdout, sys.stderr):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        return PIPE_CLOSED
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def run(command: str, arguments: Namespace, console: Console) -> int:
    """Run one command by its name."""
    from flowql.cli import commands

    code: int = commands.COMMANDS[command](arguments, console)
    return code
