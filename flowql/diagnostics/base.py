"""What a problem is: a code, its facts, a message, help, and where it stands.

One class a problem. The class's docstring is its page of help; the `Example:`
block in it is a query that shows the problem, run by the tests. Messages state
facts. Nothing here knows how a problem is drawn (see `render`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, ClassVar, Literal

from flowql.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterable

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, kw_only=True)
class Diagnostic:
    """A problem, warning or note about a query, a body or a value.

    `span` is the place in a text, `pointer` the JSON pointer of the place in a
    body or of a row (`/flow_runs/state/type`); either may be missing.
    """

    code: ClassVar[str]
    severity: ClassVar[Severity] = "error"

    span: Span | None = None
    pointer: str | None = None

    def __init_subclass__(cls) -> None:
        cls.code = re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()

    @property
    def message(self) -> str:
        """What is the case, in one sentence."""
        raise NotImplementedError(type(self).__name__)

    @property
    def help(self) -> str | None:
        """What can be done, where something can."""
        return None

    @property
    def replacement(self) -> str | None:
        """The text that would mend the span, where there is one."""
        return None

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class FlowQLError(Exception):
    """One or more problems. `diagnostics` has them all, in the order of the text."""

    def __init__(self, diagnostics: Iterable[Diagnostic], source: Source | None = None) -> None:
        self.diagnostics: list[Diagnostic] = list(diagnostics)
        self.source = source
        super().__init__(self.diagnostics)

    def __str__(self) -> str:
        from flowql.diagnostics.render import render

        return render(self.diagnostics, self.source)

    def __reduce__(self) -> tuple[type[FlowQLError], tuple[list[Diagnostic], Source | None]]:
        return FlowQLError, (self.diagnostics, self.source)


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The known name that `name` most likely meant."""
    folded = {known.lower(): known for known in names}
    close = get_close_matches(name.lower()[:80], folded, n=1, cutoff=0.6)
    return folded[close[0]] if close else None


def listed(items: Iterable[str], limit: int = 12) -> str:
    """`a, b, c`, cut with the number left out."""
    items = list(items)
    if len(items) <= limit:
        return ", ".join(items)
    return ", ".join(items[:limit]) + f", … ({len(items) - limit} more)"


def all_classes() -> list[type[Diagnostic]]:
    """Every problem class there is, found by importing this folder's modules."""
    from importlib import import_module
    from pkgutil import iter_modules

    import flowql.diagnostics as package

    for module in iter_modules(package.__path__):
        import_module(f"{package.__name__}.{module.name}")
    found: list[type[Diagnostic]] = []
    pending = list(Diagnostic.__subclasses__())
    while pending:
        cls = pending.pop()
        found.append(cls)
        pending.extend(cls.__subclasses__())
    return sorted(found, key=lambda cls: cls.code)
