"""The kept parse tables are those that Lark makes of the grammar."""

from __future__ import annotations

import subprocess
import sys

from flowql.frontends.keep_tables import written
from flowql.frontends.tables import KEPT, computed, grammar_path


def test_the_kept_tables_are_the_grammars() -> None:
    made = written(computed(grammar_path().read_bytes()))
    assert KEPT.read_text(encoding="utf-8") == made, "run: python -m flowql.frontends.keep_tables"


def test_a_query_needs_no_lark() -> None:
    script = (
        "import sys, flowql; flowql.parse('tags has etl').to_request();"
        "heavy = {'lark', 'sqlglot', 'pydantic', 'httpx', 'rich', 'sqlalchemy'};"
        "sys.exit(', '.join(sorted(heavy & set(sys.modules))) or None)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
