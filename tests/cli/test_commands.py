"""What each command gives."""

from __future__ import annotations

import json
import re
from pathlib import Path

import flowql
from tests.cli.command import MAIN, NAMES, flow, process, rows
from tests.oracle.data import AWKWARD
from tests.oracle.server import PrefectServer


def test_body() -> None:
    done = process("body", MAIN)
    assert (done.code, done.err) == (0, "")
    first, _, body = done.out.partition("\n")
    assert first == "POST /flows/paginate"
    assert json.loads(body) == flowql.parse(MAIN).to_request().body
    assert '  "flows": {"tags": {"all_": ["etl"]}},\n' in body
    as_json = json.loads(flow("body", MAIN, "--json").out)
    assert as_json == {"method": "POST", "path": "/flows/paginate", "body": json.loads(body)}


def test_body_for_another_endpoint() -> None:
    done = flow("body", "flow_runs where state = FAILED", "--endpoint", "/flow_runs/filter")
    assert done.out.startswith("POST /flow_runs/filter\n")
    done = flow("body", "flow_runs where state = FAILED", "--endpoint", "/no/such")
    assert (done.code, done.out) == (1, "")


def test_sql_in_each_dialect() -> None:
    query = flowql.parse(MAIN)
    assert flow("sql", MAIN).out == query.to_sql("sqlite").text + "\n"
    for dialect in ("sqlite", "postgres", "duckdb"):
        done = flow("sql", MAIN, "--dialect", dialect, "--bind", "--json")
        expected = query.to_sql(dialect, "bind")
        found = json.loads(done.out)
        assert found == {"dialect": dialect, "text": expected.text, "params": list(expected.params)}
    done = flow("sql", "flow_runs where start_time > 2026-11-01 and state = $s", "--bind")
    text, _, params = done.out.partition("\n\n")
    assert "?" in text
    assert json.loads(params)[1] == {"parameter": "s"}
    # Where an instant stands that a length of time gives, the length alone would be wrong.
    at = ("--now", "2026-11-01T12:00:00Z", "--timezone", "Europe/Berlin", "--bind", "--json")
    for text, instant in {
        "in last $n": "2026-11-01T12:00:00Z - $n",
        "> now + $n": "2026-11-01T12:00:00Z + $n",
        "> today - $n": "the end of 2026-11-01 - $n in Europe/Berlin",
    }.items():
        found = json.loads(flow("sql", f"flow_runs where end_time {text}", *at).out)
        assert found["params"][0] == {"parameter": "n", "instant": instant}


def test_an_unknown_dialect_is_a_problem() -> None:
    done = flow("sql", MAIN, "--dialect", "postgers")
    assert (done.code, done.out) == (1, "")
    assert "did you mean `postgres`" in done.err


def test_explain() -> None:
    done = flow("explain", MAIN)
    assert done.code == 0
    for line in (
        "means",
        "text",
        "request    yes, POST /flows/paginate",
        "plan       yes, one",
        "sqlite     yes",
    ):
        assert f"\n{line}" in f"\n{done.out}"
    found = json.loads(
        flow("explain", "flows where run.state = FAILED or tags has a", "--json").out
    )
    assert found["english"]
    assert flowql.parse(found["text"]) == flowql.parse(
        "flows where run.state = FAILED or tags has a"
    )
    assert found["request"]["possible"] is False
    assert found["request"]["problems"][0]["code"] == "or-across-entities"
    assert found["plan"] == {"possible": True, "one_request": False}
    assert {name: answer["possible"] for name, answer in found["sql"].items()} == {
        "duckdb": True,
        "postgres": True,
        "sqlite": True,
    }


def test_explain_says_what_is_open() -> None:
    found = json.loads(flow("explain", "flow_runs where name =~ $n", "--json").out)
    assert found["parameters"] == ["n"]
    assert found["request"]["possible"] is False


def test_fmt(tmp_path: Path) -> None:
    assert flow("fmt", "flows   where name=a  AND tags has b").out == (
        flowql.fmt("flows   where name=a  AND tags has b") + "\n"
    )
    file = tmp_path / "a.flowql"
    file.write_bytes("\ufeffflows   where name=é\r\n".encode())
    tidy = flowql.fmt("flows   where name=é") + "\n"
    assert flow("fmt", str(file)).out == tidy
    done = flow("fmt", "--check", str(file))
    assert (done.code, done.out, done.err) == (1, "", f"{file} is not tidy\n")
    done = flow("fmt", "--write", str(file))
    assert (done.code, done.out, done.err) == (0, "", f"{file} tidied\n")
    assert file.read_bytes() == tidy.encode()
    assert (flow("fmt", "--check", str(file)).code, flow("fmt", "--write", str(file)).err) == (
        0,
        "",
    )
    assert flow("fmt", "--check", tidy.rstrip("\n")).code == 0
    assert flow("fmt", "--check", "-", stdin=tidy.encode()).code == 0


def test_fmt_leaves_alone_what_it_cannot_read_or_write(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.flowql", tmp_path / "bad.flowql"
    good.write_text("flows  where name=a")
    bad.write_text("flows where (")
    done = flow("fmt", "--write", str(bad), str(good))
    assert done.code == 1
    assert "bad.flowql:1:" in done.err
    assert bad.read_text() == "flows where ("
    assert good.read_text() == flowql.fmt("flows where name=a") + "\n"
    assert flow("fmt", "--write", "flows").code == 2


def test_check() -> None:
    done = flow("check", MAIN)
    assert (done.code, done.out) == (0, "")
    done = flow("check", "flow_runs where state = Late", "flows", "name = 'a")
    assert (done.code, done.out) == (1, "")
    assert done.err.count("error[") == 2
    done = flow("check", 'flows where tags has "team:*"')
    assert (done.code, done.err.count("warning[")) == (0, 1)
    done = flow("check", "--json", 'tags has "team:*"', "state = x", "missing.flowql")
    assert (done.code, done.err) == (1, "")
    severities = [(one["code"], one["severity"]) for one in json.loads(done.out)]
    assert severities[0] == ("ordinary-star", "warning")
    assert severities[-1] == ("unreadable-file", "error")
    assert json.loads(flow("check", "--json", "flows").out) == []


def test_run() -> None:
    done = process("run", MAIN)
    assert done.code == 0
    assert [row["name"] for row in rows(done.out)] == NAMES
    [path] = re.findall(r"^demo data: (.+) \(--on asks another place\)\n$", done.err)
    assert Path(path).is_file()
    assert rows(flow("run", MAIN, "--on", path).out) == rows(done.out)
    assert flow("run", MAIN, "--on", path).err == ""


def test_run_counts(home: Path) -> None:
    assert flow("run", "flows count").out == "24\n"
    assert flow("run", "flows count", "--json").out == "24\n"


def test_run_on_an_api_says_which_page_it_is(prefect_sqlite: PrefectServer) -> None:
    done = flow("run", "flow_runs sort id_desc limit 2", "--on", prefect_sqlite.api_url)
    total = len(AWKWARD["flow_run"])
    assert len(rows(done.out)) == 2
    assert done.err == f"page 1 of {total // 2}, {total} rows in all\n"
    done = flow("run", "flow_runs sort id_desc limit 2 page 2 count", "--on", "prefect")
    assert done.code == 1
    note = rows(flow("run", "flow_runs limit 2", "--on", prefect_sqlite.api_url, "--json").err)[-1]
    assert (note["code"], note["count"]) == ("rows", total)
    environment = {"PREFECT_API_URL": prefect_sqlite.api_url}
    assert process("run", "flows count", "--on", "prefect", **environment).out == (
        f"{len(AWKWARD['flow'])}\n"
    )


def test_the_main_query_is_the_same_from_a_file_the_api_and_memory(
    prefect_sqlite: PrefectServer,
) -> None:
    expected = [str(row["id"]) for row in flowql.parse(MAIN).select(AWKWARD)]
    file = prefect_sqlite.url.removeprefix("sqlite:///")
    for on in (file, prefect_sqlite.url, prefect_sqlite.api_url):
        assert [row["id"] for row in rows(flow("run", MAIN, "--on", on).out)] == expected
