"""Waiting for a lock: ask again and again, and say who holds it."""

from collections.abc import Callable, Sequence
from typing import Final

from reconciler.applier.locks.owners import described
from reconciler.ports import Clock, Holder, Locks, Owner

TOLD_EVERY_SECONDS: Final = 9.0
"""Somebody who watches a log is told who is waited for at least so often."""

_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 1.0


async def acquire(
    locks: Locks,
    names: Sequence[str],
    owner: Owner,
    *,
    clock: Clock,
    timeout_seconds: float,
    tell: Callable[[str], None],
) -> Holder | None:
    """Take the locks, waiting up to `timeout_seconds` (0: asked once); else who holds one of them.

    `tell` gets a line when the wait begins and then at least every ten seconds.
    """
    started = clock.monotonic()
    told = -TOLD_EVERY_SECONDS
    pause = _FIRST_PAUSE
    while True:
        holder = locks.take(names, owner)
        waited = clock.monotonic() - started
        left = timeout_seconds - waited
        if holder is None or left <= 0:
            return holder
        if waited - told >= TOLD_EVERY_SECONDS:
            told = waited
            who = described(holder, clock.wall())
            tell(
                f"waiting for the lock of {holder.name}, {left:.0f} s at most; it is held by {who}"
            )
        await clock.sleep(min(pause, left))
        pause = min(_LONGEST_PAUSE, pause * 1.5)
