"""Questions about single rows and the rows related to them, asked of a place as queries.

All that an explanation knows it knows by `flowql.run.run`, which answers a query the same wherever
the rows are. Promised: a question is asked once; no more than `MOST` are asked; a question asks
for a number, or for a few rows with the fields that are wanted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from flowql import typed
from flowql.api import Query
from flowql.backends.plan.answers import untold_of
from flowql.catalog import Entity, Field, Gives, Relation, Type, entities
from flowql.catalog.chains import owner
from flowql.diagnostics import FlowQLError
from flowql.diagnostics.why import TooManyQuestions
from flowql.limits import PAGE_SIZE
from flowql.run import Answer, places, run

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    from flowql.run.http import Api
    from flowql.source import Span

NOT_TOLD = frozenset(
    {"not-in-answers", "not-listed", "plan-costly", "plan-too-large", "sql-too-deep"}
)
"""Problems of a place that has no answer to a question, or none that is worth it."""

MOST = 1_000
"""Questions of one explanation: what every condition of the query comes to takes fewer, or is
refused."""

DETAILS = 200
"""Questions after which no more rows are looked for that only illustrate."""

FEW = 3
"""Rows that are shown of many."""

NAMES = ("message", "key", "event", "name", "identifier")
"""Fields that call a row what people call it, the first that its entity has."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The row that is asked about, by what tells it from all others."""

    entity: Entity
    id: UUID | str

    @property
    def itself(self) -> typed.Predicate:
        """The condition that this row alone meets."""
        return typed.In(typed.Column(own_id(self.entity)), (self.id,))


@dataclass(frozen=True, slots=True)
class Ends:
    """The rows at the end of a path from a row: of an entity, those that meet a condition."""

    entity: Entity
    link: typed.Predicate


@dataclass(frozen=True, slots=True)
class Asked:
    """The place that is asked, and what an API may take for one question, as `run` has it."""

    on: str | os.PathLike[str] | None
    timeout: float | None
    database: Literal["sqlite", "postgres"] | None
    max_requests: int | None
    max_rows: int | None


class Questions:
    """Asks the place that the query is asked of, at the query's moment."""

    def __init__(self, query: Query, asked: Asked) -> None:
        self.query = query
        self.shown = ""
        self.shortened = False
        self._of = asked
        self._place = places.find(asked.on)
        self.at_api = isinstance(self._place, places.Api)
        self._api: Api | None = None
        self._answers: dict[typed.Query, Answer] = {}
        self._forms: dict[Relation, bool] = {}

    def __enter__(self) -> Questions:
        return self

    def __exit__(self, *_: object) -> None:
        if self._api is not None:
            self._api.close()

    @property
    def asked(self) -> int:
        """How many questions there have been."""
        return len(self._answers)

    def affords(self, more: int) -> bool:
        """Whether so many questions may be spent on rows that only illustrate."""
        if self.asked + more <= DETAILS:
            return True
        self.shortened = True
        return False

    def told(self, columns: Iterable[typed.Column]) -> tuple[typed.Column, ...]:
        """Those of some columns whose values the place tells: an API's answers lack a few."""
        return tuple(c for c in columns if not self.at_api or untold_of([c]) is None)

    # ── asking ────────────────────────────────────────────────────────────────

    def ask(self, question: typed.Query, span: Span | None = None) -> Answer:
        """The answer to a query; problems point into the text that is explained."""
        answer = self._answers.get(question)
        if answer is None:
            if self.asked >= MOST:
                raise FlowQLError([TooManyQuestions(span=span, limit=MOST)], self.query.source)
            answer = self._answers[question] = self._answer(self._about(question))
            self.shown = answer.place
        return answer

    def _answer(self, question: Query) -> Answer:
        """What `run` gives; but an API is connected to once for all questions."""
        if not isinstance(self._place, places.Api):
            return run(question, self._of.on)
        from flowql.run.drivers import drive
        from flowql.run.evaluation import evaluate
        from flowql.run.http import Api
        from flowql.run.settings import connection

        try:
            of = self._of
            plan = question.to_plan(of.database)
            evaluation = evaluate(plan, of.database, of.max_requests, of.max_rows)
            if self._api is None:
                self._api = Api(connection(self._place.url), of.timeout)
            return replace(drive(evaluation, self._api), place=self._api.shown)
        except FlowQLError as error:
            error.source = error.source or question.source
            raise

    def one_request(self, question: typed.Query) -> bool:
        """Whether a single request says a query, so that an API answers it at no expense."""
        try:
            self._about(question).to_request(database=self._of.database)
        except FlowQLError:
            return False
        return True

    def _about(self, question: typed.Query) -> Query:
        return Query(question, self.query.now, self.query.timezone, source=self.query.source)

    def holds(self, subject: Subject, condition: typed.Predicate) -> bool:
        """Whether a row makes a condition true."""
        entity = subject.entity
        both = typed.conjunction([subject.itself, condition])
        wanted = (typed.Column(own_id(entity)),)
        question = typed.Query(entity, both, limit=1, select=wanted)
        return bool(self.ask(question, getattr(condition, "span", None)).rows)

    def row(self, subject: Subject, columns: Iterable[typed.Column]) -> dict[str, Any] | None:
        """The values of a row, by their fields; None where there is no such row any more."""
        found, _ = self.some(Ends(subject.entity, subject.itself), typed.TRUE, columns, 1)
        return found[0] if found else None

    def some(
        self,
        ends: Ends,
        where: typed.Predicate,
        columns: Iterable[typed.Column] = (),
        limit: int = FEW,
        sort: tuple[typed.SortKey, ...] | None = None,
    ) -> tuple[list[dict[str, Any]], int | None]:
        """A few rows that meet a condition, the newest first, and how many there are if it is said.

        The rows have their id, their name and the columns asked for.
        """
        entity = ends.entity
        wanted = dict.fromkeys([*identity(entity), *self.told(columns)])
        question = typed.Query(
            entity,
            typed.conjunction([ends.link, where]) if where != typed.TRUE else ends.link,
            newest(entity) if sort is None else sort,
            limit=limit,
            select=tuple(wanted),
        )
        answer = self.ask(question)
        if len(answer.rows) < limit:
            return answer.rows, len(answer.rows)
        return answer.rows, answer.count

    def number(self, ends: Ends, where: typed.Predicate) -> int | None:
        """How many rows meet a condition; None where an API would have to hand them all over."""
        entity = ends.entity
        both = typed.conjunction([ends.link, where]) if where != typed.TRUE else ends.link
        if self.at_api and not has_count(entity):
            question = typed.Query(entity, both, limit=PAGE_SIZE, select=identity(entity))
            found = len(self.ask(question).rows)
            return found if found < PAGE_SIZE else None
        return self.ask(typed.Query(entity, both, count=True)).count

    # ── related rows ──────────────────────────────────────────────────────────

    def ends(self, subject: Subject, path: tuple[Relation, ...]) -> Ends | None:
        """The rows at the end of a path, each once; None where the way breaks off at a null."""
        # As long as a step leads to one row at most, its id is known from the row itself.
        start = subject
        while path and not path[0].many:
            step, path = path[0], path[1:]
            local = typed.Column(_by_column(subject.entity, step.local))
            row = self.row(subject, [local])
            value = row and row[spelled(local)]
            if value is None:
                return None
            subject = Subject(entities()[step.target], UUID(str(value)))
        if not path:
            return Ends(subject.entity, subject.itself)
        if subject is not start and self.row(subject, ()) is None:
            # The id leads nowhere, though others may have the same.
            return None
        entity = entities()[path[0].target]
        link = self._first(subject, path[0], entity)
        for step in path[1:]:
            entity = entities()[step.target]
            link = typed.Exists(_inverse(step, entity), link)
        return Ends(entity, link)

    def _first(self, subject: Subject, step: Relation, entity: Entity) -> typed.Predicate:
        """The condition on rows that a step leads to from a row.

        It is said of their own column, which an index serves; an API's filters may have only the
        related row.
        """
        own = typed.In(typed.Column(_by_column(entity, step.remote)), (subject.id,))
        if not self.at_api:
            return own
        related = typed.Exists(_inverse(step, entity), subject.itself)
        if step not in self._forms:
            self._forms[step] = not self.one_request(typed.Query(entity, own)) and self.one_request(
                typed.Query(entity, related)
            )
        return related if self._forms[step] else own


# ── what an entity has ────────────────────────────────────────────────────────


def own_id(entity: Entity) -> Field:
    """The field that tells the rows of an entity apart."""
    return entity.by_name.get("id") or entity.by_name["identifier"]


def identity(entity: Entity) -> tuple[typed.Column, ...]:
    """What a row is known by: its id, and its name where it has one."""
    name = next((entity.by_name[name] for name in NAMES if name in entity.by_name), None)
    found = [own_id(entity)] if name is None else [own_id(entity), name]
    return tuple(typed.Column(field) for field in dict.fromkeys(found))


def newest(entity: Entity) -> tuple[typed.SortKey, ...]:
    """The order in which people look at rows, if there is one that an API has too."""
    sorts = entity.endpoints.sorts if entity.endpoints is not None else ()
    for sort in sorts:
        if sort.descending and entity.by_name[sort.field].type is Type.TIME:
            return (typed.SortKey(typed.Column(entity.by_name[sort.field]), True),)
    return ()


def spelled(column: typed.Column) -> str:
    """The name of a column as answers have it."""
    return ".".join((column.field.name, *column.keys))


def _by_column(entity: Entity, name: str) -> Field:
    return next(field for field in entity.fields if field.column == name and not field.keys)


def _inverse(step: Relation, entity: Entity) -> Relation:
    """The relation from the rows that a step leads to back to where it begins.

    Every relation but those of the latest artifacts has one, and nothing leads to these.
    """
    back = (owner(step).name, step.remote, step.local)
    return next(
        relation
        for relation in entity.relations
        if (relation.target, relation.local, relation.remote) == back
    )


def has_count(entity: Entity) -> bool:
    """Whether an API counts its rows."""
    each = entity.endpoints.each() if entity.endpoints is not None else ()
    return any(endpoint.gives is Gives.COUNT for endpoint in each)


def can_be_stored(text: str) -> bool:
    """Whether a text can be in a database: it has no NUL and no half of a character."""
    return "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)
