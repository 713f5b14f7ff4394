"""How much is sent: rate, burst, concurrency, pauses, retries."""

import asyncio
import random
from contextlib import nullcontext
from functools import partial

import anyio
import pytest

from reconciler.wire.limiter import Limiter, _Line, in_no_hurry
from tests.support.virtual import VirtualClock, run
from tests.support.wire import FakeClock


def admitted(limiter: Limiter, clock: FakeClock, count: int) -> list[float]:
    """The times at which so many requests were admitted."""
    times: list[float] = []

    async def main() -> None:
        for _ in range(count):
            async with limiter.slot():
                times.append(clock.now)

    anyio.run(main)
    return times


def test_after_the_burst_requests_come_at_the_rate() -> None:
    """A hundred requests leave at once, and ten a second after that."""
    clock = FakeClock()
    times = admitted(Limiter(clock), clock, 130)
    assert times[99] == 0
    assert times[100:103] == pytest.approx([0.1, 0.2, 0.3])
    assert times[129] == pytest.approx(3.0)


def test_no_window_of_time_holds_more_than_burst_and_rate_allow() -> None:
    """Whatever the pauses, any stretch of time has at most burst + rate x its length requests."""
    clock = FakeClock()
    limiter = Limiter(clock, requests_per_second=5, burst=4)
    times: list[float] = []

    async def main() -> None:
        for number in range(60):
            if number in (20, 21, 40):
                limiter.pause(7.5)
            if number == 30:
                await clock.sleep(100)
            await limiter.admit()
            times.append(clock.now)

    anyio.run(main)
    for first, start in enumerate(times):
        for last in range(first, len(times)):
            allowed = 4 + 5 * (times[last] - start)
            assert last - first + 1 <= allowed + 1e-6


def test_idle_time_gives_back_no_more_than_the_burst() -> None:
    """An hour of silence allows one burst, not an hour's worth of requests."""
    clock = FakeClock()
    limiter = Limiter(clock, requests_per_second=10, burst=3)
    admitted(limiter, clock, 3)
    clock.now += 3600
    times = admitted(limiter, clock, 5)
    assert [t - 3600 for t in times] == pytest.approx([0, 0, 0, 0.1, 0.2])


def test_a_pause_holds_until_its_end_and_a_shorter_one_does_not_shorten_it() -> None:
    """The longest pause that was asked for counts."""
    clock = FakeClock()
    limiter = Limiter(clock)
    limiter.pause(30)
    limiter.pause(5)
    assert admitted(limiter, clock, 1) == [30]


def test_no_burst_follows_a_pause() -> None:
    """After a pause requests come at the rate, however full the bucket was before."""
    clock = FakeClock()
    limiter = Limiter(clock, requests_per_second=10, burst=100)
    limiter.pause(5)
    assert admitted(limiter, clock, 4) == pytest.approx([5, 5.1, 5.2, 5.3])


def test_no_more_than_the_allowed_number_run_at_once() -> None:
    """Ten requests run at once, and the eleventh waits; signing in waits for none of them."""
    clock = FakeClock()
    limiter = Limiter(clock, max_concurrent=10)
    running = 0
    highest = 0
    signed_in: list[int] = []

    async def work() -> None:
        nonlocal running, highest
        async with limiter.slot():
            running += 1
            highest = max(highest, running)
            for _ in range(100):
                await clock.sleep(0.01)
            running -= 1

    async def sign_in() -> None:
        while running < 10:
            await anyio.lowlevel.checkpoint()
        async with limiter.slot(counted=False):
            signed_in.append(running)

    async def main() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(40):
                group.start_soon(work)
            group.start_soon(sign_in)

    anyio.run(main)
    assert highest == 10
    assert signed_in == [10]


def test_the_retry_budget_grows_with_the_requests() -> None:
    """A short run may retry ten times, a long one a fifth of its requests more."""
    clock = FakeClock()
    limiter = Limiter(clock, 1000, 1000)
    assert [limiter.spend_retry() for _ in range(12)] == [True] * 10 + [False] * 2
    admitted(limiter, clock, 10)
    assert [limiter.spend_retry() for _ in range(3)] == [True, True, False]


def test_who_is_in_no_hurry_lets_others_go_first() -> None:
    """Twenty looks were there first; each of five writes that come later waits for none of them."""
    clock = VirtualClock()
    order: list[str] = []

    async def main() -> None:
        limiter = Limiter(clock, requests_per_second=10, burst=1)

        async def request(name: str, *, patient: bool) -> None:
            with in_no_hurry() if patient else nullcontext():
                async with limiter.slot():
                    order.append(name)

        async with anyio.create_task_group() as group:
            for _ in range(20):
                group.start_soon(partial(request, "look", patient=True))
            await clock.sleep(0.55)
            for _ in range(5):
                group.start_soon(partial(request, "write", patient=False))

    run(main)
    first = order.index("write")
    assert order[first : first + 5] == ["write"] * 5
    assert first <= 8
    assert len(order) == 25


def test_a_write_goes_before_the_reads_that_wait() -> None:
    """What was read for it is fresh, and its restart begins while others are still read."""
    clock = VirtualClock()
    order: list[str] = []

    async def main() -> None:
        limiter = Limiter(clock, requests_per_second=10, burst=1)

        async def request(name: str, *, writes: bool) -> None:
            async with limiter.slot(writes=writes):
                order.append(name)

        async with anyio.create_task_group() as group:
            for _ in range(20):
                group.start_soon(partial(request, "read", writes=False))
            await clock.sleep(0.55)
            group.start_soon(partial(request, "write", writes=True))

    run(main)
    assert order.index("write") <= 8
    assert len(order) == 21


def test_nobody_is_overtaken_by_who_comes_much_later() -> None:
    """However many writes keep coming, a look waits for those of its first seconds and no others."""
    clock = VirtualClock()
    served: dict[str, float] = {}

    async def main() -> None:
        limiter = Limiter(clock, requests_per_second=10, burst=1)

        async def request(name: str, *, patient: bool) -> None:
            with in_no_hurry() if patient else nullcontext():
                async with limiter.slot():
                    served[name] = clock.monotonic()

        async with anyio.create_task_group() as group:
            group.start_soon(partial(request, "first", patient=False))
            for number in range(150):
                group.start_soon(partial(request, f"write{number}", patient=False))
                if number == 10:
                    group.start_soon(partial(request, "look", patient=True))
                await clock.sleep(0.08)

    run(main)
    asked = 10 * 0.08
    before = (asked + 3.0) / 0.08  # requests that are asked for up to 3 s after it
    assert served["look"] > served["write30"]
    assert served["look"] <= (before + 3) / 10 + 1e-6


def test_a_turn_that_comes_as_its_owner_gives_up_is_passed_on() -> None:
    """Granted and cancelled in the same moment: the next one has it."""

    async def main() -> bool:
        line = _Line()
        await line.enter(0.0)
        owner = asyncio.create_task(line.enter(1.0))
        await asyncio.sleep(0)  # noqa: TID251 - no time passes
        line.leave()
        owner.cancel()
        await asyncio.wait([owner])
        assert owner.cancelled()
        with VirtualClock().timeout(1.0) as waited:
            await line.enter(2.0)
        return waited.expired

    assert not run(main)


def test_who_gives_up_waiting_blocks_nobody() -> None:
    """Cancelled while others wait, with a turn or without one: everybody else is served."""
    for seed in range(200):
        chance = random.Random(seed)
        clock = VirtualClock()
        served: list[int] = []

        async def main(
            chance: random.Random = chance,
            clock: VirtualClock = clock,
            served: list[int] = served,
        ) -> None:
            limiter = Limiter(clock, requests_per_second=10, burst=2, max_concurrent=2)

            async def request(number: int, seconds: float, *, patient: bool) -> None:
                with clock.timeout(seconds), in_no_hurry() if patient else nullcontext():
                    async with limiter.slot():
                        served.append(number)
                        await clock.sleep(0.15)

            async with anyio.create_task_group() as group:
                for number in range(20):
                    seconds = chance.choice((chance.uniform(0, 1.5), 100.0))
                    patient = chance.random() < 0.5
                    group.start_soon(partial(request, number, seconds, patient=patient))
            async with limiter.slot():
                served.append(-1)

        run(main)
        assert served[-1] == -1, seed
        assert len(served) == len(set(served)), seed
