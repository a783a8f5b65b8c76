"""The pages of `flowql catalog` for a terminal: drawn from their data, in any width.

What one request can say differs from field to field and stands beside each. Plans, SQL and memory
go by the type, so theirs is one table of types. Nothing is lost: JSON has every answer.
"""

from __future__ import annotations

import io
import textwrap
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from flowql.capabilities import KEY
from flowql.catalog import Type
from flowql.catalog.operators import OPERATORS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_YES, _SOME, _NO = ("✓", "green"), ("*", "yellow"), ("–", "dim")
"""What a back end can say of something, as a mark and its colour."""
_ROOMY = 100
"""Columns from which on there is room for examples beside the marks."""
_ASCII = frozenset({"==", "<>"})
"""Spellings that tables leave out."""


def overview(page: dict[str, Any], width: int, colour: bool) -> str:
    """All entities in a table."""
    table = _table("entity", "what", "requests", "back ends", whole=False)
    for one in page["entities"]:
        names = ", ".join((one["name"], *one["aliases"]))
        table.add_row(names, one["doc"], _paths(one["endpoints"]), _who(page, one["rows"][0]))
    lines = [
        _drawn(table, width, colour),
        _note(f"all: {', '.join(page['back_ends'])}.", width),
        _note("`flowql catalog ENTITY` says what can be asked of one.", width),
    ]
    return "\n\n".join(lines)


def entity(page: dict[str, Any], width: int, colour: bool) -> str:
    """An entity: fields, what their types take, relations, sorts, endpoints."""
    also = f" (also {', '.join(page['aliases'])})" if page["aliases"] else ""
    parts = [
        f"{_note(page['name'] + also, width)}\n{_note(page['doc'], width)}",
        _drawn(_fields(page), width, colour),
        _note(
            "One request: what a single request to Prefect's API can say; * for some values only."
            f" `flowql catalog {page['name']}.{page['fields'][0]['name']}` says more of one.",
            width,
        ),
    ]
    others = page["back_ends"][1:]
    types = _drawn(_types(page, others), width, colour)
    parts.append(f"Operators in plans, SQL and memory\n\n{types}")
    if page["relations"]:
        parts.append(_drawn(_relations(page), width, colour))
    parts += _sorts(page, others, width)
    if page["endpoints"]:
        parts.append(_drawn(_endpoints(page), width, colour))
    return "\n\n".join(parts)


def detail(page: dict[str, Any], width: int, colour: bool) -> str:
    """A field or a relation: each operator or form, and why not."""
    also = f" (also {', '.join(page['aliases'])})" if page["aliases"] else ""
    name = f"{page['entity']}.{page['name']}"
    if "forms" in page:
        what = f"{'many' if page['many'] else 'one'} {page['target']}"
        asked = [("", "form", page["forms"])]
    else:
        what = page["type"] + ("" if page["nullable"] else ", never null")
        key = f"{page['name']}.{KEY.upper()}"
        asked = [("", "operator", page["operators"]), (key, "operator", page["inside"])]
        asked.append(("", "sort", page["sorts"]))
    parts = [f"{_note(f'{name}{also}: {what}', width)}\n{_doc(page, width)}"]
    for title, kind, answers in asked:
        if answers:
            head = f"{title}\n\n" if title else ""
            parts.append(head + _drawn(_marks(page, kind, answers, width), width, colour))
    everything = [answer for *_, answers in asked for answer in answers]
    parts += _reasons(page, everything, width)
    if page["criteria"]:
        said = (f"{one['path']}: {one['means']}" for one in page["criteria"])
        parts.append("\n".join(_note(f"Criterion {line}.", width) for line in said))
    return "\n\n".join(parts)


# ── an entity ─────────────────────────────────────────────────────────────────


def _fields(page: dict[str, Any]) -> Table:
    table = _table("field", "type", "what", "one request")
    for field in page["fields"]:
        table.add_row(
            field["name"] + (f".{KEY.upper()}" if field["inside"] else ""),
            field["type"],
            _doc(field),
            _in_request(field["inside"] or field["operators"], field["nullable"]) or "–",
        )
    return table


def _in_request(answers: Iterable[dict[str, Any]], nullable: bool) -> str:
    """The operators that a request can say; of what is never null, null says nothing."""
    said = {one["name"]: _mark(one, "request") for one in answers}
    if not nullable:
        said = {name: can for name, can in said.items() if not name.endswith("null")}
    return ", ".join(
        text + ("*" if can == _SOME else "")
        for can in (_YES, _SOME)
        for text in _collapsed([name for name in said if said[name] == can])
    )


def _collapsed(names: Sequence[str], symbols: bool = False) -> list[str]:
    """Operators in words, an operator and its negation as one: `[not] in`."""
    found = []
    for name in names:
        operator = OPERATORS.get(name)
        if operator is None:
            found.append(name)
            continue
        negation = next((one for one in names if OPERATORS[one].negates == name), None)
        if operator.negates and operator.negates in names and name != "!=":
            continue
        text, spelled = name, operator.symbols
        if negation and negation != "!=":
            spelled = (*spelled, *OPERATORS[negation].symbols)
            text = name.replace("is ", "is [not] ") if name[:3] == "is " else f"[not] {name}"
        shown = [one for one in spelled if one not in _ASCII]
        found.append(f"{text} ({' '.join(shown)})" if shown and symbols else text)
    return found


def _types(page: dict[str, Any], others: Sequence[str]) -> Table:
    """What each type takes, and who can say it; what fares otherwise stands by its name."""
    kinds: dict[str, dict[_Marks, list[str]]] = {}
    for field in page["fields"]:
        label = field["type"]
        for kind, answers in ((label, field["operators"]), (f"{label} key", field["inside"])):
            if answers:
                kinds.setdefault(kind, {}).setdefault(_able(answers, others), []).append(
                    field["name"]
                )
    # Not all related rows are runs, of which one is the latest; else they fare alike.
    forms = dict(mark for one in page["relations"] for mark in _able(one["forms"], others))
    for one in page["relations"]:
        marks = _able(one["forms"], others)
        known = tuple(forms.items()) if dict(marks).items() <= forms.items() else marks
        kinds.setdefault("related", {}).setdefault(known, []).append(one["name"])
    table = _table("type", "operators", "back ends", whole=False)
    for kind, alike in sorted(kinds.items(), key=lambda item: _KINDS.index(item[0])):
        for marks, names in alike.items():
            label = kind if len(alike) == 1 else f"{kind} ({', '.join(names)})"
            by_who: dict[tuple[str, ...], list[str]] = {}
            for name, able in marks:
                by_who.setdefault(able, []).append(name)
            for able, operators in by_who.items():
                text = ", ".join(_collapsed(operators, symbols=True))
                table.add_row(label, text, " ".join(able) or "none")
                label = ""
    return table


_KINDS = [*(one.value for one in Type), "JSON key", "related"]
_Marks = tuple[tuple[str, tuple[str, ...]], ...]
"""Operators, each with the back ends that can say it."""


def _able(answers: Iterable[dict[str, Any]], others: Sequence[str]) -> _Marks:
    found = []
    for one in answers:
        marks = [(name, _mark(one, name)) for name in others]
        able = (name + ("*" if mark == _SOME else "") for name, mark in marks if mark != _NO)
        found.append((one["name"], tuple(able)))
    return tuple(found)


def _mark(answer: dict[str, Any], back_end: str) -> tuple[str, str]:
    if back_end in answer["can"]:
        return _YES
    return _SOME if back_end in answer.get("sometimes", ()) else _NO


def _relations(page: dict[str, Any]) -> Table:
    table = _table("related", "rows", "what", "one request")
    for one in page["relations"]:
        said = [form["name"] for form in one["forms"] if "request" in form["can"]]
        rows = f"{'many' if one['many'] else 'one'} {one['target']}"
        table.add_row(one["name"], rows, one["doc"], ", ".join(said) or "–")
    return table


def _sorts(page: dict[str, Any], others: Sequence[str], width: int) -> list[str]:
    """Sorts: those of requests, and the fields that the other back ends sort by."""
    said = [sort["name"] for sort in page["sorts"] if "request" in sort["can"]]
    default = page["default_sort"]["text"]
    lines = [
        f"Sorts: {default} unless said otherwise; in one request {', '.join(said) or 'no other'}."
    ]
    by_who: dict[tuple[str, ...], list[str]] = {}
    for field in page["fields"]:
        ways = [sort["can"] for sort in field["sorts"]]
        both = tuple(name for name in others if ways and all(name in way for way in ways))
        by_who.setdefault(both, []).append(field["name"])
    left = by_who.pop((), [])
    for able, names in by_who.items():
        which = ", ".join(names) if len(by_who) > 1 else "any field"
        but = f" but {', '.join(left)}" if left and len(by_who) == 1 else ""
        lines.append(f"In {', '.join(able)} by {which}{but}.")
    return ["\n".join(_note(line, width) for line in lines)]


def _endpoints(page: dict[str, Any]) -> Table:
    table = _table("request", "gives", "wants beside the filters", whole=False)
    for at in page["endpoints"]:
        wants = [one["name"] + ("" if one["required"] else "?") for one in at["arguments"]]
        table.add_row(at["path"], at["gives"], ", ".join(wants) or "–")
    return table


# ── a name ────────────────────────────────────────────────────────────────────


def _marks(page: dict[str, Any], kind: str, answers: Sequence[dict[str, Any]], width: int) -> Table:
    """What each back end can say: ✓, * for some values, – for none."""
    example = width >= _ROOMY and kind != "sort"
    table = _table(kind, *(["for example"] if example else []))
    for name in page["back_ends"]:
        table.add_column(name, justify="center", overflow="fold")
    for one in answers:
        name = " ".join((one["name"], *one.get("symbols", ())))
        marks = [Text(*_mark(one, back_end)) for back_end in page["back_ends"]]
        table.add_row(name, *([one.get("example", "")] if example else []), *marks)
    return table


def _reasons(page: dict[str, Any], answers: Sequence[dict[str, Any]], width: int) -> list[str]:
    """Why a back end cannot say something, or not all of it: each code with its first message."""
    reasons: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for back_end in page["back_ends"]:
        for one in answers:
            if why := one.get("why", {}).get(back_end):
                reasons.setdefault((back_end, why["code"]), []).append(
                    (one["name"], why["message"])
                )
    if not reasons:
        return []
    lines = ["✓ says it, * says it of some values, – does not:"]
    for (back_end, code), found in reasons.items():
        names = ", ".join(dict.fromkeys(name for name, _ in found))
        lines += [f"{back_end}, {names}:", f"  {found[0][1]} ({code})"]
    return ["\n".join(_note(line, width) for line in lines)]


# ── drawing ───────────────────────────────────────────────────────────────────


def _doc(field: dict[str, Any], width: int | None = None) -> str:
    doc: str = field["doc"]
    if field.get("words"):
        doc += f" {', '.join(f'{word} is {number}' for word, number in field['words'].items())}."
    if field.get("choices"):
        doc += f" One of {', '.join(field['choices'])}."
    return doc if width is None else _note(doc, width)


def _paths(endpoints: Sequence[dict[str, Any]]) -> str:
    """The usual endpoints by their folder and names, and how many others there are."""
    if not endpoints:
        return "–"
    usual = [one["path"] for one in endpoints if one["usual"]] or [endpoints[0]["path"]]
    folder = usual[0].rpartition("/")[0]
    names = ", ".join(path.rpartition("/")[2] for path in usual)
    more = len(endpoints) - len(usual)
    return f"{folder}: {names}" + (f" and {more} more" if more else "")


def _who(page: dict[str, Any], answer: dict[str, Any]) -> str:
    return "all" if len(answer["can"]) == len(page["back_ends"]) else " ".join(answer["can"])


def _table(first: str, *columns: str, whole: bool = True) -> Table:
    """A table of these columns; `whole`: the first one is never broken."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    table.add_column(first, overflow="fold", no_wrap=whole)
    for name in columns:
        table.add_column(name, overflow="fold")
    return table


def _note(text: str, width: int) -> str:
    return textwrap.fill(
        text, max(width, 40), subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )


def _drawn(table: Table, width: int, colour: bool) -> str:
    page = io.StringIO()
    Console(
        file=page,
        width=width,
        force_terminal=colour,
        color_system="standard" if colour else None,
        no_color=not colour,
        highlight=False,
        emoji=False,
        markup=False,
        legacy_windows=False,
    ).print(table)
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines())
