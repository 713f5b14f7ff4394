"""Policy is asked just before each write: what it no longer allows then is not written."""

from reconciler.applier.job import Job
from reconciler.model.live import Found
from reconciler.model.outcome import Cause, Outcome, Result
from reconciler.model.plan import AgentPlan, Update
from reconciler.model.target import Limits
from tests.support.applying import BASE, Applying, cloud
from tests.support.memory import MemoryCloud
from tests.support.virtual import run


def three() -> tuple[MemoryCloud, Applying]:
    """Three agents, one after the other, each of which restarts for ten seconds."""
    memory, applying = cloud(restart_seconds=10)
    for name in ("a", "b", "c"):
        memory.add(name, dict(BASE))
    applying.limits = Limits(max_unavailable=1)
    return memory, applying


def test_a_freeze_that_begins_while_agents_restart_holds_back_the_rest() -> None:
    """The first is finished, the others are skipped with the reason, and nothing is sent for them."""

    async def scene() -> tuple[list[Outcome], list[int]]:
        memory, applying = three()
        begins = applying.clock.wall() + 5
        applying.permit = lambda *_: "frozen" if applying.clock.wall() >= begins else ""
        outcomes = await applying.apply({name: {"description": "new"} for name in "abc"})
        return outcomes, [len(memory.restarts(name)) for name in "abc"]

    outcomes, restarts = run(scene)
    assert [one.result for one in outcomes] == [Result.CHANGED, Result.SKIPPED, Result.SKIPPED]
    assert [one.cause for one in outcomes][1:] == [Cause.GUARD, Cause.GUARD]
    assert outcomes[1].reason == "not started: frozen"
    assert restarts == [1, 0, 0]


def test_policy_is_asked_about_what_was_decided_last() -> None:
    """What is handed over is the decision from the read just before the write."""
    asked: list[tuple[str, AgentPlan]] = []

    def permit(job: Job, plan: AgentPlan, found: Found) -> str:
        asked.append((job.desired.address.name, plan))
        return ""

    async def scene() -> list[Outcome]:
        _, applying = three()
        applying.permit = permit
        return await applying.apply({"a": {"description": "new"}, "b": {"description": "old"}})

    outcomes = run(scene)
    assert [one.result for one in outcomes] == [Result.CHANGED, Result.UNCHANGED]
    assert [name for name, _ in asked] == ["a"]
    assert all(isinstance(plan, Update) for _, plan in asked)


def test_a_write_in_doubt_is_not_sent_a_second_time_against_policy() -> None:
    """No effect within the in-doubt time, and by then it is not allowed: failed, with both said."""

    async def scene() -> list[Outcome]:
        _, applying = cloud(lose_before=1)
        begins = applying.clock.wall() + 5
        applying.permit = lambda *_: "frozen" if applying.clock.wall() >= begins else ""
        return await applying.apply({"bot": {"description": "new"}})

    (outcome,) = run(scene)
    assert (outcome.result, outcome.writes) == (Result.FAILED, 1)
    assert outcome.reason.endswith("not written again: frozen")
