"""Writes `tables.json`: `python -m flowql.frontends.keep_tables`, after a change of the grammar."""

from __future__ import annotations

import json
from typing import Any

from flowql.frontends.tables import KEPT, computed, grammar_path


def written(made: dict[str, Any]) -> str:
    """The tables as JSON with a line for each rule, state and pattern."""
    entries = []
    for key, value in made.items():
        shown = _compact(value)
        if isinstance(value, list):
            shown = "[\n" + ",\n".join(map(_compact, value)) + "\n]"
        entries.append(f"{_compact(key)}: {shown}")
    return "{\n" + ",\n".join(entries) + "\n}\n"


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


if __name__ == "__main__":
    KEPT.write_text(written(computed(grammar_path().read_bytes())), encoding="utf-8")
