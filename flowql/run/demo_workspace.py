"""What stands beside the demo's runs: variables, automations, blocks and workers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flowql.run.demo_values import Json, Row, Rows, ident, new_row

# Each worker with its pool and how long ago it was last heard of.
WORKERS: tuple[tuple[str, str, timedelta], ...] = (
    ("k8s-1", "k8s", timedelta(hours=9, minutes=41)),
    ("k8s-2", "k8s", timedelta(seconds=12)),
    ("k8s-3", "k8s", timedelta(seconds=27)),
    ("gpu-1", "gpu", timedelta(days=2)),
    ("laptop-anna", "local", timedelta(seconds=12)),
    ("laptop-ben", "local", timedelta(days=5, hours=3)),
)

# Each variable with its value and its tags.
VARIABLES: tuple[tuple[str, Any, tuple[str, ...]], ...] = (
    ("environment", "production", ("config",)),
    ("orders_batch_size", 5000, ("config", "etl")),
    ("churn_threshold", 0.35, ("config", "ml")),
    ("regions", ["eu", "us"], ("config", "etl")),
    ("maintenance", False, ("ops",)),
    ("alert_channel", "#data-alerts", ("ops", "team:data")),
    ("warehouse", {"schema": "analytics", "threads": 8}, ("config", "team:data")),
    ("last_full_refresh", "2026-02-01", ("etl",)),
    ("freeze_until", None, ("ops",)),
)


@dataclass(frozen=True, slots=True)
class BlockType:
    name: str
    slug: str
    description: str
    capabilities: tuple[str, ...]
    fields: tuple[str, ...]
    secrets: tuple[str, ...] = ()
    version: str = "3.8.8"


BLOCK_TYPES: tuple[BlockType, ...] = (
    BlockType("Secret", "secret", "A value that is not shown.", (), ("value",), ("value",)),
    BlockType("Slack Webhook", "slack-webhook", "Sends to Slack.", ("notify",), ("url",), ("url",)),
    BlockType(
        "S3 Bucket",
        "s3-bucket",
        "Keeps files on S3.",
        ("get-directory", "put-directory", "read-path", "write-path"),
        ("bucket_name", "bucket_folder"),
        version="0.5.1",
    ),
    BlockType("JSON", "json", "Any JSON.", (), ("value",), version="non-versioned"),
)

# Each document with its type and what it holds, encrypted with a key that nobody has.
DOCUMENTS: tuple[tuple[str, str, str], ...] = (
    (
        "data-alerts",
        "slack-webhook",
        "gAAAAABrBKKnxigE_FcgRPbAA4tsem7OEWBnABvCEd5mGVypkKFcQW0x9LsEwaB6RcJImOHuDyJryptoJVsyd-P9ZJPS"
        "V3z393yzZ-oX0Y2rLOFyaxSDcWt4rYLSiiS2aCInEYSf7UCxXhFWJPY1n3Gr5BWywuKoeQ==",
    ),
    (
        "warehouse-password",
        "secret",
        "gAAAAABrBKKnPqJ0rqCd4y6DaPtVNqjDm5eIAARRPkRF38KsE9K25jlzQEFLoH14JKVE_Fs0Xh4uP8p4ZvYJ_9It_f-W"
        "PxpkwBxbT9__TbY_RrvWt20AW0k=",
    ),
    (
        "crm-token",
        "secret",
        "gAAAAABrBKKndfk6w7OKtNc3vU7Uki0hWfwUfGFlozTBUYiZK20xxUX5s_Dt-fClwShJAORUlY8x-SEQUeX4XtEzwy1Z"
        "LrAdXnWDTP5JgDEgimrLi5EH6ck=",
    ),
    (
        "archive",
        "s3-bucket",
        "gAAAAABrBKKnuLrHxRdvSt84kGuYzpQxYo47U-CLlSMbpr-xkO_VvOYVUlUho-gglbSsGU5hZjCFstWrIY7rPMvMEo4g"
        "rBkrSvybeqExpOaRLjv2T841DIyBhT47FZmM9BeR-IEkxwyysXVppLFCYT9PtbT45-u6_A==",
    ),
    (
        "anonymous-7b1c2f5e",
        "json",
        "gAAAAABrBKKnWN0xVKArazctGTL4byhmDu7oVEOBRJIwztNnEUrhQ_8159Zd2sehKIvH4VRbONM_ebIzOoUNHHVvS9Ne"
        "NXgNJIx2uv_bWFfI4gZELfT3rgAwTVx3i0r2c7a9cH2uDg5iIVBX0X_Qd4HpNLBceXoLGw==",
    ),
)


@dataclass(frozen=True, slots=True)
class Automation:
    """When one of these events is seen, or is not seen within a time, something is done."""

    name: str
    description: str
    expect: tuple[str, ...]
    action: dict[str, Any]
    tags: tuple[str, ...] = ()
    enabled: bool = True
    flows: tuple[str, ...] = ()
    missed_for: timedelta | None = None


_NOTIFY: dict[str, Any] = {
    "type": "send-notification",
    "block_document_id": str(ident("block_document", "data-alerts")),
    "subject": "Prefect automated notification",
    "body": "{{ flow_run.name }} is {{ flow_run.state.name }}",
}

AUTOMATIONS: tuple[Automation, ...] = (
    Automation(
        "notify-on-failure",
        "Tells the channel of the data team.",
        ("prefect.flow-run.Failed", "prefect.flow-run.Crashed"),
        _NOTIFY,
        ("alerts", "team:data"),
    ),
    Automation(
        "orders-are-missing",
        "Nothing was ingested for a day.",
        ("prefect.flow-run.Completed",),
        _NOTIFY,
        ("alerts", "orders"),
        flows=("ingest-orders",),
        missed_for=timedelta(days=1),
    ),
    Automation(
        "cancel-suspended",
        "",
        ("prefect.flow-run.Suspended",),
        {"type": "cancel-flow-run"},
        ("ops",),
    ),
    Automation(
        "refresh-after-dbt",
        "Dashboards are refreshed once the models are built.",
        ("prefect.flow-run.Completed",),
        {
            "type": "run-deployment",
            "source": "selected",
            "deployment_id": str(ident("deployment", "refresh-dashboards", "on-demand")),
            "parameters": None,
            "job_variables": None,
            "schedule_after": 0.0,
        },
        ("reporting",),
        enabled=False,
        flows=("dbt-nightly",),
    ),
)


def demo_workspace(founded: datetime, anchor: datetime) -> Rows:
    """Table name to rows."""
    return {
        "variable": list(_variables(founded)),
        "automation": list(_automations(founded)),
        "block_type": list(_block_types(founded)),
        "block_schema": list(_block_schemas(founded)),
        "block_document": list(_block_documents(founded)),
        "worker": list(_workers(founded, anchor)),
    }


def _variables(founded: datetime) -> Iterator[Row]:
    for number, (name, value, tags) in enumerate(VARIABLES):
        made = founded + timedelta(days=20 + 3 * number, hours=number)
        changed = made + timedelta(days=30 * (number % 4))
        # Prefect has SQL's NULL for a variable without value.
        stored = None if value is None else Json(value)
        yield new_row(
            ident("variable", name), made, changed, name=name, value=stored, tags=list(tags)
        )


def _automations(founded: datetime) -> Iterator[Row]:
    for number, automation in enumerate(AUTOMATIONS):
        made = founded + timedelta(days=90 + 11 * number)
        flows = [f"prefect.flow.{ident('flow', name)}" for name in automation.flows]
        missed = automation.missed_for
        yield new_row(
            ident("automation", automation.name),
            made,
            name=automation.name,
            description=automation.description,
            enabled=automation.enabled,
            tags=list(automation.tags),
            trigger={
                "type": "event",
                "id": str(ident("trigger", automation.name)),
                "match": {"prefect.resource.id": "prefect.flow-run.*"},
                "match_related": {"prefect.resource.id": flows, "prefect.resource.role": "flow"}
                if flows
                else {},
                "after": [],
                "expect": list(automation.expect),
                "for_each": ["prefect.resource.id"],
                "posture": "Reactive" if missed is None else "Proactive",
                "threshold": 1,
                "within": 0.0 if missed is None else missed.total_seconds(),
            },
            actions=[automation.action],
            actions_on_trigger=[],
            actions_on_resolve=[],
        )


def _block_types(founded: datetime) -> Iterator[Row]:
    for kind in BLOCK_TYPES:
        yield new_row(
            ident("block_type", kind.slug),
            founded,
            name=kind.name,
            slug=kind.slug,
            logo_url=None,
            documentation_url="https://docs.prefect.io/v3/concepts/blocks",
            description=kind.description,
            code_example=None,
            is_protected=kind.slug in {"secret", "json"},
        )


def _block_schemas(founded: datetime) -> Iterator[Row]:
    for number, kind in enumerate(BLOCK_TYPES):
        yield new_row(
            ident("block_schema", kind.slug),
            # The server has them in the order of their making.
            founded + timedelta(seconds=number),
            checksum=f"sha256:{hashlib.sha256(repr(kind).encode()).hexdigest()}",
            version=kind.version,
            fields={
                "title": kind.name,
                "type": "object",
                "properties": {field: {"title": field, "type": "string"} for field in kind.fields},
                "required": list(kind.fields),
                "secret_fields": list(kind.secrets),
                "block_type_slug": kind.slug,
                "block_schema_references": {},
            },
            capabilities=list(kind.capabilities),
            block_type_id=ident("block_type", kind.slug),
        )


def _block_documents(founded: datetime) -> Iterator[Row]:
    names = {kind.slug: kind.name for kind in BLOCK_TYPES}
    for number, (name, slug, data) in enumerate(DOCUMENTS):
        made = founded + timedelta(days=10 + 9 * number)
        yield new_row(
            ident("block_document", name),
            made,
            name=name,
            data=Json(data),
            is_anonymous=name.startswith("anonymous-"),
            block_type_name=names[slug],
            block_type_id=ident("block_type", slug),
            block_schema_id=ident("block_schema", slug),
        )


def _workers(founded: datetime, anchor: datetime) -> Iterator[Row]:
    for number, (name, pool, silence) in enumerate(WORKERS):
        heard = anchor - silence
        yield new_row(
            ident("worker", name),
            founded + timedelta(days=200 + number),
            heard,
            name=name,
            work_pool_id=ident("work_pool", pool),
            last_heartbeat_time=heard,
            heartbeat_interval_seconds=30,
            status="ONLINE" if silence < timedelta(minutes=2) else "OFFLINE",
        )
