"""The parse tables that Lark makes of the grammar, in the form the parser walks.

Lark reads `grammar/flowql.lark`, checks that it is LALR(1) and computes the
tables; this module turns them into plain dictionaries and one regular
expression a state (the tokens that may stand there). It is the only module that
imports Lark.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lark import Lark

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


@dataclass(frozen=True, slots=True)
class Tables:
    """`actions[state][token]` is a state to go to, or a rule to reduce by."""

    start: int
    end: int
    actions: list[dict[str, int | Rule]]
    scanners: list[re.Pattern[str]]


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
    """The tables, made once a process."""
    from lark import Lark

    lark = Lark(
        grammar_path().read_text(encoding="utf-8"),
        start="query",
        parser="lalr",
        lexer="contextual",
        maybe_placeholders=False,
    )
    return _tables(lark)


def _tables(lark: Lark) -> Tables:
    # `_parse_table` has a leading underscore but is what `Lark.save` serialises;
    # a test compares this module's parses with Lark's own.
    table: Any = lark.parser.parser._parse_table
    numbers = {state: number for number, state in enumerate(table.states)}
    rules: dict[int, Rule] = {}

    def action(entry: tuple[Any, Any]) -> int | Rule:
        kind, argument = entry
        if kind.name == "Shift":
            return numbers[argument]
        if id(argument) not in rules:
            rules[id(argument)] = _rule(argument)
        return rules[id(argument)]

    actions = [
        {symbol: action(entry) for symbol, entry in row.items()} for row in table.states.values()
    ]
    terminals = {terminal.name: terminal for terminal in lark.terminals}
    compiled: dict[frozenset[str], re.Pattern[str]] = {}
    scanners = []
    for row in actions:
        accepted = frozenset(row) & frozenset(terminals)
        if accepted not in compiled:
            compiled[accepted] = _scanner([terminals[name] for name in accepted])
        scanners.append(compiled[accepted])
    return Tables(
        start=numbers[table.start_states["query"]],
        end=numbers[table.end_states["query"]],
        actions=actions,
        scanners=scanners,
    )


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


def _scanner(terminals: list[Any]) -> re.Pattern[str]:
    # Lark's own order: priority, then the longest pattern first.
    terminals.sort(key=lambda t: (-t.priority, -t.pattern.max_width, -len(t.pattern.value), t.name))
    choices = "|".join(f"(?P<{t.name}>{t.pattern.to_regexp()})" for t in terminals)
    return re.compile(rf"[ \t\r\n\f\u00a0]*(?:{choices or '(?!)'})")
