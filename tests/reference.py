"""The plain definitions, written out once more to judge everything else by.

Two evaluators, as simple as can be: nested loops, no indexes, no lowering, no closures.

- `select_ids` takes the query as written (`ast`) and follows the words of the language's
  reference: a scope holds if each path that it mentions, with every prefix, can be given one
  related row or nothing so that its and/or combination is true. It tries every way to do so.
- `holds` takes a condition of the typed tree and follows the docstrings of `flowql.typed`.

Of flowql they use the trees, the catalog and the regular expressions; nothing of the resolver, the
rewrites or the back ends. Rows hold Python values, as those of `tests.oracle.data` do.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from fractions import Fraction
from typing import Any
from uuid import UUID

from flowql import ast, regex, typed
from flowql.catalog import Entity, Field, Relation, Type, entities, get

Row = Mapping[str, Any]
Tables = Mapping[str, Iterable[Row]]
Truth = bool | None
"""True, false, or None for unknown."""

Names = tuple[Relation, ...]


# ── three values ──────────────────────────────────────────────────────────────────────────────────


def both(truths: Iterable[Truth]) -> Truth:
    truths = list(truths)
    if False in truths:
        return False
    return None if None in truths else True


def either(truths: Iterable[Truth]) -> Truth:
    truths = list(truths)
    if True in truths:
        return True
    return None if None in truths else False


def negation(truth: Truth) -> Truth:
    return None if truth is None else not truth


# ── rows and columns ──────────────────────────────────────────────────────────────────────────────


def rows_of(tables: Tables, entity: Entity) -> Iterable[Row]:
    return tables[entity.name] if entity.name in tables else tables[entity.table]


def related(row: Row, relation: Relation, tables: Tables) -> list[Row]:
    """The rows that a single step leads to; tags are a set, so each text is there once."""
    if relation.elements:
        return [{"value": tag} for tag in sorted(set(row[relation.elements] or []))]
    key = row[relation.local]
    if key is None:
        return []
    return [r for r in rows_of(tables, entities()[relation.target]) if r[relation.remote] == key]


def at_the_end(row: Row, path: Names, tables: Tables) -> list[Row]:
    """The rows at the end of a chain of single steps, each once."""
    found = [row]
    for relation in path:
        ends = [end for start in found for end in related(start, relation, tables)]
        found = [end for at, end in enumerate(ends) if end not in ends[:at]]
    return found


def last_started(rows: list[Row]) -> Row | None:
    started = [row for row in rows if row["start_time"] is not None]
    return max(started, key=lambda row: (row["start_time"], row["id"]), default=None)


def own_value(row: Row, field: Field, keys: tuple[str, ...] = ()) -> Any:
    """What the column holds, as tests for null see it."""
    if field.difference is not None:
        end, start = (row[column] for column in field.difference)
        return None if end is None or start is None else end - start
    if field.joined:
        return " ".join(row[column] for column in field.joined)
    value = row[field.column]
    for key in (*field.keys, *keys):
        value = value.get(key) if isinstance(value, dict) else None
    if field.type is Type.UUID and isinstance(value, str):
        return UUID(value)
    return value


def compared_value(row: Row, field: Field, keys: tuple[str, ...] = ()) -> Any:
    """What comparisons see: of a flow run's start the expected one, where there is no other."""
    value = own_value(row, field, keys)
    return row[field.coalesce] if value is None and field.coalesce is not None else value


def comparable(value: Any, other: Any) -> bool:
    """Null and, in JSON, values of another type make a comparison unknown."""
    if value is None:
        return False
    if isinstance(other, bool) or isinstance(value, bool):
        return isinstance(value, bool) and isinstance(other, bool)
    if isinstance(other, int | float):
        return isinstance(value, int | float)
    return isinstance(value, type(other))


def folded(text: str) -> str:
    return re.sub("[A-Z]", lambda letter: letter[0].lower(), text)


def text_matches(value: str, operator: str, wanted: str) -> bool:
    if operator == "contains":
        return folded(wanted) in folded(value)
    if operator == "starts with":
        return folded(value).startswith(folded(wanted))
    if operator == "ends with":
        return folded(value).endswith(folded(wanted))
    if operator == "like":
        wild = {"%": ".*", "_": "."}
        pattern = "".join(wild.get(char, re.escape(char)) for char in folded(wanted))
        return re.fullmatch(pattern, folded(value), re.DOTALL) is not None
    assert operator == "matches", operator
    return regex.parse(wanted).search(value)


def in_order(value: Any, operator: str, bound: Any) -> bool:
    if operator == "<":
        return bool(value < bound)
    if operator == "<=":
        return bool(value <= bound)
    if operator == ">":
        return bool(value > bound)
    if operator == ">=":
        return bool(value >= bound)
    assert operator == "=", operator
    return bool(value == bound)


def first_of_each(
    rows: Iterable[Row], columns: Iterable[tuple[Field, tuple[str, ...]]]
) -> list[Row]:
    """Of rows in their order those that no row before has the same values as, null being one."""
    columns = list(columns)
    kept: list[Row] = []
    values: list[list[Any]] = []
    for row in rows:
        found = [compared_value(row, field, keys) for field, keys in columns]
        if found not in values:
            kept.append(row)
            values.append(found)
    return kept


# ── the typed tree ────────────────────────────────────────────────────────────────────────────────


def holds(node: typed.Predicate, row: Row, entity: Entity, tables: Tables) -> Truth:
    """Whether a grounded condition is true, false or unknown (None) of a row."""
    match node:
        case typed.Always(value):
            return value
        case typed.And(operands):
            return both([holds(operand, row, entity, tables) for operand in operands])
        case typed.Or(operands):
            return either([holds(operand, row, entity, tables) for operand in operands])
        case typed.Not(operand):
            return negation(holds(operand, row, entity, tables))
        case typed.In(column, values):
            return either(
                [_is(compared_value(row, column.field, column.keys), value) for value in values]
            )
        case typed.Compare(column, operator, bound):
            value = compared_value(row, column.field, column.keys)
            return in_order(value, operator, bound) if comparable(value, bound) else None
        case typed.TextMatch(column, operator, text):
            assert isinstance(text, str)
            value = compared_value(row, column.field, column.keys)
            return text_matches(value, operator, text) if comparable(value, "") else None
        case typed.TagsMatch(column, operator, values):
            tags = row[column.field.column] or []
            match operator:
                case "has all":
                    return all(value in tags for value in values)
                case "has any":
                    return any(value in tags for value in values)
                case "within":
                    return all(tag in values for tag in tags)
        case typed.IsNull(column):
            return own_value(row, column.field, column.keys) is None
        case typed.Exists(relation, where):
            target = entities()[relation.target]
            return any(
                holds(where, other, target, tables) is True
                for other in related(row, relation, tables)
            )
        case typed.Every(relation, where):
            target = entities()[relation.target]
            return all(
                holds(where, other, target, tables) is True
                for other in related(row, relation, tables)
            )
        case typed.Latest(path, where):
            last = last_started(at_the_end(row, path, tables))
            target = entities()[path[-1].target]
            return last is not None and holds(where, last, target, tables) is True
        case typed.Count(counted, operator, bound):
            if isinstance(bound, typed.Share):
                number = Fraction(str(bound.factor)) * _number(bound.counted, row, tables)
                return in_order(_number(counted, row, tables), operator, number)
            return in_order(_number(counted, row, tables), operator, bound)


def _is(value: Any, wanted: Any) -> Truth:
    return value == wanted if comparable(value, wanted) else None


def _number(counted: typed.Counted, row: Row, tables: Tables) -> int:
    target = entities()[counted.path[-1].target]
    ends = at_the_end(row, counted.path, tables)
    return sum(holds(counted.where, end, target, tables) is True for end in ends)


# ── the query as written ──────────────────────────────────────────────────────────────────────────


def select_ids(
    query: ast.Query,
    tables: Tables,
    now: datetime,
    zone: tzinfo,
    params: Mapping[str, Any] | None = None,
) -> set[UUID]:
    """The ids of all rows that the filter selects, whatever the clauses say of order and pages."""
    target, written = _target(query)
    reading = _Reading(tables, now.astimezone(UTC), zone, params or {})
    return {
        row["id"]
        for row in rows_of(tables, target)
        if written is None or reading.scope(written, target, row) is True
    }


def _target(query: ast.Query) -> tuple[Entity, ast.Expr | None]:
    written = query.filter
    if query.target is None and isinstance(written, ast.Bare):
        entity = get(str(written.path))
        if entity is not None and entity.table:
            return entity, None
    entity = get(str(query.target or "flows"))
    assert entity is not None
    return entity, written


def _single_steps(entity: Entity, relation: Relation) -> Names:
    found: Names = ()
    if not relation.via:
        return (relation,)
    for name in relation.via:
        found += _single_steps(entity, entity.relation_by_name[name])
        entity = entities()[found[-1].target]
    return found


def _walk(parts: tuple[str, ...], entity: Entity) -> tuple[Names, Entity, Field | None, Any]:
    """Where a path leads: single steps, the entity at their end, its field, keys into it."""
    path: Names = ()
    while parts:
        for length in (2, 1):
            field = entity.by_name.get(".".join(parts[:length])) if len(parts) >= length else None
            has_keys = len(parts) > length
            if field is not None and not (has_keys and field.only_null):
                return path, entity, field, parts[length:]
        path += _single_steps(entity, entity.relation_by_name[parts[0]])
        entity = entities()[path[-1].target]
        parts = parts[1:]
    return path, entity, None, ()


@dataclass(frozen=True)
class Span:
    """A stretch of time: both ends belong to it, but for the end of a period."""

    low: datetime
    high: datetime
    open_end: bool = False

    def before_end(self, value: datetime) -> bool:
        return value < self.high if self.open_end else value <= self.high

    def holds(self, value: datetime, operator: str) -> bool:
        """`<` is before its start, `<=` before its end, `>` from its end, `>=` from its start."""
        if operator == "<":
            return value < self.low
        if operator == "<=":
            return self.before_end(value)
        if operator == ">":
            return not self.before_end(value)
        if operator == ">=":
            return value >= self.low
        assert operator == "in", operator
        return value >= self.low and self.before_end(value)


@dataclass(frozen=True)
class _Reading:
    """A query being read by the definitions, at its moment and in its time zone."""

    tables: Tables
    now: datetime
    zone: tzinfo
    params: Mapping[str, Any]

    # scopes

    def scope(self, expr: ast.Expr, entity: Entity, row: Row) -> Truth:
        """The best that any assignment of witnesses makes of the and/or combination."""
        paths = set(self.paths(expr, entity))
        return either(
            [self.combined(expr, entity, row, found) for found in self.witnesses(paths, row)]
        )

    def paths(self, expr: ast.Expr, entity: Entity) -> Iterator[Names]:
        """The paths that a scope mentions, not those of scopes inside it."""
        match expr:
            case ast.And(operands) | ast.Or(operands):
                for operand in operands:
                    yield from self.paths(operand, entity)
            case ast.Bare(path):
                yield _walk(path.parts, entity)[0]
            case ast.Condition(path) if path is not None:
                yield _walk(path.parts, entity)[0]

    def witnesses(self, paths: set[Names], row: Row) -> Iterator[dict[Names, Row]]:
        """Every way to give each path and prefix one related row; what is left out has nothing."""
        firsts = sorted({path[0] for path in paths if path}, key=lambda first: first.name)
        choices = []
        for first in firsts:
            beyond = {path[1:] for path in paths if path and path[0] is first}
            choice: list[dict[Names, Row]] = [{}]
            for other in related(row, first, self.tables):
                choice += [
                    {(first,): other, **{(first, *path): end for path, end in further.items()}}
                    for further in self.witnesses(beyond, other)
                ]
            choices.append(choice)
        for chosen in itertools.product(*choices):
            yield {path: found for some in chosen for path, found in some.items()}

    def combined(
        self, expr: ast.Expr, entity: Entity, row: Row, witnesses: dict[Names, Row]
    ) -> Truth:
        match expr:
            case ast.And(operands):
                return both([self.combined(one, entity, row, witnesses) for one in operands])
            case ast.Or(operands):
                return either([self.combined(one, entity, row, witnesses) for one in operands])
            case ast.Not(operand):
                return negation(self.scope(operand, entity, row))
            case ast.Quantified():
                return self.quantified(expr, entity, row)
            case ast.CountCondition():
                return self.count_condition(expr, entity, row)
            case ast.Bare(path):
                yes = ast.Condition(path, ast.Operator("=", "="), ast.Word("true"))
                return self.combined(yes, entity, row, witnesses)
            case ast.Condition(path):
                parts = path.parts if path is not None else ("text",)
                steps, target, field, keys = _walk(parts, entity)
                assert field is not None, parts
                if not steps:
                    return self.condition(expr, row, entity, field, keys)
                other = witnesses.get(steps)
                if other is None:
                    return False
                return self.condition(expr, other, target, field, keys) is True
            case _:
                raise AssertionError(expr)

    def quantified(self, expr: ast.Quantified, entity: Entity, row: Row) -> bool:
        path, target, _, _ = _walk(expr.path.parts, entity)
        rows = at_the_end(row, path, self.tables)

        def so(other: Row) -> bool:
            return expr.where is None or self.scope(expr.where, target, other) is True

        if expr.quantifier == "any":
            return any(so(other) for other in rows)
        if expr.quantifier == "no":
            return not any(so(other) for other in rows)
        if expr.quantifier == "every":
            return all(so(other) for other in rows)
        last = last_started(rows)
        return last is not None and so(last)

    def counted(self, counted: ast.Counted, entity: Entity, row: Row) -> int:
        path, target, _, _ = _walk(counted.path.parts, entity)
        return sum(
            counted.where is None or self.scope(counted.where, target, other) is True
            for other in at_the_end(row, path, self.tables)
        )

    def count_condition(self, expr: ast.CountCondition, entity: Entity, row: Row) -> bool:
        number = self.counted(expr.count, entity, row)
        name = expr.operator.name
        if name == "!=" or name.startswith("not "):
            name = "=" if name == "!=" else name.removeprefix("not ")
            plain = ast.Operator(name, name)
            return not self.count_condition(
                ast.CountCondition(expr.count, plain, expr.operand, expr.depth), entity, row
            )
        match expr.operand:
            case ast.Share(factor, other):
                share = Fraction(self.written(factor)) * self.counted(other, entity, row)
                return in_order(number, name, share)
            case ast.Between(low, high):
                return Fraction(self.written(low)) <= number <= Fraction(self.written(high))
            case ast.Values(items):
                assert name == "in"
                return any(number == Fraction(self.written(item)) for item in items)
            case ast.Word() | ast.Quoted() | ast.Param() as bound:
                return in_order(number, name, Fraction(self.written(bound)))
            case _:
                raise AssertionError(expr)

    # conditions

    def condition(
        self, expr: ast.Condition, row: Row, entity: Entity, field: Field, keys: tuple[str, ...]
    ) -> Truth:
        """A condition on a row in hand."""
        name, operand = expr.operator.name, expr.operand
        if field.either is not None:
            return either(
                [
                    self.scope(
                        ast.Condition(ast.Path(tuple(path.split("."))), expr.operator, operand),
                        entity,
                        row,
                    )
                    for path in field.either
                ]
            )
        if field.through is not None:
            there = ast.Path(field.through)
            if name == "is null":
                return negation(
                    self.scope(
                        ast.Condition(there, ast.Operator("is not null", ""), None), entity, row
                    )
                )
            return self.scope(ast.Condition(there, expr.operator, operand), entity, row)
        if name in ("is not null", "is not empty"):
            positive = ast.Operator(name.replace("not ", ""), "")
            return negation(
                self.condition(ast.Condition(None, positive, None), row, entity, field, keys)
            )
        if name == "!=" or name.startswith("not "):
            positive = ast.Operator("=" if name == "!=" else name.removeprefix("not "), "")
            return negation(
                self.condition(ast.Condition(None, positive, operand), row, entity, field, keys)
            )
        if name == "is null":
            return own_value(row, field, keys) is None
        if name == "is empty" or (name == "=" and isinstance(operand, ast.EmptySet)):
            return self.is_empty(own_value(row, field, keys), field)
        if field.type is Type.TAGS:
            return self.tags(set(row[field.column] or []), name, operand)
        return self.compared(compared_value(row, field, keys), name, operand, field)

    def is_empty(self, value: Any, field: Field) -> Truth:
        """Of text: '' or null. A number in JSON is of another type, so it is unknown."""
        if field.type is Type.JSON and not isinstance(value, str | None):
            return None
        return not value

    def tags(self, tags: set[str], name: str, operand: ast.Operand | None) -> bool:
        wanted = set(self.texts(operand))
        if name in ("has", "has all"):
            return wanted <= tags
        if name == "has any":
            return bool(wanted & tags)
        if name == "has none":
            return not wanted & tags
        if name == "within":
            return tags <= wanted
        assert name == "=", name
        return tags == wanted

    def texts(self, operand: ast.Operand | None) -> list[str]:
        match operand:
            case ast.EmptySet():
                return []
            case ast.Values(items):
                return [self.written(item) for item in items]
            case ast.Param(name) if not isinstance(self.params[name], str):
                return list(self.params[name])
            case ast.Word() | ast.Quoted() | ast.Param():
                return [self.written(operand)]
            case _:
                raise AssertionError(operand)

    def compared(self, value: Any, name: str, operand: ast.Operand | None, field: Field) -> Truth:
        match operand:
            case ast.Between(low, high):
                least = self.compared(value, ">=", low, field)
                return both([least, self.compared(value, "<=", high, field)])
            case ast.Range(low, high):
                least = True if low is None else self.compared(value, ">=", low, field)
                most = True if high is None else self.compared(value, "<=", high, field)
                return both([least, most])
            case ast.Values(items):
                return either([self.compared(value, "=", item, field) for item in items])
            case ast.EmptySet():
                return False
            case ast.Param(param) if isinstance(self.params[param], list | tuple):
                numbered = {f"{param} {n}": item for n, item in enumerate(self.params[param])}
                inner = _Reading(self.tables, self.now, self.zone, numbered)
                return either(
                    [inner.compared(value, "=", ast.Param(one), field) for one in numbered]
                )
            case ast.Word() | ast.Quoted() | ast.Param():
                if name in ("contains", "starts with", "ends with", "like", "matches"):
                    if not isinstance(value, str):
                        return None
                    return text_matches(value, name, self.written(operand))
                wanted = self.value(operand, field)
                sample = wanted.low if isinstance(wanted, Span) else wanted
                if not comparable(value, sample):
                    return None
                if isinstance(wanted, Span):
                    return wanted.holds(value, "in" if name == "=" else name)
                return in_order(value, "=" if name == "in" else name, wanted)
            case _:
                raise AssertionError(operand)

    # values

    def written(self, value: Any) -> str:
        if isinstance(value, ast.Param):
            return str(self.params[value.name])
        assert isinstance(value, ast.Word | ast.Quoted), value
        return value.text

    def value(self, value: ast.Scalar, field: Field) -> Any:
        given: Any = self.params[value.name] if isinstance(value, ast.Param) else value.text
        if isinstance(value, ast.Param) and value.lead is not None:
            length = given if isinstance(given, timedelta) else _length(given)
            return self.time(f"{value.lead} {length // timedelta(microseconds=1)}us")
        if isinstance(given, datetime):
            return given if given.tzinfo is not None else given.replace(tzinfo=self.zone)
        if isinstance(given, date):
            return self.period(given.isoformat())
        if not isinstance(given, str):
            return given
        match field.type:
            case Type.UUID:
                return UUID(given)
            case Type.INTEGER:
                words = field.words
                return words[given.upper()] if given.upper() in words else _as_number(given)
            case Type.BOOLEAN:
                return given.lower() == "true"
            case Type.DURATION:
                return _length(given)
            case Type.TIME:
                return self.time(given)
            case Type.JSON if isinstance(value, ast.Word):
                if given.lower() in ("true", "false"):
                    return given.lower() == "true"
                return _as_number(given) if re.fullmatch(_NUMBER, given) else given
            case _:
                return given

    def time(self, text: str) -> datetime | Span:
        """An instant, a period, or a stretch that begins or ends now."""
        text = text.lower()
        if text == "now":
            return self.now
        if found := re.fullmatch(r"now ?([+-]) ?(.+)", text):
            return self.now + _length(found[2]) * (1 if found[1] == "+" else -1)
        if re.match(r"\d{4}-\d\d-\d\d[t ]", text):
            instant = datetime.fromisoformat(text.upper().replace(" ", "T", 1).replace(" ", ""))
            return instant if instant.tzinfo is not None else instant.replace(tzinfo=self.zone)
        if (found := re.fullmatch(r"(last|next) (.*\d.*)", text)) is not None:
            length = _length(found[2])
            if found[1] == "last":
                return Span(self.now - length, self.now)
            return Span(self.now, self.now + length)
        return self.period(text)

    def period(self, text: str) -> Span:
        here = self.now.astimezone(self.zone)
        today = here.date()
        if text in ("today", "yesterday", "tomorrow"):
            days = ("yesterday", "today", "tomorrow").index(text) - 1
            first = today + timedelta(days)
            return self.days(first, first + timedelta(1))
        if found := re.fullmatch(r"today ?([+-]) ?(.+)", text):
            counted = _length(found[2]).days * (1 if found[1] == "+" else -1)
            first = today + timedelta(counted)
            return self.days(first, first + timedelta(1))
        if found := re.fullmatch(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", text):
            year, month, day = (int(part) if part else None for part in found.groups())
            assert year is not None
            if month is None:
                return self.days(date(year, 1, 1), date(year + 1, 1, 1))
            if day is None:
                return self.days(_month(year, month), _month(year, month + 1))
            first = date(year, month, day)
            return self.days(first, first + timedelta(1))
        which, unit = text.split()
        number = ("last", "this", "next").index(which) - 1
        match unit:
            case "hour":
                start = here.replace(minute=0, second=0, microsecond=0).astimezone(UTC)
                start += timedelta(hours=number)
                return Span(start, start + timedelta(hours=1), open_end=True)
            case "day":
                first = today + timedelta(number)
                return self.days(first, first + timedelta(1))
            case "week":
                first = today - timedelta(today.weekday()) + timedelta(7 * number)
                return self.days(first, first + timedelta(7))
            case "month":
                month = today.month + number
                return self.days(_month(today.year, month), _month(today.year, month + 1))
            case "quarter":
                month = (today.month - 1) // 3 * 3 + 1 + 3 * number
                return self.days(_month(today.year, month), _month(today.year, month + 3))
            case "year":
                year = today.year + number
                return self.days(date(year, 1, 1), date(year + 1, 1, 1))
            case _:
                raise AssertionError(text)

    def days(self, first: date, after: date) -> Span:
        """From the midnight at which a day begins up to that of a later one, in the zone."""
        low, high = (
            datetime(day.year, day.month, day.day, tzinfo=self.zone).astimezone(UTC)
            for day in (first, after)
        )
        return Span(low, high, open_end=True)


def _month(year: int, month: int) -> date:
    """The first of a month, counted on over the turn of years."""
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)


_NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?"


def _as_number(text: str) -> int | float:
    return int(text) if re.fullmatch(r"[+-]?\d+", text) else float(text)


_SECONDS: Mapping[str, int | Fraction] = {
    "w": 604800, "week": 604800, "d": 86400, "day": 86400, "h": 3600, "hour": 3600,
    "m": 60, "min": 60, "minute": 60, "s": 1, "sec": 1, "second": 1,
    "ms": Fraction(1, 1000), "us": Fraction(1, 10**6), "µs": Fraction(1, 10**6),
}  # fmt: skip


def _length(text: str) -> timedelta:
    """`5m`, `1h30m`, `1.5 hours`, `-2s`."""
    total = Fraction(0)
    for number, unit in re.findall(r"(\d+(?:\.\d+)?) ?([a-zµ]+)", text.lower()):
        total += Fraction(number) * (_SECONDS.get(unit) or _SECONDS[unit.removesuffix("s")])
    microseconds = total * 10**6
    assert microseconds.denominator == 1, text
    return timedelta(microseconds=int(microseconds)) * (-1 if text.startswith("-") else 1)
