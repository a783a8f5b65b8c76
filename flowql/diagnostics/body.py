"""Problems of a request body: what the server refuses, and what it silently ignores.

`pointer` is the JSON pointer of the place in the body.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from flowql.diagnostics.base import Diagnostic, Severity, listed, nearest

# ── where it was sent ─────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class UnknownPath(Diagnostic):
    """The path is none of an endpoint whose bodies can be read.

    Example: (the path `/flow/filter`)
    """

    path: str
    known: tuple[str, ...]

    @property
    def message(self) -> str:
        return f"`{self.path}` is no endpoint that filters, pages or counts"

    @property
    def help(self) -> str | None:
        if close := nearest(self.path, self.known):
            return f"did you mean `{close}`?"
        return f"it is one of {listed(self.known, 20)}"


@dataclass(frozen=True, kw_only=True)
class UnknownServer(Diagnostic):
    """What a body means to this version of the server is not known.

    Example: (`server="2.20"`)
    """

    version: str

    @property
    def message(self) -> str:
        return f"what a body means to Prefect {self.version} is not known"

    @property
    def help(self) -> str | None:
        return "name a version of 3.8 or 3.9, such as `3.8.8` or `3.9`"


@dataclass(frozen=True, kw_only=True)
class NotJson(Diagnostic):
    """The body is no JSON.

    Example: (the body `{"limit": }`)
    """

    reason: str

    @property
    def message(self) -> str:
        return f"the body is no JSON: {self.reason}"


# ── what the server refuses ───────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class UnknownCriterion(Diagnostic):
    """A filter has no such key; the server answers 422.

    Example: (the body `{"flows": {"nmae": {"any_": ["a"]}}}`)
    """

    key: str
    known: tuple[str, ...]

    @property
    def message(self) -> str:
        return f"there is no `{self.key}` here"

    @property
    def help(self) -> str | None:
        if close := nearest(self.key, self.known):
            return f"did you mean `{close}`?"
        return f"it is one of {listed(self.known, 20)}"


@dataclass(frozen=True, kw_only=True)
class WrongJson(Diagnostic):
    """A value is not of the type that belongs here; the server answers 422.

    Example: (the body `{"flows": {"id": {"any_": ["x"]}}}`)
    """

    found: str
    wanted: str

    @property
    def message(self) -> str:
        return f"{self.found} stands where {self.wanted} belongs"


@dataclass(frozen=True, kw_only=True)
class WrongChoice(Diagnostic):
    """A value is none of those that are allowed here; the server answers 422.

    Example: (the body `{"sort": "name_asc"}`)
    """

    found: str
    choices: tuple[str, ...]

    @property
    def message(self) -> str:
        return f"{self.found} is none of what is allowed here"

    @property
    def help(self) -> str | None:
        if close := nearest(self.found.strip('"'), self.choices):
            return f"did you mean `{close}`?"
        return f"it is one of {listed(self.choices)}"


@dataclass(frozen=True, kw_only=True)
class WrongTime(Diagnostic):
    """A time is not written in full, or is none.

    Servers on Python 3.12 and older also read parts of a time (`2026-11`, `12:00`),
    servers on newer ones answer 422, so what it means depends on the server.

    Example: (the body `{"flow_runs": {"end_time": {"after_": "2026-11"}}}`)
    """

    found: str

    @property
    def message(self) -> str:
        return f"{self.found} is no full time"

    @property
    def help(self) -> str | None:
        return "write ISO 8601 with `Z`, such as 2026-11-01T12:00:00Z"


@dataclass(frozen=True, kw_only=True)
class NumberOutside(Diagnostic):
    """A number is beyond what the endpoint takes; the server answers 422 or 500.

    Example: (the body `{"limit": 500}`)
    """

    key: str
    value: int
    least: int
    most: int

    @property
    def message(self) -> str:
        return f"`{self.key}` is {self.least:,} to {self.most:,}, not {self.value:,}"


@dataclass(frozen=True, kw_only=True)
class BackslashInBody(Diagnostic):
    r"""A pattern holds a backslash: an escape on PostgreSQL, itself on SQLite.

    So the body selects other rows on other databases.

    Example: (the body `{"flows": {"name": {"like_": "a\\_b"}}}`)
    """

    criterion: str

    @property
    def message(self) -> str:
        return (
            f"`{self.criterion}` holds a backslash, which is an escape on PostgreSQL"
            " and an ordinary character on SQLite"
        )


@dataclass(frozen=True, kw_only=True)
class MissingKey(Diagnostic):
    """The endpoint wants a key that the body lacks; the server answers 422, or fails.

    Example: (the body `{}` at `/flow_runs/history`)
    """

    key: str

    @property
    def message(self) -> str:
        return f"the endpoint wants `{self.key}`, which the body lacks"


@dataclass(frozen=True, kw_only=True)
class CaseOfDatabase(Diagnostic):
    """Whether case counts here depends on the server's database, which was not named.

    Prefect matches the beginnings and labels of events by plain LIKE: SQLite ignores the case
    of ASCII letters, PostgreSQL minds it.

    Example: (the body `{"filter": {"event": {"prefix": ["prefect."]}}}` at `/events/filter`)
    """

    text: str

    @property
    def message(self) -> str:
        return f"whether `{self.text}` is matched by case depends on the server's database"

    @property
    def help(self) -> str | None:
        return 'name it: `database="sqlite"` or `"postgres"`, on the command line `--database`'


@dataclass(frozen=True, kw_only=True)
class LabelOfDatabase(Diagnostic):
    """Whether a label is found depends on the server's database.

    A server over SQLite looks labels up by a path of JSON, in which it finds no name with a
    quotation mark, a backslash or a letter beyond ASCII; over PostgreSQL it finds them all.

    Example: (the body `{"filter": {"resource": {"labels": {"é": "x"}}}}` at `/events/filter`)
    """

    label: str

    @property
    def message(self) -> str:
        return f"a server over SQLite finds no label `{self.label}`, one over PostgreSQL does"

    @property
    def help(self) -> str | None:
        return 'where it is PostgreSQL, name it: `database="postgres"`, `--database postgres`'


@dataclass(frozen=True, kw_only=True)
class TooWildPattern(Diagnostic):
    """A pattern mixes wildcards with `%`, `_` or a backslash, which no condition says.

    Example: (the body `{"filter": {"resource": {"labels": {"x": "a_*b*c"}}}}`)
    """

    @property
    def message(self) -> str:
        return "no condition says this pattern: beside its wildcards it has `%`, `_` or a backslash"


@dataclass(frozen=True, kw_only=True)
class UnsayableSort(Diagnostic):
    """The server sorts by something that is no field of FlowQL.

    Example: (the body `{"sort": "DURATION_DESC"}` for `/task_runs/filter` on 3.9)
    """

    sort: str

    @property
    def message(self) -> str:
        return f"`{self.sort}` sorts by an estimate that the server makes, which is no field"


# ── what the server ignores ───────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class IgnoredKey(Diagnostic):
    """The endpoint does not know the key and ignores it without a word.

    Example: (the body `{"work_queues": {…}}` for `/flow_runs/filter`)
    """

    severity: ClassVar[Severity] = "warning"

    key: str
    known: tuple[str, ...]
    offer: str | None = None

    @property
    def message(self) -> str:
        return f"the endpoint ignores `{self.key}`"

    @property
    def help(self) -> str | None:
        if close := self.offer or nearest(self.key, self.known):
            return f"did you mean `{close}`?"
        return f"it reads {listed(self.known)}"


@dataclass(frozen=True, kw_only=True)
class IgnoredNull(Diagnostic):
    """A null stands for the key being left out; newer releases of FastAPI refuse it.

    Example: (the body `{"flows": null}`)
    """

    severity: ClassVar[Severity] = "warning"

    key: str

    @property
    def message(self) -> str:
        return f"`{self.key}` is null, which is read as if it were left out"

    @property
    def help(self) -> str | None:
        return "leave it out: with newer releases of FastAPI the server answers 422"


@dataclass(frozen=True, kw_only=True)
class EmptyCriterion(Diagnostic):
    """A criterion asks nothing of any row: an empty list that excludes or wants all, or no text.

    Example: (the body `{"flows": {"tags": {"all_": []}}}`)
    """

    severity: ClassVar[Severity] = "note"

    criterion: str
    value: str

    @property
    def message(self) -> str:
        return f"`{self.criterion}`, here {self.value}, asks nothing"


@dataclass(frozen=True, kw_only=True)
class RepeatedKey(Diagnostic):
    """An object has a key twice; the server takes the last.

    Example: (the body `{"limit": 1, "limit": 2}`)
    """

    severity: ClassVar[Severity] = "warning"

    key: str

    @property
    def message(self) -> str:
        return f"`{self.key}` stands in one object more than once; the last one counts"


@dataclass(frozen=True, kw_only=True)
class IgnoredCriterion(Diagnostic):
    """The server accepts the criterion and ignores it.

    Example: (the body `{"deployments": {"concurrency_limit": {"ge_": 1}}}`)
    """

    severity: ClassVar[Severity] = "warning"

    criterion: str

    @property
    def message(self) -> str:
        return f"the server accepts `{self.criterion}` and ignores it"


@dataclass(frozen=True, kw_only=True)
class IgnoredPair(Diagnostic):
    """Up to Prefect 3.9.0, `any_` beside `not_any_` in a state drops them both.

    Example: (the body `{"flow_runs": {"state": {"type": {"any_": ["FAILED"],
    "not_any_": ["CRASHED"]}}}}` with `server="3.8"`)
    """

    severity: ClassVar[Severity] = "warning"

    criterion: str

    @property
    def message(self) -> str:
        return f"servers before 3.9.1 ignore `{self.criterion}` with both `any_` and `not_any_`"

    @property
    def help(self) -> str | None:
        return "leave the values of `not_any_` out of `any_`"


@dataclass(frozen=True, kw_only=True)
class OverriddenCriterion(Diagnostic):
    """Beside `is_null_: true` the server does not look at `any_`.

    Example: (the body `{"task_runs": {"flow_run_id": {"any_": […], "is_null_": true}}}`)
    """

    severity: ClassVar[Severity] = "warning"

    criterion: str
    by: str

    @property
    def message(self) -> str:
        return f"`{self.by}` overrides `{self.criterion}`, which is ignored"


@dataclass(frozen=True, kw_only=True)
class ReplacedCriterion(Diagnostic):
    """The endpoint puts a criterion of its own in place of the body's.

    Example: (the body `{"task_runs": {"state": {…}, …}}` at `/ui/task_runs/dashboard/counts`)
    """

    severity: ClassVar[Severity] = "warning"

    criterion: str
    own: tuple[str, ...]

    @property
    def message(self) -> str:
        return f"the endpoint asks for {listed(self.own)} whatever `{self.criterion}` says"


@dataclass(frozen=True, kw_only=True)
class EverythingMatches(Diagnostic):
    """A criterion left empty under `or_` is true, and so everything matches.

    Example: (the body `{"flows": {"operator": "or_", "name": {}, "tags": {"all_": ["a"]}}}`)
    """

    severity: ClassVar[Severity] = "warning"

    criterion: str

    @property
    def message(self) -> str:
        return f"`{self.criterion}` says nothing, so under `or_` everything matches"


@dataclass(frozen=True, kw_only=True)
class OutsideQuery(Diagnostic):
    """A value says what the endpoint does with the rows, and a query says which rows.

    Example: (the body `{"include_secrets": true}` at `/block_documents/filter`)
    """

    severity: ClassVar[Severity] = "note"
    key: str
    value: str

    @property
    def message(self) -> str:
        return f"`{self.key}`, here {self.value}, is no part of the query"

    @property
    def help(self) -> str | None:
        return f'to write the same request: `to_request(…, arguments={{"{self.key}": …}})`'


@dataclass(frozen=True, kw_only=True)
class EventsWindow(Diagnostic):
    """A request for events that says no beginning looks a stated number of days back.

    Example: (the body `{"filter": {"event": {"name": ["a"]}}}` at `/events/filter`)
    """

    severity: ClassVar[Severity] = "note"
    days: int

    @property
    def message(self) -> str:
        return f"the server looks for events from {self.days} days before today on"

    @property
    def help(self) -> str | None:
        return "`occurred` with `since` says another beginning"
