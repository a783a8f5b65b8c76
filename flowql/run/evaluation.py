"""A plan run, without any transport: requests are yielded in batches and answers sent in.

Promised: the rows of the plan, in its order and on its page. Nothing is half said: the answer comes
whole or not at all. `stepping` asks for the steps.

Each request sees the server's rows at a moment of its own. A walk over pages that changed is begun
anew (`walking`); a row that two answers have differently is counted in `Answer.changed`.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import TYPE_CHECKING, Any, assert_never

from flowql import typed
from flowql.backends.body import Request
from flowql.backends.plan import wanted
from flowql.backends.plan.steps import (
    Counted,
    Fetch,
    Number,
    Peek,
    Plan,
    Size,
    Step,
    Sum,
    fetches,
)
from flowql.backends.predicate.order import answer as selected
from flowql.backends.predicate.order import first_of_each, page_of, sorted_rows
from flowql.backends.predicate.tables import Tables
from flowql.catalog import endpoints
from flowql.diagnostics import FlowQLError
from flowql.limits import MAX_REQUESTS, MAX_ROWS
from flowql.run import Answer
from flowql.run.asking import Asking, together
from flowql.run.joins import Row
from flowql.run.rows import plain
from flowql.run.shapes import NUMBER, identity, rows_of, shaped
from flowql.run.stepping import Stepping, Within

if TYPE_CHECKING:
    from flowql.backends.body.patterns import Database
    from flowql.diagnostics import Diagnostic

Evaluation = Generator[list[Request], list[Any], Answer]


def evaluate(
    plan: Plan,
    database: Database | None = None,
    max_requests: int | None = MAX_REQUESTS,
    max_rows: int | None = MAX_ROWS,
) -> Evaluation:
    """The answer of a plan; limits of None allow everything.

    Raises `FlowQLError` before the first fetch where the server's counts say that it takes more
    than is allowed, and in any case before more is taken.
    """
    return asked_by(Asking(max_requests, max_rows), plan, database)


def asked_by(asking: Asking, plan: Plan, database: Database | None = None) -> Evaluation:
    """The same, by one who can be looked at meanwhile: how much was asked, and is expected."""
    return asking.counted(_Evaluator(plan, database, asking).run())


@dataclass(slots=True)
class _Evaluator:
    plan: Plan
    database: Database | None
    asking: Asking
    steps: Stepping = field(init=False)

    def __post_init__(self) -> None:
        self.steps = Stepping(self.database, self.asking)

    def run(self) -> Evaluation:
        match self.plan.answer:
            case Request() as request:
                answer = yield from self._one(request)
            case Counted() | Sum() | Size() as number:
                count = yield from self._number(number)
                answer = Answer(rows=[], place="", count=count)
            case step:
                answer = yield from self._listed(step)
        asking = self.asking
        return replace(
            answer, requests=asking.requests, fetched=asking.rows, changed=len(asking.changed)
        )

    # ── one request, and numbers ──────────────────────────────────────────────

    def _one(self, request: Request) -> Evaluation:
        query = self.plan.query
        (document,) = yield from self.asking.ask([request])
        if query.count:
            return Answer(rows=[], place="", count=shaped(NUMBER, request, document))
        found = endpoints.find(request.path)
        assert found is not None, request.path
        rows, count = rows_of(query.target, found[1], request, document)
        self.asking.got(rows)
        page, pages = (
            (document.get(key) for key in ("page", "pages"))
            if isinstance(document, dict)
            else (None, None)
        )
        return Answer(rows=self._selected(rows), place="", count=count, page=page, pages=pages)

    def _number(self, number: Number) -> Generator[list[Request], list[Any], int]:
        match number:
            case Counted(entity, where):
                return (yield from self.steps.costs.count(entity, where))
            case Sum(plus, minus):
                found = yield from together([self._number(one) for one in (*plus, *minus)])
                return sum(found[: len(plus)]) - sum(found[len(plus) :])
            case Size(step):
                yield from self._allowed(step)
                rows = yield from self.steps.rows(step)
                return len(rows)
            case _:
                assert_never(number)

    # ── lists ─────────────────────────────────────────────────────────────────

    def _listed(self, step: Step) -> Evaluation:
        query, peek = self.plan.query, self.plan.peek
        if peek is not None and (found := (yield from self._peeked(peek, step))) is not None:
            return found
        yield from self._allowed(step)
        rows = yield from self.steps.rows(step)
        problems: list[Diagnostic] = []
        tables = Tables({query.target.name: list(rows.values())}, problems)
        table = tables.table(query.target)
        ordered = sorted_rows(self._with_nulls(query), tables, table, range(len(table)))
        firsts = first_of_each(query, tables, table, ordered)
        if problems:
            raise FlowQLError(problems)
        if query.count:
            return Answer(rows=[], place="", count=len(firsts))
        page = page_of(query, firsts, _number)
        rows_ = [dict(table.rows[row]) for row in page]
        return Answer(rows=self._selected(rows_), place="", count=len(firsts))

    def _with_nulls(self, query: typed.Query) -> typed.Query:
        """The query with nulls where PostgreSQL puts them, if that is what answers."""
        if self.database != "postgres" or not query.sort:
            return query
        sort = tuple(
            replace(key, nulls=key.nulls or ("first" if key.descending else "last"))
            for key in query.sort
        )
        return replace(query, sort=sort)

    def _peeked(self, peek: Peek, step: Step) -> Generator[list[Request], list[Any], Answer | None]:
        """The answer, if the first page of all rows in question has enough that are wanted."""
        query = self.plan.query
        (document,) = yield from self.asking.ask([peek.request])
        found = endpoints.find(peek.request.path)
        assert found is not None
        rows, _ = rows_of(query.target, found[1], peek.request, document)
        self.asking.got(rows)
        key = identity(query.target)
        page = {str(row[key]): row for row in rows}
        fetch = Fetch(query.target, peek.where)
        within = None
        if len(rows) < found[1].size:
            self.steps.known[fetch, None] = page
        else:
            column = typed.Column(query.target.by_name[key])
            within = Within(key, self.steps.judging.keys(query.target, page, column.field.column))
            self.steps.known[fetch, within] = page
        kept = yield from self.steps.rows(step, within)
        ordered = self._in_order(list(page.values()))
        if within is not None:
            # Rows that are equal to the last one in the order may stand on the next page.
            last = ordered[-1][0]
            ordered = [(place, row) for place, row in ordered if place != last]
        chosen = [row for _, row in ordered if str(row[key]) in kept]
        if within is not None and len(chosen) < wanted(query):
            return None
        numbers = page_of(query, list(range(len(chosen))), _number)
        count = len(chosen) if within is None else None
        return Answer(
            rows=self._selected([chosen[number] for number in numbers]), place="", count=count
        )

    def _in_order(self, rows: list[Row]) -> list[tuple[int, Row]]:
        """Rows in the server's own order, equal ones by descending id; and the place of each.

        Rows that are equal in the sort keys have one place.
        """
        entity = self.plan.query.target
        columns = [key.column for key in self.plan.query.sort]
        if not columns:
            columns = [typed.Column(entity.by_name[entity.default_sort.field])]
        found: list[tuple[int, Row]] = []
        ids = identity(entity)
        keys = self.steps.judging.compared(
            entity, rows, [*columns, typed.Column(entity.by_name[ids])]
        )
        place = 0
        for number, row in enumerate(rows):
            if number and keys[number][:-1] != keys[number - 1][:-1]:
                place = number
            found.append((place, row))
        order = sorted(range(len(rows)), key=lambda one: keys[one][-1], reverse=True)
        return sorted((found[one] for one in order), key=itemgetter(0))

    def _selected(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The rows reduced to what the query selects."""
        query = self.plan.query
        if query.select is None:
            return rows
        problems: list[Diagnostic] = []
        tables = Tables({query.target.name: rows}, problems)
        table = tables.table(query.target)
        chosen = selected(query, tables, table, list(range(len(rows))))
        if problems:
            raise FlowQLError(problems)
        return [plain(row) for row in chosen]

    def _allowed(self, step: Step) -> Generator[list[Request], list[Any], None]:
        """Refuse what comes to more than is allowed, as far as the server's counts tell."""
        if len(fetches(step)) > 1:
            yield from self.steps.costs.learn(step)
            self.steps.costs.refuse_beyond(step)


def _number(value: typed.Point) -> int | None:
    assert isinstance(value, int)
    return value
