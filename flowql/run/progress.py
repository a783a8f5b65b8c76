"""How far an answer over several requests has come, for who waits for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowql.run.asking import Asking


@dataclass(frozen=True, slots=True)
class Progress:
    """What an API has answered so far.

    `requests` of about `expected` were answered, and `rows` were taken out of them.
    """

    requests: int
    expected: int
    rows: int


def telling(
    asking: Asking,
    on_answer: Callable[[], None] | None,
    on_progress: Callable[[Progress], None] | None,
) -> Callable[[], None] | None:
    """What is to be called after each answer, so that both are told."""
    if on_progress is None:
        return on_answer
    answered = 0

    def told() -> None:
        nonlocal answered
        answered += 1
        if on_answer is not None:
            on_answer()
        expected = max(asking.requests, asking.expected)
        on_progress(Progress(answered, expected, asking.rows))

    return told
