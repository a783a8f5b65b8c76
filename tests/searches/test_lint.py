"""What is said of several searches together: stated by hand, in words, and in how little time."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from flowql.diagnostics.finding import Finding
from flowql.diagnostics.lint import ComparedInPart, EmptySearch
from flowql.searches import Search, read
from flowql.searches.lint import lint
from tests.cli.command import ROOT

_FOLDERS = Path(__file__).with_name("lint.folders")


def folders() -> list[tuple[str, list[Search], list[str]]]:
    """Each folder: its sentence, its searches, what is to be said of them."""
    found = []
    for piece in _FOLDERS.read_text(encoding="utf-8").split("\n\n"):
        lines = [line.strip() for line in piece.splitlines() if not line.startswith("#")]
        if not any(lines):
            continue
        said = [line.removeprefix("-> ") for line in lines[1:] if line.startswith("-> ")]
        texts = [line.partition(": ") for line in lines[1:] if not line.startswith("-> ")]
        searches = [
            read(text.replace("\\n", "\n"), name, shown=f"{name}.flowql") for name, _, text in texts
        ]
        found.append((lines[0], searches, said))
    return found


def said(finding: Finding) -> str:
    assert finding.source is not None
    name = finding.source.name.removesuffix(".flowql")
    words = [name, finding.diagnostic.code, getattr(finding.diagnostic, "other", "")]
    return " ".join(word for word in words if word)


@pytest.mark.parametrize(
    ("searches", "expected"),
    [pytest.param(searches, expected, id=name) for name, searches, expected in folders()],
)
def test_what_is_said_of_a_folder(searches: list[Search], expected: list[str]) -> None:
    assert sorted(map(said, lint(searches))) == sorted(expected)


def _messages(**texts: str) -> list[str]:
    searches = [read(text, name, shown=f"{name}.flowql") for name, text in texts.items()]
    return [str(finding.diagnostic) for finding in lint(searches)]


def test_the_reasons_are_in_words() -> None:
    assert _messages(
        bad="# Ended badly.\nruns where state in [FAILED, CRASHED]",
        etl="runs where state = FAILED and tags has etl",
    ) == [
        "contained-search: every row of this search is one of `bad` at bad.flowql:2:12: "
        "`state in [FAILED, CRASHED]` follows from `state = FAILED`; "
        "only this search asks `tags has etl`"
    ]
    assert _messages(
        a="runs where name = x and start_time > $since",
        b="runs where start_time > $since and name = x",
    ) == [
        "same-search: this means the same as `a` at a.flowql:1:12 where `$since` is the same in "
        "both: the conditions are the same but for spelling and order"
    ]
    assert _messages(a="runs where run_count > 3", b="runs where run_count >= 4") == [
        "same-search: this means the same as `a` at a.flowql:1:12: "
        "`run_count >= 4` means `run_count > 3`"
    ]
    assert _messages(
        a="runs where name != x and (tags has a or state not in [FAILED, CRASHED])",
        b="runs where (not tags has a or name != x) and name != x"
        " and (state not in [CRASHED, FAILED] or tags has a)",
    ) == [
        "same-search: this means the same as `a` at a.flowql:1:12: "
        "`state not in [CRASHED, FAILED] or tags has a` means "
        "`tags has a or state not in [FAILED, CRASHED]`; "
        "`tags not has a or name != x` follows from `name != x`"
    ]
    assert _messages(a="runs where state = FAILED", b="runs where state = FAILED sort name") == [
        "contained-search: this selects the same rows as `a` at a.flowql:1:12: only sort differs"
    ]
    assert _messages(a="every run (state = FAILED) and run.state = CRASHED and name = x") == [
        "empty-search: this search selects nothing: "
        "no row meets `every run (state = FAILED)` and `run.state = CRASHED` together"
    ]


def test_the_page_shows_what_is_said() -> None:
    page = (ROOT / "docs" / "searches.md").read_text(encoding="utf-8")
    section = page[page.index("### Lint") :]
    files, messages = re.findall(r"^```text\n(.*?)^```", section, re.M | re.S)[:2]
    texts = (line.split(None, 1) for line in files.splitlines())
    searches = [read(text, name.removesuffix(".flowql"), shown=name) for name, text in texts]
    found = lint(searches)
    assert [f"{finding.diagnostic.severity}[{finding.diagnostic}" for finding in found] == [
        line.replace("]:", ":", 1) for line in messages.splitlines()
    ]


def test_places_are_those_of_the_queries() -> None:
    searches = [
        read("# One.\n\nruns where state = FAILED", "a"),
        read("# Two.\nruns where state in [FAILED]", "b"),
    ]
    (finding,) = lint(searches)
    assert finding.source is not None
    assert finding.diagnostic.span is not None
    start, end = finding.diagnostic.span
    assert finding.source.text[start:end] == "state in [FAILED]"
    empty = read("name = x and latest run (state = FAILED) and no run (state = FAILED)", "c")
    (finding,) = lint([empty])
    assert isinstance(finding.diagnostic, EmptySearch)
    assert finding.diagnostic.span is not None
    start, end = finding.diagnostic.span
    assert empty.text[start:end] == "latest run (state = FAILED) and no run (state = FAILED)"


def many(number: int) -> list[Search]:
    """Searches of one target that ask much the same of much the same columns."""
    rng = random.Random(4)
    states = ("FAILED", "CRASHED", "COMPLETED", "RUNNING", "PENDING")

    def condition() -> str:
        some = ", ".join(rng.sample(states, rng.randint(1, 3)))
        return rng.choice(
            (
                f"state in [{some}]",
                f"start_time in last {rng.choice((1, 6, 24, 48))}h",
                f"tags has any [{', '.join(rng.sample('abcde', rng.randint(1, 3)))}]",
                f"name contains {rng.choice(('etl', 'et', 'nightly'))}",
                f"duration > {rng.choice((1, 5, 10))}m",
                "deployment.paused = true",
                f"any task (state in [{some}])",
                f"(state = {rng.choice(states)} or flow.name = x{rng.randint(0, 3)})",
                f"count task (state = FAILED) > {rng.randint(0, 4)}",
            )
        )

    return [
        read("runs where " + " and ".join(condition() for _ in range(rng.randint(1, 5))), f"s{n}")
        for n in range(number)
    ]


def test_many_searches_are_compared_up_to_a_limit() -> None:
    searches = many(60)
    found = lint(searches)
    assert {finding.diagnostic.code for finding in found} >= {"same-search", "contained-search"}
    assert lint(searches, most=100)[-1].diagnostic == ComparedInPart(limit=100)
    assert not any(isinstance(finding.diagnostic, ComparedInPart) for finding in found)


def test_searches_of_different_columns_are_not_even_compared() -> None:
    """Of these no two speak of one column, so that no pair is left to compare."""
    texts = ["runs where name = x", "runs where state = FAILED", "runs where tags has x"]
    texts += ["runs where duration > 5m", "flows where name = x", "tasks where name = x"]
    assert lint([read(text, f"s{n}") for n, text in enumerate(texts)], most=0) == []
