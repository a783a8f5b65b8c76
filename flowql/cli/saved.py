"""`flowql saved`: the folder of searches and those of a Prefect server, in step with each other."""

from __future__ import annotations

from difflib import unified_diff
from itertools import groupby
from typing import TYPE_CHECKING, Any

from flowql.run import saved
from flowql.searches.folder import find

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Sequence

    from flowql.cli.console import Console
    from flowql.diagnostics.finding import Finding

FINE = 0
PROBLEMS = 1

_DONE = {
    "create": "created", "update": "updated", "delete": "deleted", "same": "the same",
    "left": "only there, left",
}  # fmt: skip
_WOULD = {
    "create": "would be created", "update": "would be updated", "delete": "would be deleted",
} | {action: _DONE[action] for action in ("same", "left")}  # fmt: skip
_LONGEST = 2_000
"""Lines that `diff` compares; that takes more than linear time, so longer texts only differ."""


def run(arguments: Namespace, console: Console) -> int:
    """Push, pull or compare."""
    folder = find()
    with saved.opened(arguments.on, arguments.timeout) as api:
        match arguments.action:
            case "push":
                outcome = saved.push(folder, api, prune=arguments.prune, dry=arguments.dry_run)
                return _tell(outcome, arguments, console)
            case "pull":
                outcome = saved.pull(folder, api, force=arguments.force, dry=arguments.dry_run)
                return _tell(outcome, arguments, console)
            case _:
                return _compare(*saved.compared(folder, api), console)


def _tell(outcome: saved.Outcome, arguments: Namespace, console: Console) -> int:
    """What was done with each search, in a line each or as JSON."""
    words = _WOULD if arguments.dry_run else _DONE
    if console.json:
        done = not arguments.dry_run
        console.say_json(
            [
                {"name": change.name, "action": change.action, "done": done}
                for change in outcome.changes
            ]
        )
    else:
        width = max((len(change.name) for change in outcome.changes), default=0)
        for change in outcome.changes:
            console.say(f"{change.name:<{width}}  {words[change.action]}")
    _say_problems(outcome.problems, console)
    console.notice("place", f"{outcome.place}", url=outcome.place)
    return PROBLEMS if outcome.failed else FINE


def _compare(pairs: Sequence[saved.Pair], outcome: saved.Outcome, console: Console) -> int:
    """What push would change, as a unified diff from the server's texts to the files'."""
    found = [(pair, state) for pair in pairs if (state := _state(pair)) != "same"]
    if console.json:
        console.say_json([{"name": pair.name, "state": state} for pair, state in found])
    else:
        for pair, state in found:
            for line in _lines(pair, state):
                console.say(line)
    _say_problems(outcome.problems, console)
    console.notice("place", f"{outcome.place}", url=outcome.place)
    return PROBLEMS if found or outcome.failed else FINE


def _state(pair: saved.Pair) -> str:
    if pair.there is None:
        return "only here"
    if pair.here is None:
        return "only there"
    if pair.there.text is None:
        return "foreign"
    return "same" if pair.there.text == pair.here else "differs"


def _lines(pair: saved.Pair, state: str) -> Iterator[str]:
    if state == "foreign":
        yield f"{pair.name}: the server's is not FlowQL's, and is left"
        return
    there = pair.there.text or "" if pair.there is not None else ""
    before, after = there.splitlines(keepends=True), (pair.here or "").splitlines(keepends=True)
    if len(before) + len(after) > _LONGEST:
        yield f"{pair.name}: {state}, too long to be shown"
        return
    ends = "/dev/null", f"server/{pair.name}", f"searches/{pair.name}"
    names = ends[0 if pair.there is None else 1], ends[0 if pair.here is None else 2]
    for line in unified_diff(before, after, *names):
        yield line.rstrip("\n") if line.endswith("\n") else f"{line}\n\\ no line break at the end"


def _say_problems(problems: Sequence[Finding], console: Console) -> None:
    for _, group in groupby(problems, lambda finding: id(finding.source)):
        same: list[Any] = list(group)
        console.problems((finding.diagnostic for finding in same), same[0].source)
