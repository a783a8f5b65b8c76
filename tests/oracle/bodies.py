"""Random request bodies, made from the schema that the server publishes of itself.

Nothing here knows FlowQL's catalog. Values are mostly those of the awkward rows, so
that bodies select something; `damaged` puts something else in a random place.
"""

from __future__ import annotations

import random
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from tests.oracle.data import AWKWARD
from tests.oracle.data.task_workers import TASK_WORKERS

Json = Any


@dataclass(frozen=True)
class Filtered:
    """What a filter model filters: the table, and the path and key of bodies that do."""

    table: str
    path: str
    key: str


MODELS = {
    "FlowFilter": Filtered("flow", "/flows/filter", "flows"),
    "FlowRunFilter": Filtered("flow_run", "/flow_runs/filter", "flow_runs"),
    "TaskRunFilter": Filtered("task_run", "/task_runs/filter", "task_runs"),
    "DeploymentFilter": Filtered("deployment", "/deployments/filter", "deployments"),
    "WorkPoolFilter": Filtered("work_pool", "/work_pools/filter", "work_pools"),
    "WorkQueueFilter": Filtered("work_queue", "/work_queues/filter", "work_queues"),
    "ArtifactFilter": Filtered("artifact", "/artifacts/filter", "artifacts"),
    "ArtifactCollectionFilter": Filtered(
        "artifact_collection", "/artifacts/latest/filter", "artifacts"
    ),
    "LogFilter": Filtered("log", "/logs/filter", "logs"),
    "VariableFilter": Filtered("variable", "/variables/filter", "variables"),
    "AutomationFilter": Filtered("automation", "/automations/filter", "automations"),
    "BlockTypeFilter": Filtered("block_type", "/block_types/filter", "block_types"),
    "BlockSchemaFilter": Filtered("block_schema", "/block_schemas/filter", "block_schemas"),
    "BlockDocumentFilter": Filtered("block_document", "/block_documents/filter", "block_documents"),
    "WorkerFilter": Filtered("worker", "/work_pools/{work_pool_name}/workers/filter", "workers"),
    "TaskWorkerFilter": Filtered("task_workers", "/task_workers/filter", "task_worker_filter"),
    "EventFilter": Filtered("events", "/events/filter", "filter"),
}
"""The filter models, all that there are."""

EVER = {"since": "0001-01-02T00:00:00Z", "until": "9999-12-30T00:00:00Z"}
"""A window that has all events; without one a server looks 180 days back."""

ROWS: dict[str, list[dict[str, Any]]] = {**AWKWARD, "task_workers": TASK_WORKERS}

JUNK: tuple[Json, ...] = (
    None, True, False, 0, 1, -1, 1.0, 1.5, 10**20, "", "x", "5", " 5 ", "yes", "off", "null",
    "FAILED", "failed", "2026-04-15", "2026-04-15T12:00:00", "2026-04-15T12:00:00+02:00",
    "20260415T120000Z", "2026-04-15 12:00", "1776254400", 1776254400, 1776254400.5, "2026-04",
    "12:00", [], {}, [None], ["x"], [1], [[]], [{}], {"x": 1}, {"any_": []}, {"operator": "or_"},
    {"since": "2026-04-15"}, ["a", "b"], [["a", "b"]],
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

    def needed(self, path: str) -> set[str]:
        """The keys that an endpoint's body must have."""
        content = self.paths[path]["post"]["requestBody"]["content"]["application/json"]
        return set(self.resolved(content["schema"]).get("required", ()))

    def leaves(self, model: str) -> dict[str, Json]:
        """The leaf criteria of a filter model by their path, without operators and order."""
        found: dict[str, Json] = {}

        def walk(schema: Json, path: tuple[str, ...]) -> None:
            if "properties" not in schema:
                if path[-1] != "operator":
                    found[".".join(path)] = schema
                return
            for name, inner in schema["properties"].items():
                if (*path, name) != ("order",):
                    walk(self.resolved(inner), (*path, name))

        walk(self.models[model], ())
        return found

    def required(self, model: str) -> set[str]:
        """The leaf criteria that must be there where their group is."""
        return {
            path
            for path in self.leaves(model)
            if path.rpartition(".")[2] in self._holder(model, path).get("required", ())
        }

    def nullable(self, model: str) -> set[str]:
        """The leaf criteria in whose place null may stand."""
        return {
            path
            for path in self.leaves(model)
            if {"type": "null"}
            in self._holder(model, path)["properties"][path.rpartition(".")[2]].get("anyOf", ())
        }

    def _holder(self, model: str, path: str) -> Json:
        """The object that a leaf criterion stands in."""
        schema = self.models[model]
        for group in path.split(".")[:-1]:
            schema = self.resolved(schema["properties"][group])
        return schema

    def listed(self, model: str) -> set[str]:
        """The groups of a filter model in whose place a list of them may stand."""
        return {
            name
            for name, inner in self.models[model]["properties"].items()
            if any(option.get("type") == "array" for option in inner.get("anyOf", ()))
        }

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
def stored(table: str, path: str) -> tuple[Any, ...]:
    """The distinct values that the rows have where a criterion looks, without null."""
    rows = ROWS[table]
    group = path.rpartition(".")[0]
    values: list[Any]
    match table, group or path:
        case "flow_run" | "deployment", "created_by":
            values = [(row["created_by"] or {}).get(path[:-1].rpartition(".")[2]) for row in rows]
        case _, "flow_or_deployment_name":
            values = [row["name"] for name in ("flow", "deployment") for row in AWKWARD[name]]
        case _, "parent_flow_run_id":
            values = [row["flow_run_id"] for row in AWKWARD["task_run"]]
        case _, "tags" | "task_keys":
            values = [tag for row in rows for tag in row[path.split(".")[0]]]
        case _, "block_capabilities":
            values = [one for row in rows for one in row["capabilities"]]
        case "log", "text":
            values = [row[name] for row in rows for name in ("message", "name")]
        case "events", "text":
            values = [row[name] for row in rows for name in ("event", "resource_id")]
        case "events", "resource":
            values = [row["resource_id"] for row in rows]
        case "events", "related" | "any_resource":
            column = "resource_role" if path.endswith("role") else "resource_id"
            values = [row[column] for row in AWKWARD["event_resources"]]
        case _, column:
            values = [row[column.replace(".", "_")] for row in rows]
    return tuple(dict.fromkeys(value for value in values if value is not None))


def texts(table: str, path: str) -> tuple[str, ...]:
    return tuple(value for value in stored(table, path) if isinstance(value, str))


def identities(table: str, path: str) -> tuple[str, ...]:
    return tuple(str(value) for value in stored(table, path) if isinstance(value, UUID | str))


@cache
def times(table: str, path: str) -> tuple[str, ...]:
    """Stored times and their neighbours; of far ones, which PostgreSQL rounds, whole seconds."""
    step = timedelta(microseconds=1)
    around = [time + by for time in stored(table, path) for by in (timedelta(0), step, -step)]
    around = [time for time in around if 1730 <= time.year < 2270 or not time.microsecond]
    return tuple(dict.fromkeys(_iso(time) for time in around))


def _iso(time: datetime) -> str:
    return time.isoformat().replace("+00:00", "Z")


def part(text: str) -> st.SearchStrategy[str]:
    ends = st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))
    return ends.map(lambda pair: text[min(pair) : max(pair)])


def patterns(table: str, path: str) -> st.SearchStrategy[str]:
    """Parts of stored texts, some with wildcards; no backslash, whose meaning is the engine's."""
    plain = [text for text in texts(table, path) if "\\" not in text and text.isascii()]
    some = st.sampled_from(plain).flatmap(part)
    others = ("", "e", "E", "otter", "_", "%", "a_b", "t%r", "%o", "ING%")
    return st.one_of(some, some.map(str.swapcase), st.sampled_from(others))


def searches(table: str, path: str) -> st.SearchStrategy[str]:
    """What people type to search: words, phrases, and signs before them."""
    plain = [text for text in texts(table, path) if text.isascii()]
    word = st.sampled_from(plain).flatmap(part).map(lambda text: text[:30])
    word = st.one_of(word, word.map(str.swapcase), st.sampled_from(("e", "ERROR", "%", "_", "é")))
    quoted = word.map(lambda text: '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"')
    term = st.tuples(
        st.sampled_from(("", "", "", "+", "-", "!")), st.one_of(word, quoted, st.just('"'))
    )
    return st.lists(term.map("".join), max_size=3).map(lambda terms: " ".join(terms)[:200])


ID, ROLE = "prefect.resource.id", "prefect.resource.role"


@cache
def labels() -> dict[str, tuple[str, ...]]:
    """The labels of resources, and the values of each."""
    found: dict[str, list[str]] = {}
    for row in AWKWARD["event_resources"]:
        for label, text in {**row["resource"], ID: row["resource_id"]}.items():
            found.setdefault(label, []).append(text)
        if row["resource_role"]:
            found.setdefault(ROLE, []).append(row["resource_role"])
    return {label: tuple(dict.fromkeys(values)) for label, values in found.items()}


def globs(values: tuple[str, ...]) -> st.SearchStrategy[str]:
    """Patterns of label values: as they are, with something wild in them, and none of these."""

    def wild(text: str) -> st.SearchStrategy[str]:
        piece = st.tuples(part(text), st.sampled_from("*?"))
        return piece.map(lambda pair: text.replace(pair[0], pair[1], 1) if pair[0] else text + "*")

    own = st.sampled_from(values)
    some = st.one_of(own, own, own.map(str.swapcase), own.flatmap(wild), st.sampled_from(("*", "")))
    return st.one_of(some, some, some.map("!".__add__))


@st.composite
def label_filters(draw: Any) -> Json:
    found: Json = {}
    for label in draw(st.lists(st.sampled_from([*labels(), "nowhere"]), max_size=2)):
        of = globs(labels().get(label, ("x",)))
        found[label] = draw(st.one_of(of, st.lists(of, max_size=3)))
    return found


def value(schema: Schema, table: str, path: str, leaf: Json) -> st.SearchStrategy[Json]:
    """A value of a leaf criterion."""
    name = path.rpartition(".")[2]
    match leaf:
        case {"type": "boolean"}:
            return st.booleans()
        case {"type": "integer"}:
            known = [number for number in stored(table, path) if isinstance(number, int)]
            return st.one_of(st.integers(-3, 9), st.sampled_from(known or [0]))
        case {"type": "string", "format": "date-time"}:
            return st.sampled_from(times(table, path))
        case {"type": "string", "maxLength": 200}:
            return searches(table, path)
        case {"type": "string"}:
            return patterns(table, path)
        case {"type": "object"}:
            return label_filters()
        case {"type": "array", "items": items}:
            item = schema.resolved(items)
            of: st.SearchStrategy[Json]
            if "enum" in item:
                of = st.sampled_from(item["enum"])
            elif "prefixItems" in item:
                of = st.sampled_from(_pairs())
            elif item.get("format") == "uuid":
                of = st.sampled_from(identities(table, path))
            elif name in _BEGINNINGS:
                of = patterns(table, path)
            else:
                of = st.sampled_from((*texts(table, path), "etl", ""))
            few = st.lists(of, max_size=2 if name == "all_" else 6)
            many = st.lists(of, min_size=6, max_size=25)
            return few if name == "all_" else st.one_of(few, few, many)
        case _:
            raise AssertionError(leaf)


_BEGINNINGS = ("startswith_", "prefix", "exclude_prefix", "id_prefix")


@cache
def _pairs() -> list[list[str]]:
    """A resource and a role: those of one row, and of two."""
    rows = AWKWARD["event_resources"]
    found = [[row["resource_id"], row["resource_role"]] for row in rows]
    return [*found, *([one[0], other[1]] for one, other in pairwise(found))]


def telling(schema: Schema, table: str, path: str, leaf: Json) -> list[Json]:
    """Values of a leaf criterion that tell the rows apart."""
    name = path.rpartition(".")[2]
    match leaf:
        case {"type": "boolean"}:
            return [True, False]
        case {"type": "integer"}:
            return [0, 5, 40]
        case {"type": "string", "format": "date-time"}:
            ordered = sorted(times(table, path))
            return [ordered[len(ordered) // 3], ordered[-1]]
        case {"type": "string", "maxLength": 200}:
            return ["prefect", "ERROR", "+e -o", 'flow "in state"', "% _", '!"say \\"h"', " "]
        case {"type": "string"}:
            return ["e", "E", "t%r", ""]
        case {"type": "object"}:
            return [
                {"region": "eu-west"}, {"region": ["EU-WEST", "us"]}, {"region": "!eu-west"},
                {"region": "e?-*"}, {ID: "my-app.*"}, {ID: "*%*"}, {ID: []}, {"region": []},
                {ID: "!my-app.orders", "region": "*"}, {"a.b": "dotted"}, {"path": "C:\\new"},
                {"not": "!!eu-west"}, {"nowhere": "*"}, {"nowhere": "!*"}, {ROLE: "tag"},
                {ROLE: ["Tag", "flow"], ID: "prefect.*"}, {"share": "100%"}, {},
            ]  # fmt: skip
        case {"type": "array", "items": items}:
            item = schema.resolved(items)
            if "enum" in item:
                return [item["enum"][:1], item["enum"][3:5], item["enum"], []]
            if "prefixItems" in item:
                return [_pairs()[:3], _pairs()[-3:], []]
            if item.get("format") == "uuid":
                return [list(identities(table, path)[:3]), []]
            if name in _BEGINNINGS:
                return [["D", "hi"], ["q_"], ["prefect.flow-run", "MY"], ["prefect%C"], []]
            some = list(texts(table, path)[:2])
            return [some[:1], some, []]
        case _:
            raise AssertionError(leaf)


# ── bodies ────────────────────────────────────────────────────────────────────────────────────────


def filters(schema: Schema, model: str, without: str = "") -> st.SearchStrategy[Json]:
    """A filter of a model: some of its leaves but one, joined in some way."""
    leaves = {path: leaf for path, leaf in schema.leaves(model).items() if path != without}
    operators = sorted(schema.operators(model))
    lists = schema.listed(model)
    required = schema.required(model)
    nullable = schema.nullable(model)
    table = MODELS[model].table

    @st.composite
    def build(draw: Any) -> Json:
        result: Json = {}
        chosen = st.lists(
            st.sampled_from(sorted(leaves)), max_size=draw(st.sampled_from((1, 3, 5)))
        )
        always = [path for path in required if "." not in path]
        for path in (*always, *draw(chosen)):
            holder = _holder(result, path)
            at = path.rpartition(".")[2]
            if path in required or draw(st.integers(0, 15)):
                holder[at] = draw(value(schema, table, path, leaves[path]))
            elif path in nullable and draw(st.booleans()):
                holder[at] = None
        for group in operators:
            if draw(st.integers(0, 2)) == 0 and (not group or _has(result, group)):
                word = draw(st.sampled_from(("or_", "or_", "and_")))
                _holder(result, f"{group}.operator".lstrip("."))["operator"] = word
        for group in sorted(lists & result.keys()):
            if draw(st.booleans()):
                others = [path for path in leaves if path.startswith(f"{group}.")]
                path = draw(st.sampled_from(others))
                other = {path.rpartition(".")[2]: draw(value(schema, table, path, leaves[path]))}
                result[group] = draw(st.sampled_from(([result[group]], [result[group], other])))
        if "occurred.since" in leaves and draw(st.integers(0, 7)):
            result["occurred"] = {**EVER, **result.get("occurred", {})}
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


def bodies(schema: Schema, path: str, without: str = "") -> st.SearchStrategy[dict[str, Json]]:
    """A body for an endpoint, filters only; those of its own rows may not say one criterion."""
    properties = schema.body(path)
    models: dict[str, str] = {}
    for key, inner in properties.items():
        model = schema.resolved(inner).get("title")
        if model in MODELS:
            models[key] = model
    needed = schema.needed(path)

    @st.composite
    def build(draw: Any) -> dict[str, Json]:
        chosen = st.lists(st.sampled_from(sorted(models)), min_size=1, max_size=3, unique=True)
        keys = dict.fromkeys([*(key for key in models if key in needed), *draw(chosen)])
        return {key: draw(filters(schema, models[key], without)) for key in keys}

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
