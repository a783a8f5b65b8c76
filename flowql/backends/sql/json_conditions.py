"""Comparisons with what is stored in JSON, typed by the value that they compare with.

A number is compared with numbers, a text with texts, a boolean with booleans; of
anything else, and where there is nothing, the comparison is unknown. What an open
parameter is nobody knows before it is bound, so the statement then has a comparison
for each type, of which all but one turn out null.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from sqlglot import exp

from flowql import typed
from flowql.backends.sql import nodes
from flowql.backends.sql.dialect import Packed
from flowql.backends.sql.values import kind_of
from flowql.catalog import Type

if TYPE_CHECKING:
    from flowql.backends.sql.dialect import Dialect, Keys
    from flowql.backends.sql.values import Values
    from flowql.source import Span

_EXACT = 2**53
"""Whole numbers below this are exact as floats, and so is a comparison with them."""

_KINDS = (Type.TEXT, Type.INTEGER, Type.BOOLEAN)


class Place(NamedTuple):
    """A place in a JSON column, and where in the text it is spoken of."""

    stored: Callable[[], exp.Expr]
    keys: Keys
    span: Span | None


class JsonConditions:
    """Lowers comparisons with JSON values."""

    def __init__(self, dialect: Dialect, values: Values) -> None:
        self.dialect = dialect
        self.values = values

    def one_of(self, place: Place, values: Sequence[typed.Value]) -> exp.Expr:
        """The value there is one of some, of which there is at least one."""
        known = next((x for x in values if not isinstance(x, typed.Parameter)), None)
        if known is None:
            return nodes.some([self._one_of_open(place, value) for value in values])
        kind = kind_of(known)
        if kind is Type.INTEGER and self.dialect.json_integer and any(map(_is_large, values)):
            return self._one_of_whole(place, values)
        return self._one_of(self._value(place, kind), values, kind, place.span)

    def compare(self, place: Place, comparison: type[exp.Binary], value: typed.Value) -> exp.Expr:
        """An order, which only numbers have."""
        if self.dialect.json_integer is not None and _is_large(value):
            return self._compare_whole(place, comparison, value)
        own = self._value(place, Type.INTEGER)
        bound = self.values.one(value, Type.INTEGER, place.span)
        return comparison(this=own, expression=bound)

    def _one_of(
        self, own: exp.Expr, values: Sequence[typed.Value], kind: Type, span: Span | None
    ) -> exp.Expr:
        wanted = self.values.many(values, kind, span)
        if isinstance(wanted, Packed):
            return self.dialect.one_of_packed(own, wanted.array)
        return nodes.one_of(own, wanted)

    def _value(self, place: Place, kind: Type) -> exp.Expr:
        return self.dialect.json_value(place.stored(), place.keys, kind)

    # ── whole numbers beyond 53 bits, where numbers are read as floats ────────

    def _one_of_whole(self, place: Place, values: Sequence[typed.Value]) -> exp.Expr:
        """One of some whole numbers, or else one of the floats that are equal to them."""
        own = self._value(place, Type.INTEGER)
        whole = [value for value in values if not isinstance(value, float)]
        wholly = self._one_of(self._whole(place), whole, Type.INTEGER, place.span)
        floats = [value for value in values if not isinstance(value, int) or value == float(value)]
        if not floats:
            return _first_known([wholly, _never(own)])
        return _first_known([wholly, self._one_of(own, floats, Type.INTEGER, place.span)])

    def _compare_whole(
        self, place: Place, comparison: type[exp.Binary], value: typed.Value
    ) -> exp.Expr:
        """The comparison with a stored whole number, or else with a stored float."""
        whole = self._whole(place)
        wholly = comparison(this=whole, expression=self.values.one(value, Type.INTEGER, place.span))
        own = self._value(place, Type.INTEGER)
        if not isinstance(value, int) or float(value) == value:
            bound = self.values.one(value, Type.INTEGER, place.span, float)
            floating = comparison(this=own, expression=bound)
        else:
            above = float(value) > value
            if comparison in (exp.LT, exp.LTE):
                comparison = exp.LT if above else exp.LTE
            else:
                comparison = exp.GTE if above else exp.GT
            bound = self.values.one(float(value), Type.INTEGER, place.span)
            floating = comparison(this=own, expression=bound)
        return _first_known([wholly, floating])

    def _whole(self, place: Place) -> exp.Expr:
        assert self.dialect.json_integer is not None
        return self.dialect.json_integer(place.stored(), place.keys)

    # ── parameters without a value ────────────────────────────────────────────

    def _one_of_open(self, place: Place, value: typed.Value) -> exp.Expr:
        """A comparison for each type; none is known but that of the value's own type."""
        assert isinstance(value, typed.Parameter)
        found = []
        if value.many:
            for kind in _KINDS:
                some = self.values.flag(value, partial(_has, kind))
                found.append(_if(some, self._in_list(place, value, kind)))
            nothing = self.values.flag(value, lambda items: not items)
            found.append(_if(nothing, exp.Boolean(this=False)))
            return _first_known(found)
        if self.dialect.json_integer is not None:
            whole = self._whole(place)
            found.append(nodes.equal(whole, self.values.of_kind(value, Type.INTEGER)))
        for kind in _KINDS:
            own = self._value(place, kind)
            form = float if self.dialect.json_integer and kind is Type.INTEGER else None
            found.append(nodes.equal(own, self.values.of_kind(value, kind, form)))
        return _first_known(found)

    def _in_list(self, place: Place, value: typed.Parameter, kind: Type) -> exp.Expr:
        places = [self._value(place, kind)]
        if kind is Type.INTEGER and self.dialect.json_integer is not None:
            places.insert(0, self._whole(place))
        return _first_known(
            [
                self.dialect.one_of_packed(own, self.values.list_of_kind(value, kind).array)
                for own in places
            ]
        )


def _never(own: exp.Expr) -> exp.Expr:
    """False where there is a value, else unknown."""
    return exp.NEQ(this=own, expression=own.copy())


def _first_known(conditions: Sequence[exp.Expr]) -> exp.Expr:
    first, *others = conditions
    return exp.Coalesce(this=first, expressions=others) if others else first


def _if(condition: exp.Expr, value: exp.Expr) -> exp.Expr:
    return exp.Case(ifs=[exp.If(this=condition, true=value)])


def _has(kind: Type, items: Sequence[object]) -> bool:
    return any(kind_of(item) is kind for item in items)


def _is_large(value: typed.Value) -> bool:
    """Whether a float may fail to stand for the number."""
    return isinstance(value, typed.Parameter) or (isinstance(value, int) and abs(value) >= _EXACT)
