"""The dialects there are, what they refuse, and what a statement is."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

import flowql
from flowql import typed
from flowql.backends.sql import dialects, to_sql
from flowql.diagnostics import FlowQLError
from flowql.diagnostics.base import Diagnostic
from flowql.source import Span
from tests.backends.sql.engines import column, query, steps

SPAN = Span(3, 9)


def problems(asked: typed.Query, dialect: str) -> list[Diagnostic]:
    with pytest.raises(FlowQLError) as caught:
        to_sql(asked, dialect)
    return caught.value.diagnostics


def test_each_file_of_the_folder_is_a_dialect() -> None:
    files = (Path(flowql.__file__).parent / "backends/sql/dialects").glob("[a-z]*.py")
    assert {file.stem for file in files} == set(dialects()) == {"sqlite", "postgres", "duckdb"}


@pytest.mark.parametrize(
    ("name", "same"),
    [("postgresql", "postgres"), ("sqlite3", "sqlite"), ("DuckDB", "duckdb"), ("pg", "postgres")],
)
def test_other_names(name: str, same: str) -> None:
    assert to_sql(query("flows"), name) == to_sql(query("flows"), same)


def test_an_unknown_dialect() -> None:
    [problem] = problems(query("flows"), "postgre")
    assert problem.code == "unknown-dialect"
    assert problem.help is not None
    assert "did you mean `postgres`?" in problem.help
    [problem] = problems(query("flows"), "oracle")
    assert problem.help == "there are duckdb, postgres, sqlite"


def test_sqlite_has_no_regular_expressions() -> None:
    found = typed.TextMatch(column("flows", "name"), "matches", "^a", SPAN)
    [problem] = problems(query("flows", found), "sqlite")
    assert (problem.code, problem.span) == ("sql-no-regex", SPAN)


@pytest.mark.parametrize("factor", [1e-30, 1e30, 1.2345678901234567e-9])
def test_a_factor_of_too_many_digits(factor: float) -> None:
    counted = typed.Counted(steps("flows", "run"), typed.TRUE)
    found = typed.Count(counted, ">", typed.Share(factor, counted), SPAN)
    for dialect in dialects():
        [problem] = problems(query("flows", found), dialect)
        assert (problem.code, problem.span) == ("sql-factor-too-fine", SPAN)


def test_every_problem_is_found_at_once() -> None:
    regex = typed.TextMatch(column("flows", "name"), "matches", "^a", SPAN)
    text = typed.TextMatch(column("flows", "name"), "contains", "a\0", Span(20, 30))
    open_ = typed.In(
        column("flows", "name"), (typed.Parameter("x", column("flows", "name").field.type),)
    )
    found = typed.And((regex, text, open_))
    codes = [problem.code for problem in problems(query("flows", found, limit=2**63), "sqlite")]
    assert codes == ["sql-no-regex", "unsafe-character", "unbound-parameter", "out-of-range"]


def test_messages_are_sentences() -> None:
    counted = typed.Counted(steps("flows", "run"), typed.TRUE)
    found = [
        *problems(query("flows"), "oracle"),
        *problems(query("flows", typed.Count(counted, ">", typed.Share(1e30, counted))), "sqlite"),
        *problems(query("flows", limit=2**62, page=9), "sqlite"),
    ]
    for problem in found:
        assert problem.message
        assert problem.message[0].islower()
        assert not problem.message.endswith(".")


def test_a_statement_is_a_value() -> None:
    asked = query("flows", typed.In(column("flows", "name"), ("etl",)))
    sql = to_sql(asked, "sqlite", "bind")
    assert sql == to_sql(asked, "sqlite", "bind") != to_sql(asked, "duckdb")
    assert pickle.loads(pickle.dumps(sql)) == sql


def test_the_shape_of_the_text() -> None:
    run = typed.Exists(
        steps("flows", "run")[0],
        typed.In(column("flow_runs", "state"), ("FAILED", "CRASHED")),
    )
    found = typed.And((typed.TagsMatch(column("flows", "tags"), "has all", ("etl",)), run))
    sql = to_sql(query("flows", found, limit=20), "postgres", "bind")
    assert sql.params == ("etl", "FAILED", "CRASHED", 20)
    assert sql.text == (
        'SELECT "flow".* FROM "flow" WHERE "flow"."tags" ?& CAST(ARRAY[%s] AS TEXT[])'
        ' AND EXISTS(SELECT 1 FROM "flow_run" AS "flow_run_1"'
        ' WHERE "flow_run_1"."flow_id" = "flow"."id" AND "flow_run_1"."state_type" IN (%s, %s))'
        ' ORDER BY "flow"."name" ASC, "flow"."id" DESC LIMIT %s'
    )
