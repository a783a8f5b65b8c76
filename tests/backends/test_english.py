"""The English reading: what it says, and that it says something exact of every query."""

from __future__ import annotations

import pytest
from hypothesis import given

import flowql
from flowql import typed
from flowql.backends.english import to_english
from tests import golden
from tests.strategies import queries


def english(text: str) -> str:
    return flowql.parse(text).to_english().replace(". ", ".\n")


def test_spelling(update: bool) -> None:
    golden.check("english.txt", english, update)


@given(queries(parameters=True))
def test_says_something_of_every_query(query: typed.Query) -> None:
    said = to_english(query)
    assert said.endswith(".")
    assert said == to_english(query)
    assert "\n" not in said.replace("\\n", "")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("any run (state = FAILED and tags has x)", "run.state = FAILED and any run (tags has x)"),
        ("not run.state = FAILED", "run.state != FAILED"),
        ("every run (state = FAILED)", "no run (state != FAILED)"),
        ("not every run (state = FAILED)", "any run (state != FAILED)"),
        ("not latest run (state = FAILED)", "latest run (state != FAILED)"),
        (
            "any run (any task (name = a) and name = b)",
            "any run (any task (name = a and name = b))",
        ),
        ("name = a and name = b or name = c", "name = a and (name = b or name = c)"),
        ("flow_runs where state != FAILED", "flow_runs where not any deployment"),
        ("flow_runs where start_time < 2026-11", "flow_runs where start_time <= 2026-11"),
        ("flow_runs where parameters.x = 1", 'flow_runs where parameters.x = "1"'),
        ("name = a.b", 'name like "a.b"'),
        ("tags has all [a, b]", "tags = [a, b]"),
        ("count run (state = FAILED) > 1", "any run (state = FAILED)"),
    ],
)
def test_different_meanings_are_said_differently(one: str, other: str) -> None:
    assert english(one) != english(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("flow_runs where not run_count < 3", "flow_runs where run_count >= 3"),
        ("not (name = a or tags has b)", "not name = a and not tags has b"),
        ("not no run (state = FAILED)", "run.state = FAILED"),
        ("any task (name = a)", "any run (any task (name = a))"),
        ("count run != 0", "count run > 0"),
    ],
)
def test_one_meaning_is_said_in_one_way(one: str, other: str) -> None:
    assert english(one) == english(other)


def test_time_zone() -> None:
    query = flowql.parse("flow_runs where end_time in last week", timezone="Europe/Berlin")
    assert "those of Europe/Berlin; weeks begin on Monday" in query.to_english()
    assert "UTC" not in flowql.parse("flow_runs where end_time > now - 24h").to_english()


@pytest.mark.parametrize(
    ("opening", "closing", "times"),
    [
        ("not (name = a and ", ")", 95),
        ("any flow (any run (", "))", 95),
        ("every flow (every run (", "))", 95),
        ("count flow (count run (", ") > 1) > 1", 45),
        ("not (name = a or any flow (any run (", ")))", 47),
    ],
)
def test_deep_queries(opening: str, closing: str, times: int) -> None:
    """As deep as the resolver lets them be, no reading overflows the stack."""
    query = flowql.parse(f"flow_runs where {opening * times}name = b{closing * times}")
    assert query.to_english()
    assert str(flowql.parse(str(query))) == str(query)


def test_long_lists_are_cut() -> None:
    said = english(f"flow_runs where name in [{', '.join(f'n{i}' for i in range(5000))}]")
    assert "4,990 others" in said
    assert len(said) < 500
