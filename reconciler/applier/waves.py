"""Whose turn it is: one wave after another, in each its canaries first, and pauses in between.

It says when an agent may be written to; how many may be at a time is for the slots.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import anyio

from reconciler.applier.job import Job, Run
from reconciler.differ.waves import Turn, canaries
from reconciler.model.outcome import Outcome, Result
from reconciler.model.plan import Create, Update

_CONVERGED = (Result.CHANGED, Result.CREATED, Result.UNCHANGED)
_HANDED_ON = (Result.UNCHANGED, Result.BLOCKED, Result.SKIPPED)
"""Without a write these say nothing of what the others may expect: the next is the canary."""


@dataclass(eq=False, slots=True)
class _Waiting:
    """Somebody who waits for the turn of this position."""

    position: int
    event: anyio.Event = field(default_factory=anyio.Event)


class _Wave:
    """The agents of one wave.

    `left` have not ended, `wrote` says whether any was written to. `needed` canaries have still to
    come back, `canaries` are chosen and on their way, `free` may still be chosen: the three keep
    their sum, so that somebody who waits is always waiting for somebody who acts.
    """

    def __init__(self, number: int, left: int, canaries: set[int], wanted: int) -> None:
        self.number = number
        self.left = left
        self.wrote = False
        self.needed = wanted
        self.canaries = canaries
        self.free = wanted - len(canaries)
        self.over = anyio.Event()
        self._begun = False
        self._waiting: deque[_Waiting] = deque()

    def begin(self) -> None:
        """The wave's turn has come."""
        self._begun = True
        self.advance()

    async def turn(self, position: int) -> None:
        """Return when this agent may start."""
        waiting = _Waiting(position)
        self._waiting.append(waiting)
        self.advance()
        try:
            await waiting.event.wait()
        finally:
            if waiting in self._waiting:
                self._waiting.remove(waiting)

    def advance(self, *, everybody: bool = False) -> None:
        """Let those go whose turn it is, in the order in which they came."""
        self._choose()
        for waiting in tuple(self._waiting):
            if everybody or (self._begun and self._may(waiting.position)):
                self._waiting.remove(waiting)
                waiting.event.set()

    def _may(self, position: int) -> bool:
        return self.needed <= 0 or position in self.canaries

    def _choose(self) -> None:
        """Make those who wait canaries in place of those that needed no write, in their order."""
        if not self._begun or self.needed <= 0:
            return
        others = {one.position for one in self._waiting} - self.canaries
        for position in sorted(others)[: self.free]:
            self.free -= 1
            self.canaries.add(position)

    def end(self, position: int, outcome: Outcome) -> bool:
        """Take in how an agent ended; False for a canary that is not back and as declared."""
        self.left -= 1
        self.wrote |= outcome.writes > 0
        if not self.left:
            self.over.set()
        if position not in self.canaries:
            return True
        self.canaries.discard(position)
        if outcome.writes == 0 and outcome.result in _HANDED_ON:
            self.free += 1
            return True
        self.needed -= 1
        return outcome.result in _CONVERGED


@dataclass(frozen=True, slots=True)
class Ticket:
    """One agent's place in the waves."""

    run: Run
    wave: _Wave
    position: int

    async def turn(self) -> None:
        """Return when the agent may be written to, or when the run was halted: then none may."""
        if not self.run.halted:
            await self.wave.turn(self.position)


class Waves:
    """The waves of a run. `conduct` runs beside the agents, each of which waits with its ticket."""

    def __init__(self, jobs: Sequence[Job], run: Run) -> None:
        self._jobs = jobs
        self._run = run
        self._halted = anyio.Event()
        turns = [
            Turn(job.desired.rollout.wave, isinstance(job.plan, Create | Update)) for job in jobs
        ]
        wanted = run.limits.canary
        chosen = canaries(turns, wanted)
        members: dict[int, list[int]] = {}
        for position, turn in enumerate(turns):
            members.setdefault(turn.wave, []).append(position)
        self._waves = {
            number: _Wave(
                number, len(members[number]), {p for p in members[number] if p in chosen}, wanted
            )
            for number in sorted(members)
        }

    async def conduct(self) -> None:
        """Begin each wave when the one before it is through; a stop of the run ends it."""
        with self._run.stop.scope():
            waves = list(self._waves.values())
            for index, wave in enumerate(waves):
                wave.begin()
                await wave.over.wait()
                if wave.wrote:
                    await self._pause(waves[index + 1 :])

    async def _pause(self, later: Sequence[_Wave]) -> None:
        """Let time pass before a wave that somebody waits for; a halt cuts it short."""
        seconds = self._run.limits.wave_pause_seconds
        coming = next((wave for wave in later if wave.left), None)
        if not seconds or coming is None or self._run.halted:
            return
        first = next(
            job for job in self._jobs if job.desired.rollout.wave == coming.number
        ).desired.address
        text = f"wave {coming.number} begins after a pause of {seconds:g} s (limits.wavePause)"
        self._run.tell(first, "note", text)
        with self._run.clock.timeout(seconds):
            await self._halted.wait()

    def ticket(self, position: int) -> "Ticket":
        """What the agent at this position waits with."""
        wave = self._waves[self._jobs[position].desired.rollout.wave]
        return Ticket(self._run, wave, position)

    def end(self, position: int, outcome: Outcome) -> None:
        """Take in how an agent ended; a canary that failed halts the run."""
        job = self._jobs[position]
        wave = self._waves[job.desired.rollout.wave]
        proved = wave.end(position, outcome)
        if not proved and not self._run.halted:
            self._run.halted = (
                f"the canary {job.desired.address} of wave {wave.number} is not back as declared "
                f"({outcome.result})"
            )
        if not self._run.halted:
            wave.advance()
            return
        self._halted.set()
        for one in self._waves.values():
            one.advance(everybody=True)
