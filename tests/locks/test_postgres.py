"""Locks in a real PostgreSQL: one holder, gone with its connection, and what was applied last."""

import threading
from collections.abc import Iterator

import psycopg
import pytest

from reconciler.applier.locks.postgres import PostgresLocks, _said
from reconciler.model.errors import GuardError, InputError
from reconciler.ports import Applied
from tests.support.locking import NAMES, owner
from tests.support.postgres import PASSWORD, Server, postgres


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """One server for all tests of this file."""
    with postgres() as running:
        yield running


@pytest.fixture
def locks(server: Server) -> Iterator[tuple[PostgresLocks, PostgresLocks]]:
    """Two who want the same."""
    pair = PostgresLocks(server.dsn), PostgresLocks(server.dsn)
    yield pair
    for one in pair:
        one.release()


def free(locks: PostgresLocks) -> bool:
    """Whether nobody holds them: a server hears of a closed connection a moment later."""
    return any(not locks.holders(NAMES) for _ in range(5000))


def test_a_lock_has_one_holder_who_is_named(locks: tuple[PostgresLocks, PostgresLocks]) -> None:
    """Whoever comes second is told who holds the lock; once given back it is free."""
    first, second = locks
    assert first.take(NAMES, owner()) is None
    holder = second.take(NAMES, owner("run-2"))
    assert holder is not None
    assert (holder.name, holder.owner) == (NAMES[0], owner())
    assert second.holders(NAMES)[0] == holder
    assert first.lost() == ""
    first.release()
    assert free(second)
    assert second.take(NAMES, owner("run-2")) is None


def test_all_or_nothing_is_taken(
    server: Server, locks: tuple[PostgresLocks, PostgresLocks]
) -> None:
    """Who can't have every lock has none of them."""
    first, second = locks
    assert first.take(NAMES[1:], owner()) is None
    holder = second.take(NAMES, owner())
    assert holder is not None
    assert holder.name == NAMES[1]
    third = PostgresLocks(server.dsn)
    assert third.take(NAMES[:1], owner()) is None
    third.release()


def test_two_who_make_the_tables_at_once_get_along(server: Server) -> None:
    """The tables are made by whoever comes first, however many come at once."""
    with server.connect() as connection:
        connection.execute("DROP TABLE IF EXISTS reconcile_lock, reconcile_applied")
    taken: list[bool] = []

    def take(number: int) -> None:
        one = PostgresLocks(server.dsn)
        taken.append(one.take([f"lock {number}"], owner()) is None)
        one.release()

    threads = [threading.Thread(target=take, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert taken == [True] * 8


def test_a_connection_that_was_ended_is_a_lost_lock(
    locks: tuple[PostgresLocks, PostgresLocks],
) -> None:
    """The holder whose connection somebody ended learns it at its next look, and has no way back."""
    first, second = locks
    assert first.take(NAMES, owner()) is None
    assert second.evict(NAMES) == ""
    assert "lost" in first.lost()
    assert second.take(NAMES, owner("run-2")) is None
    assert "closed" in first.lost()


def test_a_holder_that_left_no_name_is_still_a_holder(
    server: Server, locks: tuple[PostgresLocks, PostgresLocks]
) -> None:
    """What stands in the table is believed only of the connection that holds the lock."""
    first, second = locks
    assert first.take(NAMES, owner()) is None
    with server.connect() as connection:
        connection.execute("UPDATE reconcile_lock SET backend = 1")
    holder = second.take(NAMES, owner())
    assert holder is not None
    assert holder.owner is None


def test_the_commit_that_was_applied_last_is_kept(
    locks: tuple[PostgresLocks, PostgresLocks],
) -> None:
    """The newest commit of a scope is there for everybody, and scopes don't mix."""
    first, second = locks
    assert first.applied("a") is None
    first.keep("a", Applied("c1", "run-1", 5.0))
    first.keep("a", Applied("c2", "run-2", 6.0))
    first.keep("b", Applied("c9", "run-3", 7.0))
    assert second.applied("a") == Applied("c2", "run-2", 6.0)


@pytest.mark.parametrize(
    "dsn",
    [
        f"postgresql://ci:{PASSWORD}@[bad",
        f"{PASSWORD}",
        f"host=x password={PASSWORD} nonsense={PASSWORD}",
        f"postgresql://ci:{PASSWORD}%zz@db/x",
    ],
)
def test_a_bad_connection_string_is_never_quoted(dsn: str) -> None:
    """A string that is no connection string is told without any part of it."""
    with pytest.raises(InputError, match="RECONCILE_LOCK_DSN") as caught:
        PostgresLocks(dsn)
    assert PASSWORD not in f"{caught.value!r}{caught.value.__cause__!r}{caught.value.__context__!r}"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("ci:", "nobody-knows:"), "password authentication failed"),
        (("@127.0.0.1:", "@127.0.0.1:1"), ""),
        (("/postgres", f"/{PASSWORD}"), "does not exist"),
        (("127.0.0.1", "no-such-host.invalid"), "failed to resolve host"),
    ],
)
def test_a_server_that_does_not_let_us_in_is_told_without_the_string(
    server: Server, change: tuple[str, str], words: str
) -> None:
    """Why PostgreSQL can't be used is said, with what to do, and nothing of the string."""
    locks = PostgresLocks(server.dsn.replace(*change))
    with pytest.raises(GuardError, match="no lock can be had") as caught:
        locks.take(NAMES, owner())
    text = str(caught.value)
    assert words in text
    assert PASSWORD not in f"{text}{caught.value.__cause__!r}"


def test_a_server_that_is_gone_is_a_lost_lock() -> None:
    """When the server goes away, so does the lock."""
    with postgres() as own:
        locks = PostgresLocks(own.dsn)
        assert locks.take(NAMES, owner()) is None
        own.stop()
        assert "the connection to PostgreSQL is lost" in locks.lost()
        with pytest.raises(GuardError, match="no lock can be had"):
            PostgresLocks(own.dsn).take(NAMES, owner())


def test_an_error_is_told_by_its_code_and_never_by_its_text() -> None:
    """The text of a driver can hold a password; without a code the kind of error is told."""
    assert _said(psycopg.errors.InsufficientPrivilege(f"s3cr3t {PASSWORD}")) == "SQLSTATE 42501"
    assert _said(psycopg.OperationalError(f"s3cr3t {PASSWORD}")) == "OperationalError"
