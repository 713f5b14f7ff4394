"""Runs the applier on a memory cloud in virtual time."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from reconciler.applier.job import Earlier, Job, Permit, Run
from reconciler.applier.run import run as carry_out
from reconciler.applier.stop import Stop
from reconciler.differ.decide import decide
from reconciler.differ.options import Options
from reconciler.model.manifest import Address, Desired, OnFailure, Place, Rollout
from reconciler.model.outcome import Outcome
from reconciler.model.rules import Rules
from reconciler.model.target import Limits, Wait
from reconciler.ports import Clock, History, Progress, Session
from tests.support.memory import Faults, MemoryCloud
from tests.support.shapes import RUNTIME
from tests.support.virtual import VirtualClock, run

BASE = {"cpu": 2, "memory": 2048, "port": 8080, "description": "old"}
SEEDS = range(200)


@dataclass
class MemoryJournal:
    """Keeps the lines in a list."""

    lines: list[dict[str, Any]] = field(default_factory=list)
    earlier: History = field(default_factory=History)

    @property
    def run(self) -> str:
        return "test"

    def write(self, event: dict[str, Any]) -> None:
        self.lines.append(event)

    def history(self) -> History:
        return self.earlier


@dataclass
class Watcher:
    """Keeps what it is told."""

    seen: list[Progress] = field(default_factory=list)

    def tell(self, progress: Progress) -> None:
        self.seen.append(progress)


def wanted(
    name: str,
    spec: dict[str, Any],
    timeout: float | None = None,
    wave: int = 0,
    on_failure: OnFailure = OnFailure.STOP,
) -> Desired:
    """A desired state of this name."""
    address = Address("example/v1", "Runtime", name)
    rollout = Rollout(timeout, wave, on_failure)
    return Desired(address, Place(f"{name}.yaml", 1, 1), spec, {}, rollout=rollout)


@dataclass
class Applying:
    """One call of the applier with everything that can be set about it."""

    clock: Clock
    session: Session
    wait: Wait = field(default_factory=Wait)
    limits: Limits = field(default_factory=Limits)
    options: Options = field(default_factory=Options)
    journal: MemoryJournal = field(default_factory=MemoryJournal)
    watcher: Watcher = field(default_factory=Watcher)
    stop: Stop = field(default_factory=Stop)
    rules: Rules = RUNTIME
    permit: Permit = lambda _job, _plan, _found: ""
    earlier: Earlier = lambda _address, _operation: ()
    no_wait: bool = False
    rules_of: Callable[[Desired], Rules] | None = None
    lock_lost: Callable[[], str] = lambda: ""

    async def apply(self, states: Mapping[str, dict[str, Any]]) -> list[Outcome]:
        """Plan and carry out these states, by name."""
        targets = [wanted(name, spec) for name, spec in states.items()]
        return await self.carry(targets)

    async def carry(self, targets: list[Desired]) -> list[Outcome]:
        """Plan and carry out."""
        found = await self.session.fetch(targets)
        rules = [self.rules if self.rules_of is None else self.rules_of(d) for d in targets]
        jobs = [
            Job(d, r, self.session, f, decide(d, f, r, self.options).plan)
            for d, r, f in zip(targets, rules, found, strict=True)
        ]
        state = Run(
            clock=self.clock,
            journal=self.journal,
            observer=self.watcher,
            wait=self.wait,
            limits=self.limits,
            options=self.options,
            stop=self.stop,
            permit=self.permit,
            earlier=self.earlier,
            no_wait=self.no_wait,
            lock_lost=self.lock_lost,
        )
        return await carry_out(jobs, state)

    def again(self, **changes: Any) -> "Applying":
        """The same with other settings and a new record."""
        return replace(self, journal=MemoryJournal(), watcher=Watcher(), stop=Stop(), **changes)


def cloud(**faults: Any) -> tuple[MemoryCloud, Applying]:
    """One agent `bot` in a cloud with these faults."""
    clock = VirtualClock()
    memory = MemoryCloud(clock, Faults(**faults))
    memory.add("bot", dict(BASE))
    return memory, Applying(clock, memory)


def applied(scene: Callable[[], Awaitable[Outcome]]) -> Outcome:
    """The outcome of a scene in virtual time."""
    return run(scene)
