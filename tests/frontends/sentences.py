"""Random sentences of the grammar, made from its own rules, and damaged ones."""

from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import strategies as st
from lark import Lark

from flowql.frontends.tables import HOLES, grammar_path

_SAMPLES: dict[str, tuple[str, ...]] = {
    "PATH": ("name", "tags", "run.state", "état", "`sort`", "a.`b c`.1", "Run_2", "word"),
    "WORD": (
        "a", "FAILED", "1", "-5", "7d", "2026-11-01", "v1.2", "*.csv", "team:data", "now", "last",
        "and", "null", "count", "all", "ü", "½", "a.", ".b", "%", "@", "?", "e\u0301",
    ),
    "STRING": ('"a"', "'b'", '"a \\" b"', "'\\u00e9'", '"# no comment"', '"(["', '""', "'and'"),
    "PARAMETER": ("$x", "$name", "$_1"),
    "HOLE": (), "CLAUSE_HOLE": (),
    "LPAR": ("(",), "RPAR": (")",), "LSQB": ("[",), "RSQB": ("]",), "COMMA": (",",),
    "AND": ("and", "AND", "∧", "&&"), "OR": ("or", "Or", "∨", "||"), "NOT": ("not", "¬", "!"),
    "EQ": ("=", "=="), "NE": ("!=", "≠", "<>"), "LE": ("<=", "≤"), "GE": (">=", "≥"),
    "LT": ("<",), "GT": (">",), "DOTS": ("..",), "STAR": ("* ", "× "), "EMPTY_SET": ("∅",),
    "NOT_IN": ("∉",), "NOT_CONTAINS": ("!~",), "SUPERSET": ("⊇",), "NOT_SUPERSET": ("⊉",),
    "OVERLAPS": ("∩",), "MEMBER": ("∋",), "NOT_MEMBER": ("∌",), "SUBSET": ("⊆",),
    "NOT_SUBSET": ("⊄",), "IN": ("in", "∈"), "CONTAINS": ("contains", "~"),
    "MATCHES": ("matches", "=~"), "ANY": ("any", "∃"), "NO": ("no", "∄"), "EVERY": ("every", "∀"),
}  # fmt: skip
"""Spellings of the tokens; a keyword's name is its own."""

_BETWEEN = (" ", " ", " ", " ", " ", "", "\n", "\t", "\r\n", "  ", " # note\n", " #! (\n ")

_DAMAGE = (
    "(", ")", "[", "]", ",", "..", "=", "!", '"', "'", "`", "#", "# x\n", "$", "and", "or", "not",
    "where", "sort", "limit", "name", "1", "is", "∅", "“", "\u202e", "\u00a0", "\u3000", "\0", ";",
    "\\", "&", "|", "*", "<", "any run (", "\ud800", "🎉", "ſort", "ıs null", "\n",
)  # fmt: skip

Rules = dict[str, list[list[Any]]]


@cache
def rules() -> Rules:
    """The productions of each name, without those that stand for a reported problem."""
    found: Rules = {}
    lark = Lark(grammar_path().read_text(encoding="utf-8"), start="query", parser="lalr")
    for rule in lark.rules:
        if not any(symbol.name in HOLES for symbol in rule.expansion):
            found.setdefault(str(rule.origin.name), []).append(list(rule.expansion))
    return found


@cache
def _heights() -> dict[str, int]:
    """How deep the shallowest sentence of each name is."""
    heights: dict[str, int] = {}
    while len(heights) < len(rules()):
        for name, expansions in rules().items():
            reached = [
                1 + max([0, *(heights[s.name] for s in e if not s.is_term)])
                for e in expansions
                if all(s.is_term or s.name in heights for s in e)
            ]
            if reached:
                heights[name] = min(reached)
    return heights


def _height(expansion: list[Any]) -> int:
    return max([0, *(_heights()[symbol.name] for symbol in expansion if not symbol.is_term)])


@st.composite
def sentences(draw: st.DrawFn, height: int = 14) -> str:
    """A text that the grammar's rules make; a word may still be taken for a keyword."""
    tokens: list[str] = []

    def walk(name: str, left: int) -> None:
        expansions = [e for e in rules()[name] if _height(e) < left]
        expansions = expansions or [min(rules()[name], key=_height)]
        for symbol in draw(st.sampled_from(expansions)):
            if symbol.is_term:
                options = _SAMPLES.get(symbol.name) or (symbol.name.lower(), symbol.name)
                tokens.append(draw(st.sampled_from(options)))
            else:
                walk(symbol.name, left - 1)

    walk("query", height)
    gaps = draw(st.lists(st.sampled_from(_BETWEEN), min_size=len(tokens), max_size=len(tokens)))
    return "".join(token + gap for token, gap in zip(tokens, gaps, strict=True))


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A sentence with some stretches cut out, doubled, or overwritten."""
    text = draw(sentences())
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 6)))
        put = draw(st.sampled_from(("", text[start:end] * 2, *_DAMAGE)))
        text = text[:start] + put + text[end:]
    return text
