"""An address taken apart with places, and what the two interfaces share in reading it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from urllib.parse import unquote, unquote_to_bytes

from flowql import typed
from flowql.diagnostics import captured as problems
from flowql.frontends.captured.found import Window
from flowql.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterable
    from zoneinfo import ZoneInfo

    from flowql.diagnostics import Diagnostic

_ADDRESS = re.compile(r"\s*(?:[A-Za-z][\w+.-]*:)?(?://[^/?#\s]*)?([^?#]*)(?:\?([^#]*))?", re.S)

_DATE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d)?)?)?)?"
)
"""A time as JavaScript's standard has it; what browsers read beyond it differs among them."""

_UNITS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400}
UNITS = tuple(_UNITS)


@dataclass(frozen=True, slots=True)
class Given:
    """A parameter of an address; `value` is None where there is no `=`."""

    name: str
    value: str | None
    span: Span


@dataclass(frozen=True, slots=True)
class Address:
    """The parts of the path, and the parameters in their order."""

    parts: tuple[str, ...]
    path: Span
    given: tuple[Given, ...]

    def values(self, name: str) -> list[str | None]:
        """All values of a parameter."""
        return [given.value for given in self.given if given.name == name]

    def span(self, name: str) -> Span:
        """Where a parameter first stands."""
        return next(given.span for given in self.given if given.name == name)

    def safe(self, problems: Iterable[Span | None]) -> list[Span]:
        """What of the address can be shown: not its host, which may hold a password."""
        return [self.path, *(span for span in problems if span)]


def read_address(text: str) -> Address:
    """The address, whatever the text."""
    found = _ADDRESS.match(text)
    assert found is not None
    path = found[1].rstrip()
    parts = tuple(unquote(part) for part in path.split("/") if part)
    span = Span(found.start(1), found.start(1) + len(path))
    given: list[Given] = []
    at = found.start(2)
    for piece in (found[2] or "").rstrip().split("&"):
        if piece:
            name, equals, value = piece.partition("=")
            given.append(
                Given(
                    _decoded(name),
                    _decoded(value) if equals else None,
                    # What an unknown parameter holds may be secret, so only its name is shown.
                    Span(at, at + len(name)),
                )
            )
        at += len(piece) + 1
    return Address(parts, span, tuple(given))


def _decoded(text: str) -> str:
    """As both routers decode: what is no UTF-8 stays as it is written."""
    text = text.replace("+", " ")
    try:
        return unquote_to_bytes(text).decode()
    except ValueError:
        return text


# ── what the browser adds ─────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Browser:
    """The moment and the zone that the page is opened in."""

    now: datetime
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Times:
    """The bounds of a page's times, as it sends them."""

    after: str
    before: str
    window: Window | None = None


@dataclass(slots=True)
class Read:
    """The reading of one address: which parameters were used, and what was found."""

    address: Address
    browser: Browser
    problems: list[Diagnostic] = field(default_factory=list)
    used: set[str] = field(default_factory=set)

    @property
    def address_names(self) -> frozenset[str]:
        """The parameters that are given."""
        return frozenset(given.name for given in self.address.given)

    def ignored(self, name: str, wanted: str) -> None:
        """The page goes on without this value."""
        span = self.address.span(name)
        self.problems.append(problems.IgnoredValue(span=span, name=name, wanted=wanted))

    def wrong(self, name: str, wanted: str) -> None:
        """The page shows an error."""
        span = self.address.span(name)
        self.problems.append(problems.WrongParameter(span=span, name=name, wanted=wanted))

    def remembered(self, limit: int) -> int:
        """The rows of a page where the address does not say."""
        self.problems.append(problems.BrowserSetting(pointer="/limit", limit=limit))
        return limit

    def others(self, known: frozenset[str]) -> None:
        """A word on each parameter that was not used."""
        first = {given.name: given.span for given in reversed(self.address.given)}
        for name, span in sorted(first.items(), key=lambda item: item[1]):
            if name in self.used:
                continue
            if name in known:
                self.problems.append(problems.LeftOutParameter(span=span, name=name))
            else:
                shown = name if len(name) <= 60 else f"{name[:59]}…"
                self.problems.append(
                    problems.UnknownParameter(span=span, name=shown, known=tuple(sorted(known)))
                )

    # ── times ─────────────────────────────────────────────────────────────────

    def span(self, name: str, seconds: int | float, now: datetime) -> Times | None:
        """From now to as many seconds from now, before it where they are negative."""
        try:
            length = timedelta(seconds=abs(seconds))
            other = now + timedelta(seconds=seconds)
            start, end = sorted((now, other))
            times = Times(instant(start), instant(end))
        except (OverflowError, ValueError):
            self.wrong(name, "a time in the years 1 to 9999")
            return None
        if seconds != int(seconds):
            return times
        means = typed.Last(length) if seconds < 0 else typed.Next(length)
        return Times(times.after, times.before, Window(start, end, means))

    def around(self, name: str, middle: datetime, quantity: int | float, unit: str) -> Times | None:
        """As much before a time as after it."""
        try:
            length = timedelta(seconds=abs(quantity) * _UNITS[unit])
            return Times(instant(middle - length), instant(middle + length))
        except (OverflowError, ValueError):
            self.wrong(name, "a time in the years 1 to 9999")
            return None

    def today(self) -> Times:
        """The day of the moment in the browser's zone, to its last millisecond."""
        self._zone()
        day = self.browser.now.astimezone(self.browser.zone).date()
        first, last = (
            datetime.combine(day, at, self.browser.zone).astimezone(UTC)
            for at in (time.min, time(23, 59, 59, 999_000))
        )
        return Times(instant(first), instant(last))

    def date(self, text: str) -> datetime | None:
        """The time that JavaScript reads in a text; None where its standard knows none."""
        found = _DATE.fullmatch(text)
        if found is None:
            return None
        year, month, day, hour, minute, second, fraction, zone = found.groups()
        milliseconds = int(f"{fraction or ''}000"[:3])
        try:
            plain = datetime(
                int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0),
                int(second or 0), milliseconds * 1_000,
            )  # fmt: skip
            if zone in ("Z", None) and (zone or hour is None):
                return plain.replace(tzinfo=UTC)
            if zone is None:
                self._zone()
                return plain.replace(tzinfo=self.browser.zone).astimezone(UTC)
            return datetime.fromisoformat(f"{plain.isoformat()}{zone}").astimezone(UTC)
        except (OverflowError, ValueError):
            return None

    def _zone(self) -> None:
        note = problems.BrowserZone(span=self.address.path, zone=self.browser.zone.key)
        if note not in self.problems:
            self.problems.append(note)


def instant(moment: datetime) -> str:
    """A time as JavaScript writes it."""
    written = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return written.replace("+00:00", "Z")


def without_empty(body: dict[str, object]) -> dict[str, object]:
    """Without the keys that say nothing: None, and objects that hold nothing else."""
    found: dict[str, object] = {}
    for key, value in body.items():
        said = without_empty(value) if isinstance(value, dict) else value
        if said is not None and said != {}:
            found[key] = said
    return found
