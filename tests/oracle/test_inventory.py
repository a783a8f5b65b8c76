"""The catalog against the real server's OpenAPI: whatever is new, gone or changed fails by name.

One line a fact, sorted, from either side: criteria with their types and meanings,
operators, keys, endpoints, sorts and limits. What differs is printed as such.
"""

from __future__ import annotations

import pytest

from flowql.catalog import Endpoints, Entity, Means, Type, entities
from flowql.catalog.filters import Group, Leaf, filter_model
from flowql.frontends.body import ESTIMATES
from tests.oracle.bodies import MODELS, Json, Schema
from tests.oracle.server import PrefectServer

ENTITIES = [entity for entity in entities().values() if entity.endpoints]

LISTS = {Type.TEXT: "string", Type.UUID: "uuid", Type.ENUM: "enum"}

NOT_READ = {
    "/flow_runs/history", "/flow_runs/lateness", "/flow_runs/bulk_delete", "/task_runs/history",
    "/flow_runs/bulk_set_state", "/flows/bulk_delete", "/deployments/bulk_delete",
    "/deployments/get_scheduled_flow_runs",
}  # fmt: skip
"""Endpoints that take filters and answer something else than rows, or write."""


@pytest.fixture(scope="module")
def schema(prefect_sqlite: PrefectServer) -> Schema:
    return Schema(prefect_sqlite.openapi())


def _differences(of_catalog: set[str], of_server: set[str]) -> list[str]:
    new = [f"new in the server: {fact}" for fact in sorted(of_server - of_catalog)]
    return new + [f"only in the catalog: {fact}" for fact in sorted(of_catalog - of_server)]


def test_every_model_is_an_entity_of_the_catalog() -> None:
    assert {entity.model: entity.table for entity in ENTITIES} == MODELS


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: str(entity.name))
def test_criteria(schema: Schema, entity: Entity) -> None:
    leaves = schema.leaves(entity.model)
    of_server = {f"{path}: {_type(schema, leaf)}" for path, leaf in leaves.items()}
    of_catalog = {
        f"{'.'.join(leaf.path)}: {_wanted(leaf)}" for leaf in filter_model(entity).leaves()
    }
    assert _differences(of_catalog, of_server) == []


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: str(entity.name))
def test_operators(schema: Schema, entity: Entity) -> None:
    assert _differences(_operators(filter_model(entity)), schema.operators(entity.model)) == []


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: str(entity.name))
def test_enums(schema: Schema, entity: Entity) -> None:
    for leaf in filter_model(entity).leaves():
        if leaf.field is not None and leaf.field.type is Type.ENUM:
            items = schema.leaves(entity.model)[".".join(leaf.path)]["items"]
            assert set(schema.resolved(items)["enum"]) == set(leaf.field.choices), leaf.path


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: str(entity.name))
def test_endpoints(schema: Schema, prefect_sqlite: PrefectServer, entity: Entity) -> None:
    assert entity.endpoints is not None
    of_catalog: set[str] = set()
    for kind in ("filter", "paginate", "count"):
        if getattr(entity.endpoints, kind):
            path = f"{entity.endpoints.path}/{kind}"
            of_catalog |= _wanted_body(path, kind, entity, entity.endpoints)
    of_server: set[str] = set()
    for path in schema.paths:
        if path.startswith(f"{entity.endpoints.path}/") and _takes_filters(schema, path):
            of_server |= _body(schema, path, prefect_sqlite.version)
    assert _differences(of_catalog, of_server) == []


def test_the_endpoints_that_are_not_read_are_there(schema: Schema) -> None:
    assert set(schema.paths) >= NOT_READ


def test_the_largest_page(prefect_sqlite: PrefectServer) -> None:
    assert prefect_sqlite.post("/flows/filter", {"limit": 200})[0] == 200
    assert prefect_sqlite.post("/flows/filter", {"limit": 201})[0] == 422


# ── what the catalog says ─────────────────────────────────────────────────────────────────────────


def _wanted(leaf: Leaf) -> str:
    match leaf.means:
        case Means.ANY | Means.NOT_ANY:
            assert leaf.field is not None
            return f"list of {LISTS[leaf.field.type]}"
        case Means.ALL_TAGS | Means.ANY_TAG | Means.STARTS_WITH:
            return "list of string"
        case Means.LIKE | Means.EITHER_NAME:
            return "string"
        case Means.AT_MOST | Means.AT_LEAST:
            return "date-time"
        case Means.DEAD:
            return "boolean" if leaf.path[-1] == "is_null_" else "integer"
        case _:
            return "boolean"


def _operators(group: Group) -> set[str]:
    found = {".".join(group.path)} if group.operator else set()
    for part in group.parts.values():
        if isinstance(part, Group):
            found |= _operators(part)
    return found


def _wanted_body(path: str, kind: str, entity: Entity, at: Endpoints) -> set[str]:
    facts = {f"{path}: {key}: {_model_at(entity, chain)}" for key, chain in at.keys.items()}
    if kind == "count":
        return facts
    facts.add(f"{path}: limit: integer")
    page = kind == "paginate"
    facts.add(f"{path}: {'page: integer from 1, default 1' if page else _OFFSET}")
    facts |= {f"{path}: sort: {sort.name}" for sort in at.sorts}
    if at.sorts:
        facts.add(f"{path}: sort: default {entity.default_sort.name}")
    return facts


_OFFSET = "offset: integer from 0, default 0"


def _model_at(entity: Entity, chain: tuple[str, ...]) -> str:
    for step in chain:
        entity = entities()[entity.relation_by_name[step].target]
    return entity.model


# ── what the server says ──────────────────────────────────────────────────────────────────────────


def _type(schema: Schema, leaf: Json) -> str:
    if leaf.get("type") == "array":
        return f"list of {_type(schema, schema.resolved(leaf['items']))}"
    return "enum" if "enum" in leaf else str(leaf.get("format", leaf.get("type")))


def _takes_filters(schema: Schema, path: str) -> bool:
    """Whether an endpoint's body has a filter model; those of one pool's queues are left out."""
    if "post" not in schema.paths[path] or "{" in path or path in NOT_READ:
        return False
    if "requestBody" not in schema.paths[path]["post"]:
        return False
    content = schema.paths[path]["post"]["requestBody"]["content"].get("application/json", {})
    properties = schema.resolved(content.get("schema", {})).get("properties", {})
    return any(schema.resolved(inner).get("title") in MODELS for inner in properties.values())


def _body(schema: Schema, path: str, version: str) -> set[str]:
    facts: set[str] = set()
    for key, written in schema.body(path).items():
        inner = schema.resolved(written)
        if "enum" in inner:
            facts |= {f"{path}: {key}: {name}" for name in inner["enum"] if name not in ESTIMATES}
            facts.add(f"{path}: {key}: default {written['default']}")
        elif inner.get("title") in MODELS:
            facts.add(f"{path}: {key}: {inner['title']}")
        else:
            bounds = f" from {inner['minimum']:.0f}" if "minimum" in inner else ""
            default = f", default {inner['default']}" if "default" in inner else ""
            facts.add(f"{path}: {key}: {inner.get('type')}{bounds}{default}")
    return facts
