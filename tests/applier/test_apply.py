"""Applying on a small cloud with a memory: what it comes to, and what it never does."""

import random
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from reconciler.differ.options import Options
from reconciler.model.errors import AccessDenied, InputError, Locked, NotFound
from reconciler.model.outcome import Cause, Outcome, Result
from reconciler.model.target import Limits, Wait
from reconciler.ports import History, Unfinished
from tests.support.applying import Applying, MemoryJournal
from tests.support.memory import Faults, MemoryCloud
from tests.support.virtual import EPOCH, VirtualClock, run

BASE = {"cpu": 2, "memory": 2048, "port": 8080, "description": "old"}
SEEDS = range(200)


def cloud(**faults: Any) -> tuple[MemoryCloud, Applying]:
    """One agent `bot` in a cloud with these faults."""
    clock = VirtualClock()
    memory = MemoryCloud(clock, Faults(**faults))
    memory.add("bot", dict(BASE))
    return memory, Applying(clock, memory)


def applied(scene: Callable[[], Awaitable[Outcome]]) -> Outcome:
    """The outcome of a scene in virtual time."""
    return run(scene)


def test_an_update_is_one_write_and_ends_when_the_restart_has() -> None:
    """One PUT; success is reported after the restart is over, not before."""

    async def scene() -> Outcome:
        memory, applying = cloud(restart_seconds=20)
        (outcome,) = await applying.apply({"bot": {"description": "new"}})
        (restart,) = memory.restarts("bot")
        assert memory.clock.monotonic() >= restart[1]
        assert memory.tree("bot") == {**BASE, "description": "new"}
        assert [body for _, _, body in memory.writes] == [
            {"cpu": 2, "memory": 2048, "port": 8080, "description": "new"}
        ]
        return outcome

    outcome = applied(scene)
    assert (outcome.result, outcome.restarts) == (Result.CHANGED, 1)
    assert outcome.seconds < 24


def test_a_second_apply_writes_nothing() -> None:
    """What is in sync is not touched, at once, though it was updated seconds ago."""

    async def scene() -> Outcome:
        memory, applying = cloud()
        await applying.apply({"bot": {"description": "new"}})
        stamp = memory.agents["bot"].history[-1][0]
        journal = MemoryJournal(earlier=History(seen_back={"example/v1/Runtime/bot": stamp}))
        second = applying.again()
        second.journal = journal
        before = memory.clock.monotonic()
        (outcome,) = await second.apply({"bot": {"description": "new"}})
        assert memory.clock.monotonic() - before < 1
        assert len(memory.writes) == 1
        return outcome

    assert applied(scene).result is Result.UNCHANGED


@pytest.mark.parametrize("where", ["status", "read", "both"])
def test_a_stale_ready_never_ends_the_wait(where: str) -> None:
    """200 restarts behind a stale READY shorter than the settle window: no early success."""
    early = 0
    for seed in SEEDS:
        chance = random.Random(seed)
        stale, restart = chance.uniform(0, 14.5), chance.uniform(0.2, 90)
        half = stale / 2 if where == "both" else stale
        faults = {
            "stale_status_seconds": half if where in ("status", "both") else 0.0,
            "stale_read_seconds": half if where in ("read", "both") else 0.0,
            "restart_seconds": restart,
        }

        async def scene(faults: dict[str, float] = faults, seed: int = seed) -> bool:
            memory, applying = cloud(**faults)
            (outcome,) = await applying.apply({"bot": {"description": "new"}})
            assert outcome.result is Result.CHANGED, (seed, outcome)
            assert outcome.restarts == len(memory.restarts("bot")) == 1
            return memory.clock.monotonic() < memory.restarts("bot")[0][1]

        early += run(scene)
    assert early == 0


def test_a_replica_that_is_behind_never_ends_the_wait() -> None:
    """Two reads of three are old: READY with the old stamp, between reads that show the restart."""
    for seed in SEEDS:
        chance = random.Random(seed)
        faults = {
            "lagging_replica_seconds": chance.uniform(0, 60),
            "restart_seconds": chance.uniform(5, 90),
        }

        async def scene(faults: dict[str, float] = faults, seed: int = seed) -> None:
            memory, applying = cloud(**faults)
            (outcome,) = await applying.apply({"bot": {"description": "new"}})
            assert outcome.result is Result.CHANGED, (seed, outcome)
            assert memory.clock.monotonic() >= memory.restarts("bot")[0][1], seed

        run(scene)


def test_an_equal_stamp_counts_only_after_the_settle_window() -> None:
    """A cloud whose stamp does not move is believed when the settle window is over."""

    async def scene() -> Outcome:
        _, applying = cloud(restart_seconds=4, stamps_move=False)
        (outcome,) = await applying.apply({"bot": {"description": "new"}})
        return outcome

    outcome = applied(scene)
    assert outcome.result is Result.CHANGED
    assert 15 <= outcome.seconds < 17


def test_values_that_show_late_are_no_loss() -> None:
    """New stamp and READY, old values: nothing is called "not kept" before the settle window ends."""

    async def scene() -> Outcome:
        _, applying = cloud(restart_seconds=2, stale_values_seconds=12)
        (outcome,) = await applying.apply({"bot": {"description": "new"}})
        return outcome

    assert applied(scene).result is Result.CHANGED


def test_an_effect_between_the_doubt_and_the_second_write_counts_as_ours() -> None:
    """When the read before the second write shows the effect, there is no second write."""
    caught = 0
    for late in range(1500, 1620):

        async def scene(late: float = late / 100) -> int:
            memory, applying = cloud(lose_before=1, late_effect_seconds=late, restart_seconds=9)
            (outcome,) = await applying.apply({"bot": {"description": "new"}})
            assert outcome.result is Result.CHANGED, late
            assert memory.clock.monotonic() >= memory.restarts("bot")[0][1], late
            return len(memory.writes)

        caught += run(scene) == 1
    assert 0 < caught < 120


def test_a_restart_too_short_to_see_never_hangs() -> None:
    """200 restarts that no read catches: success when the settle window is over."""
    for seed in SEEDS:
        restart = random.Random(seed).uniform(0, 0.9)

        async def scene(restart: float = restart) -> Outcome:
            _, applying = cloud(restart_seconds=restart)
            (outcome,) = await applying.apply({"bot": {"description": "new"}})
            return outcome

        outcome = run(scene)
        assert outcome.result is Result.CHANGED, seed
        assert outcome.seconds < 17, seed


@pytest.mark.parametrize(("fault", "writes"), [("lose_after", 1), ("lose_before", 2)])
def test_a_lost_reply_is_resolved_by_reading(fault: str, writes: int) -> None:
    """200 lost replies each way: nothing lost, nothing failed, no needless restart."""
    for seed in SEEDS:
        chance = random.Random(seed)
        faults = {
            fault: 1,
            "restart_seconds": chance.uniform(0.2, 60),
            "stale_read_seconds": chance.choice([0, chance.uniform(0, 10)]),
        }

        async def scene(faults: dict[str, Any] = faults, seed: int = seed) -> Outcome:
            memory, applying = cloud(**faults)
            (outcome,) = await applying.apply({"bot": {"description": "new"}})
            assert memory.tree("bot")["description"] == "new", seed
            assert len(memory.writes) == writes, seed
            assert len(memory.restarts("bot")) == 1, seed
            return outcome

        outcome = run(scene)
        assert (outcome.result, outcome.restarts) == (Result.CHANGED, 1), seed
        assert outcome.notes, seed


def test_a_late_effect_costs_a_second_restart_only_past_the_in_doubt_time() -> None:
    """200 effects that come late: no lost update; an extra restart only when too late, and told."""
    for seed in SEEDS:
        chance = random.Random(seed)
        late, restart = chance.uniform(0.5, 30), chance.uniform(1, 40)
        faults = {"lose_before": 1, "late_effect_seconds": late, "restart_seconds": restart}

        async def scene(
            faults: dict[str, Any] = faults, seed: int = seed, late: float = late
        ) -> None:
            memory, applying = cloud(**faults)
            (outcome,) = await applying.apply({"bot": {"description": "new"}})
            await memory.clock.sleep(60)
            assert outcome.result is Result.CHANGED, seed
            assert memory.tree("bot")["description"] == "new", seed
            restarts = len(memory.restarts("bot"))
            if late < 15:
                assert (restarts, len(memory.writes)) == (1, 1), seed
            else:
                assert restarts <= 2, seed
            if restarts == 2:
                assert any("written twice" in note for note in outcome.notes), seed

        run(scene)


def test_two_lost_writes_are_the_end_of_it() -> None:
    """A write in doubt is repeated once, never more."""

    async def scene() -> Outcome:
        memory, applying = cloud(lose_before=5)
        (outcome,) = await applying.apply({"bot": {"description": "new"}})
        assert len(memory.writes) == 2
        return outcome

    outcome = applied(scene)
    assert (outcome.result, outcome.cause) == (Result.FAILED, Cause.CLOUD)


def test_a_failed_restart_is_told_with_its_reason() -> None:
    """FAILED after the restart ends the wait and the run with exit code 5's cause."""

    async def scene() -> Outcome:
        memory, applying = cloud(fail_restart=True, restart_seconds=3)
        (outcome,) = await applying.apply({"bot": {"description": "new"}})
        assert memory.clock.monotonic() < 10
        return outcome

    outcome = applied(scene)
    assert (outcome.result, outcome.cause) == (Result.FAILED, Cause.AGENT_FAILED)
    assert "the image cannot be pulled" in outcome.reason


def test_an_old_failure_is_not_taken_for_the_new_one() -> None:
    """With the new values the status can still be the old failure: the restart decides."""

    async def scene() -> Outcome:
        clock = VirtualClock()
        memory = MemoryCloud(clock, Faults(restart_seconds=30, stale_status_seconds=8))
        memory.add("bot", dict(BASE), failed=True)
        (outcome,) = await Applying(clock, memory).apply({"bot": {"description": "new"}})
        return outcome

    assert applied(scene).result is Result.CHANGED


def test_a_restart_that_never_ends_meets_the_deadline() -> None:
    """Stuck in UPDATING: exit code 6's cause after the timeout, with the status."""

    async def scene() -> Outcome:
        _, applying = cloud(stuck=True)
        (outcome,) = await applying.apply({"bot": {"description": "new"}})
        return outcome

    outcome = applied(scene)
    assert (outcome.result, outcome.cause) == (Result.TIMED_OUT, Cause.TIME)
    assert 600 <= outcome.seconds < 603
    assert "BUSY" in outcome.reason


def test_a_value_that_the_cloud_does_not_keep_is_a_finding_of_its_own() -> None:
    """Answered with success and still different after the settle window: not kept."""

    async def scene() -> Outcome:
        memory, applying = cloud(not_kept=frozenset({"description"}))
        (outcome,) = await applying.apply({"bot": {"description": "new"}})
        lines = [line for line in applying.journal.lines if line["event"] == "write-ended"]
        digest = lines[0]["digest"]
        earlier = History(not_kept={"example/v1/Runtime/bot": (digest, ("/description",))})
        again = applying.again()
        again.journal = MemoryJournal(earlier=earlier)
        (blocked,) = await again.apply({"bot": {"description": "new"}})
        assert blocked.result is Result.BLOCKED
        assert len(memory.writes) == 1
        return outcome

    outcome = applied(scene)
    assert (outcome.result, outcome.cause) == (Result.NOT_KEPT, Cause.CLOUD)
    assert "/description" in outcome.reason


def test_a_cloud_that_replaces_stops_the_run() -> None:
    """A field that went away without being sent: not kept, and no further write."""

    async def scene() -> list[Outcome]:
        memory, applying = cloud(replaces=True)
        for name in ("b", "c", "d"):
            memory.add(name, dict(BASE))
        applying.limits = Limits(max_unavailable=1)
        outcomes = await applying.apply({n: {"isolated": True} for n in ("bot", "b", "c", "d")})
        assert len(memory.writes) == 1
        return outcomes

    outcomes = run(scene)
    assert [o.result for o in outcomes] == [Result.NOT_KEPT] + 3 * [Result.SKIPPED]
    assert "/description" in outcomes[0].reason


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


def test_what_is_busy_is_waited_for_and_planned_again() -> None:
    """Somebody else's restart ends first; then the fresh read decides."""

    async def scene() -> Outcome:
        memory, applying = cloud(restart_seconds=40)
        memory._apply("bot", {"memory": 4096}, memory.clock.monotonic())
        (outcome,) = await applying.apply({"bot": {"description": "new"}})
        first, second = memory.restarts("bot")
        assert second[0] >= first[1]
        assert memory.writes[0][2]["memory"] == 4096
        return outcome

    assert applied(scene).result is Result.CHANGED


def test_a_refusal_of_a_busy_agent_is_planned_once_more() -> None:
    """A 4xx while somebody else's restart shows is waited out."""

    async def scene() -> Outcome:
        memory, applying = cloud(refuse_while_busy=True, restart_seconds=9)
        original = memory._write

        async def console_first(name: str, body: dict[str, Any], *, new: bool = False) -> None:
            memory._write = original  # type: ignore[method-assign]
            memory._apply("bot", {"isolated": True}, memory.clock.monotonic())
            await original(name, body, new=new)

        memory._write = console_first  # type: ignore[method-assign]
        (outcome,) = await applying.apply({"bot": {"description": "new"}})
        assert memory.tree("bot")["isolated"] is True
        assert len(memory.writes) == 1
        return outcome

    outcome = applied(scene)
    assert (outcome.result, outcome.restarts) == (Result.CHANGED, 1)


@pytest.mark.parametrize(
    ("refusal", "result", "cause"),
    [
        (Locked("Update", "published", status=400, code="X"), Result.BLOCKED, Cause.GUARD),
        (AccessDenied("Update", "no", status=403), Result.FAILED, Cause.CREDENTIALS),
    ],
)
def test_final_refusals_have_their_own_words(refusal: Any, result: Result, cause: Cause) -> None:
    """A locked agent is blocked; a missing permission is a matter of credentials."""

    async def scene() -> Outcome:
        _, applying = cloud(refusal=refusal)
        (outcome,) = await applying.apply({"bot": {"description": "new"}})
        return outcome

    outcome = applied(scene)
    assert (outcome.result, outcome.cause, outcome.restarts) == (result, cause, 0)


def test_a_killed_runs_restart_is_waited_for_behind_its_old_ready() -> None:
    """The record names the write: no success before that restart is over."""
    for seed in SEEDS:
        chance = random.Random(seed)
        stale, restart, gap = chance.uniform(0, 14), chance.uniform(1, 60), chance.uniform(0, 3)

        async def scene(
            stale: float = stale, restart: float = restart, gap: float = gap, seed: int = seed
        ) -> None:
            memory, applying = cloud(
                stale_status_seconds=stale, restart_seconds=restart, tells_age=False
            )
            stamp = memory.agents["bot"].history[-1][0]
            memory._apply("bot", {"description": "new"}, memory.clock.monotonic())
            await memory.clock.sleep(gap)
            left = Unfinished("killed", EPOCH, stamp)
            applying.journal.earlier = History(unfinished={"example/v1/Runtime/bot": left})
            (outcome,) = await applying.apply({"bot": {"description": "new"}})
            assert outcome.result is Result.UNCHANGED, seed
            assert memory.clock.monotonic() >= memory.restarts("bot")[0][1], seed
            assert memory.writes == [], seed

        run(scene)


def test_without_a_record_a_young_agent_is_waited_for() -> None:
    """In CI there is no record: the agent's own age makes the run look twice."""

    async def scene() -> Outcome:
        memory, applying = cloud(stale_status_seconds=10, restart_seconds=30)
        memory._apply("bot", {"description": "new"}, memory.clock.monotonic())
        (outcome,) = await applying.apply({"bot": {"description": "new"}})
        assert memory.clock.monotonic() >= memory.restarts("bot")[0][1]
        return outcome

    assert applied(scene).result is Result.UNCHANGED


def test_a_failed_agent_stays_failed_on_every_run() -> None:
    """Equal but FAILED ends each run with exit code 5's cause, and --retry-failed writes once."""

    async def scene() -> None:
        clock = VirtualClock()
        memory = MemoryCloud(clock, Faults(restart_seconds=2))
        memory.add("bot", dict(BASE), failed=True)
        applying = Applying(clock, memory)
        for _ in range(3):
            (outcome,) = await applying.again().apply({"bot": {"description": "old"}})
            assert (outcome.result, outcome.cause) == (Result.FAILED, Cause.AGENT_FAILED)
        assert memory.writes == []

    run(scene)


def test_creating_waits_like_an_update_and_counts_no_restart() -> None:
    """An absent agent is created once and followed until it is ready."""

    async def scene() -> Outcome:
        clock = VirtualClock()
        memory = MemoryCloud(clock, Faults(restart_seconds=12))
        spec = {"cpu": 1, "artifactType": "Container", "container": {"image": "i"}}
        (outcome,) = await Applying(clock, memory).apply({"bot": spec})
        assert clock.monotonic() >= 12
        return outcome

    outcome = applied(scene)
    assert (outcome.result, outcome.restarts, outcome.writes) == (Result.CREATED, 0, 1)


@pytest.mark.parametrize(("fault", "writes"), [("lose_after", 1), ("lose_before", 2)])
def test_an_ambiguous_creation_never_makes_two(fault: str, writes: int) -> None:
    """A lost reply to a creation is resolved by looking for the name."""

    async def scene() -> Outcome:
        clock = VirtualClock()
        memory = MemoryCloud(clock, Faults(**{fault: 1}))  # type: ignore[arg-type]
        spec = {"cpu": 1, "artifactType": "Container", "container": {"image": "i"}}
        (outcome,) = await Applying(clock, memory).apply({"bot": spec})
        assert len(memory.writes) == writes
        return outcome

    assert applied(scene).result is Result.CREATED


def test_a_stop_finishes_the_record_and_starts_nothing_new() -> None:
    """Waits end at once, what was written is named, what was not is skipped."""

    async def scene() -> list[Outcome]:
        import anyio

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


def test_reads_that_fail_for_a_while_do_not_end_the_wait() -> None:
    """A cloud that answers 500 for some reads after the write is borne."""

    async def scene() -> Outcome:
        memory, applying = cloud(restart_seconds=10)

        async def trouble() -> None:
            await memory.clock.sleep(2)
            memory.faults.unread = 4

        import anyio

        async with anyio.create_task_group() as group:
            group.start_soon(trouble)
            (outcome,) = await applying.apply({"bot": {"description": "new"}})
        return outcome

    assert applied(scene).result is Result.CHANGED


def test_an_outcome_is_told_even_where_the_record_cannot_be_finished() -> None:
    """A disk that fills up in the end takes nothing from the report."""

    class FullAtTheEnd(MemoryJournal):
        def write(self, event: dict[str, Any]) -> None:
            if event["event"] == "run-ended":
                raise InputError("the record of this run cannot be kept")
            super().write(event)

    async def scene() -> Outcome:
        _, applying = cloud()
        applying.journal = FullAtTheEnd()
        (outcome,) = await applying.apply({"bot": {"description": "new"}})
        assert "cannot be kept" in applying.watcher.seen[-1].text
        return outcome

    assert applied(scene).result is Result.CHANGED


def test_the_record_holds_every_step_and_no_secret() -> None:
    """Intended before, answered after, ended at the end; sealed values stay sealed."""
    from reconciler.model.sealed import Sealed

    async def scene() -> list[dict[str, Any]]:
        _, applying = cloud()
        await applying.apply({"bot": {"environmentVariables": {"KEY": Sealed("CANARY")}}})
        return applying.journal.lines

    lines = run(scene)
    assert [line["event"] for line in lines] == [
        "run-planned",
        "write-intended",
        "write-answered",
        "write-ended",
        "run-ended",
    ]
    assert lines[-1]["results"] == {"changed": 1}
    assert "CANARY" not in repr(lines)
    assert lines[1]["body"]["environmentVariables"] == {"KEY": "(sealed)"}


def test_an_agent_may_have_its_own_timeout() -> None:
    """rollout.timeout overrides the target's."""
    from tests.support.applying import wanted

    async def scene() -> Outcome:
        _, applying = cloud(stuck=True)
        applying.wait = Wait(timeout_seconds=500)
        (outcome,) = await applying.carry([wanted("bot", {"description": "new"}, timeout=40)])
        return outcome

    assert 40 <= applied(scene).seconds < 43


def test_what_can_no_longer_be_read_is_not_taken_for_applied() -> None:
    """A lost write of a field that the reads then leave out is unknown, and is not repeated."""

    async def scene() -> Outcome:
        memory, applying = cloud(lose_before=1, hides=frozenset({"protocol"}))
        memory.agents["bot"].tree["protocol"] = {"type": "HTTP"}
        memory.agents["bot"].history[0][1]["protocol"] = {"type": "HTTP"}
        (outcome,) = await applying.apply({"bot": {"protocol": {"type": "MCP"}}})
        assert len(memory.writes) == 1
        return outcome

    outcome = applied(scene)
    assert (outcome.result, outcome.cause, outcome.restarts) == (Result.UNKNOWN, Cause.CLOUD, 0)


def test_of_two_fields_the_one_that_shows_decides() -> None:
    """Where another changed field can still be read and has the old value, it is written again."""

    async def scene() -> Outcome:
        memory, applying = cloud(lose_before=1, hides=frozenset({"protocol"}))
        memory.agents["bot"].tree["protocol"] = {"type": "HTTP"}
        memory.agents["bot"].history[0][1]["protocol"] = {"type": "HTTP"}
        spec = {"protocol": {"type": "MCP"}, "description": "new"}
        (outcome,) = await applying.apply({"bot": spec})
        first, second = (body for _, _, body in memory.writes)
        assert first == second  # what the reads leave out is not forgotten
        assert memory.tree("bot")["description"] == "new"
        assert memory.tree("bot")["protocol"] == {"type": "MCP"}
        return outcome

    assert applied(scene).result is Result.CHANGED


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


def test_an_agent_that_is_gone_when_it_is_written_is_looked_for() -> None:
    """A 404 to a write is followed by a read; the outcome says that it does not exist."""

    async def scene() -> Outcome:
        memory, applying = cloud(refusal=NotFound("Update", "does not exist", status=404))
        before = memory.reads
        (outcome,) = await applying.apply({"bot": {"description": "new"}})
        assert memory.reads == before + 3  # the plan's, the one before the write, the one after
        return outcome

    outcome = applied(scene)
    assert (outcome.result, outcome.cause) == (Result.FAILED, Cause.CLOUD)


def test_a_retry_whose_reply_is_lost_is_followed_to_its_end() -> None:
    """Nothing that was sent can be read, but a restart that shows is waited for."""

    async def scene() -> Outcome:
        clock = VirtualClock()
        memory = MemoryCloud(clock, Faults(restart_seconds=20, lose_after=1, fail_restart=True))
        memory.add("bot", dict(BASE), failed=True)
        applying = Applying(clock, memory, options=Options(retry_failed=True))
        (outcome,) = await applying.apply({"bot": {"description": "old"}})
        assert clock.monotonic() >= memory.restarts("bot")[0][1]
        return outcome

    outcome = applied(scene)
    assert (outcome.result, outcome.cause, outcome.restarts) == (
        Result.FAILED,
        Cause.AGENT_FAILED,
        1,
    )
