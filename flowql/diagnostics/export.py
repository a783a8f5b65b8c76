"""Problems of exports: what cannot be copied to a folder, and folders that cannot be asked."""

from __future__ import annotations

from dataclasses import dataclass

from flowql.diagnostics.base import Diagnostic, listed, nearest


@dataclass(frozen=True, kw_only=True)
class NotExportable(Diagnostic):
    """Tables are copied from a SQLite or PostgreSQL database alone: an API has none to read.

    Example: (`flowql export --on http://127.0.0.1:4200/api --to export`)
    """

    place: str

    @property
    def message(self) -> str:
        return f"{self.place} is neither a SQLite nor a PostgreSQL database, so it has no tables"

    @property
    def help(self) -> str | None:
        return "--on takes the database that the server keeps its rows in"


@dataclass(frozen=True, kw_only=True)
class UnknownTable(Diagnostic):
    """`--only` names what is no entity with a table of its own.

    Example: (`flowql export --to export --only flow_rnus`)
    """

    name: str
    names: tuple[str, ...]

    @property
    def message(self) -> str:
        return f"there is no table of `{self.name}`"

    @property
    def help(self) -> str | None:
        near = nearest(self.name, self.names)
        return f"did you mean `{near}`?" if near else f"there are {listed(self.names, 20)}"


@dataclass(frozen=True, kw_only=True)
class FolderTaken(Diagnostic):
    """What an export would be written to is there already.

    Example: (`flowql export --to export` a second time)
    """

    path: str
    reason: str | None = None
    """Why it is not overwritten even where that is asked for."""

    @property
    def message(self) -> str:
        why = f", and {self.reason}" if self.reason else ""
        return f"{self.path} is there already{why}"

    @property
    def help(self) -> str | None:
        return None if self.reason else "--overwrite replaces an older export"


@dataclass(frozen=True, kw_only=True)
class ValueNotExported(Diagnostic):
    """A stored value is none that Prefect writes, so no file of the export could hold it exactly.

    Example: (`flowql export` of a database with the text `soon` in a column of times)
    """

    place: str
    table: str
    column: str
    reason: str

    @property
    def message(self) -> str:
        where = f"{self.table}.{self.column} of {self.place}"
        return f"a value in {where} cannot be exported exactly: {self.reason}"


@dataclass(frozen=True, kw_only=True)
class NotAnExport(Diagnostic):
    """A folder has no description of an export in it.

    Example: (`flowql run flows --on /tmp`)
    """

    path: str
    file: str

    @property
    def message(self) -> str:
        return f"{self.path} is a folder without {self.file}, so it is no export"

    @property
    def help(self) -> str | None:
        return "`flowql export --on DATABASE --to FOLDER` makes one"


@dataclass(frozen=True, kw_only=True)
class UnknownExportFormat(Diagnostic):
    """An export was written in a format that this version of FlowQL does not know.

    Example: (a folder that a later version has written)
    """

    path: str
    format: str
    written_by: str | None

    @property
    def message(self) -> str:
        by = f" by FlowQL {self.written_by}" if self.written_by else ""
        return f"{self.path} was written{by} in the format {self.format}, which is not known here"


@dataclass(frozen=True, kw_only=True)
class DamagedExport(Diagnostic):
    """A file of an export is not what its description says, or the description is none.

    Example: (a folder with a file that was cut off)
    """

    path: str
    reason: str

    @property
    def message(self) -> str:
        return f"{self.path} is not as it was exported: {self.reason}"


@dataclass(frozen=True, kw_only=True)
class NotExported(Diagnostic):
    """The query reads a table that the folder has no file of.

    Example: (`flowql run block_documents --on export`: they are exported only where asked for)
    """

    path: str
    entity: str

    @property
    def message(self) -> str:
        return f"the query reads {self.entity}, and there is no {self.path}"

    @property
    def help(self) -> str | None:
        return f"`flowql export --only …,{self.entity}` writes it, where the database has it"
