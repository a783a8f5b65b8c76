"""However FlowQL is installed, it finds its grammar, its command runs and its types are seen."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "dev.py", "flowql", "grammar")
PROBE = """\
import json
import flowql
from pathlib import Path
from flowql.frontends.tables import grammar_path

package = Path(flowql.__file__).parent
print(json.dumps([str(package), str(grammar_path()), (package / "py.typed").is_file()]))
"""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what is built, so that nothing can be found by way of the checkout under test."""
    folder = tmp_path_factory.mktemp("checkout").resolve()
    for name in SHIPPED:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def distributions(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("distributions")
    build = ["-m", "hatchling", "build", "-t", "wheel", "-t", "sdist", "-d", str(folder)]
    run(sys.executable, *build, cwd=checkout)
    return folder


def test_plain_checkout(checkout: Path) -> None:
    package, grammar, typed = json.loads(run(sys.executable, "-c", PROBE, cwd=checkout))
    assert Path(package) == checkout / "flowql"
    assert Path(grammar) == checkout / "grammar" / "flowql.lark"
    assert typed


def test_editable_install(checkout: Path, tmp_path: Path) -> None:
    python = installed(tmp_path, "--editable", str(checkout))
    package, grammar, typed = json.loads(run(python, "-c", PROBE, cwd=tmp_path))
    assert Path(package) == checkout / "flowql"
    assert Path(grammar) == checkout / "grammar" / "flowql.lark"
    assert typed
    the_command_runs(python)


@pytest.mark.parametrize("pattern", ["*.whl", "*.tar.gz"], ids=["wheel", "sdist"])
def test_built_distribution(pattern: str, distributions: Path, tmp_path: Path) -> None:
    (distribution,) = distributions.glob(pattern)
    python = installed(tmp_path, str(distribution))
    package, grammar, typed = json.loads(run(python, "-c", PROBE, cwd=tmp_path))
    assert Path(package).is_relative_to(tmp_path.resolve())
    assert Path(grammar) == Path(package) / "grammar" / "flowql.lark"
    assert typed
    the_command_runs(python)


def test_wheels_from_tree_and_sdist_are_the_same(distributions: Path, tmp_path: Path) -> None:
    (wheel,) = distributions.glob("*.whl")
    (sdist,) = distributions.glob("*.tar.gz")
    pip = ["-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    run(sys.executable, *pip, "--wheel-dir", str(tmp_path), str(sdist))
    assert (tmp_path / wheel.name).read_bytes() == wheel.read_bytes()


def the_command_runs(python: str) -> None:
    folder = Path(python).parent
    body = run(str(folder / "flowql"), "body", "tags ⊇ [etl]", cwd=folder)
    assert '"etl"' in body
    assert run(python, "-m", "flowql", "body", "tags ⊇ [etl]", cwd=folder) == body


def installed(folder: Path, *requirement: str) -> str:
    """The Python of a fresh environment that has FlowQL, and after it what the tests run on."""
    environment = folder / "environment"
    venv.create(environment, symlinks=os.name != "nt")
    scripts = environment / ("Scripts" if os.name == "nt" else "bin")
    python = str(scripts / "python")
    # A path file's folders come after the environment's own, and their path files are not read,
    # so a FlowQL installed beside the tests is out of sight or comes second.
    own = sysconfig.get_path("purelib", vars={"base": str(environment)})
    Path(own, "zz-dependencies.pth").write_text(sysconfig.get_path("purelib"))
    pip = ["-m", "pip", "--python", python, "install", "--quiet", "--no-deps"]
    run(sys.executable, *pip, "--no-build-isolation", *requirement)
    return python


def run(*command: str, cwd: Path | None = None) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**environment, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
