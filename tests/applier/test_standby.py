"""Waiting for agents that nobody here writes to."""

import random
from collections.abc import Sequence

import pytest

from reconciler.applier.job import Job, Run
from reconciler.applier.standby import Waited, stand_by
from reconciler.applier.stop import Stop
from reconciler.differ.options import Options
from reconciler.model.live import Absent, Ambiguous, Found, Health, Live, Unread
from reconciler.model.manifest import Desired
from reconciler.model.outcome import Cause
from reconciler.model.plan import About, InSync
from reconciler.model.target import Limits, Wait
from tests.support.applying import MemoryJournal, Watcher, cloud, wanted
from tests.support.memory import MemoryCloud
from tests.support.shapes import RUNTIME
from tests.support.virtual import run


async def waited_for(
    memory: MemoryCloud, limit: float = 600.0, name: str = "bot", watcher: Watcher | None = None
) -> Waited:
    """What waiting for this agent comes to."""
    desired = wanted(name, {})
    found = await memory.read(desired, None)
    state = Run(
        memory.clock,
        MemoryJournal(),
        watcher or Watcher(),
        Wait(timeout_seconds=limit),
        Limits(),
        Options(),
        Stop(),
    )
    plan = InSync(About(desired.address, desired.place))
    (waited,) = await stand_by([Job(desired, RUNTIME, memory, found, plan)], state)
    return waited


def health(waited: Waited) -> Health:
    """What the last read showed."""
    assert isinstance(waited.found, Live)
    return waited.found.health


def test_an_agent_that_is_ready_is_not_waited_for() -> None:
    """At once, for one that nobody touched."""

    async def scene() -> None:
        memory, _ = cloud()
        waited = await waited_for(memory)
        assert (health(waited), waited.late) == (Health.READY, False)
        assert memory.clock.monotonic() < 1

    run(scene)


def test_a_restart_is_waited_for_even_behind_a_stale_ready() -> None:
    """100 restarts, some of which do not show yet: never over before the restart is."""
    for seed in range(100):
        chance = random.Random(seed)
        stale, restart = chance.choice((0.0, chance.uniform(0, 14))), chance.uniform(1, 90)

        async def scene(stale: float = stale, restart: float = restart, seed: int = seed) -> None:
            memory, _ = cloud(stale_status_seconds=stale, restart_seconds=restart)
            memory._apply("bot", {"description": "new"}, memory.clock.monotonic())
            waited = await waited_for(memory)
            assert (health(waited), waited.late) == (Health.READY, False), seed
            assert memory.clock.monotonic() >= memory.restarts("bot")[0][1], seed
            assert memory.writes == [], seed

        run(scene)


def test_a_failure_ends_the_wait() -> None:
    """FAILED is an end like READY."""

    async def scene() -> None:
        memory, _ = cloud(restart_seconds=20, fail_restart=True)
        memory._apply("bot", {"description": "new"}, memory.clock.monotonic())
        waited = await waited_for(memory)
        assert (health(waited), waited.late) == (Health.FAILED, False)
        assert 20 <= memory.clock.monotonic() < 30

    run(scene)


def test_time_that_runs_out_is_told_with_a_last_look() -> None:
    """A restart that never ends, and an agent that is not there."""

    async def scene() -> None:
        memory, _ = cloud(stuck=True)
        memory._apply("bot", {"description": "new"}, memory.clock.monotonic())
        waited = await waited_for(memory, 45)
        assert (health(waited), waited.late) == (Health.BUSY, True)
        assert 45 <= memory.clock.monotonic() < 48
        nobody = await waited_for(memory, 45, "nobody")
        assert nobody == Waited(Absent(), late=True)

    run(scene)


def test_reads_that_fail_for_a_while_are_borne() -> None:
    """A cloud that answers 500 does not end the wait."""

    async def scene() -> None:
        memory, _ = cloud(restart_seconds=20)
        memory._apply("bot", {"description": "new"}, memory.clock.monotonic())
        memory.faults.unread = 4
        waited = await waited_for(memory)
        assert (health(waited), waited.late) == (Health.READY, False)
        assert memory.clock.monotonic() >= 20

    run(scene)


@pytest.mark.parametrize("end", [Ambiguous(("a", "b")), Unread("not allowed", Cause.CREDENTIALS)])
def test_what_waiting_cannot_change_ends_it(end: Found) -> None:
    """Two agents of one name, and a read that is not allowed: told at once."""

    async def scene() -> None:
        memory, _ = cloud()
        watcher = Watcher()

        async def read(desired: Desired, agent_id: str | None) -> Found:
            return end

        memory.read = read  # type: ignore[method-assign]
        assert await waited_for(memory, watcher=watcher) == Waited(end)
        assert memory.clock.monotonic() < 20
        (line,) = lines(watcher)[-1:]
        assert line in (
            "bot done: more than one agent has this name",
            "bot done: not allowed",
        )

    run(scene)


def test_the_last_look_is_at_the_same_agent() -> None:
    """By its id, as those before."""

    async def scene() -> None:
        memory, _ = cloud(stuck=True)
        memory._apply("bot", {"description": "new"}, memory.clock.monotonic())
        poll, ids = memory.poll, list[str | None]()

        async def polling(wanted: Sequence[tuple[Desired, str | None]]) -> list[Found]:
            ids.extend(agent_id for _, agent_id in wanted)
            return await poll(wanted)

        memory.poll = polling  # type: ignore[method-assign]
        assert (await waited_for(memory, 45)).late
        assert set(ids) == {"ar-bot"}

    run(scene)


def lines(watcher: Watcher) -> list[str]:
    """What was told, step by step."""
    return [f"{seen.address.name} {seen.phase}: {seen.text}" for seen in watcher.seen]


def test_a_wait_tells_what_it_waits_for_and_what_came_of_it() -> None:
    """Each state once, however often it is read, and the last one as the end."""

    async def scene() -> None:
        memory, _ = cloud(restart_seconds=20)
        memory._apply("bot", {"description": "new"}, memory.clock.monotonic())
        watcher = Watcher()
        await waited_for(memory, watcher=watcher)
        assert lines(watcher) == ["bot waiting: waiting: it is BUSY", "bot done: READY"]
        watcher = Watcher()
        await waited_for(memory, 45, "nobody", watcher)
        assert lines(watcher) == [
            "nobody waiting: waiting: it does not exist",
            "nobody done: it does not exist",
        ]

    run(scene)


def test_an_agent_that_appears_is_waited_for_from_then_on() -> None:
    """It is not there, then it is made, restarts and is ready; from then on it is read by its id."""

    async def scene() -> None:
        memory, _ = cloud(restart_seconds=20)
        watcher, ids = Watcher(), list[str | None]()
        poll = memory.poll

        async def polling(wanted: Sequence[tuple[Desired, str | None]]) -> list[Found]:
            ids.extend(agent_id for _, agent_id in wanted)
            if memory.clock.monotonic() > 50 and "late" not in memory.agents:
                memory._apply("late", {"description": "new"}, memory.clock.monotonic())
            return await poll(wanted)

        memory.poll = polling  # type: ignore[method-assign]
        waited = await waited_for(memory, name="late", watcher=watcher)
        assert (health(waited), waited.late) == (Health.READY, False)
        assert memory.clock.monotonic() >= memory.restarts("late")[0][1]
        assert lines(watcher) == [
            "late waiting: waiting: it does not exist",
            "late waiting: waiting: it is BUSY",
            "late done: READY",
        ]
        seen = ids.index("ar-late")
        assert set(ids[:seen]) == {None}
        assert set(ids[seen:]) == {"ar-late"}

    run(scene)
