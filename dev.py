"""Runs a command in an environment of the project's own: `python3 dev.py COMMAND …`.

It asks for Python 3.11 and nothing beside it: no activated environment, no root, and where a
distribution keeps them apart, neither ensurepip nor pip. The environment is made on first use in
`.venv-dev`, made anew whenever pyproject.toml changes, and may be deleted at any time. `flowql`
gets the package alone; any other command (pytest, ruff, mypy, …) what the tests need as well.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv-dev"
COMMANDS = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
PYTHON = str(COMMANDS / "python")
# Each is written when an installation has ended well, and holds the identity it was made for.
PACKAGE_READY = ENVIRONMENT / "package-ready"
TESTS_READY = ENVIRONMENT / "tests-ready"


def main() -> int:
    if len(sys.argv) < 2:
        return refuse(__doc__.splitlines()[0])
    command, *arguments = sys.argv[1:]
    try:
        prepare(with_tests=command != "flowql")
    except (OSError, subprocess.CalledProcessError) as error:
        return refuse(f"the environment could not be made: {error}")
    executable = shutil.which(command, path=COMMANDS)
    if executable is None:
        return refuse(f"{COMMANDS} has no command `{command}`")
    return subprocess.call([executable, *arguments])


def prepare(with_tests: bool) -> None:
    wanted = [TESTS_READY] if with_tests else [TESTS_READY, PACKAGE_READY]
    identity = environment_identity()
    if any(stamp.exists() and stamp.read_text() == identity for stamp in wanted):
        return
    requirement, stamp = (".[test]", TESTS_READY) if with_tests else (".", PACKAGE_READY)
    say(f"installing {requirement} into {ENVIRONMENT.name}, once")
    venv.create(ENVIRONMENT, clear=True, symlinks=os.name != "nt")
    provide_pip()
    pip_install("--editable", requirement)
    stamp.write_text(identity)


def environment_identity() -> str:
    """Changes with what is to be installed, the Python it is for and the place it is bound to."""
    facts = [(ROOT / "pyproject.toml").read_text("utf-8"), str(ROOT), sys.version]
    return hashlib.sha256("\0".join(facts).encode()).hexdigest()


def provide_pip() -> None:
    """Puts pip into the environment, by whichever of Python's, one's own and Debian's is there."""
    bundled = [PYTHON, "-m", "ensurepip", "--default-pip"]
    if subprocess.run(bundled, capture_output=True).returncode == 0:
        return
    if importlib.util.find_spec("pip"):
        own = [sys.executable, "-m", "pip", "--python", PYTHON, "install", "--quiet", "pip"]
        subprocess.run(own, check=True)
        return
    if shutil.which("apt-get") is None:
        raise OSError("this Python has neither ensurepip nor pip")
    # Debian and Ubuntu leave ensurepip out of python3. Fetching the package that holds pip's
    # wheel needs no root and installs nothing on the system.
    with tempfile.TemporaryDirectory() as folder:
        fetch = ["apt-get", "download", "--quiet=2", "python3-pip-whl"]
        if subprocess.run(fetch, cwd=folder, capture_output=True).returncode:
            raise OSError("this Python has no ensurepip; `apt-get install python3-venv` adds it")
        for package in Path(folder).glob("*.deb"):
            subprocess.run(["dpkg-deb", "--extract", str(package), folder], check=True)
        (wheel,) = map(str, Path(folder).glob("usr/share/python-wheels/pip-*.whl"))
        # A wheel is an archive that Python can run from, so pip installs itself.
        subprocess.run([PYTHON, f"{wheel}/pip", "install", "--quiet", wheel], check=True)


def pip_install(*arguments: str) -> None:
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    subprocess.run([*pip, *arguments], cwd=ROOT, check=True)


def refuse(message: str) -> int:
    say(message)
    return 2


def say(message: str) -> None:
    print(f"dev.py: {message}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
