"""One function a command: from its arguments to what is printed, and the exit code."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from flowql import api, typed
from flowql.cli import inputs
from flowql.diagnostics import FlowQLError
from flowql.source import Source

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Mapping, Sequence

    from flowql.cli.console import Console
    from flowql.cli.inputs import Given
    from flowql.run import Answer

FINE = 0
PROBLEMS = 1


def body(arguments: Namespace, console: Console) -> int:
    """The one request, as `POST /path` and the body."""
    query = _read(arguments, console)
    request = query.to_request(arguments.endpoint, dict(arguments.argument), arguments.database)
    if console.json:
        console.say_json({"method": request.method, "path": request.path, "body": request.body})
    else:
        console.say(f"{request.method} {request.path}")
        console.say_json(request.body)
    return FINE


def sql(arguments: Namespace, console: Console) -> int:
    """The SQL of one dialect, with values inline or after it."""
    query = _read(arguments, console)
    written = query.to_sql(arguments.dialect, "bind" if arguments.bind else "inline")
    if console.json:
        document: dict[str, Any] = {"dialect": arguments.dialect, "text": written.text}
        if arguments.bind:
            document["params"] = _plain(written.params)
        console.say_json(document)
    else:
        console.say(written.text)
        if arguments.bind:
            console.say("")
            console.say_json(_plain(written.params))
    return FINE


def explain(arguments: Namespace, console: Console) -> int:
    """What the query means, and what can say it."""
    from flowql.cli.explanation import explanation, in_words

    if arguments.plan:
        from flowql.cli import plan

        return plan.explain(arguments, console)
    if arguments.full or arguments.on is not None:
        arguments.usage_error("--on and --full are about the plan, which --plan draws")
    query = inputs.parse(arguments, inputs.only(arguments))
    found = explanation(query, arguments.database)
    if console.json:
        console.say_json(found)
    else:
        console.say(in_words(found, console.width))
        console.problems(query.warnings, query.source)
    return FINE


def fmt(arguments: Namespace, console: Console) -> int:
    """Tidied text: printed, written back, or compared with what is there."""
    given = inputs.given(arguments)
    if arguments.write and any(one.path is None for one in given):
        arguments.usage_error("--write is for files")
    code = FINE
    for one in given:
        try:
            tidied = _tidy(one, arguments, console)
        except FlowQLError as error:
            console.problems(error.diagnostics, error.source)
            tidied = False
        if not tidied:
            code = PROBLEMS
    return code


def _tidy(one: Given, arguments: Namespace, console: Console) -> bool:
    """Whether all is well: the text is tidy where only that was asked."""
    text = one.search().text
    tidied = api.fmt(text, name=one.name)
    # A file ends its last line; a query in an argument has none to end.
    tidy = text == (tidied if one.argument != "-" and one.path is None else f"{tidied}\n")
    if arguments.check:
        if not tidy:
            console.notice("not-tidy", f"{one.name} is not tidy", file=one.name)
        return tidy
    if not arguments.write:
        console.say_json(tidied) if console.json else console.say(tidied)
    elif one.path is not None and not tidy:
        try:
            one.path.write_text(f"{tidied}\n", "utf-8", newline="\n")
        except OSError as error:
            from flowql.diagnostics.run import UnwritableFile

            reason = error.strerror or str(error)
            raise FlowQLError([UnwritableFile(path=one.name, reason=reason)]) from None
        console.notice("tidied", f"{one.name} tidied", file=one.name)
    return True


def check(arguments: Namespace, console: Console) -> int:
    """Every problem, warning and note of every query; only errors are a failure."""
    from flowql.cli.formats import say
    from flowql.diagnostics.finding import Finding, findings
    from flowql.searches import Search
    from flowql.searches.lint import lint
    from flowql.searches.parameters import check as checked

    style = "json" if console.json else "text"
    if arguments.format not in (None, "json") and console.json:
        arguments.usage_error(f"--json is --format json, and not --format {arguments.format}")
    found: list[Finding] = []
    searches: list[Search] = []
    for one in inputs.given(arguments):
        source = Source("", one.name)
        try:
            search = one.search()
            searches.append(search)
            source = search.source
            diagnostics = checked(search, inputs.settings(arguments), **inputs.context(arguments))
            found.extend(Finding(diagnostic, source) for diagnostic in diagnostics)
        except FlowQLError as error:
            error.source = error.source or source
            found.extend(findings(error))
    # A file that is given twice is one search.
    files = {search.path: search for search in searches if search.path is not None}
    found.extend(lint(list(files.values()), **inputs.context(arguments)))
    say(found, arguments.format or style, console)
    failed = any(diagnostic.severity == "error" for diagnostic, _ in found)
    return PROBLEMS if failed else FINE


def run(arguments: Namespace, console: Console) -> int:
    """The rows: a table on a terminal, JSON lines elsewhere; of `count`, the number."""
    query = _read(arguments, console)
    if arguments.dry_run:
        from flowql.cli import plan

        return plan.dry_run(query, arguments, console)
    answer = _answer(query, arguments, console)
    if answer is None:
        return PROBLEMS
    if arguments.on is None:
        console.notice(
            "demo",
            f"demo data: {answer.place} (--on asks another place)",
            path=answer.place,
        )
    if query.typed.count:
        console.say(str(answer.count))
    elif console.on_terminal and not console.json:
        if answer.rows:
            from flowql.run.table import drawn

            console.say(
                drawn(
                    answer.rows,
                    query,
                    width=console.width,
                    colour=console.coloured(sys.stdout),
                )
            )
    else:
        for row in answer.rows:
            console.say_row(row)
    if answer.pages is not None:
        facts = {"count": answer.count, "page": answer.page, "pages": answer.pages}
        console.notice("rows", answer.extent, **facts)
    elif console.on_terminal and not console.json:
        said = [] if query.typed.count else [answer.extent]
        said += [answer.effort] if (answer.requests or 0) > 1 else []
        if said:
            console.notice("rows", ", ".join(said))
    if answer.changed:
        from flowql.diagnostics.plan import RowsChanged

        console.problems([RowsChanged(count=answer.changed)], None)
    return FINE


def _answer(query: api.Query, arguments: Namespace, console: Console) -> Answer | None:
    """What the place answers; None where it takes more than is allowed and a person wants not."""
    from flowql.cli.waiting import ProgressLine, goes_on
    from flowql.limits import MAX_REQUESTS, MAX_ROWS
    from flowql.run import run as ask

    def asked(max_requests: int | None, max_rows: int | None) -> Answer:
        with ProgressLine(console) as line:
            return ask(
                query,
                arguments.on,
                timeout=arguments.timeout,
                database=arguments.database,
                max_requests=max_requests,
                max_rows=max_rows,
                on_progress=line.tell,
            )

    allowed: list[int | None] = [None, None] if arguments.yes else [MAX_REQUESTS, MAX_ROWS]
    given = [arguments.max_requests, arguments.max_rows]
    limits = [one if said is None else said for one, said in zip(allowed, given, strict=True)]
    try:
        return asked(*limits)
    except FlowQLError as error:
        from flowql.diagnostics.plan import PlanCostly

        problem = next(iter(error.diagnostics), None)
        if not isinstance(problem, PlanCostly):
            raise
        going = goes_on(console, problem.requests, problem.rows, at_least=bool(problem.sent))
        if going is None:
            raise
    return asked(None, None) if going else None


def export(arguments: Namespace, console: Console) -> int:
    """A database's tables, as a folder of Parquet files."""
    from flowql.cli import export

    return export.run(arguments, console)


def why(arguments: Namespace, console: Console) -> int:
    """Why the query selects a row, or does not."""
    from flowql.cli import why

    return why.run(arguments, console)


def text(arguments: Namespace, console: Console) -> int:
    """The text of each request in what was copied or saved."""
    from flowql.cli.text import text as written

    return written(arguments, console)


def list_(arguments: Namespace, console: Console) -> int:
    """The saved searches."""
    from flowql.cli import searches

    return searches.list_(arguments, console)


def show(arguments: Namespace, console: Console) -> int:
    """One saved search."""
    from flowql.cli import searches

    return searches.show(arguments, console)


def saved(arguments: Namespace, console: Console) -> int:
    """The saved searches here and on a server."""
    from flowql.cli import saved

    return saved.run(arguments, console)


def catalog(arguments: Namespace, console: Console) -> int:
    """What can be asked, and which back end can say it."""
    from flowql.cli import catalog

    return catalog.run(arguments, console)


def _read(arguments: Namespace, console: Console) -> api.Query:
    """The query of a command that takes one; what is to be said of it is said."""
    query = inputs.parse(arguments, inputs.only(arguments))
    console.problems(query.warnings, query.source)
    return query


def _plain(params: Sequence[object]) -> list[Any]:
    """The values of placeholders, and the names of those that have none yet."""
    from flowql.run.rows import plain

    return [
        _open(param) if isinstance(param, typed.Parameter) else plain(param) for param in params
    ]


def _open(param: typed.Parameter) -> dict[str, str]:
    """A parameter without a value; of a length of time, also the instant that it gives."""
    named = {"parameter": param.name}
    return named if param.instant is None else {**named, "instant": str(param.instant)}


COMMANDS: Mapping[str, Callable[[Namespace, Console], int]] = {
    "body": body,
    "sql": sql,
    "run": run,
    "export": export,
    "explain": explain,
    "why": why,
    "fmt": fmt,
    "check": check,
    "text": text,
    "list": list_,
    "show": show,
    "saved": saved,
    "catalog": catalog,
}
