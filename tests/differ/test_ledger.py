"""How long a plan is expected to take: medians, and the applier's own schedule over them."""

import random

import pytest

from reconciler.differ.lanes import Runner, lane_of, lane_sizes
from reconciler.differ.ledger import Write, expect, makespan
from reconciler.model.ledger import Recorded, Timing
from reconciler.model.target import Limits, Share
from tests.support.cli import address

LANE = (True, "")
OTHER = (False, "")


def took(*seconds: float, run: str = "r") -> tuple[Recorded, ...]:
    """Writes of as many runs, `r0` the first."""
    return tuple(Recorded(f"{run}{number}", one) for number, one in enumerate(seconds))


def test_the_median_of_an_agents_own_writes_counts_before_its_kinds() -> None:
    """One odd run moves nothing; the others of its kind are asked only for an agent without any."""
    own = Write(address("a"), LANE, own=took(10, 11, 500), kind=took(1, 1, 1))
    kind = Write(address("b"), LANE, kind=took(3, 5, run="k"))
    ledger = expect([own, kind], {LANE: 2})
    assert ledger.timings == {
        address("a"): Timing(11, 3, own=True),
        address("b"): Timing(4, 2, own=False),
    }
    assert (ledger.expected_seconds, ledger.runs) == (11, 5)


def test_one_write_without_a_record_leaves_the_whole_unknown() -> None:
    """A sum that leaves something out would be a promise that cannot be kept."""
    known, unknown = Write(address("a"), LANE, own=took(10)), Write(address("b"), LANE)
    ledger = expect([known, unknown], {LANE: 2})
    assert (ledger.expected_seconds, list(ledger.timings)) == (None, [address("a")])


def test_lanes_run_beside_each_other() -> None:
    """The longest lane is the whole; nothing to write takes no time."""
    slow = [Write(address(f"a{i}"), LANE, own=took(10)) for i in range(5)]
    fast = [Write(address(f"b{i}"), OTHER, own=took(3)) for i in range(6)]
    assert expect(slow + fast, {LANE: 2, OTHER: 1}).expected_seconds == 30
    assert expect([], {}).expected_seconds == 0


@pytest.mark.parametrize(
    ("durations", "slots", "whole"),
    [
        ([], 3, 0),
        ([5], 3, 5),
        ([5, 5, 5, 5], 2, 10),
        ([9, 1, 1, 1], 2, 9),  # the second slot is refilled while the first is taken
        ([1, 1, 9], 2, 10),
        ([4, 3, 2], 1, 9),
    ],
)
def test_a_slot_is_refilled_as_soon_as_it_is_free(
    durations: list[float], slots: int, whole: float
) -> None:
    """List scheduling in the order of the manifests."""
    assert makespan(durations, slots) == whole


def test_the_whole_lies_between_its_bounds() -> None:
    """Never under the work divided by the slots nor the longest, never over both together."""
    seed = random.SystemRandom().randrange(2**32)
    chance = random.Random(seed)
    for _ in range(300):
        durations = [chance.uniform(0, 60) for _ in range(chance.randint(1, 30))]
        slots = chance.randint(1, 8)
        whole, share = makespan(durations, slots), sum(durations) / slots
        assert max(share, *durations) - 1e-6 <= whole <= share + max(durations) + 1e-6, seed


def runners(*accounts: tuple[str, int, int], restarts: bool = True) -> list[Runner]:
    """So many agents of each account that exist, and so many that do not."""
    return [
        Runner(restarts, account, exists)
        for account, there, absent in accounts
        for exists in there * [True] + absent * [False]
    ]


@pytest.mark.parametrize(
    ("percent", "existing", "at_once"),
    [
        (25, 40, 10),
        (25, 7, 1),
        (25, 8, 2),
        (25, 3, 1),
        (25, 0, 1),
        (32.3, 1000, 323),
        (100, 12, 12),
        (0.1, 10, 1),
    ],
)
def test_a_share_is_rounded_down_and_at_least_one(
    percent: float, existing: int, at_once: int
) -> None:
    """Of the agents that exist; those that will be created make no room."""
    limits = Limits(max_unavailable=Share(percent))
    assert lane_sizes(runners(("a", existing, 9)), limits) == {(True, "a"): at_once}


def test_a_share_is_each_accounts_and_a_number_is_the_runs() -> None:
    """A large account makes no room for more restarts in a small one."""
    agents = runners(("a", 40, 0), ("b", 8, 0))
    share, number = Limits(max_unavailable=Share(25)), Limits(max_unavailable=3)
    assert lane_sizes(agents, share) == {(True, "a"): 10, (True, "b"): 2}
    assert lane_sizes(agents, number) == {(True, ""): 3}
    assert lane_of(agents[-1], share) == (True, "b")


def test_waves_and_canaries_come_one_after_another() -> None:
    """Each stage is as long as its longest lane, and pauses lie between waves that write."""
    stages = [(0, True, 10), (0, False, 20), (0, False, 30), (4, False, 5), (4, False, 7)]
    writes = [
        Write(address(f"n{i}"), LANE, own=took(seconds), wave=wave, canary=canary)
        for i, (wave, canary, seconds) in enumerate(stages)
    ]
    assert expect(writes, {LANE: 9}).expected_seconds == 10 + 30 + 7
    assert expect(writes, {LANE: 9}, 60).expected_seconds == 10 + 30 + 60 + 7
    assert expect(writes, {LANE: 1}, 60).expected_seconds == 10 + 50 + 60 + 12
    assert expect(writes[:3], {LANE: 9}, 60).expected_seconds == 40


def test_kinds_without_a_restart_are_not_held_to_one_at_a_time() -> None:
    """maxUnavailable bounds restarts; the others still have a bound, for a cloud that refuses."""
    both = [Runner(True, "a", True), Runner(False, "b", True)]
    assert lane_sizes(both, Limits(max_unavailable=1)) == {LANE: 1, OTHER: 5}
    assert lane_sizes(both, Limits(max_unavailable=40)) == {LANE: 40, OTHER: 40}
