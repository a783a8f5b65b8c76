"""Random queries for hypothesis: typed trees, texts, and texts that have been damaged.

Values are drawn mostly from the awkward rows, each with its neighbours, so that conditions select
something and bounds are tried on both sides. Trees are as the resolver makes them: lists without
repetition, one type a JSON list, numbers without an empty fraction, no relation that stands for a
chain.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Protocol, TypeVar
from uuid import UUID

from hypothesis import strategies as st

from flowql import typed
from flowql.catalog import Entity, Field, Relation, Type, entities
from tests.hostile import HOSTILE
from tests.oracle.data import AWKWARD, NOW

T = TypeVar("T")


class Draw(Protocol):
    """What hypothesis gives to a composite strategy."""

    def __call__(self, strategy: st.SearchStrategy[T], /) -> T: ...


TARGETS: tuple[Entity, ...] = tuple(e for e in entities().values() if e.table)
TAG = entities()["tag"]

_MICROSECOND = timedelta(microseconds=1)
_TEXTS: tuple[str, ...] = ("", "a", "etl", "ETL", "ing", "orders", "%", "_", "\\", "'", "É", "🚀")
_REGEXES = (
    "", "etl", "^etl$", "^[a-z]+-[a-z]+$", "[A-Z]", r"\d", r"\bo", "otter|orders", "a.b", "^$",
    r"^\w+$", r"\\", "'", "(ab?)+", r"\s", "é", "^.$", r"[^\x00-\x7f]", "n{1,2}", "%|_",
)  # fmt: skip
_LIKES = (
    "", "%", "_", "%etl%", "etl%", "%orders", "ingest_orders", "INGEST%", "%\U0001f680%", "%a_b%",
    "__", "%'%", "b%-%r", "%%", "_%_",
)  # fmt: skip


# ── what the awkward rows hold ────────────────────────────────────────────────────────────────────


def fields_of(entity: Entity) -> list[Field]:
    """The fields that a typed column can have and rows tell: not those that stand for other rows'
    fields, nor what the server alone knows."""
    return [
        field
        for field in entity.fields
        if field.through is None and field.either is None and not field.server
    ]


def single_steps(entity: Entity) -> list[Relation]:
    return [relation for relation in entity.relations if not relation.via]


@cache
def stored(entity: Entity, field: Field) -> tuple[Any, ...]:
    """The distinct values that the awkward rows have, without null."""
    if entity is TAG:
        return _tags()
    values: list[Any] = []
    for row in AWKWARD[entity.table]:
        if field.difference is not None:
            end, start = (row[column] for column in field.difference)
            value = None if end is None or start is None else end - start
        elif field.joined:
            value = " ".join(row[column] for column in field.joined)
        else:
            value = row[field.column]
            for key in field.keys:
                value = value.get(key) if value is not None else None
            if field.type is Type.UUID and value is not None:
                value = UUID(str(value))
        if value is not None and value not in values:
            values.append(value)
    return tuple(values)


@cache
def _tags() -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(
            tag for rows in AWKWARD.values() for row in rows for tag in row.get("tags") or []
        )
    )


@cache
def inside(entity: Entity, field: Field) -> dict[tuple[str, ...], tuple[Any, ...]]:
    """The ways into a JSON field that the awkward rows have, and the plain values at their ends.

    Of a field that is compared whole, no way at all is one.
    """
    found: dict[tuple[str, ...], list[Any]] = {}

    def walk(value: Any, keys: tuple[str, ...]) -> None:
        if keys or field.whole:
            plain = isinstance(value, str | int | float)
            found.setdefault(keys, []).extend([value] if plain else [])
        if isinstance(value, dict):
            for key, item in value.items():
                walk(item, (*keys, key))

    for value in stored(entity, field):
        walk(value, ())
    return {keys: tuple(values) for keys, values in found.items()} or {("x",): (1, "1", True)}


def unique(values: Iterable[T]) -> tuple[T, ...]:
    """Each value once, as the resolver leaves a list."""
    return tuple(dict.fromkeys(values))


# ── values ────────────────────────────────────────────────────────────────────────────────────────


@cache
def texts(entity: Entity, field: Field) -> st.SearchStrategy[str]:
    """Stored texts, parts of them, in another case, hostile ones, and anything else."""
    own = st.sampled_from(stored(entity, field) or _TEXTS)
    anything = st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=9
    )
    return st.one_of(
        own,
        own,
        own.flatmap(_part_of),
        own.map(swapped),
        st.sampled_from(_TEXTS),
        st.sampled_from(HOSTILE),
        anything,
    )


def _part_of(text: str) -> st.SearchStrategy[str]:
    ends = st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))
    return ends.map(lambda pair: text[min(pair) : max(pair)])


def swapped(text: str) -> str:
    """The text with its ASCII letters in the other case."""
    return "".join(char.swapcase() if char.isascii() else char for char in text)


def caseless(text: str) -> str:
    """The text without letters of whose case the answering database decides."""
    return "".join(char for char in text if char.isascii() or char.lower() == char.upper())


def instants() -> st.SearchStrategy[datetime]:
    return st.one_of(
        st.sampled_from(_times()),
        st.sampled_from(_times()).map(lambda time: _shifted(time, _MICROSECOND)),
        st.sampled_from(_times()).map(lambda time: _shifted(time, -_MICROSECOND)),
        st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)),
    )


def _shifted(time: datetime, by: timedelta) -> datetime:
    return time + by


@cache
def _times() -> tuple[datetime, ...]:
    return unique(
        value
        for rows in AWKWARD.values()
        for row in rows
        for value in row.values()
        if isinstance(value, datetime)
    )


def lengths() -> st.SearchStrategy[timedelta]:
    """How long a stretch is: from nothing to some months."""
    return st.one_of(
        st.sampled_from([timedelta(hours=1), timedelta(hours=24), timedelta(7), timedelta(30)]),
        st.sampled_from([timedelta(0), _MICROSECOND, timedelta(minutes=5), timedelta(weeks=20)]),
        st.integers(0, 10**14).map(lambda number: timedelta(microseconds=number)),
    )


def relative() -> st.SearchStrategy[typed.Relative]:
    signed = st.tuples(lengths(), st.sampled_from((1, -1)))
    return signed.map(lambda pair: typed.Relative(pair[0] * pair[1]))


def calendars() -> st.SearchStrategy[typed.Calendar]:
    days = st.sampled_from(_times()).filter(lambda time: 1 < time.year < 9999)

    def coarser(time: datetime) -> st.SearchStrategy[typed.Calendar]:
        return st.sampled_from(
            [
                typed.Calendar(time.year, time.month, time.day),
                typed.Calendar(time.year, time.month),
                typed.Calendar(time.year),
            ]
        )

    return days.flatmap(coarser)


def rolling() -> st.SearchStrategy[typed.Rolling]:
    units: st.SearchStrategy[typed.Unit] = st.sampled_from(
        ["hour", "day", "week", "month", "quarter", "year"]
    )
    counted = st.sampled_from((-400, -180, -30, -7, -2, 2, 3, 14)) | st.integers(-1000, 1000)
    return st.one_of(
        st.builds(typed.Rolling, units, st.sampled_from((-1, 0, 1))),
        st.builds(typed.Rolling, st.just("day"), counted),
    )


def durations(entity: Entity, field: Field) -> st.SearchStrategy[timedelta]:
    own = st.sampled_from(stored(entity, field) or (timedelta(0),))
    around = st.sampled_from((timedelta(0), timedelta(0), _MICROSECOND, -_MICROSECOND))
    return st.one_of(st.tuples(own, around).map(sum_of), lengths())


def sum_of(pair: tuple[timedelta, timedelta]) -> timedelta:
    return pair[0] + pair[1]


def numbers(entity: Entity, field: Field) -> st.SearchStrategy[int | float]:
    own = st.sampled_from(stored(entity, field) or (0,))
    around = st.sampled_from((0, 0, 0, 1, -1, 0.5))
    return st.one_of(
        st.tuples(own, around).map(lambda pair: _number(pair[0] + pair[1])),
        st.sampled_from((-1, 0, 2.5, 2**31, 2**63 - 1, -(2**63))),
    )


def _number(value: int | float) -> int | float:
    """As the resolver reads a number: `1.0` is 1."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def json_values(values: tuple[Any, ...], kind: str) -> st.SearchStrategy[Any]:
    """Plain JSON values of one type, mostly stored ones."""
    match kind:
        case "boolean":
            return st.booleans()
        case "number":
            numbers = [v for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
            return st.sampled_from([*map(_number, numbers), 0, 1, -2.5, 9, 10])
        case _:
            texts = [v for v in values if isinstance(v, str)]
            return st.sampled_from([*texts, "", "1", "true", "null", *HOSTILE[:40]])


def plain(entity: Entity, field: Field) -> st.SearchStrategy[Any]:
    """Concrete values of a field that is neither tags nor JSON."""
    match field.type:
        case Type.TEXT:
            return texts(entity, field)
        case Type.ENUM:
            return st.sampled_from(field.choices)
        case Type.UUID:
            others = st.sampled_from([row["id"] for row in AWKWARD["flow"]])
            return st.one_of(st.sampled_from(stored(entity, field) or (UUID(int=0),)), others)
        case Type.INTEGER:
            return numbers(entity, field)
        case Type.TIME:
            return instants()
        case Type.DURATION:
            return durations(entity, field)
        case Type.BOOLEAN:
            return st.booleans()
        case _:
            raise AssertionError(field)


def points(entity: Entity, field: Field) -> st.SearchStrategy[typed.Point]:
    """What stands right of `<` and at the ends of ranges."""
    if field.type is Type.TIME:
        return st.one_of(instants(), relative(), calendars(), rolling())
    return plain(entity, field)


@st.composite
def ranges(draw: Draw, of: st.SearchStrategy[Any]) -> typed.Range:
    low, high = draw(of), draw(of)
    if isinstance(low, type(high)) and isinstance(low, datetime | timedelta | int | float):
        low, high = min(low, high), max(low, high)
    shape = draw(st.sampled_from(("both", "both", "low", "high")))
    return typed.Range(low if shape != "high" else None, high if shape != "low" else None)


# ── conditions on the row in hand ─────────────────────────────────────────────────────────────────


@cache
def often(entity: Entity) -> tuple[Field, ...]:
    """The fields, those more often that split the rows well."""
    fields = fields_of(entity)
    telling = [f for f in fields if f.type in (Type.ENUM, Type.BOOLEAN, Type.TAGS, Type.INTEGER)]
    times = [f for f in fields if f.type in (Type.TIME, Type.DURATION, Type.TEXT)]
    return (*fields, *times, *telling, *telling, *telling, *telling)


@st.composite
def own_conditions(draw: Draw, entity: Entity, parameters: bool = False) -> typed.Predicate:
    """One condition on a row of the entity; with `parameters`, some values stay unbound."""
    field = draw(st.sampled_from(often(entity)))
    if field.only_null:
        return typed.IsNull(typed.Column(field))
    if field.type is Type.TAGS:
        return draw(tag_conditions(field, parameters))
    if field.type is Type.JSON:
        return draw(json_conditions(entity, field))
    column = typed.Column(field)
    kinds = ["in"] * 6 + ["null"]
    if field.type in (Type.INTEGER, Type.TIME, Type.DURATION):
        kinds += ["compare"] * 8 + ["range"] * 2
    if field.type is Type.TEXT:
        kinds += ["text"] * 8
    if field.type is Type.TIME:
        kinds += ["period"] * 5
    kind = draw(st.sampled_from(kinds))
    unbound = parameters and draw(st.integers(0, 5)) == 0
    match kind:
        case "null":
            return typed.IsNull(column)
        case "compare":
            operator: typed.Ordering = draw(st.sampled_from(["<", "<=", ">", ">="]))
            if unbound:
                open_ = open_times() if field.type is Type.TIME else st.nothing()
                value = draw(st.one_of(st.just(_parameter(field)), open_))
                return typed.Compare(column, operator, value)
            return typed.Compare(column, operator, draw(points(entity, field)))
        case "range" if unbound and field.type is Type.TIME:
            ends = st.one_of(open_times(), points(entity, field))
            return typed.In(column, (draw(ranges(ends)),))
        case "range":
            return typed.In(column, (draw(ranges(points(entity, field))),))
        case "period" if unbound:
            stretches = st.one_of(map(_length.map, (typed.Last, typed.Next)))
            period = st.one_of(stretches, open_times(), calendars())
            return typed.In(column, unique(draw(st.lists(period, min_size=1, max_size=2))))
        case "period":
            period = st.one_of(
                calendars(),
                rolling(),
                lengths().map(typed.Last),
                lengths().map(typed.Next),
                ranges(points(entity, field)),
            )
            return typed.In(column, unique(draw(st.lists(period, min_size=1, max_size=2))))
        case "text":
            if unbound:
                return typed.TextMatch(column, "contains", _parameter(field))
            return draw(text_conditions(column, texts(entity, field)))
        case _:
            if unbound:
                return typed.In(
                    column, (typed.Parameter(f"many_{field.column}", field.type, True),)
                )
            sizes = {"none": (0, 0), "one": (1, 1), "some": (2, 4), "many": (8, 20)}
            least, most = sizes[draw(st.sampled_from(["none", *["one", "some", "many"] * 5]))]
            values = st.lists(plain(entity, field), min_size=least, max_size=most)
            return typed.In(column, unique(draw(values)))


_length = st.sampled_from([typed.Parameter(name, Type.DURATION) for name in ("n", "since")])


def open_times() -> st.SearchStrategy[typed.Offset]:
    """Times at a length that a parameter gives."""
    origin, sign = st.sampled_from(("now", "today")), st.sampled_from(("-", "+"))
    return st.builds(typed.Offset, origin, sign, _length)


def _parameter(field: Field) -> typed.Parameter:
    return typed.Parameter(f"p_{field.column or field.name}", field.type)


@st.composite
def text_conditions(
    draw: Draw, column: typed.Column, of: st.SearchStrategy[str]
) -> typed.TextMatch:
    operator: typed.TextOperator = draw(
        st.sampled_from(["contains", "contains", "starts with", "ends with", "like", "matches"])
    )
    match operator:
        case "matches":
            value = draw(st.sampled_from(_REGEXES))
        case "like":
            wild = of.map(lambda text: f"%{caseless(text[1:-1])}%".replace("\\", "_"))
            value = draw(st.one_of(st.sampled_from(_LIKES), wild))
        case _:
            value = caseless(draw(of))
    return typed.TextMatch(column, operator, value)


@st.composite
def tag_conditions(draw: Draw, field: Field, parameters: bool) -> typed.TagsMatch:
    operator: typed.TagsOperator = draw(st.sampled_from(["has all", "has any", "within"]))
    column = typed.Column(field)
    if parameters and draw(st.integers(0, 5)) == 0:
        return typed.TagsMatch(column, operator, (typed.Parameter("tags", Type.TAGS, True),))
    tags = st.one_of(st.sampled_from(_tags()), st.sampled_from(_tags()), st.sampled_from(HOSTILE))
    whole = st.sampled_from([tuple(row["tags"]) for row in AWKWARD["flow"]])
    some = st.lists(tags, max_size=3).map(tuple)
    return typed.TagsMatch(column, operator, unique(draw(st.one_of(some, whole))))


@st.composite
def json_conditions(draw: Draw, entity: Entity, field: Field) -> typed.Predicate:
    kind = draw(st.sampled_from(["null", "in", "in", "compare", "text"]))
    if kind == "null" and draw(st.booleans()):
        return typed.IsNull(typed.Column(field))
    ways = inside(entity, field)
    keys = draw(st.sampled_from([*ways]))
    column = typed.Column(field, keys)
    match kind:
        case "null":
            return typed.IsNull(column)
        case "compare":
            operator: typed.Ordering = draw(st.sampled_from(["<", "<=", ">", ">="]))
            return typed.Compare(column, operator, draw(json_values(ways[keys], "number")))
        case "text":
            return draw(text_conditions(column, json_values(ways[keys], "text")))
        case _:
            of = json_values(ways[keys], draw(st.sampled_from(["number", "text", "boolean"])))
            return typed.In(column, unique(draw(st.lists(of, min_size=1, max_size=3))))


# ── predicates ────────────────────────────────────────────────────────────────────────────────────


@st.composite
def predicates(
    draw: Draw, entity: Entity, depth: int = 4, parameters: bool = False
) -> typed.Predicate:
    """Conditions on rows of an entity, at most `depth` levels of them."""

    def inner(of: Entity, levels: int) -> typed.Predicate:
        return draw(predicates(of, levels, parameters))

    kinds = ["own"] * 3
    if depth > 1:
        kinds += ["and", "and", "or", "or", "not"]
        if entity.relations:
            kinds += ["exists", "exists", "every", "latest", "count", "count", "share"]
    match draw(st.sampled_from(kinds)):
        case "and":
            return typed.conjunction([inner(entity, depth - 1) for _ in range(draw(few()))])
        case "or":
            return typed.disjunction([inner(entity, depth - 1) for _ in range(draw(few()))])
        case "not":
            return typed.Not(inner(entity, depth - 1))
        case "exists":
            relation = draw(st.sampled_from(single_steps(entity)))
            return typed.Exists(relation, inner(entities()[relation.target], depth - 1))
        case "every":
            relation = draw(st.sampled_from(single_steps(entity)))
            return typed.Every(relation, inner(entities()[relation.target], depth - 1))
        case "latest":
            found = [path for path in chains(entity) if _runs(path)]
            if not found:
                return draw(own_conditions(entity, parameters))
            path = draw(st.sampled_from(found))
            return typed.Latest(path, inner(entities()[path[-1].target], depth - 1))
        case "count":
            counted = draw(counts(entity, depth, parameters))
            operator: typed.CountOperator = draw(st.sampled_from(["=", "<", "<=", ">", ">="]))
            bound = draw(st.sampled_from((0, 1, 1, 1, 2, 2, 3, 5, 1.5, -1)))
            return typed.Count(counted, operator, bound)
        case "share":
            counted = draw(counts(entity, depth, parameters))
            other = draw(counts(entity, depth, parameters))
            operator = draw(st.sampled_from(["=", "<", "<=", ">", ">="]))
            factor = draw(st.sampled_from((1, 0.5, 2, 0.1, 0.07, 0.3)))
            return typed.Count(counted, operator, typed.Share(factor, other))
        case _:
            return draw(own_conditions(entity, parameters))


def few() -> st.SearchStrategy[int]:
    return st.sampled_from((2, 2, 2, 3))


@st.composite
def counts(draw: Draw, entity: Entity, depth: int, parameters: bool) -> typed.Counted:
    path = draw(st.sampled_from(chains(entity)))
    target = entities()[path[-1].target]
    if draw(st.integers(0, 2)) == 0:
        return typed.Counted(path, typed.TRUE)
    return typed.Counted(path, draw(predicates(target, depth - 1, parameters)))


@cache
def chains(entity: Entity) -> tuple[tuple[Relation, ...], ...]:
    """Paths of one step and of two, and those that a relation of the catalog stands for."""
    found: list[tuple[Relation, ...]] = []
    for relation in entity.relations:
        found.append(taken_apart(entity, relation))
        if not relation.via and relation.target != "tag":
            found += [(relation, further) for further in single_steps(entities()[relation.target])]
    return unique(found)


def taken_apart(entity: Entity, relation: Relation) -> tuple[Relation, ...]:
    """The single steps of a relation."""
    if not relation.via:
        return (relation,)
    steps: list[Relation] = []
    for name in relation.via:
        steps += taken_apart(entity, entity.relation_by_name[name])
        entity = entities()[steps[-1].target]
    return tuple(steps)


def _runs(path: tuple[Relation, ...]) -> bool:
    return path[-1].target in ("flow_runs", "task_runs")


# ── queries ───────────────────────────────────────────────────────────────────────────────────────


@st.composite
def queries(
    draw: Draw,
    depth: int = 4,
    parameters: bool = False,
    targets: tuple[Entity, ...] = TARGETS,
) -> typed.Query:
    """Whole queries, with every clause."""
    target = draw(st.sampled_from(targets))
    filter_ = draw(predicates(target, depth, parameters)) if draw(st.integers(0, 9)) else typed.TRUE
    distinct = draw(distinct_columns(target)) if draw(st.integers(0, 4)) == 0 else ()
    if draw(st.integers(0, 9)) == 0:
        return typed.Query(target, filter_, distinct=distinct, count=True)
    sort = unique_columns(draw(st.lists(sort_keys(target), max_size=3)))
    limit = draw(st.none() | st.sampled_from((0, 1, 3, 10, 200, 1000)))
    page = offset = None
    match draw(st.integers(0, 5)):
        case 0:
            page = draw(st.sampled_from((1, 2, 3)))
        case 1:
            offset = draw(st.sampled_from((0, 1, 5, 10**6)))
        case _:
            pass
    select = None
    if draw(st.integers(0, 4)) == 0:
        select = unique(draw(st.lists(selected(target), min_size=1, max_size=4)))
    return typed.Query(target, filter_, sort, limit, page, offset, select, distinct)


def single_valued(target: Entity) -> list[Field]:
    """The fields that rows can be sorted and told apart by."""
    many = (Type.TAGS, Type.JSON)
    return [f for f in fields_of(target) if f.type not in many and not f.server]


def distinct_columns(target: Entity) -> st.SearchStrategy[tuple[typed.Column, ...]]:
    """Fields to tell rows apart by, mostly those that few rows differ in."""
    fields = single_valued(target)
    few = [f for f in fields if len(stored(target, f)) < len(AWKWARD[target.table]) / 2]
    columns = st.sampled_from((*few, *few, *fields)).map(typed.Column)
    return st.lists(columns, min_size=1, max_size=3).map(unique)


def sort_keys(target: Entity) -> st.SearchStrategy[typed.SortKey]:
    return st.builds(
        typed.SortKey,
        st.sampled_from(single_valued(target)).map(typed.Column),
        st.booleans(),
        st.sampled_from((None, None, "first", "last")),
    )


def unique_columns(keys: list[typed.SortKey]) -> tuple[typed.SortKey, ...]:
    return tuple({key.column: key for key in keys}.values())


def selected(target: Entity) -> st.SearchStrategy[typed.Column]:
    def column(field: Field) -> st.SearchStrategy[typed.Column]:
        if field.type is not Type.JSON or field.only_null:
            return st.just(typed.Column(field))
        return st.sampled_from([(), *inside(target, field)]).map(
            lambda keys: typed.Column(field, keys)
        )

    return st.sampled_from(fields_of(target)).flatmap(column)


MOMENTS: st.SearchStrategy[tuple[datetime, str]] = st.tuples(
    st.sampled_from(
        [
            NOW,
            NOW.replace(microsecond=1),
            datetime(2026, 3, 8, 7, tzinfo=UTC),
            datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
            datetime(2025, 10, 26, 0, 30, tzinfo=UTC),
            datetime(2024, 2, 29, 23, 59, 59, 999999, tzinfo=UTC),
            datetime(2025, 12, 31, 23, 30, tzinfo=UTC),
        ]
    ),
    st.sampled_from(("UTC", "UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu")),
)
"""Moments and time zones of a query; many change their clocks nearby."""

Rows = dict[str, list[dict[str, Any]]]


def some_rows() -> st.SearchStrategy[Rows]:
    """The awkward rows, or some of them, so that more relations lead nowhere."""

    def kept(seed: int) -> Rows:
        choose = random.Random(seed)
        share = choose.choice((0.2, 0.5, 0.8))
        return {
            table: [row for row in rows if choose.random() < share]
            for table, rows in AWKWARD.items()
        }

    return st.integers(0, 2**32 - 1).map(kept)
