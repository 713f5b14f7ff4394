"""Every try is a request of its own: nothing that may be used once is sent twice."""

from itertools import pairwise
from typing import Any

import httpx
import pytest

from tests.support.clouds import PROVIDERS, cloud
from tests.support.virtual import run

CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "agentrun": ({"description": "new"}, {"cpu": 2, "memory": 2048, "description": "new"}),
    "appstage": ({}, {"region": "cn-north-5", "tags": [], "properties": {"prologue": "new"}}),
}


class Recorded(httpx.AsyncBaseTransport):
    """Keeps every request that passes."""

    def __init__(self, inner: httpx.AsyncBaseTransport, requests: list[httpx.Request]) -> None:
        self._inner = inner
        self._requests = requests

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Keep a copy: the client may sign the same object again."""
        copy = httpx.Request(request.method, request.url, headers=request.headers.multi_items())
        self._requests.append(copy)
        return await self._inner.handle_async_request(request)


def tries(name: str, **quirks: Any) -> list[httpx.Request]:
    """Every request of a read and an update, each of which is hit by these faults."""
    requests: list[httpx.Request] = []

    async def scene() -> None:
        async with cloud(name, transport=lambda inner: Recorded(inner, requests)) as world:
            spec, body = CHANGES[name]
            await world.session.fetch([world.seed(spec)])
            requests.clear()
            world.quirks(**quirks)
            found = await world.session.read(world.seed(spec), None)
            world.quirks(**quirks)
            await world.session.update(world.seed(spec), getattr(found, "id", ""), body)

    run(scene)
    return requests


@pytest.mark.parametrize("name", sorted(PROVIDERS))
@pytest.mark.parametrize("header", ["none", "x-acs-retry-after", "retry-after"])
def test_a_throttled_request_is_sent_again_as_a_new_one(name: str, header: str) -> None:
    """Reads and writes that were throttled come again, each with what makes a request its own."""
    faults = {"throttle_next": 2, "throttle_header": header, "throttle_wait_ms": 2500}
    requests = tries(name, **faults)
    assert [request.method for request in requests] == ["GET"] * 3 + ["PUT"] * 3
    if name == "agentrun":
        headers = [request.headers for request in requests]
        for unique in ("x-acs-signature-nonce", "authorization"):
            assert len({one[unique] for one in headers}) == len(headers)
        dates = [one["x-acs-date"] for one in headers]
        assert all(earlier <= later for earlier, later in pairwise(dates))
        if header != "none":
            assert len(set(dates[:3])) == len(set(dates[3:])) == 3
    else:
        assert {request.headers["x-auth-token"] for request in requests} != {""}


def test_a_token_that_expired_between_two_tries_is_a_new_one() -> None:
    """A try after a long pause carries the token of then, not the one of the first try."""
    requests: list[httpx.Request] = []

    async def scene() -> None:
        async with cloud("appstage", transport=lambda inner: Recorded(inner, requests)) as world:
            seed = world.seed({})
            await world.session.fetch([seed])
            await world.clock.sleep(24 * 3600 - 40 * 60 - 100)
            world.quirks(throttle_next=1, throttle_header="retry-after", throttle_wait_ms=200_000)
            requests.clear()
            await world.session.read(seed, None)

    run(scene)
    agents = [request for request in requests if request.method == "GET"]
    assert len(agents) == 2
    assert agents[0].headers["x-auth-token"] != agents[1].headers["x-auth-token"]
