"""Waiting: for the restart that a write causes, and before it for everybody else's."""

import random

import anyio
import pytest

from reconciler.model.outcome import Cause, Outcome, Result
from reconciler.model.target import Wait
from reconciler.ports import History, Unfinished
from tests.support.applying import BASE, SEEDS, Applying, MemoryJournal, applied, cloud, wanted
from tests.support.memory import Faults, MemoryCloud
from tests.support.virtual import EPOCH, VirtualClock, run

KEY = "example/v1/Runtime/bot"


def test_an_update_is_one_write_and_ends_when_the_restart_has() -> None:
    """One PUT; success is reported after the restart is over, not before."""

    async def scene() -> Outcome:
        memory, applying = cloud(restart_seconds=20)
        (outcome,) = await applying.apply({"bot": {"description": "new"}})
        (restart,) = memory.restarts("bot")
        assert memory.clock.monotonic() >= restart[1]
        assert memory.tree("bot") == {**BASE, "description": "new"}
        assert [body for _, _, body in memory.writes] == [
            {"cpu": 2, "memory": 2048, "port": 8080, "description": "new"}
        ]
        return outcome

    outcome = applied(scene)
    assert (outcome.result, outcome.restarts) == (Result.CHANGED, 1)
    assert outcome.seconds < 24


def test_a_second_apply_writes_nothing() -> None:
    """What is in sync is not touched, at once, though it was updated seconds ago."""

    async def scene() -> Outcome:
        memory, applying = cloud()
        await applying.apply({"bot": {"description": "new"}})
        stamp = memory.agents["bot"].history[-1][0]
        journal = MemoryJournal(earlier=History(seen_back={"example/v1/Runtime/bot": stamp}))
        second = applying.again()
        second.journal = journal
        before = memory.clock.monotonic()
        (outcome,) = await second.apply({"bot": {"description": "new"}})
        assert memory.clock.monotonic() - before < 1
        assert len(memory.writes) == 1
        return outcome

    assert applied(scene).result is Result.UNCHANGED


@pytest.mark.parametrize("where", ["status", "read", "both"])
def test_a_stale_ready_never_ends_the_wait(where: str) -> None:
    """200 restarts behind a stale READY shorter than the settle window: no early success."""
    early = 0
    for seed in SEEDS:
        chance = random.Random(seed)
        stale, restart = chance.uniform(0, 14.5), chance.uniform(0.2, 90)
        half = stale / 2 if where == "both" else stale
        faults = {
            "stale_status_seconds": half if where in ("status", "both") else 0.0,
            "stale_read_seconds": half if where in ("read", "both") else 0.0,
            "restart_seconds": restart,
        }

        async def scene(faults: dict[str, float] = faults, seed: int = seed) -> bool:
            memory, applying = cloud(**faults)
            (outcome,) = await applying.apply({"bot": {"description": "new"}})
            assert outcome.result is Result.CHANGED, (seed, outcome)
            assert outcome.restarts == len(memory.restarts("bot")) == 1
            return memory.clock.monotonic() < memory.restarts("bot")[0][1]

        early += run(scene)
    assert early == 0


def test_a_replica_that_is_behind_never_ends_the_wait() -> None:
    """Two reads of three are old: READY with the old stamp, between reads that show the restart."""
    for seed in SEEDS:
        chance = random.Random(seed)
        faults = {
            "lagging_replica_seconds": chance.uniform(0, 60),
            "restart_seconds": chance.uniform(5, 90),
        }

        async def scene(faults: dict[str, float] = faults, seed: int = seed) -> None:
            memory, applying = cloud(**faults)
            (outcome,) = await applying.apply({"bot": {"description": "new"}})
            assert outcome.result is Result.CHANGED, (seed, outcome)
            assert memory.clock.monotonic() >= memory.restarts("bot")[0][1], seed

        run(scene)


def test_an_equal_stamp_counts_only_after_the_settle_window() -> None:
    """A cloud whose stamp does not move is believed when the settle window is over."""

    async def scene() -> Outcome:
        _, applying = cloud(restart_seconds=4, stamps_move=False)
        (outcome,) = await applying.apply({"bot": {"description": "new"}})
        return outcome

    outcome = applied(scene)
    assert outcome.result is Result.CHANGED
    assert 15 <= outcome.seconds < 17


def test_values_that_show_late_are_no_loss() -> None:
    """New stamp and READY, old values: nothing is called "not kept" before the settle window ends."""

    async def scene() -> Outcome:
        _, applying = cloud(restart_seconds=2, stale_values_seconds=12)
        (outcome,) = await applying.apply({"bot": {"description": "new"}})
        return outcome

    assert applied(scene).result is Result.CHANGED


def test_a_restart_too_short_to_see_never_hangs() -> None:
    """200 restarts that no read catches: success when the settle window is over."""
    for seed in SEEDS:
        restart = random.Random(seed).uniform(0, 0.9)

        async def scene(restart: float = restart) -> Outcome:
            _, applying = cloud(restart_seconds=restart)
            (outcome,) = await applying.apply({"bot": {"description": "new"}})
            return outcome

        outcome = run(scene)
        assert outcome.result is Result.CHANGED, seed
        assert outcome.seconds < 17, seed


def test_a_failed_restart_is_told_with_its_reason() -> None:
    """FAILED after the restart ends the wait and the run with exit code 5's cause."""

    async def scene() -> Outcome:
        memory, applying = cloud(fail_restart=True, restart_seconds=3)
        (outcome,) = await applying.apply({"bot": {"description": "new"}})
        assert memory.clock.monotonic() < 10
        return outcome

    outcome = applied(scene)
    assert (outcome.result, outcome.cause) == (Result.FAILED, Cause.AGENT_FAILED)
    assert "the image cannot be pulled" in outcome.reason


def test_an_old_failure_is_not_taken_for_the_new_one() -> None:
    """With the new values the status can still be the old failure: the restart decides."""

    async def scene() -> Outcome:
        clock = VirtualClock()
        memory = MemoryCloud(clock, Faults(restart_seconds=30, stale_status_seconds=8))
        memory.add("bot", dict(BASE), failed=True)
        (outcome,) = await Applying(clock, memory).apply({"bot": {"description": "new"}})
        return outcome

    assert applied(scene).result is Result.CHANGED


def test_a_restart_that_never_ends_meets_the_deadline() -> None:
    """Stuck in UPDATING: exit code 6's cause after the timeout, with the status."""

    async def scene() -> Outcome:
        _, applying = cloud(stuck=True)
        (outcome,) = await applying.apply({"bot": {"description": "new"}})
        return outcome

    outcome = applied(scene)
    assert (outcome.result, outcome.cause) == (Result.TIMED_OUT, Cause.TIME)
    assert 600 <= outcome.seconds < 603
    assert "BUSY" in outcome.reason


def test_what_is_busy_is_waited_for_and_planned_again() -> None:
    """Somebody else's restart ends first; then the fresh read decides."""

    async def scene() -> Outcome:
        memory, applying = cloud(restart_seconds=40)
        memory._apply("bot", {"memory": 4096}, memory.clock.monotonic())
        (outcome,) = await applying.apply({"bot": {"description": "new"}})
        first, second = memory.restarts("bot")
        assert second[0] >= first[1]
        assert memory.writes[0][2]["memory"] == 4096
        return outcome

    assert applied(scene).result is Result.CHANGED


def test_a_killed_runs_restart_is_waited_for_behind_its_old_ready() -> None:
    """The record names the write: no success before that restart is over."""
    for seed in SEEDS:
        chance = random.Random(seed)
        stale, restart, gap = chance.uniform(0, 14), chance.uniform(1, 60), chance.uniform(0, 3)

        async def scene(
            stale: float = stale, restart: float = restart, gap: float = gap, seed: int = seed
        ) -> None:
            memory, applying = cloud(
                stale_status_seconds=stale, restart_seconds=restart, tells_age=False
            )
            stamp = memory.agents["bot"].history[-1][0]
            memory._apply("bot", {"description": "new"}, memory.clock.monotonic())
            await memory.clock.sleep(gap)
            left = Unfinished("killed", EPOCH, stamp)
            applying.journal.earlier = History(unfinished={"example/v1/Runtime/bot": left})
            (outcome,) = await applying.apply({"bot": {"description": "new"}})
            assert outcome.result is Result.UNCHANGED, seed
            assert memory.clock.monotonic() >= memory.restarts("bot")[0][1], seed
            assert memory.writes == [], seed

        run(scene)


def test_without_a_record_a_young_agent_is_waited_for() -> None:
    """In CI there is no record: the agent's own age makes the run look twice."""

    async def scene() -> Outcome:
        memory, applying = cloud(stale_status_seconds=10, restart_seconds=30)
        memory._apply("bot", {"description": "new"}, memory.clock.monotonic())
        (outcome,) = await applying.apply({"bot": {"description": "new"}})
        assert memory.clock.monotonic() >= memory.restarts("bot")[0][1]
        return outcome

    assert applied(scene).result is Result.UNCHANGED


def test_reads_that_fail_for_a_while_do_not_end_the_wait() -> None:
    """A cloud that answers 500 for some reads after the write is borne."""

    async def scene() -> Outcome:
        memory, applying = cloud(restart_seconds=10)

        async def trouble() -> None:
            await memory.clock.sleep(2)
            memory.faults.unread = 4

        async with anyio.create_task_group() as group:
            group.start_soon(trouble)
            (outcome,) = await applying.apply({"bot": {"description": "new"}})
        return outcome

    assert applied(scene).result is Result.CHANGED


def test_an_agent_may_have_its_own_timeout() -> None:
    """rollout.timeout overrides the target's."""

    async def scene() -> Outcome:
        _, applying = cloud(stuck=True)
        applying.wait = Wait(timeout_seconds=500)
        (outcome,) = await applying.carry([wanted("bot", {"description": "new"}, timeout=40)])
        return outcome

    assert 40 <= applied(scene).seconds < 43


def test_a_clock_that_went_backwards_holds_up_nothing() -> None:
    """A write on record from the future tells nothing about now: the fresh read is taken as it is."""

    async def scene() -> Outcome:
        _, applying = cloud()
        left = Unfinished("killed", EPOCH + 3600, None)
        applying.journal.earlier = History(unfinished={"example/v1/Runtime/bot": left})
        (outcome,) = await applying.apply({"bot": {"description": "old"}})
        return outcome

    outcome = applied(scene)
    assert outcome.result is Result.UNCHANGED
    assert outcome.seconds < 1


@pytest.mark.parametrize("answered", [False, True])
def test_a_write_that_was_never_answered_may_show_late(answered: bool) -> None:
    """Its effect may come at the end of the in-doubt time, and reads be behind that effect."""

    async def scene() -> float:
        memory, applying = cloud(stale_read_seconds=9, restart_seconds=3)
        memory._apply("bot", {"description": "new"}, memory.clock.monotonic())
        sent = EPOCH - (0 if answered else 12)
        left = Unfinished("killed", sent, memory.clock.monotonic() - 86_400, answered)
        applying.journal = MemoryJournal(earlier=History(unfinished={KEY: left}))
        (outcome,) = await applying.apply({"bot": {"description": "new"}})
        assert (outcome.result, outcome.writes) == (Result.UNCHANGED, 0)
        assert memory.writes == []
        return memory.clock.monotonic()

    took = run(scene)
    assert 9 < took < 30
