"""Values in a statement: as literals in the text, or as parameters in the driver's form.

Placeholders are handed out in the order in which they stand in the text; whoever
builds a tree asks for its values from left to right.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, assert_never

from sqlglot import exp

from flowql import typed
from flowql.backends.sql.dialect import Dialect, Packed, Wanted
from flowql.backends.sql.nodes import number, text
from flowql.backends.sql.result import Place, Refused, Unfit
from flowql.catalog import Type
from flowql.diagnostics.sql import SqlTooManyParameters
from flowql.diagnostics.syntax import UnsafeCharacter
from flowql.diagnostics.values import OutOfRange, UnboundParameter
from flowql.printing.values import duration
from flowql.rewrite.ground import OutOfCalendar, UnfitLength

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from flowql.diagnostics import Diagnostic
    from flowql.source import Span

LONG = 100
"""Values of a list that stand one by one; a longer list is one parameter, or one literal."""

Form = Callable[[Any], Any]
"""What stands for a value; it may raise `Refused`."""

_UNSAFE = re.compile("[\0\ud800-\udfff]")


class Values:
    """Writes the values of one statement; what is wrong with them goes to `problems`."""

    def __init__(self, dialect: Dialect, bind: bool, problems: list[Diagnostic]) -> None:
        self.dialect = dialect
        self.bind = bind
        self.problems = problems
        self.params: list[object] = []
        self.places: list[Place | None] = []

    def check_number(self) -> None:
        """Report more parameters than the engine takes."""
        if len(self.params) > self.dialect.max_params:
            self.problems.append(
                SqlTooManyParameters(
                    dialect=self.dialect.name,
                    count=len(self.params),
                    limit=self.dialect.max_params,
                )
            )

    def own(self, value: str, span: Span | None) -> str:
        """A text of the statement's own, whatever the style: a JSON key, a column's name."""
        try:
            value = _safe(value)
        except Refused as refused:
            self._report(refused, span)
        return value.replace("%", "%%") if self.bind and self.dialect.percent_doubled else value

    # ── one value ─────────────────────────────────────────────────────────────

    def one(
        self, value: typed.Value, kind: Type, span: Span | None, form: Form | None = None
    ) -> exp.Expr:
        """A value of a kind, in a form if not as it is; or a parameter."""
        driver = self.dialect.bound.get(kind)
        if isinstance(value, typed.Parameter):
            return self._open(value, kind, _composed(form, driver))
        try:
            plain = _safe(value if form is None else form(value))
        except Refused as refused:
            self._report(refused, span)
            return exp.Null()
        if self.bind:
            return self._placeholder(plain if driver is None else driver(plain))
        return self._literal(plain, kind)

    def _literal(self, value: Any, kind: Type) -> exp.Expr:
        match kind:
            case Type.TEXT | Type.ENUM | Type.UUID | Type.TAGS:
                return text(str(value))
            case Type.INTEGER:
                assert math.isfinite(value)
                return number(value)
            case Type.TIME:
                return self.dialect.time(value)
            case Type.DURATION:
                return self.dialect.duration(value)
            case Type.BOOLEAN:
                return exp.Boolean(this=value)
            case Type.JSON:
                raise AssertionError("a JSON value is written as the type it has")
            case _:
                assert_never(kind)

    # ── lists ─────────────────────────────────────────────────────────────────

    def many(
        self,
        values: Sequence[typed.Value],
        kind: Type,
        span: Span | None,
        form: Form | None = None,
    ) -> Wanted:
        """The values of a list, which is not empty."""
        first = values[0]
        if isinstance(first, typed.Parameter) and first.many:
            return self._open_list(first, kind, form)
        packed = len(values) > LONG and not any(
            isinstance(value, typed.Parameter) for value in values
        )
        if not packed:
            return [self.one(value, kind, span, form) for value in values]
        try:
            plain = [_safe(value if form is None else form(value)) for value in values]
        except Refused as refused:
            self._report(refused, span)
            return [exp.Null()]
        if not self.bind:
            return Packed(self.dialect.packed(plain, kind))
        driver = self.dialect.bound.get(kind)
        items = plain if driver is None else [driver(value) for value in plain]
        return self._packed(self._placeholder(self.dialect.pack(items)), kind)

    def _open_list(self, value: typed.Parameter, kind: Type, form: Form | None) -> Packed:
        each = _composed(form, self.dialect.bound.get(kind))
        pack = self.dialect.pack
        found = self._open(value, kind, lambda items: pack([each(item) for item in items]))
        return self._packed(found, kind)

    def _packed(self, placeholder: exp.Expr, kind: Type) -> Packed:
        return Packed(self.dialect.packed_parameter(placeholder, kind))

    # ── parameters ────────────────────────────────────────────────────────────

    def of_kind(self, value: typed.Parameter, kind: Type, form: Form | None = None) -> exp.Expr:
        """The parameter if its value is of a kind, else null."""
        given = _composed(form, self.dialect.bound.get(kind))
        return self._open(
            value, Type.JSON, lambda item: given(item) if kind_of(item) is kind else None
        )

    def list_of_kind(self, value: typed.Parameter, kind: Type) -> Packed:
        """The items of a kind that are in the parameter's list."""
        each = _composed(None, self.dialect.bound.get(kind))
        pack = self.dialect.pack
        found = self._open(
            value,
            Type.JSON,
            lambda items: pack([each(item) for item in items if kind_of(item) is kind]),
        )
        return self._packed(found, kind)

    def flag(self, value: typed.Parameter, test: Callable[[Any], bool]) -> exp.Expr:
        """Whether the parameter's list passes a test."""
        return self._open(value, Type.JSON, _composed(test, self.dialect.bound.get(Type.BOOLEAN)))

    def _open(self, value: typed.Parameter, kind: Type, form: Form) -> exp.Expr:
        if value.instant is not None:
            form = _composed(_instant_of(value.instant), form)
        if self.bind:
            return self._placeholder(value, Place(kind, form))
        problem = UnboundParameter(name=value.name, span=value.span)
        if problem not in self.problems:
            self.problems.append(problem)
        return exp.Null()

    def _placeholder(self, value: object, place: Place | None = None) -> exp.Expr:
        self.params.append(value)
        self.places.append(place)
        return exp.Placeholder()

    def _report(self, refused: Refused, span: Span | None) -> None:
        self.problems.append(replace(refused.problem, span=span))


def kind_of(value: object) -> Type:
    """The type of a value in JSON."""
    if isinstance(value, bool):
        return Type.BOOLEAN
    return Type.INTEGER if isinstance(value, int | float) else Type.TEXT


def _composed(form: Form | None, driver: Callable[[Any], object] | None) -> Form:
    def composed(value: Any) -> object:
        plain = _safe(value if form is None else form(value))
        return plain if driver is None else driver(plain)

    return composed


def _instant_of(make: Callable[[timedelta], datetime]) -> Form:
    """What a length of time becomes where a time stands."""

    def instant(length: timedelta) -> datetime:
        try:
            return make(length)
        except UnfitLength as unfit:
            raise Unfit(unfit.wanted) from None
        except OutOfCalendar:
            bounds = "times stay in the years 1 to 9999"
            raise Refused(OutOfRange(value=duration(length), bounds=bounds)) from None

    return instant


def _safe(value: Any) -> Any:
    """The value, unless it is a text that no database keeps."""
    if isinstance(value, str) and (unsafe := _UNSAFE.search(value)):
        raise Refused(UnsafeCharacter(character=unsafe.group()))
    return value
