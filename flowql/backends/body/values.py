"""Values as JSON writes them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from flowql import typed
from flowql.diagnostics.request import FarTime
from flowql.diagnostics.syntax import UnsafeCharacter
from flowql.diagnostics.values import UnboundParameter
from flowql.limits import EXACT_YEARS

if TYPE_CHECKING:
    from flowql.backends.body.sayings import Json
    from flowql.diagnostics import Diagnostic
    from flowql.source import Span

_UNSAFE = re.compile("[\0\ud800-\udfff]")


def written(value: typed.Value, span: Span | None, problems: list[Diagnostic]) -> Json:
    """The value as a body has it; None with a problem where it has no place in one."""
    match value:
        case str():
            if unsafe := _UNSAFE.search(value):
                problems.append(UnsafeCharacter(span=span, character=unsafe.group()))
            return value
        case UUID():
            return str(value)
        case datetime():
            text = value.astimezone(UTC).isoformat().replace("+00:00", "Z")
            if value.microsecond and value.year not in EXACT_YEARS:
                problems.append(FarTime(span=span, time=text))
            return text
        case bool() | int() | float():
            return value
        case timedelta():
            return value.total_seconds()
        case typed.Parameter(name):
            problems.append(UnboundParameter(span=value.span or span, name=name))
            return None
        case _:
            raise AssertionError(f"not grounded: {value!r}")
