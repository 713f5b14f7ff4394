"""The system's clock behind the `Clock` port: the one place that really waits."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import anyio

from reconciler.ports import Timeout


class SystemClock:
    """See `Clock`."""

    def monotonic(self) -> float:
        """See `Clock.monotonic`."""
        return time.monotonic()

    def wall(self) -> float:
        """See `Clock.wall`."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        """See `Clock.sleep`."""
        await anyio.sleep(max(seconds, 0.0))  # noqa: TID251 - this is the Clock port itself

    @contextmanager
    def timeout(self, seconds: float) -> Iterator[Timeout]:
        """See `Clock.timeout`."""
        with anyio.move_on_after(max(seconds, 0.0)) as scope:  # noqa: TID251 - the port itself
            yield _Limit(scope)


class _Limit:
    """Whether a time limit ended its block."""

    def __init__(self, scope: anyio.CancelScope) -> None:
        self._scope = scope

    @property
    def expired(self) -> bool:
        """See `Timeout.expired`."""
        return self._scope.cancelled_caught
