"""Is it back? The one question that a READY from before the restart gets wrong. Semantics, section 8.

Pure: it is fed reads with the time at which each was asked for, and answers. Nothing here waits.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from reconciler.model.live import Health, Live
from reconciler.model.rules import Readiness

CONFIRM_SECONDS: Final = 1.0
"""How much later than the first a second read has to show the same end state."""

VALUES_SECONDS: Final = 30.0
"""Without a status: how long after the write a moved stamp alone is enough."""


class Verdict(Enum):
    """What the reads so far allow to be said."""

    WAIT = "wait"
    BACK = "back"
    FAILED = "failed"


@dataclass(slots=True)
class Settling:
    """The reads of one agent since a write.

    `written_at` (monotonic seconds) is when the write was answered, or its effect first seen.
    `stamp` is that of the pre-image, None where there was none; `created`: there was no agent
    before, so that every read of it is newer than the write.
    """

    readiness: Readiness
    written_at: float
    settle_seconds: float
    stamp: float | None
    created: bool = False
    busy_seen: bool = False
    _ended_seen: bool = False
    _contradicted: bool = False
    _newest: float | None = None
    _state: Health | None = None
    _since: float = 0.0

    def observe(self, live: Live, at: float, *, equal: bool) -> Verdict:
        """Take in one read that was asked for at `at`.

        `equal`: it shows every managed field that it can show, and at least one, as desired.
        """
        if self._behind(live):
            return Verdict.WAIT  # a replica that is behind says nothing about now
        if self.readiness is Readiness.VALUES:
            return self._values(live, at, equal=equal)
        if live.health not in (Health.READY, Health.FAILED):
            # A newer read said otherwise before: some reads are behind, so none of them alone is
            # believed before the settle window is over (as after a stamp that went back).
            self._contradicted |= self._ended_seen
            self.busy_seen |= live.health is Health.BUSY
            self._state, self._since = live.health, at
            return Verdict.WAIT
        if live.health is not self._state:
            first = self._state is None
            self._state, self._since = live.health, self.written_at if first else at
        self._ended_seen |= self.newer(live)
        if not self.over(at) and (self._contradicted or not self.newer(live)):
            return Verdict.WAIT
        needed = CONFIRM_SECONDS if self.busy_seen else self.settle_seconds
        if at - self._since < needed:
            return Verdict.WAIT
        return Verdict.BACK if live.health is Health.READY else Verdict.FAILED

    def newer(self, live: Live) -> bool:
        """Whether this read's own stamp proves that it is not from before the write."""
        if self.created:
            return True
        return self.stamp is not None and live.stamp is not None and live.stamp > self.stamp

    def over(self, at: float) -> bool:
        """Whether the settle window has passed."""
        return at - self.written_at >= self.settle_seconds

    def next_look(self, now: float) -> float:
        """Seconds until the next read is worth its request.

        About 1 s after the write, then gaps of a tenth of the elapsed time, at least 1 s. The end
        of the settle window and the confirming read are met exactly.
        """
        elapsed = now - self.written_at
        gap = max(1.0, elapsed / 10)
        confirm = self._since + CONFIRM_SECONDS - now
        if self.busy_seen and self._state in (Health.READY, Health.FAILED) and confirm > 0:
            return min(gap, confirm)
        if elapsed < self.settle_seconds:
            gap = min(gap, self.settle_seconds - elapsed)
        return gap

    def _behind(self, live: Live) -> bool:
        """Whether this read is older than the pre-image, or than another that was seen since."""
        if live.stamp is None:
            return False
        newest = max(s for s in (self._newest, self.stamp, live.stamp) if s is not None)
        self._contradicted |= self._newest is not None and live.stamp < self._newest
        self._newest = newest
        return live.stamp < newest

    def _values(self, live: Live, at: float, *, equal: bool) -> Verdict:
        if equal:
            return Verdict.BACK
        moved = self.newer(live) and at - self.written_at >= VALUES_SECONDS
        return Verdict.BACK if moved else Verdict.WAIT
