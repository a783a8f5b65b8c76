"""Why one request cannot say a query: the clause that cannot be said, and what can."""

from __future__ import annotations

from dataclasses import dataclass

from flowql.diagnostics.base import Diagnostic, listed, nearest

_SQL = "SQL can ask this: `flowql sql …`"

# ── and, or, not ──────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class OrAcrossEntities(Diagnostic):
    """An `or` joins conditions on different entities.

    A body's top-level keys, one an entity, are joined by `and`.

    Example:

        name = ingest or any run (state = FAILED)
    """

    entity: str
    relation: str

    @property
    def message(self) -> str:
        return (
            f"a body joins entities by `and` alone; this `or` is of {self.entity}"
            f" and of `{self.relation}`"
        )

    @property
    def help(self) -> str | None:
        return _SQL


@dataclass(frozen=True, kw_only=True)
class MixedAndOr(Diagnostic):
    """Conditions on one entity are joined by `and` and by `or`.

    An entity's filter in a body is one `and` or one `or` of its criteria.

    Example:

        flow_runs where name = a and (state = FAILED or tags has b)
    """

    entity: str
    word: str

    @property
    def message(self) -> str:
        return (
            f"a body joins the conditions on {self.entity} by one `and` or one `or`;"
            f" this `{self.word}` is a second level"
        )

    @property
    def help(self) -> str | None:
        return _SQL


@dataclass(frozen=True, kw_only=True)
class OrInOneField(Diagnostic):
    """An `or` joins conditions whose criteria a body can only join by `and`.

    Example:

        flow_runs where end_time < 2026-01-01 or end_time > 2026-02-01
    """

    criterion: str

    @property
    def message(self) -> str:
        return f"a body joins what it says of `{self.criterion}` by `and`, not by `or`"

    @property
    def help(self) -> str | None:
        return _SQL


@dataclass(frozen=True, kw_only=True)
class CriterionTwice(Diagnostic):
    """Two conditions need the same criterion, which stands in a body once.

    Example:

        name contains a and name contains b
    """

    criterion: str
    entity: str

    @property
    def message(self) -> str:
        return f"a body says `{self.criterion}` of {self.entity} once, and this needs it again"

    @property
    def help(self) -> str | None:
        return _SQL


# ── related rows ──────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class SecondWitness(Diagnostic):
    """Two related rows may meet the conditions; a body speaks of one.

    In a body one run meets all of `flow_runs` and `task_runs`, one deployment all
    of `deployments` and `work_pools`.

    Example:

        any run (state = FAILED) and any run (tags has nightly)
    """

    relation: str

    @property
    def message(self) -> str:
        return f"a body speaks of one `{self.relation}`, and this may be another one"

    @property
    def help(self) -> str | None:
        return f"if it is to be the same one: `any {self.relation} (… and …)`; if not, {_SQL}"


@dataclass(frozen=True, kw_only=True)
class UnsayableQuantifier(Diagnostic):
    """A body can only ask that some related row meets conditions.

    `no`, `every`, `latest` and `count` are beyond it.

    Example:

        no run (state = FAILED)
    """

    quantifier: str
    relation: str

    @property
    def message(self) -> str:
        return f"a body can ask for any `{self.relation}`, not for `{self.quantifier}`"

    @property
    def help(self) -> str | None:
        return _SQL


@dataclass(frozen=True, kw_only=True)
class NoFilterKey(Diagnostic):
    """The endpoint's body has no key for these related rows.

    Example:

        flow_runs where parent_run.name = nightly
    """

    endpoint: str
    relation: str
    keys: tuple[str, ...]

    @property
    def message(self) -> str:
        return f"a body for {self.endpoint} cannot speak of `{self.relation}`"

    @property
    def help(self) -> str | None:
        return f"its keys are {listed(self.keys)}; {_SQL}"


# ── single conditions ─────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class NoCriterion(Diagnostic):
    """The entity's filter model has no criterion for the condition.

    Example:

        name ends with nightly
    """

    entity: str
    condition: str
    criteria: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        return f"a body has no criterion for `{self.condition}` of {self.entity}"

    @property
    def help(self) -> str | None:
        if not self.criteria:
            return _SQL
        return f"of this field it has {listed(self.criteria)}; {_SQL}"


@dataclass(frozen=True, kw_only=True)
class WildcardInText(Diagnostic):
    r"""A text holds `%`, `_` or `\`, which are wildcards in a body.

    `like_` and `startswith_` match patterns, and nothing escapes the wildcards on
    every database, so the very characters cannot be asked for.

    Example:

        name contains a_b
    """

    condition: str
    character: str

    @property
    def message(self) -> str:
        return (
            f"`{self.condition}` means the very character `{self.character}`;"
            " in a body it would be a wildcard"
        )

    @property
    def help(self) -> str | None:
        if self.character == "\\":
            return _SQL
        return f"with `like` it is a wildcard for you as well; else {_SQL}"


# ── what one request holds ────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class UnsearchableText(Diagnostic):
    """A search cannot look for this text as FlowQL does.

    It drops words that are empty or white. It folds its own capitals beyond ASCII, but on
    SQLite not those that are stored.

    Example:

        logs where text contains "École"
    """

    value: str

    @property
    def message(self) -> str:
        return "Prefect's search does not find this text where it stands"

    @property
    def help(self) -> str | None:
        return _SQL


@dataclass(frozen=True, kw_only=True)
class UnsayableSearch(Diagnostic):
    """Conditions on a searched text are more than one search can say.

    A search of at most 200 characters says which words must be there, which must not,
    and one list of words of which one must be.

    Example:

        logs where (text contains a or text contains b) and (text contains c or text contains d)
    """

    criterion: str

    @property
    def message(self) -> str:
        return f"one `{self.criterion}` cannot say all of this"

    @property
    def help(self) -> str | None:
        return f"it holds one list of alternatives and 200 characters; {_SQL}"


@dataclass(frozen=True, kw_only=True)
class TooManyTags(Diagnostic):
    """One list of tags has more than a server on SQLite can take.

    Example: (`tags has all […]` with more than 127 tags)
    """

    count: int
    limit: int

    @property
    def message(self) -> str:
        return f"{self.count:,} tags in one list; Prefect on SQLite takes {self.limit:,}"

    @property
    def help(self) -> str | None:
        return _SQL


@dataclass(frozen=True, kw_only=True)
class TooManyPrefixes(Diagnostic):
    """More beginnings of a name than a server on SQLite can take.

    Example: (an `or` of more than 900 `work_queue.name starts with …`)
    """

    count: int
    limit: int

    @property
    def message(self) -> str:
        return f"{self.count:,} alternatives of `starts with`; a body takes {self.limit:,}"

    @property
    def help(self) -> str | None:
        return _SQL


@dataclass(frozen=True, kw_only=True)
class TooManyInRequest(Diagnostic):
    """The request holds more values than one statement of PostgreSQL can.

    Example: (`id in […]` with more than 32,765 ids)
    """

    count: int
    limit: int

    @property
    def message(self) -> str:
        return f"the request would hold {self.count:,} values; a server takes {self.limit:,}"

    @property
    def help(self) -> str | None:
        return _SQL


@dataclass(frozen=True, kw_only=True)
class TextTooLong(Diagnostic):
    """A text is longer than a pattern may be on SQLite.

    Example: (`name contains …` with 50,000 bytes)
    """

    length: int
    limit: int

    @property
    def message(self) -> str:
        return f"the text has {self.length:,} bytes; a pattern on SQLite holds {self.limit:,}"

    @property
    def help(self) -> str | None:
        return _SQL


@dataclass(frozen=True, kw_only=True)
class FarTime(Diagnostic):
    """A time with a fraction of a second is centuries away from now.

    Prefect on PostgreSQL rounds the microseconds of times more than 2³³ seconds
    from the year 2000; whole seconds stay exact.

    Example: (`end_time < 3000-01-01`, whose last moment is a microsecond before)
    """

    time: str

    @property
    def message(self) -> str:
        return f"Prefect on PostgreSQL rounds `{self.time}` to another microsecond"

    @property
    def help(self) -> str | None:
        return f"times of the years 1730 to 2269, and whole seconds, are kept; {_SQL}"


# ── clauses and endpoints ─────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class SelectInRequest(Diagnostic):
    """Prefect's API answers whole rows.

    Example:

        flows where tags has etl select name
    """

    @property
    def message(self) -> str:
        return "a request cannot choose fields: Prefect answers whole rows"

    @property
    def help(self) -> str | None:
        return "drop the clause, or let `flowql run` pick the fields from the answer"


@dataclass(frozen=True, kw_only=True)
class DistinctInRequest(Diagnostic):
    """Prefect's API answers every row that a filter selects, not one of each.

    Example:

        flow_runs where state = FAILED distinct flow_id
    """

    @property
    def message(self) -> str:
        return "a request cannot keep one row of each: Prefect answers every row of the filter"

    @property
    def help(self) -> str | None:
        return f"drop the clause, or {_SQL}"


@dataclass(frozen=True, kw_only=True)
class SortInRequest(Diagnostic):
    """The endpoint does not sort that way.

    Example:

        flow_runs where state = FAILED sort end_time
    """

    entity: str
    sorts: tuple[str, ...]

    @property
    def message(self) -> str:
        if not self.sorts:
            return f"a request for {self.entity} has a fixed order"
        return f"a request for {self.entity} has no such sort"

    @property
    def help(self) -> str | None:
        if not self.sorts:
            return f"drop the clause, or {_SQL}"
        return f"it sorts by one of {listed(self.sorts)}; {_SQL}"


@dataclass(frozen=True, kw_only=True)
class LimitInRequest(Diagnostic):
    """A page has more rows than the server gives in one answer.

    Example:

        flow_runs where state = FAILED limit 500
    """

    value: int
    limit: int

    @property
    def message(self) -> str:
        return f"one request answers at most {self.limit} rows, not {self.value:,}"

    @property
    def help(self) -> str | None:
        return f"write `limit {self.limit}` and take pages; {_SQL}"


@dataclass(frozen=True, kw_only=True)
class NoEndpoint(Diagnostic):
    """Prefect has no endpoint that answers this of the entity.

    Example:

        work_queues where priority = 1 count
    """

    entity: str
    what: str

    @property
    def message(self) -> str:
        return f"Prefect has no endpoint that {self.what} {self.entity}"

    @property
    def help(self) -> str | None:
        return _SQL


@dataclass(frozen=True, kw_only=True)
class WrongEndpoint(Diagnostic):
    """The endpoint asked for does not take the query's filters.

    Example: (`flow_runs` with `endpoint="/flows/filter"`)
    """

    endpoint: str
    entity: str
    known: tuple[str, ...]

    @property
    def message(self) -> str:
        return f"`{self.endpoint}` is no endpoint that reads {self.entity}"

    @property
    def help(self) -> str | None:
        if close := nearest(self.endpoint, self.known):
            return f"did you mean `{close}`?"
        return f"it is one of {listed(self.known)}"


@dataclass(frozen=True, kw_only=True)
class ClauseAtEndpoint(Diagnostic):
    """A clause says what the endpoint asked for does not take.

    Example: (`flows limit 5` with `endpoint="/flows/count"`)
    """

    clause: str
    endpoint: str
    offer: str | None = None

    @property
    def message(self) -> str:
        return f"`{self.endpoint}` does not take `{self.clause}`"

    @property
    def help(self) -> str | None:
        return self.offer


@dataclass(frozen=True, kw_only=True)
class NeverSent(Diagnostic):
    """The endpoint changes rows; its bodies are read, never written.

    Example: (`query.to_request("/flow_runs/bulk_delete")`)
    """

    endpoint: str

    @property
    def message(self) -> str:
        return f"`{self.endpoint}` changes rows, and requests written here only read"


@dataclass(frozen=True, kw_only=True)
class PathNeedsValue(Diagnostic):
    """The endpoint's path has a place for a value that the query does not give.

    Example:

        workers where status = ONLINE
    """

    endpoint: str
    field: str
    value: str | None = None

    @property
    def message(self) -> str:
        which = "which" if self.value is None else f"that it is `{self.value}`"
        return (
            f"`{self.endpoint}` answers for one `{self.field}`, and the query does not say {which}"
        )

    @property
    def help(self) -> str | None:
        return f"add `{self.field} = {'…' if self.value is None else self.value}`"


@dataclass(frozen=True, kw_only=True)
class UnsayableInPath(Diagnostic):
    """No path of a request leads to a name with a slash, nor to `.` and `..`.

    Clients and servers take these for parts of the path.

    Example:

        workers where work_pool.name = "on/prem"
    """

    endpoint: str
    value: str

    @property
    def message(self) -> str:
        return f"`{self.value}` has no place in `{self.endpoint}`"

    @property
    def help(self) -> str | None:
        return _SQL


@dataclass(frozen=True, kw_only=True)
class UnknownArgument(Diagnostic):
    """The endpoint has no such key.

    Example: (`query.to_request("/flow_runs/history", arguments={"start": …})`)
    """

    name: str
    endpoint: str
    known: tuple[str, ...]

    @property
    def message(self) -> str:
        return f"`{self.endpoint}` has no `{self.name}`"

    @property
    def help(self) -> str | None:
        if close := nearest(self.name, self.known):
            return f"did you mean `{close}`?"
        return (
            f"beside filters, sort and page it takes {listed(self.known)}" if self.known else None
        )


@dataclass(frozen=True, kw_only=True)
class WrongArgument(Diagnostic):
    """A value for the endpoint is not what it takes.

    Example: (`query.to_request("/flow_runs/history", arguments={"history_interval_seconds": 0})`)
    """

    name: str
    endpoint: str
    wanted: str

    @property
    def message(self) -> str:
        return f"`{self.name}` of `{self.endpoint}` is {self.wanted}, and this is not"


@dataclass(frozen=True, kw_only=True)
class MissingArgument(Diagnostic):
    """The endpoint wants more than filters.

    Example: (`query.to_request("/flow_runs/history")`)
    """

    endpoint: str
    names: tuple[str, ...]

    @property
    def message(self) -> str:
        return f"`{self.endpoint}` wants {listed(self.names)} as well"

    @property
    def help(self) -> str | None:
        return "give them as `arguments`"


@dataclass(frozen=True, kw_only=True)
class FixedAtEndpoint(Diagnostic):
    """The endpoint asks for certain values itself, and the query for others.

    Example: (`query.to_request("/ui/task_runs/dashboard/counts")` of failed runs alone)
    """

    endpoint: str
    criterion: str
    values: tuple[str, ...]

    @property
    def message(self) -> str:
        return f"`{self.endpoint}` always asks for `{self.criterion}` {listed(self.values)}"


@dataclass(frozen=True, kw_only=True)
class EndpointWants(Diagnostic):
    """The endpoint wants a criterion that the query does not come to.

    Example: (`query.to_request("/ui/task_runs/dashboard/counts")` without a `start_time`)
    """

    endpoint: str
    criterion: str

    @property
    def message(self) -> str:
        return f"`{self.endpoint}` wants `{self.criterion}`, and the query says nothing of it"


@dataclass(frozen=True, kw_only=True)
class NoRowsInRequest(Diagnostic):
    """The query selects nothing, which no body for the entity can say.

    Example:

        task_workers where task_keys has any []
    """

    entity: str

    @property
    def message(self) -> str:
        return f"the query selects no row, and every request for {self.entity} may answer some"


@dataclass(frozen=True, kw_only=True)
class CaseInRequest(Diagnostic):
    """A server over this database, or over one that was not named, minds case otherwise.

    Prefect matches the beginnings and labels of events by plain LIKE: SQLite ignores the case
    of ASCII letters, PostgreSQL minds it.

    Example:

        events where event starts with "prefect.flow-run"
    """

    wanted: str | None
    known: str | None
    value: str

    @property
    def message(self) -> str:
        if self.known is None:
            return (
                f"a Prefect server matches `{self.value}` so over {self.wanted} alone, "
                "and its database was not named"
            )
        return (
            f"a Prefect server matches `{self.value}` so over {self.wanted}, not over {self.known}"
        )

    @property
    def help(self) -> str | None:
        if self.known is None:
            return (
                f'if that is its database: `database="{self.wanted}"`, `--database {self.wanted}`'
            )
        if self.known == "postgres":
            return 'minding case: `matches "^…"`'
        return "ignoring case: `starts with`"


@dataclass(frozen=True, kw_only=True)
class UnsayableResource(Diagnostic):
    """Of one resource of an event a body says ids, roles, pairs of both, and labels.

    Each stands once; of a label, one list of patterns.

    Example:

        events where any resource (labels.tier is null)
    """

    @property
    def message(self) -> str:
        return "a body cannot ask this of a resource of an event"

    @property
    def help(self) -> str | None:
        return _SQL
