"""A clock for rehearsals: time jumps to the next deadline instead of passing.

Everything awaits as it does in a real run; when no task can go on, the event loop moves its time.
Only for what does no I/O.
"""

import asyncio
import selectors
from collections.abc import Mapping
from typing import Any, Final, cast

import anyio

from reconciler.cli.clock import SystemClock

_MOMENT: Final = 1e-9
"""Seconds: a deadline nearer than what can be added to the time would be jumped to for ever."""


class _JumpingSelector(selectors.DefaultSelector):
    """Looks without waiting, and moves the loop's time on instead."""

    loop: "JumpingLoop"

    def select(self, timeout: float | None = None) -> list[Any]:
        """See `selectors.BaseSelector.select`; a signal wakes it as it wakes any other."""
        ready = cast(list[Any], super().select(0))
        if not ready and timeout is None:
            raise RuntimeError("all tasks wait, and no timer is set")
        if not ready and timeout:
            self.loop.jump(timeout)
        return ready


class JumpingLoop(asyncio.SelectorEventLoop):
    """See the module."""

    def __init__(self) -> None:
        self._now = 0.0
        selector = _JumpingSelector()
        super().__init__(selector)
        selector.loop = self

    def time(self) -> float:
        """Seconds since the loop was made."""
        return self._now

    def jump(self, seconds: float) -> None:
        """Move time on."""
        self._now += max(seconds, _MOMENT)


LOOP_OPTIONS: Final[Mapping[str, Any]] = {"loop_factory": JumpingLoop}
"""For `World.loop_options`: what `VirtualClock` needs."""


class VirtualClock(SystemClock):
    """See `Clock`. The time is the loop's; `origin` is the second of the epoch at which that is 0."""

    def __init__(self, origin: float) -> None:
        self.origin = origin

    def monotonic(self) -> float:
        """See `Clock.monotonic`."""
        return anyio.current_time()

    def wall(self) -> float:
        """See `Clock.wall`."""
        return self.origin + anyio.current_time()
