"""Writes whose reply is lost: what is read, and when a second one goes out."""

import random
from typing import Any

import anyio
import pytest

from reconciler.differ.options import Options
from reconciler.model.outcome import Cause, Outcome, Result
from tests.support.applying import BASE, SEEDS, Applying, applied, cloud
from tests.support.memory import Faults, MemoryCloud
from tests.support.virtual import VirtualClock, run


def test_an_effect_between_the_doubt_and_the_second_write_counts_as_ours() -> None:
    """When the read before the second write shows the effect, there is no second write."""
    caught = 0
    for late in range(1500, 1620):

        async def scene(late: float = late / 100) -> int:
            memory, applying = cloud(lose_before=1, late_effect_seconds=late, restart_seconds=9)
            (outcome,) = await applying.apply({"bot": {"description": "new"}})
            assert outcome.result is Result.CHANGED, late
            assert memory.clock.monotonic() >= memory.restarts("bot")[0][1], late
            return len(memory.writes)

        caught += run(scene) == 1
    assert 0 < caught < 120


@pytest.mark.parametrize(("fault", "writes"), [("lose_after", 1), ("lose_before", 2)])
def test_a_lost_reply_is_resolved_by_reading(fault: str, writes: int) -> None:
    """200 lost replies each way: nothing lost, nothing failed, no needless restart."""
    for seed in SEEDS:
        chance = random.Random(seed)
        faults = {
            fault: 1,
            "restart_seconds": chance.uniform(0.2, 60),
            "stale_read_seconds": chance.choice([0, chance.uniform(0, 10)]),
        }

        async def scene(faults: dict[str, Any] = faults, seed: int = seed) -> Outcome:
            memory, applying = cloud(**faults)
            (outcome,) = await applying.apply({"bot": {"description": "new"}})
            assert memory.tree("bot")["description"] == "new", seed
            assert len(memory.writes) == writes, seed
            assert len(memory.restarts("bot")) == 1, seed
            return outcome

        outcome = run(scene)
        assert (outcome.result, outcome.restarts) == (Result.CHANGED, 1), seed
        assert outcome.notes, seed


def test_a_late_effect_costs_a_second_restart_only_past_the_in_doubt_time() -> None:
    """200 effects that come late: no lost update; an extra restart only when too late, and told."""
    for seed in SEEDS:
        chance = random.Random(seed)
        late, restart = chance.uniform(0.5, 30), chance.uniform(1, 40)
        faults = {"lose_before": 1, "late_effect_seconds": late, "restart_seconds": restart}

        async def scene(
            faults: dict[str, Any] = faults, seed: int = seed, late: float = late
        ) -> None:
            memory, applying = cloud(**faults)
            (outcome,) = await applying.apply({"bot": {"description": "new"}})
            await memory.clock.sleep(60)
            assert outcome.result is Result.CHANGED, seed
            assert memory.tree("bot")["description"] == "new", seed
            restarts = len(memory.restarts("bot"))
            if late < 15:
                assert (restarts, len(memory.writes)) == (1, 1), seed
            else:
                assert restarts <= 2, seed
            if restarts == 2:
                assert any("written twice" in note for note in outcome.notes), seed

        run(scene)


def test_two_lost_writes_are_the_end_of_it() -> None:
    """A write in doubt is repeated once, never more."""

    async def scene() -> Outcome:
        memory, applying = cloud(lose_before=5)
        (outcome,) = await applying.apply({"bot": {"description": "new"}})
        assert len(memory.writes) == 2
        return outcome

    outcome = applied(scene)
    assert (outcome.result, outcome.cause) == (Result.FAILED, Cause.CLOUD)


@pytest.mark.parametrize(("fault", "writes"), [("lose_after", 1), ("lose_before", 2)])
def test_an_ambiguous_creation_never_makes_two(fault: str, writes: int) -> None:
    """A lost reply to a creation is resolved by looking for the name."""

    async def scene() -> Outcome:
        clock = VirtualClock()
        memory = MemoryCloud(clock, Faults(**{fault: 1}))  # type: ignore[arg-type]
        spec = {"cpu": 1, "artifactType": "Container", "container": {"image": "i"}}
        (outcome,) = await Applying(clock, memory).apply({"bot": spec})
        assert len(memory.writes) == writes
        return outcome

    assert applied(scene).result is Result.CREATED


def test_what_can_no_longer_be_read_is_not_taken_for_applied() -> None:
    """A lost write of a field that the reads then leave out is unknown, and is not repeated."""

    async def scene() -> Outcome:
        memory, applying = cloud(lose_before=1, hides=frozenset({"protocol"}))
        memory.agents["bot"].tree["protocol"] = {"type": "HTTP"}
        memory.agents["bot"].history[0][1]["protocol"] = {"type": "HTTP"}
        (outcome,) = await applying.apply({"bot": {"protocol": {"type": "MCP"}}})
        assert len(memory.writes) == 1
        return outcome

    outcome = applied(scene)
    assert (outcome.result, outcome.cause, outcome.restarts) == (Result.UNKNOWN, Cause.CLOUD, 0)


def test_of_two_fields_the_one_that_shows_decides() -> None:
    """Where another changed field can still be read and has the old value, it is written again."""

    async def scene() -> Outcome:
        memory, applying = cloud(lose_before=1, hides=frozenset({"protocol"}))
        memory.agents["bot"].tree["protocol"] = {"type": "HTTP"}
        memory.agents["bot"].history[0][1]["protocol"] = {"type": "HTTP"}
        spec = {"protocol": {"type": "MCP"}, "description": "new"}
        (outcome,) = await applying.apply({"bot": spec})
        first, second = (body for _, _, body in memory.writes)
        assert first == second  # what the reads leave out is not forgotten
        assert memory.tree("bot")["description"] == "new"
        assert memory.tree("bot")["protocol"] == {"type": "MCP"}
        return outcome

    assert applied(scene).result is Result.CHANGED


def test_what_was_never_answered_is_not_held_not_to_be_kept() -> None:
    """Somebody set one of two fields to our value: the other is unknown, and written next time."""

    async def scene() -> Outcome:
        memory, applying = cloud(lose_before=1)
        spec = {"description": "new", "memory": 4096}
        async with anyio.create_task_group() as group:
            group.start_soon(_console, memory, {"description": "new"})
            (outcome,) = await applying.apply({"bot": spec})
        assert len(memory.writes) == 1
        ends = [line for line in applying.journal.lines if line["event"] == "write-ended"]
        assert [line["result"] for line in ends] == ["unknown"]
        (later,) = await applying.again().apply({"bot": spec})
        assert (later.result, memory.tree("bot")["memory"]) == (Result.CHANGED, 4096)
        return outcome

    outcome = applied(scene)
    assert (outcome.result, outcome.cause) == (Result.UNKNOWN, Cause.CLOUD)
    assert "not /memory (bot.yaml:1:1)" in outcome.reason
    assert not outcome.not_kept


async def _console(memory: MemoryCloud, body: dict[str, Any]) -> None:
    await memory.clock.sleep(5)
    memory._apply("bot", body, memory.clock.monotonic())


@pytest.mark.parametrize("stamps_move", [True, False])
def test_a_retry_whose_reply_is_lost_is_followed_to_its_end(stamps_move: bool) -> None:
    """Nothing that was sent can be read, but a restart that shows is waited for and counted."""

    async def scene() -> Outcome:
        clock = VirtualClock()
        faults = Faults(
            restart_seconds=20, lose_after=1, fail_restart=True, stamps_move=stamps_move
        )
        memory = MemoryCloud(clock, faults)
        memory.add("bot", dict(BASE), failed=True)
        applying = Applying(clock, memory, options=Options(retry_failed=True))
        (outcome,) = await applying.apply({"bot": {"description": "old"}})
        assert clock.monotonic() >= memory.restarts("bot")[0][1]
        return outcome

    outcome = applied(scene)
    assert (outcome.result, outcome.cause, outcome.restarts) == (
        Result.FAILED,
        Cause.AGENT_FAILED,
        1,
    )


def test_a_retry_that_never_arrived_counts_no_restart() -> None:
    """Neither a busy status nor a newer stamp was seen: nothing is claimed to have restarted."""

    async def scene() -> Outcome:
        clock = VirtualClock()
        memory = MemoryCloud(clock, Faults(lose_before=1))
        memory.add("bot", dict(BASE), failed=True)
        applying = Applying(clock, memory, options=Options(retry_failed=True))
        (outcome,) = await applying.apply({"bot": {"description": "old"}})
        assert memory.restarts("bot") == []
        return outcome

    assert applied(scene).restarts == 0


def test_a_first_effect_after_the_second_write_counts_as_a_restart_too() -> None:
    """Both writes took effect and reads saw both: two restarts, as the note says."""

    async def scene() -> Outcome:
        memory, applying = cloud(lose_before=1, late_effect_seconds=20, restart_seconds=9)
        (outcome,) = await applying.apply({"bot": {"description": "new"}})
        first, second = memory.restarts("bot")
        assert memory.clock.monotonic() >= max(first[1], second[1])
        return outcome

    outcome = applied(scene)
    assert (outcome.result, outcome.restarts, outcome.writes) == (Result.CHANGED, 2, 2)
    assert any("written twice" in note for note in outcome.notes)


@pytest.mark.parametrize(("late", "writes"), [(20.0, 1), (0.0, 2)])
def test_nothing_is_concluded_while_somebody_elses_restart_shows(late: float, writes: int) -> None:
    """In doubt, and the agent is busy with another change: read on, and write again only after it."""

    async def scene() -> Outcome:
        memory, applying = cloud(lose_before=1, late_effect_seconds=late, restart_seconds=40)
        outcomes: list[Outcome] = []

        async def work() -> None:
            outcomes.extend(await applying.apply({"bot": {"description": "new"}}))

        async with anyio.create_task_group() as group:
            group.start_soon(work)
            await memory.clock.sleep(5)
            memory._apply("bot", {"isolated": True}, memory.clock.monotonic())
        theirs = memory.restarts("bot")[0]
        assert not any(theirs[0] <= at < theirs[1] for at, _, _ in memory.writes)
        assert memory.tree("bot") == {**BASE, "isolated": True, "description": "new"}
        return outcomes[0]

    outcome = applied(scene)
    assert (outcome.result, outcome.writes) == (Result.CHANGED, writes)
    assert any("reads show its effect" in note for note in outcome.notes) is (writes == 1)
    assert any("written twice" in note for note in outcome.notes) is (writes == 2)


def test_a_second_write_is_told_only_where_there_was_one() -> None:
    """An effect that shows just before the second write: one write, and nothing else is said."""

    async def scene() -> Outcome:
        memory, applying = cloud(lose_before=1, late_effect_seconds=15.15, restart_seconds=9)
        (outcome,) = await applying.apply({"bot": {"description": "new"}})
        assert len(memory.writes) == 1
        return outcome

    outcome = applied(scene)
    assert (outcome.result, outcome.writes, outcome.restarts) == (Result.CHANGED, 1, 1)
    (note,) = outcome.notes
    assert "reads show its effect" in note
