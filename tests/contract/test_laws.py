"""The laws that hold for every provider, on its sandbox, through real requests."""

from typing import Any

import pytest

from reconciler.model.errors import CloudError, GuardError
from reconciler.model.live import Absent, Live
from reconciler.model.outcome import Cause, Result
from reconciler.model.plan import Blocked, Create, InSync, Update
from reconciler.model.rules import Readiness
from reconciler.ports import Access
from reconciler.sandbox import control
from tests.support.clouds import PROVIDERS, cloud
from tests.support.virtual import run

CHANGES: dict[str, dict[str, Any]] = {
    "agentrun": {"description": "new words", "cpu": 4},
    "appstage": {"region": "cn-north-5", "tags": [], "properties": {"prologue": "new words"}},
}
ABSENT: dict[str, dict[str, Any]] = {
    "agentrun": {"cpu": 1, "memory": 512, "port": 9000},
    "appstage": {"agentId": "f" * 32, "properties": {"name": "nobody"}},
}

every_provider = pytest.mark.parametrize("name", sorted(PROVIDERS))


def test_both_clouds_are_found() -> None:
    """A provider is a folder: discovery finds the two that the program brings."""
    assert set(PROVIDERS) >= {"agentrun", "appstage"}
    assert set(CHANGES) == set(ABSENT) == set(PROVIDERS)


@every_provider
def test_every_call_says_what_it_does(name: str) -> None:
    """Each call is declared as a read, an authentication or a write, and some of each exist."""
    calls = PROVIDERS[name].calls
    assert set(calls.values()) <= set(Access)
    assert {Access.READ, Access.WRITE} <= set(calls.values())


@every_provider
def test_the_emulated_agent_agrees_with_itself(name: str) -> None:
    """Declaring just what the cloud shows is in sync (law: plan(x, x))."""

    async def scene() -> None:
        async with cloud(name) as world:
            (found,) = await world.session.fetch([world.seed({})])
            assert isinstance(found, Live)
            known = world.rules.root.members
            shown = {k: v for k, v in found.tree.items() if k in known and v not in (None, "")}
            assert isinstance(await world.plan(world.seed(shown)), InSync)

    run(scene)


@every_provider
def test_apply_then_plan_is_in_sync_and_the_second_apply_writes_nothing(name: str) -> None:
    """One write brings it there; nothing is left to do, and nothing is done."""

    async def scene() -> None:
        async with cloud(name) as world:
            target = world.seed(CHANGES[name])
            assert isinstance(await world.plan(target), Update)
            (first,) = await world.apply(target)
            assert (first.result, first.writes) == (Result.CHANGED, 1), first
            assert isinstance(await world.plan(target), InSync)
            before = world.counts()
            (second,) = await world.apply(target)
            assert (second.result, second.writes) == (Result.UNCHANGED, 0)
            restarts = world.rules.readiness is Readiness.STATUS
            assert world.counts() == before == (1, int(restarts))
            assert first.restarts == int(restarts)

    run(scene)


@every_provider
def test_what_is_not_declared_stays(name: str) -> None:
    """Everything in the read that the manifest does not name is the same afterwards."""

    async def scene() -> None:
        async with cloud(name) as world:
            target = world.seed(CHANGES[name])
            before = await world.session.read(target, None)
            await world.apply(target)
            after = await world.session.read(target, None)
            assert isinstance(before, Live)
            assert isinstance(after, Live)
            assert _without(after.tree, CHANGES[name]) == _without(before.tree, CHANGES[name])

    run(scene)


MOVING = {"status", "statusReason", "lastUpdatedAt"}


def _without(tree: Any, declared: Any) -> Any:
    """The tree less what is declared and what moves by itself."""
    if not isinstance(tree, dict) or not isinstance(declared, dict):
        return None
    return {
        k: _without(v, declared[k]) if k in declared else v
        for k, v in tree.items()
        if k not in MOVING
    }


@every_provider
def test_absence_is_proved_and_has_its_plan(name: str) -> None:
    """An agent that does not exist is Absent; it is created, or blocked with the reason."""

    async def scene() -> None:
        async with cloud(name) as world:
            target = world.desired("nobody", ABSENT[name])
            (found,) = await world.session.fetch([target])
            assert isinstance(found, Absent)
            assert isinstance(await world.session.read(target, None), Absent)
            assert isinstance(await world.plan(target), Create | Blocked)

    run(scene)


@every_provider
def test_a_reading_session_cannot_write(name: str) -> None:
    """Where writing is refused, the call fails before it reaches the cloud."""

    async def scene() -> None:
        async with cloud(name, writable=False) as world:
            target = world.seed(CHANGES[name])
            (found,) = await world.session.fetch([target])
            assert isinstance(found, Live)
            with pytest.raises(GuardError):
                await world.session.update(target, found.id, {"cpu": 1})
            with pytest.raises((GuardError, CloudError)):
                await world.session.create(world.desired("x", {}), {})
            assert world.counts() == (0, 0)
            methods = {line.method for line in control.log_lines(world.store)}
            assert "PUT" not in methods

    run(scene)


@every_provider
@pytest.mark.parametrize("style", ["429", "400"])
def test_throttling_is_waited_out(name: str, style: str) -> None:
    """Throttled answers, in either dress, cost time and nothing else."""

    async def scene() -> None:
        async with cloud(name) as world:
            world.quirks(throttle_next=3, throttle_style=style)
            (outcome,) = await world.apply(world.seed(CHANGES[name]))
            assert outcome.result is Result.CHANGED, outcome
            assert world.counts()[0] == 1

    run(scene)


@every_provider
@pytest.mark.parametrize(
    "effect", ["lost_before", "lost_after", "error_before", "error_after", "late"]
)
def test_a_write_without_an_answer_is_resolved(name: str, effect: str) -> None:
    """Whatever became of the first write, the desired state is reached and nothing is done twice."""
    switches: dict[str, dict[str, Any]] = {
        "lost_before": {"lost_writes_next": 1, "write_effect": "before"},
        "lost_after": {"lost_writes_next": 1, "write_effect": "after"},
        "error_before": {"error_writes_next": 1, "write_effect": "before"},
        "error_after": {"error_writes_next": 1, "write_effect": "after"},
        "late": {"lost_writes_next": 1, "write_effect": "late", "late_seconds": 6.0},
    }

    async def scene() -> None:
        async with cloud(name) as world:
            world.quirks(**switches[effect])
            target = world.seed(CHANGES[name])
            (outcome,) = await world.apply(target)
            assert outcome.result is Result.CHANGED, outcome
            assert outcome.notes
            assert world.counts()[0] == 1
            assert isinstance(await world.plan(target), InSync)

    run(scene)


@every_provider
def test_a_value_that_is_not_kept_is_found(name: str) -> None:
    """A success that the next reads contradict is its own finding."""
    pointer = {"agentrun": "/description", "appstage": "/properties/prologue"}[name]

    async def scene() -> None:
        async with cloud(name) as world:
            world.quirks(not_kept=(pointer,))
            (outcome,) = await world.apply(world.seed(CHANGES[name]))
            assert (outcome.result, outcome.cause) == (Result.NOT_KEPT, Cause.CLOUD), outcome
            assert pointer in outcome.reason

    run(scene)


@every_provider
def test_redirects_are_never_followed(name: str) -> None:
    """A redirect is an error, and no byte goes where it points."""

    async def scene() -> None:
        async with cloud(name) as world:
            world.quirks(redirect_writes_next=2)
            (outcome,) = await world.apply(world.seed(CHANGES[name]))
            assert (outcome.result, outcome.cause) == (Result.FAILED, Cause.CLOUD), outcome
            assert world.counts() == (0, 0)

    run(scene)
