"""Why a query selects a row: every verdict, number and witness held against memory and the rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

import flowql
from flowql import FlowQLError, typed
from flowql.api import Query
from flowql.backends.predicate import ascii_fold
from flowql.backends.predicate.conditions import Judge
from flowql.backends.predicate.tables import Table, Tables
from flowql.catalog import Entity, entities
from flowql.run.why import Explanation, Finding, Related, as_dict, why
from flowql.run.why.conditions import operands, path_of
from tests import strategies
from tests.oracle.data import AWKWARD

_SETTINGS = settings(suppress_health_check=list(HealthCheck), deadline=None)

REFUSED = {"sql-no-regex", "sql-too-deep", "sql-factor-too-fine"}

MEMBER = {entity.singular: entity for entity in entities().values()}


class Memory:
    """What memory says of single rows: the judge that explanations are held against."""

    def __init__(self, query: Query, fold: Any = ascii_fold) -> None:
        self.query = query
        self.judge = Judge(Tables(AWKWARD, []), fold)

    def table(self, entity: Entity) -> Table:
        return self.judge.tables.table(entity)

    def number(self, entity: Entity, id_: str) -> int:
        rows = self.table(entity).rows
        return next(at for at, row in enumerate(rows) if str(row["id"]) == id_)

    def read(self, text: str, entity: Entity) -> typed.Predicate:
        """A condition that an explanation shows, as it is read alone."""
        read = flowql.parse(
            f"{entity.name} where {text}", now=self.query.now, timezone=self.query.timezone
        )
        return read.typed.filter

    def grounded(self, node: typed.Predicate, entity: Entity) -> typed.Predicate:
        query = Query(typed.Query(entity, node), self.query.now, self.query.timezone)
        return query.grounded().filter

    def verdict(self, node: typed.Predicate, entity: Entity, row: int) -> str:
        found = self.judge.verdict(self.grounded(node, entity), self.table(entity), {row})
        return "true" if found.true else "false" if found.false else "unknown"

    def reached(self, entity: Entity, row: int, path: Any) -> tuple[Entity, set[int]]:
        """The rows at the end of a path."""
        table, rows = self.table(entity), {row}
        for relation in path:
            link = self.judge.tables.link(table, relation)
            table = self.judge.tables.target(table, relation)
            rows = set().union(*(link[one] for one in rows))
        return table.entity, rows

    def meeting(self, node: typed.Predicate, entity: Entity, rows: set[int]) -> set[int]:
        return self.judge.verdict(self.grounded(node, entity), self.table(entity), rows).true

    # ── a whole explanation ───────────────────────────────────────────────────

    def check(self, explanation: Explanation) -> None:
        """Everything that an explanation says is so."""
        entity = self.query.typed.target
        row = self.number(entity, explanation.row.id or "")
        assert explanation.verdict == self.verdict(self.query.typed.filter, entity, row)
        if explanation.finding is not None:
            assert explanation.finding.verdict == explanation.verdict
            self.finding(explanation.finding, entity, row, explanation.shortened)
        for finding in explanation.because:
            assert finding.verdict != "true"

    def finding(self, finding: Finding, entity: Entity, row: int, shortened: bool) -> None:
        node = self.read(finding.text, entity)
        assert finding.verdict == self.verdict(node, entity, row), finding.text
        for part in finding.parts:
            self.finding(part, entity, row, shortened)
        if finding.kind == "condition":
            assert (finding.verdict == "unknown") == (finding.reason is not None)
        if finding.related is not None:
            self.related(finding, finding.related, node, entity, row, shortened)

    def related(
        self,
        finding: Finding,
        related: Related,
        node: typed.Predicate,
        entity: Entity,
        row: int,
        shortened: bool,
    ) -> None:
        match node:
            case typed.Exists(relation, where) | typed.Every(relation, where):
                path: Any = (relation,)
                if not relation.elements:
                    path, where = path_of(node)
            case typed.Latest(path, where):
                pass
            case typed.Count(counted):
                path, where = counted.path, counted.where
            case _:
                raise AssertionError(node)
        target, reached = self.reached(entity, row, path)
        meeting = self.meeting(where, target, reached)
        if related.total is not None:
            assert related.total == len(reached), finding.text
        if related.met is not None:
            assert related.met == len(meeting), finding.text
        if not shortened and related.role not in (None, "latest") and target.name != "tag":
            assert related.met is not None
        if target.name == "tag":
            tags = {self.table(target).rows[one]["value"] for one in meeting}
            for one in related.rows:
                assert (one.name in tags) == (related.role == "witness")
            return
        rows = [self.number(target, shown.id or "") for shown in related.rows]
        assert set(rows) <= reached
        assert len(set(rows)) == len(rows) <= 3
        match related.role:
            case "witness" | "counted":
                assert set(rows) <= meeting
                assert len(rows) == min(3, len(meeting))
            case "counterexample":
                assert not set(rows) & meeting
            case "latest":
                table = self.table(target)
                started = [
                    (table.rows[one]["start_time"], table.rows[one]["id"])
                    for one in reached
                    if table.rows[one]["start_time"] is not None
                ]
                assert [table.rows[one]["id"] for one in rows] == [
                    id_ for _, id_ in sorted(started)[-1:]
                ]
            case "nearest":
                self.nearest(related, where, target, reached, rows[0])
            case None:
                assert not rows
        for shown, number in zip(related.rows, rows, strict=True):
            if shown.finding is not None:
                self.finding(shown.finding, target, number, shortened)

    def nearest(
        self,
        related: Related,
        where: typed.Predicate,
        target: Entity,
        reached: set[int],
        row: int,
    ) -> None:
        """The nearest miss misses what it is said to, and no row misses less."""
        parts = operands(where) if isinstance(where, typed.And) else (where,)
        meeting = [self.meeting(part, target, reached) for part in parts]
        if len(parts) > 1:
            assert [met for _, met in related.each] == [len(rows) for rows in meeting]
        best = max(sum(one in rows for rows in meeting) for one in reached)
        own = sum(row in rows for rows in meeting)
        assert own < len(parts)
        assert own == best or not related.exact


def explained(query: Query, row: str, on: Path | str) -> Explanation:
    """The explanation, or none of this example where the dialect cannot say the query."""
    try:
        return why(query, row, on)
    except FlowQLError as error:
        if {problem.code for problem in error.diagnostics} <= REFUSED:
            assume(False)
        raise


@st.composite
def rows_and_queries(draw: Any) -> tuple[Query, str]:
    target = draw(st.sampled_from([e for e in strategies.TARGETS if e.table in AWKWARD]))
    filter_ = draw(strategies.predicates(target, 4))
    now, zone = draw(strategies.MOMENTS)
    query = Query(typed.Query(target, filter_), now, zone)
    if draw(st.booleans()):
        # The same with a text, of which pieces are shown.
        query = flowql.parse(str(query), now=now, timezone=zone)
    row = draw(st.sampled_from(AWKWARD[target.table]))
    return query, str(row["id"])


@given(rows_and_queries())
@_SETTINGS
def test_every_verdict_and_witness_is_memorys(sqlite_file: Path, asked: tuple[Query, str]) -> None:
    query, row = asked
    try:
        query.grounded()
    except FlowQLError:
        assume(False)
    explanation = explained(query, row, sqlite_file)
    event(explanation.verdict)
    Memory(query).check(explanation)
    json.dumps(as_dict(explanation))
