"""Warnings and notes about several searches together: which of them mean the same, and more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from flowql.diagnostics.base import Diagnostic, Severity, listed

if TYPE_CHECKING:
    from collections.abc import Iterable


def listed_out(items: Iterable[str], between: str, limit: int) -> str:
    """`a and b`, cut with the number left out."""
    items = list(items)
    more = [f"{len(items) - limit} more"] if len(items) > limit else []
    return between.join([*items[:limit], *more])


@dataclass(frozen=True, kw_only=True)
class Follows:
    """A condition and those that it follows from, as texts."""

    given: tuple[str, ...]
    shown: str

    def __str__(self) -> str:
        if not self.given:
            return f"`{self.shown}` always holds"
        given = listed_out((f"`{condition}`" for condition in self.given), " and ", 4)
        return f"`{self.shown}` follows from {given}"


@dataclass(frozen=True, kw_only=True)
class Equals:
    """Two conditions that mean the same, as texts."""

    one: str
    other: str

    def __str__(self) -> str:
        return f"`{self.one}` means `{self.other}`"


@dataclass(frozen=True, kw_only=True)
class _Beside:
    """What two searches have to do with one another; `place` is where the other one stands."""

    other: str
    place: str
    reasons: tuple[Follows | Equals, ...] = ()
    parameters: tuple[str, ...] = ()

    @property
    def provided(self) -> str:
        """On what the statement depends."""
        if not self.parameters:
            return ""
        names = listed((f"`${name}`" for name in self.parameters), 4)
        return f" where {names} {'are' if len(self.parameters) > 1 else 'is'} the same in both"


@dataclass(frozen=True, kw_only=True)
class SameSearch(_Beside, Diagnostic):
    """Two searches of a folder select the same rows and put them the same way.

    Example: (a folder with `flow_runs where state in [FAILED]` and `runs where state = FAILED`)
    """

    severity: ClassVar[Severity] = "warning"

    @property
    def message(self) -> str:
        because = listed_out(map(str, self.reasons), "; ", 3)
        return (
            f"this means the same as `{self.other}` at {self.place}{self.provided}"
            f": {because or 'the conditions are the same but for spelling and order'}"
        )

    @property
    def help(self) -> str | None:
        return "one of the two is enough"


@dataclass(frozen=True, kw_only=True)
class ContainedSearch(_Beside, Diagnostic):
    """All that a search selects is selected by another one of its folder as well.

    `further` is what only this one asks; `differ` are the clauses in which the two
    differ where their rows are the same.

    Example: (a folder with `runs where state = FAILED` and the same `and tags has x`)
    """

    severity: ClassVar[Severity] = "note"

    further: tuple[str, ...] = ()
    differ: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        if self.differ:
            said = f"this selects the same rows as `{self.other}` at {self.place}"
            verb = "differs" if len(self.differ) == 1 else "differ"
            return f"{said}{self.provided}: only {listed_out(self.differ, ' and ', 4)} {verb}"
        said = f"every row of this search is one of `{self.other}` at {self.place}{self.provided}"
        because = listed_out(map(str, self.reasons), "; ", 3)
        asked = listed_out((f"`{condition}`" for condition in self.further), " and ", 4)
        asked = asked and f"only this search asks {asked}"
        return ": ".join(filter(None, (said, "; ".join(filter(None, (because, asked))))))


@dataclass(frozen=True, kw_only=True)
class EmptySearch(Diagnostic):
    """No row can meet the conditions of a search together.

    What is seen in one column alone is said as `contradiction`, not once more.

    Example: (a folder with `latest run (state = FAILED) and no run (state = FAILED)`)
    """

    severity: ClassVar[Severity] = "warning"

    conditions: tuple[str, ...]

    @property
    def message(self) -> str:
        if len(self.conditions) == 1:
            return f"this search selects nothing: `{self.conditions[0]}` is never true"
        together = listed_out((f"`{condition}`" for condition in self.conditions), " and ", 6)
        return f"this search selects nothing: no row meets {together} together"


@dataclass(frozen=True, kw_only=True)
class ComparedInPart(Diagnostic):
    """A folder has more searches than are compared with one another.

    Example: (a folder with thousands of searches that ask the same columns)
    """

    severity: ClassVar[Severity] = "note"

    limit: int

    @property
    def message(self) -> str:
        return f"only {self.limit:,} pairs of searches were compared; there are more"
