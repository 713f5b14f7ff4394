"""A virtual clock: an event loop whose time jumps to the next deadline instead of passing.

Everything awaits as it does in production; when no task can go on, time moves. A run of minutes
takes milliseconds and the same run takes the same steps every time. A program that would wait for
ever is an error at once.
"""

import asyncio
import selectors
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from typing import Any, TypeVar, cast

import anyio

from reconciler.ports import Timeout

T = TypeVar("T")

EPOCH = 1_790_000_000.0
"""What the wall clock says when a virtual run begins: 2026-09-21T13:46:40Z."""


class Deadlock(AssertionError):
    """Every task waits for something that no timer will bring."""


class _JumpingSelector(selectors.DefaultSelector):
    """Finds nothing to read, and moves the loop's time on instead of blocking."""

    loop: "VirtualLoop"

    def select(self, timeout: float | None = None) -> list[Any]:
        ready = cast(list[Any], super().select(0))
        if ready or timeout == 0:
            return ready
        if timeout is None:
            raise Deadlock("all tasks wait, and no timer is set")
        self.loop.jump(timeout)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """See the module. Only for programs without real I/O."""

    def __init__(self) -> None:
        self._virtual = 0.0
        selector = _JumpingSelector()
        super().__init__(selector)
        selector.loop = self

    def time(self) -> float:
        return self._virtual

    def jump(self, seconds: float) -> None:
        """Move time on; a timer that is due in a moment too small to add is due now."""
        self._virtual = max(self._virtual + seconds, self._virtual + 1e-9)


class VirtualClock:
    """See `Clock`. Wall and monotonic time are the loop's."""

    def monotonic(self) -> float:
        return anyio.current_time()

    def wall(self) -> float:
        return EPOCH + anyio.current_time()

    async def sleep(self, seconds: float) -> None:
        await anyio.sleep(max(0.0, seconds))  # noqa: TID251 - this is a clock

    def timeout(self, seconds: float) -> AbstractContextManager[Timeout]:
        return cast(AbstractContextManager[Timeout], _Limit(seconds))


class _Limit:
    def __init__(self, seconds: float) -> None:
        self._scope = anyio.move_on_after(seconds)  # noqa: TID251 - this is a clock

    @property
    def expired(self) -> bool:
        return self._scope.cancelled_caught

    def __enter__(self) -> "_Limit":
        self._scope.__enter__()
        return self

    def __exit__(self, *exc: Any) -> bool | None:
        return self._scope.__exit__(*exc)


def run(function: Callable[[], Awaitable[T]]) -> T:
    """Run an async function to its end in virtual time."""
    return anyio.run(function, backend_options={"loop_factory": VirtualLoop})
