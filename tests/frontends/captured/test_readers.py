"""Each reader by itself: what it takes, what it refuses and where, and that nothing breaks it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import flowql
from flowql import FlowQLError
from flowql.frontends.captured.found import endpoint_path
from flowql.frontends.captured.shell import commands
from tests.effort import lines
from tests.frontends.captured.samples import NOW, problems, read, texts

URL = "http://127.0.0.1:4200/api/flow_runs/filter"


def bodies(text: str) -> list[str | None]:
    """The queries of a text, None where one could not be read."""
    return [str(reading.query) if reading.query else None for reading in read(text)]


def as_json(command: str) -> str:
    """The command with the header without which the server would ignore its body."""
    return re.sub(r"(curl(?:\.exe)?) ", r"\1 -HContent-Type:application/json ", command, count=1)


# ── paths ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("http://127.0.0.1:4200/api/flow_runs/filter", "/flow_runs/filter"),
        ("https://prefect.example.org/api/flows/paginate?x=1#y", "/flows/paginate"),
        ("https://prefect.example.org/team/prefect/api/flows/count/", "/flows/count"),
        ("https://me:pass@host:8443/api/task_runs/filter", "/task_runs/filter"),
        ("https://api.prefect.cloud/api/accounts/a-b/workspaces/c-d/logs/filter", "/logs/filter"),
        ("/api/flow_runs/filter", "/flow_runs/filter"),
        ("/flow_runs/filter", "/flow_runs/filter"),
        ("flow_runs/filter", "/flow_runs/filter"),
        ("http://[::1/api/flow_runs/filter", "/flow_runs/filter"),
        ("http://host//api//flow_runs/filter", "/flow_runs/filter"),
        ("http://host/api/work_pools/k8s/queues/filter", "/work_pools/k8s/queues/filter"),
        ("http://host/api/flow_runs/filter/x", "/api/flow_runs/filter/x"),
        ("http://host", "/"),
    ],
)
def test_path(url: str, path: str) -> None:
    assert endpoint_path(url) == path


# ── curl ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("command", "query"),
    [
        ("curl {url} -d '{{\"limit\": 5}}'", "flow_runs limit 5"),
        ("curl -d '{{\"limit\": 5}}' {url}", "flow_runs limit 5"),
        ("$ curl --url {url} --data-binary '{{\"limit\": 5}}'", "flow_runs limit 5"),
        ("/usr/bin/curl -sSLd '{{\"limit\": 5}}' {url}", "flow_runs limit 5"),
        ("curl -XPOST {url}", "flow_runs"),
        ("curl -X POST {url} -d ''", "flow_runs"),
        ("curl --request post {url} --data-ascii '{{}}'", "flow_runs"),
        # curl takes several bodies with an ampersand between them, and several of JSON without.
        ("curl {url} --json '{{\"limit\":' --json ' 5}}'", "flow_runs limit 5"),
        ("curl {url} -d '{{\"flow_runs\": {{\"name\": {{\"any_\": [\"a' -d 'b\"]}}}}}}'",
         'flow_runs where name = "a&b"'),
        ("curl {url} -d '{{\"limit\": 5}}' # and why", "flow_runs limit 5"),
        ("curl {url} -d '{{\"limit\": 5}}' | jq . > out.json 2>&1", "flow_runs limit 5"),
        ("echo started; curl {url} -d '{{\"limit\": 5}}' && echo done", "flow_runs limit 5"),
        ("curl {url} -H \"$AUTH\" -H \"x: $(date)\" -d '{{\"limit\": 5}}'", "flow_runs limit 5"),
        ("curl \"${{PREFECT_API_URL}}/flow_runs/filter\" -d '{{\"limit\": 5}}'",
         "flow_runs limit 5"),
        ("curl $(api)/flow_runs/filter -d '{{\"limit\": 5}}'", "flow_runs limit 5"),
        ("curl {url} -d $'{{\\x22limit\\x22: \\065}}'", "flow_runs limit 5"),
        ("curl {url} -d $'{{\"flow_runs\": {{\"name\": {{\"any_\": [\"\\ud83d\\ude80\"]}}}}}}'",
         "flow_runs where name = \"🚀\""),
        ("curl {url} -d $'{{\"flow_runs\": {{\"name\": {{\"any_\": [\"\\xc3\\xa9\"]}}}}}}'",
         "flow_runs where name = é"),
        ("curl.exe {url} -d \"{{\"\"limit\"\": 5}}\"", "flow_runs limit 5"),
        ("C:\\Users\\me>curl.exe {url} ^\r\n -d \"{{\\\"limit\\\": 5}}\"", "flow_runs limit 5"),
        ("curl.exe {url} `\r\n  -d '{{\"limit\": 5}}'", "flow_runs limit 5"),
        ("curl.exe {url} `\n  -d \"{{`\"limit`\": 5}}\"", "flow_runs limit 5"),
    ],
)  # fmt: skip
def test_curl(command: str, query: str) -> None:
    (found,) = bodies(as_json(command.format(url=URL)))
    assert found is not None
    assert flowql.parse(found) == flowql.parse(query)


@pytest.mark.parametrize(
    ("command", "code", "place"),
    [
        ("curl {url} -d @body.json", "body-in-file", "@body.json"),
        ("curl {url} --data-binary @-", "body-in-file", "@-"),
        ("curl {url} -K config.txt -d '{{}}'", "body-in-file", "config.txt"),
        ("curl {url} -T body.json -X POST", "body-in-file", "body.json"),
        ("curl {url} -d \"$BODY\"", "shell-expansion", "$BODY"),
        ("curl {url} -d \"{{\\\"limit\\\": $LIMIT}}\"", "shell-expansion", "$LIMIT"),
        ("curl {url} -d \"$(cat body.json)\"", "shell-expansion", "$(cat body.json)"),
        ("curl {url} -d `cat body.json`", "shell-expansion", "`cat body.json`"),
        ("curl {url}/$WHICH/filter -d '{{}}'", "shell-expansion", "$WHICH"),
        ("curl ^\n {url} -d \"%BODY%\"", "shell-expansion", "%BODY%"),
        ("curl {url} -d '{{}}", "unclosed-quote", "'"),
        ("curl {url} -d \"{{}}", "unclosed-quote", '"'),
        ("curl {url} -d $'{{}}", "unclosed-quote", "$'"),
        ("curl ^\n {url} -d \"{{}}", "unclosed-quote", '"'),
        ("curl `\n {url} -d '{{}}", "unclosed-quote", "'"),
        ("curl {url} -d", "option-without-value", "-d"),
        ("curl {url} --frobnicate '{{}}'", "unknown-option", "--frobnicate"),
        ("curl {url} --token=abc '{{}}'", "unknown-option", "--token"),
        ("curl {url} -s@ '{{}}'", "unknown-option", "-s"),
        ("curl {url} -F limit=5", "form-data", "-F"),
        ("curl {url} --data-urlencode limit=5", "form-data", "--data-urlencode"),
        ("curl {url} -H @headers.txt", "body-in-file", "@headers.txt"),
        ("curl {url} -H \"Content-Type: $TYPE\" -d '{{}}'", "shell-expansion", "$TYPE"),
        ("curl -d '{{}}'", "no-url", "curl"),
        ("curl -G {url} -d limit=5", "other-method", "/flow_runs/filter"),
        ("curl -X PUT {url} -d '{{}}'", "other-method", "/flow_runs/filter"),
    ],
)  # fmt: skip
def test_a_curl_command_that_cannot_be_read(command: str, code: str, place: str) -> None:
    text = as_json(command.format(url=URL))
    found = problems(text)
    assert [problem.code for problem in found] == [code]
    assert found[0].span is not None
    start, end = found[0].span
    assert text[start:end] == place


@pytest.mark.parametrize("command", ["curl {url}", "curl -I {url}", "curl http://host/"])
def test_a_command_that_asks_for_no_rows(command: str) -> None:
    assert [problem.code for problem in problems(command.format(url=URL))] == ["nothing-to-read"]


@pytest.mark.parametrize("path", ["/flow_run/filter", "/flow_runs/filtr"])
def test_a_single_post_elsewhere_is_named(path: str) -> None:
    found = problems(f"curl -X POST http://host/api{path}")
    assert [problem.code for problem in found] == ["unknown-path"]
    assert "did you mean `/flow_runs/filter`?" in (found[0].help or "")


_SHELL_TEXT = st.text(
    st.sampled_from(list("ab \"'\\$`^&|;<>()%!#{}[]@\n\té🚀")) | st.characters(codec="utf-8"),
    max_size=40,
)


@given(_SHELL_TEXT)
@settings(max_examples=settings.default.max_examples * 2)
def test_what_browsers_quote_is_read_back(text: str) -> None:
    """The quoting of Chrome's copies for bash and for cmd, and of PowerShell, undone."""
    text = text.replace("\0", "").replace("\r", "")
    assert _word(_bash(text)) == text
    plain = re.sub("[^ -~\n]", " ", text)
    # cmd's quoting doubles backslashes, which only before a quote are single again.
    assert _word(_cmd(plain.replace("\\", ""))) == plain.replace("\\", "")
    assert _word(f"curl `\n'{text.replace(chr(39), chr(39) * 2)}'") == text


def _word(line: str) -> str:
    found, unclosed = commands(line)
    assert not unclosed
    assert [len(command) for command in found] == [2]
    return found[0][1].text


def _bash(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return f"curl $'{escaped}'" if escaped != text else f"curl '{text}'"


def _cmd(text: str) -> str:
    text = re.sub(r"[^a-zA-Z0-9\s_\-:=+~'\/.',?;()*`]", r"^\g<0>", text.replace('"', '\\"'))
    text = re.sub(r"%(?=[a-zA-Z0-9_])", "%^", text)
    return 'curl ^"' + text.replace("\n", "^\n\n") + '^"'


_BASH_LINE = st.lists(
    st.sampled_from(
        [
            *r"""a 'x' "y" ' " \ $' $'\n\x41' \' \" # \\ é "" '' = {a} '"' "'" """.split(),
            *("b c", '"y z"', "\\\n", " ", "\n", " #", "\\ "),
        ]
    ),
    max_size=12,
).map("".join)


@given(_BASH_LINE)
@settings(max_examples=settings.default.max_examples * 2, deadline=None)
def test_random_lines_are_read_as_bash_reads_them(line: str) -> None:
    bash = shutil.which("bash")
    assert bash is not None, "these tests need bash"
    found, unclosed = commands(f"curl {line}\n")
    script = f'curl() {{ printf "%s\\0" "$@"; }}\ncurl {line}\n'
    done = subprocess.run(
        [bash, "-c", script], capture_output=True, timeout=60, env={"LC_ALL": "C.UTF-8"}
    )
    if unclosed:
        assert b"unexpected EOF" in done.stderr
        return
    if len(found) == 1:
        spoken = done.stdout.decode().split("\0")[:-1]
        assert [word.text for word in found[0][1:]] == spoken or not found[0][1:]


# ── fetch ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("call", "query"),
    [
        ("fetch('{url}', {{method: 'POST', body: '{{\"limit\": 5}}'}})", "flow_runs limit 5"),
        ("fetch('{url}', {{method: 'POST'}})", "flow_runs"),
        ("return window.fetch(`{url}`, {{\"method\": `POST`, body: null,}},);", "flow_runs"),
        ("fetch('{url}', {{body: JSON.stringify({{limit: 0x5}}), method: 'POST'}})",
         "flow_runs limit 5"),
        ("fetch('{url}', {{headers: {{a: [b(','), '}}']}}, x: a ? b : c, method: 'POST'}})",
         "flow_runs"),
        ("fetch('{url}', {{ /* } */ method: 'POST', // , }}\n body: '{{}}' }})", "flow_runs"),
        ("fetch('{url}', {{method: 'POST', body: '{{\"flow_runs\": {{\"name\": {{\"any_\": "
         "[\"\\u{{1F680}}\\x41\\\n\"]}}}}}}'}})", "flow_runs where name = \"🚀A\""),
    ],
)  # fmt: skip
def test_fetch(call: str, query: str) -> None:
    if "headers" not in call:
        call = call.replace("{{", "{{headers: {{'content-type': 'application/json'}}, ", 1)
    (found,) = bodies(call.replace("/* } */", "/* }} */").format(url=URL))
    assert found is not None
    assert flowql.parse(found) == flowql.parse(query)


@pytest.mark.parametrize(
    ("call", "code", "place"),
    [
        ("fetch(url, {{method: 'POST'}})", "not-literal", "url"),
        ("fetch(`${{api}}/flow_runs/filter`, {{method: 'POST'}})", "not-literal", "${"),
        ("fetch('http://h' + path, {{method: 'POST'}})", "not-literal", "+"),
        ("fetch('{url}', options)", "not-literal", "options"),
        ("fetch('{url}', {{method: 'POST', headers}})", "not-literal", "}"),
        ("fetch('{url}', {{method: 'POST', headers: headers}})", "not-literal", "headers"),
        ("fetch('{url}', {{headers: {{'Content-Type': type}}}})", "not-literal", "type"),
        ("fetch('{url}', {{headers: {{...usual}}}})", "not-literal", "...usual"),
        ("fetch('{url}', {{...options}})", "not-literal", "...options"),
        ("fetch('{url}', {{method: 'POST', body}})", "not-literal", "}"),
        ("fetch('{url}', {{method: 'POST', body: body}})", "not-literal", "body"),
        ("fetch('{url}', {{method: 'POST', body: {{}}}})", "not-literal", "{"),
        ("fetch('{url}', {{method: 'POST', body: JSON.stringify(a)}})", "not-literal", "a"),
        ("fetch('{url}', {{method: 'POST', body: JSON.stringify({{a: 1n}})}})",
         "not-literal", "1n"),
        ("fetch('{url}', {{method: 'POST', body: '{{}}", "unclosed-quote", "'"),
        ("fetch('{url}'", "not-literal", ""),
    ],
)  # fmt: skip
def test_a_call_that_cannot_be_read(call: str, code: str, place: str) -> None:
    text = call.format(url=URL)
    found = problems(text)
    assert [problem.code for problem in found] == [code]
    assert found[0].span is not None
    start, end = found[0].span
    assert text[start:end] == place


def test_nothing_is_evaluated_however_deep() -> None:
    deep = "[" * 5_000 + "]" * 5_000
    text = f"fetch('{URL}', {{method: 'POST', body: JSON.stringify({deep})}})"
    assert [problem.code for problem in problems(text)] == ["not-json"]


# ── content types ─────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "content_type"),
    [
        (f"curl {URL} -d '{{}}'", "application/x-www-form-urlencoded"),
        (f"curl {URL} --data-raw '{{}}' -H 'Accept: application/json'",
         "application/x-www-form-urlencoded"),
        (f"curl {URL} --json '{{}}' -H 'content-type : text/plain'", "text/plain"),
        (f"curl {URL} -d '{{}}' -H 'Content-Type;'", ""),
        (f"curl {URL} -d '{{}}' -H 'Content-Type:'", None),
        (f"curl {URL} -d '{{}}' -H 'CONTENT-TYPE:APPLICATION/JSON; charset=x'", None),
        (f"curl {URL} -d '{{}}' -H 'Content-Type: application/vnd.api+json'", None),
        (f"curl {URL} --json '{{}}'", None),
        (f"fetch('{URL}', {{method: 'POST', body: '{{}}'}})", "text/plain;charset=UTF-8"),
        (f"fetch('{URL}', {{method: 'POST', body: '{{}}', headers: {{a: b}}}})",
         "text/plain;charset=UTF-8"),
        (f"fetch('{URL}', {{method: 'POST', body: '{{}}',"
         " headers: {'Content-type': 'application/json', Authorization: `Bearer ${t}`}})", None),
    ],
)  # fmt: skip
def test_a_body_that_is_not_sent_as_json_is_ignored(text: str, content_type: str | None) -> None:
    warnings = problems(text)
    if content_type is None:
        assert not warnings
        return
    assert [(warning.code, warning.severity) for warning in warnings] == [
        ("body-ignored", "warning")
    ]
    assert f"`{content_type}`" in warnings[0].message


@pytest.mark.parametrize(
    "text",
    [
        f"curl -X POST '{URL}?limit=5'",
        f"fetch('{URL}?limit=5', {{method: 'POST'}})",
        json.dumps({"log": {"entries": [{"request": {"method": "POST", "url": f"{URL}?x#y"}}]}}),
    ],
)
def test_what_stands_behind_the_path_is_ignored(text: str) -> None:
    assert bodies(text) == ["flow_runs"]
    assert [problem.code for problem in problems(text)] == ["query-ignored"]


# ── other texts ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "unknown-form"),
        ("wget http://127.0.0.1:4200/api/flow_runs/filter", "unknown-form"),
        ("flow_runs where state = FAILED", "unknown-form"),
        ('{"limit": 5}', "missing-path"),
        ('{"limit": 5', "not-json"),
        ("[" * 100_000, "not-json"),
        ('{"log": 5}', "not-har"),
        ('{"log": {"entries": {}}}', "not-har"),
        ('{"log": {"entries": []}}', "nothing-to-read"),
        ("http://127.0.0.1:4200/", "unknown-page"),
        ("http://127.0.0.1:4200/api/flow_runs/filter", "other-method"),
    ],
)
def test_a_text_that_is_none(text: str, code: str) -> None:
    assert [problem.code for problem in problems(text)] == [code]


def test_a_body_with_its_path() -> None:
    (reading,) = flowql.from_capture('\ufeff{"limit": 5}', path="http://host/api/flows/filter")
    assert str(reading.query) == "flows limit 5"
    (reading,) = flowql.from_capture('{"limit": 500}', path="/flows/filter")
    assert [problem.code for problem in reading.problems] == ["number-outside"]


def test_the_server_is_asked_for() -> None:
    pair = json.dumps(
        {"flow_runs": {"state": {"type": {"any_": ["FAILED"], "not_any_": ["CRASHED"]}}}}
    )
    for server, warnings in (("3.8", ["ignored-pair"]), ("3.9", [])):
        (reading,) = flowql.from_capture(f"curl {URL} --json '{pair}'", server)
        assert reading.query
        assert [warning.code for warning in reading.query.warnings] == warnings
    (reading,) = flowql.from_capture(f"curl {URL} --json '{pair}'", "2.20")
    assert [problem.code for problem in reading.problems] == ["unknown-server"]


@pytest.mark.parametrize(
    "large",
    [
        lambda size: f"curl {URL} -d '{{}}'\n" * size,
        lambda size: f"curl {URL} " + "--frob " * size,
        lambda size: "curl $'" + "\\u0041" * size + "'",
        lambda size: "curl ^\n " + '^^\\"' * size,
        lambda size: "curl `\n " + "`a" * size,
        lambda size: f"fetch('{URL}', {{x: (" * size,
        lambda size: "fetch(/*" * size,
        lambda size: "http://h/runs?" + "&".join(f"a{number}=1" for number in range(size)),
        lambda size: "http://h/runs?" + "state=a&" * size,
        lambda size: json.dumps({"log": {"entries": [{"request": {}}] * size}}),
    ],
)
def test_twice_as_much_is_twice_the_work(large: Any) -> None:
    _reads_or_refuses(large(10))
    once, twice = (lines(partial(problems, large(size))) for size in (400, 800))
    assert twice < 2.5 * once


# ── anything at all ───────────────────────────────────────────────────────────

_TEXTS = list(texts().values())


@st.composite
def _damaged(draw: st.DrawFn) -> str:
    """A sample with some of it cut out, doubled, or replaced."""
    text = draw(st.sampled_from(_TEXTS))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 20)))
        put = draw(
            st.sampled_from(
                ["", "'", '"', "\\", "^", "`", "{", "}", "$(", "\0", "\ud800", "%", "&"]
            )
            | st.text(max_size=5)
        )
        text = text[:start] + put + text[end:]
    return text


_PREFIXES = ["", "curl ", "curl ^\n", "curl `\n", "fetch(", '{"log": ', "http://h/runs?", "{"]


@given(_damaged() | st.builds(str.__add__, st.sampled_from(_PREFIXES), st.text()))
def test_any_text_is_read_or_refused(text: str) -> None:
    _reads_or_refuses(text)


_JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)
_REQUEST = st.fixed_dictionaries(
    {"method": st.just("POST") | _JSON, "url": st.just(URL) | _JSON},
    optional={
        "headers": st.lists(st.fixed_dictionaries({"name": _JSON, "value": _JSON})) | _JSON,
        "bodySize": _JSON,
        "postData": st.fixed_dictionaries({}, optional={"text": _JSON, "encoding": _JSON}) | _JSON,
    },
)


@given(st.lists(st.fixed_dictionaries({"request": _REQUEST | _JSON}) | _JSON, max_size=3) | _JSON)
@settings(max_examples=settings.default.max_examples * 2)
def test_any_har_is_read_or_refused(entries: Any) -> None:
    _reads_or_refuses(json.dumps({"log": {"entries": entries}}))


_PARAMETERS = st.lists(
    st.tuples(
        st.sampled_from(
            "state tab type seconds startDate endDate date quantity unit period range start end"
            " page limit sort tags tag flows rangeType from to aroundDate aroundQuantity aroundUnit"
            " hide-subflows hideSubflows flow-runs-page flow-runs-sort x flows.nameLike".split()
        ),
        st.sampled_from(
            "span range around period Today -1 0 1 7.5 1e999 99999999999999999999 -1e30 0x10 true"
            ' false null [] ["a"] {} 2026 2026-04-15 2026-04-15T12:00 2026-04-15T12:00:00Z'
            " 0001-01-01T00:00:00%2B14:00 9999-12-31T23:59:59.999Z day second past-7-days today"
            " Late NAME_ASC %FF NaN".split()
        )
        | st.text(max_size=5),
    ),
    max_size=8,
)


@given(st.sampled_from(["", "/v2"]), st.sampled_from(["runs", "dashboard", "flows", "deployments"]),
       _PARAMETERS)  # fmt: skip
def test_any_address_is_read_or_refused(
    prefix: str, page: str, parameters: list[tuple[str, str]]
) -> None:
    query = "&".join(f"{name}={value}" for name, value in parameters)
    _reads_or_refuses(f"http://h{prefix}/{page}?" + re.sub(r"[#\s]", "", query))


def _reads_or_refuses(text: str) -> None:
    try:
        capture = flowql.from_capture(text, now=NOW)
    except FlowQLError as error:
        assert str(error)  # noqa: PT017 (either outcome is right)
        return
    for reading in capture:
        assert (reading.query is None) == bool(reading.problems)
        for problem in reading.problems:
            assert problem.severity == "error"
            assert problem.message
            assert problem.span or problem.pointer is not None or problem.code in _WHOLE
        if reading.query:
            again = flowql.parse(str(reading.query), now=reading.query.now)
            assert again == reading.query


_WHOLE = {"unknown-path", "unknown-server", "not-json"}
"""Problems about a request as a whole; its label says which it is."""
