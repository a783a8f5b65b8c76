"""`flowql catalog`: which entities there are, and what can be asked of one.

The pages are plain data, which `--json` prints as they are; `catalog_pages` draws them.
"""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from flowql import capabilities, catalog
from flowql.capabilities import Can
from flowql.catalog.listing import listed, listed_field, listed_relation, listing
from flowql.catalog.operators import OPERATORS
from flowql.diagnostics import FlowQLError
from flowql.diagnostics.names import UnknownField, UnknownTarget

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from flowql.capabilities import Asked, Question
    from flowql.catalog import Entity, Field, Relation
    from flowql.cli.console import Console

FINE = 0


def run(arguments: Namespace, console: Console) -> int:
    """The catalog, an entity of it, or what one name of an entity is."""
    from flowql.cli import catalog_pages as pages

    name, dot, rest = (arguments.what or "").partition(".")
    if not arguments.what:
        document, draw = overview(), pages.overview
    elif not dot:
        document, draw = of_entity(_entity(name)), pages.entity
    else:
        document, draw = of_name(_entity(name), rest), pages.detail
    if console.json or not console.on_terminal:
        console.say_json(document)
    else:
        console.say(draw(document, console.width, console.coloured(sys.stdout)))
    return FINE


def _entity(name: str) -> Entity:
    entity = catalog.get(name)
    if entity is None or entity.element:
        known = tuple(known for one in listing() for known in (one.name, *one.aliases))
        raise FlowQLError([UnknownTarget(name=name, known=known)])
    return entity


# ── the pages as data ─────────────────────────────────────────────────────────


def overview() -> dict[str, Any]:
    """All entities: what they are, where they are asked for, and who lists their rows."""
    found = []
    for one in listing():
        asking = _Asking(catalog.entities()[one.name])
        rows = asking.later([capabilities.ROWS])
        asking.ask()
        kept = ("name", "aliases", "doc", "endpoints")
        document = {key: value for key, value in asdict(one).items() if key in kept}
        found.append(document | {"rows": rows})
    return {"back_ends": capabilities.back_ends(), "entities": found}


def of_entity(entity: Entity) -> dict[str, Any]:
    """An entity: its fields, relations, sorts and endpoints, and who can say what."""
    one = listed(entity)
    asking = _Asking(entity)
    found = asdict(one) | {
        "rows": asking.later([capabilities.ROWS]),
        "fields": [_field(field, asking) for field in entity.fields],
        "relations": [_relation(relation, asking) for relation in entity.relations],
        "sorts": asking.later([capabilities.sort(sort.text) for sort in one.sorts]),
    }
    asking.ask()
    return {"back_ends": capabilities.back_ends(), **found}


def of_name(entity: Entity, name: str) -> dict[str, Any]:
    """A field of an entity, with or without a key, or a relation."""
    asking = _Asking(entity)
    field = entity.by_name.get(name)
    if field is None and "." in name:
        whole = entity.by_name.get(name.partition(".")[0])
        field = whole if whole is not None and listed_field(whole).inside else None
    if field is not None:
        found = _field(field, asking)
    elif relation := entity.relation_by_name.get(name):
        found = _relation(relation, asking)
    else:
        raise FlowQLError([
            UnknownField(
                entity=entity.name, name=name, fields=tuple(entity.by_name),
                relations=tuple(relation.name for relation in entity.relations),
            )
        ])  # fmt: skip
    asking.ask()
    return {"back_ends": capabilities.back_ends(), "entity": entity.name, **found}


def _field(field: Field, asking: _Asking) -> dict[str, Any]:
    return asdict(listed_field(field)) | {
        "operators": asking.later(capabilities.operators(field)),
        "inside": asking.later(capabilities.inside(field)),
        "sorts": asking.later(capabilities.sorts(field)),
    }


def _relation(relation: Relation, asking: _Asking) -> dict[str, Any]:
    return asdict(listed_relation(relation)) | {"forms": asking.later(capabilities.forms(relation))}


class _Asking:
    """Questions about an entity, kept until all of them can be asked together."""

    def __init__(self, entity: Entity) -> None:
        self._entity = entity
        self._pending: list[tuple[Question, list[dict[str, Any]]]] = []

    def later(self, questions: Sequence[Question]) -> list[dict[str, Any]]:
        """The answers, which are there after `ask`."""
        answers: list[dict[str, Any]] = []
        self._pending += [(question, answers) for question in questions]
        return answers

    def ask(self) -> None:
        questions = [question for question, _ in self._pending]
        asked = capabilities.asked(self._entity, questions)
        for one, (_, answers) in zip(asked, self._pending, strict=True):
            answers.append(_answered(one))


def _answered(asked: Asked) -> dict[str, Any]:
    """`can` and `sometimes` have the back ends that say it, or some values of it; `why` not."""
    question = asked.question
    found: dict[str, Any] = {"name": question.name}
    if question.name in OPERATORS:
        found["symbols"] = OPERATORS[question.name].symbols
    if example := question.samples[0]:
        found["example"] = example
    answers = asked.answers.items()
    found["can"] = [name for name, answer in answers if answer.can is Can.ALWAYS]
    if some := [name for name, answer in answers if answer.can is Can.SOMETIMES]:
        found["sometimes"] = some
    if why := {name: answer.problem for name, answer in answers if answer.problem is not None}:
        found["why"] = {
            name: {"code": problem.code, "message": problem.message}
            for name, problem in why.items()
        }
    return found
