"""The filter: conditions, quantifiers and counts, scope by scope."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from flowql import ast, catalog, typed
from flowql.catalog import Entity, Relation, Type
from flowql.catalog.operators import ALONE, OPERATORS, taken
from flowql.diagnostics import meaning, names, values
from flowql.resolve.conditions import Conditions
from flowql.resolve.names import Found, find
from flowql.resolve.scopes import Dotted, Formula, Lowering, TooMuch, every_part, some_part

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowql.diagnostics import Diagnostic
    from flowql.limits import Limits
    from flowql.source import Span


@dataclass(slots=True)
class Filters:
    """Resolves the expressions of one query."""

    conditions: Conditions
    problems: list[Diagnostic]
    limits: Limits
    spell: Callable[[typed.Predicate], str] | None = None
    """Spells a typed condition as text, for notes that show the quantifier form."""

    def scope(self, expr: ast.Expr, entity: Entity) -> typed.Predicate:
        """An expression that opens a scope on rows of an entity."""
        formula = self._formula(expr, entity)
        lowering = Lowering(self.limits.expansion)
        try:
            lowered = lowering.lower(formula)
        except TooMuch:
            self.problems.append(
                meaning.TooMuchExpansion(span=expr.span, limit=self.limits.expansion)
            )
            return typed.TRUE
        if lowering.shared and self.spell is not None:
            self.problems.append(
                meaning.OneWitness(
                    span=expr.span,
                    relation=_words(lowering.shared[0]),
                    spelled=self.spell(lowered),
                )
            )
        return lowered

    def _formula(self, expr: ast.Expr, entity: Entity) -> Formula:
        match expr:
            case ast.And(operands):
                # Loops rather than comprehensions, which would be a frame more a level.
                parts: list[Formula] = []
                for operand in operands:
                    parts.append(self._formula(operand, entity))  # noqa: PERF401
                return every_part(parts, expr.span)
            case ast.Or(operands):
                parts = []
                for operand in operands:
                    parts.append(self._formula(operand, entity))
                return some_part(parts, expr.span)
            case ast.Not(operand):
                return self._not(operand, expr, entity)
            case ast.Bare():
                return self._bare(expr, entity)
            case ast.Condition():
                return self._condition(expr, entity)
            case ast.Quantified():
                return self._quantified(expr, entity)
            case ast.CountCondition():
                return self._count(expr, entity)
            case ast.Hole():
                return typed.TRUE
            case _:
                assert_never(expr)

    def _not(self, operand: ast.Expr, expr: ast.Not, entity: Entity) -> typed.Predicate:
        negated = typed.Not(self.scope(operand, entity), expr.span)
        dotted = isinstance(operand, ast.Bare | ast.Condition) and isinstance(
            negated.operand, typed.Exists
        )
        if dotted and self.spell is not None:
            self.problems.append(meaning.NegatedPath(span=expr.span, spelled=self.spell(negated)))
        return negated

    # ── conditions ────────────────────────────────────────────────────────────

    def _bare(self, expr: ast.Bare, entity: Entity) -> Formula:
        found = find(expr.path, entity, self.problems)
        if found is None:
            return typed.TRUE
        column = found.column
        if column is None:
            self._relation_as_field(expr.path)
            return typed.TRUE
        if ALONE not in taken(column.field, bool(column.keys)):
            self.problems.append(
                names.MissingOperator(
                    span=expr.span, field=str(expr.path), type=column.field.type.value
                )
            )
            return typed.TRUE
        return self._placed(found, typed.In(column, (True,), expr.span), expr.span)

    def _condition(self, expr: ast.Condition, entity: Entity) -> Formula:
        if expr.path is None:
            if len(entity.fields) != 1:
                self.problems.append(
                    names.MissingField(span=expr.operator.span, operator=expr.operator.spelling)
                )
                return typed.TRUE
            found: Found | None = Found((), entity, typed.Column(entity.fields[0]))
        else:
            found = find(expr.path, entity, self.problems)
        if found is None:
            return typed.TRUE
        column = found.column
        if column is None:
            assert expr.path is not None
            self._relation_as_field(expr.path, _field_offer(expr, found))
            return typed.TRUE
        if column.field.either is not None:
            return self._either(expr, found, column.field.either)
        if column.field.through is not None:
            return self._through(expr, found, column)
        built = self.conditions.build(column, expr.operator, expr.operand, expr.span)
        return self._placed(found, built or typed.TRUE, expr.span)

    def _placed(self, found: Found, condition: typed.Predicate, span: Span) -> Formula:
        return Dotted(found.steps, condition, span) if found.steps else condition

    def _either(self, expr: ast.Condition, found: Found, paths: tuple[str, ...]) -> Formula:
        if OPERATORS[expr.operator.name].negates:
            self.problems.append(
                values.NegatedEitherName(
                    span=expr.operator.span,
                    field=str(expr.path),
                    operator=expr.operator.spelling,
                )
            )
            return typed.TRUE
        alternatives: list[typed.Predicate] = []
        before = len(self.problems)
        for path in paths:
            del self.problems[before:]  # both names give the same problems; keep one
            one = find(ast.Path(tuple(path.split("."))), found.entity, self.problems)
            assert one is not None
            assert one.column is not None
            built = self.conditions.build(one.column, expr.operator, expr.operand, expr.span)
            if built is None:
                return typed.TRUE
            alternatives.append(self._related(one.steps, built, expr.span))
        return self._placed(found, typed.disjunction(alternatives, expr.span), expr.span)

    def _through(self, expr: ast.Condition, found: Found, column: typed.Column) -> Formula:
        assert column.field.through is not None
        one = find(ast.Path(column.field.through), found.entity, self.problems)
        assert one is not None
        assert one.column is not None
        if expr.operator.name in ("is null", "is not null"):
            some = self._related(
                one.steps, typed.Not(typed.IsNull(one.column, expr.span), expr.span), expr.span
            )
            negated = expr.operator.name == "is null"
            return self._placed(found, typed.Not(some, expr.span) if negated else some, expr.span)
        built = self.conditions.build(one.column, expr.operator, expr.operand, expr.span)
        condition = self._related(one.steps, built or typed.TRUE, expr.span)
        return self._placed(found, condition, expr.span)

    def _related(
        self, steps: tuple[Relation, ...], condition: typed.Predicate, span: Span
    ) -> typed.Predicate:
        for relation in reversed(steps):
            condition = typed.Exists(relation, condition, span)
        return condition

    def _relation_as_field(self, path: ast.Path, offer: str | None = None) -> None:
        self.problems.append(names.RelationAsField(span=path.span, relation=str(path), offer=offer))

    # ── quantifiers and counts ────────────────────────────────────────────────

    def _steps(self, path: ast.Path, entity: Entity) -> Found | None:
        found = find(path, entity, self.problems)
        if found is not None and found.column is not None:
            self.problems.append(
                names.NotARelation(
                    span=path.span,
                    entity=entity.name,
                    name=str(path),
                    relations=tuple(relation.name for relation in entity.relations),
                )
            )
            return None
        return found

    def _quantified(self, expr: ast.Quantified, entity: Entity) -> typed.Predicate:
        found = self._steps(expr.path, entity)
        if found is None:
            return typed.TRUE
        where = self.scope(expr.where, found.entity) if expr.where is not None else typed.TRUE
        match expr.quantifier:
            case "any":
                return self._related(found.steps, where, expr.span)
            case "no":
                return typed.Not(self._related(found.steps, where, expr.span), expr.span)
            case "every":
                for relation in reversed(found.steps):
                    where = typed.Every(relation, where, expr.span)
                return where
            case "latest":
                if "start_time" not in found.entity.by_name:
                    self.problems.append(
                        names.LatestNeedsRuns(span=expr.path.span, relation=str(expr.path))
                    )
                    return typed.TRUE
                return typed.Latest(found.steps, where, expr.span)
            case _:
                assert_never(expr.quantifier)

    def _counted(self, counted: ast.Counted, entity: Entity) -> typed.Counted | None:
        found = self._steps(counted.path, entity)
        if found is None:
            return None
        where: typed.Predicate = typed.TRUE
        if counted.where is not None:
            where = self.scope(counted.where, found.entity)
        return typed.Counted(found.steps, where)

    def _count(self, expr: ast.CountCondition, entity: Entity) -> typed.Predicate:
        counted = self._counted(expr.count, entity)
        name = expr.operator.name
        negated = name.startswith("not ") or name == "!="
        name = "=" if name == "!=" else name.removeprefix("not ")
        if counted is None:
            return typed.TRUE
        condition = self._count_condition(counted, name, expr, entity)
        if condition is None:
            return typed.TRUE
        return typed.Not(condition, expr.span) if negated else condition

    def _count_condition(
        self, counted: typed.Counted, name: str, expr: ast.CountCondition, entity: Entity
    ) -> typed.Predicate | None:
        def compare(operator: str, bound: object) -> typed.Predicate:
            return typed.Count(counted, operator, bound, expr.span)  # type: ignore[arg-type]

        operand = expr.operand
        match operand:
            case ast.Share(factor, other):
                share = self._number(factor)
                against = self._counted(other, entity)
                if share is None or against is None:
                    return None
                if isinstance(share, typed.Parameter):
                    self.problems.append(values.UnboundParameter(span=factor.span, name=share.name))
                    return None
                return compare(name, typed.Share(share, against))
            case ast.Between(low, high):
                least, most = self._number(low), self._number(high)
                if least is None or most is None:
                    return None
                return typed.And((compare(">=", least), compare("<=", most)), expr.span)
            case ast.Values(items, _) if name == "in":
                bounds = []
                for item in items:
                    bound = None if isinstance(item, ast.Range) else self._number(item)
                    if isinstance(item, ast.Range):
                        self._count_operator(expr)
                    if bound is None:
                        return None
                    bounds.append(compare("=", bound))
                if not bounds:
                    # No number is in an empty list; said so that it reads back.
                    return typed.In(typed.Column(entity.fields[0]), (), expr.span)
                return typed.disjunction(bounds, expr.span)
            case ast.Word() | ast.Quoted() | ast.Param() if name in ("=", "<", "<=", ">", ">="):
                bound = self._number(operand)
                return None if bound is None else compare(name, bound)
            case _:
                self._count_operator(expr)
                return None

    def _number(self, value: ast.Scalar) -> int | float | typed.Parameter | None:
        read = self.conditions.values.read(value, typed.Column(_COUNT))
        assert read is None or isinstance(read, int | float | typed.Parameter)
        return read

    def _count_operator(self, expr: ast.CountCondition) -> None:
        self.problems.append(
            values.WrongOperator(
                span=expr.operator.span,
                field=f"count {expr.count.path}",
                type="number",
                operator=expr.operator.spelling,
            )
        )


_COUNT = catalog.Field("count", Type.INTEGER, "A number of related rows.")


def _field_offer(expr: ast.Condition, found: Found) -> str | None:
    """The condition that was probably meant where a relation is compared with a value."""
    path, operand = str(expr.path), expr.operand
    if not isinstance(operand, ast.Word | ast.Quoted):
        return None
    if found.steps[-1].elements:
        return f"{path.removesuffix('tag')}tags has {operand.text}"
    if "name" not in found.entity.by_name:
        return None
    return f"{path}.name {expr.operator.spelling} {operand.text}"


def _words(relation: Relation) -> str:
    return relation.name.replace("_", " ")
