"""Is it back? The one question that a READY from before the restart gets wrong. Semantics, section 8.

Pure: it is fed reads with the time at which each was asked for, and answers. Nothing here waits.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from reconciler.applier.pace import SHARE, Pace, gap_seconds
from reconciler.applier.poller import When
from reconciler.model.live import Health, Live
from reconciler.model.rules import Readiness

CONFIRM_SECONDS: Final = 1.0
"""How much later than the first a second read has to show the same end state."""

VALUES_SECONDS: Final = 30.0
"""Without a status: how long after the write a moved stamp alone is enough."""


PLAIN_SECONDS: Final = 1.0
"""The shortest gap between two looks where nothing is known of the agent's restarts."""

ALONG: Final = 0.25
"""A look may be taken along with others by this part of its gap earlier …"""

ALONG_SECONDS: Final = 0.25  # … and no more than so long


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
    before, so that every read of it is newer than the write. `busy_before`: it was restarting when
    it was written to, so that for a settle window reads may still tell of that restart and its end.
    `pace` is what earlier restarts let expect, None for nothing.
    """

    readiness: Readiness
    written_at: float
    settle_seconds: float
    stamp: float | None
    created: bool = False
    busy_before: bool = False
    busy_seen: bool = False
    pace: Pace | None = None
    last_busy: float | None = None
    first_ended: float | None = None
    _ended_seen: bool = False
    _contradicted: bool = False
    _newest: float | None = None
    _state: Health | None = None
    _since: float = 0.0

    def observe(
        self, live: Live, at: float, *, equal: bool, answered: float | None = None
    ) -> Verdict:
        """Take in one read that was asked for at `at`, and answered then or at `answered`.

        `equal`: it shows every managed field that it can show, and at least one, as desired.
        """
        known = at if answered is None else answered
        if self._behind(live):
            return Verdict.WAIT  # a replica that is behind says nothing about now
        if self.readiness is Readiness.VALUES:
            return self._values(live, at, equal=equal)
        if live.health not in (Health.READY, Health.FAILED):
            # A newer read said otherwise before: some reads are behind, so none of them alone is
            # believed before the settle window is over (as after a stamp that went back).
            self._contradicted |= self._ended_seen
            self.busy_seen |= live.health is Health.BUSY
            self._state, self._since, self.last_busy = live.health, known, at
            return Verdict.WAIT
        if live.health is not self._state:
            first = self._state is None
            # What holds from now on holds from when it was known, not from when it was asked for:
            # the request may have waited for its turn in between.
            self._state, self._since = live.health, self.written_at if first else known
            self.first_ended = at
        self._ended_seen |= self.newer(live)
        doubted = self.busy_before or self._contradicted
        if not self.over(at) and (doubted or not self.newer(live)):
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

    def next_look(self, now: float) -> When:
        """When the next read is worth its request.

        About 1 s after the write, then gaps of a tenth of the elapsed time, at least 1 s; but where
        a restart is under way and earlier ones are known, not before they let expect its end, and
        then in gaps that may be shorter. The end of the settle window and the confirming read are
        met exactly.
        """
        elapsed = now - self.written_at
        gap = max(PLAIN_SECONDS, elapsed * SHARE)
        ended = self._state in (Health.READY, Health.FAILED)
        if self.busy_seen and not ended and self.pace is not None and not self._contradicted:
            return _within(now, gap_seconds(self.pace, elapsed))
        confirm = self._since + CONFIRM_SECONDS - now
        if self.busy_seen and ended and 0 < confirm <= gap:
            return When(now + confirm, now + confirm)
        if 0 < self.settle_seconds - elapsed <= gap:
            over = self.written_at + self.settle_seconds
            return When(over, over)
        return _within(now, gap)

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


def _within(now: float, gap: float) -> When:
    """A look after this gap, or a little earlier together with others."""
    return When(now + gap, now + gap - min(gap * ALONG, ALONG_SECONDS))
