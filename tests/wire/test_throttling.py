"""An account that is throttled: everything pauses, goes on slower, and few requests are wasted."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import anyio
import httpx
import pytest

from reconciler.model.errors import Throttled
from reconciler.wire.client import Client, Limiter
from tests.support.virtual import VirtualClock, run
from tests.support.wire import CALLS, READ, Bench, judge, ok

HEADERS = [{}, {"retry-after": "1"}, {"x-pause-ms": "700"}]
RATE, BURST, TASKS = 10.0, 20, 10


class Account:
    """A cloud that keeps when each request came, and refuses those that `refuses` picks."""

    def __init__(self, refuses: Callable[[float], bool], headers: dict[str, str]) -> None:
        self.refuses = refuses
        self.headers = headers
        self.came: list[float] = []
        self.refused = 0

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        now = anyio.current_time()
        self.came.append(now)
        await anyio.sleep(0.05)  # noqa: TID251 - the cloud takes its time, which is virtual
        if not self.refuses(now):
            return ok()
        self.refused += 1
        return httpx.Response(429, headers=self.headers)


def asked(account: Account, count: int, seed: int, *, clients: int = 2) -> Counter[str]:
    """So many calls by ten tasks through the clients of one account: how they ended."""
    ends: Counter[str] = Counter()

    async def main() -> None:
        clock = VirtualClock()
        chance = random.Random(seed).random
        context = replace(Bench(account).context(), clock=clock, jitter=chance)
        limiter = Limiter(clock, RATE, BURST, TASKS)
        opened = [
            Client(
                base_url=f"http://127.0.0.{number + 1}",
                calls=CALLS,
                judge=judge,
                context=context,
                limiter=limiter,
                domains=("example.com",),
                milliseconds_header="x-pause-ms",
            )
            for number in range(clients)
        ]
        todo = iter(range(count))

        async def work() -> None:
            for number in todo:
                try:
                    await opened[number % clients].send(READ)
                    ends["done"] += 1
                except Throttled:
                    ends["throttled"] += 1

        async with anyio.create_task_group() as group:
            for _ in range(TASKS):
                group.start_soon(work)

    run(main)
    return ends


def assert_within_the_limit(came: list[float]) -> None:
    """No stretch of time holds more than the burst and the rate allow."""
    for first, start in enumerate(came):
        for number, moment in enumerate(came[first : first + 60]):
            assert number + 1 <= BURST + RATE * (moment - start) + 1e-6


@pytest.mark.parametrize("headers", HEADERS)
@pytest.mark.parametrize("seed", range(3))
def test_a_tenth_of_throttling_costs_at_most_a_fifth_more(
    headers: dict[str, str], seed: int
) -> None:
    """Where one request of ten is refused, with or without a header, every call succeeds in the
    end, for at most 1.2 requests each, and never faster than the limit."""
    chance = random.Random(seed)
    account = Account(lambda _now: chance.random() < 0.1, headers)
    ends = asked(account, 300, seed + 1000)
    assert ends == {"done": 300}
    assert account.refused >= 15
    assert len(account.came) <= 1.2 * 300
    assert_within_the_limit(account.came)


@pytest.mark.parametrize("headers", HEADERS)
@pytest.mark.parametrize("allowed", [3.0, 4.0, 7.0])
def test_a_cloud_that_takes_less_than_our_limit_is_not_hammered(
    headers: dict[str, str], allowed: float
) -> None:
    """Where the cloud's own limit is lower than ours, its pace is found: at most 1.2 requests for
    each call, and at least half of what it would take is used."""
    taken: list[float] = []

    def refuses(now: float) -> bool:
        recent = sum(now - moment < 2.0 for moment in taken[-20:])
        if recent >= 2.0 * allowed:
            return True
        taken.append(now)
        return False

    account = Account(refuses, headers)
    ends = asked(account, 400, 7)
    assert ends == {"done": 400}
    assert len(account.came) <= 1.2 * 400
    assert 400 / account.came[-1] >= allowed / 2
    assert_within_the_limit(account.came)


@pytest.mark.parametrize(("jitter", "pause"), [(0.9, 0.45), (0.5, 0.25)])
def test_without_a_header_everything_pauses_too(jitter: float, pause: float) -> None:
    """A throttled reply that names no pause holds back every client of the account for the pause
    of a retry; requests come singly and at half the rate after it."""
    account = Account(lambda now: now < 0.01, {})

    async def main() -> None:
        clock = VirtualClock()
        context = replace(Bench(account).context(), clock=clock, jitter=lambda: jitter)
        limiter = Limiter(clock, RATE, BURST, TASKS)
        one, two = (
            Client(
                base_url="http://127.0.0.1",
                calls=CALLS,
                judge=judge,
                context=context,
                limiter=limiter,
                domains=(),
            )
            for _ in range(2)
        )
        async with anyio.create_task_group() as group:
            group.start_soon(one.send, READ)
            await clock.sleep(0.1)
            for _ in range(5):
                group.start_soon(two.send, READ)

    run(main)
    first, *after = account.came
    assert min(after) == pytest.approx(first + 0.05 + pause)
    gaps = [later - earlier for earlier, later in pairwise(after)]
    assert min(gaps) >= 1 / RATE
    assert gaps[0] == pytest.approx(2 / RATE, rel=0.1)


def test_a_quiet_account_is_at_its_full_rate_again() -> None:
    """Half a minute after the last refusal requests come at the limit again."""
    account = Account(lambda now: now < 3, {})
    asked(account, 600, 5)
    late = [moment for moment in account.came if moment > 40]
    assert (len(late) - 1) / (late[-1] - late[0]) == pytest.approx(RATE, rel=0.05)


def test_a_long_pause_closes_every_client_of_the_account() -> None:
    """One host asks for an hour: no client of that account sends anything, and each says so."""
    account = Account(lambda _now: True, {"retry-after": "3600"})
    ends = asked(account, 50, 1)
    assert ends == {"throttled": 50}
    assert len(account.came) <= TASKS
