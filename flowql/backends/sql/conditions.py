"""Conditions on the row in hand, with three values as SQL has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, assert_never

from sqlglot import exp

from flowql import regex, typed
from flowql.backends.sql import nodes
from flowql.backends.sql.dialect import Packed, Wanted
from flowql.backends.sql.result import Refused
from flowql.catalog import Field, Type
from flowql.diagnostics.sql import SqlNoRegex, SqlPatternTooLong, SqlUntypedParameter
from flowql.diagnostics.values import BackslashInPattern, BadRegex, UnknownChoice

if TYPE_CHECKING:
    from flowql.backends.sql.dialect import Dialect
    from flowql.backends.sql.values import Form, Values
    from flowql.diagnostics import Diagnostic
    from flowql.source import Span

_COMPARISONS: dict[typed.Ordering, type[exp.Binary]] = {
    "<": exp.LT,
    "<=": exp.LTE,
    ">": exp.GT,
    ">=": exp.GTE,
}

EXACT = 2**53
"""Whole numbers below this are exact as floats, and so is a comparison with them."""


class Conditions:
    """Lowers conditions on the row of an alias."""

    def __init__(self, dialect: Dialect, values: Values, problems: list[Diagnostic]) -> None:
        self.dialect = dialect
        self.values = values
        self.problems = problems

    def lower(self, node: typed.Own, alias: str) -> exp.Expr:
        match node:
            case typed.Always(value):
                return exp.Boolean(this=value)
            case typed.In():
                return self._in(node, alias)
            case typed.Compare():
                return self._compare(node, alias)
            case typed.TextMatch():
                return self._text(node, alias)
            case typed.TagsMatch():
                return self._tags(node, alias)
            case typed.IsNull(column, span):
                return self._is_null(column, alias, span)
            case _:
                assert_never(node)

    # ── columns ───────────────────────────────────────────────────────────────

    def stored(self, field: Field, alias: str) -> exp.Expr:
        """The field's own column."""
        return nodes.column(alias, field.column)

    def keys(self, column: typed.Column, span: Span | None) -> tuple[str, ...]:
        """The way into the column's JSON value, ready for the statement."""
        return tuple(self.values.own(key, span) for key in (*column.field.keys, *column.keys))

    def compared(self, column: typed.Column, alias: str, kind: Type, span: Span | None) -> exp.Expr:
        """The value that comparisons and sorts look at, as a value of a kind."""
        field = column.field
        if keys := self.keys(column, span):
            return self.dialect.json_value(self.stored(field, alias), keys, kind)
        if field.difference is not None:
            return self.dialect.difference(*(nodes.column(alias, x) for x in field.difference))
        own = self.stored(field, alias)
        if field.coalesce is not None:
            own = exp.Coalesce(this=own, expressions=[nodes.column(alias, field.coalesce)])
        return self.dialect.stored_duration(own) if field.type is Type.DURATION else own

    # ── values ────────────────────────────────────────────────────────────────

    def _in(self, node: typed.In, alias: str) -> exp.Expr:
        column, values, span = node.column, node.values, node.span
        if not values:
            return exp.Boolean(this=False)
        kind = self._kind(column, values[0], span)
        if kind is Type.INTEGER and self._loses_digits(column):
            small = [value for value in values if not _is_large(value)]
            whole = [value for value in values if _is_large(value)]
            found = [self._equal_whole(column, value, alias, span) for value in whole]
            if small:
                found.append(self._one_of(column, small, kind, alias, span))
            return nodes.some(found)
        return self._one_of(column, values, kind, alias, span)

    def _one_of(
        self,
        column: typed.Column,
        values: Sequence[typed.Value],
        kind: Type,
        alias: str,
        span: Span | None,
    ) -> exp.Expr:
        own = self.compared(column, alias, kind, span)
        wanted = self.values.many(values, kind, span, _form(column))
        if isinstance(wanted, Packed):
            return self.dialect.one_of_packed(own, wanted.array)
        return nodes.one_of(own, wanted)

    def _compare(self, node: typed.Compare, alias: str) -> exp.Expr:
        column, value, span = node.column, node.value, node.span
        # Only numbers in JSON have an order, so that is what a parameter must be.
        json = column.field.type is Type.JSON
        kind = Type.INTEGER if json else self._kind(column, value, span)
        if kind is Type.INTEGER and self._loses_digits(column) and _is_large(value):
            return self._whole(column, _COMPARISONS[node.operator], value, alias, span)
        own = self.compared(column, alias, kind, span)
        bound = self.values.one(value, kind, span, _form(column))
        return _COMPARISONS[node.operator](this=own, expression=bound)

    def _kind(self, column: typed.Column, value: typed.Value, span: Span | None) -> Type:
        """What is compared: the field's type, or in JSON that of the value."""
        field = column.field
        if field.type is not Type.JSON:
            # A uuid within JSON is text.
            return Type.TEXT if field.keys else field.type
        if isinstance(value, typed.Parameter):
            written = ".".join((field.name, *column.keys))
            problem = SqlUntypedParameter(span=value.span or span, name=value.name, column=written)
            self.problems.append(problem)
        if isinstance(value, bool):
            return Type.BOOLEAN
        return Type.INTEGER if isinstance(value, int | float) else Type.TEXT

    # ── whole numbers in JSON beyond 53 bits, where numbers are read as floats ──

    def _loses_digits(self, column: typed.Column) -> bool:
        return column.field.type is Type.JSON and self.dialect.json_integer is not None

    def _equal_whole(
        self, column: typed.Column, value: typed.Value, alias: str, span: Span | None
    ) -> exp.Expr:
        return self._whole(column, exp.EQ, value, alias, span)

    def _whole(
        self,
        column: typed.Column,
        comparison: type[exp.Binary],
        value: typed.Value,
        alias: str,
        span: Span | None,
    ) -> exp.Expr:
        """The comparison as one of whole numbers; where there is none, of floats."""
        assert self.dialect.json_integer is not None
        document, keys = self.stored(column.field, alias), self.keys(column, span)
        whole = self.dialect.json_integer(document, keys)
        fits = comparison(this=whole, expression=self.values.one(value, Type.INTEGER, span))
        own = self.compared(column, alias, Type.INTEGER, span)
        rounded = comparison(this=own, expression=self.values.one(value, Type.INTEGER, span, float))
        return exp.Coalesce(this=fits, expressions=[rounded])

    # ── text ──────────────────────────────────────────────────────────────────

    def _text(self, node: typed.TextMatch, alias: str) -> exp.Expr:
        column, operator, value, span = node.column, node.operator, node.value, node.span
        own = self.compared(column, alias, Type.TEXT, span)

        def needle(form: Form) -> exp.Expr:
            return self.values.one(value, Type.TEXT, span, form)

        if operator == "matches":
            spell = self.dialect.regex
            if spell is None:
                self.problems.append(SqlNoRegex(span=span, dialect=self.dialect.name))
                return exp.Boolean(this=False)
            return exp.RegexpLike(
                this=own, expression=needle(lambda pattern: spell(_parsed(pattern)))
            )
        if operator == "like":
            return self.dialect.text_match(
                operator, own, lambda form: needle(lambda pattern: form(self._pattern(pattern)))
            )
        return self.dialect.text_match(operator, own, needle)

    def _pattern(self, pattern: str) -> str:
        if "\\" in pattern:
            raise Refused(BackslashInPattern())
        limit = self.dialect.max_pattern
        if limit is not None and (length := len(pattern.encode(errors="replace"))) > limit:
            raise Refused(SqlPatternTooLong(dialect=self.dialect.name, length=length, limit=limit))
        return pattern

    # ── tags ──────────────────────────────────────────────────────────────────

    def _tags(self, node: typed.TagsMatch, alias: str) -> exp.Expr:
        values: Sequence[typed.Value] = tuple(dict.fromkeys(node.values))
        own = self.stored(node.column.field, alias)
        wanted: Wanted = self.values.many(values, Type.TAGS, node.span) if values else []
        match node.operator:
            case "has all":
                return self.dialect.has_all(own, wanted) if values else exp.Boolean(this=True)
            case "has any":
                return self.dialect.has_any(own, wanted) if values else exp.Boolean(this=False)
            case "within":
                return self.dialect.within(own, wanted)
            case _:
                assert_never(node.operator)

    # ── nothing there ─────────────────────────────────────────────────────────

    def _is_null(self, column: typed.Column, alias: str, span: Span | None) -> exp.Expr:
        field = column.field
        if field.difference is not None:
            return nodes.some([nodes.is_null(nodes.column(alias, x)) for x in field.difference])
        keys = self.keys(column, span)
        own = self.stored(field, alias)
        if keys or field.type is Type.JSON:
            return self.dialect.json_is_null(own, keys)
        return nodes.is_null(own)


def never_unknown(node: typed.Predicate) -> bool:
    """Whether a condition is plainly true or false of every row."""
    pending = [node]
    while pending:
        match node := pending.pop():
            case typed.And(operands) | typed.Or(operands):
                pending.extend(operands)
            case typed.Not(operand):
                pending.append(operand)
            case typed.In() | typed.Compare() | typed.TextMatch():
                field = node.column.field
                if field.nullable or field.keys or field.type is Type.JSON:
                    return False
            case (
                typed.Always() | typed.TagsMatch() | typed.IsNull()
                | typed.Exists() | typed.Every() | typed.Latest() | typed.Count()
            ):  # fmt: skip
                pass
            case _:
                assert_never(node)
    return True


def _is_large(value: typed.Value) -> bool:
    """Whether a float cannot stand for the number; of a parameter nobody knows."""
    return isinstance(value, typed.Parameter) or (isinstance(value, int) and abs(value) >= EXACT)


def _form(column: typed.Column) -> Form | None:
    """What stands for a value of the column, if not itself."""
    field = column.field
    if field.keys and field.type is Type.UUID:
        return str
    if field.choices:
        return lambda value: _chosen(value, field)
    return None


def _chosen(value: Any, field: Field) -> Any:
    """PostgreSQL raises on a label that its enum lacks."""
    if value not in field.choices:
        raise Refused(UnknownChoice(field=field.name, value=value, choices=field.choices))
    return value


def _parsed(pattern: str) -> regex.Regex:
    try:
        return regex.parse(pattern)
    except regex.RegexProblem as problem:
        raise Refused(BadRegex(reason=problem.message, position=problem.position)) from None
