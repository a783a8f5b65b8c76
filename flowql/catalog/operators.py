"""The operators of conditions, and which of them a field takes.

The one list: the resolver accepts by it, the listing of the catalog shows it. An
operator is known by its canonical name (`not in`), and has symbols beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from flowql.catalog.model import Type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowql.catalog.model import Field


class Operand(Enum):
    """What stands after an operator."""

    NOTHING = "nothing"
    VALUE = "a value"
    LIST = "a list"
    BOUNDS = "two values with `and` between them"


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator: its canonical name, what stands after it, and its other spellings."""

    name: str
    operand: Operand
    symbols: tuple[str, ...] = ()
    negates: str = ""
    """The operator that is true where this one is false."""


ALONE = "alone"
"""The name of what is no operator: a field that is a condition by itself."""

_VALUE, _LIST, _NOTHING = Operand.VALUE, Operand.LIST, Operand.NOTHING

OPERATORS: Mapping[str, Operator] = MappingProxyType({one.name: one for one in (
    Operator(ALONE, _NOTHING),
    Operator("=", _VALUE, ("==",)),
    Operator("!=", _VALUE, ("≠", "<>"), "="),
    Operator("in", _LIST, ("∈",)),
    Operator("not in", _LIST, ("∉",), "in"),
    Operator("<", _VALUE),
    Operator("<=", _VALUE, ("≤",)),
    Operator(">", _VALUE),
    Operator(">=", _VALUE, ("≥",)),
    Operator("between", Operand.BOUNDS),
    Operator("not between", Operand.BOUNDS, (), "between"),
    Operator("contains", _VALUE, ("~",)),
    Operator("not contains", _VALUE, ("!~",), "contains"),
    Operator("starts with", _VALUE),
    Operator("not starts with", _VALUE, (), "starts with"),
    Operator("ends with", _VALUE),
    Operator("not ends with", _VALUE, (), "ends with"),
    Operator("like", _VALUE),
    Operator("not like", _VALUE, (), "like"),
    Operator("matches", _VALUE, ("=~",)),
    Operator("not matches", _VALUE, (), "matches"),
    Operator("has", _VALUE, ("∋",)),
    Operator("not has", _VALUE, ("∌",), "has"),
    Operator("has all", _LIST, ("⊇",)),
    Operator("not has all", _LIST, ("⊉",), "has all"),
    Operator("has any", _LIST, ("∩",)),
    Operator("not has any", _LIST, (), "has any"),
    Operator("has none", _LIST),
    Operator("not has none", _LIST, (), "has none"),
    Operator("within", _LIST, ("⊆",)),
    Operator("not within", _LIST, ("⊄",), "within"),
    Operator("is null", _NOTHING),
    Operator("is not null", _NOTHING, (), "is null"),
    Operator("is empty", _NOTHING, ("= ∅",)),
    Operator("is not empty", _NOTHING, ("≠ ∅",), "is empty"),
)})  # fmt: skip
"""All operators by name."""

_NULL = ("is null",)
_EMPTY = ("is empty",)
_SAME = ("=", "in")
_ORDERED = ("<", "<=", ">", ">=", "between")
_TEXT = ("contains", "starts with", "ends with", "like", "matches")
_TAGS = ("=", "has", "has all", "has any", "has none", "within")

BY_TYPE: Mapping[Type, frozenset[str]] = MappingProxyType({
    kind: frozenset(
        one.name for one in OPERATORS.values() if one.name in names or one.negates in names
    )
    for kind, names in {
        Type.TEXT: (*_SAME, *_TEXT, *_NULL, *_EMPTY),
        Type.ENUM: (*_SAME, *_NULL),
        Type.UUID: (*_SAME, *_NULL),
        Type.INTEGER: (*_SAME, *_ORDERED, *_NULL),
        Type.TIME: (*_SAME, *_ORDERED, *_NULL),
        Type.DURATION: (*_SAME, *_ORDERED, *_NULL),
        Type.BOOLEAN: (ALONE, *_SAME, *_NULL),
        Type.TAGS: (*_TAGS, *_EMPTY),
        Type.JSON: (*_SAME, *_ORDERED, *_TEXT, *_NULL, *_EMPTY),
    }.items()
})  # fmt: skip
"""What a value of a type takes. Who takes `between` takes ranges, `in a..b`, as well."""

TAG_OPERATORS = frozenset(_TAGS) - {"="}

_ONLY_NULL = frozenset({"is null", "is not null"})
_IS_EMPTY = frozenset({"is empty", "is not empty"})
_MANY_IN_ONE = frozenset({Type.TAGS, Type.JSON})


@lru_cache(maxsize=4096)
def taken(field: Field, inside: bool = False) -> frozenset[str]:
    """The names of the operators that a field takes; `inside`: at a key of a JSON field."""
    is_json = field.type is Type.JSON
    if field.only_null or (is_json and not inside and not field.whole):
        return _ONLY_NULL
    names = BY_TYPE[field.type]
    if is_json and not inside:
        # The emptiness of a whole JSON value could be an object's, a list's or a text's.
        names -= _IS_EMPTY
    if field.either is not None:
        names = frozenset(name for name in names if not OPERATORS[name].negates)
    return names


def is_own(field: Field) -> bool:
    """Whether it is a value of the row itself: it can be selected and, if single, sorted by."""
    return field.through is None and field.either is None


def is_single(field: Field) -> bool:
    """Whether its values are single ones, which have an order and can tell rows apart."""
    return field.type not in _MANY_IN_ONE
