"""The query resolved: only catalog fields and relations, only Python values.

What front ends and back ends meet in. Promises:

- Every name is a catalog object, every value has its field's type (see `Value`).
- Every scope over related rows is explicit: `Exists`, `Every`, `Latest`, `Count`.
  They are true or false, never unknown. Conditions on the row in hand have three
  values, as in SQL; a row is selected where the filter is true.
- Negation is only `Not(x)`. No node carries a flag that a back end could forget.
- `And`/`Or` have at least two operands, none of their own kind; `Always(True)`
  is the filter of a query without one.
- Times that depend on the moment stay as written (`Relative`, `Calendar`,
  `Rolling`, `Offset`, `Last`, `Next`, `Range`), and unbound parameters stay
  `Parameter`; so equal trees are equal queries. `rewrite.ground` turns these times
  into instants, and those of an open length into parameters that give instants.

Spans are left out of equality.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from flowql.catalog.model import Entity, Field, Relation, Type
from flowql.source import Span

# ── values ────────────────────────────────────────────────────────────────────

Unit = Literal["hour", "day", "week", "month", "quarter", "year"]


@dataclass(frozen=True, slots=True)
class Relative:
    """`now`, `now - 24h`: an instant at an offset from the query's now."""

    offset: timedelta


@dataclass(frozen=True, slots=True)
class Calendar:
    """A written period: `2026`, `2026-11`, `2026-11-01` (month and day None where coarser)."""

    year: int
    month: int | None = None
    day: int | None = None


@dataclass(frozen=True, slots=True)
class Rolling:
    """A whole period: `today` (day, 0), `last week` (week, -1), `next month` (month, 1).

    Days are counted as far as a text likes (`today - 180d`: day, -180), other units
    to the last and the next.
    """

    unit: Unit
    offset: int


@dataclass(frozen=True, slots=True)
class Last:
    """`last 7d`, `last $since`: from now minus the length up to now, both included."""

    length: timedelta | Parameter


@dataclass(frozen=True, slots=True)
class Next:
    """`next 7d`, `next $n`: from now up to now plus the length, both included."""

    length: timedelta | Parameter


@dataclass(frozen=True, slots=True)
class Offset:
    """`now - $n`, an instant, or `today + $n`, a whole day: an open length from the moment.

    The length is a parameter of type duration, from today one of whole days. Bound, it is
    a `Relative` or a `Rolling`.
    """

    origin: Literal["now", "today"]
    sign: Literal["-", "+"]
    length: Parameter


@dataclass(frozen=True, slots=True)
class Range:
    """`low..high`, both included; a period as an end is taken in whole.

    Also what `between a and b` says of numbers and durations. At least one end
    is given.
    """

    low: Point | None
    high: Point | None


@dataclass(frozen=True, slots=True)
class Parameter:
    """An unbound `$name`, with the type its place gives it.

    `many`: it stands for a whole list. `instant`, in a grounded query alone: its value is
    a length of time, and what stands here is the instant that this makes of it.
    """

    name: str
    type: Type
    many: bool = False
    span: Span | None = field(default=None, compare=False)
    instant: Callable[[timedelta], datetime] | None = field(default=None, repr=False)


Plain = str | int | float | bool | datetime | timedelta | UUID
"""Concrete values: text and enum members as str, times as aware UTC datetimes."""

Point = Plain | Relative | Calendar | Rolling | Offset | Parameter
Value = Point | Last | Next | Range

# ── conditions on the row in hand ─────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Column:
    """A field of the row in hand; `keys` lead into a JSON field (`parameters.x`)."""

    field: Field
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Always:
    """True (or false) of every row."""

    value: bool
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class In:
    """The value is one of these (`=` is a list of one); periods and ranges hold it inside.

    With no values it is false, even of null. A `many` parameter stands alone.
    On a JSON column all values are of one type (number, text or boolean), and a
    stored value of another type makes it unknown.
    """

    column: Column
    values: tuple[Value, ...]
    span: Span | None = field(default=None, compare=False)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, In):
            return NotImplemented
        # To Python 1 is True; to JSON it is not, and all values are of one type.
        return (
            self.column == other.column
            and self.values == other.values
            and _truths(self.values) == _truths(other.values)
        )


def _truths(values: tuple[Value, ...]) -> bool:
    return bool(values) and isinstance(values[0], bool)


Ordering = Literal["<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True)
class Compare:
    """`column < value` and its kin; a period as value is taken in whole.

    `<` is before its start, `<=` before its end, `>` from its end on, `>=` from
    its start.
    """

    column: Column
    operator: Ordering
    value: Point
    span: Span | None = field(default=None, compare=False)


TextOperator = Literal["contains", "starts with", "ends with", "like", "matches"]


@dataclass(frozen=True, slots=True)
class TextMatch:
    """A condition on a text.

    `contains`, `starts with`, `ends with`: ignoring case, every character of the
    value ordinary. `like`: ignoring case, the value a whole pattern in which `%`
    is any text and `_` any one character; it holds no backslash. `matches`: a
    regular expression of `flowql.regex`, case-sensitive, unanchored.
    """

    column: Column
    operator: TextOperator
    value: str | Parameter
    span: Span | None = field(default=None, compare=False)


TagsOperator = Literal["has all", "has any", "within"]


@dataclass(frozen=True, slots=True)
class TagsMatch:
    """A condition on a set of tags; a missing list is empty, so it is never unknown.

    `has all`: includes all of the values. `has any`: includes one of them.
    `within`: includes nothing else (with no values: there are no tags). A `many`
    parameter stands alone.
    """

    column: Column
    operator: TagsOperator
    values: tuple[str | Parameter, ...]
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class IsNull:
    """There is no value; of a JSON column: no such key, or JSON's null. Never unknown."""

    column: Column
    span: Span | None = field(default=None, compare=False)


# ── combinations ──────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class And:
    operands: tuple[Predicate, ...]
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Or:
    operands: tuple[Predicate, ...]
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    """True where the operand is false; unknown stays unknown."""

    operand: Predicate
    span: Span | None = field(default=None, compare=False)


# ── scopes over related rows ──────────────────────────────────────────────────
#
# `relation` is always a single step: relations that stand for a chain (`via`)
# have been taken apart. `path` is such a chain; its rows are the rows at its end
# that the chain reaches, each once.


@dataclass(frozen=True, slots=True)
class Exists:
    """Some related row makes `where` true."""

    relation: Relation
    where: Predicate
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Every:
    """No related row leaves `where` false or unknown; true where there is no row."""

    relation: Relation
    where: Predicate
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Latest:
    """The related run that started last exists and makes `where` true.

    Runs whose own `start_time` column is null do not take part; ties go to the
    greater id. The path ends at flow runs or task runs.
    """

    path: tuple[Relation, ...]
    where: Predicate
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Counted:
    """The number of related rows that make `where` true."""

    path: tuple[Relation, ...]
    where: Predicate


@dataclass(frozen=True, slots=True)
class Share:
    """`factor` times a count."""

    factor: int | float
    counted: Counted


CountOperator = Literal["=", "<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True)
class Count:
    """A comparison of a number of related rows.

    `!=`, `in` and `between` have been taken apart into `Not`, `Or` and `And`.
    """

    counted: Counted
    operator: CountOperator
    bound: int | float | Share | Parameter
    span: Span | None = field(default=None, compare=False)


Own = Always | In | Compare | TextMatch | TagsMatch | IsNull
Scope = Exists | Every | Latest | Count
Predicate = Own | And | Or | Not | Scope

TRUE = Always(True)
FALSE = Always(False)

# ── the query ─────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class SortKey:
    """A sort key; `nulls` None leaves the place of nulls to the answering database."""

    column: Column
    descending: bool = False
    nulls: Literal["first", "last"] | None = None
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query. `sort` empty is the entity's default; `count` asks for a number.

    `distinct` keeps one row of each combination of these columns' values, the first
    in the order, which the greatest id settles; pages are made of what it keeps. The
    values are those that comparisons see, null being a value; no column is tags or JSON.

    Its moment and time zone are not part of it: two queries that say the same are
    equal whenever they are asked (see `rewrite.ground`).
    """

    target: Entity
    filter: Predicate = TRUE
    sort: tuple[SortKey, ...] = ()
    limit: int | Parameter | None = None
    page: int | Parameter | None = None
    offset: int | Parameter | None = None
    select: tuple[Column, ...] | None = None
    distinct: tuple[Column, ...] = ()
    count: bool = False
    spans: tuple[tuple[str, Span], ...] = field(default=(), compare=False)
    """Where the clauses stand in the text, by their name."""

    def span(self, clause: str) -> Span | None:
        """Where a clause (`sort`, `limit`, …) stands, if it was written."""
        return next((span for name, span in self.spans if name == clause), None)


def conjunction(operands: list[Predicate], span: Span | None = None) -> Predicate:
    """The `And` of operands, flat; of none it is true."""
    flat: list[Predicate] = []
    for operand in operands:
        if isinstance(operand, And):
            flat.extend(operand.operands)
        else:
            flat.append(operand)
    if not flat:
        return TRUE
    return flat[0] if len(flat) == 1 else And(tuple(flat), span)


def disjunction(operands: list[Predicate], span: Span | None = None) -> Predicate:
    """The `Or` of operands, flat; of none it is false."""
    flat: list[Predicate] = []
    for operand in operands:
        if isinstance(operand, Or):
            flat.extend(operand.operands)
        else:
            flat.append(operand)
    if not flat:
        return FALSE
    return flat[0] if len(flat) == 1 else Or(tuple(flat), span)
