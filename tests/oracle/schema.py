"""The columns of Prefect's tables that FlowQL reads, and what each column holds.

A test compares this page with the databases that a real server migrates, so a column that Prefect
adds shows up as a failure here and not as a row that silently lacks a value.
"""

from __future__ import annotations

from typing import Literal

Kind = Literal["uuid", "text", "enum", "int", "bool", "time", "interval", "json", "plain_json"]
"""`json` is jsonb on PostgreSQL, and Prefect writes None as NULL there; `plain_json` is json, and
Prefect writes None as JSON's null."""


def _columns(**kinds: str) -> dict[str, Kind]:
    """Column name to kind, in the order of the call."""
    columns: dict[str, Kind] = {"id": "uuid", "created": "time", "updated": "time"}
    for kind, names in kinds.items():
        for name in names.split():
            columns[name] = kind  # type: ignore[assignment]
    return columns


_RUN = {
    "enum": "state_type",
    "interval": "total_run_time",
}

COLUMNS: dict[str, dict[str, Kind]] = {
    "flow": _columns(text="name", json="tags labels"),
    "work_pool": _columns(
        text="name description type",
        json="base_job_template storage_configuration",
        bool="is_paused",
        int="concurrency_limit",
        uuid="default_queue_id last_status_event_id",
        enum="status",
        time="last_transitioned_status_at",
    ),
    "work_queue": _columns(
        text="name description",
        json="filter",
        bool="is_paused",
        int="concurrency_limit priority",
        uuid="work_pool_id",
        enum="status",
        time="last_polled",
    ),
    "deployment": _columns(
        text="name version description work_queue_name path entrypoint",
        json="tags labels parameters infra_overrides pull_steps parameter_openapi_schema"
        " concurrency_options created_by updated_by",
        bool="paused enforce_parameter_schema",
        int="concurrency_limit",
        uuid="flow_id work_queue_id concurrency_limit_id infrastructure_document_id"
        " storage_document_id version_id",
        enum="status",
        time="last_polled",
    ),
    "flow_run": _columns(
        **_RUN,
        text="name state_name work_queue_name flow_version deployment_version idempotency_key"
        " infrastructure_pid",
        json="parameters context empirical_policy tags labels created_by job_variables",
        bool="auto_scheduled",
        int="run_count",
        uuid="flow_id deployment_id parent_task_run_id state_id work_queue_id"
        " infrastructure_document_id",
        time="state_timestamp expected_start_time next_scheduled_start_time start_time end_time",
    ),
    "task_run": _columns(
        **_RUN,
        text="name state_name task_key dynamic_key cache_key task_version",
        json="empirical_policy task_inputs tags labels",
        int="run_count flow_run_run_count",
        uuid="flow_run_id state_id",
        time="state_timestamp expected_start_time next_scheduled_start_time start_time end_time"
        " cache_expiration",
    ),
    "artifact": _columns(
        text="key type description", plain_json="data metadata_", uuid="flow_run_id task_run_id"
    ),
    "artifact_collection": _columns(
        text="key type description",
        plain_json="data metadata_",
        uuid="latest_id flow_run_id task_run_id",
    ),
    "log": _columns(
        text="name message", int="level", uuid="flow_run_id task_run_id", time="timestamp"
    ),
    "variable": _columns(text="name", json="value tags"),
    "block_type": _columns(
        text="name slug logo_url documentation_url description code_example", bool="is_protected"
    ),
    "block_schema": _columns(
        text="checksum version", json="fields capabilities", uuid="block_type_id"
    ),
    "block_document": _columns(
        text="name block_type_name",
        json="data",
        bool="is_anonymous",
        uuid="block_type_id block_schema_id",
    ),
    "worker": _columns(
        text="name",
        int="heartbeat_interval_seconds",
        uuid="work_pool_id",
        enum="status",
        time="last_heartbeat_time",
    ),
    "automation": _columns(
        text="name description",
        bool="enabled",
        json="tags trigger actions actions_on_trigger actions_on_resolve",
    ),
    "events": _columns(
        text="event resource_id",
        json="resource related related_resource_ids payload",
        uuid="follows",
        time="occurred received recorded",
    ),
    "event_resources": _columns(
        text="resource_id resource_role", plain_json="resource", uuid="event_id", time="occurred"
    ),
    "flow_run_state": _columns(
        text="name message",
        json="state_details data",
        uuid="flow_run_id result_artifact_id",
        enum="type",
        time="timestamp",
    ),
    "task_run_state": _columns(
        text="name message",
        json="state_details data",
        uuid="task_run_id result_artifact_id",
        enum="type",
        time="timestamp",
    ),
}

TABLES = (
    "flow",
    "flow_run",
    "task_run",
    "deployment",
    "work_pool",
    "work_queue",
    "artifact",
    "artifact_collection",
    "log",
    "variable",
    "block_type",
    "block_schema",
    "block_document",
    "worker",
    "automation",
    "events",
    "event_resources",
)
"""The tables of the entities; the state tables only make the server's answers complete."""
