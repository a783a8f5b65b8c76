"""Where saved searches are, and what they are called.

The folder is `searches`, in the working directory or the nearest above it, or what the
`[tool.flowql] searches` of a pyproject.toml on that way names. A search is a file `*.flowql` in it
or below; its name is the path without the suffix, with `/` between folders.

Nothing leads out of the folder: a name has no `..` and no root, folders that are links are not
entered, and a link to a file elsewhere is a problem. Hidden files and folders are left alone.
"""

from __future__ import annotations

import os
import re
import stat
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from flowql.diagnostics import FlowQLError
from flowql.diagnostics.finding import Finding, findings
from flowql.diagnostics.run import UnreadableFile
from flowql.diagnostics.searches import (
    BadProject,
    BadSearchName,
    NoSearches,
    SearchOutside,
    UnknownSearch,
)
from flowql.searches.file import SUFFIX, Search, decoded, read, unreadable
from flowql.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = "searches"
PROJECT = "pyproject.toml"

_SEGMENT = re.compile(r"\w(?:[\w. -]*[\w-])?")
"""One part of a name: no part is hidden, an option, or what Windows cannot have at the end."""
_TOML_PLACE = re.compile(r" \(at line (\d+), column (\d+)\)$")


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a folder holds: its searches by name, and the problems of files that are none."""

    folder: Path
    searches: tuple[Search, ...]
    problems: tuple[Finding, ...]


def find(start: Path | None = None) -> Path:
    """The folder of searches for a working directory; raises `FlowQLError` where there is none."""
    try:
        start = (start or Path()).absolute()
    except OSError as error:
        raise unreadable(".", error) from None
    for place in (start, *start.parents):
        if (named := _setting(place / PROJECT)) is not None:
            return named
        if _is_folder(place / FOLDER):
            return place / FOLDER
    raise FlowQLError([NoSearches(start=shown(start))])


def load(folder: Path) -> Loaded:
    """Every search of a folder, in the order of names. One bad file leaves the others.

    Raises `FlowQLError` where the folder itself cannot be read.
    """
    searches: list[Search] = []
    problems: list[Finding] = []
    for path in _files(folder, problems):
        try:
            search = _opened(path, folder)
        except FlowQLError as error:
            error.source = error.source or Source("", shown(path))
            problems.extend(findings(error))
            continue
        if (reason := wrong_name(search.name)) is not None:
            bad = BadSearchName(span=Span(0, 0), name=search.name, reason=reason)
            problems.append(Finding(bad, search.source))
        searches.append(search)
    searches.sort(key=lambda search: search.name)
    return Loaded(folder, tuple(searches), tuple(problems))


def named(name: str, folder: Path) -> Search:
    """The search of a name; raises `FlowQLError` where there is none."""
    path = path_of(name, folder)
    try:
        path.lstat()
    except FileNotFoundError:
        known = tuple(sorted(name_of(found, folder) for found in _files(folder, [])))
        raise FlowQLError([UnknownSearch(name=name, folder=shown(folder), known=known)]) from None
    except OSError as error:
        raise unreadable(shown(path), error) from None
    return _opened(path, folder)


def path_of(name: str, folder: Path) -> Path:
    """Where the search of a name belongs; raises `FlowQLError` where a name leads out."""
    if (reason := wrong_name(name)) is not None:
        raise FlowQLError([BadSearchName(name=name, reason=reason)])
    path = folder.joinpath(*f"{name}{SUFFIX}".split("/"))
    _stay(path, folder)
    return path


def wrong_name(name: str) -> str | None:
    """Why a name can be none of a search, or None where it can."""
    for part in name.split("/"):
        if part in ("", ".", ".."):
            return "it is a path that leads elsewhere" if part else "a part of it is empty"
        if not _SEGMENT.fullmatch(part):
            return f"`{part}` has a character that it cannot have there"
    return None


def contents(path: Path) -> str:
    """The text of a file to the last byte, byte order mark included; raises `FlowQLError`."""
    name = shown(path)
    try:
        return decoded(path.read_bytes(), name)
    except (OSError, ValueError) as error:
        raise unreadable(name, error) from None


def shown(path: Path) -> str:
    """A path for messages, from the working directory where that is no longer.

    Bytes that are no UTF-8 become replacement characters.
    """
    try:
        relative = os.path.relpath(path)
    except (OSError, ValueError):
        relative = str(path)
    text = min(relative, str(path), key=len)
    return os.fsencode(text).decode(errors="replace")


def name_of(path: Path, folder: Path) -> str:
    """What the search of a file in the folder is called, whether or not one can be called so."""
    parts = path.relative_to(folder).parts
    return os.fsencode("/".join(parts).removesuffix(SUFFIX)).decode(errors="replace")


# ── files ─────────────────────────────────────────────────────────────────────


def _files(folder: Path, problems: list[Finding]) -> Iterator[Path]:
    """The files of searches below a folder; folders that cannot be read are problems."""
    failed: list[OSError] = []
    for place, folders, files in os.walk(folder, onerror=failed.append):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in sorted(files):
            if name.endswith(SUFFIX) and not name.startswith("."):
                yield Path(place, name)
    for error in failed:
        problem = unreadable(shown(Path(error.filename or folder)), error)
        if error.filename is None or Path(error.filename) == folder:
            raise problem
        problems.extend(findings(problem))


def _opened(path: Path, folder: Path) -> Search:
    _stay(path, folder)
    try:
        regular = stat.S_ISREG(path.stat().st_mode)
    except (OSError, ValueError) as error:
        raise unreadable(shown(path), error) from None
    if not regular:
        # Reading a pipe or a device could go on for ever.
        raise FlowQLError([UnreadableFile(path=shown(path), reason="it is no file")])
    return read(contents(path), name_of(path, folder), path, shown(path))


def _stay(path: Path, folder: Path) -> None:
    """Raises the problem of a file that stands elsewhere, by a link of its own or of a folder."""
    try:
        below = path.parents[: len(path.parents) - len(folder.parents) - 1]
        inside = not any(parent.is_symlink() for parent in below) and (
            path.resolve().is_relative_to(folder.resolve())
        )
    except (OSError, RuntimeError, ValueError) as error:
        # Python 3.11 has links in a circle as a RuntimeError.
        raise unreadable(shown(path), error) from None
    if not inside:
        raise FlowQLError([SearchOutside(path=shown(path), folder=shown(folder))])


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False


# ── pyproject.toml ────────────────────────────────────────────────────────────


def _setting(project: Path) -> Path | None:
    """The folder that a pyproject.toml names, or None where it or the file is missing."""
    try:
        if not project.is_file():
            return None
    except OSError:
        return None
    name = shown(project)
    text = contents(project)
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise _not_toml(name, text, error) from None
    said = document
    for table in ("tool", "flowql"):
        found = said.get(table, {})
        if not isinstance(found, dict):
            return None if table == "tool" else _refuse(name, "`tool.flowql` is no table")
        said = found
    if FOLDER not in said:
        return None
    setting = said[FOLDER]
    if not isinstance(setting, str) or not setting:
        return _refuse(name, "`tool.flowql.searches` is no path")
    if "\0" in setting or Path(setting).is_absolute() or ".." in Path(setting).parts:
        return _refuse(name, f"`{setting}` is no path below the file's own folder")
    if not _is_folder(folder := project.parent / setting):
        return _refuse(name, f"there is no folder `{setting}`")
    return folder


def _refuse(name: str, reason: str) -> NoReturn:
    raise FlowQLError([BadProject(path=name, reason=reason)])


def _not_toml(name: str, text: str, error: Exception) -> FlowQLError:
    """The problem of a file that is no TOML, at its place."""
    reason, span = "it is nested too deep", None
    if isinstance(error, tomllib.TOMLDecodeError):
        reason = f"it is no TOML: {_TOML_PLACE.sub('', str(error)).lower()}"
        if place := _TOML_PLACE.search(str(error)):
            line, column = int(place[1]), int(place[2])
            start = sum(len(one) + 1 for one in text.split("\n")[: line - 1]) + column - 1
            span = Span(start, start + 1)
    return FlowQLError([BadProject(path=name, reason=reason, span=span)], Source(text, name))
