"""Which agent is read how often, and what is noticed in between."""

from collections.abc import Sequence
from typing import Any

import pytest

from reconciler.model.ledger import Recorded
from reconciler.model.live import Found
from reconciler.model.manifest import Address, Desired, OnFailure
from reconciler.model.outcome import Outcome, Result
from reconciler.model.target import Limits
from tests.support.applying import BASE, applied, cloud, wanted
from tests.support.memory import MemoryCloud
from tests.support.virtual import run

NEW = {"description": "new"}


def asked(memory: MemoryCloud) -> list[str | None]:
    """The id by which each read asks, from now on."""
    ids: list[str | None] = []
    read = memory.read

    async def reading(desired: Desired, agent_id: str | None) -> Found:
        ids.append(agent_id)
        return await read(desired, agent_id)

    async def polling(wanted: Sequence[tuple[Desired, str | None]]) -> list[Found]:
        ids.extend(agent_id for _, agent_id in wanted)
        return [await read(desired, agent_id) for desired, agent_id in wanted]

    memory.read, memory.poll = reading, polling  # type: ignore[method-assign]
    return ids


@pytest.mark.parametrize(
    ("spec", "result"), [({"cpu": 2}, "unchanged"), ({"port": None}, "blocked")]
)
def test_what_needs_no_write_is_not_read_again(spec: dict[str, Any], result: str) -> None:
    """The read of the plan is enough: ten thousand agents in sync cost ten thousand reads."""

    async def scene() -> Outcome:
        memory, applying = cloud()
        (outcome,) = await applying.apply({"bot": spec})
        assert memory.reads == 1
        return outcome

    assert applied(scene).result == result


FAULTS: list[dict[str, Any]] = [
    {},
    {"lose_before": 1},
    {"lose_after": 1},
    {"not_kept": frozenset({"description"})},
    {"fails_with": frozenset({"new"})},
]


@pytest.mark.parametrize("faults", FAULTS, ids=repr)
def test_once_the_id_is_known_every_read_asks_by_it(faults: dict[str, Any]) -> None:
    """A name may be given to another agent meanwhile, an id never is."""

    async def scene() -> None:
        memory, applying = cloud(**faults)
        ids = asked(memory)
        desired = wanted("bot", NEW, on_failure=OnFailure.ROLLBACK)
        await applying.carry([desired])
        assert ids[0] is None
        assert set(ids[1:]) == {"ar-bot"}

    run(scene)


def test_seconds_are_told_to_the_thousandth() -> None:
    """In the outcome and in the record; more digits would be noise."""

    async def scene() -> Outcome:
        memory, applying = cloud(fails_with=frozenset({"new"}), restart_seconds=10 / 3)
        write = memory._write

        async def slowly(name: str, body: dict[str, Any], *, new: bool = False) -> None:
            await memory.clock.sleep(1 / 3)
            await write(name, body, new=new)
            await memory.clock.sleep(1 / 7)

        memory._write = slowly  # type: ignore[method-assign]
        (outcome,) = await applying.carry([wanted("bot", NEW, on_failure=OnFailure.ROLLBACK)])
        told = [
            line[name]
            for line in applying.journal.lines
            for name in ("seconds", "busySeconds", "readySeconds")
            if name in line
        ]
        assert len(told) >= 4
        assert all(isinstance(one, float) and one == round(one, 3) for one in told)
        return outcome

    outcome = applied(scene)
    assert outcome.seconds == round(outcome.seconds, 3)
    assert outcome.seconds != int(outcome.seconds)


def test_a_way_back_is_not_decided_by_reads_that_are_behind() -> None:
    """Right after a failure they may still show what was before: that is no reason to write nothing."""

    async def scene() -> Outcome:
        memory, applying = cloud(sticks_with=frozenset({"new"}))
        read = memory.read
        behind: list[float] = []

        async def reading(desired: Desired, agent_id: str | None) -> Found:
            if "write-ended" in (line["event"] for line in applying.journal.lines):
                behind[:] = behind or [memory.clock.monotonic()]
                late = memory.clock.monotonic() < behind[0] + 5
                memory.faults.stale_read_seconds = 1000 if late else 0
            return await read(desired, agent_id)

        memory.read = reading  # type: ignore[method-assign]
        desired = wanted("bot", NEW, 60, on_failure=OnFailure.ROLLBACK)
        (outcome,) = await applying.carry([desired])
        assert memory.tree("bot")["description"] == "old"
        return outcome

    outcome = applied(scene)
    assert outcome.rollback is not None
    assert (outcome.rollback.result, outcome.writes) == (Result.CHANGED, 2)


def test_a_wave_that_wrote_is_paused_after_whoever_ends_it() -> None:
    """The last of the wave needs no write once its own restart is over: the pause comes all the same."""

    async def scene() -> list[Outcome]:
        memory, applying = cloud(restart_seconds=5)
        for name in ("busy", "later"):
            memory.add(name, dict(BASE))
        memory.faults.restart_seconds = 100
        memory._apply("busy", dict(NEW), memory.clock.monotonic())
        memory.faults.restart_seconds = 5
        applying.limits = Limits(wave_pause_seconds=300)
        targets = [wanted("bot", NEW), wanted("busy", {"cpu": 4}), wanted("later", NEW, wave=1)]
        fetch = memory.fetch

        async def then_as_wanted(wanted: Sequence[Desired]) -> list[Found]:
            found = await fetch(wanted)
            memory.agents["busy"].tree["cpu"] = 4
            memory.agents["busy"].history[-1][1]["cpu"] = 4
            return found

        memory.fetch = then_as_wanted  # type: ignore[method-assign]
        outcomes = await applying.carry(targets)
        (written,) = (at for at, name, _ in memory.writes if name == "later")
        assert written >= 100 + 300
        return outcomes

    results = [(outcome.result, outcome.writes) for outcome in run(scene)]
    assert results == [(Result.CHANGED, 1), (Result.UNCHANGED, 0), (Result.CHANGED, 1)]


@pytest.mark.parametrize("age", [0.0, 40.0])
def test_somebody_elses_restart_is_looked_for_when_it_is_likely_to_end(age: float) -> None:
    """By what updates of this agent took, from when this one began: not all the time until then."""

    async def scene() -> None:
        memory, applying = cloud(restart_seconds=60)
        memory._apply("bot", {"isolated": True}, memory.clock.monotonic())
        await memory.clock.sleep(age)
        begun, times, known = memory.clock.monotonic(), list[float](), list[tuple[str, str]]()
        poll = memory.poll

        async def polling(wanted: Sequence[tuple[Desired, str | None]]) -> list[Found]:
            if not memory.writes:
                times.append(memory.clock.monotonic() - begun + age)
            return await poll(wanted)

        def earlier(address: Address, operation: str) -> Sequence[Recorded]:
            known.append((address.name, operation))
            return [Recorded("r", 60.0, 59.0, 60.0)] * 9

        memory.poll, applying.earlier = polling, earlier  # type: ignore[method-assign]
        (outcome,) = await applying.apply({"bot": NEW})
        assert outcome.result is Result.CHANGED
        assert set(known) == {("bot", "update")}
        assert all(at > 50 for at in times if at > age + 2)
        assert len(times) < 10

    run(scene)
