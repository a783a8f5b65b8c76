"""Every limit of the compiler in one place, with what it guards.

Passing a limit is a coded problem (`too-long`, `too-deep`, `too-many-values`,
`too-much-expansion`), never an exception from deep inside.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what one query may ask of the compiler.

    `length`: code points of a text. `depth`: nested `not`s, quantifiers and
    and/or changes; every pass recurses at most twice a level, so 200 levels
    stay far from Python's recursion limit. `values`: elements of one list.
    `expansion`: conditions after the disjunctions that mix paths have been
    distributed (see `resolve/scopes.py`).
    """

    length: int = 16_000_000
    depth: int = 200
    values: int = 1_000_000
    expansion: int = 1_024


DEFAULT = Limits()

PAGE_SIZE = 200
"""Rows of a page without `limit`: Prefect's PREFECT_SERVER_API_DEFAULT_LIMIT."""

MAX_REQUESTS = 100
MAX_ROWS = 20_000
"""What the answer of an API may take unless more is allowed, and how many rows it may fetch."""

EXACT_YEARS = range(1730, 2270)
"""Years of which a request says microseconds; of others PostgreSQL's driver rounds them."""
