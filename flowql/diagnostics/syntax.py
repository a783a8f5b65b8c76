"""Problems of a text's form: what no resolver needs to see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from flowql.diagnostics.base import Diagnostic, Severity


@dataclass(frozen=True, kw_only=True)
class UnexpectedText(Diagnostic):
    """Something stands where the grammar expects something else.

    Example:

        name = = ingest
    """

    found: str
    expected: tuple[str, ...]
    hint: str | None = None

    @property
    def message(self) -> str:
        what = f"`{self.found}`" if self.found else "the end of the query"
        *others, last = self.expected
        wanted = f"{', '.join(others)} or {last}" if others else last
        return f"{what} stands where {wanted} is expected"

    @property
    def help(self) -> str | None:
        return self.hint


@dataclass(frozen=True, kw_only=True)
class UnclosedBracket(Diagnostic):
    """A bracket is opened and not closed.

    Example:

        (name = a or name = b
    """

    bracket: str

    @property
    def message(self) -> str:
        return f"`{self.bracket}` is not closed"


@dataclass(frozen=True, kw_only=True)
class UnopenedBracket(Diagnostic):
    """A bracket is closed that was not opened.

    Example:

        name = a) and name = b
    """

    bracket: str

    @property
    def message(self) -> str:
        return f"`{self.bracket}` closes nothing"

    @property
    def replacement(self) -> str | None:
        return ""


@dataclass(frozen=True, kw_only=True)
class UnclosedQuote(Diagnostic):
    """A quoted text does not end on its line.

    Example:

        name = "ingest
    """

    quote: str

    @property
    def message(self) -> str:
        return f"the text opened with {self.quote} is not closed on its line"


@dataclass(frozen=True, kw_only=True)
class BadEscape(Diagnostic):
    r"""A backslash in a quoted text is followed by something JSON does not know.

    JSON's escapes are \" \\ \/ \b \f \n \r \t and \u with four hex digits; in
    single quotes also \'.

    Example:

        name = "a\q"
    """

    escape: str

    @property
    def message(self) -> str:
        return f"`{self.escape}` is no escape of JSON"

    @property
    def help(self) -> str | None:
        return "a backslash itself is written `\\\\`"


@dataclass(frozen=True, kw_only=True)
class UnsafeCharacter(Diagnostic):
    """A value holds NUL or a lone surrogate, which no server stores rightly.

    Prefect's SQLite matches NUL wrongly, PostgreSQL answers 503, and a lone
    surrogate is a 500 (Never emit, 5).

    Example:

        name = "a\\u0000b"
    """

    character: str

    @property
    def message(self) -> str:
        kind = "NUL" if self.character == "\0" else "a lone surrogate"
        return f"the value holds {kind} (U+{ord(self.character):04X}), which no database keeps"


@dataclass(frozen=True, kw_only=True)
class StrayCharacter(Diagnostic):
    """A character outside quotes that is no letter, digit or mark and no operator.

    Curly quotes, format and bidirectional characters change how a query reads
    to a person, so they stand only inside quotes.

    Example:

        name = “ingest”
    """

    character: str
    name: str

    @property
    def message(self) -> str:
        return f"U+{ord(self.character):04X} ({self.name}) stands outside quotes"

    @property
    def help(self) -> str | None:
        if self.character in "“”„‟«»":
            return 'straight quotes are meant: "…"'
        if self.character in "‘’‚‛":
            return "straight quotes are meant: '…'"
        return 'a value with such characters is quoted: "…"'


@dataclass(frozen=True, kw_only=True)
class TooLong(Diagnostic):
    """The text is longer than the limit.

    Example: (any text of more code points than `Limits.length`)
    """

    length: int
    limit: int

    @property
    def message(self) -> str:
        return f"the query has {self.length:,} characters; the limit is {self.limit:,}"


@dataclass(frozen=True, kw_only=True)
class TooDeep(Diagnostic):
    """`not`s, quantifiers and changes of and/or nest deeper than the limit.

    Example: (more than 200 nested `not`)
    """

    limit: int

    @property
    def message(self) -> str:
        return f"conditions nest deeper than {self.limit} levels"


@dataclass(frozen=True, kw_only=True)
class TooManyValues(Diagnostic):
    """A list has more values than the limit.

    Example: (a list of more than `Limits.values` values)
    """

    count: int
    limit: int

    @property
    def message(self) -> str:
        return f"the list has {self.count:,} values; the limit is {self.limit:,}"


@dataclass(frozen=True, kw_only=True)
class TooManyProblems(Diagnostic):
    """After this many syntax problems the rest of the text was not read.

    Example: (a text with more than twenty separate syntax problems)
    """

    severity: ClassVar[Severity] = "note"

    @property
    def message(self) -> str:
        return "the rest of the query was not checked"
