"""The formatter: what it makes of texts, and what it never changes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import flowql
from flowql import ast
from flowql.frontends.text import parse
from flowql.printing import format_expression, format_query
from tests import golden
from tests.frontends.sentences import sentences
from tests.texts import Written, written_queries


def formatted(text: str, width: int = 88) -> str:
    query, problems = parse(text)
    assert not problems, problems
    return format_query(query, width)


def test_spelling(update: bool) -> None:
    golden.check("fmt.txt", formatted, update)


def check_kept(text: str, width: int = 88) -> None:
    """The formatted text reads as the same tree, comments too, and is as it would be formatted."""
    query, problems = parse(text)
    if problems:
        return
    once = format_query(query, width)
    again, problems = parse(once)
    assert not problems
    assert again == query
    assert format_query(again, width) == once


@pytest.mark.parametrize("width", [88, 40, 1])
@pytest.mark.parametrize("text", golden.queries("fmt.txt") + golden.queries("ast.txt"))
def test_keeps_the_tree_and_its_own_work(text: str, width: int) -> None:
    check_kept(text, width)


@given(sentences(), st.sampled_from([88, 88, 40, 1]))
def test_keeps_random_trees_and_its_own_work(text: str, width: int) -> None:
    check_kept(text, width)


@given(written_queries())
def test_keeps_the_meaning(written: Written) -> None:
    try:
        query = flowql.parse(written.text, written.params)
    except flowql.FlowQLError:
        return
    assert flowql.parse(formatted(written.text), written.params) == query
    check_kept(written.text)


@pytest.mark.parametrize("text", golden.queries("fmt.txt"))
def test_lines_are_short_where_they_can_be(text: str) -> None:
    for line in formatted(text).splitlines():
        assert len(line.partition("  #")[0]) <= 88


def test_the_writers_words_stay() -> None:
    text = 'a ∈ [x] ∧ ¬b ~ "1" && c <> 1 or d == 2 || any run (e !~ x) and ∃ run'
    assert formatted(text) == text.replace("&&", "∧").replace("||", "or")


def test_values_are_quoted_as_the_writer_did() -> None:
    """In a JSON field "1" is a text and 1 a number; the formatter knows no types."""
    assert formatted("labels.x = '1' and labels.x = 1") == 'labels.x = "1" and labels.x = 1'


def test_a_condition_is_one_line() -> None:
    query, _ = parse(" and ".join(f"name_{number} = {number}" for number in range(30)))
    assert query.filter is not None
    assert "\n" not in format_expression(query.filter)


def test_a_tree_with_problems_has_no_text() -> None:
    query, problems = parse("a = = 1 and b = 1")
    assert problems
    with pytest.raises(ValueError, match="no text"):
        format_query(query)


def test_large_lists_and_long_chains() -> None:
    for text in (
        f"a in [{', '.join(map(str, range(50_000)))}]",
        " and ".join(["a = 1"] * 20_000),
        " # x\n and ".join(["a = 1"] * 5_000),
        "not " * 190 + "a = 1",
        "any run (" * 190 + "a = 1" + ")" * 190,
    ):
        check_kept(text)


def test_comments_stay_in_their_order() -> None:
    for text in golden.queries("fmt.txt"):
        comments = [comment.text for comment in parse(text)[0].comments]
        written = [line[line.index("#") :] for line in formatted(text).splitlines() if "#" in line]
        assert written == comments


def test_a_path_without_a_keyword_needs_no_backticks() -> None:
    assert formatted("`plain` = 1 and `a b` = 2") == "plain = 1 and `a b` = 2"
    assert format_expression(ast.Bare(ast.Path(("Count",)))) == "`Count`"
