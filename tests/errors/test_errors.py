"""Every problem: an annotated query a code, and the example in its page of help."""

from __future__ import annotations

import inspect
import re
import textwrap

import pytest

import flowql
from flowql import Diagnostic, FlowQLError
from flowql.diagnostics.base import all_classes
from tests import errors


@pytest.mark.parametrize("name", errors.files())
def test_annotations(name: str, update: bool) -> None:
    queries = errors.read(name)
    drawn = [errors.annotated(query, errors.problems(query)) for query in queries]
    found = "\n\n".join(drawn) + "\n"
    path = errors.FOLDER / name
    if update:
        path.write_text(found, encoding="utf-8")
    assert found == path.read_text(encoding="utf-8"), "`pytest --update` keeps it"


@pytest.mark.parametrize("name", errors.files())
def test_every_annotated_query_has_a_problem(name: str) -> None:
    for query in errors.read(name):
        assert errors.problems(query), query.text


def test_every_class_is_annotated_or_stands_elsewhere() -> None:
    shown = {
        problem.code
        for name in errors.files()
        for query in errors.read(name)
        for problem in errors.problems(query)
    }
    listed = elsewhere()
    assert not shown & set(listed), "these are annotated, so elsewhere.txt need not list them"
    assert shown | set(listed) == {cls.code for cls in all_classes()}
    assert all(listed.values()), "each has a reason"


def elsewhere() -> dict[str, str]:
    """Codes that no query shows, each with the reason why."""
    lines = (errors.FOLDER / "elsewhere.txt").read_text(encoding="utf-8").splitlines()
    found = {}
    for line in lines:
        if line and not line.startswith("#"):
            code, _, reason = line.partition(" ")
            found[code] = reason.strip()
    return found


def example(cls: type[Diagnostic]) -> str | None:
    """The query in a class's page of help, where it has one."""
    block = re.search(r"Example:\n\n((?: {4}.*\n?|\n)+)", f"{inspect.getdoc(cls)}\n")
    return textwrap.dedent(block[1]).strip("\n") if block else None


@pytest.mark.parametrize("cls", [cls for cls in all_classes() if example(cls)])
def test_the_example_of_the_help_shows_the_problem(cls: type[Diagnostic]) -> None:
    text = example(cls)
    assert text is not None
    found = flowql.check(text)
    if not any(problem.severity == "error" for problem in found):
        query = flowql.parse(text)
        for written in (query.to_request, query.to_plan, lambda: query.to_sql("sqlite")):
            try:
                written()
            except FlowQLError as error:
                found += error.diagnostics
    assert cls.code in [problem.code for problem in found]


@pytest.mark.parametrize("cls", all_classes())
def test_every_class_has_a_page_of_help(cls: type[Diagnostic]) -> None:
    page = inspect.getdoc(cls) or ""
    assert page
    assert page.split("\n\n")[0].endswith(".")
    assert "Example:" in page
