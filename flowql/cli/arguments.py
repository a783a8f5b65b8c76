"""The command line: which commands and options there are, and what their help says."""

from __future__ import annotations

import argparse
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flowql import __version__
from flowql.limits import MAX_REQUESTS, MAX_ROWS

if TYPE_CHECKING:
    from collections.abc import Callable

FORMATS = ("text", "json", "sarif", "github")
"""How `check` can print problems."""

_QUERY = (
    "the query itself, in quotes; a file, where it ends in .flowql; @NAME, a saved search; or - for"
    " standard input"
)
_QUERIES = f"{_QUERY}; or a folder, for all *.flowql in it and below"

_EXAMPLES = """\
examples:
  flowql run 'tags has etl and run.state in [FAILED, CRASHED] sort name_asc limit 20'
  flowql body 'flow_runs where state.name = Late' --json
  flowql sql --dialect postgres saved/late.flowql
  flowql run 'flow_runs where state in $states' --set states=FAILED,CRASHED --on prefect
  flowql run @late --set since='last 2h'
"""

_ON = """\
what to ask: a database file, a folder that `flowql export` made, a database URL \
(sqlite:///FILE, postgresql://…, duckdb:///FILE; Prefect's own +aiosqlite and +asyncpg spellings \
too), the URL of a Prefect API, or `prefect` for the API that Prefect's settings name; without it, \
an embedded demo"""

_WHERE = """\
They are the files *.flowql of the folder `searches`, here or further up, or of the one that \
`[tool.flowql] searches` in a pyproject.toml names."""

_ACTIONS = {
    "push": (
        "give the server what the folder has",
        "Give the server what the folder has, the text of each file under the file's name. What the"
        " server has of FlowQL's is overwritten; what others have saved there is neither changed"
        " nor deleted, and a name that is taken so is a problem. Broken searches stay here.",
    ),
    "pull": (
        "give the folder what the server has of FlowQL's",
        "Write a file for each of FlowQL's searches on the server. A file that differs is a problem"
        " and stays as it is, unless --force is given; files that the server has not are left.",
    ),
    "diff": (
        "print what push would change",
        "Print what push would change, as a diff from the server's texts to the files'. Exit 1"
        " where there is any difference.",
    ),
}


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    top = argparse.ArgumentParser(
        prog="flowql",
        description="Filter Prefect's flows and what hangs off them.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=f"flowql {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def command(name: str, doc: str, *groups: Callable[[argparse.ArgumentParser], None]) -> None:
        made = commands.add_parser(
            name,
            help=doc,
            description=f"{doc[0].upper()}{doc[1:]}.",
            usage=f"flowql {name} [OPTION …] {'QUERY …' if _queries in groups else 'QUERY'}",
            allow_abbrev=False,
        )
        for group in groups:
            group(made)
        _output(made)

    command(
        "body", "print the one request to Prefect's API", _query, _endpoint, _database, _meaning
    )
    command("sql", "print SQL over Prefect's own database", _query, _dialect, _meaning)
    command("run", "print the rows", _query, _on, _allowed, _database, _meaning)
    command("explain", "say in words what a query means", _query, _plan, _database, _meaning)
    _why(commands)
    command("fmt", "tidy the text of queries", _queries, _tidied)
    command("check", "print every problem, warning and note", _queries, _meaning, _format)
    _text(commands)
    _searches(commands)
    _catalog(commands)
    _export(commands)
    return top


def _why(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The command that explains a row."""
    made = commands.add_parser(
        "why",
        help="say why a query selects a row, or does not",
        description="Say why a query selects a row, or does not: which of its conditions hold, and"
        " which related rows they hold of or nearly do. ID is the row's id, or its name where no"
        " other row has it. What an API may be sent holds for each question about a condition."
        " Exit 0 whether the row is selected or not.",
        usage="flowql why [OPTION …] QUERY ID",
        allow_abbrev=False,
    )
    # Options may stand between the two, which argparse allows where each is exactly one.
    made.add_argument("query", metavar="QUERY", help=_QUERY)
    made.add_argument("row", metavar="ID", help="the id of a row, or its name")
    made.set_defaults(several=False, file=None, usage_error=made.error)
    _on(made)
    _most(made)
    _database(made)
    _meaning(made)
    _output(made)


def _export(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The command that copies tables."""
    made = commands.add_parser(
        "export",
        help="copy a database's tables to a folder of Parquet files, which run --on FOLDER asks",
        description="Copy the tables that queries read from a SQLite or PostgreSQL database to a"
        " folder of Parquet files, in one snapshot; `flowql run QUERY --on FOLDER` asks them."
        " Block documents, which hold secrets, are copied only where --only names them.",
        usage="flowql export [OPTION …] --to FOLDER",
        allow_abbrev=False,
    )
    made.add_argument(
        "--on",
        metavar="DATABASE",
        help="a database file, or a database URL (sqlite:///FILE, postgresql://…); without it, an"
        " embedded demo",
    )
    made.add_argument("--to", metavar="FOLDER", required=True, help="the folder that is made")
    made.add_argument(
        "--only",
        metavar="ENTITY,…",
        action="append",
        default=[],
        help="the entities that are copied: flows,flow_runs,…",
    )
    made.add_argument("--overwrite", action="store_true", help="replace an older export")
    made.set_defaults(usage_error=made.error, version_written=__version__)
    _output(made)


def _catalog(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The command that says what there is."""
    made = commands.add_parser(
        "catalog",
        help="print what can be asked: entities, fields, operators, and which back end can say it",
        description="Print what can be asked: the entities; of one its fields, relations, sorts"
        " and endpoints; or of a field or relation each operator. What a back end can say is found"
        " by asking it. On a terminal these are tables, elsewhere JSON.",
        usage="flowql catalog [OPTION …] [ENTITY[.NAME]]",
        allow_abbrev=False,
    )
    made.add_argument(
        "what", metavar="ENTITY", nargs="?", help="flow_runs, runs, flow_runs.state, flows.run, …"
    )
    _output(made)


def _text(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The command that reads requests."""
    made = commands.add_parser(
        "text",
        help="print the query of each request in a curl command, a HAR file, a page's address, …",
        description="Print the query of each request in what was copied or saved: curl commands,"
        " HAR files, calls of fetch, addresses of Prefect's pages, and bodies with --path. What"
        " Prefect ignores of them is said as a warning.",
        usage="flowql text [OPTION …] [FILE | REQUEST …]",
        allow_abbrev=False,
    )
    made.add_argument(
        "given",
        metavar="FILE",
        nargs="*",
        help="a file; the request itself, in quotes; or - for standard input (the default)",
    )
    made.add_argument("--path", metavar="PATH", help="the path that a body was sent to")
    made.add_argument(
        "--server",
        metavar="VERSION",
        default="3.9",
        help="the version of Prefect that was asked, such as 3.8.8 (default: 3.9, the newest)",
    )
    _database(made)
    made.add_argument(
        "--now", metavar="TIME", type=_moment, help="the moment in which a page is opened"
    )
    made.add_argument(
        "--timezone",
        metavar="NAME",
        default="UTC",
        help="the zone of the browser that a page is opened in (default: UTC)",
    )
    made.set_defaults(usage_error=made.error)
    _output(made)


def _searches(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The commands about saved searches."""
    made = commands.add_parser(
        "list",
        help="print the saved searches",
        description=f"Print the saved searches. {_WHERE}",
        usage="flowql list [OPTION …]",
        allow_abbrev=False,
    )
    _output(made)
    made = commands.add_parser(
        "show",
        help="print a saved search: what it is for, its parameters, its text and its meaning",
        description="Print a saved search: what it is for, its parameters, its text and meaning.",
        usage="flowql show [OPTION …] NAME",
        allow_abbrev=False,
    )
    made.add_argument("name", metavar="NAME", help="its name, with or without @")
    _output(made)
    made = commands.add_parser(
        "saved",
        help="keep the saved searches in step with those of a Prefect server",
        description=f"Keep the saved searches in step with those of a Prefect server. {_WHERE}",
        usage="flowql saved push|pull|diff [OPTION …]",
        allow_abbrev=False,
    )
    actions = made.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, (doc, page) in _ACTIONS.items():
        action = actions.add_parser(
            name,
            help=doc,
            description=page,
            usage=f"flowql saved {name} [OPTION …]",
            allow_abbrev=False,
        )
        _server(action)
        if name == "push":
            action.add_argument(
                "--prune",
                action="store_true",
                help="delete there what FlowQL has pushed and has no file any more, whoever did so",
            )
        if name == "pull":
            action.add_argument(
                "--force", action="store_true", help="overwrite files that differ from the server's"
            )
        if name != "diff":
            action.add_argument(
                "--dry-run", action="store_true", help="say what would change, and change nothing"
            )
        _output(action)


def _server(made: argparse.ArgumentParser) -> None:
    made.add_argument(
        "--on",
        metavar="URL",
        help="the URL of a Prefect API; without it, or with `prefect`, the API that Prefect's"
        " settings name",
    )
    _timeout(made)


def _query(made: argparse.ArgumentParser) -> None:
    # More than one is taken in to be refused with a better word than argparse has.
    made.add_argument("queries", metavar="QUERY", nargs="*", help=_QUERY)
    made.add_argument("--file", metavar="PATH", help="the file of the query, whatever its name")
    made.set_defaults(several=False, usage_error=made.error)


def _queries(made: argparse.ArgumentParser) -> None:
    made.add_argument("queries", metavar="QUERY", nargs="*", help=_QUERIES)
    made.add_argument(
        "--file", metavar="PATH", action="append", help="a file with a query, whatever its name"
    )
    made.set_defaults(several=True, usage_error=made.error)


def _endpoint(made: argparse.ArgumentParser) -> None:
    made.add_argument(
        "--endpoint", metavar="PATH", help="another endpoint that takes the same filters"
    )
    made.add_argument(
        "--argument",
        metavar="NAME=JSON",
        action="append",
        default=[],
        type=_argument,
        help="what the endpoint takes beside filters, sort and page: history_interval_seconds=3600",
    )


def _dialect(made: argparse.ArgumentParser) -> None:
    made.add_argument(
        "--dialect",
        metavar="NAME",
        default="sqlite",
        help="sqlite (the default), postgres or duckdb",
    )
    made.add_argument(
        "--bind",
        action="store_true",
        help="leave values out of the text and print them after it",
    )


def _database(made: argparse.ArgumentParser) -> None:
    made.add_argument(
        "--database",
        choices=["sqlite", "postgres"],
        help="what the server stores its rows in: for events the case of letters hangs on it",
    )


def _on(made: argparse.ArgumentParser) -> None:
    made.add_argument("--on", metavar="PLACE", help=_ON)
    _timeout(made)


def _most(made: argparse.ArgumentParser) -> None:
    made.add_argument(
        "--max-requests",
        metavar="N",
        type=_whole,
        help=f"the most requests that an API is sent (default: {MAX_REQUESTS})",
    )
    made.add_argument(
        "--max-rows",
        metavar="N",
        type=_whole,
        help=f"the most rows that are fetched of an API (default: {MAX_ROWS})",
    )
    made.add_argument(
        "--yes", action="store_true", help="send as many requests as it takes, without a question"
    )


def _allowed(made: argparse.ArgumentParser) -> None:
    _most(made)
    made.add_argument(
        "--dry-run",
        action="store_true",
        help="print the requests to an API as curl commands, and send none",
    )


def _plan(made: argparse.ArgumentParser) -> None:
    made.add_argument(
        "--plan", action="store_true", help="draw the requests by which an API answers it"
    )
    made.add_argument("--full", action="store_true", help="cut no line of the plan")
    made.add_argument(
        "--on",
        metavar="URL",
        help="the API that is asked how many rows the plan fetches: its URL, or `prefect`",
    )
    _timeout(made)


def _timeout(made: argparse.ArgumentParser) -> None:
    made.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=_seconds,
        help="how long an API may take (default: Prefect's setting, or 60)",
    )


def _tidied(made: argparse.ArgumentParser) -> None:
    how = made.add_mutually_exclusive_group()
    how.add_argument("--check", action="store_true", help="only say which are not tidy; exit 1")
    how.add_argument("--write", action="store_true", help="tidy the files themselves")


def _format(made: argparse.ArgumentParser) -> None:
    made.add_argument(
        "--format",
        choices=FORMATS,
        help="text (the default), json, sarif (SARIF 2.1.0) or github (annotations of its Actions)",
    )


def _meaning(made: argparse.ArgumentParser) -> None:
    made.add_argument(
        "--set",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        type=_setting,
        help="the value of $NAME, read as its place asks; for a list, NAME=A,B,C or several times",
    )
    made.add_argument(
        "--now", metavar="TIME", type=_moment, help="the moment that relative times count from"
    )
    made.add_argument(
        "--timezone",
        metavar="NAME",
        default="UTC",
        help="the zone of days and times without one (default: UTC)",
    )


def _output(made: argparse.ArgumentParser) -> None:
    made.add_argument("--json", action="store_true", help="print JSON, problems included")
    made.add_argument(
        "--color",
        choices=["auto", "always", "never"],
        default="auto",
        help="auto: on a terminal, unless NO_COLOR is set",
    )


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    name = name.removeprefix("$")
    if not equals or not name:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


def _argument(text: str) -> tuple[str, Any]:
    name, value = _setting(text)
    try:
        return name, json.loads(value)
    except (ValueError, RecursionError):
        return name, value


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no ISO 8601 time, such as 2026-11-01T12:00:00Z"
        ) from None


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 0 on")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds")
    return seconds
