"""The catalog as the language reference's tables.

`python -m flowql.catalog.reference` writes them into `grammar/README.md` of a
checkout, between the marks that stand there.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from flowql import catalog
from flowql.catalog import Means

if TYPE_CHECKING:
    from flowql.catalog import Entity, Field

BEGIN, END = "<!-- catalog: begin -->", "<!-- catalog: end -->"


def tables() -> str:
    """A section for each entity: fields, relations and sorts."""
    found = [_section(entity) for entity in catalog.entities().values() if entity.table]
    return "\n\n".join(found)


def updated(page: str) -> str:
    """A page with the tables between its marks made anew."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{tables()}\n{END}{after}"


def _section(entity: Entity) -> str:
    names = f"`{entity.name}`" + "".join(f", `{alias}`" for alias in entity.aliases)
    lines = [f"### {names}", "", entity.doc, "", "| field | type | what | request |"]
    lines.append("|---|---|---|---|")
    lines += [_field(field) for field in entity.fields]
    lines += ["", "| related | rows | what |", "|---|---|---|"]
    lines += [
        f"| `{relation.name}` | {'many' if relation.many else 'one'} `{relation.target}` "
        f"| {relation.doc} |"
        for relation in entity.relations
    ]
    endpoints = entity.endpoints
    if endpoints is not None:
        kinds = [kind for kind in ("filter", "paginate", "count") if getattr(endpoints, kind)]
        sorts = ", ".join(f"`{sort.name.lower()}`" for sort in endpoints.sorts)
        lines += [
            "",
            f"Endpoints: {', '.join(f'`{endpoints.path}/{kind}`' for kind in kinds)}. "
            f"Sorts of a request: {sorts or 'its own order only'}.",
        ]
    return "\n".join(lines)


def _field(field: Field) -> str:
    kind = field.type.value
    doc = field.doc
    if field.choices:
        doc += f" One of {', '.join(field.choices)}."
    said = sorted({c.keys[-1] for c in field.criteria if c.means is not Means.DEAD})
    criteria = ", ".join(f"`{key}`" for key in said) or "–"
    name = f"`{field.name}`" + (" .key" if kind == "JSON" and not field.only_null else "")
    return f"| {name} | {kind} | {doc} | {criteria} |"


if __name__ == "__main__":
    path = Path(__file__).resolve().parents[2] / "grammar" / "README.md"
    path.write_text(updated(path.read_text(encoding="utf-8")), encoding="utf-8")
