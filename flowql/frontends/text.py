"""Text to `ast`: the parser, and its recovery from syntax problems.

The grammar file says what the language's syntax is; this module walks the
tables made of it and builds the tree. After a problem the stretch around it, up
to the next `and`/`or`, bracket or clause word, is replaced by a hole and the
text is read again, so one problem a stretch is reported and everything else
still reaches the resolver. Any text gives a tree and a list of problems; no
text raises.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flowql import ast
from flowql.diagnostics import syntax
from flowql.frontends.tables import END, Rule, Tables, tables
from flowql.limits import DEFAULT, Limits
from flowql.source import Span

if TYPE_CHECKING:
    from flowql.diagnostics import Diagnostic

_MOST_PROBLEMS = 20
"""Syntax problems reported in one text; each costs one more pass over it."""


def parse(text: str, limits: Limits = DEFAULT) -> tuple[ast.Query, list[Diagnostic]]:
    """The tree of a text, with every syntax problem found in it.

    Where there are problems the tree has `Hole`s in their places; without
    problems it has none.
    """
    if len(text) > limits.length:
        return ast.Query(None, None, ()), [
            syntax.TooLong(span=Span(0, 0), length=len(text), limit=limits.length)
        ]
    problems: list[Diagnostic] = []
    holes: list[_Hole] = []
    while True:
        builder = _Builder(limits)
        try:
            query = _Parse(text, tables(), builder, holes).run()
        except _SyntaxFault as fault:
            if fault.problem is not None:
                problems.append(fault.problem)
            if len(problems) >= _MOST_PROBLEMS:
                problems.append(syntax.TooManyProblems(span=problems[-1].span))
            elif fault.hole is not None:
                before, holes = holes, _with_hole(holes, fault.hole)
                if holes != before:
                    continue
            return ast.Query(None, None, (ast.Hole(),)), _ordered(problems)
        return query, _ordered(problems + builder.problems)


def _ordered(problems: list[Diagnostic]) -> list[Diagnostic]:
    return sorted(problems, key=lambda problem: problem.span or Span(0, 0))


@dataclass(frozen=True, slots=True)
class _Hole:
    """A stretch read as `token` (or, with no token, as nothing at all)."""

    start: int
    end: int
    token: str | None


def _with_hole(holes: list[_Hole], hole: _Hole) -> list[_Hole]:
    kept = [h for h in holes if h.end <= hole.start or h.start >= hole.end]
    return sorted([*kept, hole], key=lambda h: (h.start, h.end))


class _SyntaxFault(Exception):
    """A place where the text cannot go on, and what to leave out before reading again.

    There is no problem to report where an earlier hole turned out too small.
    """

    def __init__(self, problem: Diagnostic | None, hole: _Hole | None) -> None:
        self.problem = problem
        self.hole = hole


# ── the parser ────────────────────────────────────────────────────────────────

_BLANK = re.compile(r"[ \t\r\n\f\u00a0]*")
_COMMENT = re.compile(r"#(?=[\s#!]|$)[^\n]*")


@dataclass(slots=True)
class _Parse:
    """One walk over a text with the tables; iterative, linear in the text."""

    text: str
    tables: Tables
    builder: _Builder
    holes: list[_Hole]
    comments: list[ast.Comment] = field(default_factory=list)

    def run(self) -> ast.Query:
        text, actions, scanners = self.text, self.tables.actions, self.tables.scanners
        callbacks = self.builder.callbacks
        states = [self.tables.start]
        values: list[Any] = []
        starts: list[int] = []
        ends: list[int] = []
        state = states[0]
        position = 0
        holes = list(reversed(self.holes))
        while True:
            # The next token, among those that may stand in this state.
            match = scanners[state].match(text, position)
            if match is not None and (not holes or match.end() <= holes[-1].start):
                token: str = match.lastgroup  # type: ignore[assignment]
                start, end = match.span(token)
            else:
                blank = _BLANK.match(text, position)
                start = end = blank.end() if blank else position
                if holes and start >= holes[-1].start:
                    hole = holes.pop()
                    position = max(hole.end, position)
                    if hole.token is None:
                        continue
                    token, start, end = hole.token, hole.start, hole.end
                elif start == len(text):
                    token = END
                elif comment := _COMMENT.match(text, start):
                    own_line = not text[text.rfind("\n", 0, start) + 1 : start].strip()
                    self.comments.append(
                        ast.Comment(comment.group().rstrip(), own_line, Span(*comment.span()))
                    )
                    position = comment.end()
                    continue
                else:
                    raise _fault(text, start, self._expected(states), self.holes)
            # Reduce until the token can be shifted.
            while True:
                action = actions[state].get(token)
                if action is None:
                    raise _fault(text, start, self._expected(states), self.holes)
                if isinstance(action, int):
                    break
                size = action.size
                if size:
                    children = values[-size:]
                    first, last = starts[-size], ends[-1]
                    del values[-size:], starts[-size:], ends[-size:], states[-size:]
                else:
                    children, first, last = [], start, start
                values.append(_reduced(action, children, Span(first, last), callbacks))
                starts.append(first)
                ends.append(last)
                state = actions[states[-1]][action.origin]  # type: ignore[assignment]
                states.append(state)
                if state == self.tables.end and token == END:
                    return self.builder.finish(values[-1], tuple(self.comments), len(text))
            state = action
            states.append(state)
            values.append(text[start:end])
            starts.append(start)
            ends.append(end)
            position = end

    def _expected(self, states: list[int]) -> frozenset[str]:
        """The tokens that can really follow: LALR rows also list merged look-aheads."""
        actions = self.tables.actions
        found = set()
        for token in actions[states[-1]]:
            stack = list(states[-64:])
            while isinstance(action := actions[stack[-1]].get(token), Rule):
                if action.size >= len(stack):
                    break
                if action.size:
                    del stack[-action.size :]
                stack.append(actions[stack[-1]][action.origin])  # type: ignore[arg-type]
                if stack[-1] == self.tables.end:
                    break
            else:
                if action is None:
                    continue
            found.add(token)
        return frozenset(found)


def _reduced(rule: Rule, children: list[Any], span: Span, callbacks: dict[str, Any]) -> Any:
    if any(rule.spliced):
        if rule.flat and rule.spliced[0]:
            # A list grows in place, so a list of n values costs n steps.
            grown: list[Any] = children[0]
            grown.extend(children[1:])
            return grown
        flat: list[Any] = []
        for child, spliced in zip(children, rule.spliced, strict=True):
            if spliced:
                flat.extend(child)
            else:
                flat.append(child)
        children = flat
    if rule.flat:
        return children
    if not rule.callback:
        return children[0]
    return callbacks[rule.callback](children, span)


# ── problems and recovery ─────────────────────────────────────────────────────

_LANDMARK = re.compile(
    r"""
      (?P<quoted>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`\n]*`)
    | (?P<comment>\#(?=[\s\#!]|$)[^\n]*)
    | (?P<open>[(\[])
    | (?P<close>[)\]])
    | (?P<join>(?:and|or)(?![\w\-/:@+*%?.])|&&|\|\||∧|∨)
    | (?P<where>where(?![\w\-/:@+*%?.]))
    | (?P<clause>(?:sort|limit|page|offset|select|count|having|after)(?![\w\-/:@+*%?.]))
    | (?P<word>\$?[\w\-/:@+*%?.]+)
    | (?P<quote>["'`])
    | (?P<other>\S)
    """,
    re.IGNORECASE | re.VERBOSE,
)


def _fault(text: str, at: int, expected: frozenset[str], holes: list[_Hole]) -> _SyntaxFault:
    """The problem at a place, and the stretch to leave out before reading on."""
    marks = [
        mark
        for mark in _LANDMARK.finditer(text)
        if not any(hole.start <= mark.start() < hole.end for hole in holes)
    ]
    if (small := next((h for h in holes if h.token and h.start == at), None)) is not None:
        here = next((i for i, mark in enumerate(marks) if mark.start() >= at), len(marks))
        return _SyntaxFault(None, _wider(text, marks, here, small))
    here = next((i for i, mark in enumerate(marks) if mark.end() > at), len(marks))
    found = marks[here].lastgroup if here < len(marks) else "end"
    if found == "close" and not _opened(marks, here):
        mark = marks[here]
        span = Span(*mark.span())
        return _SyntaxFault(
            syntax.UnopenedBracket(span=span, bracket=mark.group()), _Hole(*span, None)
        )
    if found in ("clause", "end") and (bracket := _unclosed(marks[:here])) is not None:
        span = Span(*bracket.span())
        if _could_close(expected, bracket.group()):
            return _SyntaxFault(
                syntax.UnclosedBracket(span=span, bracket=bracket.group()), _Hole(*span, None)
            )
    hole = _stretch(text, marks, here)
    return _SyntaxFault(_problem(text, at, marks, here, expected), hole)


def _wider(text: str, marks: list[re.Match[str]], here: int, hole: _Hole) -> _Hole | None:
    """A hole that also covers what stands before it, up to the next landmark."""
    if here == 0:
        return None
    wider = _stretch(text, marks[:here], here - 1)
    return _Hole(wider.start, max(hole.end, wider.end), wider.token)


def _could_close(expected: frozenset[str], bracket: str) -> bool:
    return ("RPAR" if bracket == "(" else "RSQB") in expected


def _opened(marks: list[re.Match[str]], close: int) -> bool:
    depth = 0
    for mark in marks[:close]:
        if mark.lastgroup == "open":
            depth += 1
        elif mark.lastgroup == "close" and depth:
            depth -= 1
    return depth > 0


def _unclosed(marks: list[re.Match[str]]) -> re.Match[str] | None:
    opened: list[re.Match[str]] = []
    for mark in marks:
        if mark.lastgroup == "open":
            opened.append(mark)
        elif mark.lastgroup == "close" and opened:
            opened.pop()
    return opened[-1] if opened else None


def _stretch(text: str, marks: list[re.Match[str]], here: int) -> _Hole:
    """From the landmark before the problem to the one after it, brackets whole."""
    first = here
    depth = 0
    while first > 0:
        kind = marks[first - 1].lastgroup
        if kind == "close":
            depth += 1
        elif kind == "open":
            if depth == 0 and marks[first - 1].group() == "(":
                break
            depth -= depth > 0
        elif depth == 0 and kind in ("join", "where"):
            break
        first -= 1
        if depth == 0 and kind == "clause":
            break
    last = here
    depth = 0
    while last < len(marks):
        kind = marks[last].lastgroup
        if kind == "open":
            depth += 1
        elif kind == "close":
            if depth == 0 and marks[last].group() == ")":
                break
            depth -= depth > 0
        elif depth == 0 and last > first and kind in ("join", "where", "clause"):
            break
        last += 1
    start = marks[first].start() if first < len(marks) else len(text)
    end = marks[last - 1].end() if last > first else start
    in_clause = first < len(marks) and marks[first].lastgroup == "clause"
    return _Hole(start, end, "CLAUSE_HOLE" if in_clause else "HOLE")


def _problem(
    text: str, at: int, marks: list[re.Match[str]], here: int, expected: frozenset[str]
) -> Diagnostic:
    if here < len(marks) and marks[here].lastgroup == "quote":
        return syntax.UnclosedQuote(span=Span(at, _line_end(text, at)), quote=text[at])
    stray = text[at] if at < len(text) else ""
    if stray and (unicodedata.category(stray) in ("Cf", "Pi", "Pf", "Cc", "Zs") or stray in "„‟"):
        name = unicodedata.name(stray, "unnamed")
        return syntax.StrayCharacter(span=Span(at, at + 1), character=stray, name=name)
    found = marks[here].group() if here < len(marks) else ""
    return syntax.UnexpectedText(
        span=Span(at, max(at, marks[here].end()) if found else at),
        found=found if len(found) <= 40 else found[:40] + "…",
        expected=_names(expected),
        hint=_hint(found, expected),
    )


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


_GROUPS: tuple[tuple[str, frozenset[str]], ...] = (
    ("a value", frozenset({"WORD", "STRING", "PARAMETER"})),
    ("a field", frozenset({"PATH"})),
    ("an operator", frozenset({"EQ", "IN"})),
    ("`and`", frozenset({"AND"})),
    ("`or`", frozenset({"OR"})),
    ("`)`", frozenset({"RPAR"})),
    ("`]`", frozenset({"RSQB"})),
    ("`,`", frozenset({"COMMA"})),
    ("`(`", frozenset({"LPAR"})),
    ("`with`", frozenset({"WITH"})),
    ("`null` or `empty`", frozenset({"NULL"})),
    ("`first` or `last`", frozenset({"FIRST"})),
    ("a clause (`sort`, `limit`, …)", frozenset({"LIMIT"})),
    ("the end of the query", frozenset({END})),
)


def _names(expected: frozenset[str]) -> tuple[str, ...]:
    """What may stand here, as words a person uses."""
    return tuple(name for name, group in _GROUPS if group <= expected) or ("something else",)


def _hint(found: str, expected: frozenset[str]) -> str | None:
    folded = found.lower()
    if "PATH" in expected and folded in ast.KEYWORDS:
        return f"a field named like a keyword stands in backticks: `{found}`"
    if "IN" in expected and "EQ" in expected and folded == "is":
        return "`is` goes with `null` and `empty`; equality is `=`"
    if folded in ("order", "group"):
        return "`sort KEY desc, …` orders, `count by KEY` groups"
    if found == "(" and "WORD" in expected:
        return "lists stand in square brackets: [a, b]"
    if "WORD" in expected and found and not found[0].isalnum() and found[0] not in "=<>!~)],":
        return (
            "a value with other characters than letters, digits and _ - . / : @ + * % ?"
            ' is quoted: "…"'
        )
    return None


# ── the builder: one method a rule of the grammar ─────────────────────────────

_OPERATORS = {
    "=": "=", "==": "=", "!=": "!=", "≠": "!=", "<>": "!=",
    "<": "<", "<=": "<=", "≤": "<=", ">": ">", ">=": ">=", "≥": ">=",
    "∈": "in", "∉": "not in", "~": "contains", "!~": "not contains", "=~": "matches",
    "⊇": "has all", "⊉": "not has all", "∩": "has any", "∋": "has", "∌": "not has",
    "⊆": "within", "⊄": "not within",
}  # fmt: skip
_QUANTIFIERS = {"∃": "any", "∄": "no", "∀": "every"}
_ESCAPES = {'"': '"', "'": "'", "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n",
            "r": "\r", "t": "\t"}  # fmt: skip
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))")


def _name_of(words: str) -> str:
    return _OPERATORS.get(words) or words


class _Builder:
    """Builds the tree; notes problems that the grammar leaves to it."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.problems: list[Diagnostic] = []
        self.callbacks = {
            name: getattr(self, name) for name in dir(type(self)) if not name.startswith("_")
        }

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
        return kind(tuple(operands), depth, children[1].lower(), span)

    def negated(self, children: list[Any], span: Span) -> ast.Expr:
        operand = children[1]
        return ast.Not(operand, self._deeper(_depth(operand), span), children[0].lower(), span)

    def _deeper(self, depth: int, span: Span) -> int:
        if depth >= self.limits.depth:
            problem = syntax.TooDeep(span=Span(span.start, span.start + 1), limit=self.limits.depth)
            raise _SyntaxFault(problem, None)
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
        return ast.Operator(
            f"not {operator.name}", f"{word.lower()} {operator.spelling}", operator.span
        )

    def tested(self, children: list[Any], span: Span) -> ast.Condition:
        return ast.Condition(children[0], children[1], None, span)

    def nothing(self, children: list[Any], span: Span) -> ast.Operator:
        words = ["not" if word in ("!", "¬") else word.lower() for word in children]
        return ast.Operator(" ".join(words), " ".join(words), span)

    def element(self, children: list[Any], span: Span) -> ast.Condition:
        return ast.Condition(None, children[0].operator, children[0].operand, span)

    def related(self, children: list[Any], span: Span) -> ast.Quantified:
        word = children[0].lower()
        where = children[3] if len(children) > 2 else None
        depth = self._deeper(_depth(where), span)
        return ast.Quantified(
            _QUANTIFIERS.get(word, word),
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

    def word_operator(self, children: list[Any], span: Span) -> ast.Operator:
        spelling = " ".join(children).lower()
        return ast.Operator(_name_of(spelling), spelling, span)

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

    def path(self, children: list[Any], span: Span) -> ast.Path:
        text: str = children[0]
        if "`" not in text:
            if text.lower() in ast.KEYWORDS:
                self.problems.append(
                    syntax.UnexpectedText(
                        span=span, found=text, expected=("a field",), hint=_hint(text, _A_FIELD)
                    )
                )
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
        return children[0].lower()  # type: ignore[no-any-return]

    def nulls(self, children: list[Any], span: Span) -> str:
        return children[1].lower()  # type: ignore[no-any-return]

    def limit(self, children: list[Any], span: Span) -> ast.Number:
        return ast.Number("limit", children[1], span)

    def page(self, children: list[Any], span: Span) -> ast.Number:
        return ast.Number("page", children[1], span)

    def offset(self, children: list[Any], span: Span) -> ast.Number:
        return ast.Number("offset", children[1], span)

    def select(self, children: list[Any], span: Span) -> ast.Select:
        return ast.Select(tuple(k for k in children[1:] if not isinstance(k, str)), span)

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


_A_FIELD = frozenset({"PATH"})
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
