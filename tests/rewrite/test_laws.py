"""The rewrites against the plain definitions: what held before holds after, and nothing else."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from flowql import typed
from flowql.catalog import Entity
from flowql.rewrite.ground import ground
from flowql.rewrite.merge import contradictions, merge
from flowql.rewrite.normal import normal
from tests.oracle.data import NOW
from tests.reference import holds
from tests.rewrite.crowds import crowded, meeting
from tests.strategies import TARGETS, Rows, predicates, some_rows

_DEEPEST = 200


@st.composite
def filters(draw: Any) -> tuple[Entity, typed.Predicate]:
    """A grounded filter and the entity that it is of."""
    entity = draw(st.sampled_from(TARGETS))
    drawn = draw(st.sampled_from((meeting, meeting, meeting, crowded, predicates)))(entity)
    query = ground(typed.Query(entity, draw(drawn)), NOW, UTC)
    return entity, query.filter


def truths(node: typed.Predicate, entity: Entity, tables: Rows) -> list[bool | None]:
    return [holds(node, row, entity, tables) for row in tables[entity.table]]


@given(filters(), some_rows())
def test_the_normal_form_is_equal_in_three_values(
    filter_: tuple[Entity, typed.Predicate], tables: Rows
) -> None:
    entity, node = filter_
    before = truths(node, entity, tables)
    assert truths(normal(node), entity, tables) == before
    opposite = [None if truth is None else not truth for truth in before]
    assert truths(normal(typed.Not(node)), entity, tables) == opposite


@given(filters(), some_rows())
def test_a_merged_filter_selects_the_same_rows(
    filter_: tuple[Entity, typed.Predicate], tables: Rows
) -> None:
    entity, node = filter_
    for this in (node, typed.Not(node)):
        selected = [truth is True for truth in truths(this, entity, tables)]
        merged = merge(normal(this))
        assert [truth is True for truth in truths(merged, entity, tables)] == selected
        if contradictions(this):
            assert not any(selected)


@given(filters())
def test_what_is_normal_or_merged_stays_as_it_is(filter_: tuple[Entity, typed.Predicate]) -> None:
    once = normal(filter_[1])
    assert normal(once) == once
    merged = merge(once)
    assert normal(merged) == merged
    assert merge(merged) == merged
    _check_form(merged)


def _check_form(node: typed.Predicate) -> None:
    """`not` only before one condition or scope; flat; constants nowhere but alone."""
    pending = [node]
    while pending:
        match pending.pop():
            case typed.And(operands) | typed.Or(operands) as joined:
                assert len(operands) > 1
                for operand in operands:
                    assert not isinstance(operand, typed.Always | type(joined))
                pending += operands
            case typed.Not(operand):
                assert not isinstance(
                    operand, typed.And | typed.Or | typed.Not | typed.Compare | typed.Always
                )
                pending.append(operand)
            case typed.Exists(_, where):
                assert where == typed.TRUE or not isinstance(where, typed.Always)
                if where != typed.TRUE:
                    pending.append(where)
            case _:
                pass


def test_the_deepest_filter_is_rewritten() -> None:
    entity = next(target for target in TARGETS if target.name == "flow_runs")
    name = typed.Column(entity.by_name["name"])
    node: typed.Predicate = typed.In(name, ("a",))
    for level in range(_DEEPEST // 2):
        other = typed.In(name, (str(level),))
        node = typed.Not(typed.And((typed.Or((node, other)), typed.Not(other))))
    assert merge(normal(node))
    relations = [entity.relation_by_name["task"]]
    target = next(target for target in TARGETS if target.name == "task_runs")
    relations.append(target.relation_by_name["run"])
    node = typed.In(name, ("a",))
    for level in range(_DEEPEST):
        node = typed.Exists(relations[(level + 1) % 2], typed.Not(node))
    assert merge(normal(node))


def test_long_lists_are_counted_out_in_no_time() -> None:
    entity = next(target for target in TARGETS if target.name == "flows")
    column = typed.Column(entity.by_name["name"])
    many = tuple(f"name {number}" for number in range(100_000))
    both = typed.And((typed.In(column, many), typed.Not(typed.In(column, many[:-1]))))
    assert merge(normal(both)) == typed.In(column, many[-1:])
    chain = typed.Or(tuple(typed.In(column, (value,)) for value in many))
    assert normal(chain) == typed.In(column, many)


def test_in_json_one_is_not_true() -> None:
    entity = next(target for target in TARGETS if target.name == "flow_runs")
    column = typed.Column(entity.by_name["parameters"], ("x",))
    one, true = typed.In(column, (1,)), typed.In(column, (True,))
    assert one != true
    assert one == typed.In(column, (1.0,))
    both = typed.And((typed.Not(one), typed.Not(true)))
    assert normal(both) == both
