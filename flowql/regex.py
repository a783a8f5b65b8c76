r"""One regular-expression language that means the same everywhere.

Promised: a `Regex` says yes to the same texts by `search` (in memory, in time linear in the text),
by `spell_re2` (DuckDB's `regexp_matches`) and by `spell_postgres` (PostgreSQL's `~`). It is looked
for anywhere in the text and minds case:

    a \. \n \x41 \x{1F600}    one character       ab a|b          both in turn, either
    .                         all but newline     (a) (?P<n>a)    groups, whose names are dropped
    [a-z] [^a-z] \d \w \s     classes, as ASCII   a* a+ a? a{2,5} repetition; `a*?` asks the same
    ^ \A   $ \z               the text's ends     \b \B           at a word's edge, or not, as ASCII

Refused with a `RegexProblem`: what an engine lacks (lookaround, backreferences, possessive
repetition), what engines read differently (inline flags, `\Z`, `\p{L}`, octal, `[:alpha:]`, a bare
`{`) and what passes the limits below. The spellings hold nothing whose meaning hangs on a locale,
an option or an engine's idea of a line.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import chain
from typing import Final, assert_never

MAX_REPEAT: Final = 1_000  # RE2's own bound.
MAX_DEPTH: Final = 20  # Groups within groups; spelling recurses ten times as deep.
MAX_STEPS: Final = 1_000  # Characters, anchors and branches, with repetitions written out.
MAX_ARCS: Final = 30_000  # See `_require_few_arcs`.
MAX_REMEMBERED: Final = 100_000  # Transitions, and steps of states, that a search keeps.


class RegexProblem(ValueError):
    """Why a pattern is outside the language, and at which of its characters."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message, position)
        self.message = message
        self.position = position


@dataclass(frozen=True, slots=True)
class Regex:
    """A pattern that has been read; equal to another when their texts are equal."""

    pattern: str
    _root: _Node = field(compare=False, repr=False)
    _automaton: _Automaton = field(compare=False, repr=False)

    def search(self, text: str) -> bool:
        """Whether the pattern matches somewhere in the text."""
        return self._automaton.matches(text)

    def wildcards(self) -> tuple[str | Wild, ...] | None:
        """Its texts and wildcards in turn, where it is no more than these.

        `^a(.|\\n)*b$` is ("a", Wild.MANY, "b"); without `^` it begins and without `$` it
        ends with `Wild.MANY`. None for any other pattern.
        """
        items = self._root.items if isinstance(self._root, _Sequence) else (self._root,)
        begins = bool(items) and items[0] is _Anchor.START
        ends = bool(items) and items[-1] is _Anchor.END
        found: list[str | Wild] = [] if begins else [Wild.MANY]
        for item in items[begins : len(items) - ends]:
            match item:
                case _Chars((low, high)) if high == low + 1:
                    found.append(chr(low))
                case _Repeat(inner, 0, None) if _is_any(inner):
                    found.append(Wild.MANY)
                case _ if _is_any(item):
                    found.append(Wild.ONE)
                case _:
                    return None
        return together([*found, *([] if ends else [Wild.MANY])])

    def spell_re2(self) -> str:
        text = _RE2.spell(self._root)
        # RE2 starts at any byte, and inside a character of several bytes it finds `\B` true.
        # Taking whole characters from the start keeps it from looking there.
        return rf"\A(?s:.*)(?:{text})" if _Anchor.INSIDE in _leaves(self._root) else text

    def spell_postgres(self) -> str:
        return _POSTGRES.spell(self._root)


def parse(pattern: str) -> Regex:
    """Read a pattern, or raise a `RegexProblem`."""
    root = _Reader(pattern).read()
    return Regex(pattern, root, _Automaton(root))


class Wild(Enum):
    """What stands for any text, and for any one character."""

    MANY = "*"
    ONE = "?"


def together(items: Iterable[str | Wild]) -> tuple[str | Wild, ...]:
    """Neighbouring texts as one, and neighbouring `Wild.MANY`s."""
    found: list[str | Wild] = []
    for item in items:
        last = found[-1] if found else None
        if isinstance(item, str) and isinstance(last, str):
            found[-1] = last + item
        elif item != "" and not (item is last is Wild.MANY):
            found.append(item)
    return tuple(found)


# The tree

_CEILING: Final = 0x110000  # One more than the last character.


@dataclass(frozen=True, slots=True)
class _Chars:
    """A set of characters by its sorted boundaries: (48, 58) is [0-9].

    A character is inside when an odd number of boundaries are its code or less.
    """

    bounds: tuple[int, ...]


_ANYTHING: Final = _Chars((0, _CEILING))


@dataclass(frozen=True, slots=True)
class _Sequence:
    items: tuple[_Node, ...]


@dataclass(frozen=True, slots=True)
class _Choice:
    options: tuple[_Node, ...]


@dataclass(frozen=True, slots=True)
class _Repeat:
    item: _Node
    low: int
    high: int | None


class _Anchor(Enum):
    """Each by its escape."""

    START = "A"
    END = "z"
    EDGE = "b"
    INSIDE = "B"


_Node = _Chars | _Sequence | _Choice | _Repeat | _Anchor


def _is_any(node: _Node) -> bool:
    """Whether it is any one character."""
    options = node.options if isinstance(node, _Choice) else (node,)
    sets = [option for option in options if isinstance(option, _Chars)]
    return len(sets) == len(options) and _union(sets) == _ANYTHING


def _leaves(node: _Node) -> Iterator[_Chars | _Anchor]:
    match node:
        case _Chars() | _Anchor():
            yield node
        case _Repeat(item):
            yield from _leaves(item)
        case _Sequence(nodes) | _Choice(nodes):
            for child in nodes:
                yield from _leaves(child)
        case _:
            assert_never(node)


def _one(char: str) -> _Chars:
    return _Chars((ord(char), ord(char) + 1))


def _union(parts: Iterable[_Chars]) -> _Chars:
    merged: list[int] = []
    for low, high in sorted(chain.from_iterable(map(_ranges, parts))):
        if merged and low <= merged[-1]:
            merged[-1] = max(merged[-1], high)
        else:
            merged += (low, high)
    return _Chars(tuple(merged))


def _complement(chars: _Chars) -> _Chars:
    return _Chars(tuple(sorted({0, _CEILING} ^ set(chars.bounds))))


def _ranges(chars: _Chars) -> Iterator[tuple[int, int]]:
    """From each range's first character to the one after its last."""
    return zip(chars.bounds[::2], chars.bounds[1::2], strict=True)


# Reading

_ANY: Final = _Chars((0, _CEILING))
_NOT_NEWLINE: Final = _complement(_one("\n"))
_WORD: Final = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz")
_CLASSES: Final = {
    "d": _union(map(_one, "0123456789")),
    "w": _union(map(_one, _WORD)),
    "s": _union(map(_one, "\t\n\f\r ")),  # As in RE2, without \v.
}
_CONTROLS: Final = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v"}
_ESCAPES: Final = {
    **{name: _one(char) for name, char in _CONTROLS.items()},
    **_CLASSES,
    **{name.upper(): _complement(chars) for name, chars in _CLASSES.items()},
}
_ANCHORS: Final = {"^": _Anchor.START, "$": _Anchor.END} | {
    f"\\{anchor.value}": anchor for anchor in _Anchor
}
_COUNTS: Final[Mapping[str, tuple[int, int | None]]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}

_HEX: Final = re.compile(r"\\x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,8})\})")
_GROUP: Final = re.compile(r"\((?:(?!\?)|\?:|\?P?<[A-Za-z_][0-9A-Za-z_]*>)")
_QUANTIFIER: Final = re.compile(r"(?:[*+?]|\{([0-9]+)(,?)([0-9]*)\})\??")

_OUTSIDE: Final = "is outside the regular expressions that mean the same everywhere"
_REFUSED_GROUPS: Final = {
    **dict.fromkeys(("(?=", "(?!", "(?<=", "(?<!"), "lookaround"),
    "(?>": "an atomic group",
    "(?P=": "a backreference",
    "(?#": "a comment",
    "(?": "an inline flag or another special group",
}
_REFUSED_ESCAPES: Final = {
    **dict.fromkeys("123456789k", f"a backreference {_OUTSIDE}"),
    **dict.fromkeys("pP", f"a Unicode class {_OUTSIDE}; ranges such as [à-ÿ] are inside"),
    "0": f"an octal escape {_OUTSIDE}; \\x00 is inside",
    "x": "`\\x` takes two hexadecimal digits, or some in braces: \\x41, \\x{1F600}",
    "Z": f"`\\Z` {_OUTSIDE}; the end of the text is `\\z`",
}


class _Reader:
    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0
        self.depth = 0

    def read(self) -> _Node:
        for position, char in enumerate(self.pattern):
            self.require_character(ord(char), position)
        root = self.choice()
        if self.ahead():
            raise RegexProblem("`)` closes no group", self.at)
        return root

    def choice(self) -> _Node:
        options = {self.sequence(): None}
        while self.took("|"):
            options[self.sequence()] = None
        return next(iter(options)) if len(options) == 1 else _Choice(tuple(options))

    def sequence(self) -> _Node:
        items: list[_Node] = []
        while self.ahead() not in ("", "|", ")"):
            items.append(self.repetition(self.atom()))
        return items[0] if len(items) == 1 else _Sequence(tuple(items))

    def repetition(self, item: _Node) -> _Node:
        found = _QUANTIFIER.match(self.pattern, self.at)
        if not found:
            return item
        low, high = self.counts(found)
        if not any(isinstance(leaf, _Chars) for leaf in _leaves(item)):
            raise RegexProblem(f"what `{found[0]}` repeats takes no character", self.at)
        self.at = found.end()
        if self.ahead() in ("*", "+", "?", "{"):
            raise RegexProblem(
                f"a possessive or doubled repetition {_OUTSIDE}; (?:a*)+ is inside", self.at
            )
        return _Sequence(()) if high == 0 else _Repeat(item, low, high)

    def counts(self, found: re.Match[str]) -> tuple[int, int | None]:
        least, comma, most = found.groups()
        if least is None:
            return _COUNTS[found[0][0]]
        # Python refuses to read a number of thousands of digits.
        if any(len(digits) > 4 or int(digits or 0) > MAX_REPEAT for digits in (least, most)):
            raise RegexProblem(f"a repetition counts to {MAX_REPEAT:,} at most", self.at)
        low, high = int(least), int(most) if most else None if comma else int(least)
        if high is not None and low > high:
            raise RegexProblem(f"`{found[0]}` counts down", self.at)
        return low, high

    def atom(self) -> _Node:
        for text, anchor in _ANCHORS.items():
            if self.took(text):
                return anchor
        match self.ahead():
            case "(":
                return self.group()
            case "[":
                return self.char_class()
            case "*" | "+" | "?" as symbol:
                raise RegexProblem(f"nothing stands before `{symbol}` to repeat", self.at)
            case "{":
                raise RegexProblem(
                    "`{` opens a count such as {3}, {2,} or {2,5}; the character is `\\{`", self.at
                )
            case ".":
                self.at += 1
                return _NOT_NEWLINE
            case _:
                return self.chars()

    def group(self) -> _Node:
        start = self.at
        found = _GROUP.match(self.pattern, start)
        if not found:
            refused = next(text for text in _REFUSED_GROUPS if self.pattern.startswith(text, start))
            raise RegexProblem(f"{_REFUSED_GROUPS[refused]}, `{refused}`, {_OUTSIDE}", start)
        if self.depth == MAX_DEPTH:
            raise RegexProblem(f"groups nest {MAX_DEPTH} deep at most", start)
        self.at = found.end()
        self.depth += 1
        inner = self.choice()
        self.depth -= 1
        if not self.took(")"):
            raise RegexProblem("`(` is not closed", start)
        return inner

    def char_class(self) -> _Chars:
        start = self.at
        self.at += 1
        negated = self.took("^")
        parts: list[_Chars] = []
        while not (parts and self.took("]")):  # A `]` that comes first is a character.
            if not self.ahead():
                raise RegexProblem("`[` is not closed", start)
            if self.pattern.startswith("[:", self.at):
                raise RegexProblem(f"a POSIX class {_OUTSIDE}", self.at)
            first, part = self.at, self.chars()
            if self.ahead() == "-" and self.pattern[self.at + 1 : self.at + 2] not in ("", "]"):
                self.at += 1
                low, *_, after_low = part.bounds
                high, *_, after_high = self.chars().bounds
                if not low + 1 == after_low <= high + 1 == after_high:
                    text = self.pattern[first : self.at]
                    raise RegexProblem(f"`{text}` does not run from a character up", first)
                part = _Chars((low, after_high))
            parts.append(part)
        chars = _complement(_union(parts)) if negated else _union(parts)
        if not chars.bounds:
            raise RegexProblem("this class leaves no character", start)
        return chars

    def chars(self) -> _Chars:
        """A character, or an escape that stands for some."""
        start = self.at
        self.at += 1
        if self.pattern[start] != "\\":
            return _one(self.pattern[start])
        if found := _HEX.match(self.pattern, start):
            self.at = found.end()
            code = int(found[1] or found[2], 16)
            self.require_character(code, start)
            return _one(chr(code))
        name = self.ahead()
        self.at += 1
        if name in _ESCAPES:
            return _ESCAPES[name]
        if not name:
            raise RegexProblem("a backslash ends the pattern", start)
        if name.isalnum() or not name.isascii():
            raise RegexProblem(_REFUSED_ESCAPES.get(name, f"`\\{name}` {_OUTSIDE}"), start)
        return _one(name)

    def require_character(self, code: int, position: int) -> None:
        if 0xD800 <= code <= 0xDFFF or code >= _CEILING:
            raise RegexProblem(f"U+{code:04X} is not a character", position)

    def ahead(self) -> str:
        """The next character, or nothing at the pattern's end."""
        return self.pattern[self.at : self.at + 1]

    def took(self, text: str) -> bool:
        if not self.pattern.startswith(text, self.at):
            return False
        self.at += len(text)
        return True


# Spelling


@dataclass(frozen=True, slots=True)
class _Spelling:
    """How one engine writes the tree."""

    any_char: str
    code_escape: Callable[[int], str]
    anchors: Mapping[_Anchor, str]
    max_repeat: int

    def spell(self, node: _Node) -> str:
        match node:
            case _Chars():
                return self.chars(node)
            case _Anchor():
                return self.anchors[node]
            case _Sequence(items):
                return "".join(
                    self.atom(item) if isinstance(item, _Choice) else self.spell(item)
                    for item in items
                )
            case _Choice(options):
                # Beside a literal, DuckDB takes an empty group for the text's end; not in a choice.
                return "|".join(self.spell(option) or "(?:)" for option in options)
            case _Repeat(item, low, high):
                return "".join(self.atom(item) + count for count in self.counts(low, high))
            case _:
                assert_never(node)

    def atom(self, node: _Node) -> str:
        return self.spell(node) if isinstance(node, _Chars) else f"(?:{self.spell(node)})"

    def counts(self, low: int, high: int | None) -> Iterator[str]:
        """One quantifier, or several in a row where the engine does not count that far."""
        while max(low, high or 0) > self.max_repeat:
            least, most = min(low, self.max_repeat), min(high or low, self.max_repeat)
            low, high = low - least, None if high is None else high - most
            yield _quantifier(least, most)
        yield _quantifier(low, high)

    def chars(self, chars: _Chars) -> str:
        if chars == _ANY:
            return self.any_char
        if chars.bounds[0] + 1 == chars.bounds[-1]:
            return self.char(chars.bounds[0], r"\.+*?()|[]{}^$")
        if chars.bounds[-1] == _CEILING:
            return f"[^{self.members(_complement(chars))}]"
        return f"[{self.members(chars)}]"

    def members(self, chars: _Chars) -> str:
        return "".join(
            "-".join(self.char(code, r"\[]^-") for code in sorted({low, high - 1}))
            for low, high in _ranges(chars)
        )

    def char(self, code: int, special: str) -> str:
        char = chr(code)
        if char in special:
            return f"\\{char}"
        named = (f"\\{name}" for name, control in _CONTROLS.items() if control == char)
        return char if char.isprintable() else next(named, self.code_escape(code))


def _quantifier(low: int, high: int | None) -> str:
    if low == high:
        return f"{{{low}}}"
    symbols = (symbol for symbol, counts in _COUNTS.items() if counts == (low, high))
    return next(symbols, f"{{{low},{'' if high is None else high}}}")


_RE2: Final = _Spelling(
    any_char="(?s:.)",
    code_escape=r"\x{{{:x}}}".format,
    anchors={anchor: f"\\{anchor.value}" for anchor in _Anchor},
    max_repeat=MAX_REPEAT,
)
# PostgreSQL's own `\y` and `\Y` ask the locale what a word is.
_IN, _OUT, _AFTER, _PAST = (f"({sign}[0-9A-Z_a-z])" for sign in ("?=", "?!", "?<=", "?<!"))
_POSTGRES: Final = _Spelling(
    any_char=".",
    code_escape=r"\U{:08x}".format,
    anchors={
        _Anchor.START: "^",
        _Anchor.END: "$",
        _Anchor.EDGE: f"(?:{_PAST}{_IN}|{_AFTER}{_OUT})",
        _Anchor.INSIDE: f"(?:{_PAST}{_OUT}|{_AFTER}{_IN})",
    },
    max_repeat=255,
)


# Searching


@dataclass(frozen=True, slots=True)
class _Step:
    """Goes on at each of some steps, once it has what it needs."""

    needs: _Chars | _Anchor | None
    thens: tuple[int, ...]


@dataclass(slots=True, eq=False)
class _State:
    """The steps a search has reached between two characters, and where each character leads."""

    steps: frozenset[int]
    at_start: bool
    after_word: bool
    nexts: dict[str, _State] = field(default_factory=dict)


_MATCHED: Final = _State(frozenset(), False, False)


class _Automaton:
    """Thompson's automaton, made deterministic only as far as the texts lead."""

    def __init__(self, root: _Node) -> None:
        self.steps = [_Step(None, ())]  # The first accepts.
        self.start = self.write(root, 0)
        _require_few_arcs(self.steps, self.start)
        self.forget()

    def write(self, node: _Node, then: int) -> int:
        """The step that matches the node and goes on at `then`."""
        match node:
            case _Chars() | _Anchor():
                return self.add(node, then)
            case _Sequence(items):
                for item in reversed(items):
                    then = self.write(item, then)
                return then
            case _Choice(options):
                return self.add(None, *[self.write(option, then) for option in options])
            case _Repeat(item, low, high):
                more = then
                if high is None:
                    more = self.add(None)
                    self.steps[more] = _Step(None, (self.write(item, more), then))
                for _ in range((high or low) - low):
                    more = self.add(None, self.write(item, more), then)
                return self.write(_Sequence((item,) * low), more)
            case _:
                assert_never(node)

    def add(self, needs: _Chars | _Anchor | None, *thens: int) -> int:
        if len(self.steps) > MAX_STEPS:
            raise RegexProblem(
                "with repetitions written out, the pattern has more than "
                f"{MAX_STEPS:,} characters, anchors and branches",
                0,
            )
        self.steps.append(_Step(needs, thens))
        return len(self.steps) - 1

    def forget(self) -> None:
        self.initial = _State(frozenset({self.start}), True, False)
        self.states: dict[tuple[frozenset[int], bool], _State] = {}
        self.remembered = 0

    def matches(self, text: str) -> bool:
        state = self.initial
        for char in chain(text, ("",)):  # At the text's end comes the empty character.
            state = state.nexts.get(char) or self.advance(state, char)
            if state is _MATCHED:
                return True
        return False

    def advance(self, state: _State, char: str) -> _State:
        """The state after the character, remembered."""
        if self.remembered > MAX_REMEMBERED:
            for known in (self.initial, *self.states.values()):
                known.nexts.clear()  # Or the states would keep one another alive.
            self.forget()
        word = char in _WORD
        holds = {
            None: True,
            _Anchor.START: state.at_start,
            _Anchor.END: not char,
            _Anchor.EDGE: word != state.after_word,
            _Anchor.INSIDE: word == state.after_word,
        }
        pending, seen, reached = list(state.steps), set(state.steps), {self.start}
        while pending:
            step = self.steps[pending.pop()]
            if isinstance(step.needs, _Chars):
                if char and bisect_right(step.needs.bounds, ord(char)) % 2:
                    reached.update(step.thens)
            elif holds[step.needs]:
                pending += [then for then in step.thens if then not in seen]
                seen.update(step.thens)
        key = (frozenset(reached), word)
        if 0 in seen:
            following = _MATCHED
        elif key in self.states:
            following = self.states[key]
        else:
            following = self.states[key] = _State(key[0], False, word)
            self.remembered += len(reached)
        state.nexts[char] = following
        self.remembered += 1
        return following


def _require_few_arcs(steps: Sequence[_Step], start: int) -> None:
    """Refuses what PostgreSQL would find too complex, or be long in compiling.

    PostgreSQL gives each pair of characters that may follow one another an arc for each class of
    characters that the pattern tells apart, and more than doubles them for a word's edge between.
    """
    takes = [(step.needs.bounds, step.thens) for step in steps if isinstance(step.needs, _Chars)]
    rank = {bound: i for i, bound in enumerate(sorted({b for bounds, _ in takes for b in bounds}))}
    arcs = 0
    for source in {start, *(then for _, thens in takes for then in thens)}:
        edges, pending = {source: 0}, [source]
        while pending:
            place = pending.pop()
            needs, thens, crossed = steps[place].needs, steps[place].thens, edges[place]
            if isinstance(needs, _Chars):
                arcs += sum(rank[high] - rank[low] for low, high in _ranges(needs)) << 2 * crossed
                thens = ()
            elif needs in (_Anchor.EDGE, _Anchor.INSIDE):
                crossed += 1
                arcs += 1 + len(rank) << 2 * crossed
            if arcs > MAX_ARCS:
                raise RegexProblem(
                    "the pattern's characters may follow one another in too many ways", 0
                )
            for then in thens:
                if edges.get(then, -1) < crossed:
                    edges[then] = crossed
                    pending.append(then)
