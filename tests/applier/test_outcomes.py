"""What an agent comes to on a small cloud with a memory, and what is told and recorded of it."""

from collections.abc import Sequence
from typing import Any

import pytest

from reconciler.applier.job import change_digest
from reconciler.differ.options import Options
from reconciler.model.errors import (
    AccessDenied,
    InputError,
    Locked,
    NotFound,
)
from reconciler.model.live import Found
from reconciler.model.manifest import Desired, Place
from reconciler.model.outcome import Cause, Outcome, Result
from reconciler.model.plan import Change
from reconciler.model.sealed import Sealed
from reconciler.model.target import Limits
from reconciler.ports import History
from tests.support.applying import BASE, Applying, MemoryJournal, applied, cloud
from tests.support.memory import Faults, MemoryCloud
from tests.support.virtual import VirtualClock, run


def test_a_value_that_the_cloud_does_not_keep_is_a_finding_of_its_own() -> None:
    """Answered with success and still different after the settle window: not kept."""

    async def scene() -> Outcome:
        memory, applying = cloud(not_kept=frozenset({"description"}))
        (outcome,) = await applying.apply({"bot": {"description": "new"}})
        lines = [line for line in applying.journal.lines if line["event"] == "write-ended"]
        digest = lines[0]["digest"]
        earlier = History(not_kept={"example/v1/Runtime/bot": {digest: ("/description",)}})
        again = applying.again()
        again.journal = MemoryJournal(earlier=earlier)
        (blocked,) = await again.apply({"bot": {"description": "new"}})
        assert blocked.result is Result.BLOCKED
        assert len(memory.writes) == 1
        return outcome

    outcome = applied(scene)
    assert (outcome.result, outcome.cause) == (Result.NOT_KEPT, Cause.CLOUD)
    assert "/description" in outcome.reason


def test_the_same_state_again_is_no_change_that_was_not_kept() -> None:
    """A failed agent is sent its state once more on request, whatever was not kept earlier."""

    async def scene() -> Outcome:
        memory, applying = cloud()
        memory.add("bot", dict(BASE), failed=True)
        earlier = {"example/v1/Runtime/bot": {"d": ("/description",)}}
        applying.journal = MemoryJournal(earlier=History(not_kept=earlier))
        applying.options = Options(retry_failed=True)
        (outcome,) = await applying.apply({"bot": {"cpu": BASE["cpu"]}})
        return outcome

    assert applied(scene).result is Result.CHANGED


def test_a_secret_that_was_not_kept_is_not_taken_for_another_one() -> None:
    """Two secrets look alike in a record: the change of one alone is never known from before."""

    def change(after: object) -> Change:
        return Change("/x", "(sealed)", after, Place("a.yaml", 1, 1))

    assert change_digest(change("(sealed)")) == change_digest(change({"k": "(sealed)"})) == ""
    assert change_digest(change("plain")) != change_digest(change("other")) != ""


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
    assert (outcome.result, outcome.restarts, outcome.writes) == (Result.CHANGED, 1, 1)


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


@pytest.mark.parametrize(("known", "restarts"), [(True, 1), (False, 0)])
def test_creating_is_no_restart_either_where_the_record_fails(known: bool, restarts: int) -> None:
    """A full disk ends the wait: an update has restarted its agent by then, a creation none."""

    class Full(MemoryJournal):
        def write(self, event: dict[str, Any]) -> None:
            if event["event"] == "write-answered":
                raise InputError("the record of this run cannot be kept")
            super().write(event)

    async def scene() -> Outcome:
        memory, applying = cloud()
        if not known:
            memory.agents.clear()
        applying.journal = Full()
        spec = {"cpu": 1, "artifactType": "Container", "container": {"image": "i"}}
        (outcome,) = await applying.apply({"bot": {"description": "new"} if known else spec})
        return outcome

    outcome = applied(scene)
    assert (outcome.result, outcome.restarts) == (Result.UNKNOWN, restarts)


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
    assert lines[1]["sealed"] == lines[1]["unset"] == ["/environmentVariables/KEY"]
    assert lines[1]["fields"] == ["cpu", "memory", "port", "environmentVariables"]


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


def test_a_missing_permission_on_a_busy_agent_is_planned_once_more() -> None:
    """A 403 while somebody else's restart shows may be the restart's: waited out, then written."""

    async def scene() -> Outcome:
        memory, applying = cloud(restart_seconds=9)
        original = memory._write

        async def denied_once(name: str, body: dict[str, Any], *, new: bool = False) -> None:
            memory._write = original  # type: ignore[method-assign]
            memory._apply("bot", {"isolated": True}, memory.clock.monotonic())
            raise AccessDenied("Update", "not now", status=403)

        memory._write = denied_once  # type: ignore[method-assign]
        (outcome,) = await applying.apply({"bot": {"description": "new"}})
        theirs, ours = memory.restarts("bot")
        assert ours[0] >= theirs[1]
        assert memory.tree("bot") == {**BASE, "isolated": True, "description": "new"}
        return outcome

    outcome = applied(scene)
    assert (outcome.result, outcome.restarts, outcome.writes) == (Result.CHANGED, 1, 1)
    assert any("planned again" in note for note in outcome.notes)


def test_what_somebody_else_created_meanwhile_is_updated() -> None:
    """A creation that is answered "already exists" is read and planned again as an update."""
    spec = {"cpu": 1, "artifactType": "Container", "container": {"image": "i"}}

    async def scene() -> Outcome:
        clock = VirtualClock()
        memory = MemoryCloud(clock)
        original = memory.create

        async def beaten(desired: Desired, body: dict[str, Any]) -> None:
            memory.add("bot", {**BASE, **spec, "container": {"image": "theirs"}})
            await original(desired, body)

        memory.create = beaten  # type: ignore[method-assign]
        (outcome,) = await Applying(clock, memory).apply({"bot": spec})
        assert len(memory.restarts("bot")) == 1
        assert memory.tree("bot")["container"] == {"image": "i"}
        assert memory.tree("bot")["description"] == "old"
        return outcome

    outcome = applied(scene)
    assert (outcome.result, outcome.restarts, outcome.writes) == (Result.CHANGED, 1, 1)
    assert any("created meanwhile" in note for note in outcome.notes)


def test_an_agent_that_was_made_anew_is_found_by_its_name() -> None:
    """The id of the plan is gone and another agent has the name: that one is updated."""

    async def scene() -> Outcome:
        memory, applying = cloud()
        original = memory.fetch

        async def then_made_anew(wanted: Sequence[Desired]) -> list[Found]:
            found = await original(wanted)
            memory.add("bot", {**BASE, "memory": 4096})
            memory.agents["bot"].id = "ar-second"
            return found

        memory.fetch = then_made_anew  # type: ignore[method-assign]
        (outcome,) = await applying.apply({"bot": {"description": "new"}})
        assert memory.tree("bot") == {**BASE, "memory": 4096, "description": "new"}
        assert len(memory.writes) == 1
        return outcome

    outcome = applied(scene)
    assert (outcome.result, outcome.id, outcome.restarts) == (Result.CHANGED, "ar-second", 1)


def test_a_field_that_shows_late_does_not_stop_the_run() -> None:
    """Not declared, not sent, and missing for some seconds after the restart: nothing is gone."""

    async def scene() -> list[Outcome]:
        memory, applying = cloud(
            restart_seconds=2, late_fields=frozenset({"description"}), late_fields_seconds=10
        )
        memory.add("b", dict(BASE))
        applying.limits = Limits(max_unavailable=1)
        return await applying.apply({name: {"isolated": True} for name in ("bot", "b")})

    outcomes = run(scene)
    assert [outcome.result for outcome in outcomes] == 2 * [Result.CHANGED]
    assert all(outcome.seconds < 30 for outcome in outcomes)
