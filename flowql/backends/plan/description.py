"""A plan for people: its stages in plain words, in the order in which they are run.

A plan is a tree of sets; read from the inside, it is a row of stages: something is fetched, then
some of it is kept or left out. Stages hold requests as data and conditions as canonical text, so
that they can be drawn, printed as JSON or read in a debugger. Nothing is asked here: how many rows
the server counts is handed in by who has asked.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, assert_never

from flowql import typed
from flowql.backends.body import Request
from flowql.backends.body.patterns import Database
from flowql.backends.plan.bodies import Bodies, all_of, in_parts, pages_of, sized
from flowql.backends.plan.steps import (
    Both,
    Chain,
    Choice,
    Counted,
    Fetch,
    Keep,
    Last,
    Minus,
    Nothing,
    Number,
    Plan,
    Semi,
    Shown,
    Size,
    Spread,
    Step,
    Sum,
    Tally,
    Undecided,
    Union,
)
from flowql.backends.text import clauses_to_text, condition_to_text, to_text
from flowql.catalog import Entity, Relation
from flowql.catalog.walks import walk

Counts = Mapping[tuple[Entity, typed.Predicate], int]
"""How many rows of an entity meet a filter, where a server was asked."""

BY_IDS = "by what was found before"
BY_SMALLER = "by the smaller of the two sets"

_LONGEST = 60
"""Characters of a condition in a `repr`."""

_NUMBERS: Mapping[typed.CountOperator, str] = {
    "=": "exactly", ">=": "at least", ">": "more than", "<=": "at most", "<": "fewer than",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Something that is done: with what was found before it, or from nothing.

    `step` is what kind of thing, `says` the same in words, `where` the canonical text of its
    condition. `request` is the first that is sent for it, and `pages` says whether others may
    follow; `count` is the one that counts its rows. `narrowed` says by what fewer rows may be
    asked for. `rows` is how many rows the server counts, if it was asked, `requests` how many
    pages these are.
    """

    step: str
    says: str
    entity: str | None = None
    where: str | None = None
    why: str = ""
    request: Request | None = None
    count: Request | None = None
    pages: bool = False
    narrowed: str | None = None
    rows: int | None = None
    requests: int | None = None
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A row of stages that another one needs; `name` says as what, where there are several."""

    name: str
    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True)
class Description:
    """The stages of a plan, in order. `one`: a single request is all of it."""

    stages: tuple[Stage, ...]
    one: bool = False


def describe(
    plan: Plan, database: Database | None = None, counts: Counts | None = None
) -> Description:
    """A plan in stages; `database` is what it was made for."""
    return _Describing(Bodies(database), counts or {}).plan(plan)


def as_dict(description: Description) -> dict[str, Any]:
    """A description as plain data, ready for JSON."""
    return {
        "one_request": description.one,
        "steps": [_stage_as_dict(stage) for stage in description.stages],
    }


def _stage_as_dict(stage: Stage) -> dict[str, Any]:
    found: dict[str, Any] = {"step": stage.step, "says": stage.says}
    found |= {"entity": stage.entity} if stage.entity else {}
    found |= {"where": stage.where} if stage.where else {}
    found |= {"why": stage.why} if stage.why else {}
    if (request := stage.request) is not None:
        found["request"] = {"method": request.method, "path": request.path, "body": request.body}
        found |= {"pages": stage.pages, "narrowed": stage.narrowed}
    if stage.request is not None or stage.step == "undecided":
        found |= {"rows": stage.rows, "requests": stage.requests}
    if stage.parts:
        parts: list[Any] = []
        for part in stage.parts:
            steps = [_stage_as_dict(one) for one in part.stages]
            parts.append({"name": part.name, "steps": steps} if part.name else {"steps": steps})
        found["parts"] = parts
    return found


# ── stages ────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class _Describing:
    bodies: Bodies
    counts: Counts = field(default_factory=dict)

    def plan(self, plan: Plan) -> Description:
        match plan.answer:
            case Request() as request:
                entity = plan.query.target.name
                one = Stage(step="request", says="one request", entity=entity, request=request)
                return Description((one,), one=True)
            case Counted() | Sum() | Size() as number:
                return Description(self.number(number))
            case step:
                pass
        stages = self.step(step, None)
        if plan.peek is not None:
            says = "look at one page first, which may have all rows that are wanted"
            entity = plan.query.target.name
            peek = Stage(step="peek", says=says, entity=entity, request=plan.peek.request)
            stages = (peek, *stages)
        if last := clauses_to_text(plan.query):
            stages = (*stages, Stage(step="arrange", says=last))
        return Description(stages)

    def number(self, number: Number) -> tuple[Stage, ...]:
        match number:
            case Counted(entity, where, why):
                return (
                    Stage(
                        step="count",
                        says=f"count {_rows(entity, where)}",
                        entity=entity.name,
                        where=_text(where),
                        why=why,
                        request=self.bodies.count(entity, where),
                        rows=self.counts.get((entity, where)),
                        requests=1,
                    ),
                )
            case Sum(plus, minus, why):
                if not plus and not minus:
                    return (Stage(step="sum", says="none", why=why),)
                parts = [Part("plus", self.number(one)) for one in plus]
                parts += [Part("minus", self.number(one)) for one in minus]
                return (Stage(step="sum", says="add up numbers", why=why, parts=tuple(parts)),)
            case Size(of, why):
                size = Stage(step="size", says="count them", entity=of.entity.name, why=why)
                return (*self.step(of, None), size)
            case _:
                assert_never(number)

    def step(self, step: Step, narrowed: str | None) -> tuple[Stage, ...]:
        """The stages of a step: those of its source, and its own."""
        # A loop, for filters follow one another in great numbers.
        filters: list[Stage] = []
        while isinstance(step, Keep | Minus | Semi | Tally | Last):
            filters.append(self._filter(step, narrowed))
            if isinstance(step, Semi) and step.some and narrowed is None:
                narrowed = BY_SMALLER
            step = step.source
        return (self._found(step, narrowed), *reversed(filters))

    def _filter(self, step: Keep | Minus | Semi | Tally | Last, narrowed: str | None) -> Stage:
        """What is kept of the rows found before."""
        kept = "keep" if not isinstance(step, Semi | Tally | Last) or step.some else "leave out"
        entity, why = step.entity, step.why
        parts: tuple[Part, ...]
        match step:
            case Keep(_, where):
                said = condition_to_text(where)
                return Stage(
                    step="keep",
                    says=f"keep those where {said}",
                    entity=entity.name,
                    where=said,
                    why=why,
                )
            case Minus(_, without, relation, of):
                parts = (Part("", self.step(without, BY_IDS)),)
                says = "leave out those that are among these"
                if relation is not None and of is not None:
                    parts = (
                        Part("these", self.step(without, BY_IDS)),
                        Part("those", self.step(of, BY_IDS)),
                    )
                    says += f", or those with a {relation.name} among those, whichever are fewer"
                return Stage(step="minus", says=says, entity=entity.name, why=why, parts=parts)
            case Semi(_, relation, of, some):
                says = f"{kept} those with a {relation.name} among these"
                parts = (
                    Part("", self.step(of, BY_SMALLER if some and narrowed is None else BY_IDS)),
                )
                return Stage(step="semi", says=says, entity=entity.name, why=why, parts=parts)
            case Tally(_, chain, operator, bound, share):
                how_many = f"{_NUMBERS[operator]} {bound:g}"
                parts = self._chain(chain)
                if share is None:
                    says = f"{kept} those with {how_many} of these"
                else:
                    says = f"{kept} those with {how_many} times as many of these as of the others"
                    parts += self._chain(share, "others: ")
                return Stage(step="tally", says=says, entity=entity.name, why=why, parts=parts)
            case Last(_, chain, among):
                state = None if among is not None else condition_to_text(chain.where)
                parts = self._chain(replace(chain, where=typed.TRUE))
                if among is not None:
                    parts += (Part("others", self.step(among, BY_IDS)),)
                says = f"{kept} those whose last started {chain.path[-1].name}, of these, is"
                says += " among the others" if among is not None else f" one where {state}"
                return Stage(
                    step="last", says=says, entity=entity.name, where=state, why=why, parts=parts
                )
            case _:
                assert_never(step)

    def _found(self, step: Step, narrowed: str | None) -> Stage:
        """What brings rows."""
        match step:
            case Nothing(entity, why):
                return Stage(step="nothing", says=f"no {entity.name}", entity=entity.name, why=why)
            case Fetch():
                return self._fetch(step, narrowed)
            case Spread(entity, where, relation, _, of, why):
                says = f"fetch {_rows(entity, where)}, once for each {relation.name} of these"
                part = Part("", self.step(of, None))
                request = self._named(step)
                return Stage(
                    step="spread",
                    says=says,
                    entity=entity.name,
                    where=_text(where),
                    why=why,
                    request=request,
                    pages=_has_pages(entity),
                    parts=(part,),
                )
            case Union(_, why):
                return self._several("union", "take the rows of any of these", step, narrowed, why)
            case Both(_, why):
                says = "take the rows that are in each of these"
                narrowed = narrowed or BY_SMALLER
                return self._several("both", says, step, narrowed, why)
            case Choice(_, why):
                says = "take whichever of these needs the fewest requests"
                return self._several("choice", says, step, narrowed, why)
            case Undecided():
                return self._undecided(step)
            case Keep() | Minus() | Semi() | Tally() | Last():
                raise AssertionError(step)
            case _:
                assert_never(step)

    def _several(
        self, name: str, says: str, step: Union | Both | Choice, narrowed: str | None, why: str
    ) -> Stage:
        steps = step.options if isinstance(step, Choice) else step.parts
        parts: list[Part] = []
        for one in steps:
            parts.append(Part("", self.step(one, narrowed)))  # noqa: PERF401
        entity = step.entity.name
        return Stage(step=name, says=says, entity=entity, why=why, parts=tuple(parts))

    def _fetch(self, step: Fetch, narrowed: str | None) -> Stage:
        entity, where, among = step.entity, step.where, step.among
        said = where if among is None else all_of([where, among])
        request = self.bodies.rows(entity, in_parts(where, among)[0])
        assert request is not None, where
        rows, requests = self._numbers(step)
        return Stage(
            step="fetch",
            says=f"fetch {_rows(entity, said)}",
            entity=entity.name,
            where=_text(said),
            why=step.why,
            request=sized(entity, request),
            count=None if among is not None else self.bodies.count(entity, where),
            pages=_has_pages(entity) or among is not None,
            narrowed=narrowed,
            rows=rows,
            requests=requests,
        )

    def _numbers(self, step: Fetch) -> tuple[int | None, int | None]:
        """How many rows the server counts for a fetch, and on how many pages these are."""
        rows = requests = 0
        for where in in_parts(step.where, step.among):
            count = self.counts.get((step.entity, where))
            if count is None:
                return None, None
            rows += count
            requests += pages_of(step.entity, count)
        return rows, requests

    def _undecided(self, step: Undecided) -> Stage:
        entity = step.entity
        said = condition_to_text(step.where)
        parts = []
        rows: int | None = 0
        for name, where in (("all", []), ("so", [step.where]), ("not so", [step.opposite])):
            (stage,) = self.number(Counted(entity, all_of([step.context, *where])))
            parts.append(Part(name, (stage,)))
            if rows is not None and stage.rows is not None:
                rows += -stage.rows if where else stage.rows
            else:
                rows = None
        return Stage(
            step="undecided",
            says=f"fetch {entity.name} of which it is unknown whether {said}",
            entity=entity.name,
            where=said,
            why=step.why,
            rows=rows,
            parts=tuple(parts),
        )

    def _chain(self, chain: Chain, prefix: str = "") -> tuple[Part, ...]:
        """The rows that a path leads to, relation by relation."""
        parts: list[Part] = []
        for relation, step in zip(chain.path, chain.steps, strict=False):
            parts.append(Part(f"{prefix}{relation.name}", self.step(step, BY_IDS)))
        if len(chain.path) > len(chain.steps):
            last = chain.path[-1]
            said = "" if chain.where == typed.TRUE else f" where {condition_to_text(chain.where)}"
            stage = Stage(step="elements", says=f"each {last.name}{said} of the row itself")
            parts.append(Part(f"{prefix}{last.name}", (stage,)))
        return tuple(parts)

    def _named(self, step: Spread) -> Request | None:
        """The request of a spread, with a word of what its path names."""
        name = f"{step.relation.name}.{step.column.field.name}"
        named = typed.Exists(step.relation, typed.In(step.column, (_HOLE,)))
        request = self.bodies.rows(step.entity, all_of([step.where, named]))
        if request is None:
            return None
        return replace(sized(step.entity, request), path=request.path.replace(_HOLE, f"{{{name}}}"))


_HOLE = "name-that-is-found"
"""What stands for a name until it is put into braces."""


def _has_pages(entity: Entity) -> bool:
    way = walk(entity)
    return way is not None and bool(way.endpoint.pages)


def _rows(entity: Entity, where: typed.Predicate) -> str:
    return f"all {entity.name}" if where == typed.TRUE else f"{entity.name} where {_text(where)}"


def _text(where: typed.Predicate) -> str | None:
    return None if where == typed.TRUE else condition_to_text(where)


# ── short texts ───────────────────────────────────────────────────────────────


def document(request: Request) -> str:
    """The body of a request as JSON on one line, in which every character can be seen."""
    text = json.dumps(request.body, ensure_ascii=False)
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in text)


def outline(description: Description) -> str:
    """The stages in words, one in a line; a part begins with a dash under what needs it."""
    lines: list[str] = []
    pending = [("", "", stage) for stage in reversed(description.stages)]
    while pending:
        indent, head, stage = pending.pop()
        lines.append(f"{head or indent}{stage.says}")
        for part in reversed(stage.parts):
            first = f"{indent}- {part.name}: " if part.name else f"{indent}- "
            heads = [first, *[""] * (len(part.stages) - 1)]
            below = zip([f"{indent}  "] * len(heads), heads, part.stages, strict=True)
            pending.extend(reversed(list(below)))
    return "\n".join(lines)


def short(node: Any) -> str:
    """A step, a number or a plan on one line: its kind and what it is made of, without defaults."""
    match node:
        case Shown():
            said = []
            for one in fields(node):  # type: ignore[arg-type]
                value = getattr(node, one.name)
                if one.compare and value != one.default and value not in ((), typed.TRUE):
                    said.append(short(value))
            return f"{type(node).__name__}({', '.join(said)})"
        case Entity() | Relation():
            return node.name
        case typed.Column():
            return ".".join((node.field.name, *node.keys))
        case typed.Query():
            return _cut(" ".join(line.strip() for line in to_text(node).splitlines()))
        case Request(method, path):
            return f"{method} {path}"
        case tuple():
            # A loop, for a comprehension would be a frame more a level.
            texts = []
            for one in node:
                texts.append(short(one))  # noqa: PERF401
            return ".".join(texts) if isinstance(node[0], Relation) else f"({', '.join(texts)})"
        case str() | int() | float() | None:
            return repr(node)
        case condition:
            return _cut(condition_to_text(condition))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
