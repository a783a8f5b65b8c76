"""Saved searches on real Prefect servers: pushed, pulled, compared, and strangers' left alone."""

from __future__ import annotations

import fcntl
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from flowql.diagnostics import FlowQLError
from flowql.run import saved
from tests.cli.command import Done, flow
from tests.oracle.server import PrefectServer
from tests.run.faults import Server

LATE = """\
# Runs that are late.
#
# $since = last 24h: how far back to look,
#   in whole days or hours
flow_runs where state.name = Late and expected_start_time in $since
"""
FOREIGN = [
    {"object": "flow_run", "property": "state", "type": "state", "operation": "is", "value": "x"}
]
AWKWARD = {
    "late": LATE.encode(),
    "windows": b"\xef\xbb\xbf# from elsewhere\r\n#\tand back\r\nflows\r\n",
    "no end": b"flows where name = a",
    "empty": b"flows\n\n\n# at the end\n",
    "team/ingest/größe": '# \U0001f642 e\u0301 %\\n "☃"\nflows where tags has größe\n'.encode(),
}


class Prefect:
    """A server's saved searches, asked without FlowQL."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.client = httpx.Client(base_url=url)

    def all(self) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {}
        while page := self._page(len(found)):
            found |= {one["name"]: one["filters"] for one in page}
        return found

    def _page(self, offset: int) -> list[dict[str, Any]]:
        answer = self.client.post("/saved_searches/filter", json={"limit": 200, "offset": offset})
        return list(answer.raise_for_status().json())

    def put(self, name: str, filters: list[dict[str, Any]]) -> None:
        body = {"name": name, "filters": filters}
        self.client.put("/saved_searches/", json=body).raise_for_status()

    def ours(self, name: str, text: str) -> None:
        self.put(name, [{**saved.ITEM, "value": text}])

    def clear(self) -> None:
        while page := self._page(0):
            for one in page:
                self.client.delete(f"/saved_searches/{one['id']}").raise_for_status()


@pytest.fixture
def prefect(prefect_server: PrefectServer) -> Iterator[Prefect]:
    found = Prefect(prefect_server.api_url)
    # The searches of a server are one for all workers, so these take turns.
    turns = Path(tempfile.gettempdir()) / f"flowql-saved-{found.client.base_url.port}.lock"
    with turns.open("a") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        found.clear()
        yield found
        found.clear()
    found.client.close()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "searches").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path / "searches"


def save(folder: Path, **files: str | bytes) -> None:
    for name, text in files.items():
        path = folder / f"{name}.flowql"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)


def texts(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix().removesuffix(".flowql"): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def act(prefect: Prefect, action: str, *options: str) -> Done:
    return flow("saved", action, "--on", prefect.url, *options)


def done(prefect: Prefect, action: str, *options: str) -> dict[str, str]:
    """What an action does with each search."""
    said = act(prefect, action, *options, "--json")
    key = "state" if action == "diff" else "action"
    return {one["name"]: one[key] for one in json.loads(said.out)}


def codes(said: Done) -> list[str]:
    """The problems that `--json` has told."""
    notes = [json.loads(line) for line in said.err.splitlines()]
    return [note["code"] for note in notes if note["severity"] == "error"]


def test_searches_come_back_to_the_last_byte(prefect: Prefect, project: Path) -> None:
    save(project, **AWKWARD)
    first = act(prefect, "push")
    assert first.code == 0, first.err
    assert first.out.splitlines()[0] == "empty              created"
    assert prefect.url in first.err
    assert {name: value["value"].encode() for name, [value] in prefect.all().items()} == AWKWARD
    for path in project.rglob("*.flowql"):
        path.unlink()
    assert done(prefect, "pull") == dict.fromkeys(AWKWARD, "create")
    assert texts(project) == AWKWARD
    for action in ("push", "pull"):
        assert done(prefect, action) == dict.fromkeys(AWKWARD, "same")
    assert act(prefect, "diff").code == 0


def test_more_than_a_page(prefect: Prefect, project: Path) -> None:
    wanted = {f"s{number:03}": f"flows limit {number}\n" for number in range(403)}
    for name, text in wanted.items():
        prefect.ours(name, text)
    assert act(prefect, "pull").code == 0
    assert texts(project) == {name: text.encode() for name, text in wanted.items()}


def test_push_overwrites_and_deletes_only_when_asked(prefect: Prefect, project: Path) -> None:
    prefect.ours("late", "flows\n")
    prefect.ours("old", "flows\n")
    prefect.put("view", FOREIGN)
    save(project, late=LATE, new="flows\n")
    before = prefect.all()
    expected = {"late": "update", "new": "create", "old": "left"}
    assert done(prefect, "push", "--dry-run") == expected
    assert done(prefect, "push", "--prune", "--dry-run") == expected | {"old": "delete"}
    assert prefect.all() == before
    assert done(prefect, "push") == expected
    assert prefect.all().keys() == {"late", "new", "old", "view"}
    assert done(prefect, "push", "--prune") == {"late": "same", "new": "same", "old": "delete"}
    assert prefect.all().keys() == {"late", "new", "view"}
    assert prefect.all()["view"] == FOREIGN


@pytest.mark.parametrize(
    "filters",
    [
        FOREIGN,
        [],
        [{**saved.ITEM, "value": 3}],
        [{**saved.ITEM, "object": "flow", "value": "flows"}],
        [{**saved.ITEM, "value": "flows"}, *FOREIGN],
    ],
)
def test_a_strangers_search_is_never_touched(
    prefect: Prefect, project: Path, filters: list[dict[str, Any]]
) -> None:
    prefect.put("late", filters)
    save(project, late=LATE, other="flows\n")
    for options in ((), ("--prune",)):
        said = act(prefect, "push", "--json", *options)
        assert (said.code, codes(said)) == (1, ["foreign-search"])
        assert "searches/late.flowql" in said.err
    assert prefect.all()["late"] == filters
    assert prefect.all()["other"], "the others go"
    assert done(prefect, "diff") == {"late": "foreign"}
    assert done(prefect, "pull", "--force") == {"other": "same"}
    assert texts(project)["late"] == LATE.encode()


def test_a_search_that_becomes_a_strangers_meanwhile(
    prefect: Prefect, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefect.ours("late", "flows\n")
    prefect.ours("old", "flows\n")
    prefect.ours("gone", "flows\n")
    save(project, late=LATE)
    real = saved.stored

    def then_the_ui_saves(api: Any) -> list[saved.Stored]:
        found = real(api)
        prefect.put("late", FOREIGN)
        prefect.put("old", FOREIGN)
        [gone] = [one for one in found if one.name == "gone"]
        prefect.client.delete(f"/saved_searches/{gone.id}")
        return found

    monkeypatch.setattr(saved, "stored", then_the_ui_saves)
    said = act(prefect, "push", "--prune", "--json")
    assert codes(said) == ["foreign-search", "foreign-search"]
    assert json.loads(said.out) == [{"name": "gone", "action": "delete", "done": True}]
    assert prefect.all() == {"late": FOREIGN, "old": FOREIGN}


def test_broken_searches_stay_here(prefect: Prefect, project: Path) -> None:
    save(project, good="flows\n", broken="flow_runs where state = FAILD\n", nul="# \0\nflows\n")
    save(project, stray="# $x = 1: nothing\nflows\n", bytes=b"\xff")
    said = act(prefect, "push", "--json")
    assert said.code == 1
    assert set(codes(said)) == {
        "not-utf8", "unknown-choice", "no-such-parameter", "stray-character",
    }  # fmt: skip
    assert prefect.all().keys() == {"good"}


def test_nothing_is_pruned_where_a_file_cannot_be_read(prefect: Prefect, project: Path) -> None:
    prefect.ours("bytes", "flows\n")
    prefect.ours("broken", "flows\n")
    save(project, bytes=b"\xff", good="flows\n")
    assert codes(act(prefect, "push", "--prune", "--json")) == ["not-utf8", "nothing-pruned"]
    assert prefect.all().keys() == {"bytes", "broken", "good"}
    save(project, bytes=b"flows\n", broken="flows where (\n")
    # A file that is broken is one all the same.
    assert act(prefect, "push", "--prune").code == 1
    assert prefect.all().keys() == {"bytes", "broken", "good"}


def test_pull_overwrites_only_by_force(prefect: Prefect, project: Path) -> None:
    prefect.ours("late", LATE)
    prefect.ours("new", "flows\n")
    prefect.put("view", FOREIGN)
    save(project, late="flows\n", mine="flows\n")
    said = act(prefect, "pull", "--json")
    assert (said.code, codes(said)) == (1, ["local-differs"])
    assert texts(project) == {"late": b"flows\n", "mine": b"flows\n", "new": b"flows\n"}
    assert done(prefect, "pull", "--force", "--dry-run") == {"late": "update", "new": "same"}
    assert texts(project)["late"] == b"flows\n"
    assert done(prefect, "pull", "--force") == {"late": "update", "new": "same"}
    assert texts(project)["late"] == LATE.encode()
    assert texts(project)["mine"] == b"flows\n"


def test_pull_writes_nowhere_else(prefect: Prefect, project: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (project / "link").symlink_to(outside)
    (project / "file.flowql").symlink_to(outside / "file.flowql")
    names = [
        "../up",
        "/root",
        "a/../../b",
        ".hidden",
        "link/x",
        "file",
        "a\\b",
        "c:d",
        "",
        "-x",
        "a.",
    ]
    for name in [*names, "good"]:
        prefect.ours(name, "flows\n")
    said = act(prefect, "pull", "--force", "--json")
    assert set(codes(said)) == {"bad-search-name", "search-outside"}
    assert len(codes(said)) == len(names)
    assert list(outside.iterdir()) == []
    assert [path.name for path in project.iterdir() if not path.is_symlink()] == ["good.flowql"]
    assert {path.name for path in tmp_path.iterdir()} <= {"outside", "searches", "prefect-home"}


def test_pull_to_where_nothing_can_be_written(prefect: Prefect, project: Path) -> None:
    prefect.ours("team/late", LATE)
    prefect.ours("good", "flows\n")
    (project / "team").write_text("a file where a folder belongs")
    said = act(prefect, "pull", "--json")
    assert (said.code, codes(said)) == (1, ["unwritable-file"])
    assert texts(project).keys() == {"team", "good"}


def test_diff(prefect: Prefect, project: Path) -> None:
    prefect.ours("late", LATE)
    prefect.ours("there", "flows")
    save(project, late=LATE.replace("24h", "2h"), here="flows\n")
    said = act(prefect, "diff")
    assert said.code == 1
    assert (
        said.out
        == """\
--- /dev/null
+++ searches/here
@@ -0,0 +1 @@
+flows
--- server/late
+++ searches/late
@@ -1,5 +1,5 @@
 # Runs that are late.
 #
-# $since = last 24h: how far back to look,
+# $since = last 2h: how far back to look,
 #   in whole days or hours
 flow_runs where state.name = Late and expected_start_time in $since
--- server/there
+++ /dev/null
@@ -1 +0,0 @@
-flows
\\ no line break at the end
"""
    )
    assert done(prefect, "diff") == {
        "here": "only here", "late": "differs", "there": "only there",
    }  # fmt: skip
    save(project, late="# long\n" * 3_000 + LATE)
    assert "late: differs, too long to be shown\n" in act(prefect, "diff").out


def test_what_is_configured_is_asked(
    prefect: Prefect, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", prefect.url)
    save(project, late=LATE)
    assert flow("saved", "push").code == 0
    assert flow("saved", "push", "--on", "prefect", "--json").code == 0
    assert prefect.all().keys() == {"late"}


def test_a_server_with_a_password_and_forgery_protection(
    guarded: str, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(project, late=LATE)
    assert codes(flow("saved", "push", "--on", guarded, "--json")) == ["not-allowed"]
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", "admin:tell-nobody")
    for expected in ("create", "same"):
        said = flow("saved", "push", "--on", guarded, "--json")
        assert json.loads(said.out) == [{"name": "late", "action": expected, "done": True}]
        assert "tell-nobody" not in said.err
    (project / "late.flowql").unlink()
    said = flow("saved", "push", "--prune", "--on", guarded, "--json")
    assert json.loads(said.out) == [{"name": "late", "action": "delete", "done": True}]


@pytest.mark.parametrize("action", ["push", "pull", "diff"])
def test_what_cannot_be_asked(project: Path, action: str, sqlite_file: Path) -> None:
    assert codes(flow("saved", action, "--json")) == ["no-api-configured"]
    assert codes(flow("saved", action, "--on", str(sqlite_file), "--json")) == ["no-api"]
    gone = "http://127.0.0.1:1/api"
    assert codes(flow("saved", action, "--on", gone, "--json")) == ["api-unreachable"]
    project.rmdir()
    assert codes(flow("saved", action, "--on", gone, "--json")) == ["no-searches"]


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("drop", "connection-lost"),
        ("s401", "not-allowed"),
        ("s404", "no-such-endpoint"),
        ("s500", "server-failed"),
        ("redirect", "redirected"),
        ("html", "unexpected-answer"),
        ("number", "unexpected-answer"),
        ("noid", "unexpected-answer"),
    ],
)
def test_each_fault_has_its_problem(project: Path, server: Server, fault: str, code: str) -> None:
    said = flow("saved", "push", "--on", f"{server.url}/{fault}", "--json")
    assert (said.code, codes(said)) == (1, [code])


@pytest.mark.parametrize(
    ("action", "fault", "words"),
    [
        ("push", "forget", "keeps something else as `late`"),
        ("diff", "again", "the same page again and again"),
        ("pull", "half", "`half` holds half a character"),
    ],
)
def test_answers_that_are_no_prefects(
    project: Path, server: Server, action: str, fault: str, words: str
) -> None:
    save(project, late=LATE)
    said = flow("saved", action, "--on", f"{server.url}/{fault}", "--json")
    assert codes(said) == ["unexpected-answer"]
    assert words in said.err
    assert texts(project) == {"late": LATE.encode()}


def test_an_api_is_wanted() -> None:
    with pytest.raises(FlowQLError) as raised, saved.opened("duckdb:///missing.duckdb"):
        pass
    assert raised.value.diagnostics[0].code == "unknown-place"
