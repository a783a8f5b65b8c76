"""The query as a whole: its target, its filter and its clauses.

Every name becomes a catalog object, every value a Python value, every scope
explicit. All problems are collected in one pass, each at its span; where there
are errors the typed query is not to be used.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Any, Literal

from flowql import ast, catalog, typed
from flowql.catalog.operators import is_own, is_single
from flowql.diagnostics import meaning, names, syntax
from flowql.diagnostics import values as value_problems
from flowql.limits import DEFAULT, Limits
from flowql.resolve.conditions import Conditions
from flowql.resolve.filters import Filters
from flowql.resolve.names import find
from flowql.resolve.values import Values, name_of
from flowql.source import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import tzinfo

    from flowql.catalog import Entity
    from flowql.diagnostics import Diagnostic


def resolve(
    query: ast.Query,
    *,
    zone: tzinfo,
    params: Mapping[str, Any] | None = None,
    limits: Limits = DEFAULT,
    spell: Callable[[typed.Predicate], str] | None = None,
) -> tuple[typed.Query, list[Diagnostic]]:
    """The typed query, and every problem, warning and note.

    `zone` reads times without an offset. `params` binds `$name`s; unbound ones
    stay `Parameter`. `spell` writes a condition as text, for notes.
    """
    problems: list[Diagnostic] = []
    given = params or {}
    values = Values(zone, given, problems)
    filters = Filters(Conditions(values, problems), problems, limits, spell)
    resolved = _Resolution(query, values, filters, problems, limits).run()
    if given:
        known = _parameters(query)
        problems.extend(
            value_problems.UnusedParameter(name=name, known=tuple(sorted(known)))
            for name in given
            if name not in known
        )
    return resolved, problems


@dataclass(slots=True)
class _Resolution:
    query: ast.Query
    values: Values
    filters: Filters
    problems: list[Diagnostic]
    limits: Limits

    def run(self) -> typed.Query:
        target, written = self._target()
        filter_: typed.Predicate = typed.TRUE
        if written is not None:
            filter_ = self.filters.scope(written, target)
            if _deeper(filter_, self.limits.depth):
                self.problems.append(syntax.TooDeep(span=written.span, limit=self.limits.depth))
                filter_ = typed.TRUE
        return self._clauses(target, filter_)

    def _target(self) -> tuple[Entity, ast.Expr | None]:
        query = self.query
        flows = catalog.entities()["flows"]
        if query.target is not None:
            entity = self._entity(query.target)
            return (entity, query.filter) if entity is not None else (flows, None)
        written = query.filter
        if isinstance(written, ast.Bare) and len(written.path.parts) == 1:
            name = written.path.parts[0]
            entity = catalog.get(name)
            if entity is not None and not entity.element:
                return entity, None
            if name not in flows.by_name and name not in flows.relation_by_name:
                self.problems.append(
                    names.UnknownTarget(span=written.span, name=name, known=_targets())
                )
                return flows, None
        return flows, written

    def _entity(self, path: ast.Path) -> Entity | None:
        entity = catalog.get(str(path))
        if entity is None or entity.element:
            problem = names.UnknownTarget(span=path.span, name=str(path), known=_targets())
            self.problems.append(problem)
            # What was probably meant tells best what else is wrong.
            return catalog.get(problem.replacement) if problem.replacement else None
        return entity

    # ── clauses ───────────────────────────────────────────────────────────────

    def _clauses(self, target: Entity, filter_: typed.Predicate) -> typed.Query:
        sort: tuple[typed.SortKey, ...] = ()
        numbers: dict[str, int | typed.Parameter | None] = {}
        select: tuple[typed.Column, ...] | None = None
        distinct: tuple[typed.Column, ...] = ()
        spans: dict[str, Span] = {}
        for clause in self.query.clauses:
            name = _name(clause)
            if name in spans:
                self.problems.append(names.RepeatedClause(span=clause.span, clause=name))
                continue
            if name:
                spans[name] = clause.span
            match clause:
                case ast.Sort(keys):
                    found = [self._sort_key(key, target) for key in keys]
                    sort = tuple(key for key in found if key is not None)
                case ast.Number(which, value):
                    numbers[which] = self.values.whole_number(value, 1 if which == "page" else 0)
                case ast.Select(keys):
                    select = self._columns(keys, target, "select")
                case ast.Distinct(keys):
                    distinct = self._distinct(keys, target)
                case ast.Count(by):
                    if by:
                        self._reserved("count by", clause.span)
                case ast.Having():
                    self._reserved("having", clause.span)
                case ast.After():
                    self._reserved("after", clause.span)
                case ast.Hole():
                    pass
        self._exclusions(spans)
        query = typed.Query(
            target,
            filter_,
            sort,
            numbers.get("limit"),
            numbers.get("page"),
            numbers.get("offset"),
            select,
            distinct,
            "count" in spans,
            tuple(spans.items()),
        )
        self._warn_open_order(query)
        return query

    def _reserved(self, what: str, span: Span) -> None:
        self.problems.append(names.Reserved(span=span, what=what))

    def _exclusions(self, spans: dict[str, Span]) -> None:
        pairs = [("count", other) for other in ("sort", "limit", "page", "offset", "select")]
        for clause, other in [*pairs, ("page", "offset")]:
            if clause in spans and other in spans:
                self.problems.append(
                    names.ClausesExclude(span=spans[other], clause=other, other=clause)
                )

    def _sort_key(self, key: ast.SortKey, target: Entity) -> typed.SortKey | None:
        direction: Literal["asc", "desc"] | None = key.direction
        path = key.path
        last = path.parts[-1]
        for suffix in ("asc", "desc"):
            stem = last[: -len(suffix) - 1]
            whole = ".".join((*path.parts[:-1], stem))
            if last.lower().endswith(f"_{suffix}") and str(path) not in target.by_name:
                if whole.lower() in target.by_name:
                    if direction is not None:
                        self.problems.append(names.TwoDirections(span=key.span, key=str(path)))
                    direction = suffix
                    path = ast.Path(tuple(whole.lower().split(".")), path.span)
                break
        column = self._own_column(path, target, "sort")
        if column is None:
            return None
        if not is_single(column.field):
            self.problems.append(
                names.NotSortable(span=key.span, field=str(key.path), type=column.field.type.value)
            )
            return None
        return typed.SortKey(column, direction == "desc", key.nulls, key.span)

    def _columns(
        self, keys: tuple[ast.Path | ast.Call, ...], target: Entity, clause: str
    ) -> tuple[typed.Column, ...]:
        columns = []
        for key in keys:
            if isinstance(key, ast.Call):
                self._reserved(f"{key.function}(…)", key.span)
            elif (column := self._own_column(key, target, clause)) is not None:
                columns.append(column)
        return tuple(dict.fromkeys(columns))

    def _distinct(
        self, keys: tuple[ast.Path | ast.Call, ...], target: Entity
    ) -> tuple[typed.Column, ...]:
        found: list[typed.Column] = []
        for key in keys:
            for column in self._columns((key,), target, "distinct"):
                if not is_single(column.field):
                    self.problems.append(
                        names.NotGroupable(
                            span=key.span, field=name_of(column), type=column.field.type.value
                        )
                    )
                else:
                    found.append(column)
        return tuple(dict.fromkeys(found))

    def _own_column(self, path: ast.Path, target: Entity, clause: str) -> typed.Column | None:
        found = find(path, target, self.problems)
        if found is None:
            return None
        if found.steps or found.column is None or not is_own(found.column.field):
            self.problems.append(names.NotOwnField(span=path.span, clause=clause, path=str(path)))
            return None
        return found.column

    def _warn_open_order(self, query: typed.Query) -> None:
        paged = query.page not in (None, 1) or query.offset not in (None, 0)
        endpoints = query.target.endpoints
        if not paged or endpoints is None or query.count or query.distinct:
            return
        last = query.sort[-1].column.field if query.sort else None
        if last is None:
            last = query.target.by_name[query.target.default_sort.field]
        if not last.unique:
            span = query.span("page") or query.span("offset")
            self.problems.append(meaning.OpenOrder(span=span))


def _targets() -> tuple[str, ...]:
    return tuple(name for name, entity in catalog.entities().items() if not entity.element)


def _name(clause: ast.Clause) -> str:
    match clause:
        case ast.Number(which):
            return which
        case ast.Hole():
            return ""
        case _:
            return type(clause).__name__.lower()


def _parameters(query: ast.Query) -> set[str]:
    """The names of all `$name`s of a query, read or not."""
    found: set[str] = set()
    pending: list[Any] = [query]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Param):
            found.add(node.name)
        elif isinstance(node, tuple):
            pending.extend(node)
        elif is_dataclass(node):
            pending.extend(getattr(node, each.name) for each in fields(node))
    return found


def _deeper(predicate: typed.Predicate, limit: int) -> bool:
    """Whether a typed tree nests deeper than the limit (paths add levels of their own)."""
    pending: list[tuple[typed.Predicate, int]] = [(predicate, 1)]
    while pending:
        node, depth = pending.pop()
        if depth > limit:
            return True
        match node:
            case typed.And(operands) | typed.Or(operands):
                pending.extend((operand, depth + 1) for operand in operands)
            case typed.Not(operand):
                pending.append((operand, depth + 1))
            case typed.Exists(_, where) | typed.Every(_, where):
                pending.append((where, depth + 1))
            case typed.Latest(path, where):
                pending.append((where, depth + len(path)))
            case typed.Count(counted, _, bound):
                # Comparing and hashing a count takes a level more than its path.
                pending.append((counted.where, depth + 1 + len(counted.path)))
                if isinstance(bound, typed.Share):
                    pending.append((bound.counted.where, depth + 2 + len(bound.counted.path)))
            case _:
                pass
    return False
