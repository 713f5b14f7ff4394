"""How much one account may ask of a cloud: requests per second, at once, and retries in all.

One limiter serves every client of an account, so two hosts of one vendor share one allowance.
It waits through the clock it was given and decides nothing about single requests.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from heapq import heapify, heappop, heappush
from itertools import count
from typing import Final

import anyio

from reconciler.ports import Clock

RETRY_SHARE: Final = 0.2
"""Retries may be this part of all requests …"""

RETRY_FLOOR: Final = 10
"""… and this many more, so that a short run can retry at all."""

SLOWED: Final = 0.5
"""A throttled account goes on at this part of its rate …"""

LEAST_SHARE: Final = 0.05
"""… but never at less than this part of its limit …"""

RECOVERY_SECONDS: Final = 20.0
"""… and would be back at its limit from nothing after so long without being throttled."""

PATIENT_SECONDS: Final = 3.0
"""A request that is in no hurry lets those go first that are asked for within so long after it.

A write goes before reads that were asked for up to so long before it: what has been read for it
would be old, and the restart that it begins is what everybody waits for.
"""

_SHORTEST: Final = 0.001
"""Seconds; a shorter sleep may not move a large clock at all, and so never end."""

_ENOUGH: Final = 1 - 1e-9  # a token is whole in spite of rounding


_in_no_hurry: ContextVar[bool] = ContextVar("in_no_hurry", default=False)


@contextmanager
def in_no_hurry() -> Iterator[None]:
    """What is asked for in here lets others go first, up to PATIENT_SECONDS.

    Where an account's allowance is short, what brings the work on (the read before a write, and
    the write) goes before looking how far it is.
    """
    token = _in_no_hurry.set(True)
    try:
        yield
    finally:
        _in_no_hurry.reset(token)


class _Line:
    """One at a time, those who wait by when they are due; of equal ones whoever came first."""

    def __init__(self) -> None:
        self._taken = False
        self._waiting: list[tuple[float, int, anyio.Event]] = []
        self._numbers = count()

    async def enter(self, due: float) -> None:
        """Return when it is one's turn, which lasts until `leave`."""
        if not self._taken:
            self._taken = True
            return
        waiting = due, next(self._numbers), anyio.Event()
        heappush(self._waiting, waiting)
        try:
            await waiting[2].wait()
        except BaseException:
            if waiting[2].is_set():
                self.leave()
            else:
                self._waiting.remove(waiting)
                heapify(self._waiting)
            raise

    def leave(self) -> None:
        """The next one's turn."""
        if self._waiting:
            heappop(self._waiting)[2].set()
        else:
            self._taken = False


class Limiter:
    """A token bucket, a bound on concurrency and a retry budget.

    Waiters are served in order, but for writes and for those that are `in_no_hurry`.

    The rate never exceeds `requests_per_second`. Where the cloud's own limit is lower, which no page
    tells, throttled replies halve it and quiet brings it back (additive increase, multiplicative
    decrease, as TCP finds its rate).
    """

    def __init__(
        self,
        clock: Clock,
        requests_per_second: float = 10,
        burst: int = 100,
        max_concurrent: int = 10,
    ) -> None:
        self._clock = clock
        self._limit = requests_per_second
        self._share = 1.0  # of the limit, at `_slowed_at`
        self._slowed_at = clock.monotonic()
        self._closed_until = self._slowed_at
        self._burst = float(burst)
        self._tokens = float(burst)
        self._filled_at = self._slowed_at
        self._paused_until = self._filled_at
        self._line = _Line()
        self._turn = anyio.Lock(fast_acquire=True)
        self._slots = anyio.Semaphore(max_concurrent, fast_acquire=True)
        self._requests = 0
        self._retries = 0

    @asynccontextmanager
    async def slot(self, *, counted: bool = True, writes: bool = False) -> AsyncIterator[None]:
        """Hold one of the concurrent places, and have the right to send one request.

        Signing in is not `counted`: a request that holds a place may be waiting for that token.
        """
        if not counted:
            await self.admit()
            yield
            return
        await self._enter(writes=writes)
        try:
            yield
        finally:
            self._slots.release()

    async def _enter(self, *, writes: bool) -> None:
        """Take a place and a token; who waits for either waits alone, the others behind."""
        patience = PATIENT_SECONDS if _in_no_hurry.get() else 0.0
        if writes:
            patience = -PATIENT_SECONDS
        await self._line.enter(self._clock.monotonic() + patience)
        try:
            await self._slots.acquire()
            try:
                await self.admit()
            except BaseException:
                self._slots.release()
                raise
        finally:
            self._line.leave()

    async def admit(self) -> None:
        """Return when one more request may be sent."""
        async with self._turn:
            while (seconds := self._seconds_to_wait()) > 0:
                await self._clock.sleep(max(seconds, _SHORTEST))
            self._tokens -= 1
            self._requests += 1

    def throttled(self, seconds: float, sent_at: float) -> None:
        """A request that went out at `sent_at` was one too many: pause, and be slower after that.

        What was under way already when the account was slowed down does not slow it down again.
        """
        share = self._share_at(self._clock.monotonic())
        self.pause(seconds)
        if sent_at >= self._slowed_at:
            self._share = max(LEAST_SHARE, share * SLOWED)
            self._slowed_at = self._paused_until  # speed comes back from the pause's end on

    def pause(self, seconds: float) -> None:
        """Send nothing for `seconds`: the cloud asked for it. No burst comes after that."""
        until = self._clock.monotonic() + seconds
        if until > self._paused_until:
            self._paused_until = self._filled_at = until
            self._tokens = 1.0

    def close(self, seconds: float) -> None:
        """Refuse what is asked for in the next `seconds`: nobody waits for so long."""
        self._closed_until = max(self._closed_until, self._clock.monotonic() + seconds)

    def closed_seconds(self) -> float:
        """For how much longer nothing may be sent at all; not positive when something may."""
        return self._closed_until - self._clock.monotonic()

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
        share = self._share_at(now)
        rate = self._limit * share
        room = max(1.0, self._burst * share)
        self._tokens = min(room, self._tokens + (now - self._filled_at) * rate)
        self._filled_at = now
        return 0.0 if self._tokens >= _ENOUGH else (1 - self._tokens) / rate

    def _share_at(self, now: float) -> float:
        """The part of the limit that is used now: it grows evenly after it was cut."""
        return min(1.0, self._share + max(0.0, now - self._slowed_at) / RECOVERY_SECONDS)
