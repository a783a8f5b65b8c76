"""The parse tables that Lark makes of the grammar, in the form the parser walks.

Lark reads `grammar/flowql.lark`, checks that it is LALR(1) and computes the
tables; this module turns them into plain dictionaries and one regular
expression a state (the tokens that may stand there). It is the only module that
imports Lark.

Computing them takes half a second, so `tables.json` beside this module keeps
them, with the digest of the grammar that they are of. `python -m
flowql.frontends.keep_tables` writes it anew; a test compares it with what Lark
makes, and a grammar that has moved on is read by Lark itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

END = "$END"
HOLES = ("HOLE", "CLAUSE_HOLE")


class Kind(Enum):
    """What a reduction does with the values of the rule's symbols."""

    PASS = "the only value stays as it is"
    LIST = "they begin a list (the grammar's `*`, `+` and `_name`)"
    GROW = "the first is a list, which takes the others in"
    CALL = "the builder makes a node of them"
    SPLICE = "as CALL, the elements of lists taking their lists' places"


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """A production, as the parser needs it when it reduces.

    `callback` names the builder's method where `kind` calls one.
    """

    origin: str
    size: int
    kind: Kind
    callback: str
    spliced: tuple[bool, ...]


class Scanner:
    """The tokens of a state; the regular expression is compiled when it is first used."""

    __slots__ = ("match", "pattern")

    match: Callable[[str, int], re.Match[str] | None]

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.match = self._first_match

    def _first_match(self, text: str, position: int) -> re.Match[str] | None:
        self.match = re.compile(self.pattern).match
        return self.match(text, position)


@dataclass(frozen=True, slots=True)
class Tables:
    """`actions[state][token]` is a state to go to, or a rule to reduce by."""

    start: int
    end: int
    actions: list[dict[str, int | Rule]]
    scanners: list[Scanner]


def grammar_path() -> Path:
    """Where the grammar is: inside the wheel's package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "grammar", package.parent / "grammar"):
        path = folder / "flowql.lark"
        if path.is_file():
            return path
    raise FileNotFoundError("grammar/flowql.lark is missing from the installation")


@cache
def tables() -> Tables:
    """The tables, once a process."""
    grammar = grammar_path().read_bytes()
    try:
        kept: dict[str, Any] = json.loads(KEPT.read_bytes())
    except (OSError, ValueError):
        kept = {}
    if kept.get("grammar") != sha256(grammar).hexdigest():
        kept = computed(grammar)
    rules = [
        Rule(origin, size, Kind[kind], callback, tuple(spliced))
        for origin, size, kind, callback, spliced in kept["rules"]
    ]
    scanners = [Scanner(pattern) for pattern in kept["patterns"]]
    return Tables(
        start=kept["start"],
        end=kept["end"],
        # A list of one number is a rule to reduce by, a number a state to go to.
        actions=[
            {
                token: rules[action[0]] if isinstance(action, list) else action
                for token, action in row.items()
            }
            for row in kept["actions"]
        ],
        scanners=[scanners[number] for number in kept["scanners"]],
    )


KEPT = Path(__file__).with_name("tables.json")


def computed(grammar: bytes) -> dict[str, Any]:
    """The tables that Lark makes of a grammar, as JSON has them."""
    from lark import Lark

    lark = Lark(
        grammar.decode(),
        start="query",
        parser="lalr",
        lexer="contextual",
        maybe_placeholders=False,
    )
    # `_parse_table` has a leading underscore but is what `Lark.save` serialises;
    # a test compares this module's parses with Lark's own.
    table: Any = lark.parser.parser._parse_table
    numbers = _numbered(table, table.start_states["query"])
    rules: dict[Any, int] = {}
    actions: list[dict[str, int | list[int]]] = []
    for state in numbers:
        row: dict[str, int | list[int]] = {}
        for symbol, (kind, argument) in sorted(
            table.states[state].items(), key=lambda item: item[0]
        ):
            if kind.name == "Shift":
                row[symbol] = numbers[argument]
            else:
                row[symbol] = [rules.setdefault(argument, len(rules))]
        actions.append(row)
    terminals = {terminal.name: terminal for terminal in lark.terminals}
    patterns: dict[str, int] = {}
    scanners = []
    for row in actions:
        pattern = _pattern([terminals[name] for name in row if name in terminals])
        scanners.append(patterns.setdefault(pattern, len(patterns)))
    return {
        "grammar": sha256(grammar).hexdigest(),
        "start": numbers[table.start_states["query"]],
        "end": numbers[table.end_states["query"]],
        "rules": [
            [rule.origin, rule.size, rule.kind.name, rule.callback, list(rule.spliced)]
            for rule in map(_rule, rules)
        ],
        "actions": actions,
        "scanners": scanners,
        "patterns": list(patterns),
    }


def _numbered(table: Any, start: Any) -> dict[Any, int]:
    """States by number, in an order that is the same each time: as they are met."""
    numbers = {start: 0}
    met = [start]
    for state in met:
        for _, (kind, argument) in sorted(table.states[state].items(), key=lambda item: item[0]):
            if kind.name == "Shift" and argument not in numbers:
                numbers[argument] = len(numbers)
                met.append(argument)
    return numbers


def _rule(rule: Any) -> Rule:
    origin = str(rule.origin.name)
    names = [str(symbol.name) for symbol in rule.expansion]
    spliced = tuple(name.startswith("_") for name in names)
    if origin.startswith("_"):
        kind = Kind.GROW if spliced[0] else Kind.LIST
    elif rule.options.expand1 and len(names) == 1 and not rule.alias:
        kind = Kind.PASS
    else:
        kind = Kind.SPLICE if any(spliced) else Kind.CALL
    return Rule(origin, len(names), kind, str(rule.alias or origin), spliced)


def _pattern(terminals: list[Any]) -> str:
    # Lark's own order: priority, then the longest pattern first.
    terminals.sort(key=lambda t: (-t.priority, -t.pattern.max_width, -len(t.pattern.value), t.name))
    choices = "|".join(f"(?P<{t.name}>{t.pattern.to_regexp()})" for t in terminals)
    return rf"[ \t\r\n\f\u00a0]*(?:{choices or '(?!)'})"
