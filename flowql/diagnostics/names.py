"""Problems of names: targets, fields, relations, clauses."""

from __future__ import annotations

from dataclasses import dataclass

from flowql.diagnostics.base import Diagnostic, listed, nearest


@dataclass(frozen=True, kw_only=True)
class UnknownTarget(Diagnostic):
    """The target is no entity.

    Example:

        flow_rnus where state = FAILED
    """

    name: str
    known: tuple[str, ...]

    @property
    def message(self) -> str:
        return f"there is no target `{self.name}`"

    @property
    def help(self) -> str | None:
        close = self.replacement
        return f"did you mean `{close}`?" if close else f"targets: {listed(self.known)}"

    @property
    def replacement(self) -> str | None:
        return nearest(self.name, self.known)


@dataclass(frozen=True, kw_only=True)
class UnknownField(Diagnostic):
    """An entity has no field or relation of this name.

    Example:

        flow_runs where naem = ingest
    """

    entity: str
    name: str
    fields: tuple[str, ...]
    relations: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        return f"{self.entity} have no field `{self.name}`"

    @property
    def help(self) -> str | None:
        if close := self.replacement:
            return f"did you mean `{close}`?"
        known = f"fields: {listed(self.fields, 40)}"
        return f"{known}; related: {listed(self.relations)}" if self.relations else known

    @property
    def replacement(self) -> str | None:
        return nearest(self.name, (*self.fields, *self.relations))


@dataclass(frozen=True, kw_only=True)
class NoSuchKey(Diagnostic):
    """A path goes on after a field that has nothing inside it.

    Only JSON fields (`parameters.x`, `labels.x`) have keys.

    Example:

        name.first = ingest
    """

    field: str
    type: str

    @property
    def message(self) -> str:
        return f"`{self.field}` ({self.type}) has nothing inside it"


@dataclass(frozen=True, kw_only=True)
class NotARelation(Diagnostic):
    """A quantifier or a count stands before something that is no relation.

    Example:

        any name (tags has etl)
    """

    entity: str
    name: str
    relations: tuple[str, ...]

    @property
    def message(self) -> str:
        return f"`{self.name}` is no relation of {self.entity}"

    @property
    def help(self) -> str | None:
        if close := self.replacement:
            return f"did you mean `{close}`?"
        return f"related: {listed(self.relations)}" if self.relations else None

    @property
    def replacement(self) -> str | None:
        return nearest(self.name, self.relations)


@dataclass(frozen=True, kw_only=True)
class RelationAsField(Diagnostic):
    """A relation stands where a field is expected.

    Whether related rows exist is asked with `any` and `no`.

    Example:

        flow_runs where deployment is null
    """

    relation: str
    offer: str | None = None

    @property
    def message(self) -> str:
        return f"`{self.relation}` is related rows, not a field"

    @property
    def help(self) -> str | None:
        if self.offer:
            return f"write `{self.offer}`"
        return f"`any {self.relation}` and `no {self.relation}` ask whether there are some"


@dataclass(frozen=True, kw_only=True)
class MissingOperator(Diagnostic):
    """A field that is not boolean stands alone.

    Example:

        flow_runs where state
    """

    field: str
    type: str

    @property
    def message(self) -> str:
        return f"`{self.field}` ({self.type}) says nothing alone"


@dataclass(frozen=True, kw_only=True)
class MissingField(Diagnostic):
    """An operator stands without a field outside `any tag (…)`.

    Example:

        starts with ingest
    """

    operator: str

    @property
    def message(self) -> str:
        return f"`{self.operator}` has no field before it"


@dataclass(frozen=True, kw_only=True)
class LatestNeedsRuns(Diagnostic):
    """`latest` stands before rows that do not start.

    Example:

        flows where latest deployment (paused)
    """

    relation: str

    @property
    def message(self) -> str:
        return f"`latest` takes runs, which start; `{self.relation}` does not"


@dataclass(frozen=True, kw_only=True)
class NotOwnField(Diagnostic):
    """`sort`, `select` and `distinct` take fields of the target itself.

    Example:

        flow_runs sort flow.name
    """

    clause: str
    path: str

    @property
    def message(self) -> str:
        return f"`{self.clause}` takes the target's own fields; `{self.path}` is another row's"


@dataclass(frozen=True, kw_only=True)
class NotSortable(Diagnostic):
    """Values of this type have no order.

    Example:

        sort tags
    """

    field: str
    type: str

    @property
    def message(self) -> str:
        return f"`{self.field}` ({self.type}) has no order"


@dataclass(frozen=True, kw_only=True)
class NotGroupable(Diagnostic):
    """Rows are not told apart by values of this type.

    Example:

        flow_runs distinct tags
    """

    field: str
    type: str

    @property
    def message(self) -> str:
        return f"`{self.field}` ({self.type}) is no single value to tell rows apart by"

    @property
    def help(self) -> str | None:
        return "`distinct` takes texts, enums, uuids, numbers, times, durations and booleans"


@dataclass(frozen=True, kw_only=True)
class TwoDirections(Diagnostic):
    """A sort key such as `name_asc` is followed by another direction.

    Example:

        sort name_asc desc
    """

    key: str

    @property
    def message(self) -> str:
        return f"`{self.key}` already names its direction"


@dataclass(frozen=True, kw_only=True)
class RepeatedClause(Diagnostic):
    """A clause stands twice.

    Example:

        limit 5 limit 6
    """

    clause: str

    @property
    def message(self) -> str:
        return f"`{self.clause}` stands twice"


@dataclass(frozen=True, kw_only=True)
class ClausesExclude(Diagnostic):
    """Two clauses that cannot stand together.

    `count` asks for a number, so rows are neither sorted, paged nor selected;
    `page` and `offset` both say where rows begin.

    Example:

        flow_runs count limit 5
    """

    clause: str
    other: str

    @property
    def message(self) -> str:
        return f"`{self.clause}` cannot stand beside `{self.other}`"


@dataclass(frozen=True, kw_only=True)
class Reserved(Diagnostic):
    """Grouped counts, aggregates, `having` and `after` have no meaning yet.

    Example:

        flow_runs count by state
    """

    what: str

    @property
    def message(self) -> str:
        return f"`{self.what}` is reserved and has no meaning yet"
