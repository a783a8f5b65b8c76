"""Problems of a length of time that is a parameter: `last $since`, `today - $n`."""

from __future__ import annotations

from dataclasses import dataclass

from flowql.diagnostics.base import Diagnostic, listed, nearest

_MEANT = {"past": "last", "previous": "last", "within": "last", "coming": "next"} | {
    word: f"{word} -" for word in ("now", "today")
}


@dataclass(frozen=True, kw_only=True)
class WordsBeforeParameter(Diagnostic):
    """Words stand before a parameter that no length of time follows.

    A parameter stands alone, or is the length of time in `last $n`, `next $n`,
    `now - $n`, `now + $n`, `today - $n` and `today + $n`.

    Example:

        flow_runs where start_time in past $since
    """

    words: str
    known: tuple[str, ...]

    @property
    def message(self) -> str:
        return f"`{self.words}` does not stand before a parameter"

    @property
    def help(self) -> str | None:
        if meant := self.replacement:
            return f"did you mean `{meant}`?"
        return f"a parameter stands alone, or after {listed(f'`{lead}`' for lead in self.known)}"

    @property
    def replacement(self) -> str | None:
        return _MEANT.get(self.words.lower()) or nearest(self.words, self.known)
