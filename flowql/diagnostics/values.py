"""Problems of operators and values: what a field takes, and what it allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from flowql.diagnostics.base import Diagnostic, Severity, listed, nearest


@dataclass(frozen=True, kw_only=True)
class WrongOperator(Diagnostic):
    """The operator does not go with the field's type.

    Example:

        tags = etl
    """

    field: str
    type: str
    operator: str
    offer: str | None = None

    @property
    def message(self) -> str:
        return f"`{self.operator}` does not go with `{self.field}` ({self.type})"

    @property
    def help(self) -> str | None:
        return self.offer and f"write `{self.offer}`"


@dataclass(frozen=True, kw_only=True)
class WrongValue(Diagnostic):
    """The value cannot be read as the field's type.

    Example:

        flow_runs where start_time > soon
    """

    value: str
    type: str
    wanted: str
    offer: str | None = None

    @property
    def message(self) -> str:
        return f"`{self.value}` is no {self.type}"

    @property
    def help(self) -> str | None:
        return f"write {self.offer}" if self.offer else f"a {self.type} is {self.wanted}"


@dataclass(frozen=True, kw_only=True)
class NotWholeDays(Diagnostic):
    """A day is counted from today in whole days or weeks, an instant from now.

    Example:

        flow_runs where start_time >= today - 3h
    """

    value: str
    offer: str

    @property
    def message(self) -> str:
        return f"`{self.value}` is not counted from today in whole days"

    @property
    def help(self) -> str | None:
        return f"write `{self.offer}`"

    @property
    def replacement(self) -> str | None:
        return self.offer


@dataclass(frozen=True, kw_only=True)
class UnknownChoice(Diagnostic):
    """The value is none of those that the field allows.

    Example:

        flow_runs where state = FAILD
    """

    field: str
    value: str
    choices: tuple[str, ...]
    offer: str | None = None

    @property
    def message(self) -> str:
        return f"`{self.field}` is never `{self.value}`"

    @property
    def help(self) -> str | None:
        if self.offer:
            return self.offer
        if close := self.replacement:
            return f"did you mean `{close}`?"
        return f"it is one of {listed(self.choices)}"

    @property
    def replacement(self) -> str | None:
        return None if self.offer else nearest(self.value, self.choices)


@dataclass(frozen=True, kw_only=True)
class StateName(UnknownChoice):
    """A state *name* stands where a state type belongs.

    `state` is the type of a state (FAILED, SCHEDULED, …); `Late` is the name of
    a SCHEDULED state.

    Example:

        flow_runs where state = Late
    """

    @property
    def help(self) -> str | None:
        return f"`{self.value}` is the name of a state: `state.name = {self.value}`"

    @property
    def replacement(self) -> str | None:
        return None


@dataclass(frozen=True, kw_only=True)
class NullValue(Diagnostic):
    """`null` stands in a comparison, a list or a parameter.

    Comparing with null is never true; whether a value is missing is asked with
    `is null`.

    Example:

        flow_runs where end_time = null
    """

    field: str
    negated: bool = False

    @property
    def message(self) -> str:
        return "`null` is no value to compare with"

    @property
    def help(self) -> str | None:
        return f"write `{self.field} is {'not ' if self.negated else ''}null`"


@dataclass(frozen=True, kw_only=True)
class ListExpected(Diagnostic):
    """One value stands where a list belongs.

    Example:

        flow_runs where state in FAILED
    """

    value: str

    @property
    def message(self) -> str:
        return "a list is expected here"

    @property
    def help(self) -> str | None:
        return f"write `{self.replacement}`"

    @property
    def replacement(self) -> str | None:
        return f"[{self.value}]"


@dataclass(frozen=True, kw_only=True)
class OneValueExpected(Diagnostic):
    """A list, a range or a stretch of time stands where one value belongs.

    Example:

        flow_runs where state = [FAILED, CRASHED]
    """

    operator: str
    offer: str

    @property
    def message(self) -> str:
        return f"`{self.operator}` takes one value"

    @property
    def help(self) -> str | None:
        return f"write `{self.offer}`"


@dataclass(frozen=True, kw_only=True)
class OutOfRange(Diagnostic):
    """A number or time is beyond what databases hold.

    Integers have 64 bits; times stay in the years 1 to 9999 once in UTC.

    Example:

        flow_runs where run_count > 99999999999999999999
    """

    value: str
    bounds: str

    @property
    def message(self) -> str:
        return f"`{self.value}` is out of range: {self.bounds}"


@dataclass(frozen=True, kw_only=True)
class TooPrecise(Diagnostic):
    """A time or duration has more than six decimals; storage has microseconds.

    Example:

        flow_runs where start_time > 2026-11-01T00:00:00.1234567Z
    """

    value: str

    @property
    def message(self) -> str:
        return f"`{self.value}` is finer than a microsecond, which is what is stored"


@dataclass(frozen=True, kw_only=True)
class BackslashInPattern(Diagnostic):
    r"""A `like` pattern holds a backslash.

    A backslash is an escape on PostgreSQL and an ordinary character on SQLite,
    so the pattern would mean two things.

    Example:

        name like "a\\_%"
    """

    @property
    def message(self) -> str:
        return "a `like` pattern holds no backslash: databases disagree on what it means"

    @property
    def help(self) -> str | None:
        return "`contains`, `starts with` and `ends with` take every character as it is"


@dataclass(frozen=True, kw_only=True)
class BadRegex(Diagnostic):
    """The regular expression is outside what every engine means alike.

    Example:

        name matches "(?=a)"
    """

    reason: str
    position: int

    @property
    def message(self) -> str:
        return f"{self.reason} (at character {self.position + 1} of the pattern)"


@dataclass(frozen=True, kw_only=True)
class NegatedEitherName(Diagnostic):
    """`flow_or_deployment_name` takes no negated operator.

    Whether one name or both should differ would be a guess.

    Example:

        deployments where flow_or_deployment_name != etl
    """

    field: str
    operator: str

    @property
    def message(self) -> str:
        return f"`{self.field}` is either of two names and takes no `{self.operator}`"

    @property
    def help(self) -> str | None:
        return f"write `not ({self.field} …)`: neither name does"


@dataclass(frozen=True, kw_only=True)
class UnboundParameter(Diagnostic):
    """A parameter has no value where one is needed.

    `parse` and `check` accept it; a request, inline SQL and rows in memory need it.

    Example: (`flow_runs where state = $state` lowered to a request)
    """

    name: str

    @property
    def message(self) -> str:
        return f"`${self.name}` has no value"

    @property
    def help(self) -> str | None:
        return f"give it with `--set {self.name}=…` or `params={{'{self.name}': …}}`"


@dataclass(frozen=True, kw_only=True)
class UnusedParameter(Diagnostic):
    """A value is given for a parameter that the query does not have.

    Example: (`params={"stat": …}` for `flow_runs where state = $state`)
    """

    name: str
    known: tuple[str, ...]

    @property
    def message(self) -> str:
        return f"the query has no parameter `${self.name}`"

    @property
    def help(self) -> str | None:
        if close := nearest(self.name, self.known):
            return f"did you mean `${close}`?"
        return (
            f"its parameters: {listed('$' + name for name in self.known)}" if self.known else None
        )


@dataclass(frozen=True, kw_only=True)
class WrongParameter(Diagnostic):
    """A parameter's value does not fit where the parameter stands.

    Example: (`params={"since": object()}` for `start_time > $since`)
    """

    name: str
    given: str
    wanted: str

    @property
    def message(self) -> str:
        return f"`${self.name}` is {self.given}, where {self.wanted} is expected"


@dataclass(frozen=True, kw_only=True)
class OrdinaryStar(Diagnostic):
    """A `*` or `%` stands in a value as an ordinary character.

    Example:

        tags has "team:*"
    """

    severity: ClassVar[Severity] = "warning"
    value: str
    offer: str

    @property
    def message(self) -> str:
        return f"`*` in `{self.value}` is an ordinary character here"

    @property
    def help(self) -> str | None:
        return f"write `{self.offer}`"


@dataclass(frozen=True, kw_only=True)
class CaseBeyondAscii(Diagnostic):
    """Letters beyond ASCII are compared ignoring case.

    SQLite folds ASCII letters only, PostgreSQL and DuckDB all of them, so the
    answering database decides.

    Example:

        name contains "MÜNCHEN"
    """

    severity: ClassVar[Severity] = "warning"
    value: str

    @property
    def message(self) -> str:
        return f"the answering database decides whether case counts beyond ASCII in `{self.value}`"
