"""Which operators a field takes: the resolver accepts exactly those that the table has."""

from __future__ import annotations

import pytest

import flowql
from flowql import ast
from flowql.catalog import Entity, Field, Type, entities
from flowql.catalog.operators import ALONE, OPERATORS, Operand, taken
from flowql.frontends.text import parse
from flowql.limits import DEFAULT

VALUES = {
    Type.TEXT: "etl", Type.UUID: "2f6a1b7e-0c5d-4d7e-9a3b-6f1e2d3c4b5a", Type.INTEGER: "3",
    Type.TIME: "2026-11-01T12:00:00Z", Type.DURATION: "5m", Type.BOOLEAN: "true",
    Type.TAGS: "etl", Type.JSON: "3",
}  # fmt: skip


@pytest.mark.parametrize("entity", entities().values(), ids=str)
def test_the_resolver_accepts_what_the_table_has(entity: Entity) -> None:
    for field in entity.fields:
        inside = [False, True] if field.type is Type.JSON and not field.only_null else [False]
        for key in inside:
            path = f"{field.name}.key" if key else field.name
            accepted = {name for name in OPERATORS if accepts(entity, field, path, name)}
            expected = taken(field, key)
            if entity.element:
                # Without a name before it, only what has something behind it can be written.
                expected = {n for n in expected if OPERATORS[n].operand is not Operand.NOTHING}
            assert accepted == expected, path


def accepts(entity: Entity, field: Field, path: str, name: str) -> bool:
    """Whether some text with the operator has no problem."""
    start = f"{entity.name} where {path}"
    end = ""
    if entity.element:
        start, end = "flows where any tag (", ")"
        if name == ALONE:
            return False
    operator = "" if name == ALONE else f" {name}"
    return any(
        all(
            problem.severity != "error"
            for problem in flowql.check(f"{start}{operator}{after}{end}")
        )
        for after in operands(name, field)
    )


def operands(name: str, field: Field) -> list[str]:
    """What may stand after the operator: a value, or a list, of the field's own type."""
    value = field.choices[0] if field.choices else VALUES[field.type]
    match OPERATORS[name].operand:
        case Operand.NOTHING:
            return [""]
        case Operand.BOUNDS:
            return [f" {value} and {value}"]
        case Operand.LIST | Operand.VALUE:
            return [f" {value}", f" [{value}]"]


def test_each_spelling_is_that_of_its_operator() -> None:
    for one in OPERATORS.values():
        if one.name == ALONE:
            continue
        for spelling in (one.name, *one.symbols):
            after = {Operand.BOUNDS: " 1 and 2", Operand.NOTHING: ""}.get(one.operand, " x")
            tree, problems = parse(f"a {spelling}{after}", DEFAULT)
            assert not problems
            assert isinstance(tree.filter, ast.Condition)
            emptiness = {"= ∅": "=", "≠ ∅": "!="}
            assert tree.filter.operator.name == emptiness.get(spelling, one.name)
