"""Texts and the patterns they fit: when one pattern lets through all that another does.

Patterns ignore case, and beyond ASCII the answering database decides what that is. So
nothing is said here that hangs on how a character beyond ASCII is folded: an ASCII
character in a pattern is that letter in any folding, and any other character may
become anything.
"""

from __future__ import annotations

from functools import lru_cache

from flowql import regex, typed

_ANY = "\ud800"
_ONE = "\ud801"
_UPPER_TO_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def pattern_of(match: typed.TextMatch) -> str | None:
    """What a folded text must look like; None of a regular expression and a parameter.

    In it `_ANY` stands for any text and `_ONE` for any one character.
    """
    value = match.value
    if isinstance(value, typed.Parameter) or _ANY in value or _ONE in value:
        return None
    text = value.translate(_UPPER_TO_LOWER)
    match match.operator:
        case "contains":
            return f"{_ANY}{text}{_ANY}"
        case "starts with":
            return f"{text}{_ANY}"
        case "ends with":
            return f"{_ANY}{text}"
        case "like":
            return text.replace("%", _ANY).replace("_", _ONE)
        case _:
            return None


def cost(wide: typed.TextMatch, narrow: typed.TextMatch) -> int:
    """The steps that it takes to compare two conditions."""
    one, other = (
        0 if isinstance(m.value, typed.Parameter) else len(m.value) for m in (wide, narrow)
    )
    return 1 + (one + other) // 64 + (one * other // 512 if wide.operator == "like" else 0)


def lets_through(wide: typed.TextMatch, narrow: typed.TextMatch) -> bool:
    """Whether every text that fits the second condition certainly fits the first."""
    outer, inner = pattern_of(wide), pattern_of(narrow)
    if outer is None or inner is None:
        return False
    # However it is folded, the same text at the start of another is somewhere in it.
    inside = wide.operator == "contains" and narrow.operator != "like"
    if inside and outer.strip(_ANY) == inner.strip(_ANY):
        return True
    return _covers(outer, inner)


def excludes(one: typed.TextMatch, other: typed.TextMatch) -> bool:
    """Whether certainly no text fits both: they begin or end with different letters."""
    first, second = pattern_of(one), pattern_of(other)
    if first is None or second is None:
        return False
    return _differ(first, second) or _differ(first[::-1], second[::-1])


def fits(text: str, match: typed.TextMatch) -> bool | None:
    """Whether a text fits; None where that hangs on the folding or on a parameter."""
    if isinstance(match.value, typed.Parameter):
        return None
    if match.operator == "matches":
        try:
            return _regex(match.value).search(text)
        except regex.RegexProblem:
            return None
    pattern = pattern_of(match)
    if pattern is None or _ANY in text or _ONE in text:
        return None
    folded = text.translate(_UPPER_TO_LOWER)
    if _covers(pattern, folded) or (match.operator != "like" and pattern.strip(_ANY) == folded):
        return True
    return False if text.isascii() and match.value.isascii() else None


@lru_cache(64)
def _regex(pattern: str) -> regex.Regex:
    return regex.parse(pattern)


def _stands(piece: str, text: str, at: int) -> bool:
    """Whether a piece without `_ANY` certainly stands at a place that has room for it."""
    if piece.isascii():
        return text.startswith(piece, at)
    return all(
        other.isascii() or other == _ONE if char == _ONE else char.isascii() and char == other
        for char, other in zip(piece, text[at:], strict=False)
    )


def _differ(one: str, other: str) -> bool:
    """Whether two patterns begin with different letters."""
    for char, against in zip(one, other, strict=False):
        if not all(each.isascii() or each == _ONE for each in (char, against)):
            return False  # Any text, or what folding may make longer than one character.
        if _ONE not in (char, against) and char != against:
            return True
    return False


def _covers(wide: str, narrow: str) -> bool:
    """Read as a text, the second pattern fits the first.

    What stands for any text is let through only where the first lets through any.
    """
    first, *middle = wide.split(_ANY)
    if not middle:
        return len(wide) == len(narrow) and _stands(wide, narrow, 0)
    last = middle.pop()
    if len(narrow) < len(first) + len(last) or not _stands(first, narrow, 0):
        return False
    end = len(narrow) - len(last)
    if not _stands(last, narrow, end):
        return False
    at = len(first)
    for piece in middle:
        at = _place(piece, narrow, at, end)
        if at < 0:
            return False
        at += len(piece)
    return True


def _place(piece: str, text: str, at: int, end: int) -> int:
    """Where a piece without `_ANY` first certainly stands between two places; -1 for nowhere."""
    if piece.isascii():
        return text.find(piece, at, end)
    while at + len(piece) <= end:
        if _stands(piece, text, at):
            return at
        at += 1
    return -1
