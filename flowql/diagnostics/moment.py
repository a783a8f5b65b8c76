"""Problems of the moment and the time zone that a query is asked in."""

from __future__ import annotations

from dataclasses import dataclass

from flowql.diagnostics.base import Diagnostic


@dataclass(frozen=True, kw_only=True)
class UnknownTimeZone(Diagnostic):
    """The time zone has no entry in the time zone database.

    Example: (`parse(text, timezone="Europe/Berlni")`)
    """

    name: str

    @property
    def message(self) -> str:
        return f"there is no time zone `{self.name}`"

    @property
    def help(self) -> str | None:
        return "names are those of the IANA database, such as Europe/Berlin"


@dataclass(frozen=True, kw_only=True)
class NaiveNow(Diagnostic):
    """The moment of the query has no time zone, so it is no instant.

    Example: (`parse(text, now=datetime(2026, 11, 1))`)
    """

    now: str

    @property
    def message(self) -> str:
        return f"now = {self.now} has no time zone"
