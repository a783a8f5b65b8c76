"""What tells SQL dialects apart: one frozen list of questions, most with a usual answer.

sqlglot spells a tree in a dialect; here stands what it cannot know: how Prefect
stores a value there, which function asks a question rightly, how a driver takes
parameters, and how deep the engine's parser goes. A dialect is one file in
`dialects/` that defines `DIALECT`.

Expressions are stock sqlglot nodes, which print alike on its plain and its
compiled build. A function that needs a node twice takes copies, because a node
has one parent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal, assert_never

from sqlglot import exp

from flowql.backends.sql.depth import WRITER, Depth
from flowql.backends.sql.nodes import cast, text

if TYPE_CHECKING:
    from datetime import datetime

    from flowql import typed
    from flowql.catalog import Type
    from flowql.regex import Regex

Keys = tuple[str, ...]
"""The way into a JSON value."""


@dataclass(frozen=True, slots=True)
class Packed:
    """A whole list of values as one expression: a parameter, or a long list in the text."""

    array: exp.Expr


Wanted = list[exp.Expr] | Packed
"""The values of a list, one by one or packed."""

Needle = Callable[[Callable[[str], object]], exp.Expr]
"""Writes the text that is looked for, in the form that a function gives it."""


def utc_text(value: datetime) -> str:
    """`YYYY-MM-DD HH:MM:SS.ffffff`, the time in UTC to the microsecond."""
    return value.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")


def microseconds(value: timedelta) -> int:
    """The length as a number."""
    return value // timedelta(microseconds=1)


def timestamp(value: datetime) -> exp.Expr:
    """The instant, with its offset written out so that no session's time zone matters."""
    return cast(text(f"{utc_text(value)}+00:00"), "timestamptz")


def escape_like(value: str) -> str:
    r"""The value as a pattern in which `%`, `_` and `\` are ordinary, `\` being the escape."""
    return value.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def ilike(operator: typed.TextOperator, own: exp.Expr, needle: Needle) -> exp.Expr:
    """The text operators but `matches`, by ILIKE, which trigram indexes serve."""
    form: Callable[[str], object]
    match operator:
        case "contains":
            form = lambda value: f"%{escape_like(value)}%"  # noqa: E731
        case "starts with":
            form = lambda value: f"{escape_like(value)}%"  # noqa: E731
        case "ends with":
            form = lambda value: f"%{escape_like(value)}"  # noqa: E731
        case "like":
            # The pattern holds no backslash, so it needs no escape.
            return exp.ILike(this=own, expression=needle(str))
        case "matches":
            raise AssertionError("`regex` answers for regular expressions")
        case _:
            assert_never(operator)
    return exp.Escape(this=exp.ILike(this=own, expression=needle(form)), expression=text("\\"))


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """A dialect of SQL, as answers to what the lowering asks."""

    name: str
    aliases: tuple[str, ...] = ()
    writer: str
    """sqlglot's name of it."""

    # ── limits ──
    max_params: int
    """Parameters that one statement may have."""
    max_name: int | None = None
    """Bytes of a column's name, which is silently cut beyond."""
    max_pattern: int | None = None
    """Bytes of a `like` pattern."""
    max_conditions: int | None = None
    """Conditions of a WHERE that the planner takes apart well."""
    depths: tuple[Depth, ...] = (WRITER,)
    """How deep a tree may be."""

    # ── related rows ──
    related: Literal["correlated", "keyed"] = "correlated"
    """How conditions on related rows are asked: by subqueries that look at the row in hand, or
    by lists of keys, which look at nothing around them."""

    # ── values ──
    percent_doubled: bool = False
    """Whether the driver reads a lone `%` of the text as a placeholder."""
    bound: Mapping[Type, Callable[[Any], object]] = field(default_factory=dict)
    """The forms in which the driver takes values, where that is not the value itself."""
    time: Callable[[datetime], exp.Expr] = timestamp
    duration: Callable[[timedelta], exp.Expr]
    pack: Callable[[list[object]], object] = list
    """The driver's forms of some values as the one parameter that stands for their list."""
    packed_parameter: Callable[[exp.Expr, Type], exp.Expr]
    """That parameter as an array of a kind."""
    packed: Callable[[Sequence[typed.Plain], Type], exp.Expr]
    """An array of a kind, as a literal."""
    one_of_packed: Callable[[exp.Expr, exp.Expr], exp.Expr]
    """Whether a value is in an array; false of an empty one, null or not."""

    # ── columns ──
    nulls: Literal["small", "large", "last"]
    """Where nulls stand in an order that says nothing of them."""
    enum_types: bool = False
    """Whether enums are types of their own, which sort by their declaration."""
    wide_integer: str | None = None
    """The type to multiply counts in, where an overflow would be an error."""
    stored_duration: Callable[[exp.Expr], exp.Expr] = lambda column: column
    """A stored duration as comparisons see it."""
    difference: Callable[[exp.Expr, exp.Expr], exp.Expr]
    """End minus start as comparisons see it."""
    shown_difference: Callable[[exp.Expr, exp.Expr], exp.Expr]
    """End minus start as an answer has it."""

    # ── text ──
    text_match: Callable[[typed.TextOperator, exp.Expr, Needle], exp.Expr] = ilike
    regex: Callable[[Regex], str] | None = None
    """The spelling of a regular expression, where the dialect has them."""

    # ── tags, never unknown ──
    has_all: Callable[[exp.Expr, Wanted], exp.Expr]
    has_any: Callable[[exp.Expr, Wanted], exp.Expr]
    within: Callable[[exp.Expr, Wanted], exp.Expr]
    elements: Callable[[exp.Expr, str], exp.Expr]
    """The rows of a list for a FROM clause, under an alias, with one column `value`."""

    # ── JSON ──
    json_value: Callable[[exp.Expr, Keys, Type], exp.Expr]
    """The TEXT, INTEGER (any number) or BOOLEAN there; NULL where something else is."""
    json_integer: Callable[[exp.Expr, Keys], exp.Expr] | None = None
    """The whole number there, where `json_value` keeps no more than 53 bits of it."""
    json_is_null: Callable[[exp.Expr, Keys], exp.Expr]
    """There is nothing, or JSON's null; never unknown."""
    plain_json: Callable[[exp.Expr], exp.Expr] = lambda column: column
    """A JSON column of a type without the operators that the others have."""
    json_shown: Callable[[exp.Expr, Keys], exp.Expr]
    """What is there, as JSON."""
