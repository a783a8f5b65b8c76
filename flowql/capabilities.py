"""Which back ends can say what: found by asking them, never a list of claims.

Each operator of a field, each form of a relation and each sort is written out as samples of
queries, which every back end is made to lower: `to_request` at the entity's own endpoint of a
server of which no more is known, `to_plan` for several requests to it, SQL in each dialect, and a
selection from rows in memory. What
lowers all samples can be said, what lowers none cannot, and what lowers some depends on the
value; the first problem is the reason.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from functools import cache, partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flowql import api, catalog, typed
from flowql.catalog import Gives, Means, Type
from flowql.catalog.endpoints import giving
from flowql.catalog.listing import listed_field, listed_relation
from flowql.catalog.operators import ALONE, OPERATORS, Operand
from flowql.diagnostics import FlowQLError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from flowql.catalog import Entity, Field, Relation
    from flowql.diagnostics import Diagnostic

KEY = "key"
"""The key of a JSON field in samples."""

_ORDER = ("sqlite", "postgres", "duckdb")
_IDS = ("2f6a1b7e-0c5d-4d7e-9a3b-6f1e2d3c4b5a", "7b1e0c5d-4d7e-4a3b-8f1e-2d3c4b5a6f1e")


class Can(Enum):
    """Whether a back end can say something."""

    ALWAYS = "all of it"
    SOMETIMES = "some values of it"
    NEVER = "none of it"


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a back end can say something, and the first problem where that is not all of it."""

    can: Can
    problem: Diagnostic | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """Something that can be asked: an operator, a form of a relation, a sort.

    `samples` are conditions, or with `clause` clauses, that ask it: the plainest first.
    """

    name: str
    samples: tuple[str, ...]
    clause: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and what each back end makes of it."""

    question: Question
    answers: Mapping[str, Answer]


def back_ends() -> tuple[str, ...]:
    """The names of the back ends that select rows."""
    from flowql.backends.sql import dialects

    known = [name for name in _ORDER if name in dialects()]
    others = [name for name in dialects() if name not in _ORDER]
    return ("request", "plan", *known, *others, "memory")


# ── questions ─────────────────────────────────────────────────────────────────


ROWS = Question("rows", ("",), clause=True)
"""Whether rows can be listed at all."""


def operators(field: Field) -> list[Question]:
    """The operators that a field takes."""
    return _operators(field, field.name, listed_field(field).operators)


def inside(field: Field) -> list[Question]:
    """The operators that a key of a JSON field takes."""
    return _operators(field, f"{field.name}.{KEY}", listed_field(field).inside)


def _operators(field: Field, path: str, names: Sequence[str]) -> list[Question]:
    return [Question(name, _conditions(field, path, name)) for name in names]


def forms(relation: Relation) -> list[Question]:
    """The quantifiers and the count of a relation, of all related rows and of some."""
    name = relation.name
    some = _probe(catalog.entities()[relation.target])
    words = ["any", "no", "every"] + ["latest"] * listed_relation(relation).latest
    return [
        *(Question(word, (f"{word} {name}",)) for word in ("any", "no")),
        *(Question(f"{word} (…)", (f"{word} {name} ({some})",)) for word in words),
        Question("count", (f"count {name} >= 2",)),
        Question("count (…)", (f"count {name} ({some}) >= 2",)),
    ]


def sorts(field: Field) -> list[Question]:
    """Both directions, where rows can be sorted by it."""
    if not listed_field(field).sortable:
        return []
    return [sort(f"{field.name} {way}") for way in ("asc", "desc")]


def sort(text: str) -> Question:
    """A sort as a text writes it."""
    return Question(text, (f"sort {text}",), clause=True)


def _probe(entity: Entity) -> str:
    """A condition on related rows that a request can say, if there is one."""
    plain = (Means.ANY, Means.ANY_IF_SOME, Means.EQUALS)
    said = (one for one in entity.fields if any(c.means in plain for c in one.criteria))
    field = next(said, entity.fields[0])
    return _conditions(field, "" if entity.element else field.name, "=")[0].strip()


def _conditions(field: Field, path: str, name: str) -> tuple[str, ...]:
    if name == ALONE:
        return (path,)
    return tuple(f"{path} {name} {operand}".rstrip() for operand in _operands(field, name))


def _operands(field: Field, name: str) -> tuple[str, ...]:
    operator = OPERATORS[name]
    values = _values(field)
    match operator.operand:
        case Operand.NOTHING:
            return ("",)
        case Operand.BOUNDS:
            return (f"{values[0]} and {values[1]}",)
        case Operand.LIST:
            return _lists(field)
        case Operand.VALUE:
            pass
    if field.type is Type.TAGS:
        return ("etl",) if name.endswith("has") else _lists(field)
    match operator.negates or name:
        case "matches":
            return ('"^etl-"',)
        case "like":
            return ('"%etl%"', '"etl%"', '"100%"', '"etl-_"')
        case "contains" | "starts with" | "ends with":
            # Without letters there is no case, `%` is no wildcard here, and É no letter to all.
            return ("etl", '"100"', '"100%"', '"É"')
        case _:
            return values


def _lists(field: Field) -> tuple[str, ...]:
    low, high = _values(field)[:2]
    lists = (f"[{low}, {high}]", f"[{low}]")
    match field.type:
        case Type.TIME:
            return ("last 7d", f"{low}..{high}", f"{low}..", *lists)
        case Type.INTEGER | Type.DURATION:
            return (*lists, f"{low}..{high}")
        case Type.BOOLEAN:
            # Both together would be all that there is.
            return (f"[{low}]", f"[{high}]")
        case Type.JSON:
            return (*lists, "[etl, 3, true]", "3..5")
        case _:
            return lists


def _values(field: Field) -> tuple[str, ...]:
    """Two values of the field's type, or more."""
    match field.type:
        case Type.ENUM:
            return field.choices
        case Type.UUID:
            return _IDS
        case Type.INTEGER:
            return (*tuple(field.words)[-2:], "3", "5")
        case Type.TIME:
            return ("2026-11-01", "2026-11-08", "2026-11-01T12:00:00Z", "now")
        case Type.DURATION:
            return ("5m", "1h")
        case Type.BOOLEAN:
            return ("true", "false")
        case Type.JSON:
            return ("3", "5")
        case Type.TEXT | Type.TAGS:
            return ("etl", "nightly")


# ── answers ───────────────────────────────────────────────────────────────────


def asked(entity: Entity, questions: Sequence[Question]) -> list[Asked]:
    """What each back end makes of questions about an entity."""
    samples = [(question, sample) for question in questions for sample in question.samples]
    queries = [_query(entity, sample, question.clause) for question, sample in samples]
    found: dict[str, list[Diagnostic | None]] = {}
    for name in back_ends():
        if name == "request":
            found[name] = [
                _refusal(_query(entity, sample, question.clause, _in_path(entity)).to_request)
                for question, sample in samples
            ]
        elif name == "plan":
            found[name] = [_refusal(one.to_plan) for one in queries]
        elif name == "memory":
            found[name] = [_refusal(partial(one.select, _rows())) for one in queries]
        else:
            found[name] = _in_sql(name, queries, [question for question, _ in samples])
    answers = []
    at = 0
    for question in questions:
        end = at + len(question.samples)
        said = {name: _answer(problems[at:end]) for name, problems in found.items()}
        answers.append(Asked(question, said))
        at = end
    return answers


def _answer(problems: Sequence[Diagnostic | None]) -> Answer:
    reasons = [problem for problem in problems if problem is not None]
    if not reasons:
        return Answer(Can.ALWAYS)
    return Answer(Can.NEVER if len(reasons) == len(problems) else Can.SOMETIMES, reasons[0])


def _in_path(entity: Entity) -> tuple[str, ...]:
    """The conditions that the path of the entity's own endpoint wants."""
    at = giving(entity, Gives.PAGE) or giving(entity, Gives.ROWS)
    return tuple(f"{hole} = etl" for hole in at.holes) if at else ()


def _query(entity: Entity, sample: str, clause: bool, beside: tuple[str, ...] = ()) -> api.Query:
    conditions = beside if clause else (*beside, sample)
    where = f" where {' and '.join(conditions)}" if conditions else ""
    return api.parse(f"{entity.name}{where} {sample if clause else ''}")


def _refusal(lower: Callable[[], object]) -> Diagnostic | None:
    try:
        lower()
    except FlowQLError as error:
        return error.diagnostics[0]
    return None


def _in_sql(
    dialect: str, queries: Sequence[api.Query], questions: Sequence[Question]
) -> list[Diagnostic | None]:
    """Why each query is refused; those of one operator are lowered together, as most fare alike."""
    groups: dict[str, list[int]] = {}
    for at, question in enumerate(questions):
        groups.setdefault(f"{at}" if question.clause else question.name, []).append(at)
    found: list[Diagnostic | None] = [None] * len(queries)
    for places in groups.values():
        refused = _refused(dialect, [queries[at] for at in places])
        for at, problem in zip(places, refused, strict=True):
            found[at] = problem
    return found


def _refused(dialect: str, queries: list[api.Query]) -> list[Diagnostic | None]:
    """Lowers the `and` of the filters: each condition of it is lowered for itself."""
    one = queries[0]
    filters = [query.typed.filter for query in queries]
    whole = replace(one.typed, filter=typed.conjunction(filters))
    problem = _refusal(lambda: api.Query(whole, one.now, one.timezone).to_sql(dialect))
    if problem is None:
        return [None] * len(queries)
    if len(queries) == 1:
        return [problem]
    half = len(queries) // 2
    return [*_refused(dialect, queries[:half]), *_refused(dialect, queries[half:])]


@cache
def _rows() -> dict[str, list[dict[str, Any]]]:
    """A row of each entity with every column, so that only what is refused is missing."""
    return {entity.name: [_row(entity)] for entity in catalog.entities().values()}


def _row(entity: Entity) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for field in entity.fields:
        columns = (field.column, field.coalesce, *(field.difference or ()), *field.joined)
        row |= {column: row.get(column) for column in columns if column}
        if field.type is Type.UUID and field.column and not field.keys:
            row[field.column] = UUID(int=1)
    return row
