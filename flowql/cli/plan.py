"""Plans for a person: drawn as a tree, or as curl commands of which none is run."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from flowql.backends.plan.description import (
    Description,
    Part,
    Stage,
    as_dict,
    describe,
    document,
)
from flowql.cli import inputs
from flowql.diagnostics.render import visible

if TYPE_CHECKING:
    from argparse import Namespace

    from flowql.api import Query
    from flowql.backends.body import Request
    from flowql.cli.console import Console
    from flowql.run.estimating import Estimate

FINE = 0


def explain(arguments: Namespace, console: Console) -> int:
    """The plan of a query, with the numbers of a server where one is named."""
    url = None if arguments.on is None else _api(arguments)
    query = inputs.parse(arguments, inputs.only(arguments))
    console.problems(query.warnings, query.source)
    estimate = None
    if arguments.on is None:
        plan = query.to_plan(arguments.database)
    else:
        from flowql.run import estimating

        plan, estimate = estimating.ask(query, url, arguments.timeout, arguments.database)
    counts = None if estimate is None else estimate.counts
    described = describe(plan, arguments.database, counts)
    if console.json:
        numbers = {
            "requests": estimate and estimate.requests,
            "rows": estimate and estimate.rows,
            "counted": estimate and estimate.counted,
        }
        console.say_json({"text": str(query), **as_dict(described), **numbers})
        return FINE
    width = console.width if console.on_terminal and not arguments.full else None
    page = _Page(width, console.coloured(sys.stdout), estimate)
    console.say("\n".join(page.lines(described)))
    return FINE


def _api(arguments: Namespace) -> str | None:
    """The address of the API that `--on` names; None for the configured one."""
    from flowql.run import places

    match places.find(arguments.on):
        case places.Api(url):
            return url
        case places.Demo():
            arguments.usage_error("--dry-run prints requests to an API; --on URL names one")
        case _:
            arguments.usage_error("requests are for an API; --on names a database")
    raise AssertionError("a usage error does not return")


# ── a tree ────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Page:
    """A plan in lines, which are cut at `width`."""

    width: int | None
    colour: bool
    estimate: Estimate | None = None

    def lines(self, described: Description) -> Iterator[str]:
        """What it comes to, and below it each stage."""
        if described.one:
            yield from self._stage(described.stages[0], "", "")
            return
        yield self._cut(f"{self._whole()}:")
        yield from self._part(Part("", described.stages), "", "")

    def _whole(self) -> str:
        found = self.estimate
        if found is None:
            return "several requests"
        requests, rows = _many(found.requests, "request"), _many(found.rows, "row")
        if found.counted:
            return f"about {requests} and {rows}"
        return f"at least {requests}, for nothing counts some of the rows"

    def _part(self, part: Part, head: str, indent: str) -> Iterator[str]:
        """A row of stages: the first one after its head, the others below it."""
        name = f"{part.name}: " if part.name else ""
        for number, stage in enumerate(part.stages):
            lead = f"{indent}then " if number else f"{head}{name}"
            yield from self._stage(stage, lead, indent)
            for at, below in enumerate(stage.parts, start=1):
                last = at == len(stage.parts)
                branch, line = ("└─ ", "   ") if last else ("├─ ", "│  ")
                yield from self._part(below, indent + branch, indent + line)

    def _stage(self, stage: Stage, lead: str, indent: str) -> Iterator[str]:
        says = visible(stage.says)
        why = f"({visible(stage.why)})" if stage.why else ""
        below = indent + ("│  " if stage.parts else "   ")
        if not why or self._fits(f"{lead}{says}  {why}"):
            yield self._cut(f"{lead}{says}") + (f"  {self._dim(why)}" if why else "")
        else:
            yield self._cut(f"{lead}{says}")
            yield below + self._dim(self._cut(why, below))
        for line in _details(stage, asked=self.estimate is not None):
            yield below + self._dim(self._cut(line, below))

    def _fits(self, line: str) -> bool:
        if self.width is None:
            return True
        from rich.cells import cell_len

        return cell_len(line) <= self.width

    def _cut(self, line: str, beside: str = "") -> str:
        """The line as far as there is room beside something."""
        if self.width is None or self._fits(beside + line):
            return line
        from rich.cells import set_cell_size

        room = max(self.width - len(beside) - 1, 1)
        return f"{set_cell_size(line, room).rstrip()}…"

    def _dim(self, text: str) -> str:
        return f"\x1b[2m{text}\x1b[0m" if self.colour else text


def _details(stage: Stage, *, asked: bool) -> Iterator[str]:
    """The request of a stage, and how many rows it may touch."""
    if stage.request is not None:
        yield _spelled(stage.request)
    match stage.step:
        case "fetch" | "spread":
            if stage.rows is not None and stage.requests is not None:
                extent = f"{_many(stage.rows, 'row')} on {_many(stage.requests, 'page')}"
            elif asked:
                extent = "nothing counts these rows"
            else:
                extent = "one page after another" if stage.pages else "all rows at once"
            yield f"{extent}; perhaps fewer, {stage.narrowed}" if stage.narrowed else extent
        case "count" if stage.rows is not None:
            yield f"{stage.rows:,}"
        case "undecided" if stage.rows is not None:
            yield _many(stage.rows, "row")
        case _:
            pass


def _spelled(request: Request) -> str:
    return f"{request.method} {request.path} {document(request)}"


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


# ── a dry run ─────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Known:
    """A request that is known before anything is asked, and a word about it."""

    remark: str
    request: Request
    sent: bool = True
    """False: its path wants what an answer tells."""


def dry_run(query: Query, arguments: Namespace, console: Console) -> int:
    """The requests for a query, as far as they are known before an answer."""
    from flowql.run import curl
    from flowql.run.settings import connection

    url = _api(arguments)
    described = describe(query.to_plan(arguments.database), arguments.database)
    asked = connection(url)
    known = _known(described)
    if console.json:
        documents: list[dict[str, Any]] = [
            {
                "method": one.request.method,
                "url": curl.address(one.request, asked),
                "body": one.request.body,
                "remark": one.remark,
            }
            for one in known
        ]
        console.say_json(documents)
        return FINE
    for remark in curl.remarks(asked):
        console.say(f"# {visible(remark)}")
    for one in known:
        if one.remark:
            console.say(f"# {visible(one.remark)}")
        command = curl.command(one.request, asked)
        console.say(command if one.sent else f"# {command}")
    return FINE


def _known(described: Description) -> list[_Known]:
    """The requests in their order, equal ones once."""
    if described.one and (request := described.stages[0].request) is not None:
        return [_Known("", request)]
    stages = list(_each(described.stages))
    fetched = {_key(one.request) for one in stages if one.step == "fetch" and one.request}
    found = []
    for one in stages:
        match one.request:
            case None:
                pass
            case request if one.step == "spread":
                remark = f"{one.says}, and further pages of each"
                found.append(_Known(remark, request, sent=False))
            case request:
                found.append(_Known(_remark(one), request))
    # One fetch is not counted before.
    counted = stages if len(fetched) > 1 else []
    counts = [
        _Known(f"how many there are: {one.says.removeprefix('fetch ')}", one.count)
        for one in counted
        if one.count is not None
    ]
    first = 1 if stages[0].step == "peek" else 0
    return _once([*found[:first], *counts, *found[first:]])


def _once(known: Sequence[_Known]) -> list[_Known]:
    """Equal requests in the place of the first of them, with what is said of each."""
    found: dict[tuple[str, str], _Known] = {}
    for one in known:
        key = _key(one.request)
        before = found.get(key)
        remark = one.remark if before is None else f"{before.remark}; {one.remark}"
        found[key] = replace(one, remark=remark)
    return list(found.values())


def _remark(stage: Stage) -> str:
    if stage.step != "fetch":
        return stage.says
    following = ", and further pages" if stage.pages else ""
    narrowed = f"; perhaps for fewer, {stage.narrowed}" if stage.narrowed else ""
    return f"{stage.says}{following}{narrowed}"


def _each(stages: Sequence[Stage]) -> Iterator[Stage]:
    """Every stage, what it needs before it where its own requests wait for that."""
    for stage in stages:
        if stage.step != "spread":
            yield stage
        for part in stage.parts:
            yield from _each(part.stages)
        if stage.step == "spread":
            yield stage


def _key(request: Request) -> tuple[str, str]:
    return request.path, document(request)
