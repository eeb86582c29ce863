"""A PostgreSQL of one's own for tests, from Debian's packages: started in a folder, thrown away with it."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg

from tests.conftest import not_here

PACKAGE = "postgresql"
STARTS_WITHIN_S = 60
_number = count()


@dataclass(frozen=True, slots=True)
class Postgres:
    """A server that answers on a socket in a folder."""

    folder: Path
    user: str

    def database(self) -> str:
        """The address of a new, empty database."""
        name = f"demo{next(_number)}"
        with psycopg.connect(self._url("postgres"), autocommit=True) as line:
            line.execute(f"create database {name}")
        return self._url(name)

    def _url(self, name: str) -> str:
        return f"postgresql:///{name}?host={self.folder}&user={self.user}"

    def stop(self) -> None:
        """At once, as when the power goes."""
        self.control("stop", "-m", "immediate")

    def start(self, *, safe: bool = False) -> None:
        """Start it; `safe` as it is run, and not as is quick for tests."""
        settings = f"-c listen_addresses= -k {self.folder} -c max_connections=120 -c shared_buffers=64MB"
        settings += "" if safe else " -c fsync=off"
        self.control(
            "start", "-w", "-t", str(STARTS_WITHIN_S), "-l", str(self.folder / "log"), "-o", settings
        )

    def control(self, *words: str) -> None:
        as_(self.user, "pg_ctl", "-D", str(self.folder / "data"), *words)


@contextmanager
def postgres_here(*, safe: bool = False) -> Iterator[Postgres]:
    """A server for a while. It never runs as root, which it would refuse."""
    if _programs() is None:
        not_here(f"no PostgreSQL server here (Debian: apt-get install {PACKAGE})")
    user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    folder = Path(tempfile.mkdtemp(prefix="ranger-pg-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, user)
        server = Postgres(folder, user)
        quick = ("--no-sync", "--no-instructions", "-A", "trust", "-E", "UTF8", "--no-locale")
        as_(user, "initdb", "-D", str(folder / "data"), "-U", user, *quick)
        server.start(safe=safe)
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def as_(user: str, program: str, *words: str) -> None:
    """Run one of PostgreSQL's programs as its user."""
    bin_ = _programs()
    assert bin_ is not None
    change: dict[str, str] = {"user": user} if os.geteuid() == 0 else {}
    done = subprocess.run(
        [str(bin_ / program), *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # the server keeps it open, and nobody would see its end
        stderr=subprocess.PIPE if program != "pg_ctl" else subprocess.DEVNULL,
        cwd="/",
        check=False,
        **change,  # type: ignore[call-overload]
    )
    assert done.returncode == 0, done.stderr


def _programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    if found:
        return found[-1].parent
    path = shutil.which("pg_ctl")
    return Path(path).parent if path else None
