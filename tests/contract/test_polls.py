"""A poll shows what reads show, for every provider that there is."""

import pytest

from reconciler.model.live import Live
from reconciler.model.outcome import Result
from reconciler.model.target import Limits
from reconciler.sandbox import control
from tests.support.clouds import PROVIDERS, cloud
from tests.support.virtual import run


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_poll_is_as_good_as_reads(name: str) -> None:
    """By id and without one, before a write and after it: the same agent in the same state."""

    async def scene() -> None:
        async with cloud(name) as world:
            target = world.seed({})
            (first,) = await world.session.fetch([target])
            assert isinstance(first, Live)
            for _ in range(2):
                for agent_id in (first.id, None):
                    read = await world.session.read(target, agent_id)
                    polled = await world.session.poll([(target, agent_id)])
                    assert [(one.id, one.tree) for one in polled if isinstance(one, Live)] == (
                        [(read.id, read.tree)] if isinstance(read, Live) else []
                    )
                await world.clock.sleep(5)
            assert await world.session.poll([]) == []

    run(scene)


def test_a_list_that_is_behind_ends_nothing_early() -> None:
    """Lists up to 14 s behind reads: no early success, no loss, no second write."""

    async def scene() -> None:
        async with cloud("agentrun") as world:
            names = [f"n{number}" for number in range(6)]
            for name in names:
                create = {**RUNTIME, "description": "old"}
                await world.session.create(world.desired(name, {}), create)
            await world.clock.sleep(60)
            for lag, restart in ((14.0, 3.0), (9.0, 40.0), (14.0, 14.0)):
                world.quirks(list_lag_seconds=lag, restart_seconds=restart)
                before = len(control.log_lines(world.store))
                started = world.clock.monotonic()
                text = f"{lag} {restart}"
                targets = [world.desired(name, {"description": text}) for name in names]
                outcomes = await world.apply(*targets)
                assert {one.result for one in outcomes} == {Result.CHANGED}, outcomes
                assert world.clock.monotonic() - started >= 2 * restart  # five slots
                asked = [line.operation for line in control.log_lines(world.store)[before:]]
                assert asked.count("UpdateAgentRuntime") == len(names)
                await world.clock.sleep(60)

    run(scene)


RUNTIME = {
    "cpu": 1,
    "memory": 512,
    "port": 80,
    "artifactType": "Container",
    "containerConfiguration": {"image": "registry.example.com/a:1"},
    "networkConfiguration": {"networkMode": "PUBLIC"},
}


def test_many_agents_are_waited_for_through_few_lists() -> None:
    """Twenty restarts at a time: pages of a list, not a read for each look."""

    async def scene() -> None:
        async with cloud("agentrun") as world:
            names = [f"n{number}" for number in range(20)]
            for name in names:
                await world.session.create(world.desired(name, {}), {**RUNTIME, "description": "-"})
            await world.clock.sleep(60)
            world.quirks(restart_seconds=40)
            before = len(control.log_lines(world.store))
            targets = [world.desired(name, {"description": "new"}) for name in names]
            outcomes = await world.apply(*targets, limits=Limits(max_unavailable=20))
            assert {one.result for one in outcomes} == {Result.CHANGED}
            asked = [line.operation for line in control.log_lines(world.store)[before:]]
            assert asked.count("UpdateAgentRuntime") == len(names)
            assert asked.count("GetAgentRuntime") <= 2 * len(names)
            assert asked.count("ListAgentRuntimes") <= 3 * len(names)

    run(scene)
