"""The catalog against the real server's OpenAPI: whatever is new, gone or changed fails by name.

One line a fact, sorted, from either side: criteria with their types and meanings,
operators, required and nullable parts, and of each endpoint its keys, arguments, sorts and
limits. What differs is printed as such. What the schema does not tell, such as limits that
are settings, is asked of the server.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import pytest

from flowql.catalog import Argument, Endpoint, Entity, Gives, Means, Type, entities
from flowql.catalog.endpoints import endpoints, known
from flowql.catalog.filters import Group, Leaf, filter_model
from flowql.frontends.body import ESTIMATES
from tests.oracle.bodies import MODELS, ROWS, Json, Schema
from tests.oracle.schema import COLUMNS
from tests.oracle.server import PrefectServer

ENTITIES = [entity for entity in entities().values() if entity.endpoints]
ENDPOINTS = list(known().values())

LISTS = {Type.TEXT: "string", Type.UUID: "uuid", Type.ENUM: "enum"}

ARGUMENTS = {
    Type.TIME: "date-time", Type.DURATION: "time-delta", Type.BOOLEAN: "boolean",
    Type.INTEGER: "number", Type.JSON: "object",
}  # fmt: skip

KINDS: dict[Type, set[str]] = {
    Type.TEXT: {"text"}, Type.ENUM: {"enum"}, Type.UUID: {"uuid"}, Type.INTEGER: {"int"},
    Type.TIME: {"time"}, Type.DURATION: {"interval"}, Type.BOOLEAN: {"bool"},
    Type.TAGS: {"json"}, Type.JSON: {"json"},
}  # fmt: skip
"""What the columns of a field may hold; those with keys are JSON whatever the field is."""


@pytest.fixture(scope="module")
def schema(prefect_sqlite: PrefectServer) -> Schema:
    return Schema(prefect_sqlite.openapi())


def _differences(of_catalog: set[str], of_server: set[str]) -> list[str]:
    new = [f"new in the server: {fact}" for fact in sorted(of_server - of_catalog)]
    return new + [f"only in the catalog: {fact}" for fact in sorted(of_catalog - of_server)]


# ── models ────────────────────────────────────────────────────────────────────────────────────────


def test_every_model_is_an_entity_of_the_catalog(schema: Schema) -> None:
    told = {
        entity.model: (entity.table or entity.name, path_of(endpoints(entity)[0]))
        for entity in ENTITIES
    }
    assert told == {name: (model.table, model.path) for name, model in MODELS.items()}
    used = {model for path in schema.paths for model in _models(schema, path).values()}
    assert used == set(MODELS)


def test_the_criteria_are_counted() -> None:
    """148 in the server, of which three are dead."""
    leaves = [leaf for entity in ENTITIES for leaf in filter_model(entity).leaves()]
    live = [leaf for leaf in leaves if leaf.means is not Means.DEAD]
    assert (len(leaves), len(live)) == (148, 145)


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: str(entity.name))
def test_criteria(schema: Schema, entity: Entity) -> None:
    required, nullable = schema.required(entity.model), schema.nullable(entity.model)
    of_server = {
        f"{path}: {_type(schema, leaf)}{_marked(path in required, path in nullable)}"
        for path, leaf in schema.leaves(entity.model).items()
    }
    of_catalog = set()
    for leaf in filter_model(entity).leaves():
        always = leaf.required or leaf.means in _NEVER_NULL
        marks = _marked(leaf.required, not always)
        of_catalog.add(f"{'.'.join(leaf.path)}: {_wanted(leaf)}{marks}")
    assert _differences(of_catalog, of_server) == []


_NEVER_NULL = (Means.SINCE, Means.UNTIL, Means.DISTINCT)


def _marked(required: bool, nullable: bool) -> str:
    return f"{', required' if required else ''}{', or null' if nullable else ''}"


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: str(entity.name))
def test_operators(schema: Schema, entity: Entity) -> None:
    assert _differences(_operators(filter_model(entity)), schema.operators(entity.model)) == []


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: str(entity.name))
def test_groups(schema: Schema, entity: Entity) -> None:
    """Where null, a list of groups, or a key that nobody knows may stand."""
    model = schema.models[entity.model]
    properties = {name: inner for name, inner in model["properties"].items() if name != "order"}
    null = {"type": "null"}
    groups = {
        name for name in properties if isinstance(filter_model(entity).parts.get(name), Group)
    }
    assert entity.never_null == {
        name for name in groups if null not in properties[name].get("anyOf", ())
    }
    listed = {
        name
        for name in groups
        if any(leaf.means is Means.RESOURCE for leaf in _group(entity, name).leaves())
    }
    assert listed == schema.listed(entity.model)
    assert entity.takes_unknown == (model.get("additionalProperties") is not False)


def _group(entity: Entity, name: str) -> Group:
    part = filter_model(entity).parts[name]
    assert isinstance(part, Group)
    return part


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: str(entity.name))
def test_enums(schema: Schema, entity: Entity) -> None:
    for leaf in filter_model(entity).leaves():
        if leaf.field is not None and leaf.field.type is Type.ENUM:
            items = schema.leaves(entity.model)[".".join(leaf.path)]["items"]
            assert set(schema.resolved(items)["enum"]) == set(leaf.field.choices), leaf.path


@pytest.mark.parametrize(
    "entity", [one for one in entities().values() if one.table], ids=lambda entity: str(entity.name)
)
def test_columns(entity: Entity) -> None:
    """Every field's column is there and holds its type, be it `json` or `jsonb` on PostgreSQL."""
    columns = COLUMNS[entity.table]
    for field in entity.fields:
        names = (field.coalesce, *(field.difference or ()), *field.joined)
        assert {name for name in names if name} <= columns.keys(), field.name
        if field.column:
            kinds = {"json"} if field.keys else KINDS[field.type]
            assert columns[field.column] in ({"plain_json"} if field.plain_json else kinds)


# ── endpoints ─────────────────────────────────────────────────────────────────────────────────────


def path_of(at: Endpoint) -> str:
    """The path as the server writes it."""
    path = at.path.replace("{work_pool.name}", "{work_pool_name}")
    return re.sub("count-by/.*", "count-by/{countable}", path)


def test_every_endpoint_is_known(schema: Schema) -> None:
    of_server = {path for path in schema.paths if _models(schema, path)}
    of_catalog = {path_of(at) for _, at in ENDPOINTS}
    assert _differences(of_catalog, of_server) == []
    assert len(of_catalog) == 43
    # One of them has several names within.
    countable = schema.models["Countable"]["enum"]
    named = {at.path.rpartition("/")[2] for _, at in ENDPOINTS if "count-by" in at.path}
    assert named == set(countable)


@pytest.mark.parametrize(("entity", "at"), ENDPOINTS, ids=lambda one: str(getattr(one, "path", "")))
def test_bodies(schema: Schema, entity: Entity, at: Endpoint) -> None:
    path = path_of(at)
    body = schema.body(path)
    of_server = _body(schema, path, body)
    of_catalog = {f"{key}: {_model_at(entity, chain)}" for key, chain in at.keys.items()}
    of_catalog |= {f"sort: {sort.name}" for sort in at.sorts}
    if at.sorts:
        of_catalog.add(f"sort: default {(at.default_sort or entity.default_sort).name}")
    of_catalog |= {_argument(argument) for argument in at.arguments}
    bounded = "maximum" in body.get("limit", ())
    if "limit" in at.pages:
        # The schema says no bounds where they are a setting.
        least = f" from {at.least}" if "minimum" in body["limit"] else ""
        bounds = f"{least} to {at.most}, default {at.size}" if bounded else ""
        of_catalog.add(f"limit: integer{bounds}")
    of_catalog |= {_PAGES[key] for key in at.pages if key in _PAGES}
    assert _differences(of_catalog, of_server) == []
    needed = {argument.name for argument in at.arguments if argument.required}
    needed |= {path.split(".")[0] for path in at.required}
    assert schema.needed(path) - at.keys.keys() == needed - at.keys.keys()


_PAGES = {
    "offset": "offset: integer from 0, default 0",
    "page": "page: integer from 1, default 1",
}


READING = [(entity, at) for entity, at in ENDPOINTS if at.gives is not Gives.CHANGES]


@pytest.mark.parametrize(("entity", "at"), READING, ids=lambda one: str(getattr(one, "path", "")))
def test_bounds_and_wants(prefect_sqlite: PrefectServer, entity: Entity, at: Endpoint) -> None:
    """Limits that are settings, and what is wanted of a body, as the server itself tells it.

    What changes rows is never sent; the schema tells its bounds.
    """
    path = at.path.replace("{work_pool.name}", quote(ROWS["work_pool"][0]["name"], safe=""))
    body = least_body(at)

    def status(**more: Json) -> int:
        return prefect_sqlite.post(path, {**body, **_FEW.get(path, {}), **more})[0]

    assert status() == 200
    for name in body:
        less = {key: value for key, value in body.items() if key != name}
        assert prefect_sqlite.post(path, less)[0] == 422, name
    if "limit" in at.pages:
        assert (status(limit=at.most), status(limit=at.most + 1)) == (200, 422)
        assert status(limit=at.least) == 200
        if path in _FEW:
            return
        assert status(limit=at.least - 1) == 422
        _, answer = prefect_sqlite.post(path, body)
        rows = answer if isinstance(answer, list) else answer.get("results", answer.get("events"))
        stored = ROWS[entity.table or entity.name]
        assert at.holes or len(rows) == min(len(stored), at.size) or entity.absent
    for argument in at.arguments:
        if argument.least is not None:
            assert status(**{argument.name: argument.least / 2}) == 422


_FEW: dict[str, Json] = {
    "/flow_runs/history": {"flow_runs": {"id": {"any_": []}}},
    "/task_runs/history": {"task_runs": {"id": {"any_": []}}},
    "/ui/flow_runs/history": {"flow_runs": {"id": {"any_": []}}},
    "/ui/task_runs/dashboard/counts": {
        "task_runs": {"id": {"any_": []}, "start_time": {"after_": "2026-04-01T00:00:00Z"}}
    },
}
"""Over some of the awkward rows the server fails to make figures."""


def _counts(at: Endpoint) -> bool:
    return "count-by" in at.path


def least_body(at: Endpoint) -> dict[str, Json]:
    """A body with no more than the endpoint wants."""
    given: dict[str, Any] = {
        "history_start": "2026-04-01T00:00:00Z",
        "history_end": "2026-04-15T00:00:00Z",
        "history_interval_seconds": 86400,
    }
    body = {one.name: given[one.name] for one in at.arguments if one.required}
    for path in at.required:
        inner: Json = "2026-04-01T00:00:00Z"
        for key in reversed(path.split(".")[1:]):
            inner = {key: inner}
        body[path.split(".")[0]] = inner
    if _counts(at):
        body["filter"] = {}
    return body


# ── what the catalog says ─────────────────────────────────────────────────────────────────────────


def _wanted(leaf: Leaf) -> str:
    match leaf.means:
        case Means.ANY | Means.NOT_ANY | Means.ANY_IF_SOME:
            assert leaf.field is not None
            return f"list of {LISTS[leaf.field.type]}"
        case (
            Means.ALL_TAGS | Means.ALL_TAGS_IF_SOME | Means.ANY_TAG | Means.ANY_TAG_IF_SOME
            | Means.STARTS_WITH | Means.PREFIX | Means.NOT_PREFIX
        ):  # fmt: skip
            return "list of string"
        case Means.LIKE | Means.EITHER_NAME:
            return "string"
        case Means.SEARCH:
            return "string to 200"
        case Means.AT_MOST | Means.AT_LEAST | Means.SINCE | Means.UNTIL:
            whole = leaf.field is not None and leaf.field.type is Type.INTEGER
            return "integer" if whole else "date-time"
        case Means.LABELS:
            return "labels"
        case Means.RESOURCE:
            return _OF_RESOURCES[leaf.path[-1]]
        case Means.DEAD:
            return "boolean" if leaf.path[-1] == "is_null_" else "integer"
        case _:
            return "boolean"


_OF_RESOURCES = {
    "id": "list of string", "id_prefix": "list of string", "role": "list of string",
    "resources_in_roles": "list of pairs of string", "labels": "labels",
}  # fmt: skip


def _operators(group: Group) -> set[str]:
    found = {".".join(group.path)} if group.operator else set()
    for part in group.parts.values():
        if isinstance(part, Group):
            found |= _operators(part)
    return found


def _model_at(entity: Entity, chain: tuple[str, ...]) -> str:
    for step in chain:
        entity = entities()[entity.relation_by_name[step].target]
    return entity.model


def _argument(argument: Argument) -> str:
    if argument.choices:
        return f"{argument.name}: one of {sorted(argument.choices)}"
    least = f" from {argument.least}" if argument.least is not None else ""
    return f"{argument.name}: {ARGUMENTS[argument.type]}{least}"


# ── what the server says ──────────────────────────────────────────────────────────────────────────


def _type(schema: Schema, leaf: Json) -> str:
    match leaf:
        case {"type": "array", "items": items}:
            item = schema.resolved(items)
            if "prefixItems" in item:
                kinds = {_type(schema, one) for one in item["prefixItems"]}
                return f"list of pairs of {' '.join(kinds)}"
            return f"list of {_type(schema, item)}"
        case {"type": "object", "additionalProperties": {"anyOf": [text, texts]}}:
            assert (_type(schema, text), _type(schema, texts)) == ("string", "list of string")
            return "labels"
        case {"maxLength": length}:
            return f"{leaf['type']} to {length}"
        case _:
            return "enum" if "enum" in leaf else str(leaf.get("format", leaf.get("type")))


def _models(schema: Schema, path: str) -> dict[str, str]:
    """The keys of an endpoint's body that are filter models."""
    asked = schema.paths[path].get("post", {})
    content = asked.get("requestBody", {}).get("content", {}).get("application/json", {})
    properties = schema.resolved(content.get("schema", {})).get("properties", {})
    titles = {key: str(schema.resolved(inner).get("title")) for key, inner in properties.items()}
    return {key: title for key, title in titles.items() if title in MODELS}


def _body(schema: Schema, path: str, body: dict[str, Json]) -> set[str]:
    facts: set[str] = set()
    for key, written in body.items():
        inner = schema.resolved(written)
        if key == "sort":
            facts |= _sorts(inner, written)
        elif inner.get("title") in MODELS:
            facts.add(f"{key}: {inner['title']}")
            if path.endswith("/filter") and "order" in inner["properties"]:
                order = inner["properties"]["order"]
                facts |= _sorts(schema.resolved(order), order)
        elif "enum" in inner:
            facts.add(f"{key}: one of {sorted(inner['enum'])}")
        else:
            of = inner.get("format", inner.get("type"))
            least = f" from {inner['minimum']:g}" if "minimum" in inner else ""
            most = f" to {inner['maximum']:g}" if "maximum" in inner else ""
            paged = key in ("limit", "offset", "page") and "default" in inner
            default = f", default {inner['default']}" if paged else ""
            facts.add(f"{key}: {of}{least}{most}{default}")
    return facts


def _sorts(inner: Json, written: Json) -> set[str]:
    names = {f"sort: {name}" for name in inner["enum"] if name not in ESTIMATES}
    return {*names, f"sort: default {written['default']}"}
