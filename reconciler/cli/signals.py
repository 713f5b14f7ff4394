"""SIGINT and SIGTERM: the first asks a running apply to stop, a second ends at once.

Where nothing has been written yet there is nothing to finish, so the first one ends the program. A
signal is noted by its handler at once, not by the event loop: the loop stands still while a
question waits for its answer, and a signal that came just before must not be lost.
"""

import asyncio
import os
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import NoReturn, TypeVar

import anyio

from reconciler.applier.stop import Stop
from reconciler.cli.exits import CODES
from reconciler.cli.terminable import Interrupted, handled
from reconciler.cli.terminal import Terminal
from reconciler.cli.world import World
from reconciler.model.outcome import Cause

T = TypeVar("T")


class Interrupts:
    """What an interruption means just now."""

    def __init__(self, err: Terminal) -> None:
        self._err = err
        self._loop: asyncio.AbstractEventLoop | None = None
        self._scope: anyio.CancelScope | None = None
        self._stop: Stop | None = None
        self._restore: Callable[[], None] = _nothing
        self._came = False
        self._asking = False
        self._over = False

    @property
    def ended(self) -> bool:
        """Whether a signal came while there was nothing to finish."""
        return self._came and self._stop is None

    def stop_with(self, stop: Stop, restore: Callable[[], None]) -> None:
        """From now on the first signal sets `stop` and lets the run finish its record.

        `restore` puts the terminal right before either is told of, so it may be called twice.
        Raises KeyboardInterrupt when a signal came before: nothing was written yet.
        """
        if self._came:
            raise Interrupted
        self._restore = restore
        self._stop = stop

    @contextmanager
    def asking(self) -> Iterator[None]:
        """While a question waits for its answer, a signal raises KeyboardInterrupt in it.

        One that came before, and that the event loop had no time for, does so at once.
        """
        self._asking = True
        try:
            if self._came:
                raise Interrupted
            yield
        finally:
            self._asking = False

    def watched(self) -> AbstractContextManager[None]:
        """Take the process's signals inside the block; see `handled`."""
        return handled(self._note)

    def _note(self, _number: int, _frame: object) -> None:
        again, self._came = self._came, True
        if self._over:
            return
        if again and self._loop is not None and not self._asking:
            self._end()  # here, not in the loop: it may stand in a write that nobody reads
        if self._asking or self._loop is None:
            raise Interrupted
        self._loop.call_soon_threadsafe(self.take)

    @contextmanager
    def inside(self, scope: anyio.CancelScope) -> Iterator[None]:
        """Signals reach the running event loop in the block; `scope` is what one cancels."""
        self._scope = scope
        self._loop = asyncio.get_running_loop()
        try:
            yield
        finally:
            self._over = True

    def take(self) -> None:
        """Act on one signal."""
        if self._stop is None:
            if self._scope is not None:
                self._scope.cancel()
        elif not self._stop.requested:
            self._stop.set()
            self._restore()  # below live rows the line would be cut off by the next of them
            self._err.line(
                "stopping: nothing new is written, and what was sent is recorded; "
                "a second signal ends at once"
            )

    def _end(self) -> NoReturn:
        """End the process, whatever it is doing.

        Writes under way are shielded from cancellation, so nothing milder ends at once. The record
        is on the disk after every line, and the next run takes it up from there.
        """
        code = CODES[Cause.INTERRUPTED]
        # The stream may be the very thing it waits for, so saying goodbye has its own time limit.
        threading.Timer(0.5, os._exit, (code,)).start()
        self._restore()
        self._err.line("interrupted")
        os._exit(code)


def _nothing() -> None:
    """There is nothing to restore."""


def run_interruptible(body: Callable[[Interrupts], Awaitable[T]], world: World) -> T:
    """Run `body` in an event loop. Raises KeyboardInterrupt when a signal ended it."""
    interrupts = Interrupts(world.err)

    async def main() -> list[T]:
        results: list[T] = []
        with anyio.CancelScope() as scope, interrupts.inside(scope):
            results.append(await body(interrupts))
        return results

    with interrupts.watched():
        results = anyio.run(main, backend_options=dict(world.loop_options))
        if interrupts.ended or not results:
            raise Interrupted
        return results[0]
