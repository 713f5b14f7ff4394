"""onFailure: rollback: what was before is written back, waited for, verified, and told by field."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import anyio
import pytest

from reconciler.applier.rollback import CLEARED, CREATED, LEFT, NOT_CLEARED, PARTIAL, UNSEEN
from reconciler.differ.back import MOVED, UNCLEARABLE
from reconciler.differ.options import Options
from reconciler.model.errors import AccessDenied, InputError, Refused
from reconciler.model.fingerprint import Fingerprinter
from reconciler.model.live import Live
from reconciler.model.manifest import Desired, OnFailure
from reconciler.model.outcome import Cause, Outcome, Restored, Result, Rollback
from reconciler.model.rules import Readiness
from reconciler.model.sealed import Sealed
from reconciler.model.target import Limits, Wait
from reconciler.report.rollback import rollback_lines
from tests.support.applying import BASE, Applying, cloud, wanted
from tests.support.memory import MemoryCloud
from tests.support.shapes import PROMPT
from tests.support.virtual import run

BAD = {"description": "bad"}
Scene = Callable[[], Awaitable[Outcome]]


def returning(name: str, spec: dict[str, Any], **more: Any) -> Desired:
    """A desired state that goes back when it fails."""
    return wanted(name, spec, on_failure=OnFailure.ROLLBACK, **more)


def stage(**faults: Any) -> tuple[MemoryCloud, Applying]:
    """A cloud in which an agent fails with the description `bad` and hangs with `slow`."""
    faults = {"fails_with": {"bad"}, "sticks_with": {"slow"}, "restart_seconds": 5} | faults
    return cloud(**faults)


async def one(applying: Applying, spec: dict[str, Any], **more: Any) -> Outcome:
    return (await applying.carry([returning("bot", spec, **more)]))[0]


def back(outcome: Outcome) -> Rollback:
    """What came of going back; there must be something."""
    assert outcome.rollback is not None
    return outcome.rollback


def events(applying: Applying) -> list[str]:
    return [line["event"] for line in applying.journal.lines if "key" in line]


def test_what_a_failed_update_changed_is_written_back_and_verified() -> None:
    """The agent is as before and ready; the run says so, and still ends as a failure."""

    async def scene() -> Outcome:
        memory, applying = stage()
        outcome = await one(applying, {"description": "bad", "cpu": 4})
        assert memory.tree("bot") == BASE
        assert not memory.agents["bot"].failed
        assert len(memory.restarts("bot")) == 2
        assert memory.clock.monotonic() >= memory.restarts("bot")[1][1]
        assert events(applying) == [
            *("write-intended", "write-answered", "write-ended"),
            *("rollback-intended", "rollback-answered", "rollback-ended"),
        ]
        return outcome

    outcome = run(scene)
    assert (outcome.result, outcome.cause) == (Result.FAILED, Cause.AGENT_FAILED)
    fields = (Restored("/cpu", True), Restored("/description", True))
    assert outcome.rollback == Rollback(Result.CHANGED, "", fields)
    assert outcome.rollback.complete
    assert (outcome.restarts, outcome.writes) == (2, 2)


def test_an_agent_that_never_comes_back_is_brought_back() -> None:
    """A timeout is a failure too: exit 6, and the restart of going back is waited for."""

    async def scene() -> Outcome:
        memory, applying = stage()
        outcome = await one(applying, {"description": "slow"}, timeout=60)
        assert memory.tree("bot") == BASE
        assert memory.restarts("bot")[1][0] >= 60
        return outcome

    outcome = run(scene)
    assert (outcome.result, outcome.cause) == (Result.TIMED_OUT, Cause.TIME)
    assert back(outcome).complete


@pytest.mark.parametrize("word", [OnFailure.STOP, OnFailure.CONTINUE])
def test_nothing_goes_back_where_nobody_asked(word: OnFailure) -> None:
    """The failed agent is left as the manifest has it."""

    async def scene() -> Outcome:
        memory, applying = stage()
        outcome = (await applying.carry([wanted("bot", BAD, on_failure=word)]))[0]
        assert memory.tree("bot")["description"] == "bad"
        return outcome

    outcome = run(scene)
    assert (outcome.result, outcome.rollback, outcome.writes) == (Result.FAILED, None, 1)


def test_a_value_that_was_not_kept_is_no_reason_to_go_back() -> None:
    """The agent is back: to restart it again would help nobody (section 8)."""

    async def scene() -> Outcome:
        _, applying = stage(not_kept={"description"})
        return await one(applying, {"description": "new", "cpu": 4})

    outcome = run(scene)
    assert (outcome.result, outcome.rollback, outcome.writes) == (Result.NOT_KEPT, None, 1)


def test_a_refused_update_changed_nothing() -> None:
    """What certainly had no effect needs no way back, and no second write."""

    async def scene() -> Outcome:
        _, applying = stage(refusal=Refused("Update", "no", status=400, code="ERR_X"))
        return await one(applying, BAD)

    outcome = run(scene)
    assert (outcome.result, outcome.rollback) == (Result.FAILED, None)


def test_an_agent_that_this_run_created_is_not_rolled_back() -> None:
    """There is nothing to go back to, and the report says so."""

    async def scene() -> Outcome:
        memory, applying = stage(fail_restart=True)
        del memory.agents["bot"]
        spec = {**BASE, "artifactType": "Code"}
        outcome = await one(applying, spec)
        assert len(memory.writes) == 1
        return outcome

    outcome = run(scene)
    assert (outcome.result, outcome.rollback) == (
        Result.FAILED,
        Rollback(Result.SKIPPED, CREATED),
    )


def test_what_has_no_way_back_is_named_and_the_rest_goes_back() -> None:
    """Emptied where a value says so, named where none does; the rollback is not a true one."""

    async def scene() -> Outcome:
        memory, applying = stage()
        spec = {"description": "bad", "diskSize": 512, "affinity": "HEADER"}
        outcome = await one(applying, spec)
        tree = memory.tree("bot")
        assert (tree["description"], tree["affinity"], tree["diskSize"]) == ("old", "", 512)
        return outcome

    rollback = back(run(scene))
    assert (rollback.result, rollback.complete) == (Result.CHANGED, False)
    assert rollback.fields == (
        Restored("/affinity", True, CLEARED),
        Restored("/description", True),
        Restored("/diskSize", False, UNCLEARABLE),
    )


def test_a_cloud_that_refuses_empty_values_takes_the_rest() -> None:
    """What no page documents is left out the second time, and named."""

    async def scene() -> Outcome:
        memory, applying = stage(never_empty=True)
        outcome = await one(applying, {"description": "bad", "affinity": "HEADER"})
        assert memory.tree("bot")["description"] == "old"
        return outcome

    outcome = run(scene)
    assert back(outcome).fields == (
        Restored("/affinity", False, UNCLEARABLE),
        Restored("/description", True),
    )
    assert (back(outcome).result, outcome.writes) == (Result.CHANGED, 2)


def test_an_empty_value_that_is_not_kept_is_named() -> None:
    """Accepted with success and still set: the agent is back, and the field is told."""

    async def scene() -> Outcome:
        memory, applying = stage()
        keep = memory._apply

        def apply(name: str, body: dict[str, Any], now: float) -> None:
            keep(name, {k: v for k, v in body.items() if v != ""}, now)

        memory._apply = apply  # type: ignore[method-assign]
        return await one(applying, {"description": "bad", "affinity": "HEADER"})

    rollback = back(run(scene))
    assert rollback.result is Result.CHANGED
    assert rollback.fields[0] == Restored("/affinity", False, NOT_CLEARED)


def test_a_secret_variable_is_restored_from_memory_and_never_recorded() -> None:
    """Reads show it, so it goes back; no line of the record and nothing told holds it."""
    former, new = "former-s3cr3t", "new-s3cr3t"
    before = {"description": "old", "environmentVariables": {"KEY": former}}

    async def scene() -> Outcome:
        memory, applying = stage()
        memory.add("bot", {**BASE, **before})
        variables = {"KEY": Sealed(new, "env:KEY")}
        outcome = await one(applying, {"description": "bad", "environmentVariables": variables})
        assert memory.tree("bot")["environmentVariables"] == {"KEY": former}
        told = json.dumps(applying.journal.lines) + repr(applying.watcher.seen) + repr(outcome)
        assert former not in told
        assert new not in told
        return outcome

    assert back(run(scene)).complete


def test_a_console_edit_after_the_update_is_not_undone() -> None:
    """A touched field that somebody changed since stays theirs and is named; others survive."""

    async def scene() -> Outcome:
        memory, applying = stage()
        outcomes: list[Outcome] = []
        async with anyio.create_task_group() as group:

            async def work() -> None:
                outcomes.append(await one(applying, {"description": "slow", "cpu": 4}, timeout=60))

            group.start_soon(work)
            await memory.clock.sleep(30)
            memory.agents["bot"].tree |= {"cpu": 8, "isolated": True}
            memory.agents["bot"].history.append((30.0, dict(memory.agents["bot"].tree)))
        tree = memory.tree("bot")
        assert (tree["cpu"], tree["isolated"], tree["description"]) == (8, True, "old")
        return outcomes[0]

    assert back(run(scene)).fields == (
        Restored("/cpu", False, MOVED),
        Restored("/description", True),
    )


def test_a_lost_reply_is_read_until_it_is_known() -> None:
    """The in-doubt rule holds for the way back as well: written again only without an effect."""

    async def scene() -> Outcome:
        memory, applying = stage()
        sent = memory.update

        async def update(desired: Desired, agent_id: str, body: dict[str, Any]) -> None:
            if body["description"] == "old":
                memory.faults.lose_before, memory.faults.lose_after = lost.pop(0)
            await sent(desired, agent_id, body)

        lost = [(1, 0), (0, 1)]
        memory.update = update  # type: ignore[method-assign]
        outcome = await one(applying, BAD)
        assert memory.tree("bot")["description"] == "old"
        assert lost == []
        return outcome

    outcome = run(scene)
    assert (back(outcome).result, outcome.writes) == (Result.CHANGED, 3)


def test_an_agent_that_is_not_taken_back_keeps_its_slot() -> None:
    """Refused once it was late: it may go on restarting, so nobody else gets its place."""

    async def scene() -> list[Outcome]:
        memory, applying = stage()
        memory.add("next", dict(BASE))
        applying.limits = Limits(max_unavailable=1, max_failures=9)
        update = memory.update

        async def once(desired: Desired, agent_id: str, body: dict[str, Any]) -> None:
            if memory.writes:
                memory.agents["bot"].restarts = []  # a status that flaps
                raise Refused("Update", "no", status=400, code="ERR_X")
            await update(desired, agent_id, body)

        memory.update = once  # type: ignore[method-assign]
        slow = returning("bot", {"description": "slow"}, timeout=60.0)
        return await applying.carry([slow, wanted("next", {"description": "new"})])

    first, second = run(scene)
    assert (first.result, back(first).result) == (Result.TIMED_OUT, Result.BLOCKED)
    assert (second.result, second.writes) == (Result.SKIPPED, 0)


@pytest.mark.parametrize("busy", [False, True])
def test_what_the_cloud_does_not_take_back_is_not_called_rolled_back(busy: bool) -> None:
    """Refused for good, or for as long as it is busy: nothing is said to have been sent back."""

    async def scene() -> Outcome:
        memory, applying = stage(refuse_while_busy=busy)
        update = memory.update

        async def refusing(desired: Desired, agent_id: str, body: dict[str, Any]) -> None:
            await update(desired, agent_id, body)
            if not busy:
                memory.faults.refusal = Refused("Update", "no", status=400, code="ERR_X")

        memory.update = refusing  # type: ignore[method-assign]
        spec = {"description": "slow"} if busy else BAD
        return await one(applying, spec, timeout=60.0)

    outcome = run(scene)
    rollback = back(outcome)
    assert (rollback.result, rollback.complete) == (Result.BLOCKED, False)
    told = list(rollback_lines(rollback))
    assert told[0].startswith("not rolled back: ")
    assert told[1] == "not restored: /description (the cloud did not take it back)"


def test_a_cloud_that_refuses_while_busy_is_waited_for() -> None:
    """A restart that outlived its time ends after all: the way back is tried once more then."""

    async def scene() -> Outcome:
        memory, applying = stage(refuse_while_busy=True, restart_seconds=90)
        keep = memory._apply

        def apply(name: str, body: dict[str, Any], now: float) -> None:
            keep(name, body, now)
            memory.faults.restart_seconds = 5

        memory._apply = apply  # type: ignore[method-assign]
        outcome = await one(applying, {"description": "new"}, timeout=60)
        assert memory.tree("bot")["description"] == "old"
        return outcome

    outcome = run(scene)
    assert (outcome.result, back(outcome).result, outcome.writes) == (
        *(Result.TIMED_OUT, Result.CHANGED),
        2,
    )


def test_a_way_back_that_fails_too_is_told() -> None:
    """Failed before and after: both are said, and nothing is written a third time."""

    async def scene() -> Outcome:
        memory, applying = stage(fail_restart=True)
        outcome = await one(applying, BAD)
        assert len(memory.writes) == 2
        return outcome

    rollback = back(run(scene))
    assert (rollback.result, rollback.complete) == (Result.FAILED, False)
    assert rollback.reason == "FAILED: the image cannot be pulled"


def test_a_value_that_does_not_come_back_is_named() -> None:
    """The cloud answered with success and did not take a value back."""

    async def scene() -> Outcome:
        memory, applying = stage()
        keep = memory._apply

        def apply(name: str, body: dict[str, Any], now: float) -> None:
            memory.faults.not_kept = frozenset({"cpu"} if memory.writes[1:] else ())
            keep(name, body, now)

        memory._apply = apply  # type: ignore[method-assign]
        return await one(applying, {"description": "bad", "cpu": 4})

    rollback = back(run(scene))
    assert (rollback.result, rollback.reason) == (
        Result.NOT_KEPT,
        "the cloud did not keep /cpu",
    )
    assert rollback.fields == (Restored("/cpu", False, LEFT), Restored("/description", True))


def test_going_back_holds_the_slot_and_is_outside_the_budget_of_restarts() -> None:
    """At most one restarts at a time; maxRestarts does not keep an agent from coming back."""

    async def scene() -> list[Outcome]:
        memory, applying = stage(restart_seconds=20)
        memory.add("b", dict(BASE))
        applying.limits = Limits(max_unavailable=1, max_restarts=2)
        targets = [returning("bot", BAD), wanted("b", {"description": "new"})]
        outcomes = await applying.carry(targets)
        spans = [span for name in ("bot", "b") for span in memory.restarts(name)]
        assert max(sum(b <= at < e for b, e in spans) for at, _ in spans) == 1
        return outcomes

    first, second = run(scene)
    assert (first.restarts, second.result) == (2, Result.CHANGED)
    assert first.notes == ("the restart of going back does not count towards limits.maxRestarts",)


def test_a_way_back_that_runs_out_of_time_keeps_its_slot() -> None:
    """What may still be restarting leaves no room for another."""

    async def scene() -> list[Outcome]:
        memory, applying = stage(stuck=True)
        memory.add("b", dict(BASE))
        applying.limits = Limits(max_unavailable=1, max_failures=9)
        applying.wait = Wait(timeout_seconds=60)
        outcomes = await applying.carry([returning("bot", BAD), wanted("b", {"cpu": 4})])
        assert memory.restarts("b") == []
        return outcomes

    first, second = run(scene)
    assert (first.result, back(first).result) == (Result.TIMED_OUT, Result.TIMED_OUT)
    assert second.result is Result.SKIPPED


def test_failures_of_others_do_not_keep_an_agent_from_coming_back() -> None:
    """Past maxFailures nothing new starts; going back is nothing new."""

    async def scene() -> list[Outcome]:
        memory, applying = stage()
        memory.add("b", dict(BASE))
        applying.limits = Limits(max_unavailable=2, max_failures=1)
        outcomes = await applying.carry([returning("bot", BAD), returning("b", BAD)])
        assert memory.tree("bot") == memory.tree("b") == BASE
        return outcomes

    assert all(back(outcome).complete for outcome in run(scene))


def test_a_run_that_lost_its_lock_writes_nothing_back() -> None:
    """Another run may have begun: what would go back is named."""

    async def scene() -> Outcome:
        memory, applying = stage()
        lost = lambda: "the connection is gone" if memory.writes else ""  # noqa: E731
        applying.lock_lost = lost
        outcome = await one(applying, BAD)
        assert memory.tree("bot")["description"] == "bad"
        return outcome

    rollback = back(run(scene))
    assert (rollback.result, rollback.complete) == (Result.SKIPPED, False)
    assert "the connection is gone" in rollback.reason


async def stopped(applying: Applying, event: str) -> Outcome:
    """The outcome when the run is asked to stop a moment after this line of the record."""
    outcomes: list[Outcome] = []
    async with anyio.create_task_group() as group:

        async def work() -> None:
            outcomes.append(await one(applying, BAD))

        group.start_soon(work)
        while event not in events(applying):
            await applying.clock.sleep(0.001)
        applying.stop.set()
    assert (outcomes[0].result, outcomes[0].cause) == (Result.INTERRUPTED, Cause.INTERRUPTED)
    assert back(outcomes[0]).reason in outcomes[0].reason
    assert outcomes[0].reason.startswith("ended FAILED: ")
    return outcomes[0]


def test_a_stop_before_the_way_back_writes_nothing_more() -> None:
    """A signal starts no rollback; the failure and the interruption are both told."""

    async def scene() -> Outcome:
        memory, applying = stage()
        outcome = await stopped(applying, "write-ended")
        assert len(memory.writes) == 1
        return outcome

    assert back(run(scene)).reason == "interrupted before anything was written back"


def test_a_stop_during_the_way_back_says_what_is_restarting() -> None:
    """What was sent is on record as open, so that the next run looks after it."""

    async def scene() -> Outcome:
        memory, applying = stage()
        outcome = await stopped(applying, "rollback-answered")
        assert len(memory.writes) == 2
        last = [line for line in applying.journal.lines if "key" in line][-1]
        assert (last["event"], last["result"]) == ("rollback-ended", "interrupted")
        return outcome

    outcome = run(scene)
    assert back(outcome).reason == "written back, and not waited for: it may still be restarting"
    assert outcome.restarts == 2


def test_a_record_that_cannot_be_kept_ends_the_way_back() -> None:
    """Nothing is written without its line; the failure is told with it."""

    async def scene() -> Outcome:
        memory, applying = stage()
        write = applying.journal.write

        def full(event: dict[str, Any]) -> None:
            if event["event"].startswith("rollback"):
                raise InputError("the disk is full")
            write(event)

        applying.journal.write = full  # type: ignore[method-assign]
        outcome = await one(applying, BAD)
        assert len(memory.writes) == 1
        return outcome

    outcome = run(scene)
    assert (outcome.result, outcome.cause) == (Result.FAILED, Cause.MANIFEST)
    assert back(outcome) == Rollback(Result.FAILED, "the disk is full")


def test_a_kind_without_a_status_goes_back_when_its_time_is_up() -> None:
    """Half of what was sent shows, and the rest never does: the half is taken back."""

    async def scene() -> Outcome:
        memory, applying = stage(not_kept={"description"}, stamps_move=False)
        applying.rules = replace(applying.rules, readiness=Readiness.VALUES)
        outcome = await one(applying, {"description": "new", "cpu": 4}, timeout=60)
        assert memory.tree("bot") == BASE
        return outcome

    outcome = run(scene)
    assert (outcome.result, back(outcome).complete) == (Result.TIMED_OUT, True)
    assert (outcome.restarts, outcome.writes) == (0, 2)


def test_an_update_that_never_shows_has_nothing_to_take_back() -> None:
    """Reads show what was before: nothing is written, and that is said."""

    async def scene() -> Outcome:
        _, applying = stage(stale_read_seconds=900)
        applying.rules = replace(applying.rules, readiness=Readiness.VALUES)
        return await one(applying, {"description": "new"}, timeout=60)

    rollback = back(run(scene))
    assert (rollback.result, rollback.fields) == (
        Result.UNCHANGED,
        (Restored("/description", True),),
    )
    assert rollback.reason.endswith("so nothing was written back")


def test_an_agent_that_came_back_gives_its_slot_back() -> None:
    """Timed out and taken back: the next one may start."""

    async def scene() -> list[Outcome]:
        memory, applying = stage()
        memory.add("b", dict(BASE))
        applying.limits = Limits(max_unavailable=1, max_failures=9)
        slow = returning("bot", {"description": "slow"}, timeout=60)
        return await applying.carry([slow, wanted("b", {"cpu": 4})])

    assert [outcome.result for outcome in run(scene)] == [Result.TIMED_OUT, Result.CHANGED]


def test_reads_that_fail_are_borne_before_the_way_back() -> None:
    """A few errors of the cloud do not leave an agent failed."""

    async def scene() -> Outcome:
        memory, applying = stage()
        write = applying.journal.write

        def seen(event: dict[str, Any]) -> None:
            memory.faults.unread = 3 if event["event"] == "write-ended" else 0
            write(event)

        applying.journal.write = seen  # type: ignore[method-assign]
        return await one(applying, BAD)

    assert back(run(scene)).complete


def test_an_agent_that_cannot_be_read_is_left_as_it_is() -> None:
    """Nothing is written blindly; the report says why."""

    async def scene() -> Outcome:
        memory, applying = stage()
        write = applying.journal.write

        def seen(event: dict[str, Any]) -> None:
            memory.faults.unread = 10**6 if event["event"] == "write-ended" else 0
            write(event)

        applying.journal.write = seen  # type: ignore[method-assign]
        outcome = await one(applying, BAD)
        assert len(memory.writes) == 1
        return outcome

    assert back(run(scene)) == Rollback(Result.BLOCKED, "HTTP 500")


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_read_that_leaves_things_out_is_no_ground_to_go_back_on(when: str) -> None:
    """What was not seen before, or is not seen now, cannot be written back."""

    async def scene() -> Outcome:
        memory, applying = stage(stamps_move=False, not_kept={"properties"})
        before = {"region": "r", "tags": ["x"], "properties": {"name": "old"}}
        memory.add("bot", before)
        applying.rules, applying.options = PROMPT, Options(write_unverifiable=True)
        read = memory.read

        async def partly(desired: Desired, agent_id: str | None) -> Any:
            found = await read(desired, agent_id)
            ended = "write-ended" in events(applying)
            assert isinstance(found, Live)
            return replace(found, partial=ended == (when == "after"))

        memory.read = partly  # type: ignore[method-assign]
        spec = {"agentId": "bot", **before, "properties": {"name": "new"}, "tags": ["y"]}
        desired = replace(returning("bot", spec, timeout=60), complete=True)
        outcome = (await applying.carry([desired]))[0]
        assert len(memory.writes) == 1
        return outcome

    outcome = run(scene)
    assert outcome.result is Result.TIMED_OUT
    assert back(outcome) == Rollback(Result.BLOCKED, PARTIAL)


def test_a_cloud_that_replaces_where_it_should_merge_ends_the_run() -> None:
    """A field went away on the way back without having been sent: nothing more is written."""

    async def scene() -> list[Outcome]:
        memory, applying = stage()
        memory.add("bot", {**BASE, "affinity": "A"})
        memory.add("b", dict(BASE))
        keep = memory._apply

        def apply(name: str, body: dict[str, Any], now: float) -> None:
            memory.faults.replaces = len(memory.writes) == 2
            keep(name, body, now)

        memory._apply = apply  # type: ignore[method-assign]
        applying.limits = Limits(max_unavailable=1, max_failures=9)
        return await applying.carry([returning("bot", BAD), wanted("b", {"cpu": 4})])

    first, second = run(scene)
    assert (first.result, back(first).result) == (Result.FAILED, Result.NOT_KEPT)
    assert "/affinity" in back(first).reason
    assert (second.result, second.writes) == (Result.SKIPPED, 0)


def test_what_no_read_shows_afterwards_is_not_called_restored() -> None:
    """A field that reads may leave out was sent back: nobody has seen it taken."""

    async def scene() -> Outcome:
        memory, applying = stage(hides={"protocol"})
        memory.add("bot", {**BASE, "protocol": {"type": "HTTP"}})
        outcome = await one(applying, {"description": "bad", "protocol": {"type": "MCP"}})
        assert memory.tree("bot")["protocol"] == {"type": "HTTP"}
        return outcome

    assert back(run(scene)).fields == (
        Restored("/description", True),
        Restored("/protocol", False, UNSEEN),
    )


def test_a_permission_that_is_missing_is_not_asked_for_twice() -> None:
    """Leaving the undocumented part out would not help."""

    async def scene() -> Outcome:
        memory, applying = stage()
        write, tried = memory.update, []

        async def update(desired: Desired, agent_id: str, body: dict[str, Any]) -> None:
            tried.append(body)
            if len(tried) > 1:
                raise AccessDenied("Update", "not allowed", status=403)
            await write(desired, agent_id, body)

        memory.update = update  # type: ignore[method-assign]
        outcome = await one(applying, {"description": "bad", "affinity": "A"})
        assert len(tried) == 2
        return outcome

    rollback = back(run(scene))
    assert rollback.result is Result.BLOCKED
    assert "not allowed" in rollback.reason
    assert not any(field.restored for field in rollback.fields)


@pytest.mark.parametrize("kept", [True, False])
def test_a_fingerprint_of_other_secrets_does_not_hold_the_way_back_up(kept: bool) -> None:
    """What goes back holds but some of the secrets: their fingerprint is nobody's concern."""
    auth = {"userName": "u", "password": Sealed("pw", "env:P")}

    async def scene() -> Outcome:
        memory, applying = stage(hides={"arms"})
        applying.rules = replace(applying.rules, secret_tag=True)
        applying.options = Options(fingerprinter=Fingerprinter(Sealed("k" * 40, "env:KEY")))
        memory.add("bot", {**BASE, "container": {"image": "a:v1", "auth": {"userName": "u"}}})
        keep = memory._apply

        def apply(name: str, body: dict[str, Any], now: float) -> None:
            lost = len(memory.writes) > 1 and not kept
            memory.faults.not_kept = frozenset({"systemTags"} if lost else ())
            keep(name, body, now)

        memory._apply = apply  # type: ignore[method-assign]
        spec = {"container": {"image": "a:v2", "auth": auth}, "description": "bad"}
        outcome = await one(applying, {**spec, "arms": {"key": Sealed("x", "env:X")}})
        assert memory.tree("bot")["container"]["image"] == "a:v1"
        assert bool(memory.tree("bot")["systemTags"]) == (not kept)
        return outcome

    outcome = run(scene)
    assert back(outcome).result is Result.CHANGED
    lost = [field.path for field in back(outcome).fields if not field.restored]
    assert lost == ["/arms", "/container/auth/password"]


def test_a_lost_way_back_that_takes_effect_late_is_followed() -> None:
    """However late the first write shows: one that is seen by the next read is waited for."""
    for hundredths in range(1450, 1650, 1):
        assert _late(hundredths / 100) in (2, 3), hundredths


def _late(seconds: float) -> int:
    async def scene() -> Outcome:
        memory, applying = stage()
        sent = memory.update

        async def update(desired: Desired, agent_id: str, body: dict[str, Any]) -> None:
            memory.faults.lose_before = int(len(memory.writes) == 1)
            memory.faults.late_effect_seconds = seconds
            await sent(desired, agent_id, body)

        memory.update = update  # type: ignore[method-assign]
        return await one(applying, BAD)

    outcome = run(scene)
    assert back(outcome).result is Result.CHANGED, (seconds, outcome)
    return outcome.writes
