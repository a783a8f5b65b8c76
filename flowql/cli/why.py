"""What `flowql why` prints: a sentence that answers, and below it every condition with its mark.

Nothing that a row holds reaches the terminal as it is: names and values are spelled as tables spell
them, and what is long is cut, for JSON has all of it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flowql import typed
from flowql.catalog import Entity, Type, entities
from flowql.cli import inputs
from flowql.limits import MAX_REQUESTS, MAX_ROWS
from flowql.run.table import shown as cell
from flowql.run.why import Explanation, Finding, Related, Shown, as_dict, why
from flowql.run.why.findings import Verdict

if TYPE_CHECKING:
    from argparse import Namespace

    from flowql.api import Query
    from flowql.cli.console import Console

FINE = 0

MARKS: Mapping[Verdict, tuple[str, str]] = {
    "true": ("✓", "32"),
    "false": ("✗", "31"),
    "unknown": ("?", "33"),
}
"""How a verdict is marked, and in which colour."""

_NAMED = 3
"""Conditions that the sentence names; the tree has all."""
_SHORT, _TEXT, _VALUE = 72, 300, 60
"""Characters of a condition in the sentence and in the tree, and of a value."""
_ALIGNED = 44
"""Columns that the texts of conditions are filled up to at most, so that values stand in one."""


def run(arguments: Namespace, console: Console) -> int:
    """The explanation: words, or with `--json` a document."""
    row = inputs.row(arguments)
    arguments.queries = [arguments.query]
    query = inputs.parse(arguments, inputs.only(arguments))
    console.problems(query.warnings, query.source)
    requests, rows = (None, None) if arguments.yes else (MAX_REQUESTS, MAX_ROWS)
    explanation = why(
        query,
        row,
        arguments.on,
        timeout=arguments.timeout,
        database=arguments.database,
        max_requests=requests if arguments.max_requests is None else arguments.max_requests,
        max_rows=rows if arguments.max_rows is None else arguments.max_rows,
    )
    if arguments.on is None:
        console.notice(
            "demo",
            f"demo data: {explanation.asked_of} (--on asks another place)",
            path=explanation.asked_of,
        )
    if console.json:
        console.say_json(as_dict(explanation))
        return FINE
    page = _Page(query, console.width, console.coloured(sys.stdout))
    console.say("\n".join(page.lines(explanation)))
    if explanation.shortened:
        console.notice(
            "shortened",
            "not all related rows are shown: they are not told, or in too many questions alone",
        )
    return FINE


@dataclass(frozen=True, slots=True)
class _Page:
    """An explanation in lines for a person."""

    query: Query
    width: int
    colour: bool

    def lines(self, explanation: Explanation) -> Iterator[str]:
        """The sentence, an empty line, and the tree."""
        row, said = _sentence(explanation, self.query)
        whole = f"{row} {' '.join(said)}"
        # A line break inside a condition could fall into a quoted value.
        yield from [whole] if len(whole) <= self.width else [f"{row} {said[0]}", *said[1:]]
        if explanation.finding is not None:
            yield ""
            entity = self.query.typed.target
            yield from self._finding(explanation.finding, entity, 0, 0)

    # ── conditions ────────────────────────────────────────────────────────────

    def _finding(
        self,
        finding: Finding,
        entity: Entity,
        indent: int,
        column: int,
        met: str = "",
    ) -> Iterator[str]:
        """A condition with what is below it; `column` is where its values stand."""
        yield self._line(finding, entity, indent, column, met)
        below = indent + 2
        match finding.kind:
            case "condition":
                pass
            case "and" | "or":
                yield from self._parts(finding.parts, entity, below)
            case "not" if finding.parts[0].kind in ("and", "or", "not"):
                yield from self._parts(finding.parts, entity, below)
            case "not":
                # The negation is in the text itself: `no run (…)`.
                yield from self._related(finding.parts[0], below)
            case "any" | "every" | "latest" | "count":
                yield from self._related(finding, below)

    def _parts(
        self,
        parts: Sequence[Finding],
        entity: Entity,
        indent: int,
        met: Sequence[str] = (),
    ) -> Iterator[str]:
        texts = [len(_text(part)) for part in parts if part.kind == "condition"]
        column = max((length for length in texts if length <= _ALIGNED), default=0)
        for number, part in enumerate(parts):
            yield from self._finding(part, entity, indent, column, met[number] if met else "")

    def _line(self, finding: Finding, entity: Entity, indent: int, column: int, met: str) -> str:
        mark, colour = MARKS[finding.verdict]
        text = _COMBINED.get(finding.kind) or _text(finding)
        if finding.kind == "not" and finding.parts[0].kind in _COMBINED:
            text = "not"
        line = f"{' ' * indent}{self._painted(mark, colour)} {text}"
        said = self._values(finding, entity)
        said += [met] if met else []
        if not said:
            return line
        gap = " " * (max(column - len(text), 0) + 3)
        if indent + 2 + len(text) + len(gap) + len("; ".join(said)) <= self.width:
            return f"{line}{gap}{self._painted('; '.join(said), '2')}"
        return "\n".join([line, *self._below(said, indent + 4)])

    def _below(self, said: Sequence[str], indent: int) -> Iterator[str]:
        """Values on lines of their own, as many on each as fit."""
        line = ""
        for value in said:
            if line and indent + len(line) + 2 + len(value) > self.width:
                yield f"{' ' * indent}{self._painted(line, '2')}"
                line = ""
            line = f"{line}; {value}" if line else value
        yield f"{' ' * indent}{self._painted(line, '2')}"

    def _values(self, finding: Finding, entity: Entity) -> list[str]:
        said = [self._value(name, value, entity) for name, value in finding.values.items()]
        return [*said, *_other_types(finding)]

    def _value(self, name: str, value: Any, entity: Entity) -> str:
        if value is None:
            return f"{_cut(name, _VALUE)} is null"
        if value in ([], ""):
            return f"{_cut(name, _VALUE)} is empty"
        column = _column(name, entity)
        if column.field.type is Type.JSON:
            shown = json.dumps(value, ensure_ascii=False)
        else:
            shown = cell(value, column, ZoneInfo(self.query.timezone))
        return f"{_cut(name, _VALUE)}: {_cut(shown, _VALUE)}"

    # ── related rows ──────────────────────────────────────────────────────────

    def _related(self, finding: Finding, indent: int) -> Iterator[str]:
        related = finding.related
        if related is None:
            return
        said = _SAID[finding.kind](finding, related)
        if said:
            yield f"{' ' * indent}  {said}"
        entity = _SINGULAR[related.entity]
        for row in related.rows:
            yield from self._row(row, entity, related, indent + 2)

    def _row(self, row: Shown, entity: Entity, related: Related, indent: int) -> Iterator[str]:
        line = f"{' ' * indent}- {_known(row)}"
        if row.finding is None:
            said = [self._value(name, value, entity) for name, value in row.values.items()]
            beside = "; ".join(said)
            if not said:
                yield line
            elif len(line) + 3 + len(beside) <= self.width:
                yield f"{line}   {self._painted(beside, '2')}"
            else:
                yield line
                yield from self._below(said, indent + 4)
            return
        yield line
        parts = row.finding.parts if row.finding.kind == "and" else (row.finding,)
        met: tuple[str, ...] = ()
        if related.total != 1 and len(related.each) == len(parts):
            word = _word(related)
            met = tuple(
                f"met by {f'many {word}s' if count is None else _number(count, word)}"
                for _, count in related.each
            )
        yield from self._parts(parts, entity, indent + 2, met)

    def _painted(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour else text


_COMBINED: Mapping[str, str] = {"and": "all of", "or": "one of"}

_SINGULAR = {entity.singular: entity for entity in entities().values()}


# ── the sentence ──────────────────────────────────────────────────────────────


def _sentence(explanation: Explanation, query: Query) -> tuple[str, list[str]]:
    """The row, and what is said of it in pieces that may stand on lines of their own."""
    row = f"{explanation.row.entity.replace('_', ' ')} {_known(explanation.row)}"
    place = explanation.place
    if explanation.verdict != "true":
        return row, ["is not selected, because", *_because(explanation.because)]
    if place is None:
        return row, ["is selected."]
    if place.instead is not None:
        columns = ", ".join(_name(column) for column in query.typed.distinct)
        return row, [
            "meets the filter, but is not selected:",
            f"of the rows with the same {columns} the query gives {_known(place.instead)}.",
        ]
    given = f"the query gives {_span(place.first, place.last)}"
    if place.position is None:
        return row, ["meets the filter;", f"{given}, and leaves open where this one stands."]
    of = f"number {place.position:,} of {place.count:,}"
    if place.inside:
        return row, ["is selected:", f"it is {of}, and {given}."]
    return row, ["meets the filter, but is not selected:", f"it is {of}, and {given}."]


def _because(findings: Sequence[Finding]) -> list[str]:
    said = [
        f"`{_cut(finding.text, _SHORT)}` is {_reason(finding)}" for finding in findings[:_NAMED]
    ]
    left = len(findings) - len(said)
    if left:
        said.append(f"{left} more of its conditions do not hold")
    ends = [*[","] * (len(said) - 2), " and", "."][-len(said) :]
    return [f"{piece}{end}" for piece, end in zip(said, ends, strict=True)]


def _reason(finding: Finding) -> str:
    why = _other_types(finding)
    if finding.reason == "null":
        why = [f"{_cut(name, _VALUE)} is null" for name in finding.values]
    return f"{finding.verdict} ({' and '.join(why)})" if why else finding.verdict


def _other_types(finding: Finding) -> list[str]:
    """What JSON holds where a value of another type is asked for."""
    if finding.reason != "another type":
        return []
    return [f"{_cut(name, _VALUE)} is {_kind(value)}" for name, value in finding.values.items()]


def _kind(value: Any) -> str:
    match value:
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list():
            return "a list"
        case _:
            return "an object"


def _span(first: int, last: int | None) -> str:
    if last is None:
        return f"all from {first:,} on"
    return f"{first:,} to {last:,}" if last >= first else "none"


# ── words about related rows ──────────────────────────────────────────────────


def _any(finding: Finding, related: Related) -> str:
    word = _word(related)
    if related.total == 0:
        return f"there is no {word}"
    if finding.verdict == "true":
        return _share(related, word)
    if related.total == 1:
        none = f"the one {word} there is does not"
    else:
        none = "none" if related.total is None else f"none of {_number(related.total, word)}"
    if related.role != "nearest":
        return none
    if related.total == 1:
        return f"{none}:"
    if not related.each:
        return f"{none}, for example:"
    return f"{none}; the nearest{'' if related.exact else ' that was found'}:"


def _every(finding: Finding, related: Related) -> str:
    word = _word(related)
    if related.total == 0:
        return f"there is no {word}"
    if finding.verdict == "true":
        return "" if related.total is None else f"all of {_number(related.total, word)}"
    if related.total is None or related.met is None:
        return f"not every {word}:"
    return f"{related.total - related.met:,} of {_number(related.total, word)} do not:"


def _latest(finding: Finding, related: Related) -> str:
    return f"the latest {_word(related)}:" if related.rows else f"no {_word(related)} has started"


def _count(finding: Finding, related: Related) -> str:
    word = _word(related)
    said = _share(related, word).removesuffix(":")
    if finding.against is not None:
        said += f", against {_number(finding.against.met or 0, _word(finding.against))}"
    return f"{said}:" if related.rows else said


_SAID: Mapping[str, Callable[[Finding, Related], str]] = {
    "any": _any,
    "every": _every,
    "latest": _latest,
    "count": _count,
}


def _share(related: Related, word: str) -> str:
    end = ":" if related.rows else ""
    if related.met is None:
        return f"{word}s such as{end}"
    if related.total is None or related.met == related.total:
        return f"{_number(related.met, word)}{end}"
    return f"{related.met:,} of {_number(related.total, word)}{end}"


def _word(related: Related) -> str:
    return related.path.rpartition(".")[2].replace("_", " ")


def _number(count: int, word: str) -> str:
    return f"{count:,} {word}s" if count > 1 else f"{'one' if count else 'no'} {word}"


# ── names and texts ───────────────────────────────────────────────────────────


def _known(row: Shown) -> str:
    """A row as people call it, and its id."""
    if row.name is None:
        return str(row.id)
    name = _cut(row.name, _VALUE) or '""'
    return name if row.id in (None, row.name) else f"{name} ({row.id})"


def _text(finding: Finding) -> str:
    return _cut(finding.text, _TEXT)


def _name(column: typed.Column) -> str:
    return ".".join((column.field.name, *column.keys))


def _column(name: str, entity: Entity) -> typed.Column:
    """The column that a value's name stands for."""
    keys: list[str] = []
    while name not in entity.by_name:
        name, _, key = name.rpartition(".")
        keys.insert(0, key)
    return typed.Column(entity.by_name[name], tuple(keys))


def _cut(text: str, limit: int) -> str:
    """Text that moves no cursor and hides nothing, of this length at most."""
    if not text.isprintable():
        text = "".join(
            char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
        )
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
