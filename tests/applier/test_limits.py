"""How many at once, and what keeps the rest from starting."""

from typing import Any

import anyio

from reconciler.model.outcome import Cause, Outcome, Result
from reconciler.model.target import Limits, Share, Wait
from tests.support.applying import BASE, Applying, cloud
from tests.support.memory import Faults, MemoryCloud
from tests.support.virtual import VirtualClock, run


def test_past_the_failures_allowed_nothing_new_starts() -> None:
    """One failure is borne; the second stops what has not begun."""

    async def scene() -> list[Outcome]:
        memory, applying = cloud(fail_restart=True, restart_seconds=2)
        names = [f"n{i}" for i in range(6)]
        for name in names:
            memory.add(name, dict(BASE))
        applying.limits = Limits(max_unavailable=1)
        return await applying.apply({name: {"description": "new"} for name in names})

    results = [outcome.result for outcome in run(scene)]
    assert results == 2 * [Result.FAILED] + 4 * [Result.SKIPPED]


def test_never_more_restart_at_once_than_allowed() -> None:
    """Refilling slots: the limit holds at every moment, and all get done."""

    async def scene() -> int:
        clock = VirtualClock()
        memory = MemoryCloud(clock, Faults(restart_seconds=7))
        names = [f"n{i}" for i in range(23)]
        for name in names:
            memory.add(name, dict(BASE))
        applying = Applying(clock, memory, limits=Limits(max_unavailable=4))
        outcomes = await applying.apply({name: {"description": "new"} for name in names})
        assert all(outcome.result is Result.CHANGED for outcome in outcomes)
        spans = [memory.restarts(name)[0] for name in names]
        return max(sum(b <= at < e for b, e in spans) for at, _ in spans)

    assert run(scene) == 4


def test_agents_that_restart_already_hold_a_slot() -> None:
    """Restarts that somebody else began count: the limit holds over all agents of the run."""

    async def scene() -> int:
        clock = VirtualClock()
        memory = MemoryCloud(clock, Faults(restart_seconds=30))
        busy, free = [f"b{i}" for i in range(4)], [f"f{i}" for i in range(5)]
        for name in busy + free:
            memory.add(name, dict(BASE))
        for name in busy:
            memory._apply(name, {"isolated": True}, clock.monotonic())
        applying = Applying(clock, memory, limits=Limits(max_unavailable=5))
        outcomes = await applying.apply({name: {"description": "new"} for name in busy + free})
        assert all(outcome.result is Result.CHANGED for outcome in outcomes)
        spans = [span for name in busy + free for span in memory.restarts(name)]
        return max(sum(b <= at < e for b, e in spans) for at, _ in spans)

    assert run(scene) == 5


def test_agents_that_may_be_restarting_hold_a_slot_too() -> None:
    """Young agents whose old READY still shows, and busy ones that are blocked: all count."""

    async def scene() -> int:
        clock = VirtualClock()
        memory = MemoryCloud(clock, Faults(restart_seconds=40, stale_status_seconds=5))
        young, free = [f"y{i}" for i in range(4)], [f"f{i}" for i in range(4)]
        for name in young + free:
            memory.add(name, dict(BASE, artifactType="Code"))
        for name in young:
            memory._apply(name, {"isolated": True}, clock.monotonic())
        await clock.sleep(0.5)
        applying = Applying(clock, memory, limits=Limits(max_unavailable=4))
        states: dict[str, dict[str, Any]] = {name: {"description": "new"} for name in free}
        states |= {name: {"description": "new"} for name in young[:2]}
        states |= {name: {"artifactType": "Container"} for name in young[2:]}
        outcomes = await applying.apply(states)
        results = [outcome.result for outcome in outcomes]
        assert (results.count(Result.CHANGED), results.count(Result.BLOCKED)) == (6, 2)
        spans = [span for name in young + free for span in memory.restarts(name)]
        return max(sum(b <= at < e for b, e in spans) for at, _ in spans)

    assert run(scene) == 4


def test_a_restart_that_outlives_its_deadline_keeps_its_slot() -> None:
    """What is still restarting when its time is up leaves no room for another."""

    async def scene() -> list[Outcome]:
        clock = VirtualClock()
        memory = MemoryCloud(clock, Faults(stuck=True))
        names = [f"n{i}" for i in range(5)]
        for name in names:
            memory.add(name, dict(BASE))
        limits = Limits(max_unavailable=2, max_failures=9)
        applying = Applying(clock, memory, limits=limits, wait=Wait(timeout_seconds=30))
        outcomes = await applying.apply({name: {"description": "new"} for name in names})
        assert len(memory.writes) == 2
        return outcomes

    results = [outcome.result for outcome in run(scene)]
    assert results == 2 * [Result.TIMED_OUT] + 3 * [Result.SKIPPED]


def test_a_stop_finishes_the_record_and_starts_nothing_new() -> None:
    """Waits end at once, what was written is named, what was not is skipped."""

    async def scene() -> list[Outcome]:
        memory, applying = cloud(restart_seconds=300)
        memory.add("b", dict(BASE))
        applying.limits = Limits(max_unavailable=1)
        outcomes: list[Outcome] = []
        async with anyio.create_task_group() as group:

            async def work() -> None:
                outcomes.extend(
                    await applying.apply({n: {"description": "new"} for n in ("bot", "b")})
                )

            group.start_soon(work)
            await memory.clock.sleep(30)
            applying.stop.set()
        assert memory.clock.monotonic() < 31
        assert len(memory.writes) == 1
        return outcomes

    first, second = run(scene)
    assert (first.result, first.cause) == (Result.INTERRUPTED, Cause.INTERRUPTED)
    assert (second.result, second.cause) == (Result.SKIPPED, Cause.INTERRUPTED)


def test_an_error_of_our_own_stops_what_has_not_begun() -> None:
    """An internal error ends its agent as unknown, and nothing new is written after it."""

    async def scene() -> list[Outcome]:
        memory, applying = cloud()
        names = ("bot", "b", "c")
        for name in names[1:]:
            memory.add(name, dict(BASE))

        async def breaks(name: str, body: dict[str, Any], *, new: bool = False) -> None:
            memory.writes.append((memory.clock.monotonic(), name, body))
            raise ZeroDivisionError("CANARY")

        memory._write = breaks  # type: ignore[method-assign]
        applying.limits = Limits(max_unavailable=1, max_failures=9)
        outcomes = await applying.apply({name: {"description": "new"} for name in names})
        assert [name for _, name, _ in memory.writes] == ["bot"]
        return outcomes

    first, *rest = run(scene)
    assert first.result is Result.UNKNOWN
    assert "ZeroDivisionError" in first.reason
    assert "CANARY" not in repr(first)
    assert [outcome.result for outcome in rest] == 2 * [Result.SKIPPED]
    assert all("an internal error" in outcome.reason for outcome in rest)


def test_a_share_holds_for_the_agents_that_exist() -> None:
    """A quarter of nine agents, rounded down, restart at a time."""

    async def scene() -> int:
        clock = VirtualClock()
        memory = MemoryCloud(clock, Faults(restart_seconds=7))
        names = [f"n{i}" for i in range(9)]
        for name in names:
            memory.add(name, dict(BASE))
        applying = Applying(clock, memory, limits=Limits(max_unavailable=Share(25)))
        outcomes = await applying.apply({name: {"description": "new"} for name in names})
        assert all(outcome.result is Result.CHANGED for outcome in outcomes)
        spans = [memory.restarts(name)[0] for name in names]
        return max(sum(b <= at < e for b, e in spans) for at, _ in spans)

    assert run(scene) == 2


def test_no_more_agents_restart_than_allowed_even_where_the_plan_was_another() -> None:
    """What only the read just before the write asks for finds the same bound."""

    async def scene() -> tuple[list[Outcome], int]:
        clock = VirtualClock()
        memory = MemoryCloud(clock, Faults(restart_seconds=7))
        names = [f"n{i}" for i in range(4)]
        for name in names:
            memory.add(name, dict(BASE))
        applying = Applying(clock, memory, limits=Limits(max_restarts=3))
        outcomes = await applying.apply({name: {"description": "new"} for name in names})
        return outcomes, len(memory.writes)

    outcomes, writes = run(scene)
    assert ([one.result for one in outcomes], writes) == (
        3 * [Result.CHANGED] + [Result.SKIPPED],
        3,
    )
    assert outcomes[3].cause is Cause.GUARD
    assert "limits.maxRestarts allows 3 and no more" in outcomes[3].reason


def test_a_write_that_is_sent_again_takes_no_second_share_of_the_bound() -> None:
    """The bound counts agents: one whose first write was lost is still brought to its end."""

    async def scene() -> Outcome:
        _, applying = cloud(lose_before=1)
        applying.limits = Limits(max_restarts=1)
        (outcome,) = await applying.apply({"bot": {"description": "new"}})
        return outcome

    outcome = run(scene)
    assert (outcome.result, outcome.writes) == (Result.CHANGED, 2)


NEW = {"description": "new"}


def test_the_seconds_of_an_agent_are_its_own() -> None:
    """Whoever waits for a slot is not slow for that, and whoever never got one took no time."""

    async def scene() -> list[Outcome]:
        clock = VirtualClock()
        memory = MemoryCloud(clock, Faults(restart_seconds=30))
        for name in ("one", "two", "three", "four"):
            memory.add(name, dict(BASE))
        applying = Applying(clock, memory, limits=Limits(max_unavailable=1))

        found: list[Outcome] = []

        async def stop_later() -> None:
            await clock.sleep(70)
            applying.stop.set()

        async with anyio.create_task_group() as group:
            group.start_soon(stop_later)
            found.extend(await applying.apply(dict.fromkeys(memory.agents, NEW)))
        return found

    one, two, three, four = (outcome.seconds for outcome in run(scene))
    assert 30 < one < 40
    assert 30 < two < 40
    assert 0 < three < 20
    assert four < 1
