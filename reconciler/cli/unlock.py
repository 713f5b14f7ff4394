"""`reconcile unlock`: who holds the locks of these agents, and the way out where one hangs.

No lock needs this after a crash: a lock ends with the process or the connection that holds it.
"""

from collections.abc import Sequence
from functools import partial

import click

from reconciler.applier.locks.owners import described
from reconciler.cli.exits import exit_code
from reconciler.cli.locks import lock_names, open_locks
from reconciler.cli.options import Request, Verb, shared
from reconciler.cli.output import Format
from reconciler.cli.reading import places_to_lock, resolve_secrets
from reconciler.cli.setup import prepare
from reconciler.cli.signals import run_interruptible
from reconciler.cli.world import World
from reconciler.model.outcome import Cause
from reconciler.ports import Holder, Locks
from reconciler.report.plain import plain


@click.command(
    cls=Verb, epilog="\b\nExample:\n  reconcile unlock manifests/ --target production --force"
)
@partial(shared, formats=(Format.TEXT,))
@click.option("--force", is_flag=True, help="End the connection that holds a lock of PostgreSQL.")
@click.pass_obj
def command(world: World, request: Request, force: bool) -> int:
    """Show who holds the locks that an apply of these manifests would take.

    A lock on a file ends with its process. A lock in PostgreSQL ends with its connection, and
    --force ends that: the run that held it stops before its next write.
    """
    setup = prepare(world, request)
    desired = resolve_secrets(world, setup, strict=False)
    territories = run_interruptible(
        lambda _interrupts: places_to_lock(world, request, setup, desired), world
    )
    names = lock_names(setup, territories)
    locks = open_locks(world, setup)
    try:
        return _unlock(world, locks, names, force=force)
    finally:
        locks.release()


def _unlock(world: World, locks: Locks, names: Sequence[str], *, force: bool) -> int:
    holders = locks.holders(names)
    for name in names:
        if name not in {holder.name for holder in holders}:
            world.out.line(f"free: {plain(name)}")
    for holder in holders:
        world.out.line(
            f"held: {plain(holder.name)}, by {plain(described(holder, world.clock.wall()))}"
        )
    if not holders:
        world.out.line(f"There is nothing to unlock. Asked: {locks.reach}.")
        return exit_code([])
    reason = _kept(locks, holders, force=force)
    if reason:
        world.err.line(f"error: {reason}")
        return exit_code([Cause.GUARD])
    world.out.line("The connection was ended and the lock is free; its run writes nothing more.")
    return exit_code([])


def _kept(locks: Locks, holders: Sequence[Holder], *, force: bool) -> str:
    """Why the locks stay with their holders, empty when they were taken from them."""
    if locks.kind == "file" or force:
        return locks.evict([holder.name for holder in holders])
    return (
        "the run that holds it is connected and may be writing. Wait for it or end its process; "
        "--force ends its connection, and it stops before its next write"
    )
