"""Where the folder is found, what its files are called, and that nothing leads out of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowql import FlowQLError
from flowql.diagnostics import Diagnostic
from flowql.searches import Loaded, find, load
from flowql.searches.folder import named, path_of, shown, wrong_name


def lay_out(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
    return folder


def problem(error: pytest.ExceptionInfo[FlowQLError]) -> Diagnostic:
    [found] = error.value.diagnostics
    assert found.message
    return found


def codes(loaded: Loaded) -> list[str]:
    return [finding.diagnostic.code for finding in loaded.problems]


# ── finding ───────────────────────────────────────────────────────────────────

SETTING = '[tool.flowql]\nsearches = "{}"\n'


@pytest.mark.parametrize(
    ("files", "start", "expected"),
    [
        ({"searches/a.flowql": ""}, ".", "searches"),
        ({"searches/a.flowql": "", "x/y/z": ""}, "x/y", "searches"),
        ({"searches/a.flowql": "", "x/searches/b.flowql": ""}, "x", "x/searches"),
        ({"pyproject.toml": SETTING.format("q/s"), "q/s/a.flowql": ""}, "q", "q/s"),
        (
            {"pyproject.toml": SETTING.format("q"), "q/a": "", "searches/a": ""},
            ".",
            "q",
        ),
        ({"pyproject.toml": SETTING.format("q"), "q/a": "", "x/searches/a": ""}, "x", "x/searches"),
        ({"x/pyproject.toml": "[project]\n", "searches/a": ""}, "x", "searches"),
        ({"x/pyproject.toml": "tool = 3\n", "searches/a": ""}, "x", "searches"),
        ({"x/pyproject.toml": "[tool.flowql]\n", "searches/a": ""}, "x", "searches"),
        ({"pyproject.toml": SETTING.format("."), "searches/a": ""}, ".", "."),
    ],
)
def test_the_nearest_folder(
    tmp_path: Path, files: dict[str, str | bytes], start: str, expected: str
) -> None:
    lay_out(tmp_path, files)
    assert find(tmp_path / start) == tmp_path / expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a = \n", "it is no TOML: invalid value"),
        (b"\xff", "not UTF-8"),
        ("[tool]\nflowql = 3", "`tool.flowql` is no table"),
        ("[tool.flowql]\nsearches = 3", "is no path"),
        (SETTING.format(""), "is no path"),
        (SETTING.format("/etc"), "`/etc` is no path below"),
        (SETTING.format("../up"), "`../up` is no path below"),
        (SETTING.format("a/../../up"), "is no path below"),
        (SETTING.format("\\u0000"), "is no path below"),
        (SETTING.format("missing"), "there is no folder `missing`"),
        (SETTING.format("pyproject.toml"), "there is no folder"),
        ("a = " + "[" * 5_000, "nested too deep"),
    ],
)
def test_a_broken_project(tmp_path: Path, text: str | bytes, words: str) -> None:
    lay_out(tmp_path, {"pyproject.toml": text, "x/y": ""})
    with pytest.raises(FlowQLError) as raised:
        find(tmp_path / "x")
    assert problem(raised).code == ("not-utf8" if isinstance(text, bytes) else "bad-project")
    assert words in problem(raised).message
    assert "pyproject.toml" in problem(raised).message


def test_a_broken_project_is_shown_at_its_place(tmp_path: Path) -> None:
    lay_out(tmp_path, {"pyproject.toml": "# one\n[tool]\na = ?\n"})
    with pytest.raises(FlowQLError) as raised:
        find(tmp_path)
    assert "pyproject.toml:3:5\n3 │ a = ?\n  │     ^" in str(raised.value)


def test_no_folder_at_all(tmp_path: Path) -> None:
    with pytest.raises(FlowQLError) as raised:
        find(tmp_path)
    assert problem(raised).code == "no-searches"


def test_a_working_directory_that_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    with pytest.raises(FlowQLError) as raised:
        find()
    assert problem(raised).code == "unreadable-file"
    monkeypatch.chdir(tmp_path)


# ── names ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "name", ["late", "Late_2", "team/late", "a/b/c", "v1.2", "my search", "größe", "2-days", "日本"]
)
def test_names(tmp_path: Path, name: str) -> None:
    lay_out(tmp_path, {f"{name}.flowql": "flows"})
    assert named(name, tmp_path).name == name
    [search] = load(tmp_path).searches
    assert search.name == name
    assert load(tmp_path).problems == ()


@pytest.mark.parametrize(
    "name",
    [
        "", "/", "/etc/passwd", "../late", "a/../b", "..", ".", "a/./b", "a//b", "a/", ".hidden",
        "a/.git/b", "-option", "a\\b", "c:d", "a\0b", "a\nb", "a*", "~/a", " a", "a ", "a.", "$a",
        "\udce9", "\u202ea", "a" * 300 + "/",
    ],
)  # fmt: skip
def test_what_is_no_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(FlowQLError) as raised:
        named(name, tmp_path)
    assert problem(raised).code == "bad-search-name"


def test_a_name_too_long_for_any_file(tmp_path: Path) -> None:
    with pytest.raises(FlowQLError) as raised:
        named("a" * 5_000, tmp_path)
    assert problem(raised).code in ("unreadable-file", "unknown-search")


@given(st.text(max_size=30))
def test_every_name_stays_in_the_folder(name: str) -> None:
    folder = Path("/no/such/folder")
    if wrong_name(name) is None:
        assert path_of(name, folder).is_relative_to(folder)
        assert ".." not in path_of(name, folder).parts
    else:
        with pytest.raises(FlowQLError):
            path_of(name, folder)


def test_the_nearest_name_is_offered(tmp_path: Path) -> None:
    lay_out(tmp_path, {"late.flowql": "", "team/slow.flowql": "", "b.txt": "", ".c.flowql": ""})
    for name, offer in (
        ("lat", "did you mean `@late`?"),
        ("team/slo", "did you mean `@team/slow`?"),
        ("zzz", "there are @late, @team/slow"),
    ):
        with pytest.raises(FlowQLError) as raised:
            named(name, tmp_path)
        assert problem(raised).code == "unknown-search"
        assert problem(raised).help == offer
    (tmp_path / "empty").mkdir()
    with pytest.raises(FlowQLError) as raised:
        named("x", tmp_path / "empty")
    assert problem(raised).help == "the folder has no *.flowql files"


# ── what is there ─────────────────────────────────────────────────────────────


def test_one_bad_file_leaves_the_others(tmp_path: Path) -> None:
    lay_out(
        tmp_path,
        {
            "b.flowql": "flows",
            "a/z.flowql": "# \ufeff\nflow_runs where (",
            "bytes.flowql": b"\xff",
            "what?.flowql": "flows",
            "dir.flowql/x.flowql": "flows",
            "notes.txt": "",
            ".git/c.flowql": "",
            ".d.flowql": "",
        },
    )
    os.mkfifo(tmp_path / "pipe.flowql")
    loaded = load(tmp_path)
    names = ["a/z", "b", "dir.flowql/x", "what?"]
    assert [search.name for search in loaded.searches] == names
    assert sorted(codes(loaded)) == ["bad-search-name", "not-utf8", "unreadable-file"]
    for finding in loaded.problems:
        assert finding.source is not None
        assert finding.source.name.endswith((".flowql",))
    with pytest.raises(FlowQLError) as raised:
        named("pipe", tmp_path)
    assert problem(raised).code == "unreadable-file"


def test_links_lead_nowhere_else(tmp_path: Path) -> None:
    outside = lay_out(tmp_path / "outside", {"secret.flowql": "flows", "f/g.flowql": "flows"})
    folder = lay_out(tmp_path / "searches", {"good.flowql": "flows", "sub/a.flowql": "flows"})
    (folder / "file.flowql").symlink_to(outside / "secret.flowql")
    (folder / "gone.flowql").symlink_to(folder / "missing.flowql")
    (folder / "away.flowql").symlink_to(outside / "missing.flowql")
    (folder / "loop.flowql").symlink_to(folder / "loop.flowql")
    (folder / "device.flowql").symlink_to("/dev/zero")
    (folder / "other.flowql").symlink_to("good.flowql")
    (folder / "dir").symlink_to(outside)
    (folder / "round").symlink_to(folder)
    (folder / "again").symlink_to(folder / "sub")
    loaded = load(folder)
    assert [search.name for search in loaded.searches] == ["good", "other", "sub/a"]
    assert sorted(codes(loaded)) == ["search-outside"] * 3 + ["unreadable-file"] * 2
    for name in ("file", "away", "device", "dir/secret", "dir/f/g", "again/a", "round/good"):
        with pytest.raises(FlowQLError) as raised:
            named(name, folder)
        assert problem(raised).code == "search-outside", name
    for name in ("gone", "loop"):
        with pytest.raises(FlowQLError) as raised:
            named(name, folder)
        assert problem(raised).code == "unreadable-file", name
    # The folder itself may be a link: that is how its owner has arranged it.
    (tmp_path / "link").symlink_to(folder)
    assert len(load(tmp_path / "link").searches) == 3
    assert named("good", tmp_path / "link").name == "good"


@pytest.mark.parametrize("name", ["missing", "file"])
def test_what_is_no_folder(tmp_path: Path, name: str) -> None:
    lay_out(tmp_path, {"file": ""})
    with pytest.raises(FlowQLError) as raised:
        load(tmp_path / name)
    assert problem(raised).code == "unreadable-file"


def test_files_whose_names_are_no_text(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.flowql")).write_text("flows")
    loaded = load(tmp_path)
    assert codes(loaded) == ["bad-search-name"]
    assert loaded.searches[0].name == "caf\N{REPLACEMENT CHARACTER}"


def test_paths_are_shown_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert shown(tmp_path / "a" / "b.flowql") == os.path.join("a", "b.flowql")  # noqa: PTH118
    monkeypatch.chdir("/")
    assert shown(Path("/x")) in ("/x", "x")
