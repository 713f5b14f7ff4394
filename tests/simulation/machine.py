"""The machine that the program runs on: its clock, its disk, and the moment at which it dies."""

import os
from collections import Counter
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from reconciler.applier.record import FileJournal
from reconciler.ports import History, Progress, Timeout
from tests.simulation.schedule import Crash
from tests.support.virtual import VirtualClock


class Died(BaseException):
    """The process was killed: nothing of it goes on, not even its handlers."""


class Machine:
    """Counts the steps of a run, one for each await, and dies at the appointed one."""

    def __init__(self, crash: Crash | None) -> None:
        self.clock = SimClock(self)
        self.run = 0
        self.steps = 0
        self.dead = False
        self.skew = 0.0
        self.journal: SimJournal | None = None
        self.claims: dict[tuple[int, str], float] = {}
        self._crash = crash
        self._counts: Counter[tuple[int, str]] = Counter()
        self._sent: Counter[int] = Counter()

    @property
    def crash(self) -> Crash | None:
        """How it dies, None when it does not any more."""
        return self._crash

    def step(self) -> None:
        """One more await. Raises Died."""
        self.steps += 1
        if self._crash is not None and self.steps >= self._crash.point:
            self.dead = True
        if self.dead:
            raise Died

    def again(self) -> None:
        """Start the program once more; it does not die this time."""
        self.run += 1
        self.dead = False
        self._sent.clear()
        if self._crash is not None:
            self.skew = self._crash.skew
        self._crash = None

    def nth(self, agent: int, op: str) -> int:
        """The number of this operation on this agent, from 0."""
        self._counts[agent, op] += 1
        return self._counts[agent, op] - 1

    def recorded(self, agent: int) -> bool:
        """Whether the intent of a write that is about to leave is on the disk; each has its own."""
        self._sent[agent] += 1
        return self.journal is not None and self.journal.intents[f"a{agent}"] >= self._sent[agent]

    def tell(self, progress: Progress) -> None:
        """See `Observer.tell`: keeps when each agent was said to be done."""
        if progress.phase == "done":
            self.claims[self.run, progress.address.name] = self.clock.monotonic()


class SimClock(VirtualClock):
    """Virtual time; each wait is a step."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def wall(self) -> float:
        return super().wall() + self._machine.skew

    async def sleep(self, seconds: float) -> None:
        self._machine.step()
        await super().sleep(seconds)
        if self._machine.dead:
            raise Died

    def timeout(self, seconds: float) -> AbstractContextManager[Timeout]:
        return super().timeout(seconds)


class SimJournal:
    """The real record, written on a disk that may lose its last line half-way.

    `intents` counts, by agent, the writes that it was told of before they were sent.
    """

    def __init__(self, machine: Machine, folder: Path, run: str) -> None:
        self._machine = machine
        self._inner = FileJournal(folder, target="simulated", run=run, now=machine.clock.wall)
        self.intents: Counter[str] = Counter()

    @property
    def run(self) -> str:
        return self._inner.run

    def write(self, event: dict[str, Any]) -> None:
        crash, before = self._machine.crash, self._machine.steps
        try:
            self._machine.step()
        except Died:
            if crash is not None and crash.torn and before < crash.point:
                self._tear(event)
            raise
        self._inner.write(event)
        if str(event["event"]).endswith("-intended"):
            self.intents[str(event["key"]).rpartition("/")[2]] += 1
        self._machine.step()

    def _tear(self, event: dict[str, Any]) -> None:
        """Half of the line reaches the disk."""
        size = self._inner.path.stat().st_size if self._inner.path.exists() else 0
        self._inner.write(event)
        whole = self._inner.path.stat().st_size
        os.truncate(self._inner.path, size + (whole - size) // 2)

    def history(self) -> History:
        return self._inner.history()

    def close(self) -> None:
        """Let go of the file."""
        self._inner.close()
