"""What a comment block says, and that every text is a search or has a problem at its place."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import flowql
from flowql.frontends import text as text_front
from flowql.searches import Search, read
from flowql.searches.file import COMMENT, Item
from flowql.searches.parameters import bound, check
from flowql.source import Source

GRAMMAR = Path(__file__).parent.parent.parent / "grammar" / "flowql.lark"

WHOLE = """\
#!/usr/bin/env flowql
# Runs that ended badly,
# wherever they were.
#
# Ask the data team.

# $since = last 24h: how far back to look
# $states = FAILED, "CRASHED": the ends that count,
#   by their types
#
#   $flow: the flow's name
## $who
# Of these
#   the late ones.
flow_runs where state in $states # not the block
  and start_time in $since and flow.name = $flow and name = $who
"""


def test_the_parts_of_a_search() -> None:
    search = read(WHOLE, "late")
    assert search.description == (
        "Runs that ended badly,\nwherever they were.\n\nAsk the data team.\n\n"
        "Of these\nthe late ones."
    )
    assert search.summary == "Runs that ended badly, wherever they were."
    assert [(one.name, one.description) for one in search.parameters] == [
        ("since", "how far back to look"),
        ("states", "the ends that count, by their types"),
        ("flow", "the flow's name"),
        ("who", ""),
    ]
    assert search.query.startswith("flow_runs where")
    assert search.problems == ()
    assert check(search) == []
    for parameter in search.parameters:
        assert search.text[slice(*parameter.span)] == f"${parameter.name}"
        if parameter.default is not None:
            assert search.text[slice(*parameter.default.span)] == parameter.default.written


@pytest.mark.parametrize(
    ("line", "items", "description"),
    [
        ("$a", None, ""),
        ("$a:", None, ""),
        ("$a: b = c", None, "b = c"),
        ("$a =", [], ""),
        ("$a = : empty", [], "empty"),
        ("$a=b", ["b"], ""),
        ("$a = b c : d: e", ["b c"], "d: e"),
        ("$a = team:data: which", ["team:data"], "which"),
        ("$a = 2026-11-01 12:00:00: from", ["2026-11-01 12:00:00"], "from"),
        ("$a = b,c , d:", ["b", "c", "d"], ""),
        ("$a = b,", ["b", ""], ""),
        ('$a = "b: c, d" : e', [Item("b: c, d", quoted=True)], "e"),
        (r'$a = "\"\u00e9\\", b"', [Item('"é\\', quoted=True), 'b"'], ""),
        ('$a = b "c"', ['b "c"'], ""),
        ("$a = 'b'", ["'b'"], ""),
        ("$größe\t=\tb\t:\tc", ["b"], "c"),
        ("$a = last 24h: how far", ["last 24h"], "how far"),
    ],
)
def test_a_default_and_a_description(
    line: str, items: list[str | Item] | None, description: str
) -> None:
    for text in (f"# {line}\nflows", f"\n\t#\t{line}  \r\nflows"):
        [parameter] = read(text, "s").parameters
        found = None if parameter.default is None else list(parameter.default.items)
        wanted = items and [item if isinstance(item, Item) else Item(item) for item in items]
        assert found == wanted
        assert parameter.description == description


@pytest.mark.parametrize(
    ("line", "marked"),
    [
        ("$a last 7d", "last 7d"),
        ("$a.b: c", ".b: c"),
        ("$a:b", ":b"),
        ('$a = "b', '"b'),
        (r'$a = "\x"', r'"\x"'),
        ('$a = "b" c: d', "c: d"),
        ("$a, $b: both", ", $b: both"),
    ],
)
def test_what_is_no_description(line: str, marked: str) -> None:
    search = read(f"# Rows.\n# {line}\nflows where name = $a", "s")
    [problem] = search.problems
    assert problem.code == "malformed-parameter"
    assert problem.span is not None
    assert search.text[slice(*problem.span)] == marked


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# $a: b\n# $a = c: d\n#    e\nflows where name = $a", ["duplicate-parameter $a"]),
        ("# $b = 1\nflows where name = $a", ["no-such-parameter $b"]),
        ("# $b\nflows", ["no-such-parameter $b"]),
        ("# $s = FAILD\nflow_runs where state = $s", ["bad-default FAILD"]),
        ("# $s = FAILED, CRSHED\nflow_runs where state in $s", ["bad-default FAILED, CRSHED"]),
        ("# $s = FAILED, CRASHED\nflow_runs where state = $s", ["bad-default FAILED, CRASHED"]),
        ("# $t = 7d\nflow_runs where start_time > $t", ["bad-default 7d"]),
        ("# $n = soon\nflow_runs where start_time in last $n", ["bad-default soon"]),
        ("# $n = 7\nflow_runs where start_time in last $n", ["bad-default 7"]),
        ("# $n = 7d, 8d\nflow_runs where start_time in last $n", ["bad-default 7d, 8d"]),
        ("# $n = 36h\nflow_runs where start_time > today - $n", ["bad-default 36h"]),
        ("# $t = 7\ntask_runs where duration > $t or duration < $t", ["bad-default 7"]),
        ("# $n = many\nflows limit $n", ["bad-default many"]),
        ("# $n = -1\nflows limit $n", ["bad-default -1"]),
        ("# $n =\nflows limit $n", ["bad-default "]),
        ("# $d = null\ndeployments where paused = $d", ["bad-default null"]),
        ('# $d = "a", "b"\nflows where name = $d', ['bad-default "a", "b"']),
        ('# $d = "\\ud800"\nflows where name = $d', ['bad-default "\\ud800"']),
        (
            "# $a = x\n# $b = y\nflow_runs where start_time between $a and $b",
            ["bad-default x", "bad-default y"],
        ),
        # The query's own problems come first, and defaults wait for a query.
        ("# $s = FAILD\nflow_runs where state = $s and nam = a", ["unknown-field nam"]),
        ("# $b = 1\nflow_runs where", ["unexpected-text "]),
        ("# $b = 1\n# $c d\nflows where nam = a", [
            "no-such-parameter $b", "malformed-parameter d", "no-such-parameter $c",
            "unknown-field nam",
        ]),
    ],
)  # fmt: skip
def test_each_problem_is_at_its_place(text: str, expected: list[str]) -> None:
    search = read(text, "s")
    found = [problem for problem in check(search) if problem.severity == "error"]
    shown = [f"{problem.code} {text[slice(*problem.span or (0, 0))]}" for problem in found]
    assert sorted(shown) == sorted(expected)
    with pytest.raises(flowql.FlowQLError) as raised:
        bound(search)
    assert raised.value.diagnostics == found
    assert raised.value.source is not None
    assert raised.value.source.text == text


@pytest.mark.parametrize(
    ("default", "query", "meant"),
    [
        ("FAILED", "flow_runs where state = $p", "flow_runs where state = FAILED"),
        ("FAILED", "flow_runs where state in $p", "flow_runs where state in [FAILED]"),
        ("a, b", "flows where tags has any $p", "flows where tags has any [a, b]"),
        ('"a, b"', "flows where tags has any $p", 'flows where tags has any ["a, b"]'),
        ("", "flows where tags has any $p", "flows where tags has any []"),
        ("a, b", "flows where name = $p", 'flows where name = "a, b"'),
        ('"a: b"', "flows where name = $p", 'flows where name = "a: b"'),
        ('" a "', "flows where name = $p", 'flows where name = " a "'),
        ("", "flows where name = $p", 'flows where name = ""'),
        ("last 7d", "flow_runs where start_time in $p", "flow_runs where start_time in last 7d"),
        ("now - 7d", "flow_runs where start_time > $p", "flow_runs where start_time > now - 7d"),
        ("7d", "flow_runs where start_time in last $p", "flow_runs where start_time in last 7d"),
        ("2w", "flow_runs where end_time > today - $p", "flow_runs where end_time > today - 14d"),
        ("2026-11", "flow_runs where start_time < $p", "flow_runs where start_time < 2026-11"),
        ("1h30m", "task_runs where duration > $p", "task_runs where duration > 1h30m"),
        ("5", "flow_runs where parameters.x = $p", "flow_runs where parameters.x = 5"),
        ('"5"', "flow_runs where parameters.x = $p", 'flow_runs where parameters.x = "5"'),
        ("true", "deployments where paused = $p", "deployments where paused = true"),
        ("20", "flows limit $p", "flows limit 20"),
        ("20", "flows where count run > $p", "flows where count run > 20"),
    ],
)
def test_a_default_is_read_as_its_place_asks(default: str, query: str, meant: str) -> None:
    search = read(f"# $p = {default}\n{query}\n", "s")
    assert bound(search) == flowql.parse(meant)
    # What an option says goes before it, and is read alike.
    if '"' not in default and ", " not in default:
        other = read(f"# $p = no, such, thing\n{query}", "s")
        assert bound(other, {"p": [default]}) == flowql.parse(meant)


def test_comments_are_the_grammars() -> None:
    written = re.search(r"^COMMENT: /(.+)/$", GRAMMAR.read_text(encoding="utf-8"), re.M)
    assert written is not None
    assert COMMENT.pattern == written[1]


_LINES = st.lists(
    st.one_of(
        st.text(max_size=20),
        st.builds(
            "{0}#{1}{2}{3}{4}".format,
            st.sampled_from(["", " ", "\t", "\u00a0", "\f"]),
            st.sampled_from([" ", "", "#", "!", "  ", "\t", "\r"]),
            st.sampled_from(["", "$a", "$states", "$b c", "text", "$", "$é"]),
            st.sampled_from(["", " = ", "=", ": ", " = x: ", ' = "x": ', ' = "', " = FAILED,"]),
            st.text(max_size=12),
        ),
        st.sampled_from(
            ["flows", "flow_runs where state in $states", "flows where name = $a", "limit $a", ""]
        ),
    ),
    max_size=8,
)


@given(_LINES, st.sampled_from(["\n", "\r\n", "\n\n"]))
def test_every_text_is_read(lines: list[str], end: str) -> None:
    text = end.join(lines)
    search = read(text, "s")
    assert search.contents == text
    source = Source(search.text)
    for problem in check(search):
        assert problem.message
        assert problem.span is not None
        start, stop = problem.span
        assert 0 <= start <= stop <= len(search.text)
        assert source.place(start) <= source.place(stop)
    with suppress(flowql.FlowQLError):
        bound(search)
    _agrees_with_the_parser(search)


def _agrees_with_the_parser(search: Search) -> None:
    """What the block ends with is where the parser sees the query begin."""
    tree, problems = text_front.parse(search.text)
    if not problems:
        before = [comment for comment in tree.comments if comment.span.end <= search.begins]
        assert not search.query.startswith("#")
        assert len(before) == len(COMMENT.findall(search.text[: search.begins]))


@given(_LINES)
def test_tidying_keeps_what_a_search_says(lines: list[str]) -> None:
    text = "\n".join(lines)
    search = read(text, "s")
    try:
        tidied = read(flowql.fmt(search.text), "s")
    except flowql.FlowQLError:
        return
    said = [(one.name, one.default and one.default.items) for one in search.parameters]
    assert [(one.name, one.default and one.default.items) for one in tidied.parameters] == said
    assert tidied.description.split() == search.description.split()
    assert len(tidied.problems) == len(search.problems)
