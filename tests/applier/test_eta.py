"""How much longer it takes: by earlier writes, by this run's own, or not at all."""

import random

import pytest

from reconciler.applier.eta import Outlook, Part, lane_left_seconds, left_seconds
from reconciler.applier.job import key
from reconciler.differ.ledger import makespan
from reconciler.model.ledger import Recorded
from tests.support.cli import address

LANE = (True, "")


def outlook(*parts: Part, slots: int = 2, pause: float = 0.0) -> Outlook:
    """The outlook of a run that writes to `bot0`, `bot1`, …"""
    named = {key(address(f"bot{number}")): part for number, part in enumerate(parts)}
    return Outlook(named, {LANE: slots}, pause)


def part(*seconds: float, wave: int = 0, after_canaries: bool = True) -> Part:
    """A write whose earlier ones took so long."""
    return Part((wave, after_canaries), LANE, lambda: seconds)


def test_the_median_of_those_that_took_longer_counts() -> None:
    """After 50 s of it, a restart is none of those that took 30 s."""
    earlier = [Recorded("r", seconds) for seconds in (30, 60, 70, 200)]
    assert left_seconds(earlier, 0) == 65
    assert left_seconds(earlier, 50) == 20
    assert left_seconds(earlier, 150) == 50
    assert left_seconds(earlier, 300) is None
    assert left_seconds([], 0) is None


def test_a_lane_is_scheduled_as_the_applier_does() -> None:
    """With nothing under way it is the same as the plan's: whoever waits takes the first free slot."""
    for seed in range(300):
        chance = random.Random(seed)
        durations = [chance.uniform(1, 90) for _ in range(chance.randint(0, 20))]
        slots = chance.randint(1, 8)
        assert lane_left_seconds([], durations, slots) == pytest.approx(
            makespan(durations, slots)
        ), seed


def test_more_under_way_than_slots_is_no_error() -> None:
    """Agents that somebody else restarted hold slots as well."""
    assert lane_left_seconds([5, 9, 7], [10], 2) == 15


def test_the_run_is_over_when_its_slowest_is() -> None:
    """Two slots, three writes of 60 s: two turns; after the first has ended, one."""
    ahead = outlook(part(60), part(60), part(60))
    assert ahead.left(0) == 120
    ahead.begin(address("bot0"), 0)
    ahead.begin(address("bot1"), 0)
    assert ahead.left(20) == 100
    assert ahead.left_of(address("bot0"), 20) == 40
    assert ahead.left_of(address("bot2"), 20) is None
    ahead.end(address("bot0"), 60)
    ahead.begin(address("bot2"), 60)
    ahead.end(address("bot1"), 61)
    assert (ahead.ended, ahead.agents) == (2, 3)
    assert ahead.left(70) == 50


def test_waves_canaries_and_pauses_come_one_after_another() -> None:
    """A canary of 10 s, the rest of its wave, a pause, and the next wave."""
    ahead = outlook(part(10, after_canaries=False), part(30), part(30), part(20, wave=1), pause=5.0)
    assert ahead.left(0) == 10 + 30 + 5 + 20


def test_what_nobody_knows_is_none() -> None:
    """One agent without any record makes the whole unknown."""
    ahead = outlook(part(60), part())
    assert ahead.left(0) is None
    assert ahead.left_of(address("stranger"), 0) is None


def test_agents_of_this_run_stand_in_where_there_is_no_record() -> None:
    """In a pipeline there is none: the first that is back tells what the others may take."""
    ahead = outlook(part(), part(), part(), slots=1)
    ahead.begin(address("bot0"), 0)
    assert ahead.left(30) is None
    ahead.end(address("bot0"), 40)
    assert ahead.left(40) == 80


def test_waves_are_told_in_their_order_whatever_that_of_the_plan() -> None:
    """The agents of a wave are written to side by side, wherever they stand among the others."""
    ahead = outlook(part(10), part(30, wave=1), part(20), pause=5.0)
    assert ahead.left(0) == 20 + 5 + 30
