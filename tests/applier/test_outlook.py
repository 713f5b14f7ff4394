"""The outlook of a run, made of its jobs: who waits for whom, and what earlier writes took."""

from collections.abc import Sequence
from typing import Any

from reconciler.applier.eta import Outlook, outlook_of, standby_outlook
from reconciler.applier.job import Job
from reconciler.model.ledger import Recorded
from reconciler.model.live import Absent, Found, Health, Live
from reconciler.model.manifest import Address
from reconciler.model.plan import About, AgentPlan, Create, InSync, Update
from reconciler.model.target import Limits, Share
from tests.support.applying import wanted
from tests.support.memory import MemoryCloud
from tests.support.shapes import PROMPT, RUNTIME
from tests.support.virtual import VirtualClock

CLOUD = MemoryCloud(VirtualClock())
READY = Live("ar-1", {}, Health.READY)


def job(name: str, action: str = "update", wave: int = 0, found: Found = READY, **more: Any) -> Job:
    """An agent that is to be written to, or not."""
    desired = wanted(name, {}, wave=wave)
    about = About(desired.address, desired.place)
    plans: dict[str, AgentPlan] = {
        "update": Update(about, (), (), {}, restarts=True),
        "create": Create(about, (), (), {}),
        "none": InSync(about),
    }
    return Job(desired, more.get("rules", RUNTIME), CLOUD, found, plans[action])


class Took:
    """What earlier writes took, by agent and operation; counts how often it is asked."""

    def __init__(self, **seconds: Sequence[float]) -> None:
        self._seconds = seconds
        self.asked: list[tuple[str, str]] = []

    def __call__(self, address: Address, operation: str) -> Sequence[Recorded]:
        self.asked.append((address.name, operation))
        found = self._seconds.get(f"{address.name}_{operation}", ())
        return [Recorded("r", seconds) for seconds in found]


def of(name: str) -> Address:
    """The address of an agent of these jobs."""
    return wanted(name, {}).address


def test_only_writes_count_and_creations_go_by_creations() -> None:
    """One agent is in sync; one is made, which takes what making took."""
    earlier = Took(a_update=[60], b_create=[20], b_update=[500], c_update=[500])
    jobs = [job("a"), job("b", "create", found=Absent()), job("c", "none")]
    ahead = outlook_of(jobs, Limits(max_unavailable=1), earlier)
    assert (ahead.agents, ahead.ended) == (2, 0)
    assert ahead.left(0) == 80
    assert earlier.asked == [("a", "update"), ("b", "create")]


def test_records_are_read_once_and_only_when_somebody_asks() -> None:
    """However often a line is drawn, and an agent without a record is not asked for again."""
    earlier = Took(a_update=[60])
    ahead = outlook_of([job("a"), job("b")], Limits(), earlier)
    assert earlier.asked == []
    for second in range(5):
        ahead.left(second)
    assert sorted(earlier.asked) == [("a", "update"), ("b", "update")]


def test_the_newest_twenty_count() -> None:
    """An agent changes: what it took long ago says little."""
    earlier = Took(a_update=[*[10.0] * 20, *[900.0] * 200])
    assert outlook_of([job("a")], Limits(), earlier).left(0) == 10


def test_slots_waves_canaries_and_pauses_are_those_of_the_limits() -> None:
    """Wave 0: one canary, then two at a time; a pause; wave 1."""
    names = ("a", "b", "c", "d", "e")
    earlier = Took(**{f"{name}_update": [10.0] for name in names})
    jobs = [*(job(name) for name in names[:4]), job("e", wave=1)]
    limits = Limits(max_unavailable=2, canary=1, wave_pause_seconds=7)
    assert outlook_of(jobs, limits, earlier).left(0) == 10 + (10 + 10) + 7 + 10
    assert outlook_of(jobs, Limits(max_unavailable=2), earlier).left(0) == 20 + 10


def test_a_share_is_one_of_each_accounts_agents_that_exist() -> None:
    """Half of four that exist are two at a time; one that is new takes a slot as well."""
    earlier = Took(**{f"{name}_update": [10.0] for name in "abcd"}, e_create=[10])
    jobs = [*(job(name) for name in "abcd"), job("e", "create", found=Absent())]
    assert outlook_of(jobs, Limits(max_unavailable=Share(50)), earlier).left(0) == 30


def test_agents_that_do_not_restart_have_a_lane_of_their_own() -> None:
    """They do not wait for a slot: at least five of them are written to at a time."""
    earlier = Took(a_update=[30], p_update=[10], q_update=[10], r_update=[10])
    jobs = [job("a"), *(job(name, rules=PROMPT) for name in "pqr")]
    assert outlook_of(jobs, Limits(max_unavailable=1), earlier).left(0) == 30


def standing(name: str, health: Health, age: float | None) -> Job:
    """An agent that nobody here writes to."""
    return job(name, "none", found=Live("ar-1", {}, health, age_seconds=age))


def test_restarts_of_others_are_measured_from_when_they_began() -> None:
    """10 s ago and 40 s ago, both known to take 60: all of them at the same time."""
    earlier = Took(a_update=[60], b_update=[60])
    jobs = [standing("a", Health.BUSY, 10), standing("b", Health.BUSY, 40)]
    ahead = standby_outlook(jobs, earlier, 100)
    assert (ahead.left_of(of("a"), 100), ahead.left_of(of("b"), 100)) == (50, 20)
    assert ahead.left(110) == 40
    assert ahead.agents == 2


def test_only_a_busy_agent_of_known_age_is_waited_for() -> None:
    """What is ready, not there or of no known age has no restart that could be measured."""
    jobs = [
        standing("ready", Health.READY, 10),
        standing("ageless", Health.BUSY, None),
        job("absent", "none", found=Absent()),
    ]
    ahead: Outlook = standby_outlook(jobs, Took(), 100)
    assert (ahead.agents, ahead.left(100)) == (0, 0)
