"""Why a query selects a row: every verdict, number and witness held against memory and the rows."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

import flowql
from flowql import FlowQLError, typed
from flowql.api import Query
from flowql.backends.predicate import ascii_fold
from flowql.backends.predicate.conditions import Judge
from flowql.backends.predicate.tables import Table, Tables
from flowql.catalog import Entity, entities
from flowql.diagnostics import Diagnostic
from flowql.run import Answer
from flowql.run.databases import ask
from flowql.run.why import Explanation, Finding, Related, as_dict, why
from flowql.run.why.conditions import operands, path_of
from flowql.run.why.questions import DETAILS, MOST
from flowql.source import Source
from tests import judge, planned, strategies
from tests.oracle.crowd import CROWD
from tests.oracle.data import AWKWARD, NOW

if TYPE_CHECKING:
    from tests.oracle.server import PrefectServer

_SETTINGS = settings(suppress_health_check=list(HealthCheck), deadline=None)

REFUSED = {
    "sql-no-regex", "sql-too-deep", "sql-factor-too-fine", "not-in-answers", "not-listed",
}  # fmt: skip
"""What a place may say instead."""

MEMBER = {entity.singular: entity for entity in entities().values()}


class Memory:
    """What memory says of single rows: the judge that explanations are held against."""

    def __init__(self, query: Query, tables: Any, fold: Any) -> None:
        self.query = query
        self.judge = Judge(Tables(tables, []), fold)

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
            assert finding.text

    def finding(self, finding: Finding, entity: Entity, row: int, shortened: bool) -> None:
        for part in finding.parts:
            self.finding(part, entity, row, shortened)
        if finding.kind in ("and", "or", "not"):
            combine = {"and": min, "or": max, "not": lambda values: 2 - max(values)}[finding.kind]
            verdicts = ["false", "unknown", "true"]
            parts = [verdicts.index(part.verdict) for part in finding.parts]
            assert finding.verdict == verdicts[combine(parts)]
        if not finding.text:
            assert finding.kind in ("and", "or", "not")
            return
        node = self.read(finding.text, entity)
        assert finding.verdict == self.verdict(node, entity, row), finding.text
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


# ── random queries ────────────────────────────────────────────────────────────────────────────────


@st.composite
def rows_and_queries(draw: Any, tables: Any = AWKWARD) -> tuple[Query, str]:
    target = draw(st.sampled_from(strategies.TARGETS if tables is AWKWARD else planned.TARGETS))
    filter_ = draw(strategies.predicates(target, 4 if tables is AWKWARD else 3))
    now, zone = draw(strategies.MOMENTS)
    query = Query(typed.Query(target, filter_), now, zone)
    if draw(st.booleans()):
        # The same with a text, of which pieces are shown.
        query = flowql.parse(str(query), now=now, timezone=zone)
    row = draw(st.sampled_from(tables[target.table]))
    return query, str(row["id"])


def check(asked: tuple[Query, str], on: Path | str, fold: Any, tables: Any = AWKWARD) -> None:
    query, row = asked
    try:
        query.grounded()
    except FlowQLError:
        assume(False)
    try:
        explanation = why(query, row, on)
    except FlowQLError as error:
        codes = {problem.code for problem in error.diagnostics}
        assert codes <= REFUSED, codes
        event(f"refused: {codes}")
        return
    event(explanation.verdict)
    Memory(query, tables, fold).check(explanation)
    json.dumps(as_dict(explanation))


@given(rows_and_queries())
@_SETTINGS
def test_every_verdict_and_witness_is_memorys(sqlite_file: Path, asked: tuple[Query, str]) -> None:
    check(asked, sqlite_file, ascii_fold)


FEWER = settings(_SETTINGS, max_examples=max(settings.default.max_examples // 4, 1))


@given(rows_and_queries())
@FEWER
def test_on_postgres(prefect_postgres: PrefectServer, asked: tuple[Query, str]) -> None:
    check(asked, prefect_postgres.url, str.lower)


@given(rows_and_queries())
@FEWER
def test_on_duckdb(duckdb_file: Path, asked: tuple[Query, str]) -> None:
    check(asked, duckdb_file, str.lower)


@given(rows_and_queries(CROWD))
@FEWER
def test_over_rest_on_sqlite(crowd_sqlite: PrefectServer, asked: tuple[Query, str]) -> None:
    check(asked, crowd_sqlite.api_url, ascii_fold, CROWD)


@given(rows_and_queries(CROWD))
@FEWER
def test_over_rest_on_postgres(crowd_postgres: PrefectServer, asked: tuple[Query, str]) -> None:
    check(asked, crowd_postgres.api_url, str.lower, CROWD)


# ── the place of a row ────────────────────────────────────────────────────────────────────────────


@st.composite
def paged(draw: Any) -> tuple[Query, str]:
    query = draw(strategies.queries(2))
    now, zone = draw(strategies.MOMENTS)
    row = draw(st.sampled_from(AWKWARD[query.target.table]))
    return Query(query, now, zone), str(row["id"])


@given(paged())
@_SETTINGS
def test_a_row_is_selected_where_the_query_gives_it(
    prefect_sqlite: PrefectServer, sqlite_file: Path, asked: tuple[Query, str]
) -> None:
    query, row = asked
    try:
        grounded = replace(query.grounded(), count=False)
        explanation = why(query, row, sqlite_file)
    except FlowQLError as error:
        assert {problem.code for problem in error.diagnostics} <= {*REFUSED, "out-of-range"}  # noqa: PT017
        return
    engine = judge.sqlite_engine(prefect_sqlite)
    if query.typed.count:
        grounded = replace(grounded, distinct=())
    given = judge.expected(grounded, engine)
    assert explanation.selected == (row in given)
    whole = judge.expected(replace(grounded, limit=None, page=None, offset=None), engine)
    place = explanation.place
    if place is None:
        return
    event("instead" if place.instead else f"inside: {place.inside}")
    if place.instead is not None:
        assert row not in whole
        assert place.instead.id in whole
    else:
        assert place.count == len(whole)
        assert place.position == whole.index(row) + 1


def test_an_api_that_leaves_the_order_open_tells_no_position(prefect_server: PrefectServer) -> None:
    row = next(str(row["id"]) for row in AWKWARD["flow_run"] if row["state_type"] == "COMPLETED")
    url = prefect_server.api_url
    open_ = why(flowql.parse("flow_runs where state = COMPLETED sort name limit 2"), row, url)
    assert (open_.verdict, open_.selected) == ("true", None)
    assert open_.place is not None
    assert open_.place.position is None
    whole = sorted(
        (str(row["id"]) for row in AWKWARD["flow_run"] if row["state_type"] == "COMPLETED"),
        reverse=True,
    )
    settled = why(flowql.parse("flow_runs where state = COMPLETED limit 2"), row, url)
    assert settled.place is not None
    assert settled.place.position == whole.index(row) + 1
    all_ = why(flowql.parse("flow_runs where state = COMPLETED sort name limit 200"), row, url)
    assert (all_.selected, all_.place) == (True, None)


# ── which row is meant ────────────────────────────────────────────────────────────────────────────


def problem(text: str, row: str, on: Any) -> tuple[Diagnostic, Source | None]:
    with pytest.raises(FlowQLError) as raised:
        why(flowql.parse(text, now=NOW), row, on)
    [found] = raised.value.diagnostics
    return found, raised.value.source


@pytest.fixture(params=["file", "api"])
def place(request: pytest.FixtureRequest) -> str:
    """The awkward rows in SQLite, asked in SQL and over REST."""
    server: PrefectServer = request.getfixturevalue("prefect_sqlite")
    return server.api_url if request.param == "api" else server.url


@pytest.mark.parametrize("row", AWKWARD["flow"][:6], ids=lambda row: repr(row["name"]))
def test_a_row_goes_by_its_id_or_its_unique_name(row: dict[str, Any], place: str) -> None:
    for given_ in (str(row["id"]), str(row["id"]).upper(), row["id"].hex, row["name"]):
        found = why(flowql.parse("tags is empty"), given_, place).row
        assert (found.id, found.name) == (str(row["id"]), row["name"])


def test_a_name_that_one_row_alone_has(place: str) -> None:
    names = Counter(row["name"] for row in AWKWARD["flow_run"])
    single = next(row for row in AWKWARD["flow_run"] if names[row["name"]] == 1 and row["name"])
    found = why(flowql.parse("flow_runs where state = FAILED"), single["name"], place).row
    assert found.id == str(single["id"])
    twice = next(name for name, count in names.items() if count > 1)
    ambiguous, source = problem("flow_runs where state = FAILED", twice, place)
    assert ambiguous.code == "ambiguous-row"
    ids = {str(row["id"]) for row in AWKWARD["flow_run"] if row["name"] == twice}
    assert any(id_ in (ambiguous.help or "") for id_ in ids)
    assert source is not None
    assert source.text == twice


@pytest.mark.parametrize(
    ("text", "row", "code"),
    [
        ("tags has etl", "no-such-flow", "no-such-row"),
        ("tags has etl", "", "no-such-row"),
        ("tags has etl", "a\0b", "no-such-row"),
        ("tags has etl", "\ud800", "no-such-row"),
        ("tags has etl", "00000000-0000-0000-0000-000000000000", "no-such-row"),
        ("flow_runs where state = FAILED", "'; DROP TABLE flow; --", "no-such-row"),
        ("events where event = a", "yesterday", "no-such-row"),
        ("block_schemas where version = 1", "first", "not-an-id"),
    ],
)
def test_a_row_that_is_none(text: str, row: str, code: str, place: str) -> None:
    found, source = problem(text, row, place)
    assert (found.code, found.span) == (code, (0, len(row)))
    assert source is not None
    assert source.text == row


def test_parameters_without_a_value_are_refused_at_their_places(sqlite_file: Path) -> None:
    with pytest.raises(FlowQLError) as raised:
        why(flowql.parse("name = $name and run.state = $state limit $n"), "x", sqlite_file)
    found = [(problem.code, problem.span) for problem in raised.value.diagnostics]
    assert found == [("unbound-parameter", span) for span in ((7, 12), (29, 35), (42, 44))]


# ── bounds ────────────────────────────────────────────────────────────────────────────────────────

FLOW = str(AWKWARD["flow"][0]["id"])


def test_the_number_of_questions_is_bounded(sqlite_file: Path) -> None:
    names = [f"x{number}" for number in range(100)]
    one = why(flowql.parse(" and ".join(f"run.name = {name}" for name in names)), FLOW, sqlite_file)
    several = why(
        flowql.parse(" or ".join(f"any run (name = {name} and state = FAILED)" for name in names)),
        FLOW,
        sqlite_file,
    )
    for explanation in (one, several):
        assert explanation.shortened
        assert explanation.questions <= DETAILS + 2 * len(names)
    assert several.finding is not None
    assert [part.verdict for part in several.finding.parts] == ["false"] * len(names)


def test_an_api_is_sent_no_more_than_is_allowed(crowd_sqlite: PrefectServer) -> None:
    row = str(CROWD["flow"][0]["id"])
    query = flowql.parse("every run (duration > 1s or name contains a)")
    free = why(query, row, crowd_sqlite.api_url, max_requests=None, max_rows=None)
    assert why(query, row, crowd_sqlite.api_url) == free
    with pytest.raises(FlowQLError) as raised:
        why(query, row, crowd_sqlite.api_url, max_rows=1)
    assert [problem.code for problem in raised.value.diagnostics] == ["plan-costly"]


def test_too_many_conditions_are_refused_at_their_place(sqlite_file: Path) -> None:
    text = " or ".join(f"name = x{number}" for number in range(MOST // 2 + 1))
    found, source = problem(text, FLOW, sqlite_file)
    assert found.code == "too-many-questions"
    assert found.span is not None
    assert source is not None
    assert source.text[found.span.start : found.span.end].startswith("name = x")


def test_a_question_is_asked_once(sqlite_file: Path) -> None:
    text = "name = a or (name = a and (name = a or created > 2026-01-01 and name = a))"
    explanation = why(flowql.parse(text, now=NOW), FLOW, sqlite_file)
    assert explanation.questions <= 6
    assert explanation.finding is not None


def test_deep_queries_are_explained_or_refused(place: str) -> None:
    for levels in (20, 95):
        text = "name = a"
        for _ in range(levels):
            text = f"not ({text} and name = b)"
        try:
            explanation = why(flowql.parse(text), FLOW, place)
        except FlowQLError as error:
            assert levels == 95
            assert {problem.code for problem in error.diagnostics} == {"sql-too-deep"}  # noqa: PT017
            continue
        assert explanation.verdict == "true"
        json.dumps(as_dict(explanation))
    scopes = "state = FAILED"
    for _ in range(3):
        scopes = f"any flow (every run ({scopes}))"
    explanation = why(flowql.parse(f"any run ({scopes})"), FLOW, place)
    assert explanation.questions <= DETAILS + 20


def test_what_changes_meanwhile_is_said(
    sqlite_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The flow loses its tags just after it was asked whether the whole filter is true."""
    path = tmp_path / "prefect.db"
    with sqlite3.connect(sqlite_file) as database, sqlite3.connect(path) as copy:
        database.backup(copy)
    tagged = str(next(row["id"] for row in AWKWARD["flow"] if row["tags"]))
    asked = 0

    def ask_and_change(query: Query, *place: Any) -> Answer:
        nonlocal asked
        answer = ask(query, *place)
        asked += 1
        if asked == 2:
            with sqlite3.connect(path) as writing:
                writing.execute("UPDATE flow SET name = '?' WHERE id = ?", (tagged,))
        return answer

    assert why(flowql.parse("tags is not empty and name = '?'"), tagged, path).verdict == "false"
    monkeypatch.setattr("flowql.run.databases.ask", ask_and_change)
    found, _ = problem("tags is not empty and name = '?'", tagged, path)
    assert found.code == "row-changed"
