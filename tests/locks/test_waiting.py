"""Waiting for a lock, in virtual time."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from reconciler.applier.locks.waiting import acquire
from reconciler.ports import Applied, Holder, Owner
from tests.support.locking import NAMES, owner
from tests.support.virtual import VirtualClock, run


@dataclass
class BusyLocks:
    """Locks that somebody holds until a moment."""

    until: float
    clock: VirtualClock = field(default_factory=VirtualClock)
    asked: list[float] = field(default_factory=list)
    kind: str = "file"
    reach: str = "a test"

    def take(self, names: Sequence[str], owner: Owner) -> Holder | None:
        now = self.clock.monotonic()
        self.asked.append(now)
        return Holder(names[0], owner, "it is alive") if now < self.until else None

    def lost(self) -> str:
        return ""

    def holders(self, names: Sequence[str]) -> list[Holder]:
        return []

    def evict(self, names: Sequence[str]) -> str:
        return ""

    def release(self) -> None:
        return None

    def applied(self, scope: str) -> Applied | None:
        return None

    def keep(self, scope: str, applied: Applied) -> None:
        return None


def waited(until: float, timeout: float) -> tuple[Holder | None, float, list[tuple[float, str]]]:
    """Who holds it in the end, how long that took, and what was told when."""
    lines: list[tuple[float, str]] = []

    async def main() -> tuple[Holder | None, float]:
        locks = BusyLocks(until)
        clock = locks.clock
        started = clock.monotonic()
        holder = await acquire(
            locks,
            NAMES,
            owner(),
            clock=clock,
            timeout_seconds=timeout,
            tell=lambda line: lines.append((clock.monotonic() - started, line)),
        )
        return holder, clock.monotonic() - started

    holder, seconds = run(main)
    return holder, seconds, lines


def test_a_free_lock_is_taken_at_once() -> None:
    """Nobody waits for a lock that is free, and nothing is said."""
    assert waited(0, 300) == (None, 0, [])


def test_a_lock_that_becomes_free_is_taken_soon() -> None:
    """A lock that was given back is taken within a second or so."""
    holder, seconds, _ = waited(until=42, timeout=300)
    assert holder is None
    assert 42 <= seconds <= 43


@pytest.mark.parametrize(("timeout", "least"), [(0, 0), (5, 5), (300, 300)])
def test_the_wait_ends_in_time(timeout: float, least: float) -> None:
    """After the time that was given, and with none at once, the holder is told."""
    holder, seconds, _ = waited(until=10_000, timeout=timeout)
    assert holder is not None
    assert seconds == pytest.approx(least, abs=0.01)


def test_a_line_at_least_every_ten_seconds_says_who_holds_it() -> None:
    """While it waits, a run names the holder at once and then at least every ten seconds."""
    _, _, lines = waited(until=120, timeout=300)
    moments = [0.0, *(moment for moment, _ in lines), 120.0]
    assert max(after - before for before, after in pairwise(moments)) <= 10
    assert moments[1] < 0.01
    assert all("held by ann@here, process 4711" in line for _, line in lines)
