"""The steps of a plan asked for: which requests each takes, by what is known already.

What one step found narrows what the next one asks (`Within`), where a body can say so and it takes
no more requests; the server's counts decide between ways that give the same. Each fetch is asked
once for what it is narrowed to.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, assert_never

from flowql import typed
from flowql.backends.body import Request
from flowql.backends.plan.bodies import Bodies, all_of, in_parts
from flowql.backends.plan.planner import judged, named_by
from flowql.backends.plan.steps import (
    Both,
    Chain,
    Choice,
    Fetch,
    Keep,
    Last,
    Minus,
    Nothing,
    Semi,
    Spread,
    Step,
    Tally,
    Undecided,
    Union,
)
from flowql.backends.predicate.conditions import ascii_fold
from flowql.backends.predicate.tables import column_of
from flowql.catalog import Entity, Relation, entities
from flowql.catalog.walks import Walk, walk
from flowql.run.asking import Asking, together
from flowql.run.bounds import UNCOUNTED
from flowql.run.costs import Costs
from flowql.run.joins import Judging, Row, Rows
from flowql.run.shapes import identity, rows_of
from flowql.run.walking import walked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowql.backends.body.patterns import Database

CHUNK = 200
"""Values by which one request is narrowed: of ids, no more rows than a page has."""

ENOUGH = 2
"""Pages of which all are fetched rather than those that tell the newest rows."""


@dataclass(frozen=True, slots=True)
class Within:
    """The values that a column of the rows wanted has; other rows need not be fetched."""

    column: str
    keys: frozenset[Any]


@dataclass(slots=True)
class Stepping:
    """The rows of steps, as one evaluation asks for them."""

    database: Database | None
    asking: Asking
    bodies: Bodies = field(init=False)
    costs: Costs = field(init=False)
    judging: Judging = field(init=False)
    known: dict[tuple[Step, Within | None], Rows] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.bodies = Bodies(self.database)
        self.costs = Costs(self.bodies, self.asking)
        # Beyond ASCII, PostgreSQL folds the letters that Unicode does.
        fold = str.lower if self.database == "postgres" else ascii_fold
        self.judging = Judging(fold)

    def rows(
        self, step: Step, within: Within | None = None
    ) -> Generator[list[Request], list[Any], Rows]:
        """The rows of a step; with `within` those that have its values are among them."""
        for asked in ((step, None), (step, within)):
            if asked in self.known:
                return self.known[asked]
        found = yield from self._rows(step, within)
        if isinstance(step, Fetch | Spread):
            self.known.setdefault((step, within), found)
        return found

    def _rows(self, step: Step, within: Within | None) -> Generator[list[Request], list[Any], Rows]:
        match step:
            case Nothing():
                return {}
            case Fetch(entity, where, among):
                return (yield from self._fetched(entity, where, among, within))
            case Spread():
                return (yield from self._spread(step))
            case Keep(source, where):
                rows = yield from self.rows(source, within)
                return self.judging.keep(step.entity, rows, where)
            case Union(parts):
                found: Rows = {}
                for rows in (yield from together([self.rows(one, within) for one in parts])):
                    found.update(rows)
                return found
            case Both(parts):
                return (yield from self._both(parts, within))
            case Minus():
                return (yield from self._minus(step, within))
            case Semi():
                return (yield from self._semi(step, within))
            case Tally():
                return (yield from self._tally(step, within))
            case Last():
                return (yield from self._last(step, within))
            case Undecided():
                return (yield from self._undecided(step, within))
            case Choice(options):
                yield from self.costs.learn(step)
                return (yield from self.rows(self.costs.least(options), within))
            case _:
                assert_never(step)

    def _ids(self, entity: Entity, rows: Rows) -> Within:
        key = identity(entity)
        return Within(key, self.judging.keys(entity, rows, key))

    def _fetched(
        self, entity: Entity, where: typed.Predicate, among: typed.In | None, within: Within | None
    ) -> Generator[list[Request], list[Any], Rows]:
        if among is not None:
            return (yield from self._walks(entity, in_parts(where, among)))
        if within is None:
            return (yield from walked(entity, where, self.bodies, self.asking))
        narrowed = self._narrowed(entity, where, within)
        if narrowed is None:
            return (yield from self.rows(Fetch(entity, where)))
        if len(narrowed) > 1:
            pages = yield from self.costs.pages(entity, where)
            if (UNCOUNTED if pages is None else pages) <= len(narrowed):
                return (yield from self.rows(Fetch(entity, where)))
        return (yield from self._walks(entity, narrowed))

    def _narrowed(
        self, entity: Entity, where: typed.Predicate, within: Within
    ) -> list[typed.Predicate] | None:
        """The filters that ask for the rows with these values; None where no body can."""
        keys = sorted(within.keys)
        chunks = [tuple(keys[start : start + CHUNK]) for start in range(0, len(keys), CHUNK)]
        ways: list[tuple[Relation | None, typed.Column]] = [
            (None, column_of(entity, within.column))
        ]
        for relation in entity.relations:
            target = entities()[relation.target]
            if relation.local == within.column and walk(target) is not None:
                ways.append((relation, column_of(target, relation.remote)))
        for relation_, column in ways:
            narrowings = [typed.In(column, chunk) for chunk in chunks]
            filters = [
                all_of([where, typed.Exists(relation_, one) if relation_ else one])
                for one in narrowings
            ]
            filters = [one for one in filters if one != typed.FALSE]
            if all(self.bodies.rows(entity, one) is not None for one in filters):
                return filters
        return None

    def _walks(
        self, entity: Entity, filters: Sequence[typed.Predicate]
    ) -> Generator[list[Request], list[Any], Rows]:
        found: Rows = {}
        walks = [walked(entity, where, self.bodies, self.asking) for where in filters]
        for rows in (yield from together(walks)):
            found.update(rows)
        return found

    def _spread(self, step: Spread) -> Generator[list[Request], list[Any], Rows]:
        rows = yield from self.rows(step.of)
        names = self.judging.keys(step.of.entity, rows, step.column.field.column)
        filters = [
            all_of([step.where, named_by(step.relation, step.column, name)])
            for name in sorted(names)
        ]
        return (yield from self._walks(step.entity, filters))

    def _both(
        self, parts: tuple[Step, ...], within: Within | None
    ) -> Generator[list[Request], list[Any], Rows]:
        first, *others = sorted(parts, key=self.costs.size)
        rows = yield from self.rows(first, within)
        for part in others:
            if not rows:
                break
            also = yield from self.rows(part, self._ids(part.entity, rows))
            rows = {key: row for key, row in rows.items() if key in also}
        return rows

    def _minus(
        self, step: Minus, within: Within | None
    ) -> Generator[list[Request], list[Any], Rows]:
        entity, relation, of = step.entity, step.relation, step.of
        rows = yield from self.rows(step.source, within)
        if not rows:
            return rows
        if relation is not None and of is not None:
            yield from self.costs.learn(step)
            keys = self.judging.keys(entity, rows, relation.local)
            few = self.costs.cost(of, len(keys), unique=relation.remote == "id")
            if few < self.costs.cost(step.without, len(rows)):
                related = (
                    yield from self.rows(of, Within(relation.remote, keys)) if keys else _none()
                )
                return self.judging.related(entity, rows, relation, (of.entity, related), False)
        others = yield from self.rows(step.without, self._ids(entity, rows))
        return {key: row for key, row in rows.items() if key not in others}

    def _semi(self, step: Semi, within: Within | None) -> Generator[list[Request], list[Any], Rows]:
        relation, of = step.relation, step.of
        if step.some and within is None and self.costs.size(of) <= self.costs.size(step.source):
            related = yield from self.rows(of)
            keys = self.judging.keys(of.entity, related, relation.remote)
            rows = yield from self.rows(step.source, Within(relation.local, keys))
        else:
            rows = yield from self.rows(step.source, within)
            keys = self.judging.keys(step.entity, rows, relation.local)
            related = yield from self.rows(of, Within(relation.remote, keys)) if keys else _none()
        return self.judging.related(step.entity, rows, relation, (of.entity, related), step.some)

    def _undecided(
        self, step: Undecided, within: Within | None
    ) -> Generator[list[Request], list[Any], Rows]:
        entity, context = step.entity, step.context
        wheres = [all_of([context, *more]) for more in ([], [step.where], [step.opposite])]
        numbers = yield from together([self.costs.count(entity, where) for where in wheres])
        if numbers[0] == numbers[1] + numbers[2]:
            return {}
        if judged(step.where):
            rows = yield from self.rows(Fetch(entity, context), within)
            return self.judging.undecided(entity, rows, step.where)
        every, true, false = yield from together(
            [self.rows(Fetch(entity, where), within) for where in wheres]
        )
        return {key: row for key, row in every.items() if key not in true and key not in false}

    # ── chains ────────────────────────────────────────────────────────────────

    def _tally(
        self, step: Tally, within: Within | None
    ) -> Generator[list[Request], list[Any], Rows]:
        rows = yield from self.rows(step.source, within)
        led = yield from self._led(step.chain, step.entity, rows)
        shared = None
        if step.share is not None:
            shared = yield from self._led(step.share, step.entity, rows)
        return self.judging.tally(step, rows, led, shared)

    def _last(self, step: Last, within: Within | None) -> Generator[list[Request], list[Any], Rows]:
        rows = yield from self.rows(step.source, within)
        newest = yield from self._newest(step, rows)
        led = [newest] if newest is not None else None
        if led is None:
            led = yield from self._led(step.chain, step.entity, rows)
        among = None
        if step.among is not None:
            end = step.chain.steps[-1].entity
            among = (yield from self.rows(step.among, self._ids(end, led[-1]))) if led[-1] else {}
        return self.judging.last(step, rows, led, among)

    def _newest(self, step: Last, rows: Rows) -> Generator[list[Request], list[Any], Rows | None]:
        """The last started run of each row, where that takes fewer pages than all runs do.

        Of the runs of some rows, the page of those that started last tells the last one of each
        row on it; the next page is asked of the rows that are left.
        """
        end, relation = step.chain.steps[-1], step.chain.path[-1]
        if len(step.chain.path) > 1 or not isinstance(end, Fetch) or not rows:
            return None
        by_start = typed.SortKey(typed.Column(end.entity.by_name["start_time"]), descending=True)
        if not self.bodies.sorts(end.entity, by_start):
            return None
        pages = yield from self.costs.pages(end.entity, end.where)
        if pages is None or pages <= ENOUGH:
            return None
        left = self.judging.keys(step.entity, rows, relation.local)
        found: Rows = {}
        for _ in range(pages):
            if not left:
                return found
            asked = frozenset(sorted(left)[:CHUNK])
            narrowed = self._narrowed(end.entity, end.where, Within(relation.remote, asked))
            request = self.bodies.first(end.entity, narrowed[0], by_start) if narrowed else None
            if request is None:
                return None
            (document,) = yield from self.asking.ask([request])
            page, count = rows_of(end.entity, walk_of(end.entity).endpoint, request, document)
            self.asking.got(page)
            whole = count == len(page)
            told = self._told(end.entity, page, whole=whole)
            found.update(told)
            # A row of which a whole answer tells no run has none.
            done = asked if whole else asked & self.judging.keys(end.entity, told, relation.remote)
            if not done:
                return None
            left -= done
        return None

    def _told(self, entity: Entity, page: list[Row], *, whole: bool) -> Rows:
        """The runs of a page that start later than any run that is not on it."""
        start = typed.Column(entity.by_name["start_time"])
        starts = self.judging.compared(entity, page, [start])
        return {
            str(row["id"]): row
            for row, started in zip(page, starts, strict=True)
            if whole or started != starts[-1]
        }

    def _led(
        self, chain: Chain, entity: Entity, rows: Rows
    ) -> Generator[list[Request], list[Any], list[Rows]]:
        """The rows of each step of a chain, those that the step before leads to among them."""
        found: list[Rows] = []
        for relation, step in zip(chain.path, chain.steps, strict=False):
            keys = self.judging.keys(entity, rows, relation.local)
            if not keys:
                rows = {}
            else:
                rows = yield from self.rows(step, Within(relation.remote, keys))
            found.append(rows)
            entity = step.entity
        return found


def walk_of(entity: Entity) -> Walk:
    """The walk over an entity's rows, of which a fetch has made sure that there is one."""
    way = walk(entity)
    assert way is not None, entity
    return way


def _none() -> Generator[list[Request], list[Any], Rows]:
    yield from ()
    return {}
