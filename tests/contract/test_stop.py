"""A stop at any moment: nothing is sent after it, and what was sent is on record."""

import random
from typing import Any

import anyio
import httpx
import pytest

from reconciler.model.outcome import Result
from reconciler.sandbox import control
from tests.support.clouds import PROVIDERS, cloud
from tests.support.virtual import VirtualClock, run

CHANGES: dict[str, dict[str, Any]] = {
    "agentrun": {"description": "new words"},
    "appstage": {"region": "cn-north-5", "tags": [], "properties": {"prologue": "new words"}},
}


class Slow(httpx.AsyncBaseTransport):
    """Replies a second after the effect."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self.inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self.inner.handle_async_request(request)
        await VirtualClock().sleep(1.0)
        return response


@pytest.mark.parametrize("name", sorted(PROVIDERS))
def test_no_write_follows_a_stop(name: str) -> None:
    """200 stops at random moments, throttled or not: the last write came before, and is known."""
    interrupted = 0
    for seed in range(200):
        chance = random.Random(seed)
        moment, throttled = chance.uniform(3, 16), chance.choice([0, 3])

        async def scene(
            moment: float = moment, throttled: int = throttled, seed: int = seed
        ) -> bool:
            async with cloud(name, transport=Slow) as world:
                world.quirks(
                    restart_seconds=6.0,
                    throttle_next=throttled,
                    throttle_on="writes",
                    throttle_header="retry-after",
                    throttle_wait_ms=2000,
                )
                applying = world.applying()
                outcomes: list[Any] = []

                async def work() -> None:
                    outcomes.extend(await applying.carry([world.seed(CHANGES[name])]))

                start = world.clock.monotonic()
                async with anyio.create_task_group() as group:
                    group.start_soon(work)
                    await world.clock.sleep(moment)
                    applying.stop.set()
                assert world.clock.monotonic() - start < moment + 1.5, seed
                puts = [line for line in control.log_lines(world.store) if line.method == "PUT"]
                assert all(line.at - world.clock.wall() <= 0 for line in puts)
                effects = sum(line.status == 200 for line in puts)
                (outcome,) = outcomes
                answers = [e for e in applying.journal.lines if e["event"] == "write-answered"]
                told = sum(e["answer"] == "success" for e in answers)
                assert effects == told, (seed, outcome)
                before = len(puts)
                await world.clock.sleep(60)
                after = [line for line in control.log_lines(world.store) if line.method == "PUT"]
                assert len(after) == before, seed
                if effects:
                    assert outcome.result in (Result.INTERRUPTED, Result.CHANGED), seed
                else:
                    assert outcome.result in (Result.INTERRUPTED, Result.SKIPPED), seed
                return outcome.result is Result.INTERRUPTED

        interrupted += run(scene)
    assert interrupted > 10


def test_failures_stop_what_has_not_begun_on_a_cloud_without_restarts() -> None:
    """40 agents of which every update is refused: a handful is asked for, the rest is skipped."""

    async def scene() -> None:
        async with cloud("appstage") as world:
            from reconciler.sandbox import seeds

            ids = [f"{number:032x}" for number in range(40)]
            long_ago = world.clock.wall() - 86_400
            for number, agent_id in enumerate(ids):
                properties = {**seeds.PROPERTIES, "name": f"n{number}"}
                body = {**seeds.AGENT, "properties": properties}
                control.add_agent(world.store, agent_id, body, long_ago)
            world.quirks(error_writes_next=999, error_status="502")
            targets = [
                world.desired(f"n{n}", {"agentId": i, "properties": {"prologue": "new"}})
                for n, i in enumerate(ids)
            ]
            outcomes = await world.apply(*targets)
            results = [outcome.result for outcome in outcomes]
            assert results.count(Result.FAILED) <= 6
            assert results.count(Result.SKIPPED) >= 34
            puts = [line for line in control.log_lines(world.store) if line.method == "PUT"]
            assert len(puts) <= 10

    run(scene)
