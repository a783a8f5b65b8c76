"""The language reference tells the truth: its examples run, its tables are the catalog's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import flowql
from flowql.catalog import reference

PAGE = Path(__file__).parent.parent / "grammar" / "README.md"


def _blocks(kind: str) -> list[str]:
    found = re.findall(rf"^```{kind}\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    return [line for block in found for line in block.splitlines() if line.strip()]


@pytest.mark.parametrize("query", _blocks("flowql"))
def test_an_example_is_understood_and_its_canonical_text_says_the_same(query: str) -> None:
    parsed = flowql.parse(query)
    assert flowql.parse(str(parsed)) == parsed
    assert flowql.parse(flowql.fmt(query)) == parsed


@pytest.mark.parametrize("line", _blocks("flowql-problem"))
def test_an_example_of_a_problem_has_that_problem(line: str) -> None:
    query, code = re.split(r"\s+# → ", line)
    errors = [d.code for d in flowql.check(query) if d.severity == "error"]
    assert errors[:1] == [code]


def test_there_are_examples() -> None:
    assert len(_blocks("flowql")) > 30
    assert len(_blocks("flowql-problem")) > 20


def test_the_tables_are_those_of_the_catalog() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert reference.updated(page) == page, "run: python -m flowql.catalog.reference"
