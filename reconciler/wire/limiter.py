"""How much one account may ask of a cloud: requests per second, at once, and retries in all.

One limiter serves every client of an account, so two hosts of one vendor share one allowance.
It waits through the clock it was given and decides nothing about single requests.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import anyio

from reconciler.ports import Clock

RETRY_SHARE: Final = 0.2
"""Retries may be this part of all requests …"""

RETRY_FLOOR: Final = 10
"""… and this many more, so that a short run can retry at all."""

_SHORTEST: Final = 0.001
"""Seconds; a shorter sleep may not move a large clock at all, and so never end."""

_ENOUGH: Final = 1 - 1e-9  # a token is whole in spite of rounding


class Limiter:
    """A token bucket, a bound on concurrency and a retry budget. Waiters are served in order."""

    def __init__(
        self,
        clock: Clock,
        requests_per_second: float = 10,
        burst: int = 100,
        max_concurrent: int = 10,
    ) -> None:
        self._clock = clock
        self._rate = requests_per_second
        self._burst = float(burst)
        self._tokens = float(burst)
        self._filled_at = clock.monotonic()
        self._paused_until = self._filled_at
        self._turn = anyio.Lock()
        self._slots = anyio.Semaphore(max_concurrent)
        self._requests = 0
        self._retries = 0

    @asynccontextmanager
    async def slot(self, *, counted: bool = True) -> AsyncIterator[None]:
        """Hold one of the concurrent places, and have the right to send one request.

        Signing in is not `counted`: a request that holds a place may be waiting for that token.
        """
        if not counted:
            await self.admit()
            yield
            return
        async with self._slots:
            await self.admit()
            yield

    async def admit(self) -> None:
        """Return when one more request may be sent."""
        async with self._turn:
            while (seconds := self._seconds_to_wait()) > 0:
                await self._clock.sleep(max(seconds, _SHORTEST))
            self._tokens -= 1
            self._requests += 1

    def pause(self, seconds: float) -> None:
        """Send nothing for `seconds`: the cloud asked for it. No burst comes after that."""
        until = self._clock.monotonic() + seconds
        if until > self._paused_until:
            self._paused_until = self._filled_at = until
            self._tokens = 1.0

    def spend_retry(self) -> bool:
        """Take one retry from the budget; false when it is spent."""
        if self._retries >= RETRY_FLOOR + RETRY_SHARE * self._requests:
            return False
        self._retries += 1
        return True

    def _seconds_to_wait(self) -> float:
        now = self._clock.monotonic()
        if now < self._paused_until:
            return self._paused_until - now
        self._tokens = min(self._burst, self._tokens + (now - self._filled_at) * self._rate)
        self._filled_at = now
        return 0.0 if self._tokens >= _ENOUGH else (1 - self._tokens) / self._rate
