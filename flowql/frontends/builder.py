"""The builder: one method a rule of the grammar, named as the grammar names it.

Each method gets the children of its rule, all tokens among them, and makes a
node of `ast`. What the grammar cannot say (escapes, keywords as names, limits)
is noted as a problem on the way.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from flowql import ast
from flowql.catalog.operators import OPERATORS
from flowql.diagnostics import syntax
from flowql.diagnostics.lengths import WordsBeforeParameter
from flowql.frontends.recovery import SyntaxFault
from flowql.source import Span

if TYPE_CHECKING:
    from flowql.diagnostics import Diagnostic
    from flowql.limits import Limits

_OPERATORS = {
    spelling: one.name for one in OPERATORS.values() for spelling in (one.name, *one.symbols)
}
_QUANTIFIERS: dict[str, Literal["any", "no", "every", "latest"]] = {
    "any": "any", "∃": "any", "no": "no", "∄": "no", "every": "every", "∀": "every",
    "latest": "latest",
}  # fmt: skip
_LEADS: dict[str, ast.Lead] = {
    spelling: lead for lead in get_args(ast.Lead) for spelling in (lead, lead.replace(" ", ""))
}
_ESCAPES = {'"': '"', "'": "'", "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n",
            "r": "\r", "t": "\t"}  # fmt: skip
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))")


_LIKE_ASCII = str.maketrans("İıſK", "iisk")


def _keyword(word: str) -> str:
    """A keyword in small letters.

    The regular expressions' small and capital letters are Unicode's, by which four
    more letters are i, s or k.
    """
    return word.lower() if word.isascii() else word.translate(_LIKE_ASCII).lower()


class Builder:
    """Builds the tree; notes problems that the grammar leaves to it."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.problems: list[Diagnostic] = []
        self.misplaced: list[Span] = []
        """Keywords that stand where names belong."""

    def finish(self, query: ast.Query, comments: tuple[ast.Comment, ...], length: int) -> ast.Query:
        return ast.Query(query.target, query.filter, query.clauses, comments, Span(0, length))

    # the query

    def query(self, children: list[Any], span: Span) -> ast.Query:
        target: ast.Path | None = None
        filter_: ast.Expr | None = None
        if children and isinstance(children[0], _Head):
            target, filter_ = children[0].target, children[0].filter
            children = children[1:]
        return ast.Query(target, filter_, tuple(children), (), span)

    def targeted(self, children: list[Any], span: Span) -> _Head:
        return _Head(children[0], children[2])

    def untargeted(self, children: list[Any], span: Span) -> _Head:
        return _Head(None, children[0])

    # expressions

    def disjunction(self, children: list[Any], span: Span) -> ast.Expr:
        return self._joined(ast.Or, children, span)

    def conjoined(self, children: list[Any], span: Span) -> ast.Expr:
        return self._joined(ast.And, children, span)

    def _joined(
        self, kind: type[ast.And] | type[ast.Or], children: list[Any], span: Span
    ) -> ast.Expr:
        operands: list[ast.Expr] = []
        for operand in children[::2]:
            if isinstance(operand, kind):
                operands.extend(operand.operands)
            else:
                operands.append(operand)
        depth = self._deeper(max(map(_depth, operands)), span)
        return kind(tuple(operands), depth, _keyword(children[1]), span)

    def negated(self, children: list[Any], span: Span) -> ast.Expr:
        operand = children[1]
        return ast.Not(operand, self._deeper(_depth(operand), span), _keyword(children[0]), span)

    def _deeper(self, depth: int, span: Span) -> int:
        if depth >= self.limits.depth:
            problem = syntax.TooDeep(span=Span(span.start, span.start + 1), limit=self.limits.depth)
            raise SyntaxFault([problem], [])
        return depth + 1

    def group(self, children: list[Any], span: Span) -> ast.Expr:
        return children[1]  # type: ignore[no-any-return]

    def hole(self, children: list[Any], span: Span) -> ast.Hole:
        return ast.Hole(span)

    def bare(self, children: list[Any], span: Span) -> ast.Bare:
        return ast.Bare(children[0], span)

    def compared(self, children: list[Any], span: Span) -> ast.Condition:
        path, predicate = children
        return ast.Condition(path, predicate.operator, predicate.operand, span)

    def negated_compared(self, children: list[Any], span: Span) -> ast.Condition:
        path, word, predicate = children
        return ast.Condition(path, self._negate(word, predicate), predicate.operand, span)

    def _negate(self, word: str, predicate: _Predicate) -> ast.Operator:
        operator = predicate.operator
        if operator.name.startswith("not ") or not operator.spelling[0].isalpha():
            # `not =` and `not ∉`: the operator has a negated spelling of its own.
            self.problems.append(
                syntax.UnexpectedText(
                    span=operator.span,
                    found=operator.spelling,
                    expected=("a word operator (`in`, `has`, `contains`, …)",),
                    hint="symbols have negated spellings of their own: != ∉ !~ ⊉ ∌ ⊄",
                )
            )
            return operator
        return ast.Operator(
            f"not {operator.name}", f"{_keyword(word)} {operator.spelling}", operator.span
        )

    def tested(self, children: list[Any], span: Span) -> ast.Condition:
        return ast.Condition(children[0], children[1], None, span)

    def nothing(self, children: list[Any], span: Span) -> ast.Operator:
        words = ["not" if word in ("!", "¬") else _keyword(word) for word in children]
        return ast.Operator(" ".join(words), " ".join(words), span)

    def element(self, children: list[Any], span: Span) -> ast.Condition:
        return ast.Condition(None, children[0].operator, children[0].operand, span)

    def related(self, children: list[Any], span: Span) -> ast.Quantified:
        word = _keyword(children[0])
        where = children[3] if len(children) > 2 else None
        depth = self._deeper(_depth(where), span)
        return ast.Quantified(
            _QUANTIFIERS[word],
            children[1], where, depth, word, span,
        )  # fmt: skip

    def quantifier(self, children: list[Any], span: Span) -> str:
        return children[0]  # type: ignore[no-any-return]

    def counted(self, children: list[Any], span: Span) -> ast.Counted:
        where = children[3] if len(children) > 2 else None
        return ast.Counted(children[1], where, self._deeper(_depth(where), span), span)

    def count_compared(self, children: list[Any], span: Span) -> ast.CountCondition:
        counted, predicate = children
        return ast.CountCondition(
            counted, predicate.operator, predicate.operand, counted.depth, span
        )

    def negated_count_compared(self, children: list[Any], span: Span) -> ast.CountCondition:
        counted, word, predicate = children
        operator = self._negate(word, predicate)
        return ast.CountCondition(counted, operator, predicate.operand, counted.depth, span)

    def count_share(self, children: list[Any], span: Span) -> ast.CountCondition:
        counted, operator, other = children[0], children[1], children[-1]
        factor = children[2] if len(children) > 3 else ast.Word("1", other.span)
        share = ast.Share(factor, other, Span(factor.span.start, other.span.end))
        return ast.CountCondition(counted, operator, share, max(counted.depth, other.depth), span)

    def predicate(self, children: list[Any], span: Span) -> _Predicate:
        return _Predicate(children[0], children[1])

    def between(self, children: list[Any], span: Span) -> _Predicate:
        low, high = children[1], children[3]
        operator = ast.Operator("between", "between", Span(span.start, span.start + 7))
        return _Predicate(operator, ast.Between(low, high, low.span.to(high.span)))

    def compare(self, children: list[Any], span: Span) -> ast.Operator:
        return ast.Operator(_OPERATORS[children[0]], children[0], span)

    def count_compare(self, children: list[Any], span: Span) -> ast.Operator:
        return self.compare(children, span)

    def word_operator(self, children: list[Any], span: Span) -> ast.Operator:
        spelling = _keyword(" ".join(children))
        return ast.Operator(_OPERATORS.get(spelling, spelling), spelling, span)

    # values

    def empty_set(self, children: list[Any], span: Span) -> ast.EmptySet:
        return ast.EmptySet(span)

    def values(self, children: list[Any], span: Span) -> ast.Values:
        items = tuple(child for child in children if not isinstance(child, str))
        if len(items) > self.limits.values:
            self.problems.append(
                syntax.TooManyValues(span=span, count=len(items), limit=self.limits.values)
            )
            items = items[:1]
        return ast.Values(items, span)

    def range(self, children: list[Any], span: Span) -> ast.Range:
        return ast.Range(children[0], children[2], span)

    def range_from(self, children: list[Any], span: Span) -> ast.Range:
        return ast.Range(children[0], None, span)

    def range_to(self, children: list[Any], span: Span) -> ast.Range:
        return ast.Range(None, children[1], span)

    def word(self, children: list[Any], span: Span) -> ast.Word:
        text = children[0] if len(children) == 1 else " ".join(children)
        if not text.isascii():
            self._check_word(text, span)
        return ast.Word(text, span)

    def _check_word(self, text: str, span: Span) -> None:
        for at, char in enumerate(text):
            if not char.isascii() and unicodedata.category(char)[0] not in "LNM":
                place = min(span.start + at, span.end - 1)
                name = unicodedata.name(char, "unnamed")
                self.problems.append(
                    syntax.StrayCharacter(span=Span(place, place + 1), character=char, name=name)
                )
                return

    def quoted(self, children: list[Any], span: Span) -> ast.Quoted:
        text: str = children[0][1:-1]
        if "\\" in text:
            text = self._unescaped(text, span)
        for unsafe in _UNSAFE.findall(text):
            self.problems.append(syntax.UnsafeCharacter(span=span, character=unsafe))
            text = ""
        return ast.Quoted(text, span)

    def _unescaped(self, text: str, span: Span) -> str:
        def read(match: re.Match[str]) -> str:
            code, char = match.groups()
            if code is not None:
                return chr(int(code, 16))
            if char in _ESCAPES:
                return _ESCAPES[char]
            start = span.start + 1 + match.start()
            self.problems.append(
                syntax.BadEscape(span=Span(start, start + 2), escape=match.group())
            )
            return ""

        # A pair of \u escapes beyond the basic plane is one character.
        return _PAIR.sub(
            lambda m: chr(0x10000 + (ord(m[1]) - 0xD800) * 0x400 + ord(m[2]) - 0xDC00),
            _ESCAPE.sub(read, text),
        )

    def parameter(self, children: list[Any], span: Span) -> ast.Param:
        return ast.Param(children[0][1:], span)

    def lead(self, children: list[Any], span: Span) -> ast.Word:
        return self.word(children, span)

    def led(self, children: list[Any], span: Span) -> ast.Param:
        words, name = children
        lead = _LEADS.get(words.text.lower())
        if lead is None:
            known = get_args(ast.Lead)
            problem = WordsBeforeParameter(span=words.span, words=words.text, known=known)
            self.problems.append(problem)
        return ast.Param(name[1:], span, lead)

    def path(self, children: list[Any], span: Span) -> ast.Path:
        text: str = children[0]
        if "`" not in text:
            if _keyword(text) in ast.KEYWORDS:
                self.misplaced.append(span)
            return ast.Path(tuple(text.split(".")), span)
        parts = _SEGMENT.findall(text)
        return ast.Path(tuple(part.strip("`") for part in parts), span)

    # clauses

    def sort(self, children: list[Any], span: Span) -> ast.Sort:
        return ast.Sort(tuple(k for k in children[1:] if not isinstance(k, str)), span)

    def sort_key(self, children: list[Any], span: Span) -> ast.SortKey:
        direction = nulls = None
        for word in children[1:]:
            if word in ("asc", "desc"):
                direction = word
            else:
                nulls = word
        return ast.SortKey(children[0], direction, nulls, span)

    def direction(self, children: list[Any], span: Span) -> str:
        return _keyword(children[0])

    def nulls(self, children: list[Any], span: Span) -> str:
        return _keyword(children[1])

    def limit(self, children: list[Any], span: Span) -> ast.Number:
        return ast.Number("limit", children[1], span)

    def page(self, children: list[Any], span: Span) -> ast.Number:
        return ast.Number("page", children[1], span)

    def offset(self, children: list[Any], span: Span) -> ast.Number:
        return ast.Number("offset", children[1], span)

    def select(self, children: list[Any], span: Span) -> ast.Select:
        return ast.Select(tuple(k for k in children[1:] if not isinstance(k, str)), span)

    def distinct(self, children: list[Any], span: Span) -> ast.Distinct:
        return ast.Distinct(tuple(k for k in children[1:] if not isinstance(k, str)), span)

    def call(self, children: list[Any], span: Span) -> ast.Call:
        path = children[2] if len(children) == 4 else None
        return ast.Call(str(children[0]), path, span)

    def count(self, children: list[Any], span: Span) -> ast.Count:
        return ast.Count(tuple(k for k in children if not isinstance(k, str)), span)

    def count_key(self, children: list[Any], span: Span) -> None:
        return None

    def having(self, children: list[Any], span: Span) -> ast.Having:
        return ast.Having(children[1], children[2].operator, children[2].operand, span)

    def after(self, children: list[Any], span: Span) -> ast.After:
        return ast.After(tuple(v for v in children[1:] if not isinstance(v, str)), span)


_UNSAFE = re.compile("[\0\ud800-\udfff]")
_PAIR = re.compile("([\ud800-\udbff])([\udc00-\udfff])")
_SEGMENT = re.compile(r"`[^`]+`|[^.`]+")


@dataclass(frozen=True, slots=True)
class _Head:
    target: ast.Path | None
    filter: ast.Expr


@dataclass(frozen=True, slots=True)
class _Predicate:
    operator: ast.Operator
    operand: Any


def _depth(node: Any) -> int:
    return getattr(node, "depth", 0) if node is not None else 0


CALLBACKS: dict[str, Any] = {
    name: method for name, method in vars(Builder).items() if name[0] != "_" and name != "finish"
}
"""The builder's methods by the rule that each one builds."""
