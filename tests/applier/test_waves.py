"""What begins before what: waves, their canaries, and the pauses between them."""

import random
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

import anyio

from reconciler.model.live import Found
from reconciler.model.manifest import Desired, OnFailure
from reconciler.model.outcome import Cause, Outcome, Result
from reconciler.model.target import Limits, Wait
from tests.support.applying import BASE, Applying, wanted
from tests.support.memory import Faults, MemoryCloud
from tests.support.shapes import PROMPT
from tests.support.virtual import VirtualClock, run

NEW = {"description": "new"}
BAD = {"description": "bad"}


@dataclass
class Stage:
    """A cloud with these agents, and one apply to it; `outcomes` are by name."""

    limits: Limits = field(default_factory=Limits)
    faults: dict[str, Any] = field(default_factory=dict)
    wait: Wait = field(default_factory=Wait)
    clock: VirtualClock = field(default_factory=VirtualClock)

    def __post_init__(self) -> None:
        self.cloud = MemoryCloud(self.clock, Faults(**self.faults))
        self.applying = Applying(self.clock, self.cloud, limits=self.limits, wait=self.wait)
        self.outcomes: dict[str, Outcome] = {}

    async def apply(self, *targets: Desired) -> None:
        for target in targets:
            if target.address.name not in self.cloud.agents:
                self.cloud.add(target.address.name, dict(BASE))
        outcomes = await self.applying.carry(list(targets))
        self.outcomes = {one.address.name: one for one in outcomes}

    @property
    def results(self) -> list[Result]:
        return [outcome.result for outcome in self.outcomes.values()]

    def begun(self, name: str) -> float:
        """When the first restart of this agent began."""
        return self.cloud.restarts(name)[0][0]

    def ended(self, name: str) -> float:
        """When its last restart ended."""
        return self.cloud.restarts(name)[-1][1]


def played(scene: Callable[[], Awaitable[Stage]]) -> Stage:
    """The stage after the scene."""
    return run(scene)


def test_a_wave_begins_when_the_one_before_is_through() -> None:
    """Lower waves first, whatever the order of the manifests; inside one wave all go at once."""

    async def scene() -> Stage:
        stage = Stage(Limits(max_unavailable=9), {"restart_seconds": 7})
        await stage.apply(
            *(wanted(f"c{i}", NEW, wave=7) for i in range(2)),
            *(wanted(f"a{i}", NEW) for i in range(3)),
            *(wanted(f"b{i}", NEW, wave=1) for i in range(2)),
        )
        return stage

    stage = played(scene)
    assert set(stage.results) == {Result.CHANGED}
    a, b, c = (("a0", "a1", "a2"), ("b0", "b1"), ("c0", "c1"))
    for first, second in ((a, b), (b, c)):
        assert min(map(stage.begun, second)) >= max(map(stage.ended, first))
        assert max(map(stage.begun, first)) - min(map(stage.begun, first)) < 1


def test_an_agent_in_sync_holds_no_wave_up() -> None:
    """A wave without anything to write is through at once, and without a pause."""

    async def scene() -> Stage:
        stage = Stage(Limits(wave_pause_seconds=600))
        same = {"description": BASE["description"]}
        await stage.apply(wanted("a", same), wanted("b", same, wave=1), wanted("c", NEW, wave=2))
        return stage

    stage = played(scene)
    assert stage.results == [Result.UNCHANGED, Result.UNCHANGED, Result.CHANGED]
    assert stage.begun("c") < 5


def test_a_pause_lies_between_two_waves_that_write() -> None:
    """It is counted from the end of the wave before, told, and comes after no last wave."""

    async def scene() -> Stage:
        stage = Stage(Limits(wave_pause_seconds=90), {"restart_seconds": 10})
        await stage.apply(wanted("a", NEW), wanted("b", NEW, wave=1))
        assert stage.clock.monotonic() < stage.ended("b") + 20
        return stage

    stage = played(scene)
    assert 90 <= stage.begun("b") - stage.ended("a") < 110
    notes = [said.text for said in stage.applying.watcher.seen if said.phase == "note"]
    assert notes == ["wave 1 begins after a pause of 90 s (limits.wavePause)"]


def test_a_stop_ends_a_pause() -> None:
    """The rest is skipped as interrupted, at once."""

    async def scene() -> Stage:
        stage = Stage(Limits(wave_pause_seconds=3600), {"restart_seconds": 5})
        async with anyio.create_task_group() as group:
            group.start_soon(stage.apply, wanted("a", NEW), wanted("b", NEW, wave=1))
            await stage.clock.sleep(60)
            stage.applying.stop.set()
        assert stage.clock.monotonic() < 61
        return stage

    stage = played(scene)
    assert stage.results == [Result.CHANGED, Result.SKIPPED]
    assert stage.outcomes["b"].cause is Cause.INTERRUPTED


def test_a_halted_run_skips_the_waves_that_have_not_begun() -> None:
    """Too many failures in one wave: the later ones are told why, without a pause."""

    async def scene() -> Stage:
        stage = Stage(Limits(max_failures=1, wave_pause_seconds=900), {"fails_with": {"bad"}})
        await stage.apply(
            wanted("a", BAD), wanted("b", BAD), wanted("c", NEW, wave=1), wanted("d", NEW, wave=2)
        )
        assert stage.clock.monotonic() < 60
        return stage

    stage = played(scene)
    assert stage.results == [Result.FAILED, Result.FAILED, Result.SKIPPED, Result.SKIPPED]
    assert "2 agents failed" in stage.outcomes["d"].reason
    assert not [said for said in stage.applying.watcher.seen if said.phase == "note"]


def test_an_agent_whose_turn_will_not_come_is_not_read_again() -> None:
    """A fleet that is halted costs no request for each of its agents."""

    async def scene() -> Stage:
        stage = Stage(Limits(max_failures=1, canary=1), {"fails_with": {"bad"}})
        rest = [wanted(f"b{i}", NEW) for i in range(50)]
        await stage.apply(wanted("a", BAD), *rest)
        assert stage.cloud.reads < 51 + 30
        return stage

    assert played(scene).results == [Result.FAILED, *50 * [Result.SKIPPED]]


def test_a_halt_ends_a_pause() -> None:
    """Agents of a later wave that stay busy fail while a pause lasts: the rest need not wait."""

    async def scene() -> Stage:
        limits = Limits(max_unavailable=9, max_failures=1, wave_pause_seconds=3600)
        stage = Stage(limits, {"sticks_with": {"old"}, "restart_seconds": 5}, Wait(60))
        later = [wanted(f"b{i}", NEW, wave=1) for i in range(3)]
        for one in later:
            stage.cloud.add(one.address.name, dict(BASE))
        for one in later[:2]:
            stage.cloud._apply(one.address.name, {"isolated": True}, stage.clock.monotonic())
        await stage.apply(wanted("a", NEW), *later)
        assert stage.clock.monotonic() < 90
        return stage

    stage = played(scene)
    timed_out = 2 * [Result.TIMED_OUT]
    assert stage.results == [Result.CHANGED, *timed_out, Result.SKIPPED]


def test_one_failure_that_is_allowed_does_not_keep_the_next_wave() -> None:
    """Independent agents go on: maxFailures is the only bound between waves."""

    async def scene() -> Stage:
        stage = Stage(faults={"fails_with": {"bad"}})
        await stage.apply(wanted("a", BAD), wanted("b", NEW, wave=1))
        return stage

    assert played(scene).results == [Result.FAILED, Result.CHANGED]


def test_a_failure_with_continue_counts_for_nothing() -> None:
    """onFailure: continue takes an agent out of maxFailures; the agent is told as failed."""

    async def scene() -> Stage:
        stage = Stage(Limits(max_unavailable=1, max_failures=1), {"fails_with": {"bad"}})
        more = [wanted(f"b{i}", BAD, on_failure=OnFailure.CONTINUE) for i in range(4)]
        await stage.apply(*more, wanted("c", NEW))
        return stage

    stage = played(scene)
    assert stage.results == [*4 * [Result.FAILED], Result.CHANGED]
    assert stage.outcomes["b0"].cause is Cause.AGENT_FAILED


def test_the_canaries_of_each_wave_are_back_before_its_rest_begins() -> None:
    """The first N that are to be written, in the order of the manifests, in every wave."""

    async def scene() -> Stage:
        stage = Stage(Limits(max_unavailable=9, canary=2), {"restart_seconds": 12})
        first = [wanted(f"a{i}", NEW) for i in range(5)]
        same = wanted("same", {"description": BASE["description"]})
        await stage.apply(same, *first, *(wanted(f"b{i}", NEW, wave=1) for i in range(3)))
        return stage

    stage = played(scene)
    assert set(stage.results) == {Result.UNCHANGED, Result.CHANGED}
    for wave, size in (("a", 5), ("b", 3)):
        back = max(stage.ended(f"{wave}{i}") for i in range(2))
        assert min(stage.begun(f"{wave}{i}") for i in range(2, size)) >= back
    assert stage.begun("b0") >= max(stage.ended(f"a{i}") for i in range(5))


def test_a_canary_that_fails_stops_everything_else() -> None:
    """However many failures are allowed, and whatever its manifest says to do on failure."""

    async def scene() -> Stage:
        stage = Stage(Limits(canary=1, max_failures=99), {"fails_with": {"bad"}})
        bad = wanted("a", BAD, on_failure=OnFailure.CONTINUE)
        await stage.apply(bad, wanted("b", NEW), wanted("c", NEW, wave=1))
        assert len(stage.cloud.writes) == 1
        return stage

    stage = played(scene)
    assert stage.results == [Result.FAILED, Result.SKIPPED, Result.SKIPPED]
    said = "not started: the canary Runtime/a of wave 0 is not back as declared (failed)"
    assert [stage.outcomes[name].reason for name in "bc"] == [said, said]


def test_a_canary_that_is_not_kept_stops_the_rest() -> None:
    """Back is not enough: it must be as declared."""

    async def scene() -> Stage:
        stage = Stage(Limits(canary=1, max_failures=9), {"not_kept": {"description"}})
        await stage.apply(wanted("a", NEW), wanted("b", NEW))
        return stage

    assert played(scene).results == [Result.NOT_KEPT, Result.SKIPPED]


def test_a_canary_that_needs_no_write_hands_its_turn_on() -> None:
    """Without a write it shows nothing: the next agent is written first, alone."""

    async def scene() -> Stage:
        stage = Stage(Limits(max_unavailable=9, canary=1), {"restart_seconds": 9})

        def permit(job: Any, _plan: Any, _found: Found) -> str:
            return "a freeze" if job.desired.address.name == "a" else ""

        stage.applying = replace(stage.applying, permit=permit)
        await stage.apply(wanted("a", NEW), *(wanted(f"b{i}", NEW) for i in range(3)))
        return stage

    stage = played(scene)
    assert stage.results == [Result.SKIPPED, *3 * [Result.CHANGED]]
    assert min(stage.begun("b1"), stage.begun("b2")) >= stage.ended("b0")


def test_busy_agents_of_later_waves_do_not_starve_the_first() -> None:
    """They hold slots while somebody else's restart lasts, and give them back before their turn."""

    async def scene() -> Stage:
        stage = Stage(Limits(max_unavailable=2, canary=1), {"restart_seconds": 40})
        later = [wanted(f"b{i}", NEW, wave=1) for i in range(3)]
        for one in later:
            stage.cloud.add(one.address.name, dict(BASE))
            stage.cloud._apply(one.address.name, {"isolated": True}, stage.clock.monotonic())
        await stage.apply(wanted("a", NEW), *later)
        return stage

    stage = played(scene)
    assert set(stage.results) == {Result.CHANGED}
    assert min(stage.cloud.restarts(f"b{i}")[-1][0] for i in range(3)) >= stage.ended("a")


def test_kinds_without_a_restart_keep_the_order_and_take_no_slot() -> None:
    """An agent that does not restart waits for its wave, and for no restart inside of it."""

    async def scene() -> Stage:
        stage = Stage(Limits(max_unavailable=1), {"restart_seconds": 50})
        first, later = wanted("a", NEW), wanted("z", NEW, wave=1)
        prompts = [wanted(f"p{i}", NEW) for i in range(3)]
        stage.applying.rules_of = lambda one: (
            replace(stage.applying.rules, readiness=PROMPT.readiness)
            if one.address.name in "p0p1p2z"
            else stage.applying.rules
        )
        await stage.apply(first, wanted("a2", NEW), *prompts, later)
        return stage

    stage = played(scene)
    assert set(stage.results) == {Result.CHANGED}
    assert max(stage.begun(f"p{i}") for i in range(3)) < 5
    assert stage.begun("z") >= max(stage.ended("a"), stage.ended("a2"))


def test_random_waves_keep_their_laws() -> None:
    """Order of waves, canaries first, the pause and the slots, by the cloud's own history."""
    first = secrets.randbelow(10**9)
    for seed in range(first, first + 60):
        run(lambda seed=seed: _random(seed))  # type: ignore[misc]


async def _random(seed: int) -> None:
    chance = random.Random(seed)
    limits = Limits(
        max_unavailable=chance.randint(1, 4),
        max_failures=9,
        canary=chance.choice((0, 0, 1, 2, 3)),
        wave_pause_seconds=chance.choice((0.0, 25.0)),
    )
    seconds = chance.choice((0.2, 3.0, 17.0))
    stage = Stage(limits, {"restart_seconds": seconds})
    targets = [
        wanted(f"n{i}", NEW if chance.random() < 0.8 else {"cpu": 2}, wave=chance.choice((0, 1, 5)))
        for i in range(chance.randint(1, 9))
    ]
    await stage.apply(*targets)
    assert set(stage.results) <= {Result.CHANGED, Result.UNCHANGED}, seed
    written = [one for one in targets if one.spec == NEW]
    waves = {
        wave: [o.address.name for o in written if o.rollout.wave == wave] for wave in (0, 1, 5)
    }
    through = float("-inf")
    for names in filter(None, waves.values()):
        begun = sorted(map(stage.begun, names))
        assert begun[0] >= through, seed
        canaries, rest = names[: limits.canary], names[limits.canary :]
        if canaries and rest:
            assert min(map(stage.begun, rest)) >= max(map(stage.ended, canaries)), seed
        through = max(map(stage.ended, names)) + limits.wave_pause_seconds
    spans = [span for one in written for span in stage.cloud.restarts(one.address.name)]
    peak = max((sum(b <= at < e for b, e in spans) for at, _ in spans), default=0)
    assert isinstance(limits.max_unavailable, int)
    assert peak <= limits.max_unavailable, seed
