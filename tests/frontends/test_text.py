"""The parser: its trees, Lark as its judge, and what it does with texts that are none."""

from __future__ import annotations

import dataclasses
import json
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lark import Lark, Token
from lark.exceptions import UnexpectedInput

from flowql import ast
from flowql.diagnostics import syntax
from flowql.diagnostics.base import Diagnostic
from flowql.frontends.builder import CALLBACKS, Builder
from flowql.frontends.recovery import SyntaxFault
from flowql.frontends.tables import grammar_path, tables
from flowql.frontends.text import Walk, parse
from flowql.limits import DEFAULT, Limits
from flowql.source import Span
from tests import golden
from tests.effort import lines
from tests.frontends.sentences import damaged, sentences
from tests.hostile import HOSTILE

# ── trees ─────────────────────────────────────────────────────────────────────


def test_trees(update: bool) -> None:
    golden.check("ast.txt", tree, update)


def tree(text: str) -> str:
    query, problems = parse(text)
    assert not problems, problems
    lines = [f"target {query.target}"] if query.target else []
    lines += [dumped(part) for part in (query.filter, *query.clauses) if part is not None]
    return "\n".join([*lines, *(f"comment {comment.text}" for comment in query.comments)])


def dumped(node: Any) -> str:
    """A tree on one line: names, values and operators as such, all else by its class."""
    match node:
        case ast.Path():
            return "·".join(node.parts)
        case ast.Word(text):
            return f"‹{text}›"
        case ast.Quoted(text):
            return json.dumps(text, ensure_ascii=False)
        case ast.Param(name):
            return f"${name}"
        case ast.Operator(name, spelling):
            return name if name == spelling else f"{name} ({spelling})"
        case ast.Values(items):
            return f"[{', '.join(map(dumped, items))}]"
        case ast.Range(low, high):
            return f"{dumped(low) if low else ''}..{dumped(high) if high else ''}"
        case tuple():
            return ", ".join(map(dumped, node))
        case str() | None:
            return str(node or "-")
        case _:
            parts = [
                dumped(getattr(node, field.name))
                for field in dataclasses.fields(node)
                if field.compare and getattr(node, field.name) not in (None, ())
            ]
            return f"{type(node).__name__}({' | '.join(parts)})"


def test_every_piece_knows_its_place() -> None:
    """The text at a piece's span is the piece; a child stands inside its parent."""
    for text in golden.queries("ast.txt"):
        query, _ = parse(text)
        for node, parent in pieces(query, query):
            span = node.span
            assert parent.span.start <= span.start <= span.end <= parent.span.end
            written = text[span.start : span.end]
            match node:
                case ast.Path() if "`" not in written:
                    assert written == str(node)
                case ast.Word(words):
                    # The factor 1 that is not written stands where its count does.
                    assert " ".join(written.split()) == words or words == "1"
                case ast.Operator(_, spelling):
                    last = spelling.split()[-1]
                    assert written.lower().split()[-1] == last


def pieces(node: Any, parent: Any) -> Any:
    if isinstance(node, tuple):
        for item in node:
            yield from pieces(item, parent)
    elif dataclasses.is_dataclass(node):
        yield node, parent
        for field in dataclasses.fields(node):
            if field.name != "comments":
                yield from pieces(getattr(node, field.name), node)


def test_keywords_are_the_grammars() -> None:
    words = {
        terminal.pattern.value.removesuffix(r"(?!\w)").split(r"(?!\w)")[0]
        for terminal in larks().terminals
        if terminal.priority == 2 and terminal.name != "STAR"
    }
    assert words == ast.KEYWORDS


@pytest.mark.parametrize("word", sorted(ast.KEYWORDS))
def test_keywords_are_values_and_in_backticks_names(word: str) -> None:
    for text in (
        f"`{word}` = {word}",
        f"not a != {word.upper()}",
        f"a in [{word}, {word}] sort `{word}`",
        f"a between {word} and {word}",
        f"any tag (starts with {word} or a < {word})",
        f"tags has all [{word}] and b contains {word}",
    ):
        assert not parse(text)[1]


@pytest.mark.parametrize("value", HOSTILE)
def test_quoted_values_are_what_was_quoted(value: str) -> None:
    for quoted in (json.dumps(value), json.dumps(value, ensure_ascii=False)):
        query, problems = parse(f"a = {quoted} # x")
        assert not problems
        assert isinstance(query.filter, ast.Condition)
        assert query.filter.operand == ast.Quoted(value)


# ── Lark ──────────────────────────────────────────────────────────────────────


@cache
def larks(strict: bool = False) -> Lark:
    return Lark(
        grammar_path().read_text(encoding="utf-8"),
        start="query",
        parser="lalr",
        lexer="contextual",
        maybe_placeholders=False,
        keep_all_tokens=True,
        propagate_positions=True,
        strict=strict,
        lexer_callbacks={"COMMENT": _noted},
    )


_comments: list[Token] = []


def _noted(token: Token) -> Token:
    _comments.append(token)
    return token


def test_the_grammar_has_no_conflicts() -> None:
    """In strict mode Lark refuses shift/reduce conflicts and tokens that may be confused."""
    larks(strict=True)


def larks_reading(text: str) -> Any:
    """What Lark's own parser makes of a text, built by the same builder; None if it refuses."""
    _comments.clear()
    try:
        found = larks().parse(text)
    except UnexpectedInput:
        return None
    builder = Builder(DEFAULT)
    query = _built(found, builder)
    comments = [(str(comment).rstrip(), comment.start_pos) for comment in _comments]
    return query.target, query.filter, query.clauses, comments, builder.problems


def _built(found: Any, builder: Builder) -> Any:
    if isinstance(found, Token):
        return str(found)
    meta = found.meta
    span = Span(0, 0) if meta.empty else Span(meta.start_pos, meta.end_pos)
    children = [_built(child, builder) for child in found.children]
    return CALLBACKS[found.data](builder, children, span)


def our_reading(text: str) -> Any:
    builder = Builder(DEFAULT)
    try:
        query = Walk(text, tables(), builder).run()
    except SyntaxFault:
        return None
    comments = [(comment.text, comment.span.start) for comment in query.comments]
    places = [range(*comment.span) for comment in query.comments]
    problems = [p for p in builder.problems if not any(p.span.start in place for place in places)]
    return query.target, query.filter, query.clauses, comments, problems


@given(st.one_of(sentences(), damaged()))
def test_reads_as_lark_does(text: str) -> None:
    # The written form has the spans, which equality leaves out.
    assert repr(our_reading(text)) == repr(larks_reading(text))


@pytest.mark.parametrize("name", ["ast.txt", "fmt.txt", "text.txt"])
def test_reads_the_written_queries_as_lark_does(name: str) -> None:
    for text in golden.queries(name):
        ours = our_reading(text)
        assert ours is not None
        assert repr(ours) == repr(larks_reading(text))


# ── texts that are no queries ─────────────────────────────────────────────────


@given(st.one_of(st.text(max_size=60), damaged()))
def test_any_text_gives_a_tree_and_problems(text: str) -> None:
    query, problems = parse(text)
    assert isinstance(query, ast.Query)
    for problem in problems:
        said(problem, text)
    assert bool(problems) >= (our_reading(text) is None)


def said(problem: Diagnostic, text: str) -> None:
    assert problem.message
    assert problem.span is not None
    assert 0 <= problem.span.start <= problem.span.end <= len(text)


@given(sentences(), damaged())
def test_a_problem_leaves_what_stands_beside_it(whole: str, broken: str) -> None:
    """Conditions before and behind a problem still reach the resolver."""
    query, problems = parse(f"first = 1 and ({broken}\n) and last = 2")
    if problems and not brackets_are_mixed(broken):
        names = [str(node) for node, _ in pieces(query, query) if isinstance(node, ast.Path)]
        assert "first" in names or len(problems) > 1


def brackets_are_mixed(text: str) -> bool:
    return any(char in text for char in "()[]\"'`#")


def test_one_problem_a_stretch() -> None:
    query, problems = parse("a = = 1 and b = 2 and (c = = 3 or d = 4) sort = x limit 5")
    assert [type(problem) for problem in problems] == [syntax.UnexpectedText] * 3
    names = [str(node) for node, _ in pieces(query, query) if isinstance(node, ast.Path)]
    assert names == ["b", "d"]
    assert query.clauses[-1] == ast.Number("limit", ast.Word("5"))


def test_limits() -> None:
    """Each is a problem with a code of its own, never an exception."""
    for text, limits, problem in (
        ("a = 1", Limits(length=4), syntax.TooLong),
        ("not " * 4 + "a = 1", Limits(depth=3), syntax.TooDeep),
        ("any x (" * 4 + "a = 1" + ")" * 4, Limits(depth=3), syntax.TooDeep),
        ("a in [1, 2, 3]", Limits(values=2), syntax.TooManyValues),
        ("a = = 1 and " * 30 + "b = 1", DEFAULT, syntax.TooManyProblems),
    ):
        assert problem in [type(found) for found in parse(text, limits)[1]]


LARGE = {
    "parentheses": lambda n: "(" * n + "a = 1" + ")" * n,
    "values": lambda n: f"a in [{', '.join(map(str, range(n)))}]",
    "conditions": lambda n: " and ".join(["a = 1"] * n),
    "comments": lambda n: "# x\n" * n + "a = 1",
    "words": lambda n: "a = " + "x " * n,
    "nots": lambda n: "not " * n + "a = 1",
    "opened": lambda n: "(" * n,
    "closed": lambda n: ")" * n,
    "quantifiers": lambda n: "any run (" * n,
    "lists": lambda n: "a = [ " * n,
    "joins": lambda n: "and " * n,
    "quotes": lambda n: 'a = "' * n,
    "curly quotes": lambda n: "“" * n,
    "problems": lambda n: "x between 1 or 2 and " * n,
    "alternatives": lambda n: "a = 1 or " * n,
}


@pytest.mark.parametrize("kind", LARGE)
def test_large_texts_take_linear_work(kind: str) -> None:
    """Ten times the text is about ten times the work."""
    make = LARGE[kind]
    small, large = (lines(lambda n=n: parse(make(n))) for n in (200, 2_000))
    assert large < 15 * small


@pytest.mark.parametrize("kind", ["parentheses", "values"])
def test_very_large_texts_are_read(kind: str) -> None:
    assert not parse(LARGE[kind](100_000))[1]
