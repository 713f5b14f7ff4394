"""Locks on a PostgreSQL server: for runs on different machines, and a memory of what was applied.

Advisory locks of one session: the server gives them back when the connection ends, whatever ended
it. Who holds them stands in a table beside, which is believed only where the server says that this
very connection holds the lock. The connection string is never shown, nor is what the driver quotes
of it.
"""

import hashlib
import os
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final, LiteralString

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import dict_row

from reconciler.applier.locks.owners import owner_of
from reconciler.model.errors import GuardError, InputError
from reconciler.ports import Applied, Holder, Owner

VARIABLE: Final = "RECONCILE_LOCK_DSN"

_DEFAULTS: Final = {
    "connect_timeout": "10",
    # A connection that is dead must be known to be: nobody else gets the lock while it lasts.
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
    "application_name": "reconcile",
}
"""What the connection string may say otherwise."""

_TABLES: Final[tuple[LiteralString, ...]] = (
    """CREATE TABLE IF NOT EXISTS reconcile_lock (
        name text PRIMARY KEY, backend integer NOT NULL, "user" text NOT NULL, host text NOT NULL,
        pid integer NOT NULL, run text NOT NULL, command text NOT NULL,
        since double precision NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS reconcile_applied (
        scope text PRIMARY KEY, commit text NOT NULL, run text NOT NULL,
        at double precision NOT NULL)""",
)

_KNOWN: Final[LiteralString] = (
    "SELECT to_regclass('reconcile_lock') IS NOT NULL AND to_regclass('reconcile_applied') "
    "IS NOT NULL AS known"
)

_MAKING: Final = int.from_bytes(hashlib.sha256(b"reconcile tables").digest()[:8], signed=True)
"""Held while the tables are made: two that make them at once get in each other's way."""

_HOLDING: Final[LiteralString] = """
    SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND ((classid::bigint << 32) | objid::bigint) = %s"""

_OWNER: Final[LiteralString] = """
    INSERT INTO reconcile_lock (name, backend, "user", host, pid, run, command, since)
    VALUES (%s, pg_backend_pid(), %s, %s, %s, %s, %s, %s)
    ON CONFLICT (name) DO UPDATE SET backend = excluded.backend, "user" = excluded."user",
    host = excluded.host, pid = excluded.pid, run = excluded.run, command = excluded.command,
    since = excluded.since"""

_KEEP: Final[LiteralString] = """
    INSERT INTO reconcile_applied (scope, commit, run, at) VALUES (%s, %s, %s, %s)
    ON CONFLICT (scope) DO UPDATE SET commit = excluded.commit, run = excluded.run,
    at = excluded.at"""

_LOOKS: Final = 50
"""How often, a tenth of a second apart, it is looked whether a connection has ended."""

_ANSWER_SECONDS: Final = 15.0
"""A server that does not answer for so long is cut off: whoever waits for it can't do anything."""

_SAID: Final = (
    "password authentication failed",
    "no password supplied",
    "no pg_hba.conf entry",
    "Connection refused",
    "could not translate host name",
    "failed to resolve host",
    "timeout expired",
    "certificate verify failed",
    "does not support SSL",
    "does not exist",
    "permission denied",
    "No such file or directory",
    "Network is unreachable",
    "No route to host",
    "too many clients",
    "the database system is starting up",
)
"""What the driver may be quoted with: the rest of its message repeats the connection string."""


class PostgresLocks:
    """See `Locks`. `dsn` is a connection string or URL of libpq. Raises InputError for no such."""

    kind = "postgresql"
    reach = "every run that uses this PostgreSQL"

    def __init__(self, dsn: str) -> None:
        self._conninfo = _parsed(dsn)
        self._connection: psycopg.Connection[dict[str, Any]] | None = None
        self._held: list[str] = []

    def take(self, names: Sequence[str], owner: Owner) -> Holder | None:
        """See `Locks.take`. Raises GuardError where the server can't be asked."""
        with _told():
            connection = self._connected()
            for name in names:
                asked = "SELECT pg_try_advisory_lock(%s) AS got"
                if not _one(connection, asked, [_key(name)])["got"]:
                    holder = self._holder(name) or Holder(name, None, "it was just given back")
                    self._give_back()
                    return holder
                self._held.append(name)
            for name in names:
                texts = (owner.user, owner.host, owner.pid, owner.run, owner.command, owner.since)
                connection.execute(_OWNER, [name, *texts])
        return None

    def lost(self) -> str:
        """See `Locks.lost`: the server is asked, since a connection can be dead unnoticed."""
        if not self._held:
            return ""
        try:
            connection = self._connection
            if connection is None or connection.closed:
                return "the connection to PostgreSQL is closed"
            own = connection.info.backend_pid
            with _answering(connection):
                for name in self._held:
                    if own not in self._backends(connection, name):
                        return "PostgreSQL does not hold it for this run any more"
        except psycopg.Error as error:
            return f"the connection to PostgreSQL is lost: {_said(error)}"
        return ""

    def holders(self, names: Sequence[str]) -> list[Holder]:
        """See `Locks.holders`."""
        with _told():
            self._connected()
            return [holder for name in names if (holder := self._holder(name)) is not None]

    def evict(self, names: Sequence[str]) -> str:
        """See `Locks.evict`: ends the connections that hold them, and waits until they are gone."""
        with _told():
            connection = self._connected()
            for name in names:
                for backend in self._backends(connection, name):
                    connection.execute("SELECT pg_terminate_backend(%s)", [backend])
            for _ in range(_LOOKS):
                left = [name for name in names if self._backends(connection, name)]
                if not left:
                    return ""
                connection.execute("SELECT pg_sleep(0.1)")
        return f"PostgreSQL did not end the connection that holds {left[0]}"

    def release(self) -> None:
        """See `Locks.release`."""
        self._held.clear()
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(psycopg.Error):
                connection.close()

    def applied(self, scope: str) -> Applied | None:
        """See `Locks.applied`."""
        with _told():
            asked = "SELECT commit, run, at FROM reconcile_applied WHERE scope = %s"
            row = self._connected().execute(asked, [scope]).fetchone()
        return None if row is None else Applied(row["commit"], row["run"], row["at"])

    def keep(self, scope: str, applied: Applied) -> None:
        """See `Locks.keep`."""
        with _told():
            self._connected().execute(_KEEP, [scope, applied.commit, applied.run, applied.at])

    def _connected(self) -> psycopg.Connection[dict[str, Any]]:
        """The connection; a new one only where nothing is held yet."""
        if self._connection is not None and (self._held or not self._connection.closed):
            return self._connection
        made = psycopg.connect(self._conninfo, autocommit=True, row_factory=dict_row)
        self._connection = made
        if not _one(made, _KNOWN)["known"]:
            _make_tables(made)
        return made

    def _give_back(self) -> None:
        """Free what was taken before one of them turned out to be held."""
        if self._connection is not None:
            self._connection.execute("SELECT pg_advisory_unlock_all()")
        self._held.clear()

    def _holder(self, name: str) -> Holder | None:
        connection = self._connected()
        backends = self._backends(connection, name)
        if not backends:
            return None
        asked = 'SELECT backend, "user", host, pid, run, command, since FROM reconcile_lock WHERE name = %s'
        row = connection.execute(asked, [name]).fetchone()
        named = owner_of(row) if row is not None and row["backend"] in backends else None
        return Holder(name, named, "its connection to PostgreSQL lives")

    def _backends(
        self, connection: psycopg.Connection[dict[str, Any]], name: str
    ) -> tuple[int, ...]:
        return tuple(row["pid"] for row in connection.execute(_HOLDING, [_key(name)]))


def _key(name: str) -> int:
    """The number of a lock: PostgreSQL knows them by 64 bits."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)


def _one(
    connection: psycopg.Connection[dict[str, Any]], query: LiteralString, values: Sequence[Any] = ()
) -> Mapping[str, Any]:
    row = connection.execute(query, values).fetchone()
    assert row is not None  # noqa: S101 - asked only what has exactly one row
    return row


def _make_tables(connection: psycopg.Connection[dict[str, Any]]) -> None:
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [_MAKING])
        for table in _TABLES:
            connection.execute(table)


def _parsed(dsn: str) -> str:
    try:
        return make_conninfo("", **_DEFAULTS | conninfo_to_dict(dsn))
    except psycopg.Error:
        pass  # its message quotes the string, password included
    raise InputError(
        f"{VARIABLE} is no connection string of PostgreSQL: "
        "write it like postgresql://USER@HOST/DATABASE, or host=HOST dbname=DATABASE"
    )


@contextmanager
def _answering(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """Cut the connection when the block takes too long; what waits in it gets an error."""

    def cut() -> None:
        with suppress(OSError), socket.socket(fileno=os.dup(connection.pgconn.socket)) as copy:
            copy.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(_ANSWER_SECONDS, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


@contextmanager
def _told() -> Iterator[None]:
    """What the server or the way to it refuses, told without the connection string."""
    said = ""
    try:
        yield
    except psycopg.Error as error:
        said = _said(error)
    if said:  # outside the handler: the error of the driver is no cause to be shown
        raise GuardError(
            f"no lock can be had from the PostgreSQL of {VARIABLE}: {said}. Nothing was written; "
            "make it reachable, or unset the variable to lock on this machine only"
        )


def _said(error: psycopg.Error) -> str:
    text = str(error)
    known = [words for words in _SAID if words in text]
    code = f"SQLSTATE {error.sqlstate}" if error.sqlstate else ""
    return ", ".join([*known, *filter(None, [code])]) or type(error).__name__
