"""One schedule from its beginning to its end: the real applier, once or, after a crash, twice.

With `heal` it is run again at last when nothing goes wrong any more, and once more after that.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import anyio

from reconciler.applier.job import Job
from reconciler.applier.job import Run as State
from reconciler.applier.run import run as carry_out
from reconciler.applier.stop import Stop
from reconciler.cli.exits import exit_code
from reconciler.differ.decide import decide
from reconciler.differ.options import Options
from reconciler.model.ledger import Recorded
from reconciler.model.manifest import Address, Desired, OnFailure, Place, Rollout
from reconciler.model.outcome import Outcome
from reconciler.model.rules import Rules
from reconciler.model.target import Limits, Share, Wait
from tests.simulation.cloud import Cloud
from tests.simulation.fields import wanted
from tests.simulation.machine import Died, Machine, SimJournal
from tests.simulation.schedule import Agent, Schedule
from tests.simulation.session import SimSession
from tests.support.shapes import PROMPT, RUNTIME
from tests.support.virtual import run

RULES: Final = {"runtime": RUNTIME, "prompt": PROMPT}
CALM_SECONDS: Final = 400.0
"""After so long no read is behind any more, and no machine's clock is ahead of an old record."""


@dataclass
class Ran:
    """One run of the program: what it claimed. `code` None: it died."""

    number: int
    begun: float
    ended: float = 0.0
    code: int | None = None
    outcomes: list[Outcome] = field(default_factory=list)
    claims: dict[str, float] = field(default_factory=dict)
    stopped: float | None = None
    calm: bool = False
    remembers: bool = False


@dataclass
class Trace:
    """All that the oracle looks at: the schedule, the cloud's history, and what was claimed."""

    schedule: Schedule
    cloud: Cloud
    runs: list[Ran] = field(default_factory=list)
    steps: int = 0


def play(schedule: Schedule) -> Trace:
    """Play a schedule in virtual time."""
    return run(lambda: _play(schedule))


async def _play(schedule: Schedule) -> Trace:
    machine = Machine(schedule.crash)
    cloud = Cloud(schedule, machine.clock.monotonic)
    trace = Trace(schedule, cloud)
    with _folder() as folder:
        await _run(trace, machine, folder)
        if schedule.crash is not None and trace.runs[-1].code is None:
            await anyio.sleep(schedule.crash.delay)  # noqa: TID251 - nobody's wait
            keeps = schedule.crash.record
            machine.again()
            await _run(trace, machine, folder if keeps else folder / "other")
        if schedule.heal:
            cloud.settle_down()
            for name in ("calm", "calmer"):
                await anyio.sleep(CALM_SECONDS)  # noqa: TID251 - nobody's wait
                machine.again()
                await _run(trace, machine, folder / name)
    trace.steps = machine.steps
    cloud.advance()
    return trace


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(dir=_MEMORY if _MEMORY.is_dir() else None))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


_MEMORY: Final = Path("/dev/shm")


async def _run(trace: Trace, machine: Machine, folder: Path) -> None:
    clock, schedule = machine.clock, trace.schedule
    ran = Ran(machine.run, clock.monotonic(), calm=trace.cloud.calm)
    ran.remembers = _has_records(folder)
    trace.runs.append(ran)
    journal = SimJournal(machine, folder, f"run-{machine.run}")
    machine.journal = journal
    state = _state(schedule, machine, journal, calm=ran.calm)
    first = machine.run == 0 and schedule.stop is not None
    try:
        async with anyio.create_task_group() as group:
            if first:
                group.start_soon(_stopped, state, ran, schedule.stop or 0.0)
            ran.outcomes = await _carry(trace, machine, state)
            ran.ended = clock.monotonic()
            ran.code = exit_code(outcome.cause for outcome in ran.outcomes)
            group.cancel_scope.cancel()
    except* Died:
        ran.ended = clock.monotonic()
        ran.code = None
    finally:
        journal.close()
    ran.claims = {name: at for (number, name), at in machine.claims.items() if number == ran.number}


def _has_records(folder: Path) -> bool:
    return folder.exists() and any(folder.glob("*.jsonl"))


async def _stopped(state: State, ran: Ran, at: float) -> None:
    await anyio.sleep(at)  # noqa: TID251 - whoever presses the keys
    ran.stopped = at
    state.stop.set()


async def _carry(trace: Trace, machine: Machine, state: State) -> list[Outcome]:
    sessions = {kind: SimSession(trace.cloud, machine, kind) for kind in RULES}
    agents = trace.schedule.agents
    targets = [desired(f"a{number}", agent) for number, agent in enumerate(agents)]
    jobs: list[Job] = []
    for kind, session in sessions.items():
        mine = [one for one, agent in zip(targets, agents, strict=True) if agent.kind == kind]
        if mine:
            rules: Rules = RULES[kind]
            found = await session.fetch(mine)
            jobs += [
                Job(one, rules, session, live, decide(one, live, rules, state.options).plan)
                for one, live in zip(mine, found, strict=True)
            ]
    jobs.sort(key=lambda job: int(job.desired.address.name[1:]))
    return await carry_out(jobs, state)


def desired(name: str, agent: Agent) -> Desired:
    """The manifest of an agent, resolved."""
    address = Address("example/v1", agent.kind.title(), name)
    rollout = Rollout(agent.timeout, agent.wave, OnFailure(agent.on_failure))
    return Desired(address, Place(f"{name}.yaml", 1, 1), wanted(agent), {}, rollout=rollout)


def _state(schedule: Schedule, machine: Machine, journal: SimJournal, *, calm: bool) -> State:
    return State(
        clock=machine.clock,
        journal=journal,
        observer=machine,
        wait=Wait(schedule.timeout, schedule.settle, schedule.in_doubt),
        limits=Limits(
            max_unavailable=Share(34.0) if schedule.share else schedule.slots,
            max_failures=schedule.max_failures,
            max_restarts=None if calm else schedule.max_restarts,
            canary=schedule.canary,
            wave_pause_seconds=schedule.wave_pause,
        ),
        options=Options(retry_failed=calm, unmanaged=False),
        stop=Stop(),
        earlier=lambda address, _: _past(schedule.agents[int(address.name[1:])]),
    )


def _past(agent: Agent) -> list[Recorded]:
    return [Recorded(f"run-{number}", seconds) for number, seconds in enumerate(agent.past)]
