"""A plan as data: steps, each a set of rows of one entity, and the numbers made of them.

A step says which rows it is, not how they are got: `flowql.run.evaluation` asks for them,
in an order and with restrictions that change what a plan costs and never what it gives.
Sets are of rows of which a condition is *true*; what is unknown of a row counts as
false, so a complement is always taken of a set, never of a condition.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, assert_never

from flowql import typed
from flowql.backends.body import Request
from flowql.catalog import Entity, Relation

if TYPE_CHECKING:
    from collections.abc import Iterator


class Shown:
    """What is shown on one line, conditions as text: a step holds whole entities of the catalog."""

    __slots__ = ()

    def __repr__(self) -> str:
        from flowql.backends.plan.description import short

        return short(self)


@dataclass(frozen=True, slots=True, repr=False)
class Nothing(Shown):
    """No rows."""

    entity: Entity
    why: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, repr=False)
class Fetch(Shown):
    """The rows that one body selects, all pages of them.

    `among`: a list too long for one body, of which each part is asked for by itself.
    """

    entity: Entity
    where: typed.Predicate
    among: typed.In | None = None
    why: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, repr=False)
class Spread(Shown):
    """The rows of an endpoint whose path names a related row, asked for once for each of these.

    `where` is what its bodies say, `relation` leads to the rows that the path names by `column`.
    """

    entity: Entity
    where: typed.Predicate
    relation: Relation
    column: typed.Column
    of: Step
    why: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, repr=False)
class Keep(Shown):
    """The rows of which a condition on the row in hand is true, judged after they were fetched."""

    source: Step
    where: typed.Predicate
    why: str = field(default="", compare=False)

    @property
    def entity(self) -> Entity:
        return self.source.entity


@dataclass(frozen=True, slots=True, repr=False)
class Union(Shown):
    """The rows of any of the parts."""

    parts: tuple[Step, ...]
    why: str = field(default="", compare=False)

    @property
    def entity(self) -> Entity:
        return self.parts[0].entity


@dataclass(frozen=True, slots=True, repr=False)
class Both(Shown):
    """The rows of all of the parts."""

    parts: tuple[Step, ...]
    why: str = field(default="", compare=False)

    @property
    def entity(self) -> Entity:
        return self.parts[0].entity


@dataclass(frozen=True, slots=True, repr=False)
class Minus(Shown):
    """The rows of the source that are not among the others.

    `relation`: the others are those that it leads from to rows of `of`, which may be fewer;
    the server's counts decide which are fetched.
    """

    source: Step
    without: Step
    relation: Relation | None = None
    of: Step | None = None
    why: str = field(default="", compare=False)

    @property
    def entity(self) -> Entity:
        return self.source.entity


@dataclass(frozen=True, slots=True, repr=False)
class Semi(Shown):
    """The rows of the source that have a related row in `of`, or with `some` false have none."""

    source: Step
    relation: Relation
    of: Step
    some: bool = True
    why: str = field(default="", compare=False)

    @property
    def entity(self) -> Entity:
        return self.source.entity


@dataclass(frozen=True, slots=True, repr=False)
class Chain(Shown):
    """The rows that a path of relations leads to: a step for each relation, `ends` for the last.

    `where` is what is judged of the rows at the end by themselves.
    """

    path: tuple[Relation, ...]
    steps: tuple[Step, ...]
    where: typed.Predicate = typed.TRUE


@dataclass(frozen=True, slots=True, repr=False)
class Tally(Shown):
    """The rows of the source whose number of related rows, those of a chain, is as compared.

    `share`: with it the bound is `factor` times the number of rows of a second chain.
    """

    source: Step
    chain: Chain
    operator: typed.CountOperator
    bound: int | float
    share: Chain | None = None
    some: bool = True
    """False: the rows for which the comparison does not hold."""
    why: str = field(default="", compare=False)

    @property
    def entity(self) -> Entity:
        return self.source.entity


@dataclass(frozen=True, slots=True, repr=False)
class Last(Shown):
    """The rows of the source whose last started run, of those of a chain, is among others.

    `among` None: the chain's own `where` decides.
    """

    source: Step
    chain: Chain
    among: Step | None = None
    some: bool = True
    why: str = field(default="", compare=False)

    @property
    def entity(self) -> Entity:
        return self.source.entity


@dataclass(frozen=True, slots=True, repr=False)
class Undecided(Shown):
    """The rows of a context of which a condition is neither true nor false.

    Where the numbers of those of which it is true, and false, make up the number of all,
    there are none and nothing is fetched.
    """

    entity: Entity
    context: typed.Predicate
    where: typed.Predicate
    opposite: typed.Predicate
    why: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, repr=False)
class Choice(Shown):
    """Steps of the same rows, of which the one that takes the fewest requests is taken."""

    options: tuple[Step, ...]
    why: str = field(default="", compare=False)

    @property
    def entity(self) -> Entity:
        return self.options[0].entity


Step = (
    Nothing | Fetch | Spread | Keep | Union | Both | Minus | Semi | Tally | Last | Undecided
    | Choice
)  # fmt: skip


@dataclass(frozen=True, slots=True, repr=False)
class Counted(Shown):
    """The number of rows that one body selects."""

    entity: Entity
    where: typed.Predicate
    why: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, repr=False)
class Sum(Shown):
    """The sum of the numbers, less that of the others: rows in two sets are counted once."""

    plus: tuple[Number, ...]
    minus: tuple[Number, ...]
    why: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, repr=False)
class Size(Shown):
    """The number of rows of a step."""

    of: Step
    why: str = field(default="", compare=False)


Number = Counted | Sum | Size


@dataclass(frozen=True, slots=True, repr=False)
class Peek(Shown):
    """A first page, in the order asked for, of rows that hold all those that are wanted.

    If enough of them are wanted, they are the answer.
    """

    request: Request
    where: typed.Predicate


@dataclass(frozen=True, slots=True, repr=False)
class Plan(Shown):
    """How a query is answered over REST.

    `answer` is the one request that says all of it, a number, or the step whose rows are
    sorted, drawn to one of each, paged and selected as the query says.
    """

    query: typed.Query
    answer: Request | Number | Step
    peek: Peek | None = None

    def __str__(self) -> str:
        """Its stages in plain words, one in a line."""
        from flowql.backends.plan.description import describe, outline

        return outline(describe(self))


def each(step: Step) -> Iterator[Step]:
    """A step and all that it is made of, those that stand twice twice."""
    return (one for one, _ in _deep(step))


def height(step: Step) -> int:
    """How many steps stand within one another."""
    return max(deep for _, deep in _deep(step))


def _deep(step: Step) -> Iterator[tuple[Step, int]]:
    """Each step, and how deep it stands."""
    pending: list[tuple[Step | Chain, int]] = [(step, 1)]
    while pending:
        at, deep = pending.pop()
        if isinstance(at, Chain):
            pending += [(one, deep) for one in reversed(at.steps)]
        else:
            pending += [(one, deep + 1) for one in reversed(_inside(at))]
            yield at, deep


def _inside(step: Step) -> list[Step | Chain]:
    match step:
        case Keep(source):
            return [source]
        case Union(parts) | Both(parts) | Choice(parts):
            return list(parts)
        case Minus(source, without, _, of):
            return [source, without, *([of] if of else [])]
        case Semi(source, _, of):
            return [source, of]
        case Spread(of=of):
            return [of]
        case Tally(source, chain, _, _, share):
            return [source, chain, *([share] if share else [])]
        case Last(source, chain, among):
            return [source, chain, *([among] if among else [])]
        case Nothing() | Fetch() | Undecided():
            return []
        case _:
            assert_never(step)


def fetches(step: Step) -> list[Fetch]:
    """The fetches of a step, each once."""
    return list(dict.fromkeys(one for one in each(step) if isinstance(one, Fetch)))
