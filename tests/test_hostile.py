"""Hostile texts are values like any other: written, stored, asked for and found again."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest

import flowql
from tests.engines import Engine, in_duckdb, in_memory, in_postgres, in_sqlite
from tests.hostile import HOSTILE, REFUSED
from tests.oracle.schema import COLUMNS
from tests.strategies import caseless

FLOWS: list[dict[str, Any]] = [
    dict.fromkeys(COLUMNS["flow"])
    | {"id": UUID(int=number + 1), "name": text, "tags": [text], "labels": {"k": text}}
    for number, text in enumerate(HOSTILE)
]
TABLES = {"flow": FLOWS}


def conditions(text: str) -> list[str]:
    """Conditions that hold the text in quotes and select its flow."""
    quoted = json.dumps(text, ensure_ascii=False)
    found = [f"name = {quoted}", f"tags has all [{quoted}]", f"labels.k in [{quoted}, x]"]
    if caseless(text) == text:
        # Of other letters the answering database decides which are the same.
        found += [f"name contains {quoted}", f"any tag (ends with {quoted})"]
    return found


def ask_for_everything(engine: Engine) -> None:
    for start in range(0, len(FLOWS), 10):
        some = FLOWS[start : start + 10]
        alternatives = (f"({' and '.join(conditions(flow['name']))})" for flow in some)
        query = flowql.parse(f"{' or '.join(alternatives)} sort id")
        assert [UUID(str(ident)) for (ident,) in engine(query)] == [f["id"] for f in some], query


def test_in_memory() -> None:
    ask_for_everything(in_memory(TABLES))


def test_in_sqlite() -> None:
    with in_sqlite(TABLES) as engine:
        ask_for_everything(engine)


def test_in_duckdb() -> None:
    with in_duckdb(TABLES) as engine:
        ask_for_everything(engine)


def test_in_postgres(postgres: str) -> None:
    with in_postgres(postgres, TABLES, "hostile") as engine:
        ask_for_everything(engine)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_text_comes_back(text: str) -> None:
    quoted = json.dumps(text, ensure_ascii=False)
    for condition in conditions(text):
        query = flowql.parse(condition)
        assert flowql.parse(str(query)) == query
        assert flowql.parse(flowql.fmt(condition)) == query
        assert flowql.parse(condition.replace(quoted, "$text"), {"text": text}) == query
        try:
            body = query.to_request().body
        except flowql.FlowQLError:
            continue
        # Everything contains the empty text, so a request need not say it.
        assert _holds(json.loads(json.dumps(body)), text) or not text


def _holds(body: Any, text: str) -> bool:
    """Whether some value of a body is the text."""
    if isinstance(body, dict):
        return any(_holds(value, text) for value in body.values())
    if isinstance(body, list):
        return any(_holds(value, text) for value in body)
    return bool(body == text)


@pytest.mark.parametrize("text", REFUSED, ids=range(len(REFUSED)))
def test_what_no_database_keeps_is_refused(text: str) -> None:
    for query in (f"name = {json.dumps(text)}", f'name contains "{text}"'):
        codes = [problem.code for problem in flowql.check(query)]
        assert "unsafe-character" in codes
    assert [problem.code for problem in flowql.check("name = $text", {"text": text})] == [
        "unsafe-character"
    ]
