"""Golden files: queries, each with what one back end makes of it.

A file is a row of pairs, `QUERY ---- RESULT`, divided by lines of `====`. `pytest --update`
writes the results anew; the queries stay. They record spelling: whether it is right is for other
tests to say.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

FOLDER = Path(__file__).parent


def queries(name: str) -> list[str]:
    """The queries of a file."""
    text = (FOLDER / name).read_text(encoding="utf-8")
    return [pair.split("\n----\n")[0].strip("\n") for pair in text.split("\n====\n")]


def check(name: str, result: Callable[[str], str], update: bool) -> None:
    """Fails where the results of a file are no longer what they were."""
    found = "\n====\n".join(f"{query}\n----\n{result(query)}\n" for query in queries(name))
    path = FOLDER / name
    if update:
        path.write_text(found, encoding="utf-8")
    assert found == path.read_text(encoding="utf-8"), (
        "see the difference; `pytest --update` keeps it"
    )
