"""The catalog as the language reference's tables.

`python -m flowql.catalog.reference` writes them into `grammar/README.md` of a
checkout, between the marks that stand there.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from flowql import catalog
from flowql.catalog import Means
from flowql.catalog.endpoints import endpoints

if TYPE_CHECKING:
    from flowql.catalog import Entity, Field

BEGIN, END = "<!-- catalog: begin -->", "<!-- catalog: end -->"


def tables() -> str:
    """A section for each entity: fields, relations and sorts."""
    found = [_section(entity) for entity in catalog.entities().values() if not entity.element]
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
    if entity.relations:
        lines += ["", "| related | rows | what |", "|---|---|---|"]
    lines += [
        f"| `{relation.name}` | {'many' if relation.many else 'one'} `{relation.target}` "
        f"| {relation.doc} |"
        for relation in entity.relations
    ]
    lines += _endpoints(entity)
    return "\n".join(lines)


def _endpoints(entity: Entity) -> list[str]:
    lines: list[str] = []
    if entity.endpoints is None:
        return lines
    if usual := [at for at in endpoints(entity) if at not in entity.endpoints.others]:
        sorts = ", ".join(f"`{sort.name.lower()}`" for sort in usual[0].sorts)
        paths = ", ".join(f"`{at.path}`" for at in usual)
        lines += ["", f"Requests: {paths}. Sorts: {sorts or 'its own order only'}."]
    for at in entity.endpoints.others:
        wants = ", ".join(f"`{one.name}`" for one in at.arguments)
        beside = f", beside {wants}" if wants else ""
        lines.append(f"`{at.path}` gives {at.gives.value}{beside}.")
    return lines


def _field(field: Field) -> str:
    kind = field.type.value
    doc = field.doc
    if field.words:
        doc += f" {', '.join(f'{word} is {number}' for word, number in field.words.items())}."
    if field.choices:
        doc += f" One of {', '.join(field.choices)}."
    said = sorted({c.keys[-1] for c in field.criteria if c.means is not Means.DEAD})
    criteria = ", ".join(f"`{key}`" for key in said) or "–"
    name = f"`{field.name}`" + (" .key" if kind == "JSON" and not field.only_null else "")
    return f"| {name} | {kind} | {doc} | {criteria} |"


if __name__ == "__main__":
    path = Path(__file__).resolve().parents[2] / "grammar" / "README.md"
    path.write_text(updated(path.read_text(encoding="utf-8")), encoding="utf-8")
