"""The query as written: names unresolved, values still text.

Parentheses are gone (the tree says what they said), `and`/`or` are n-ary, and
the writer's own spelling of operators is kept for the formatter. Spans are left
out of equality: two trees are equal when they say the same.

A prefix `not` (`Not`) opens a scope; a negated operator (`negated=` does not
exist here: the operator is its own name, such as `not in`) does not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from flowql.source import Span

NOWHERE = Span(0, 0)

KEYWORDS = frozenset(
    "and or not where is null empty between in contains starts ends with like matches has all any"
    " none within no every latest count sort limit page offset select distinct by having after"
    " asc desc nulls first last".split()
)
"""The grammar's words (a test compares them); a name that is one stands in backticks."""


@dataclass(frozen=True, slots=True)
class Path:
    """A dotted name: relations, then a field, then keys of a JSON field."""

    parts: tuple[str, ...]
    span: Span = field(default=NOWHERE, compare=False)

    def __str__(self) -> str:
        return ".".join(self.parts)


# ── values ────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Word:
    """A bare word, or several in a row (`last 7d`, `now - 24h`), joined by one space."""

    text: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Quoted:
    """A quoted text, its escapes already read."""

    text: str
    span: Span = field(default=NOWHERE, compare=False)


Lead = Literal["last", "next", "now -", "now +", "today -", "today +"]


@dataclass(frozen=True, slots=True)
class Param:
    """`$name`; with a lead (`last $name`) it is the length of time that follows these words."""

    name: str
    span: Span = field(default=NOWHERE, compare=False)
    lead: Lead | None = None

    def __str__(self) -> str:
        return f"${self.name}" if self.lead is None else f"{self.lead} ${self.name}"

    @property
    def own(self) -> Span:
        """The place of `$name` itself."""
        return Span(self.span.end - len(self.name) - 1, self.span.end)


@dataclass(frozen=True, slots=True)
class Range:
    """`low..high`, either end open."""

    low: Scalar | None
    high: Scalar | None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Values:
    """`[a, b, …]`."""

    items: tuple[Scalar | Range, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class EmptySet:
    """`∅`."""

    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Between:
    """The operand of `between a and b`."""

    low: Scalar
    high: Scalar
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Share:
    """The operand `0.5 * count run (…)` of a count."""

    factor: Scalar
    count: Counted
    span: Span = field(default=NOWHERE, compare=False)


Scalar = Word | Quoted | Param
Operand = Scalar | Range | Values | EmptySet | Between

# ── expressions ───────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator by its canonical name, and as it was spelled."""

    name: str
    spelling: str = field(compare=False)
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class And:
    operands: tuple[Expr, ...]
    depth: int = field(compare=False)
    word: str = field(default="and", compare=False)
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Or:
    operands: tuple[Expr, ...]
    depth: int = field(compare=False)
    word: str = field(default="or", compare=False)
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    operand: Expr
    depth: int = field(compare=False)
    word: str = field(default="not", compare=False)
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Bare:
    """A path alone: a boolean field, or the target when it is the whole filter."""

    path: Path
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Condition:
    """`path operator operand`; the path is missing inside `any tag (…)`.

    The operand is missing for `is null` and `is empty`.
    """

    path: Path | None
    operator: Operator
    operand: Operand | None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Quantified:
    """`any|no|every|latest path [(where)]`."""

    quantifier: Literal["any", "no", "every", "latest"]
    path: Path
    where: Expr | None
    depth: int = field(compare=False)
    word: str = field(default="any", compare=False)
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Counted:
    """`count path [(where)]`, what stands left of (or in) a count's comparison."""

    path: Path
    where: Expr | None
    depth: int = field(compare=False)
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class CountCondition:
    """`count path [(where)] operator operand`."""

    count: Counted
    operator: Operator
    operand: Operand | Share
    depth: int = field(compare=False)
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Hole:
    """A stretch that could not be parsed and has been reported; it says nothing."""

    span: Span = field(default=NOWHERE, compare=False)


Expr = And | Or | Not | Bare | Condition | Quantified | CountCondition | Hole

# ── clauses ───────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class SortKey:
    path: Path
    direction: Literal["asc", "desc"] | None = None
    nulls: Literal["first", "last"] | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Sort:
    keys: tuple[SortKey, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Number:
    """`limit`, `page` or `offset` with its value."""

    clause: Literal["limit", "page", "offset"]
    value: Scalar
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Select:
    keys: tuple[Path | Call, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Distinct:
    keys: tuple[Path | Call, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """`day(start_time)`, `avg(duration)`: reserved for grouped counts."""

    function: str
    path: Path | None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Count:
    by: tuple[Path | Call, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Having:
    """`having count >= 3`: reserved."""

    key: Path | Call | None
    operator: Operator
    operand: Operand
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class After:
    """`after VALUE, …`: reserved for key-set pages."""

    values: tuple[Scalar, ...]
    span: Span = field(default=NOWHERE, compare=False)


Clause = Sort | Number | Select | Distinct | Count | Having | After | Hole


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment, from `#` to the line's end; `own_line`: nothing stands before it there."""

    text: str
    own_line: bool = field(default=False, compare=False)
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Query:
    target: Path | None
    filter: Expr | None
    clauses: tuple[Clause, ...]
    comments: tuple[Comment, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)
