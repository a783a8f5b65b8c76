"""Conditions on the row in hand, with three values as SQL has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, assert_never

from sqlglot import exp

from flowql import regex, typed
from flowql.backends.sql import nodes
from flowql.backends.sql.dialect import Packed, Wanted
from flowql.backends.sql.json_conditions import JsonConditions, Place
from flowql.backends.sql.result import Refused
from flowql.catalog import Field, Type
from flowql.diagnostics.meaning import OnlyServerKnows
from flowql.diagnostics.sql import SqlNoRegex, SqlPatternTooLong
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


class Conditions:
    """Lowers conditions on the row of an alias."""

    def __init__(self, dialect: Dialect, values: Values, problems: list[Diagnostic]) -> None:
        self.dialect = dialect
        self.values = values
        self.json = JsonConditions(dialect, values)
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
        own = nodes.column(alias, field.column)
        return self.dialect.plain_json(own) if field.plain_json else own

    def keys(self, column: typed.Column, span: Span | None) -> tuple[str, ...]:
        """The way into the column's JSON value, ready for the statement."""
        return tuple(self.values.own(key, span) for key in (*column.field.keys, *column.keys))

    def compared(self, column: typed.Column, alias: str, span: Span | None) -> exp.Expr:
        """The value that comparisons and sorts look at; in JSON, a text."""
        field = column.field
        keys = self.keys(column, span)
        if keys or field.type is Type.JSON:
            return self.dialect.json_value(self.stored(field, alias), keys, Type.TEXT)
        if field.difference is not None:
            return self.dialect.difference(*(nodes.column(alias, x) for x in field.difference))
        if field.joined:
            return self._joined(field, alias)
        if field.server:
            self.problems.append(OnlyServerKnows(span=span, field=field.name))
            return exp.Null()
        own = self.stored(field, alias)
        if field.coalesce is not None:
            own = exp.Coalesce(this=own, expressions=[nodes.column(alias, field.coalesce)])
        return self.dialect.stored_duration(own) if field.type is Type.DURATION else own

    def _joined(self, field: Field, alias: str) -> exp.Expr:
        """The text columns with a space between them."""
        first, *others = (nodes.column(alias, name) for name in field.joined)
        whole: exp.Expr = first
        for other in others:
            spaced = exp.DPipe(this=whole, expression=nodes.text(" "))
            whole = exp.DPipe(this=spaced, expression=other)
        return exp.Paren(this=whole)

    # ── comparisons ────────────────────────────────────────────────────────────────

    def _in(self, node: typed.In, alias: str) -> exp.Expr:
        column, values, span = node.column, node.values, node.span
        if not values:
            return exp.Boolean(this=False)
        if column.field.type is Type.JSON:
            return self.json.one_of(self._place(column, alias, span), values)
        kind = kind_in_sql(column.field)
        own = self.compared(column, alias, span)
        wanted = self.values.many(values, kind, span, _form(column.field))
        if isinstance(wanted, Packed):
            return self.dialect.one_of_packed(own, wanted.array)
        return nodes.one_of(own, wanted)

    def _compare(self, node: typed.Compare, alias: str) -> exp.Expr:
        column, value, span = node.column, node.value, node.span
        comparison = _COMPARISONS[node.operator]
        if column.field.type is Type.JSON:
            return self.json.compare(self._place(column, alias, span), comparison, value)
        own = self.compared(column, alias, span)
        bound = self.values.one(value, kind_in_sql(column.field), span, _form(column.field))
        return comparison(this=own, expression=bound)

    def _place(self, column: typed.Column, alias: str, span: Span | None) -> Place:
        return Place(lambda: self.stored(column.field, alias), self.keys(column, span), span)

    # ── text ──────────────────────────────────────────────────────────────────

    def _text(self, node: typed.TextMatch, alias: str) -> exp.Expr:
        column, operator, value, span = node.column, node.operator, node.value, node.span
        own = self.compared(column, alias, span)

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
        if field.server:
            self.problems.append(OnlyServerKnows(span=span, field=field.name))
        if field.joined:
            return nodes.some([nodes.is_null(nodes.column(alias, x)) for x in field.joined])
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
                return False
            case (
                typed.Always() | typed.TagsMatch() | typed.IsNull()
                | typed.Exists() | typed.Every() | typed.Latest() | typed.Count()
            ):  # fmt: skip
                pass
            case _:
                assert_never(node)
    return True


def kind_in_sql(field: Field) -> Type:
    """The type of a field's values in a statement: a uuid within JSON is text."""
    return Type.TEXT if field.keys else field.type


def _form(field: Field) -> Form | None:
    """What stands for a value of the field, if not itself."""
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
