"""The samples: what is read of each, that nothing secret is said, and that nothing is lost."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

import flowql
from flowql import FlowQLError
from flowql.diagnostics.render import render, to_json
from flowql.frontends.captured.shell import commands
from tests.frontends.captured.samples import FOLDER, SECRET, problems, read, texts

TEXTS = texts()


def _drawn(name: str) -> str:
    lines = [f"== {name}"]
    try:
        capture = read(TEXTS[name])
    except FlowQLError as error:
        return "\n".join([*lines, *(f"   {problem}" for problem in error.diagnostics)])
    for reading in capture:
        lines.append(f"   {f'{reading.label}: ' * bool(reading.label)}{reading.path}")
        if reading.query:
            lines += [f"      {line}" for line in str(reading.query).splitlines()]
        said = reading.query.warnings if reading.query else reading.problems
        lines += [f"      {problem.severity}: {problem}" for problem in said]
    if capture.passed_over:
        lines.append(f"   {capture.passed_over} passed over")
    return "\n".join(lines)


def test_what_is_read(update: bool) -> None:
    found = "\n\n".join(_drawn(name) for name in TEXTS) + "\n"
    path = FOLDER / "texts.txt"
    if update:
        path.write_text(found, "utf-8")
    assert found == path.read_text("utf-8"), "`pytest --update` keeps it"


def test_what_is_read_is_text() -> None:
    """What is printed is the query that was read."""
    for text in TEXTS.values():
        try:
            capture = read(text)
        except FlowQLError:
            continue
        for reading in capture:
            if reading.query:
                again = flowql.parse(str(reading.query), now=reading.query.now)
                assert again == reading.query


_COPIED = (
    "chrome-all.sh", "chrome-all.fetch.js", "chrome.har", "chrome.cmd.txt", "chrome-all.cmd.txt",
    "chrome-old.cmd.txt", "firefox.sh", "firefox-old.cmd.txt", "firefox.fetch.js",
)  # fmt: skip


def test_the_forms_agree() -> None:
    """One body, copied in many ways, is one query."""
    read_in = {name: [str(one.query) for one in read(TEXTS[name])] for name in _COPIED}
    wanted = read_in["chrome-all.sh"]
    for name in ("chrome-all.fetch.js", "chrome.har"):
        assert [query for query in read_in[name] if query in wanted] == wanted, name
    assert read_in["chrome.cmd.txt"] == read_in["firefox.sh"] == wanted[:1]
    assert read_in["firefox-old.cmd.txt"] == wanted[1:2] == read_in["chrome-all.cmd.txt"][:1]
    assert read_in["chrome-old.cmd.txt"] == wanted[2:3]
    assert read_in["firefox.fetch.js"] == wanted[4:5]


@pytest.mark.parametrize("name", TEXTS)
def test_nothing_secret_is_said(name: str) -> None:
    text = TEXTS[name]
    said = problems(text)
    try:
        readings = read(text).readings
    except FlowQLError as error:
        sources, errors = [error.source], str(error)
    else:
        sources, errors = [reading.source for reading in readings], ""
    # The name of a file that holds the body is no secret: the problem is about it.
    for source in sources:
        for shown in (render(said, source), to_json(said, source), errors):
            assert SECRET not in shown.replace(f"@{SECRET}.json", "")
        if source is not None:
            assert SECRET not in source.text.replace(f"@{SECRET}.json", "")
            assert len(source.text) == len(text)


@pytest.mark.parametrize("name", [name for name in TEXTS if name.endswith(".sh")])
def test_words_are_those_of_bash(name: str) -> None:
    """The real shell, with a `curl` that prints its words, takes the commands apart so, too."""
    bash = shutil.which("bash")
    assert bash is not None, "these tests need bash"
    script = TEXTS[name]
    environment = {"BODY": "$BODY", "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"}
    for variable in ("PREFECT_API_URL", "PREFECT_API_KEY"):
        environment[variable] = f"${variable}"
    printing = 'curl() { printf "%s\\0" curl "$@" >&7; printf "\\1" >&7; }; jq() { :; }\n'
    done = subprocess.run(
        [bash, "-c", f'exec 7>&1; cd "$(mktemp -d)"; {printing}{script}'],
        env=environment,
        capture_output=True,
        timeout=60,
        check=True,
    )
    # bash spells each half of a character beyond \uffff, as browsers write them.
    halves = done.stdout.decode(errors="surrogatepass").encode("utf-16-le", "surrogatepass")
    spoken = [
        [word for word in command.split("\0") if word]
        for command in halves.decode("utf-16-le").split("\1")
    ]
    found, unclosed = commands(script)
    assert not unclosed
    ours = [
        [word.text for word in command if "=" not in word.text or word != command[0]]
        for command in found
        if any(word.text == "curl" for word in command)
    ]
    assert ours == [command for command in spoken if command]


def test_a_broken_request_does_not_keep_back_the_others() -> None:
    capture = read(TEXTS["broken.har"])
    assert [reading.label for reading in capture if reading.query] == [
        "entry 2",
        "entry 9",
        "entry 11",
    ]
    assert all(reading.query or reading.problems for reading in capture)
    codes = [problem.code for reading in capture for problem in reading.problems]
    assert codes == [
        "wrong-json", "not-base64", "encoded-body", "not-har", "not-har", "encoded-body",
        "body-not-kept", "form-data",
    ]  # fmt: skip
    for reading in capture:
        for problem in reading.problems:
            assert problem.pointer


def test_pointers_lead_into_the_file() -> None:
    document = json.loads(TEXTS["broken.har"])
    for reading in read(TEXTS["broken.har"]):
        for problem in reading.problems:
            value = document
            if not (problem.pointer or "").startswith("/log"):
                continue
            *owners, _ = (problem.pointer or "").strip("/").split("/")
            for part in owners:
                value = value[int(part)] if isinstance(value, list) else value[part]
