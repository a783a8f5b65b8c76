"""Combinations, and scopes over related rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from flowql import typed
from flowql.backends.english.conditions import affirmed, denied
from flowql.backends.english.phrases import Phrase, Subject, about, joined, many, one, plain
from flowql.catalog.chains import named, owner, single_steps

if TYPE_CHECKING:
    from flowql.catalog import Relation

_NOUNS = {
    "run": "run",
    "task": "task run",
    "parent_task": "parent task run",
    "subflow": "subflow run",
    "subflow_run": "subflow run",
    "queue": "work queue",
}


_NONE_COUNTS = "having none at all counts too"


def said(node: typed.Predicate, subject: Subject) -> Phrase:
    """The phrase of what is to be true of a row."""
    match node:
        case typed.Not(operand):
            return unsaid(operand, subject)
        case typed.And(operands):
            # Loops rather than comprehensions, which would be a frame more a level.
            phrases: list[Phrase] = []
            for operand in operands:
                phrases.append(said(operand, subject))  # noqa: PERF401
            return joined("and", phrases)
        case typed.Or(operands):
            phrases = []
            for operand in operands:
                phrases.append(said(operand, subject))
            return joined("or", phrases)
        case typed.Exists():
            return _some(node, subject)
        case typed.Every():
            return _every(node)
        case typed.Latest():
            return _latest(node)
        case typed.Count():
            return _count(node, subject)
        case (
            typed.Always()
            | typed.In()
            | typed.Compare()
            | typed.TextMatch()
            | typed.TagsMatch()
            | typed.IsNull()
        ):
            return affirmed(node, subject)
        case _:
            assert_never(node)


def unsaid(node: typed.Predicate, subject: Subject) -> Phrase:
    """The phrase of what is to be false of a row.

    A scope is true or false, so to be false is not to be true. Of a row's own
    conditions a missing value makes neither, which `denied` says.
    """
    match node:
        case typed.Not(operand):
            return said(operand, subject)
        case typed.And(operands):
            phrases: list[Phrase] = []
            for operand in operands:
                phrases.append(unsaid(operand, subject))  # noqa: PERF401
            return joined("or", phrases)
        case typed.Or(operands):
            phrases = []
            for operand in operands:
                phrases.append(unsaid(operand, subject))
            return joined("and", phrases)
        case typed.Exists():
            return _none(node, subject)
        case typed.Every():
            return _not_every(node)
        case typed.Latest():
            return _not_latest(node)
        case typed.Count():
            return _not_count(node, subject)
        case (
            typed.Always()
            | typed.In()
            | typed.Compare()
            | typed.TextMatch()
            | typed.TagsMatch()
            | typed.IsNull()
        ):
            return denied(node, subject)
        case _:
            assert_never(node)


# ── some, none, every, the latest ─────────────────────────────────────────────


def _first(node: typed.Exists | typed.Every) -> tuple[Relation, typed.Predicate]:
    """The relation that stands for the first steps of a chain, and what follows them."""
    steps = [node.relation]
    rest = node.where
    while isinstance(rest, type(node)):
        steps.append(rest.relation)
        rest = rest.where
    relation = named(steps)[0]
    rest = node
    for _ in single_steps(owner(relation), relation):
        assert isinstance(rest, type(node))
        rest = rest.where
    return relation, rest


def _some(node: typed.Exists, subject: Subject) -> Phrase:
    relation, rest = _first(node)
    noun = _noun(relation)
    head = f"that {_reach(relation, subject, f'at least one {noun}', one(noun))}"
    if rest == typed.TRUE:
        return plain(head)
    same = "one and the same: " if relation.many else ""
    return about(head, said(rest, Subject(noun, plural=False)), same=same)


def _none(node: typed.Exists, subject: Subject) -> Phrase:
    relation, rest = _first(node)
    noun = _noun(relation)
    head = f"that {_reach(relation, subject, f'no {noun}', f'no {noun}')}"
    if rest == typed.TRUE:
        return plain(head)
    return about(head, said(rest, Subject(noun, plural=False)), _NONE_COUNTS)


def _reach(relation: Relation, subject: Subject, some: str, the: str) -> str:
    """`have at least one run`, `belong to a flow`."""
    if relation.many:
        return f"{subject.have} {some}"
    if relation.name.startswith("parent"):
        return f"{subject.have} {the}"
    return f"belong{'' if subject.plural else 's'} to {the}"


def _every(node: typed.Every) -> Phrase:
    relation, rest = _first(node)
    noun = _noun(relation)
    inner = said(rest, Subject(noun, plural=False))
    if relation.many:
        return about(f"of which every {noun} is one", inner, _NONE_COUNTS)
    return about(f"whose {noun}, if there is one, is one", inner)


def _not_every(node: typed.Every) -> Phrase:
    relation, rest = _first(node)
    noun = _noun(relation)
    inner = said(rest, Subject(noun, plural=False))
    if relation.many:
        return about(f"of which not every {noun} is one", inner)
    return about(f"whose {noun} exists and is not one", inner)


def _latest(node: typed.Latest) -> Phrase:
    row = _row(node.path)
    if node.where == typed.TRUE:
        return plain(f"of which at least one {row} has started")
    return about(f"whose last started {row} is one", _inner(node.path, node.where, plural=False))


def _not_latest(node: typed.Latest) -> Phrase:
    row = _row(node.path)
    if node.where == typed.TRUE:
        return plain(f"of which no {row} has started")
    head = f"whose last started {row}, if there is one, is not one"
    return about(head, _inner(node.path, node.where, plural=False))


def _inner(path: tuple[Relation, ...], where: typed.Predicate, *, plural: bool) -> Phrase:
    return said(where, Subject(_noun(named(path)[-1]), plural))


def _noun(relation: Relation) -> str:
    return _NOUNS.get(relation.name, relation.name.replace("_", " "))


def _row(path: tuple[Relation, ...], *, plural: bool = False) -> str:
    """`run`, `runs of the deployments`: the rows at the end of a chain."""
    *before, last = named(path)
    noun = many(_noun(last)) if plural else _noun(last)
    for relation in reversed(before):
        noun += f" of the {many(_noun(relation)) if relation.many else _noun(relation)}"
    return noun


# ── counts ────────────────────────────────────────────────────────────────────

_OPPOSITE: dict[typed.CountOperator, typed.CountOperator] = {
    "<": ">=", "<=": ">", ">": "<=", ">=": "<",
}  # fmt: skip
_QUANTITIES: dict[typed.CountOperator, str] = {
    "=": "exactly", "<": "fewer than", "<=": "at most", ">": "more than", ">=": "at least",
}  # fmt: skip
_NONE = frozenset({("<", 1), ("<=", 0), ("=", 0)})
_SOME = frozenset({(">", 0), (">=", 1)})


def _count(node: typed.Count, subject: Subject) -> Phrase:
    bound = node.bound
    if isinstance(bound, typed.Share):
        return _share(node, bound, f"that {subject.have} {_QUANTITIES[node.operator]}")
    if (node.operator, bound) in _NONE:
        quantity = "no"
    elif (node.operator, bound) in _SOME:
        quantity = "at least one"
    elif isinstance(bound, typed.Parameter):
        quantity = f"{_QUANTITIES[node.operator]} ${bound.name}"
    else:
        quantity = f"{_QUANTITIES[node.operator]} {bound:,}"
    plural = bound != 1 and quantity != "at least one"
    phrase = _counted(node.counted, plural=plural)
    head = f"that {subject.have} {quantity}"
    return Phrase(f"{head} {phrase.open}", f"{head} {phrase.closed}")


def _not_count(node: typed.Count, subject: Subject) -> Phrase:
    if node.operator != "=":
        return _count(replace(node, operator=_OPPOSITE[node.operator]), subject)
    if node.bound == 0:
        return _count(replace(node, operator=">"), subject)
    if isinstance(node.bound, typed.Share):
        return _share(node, node.bound, f"that {subject.do} not have exactly")
    phrase = _count(node, subject)
    have, do_not = f"that {subject.have} ", f"that {subject.do} not have "
    return Phrase(phrase.open.replace(have, do_not, 1), phrase.closed.replace(have, do_not, 1))


def _share(node: typed.Count, share: typed.Share, head: str) -> Phrase:
    first = _counted(node.counted, plural=True)
    second = _counted(share.counted, plural=True)
    if share.counted.where == typed.TRUE:
        second = plain(f"{second.open} in all")
    if share.factor != 1:
        head = f"{head} {share.factor} times as many {first.closed} as"
    elif node.operator in ("<", ">") and head.endswith(" than"):
        head = f"{head.removesuffix(' than')} {first.closed} than"
    else:
        head = f"{head} as many {first.closed} as"
    return Phrase(f"{head} {second.open}", f"{head} {second.closed}")


def _counted(counted: typed.Counted, *, plural: bool) -> Phrase:
    row = _row(counted.path, plural=plural)
    if counted.where == typed.TRUE:
        return plain(row)
    return about(row, _inner(counted.path, counted.where, plural=plural))
