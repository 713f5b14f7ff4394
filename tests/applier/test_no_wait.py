"""Without waiting: what was written last is not followed, and every limit is kept all the same."""

import pytest

from reconciler.model.manifest import Rollout
from reconciler.model.outcome import Cause, Outcome, Result
from reconciler.model.target import Limits
from tests.support.applying import BASE, Applying, cloud, wanted
from tests.support.memory import Faults, MemoryCloud
from tests.support.virtual import VirtualClock, run


def fleet(count: int, limits: Limits, **faults: float) -> tuple[MemoryCloud, Applying]:
    """So many agents, and an applier that does not wait."""
    clock = VirtualClock()
    memory = MemoryCloud(clock, Faults(**faults))  # type: ignore[arg-type]
    for number in range(count):
        memory.add(f"n{number}", dict(BASE))
    return memory, Applying(clock, memory, limits=limits, no_wait=True)


def states(memory: MemoryCloud) -> dict[str, dict[str, str]]:
    """A change for each agent."""
    return {name: {"description": "new"} for name in memory.agents}


def test_one_write_is_answered_and_left() -> None:
    """Written is not changed: no success is claimed, the record is open, and nothing is a failure."""

    async def scene() -> Outcome:
        memory, applying = cloud(restart_seconds=60)
        applying.no_wait = True
        (outcome,) = await applying.apply({"bot": {"description": "new"}})
        assert memory.clock.monotonic() < 1
        assert len(memory.writes) == 1
        (end,) = (line for line in applying.journal.lines if line["event"] == "write-ended")
        assert end["result"] == "written"
        (planned,) = (line for line in applying.journal.lines if line["event"] == "run-planned")
        assert planned["noWait"] is True
        return outcome

    outcome = run(scene)
    assert (outcome.result, outcome.cause, outcome.restarts) == (Result.WRITTEN, Cause.NONE, 1)
    assert "the next run looks after it" in outcome.reason


@pytest.mark.parametrize(("agents", "slots", "turns"), [(2, 2, 0), (4, 2, 1), (7, 2, 3)])
def test_slots_are_kept(agents: int, slots: int, turns: int) -> None:
    """Only the agents of the last slots are not waited for; before that each has to be back."""

    async def scene() -> None:
        memory, applying = fleet(agents, Limits(max_unavailable=slots), restart_seconds=30)
        outcomes = await applying.apply(states(memory))
        spans = [span for name in memory.agents for span in memory.restarts(name)]
        assert len(spans) == agents
        assert max(sum(b <= at < e for b, e in spans) for at, _ in spans) <= slots
        results = [outcome.result for outcome in outcomes]
        assert results.count(Result.WRITTEN) >= 1
        assert set(results[: turns * slots]) <= {Result.CHANGED}
        assert 30 * turns <= memory.clock.monotonic() < 35 * turns + 1

    run(scene)


def test_a_wave_is_waited_for_before_the_next_begins() -> None:
    """The last wave alone is left."""

    async def scene() -> None:
        memory, applying = fleet(3, Limits(), restart_seconds=20)
        targets = [wanted(name, {"description": "new"}) for name in memory.agents]
        late = [
            type(one)(one.address, one.place, one.spec, {}, rollout=Rollout(wave=number // 2))
            for number, one in enumerate(targets)
        ]
        outcomes = await applying.carry(late)
        assert [outcome.result for outcome in outcomes] == [
            Result.CHANGED,
            Result.CHANGED,
            Result.WRITTEN,
        ]

    run(scene)


def test_a_write_without_an_answer_is_still_resolved() -> None:
    """Answered is the least: a lost reply is read until it is known."""

    async def scene() -> Outcome:
        memory, applying = cloud(restart_seconds=60, lose_after=1)
        applying.no_wait = True
        (outcome,) = await applying.apply({"bot": {"description": "new"}})
        assert len(memory.writes) == 1
        return outcome

    outcome = run(scene)
    assert outcome.result is Result.WRITTEN
    assert any("the reply to the write was lost" in note for note in outcome.notes)


def test_nothing_to_write_ends_as_ever() -> None:
    """An agent in sync is unchanged."""

    async def scene() -> Outcome:
        _, applying = cloud()
        applying.no_wait = True
        (outcome,) = await applying.apply({"bot": {"description": "old"}})
        return outcome

    assert run(scene).result is Result.UNCHANGED
