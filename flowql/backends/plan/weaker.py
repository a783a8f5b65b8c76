"""A weaker condition that bodies have a criterion for: it holds wherever the other one does."""

from __future__ import annotations

import re

from flowql import typed

_WILD = re.compile(r"[%_\\]+")


def weaker(node: typed.Predicate) -> typed.Predicate | None:
    """A condition that follows from one on a text, so that it can narrow what is fetched.

    Where a text contains `50%_done`, it contains `done`: of the pieces between wildcards
    of Prefect's, the longest is asked for.
    """
    match node:
        case typed.TextMatch(column, "contains" | "starts with" | "ends with" | "like", str(value)):
            pieces = _WILD.split(value)
            longest = max(pieces, key=len)
            if not longest:
                return None
            return typed.TextMatch(column, "contains", longest)
        case typed.Or(operands):
            parts = []
            for operand in operands:
                part = weaker(operand)
                if part is None:
                    return None
                parts.append(part)
            return typed.disjunction(parts)
        case _:
            return None
