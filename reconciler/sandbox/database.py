"""The sandbox's SQLite file: made, recognised, locked. What stands in it is `store`'s matter.

Several processes may use one file at once: every request is one write transaction. The file is
readable by its owner alone; documents in it are compressed, not encrypted.
"""

import json
import os
import sqlite3
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from reconciler.sandbox.errors import SandboxError

SCHEMA_VERSION: Final = 1
APPLICATION_ID: Final = 0x52434E53
"""How SQLite files of ours are told from others (`PRAGMA application_id`)."""

LOCK_SECONDS: Final = 30.0
"""How long SQLite waits for another process's transaction."""

_TABLES: Final = """
CREATE TABLE agents (
  number INTEGER PRIMARY KEY, cloud TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL,
  grp TEXT NOT NULL, created REAL NOT NULL, gone REAL, restarts INTEGER NOT NULL,
  writes INTEGER NOT NULL, document BLOB NOT NULL, UNIQUE (cloud, id)
);
CREATE INDEX agents_by_name ON agents (cloud, name);
CREATE TABLE workspaces (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, is_default INTEGER NOT NULL);
CREATE TABLE quirks (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE nonces (nonce TEXT PRIMARY KEY, at REAL NOT NULL) WITHOUT ROWID;
CREATE INDEX nonces_by_age ON nonces (at);
CREATE TABLE tokens (digest BLOB PRIMARY KEY, expires REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE pending (number INTEGER PRIMARY KEY, due REAL NOT NULL, document BLOB NOT NULL);
CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE log (
  number INTEGER PRIMARY KEY, at REAL NOT NULL, cloud TEXT NOT NULL, operation TEXT NOT NULL,
  agent TEXT NOT NULL, method TEXT NOT NULL, target TEXT NOT NULL, status INTEGER,
  note TEXT NOT NULL, body BLOB NOT NULL
);
"""


def pack(tree: Any) -> bytes:
    """A JSON tree as a compressed document.

    ASCII with escapes, so that deflate never falls back to stored bytes: nothing is greppable.
    """
    return zlib.compress(json.dumps(tree, separators=(",", ":")).encode("ascii"))


def unpack(document: bytes) -> Any:
    """The JSON tree of a compressed document."""
    try:
        return json.loads(zlib.decompress(document))
    except (zlib.error, ValueError) as error:
        raise SandboxError(f"the sandbox file is damaged ({error}); reset it") from error


class Database:
    """One open file, or memory where `path` is None. Use from several threads is serialised."""

    def __init__(self, path: Path | None, furnish: Callable[["Database"], None]) -> None:
        """Open or make the file; `furnish` fills a new one, before anybody else sees it.

        Raises SandboxError when the file is not ours or not usable.
        """
        self._lock = threading.RLock()
        self._depth = 0
        self._furnish = furnish
        where = "in memory" if path is None else str(path)
        try:
            if path is not None:
                _make(path)
            self._connection = sqlite3.connect(
                path or ":memory:",
                timeout=LOCK_SECONDS,
                isolation_level=None,
                check_same_thread=False,
            )
        except (OSError, sqlite3.Error) as error:
            raise SandboxError(f"the sandbox file {where} cannot be opened: {error}") from error
        try:
            self._prepare(where)
        except sqlite3.DatabaseError as error:
            self._connection.close()
            raise SandboxError(
                f"{where} is not a sandbox file ({error}); move it away to begin anew"
            ) from error
        except SandboxError:
            self._connection.close()
            raise

    def close(self) -> None:
        """Close the file. Further use raises sqlite3.ProgrammingError."""
        self._connection.close()

    def run(self, statement: str, *values: Any) -> sqlite3.Cursor:
        """Run one statement."""
        with self._lock, _told():
            return self._connection.execute(statement, values)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, and nobody else in between. Inside another one it joins that one."""
        with self._lock:
            if self._depth == 0:
                self.run("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                if self._depth == 1:
                    self._connection.execute("ROLLBACK")
                raise
            else:
                if self._depth == 1:
                    self.run("COMMIT")
            finally:
                self._depth -= 1

    def _pragma(self, name: str) -> int:
        return int(self._connection.execute(f"PRAGMA {name}").fetchone()[0])

    def _prepare(self, where: str) -> None:
        self._connection.execute("PRAGMA synchronous = NORMAL")
        if self._pragma("application_id") != APPLICATION_ID:
            self._create(where)
        version = self._pragma("user_version")
        if version != SCHEMA_VERSION:
            raise SandboxError(
                f"{where} was written by another version (schema {version}, this one knows "
                f"{SCHEMA_VERSION}); move it away to begin anew"
            )

    def _create(self, where: str) -> None:
        if self._pragma("user_version") == 0 and not self._tables():
            with suppress(sqlite3.OperationalError):  # another process is just doing it
                self._connection.execute("PRAGMA journal_mode = WAL")
        with self.transaction():
            if self._pragma("application_id") == APPLICATION_ID:
                return  # another process was first
            if self._tables():
                raise SandboxError(f"{where} belongs to another program; name another file")
            for statement in _TABLES.split(";"):
                self._connection.execute(statement)
            self._connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            self._connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            self._furnish(self)

    def _tables(self) -> int:
        return int(self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])


@contextmanager
def _told() -> Iterator[None]:
    """SQLite's errors as one of ours; using a closed store is a bug, and stays as it is."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.ProgrammingError):
            raise
        raise SandboxError(
            f"the sandbox file cannot be used ({error}); try again, or move it away to begin anew"
        ) from error


def _make(path: Path) -> None:
    """The file's folder, and the file itself, readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
