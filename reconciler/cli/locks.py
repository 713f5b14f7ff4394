"""The lock of a run: where it is kept, how long it is waited for, and what else it says.

Every verb that writes holds it from before its first read to its end, so that what it decides on
cannot be another run's work half done.
"""

import getpass
import os
import socket
import stat
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any, Final

import click

from reconciler.applier.locks.files import FileLocks
from reconciler.applier.locks.owners import described
from reconciler.applier.locks.waiting import acquire
from reconciler.cli.commits import Relation, Standing, relation, require_tip, standing_of
from reconciler.cli.records import run_id
from reconciler.cli.setup import Setup
from reconciler.cli.world import World
from reconciler.loader.quantities import parse_duration
from reconciler.model.errors import GuardError, InputError
from reconciler.model.tree import Tree
from reconciler.ports import Applied, Holder, Locks, Owner
from reconciler.report.plain import plain

VARIABLE: Final = "RECONCILE_LOCK_DSN"
"""Where the PostgreSQL is that keeps the locks: in the environment only, since a tree that a pull
request can edit must not say where a password goes."""

DEFAULT_TIMEOUT: Final = "5m"

SANDBOX_LOCKS: Final = Path(".reconcile/locks")
"""Beside the file that the emulated clouds are kept in."""


@dataclass(frozen=True, slots=True)
class Locking:
    """How a run locks. `run` is its id, `verb` what people are told that it does.

    `checkout` is compared with the commit that was applied last, unless `allow_older`; with
    `require_tip` it must be what its remote branch has. It was looked at before the manifests were
    read: who waits for a lock may find another commit there afterwards.
    """

    run: str
    verb: str
    timeout_seconds: float = 300.0
    checkout: Standing | None = None
    allow_older: bool = False
    require_tip: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """The locks of the run `run` while it lasts. `keep` keeps its commit as the one applied last."""

    locks: Locks
    run: str
    names: tuple[str, ...]
    waited_seconds: float
    keep: Callable[[], None] = field(default=lambda: None)

    def lost(self) -> str:
        """See `Locks.lost`."""
        return self.locks.lost()

    def event(self) -> Tree:
        """The line of the run's record."""
        return {
            "event": "lock-taken",
            "kind": self.locks.kind,
            "names": list(self.names),
            "waitedSeconds": round(self.waited_seconds, 3),
        }


_LOCK_TIMEOUT: Final = click.option(
    "--lock-timeout",
    metavar="TIME",
    default=DEFAULT_TIMEOUT,
    help=f"Wait so long for the lock of another run; default {DEFAULT_TIMEOUT}, 0 fails at once.",
)

_COMMITS: Final = (
    click.option(
        "--allow-older",
        is_flag=True,
        help="Apply a commit that is older than the one applied last.",
    ),
    click.option(
        "--require-tip",
        is_flag=True,
        help="Refuse a checkout that is not what its remote branch has now.",
    ),
)


def parse_lock_timeout(text: str) -> float:
    """Seconds of `--lock-timeout`. Raises InputError."""
    if text == "0":
        return 0.0
    try:
        return parse_duration(text)
    except ValueError as error:
        raise InputError(f"--lock-timeout: {error}; 0 does not wait") from error


def open_locks(world: World, setup: Setup) -> Locks:
    """Where this run's locks are kept. Raises InputError for a variable that can't be used."""
    dsn = world.environ.get(VARIABLE, "")
    if not dsn:
        return FileLocks(SANDBOX_LOCKS if setup.target.sandbox else state_folder(world.environ))
    try:
        from reconciler.applier.locks.postgres import PostgresLocks
    except ImportError as error:
        text = (
            f"{VARIABLE} is set, and locks in PostgreSQL need the extra `postgres`: "
            "pip install 'reconcile-agents[postgres]'"
        )
        raise InputError(text) from error
    return PostgresLocks(dsn)


def state_folder(environ: Mapping[str, str]) -> Path:
    """`reconcile/locks` in the user's folder for state, by the XDG base directory specification.

    A user without a home that can be written has one in the folder for temporary files. Raises
    InputError where that is somebody else's.
    """
    given = environ.get("XDG_STATE_HOME", "")
    if given.startswith("/"):  # the specification: a relative path is to be ignored
        return Path(given) / "reconcile" / "locks"
    try:
        home = Path(environ.get("HOME") or Path.home())
        folder = home / ".local" / "state" / "reconcile" / "locks"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except (OSError, RuntimeError):
        return _temporary_folder()
    return folder


def _temporary_folder() -> Path:
    """Anybody may make a folder there, so it must be this user's own, and closed to others."""
    folder = Path(tempfile.gettempdir()) / f"reconcile-{os.getuid()}"
    with suppress(OSError):
        folder.mkdir(exist_ok=True, mode=0o700)
    with suppress(OSError):
        there = folder.lstat()
        closed = stat.S_ISDIR(there.st_mode) and not there.st_mode & 0o077
        if closed and there.st_uid == os.getuid():
            return folder / "locks"
    raise InputError(
        "no folder for locks can be used: neither the home folder nor the one for temporary "
        "files can be written; set XDG_STATE_HOME to one that this user can write"
    )


def lock_names(setup: Setup, territories: Sequence[str]) -> tuple[str, ...]:
    """The locks of these territories, in the one order in which everybody takes them.

    An emulated cloud is a file of this machine, whatever it calls itself.
    """
    prefix = ""
    if setup.target.sandbox:
        prefix = f"{socket.gethostname()}:{Path('.reconcile/sandbox.db').resolve()} "
    return tuple(sorted(prefix + territory for territory in set(territories)))


@asynccontextmanager
async def locked(
    world: World, setup: Setup, territories: Sequence[str], locking: Locking, *, quiet: bool
) -> AsyncIterator[Held]:
    """Hold the locks of these territories inside the block.

    Raises GuardError when they aren't free in time, or the checkout is not to be applied; InputError
    or GuardError where no lock can be had.
    """
    names = lock_names(setup, territories)
    locks = open_locks(world, setup)
    started = world.clock.monotonic()
    try:
        holder = await acquire(
            locks,
            names,
            owner_of_run(world, setup, locking),
            clock=world.clock,
            timeout_seconds=locking.timeout_seconds,
            tell=lambda line: None if quiet else world.err.line(plain(line)),
        )
        if holder is not None:
            raise GuardError(_not_free(holder, world.clock.wall(), locking.timeout_seconds))
        waited = world.clock.monotonic() - started
        yield Held(locks, locking.run, names, waited, _checked(world, setup, locks, names, locking))
    finally:
        locks.release()


def owner_of_run(world: World, setup: Setup, locking: Locking) -> Owner:
    """Who this run is, for those who wait for it."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        user = str(os.getuid())
    command = f"{locking.verb}, target {plain(setup.target.name)}"
    host, now = socket.gethostname(), world.clock.wall()
    return Owner(user, host, os.getpid(), locking.run, command, now)


def _not_free(holder: Holder, now: float, timeout_seconds: float) -> str:
    after = f" after {timeout_seconds:g} s" if timeout_seconds else ""
    return (
        f"the lock of {plain(holder.name)} is not free{after}: it is held by "
        f"{plain(described(holder, now))}. Nothing was written. Wait for that run to end, or give "
        "--lock-timeout more time; `reconcile unlock` shows who holds it, and what can be done about "
        "one that hangs"
    )


def _checked(
    world: World, setup: Setup, locks: Locks, names: Sequence[str], locking: Locking
) -> Callable[[], None]:
    """Hold the checkout against what was applied last; what keeps its commit once that is sure.

    Raises GuardError for a commit that is older, or may be.
    """
    checkout = locking.checkout
    if locking.require_tip:
        require_tip(checkout, world.environ)
    if checkout is None:
        return lambda: None
    if checkout.dirty:
        world.err.line(
            "note: the work tree holds changes that no commit has; "
            f"what is applied is not only {checkout.short}"
        )
    scope = "\n".join((setup.target.name, checkout.repository, *names))
    last = locks.applied(scope)
    if last is not None:
        _compare(world, checkout, last, allow_older=locking.allow_older)

    def keep() -> None:
        locks.keep(scope, Applied(checkout.commit, locking.run, world.clock.wall()))

    return keep


def _compare(world: World, checkout: Standing, last: Applied, *, allow_older: bool) -> None:
    """Refuse what is older than the commit that was applied last; say what is beside it."""
    found = relation(checkout, last.commit)
    before = f"{last.commit[:12]}, applied last (run {plain(last.run)})"
    match found:
        case Relation.SAME | Relation.NEWER:
            return
        case Relation.APART:
            world.err.line(
                f"note: {checkout.short} is not related to {before}: neither comes from the other"
            )
            return
        case Relation.OLDER:
            reason = f"{checkout.short} is older than {before}"
        case Relation.UNKNOWN:
            cut = " is shallow and" if checkout.shallow else ""
            reason = (
                f"{checkout.short} may be older than {before}: this clone{cut} does not show how "
                "they are related (fetch the whole history; `fetch-depth: 0` in GitHub Actions)"
            )
    if allow_older:
        world.err.line(f"note: {reason}; applied all the same (--allow-older)")
        return
    raise GuardError(
        f"{reason}. Nothing was written. Apply the newer commit, or give --allow-older to go back"
    )


def locking(function: Callable[..., int], *, commits: bool = False) -> Callable[..., int]:
    """Give a verb that writes the options of its lock; it gets them as `locking`.

    Stands below `shared`. `commits`: it brings a commit to the cloud, and that one is compared with
    what was applied before.
    """

    @wraps(function)
    def verb(**values: Any) -> int:
        context = click.get_current_context()
        world, request = context.find_object(World), values["request"]
        assert world is not None  # noqa: S101 - `run` puts it there
        tip = commits and values.pop("require_tip")
        older = commits and values.pop("allow_older")
        asked = commits and (tip or world.environ.get(VARIABLE))
        made = Locking(
            run=run_id(world),
            verb=context.info_name or "",
            timeout_seconds=parse_lock_timeout(values.pop("lock_timeout")),
            checkout=standing_of(request.paths) if asked else None,
            allow_older=older,
            require_tip=tip,
        )
        return function(locking=made, **values)

    decorated: Callable[..., int] = verb
    for option in (*(reversed(_COMMITS) if commits else ()), _LOCK_TIMEOUT):
        decorated = option(decorated)
    return decorated
