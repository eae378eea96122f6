"""A real PostgreSQL for tests, from the binaries of this machine, in a temporary folder of its own."""

from __future__ import annotations

import glob
import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

if TYPE_CHECKING:
    from collections.abc import Iterator

_SECONDS = 60
_USER = "countenance"
# Nobody else can reach it: it listens on a socket in its own folder only. What it writes need not survive a
# power cut.
_OPTIONS = ("-c listen_addresses=''", "-c fsync=off", "-c max_connections=200")


@dataclass(frozen=True, slots=True)
class PostgreSQL:
    """A server that answers; ``folder`` holds its socket and its data."""

    folder: Path
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    @property
    def data(self) -> Path:
        """Where its files are."""
        return self.folder / "data"

    @contextmanager
    def fresh_database(self) -> Iterator[str]:
        """Make an empty database, yield its address, and drop it in the end.

        It is a schema of its own in one database, which is made in a tenth of the time.
        """
        name = f"gallery{next(self._numbers)}"
        self.command(f"CREATE SCHEMA {name}")
        try:
            yield f"postgresql://{_USER}@/postgres?host={self.folder}&options=-csearch_path%3D{name}"
        finally:
            self.command(f"DROP SCHEMA {name} CASCADE")

    def command(self, statement: str) -> None:
        """Run a statement as its administrator."""
        with psycopg.connect(
            host=str(self.folder), user=_USER, dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement.encode())


def postgresql_binary(name: str) -> str | None:
    """Return where a program of PostgreSQL's is: on the PATH, or where Debian hides it."""
    hidden = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: float(path.split("/")[4]))  # noqa: PTH207
    return next(filter(None, (shutil.which(name, path=path) for path in (None, *reversed(hidden)))), None)


@contextmanager
def running_postgresql(initdb: str, pg_ctl: str) -> Iterator[PostgreSQL]:
    """Start a server and stop it in the end."""
    # Not a folder of pytest's: only its owner may enter those, and a socket's path must be short.
    folder = Path(tempfile.mkdtemp(prefix="countenance-pg-"))
    server = PostgreSQL(folder)
    owner = _unprivileged(folder)
    encoding = "--encoding=UTF8", "--no-locale"
    try:
        _run(initdb, "-D", server.data, "-U", _USER, "-A", "trust", "-N", *encoding, cwd=folder, **owner)
        options = " ".join((*_OPTIONS, f"-k {folder}"))
        log = folder / "server.log"
        _run(pg_ctl, "start", "-w", "-D", server.data, "-l", log, "-o", options, cwd=folder, **owner)
        try:
            yield server
        finally:
            _run(pg_ctl, "stop", "-w", "-m", "immediate", "-D", server.data, cwd=folder, **owner)
    finally:
        shutil.rmtree(folder)


def _unprivileged(folder: Path) -> dict[str, Any]:
    """Give the folder to a user that PostgreSQL runs as: it refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    there = {entry.pw_name for entry in pwd.getpwall()}
    name = next(name for name in ("postgres", "nobody") if name in there)
    entry = pwd.getpwnam(name)
    os.chown(folder, entry.pw_uid, entry.pw_gid)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _run(*arguments: object, **options: Any) -> None:
    # Into a file, since the server inherits it: a pipe would stay open for as long as the server runs.
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(
            [str(argument) for argument in arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            timeout=_SECONDS,
            **options,
        )
        output.seek(0)
        assert done.returncode == 0, output.read().decode(errors="replace")
