"""How long a run takes, against what slots that know every end at once could do: in virtual time.

The provider's real session and limiter, ten requests a second after a burst of a hundred. Where
an agent's restarts are like each other, whoever takes longest starts first, and the run comes near
the bound itself. Where they vary from one to the next, no order that is chosen beforehand comes
near sum T / slots: there the reference takes the agents in the same order.
"""

import random
from dataclasses import dataclass
from heapq import heappop, heappush
from statistics import median
from typing import Any

import pytest

from reconciler.applier.recorded import Recollection
from reconciler.differ.order import longest_first
from reconciler.model.ledger import Recorded
from reconciler.model.outcome import Result
from reconciler.model.target import Limits, Wait
from tests.simulation.plane import WORKSPACE, Plane
from tests.simulation.restarts import SHAPES, any_of, own
from tests.support.clouds import Cloud, cloud
from tests.support.virtual import VirtualClock, run

Q, BURST = 10.0, 100
RECORDS = 12


@dataclass(frozen=True)
class Took:
    """Seconds of a run after its plan, and of the two references; requests beyond two an update."""

    seconds: float
    bound: float
    in_order: float
    polls: float


def in_order(lengths: list[float], slots: int) -> float:
    """When greedy slots are through that know each end at once, and have Q requests a second."""
    ends: list[float] = []
    for number, seconds in enumerate(lengths):
        free = heappop(ends) if len(ends) == slots else 0.0
        heappush(ends, max(free, (2 * (number + 1) - BURST) / Q) + seconds)
    return max(ends)


def measure(
    shape: str, slots: int, updates: int, middle: float, seed: int, *, alike: bool = False
) -> Took:
    """One run with twelve earlier restarts of each agent on record; `alike`: see `own`."""
    chance = random.Random(seed)
    draws = [(own if alike else any_of)(shape, middle, chance) for _ in range(updates)]
    lengths = [draw() for draw in draws]
    earlier, expected = Recollection(), []
    for number, draw in enumerate(draws):
        ready = [draw() * chance.uniform(1, 1.1) for _ in range(RECORDS)]
        earlier.writes[f"n{number:05}", "update"] = [
            Recorded(f"r{n}", one + 1, one / 1.1, one) for n, one in enumerate(ready)
        ]
        expected.append(median(ready))
    planes: list[Plane] = []

    def plane(_inner: Any) -> Plane:
        return planes[0]

    async def scene() -> float:
        planes.append(Plane(VirtualClock(), lengths))
        settings = {"workspace": WORKSPACE, "requestsPerSecond": Q}
        async with cloud("agentrun", transport=plane, settings=settings) as world:
            return await _apply(world, earlier, slots, updates)

    seconds = run(scene)
    asked = planes[0].asked
    assert asked["PUT"] == updates
    return Took(
        seconds,
        max(2 * updates / Q, sum(lengths) / slots, *lengths),
        in_order([lengths[position] for position in longest_first(expected)], slots),
        sum(asked.values()) / updates - 2,
    )


async def _apply(world: Cloud, earlier: Recollection, slots: int, updates: int) -> float:
    targets = [world.desired(f"n{n:05}", {"description": "new"}) for n in range(updates)]
    wait = Wait(timeout_seconds=7200)
    applying = world.applying(wait=wait, limits=Limits(max_unavailable=slots))
    applying.earlier = lambda address, operation: earlier.of(address.name, operation)
    began = world.clock.monotonic()
    outcomes = await applying.carry(targets)
    assert {outcome.result for outcome in outcomes} == {Result.CHANGED}
    return world.clock.monotonic() - began


SLOW = pytest.mark.slow
CELLS = [
    (5, 10),
    (20, 10),
    pytest.param(5, 100, marks=SLOW),
    pytest.param(20, 100, marks=SLOW),
    pytest.param(100, 100, marks=SLOW),
]


@pytest.mark.parametrize(("slots", "updates"), CELLS)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_run_takes_little_longer_than_it_has_to(shape: str, slots: int, updates: int) -> None:
    """Restarts of a minute: within a tenth of what anybody could do with these slots."""
    took = measure(shape, slots, updates, 60.0, seed=1)
    assert took.seconds <= 1.10 * took.in_order, took
    assert took.polls <= 12, took


@pytest.mark.parametrize(("slots", "updates"), [(20, 10), pytest.param(5, 100, marks=SLOW)])
@pytest.mark.parametrize("shape", SHAPES)
def test_what_takes_longest_starts_first(shape: str, slots: int, updates: int) -> None:
    """Agents of which each takes its time: within a tenth of max(2u/Q, sum T / slots, max T)."""
    took = measure(shape, slots, updates, 60.0, seed=1, alike=True)
    assert took.seconds <= 1.10 * took.bound, took
    assert took.in_order <= 1.03 * took.bound, took


@pytest.mark.slow
def test_a_hundred_slots_share_ten_requests_a_second() -> None:
    """A thousand updates: GET, PUT and the confirming read are 300 s of the 600 s that are there."""
    took = measure("constant", 100, 1000, 60.0, seed=1)
    assert took.seconds <= 1.12 * took.bound, took
    assert took.polls <= 3.5, took


@pytest.mark.parametrize("updates", [5, 10])
def test_equal_restarts_come_within_a_tenth_of_the_bound_itself(updates: int) -> None:
    """max(2u/Q, sum T / slots, max T): where restarts take the same, the order is no matter."""
    took = measure("constant", 5, updates, 60.0, seed=1)
    assert took.seconds <= 1.10 * took.bound, took
