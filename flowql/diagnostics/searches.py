"""Problems of saved searches: their comment blocks, their names, their folder and the server's."""

from __future__ import annotations

from dataclasses import dataclass

from flowql.diagnostics.base import Diagnostic, listed, nearest

# ── the comment block ─────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class MalformedParameter(Diagnostic):
    """A line of a search's comment begins with a parameter and goes on in no way that one can.

    Example: (a file that begins `# $since last 7d`)
    """

    name: str
    reason: str

    @property
    def message(self) -> str:
        return f"the description of `${self.name}` cannot be read: {self.reason}"

    @property
    def help(self) -> str | None:
        return f"write `# ${self.name} = DEFAULT: what it is`, or without ` = DEFAULT`"


@dataclass(frozen=True, kw_only=True)
class DuplicateParameter(Diagnostic):
    """A search describes one parameter twice.

    Example: (a file with two lines that begin `# $since`)
    """

    name: str
    line: int
    """The line of the first description."""

    @property
    def message(self) -> str:
        return f"`${self.name}` is described twice, first in line {self.line}"


@dataclass(frozen=True, kw_only=True)
class NoSuchParameter(Diagnostic):
    """A search describes a parameter that its query does not have.

    Example: (a file that begins `# $state = FAILED` over `flow_runs where state in $states`)
    """

    name: str
    known: tuple[str, ...]

    @property
    def message(self) -> str:
        return f"`${self.name}` is described, but the query has no such parameter"

    @property
    def help(self) -> str | None:
        if close := nearest(self.name, self.known):
            return f"did you mean `${close}`?"
        if self.known:
            return f"its parameters: {listed('$' + name for name in self.known)}"
        return None


@dataclass(frozen=True, kw_only=True)
class BadDefault(Diagnostic):
    """The default of a search's parameter does not fit where the parameter stands.

    Example: (a file that begins `# $state = FAILD` over `flow_runs where state = $state`)
    """

    name: str
    reason: str
    offer: str | None = None

    @property
    def message(self) -> str:
        return f"this is no default for `${self.name}`: {self.reason}"

    @property
    def help(self) -> str | None:
        return self.offer


# ── names and the folder ──────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class BadSearchName(Diagnostic):
    """A saved search has a name that none can have.

    A name is that of the file below the folder of searches, without `.flowql`: `late`, or
    `team/late` for `searches/team/late.flowql`. It leads nowhere else.

    Example: (`flowql run @../late`)
    """

    name: str
    reason: str

    @property
    def message(self) -> str:
        return f"`{self.name}` is no name of a saved search: {self.reason}"

    @property
    def help(self) -> str | None:
        return "a name is letters, digits, `_`, `-`, `.` and spaces, and `/` below a folder"


@dataclass(frozen=True, kw_only=True)
class UnknownSearch(Diagnostic):
    """There is no saved search of this name.

    Example: (`flowql run @lat`)
    """

    name: str
    folder: str
    known: tuple[str, ...]

    @property
    def message(self) -> str:
        return f"there is no saved search `@{self.name}` in {self.folder}"

    @property
    def help(self) -> str | None:
        if close := nearest(self.name, self.known):
            return f"did you mean `@{close}`?"
        if self.known:
            return f"there are {listed('@' + name for name in self.known)}"
        return "the folder has no *.flowql files"


@dataclass(frozen=True, kw_only=True)
class NoSearches(Diagnostic):
    """There is no folder of saved searches, neither here nor further up.

    Example: (`flowql list` outside of a project)
    """

    start: str

    @property
    def message(self) -> str:
        return f"there is no folder `searches` in {self.start} or above it"

    @property
    def help(self) -> str | None:
        return (
            "`mkdir searches` makes one; `[tool.flowql] searches` in pyproject.toml names another"
        )


@dataclass(frozen=True, kw_only=True)
class BadProject(Diagnostic):
    """The pyproject.toml that may name the folder of searches cannot be read, or names none.

    Example: (`flowql list` below a pyproject.toml with `[tool.flowql]` `searches = 3`)
    """

    path: str
    reason: str

    @property
    def message(self) -> str:
        return f"{self.path} does not say where saved searches are: {self.reason}"


@dataclass(frozen=True, kw_only=True)
class SearchOutside(Diagnostic):
    """A file among the saved searches is a link to somewhere outside of their folder.

    It is not followed: a search is what its folder holds.

    Example: (`searches/late.flowql` as a link to `/etc/passwd`)
    """

    path: str
    folder: str

    @property
    def message(self) -> str:
        return f"{self.path} leads out of {self.folder}"


# ── the server ────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class NoApi(Diagnostic):
    """Saved searches are kept by a Prefect API, and what was named is a database.

    Example: (`flowql saved push --on prefect.db`)
    """

    place: str

    @property
    def message(self) -> str:
        return f"{self.place} is a database; saved searches go to a Prefect API"

    @property
    def help(self) -> str | None:
        return "--on takes the URL of a Prefect API, or `prefect` for the one that is set up"


@dataclass(frozen=True, kw_only=True)
class ForeignSearch(Diagnostic):
    """The server has a saved search of this name that FlowQL did not make; it is left as it is.

    Example: (`flowql saved push` with `searches/late.flowql`, and a view `late` saved in the UI)
    """

    name: str
    url: str

    @property
    def message(self) -> str:
        return f"{self.url} has a saved search `{self.name}` that is not FlowQL's"

    @property
    def help(self) -> str | None:
        return "give the file another name, or delete that search in the UI"


@dataclass(frozen=True, kw_only=True)
class LocalDiffers(Diagnostic):
    """A file is not what the server has under its name, so pulling would overwrite it.

    Example: (`flowql saved pull` after a change to `searches/late.flowql`)
    """

    name: str
    path: str

    @property
    def message(self) -> str:
        return f"{self.path} differs from what the server has as `{self.name}`"

    @property
    def help(self) -> str | None:
        return "`flowql saved diff` shows how; `pull --force` overwrites the file"


@dataclass(frozen=True, kw_only=True)
class NothingPruned(Diagnostic):
    """Searches are deleted only when it is known which ones there are, so all files must be read.

    Example: (`flowql saved push --prune` with a file that cannot be read)
    """

    @property
    def message(self) -> str:
        return "nothing was deleted: not every file could be read"
