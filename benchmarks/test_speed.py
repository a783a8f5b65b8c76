"""Speed beside peers, in one run: `python3 dev.py pytest benchmarks -n0`.

Not part of the tests: machines are shared and noisy, so only ratios of one run
mean something, and nothing is asserted about them. The peers translate a filter
of the same shape: text to JSON and SQL by cql2 (Rust), OData to SQL by
odata-query, SQL to SQL by sqlglot.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cql2
import pytest

import flowql
from flowql.frontends import text as text_front

if TYPE_CHECKING:
    from collections.abc import Callable

QUERY = "tags ⊇ [etl] and run.state in [FAILED,CRASHED] sort name_asc limit 20"
CQL2 = "A_CONTAINS(tags, ('etl')) AND run_state IN ('FAILED', 'CRASHED')"
ODATA = "tag eq 'etl' and state in ('FAILED', 'CRASHED')"
SQL = "SELECT * FROM flow WHERE tag = 'etl' AND state IN ('FAILED', 'CRASHED') LIMIT 20"


def _run(
    benchmark: Any, group: str, label: str, work: Callable[[], object], *, peer: bool = False
) -> None:
    benchmark.group = group
    benchmark.extra_info["label"] = label
    benchmark.extra_info["peer"] = peer
    work()
    benchmark(work)


# ── the main query ────────────────────────────────────────────────────────────

BODY = "1 text → body"


def test_flowql_body(benchmark: Any) -> None:
    _run(benchmark, BODY, "flowql text → body", lambda: flowql.parse(QUERY).to_request())


def test_flowql_parse(benchmark: Any) -> None:
    _run(benchmark, BODY, "flowql text → typed", lambda: flowql.parse(QUERY))


def test_flowql_syntax(benchmark: Any) -> None:
    _run(benchmark, BODY, "flowql text → ast", lambda: text_front.parse(QUERY))


def test_cql2_json(benchmark: Any) -> None:
    work = lambda: cql2.parse_text(CQL2).to_json()  # noqa: E731
    _run(benchmark, BODY, "cql2 text → JSON", work, peer=True)


TO_SQL = "2 text → SQL"


@pytest.mark.parametrize("dialect", ["sqlite", "postgres", "duckdb"])
def test_flowql_sql(benchmark: Any, dialect: str) -> None:
    _run(benchmark, TO_SQL, f"flowql text → {dialect}", lambda: flowql.parse(QUERY).to_sql(dialect))


def test_cql2_sql(benchmark: Any) -> None:
    _run(benchmark, TO_SQL, "cql2 text → SQL", lambda: cql2.parse_text(CQL2).to_sql())


def test_odata_sql(benchmark: Any) -> None:
    from odata_query.grammar import ODataLexer, ODataParser
    from odata_query.sql import AstToSqlVisitor

    lexer, parser = ODataLexer(), ODataParser()
    work = lambda: AstToSqlVisitor().visit(parser.parse(lexer.tokenize(ODATA)))  # noqa: E731
    _run(benchmark, TO_SQL, "odata-query text → SQL", work, peer=True)


def test_sqlglot_sql(benchmark: Any) -> None:
    import sqlglot

    work = lambda: sqlglot.transpile(SQL, write="duckdb")  # noqa: E731
    _run(benchmark, TO_SQL, "sqlglot SQL → SQL", work)


# ── growth ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("count", [10, 1_000, 100_000])
def test_values(benchmark: Any, count: int) -> None:
    query = f"flow_runs where name in [{', '.join(f'run-{i}' for i in range(count))}]"
    work = lambda: flowql.parse(query)  # noqa: E731
    _run(benchmark, f"3 a list of {count} values", "flowql text → typed", work)


@pytest.mark.parametrize("count", [10, 1_000, 100_000])
def test_values_sql(benchmark: Any, count: int) -> None:
    query = f"flow_runs where name in [{', '.join(f'run-{i}' for i in range(count))}]"
    work = lambda: flowql.parse(query).to_sql("sqlite")  # noqa: E731
    _run(benchmark, f"3 a list of {count} values", "flowql text → SQL", work)


@pytest.mark.parametrize("count", [10, 1_000, 100_000])
def test_values_cql2(benchmark: Any, count: int) -> None:
    values = ", ".join(f"'run-{i}'" for i in range(count))
    work = lambda: cql2.parse_text(f"name IN ({values})").to_json()  # noqa: E731
    _run(benchmark, f"3 a list of {count} values", "cql2 text → JSON", work, peer=True)


@pytest.mark.parametrize("count", [10, 1_000, 10_000])
def test_chain(benchmark: Any, count: int) -> None:
    query = "flow_runs where " + " or ".join(f"run_count = {i}" for i in range(count))
    _run(benchmark, f"4 a chain of {count}", "flowql text → typed", lambda: flowql.parse(query))


@pytest.mark.parametrize("count", [10, 1_000, 10_000])
def test_parentheses(benchmark: Any, count: int) -> None:
    query = "(" * count + "name = a" + ")" * count
    _run(benchmark, f"5 {count} parentheses", "flowql text → typed", lambda: flowql.parse(query))


@pytest.mark.parametrize("count", [10, 1_000, 10_000])
def test_nots(benchmark: Any, count: int) -> None:
    query = "not " * count + "name = a"
    _run(benchmark, f"6 {count} nots", "flowql text → problems", lambda: flowql.check(query))
