"""Whole runs under random faults, in virtual time, judged by the cloud's own history alone."""

import secrets
from pathlib import Path

import pytest

from tests.simulation.campaign import Tally, block, report
from tests.simulation.draw import draw
from tests.simulation.mutants import MUTANTS
from tests.simulation.oracle import ALWAYS, WITHIN, failures
from tests.simulation.schedule import Schedule, dumps, loads
from tests.simulation.shrink import laws_broken, shrunk
from tests.simulation.story import told
from tests.simulation.world import play

RUNS = 200
REGRESSIONS = sorted((Path(__file__).parent / "regressions").glob("*.json"))
LAWS = {*ALWAYS, *WITHIN}


def test_random_runs_keep_every_promise() -> None:
    """Fresh seeds each time: nothing lost, nothing early, nothing needless, all limits kept."""
    tally = block(secrets.randbelow(10**9), RUNS)
    assert not tally.failed, "\n".join(report(tally))
    assert tally.within > RUNS * 0.8
    assert tally.results["changed"] > RUNS * 0.5
    assert {"0", "4", "6", "died"} <= set(tally.codes), tally.codes


@pytest.mark.parametrize("path", REGRESSIONS, ids=lambda path: path.stem)
def test_what_failed_once_does_not_fail_again(path: Path) -> None:
    """Each schedule that once broke a law keeps all of them."""
    schedule = loads(path.read_text(encoding="utf-8"))
    trace = play(schedule)
    assert schedule.within_bounds
    assert failures(trace) == [], told(trace)


def test_a_seed_means_the_same_each_time() -> None:
    """A failing seed can be replayed by its number, and written down and read again."""
    for seed in range(100):
        schedule = draw(seed)
        assert schedule == draw(seed) == loads(dumps(schedule))
    assert told(play(draw(11))) == told(play(draw(11)))


def test_a_failing_schedule_is_made_small() -> None:
    """What a law breaks without is left out: agents, faults, edits and all that is not needed."""
    with MUTANTS["no slots"].alive():
        seed = next(seed for seed in range(500) if "slots" in laws_broken(draw(seed)))
        small = shrunk(draw(seed))
        assert "slots" in laws_broken(small)
    agents = len(small.agents)
    assert agents == small.slots + 1 or agents == 2
    assert (small.faults, small.edits, small.stop) == ((), (), None)


def test_an_error_of_the_program_fails_its_seed() -> None:
    """A run that ends in an exception is counted and named as one that breaks a law."""
    schedule = Schedule(1, ())
    assert laws_broken(schedule) == frozenset()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.simulation.campaign.play", lambda _: 1 / 0)
        tally = block(7, 1)
    assert (tally.failed, tally.laws) == ([7], {"ZeroDivisionError": 1})
    assert isinstance(tally, Tally)


@pytest.mark.slow
@pytest.mark.parametrize("name", MUTANTS)
def test_the_oracle_notices_each_mutant(name: str) -> None:
    """The applier, broken in this way, breaks a law within some hundred seeds; whole, it does not."""
    with MUTANTS[name].alive():
        caught = ((seed, laws_broken(draw(seed)) & LAWS) for seed in range(2000))
        seed, laws = next((found for found in caught if found[1]), (-1, frozenset[str]()))
    assert laws, f"{name} lived through all seeds"
    assert laws_broken(draw(seed)) == frozenset(), (seed, laws)
