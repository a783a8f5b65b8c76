"""What SQL, or one dialect of it, cannot say."""

from __future__ import annotations

from dataclasses import dataclass

from flowql.diagnostics.base import Diagnostic, listed, nearest


@dataclass(frozen=True, kw_only=True)
class UnknownDialect(Diagnostic):
    """There is no SQL dialect of this name.

    Example: (`to_sql("oracle")`)
    """

    name: str
    known: tuple[str, ...]

    @property
    def message(self) -> str:
        return f"there is no SQL dialect `{self.name}`"

    @property
    def help(self) -> str | None:
        if close := nearest(self.name, self.known):
            return f"did you mean `{close}`? There are {listed(self.known)}"
        return f"there are {listed(self.known)}"


@dataclass(frozen=True, kw_only=True)
class NoTable(Diagnostic):
    """The rows are in no table of Prefect's database.

    A server keeps its task workers in memory: its API lists them, and rows that it has
    given can be searched in memory.

    Example: (`task_workers` for SQLite)
    """

    entity: str

    @property
    def message(self) -> str:
        return f"{self.entity} are in no table of Prefect's database"

    @property
    def help(self) -> str | None:
        return "Prefect's API lists them"


@dataclass(frozen=True, kw_only=True)
class SqlTooDeep(Diagnostic):
    """The statement nests deeper than the engine's parser, or the writer of SQL, goes.

    SQLite's parser takes about eight quantifiers within one another, or twenty-eight
    changes between `and` and `or`; PostgreSQL fourteen and ninety-nine, DuckDB
    fifteen and ninety-nine.

    Example: (ten nested `any run (any flow (…))` for SQLite)
    """

    dialect: str

    @property
    def message(self) -> str:
        return f"the conditions nest deeper than a statement for {self.dialect} can"

    @property
    def help(self) -> str | None:
        return "quantifiers within quantifiers, and changes between `and` and `or`, are what counts"


@dataclass(frozen=True, kw_only=True)
class SqlNoRegex(Diagnostic):
    """The dialect has no regular expressions.

    Example: (`name matches "^etl"` for SQLite)
    """

    dialect: str

    @property
    def message(self) -> str:
        return f"{self.dialect} has no regular expressions"

    @property
    def help(self) -> str | None:
        return "`like`, `contains`, `starts with` and `ends with` are answered everywhere"


@dataclass(frozen=True, kw_only=True)
class SqlPatternTooLong(Diagnostic):
    """A `like` pattern is longer than the engine takes.

    Example: (a `like` pattern of 60,000 characters for SQLite)
    """

    dialect: str
    length: int
    limit: int

    @property
    def message(self) -> str:
        return (
            f"the pattern has {self.length:,} bytes; {self.dialect} takes no more than"
            f" {self.limit:,}"
        )

    @property
    def help(self) -> str | None:
        return "`contains` has no such limit"


@dataclass(frozen=True, kw_only=True)
class SqlTooManyParameters(Diagnostic):
    """The statement has more parameters than the engine takes.

    Example: (40,000 separate conditions with bound values for SQLite)
    """

    dialect: str
    count: int
    limit: int

    @property
    def message(self) -> str:
        return (
            f"the statement has {self.count:,} parameters; {self.dialect} takes no more than"
            f" {self.limit:,}"
        )

    @property
    def help(self) -> str | None:
        return "values that stand in the text are not counted"


@dataclass(frozen=True, kw_only=True)
class SqlOffsetTooLarge(Diagnostic):
    """The page begins beyond the 64 bits in which rows are counted.

    Example: (`flow_runs limit 200 page 9000000000000000000`)
    """

    offset: int

    @property
    def message(self) -> str:
        return f"the page begins at row {self.offset:,}, beyond the 64 bits of a row number"


@dataclass(frozen=True, kw_only=True)
class SqlFactorTooFine(Diagnostic):
    """The factor of a count has more digits than SQL multiplies exactly.

    Example: (`flows where count run > 0.0000000000000000000001 * count run`)
    """

    factor: int | float

    @property
    def message(self) -> str:
        return f"counts times {self.factor!r} cannot be compared exactly"

    @property
    def help(self) -> str | None:
        return "a factor keeps eighteen digits on either side of the point"


@dataclass(frozen=True, kw_only=True)
class SqlNameTooLong(Diagnostic):
    """The name of a selected column is longer than the engine keeps.

    Example: (`select parameters."…"` with a key of 100 letters for PostgreSQL)
    """

    dialect: str
    name: str
    limit: int

    @property
    def message(self) -> str:
        return (
            f"the column `{self.name[:40]}…` would have a name of more than {self.limit} bytes,"
            f" which {self.dialect} cuts"
        )
