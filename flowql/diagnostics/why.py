"""Problems of explaining why a query selects a row: which row is meant, and what may be asked."""

from __future__ import annotations

from dataclasses import dataclass

from flowql.diagnostics.base import Diagnostic, listed


@dataclass(frozen=True, kw_only=True)
class NoSuchRow(Diagnostic):
    """No row has this id, or this name.

    The rows are those of the query's target: a flow run is looked for where the query is about
    `flow_runs`.

    Example: (`flowql why 'tags has etl' no-such-flow`)
    """

    entity: str
    given: str
    by: tuple[str, ...]

    @property
    def message(self) -> str:
        return f"there is no {self.entity.replace('_', ' ')} of this {' or '.join(self.by)}"

    @property
    def help(self) -> str | None:
        if self.by == ("id",):
            return None
        return "names are compared to the letter; `flowql run` prints those that there are"


@dataclass(frozen=True, kw_only=True)
class AmbiguousRow(Diagnostic):
    """Several rows have this name, so it does not say which is meant.

    Example: (`flowql why 'flow_runs where state = FAILED' nightly`, where two runs have the name)
    """

    entity: str
    given: str
    ids: tuple[str, ...]
    all: bool
    """Whether these are all that have it."""
    within: str | None = None
    """Of what the name is given before a `/`, where names are unique in that alone."""

    @property
    def message(self) -> str:
        return f"several {self.entity.replace('_', ' ')} have this name"

    @property
    def help(self) -> str | None:
        ids = f"give an id: {listed(self.ids)}{'' if self.all else ', …'}"
        if self.within is None:
            return ids
        return (
            f"give the name of its {self.within.replace('_', ' ')} before it, and a `/`; or {ids}"
        )


@dataclass(frozen=True, kw_only=True)
class NotAnId(Diagnostic):
    """Rows of this kind are told apart by their id alone, and this is none.

    Example: (`flowql why 'events where occurred in last 1h' yesterday`)
    """

    entity: str
    given: str

    @property
    def message(self) -> str:
        return f"{self.entity} have no names, and this is no id"

    @property
    def help(self) -> str | None:
        return "an id is a UUID, 32 hexadecimal digits: 0b1c4e8e-5ad1-4b0c-9a53-6b8e1d6a7f10"


@dataclass(frozen=True, kw_only=True)
class RowChanged(Diagnostic):
    """Rows have changed between the questions about them, so the answers do not fit together.

    Example: (`flowql why` on a run that changes its state just then)
    """

    entity: str
    id: str

    @property
    def message(self) -> str:
        what = self.entity.replace("_", " ")
        return f"the {what} {self.id}, or what is related to it, has changed while it was looked at"

    @property
    def help(self) -> str | None:
        return "ask again"


@dataclass(frozen=True, kw_only=True)
class TooManyQuestions(Diagnostic):
    """The query has more conditions than a place is asked about.

    Example: (a query of a thousand conditions)
    """

    limit: int

    @property
    def message(self) -> str:
        return f"to decide every condition of the query takes more than {self.limit:,} questions"

    @property
    def help(self) -> str | None:
        return "ask about a part of the query"
