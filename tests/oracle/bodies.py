"""Random request bodies, made from the schema that the server publishes of itself.

Nothing here knows FlowQL's catalog. Values are mostly those of the awkward rows, so
that bodies select something; `damaged` puts something else in a random place.
"""

from __future__ import annotations

import random
from copy import deepcopy
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from tests.oracle.data import AWKWARD

Json = Any

MODELS = {
    "FlowFilter": "flow",
    "FlowRunFilter": "flow_run",
    "TaskRunFilter": "task_run",
    "DeploymentFilter": "deployment",
    "WorkPoolFilter": "work_pool",
    "WorkQueueFilter": "work_queue",
}
"""The filter models and the tables that they filter."""

ENTITIES = ("flows", "flow_runs", "task_runs", "deployments", "work_pools", "work_queues")

JUNK: tuple[Json, ...] = (
    None, True, False, 0, 1, -1, 1.0, 1.5, 10**20, "", "x", "5", " 5 ", "yes", "off", "null",
    "FAILED", "failed", "2026-04-15", "2026-04-15T12:00:00", "2026-04-15T12:00:00+02:00",
    "20260415T120000Z", "2026-04-15 12:00", "1776254400", 1776254400, 1776254400.5, "2026-04",
    "12:00", [], {}, [None], ["x"], [1], [[]], [{}], {"x": 1}, {"any_": []}, {"operator": "or_"},
    "0D4C79F564A54A668A2B6BB2DBD7C5D1", "{0d4c79f5-64a5-4a66-8a2b-6bb2dbd7c5d1}", "or_", "NAME_ASC",
)  # fmt: skip


class Schema:
    """The request bodies of a server's OpenAPI document."""

    def __init__(self, openapi: Json) -> None:
        self.paths = openapi["paths"]
        self.models = openapi["components"]["schemas"]

    def resolved(self, schema: Json) -> Json:
        """A schema without its reference and without the null that may stand for nothing."""
        if "$ref" in schema:
            return self.resolved(self.models[schema["$ref"].rpartition("/")[2]])
        for option in schema.get("anyOf", ()):
            if option != {"type": "null"}:
                return self.resolved(option)
        return schema

    def body(self, path: str) -> dict[str, Json]:
        """The properties of an endpoint's body."""
        content = self.paths[path]["post"]["requestBody"]["content"]["application/json"]
        properties: dict[str, Json] = self.resolved(content["schema"])["properties"]
        return properties

    def leaves(self, model: str) -> dict[str, Json]:
        """The leaf criteria of a filter model by their path, without the operators."""
        found: dict[str, Json] = {}

        def walk(schema: Json, path: tuple[str, ...]) -> None:
            if "properties" not in schema:
                if path[-1] != "operator":
                    found[".".join(path)] = schema
                return
            for name, inner in schema["properties"].items():
                walk(self.resolved(inner), (*path, name))

        walk(self.models[model], ())
        return found

    def operators(self, model: str) -> set[str]:
        """The groups of a filter model that have an operator; the model itself is ""."""
        found: set[str] = set()

        def walk(schema: Json, path: tuple[str, ...]) -> None:
            for name, inner in schema.get("properties", {}).items():
                if name == "operator":
                    found.add(".".join(path))
                walk(self.resolved(inner), (*path, name))

        walk(self.models[model], ())
        return found


# ── values ────────────────────────────────────────────────────────────────────────────────────────


@cache
def texts(table: str, group: str) -> tuple[str, ...]:
    """Texts that the rows have where a group of criteria looks."""
    if group == "created_by":
        values: list[Any] = [(row.get("created_by") or {}).get("type") for row in AWKWARD[table]]
    elif group == "flow_or_deployment_name":
        values = [row["name"] for name in ("flow", "deployment") for row in AWKWARD[name]]
    elif group == "tags":
        values = [tag for row in AWKWARD[table] for tag in row["tags"]]
    else:
        column = group.replace(".", "_")
        values = [row[column] for row in AWKWARD[table]]
    return tuple(dict.fromkeys(value for value in values if value is not None))


@cache
def identities(table: str, group: str) -> tuple[str, ...]:
    if group == "created_by":
        values: list[Any] = [(row["created_by"] or {}).get("id") for row in AWKWARD[table]]
    elif group == "parent_flow_run_id":
        values = [row["flow_run_id"] for row in AWKWARD["task_run"]]
    else:
        values = [row[group] for row in AWKWARD[table]]
    return tuple(dict.fromkeys(str(value) for value in values if isinstance(value, UUID | str)))


@cache
def times(table: str, group: str) -> tuple[str, ...]:
    """Stored times and their neighbours; of far ones, which PostgreSQL rounds, whole seconds."""
    step = timedelta(microseconds=1)
    values = [row[group] for row in AWKWARD[table] if row[group] is not None]
    around = [time + by for time in values for by in (timedelta(0), step, -step)]
    around = [time for time in around if 1730 <= time.year < 2270 or not time.microsecond]
    return tuple(dict.fromkeys(_iso(time) for time in around))


def _iso(time: datetime) -> str:
    return time.isoformat().replace("+00:00", "Z")


def patterns(table: str, group: str) -> st.SearchStrategy[str]:
    """Parts of stored texts, some with wildcards; no backslash, whose meaning is the engine's."""
    plain = [text for text in texts(table, group) if "\\" not in text and text.isascii()]

    def part(text: str) -> st.SearchStrategy[str]:
        ends = st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))
        return ends.map(lambda pair: text[min(pair) : max(pair)])

    some = st.sampled_from(plain).flatmap(part)
    others = ("", "e", "E", "otter", "_", "%", "a_b", "t%r", "%o", "ING%")
    return st.one_of(some, some.map(str.swapcase), st.sampled_from(others))


def value(schema: Schema, table: str, path: str, leaf: Json) -> st.SearchStrategy[Json]:
    """A value of a leaf criterion."""
    group, _, name = path.rpartition(".")
    match leaf:
        case {"type": "boolean"}:
            return st.booleans()
        case {"type": "integer"}:
            return st.integers(-3, 9)
        case {"type": "string", "format": "date-time"}:
            return st.sampled_from(times(table, group))
        case {"type": "string"}:
            return patterns(table, group)
        case {"type": "array", "items": items}:
            item = schema.resolved(items)
            if "enum" in item:
                of: st.SearchStrategy[str] = st.sampled_from(item["enum"])
            elif item.get("format") == "uuid":
                of = st.sampled_from(identities(table, group))
            elif name == "startswith_":
                of = patterns(table, group)
            else:
                of = st.sampled_from((*texts(table, group), "etl", ""))
            few = st.lists(of, max_size=2 if name == "all_" else 6)
            many = st.lists(of, min_size=6, max_size=25)
            return few if name == "all_" else st.one_of(few, few, many)
        case _:
            raise AssertionError(leaf)


def telling(schema: Schema, table: str, path: str, leaf: Json) -> list[Json]:
    """Values of a leaf criterion that tell the rows apart."""
    group, _, name = path.rpartition(".")
    match leaf:
        case {"type": "boolean"}:
            return [True, False]
        case {"type": "integer"}:
            return [0, 5]
        case {"type": "string", "format": "date-time"}:
            stored = sorted(times(table, group))
            return [stored[len(stored) // 3], stored[-1]]
        case {"type": "string"}:
            return ["e", "E", "t%r", ""]
        case {"type": "array", "items": items}:
            item = schema.resolved(items)
            if "enum" in item:
                return [item["enum"][3:5], item["enum"], []]
            if item.get("format") == "uuid":
                return [list(identities(table, group)[:3]), []]
            if name == "startswith_":
                return [["D", "hi"], ["q_"], []]
            some = list(texts(table, group)[:2])
            return [some[:1], some, []]
        case _:
            raise AssertionError(leaf)


# ── bodies ────────────────────────────────────────────────────────────────────────────────────────


def filters(schema: Schema, model: str) -> st.SearchStrategy[Json]:
    """A filter of a model: some of its leaves, joined in some way."""
    leaves = schema.leaves(model)
    operators = sorted(schema.operators(model))

    @st.composite
    def build(draw: Any) -> Json:
        result: Json = {}
        chosen = st.lists(
            st.sampled_from(sorted(leaves)), max_size=draw(st.sampled_from((1, 3, 5)))
        )
        for path in draw(chosen):
            holder = _holder(result, path)
            at = path.rpartition(".")[2]
            if draw(st.integers(0, 15)):
                holder[at] = draw(value(schema, MODELS[model], path, leaves[path]))
            elif draw(st.booleans()):
                holder[at] = None
        for group in operators:
            if draw(st.integers(0, 2)) == 0 and (not group or _has(result, group)):
                word = draw(st.sampled_from(("or_", "or_", "and_")))
                _holder(result, f"{group}.operator".lstrip("."))["operator"] = word
        return result

    return build()


def _holder(body: Json, path: str) -> Json:
    for key in path.split(".")[:-1]:
        body = body.setdefault(key, {})
    return body


def _has(body: Json, group: str) -> bool:
    for key in group.split("."):
        if key not in body:
            return False
        body = body[key]
    return True


def bodies(schema: Schema, path: str) -> st.SearchStrategy[dict[str, Json]]:
    """A body for an endpoint, filters only."""
    properties = schema.body(path)
    models: dict[str, str] = {}
    for key, inner in properties.items():
        model = schema.resolved(inner).get("title")
        if model in MODELS:
            models[key] = model

    @st.composite
    def build(draw: Any) -> dict[str, Json]:
        keys = draw(st.lists(st.sampled_from(sorted(models)), min_size=1, max_size=3, unique=True))
        return {key: draw(filters(schema, models[key])) for key in keys}

    return build()


def damaged(body: Json, seed: int) -> Json:
    """The body with junk in a random place, or a key that nobody knows."""
    choose = random.Random(seed)
    body = deepcopy(body)
    places: list[tuple[Any, Any]] = []

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            places.extend((node, key) for key in (*node, "any_", "x"))
            for inner in node.values():
                walk(inner)
        elif isinstance(node, list):
            places.extend((node, at) for at in range(len(node)))

    walk(body)
    holder, key = choose.choice(places)
    holder[key] = deepcopy(choose.choice(JUNK))
    return body
