"""The public functions: the only module that knows both ends of the compiler.

Back ends are imported when they are asked for, so the way from text to a request
body loads neither sqlglot nor pydantic.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flowql import typed
from flowql.diagnostics import FlowQLError
from flowql.diagnostics.moment import NaiveNow, UnknownTimeZone
from flowql.diagnostics.values import OutOfRange
from flowql.frontends import text as text_front
from flowql.limits import DEFAULT, MAX_REQUESTS, MAX_ROWS, Limits
from flowql.resolve import resolve
from flowql.rewrite.ground import OutOfCalendar, ground
from flowql.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    import httpx

    from flowql.backends.body import Request
    from flowql.backends.plan import Plan
    from flowql.backends.sql import Sql
    from flowql.diagnostics import Diagnostic
    from flowql.frontends.captured import Captured
    from flowql.run import Answer

_T = TypeVar("_T")


class Query:
    """A query: resolved, with its moment and time zone, ready for every back end.

    Two queries are equal when they say the same, whatever their moments.
    `now` is the instant that relative times count from, in UTC, and `timezone` the
    IANA name of the zone that periods are whole in.
    """

    __slots__ = ("_contradictions", "_noted", "now", "source", "timezone", "typed")

    def __init__(
        self,
        query: typed.Query,
        now: datetime,
        timezone: str,
        warnings: Iterable[Diagnostic] = (),
        source: Source | None = None,
    ) -> None:
        self.typed = query
        self.now = now
        self.timezone = timezone
        self.source = source
        self._noted = list(warnings)
        self._contradictions: list[Diagnostic] | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Query) and self.typed == other.typed

    def __hash__(self) -> int:
        return hash(self.typed)

    def __repr__(self) -> str:
        return f"flowql.parse({str(self)!r})"

    @property
    def warnings(self) -> list[Diagnostic]:
        """Warnings and notes, in the order of the text; contradictions are among them."""
        # Looked for on first use: a request or SQL does not need them.
        if self._contradictions is None:
            from flowql.rewrite.merge import contradictions

            self._contradictions = contradictions(self._grounded_or_not().filter)
        return sorted([*self._noted, *self._contradictions], key=_place)

    def _grounded_or_not(self) -> typed.Query:
        try:
            return ground(self.typed, self.now, ZoneInfo(self.timezone))
        except OutOfCalendar:
            return self.typed

    def __str__(self) -> str:
        """The canonical text; relative times stay relative."""
        from flowql.backends.text import to_text

        return to_text(self.typed)

    def to_request(
        self,
        endpoint: str | None = None,
        arguments: Mapping[str, Any] | None = None,
        database: Literal["sqlite", "postgres"] | None = None,
    ) -> Request:
        """The one request that selects the same rows.

        `endpoint` names another endpoint that takes the same filters
        (`/flow_runs/filter`), `arguments` what it wants beside them, as JSON values
        (`history_start`), `database` what the server stores its rows in: for events the
        case of letters hangs on it. Raises `FlowQLError` where one request cannot say the query
        exactly.
        """
        from flowql.backends.body import to_request

        return self._lowered(lambda grounded: to_request(grounded, endpoint, arguments, database))

    def to_plan(self, database: Literal["sqlite", "postgres"] | None = None) -> Plan:
        """The requests that together select the same rows, where one may not be enough.

        `database` is what the server stores its rows in, as in `to_request`. Raises `FlowQLError`
        where the API does not tell the rows at all.
        """
        from flowql.backends.plan import to_plan

        return self._lowered(lambda grounded: to_plan(grounded, database))

    def fetch(
        self,
        client: httpx.Client,
        *,
        timeout: float | None = None,
        database: Literal["sqlite", "postgres"] | None = None,
        max_requests: int | None = MAX_REQUESTS,
        max_rows: int | None = MAX_ROWS,
    ) -> Answer:
        """The rows of a Prefect server, whose API the client has as `base_url`.

        The rows of `to_plan`: one request where one says the query, else several. `timeout` is
        how many seconds each may take. Raises `FlowQLError` where it would take more requests or
        rows than allowed (None: any number), before most are sent.
        """
        from flowql.run.client import fetch

        return fetch(self, client, timeout, database, max_requests=max_requests, max_rows=max_rows)

    async def afetch(
        self,
        client: httpx.AsyncClient,
        *,
        timeout: float | None = None,
        database: Literal["sqlite", "postgres"] | None = None,
        max_requests: int | None = MAX_REQUESTS,
        max_rows: int | None = MAX_ROWS,
    ) -> Answer:
        """The same as `fetch`, without blocking."""
        from flowql.run.client import afetch

        return await afetch(
            self, client, timeout, database, max_requests=max_requests, max_rows=max_rows
        )

    def to_sql(self, dialect: str, params: Literal["inline", "bind"] = "inline") -> Sql:
        """SQL over Prefect's own schema: `sqlite`, `postgres` or `duckdb`.

        Values stand in the text, or with `bind` in `params` in the driver's own
        style. Raises `FlowQLError` where the dialect cannot say the query exactly.
        """
        from flowql.backends.sql import to_sql

        return self._lowered(lambda grounded: to_sql(grounded, dialect, params))

    def to_english(self) -> str:
        """What the query means, in words."""
        from flowql.backends.english import to_english

        return to_english(self.typed, self.timezone)

    def select(
        self,
        tables: Mapping[str, Iterable[Mapping[str, Any]]],
        fold: Callable[[str], str] | None = None,
    ) -> list[Mapping[str, Any]]:
        """The rows of `tables` that the query selects: filtered, sorted, paged.

        `tables` maps entity names to rows as Prefect's API or a database gives
        them: times as datetime or ISO text, ids as UUID or text, tags as lists,
        durations as timedelta or seconds, JSON parsed or as text. `fold` folds case where
        case does not count; the default folds ASCII letters only. Raises `FlowQLError`
        where a row lacks what the query needs.
        """
        from flowql.backends.predicate import ascii_fold, select

        return self._lowered(
            lambda grounded: list(select(grounded, tables, fold=fold or ascii_fold))
        )

    def grounded(self) -> typed.Query:
        """The typed query with every time made concrete."""
        try:
            return ground(self.typed, self.now, ZoneInfo(self.timezone))
        except OutOfCalendar as beyond:
            written = "the time"
            if self.source is not None and beyond.span is not None:
                written = self.source.text[beyond.span.start : beyond.span.end]
            problem = OutOfRange(
                span=beyond.span, value=written, bounds="times stay in the years 1 to 9999"
            )
            raise FlowQLError([problem], self.source) from None

    def _lowered(self, lower: Callable[[typed.Query], _T]) -> _T:
        """Lower the query; problems point into its text."""
        try:
            return lower(self.grounded())
        except FlowQLError as error:
            if error.source is None:
                error.source = self.source
            raise


def parse(
    text: str,
    params: Mapping[str, Any] | None = None,
    now: datetime | None = None,
    timezone: str = "UTC",
    *,
    limits: Limits = DEFAULT,
    name: str = "<query>",
) -> Query:
    """The query of a text.

    `params` binds `$name`s to Python values; names left out stay unbound. `now`
    is the instant of the query (aware; default: the present), `timezone` an IANA
    name. `name` names the text in messages. Raises `FlowQLError` with every
    problem.
    """
    query, diagnostics, source = _read(text, params, now, timezone, limits, name)
    if query is None:
        raise FlowQLError([d for d in diagnostics if d.severity == "error"], source)
    return query


def check(
    text: str,
    params: Mapping[str, Any] | None = None,
    now: datetime | None = None,
    timezone: str = "UTC",
    *,
    limits: Limits = DEFAULT,
    name: str = "<query>",
) -> list[Diagnostic]:
    """Every problem, warning and note of a text, in its order; raises nothing."""
    try:
        query, diagnostics, _ = _read(text, params, now, timezone, limits, name)
    except FlowQLError as error:
        return error.diagnostics
    return diagnostics if query is None else query.warnings


def fmt(text: str, *, limits: Limits = DEFAULT, name: str = "<query>") -> str:
    """The text tidied: structure, words and comments kept.

    Raises `FlowQLError` with the syntax problems of a text that has some.
    """
    from flowql.printing import format_query

    tree, diagnostics = text_front.parse(text, limits)
    if diagnostics:
        raise FlowQLError(diagnostics, Source(text, name))
    return format_query(tree)


def from_request(
    path: str,
    body: Mapping[str, Any] | str | bytes | None = None,
    server: str = "3.9",
    *,
    database: Literal["sqlite", "postgres"] | None = None,
    now: datetime | None = None,
) -> Query:
    """The query that a request body means to the named server version.

    `path` is that of an endpoint that takes filters (`flowql.catalog.endpoints`).
    `database` is what the server stores its rows in: for events the case of letters
    hangs on it. What the server ignores is in `warnings`. Raises `FlowQLError` for
    what the server refuses.
    """
    from flowql.frontends.body import from_request as read

    query, warnings = read(path, body, server, database)
    return Query(query, _now(now), "UTC", warnings)


@dataclass(frozen=True, slots=True)
class Reading:
    """A request of a capture, and the query that it means.

    `label` tells it from others of the same text (`entry 5`, `curl 2`) and is empty where
    there is one. `query` is None where `problems` say why; what the server or the page
    ignores is in `query.warnings`. `source` is the text that spans are places in, with all
    hidden that may be secret.
    """

    label: str
    path: str
    query: Query | None
    problems: tuple[Diagnostic, ...] = ()
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Capture:
    """What was read of a text: a `Reading` for each request for rows, in its order.

    `passed_over` counts the requests that ask for none.
    """

    readings: tuple[Reading, ...]
    passed_over: int = 0

    def __iter__(self) -> Iterator[Reading]:
        return iter(self.readings)

    def __len__(self) -> int:
        return len(self.readings)


def from_capture(
    text: str,
    server: str = "3.9",
    path: str | None = None,
    *,
    database: Literal["sqlite", "postgres"] | None = None,
    now: datetime | None = None,
    timezone: str = "UTC",
    name: str = "<request>",
) -> Capture:
    """The queries of the requests in a text as people have it.

    The text is a body that was sent to `path`, a curl command or several, a HAR file, a
    call of `fetch`, or the address of a page of Prefect's. `now` and `timezone` are the
    moment and the zone in which such a page is opened; spans of time that move with the
    moment stay relative. `name` names the text in messages. Raises `FlowQLError` where the
    text has none of these forms or no request for rows; a request that cannot be read is a
    `Reading` with problems.
    """
    from flowql.diagnostics.captured import NothingToRead
    from flowql.frontends.captured import read

    moment = _now(now)
    found = read(text, path, moment, _zone(timezone))
    source = None if found.shown is None else Source(found.shown, name)
    asking = [
        request
        for request in found.requests
        # Of a single POST it is better said that its path is none of an endpoint.
        if request.asks_for_rows
        or request.problems
        or (len(found.requests) == 1 and request.method == "POST")
    ]
    if not asking:
        raise FlowQLError([NothingToRead(passed_over=len(found.requests))], source)
    readings = [_reading(one, server, database, moment, timezone, source) for one in asking]
    return Capture(tuple(readings), len(found.requests) - len(asking))


def from_filters(
    *filters: object,
    target: str | None = None,
    server: str = "3.9",
    database: Literal["sqlite", "postgres"] | None = None,
    now: datetime | None = None,
) -> Query:
    """The query of filter models of Prefect's client or server.

    It means what the server makes of the body that the client sends for them. `target` is
    the entity whose rows are asked for, or the path of an endpoint; left out, it is the
    entity of the one filter given. Raises `FlowQLError` where the target is not known,
    takes no such filter, or the server would refuse the body.
    """
    from flowql.frontends.captured.models import request

    path, body = request(filters, target)
    return from_request(path, body, server, database=database, now=now)


def _reading(
    request: Captured,
    server: str,
    database: Literal["sqlite", "postgres"] | None,
    now: datetime,
    timezone: str,
    source: Source | None,
) -> Reading:
    from flowql.frontends.body import from_request as read
    from flowql.frontends.captured import with_relative_times

    problems = [problem for problem in request.problems if problem.severity == "error"]
    query: Query | None = None
    if not problems:
        try:
            found, warnings = read(request.path, request.body, server, database)
        except FlowQLError as error:
            problems = error.diagnostics
        else:
            if request.window is not None:
                moving = with_relative_times(found.filter, request.window)
                found = replace(found, filter=moving)
            said = [*request.problems, *warnings]
            query = Query(found, request.now or now, timezone, said)
    return Reading(request.label, request.path, query, tuple(problems), source)


def _read(
    text: str,
    params: Mapping[str, Any] | None,
    now: datetime | None,
    timezone: str,
    limits: Limits,
    name: str,
) -> tuple[Query | None, list[Diagnostic], Source]:
    moment = _now(now)
    zone = _zone(timezone)
    source = Source(text, name)
    tree, diagnostics = text_front.parse(text, limits)
    resolved, found = resolve(tree, zone=zone, params=params, limits=limits, spell=_spell)
    if found:
        diagnostics = sorted([*diagnostics, *found], key=_place)
    if any(diagnostic.severity == "error" for diagnostic in diagnostics):
        return None, diagnostics, source
    return Query(resolved, moment, timezone, diagnostics, source), diagnostics, source


def _place(diagnostic: Diagnostic) -> tuple[int, int]:
    return diagnostic.span or (0, 0)


def _spell(condition: typed.Predicate) -> str:
    from flowql.backends.text import condition_to_text

    return condition_to_text(condition)


def _now(now: datetime | None) -> datetime:
    if now is None:
        return datetime.now(UTC)
    if now.tzinfo is None:
        raise FlowQLError([NaiveNow(now=now.isoformat())])
    return now.astimezone(UTC)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise FlowQLError([UnknownTimeZone(name=name)]) from None
