"""What earlier restarts took decides when somebody looks, and never what is believed."""

import random
from collections.abc import Sequence

import pytest

from reconciler.model.ledger import Recorded
from reconciler.model.live import Found
from reconciler.model.manifest import Address, Desired
from reconciler.model.outcome import Outcome, Result
from reconciler.model.target import Wait
from tests.support.applying import cloud
from tests.support.virtual import run

FAULTS = ("none", "status", "read", "replica")


def faults_of(kind: str, chance: random.Random) -> dict[str, float]:
    """One sort of staleness within the documented bounds."""
    match kind:
        case "status":
            return {"stale_status_seconds": chance.uniform(0, 14.5)}
        case "read":
            return {"stale_read_seconds": chance.uniform(0, 14.5)}
        case "replica":
            return {"lagging_replica_seconds": chance.uniform(0, 14.5)}
        case _:
            return {}


@pytest.mark.parametrize("kind", FAULTS)
def test_whatever_is_on_record_nothing_is_believed_early(kind: str) -> None:
    """80 restarts each, with a record that is right, far too long or far too short."""
    for seed in range(80):
        chance = random.Random(seed)
        restart = chance.uniform(0.2, 120)
        wrong = chance.choice((1.0, 1.0, 0.1, 4.0))
        faults = {"restart_seconds": restart, **faults_of(kind, chance)}
        earlier = []
        for number in range(chance.choice((1, 3, 12))):
            ready = restart * wrong * chance.lognormvariate(0, 0.3)
            earlier.append(Recorded(f"r{number}", ready + 1, ready * 0.93, ready))

        async def scene(
            faults: dict[str, float] = faults,
            earlier: list[Recorded] = earlier,
            seed: int = seed,
        ) -> None:
            memory, applying = cloud(**faults)

            def known(address: Address, operation: str) -> list[Recorded]:
                assert (address.name, operation) == ("bot", "update")
                return earlier

            applying.earlier = known
            (outcome,) = await applying.apply({"bot": {"description": "new"}})
            assert outcome.result is Result.CHANGED, (seed, outcome)
            assert outcome.restarts == len(memory.restarts("bot")) == 1, seed
            assert memory.clock.monotonic() >= memory.restarts("bot")[0][1], seed
            if outcome.seconds > 20:
                latest = max(faults["restart_seconds"] * 1.2, *(e.seconds for e in earlier)) + 20
                assert outcome.seconds <= latest, seed

        run(scene)


def test_the_record_of_a_run_holds_what_the_next_goes_by() -> None:
    """The last read that showed the restart and the first that showed its end, from the write on."""

    async def scene() -> None:
        _, applying = cloud(restart_seconds=40)
        await applying.apply({"bot": {"description": "new"}})
        (end,) = (line for line in applying.journal.lines if line["event"] == "write-ended")
        assert 35 < end["busySeconds"] <= 40 <= end["readySeconds"] < 45
        assert end["readySeconds"] - end["busySeconds"] < 5

    run(scene)


def test_a_restart_that_nobody_saw_is_no_measure() -> None:
    """Too short to see: its end was not seen either, so nothing is put down."""

    async def scene() -> None:
        _, applying = cloud(restart_seconds=0.2)
        await applying.apply({"bot": {"description": "new"}})
        (end,) = (line for line in applying.journal.lines if line["event"] == "write-ended")
        assert "busySeconds" not in end
        assert "readySeconds" not in end

    run(scene)


def test_one_slow_answer_near_the_deadline_is_borne() -> None:
    """The record lets expect longer than there is time: it is looked at early enough for two."""

    async def scene() -> Outcome:
        memory, applying = cloud(restart_seconds=20)
        poll = memory.poll

        async def slow(wanted: Sequence[tuple[Desired, str | None]]) -> list[Found]:
            if memory.clock.monotonic() > 30 and not slowed:
                slowed.append(memory.clock.monotonic())
                await memory.clock.sleep(8)
            return await poll(wanted)

        slowed: list[float] = []
        memory.poll = slow  # type: ignore[method-assign]
        applying.wait = Wait(timeout_seconds=45)
        applying.earlier = lambda _address, _operation: [Recorded("r0", 61, 58, 60)]
        (outcome,) = await applying.apply({"bot": {"description": "new"}})
        assert slowed
        return outcome

    assert run(scene).result is Result.CHANGED
