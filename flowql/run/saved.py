"""The folder of saved searches and those of a Prefect server, each brought to what the other has.

A server keeps a search as one filter item that holds the whole text, to the last byte, under the
search's name. An item says by its `object` that it is FlowQL's; saved searches without it, such as
views that the UI saves, are foreign and neither changed nor deleted. The server has no way to write
only what is still so, so a search is looked at once more right before it is changed.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, assert_never
from uuid import UUID

from pydantic import BaseModel, TypeAdapter

from flowql.diagnostics import FlowQLError
from flowql.diagnostics.finding import Finding, findings
from flowql.diagnostics.run import (
    ApiTimedOut,
    ApiUnreachable,
    ConnectionLost,
    NotAllowed,
    NotThere,
    UnexpectedAnswer,
    UnwritableFile,
)
from flowql.diagnostics.searches import (
    ForeignSearch,
    LocalDiffers,
    NoApi,
    NothingPruned,
)
from flowql.run import places
from flowql.run.http import OK, Api
from flowql.run.settings import connection
from flowql.searches.file import unreadable
from flowql.searches.folder import load, path_of, shown, wrong_name
from flowql.searches.parameters import check
from flowql.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from flowql.diagnostics import Diagnostic
    from flowql.searches import Loaded

ITEM = {"object": "flowql", "property": "query", "type": "text", "operation": "is"}
"""What tells FlowQL's item from those of others; the text is its `value`."""

PATH = "/saved_searches/"
PAGE = 200
CREATED = OK | {201}

_FINAL = (ApiTimedOut, ApiUnreachable, ConnectionLost, NotAllowed)
"""Problems after which the next request would have them too."""

Action = Literal["create", "update", "delete", "same", "left"]


class Stored(BaseModel):
    """A saved search of the server, FlowQL's or another's."""

    id: UUID
    name: str
    filters: Any = None

    @property
    def text(self) -> str | None:
        """The text of one of FlowQL's; None of a foreign one."""
        match self.filters:
            case [{"value": str(value)} as item]:
                ours = all(item.get(key) == said for key, said in ITEM.items())
                return value if ours else None
            case _:
                return None


STORED = TypeAdapter(Stored)
STORED_LIST = TypeAdapter(list[Stored])


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a search, or on a dry run would."""

    name: str
    action: Action


class Pair(NamedTuple):
    """A name with its text here and its search there, where it has them."""

    name: str
    here: str | None
    there: Stored | None


@dataclass(slots=True)
class Outcome:
    """What was done to whom, and what was in the way."""

    place: str
    changes: list[Change] = field(default_factory=list)
    problems: list[Finding] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        """Whether a problem is in the way, and not only worth a word."""
        return any(finding.diagnostic.severity == "error" for finding in self.problems)


@contextmanager
def opened(on: str | None, timeout: float | None = None) -> Iterator[Api]:
    """The API that is asked: of `on`, or None for the configured one; raises `FlowQLError`."""
    place = places.Api(None) if on is None else places.find(on)
    match place:
        case places.Api(url):
            with Api(connection(url), timeout) as api:
                yield api
        case places.Sqlite() | places.Duck() | places.Folder() | places.Postgres():
            raise FlowQLError([NoApi(place=str(place))])
        case places.Demo():
            raise FlowQLError([NoApi(place="the demo")])
        case _:
            assert_never(place)


def compared(folder: Path, api: Api) -> tuple[list[Pair], Outcome]:
    """Every name of FlowQL's searches here and there, in order; foreign ones that clash are there.

    Raises `FlowQLError` where the folder or the server cannot be read.
    """
    loaded = load(folder)
    return _pairs(loaded, stored(api)), Outcome(api.shown, problems=list(loaded.problems))


def push(folder: Path, api: Api, *, prune: bool = False, dry: bool = False) -> Outcome:
    """Give the server what the folder has. Broken searches stay here, and their problems are told.

    With `prune`, those of FlowQL's searches are deleted there that have no file. On a `dry` run
    nothing is changed. Raises `FlowQLError` where the folder or the server cannot be read.
    """
    loaded = load(folder)
    outcome = Outcome(api.shown, problems=list(loaded.problems))
    held_back = _held_back(loaded, outcome)
    # What cannot be read may be the file of a search that would be deleted.
    prunes = prune and not loaded.problems
    steps: list[Step] = []
    for name, here, there in _pairs(loaded, stored(api)):
        if here is None:
            assert there is not None
            act = partial(_delete, api, there) if prunes else None
            steps.append(Step(Change(name, "delete" if prunes else "left"), act))
        elif there is not None and there.text is None:
            outcome.problems.append(_clash(name, loaded, api))
        elif name in held_back:
            continue
        elif there is not None and there.text == here:
            steps.append(Step(Change(name, "same")))
        else:
            action: Action = "create" if there is None else "update"
            steps.append(Step(Change(name, action), partial(_put, api, name, here, there)))
    _carry_out(steps, outcome, dry=dry)
    if prune and not prunes:
        outcome.problems.append(Finding(NothingPruned()))
    return outcome


def pull(folder: Path, api: Api, *, force: bool = False, dry: bool = False) -> Outcome:
    """Give the folder what the server has of FlowQL's. Files that it has not are left.

    A file that differs is overwritten only with `force`. On a `dry` run nothing is changed. Raises
    `FlowQLError` where the server cannot be read.
    """
    outcome = Outcome(api.shown)
    steps: list[Step] = []
    for there in stored(api):
        if there.text is None:
            continue
        try:
            steps.append(_pulled(there.name, there.text, folder, api, force=force))
        except FlowQLError as error:
            outcome.problems.extend(findings(error))
    _carry_out(steps, outcome, dry=dry)
    return outcome


def stored(api: Api) -> list[Stored]:
    """All saved searches of a server, foreign ones too, by name; raises `FlowQLError`."""
    path = f"{PATH}filter"
    found: dict[UUID, Stored] = {}
    for offset in count(0, PAGE):
        body = {"limit": PAGE, "offset": offset}
        page, _ = api.exchange("POST", path, body, STORED_LIST)
        before = len(found)
        found |= {one.id: one for one in page}
        if len(page) < PAGE:
            return sorted(found.values(), key=lambda one: one.name)
        if len(found) == before:
            reason = "it gives the same page again and again"
            raise FlowQLError([UnexpectedAnswer(url=api.shown + path, reason=reason)])
    raise AssertionError("counting does not end")


# ── comparing ─────────────────────────────────────────────────────────────────


def _pairs(loaded: Loaded, there: Iterable[Stored]) -> list[Pair]:
    """FlowQL's searches here and there by name, with the foreign ones whose names are taken here.

    What has a name that no search can have is no part of this; `load` has told it.
    """
    by_name = {one.name: one for one in there}
    here = {
        search.name: search.contents
        for search in loaded.searches
        if wrong_name(search.name) is None
    }
    ours = {name for name, one in by_name.items() if one.text is not None}
    return [Pair(name, here.get(name), by_name.get(name)) for name in sorted(here.keys() | ours)]


def _clash(name: str, loaded: Loaded, api: Api) -> Finding:
    [path] = [search.shown for search in loaded.searches if search.name == name]
    return Finding(ForeignSearch(name=name, url=api.shown), Source("", path))


def _held_back(loaded: Loaded, outcome: Outcome) -> set[str]:
    """The names of searches that no server should be given, with why."""
    held_back = set()
    for search in loaded.searches:
        source = search.source
        errors: list[Diagnostic] = [one for one in check(search) if one.severity == "error"]
        if errors:
            held_back.add(search.name)
            outcome.problems.extend(Finding(error, source) for error in errors)
    return held_back


# ── changing ──────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Step:
    """A change, and how it is made where there is something to do."""

    change: Change
    act: Callable[[], None] | None = None


def _carry_out(steps: Iterable[Step], outcome: Outcome, *, dry: bool) -> None:
    """Make the changes. What is refused leaves the others; what fails altogether ends it."""
    for step in steps:
        if step.act is not None and not dry:
            try:
                step.act()
            except FlowQLError as error:
                outcome.problems.extend(findings(error))
                if any(isinstance(problem, _FINAL) for problem in error.diagnostics):
                    return
                continue
        outcome.changes.append(step.change)


def _put(api: Api, name: str, text: str, before: Stored | None) -> None:
    if before is not None:
        _still_ours(api, before)
    body = {"name": name, "filters": [{**ITEM, "value": text}]}
    after, _ = api.exchange("PUT", PATH, body, STORED, CREATED)
    if (after.name, after.text) != (name, text):
        reason = f"it keeps something else as `{name}`"
        raise FlowQLError([UnexpectedAnswer(url=api.shown + PATH, reason=reason)])


def _delete(api: Api, before: Stored) -> None:
    _still_ours(api, before)
    api.delete(f"{PATH}{before.id}")


def _still_ours(api: Api, before: Stored) -> None:
    """Raises the problem of a search that someone has meanwhile made his own."""
    try:
        now, _ = api.exchange("GET", f"{PATH}{before.id}", None, STORED)
    except FlowQLError as error:
        if any(isinstance(problem, NotThere) for problem in error.diagnostics):
            return  # It is gone, and so nobody's.
        raise
    if now.text is None:
        raise FlowQLError([ForeignSearch(name=before.name, url=api.shown)])


def _pulled(name: str, text: str, folder: Path, api: Api, *, force: bool) -> Step:
    """What brings a file to the server's text; raises `FlowQLError` where nothing should."""
    path = path_of(name, folder)
    try:
        data = text.encode()
    except UnicodeEncodeError:
        reason = f"`{name}` holds half a character, which no file can"
        raise FlowQLError([UnexpectedAnswer(url=api.shown + PATH, reason=reason)]) from None
    write = partial(_write, path, data)
    try:
        if not path.exists():
            return Step(Change(name, "create"), write)
        if path.is_file() and path.read_bytes() == data:
            return Step(Change(name, "same"))
    except OSError as error:
        raise unreadable(shown(path), error) from None
    if not force:
        raise FlowQLError([LocalDiffers(name=name, path=shown(path))])
    return Step(Change(name, "update"), write)


def _write(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        reason = error.strerror or str(error)
        raise FlowQLError([UnwritableFile(path=shown(path), reason=reason)]) from None
