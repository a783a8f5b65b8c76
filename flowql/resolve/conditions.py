"""One condition: an operator and its operand on a column of known type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from flowql import ast, typed
from flowql.catalog import Type
from flowql.catalog.operators import BY_TYPE, OPERATORS, TAG_OPERATORS, taken
from flowql.diagnostics import values as problems
from flowql.resolve.values import Values, name_of

if TYPE_CHECKING:
    from flowql.diagnostics import Diagnostic
    from flowql.source import Span

_ORDERINGS = frozenset({"<", "<=", ">", ">="})


@dataclass(slots=True)
class Conditions:
    """Builds the typed conditions of one query."""

    values: Values
    problems: list[Diagnostic]

    def build(
        self,
        column: typed.Column,
        operator: ast.Operator,
        operand: ast.Operand | None,
        span: Span,
    ) -> typed.Predicate | None:
        """The condition; None where it cannot be built and the reason is reported."""
        if operand is None:
            return self._tested(column, operator, span)
        name = operator.name
        if positive := OPERATORS[name].negates:
            plain = ast.Operator(positive, operator.spelling, operator.span)
            return self._negated(column, plain, operand, span)
        if name not in _taken(column):
            return self._wrong_operator(column, operator, _offered(column, operator, operand))
        if column.field.type is Type.TAGS:
            return self._tags(column, operator, operand, span)
        if isinstance(operand, ast.EmptySet):
            if name == "=":
                return self._tested(column, ast.Operator("is empty", "=", operator.span), span)
            operand = ast.Values((), operand.span)
        if name == "=":
            return self._equal(column, operand, span)
        if name == "in":
            return self._in(column, operand, span)
        if name == "between":
            return self._between(column, operand, span)
        if name in _ORDERINGS:
            return self._compared(column, operator, operand, span)
        return self._text(column, operator, operand, span)

    def _negated(
        self,
        column: typed.Column,
        positive: ast.Operator,
        operand: ast.Operand,
        span: Span,
    ) -> typed.Predicate | None:
        before = len(self.problems)
        built = self.build(column, positive, operand, span)
        for at in range(before, len(self.problems)):
            problem = self.problems[at]
            if isinstance(problem, problems.NullValue):
                self.problems[at] = problems.NullValue(
                    span=problem.span, field=problem.field, negated=True
                )
        return built and typed.Not(built, span)

    # ── nothing there ─────────────────────────────────────────────────────────

    def _tested(
        self, column: typed.Column, operator: ast.Operator, span: Span
    ) -> typed.Predicate | None:
        name = operator.name
        if name not in _taken(column):
            # What is never null can be empty, and the other way round.
            one, other = ("null", "empty") if name.endswith("null") else ("empty", "null")
            offer = f"{name_of(column)} {name.replace(one, other)}"
            return self._wrong_operator(column, operator, offer)
        condition: typed.Predicate
        if name.endswith("null"):
            condition = typed.IsNull(column, span)
        elif column.field.type is Type.TAGS:
            condition = typed.TagsMatch(column, "within", (), span)
        else:
            condition = typed.Or((typed.IsNull(column, span), typed.In(column, ("",), span)), span)
        return typed.Not(condition, span) if OPERATORS[name].negates else condition

    # ── equality, lists, ranges ───────────────────────────────────────────────

    def _equal(
        self, column: typed.Column, operand: ast.Operand, span: Span
    ) -> typed.Predicate | None:
        match operand:
            case ast.Word() | ast.Quoted() | ast.Param():
                value = self.values.read(operand, column)
                if value is None:
                    return None
                self._warn_star(column, value, "=", operand.span)
                return typed.In(column, (value,), span)
            case ast.Range() if column.field.type is Type.TIME:
                return self._in(column, operand, span)
            case _:
                self.problems.append(
                    problems.OneValueExpected(
                        span=operand.span, operator="=", offer=f"{name_of(column)} in …"
                    )
                )
                return None

    def _in(self, column: typed.Column, operand: ast.Operand, span: Span) -> typed.Predicate | None:
        match operand:
            case ast.Values(items, _):
                return self._in_values(column, items, span)
            case ast.Param():
                many = self.values.many(operand, column)
                if isinstance(many, typed.Parameter):
                    return typed.In(column, (many,), span)
                return self._in_typed(column, many, span)
            case ast.Range():
                found = self._range(column, operand)
                return typed.In(column, (found,), span) if found is not None else None
            case ast.Word() | ast.Quoted():
                value = self.values.read(operand, column)
                if value is None:
                    return None
                if column.field.type is Type.TIME and not isinstance(
                    value, str | int | float | bool
                ):
                    return typed.In(column, (value,), span)
                self.problems.append(problems.ListExpected(span=operand.span, value=operand.text))
                return None
            case ast.EmptySet():
                return typed.In(column, (), span)
            case ast.Between():
                raise AssertionError(operand)
            case _:
                assert_never(operand)

    def _in_values(
        self, column: typed.Column, items: tuple[ast.Scalar | ast.Range, ...], span: Span
    ) -> typed.Predicate | None:
        found: list[typed.Value] = []
        complete = True
        for item in items:
            if isinstance(item, ast.Range):
                value: typed.Value | None = self._range(column, item)
            else:
                value = self.values.read(item, column)
            if value is None:
                complete = False
            else:
                found.append(value)
        return self._in_typed(column, found, span) if complete else None

    def _in_typed(
        self, column: typed.Column, found: list[typed.Value], span: Span
    ) -> typed.Predicate:
        if column.field.type is not Type.JSON:
            return typed.In(column, tuple(dict.fromkeys(found)), span)
        # JSON has three types; a list that mixes them is an `or` of lists of one.
        groups: dict[str, dict[typed.Value, None]] = {}
        for value in found:
            kind = "boolean" if isinstance(value, bool) else "text"
            if isinstance(value, int | float) and not isinstance(value, bool):
                kind = "number"
            groups.setdefault(kind, {})[value] = None
        lists: list[typed.Predicate] = [
            typed.In(column, tuple(group), span) for group in groups.values()
        ]
        return typed.disjunction(lists, span) if lists else typed.In(column, (), span)

    def _range(self, column: typed.Column, operand: ast.Range) -> typed.Range | None:
        if "between" not in _taken(column):
            self.problems.append(
                problems.OneValueExpected(
                    span=operand.span, operator="in", offer=f"{name_of(column)} in [a, b]"
                )
            )
            return None
        low = self._point(column, operand.low) if operand.low is not None else None
        high = self._point(column, operand.high) if operand.high is not None else None
        if (operand.low is not None and low is None) or (operand.high is not None and high is None):
            return None
        return typed.Range(low, high)

    def _between(
        self, column: typed.Column, operand: ast.Operand, span: Span
    ) -> typed.Predicate | None:
        assert isinstance(operand, ast.Between)
        low = self._point(column, operand.low)
        high = self._point(column, operand.high)
        if low is None or high is None:
            return None
        return typed.In(column, (typed.Range(low, high),), span)

    def _compared(
        self, column: typed.Column, operator: ast.Operator, operand: ast.Operand, span: Span
    ) -> typed.Predicate | None:
        if not isinstance(operand, ast.Word | ast.Quoted | ast.Param):
            self.problems.append(
                problems.OneValueExpected(
                    span=operand.span,
                    operator=operator.spelling,
                    offer=f"{name_of(column)} in …",
                )
            )
            return None
        value = self._point(column, operand)
        if value is None:
            return None
        return typed.Compare(column, operator.name, value, span)  # type: ignore[arg-type]

    def _point(self, column: typed.Column, operand: ast.Scalar) -> typed.Point | None:
        """One end of an ordering: on JSON a number, on a time no open stretch."""
        value = self.values.read(operand, column)
        match value:
            case None:
                return None
            case typed.Last() | typed.Next():
                text = str(operand) if isinstance(operand, ast.Param) else operand.text
                offer = text.replace("last ", "now - ").replace("next ", "now + ")
                self.problems.append(
                    problems.OneValueExpected(
                        span=operand.span, operator="an ordering", offer=offer
                    )
                )
                return None
            case typed.Range():
                raise AssertionError(value)
            case str() | bool() if column.field.type is Type.JSON:
                self.problems.append(
                    problems.WrongValue(
                        span=operand.span, value=str(value), type="number",
                        wanted="digits; texts have no order",
                    )
                )  # fmt: skip
                return None
            case _:
                return value

    # ── texts ─────────────────────────────────────────────────────────────────

    def _text(
        self, column: typed.Column, operator: ast.Operator, operand: ast.Operand, span: Span
    ) -> typed.Predicate | None:
        if not isinstance(operand, ast.Word | ast.Quoted | ast.Param):
            offer = f"{name_of(column)} {operator.spelling} a or …"
            self.problems.append(
                problems.OneValueExpected(
                    span=operand.span, operator=operator.spelling, offer=offer
                )
            )
            return None
        is_json = column.field.type is Type.JSON
        if is_json and isinstance(operand, ast.Word) and operand.text.lower() != "null":
            # `parameters.x contains 5` asks about text, whatever the word looks like.
            operand = ast.Quoted(operand.text, operand.span)
        value = self.values.read(operand, column)
        if value is None:
            return None
        if not isinstance(value, str | typed.Parameter):
            # Only a JSON parameter bound to a number or boolean comes here.
            text = str(value)
            self.problems.append(
                problems.WrongValue(
                    span=operand.span, value=text, type="text", wanted="a text in quotes"
                )
            )
            return None
        if isinstance(value, str) and not self._check_text(column, operator, value, operand.span):
            return None
        return typed.TextMatch(column, operator.name, value, span)  # type: ignore[arg-type]

    def _check_text(
        self, column: typed.Column, operator: ast.Operator, value: str, span: Span
    ) -> bool:
        if operator.name == "matches":
            from flowql import regex

            try:
                regex.parse(value)
            except regex.RegexProblem as problem:
                self.problems.append(
                    problems.BadRegex(span=span, reason=problem.message, position=problem.position)
                )
                return False
            return True
        if operator.name == "like":
            if "\\" in value:
                self.problems.append(problems.BackslashInPattern(span=span))
                return False
        else:
            self._warn_star(column, value, operator.name, span)
        if any(not c.isascii() and c.lower() != c.upper() for c in value):
            self.problems.append(problems.CaseBeyondAscii(span=span, value=value))
        return True

    def _warn_star(
        self, column: typed.Column, value: typed.Value, operator: str, span: Span
    ) -> None:
        if not isinstance(value, str) or "*" not in (value[:1], value[-1:]):
            return
        if column.field.type is Type.TAGS:
            stem = value.strip("*")
            how = "starts with" if value.endswith("*") else "ends with"
            if value.startswith("*") and value.endswith("*"):
                how = "contains"
            offer = f'any tag ({how} "{stem}")'
        elif "like" in _taken(column):
            offer = f'{name_of(column)} like "{value.replace("*", "%")}"'
        else:
            return
        self.problems.append(problems.OrdinaryStar(span=span, value=value, offer=offer))

    # ── tags ──────────────────────────────────────────────────────────────────

    def _tags(
        self, column: typed.Column, operator: ast.Operator, operand: ast.Operand, span: Span
    ) -> typed.Predicate | None:
        name = operator.name
        if name == "=" and isinstance(operand, ast.Word | ast.Quoted | ast.Param):
            return self._wrong_operator(column, operator, _offered(column, operator, operand))
        if name == "has" and not isinstance(operand, ast.Word | ast.Quoted | ast.Param):
            self.problems.append(
                problems.OneValueExpected(
                    span=operand.span, operator="has", offer=f"{name_of(column)} has all …"
                )
            )
            return None
        values = self._tag_values(column, name, operand)
        if values is None:
            return None
        match name:
            case "has" | "has all":
                return typed.TagsMatch(column, "has all", values, span)
            case "has any":
                return typed.TagsMatch(column, "has any", values, span)
            case "has none":
                return typed.Not(typed.TagsMatch(column, "has any", values, span), span)
            case "within":
                return typed.TagsMatch(column, "within", values, span)
            case _:
                within = typed.TagsMatch(column, "within", values, span)
                if not values:
                    return within
                return typed.And((typed.TagsMatch(column, "has all", values, span), within), span)

    def _tag_values(
        self, column: typed.Column, operator: str, operand: ast.Operand
    ) -> tuple[str | typed.Parameter, ...] | None:
        match operand:
            case ast.EmptySet():
                return ()
            case ast.Param() if operator != "has":
                many = self.values.many(operand, column)
                if isinstance(many, typed.Parameter):
                    return (many,)
                return tuple(dict.fromkeys(many))  # type: ignore[arg-type]
            case ast.Word() | ast.Quoted() | ast.Param():
                items: tuple[ast.Scalar | ast.Range, ...] = (operand,)
            case ast.Values():
                items = operand.items
            case ast.Range() | ast.Between():
                items = ()
                self.problems.append(
                    problems.OneValueExpected(
                        span=operand.span, operator=operator, offer=f"{name_of(column)} has any […]"
                    )
                )
                return None
            case _:
                assert_never(operand)
        found: list[str | typed.Parameter] = []
        for item in items:
            if isinstance(item, ast.Range):
                self.problems.append(
                    problems.OneValueExpected(span=item.span, operator=operator, offer="[a, b]")
                )
                return None
            value = self.values.read(item, column)
            if not isinstance(value, str | typed.Parameter):
                return None
            self._warn_star(column, value, operator, item.span)
            found.append(value)
        return tuple(dict.fromkeys(found))

    # ── problems ──────────────────────────────────────────────────────────────

    def _wrong_operator(
        self, column: typed.Column, operator: ast.Operator, offer: str | None = None
    ) -> typed.Predicate | None:
        self.problems.append(
            problems.WrongOperator(
                span=operator.span,
                field=name_of(column),
                type=column.field.type.value,
                operator=operator.spelling,
                offer=offer,
            )
        )
        return None


def _taken(column: typed.Column) -> frozenset[str]:
    return taken(column.field, bool(column.keys))


def _offered(column: typed.Column, operator: ast.Operator, operand: ast.Operand) -> str | None:
    """The condition that was probably meant where a field does not take an operator."""
    written, name = name_of(column), operator.name
    match column.field.type:
        case _ if column.field.only_null:
            return f"{written} is null"
        case Type.JSON:
            return f"{written}.KEY {operator.spelling} …"
        case Type.TAGS if name == "in":
            return f"{written} has any […]"
        case Type.TAGS if isinstance(operand, ast.Word | ast.Quoted | ast.Param):
            text = f"${operand.name}" if isinstance(operand, ast.Param) else operand.text
            if name in ("=", "contains"):
                return f"{written} has {text}"
            return f'any tag ({name} "{text}")' if name in BY_TYPE[Type.TEXT] else None
        case Type.TEXT | Type.ENUM | Type.UUID if name in TAG_OPERATORS:
            return f"{written} in […]"
        case _:
            return None
