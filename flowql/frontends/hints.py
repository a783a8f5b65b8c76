"""What a person is told about a syntax problem: what may stand there, and what was meant."""

from __future__ import annotations

from flowql import ast
from flowql.frontends.tables import END

_GROUPS: tuple[tuple[str, frozenset[str]], ...] = (
    ("a value", frozenset({"WORD", "STRING", "PARAMETER"})),
    ("a field", frozenset({"PATH"})),
    ("an operator", frozenset({"EQ", "IN"})),
    ("`where`", frozenset({"WHERE"})),
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


def names(expected: frozenset[str]) -> tuple[str, ...]:
    """What may stand somewhere, as words a person uses."""
    found = [name for name, group in _GROUPS if group <= expected]
    if "PATH" in expected and "EQ" in expected:
        # An operator begins a condition only on a tag, whose text has no name.
        found.remove("an operator")
    return tuple(found) or ("something else",)


_OPERATORS = frozenset("= == != ≠ < <= ≤ > >= ≥ ~ !".split())
_OTHER_LANGUAGES = {"order": "`sort KEY desc, …` orders", "group": "`count by KEY` groups"}
_QUANTIFIERS = frozenset("any no every latest count".split())
_LISTS = "lists stand in square brackets: [a, b]"
_IN_BACKTICKS = "a field named like a keyword stands in backticks"


def hint(found: str, before: list[str], expected: frozenset[str]) -> str | None:
    """What was most likely meant by a piece of text that cannot stand where it does.

    `before` are the pieces that stand before it, the nearest last.
    """
    folded = found.lower()
    last = before[-1].lower() if before else ""
    for word in (folded, last if folded == "by" else ""):
        if word in _OTHER_LANGUAGES:
            return _OTHER_LANGUAGES[word]
    if found.startswith("#"):
        return "a comment begins with `#` and a space; a value with `#` is quoted"
    if folded == "ago" and last.startswith("$"):
        return f"a time before now is `now - {last}`"
    if found == "," and "AND" in expected:
        return _LISTS
    if folded in ("and", "or"):
        return "conditions stand before the clauses" if _only_clauses(expected) else None
    if folded == "where":
        return "`where` stands once, after the target: flow_runs where …"
    if "PATH" in expected and folded == "by":
        if last == "distinct":
            return "`distinct` goes without `by`: distinct FIELD, …"
        return "`sort` goes without `by`: sort KEY desc, …"
    if "PATH" in expected and folded == "distinct" and last == "select":
        return "`distinct` is a clause of its own: select name distinct name"
    if "PATH" in expected and folded in ast.KEYWORDS:
        return f"{_IN_BACKTICKS}: `{found}`"
    if found in _OPERATORS:
        return _before_operator(before, expected)
    if "PATH" in expected:
        return _instead_of_name(found, last)
    if "EQ" in expected and "IN" in expected:
        return _instead_of_operator(folded, expected)
    if "LPAR" in expected and "AND" in expected:
        return "conditions on related rows stand in parentheses: any run (…)"
    return _instead_of_value(found, expected) if "WORD" in expected else None


def _only_clauses(expected: frozenset[str]) -> bool:
    return "LIMIT" in expected and not expected & {"AND", "PATH"}


def _before_operator(before: list[str], expected: frozenset[str]) -> str | None:
    if before and before[-1].lower() in ast.KEYWORDS:
        return f"{_IN_BACKTICKS}: `{before[-1]}`"
    if "AND" in expected and len(before) > 1 and before[-2][-1].isalnum():
        return "bare words in a row are one value; conditions are joined by `and` or `or`"
    return None


def _instead_of_name(found: str, last: str) -> str | None:
    if last == "select":
        return "without `select` every column is given"
    if found == "(" and last in _QUANTIFIERS:
        return f"`{last}` takes related rows: {last} run (…)"
    return None


def _instead_of_operator(found: str, expected: frozenset[str]) -> str | None:
    if found == "is":
        return "`is` goes with `null` and `empty`; equality is `=`"
    if found.startswith(":"):
        return "equality is `=`"
    if "WHERE" in expected and found[:1].isalpha():
        return "conditions follow a target after `where`"
    return None


def _instead_of_value(found: str, expected: frozenset[str]) -> str | None:
    if not found or found[0].isalnum() or found[0] in "!~)]":
        return None
    if found[0] in ",({[":
        return None if expected & {"COMMA", "RSQB"} else _LISTS
    if found.startswith("$"):
        return "a parameter is `$` and a name: $since"
    return (
        'a value with other characters than letters, digits and _ - . / : @ + * % ? is quoted: "…"'
    )
