"""Filter models of Prefect's client or server to the body that the client sends.

Knows the models by the names that the catalog has for them and asks them for JSON; Prefect
itself is never imported. As the client does, it sends the filters of some keys whole, with
the defaults that nobody has set, and of others only what was set.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from flowql.catalog import Gives, endpoints, entities
from flowql.diagnostics import FlowQLError
from flowql.diagnostics import captured as problems

if TYPE_CHECKING:
    from flowql.catalog import Endpoint, Entity
    from flowql.diagnostics import Diagnostic

_ONLY_SET = frozenset({"flow_runs"})
"""Filters of which the client sends what was set, in any request."""

_ONLY_SET_FOR = frozenset({"artifacts", "latest_artifacts", "work_queues", "workers"})
"""Entities for whose requests the client does so with every filter."""


def request(filters: tuple[object, ...], target: str | None) -> tuple[str, dict[str, Any]]:
    """Path and body of the request that the client makes with these filters.

    Raises `FlowQLError` where a filter is none, or the request takes no such filter.
    """
    found = [_entity(each) for each in filters]
    entity, endpoint, path = _target(found, target)
    keys = _keys(entity, endpoint)
    body: dict[str, Any] = {}
    wrong: list[Diagnostic] = []
    for each, own in zip(filters, found, strict=True):
        name = type(each).__name__
        key = keys.get(own.name)
        if key is None:
            taken = tuple(entities()[name].model for name in keys)
            wrong.append(problems.FilterNotTaken(given=name, target=entity.name, taken=taken))
        elif key in body:
            wrong.append(problems.RepeatedFilter(given=name))
        else:
            only_set = own.name in _ONLY_SET or entity.name in _ONLY_SET_FOR
            body[key] = _dumped(each, only_set)
    if wrong:
        raise FlowQLError(wrong)
    return path, body


def _models() -> Mapping[str, Entity]:
    """The entities by their filter model; of two with one model the first."""
    found: dict[str, Entity] = {}
    for entity in entities().values():
        if entity.model and endpoints.endpoints(entity):
            found.setdefault(entity.model, entity)
    return found


def _entity(given: object) -> Entity:
    models = _models()
    name = type(given).__name__
    if name not in models or not callable(getattr(given, "model_dump", None)):
        known = tuple(sorted(models))
        raise FlowQLError([problems.UnknownFilter(given=name[:80], known=known)])
    return models[name]


def _target(found: list[Entity], target: str | None) -> tuple[Entity, Endpoint, str]:
    """The entity that is asked for, and the endpoint with its path."""
    if target is not None and target.startswith("/"):
        path = endpoints.plain(target)
        if at := endpoints.find(path):
            return at[0], at[1], path
    if target is None and len(found) != 1:
        raise FlowQLError([problems.SeveralFilters(given=tuple(each.model for each in found))])
    askable = {entity.name: entity for entity in entities().values() if _endpoint(entity)}
    wanted = found[0].name if target is None else target
    entity = askable.get(wanted)
    endpoint = _endpoint(entity) if entity else None
    if entity is None or endpoint is None:
        raise FlowQLError([problems.NoSuchTarget(target=wanted[:80], known=tuple(askable))])
    return entity, endpoint, endpoint.path


def _endpoint(entity: Entity) -> Endpoint | None:
    """Where rows of an entity are asked for, if nothing but the entity need be named."""
    return next(
        (at for at in endpoints.endpoints(entity) if at.gives is Gives.ROWS and not at.holes), None
    )


def _keys(entity: Entity, endpoint: Endpoint) -> dict[str, str]:
    """The key of each entity's filter in the bodies of an endpoint."""
    keys: dict[str, str] = {}
    for key, chain in endpoint.keys.items():
        at = entity
        for step in chain:
            at = entities()[at.relation_by_name[step].target]
        keys[at.name] = key
    return keys


def _dumped(given: object, only_set: bool) -> Any:
    dump: Callable[..., Any] = given.model_dump  # type: ignore[attr-defined]
    return dump(mode="json", exclude_unset=only_set)
