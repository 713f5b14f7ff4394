"""The order in which agents start: the longest first, once it is their turn."""

from collections.abc import Sequence

from reconciler.model.ledger import Recorded
from reconciler.model.live import Found
from reconciler.model.manifest import Address, Desired
from reconciler.model.outcome import Result
from reconciler.model.target import Limits
from tests.support.applying import BASE, Applying, wanted
from tests.support.memory import Faults, MemoryCloud
from tests.support.virtual import VirtualClock, run

USUAL = {"a": 20.0, "b": 60.0, "c": 40.0, "d": 90.0}


class Touched(MemoryCloud):
    """A cloud in which somebody else brings these agents there, right after the plan."""

    touched: tuple[str, ...] = ()

    async def fetch(self, wanted: Sequence[Desired]) -> list[Found]:
        found = await super().fetch(wanted)
        for name in self.touched:
            self.agents[name].tree["description"] = "new"
            self.agents[name].history[-1][1]["description"] = "new"
        return found


def begun(limits: Limits, usual: dict[str, float], done: tuple[str, ...] = ()) -> list[str]:
    """The names in the order in which they were written; `done` turn out to need no write."""

    def earlier(address: Address, _operation: str) -> Sequence[Recorded]:
        return [Recorded("r", usual[address.name])] if address.name in usual else []

    async def scene() -> list[str]:
        cloud = Touched(VirtualClock(), Faults(restart_seconds=5))
        cloud.touched = done
        for name in USUAL:
            cloud.add(name, dict(BASE))
        applying = Applying(cloud.clock, cloud, limits=limits, earlier=earlier)
        outcomes = await applying.carry([wanted(name, {"description": "new"}) for name in USUAL])
        assert [outcome.address.name for outcome in outcomes] == list(USUAL)
        assert {outcome.result for outcome in outcomes} <= {Result.CHANGED, Result.UNCHANGED}
        return [name for _, name, _ in cloud.writes]

    return run(scene)


def test_who_takes_longest_starts_first() -> None:
    """By the record of earlier runs; outcomes keep the order of the plan."""
    assert begun(Limits(max_unavailable=1), USUAL) == ["d", "b", "c", "a"]


def test_without_a_record_the_order_is_the_plans() -> None:
    """The first run knows nothing of anybody."""
    assert begun(Limits(max_unavailable=1), {}) == ["a", "b", "c", "d"]


def test_canaries_are_the_first_of_the_plan_whoever_takes_longest() -> None:
    """Which agents dare first is the user's choice, by the order of the manifests."""
    assert begun(Limits(max_unavailable=1, canary=1), USUAL) == ["a", "d", "b", "c"]


def test_a_canary_in_place_of_another_is_the_next_of_the_plan() -> None:
    """The first one needs no write, so the second is the canary, and not the longest."""
    assert begun(Limits(max_unavailable=1, canary=1), USUAL, ("a",)) == ["b", "d", "c"]
