"""Random query texts for hypothesis: well-typed ones with all of the language, and damaged ones.

A text is drawn together with the values of its parameters. Everything that the language offers
stands in some of them: both spellings of each operator, aliases, dotted paths, quantifiers, counts,
periods, relative times, quoted hostile texts, clauses in any order, comments and odd white space.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from flowql import typed
from flowql.catalog import Entity, Field, Type, entities
from tests import strategies
from tests.hostile import HOSTILE, REFUSED
from tests.strategies import TAG, TARGETS, Draw

_BARE = re.compile(r"[A-Za-z0-9_\-/:@+*%?]+(?:\.[A-Za-z0-9_\-/:@+*%?]+)*")
_PLAIN_KEY = re.compile(r"[^\W]\w*")
_KEYWORDS = frozenset(
    "and or not where is null empty between in contains starts ends with like matches has all any"
    " none within no every latest count sort limit page offset select distinct by having after"
    " asc desc nulls first last".split()
)

_SPELLINGS = {
    "and": ("and", "∧", "&&"),
    "or": ("or", "∨", "||"),
    "not": ("not", "¬", "!"),
    "=": ("=", "=="),
    "!=": ("!=", "≠", "<>"),
    "<=": ("<=", "≤"),
    ">=": (">=", "≥"),
    "in": ("in", "∈"),
    "not in": ("not in", "∉"),
    "contains": ("contains", "~"),
    "not contains": ("not contains", "!~"),
    "matches": ("matches", "=~"),
    "has": ("has", "∋"),
    "not has": ("not has", "∌"),
    "has all": ("has all", "⊇"),
    "not has all": ("not has all", "⊉"),
    "has any": ("has any", "∩"),
    "within": ("within", "⊆"),
    "not within": ("not within", "⊄"),
    "any": ("any", "∃"),
    "no": ("no", "∄"),
    "every": ("every", "∀"),
    "is empty": ("is empty", "= ∅"),
    "is not empty": ("is not empty", "≠ ∅"),
}


@dataclass
class Written:
    """A text, with the values of its parameters."""

    text: str
    params: dict[str, Any] = field(default_factory=dict)


@st.composite
def written_queries(
    draw: Draw,
    depth: int = 3,
    targets: tuple[Entity, ...] = TARGETS,
    clauses: bool = True,
) -> Written:
    """A well-typed query text."""
    return _Writer(draw, clauses).query(draw(st.sampled_from(targets)), depth)


class _Writer:
    """Writes one query; `tokens` are what white space may stand between."""

    def __init__(self, draw: Draw, clauses: bool) -> None:
        self.draw = draw
        self.clauses = clauses
        self.params: dict[str, Any] = {}

    # ── chance ────────────────────────────────────────────────────────────────────────────────

    def one(self, *options: Any) -> Any:
        return self.draw(st.sampled_from(options))

    def chance(self, one_in: int) -> bool:
        return bool(self.draw(st.integers(1, one_in)) == 1)

    def spelled(self, operator: str) -> list[str]:
        spelling: str = self.one(*_SPELLINGS.get(operator, (operator,)))
        if spelling.isascii() and self.chance(6):
            spelling = spelling.upper()
        return spelling.split()

    # ── the query ─────────────────────────────────────────────────────────────────────────────

    def query(self, target: Entity, depth: int) -> Written:
        tokens: list[str] = []
        named = target.name != "flows" or self.chance(2)
        filtered = not self.chance(12)
        if named:
            tokens.append(self.one(target.name, target.name, *target.aliases))
            if filtered:
                tokens += self.spelled("where")
        if filtered:
            tokens += self.expression(target, depth)
        if self.clauses:
            tokens += self.clause_tokens(target)
        return Written(self.joined(tokens), self.params)

    def joined(self, tokens: list[str]) -> str:
        """The tokens, with white space and comments between them."""
        text = ""
        spaced = self.chance(3)
        for token in tokens:
            separator = " "
            if spaced and self.chance(8):
                separator = self.one(
                    "  ", "\n", "\t", "\r\n", "\u00a0", " # and (a [comment\n", " #\n", " ## \"'\n",
                    " #! x = ∅\n",
                )  # fmt: skip
            elif token in (",", ")", "]") or text.endswith(("(", "[")):
                separator = self.one("", " ")
            text += separator + token if text else token
        return text + (self.one("", "", " # the end", " #", "\n") if spaced else "")

    def clause_tokens(self, target: Entity) -> list[str]:
        clauses: list[list[str]] = []
        if self.chance(5):
            fields = strategies.single_valued(target)
            chosen = [[self.one(*fields).name] for _ in range(self.one(1, 1, 2))]
            clauses.append([*self.spelled("distinct"), *_separated(chosen)])
        if self.chance(10):
            clauses.append(self.spelled("count"))
            return [token for clause in self.draw(st.permutations(clauses)) for token in clause]
        if self.chance(3):
            keys = [self.sort_key(target) for _ in range(self.one(1, 1, 2, 3))]
            clauses.append([*self.spelled("sort"), *_separated(keys)])
        if self.chance(3):
            clauses.append([*self.spelled("limit"), self.one("0", "1", "5", "20", "200", "1000")])
        if self.chance(5):
            clauses.append([*self.spelled("page"), self.one("1", "2", "3")])
        elif self.chance(5):
            clauses.append([*self.spelled("offset"), self.one("0", "1", "7")])
        if self.chance(5):
            fields = [f for f in strategies.fields_of(target) if not f.only_null]
            chosen = [[self.one(*fields).name] for _ in range(self.one(1, 2, 3))]
            clauses.append([*self.spelled("select"), *_separated(chosen)])
        return [token for clause in self.draw(st.permutations(clauses)) for token in clause]

    def sort_key(self, target: Entity) -> list[str]:
        key = self.one(*strategies.single_valued(target))
        tokens = [key.name]
        if self.chance(4):
            return [f"{key.name}_{self.one('asc', 'desc')}"]
        if self.chance(2):
            tokens += self.spelled(self.one("asc", "desc"))
        if self.chance(4):
            tokens += self.spelled(self.one("nulls first", "nulls last"))
        return tokens

    # ── expressions ───────────────────────────────────────────────────────────────────────────

    def expression(self, entity: Entity, depth: int) -> list[str]:
        kinds = ["own"] * 2 + ["dotted"] * 3
        if depth > 1:
            kinds += ["and"] * 3 + ["or"] * 3 + ["not"] * 2 + ["quantified"] * 3 + ["count"] * 2
        if not entity.relations:
            kinds = [kind for kind in kinds if kind not in ("dotted", "quantified", "count")]
        match self.one(*kinds):
            case "own":
                return self.condition(entity, hops=0)
            case "dotted":
                return self.condition(entity, hops=self.one(1, 1, 2))
            case "and" | "or" as word:
                tokens: list[str] = []
                for number in range(self.one(2, 2, 3)):
                    if number:
                        tokens += self.spelled(word)
                    tokens += self.bracketed(self.expression(entity, depth - 1))
                return tokens
            case "not":
                return [*self.spelled("not"), *self.bracketed(self.expression(entity, depth - 1))]
            case "quantified":
                return self.quantified(entity, depth)
            case _:
                return self.count_condition(entity, depth)

    def bracketed(self, tokens: list[str]) -> list[str]:
        return ["(", *tokens, ")"]

    def quantified(self, entity: Entity, depth: int) -> list[str]:
        word = self.one("any", "any", "no", "no", "every", "latest")
        hops = self.one(1, 1, 1, 2)
        path, target = self.relations(entity, hops)
        if word == "latest" and target.name not in ("flow_runs", "task_runs"):
            word = "any"
        tokens = [*self.spelled(word), path]
        if not self.chance(5):
            tokens += self.bracketed(self.expression(target, depth - 1))
        return tokens

    def count_condition(self, entity: Entity, depth: int) -> list[str]:
        tokens = self.counted(entity, depth)
        match self.one("compare", "compare", "compare", "between", "in", "share"):
            case "compare":
                operator = self.one("=", "!=", "<", "<=", ">", ">=")
                return [*tokens, *self.spelled(operator), self.one("0", "1", "1", "2", "3", "1.5")]
            case "between":
                negated = self.spelled(self.one("between", "not between"))
                return [*tokens, *negated, self.one("0", "1"), "and", self.one("1", "2", "4")]
            case "in":
                items = [[str(number)] for number in self.one((1,), (0, 2), (1, 2, 3), ())]
                operator = self.one("in", "not in")
                return [*tokens, *self.spelled(operator), "[", *_separated(items), "]"]
            case _:
                operator = self.one("<", "<=", ">", ">=", "=", "!=")
                factor = self.one([], ["0.5", "*"], ["2", "*"], ["0.07", "×"])
                return [*tokens, *self.spelled(operator), *factor, *self.counted(entity, depth)]

    def counted(self, entity: Entity, depth: int) -> list[str]:
        path, target = self.relations(entity, self.one(1, 1, 2))
        tokens = [*self.spelled("count"), path]
        if not self.chance(3):
            tokens += self.bracketed(self.expression(target, depth - 1))
        return tokens

    def relations(self, entity: Entity, hops: int) -> tuple[str, Entity]:
        """A path of relations, by their names or aliases."""
        names: list[str] = []
        for _ in range(hops):
            if not entity.relations:
                break
            relation = self.one(*entity.relations)
            names.append(self.one(relation.name, relation.name, *relation.aliases))
            entity = entities()[relation.target]
        return ".".join(names), entity

    # ── conditions ────────────────────────────────────────────────────────────────────────────

    def condition(self, entity: Entity, hops: int) -> list[str]:
        path, owner = self.relations(entity, hops)
        chosen = self.field(owner)
        if owner is TAG and not path and self.chance(2):
            return self.compared([], owner, chosen, ())
        name = self.one(chosen.name, chosen.name, chosen.name, *chosen.aliases)
        keys: tuple[str, ...] = ()
        if chosen.type is Type.JSON and not chosen.only_null and not self.chance(6):
            keys = self.one(*strategies.inside(owner, chosen))
        dotted = ".".join([part for part in (path, name) if part] + [_key(key) for key in keys])
        return self.compared([dotted], owner, chosen, keys)

    def field(self, entity: Entity) -> Field:
        special = [f for f in entity.fields if f.through is not None or f.either is not None]
        if special and self.chance(8):
            chosen: Field = self.one(*special)
            return chosen
        often: Field = self.one(*strategies.often(entity))
        return often

    def compared(
        self, path: list[str], entity: Entity, of: Field, keys: tuple[str, ...]
    ) -> list[str]:
        """A condition on a field whose path is already written."""
        if of.only_null or (of.type is Type.JSON and not keys):
            return [*path, *self.spelled(self.one("is null", "is not null"))]
        if of.type is Type.TAGS:
            return [*path, *self.tags(of)]
        if path and self.chance(8):
            tests = ["is null", "is not null"]
            if of.type in (Type.TEXT, Type.JSON):
                tests += ["is empty", "is not empty"]
            if of.either is not None:
                tests = ["is null", "is empty"]
            return [*path, *self.spelled(self.one(*tests))]
        kinds = ["equal", "in"]
        match of.type:
            case Type.TEXT:
                kinds += ["text"] * 2
            case Type.INTEGER | Type.DURATION:
                kinds += ["order"] * 2 + ["between", "range"]
            case Type.TIME:
                kinds += ["order"] * 2 + ["between", "range", "period", "period"]
            case Type.JSON:
                kinds += ["order", "text"]
            case Type.BOOLEAN if path:
                kinds += ["bare"] * 2
            case _:
                pass
        value = self.reader(entity, of, keys)
        negated = of.either is None and self.chance(4)
        match self.one(*kinds):
            case "bare":
                return path
            case "equal":
                operator = "!=" if negated else "="
                return [*path, *self.spelled(operator), *value()]
            case "in":
                return [*path, *self.spelled("not in" if negated else "in"), *self.items(of, value)]
            case "order":
                operator = self.one("<", "<=", ">", ">=")
                return [*path, *self.spelled(operator), *self.ordered(of, keys, value)]
            case "between":
                words = self.spelled("not between" if negated else "between")
                return [*path, *words, *value(), "and", *value()]
            case "range":
                operator = self.one("in", "not in") if negated else "in"
                return [*path, *self.spelled(operator), *self.range(value)]
            case "period":
                return [*path, *self.spelled("in"), *self.stretch()]
            case _:
                return [*path, *self.text(entity, of, keys, negated)]

    def items(self, of: Field, value: Callable[[], list[str]]) -> list[str]:
        """A list, or a parameter that stands for one."""
        size = self.one(0, 1, 1, 2, 2, 3, 8)
        if self.chance(8) and of.type is Type.TEXT:
            return [self.parameter(list(strategies.stored(TAG, TAG.fields[0])[:size]))]
        items = [value() for _ in range(size)]
        if of.type is Type.TIME and self.chance(2):
            items += [self.stretch()]
        trailing = [","] if items and self.chance(8) else []
        return ["[", *_separated(items), *trailing, "]"]

    def range(self, value: Callable[[], list[str]]) -> list[str]:
        match self.one("both", "both", "low", "high"):
            case "both":
                return [*value(), "..", *value()]
            case "low":
                return [*value(), ".."]
            case _:
                return ["..", *value()]

    def ordered(
        self, of: Field, keys: tuple[str, ...], value: Callable[[], list[str]]
    ) -> list[str]:
        return [self.one("0", "1", "-2.5", "9", "10")] if of.type is Type.JSON else value()

    def text(self, entity: Entity, of: Field, keys: tuple[str, ...], negated: bool) -> list[str]:
        operator = self.one("contains", "contains", "starts with", "ends with", "like", "matches")
        column = typed.Column(of if of.either is None else entity.by_name["name"], keys)
        values = strategies.texts(entity, column.field) if not keys else st.sampled_from(HOSTILE)
        match = self.draw(
            strategies.text_conditions(column, values).filter(
                lambda node: node.operator == operator
            )
        )
        assert isinstance(match.value, str)
        words = self.spelled(f"not {operator}" if negated else operator)
        return [*words, self.quoted(match.value)]

    def tags(self, of: Field) -> list[str]:
        operator = self.one(
            "has", "has", "not has", "has all", "not has all", "has any", "not has any",
            "has none", "within", "not within", "=", "!=", "is empty", "is not empty",
        )  # fmt: skip
        words = self.spelled(operator)
        if operator.endswith("empty"):
            return words
        tag = st.one_of(
            st.sampled_from(strategies.stored(TAG, TAG.fields[0])), st.sampled_from(HOSTILE)
        )
        if operator in ("has", "not has"):
            return [*words, self.word(self.draw(tag))]
        tags = self.draw(st.lists(tag, max_size=3))
        if operator not in ("=", "!="):
            if self.chance(6):
                return [*words, self.quoted(self.draw(tag))]
            if self.chance(8):
                return [*words, self.parameter(tags)]
        return [*words, "[", *_separated([[self.word(tag)] for tag in tags]), "]"]

    # ── values ────────────────────────────────────────────────────────────────────────────────

    def reader(self, entity: Entity, of: Field, keys: tuple[str, ...]) -> Callable[[], list[str]]:
        """What writes one value of the field."""
        if of.either is not None:
            entity, of = entity, entity.by_name["name"]
        if of.through is not None:
            ids = strategies.stored(entities()["flow_runs"], entities()["flow_runs"].by_name["id"])
            return lambda: self.uuid(self.one(*ids))
        match of.type:
            case Type.TEXT:
                return lambda: [self.word(self.draw(strategies.texts(entity, of)))]
            case Type.ENUM:
                return lambda: [self.word(self.one(*of.choices))]
            case Type.UUID:
                return lambda: self.uuid(self.draw(strategies.plain(entity, of)))
            case Type.INTEGER:
                return lambda: self.number(self.draw(strategies.numbers(entity, of)))
            case Type.DURATION:
                return lambda: self.duration(self.draw(strategies.durations(entity, of)))
            case Type.BOOLEAN:
                return lambda: [self.one("true", "false", "TRUE", "False")]
            case Type.TIME:
                return self.time
            case Type.JSON:
                return lambda: self.json(strategies.inside(entity, of)[keys])
            case _:
                raise AssertionError(of)

    def parameter(self, value: Any) -> str:
        name = f"p{len(self.params) + 1}"
        self.params[name] = value
        return f"${name}"

    def word(self, text: str) -> str:
        """A text: bare where it may be and chance has it, or quoted, or as a parameter."""
        if self.chance(12):
            return self.parameter(text)
        bare = _BARE.fullmatch(text) and text.lower() not in _KEYWORDS
        return text if bare and not self.chance(4) else self.quoted(text)

    def quoted(self, text: str) -> str:
        body = json.dumps(text, ensure_ascii=self.chance(4))[1:-1]
        if self.chance(3):
            body = body.replace('\\"', '"').replace("'", "\\'")
            return f"'{body}'"
        return f'"{body}"'

    def uuid(self, value: UUID) -> list[str]:
        if self.chance(12):
            return [self.parameter(self.one(value, str(value)))]
        text = self.one(str(value), str(value), str(value).upper(), value.hex)
        return [self.one(text, f'"{text}"')]

    def number(self, value: int | float) -> list[str]:
        value = max(-(2**63), min(value, 2**63 - 1))
        if self.chance(12):
            return [self.parameter(value)]
        if isinstance(value, int) and abs(value) < 1000 and self.chance(8):
            return [f"{value}.0"]
        return [repr(value)]

    def json(self, values: tuple[Any, ...]) -> list[str]:
        kind = self.one("number", "text", "boolean")
        value = self.draw(strategies.json_values(values, kind))
        if self.chance(12):
            return [self.parameter(value)]
        if isinstance(value, str):
            return [self.quoted(value)]
        return [repr(value).lower()]

    def duration(self, value: timedelta) -> list[str]:
        if self.chance(12):
            return [self.parameter(value)]
        return [self.length(value)]

    def open_length(self, value: timedelta) -> str:
        """A length where a parameter may give it."""
        written = self.length(value)
        return self.parameter(self.one(value, written)) if self.chance(6) else written

    def length(self, value: timedelta) -> str:
        """A length in some of the ways to write it."""
        sign = "-" if value < timedelta(0) else ""
        microseconds = abs(value) // timedelta(microseconds=1)
        if microseconds % 3_600_000_000 == 0 and microseconds and self.chance(2):
            return f"{sign}{microseconds // 3_600_000_000}h"
        if self.chance(4):
            seconds, fraction = divmod(microseconds, 10**6)
            return f"{sign}{seconds}.{fraction:06d}s"
        parts: list[str] = []
        for unit, size in _UNITS:
            number, microseconds = divmod(microseconds, size)
            if number:
                parts.append(f"{number}{unit}")
        return sign + ("".join(parts) or "0s")

    def time(self) -> list[str]:
        """An instant, a relative time or a period."""
        match self.one("instant", "instant", "relative", "calendar", "rolling"):
            case "instant":
                return self.instant(self.draw(strategies.instants()))
            case "relative":
                offset = abs(self.draw(strategies.relative()).offset)
                if self.chance(6):
                    return ["now"]
                sign = self.one("-", "+")
                glued = self.chance(3)
                length = self.open_length(offset)
                return [f"now{sign}{length}"] if glued else ["now", sign, length]
            case "calendar":
                found = self.draw(strategies.calendars())
                parts = [f"{found.year:04d}"]
                parts += [f"{part:02d}" for part in (found.month, found.day) if part is not None]
                return ["-".join(parts)]
            case _:
                word = self.one("today", "yesterday", "tomorrow", "counted", "unit", "unit")
                if word == "counted":
                    length = self.one("0d", "1d", "7d", "180d", "2w", "1w3d", "30 days", "1 Week")
                    sign = self.one("-", "-", "+")
                    if self.chance(6):
                        length = self.parameter(self.one(length, timedelta(days=7)))
                    glued = self.chance(3)
                    return [f"Today{sign}{length}"] if glued else ["today", sign, length]
                if word != "unit":
                    return [word]
                unit = self.one("hour", "day", "week", "month", "quarter", "year")
                return [self.one("this", "last", "next"), unit]

    def instant(self, value: datetime) -> list[str]:
        if self.chance(12):
            return [self.parameter(value)]
        if self.chance(4):
            minutes = self.one(-300, 60, 120, 345, 0)
            value = value.astimezone(timezone(timedelta(minutes=minutes)))
        text = value.isoformat(timespec="auto")
        if text.endswith("+00:00") and self.chance(2):
            text = text.removesuffix("+00:00") + self.one("Z", "z", "")
        if self.chance(6):
            text = text.replace("T", " ")
        if self.chance(3):
            return [f'"{text}"']
        return text.split(" ")

    def stretch(self) -> list[str]:
        """What only `in` takes."""
        length = self.open_length(abs(self.draw(strategies.lengths())))
        return [self.one("last", "last", "next"), length]


_UNITS = (
    ("w", 604_800_000_000), ("d", 86_400_000_000), ("h", 3_600_000_000), ("m", 60_000_000),
    ("s", 1_000_000), ("ms", 1_000), ("us", 1),
)  # fmt: skip


def _separated(items: list[list[str]]) -> list[str]:
    tokens: list[str] = []
    for number, item in enumerate(items):
        tokens += [",", *item] if number else item
    return tokens


def _key(key: str) -> str:
    return key if _PLAIN_KEY.fullmatch(key) else f"`{key}`"


# ── damage ────────────────────────────────────────────────────────────────────────────────────────

_DEBRIS = (
    "(", ")", "[", "]", '"', "'", "`", "\\", "$", "#", "..", ",", "∅", "∃", "∈", "“", "\0",
    "\ud800", "\u202e", "\ufeff", "not ", "and ", "where ", "sort ", "count ", "null", "= ", "! ",
    "between ", "latest ", "any ", "is ", "limit -1", "page 0", "$x", "9" * 40, "(" * 210, "[" * 50,
    "\n", "*", "last $x", "now -$x",
)  # fmt: skip


@st.composite
def damaged_texts(draw: Draw) -> str:
    """A query text after some accidents, or a text that never was one."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.one_of(st.text(), st.sampled_from([*HOSTILE, *REFUSED])))
    text = draw(written_queries(depth=2)).text
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 12)))
        debris = draw(
            st.one_of(
                st.sampled_from(_DEBRIS), st.sampled_from([*HOSTILE, *REFUSED]), st.text(max_size=3)
            )
        )
        match draw(st.sampled_from(["cut", "insert", "replace", "double", "swap", "end"])):
            case "cut":
                text = text[:start] + text[end:]
            case "insert":
                text = text[:start] + debris + text[start:]
            case "replace":
                text = text[:start] + debris + text[end:]
            case "double":
                text = text[:end] + text[start:]
            case "swap":
                text = text[:start] + text[start:end][::-1] + text[end:]
            case _:
                text = text[:start]
    return text
