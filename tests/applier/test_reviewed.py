"""The read just before the write, where a saved plan is carried out: what moved is not written."""

from typing import Any

import anyio

from reconciler.applier.job import Job, Run
from reconciler.applier.run import run as carry_out
from reconciler.applier.stop import Stop
from reconciler.differ.decide import decide
from reconciler.model.manifest import Desired
from reconciler.model.outcome import Cause, Outcome, Result
from reconciler.model.target import Limits
from tests.support.applying import BASE, Applying, cloud, wanted
from tests.support.memory import MemoryCloud
from tests.support.reviewing import bound
from tests.support.shapes import RUNTIME
from tests.support.virtual import run

SPEC = {"description": "new", "memory": 4096}


async def _carry(applying: Applying, targets: list[Desired]) -> list[Outcome]:
    """Plan, take that for reviewed, and carry it out, one agent after the other."""
    jobs = []
    for desired in targets:
        found = await applying.session.read(desired, None)
        decision = decide(desired, found, RUNTIME)
        reviewed = bound(desired, RUNTIME, decision)
        jobs.append(Job(desired, RUNTIME, applying.session, found, decision.plan, reviewed))
    state = Run(
        clock=applying.clock,
        journal=applying.journal,
        observer=applying.watcher,
        wait=applying.wait,
        limits=Limits(max_unavailable=1),
        options=applying.options,
        stop=Stop(),
        reviewed="sha256:abc",
    )
    return await carry_out(jobs, state)


def _two(memory: MemoryCloud) -> list[Desired]:
    memory.add("later", {**BASE, "diskSize": 5})
    return [wanted("bot", SPEC), wanted("later", {**SPEC, "diskSize": 5})]


def _clicked(value: dict[str, Any], **faults: Any) -> tuple[list[Outcome], MemoryCloud, Applying]:
    """While the first agent restarts somebody changes the second one, which waits for its turn."""

    async def scene() -> tuple[list[Outcome], MemoryCloud, Applying]:
        memory, applying = cloud(restart_seconds=60, **faults)
        targets = _two(memory)
        async with anyio.create_task_group() as group:

            async def click() -> None:
                await applying.clock.sleep(30)
                memory._apply("later", {**memory.tree("later"), **value}, 0)

            group.start_soon(click)
            outcomes = await _carry(applying, targets)
        return outcomes, memory, applying

    return run(scene)


def test_a_touched_field_that_moves_during_the_run_blocks_that_agent_alone() -> None:
    """The first one is done, the second is left as somebody made it: blocked, from what to what."""
    (first, second), memory, _ = _clicked({"memory": 3072})
    assert first.result is Result.CHANGED
    assert (second.result, second.cause, second.writes) == (Result.BLOCKED, Cause.GUARD, 0)
    assert "/memory: 2048 when the plan was made, 3072 now" in second.reason
    assert memory.tree("later")["memory"] == 3072


def test_another_field_that_moves_during_the_run_is_carried_along() -> None:
    """What the plan does not touch comes from the read just before the write."""
    (_, second), memory, _ = _clicked({"port": 9090})
    assert (second.result, second.writes) == (Result.CHANGED, 1)
    live = memory.tree("later")
    assert (live["memory"], live["description"], live["port"]) == (4096, "new", 9090)


def test_a_declared_field_that_moves_during_the_run_is_left_and_not_missed() -> None:
    """It was not reviewed, so it is neither written nor found not kept after the write."""
    (_, second), memory, _ = _clicked({"diskSize": 7})
    assert second.result is Result.CHANGED, second.reason
    assert second.notes == ("/diskSize differs now, and is not in the reviewed plan: left alone",)
    assert memory.tree("later")["diskSize"] == 7


def test_a_write_without_effect_is_not_repeated_over_somebody_elses() -> None:
    """The reply was lost, nothing happened, and meanwhile a touched field moved: blocked."""

    async def scene() -> tuple[Outcome, MemoryCloud]:
        memory, applying = cloud(lose_before=1)
        async with anyio.create_task_group() as group:

            async def click() -> None:
                await applying.clock.sleep(1)
                memory._apply("bot", {**memory.tree("bot"), "memory": 3072}, 0)

            group.start_soon(click)
            (outcome,) = await _carry(applying, [wanted("bot", SPEC)])
        return outcome, memory

    outcome, memory = run(scene)
    assert (outcome.result, outcome.cause) == (Result.BLOCKED, Cause.GUARD), outcome
    assert memory.tree("bot")["memory"] == 3072


def test_what_somebody_else_did_meanwhile_is_not_done_again() -> None:
    """The second agent became what it shall be while it waited: no write, and a note."""
    (_, second), memory, _ = _clicked(dict(SPEC))
    assert (second.result, second.writes) == (Result.UNCHANGED, 0)
    assert second.notes == (
        "it is as the reviewed plan wants it already; nothing was left to write",
    )
    assert len(memory.writes) == 1


def test_a_lost_write_under_a_plan_is_still_resolved_by_reading() -> None:
    """Applied or not, the agent ends as reviewed, as without a plan."""
    for fault in ("lose_before", "lose_after"):

        async def scene(name: str = fault) -> tuple[list[Outcome], MemoryCloud]:
            memory, applying = cloud(**{name: 1})
            return await _carry(applying, [wanted("bot", SPEC)]), memory

        (outcome,), memory = run(scene)
        assert outcome.result is Result.CHANGED
        assert memory.tree("bot")["memory"] == 4096


def test_a_creation_whose_reply_is_lost_is_not_taken_for_somebody_elses() -> None:
    """The agent that is there after a lost creation is ours."""

    async def scene() -> list[Outcome]:
        applying = cloud(lose_after=1)[1]
        desired = wanted("new", {**BASE, "artifactType": "Code"})
        return await _carry(applying, [desired])

    (outcome,) = run(scene)
    assert (outcome.result, outcome.writes) == (Result.CREATED, 1), outcome.reason


def test_the_record_names_the_plan() -> None:
    """The first line about the run has the digest of the plan."""
    *_, applying = _clicked({})
    (planned,) = [one for one in applying.journal.lines if one["event"] == "run-planned"]
    assert planned["reviewed"] == "sha256:abc"
