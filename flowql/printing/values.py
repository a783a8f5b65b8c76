"""Python values as words of the language.

What is printed here reads back as the same value, whatever the time zone.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from unicodedata import category as _category

from flowql import ast

_PLAIN = re.compile(r"[\w\-/:@+*%?.]+", re.ASCII)
_PUNCTUATION = frozenset("_-./:@+*%?")


def text_value(text: str) -> ast.Word | ast.Quoted:
    """A text, bare where it may be."""
    return ast.Word(text) if _is_bare(text) else ast.Quoted(text)


def _is_bare(text: str) -> bool:
    if not text or ".." in text or text.lower() in ast.KEYWORDS:
        return False
    if text.isascii():
        return _PLAIN.fullmatch(text) is not None
    # A mark needs a letter before it to stand on.
    return not _category(text[0]).startswith("M") and all(
        char in _PUNCTUATION or _category(char)[0] in "LNM" for char in text
    )


def instant(moment: datetime) -> str:
    """`2026-11-01T12:00:00Z`, with the decimals it has."""
    text = moment.astimezone(UTC).replace(tzinfo=None).isoformat()
    return f"{text.rstrip('0')}Z" if "." in text else f"{text}Z"


_UNITS = (
    ("d", timedelta(days=1)),
    ("h", timedelta(hours=1)),
    ("m", timedelta(minutes=1)),
    ("s", timedelta(seconds=1)),
    ("ms", timedelta(milliseconds=1)),
    ("us", timedelta(microseconds=1)),
)
_TWO_DAYS = timedelta(days=2)


def duration(length: timedelta) -> str:
    """`90m` as `1h30m`, exact; below two days in hours (`24h`, `36h`), for they are said so."""
    if not length:
        return "0s"
    sign = "-" if length < timedelta(0) else ""
    left = abs(length)
    parts = []
    for unit, size in _UNITS if left >= _TWO_DAYS else _UNITS[1:]:
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    return sign + "".join(parts)
