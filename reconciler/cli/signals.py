"""SIGINT and SIGTERM: the first asks a running apply to stop, a second ends at once.

Where nothing has been written yet there is nothing to finish, so the first one ends it.
"""

import os
import signal
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

import anyio
from anyio import TASK_STATUS_IGNORED, create_task_group
from anyio.abc import TaskStatus

from reconciler.applier.stop import Stop
from reconciler.cli.exits import CODES
from reconciler.cli.terminal import Terminal
from reconciler.cli.world import World
from reconciler.model.outcome import Cause

T = TypeVar("T")
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class Interrupts:
    """What an interruption means just now."""

    def __init__(self, err: Terminal, scope: anyio.CancelScope) -> None:
        self._err = err
        self._scope = scope
        self._stop: Stop | None = None
        self._restore: Callable[[], None] = _nothing

    def stop_with(self, stop: Stop, restore: Callable[[], None]) -> None:
        """From now on the first signal sets `stop` and lets the run finish its record.

        `restore` puts the terminal right before a second one ends the process.
        """
        self._stop = stop
        self._restore = restore

    def take(self) -> None:
        """Act on one signal."""
        if self._stop is None:
            self._scope.cancel()
        elif not self._stop.requested:
            self._stop.set()
            self._err.line(
                "stopping: nothing new is written, and what was sent is recorded; "
                "a second signal ends at once"
            )
        else:
            # Writes under way are shielded from cancellation, so nothing milder ends at once. The
            # record is on the disk after every line, and the next run takes it up from there.
            self._restore()
            self._err.line("interrupted")
            os._exit(CODES[Cause.INTERRUPTED])


def _nothing() -> None:
    """There is nothing to restore."""


def run_interruptible(body: Callable[[Interrupts], Awaitable[T]], world: World) -> T:
    """Run `body` in an event loop. Raises KeyboardInterrupt when a signal ended it."""

    async def main() -> T:
        results: list[T] = []
        async with create_task_group() as group:
            interrupts = Interrupts(world.err, group.cancel_scope)
            if threading.current_thread() is threading.main_thread():
                await group.start(_listen, interrupts)
            results.append(await body(interrupts))
            group.cancel_scope.cancel()
        if not results:
            raise KeyboardInterrupt
        return results[0]

    return anyio.run(main, backend_options=dict(world.loop_options))


async def _listen(
    interrupts: Interrupts, *, task_status: TaskStatus[None] = TASK_STATUS_IGNORED
) -> None:
    with anyio.open_signal_receiver(*_SIGNALS) as received:
        task_status.started()
        async for _ in received:
            interrupts.take()


@contextmanager
def asking() -> Iterator[None]:
    """While a question waits for its answer, a signal raises KeyboardInterrupt in it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.default_int_handler) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
