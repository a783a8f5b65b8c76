"""What drawing conditions together brings to light."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from flowql.diagnostics.base import Diagnostic, Severity


@dataclass(frozen=True, kw_only=True)
class Contradiction(Diagnostic):
    """No row can meet these conditions, so the query selects nothing.

    Example:

        flow_runs where state = FAILED and state = CRASHED
    """

    severity: ClassVar[Severity] = "warning"

    subject: str | None = None

    @property
    def message(self) -> str:
        if self.subject is None:
            return "this is never true, so the query selects nothing"
        return f"no row meets these conditions on `{self.subject}`: the query selects nothing"
