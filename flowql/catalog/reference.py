"""The catalog as the language reference's tables.

`python -m flowql.catalog.reference` writes them into `grammar/README.md` of a
checkout, between the marks that stand there.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from flowql.catalog.listing import listing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowql.catalog.listing import ListedEntity, ListedField

BEGIN, END = "<!-- catalog: begin -->", "<!-- catalog: end -->"


def tables() -> str:
    """A section for each entity: fields, relations and sorts."""
    return "\n\n".join(map(_section, listing()))


def updated(page: str) -> str:
    """A page with the tables between its marks made anew."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{tables()}\n{END}{after}"


def _section(entity: ListedEntity) -> str:
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


def _endpoints(entity: ListedEntity) -> list[str]:
    lines: list[str] = []
    usual = [at for at in entity.endpoints if at.usual]
    if usual:
        paths = ", ".join(f"`{at.path}`" for at in usual)
        lines.append(f"Requests: {paths}. {_sorts(usual[0].sorts)}.")
    known = usual[0].sorts if usual else ()
    for at in entity.endpoints:
        if not at.usual:
            wants = ", ".join(f"`{one.name}`" for one in at.arguments)
            beside = f", beside {wants}" if wants else ""
            sorts = f" {_sorts(at.sorts)}." if at.sorts and at.sorts != known else ""
            lines.append(f"`{at.path}` gives {at.gives}{beside}.{sorts}")
    return ["", *lines] if lines else []


def _sorts(sorts: Iterable[str]) -> str:
    return f"Sorts: {', '.join(f'`{sort}`' for sort in sorts) or 'its own order only'}"


def _field(field: ListedField) -> str:
    doc = field.doc
    if field.words:
        doc += f" {', '.join(f'{word} is {number}' for word, number in field.words.items())}."
    if field.choices:
        doc += f" One of {', '.join(field.choices)}."
    said = sorted({one.path.rpartition(".")[2] for one in field.criteria})
    criteria = ", ".join(f"`{key}`" for key in said) or "–"
    name = f"`{field.name}`" + (" .key" if field.inside else "")
    return f"| {name} | {field.type} | {doc} | {criteria} |"


if __name__ == "__main__":
    path = Path(__file__).resolve().parents[2] / "grammar" / "README.md"
    path.write_text(updated(path.read_text(encoding="utf-8")), encoding="utf-8")
