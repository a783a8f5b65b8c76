"""Which rows make a condition true, and which make it false; the rest are unknown.

A condition is decided for a set of rows at once. `not` exchanges the two sets;
`and` and `or` ask each operand only of the rows that the ones before left open;
a scope decides its condition for all related rows, then looks back.
"""

from __future__ import annotations

import operator as compare
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, assert_never

from flowql import typed
from flowql.backends.predicate.tables import Link, Table, Tables, column_of
from flowql.backends.predicate.values import like_kind
from flowql.catalog import Relation, Type
from flowql.diagnostics.values import UnboundParameter

if TYPE_CHECKING:
    from flowql.diagnostics import Diagnostic

Rows = set[int]


class Verdict(NamedTuple):
    """The rows of which a condition is true, and those of which it is false."""

    true: Rows
    false: Rows


_UPPER_TO_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


_HOLDS: Mapping[typed.CountOperator, Callable[[Any, Any], bool]] = {
    "=": compare.eq,
    "<": compare.lt,
    "<=": compare.le,
    ">": compare.gt,
    ">=": compare.ge,
}


def ascii_fold(text: str) -> str:
    """The text with ASCII letters in lower case, as SQLite folds."""
    return text.lower() if text.isascii() else text.translate(_UPPER_TO_LOWER)


class Judge:
    """Decides conditions over tables."""

    def __init__(self, tables: Tables, fold: Callable[[str], str]) -> None:
        self.tables = tables
        self.fold = fold
        self.found: list[Diagnostic] = tables.found

    def verdict(self, node: typed.Predicate, table: Table, rows: Rows) -> Verdict:
        """The verdict on some rows of a table."""
        # Chains of `not`s and quantifiers are walked down and up again in one frame.
        back: list[Callable[[Verdict], Verdict]] = []
        while True:
            match node:
                case typed.Not(operand):
                    back.append(_negated)
                    node = operand
                case typed.Exists(relation, where) | typed.Every(relation, where):
                    link = self.tables.link(table, relation)
                    look = _exists if isinstance(node, typed.Exists) else _every
                    back.append(partial(look, link, rows))
                    table = self.tables.target(table, relation)
                    rows = _related(link, rows)
                    node = where
                case _:
                    verdict = self._one(node, table, rows)
                    break
        for look_back in reversed(back):
            verdict = look_back(verdict)
        return verdict

    def _one(
        self,
        node: typed.Own | typed.And | typed.Or | typed.Latest | typed.Count,
        table: Table,
        rows: Rows,
    ) -> Verdict:
        match node:
            case typed.And(operands):
                left, true = rows, rows
                for operand in operands:
                    verdict = self.verdict(operand, table, left)
                    left = left - verdict.false
                    true = true & verdict.true
                return Verdict(true, rows - left)
            case typed.Or(operands):
                left, false = rows, rows
                for operand in operands:
                    verdict = self.verdict(operand, table, left)
                    left = left - verdict.true
                    false = false & verdict.false
                return Verdict(rows - left, false)
            case typed.Latest(path, where):
                links, end = self._path(table, path)
                last = self._latest(links, end, rows)
                verdict = self.verdict(where, end, set(last.values()))
                return _decided(rows, {row for row in last if last[row] in verdict.true})
            case typed.Count(counted, operator, bound):
                return self._count(counted, operator, bound, table, rows)
            case typed.Always(value):
                return _decided(rows, rows if value else set())
            case typed.In(column, values):
                return self._in(node, column, values, table, rows)
            case typed.Compare(column, operator, value):
                return self._compare(column, operator, value, table, rows)
            case typed.TextMatch(column, operator, value):
                return self._text(column, operator, value, table, rows)
            case typed.TagsMatch(column, operator, values):
                return self._tags(column, operator, values, table, rows)
            case typed.IsNull(column):
                own = self.tables.values(table, column)
                return _decided(rows, {row for row in rows if own[row] is None})
            case _:
                assert_never(node)

    # ── conditions on the row in hand ─────────────────────────────────────────

    def _in(
        self,
        node: typed.In,
        column: typed.Column,
        values: tuple[typed.Value, ...],
        table: Table,
        rows: Rows,
    ) -> Verdict:
        wanted = [self.plain(value) for value in values]
        stored = self.tables.compared(table, column)
        if not wanted:
            return _decided(rows, set())
        members = frozenset(wanted)
        if None in members:
            return Verdict(set(), set())
        known = _known(column, stored, wanted[0], rows)
        true = {row for row in known if stored[row] in members}
        return Verdict(true, known - true)

    def _compare(
        self,
        column: typed.Column,
        operator: typed.Ordering,
        value: typed.Point,
        table: Table,
        rows: Rows,
    ) -> Verdict:
        bound = self.plain(value)
        stored = self.tables.compared(table, column)
        if bound is None:
            return Verdict(set(), set())
        known = _known(column, stored, bound, rows)
        holds = _HOLDS[operator]
        true = {row for row in known if holds(stored[row], bound)}
        return Verdict(true, known - true)

    def _text(
        self,
        column: typed.Column,
        operator: typed.TextOperator,
        value: str | typed.Parameter,
        table: Table,
        rows: Rows,
    ) -> Verdict:
        stored = self.tables.compared(table, column)
        text = self.plain(value)
        if text is None:
            return Verdict(set(), set())
        known = _known(column, stored, "", rows)
        fold = self.fold
        folded = fold(text)
        match operator:
            case "contains":
                true = {row for row in known if folded in fold(stored[row])}
            case "starts with":
                true = {row for row in known if fold(stored[row]).startswith(folded)}
            case "ends with":
                true = {row for row in known if fold(stored[row]).endswith(folded)}
            case "like":
                whole = like(folded)
                true = {row for row in known if whole(fold(stored[row]))}
            case "matches":
                from flowql import regex

                search = regex.parse(text).search
                true = {row for row in known if search(stored[row])}
            case _:
                assert_never(operator)
        return Verdict(true, known - true)

    def _tags(
        self,
        column: typed.Column,
        operator: typed.TagsOperator,
        values: tuple[str | typed.Parameter, ...],
        table: Table,
        rows: Rows,
    ) -> Verdict:
        stored = self.tables.values(table, column)
        tags = [self.plain(value) for value in values]
        if None in tags:
            return Verdict(set(), set())
        wanted = frozenset(tags)
        match operator:
            case "has all":
                true = {row for row in rows if wanted <= stored[row]}
            case "has any":
                true = {row for row in rows if not wanted.isdisjoint(stored[row])}
            case "within":
                true = {row for row in rows if stored[row] <= wanted}
            case _:
                assert_never(operator)
        return _decided(rows, true)

    def plain(self, value: typed.Value) -> Any:
        """The concrete value; None, and a problem, for a parameter without one."""
        match value:
            case typed.Parameter(name, _, _, span):
                problem = UnboundParameter(name=name, span=span)
                if problem not in self.found:
                    self.found.append(problem)
                return None
            case (
                typed.Relative() | typed.Calendar() | typed.Rolling() | typed.Offset()
                | typed.Last() | typed.Next() | typed.Range()
            ):  # fmt: skip
                raise AssertionError(f"{value} is for `rewrite.ground` to make concrete")
            case _:
                return value

    # ── scopes ────────────────────────────────────────────────────────────────

    def _path(self, table: Table, path: tuple[Relation, ...]) -> tuple[list[Link], Table]:
        links = []
        for relation in path:
            links.append(self.tables.link(table, relation))
            table = self.tables.target(table, relation)
        return links, table

    def _latest(self, links: list[Link], end: Table, rows: Rows) -> dict[int, int]:
        """The row that started last at the end of the path, by the row it begins at."""
        started = self.tables.values(end, column_of(end.entity, "start_time"))
        ids = self.tables.values(end, column_of(end.entity, "id"))
        # From the end of the path backwards, each row knows the last run that it reaches.
        last = {row: row for row, start in enumerate(started) if start is not None}
        for link in reversed(links):
            last = {
                row: max(reached, key=lambda run: (started[run], ids[run]))
                for row, related in enumerate(link)
                if (reached := [last[other] for other in related if other in last])
            }
        return {row: last[row] for row in rows if row in last}

    def _count(
        self,
        counted: typed.Counted,
        operator: typed.CountOperator,
        bound: int | float | typed.Share | typed.Parameter,
        table: Table,
        rows: Rows,
    ) -> Verdict:
        numbers = self.numbers(counted, table, rows)
        limits: Mapping[int, int | float | Fraction]
        if isinstance(bound, typed.Share):
            limits = share(bound.factor, self.numbers(bound.counted, table, rows))
        else:
            number = self.plain(bound)
            if number is None:
                return Verdict(set(), set())
            limits = dict.fromkeys(rows, number)
        return _decided(rows, compared(numbers, operator, limits))

    def numbers(self, counted: typed.Counted, table: Table, rows: Rows) -> dict[int, int]:
        """How many rows at the end of the path make the condition true, by the row it begins at."""
        links, end = self._path(table, counted.path)
        reached = rows
        for link in links:
            reached = _related(link, reached)
        true = self.verdict(counted.where, end, reached).true
        known: list[dict[int, int]] = [{} for _ in links]

        def number(row: int, step: int) -> int:
            # Many rows may lead through one: it is counted from only once.
            if step == len(links):
                return row in true
            if row not in known[step]:
                related = links[step][row]
                if len(related) == 1:
                    known[step][row] = number(related[0], step + 1)
                else:
                    ends = set(related)
                    for link in links[step + 1 :]:
                        ends = _related(link, ends)
                    known[step][row] = len(ends & true)
            return known[step][row]

        return {row: number(row, 0) for row in rows}


# ── numbers compared ──────────────────────────────────────────────────────────


def share(factor: int | float, numbers: Mapping[int, int]) -> dict[int, Fraction]:
    """A share of each number.

    The factor is the decimal that was written: 7 of 100 are no less than 0.07 times 100.
    """
    exact = Fraction(repr(factor))
    return {row: exact * number for row, number in numbers.items()}


def compared(
    numbers: Mapping[int, int],
    operator: typed.CountOperator,
    limits: Mapping[int, int | float | Fraction],
) -> Rows:
    """The rows whose number is to its limit as the operator says."""
    holds = _HOLDS[operator]
    return {row for row, number in numbers.items() if holds(number, limits[row])}


# ── looking back from related rows ────────────────────────────────────────────


def _related(link: Link, rows: Iterable[int]) -> Rows:
    return set().union(*(link[row] for row in rows))


def _negated(verdict: Verdict) -> Verdict:
    return Verdict(verdict.false, verdict.true)


def _exists(link: Link, rows: Rows, verdict: Verdict) -> Verdict:
    true = verdict.true
    return _decided(rows, {row for row in rows if not true.isdisjoint(link[row])})


def _every(link: Link, rows: Rows, verdict: Verdict) -> Verdict:
    true = verdict.true
    return _decided(rows, {row for row in rows if true.issuperset(link[row])})


def _decided(rows: Rows, true: Rows) -> Verdict:
    return Verdict(true, rows - true)


def _known(column: typed.Column, stored: list[Any], sample: Any, rows: Rows) -> Rows:
    """The rows whose value can be compared with the sample."""
    if column.field.type is Type.JSON:
        return {row for row in rows if like_kind(stored[row], sample)}
    return {row for row in rows if stored[row] is not None}


def like(pattern: str) -> Callable[[str], bool]:
    """Whether a whole text fits a pattern: `%` is any text, `_` any one character.

    Pieces between `%` are looked for from left to right, each as early as it
    fits, so the time is at most the text's length times the pattern's.
    """
    first, *middle = pattern.split("%")
    last = middle.pop() if middle else None

    def fits(text: str) -> bool:
        if last is None:
            return len(text) == len(first) and _stands(first, text, 0)
        if len(text) < len(first) + len(last) or not _stands(first, text, 0):
            return False
        end = len(text) - len(last)
        if not _stands(last, text, end):
            return False
        at = len(first)
        for piece in middle:
            while at + len(piece) <= end and not _stands(piece, text, at):
                at += 1
            at += len(piece)
            if at > end:
                return False
        return True

    return fits


def _stands(piece: str, text: str, at: int) -> bool:
    """Whether a piece without `%` stands at a place of a text that has room for it."""
    if "_" not in piece:
        return text.startswith(piece, at)
    return all(char in ("_", text[at + index]) for index, char in enumerate(piece))
