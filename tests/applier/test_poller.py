"""Looks that fall due together are one poll, and none is ever answered from before it was asked."""

import random
from collections.abc import Sequence
from typing import Any

import anyio
import pytest

from reconciler.applier.poller import MOST_AT_ONCE, REST_SECONDS, Look, Poller, When
from reconciler.model.errors import InputError
from reconciler.model.live import Found, Health, Live
from reconciler.model.manifest import Desired
from tests.support.applying import wanted
from tests.support.virtual import VirtualClock, run


class Asked:
    """A session that only polls; it notes when, and for whom."""

    def __init__(self, seconds: float = 0.05) -> None:
        self.clock = VirtualClock()
        self.seconds = seconds
        self.polls: list[tuple[float, list[str]]] = []
        self.under_way = self.most = 0
        self.error: Exception | None = None

    async def poll(self, wanted: Sequence[tuple[Desired, str | None]]) -> list[Found]:
        self.polls.append((self.clock.monotonic(), [one.address.name for one, _ in wanted]))
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            await self.clock.sleep(self.seconds)
            if self.error is not None:
                raise self.error
            now = self.clock.monotonic()
            return [Live(one.address.name, {}, Health.BUSY, stamp=now) for one, _ in wanted]
        finally:
            self.under_way -= 1


def looks(session: Asked, *whens: tuple[float, float]) -> list[Look]:
    """The looks of agents `a0`, `a1`, … that are due, and may be taken along, at these times."""
    poller = Poller(session, session.clock)  # type: ignore[arg-type]
    came: dict[int, Look] = {}

    async def one(number: int, when: When) -> None:
        came[number] = await poller.look(wanted(f"a{number}", {}), f"id{number}", when)

    async def scene() -> None:
        async with anyio.create_task_group() as group:
            for number, (due, earliest) in enumerate(whens):
                group.start_soon(one, number, When(due, earliest))

    run(scene)
    assert poller.polls == len(session.polls)
    return [came[number] for number in range(len(whens))]


def test_a_lone_look_comes_when_it_is_due() -> None:
    """Nobody waits for others to come along."""
    session = Asked()
    (look,) = looks(session, (3.0, 2.0))
    assert look.asked == 3.0
    assert look.answered == pytest.approx(3.05)


def test_looks_that_may_be_early_share_the_poll_of_the_first() -> None:
    """One of them is due at 3 s, the others may look by then: one poll; a confirming read may not."""
    session = Asked()
    found = looks(session, (3.0, 2.8), (3.2, 2.9), (3.1, 3.1), (9.0, 3.0))
    assert [names for _, names in session.polls] == [["a0", "a1", "a3"], ["a2"]]
    assert [look.asked for look in found] == [3.0, 3.0, pytest.approx(3.1), 3.0]


def test_no_look_is_ever_from_before_it_might_be() -> None:
    """500 random sets of looks: each asked within its time, or late only behind polls under way."""
    for seed in range(500):
        chance = random.Random(seed)
        session = Asked(chance.choice((0.01, 0.3, 2.0)))
        whens = []
        for _ in range(chance.randint(1, 12)):
            due = chance.uniform(0, 6)
            whens.append((due, due - chance.choice((0.0, 0.2, 1.5))))
        for (due, earliest), look in zip(whens, looks(session, *whens), strict=True):
            assert look.asked >= earliest - 1e-5, seed
            rest = min(session.seconds, REST_SECONDS)
            assert look.asked <= due + session.seconds + rest + 1e-5, seed
            assert isinstance(look.found, Live)
            assert look.found.stamp == pytest.approx(look.answered), seed
        assert session.most <= MOST_AT_ONCE, seed
        names = [name for _, batch in session.polls for name in batch]
        assert len(names) == len(set(names)) == len(whens), seed


def test_a_slow_cloud_is_asked_for_more_at_a_time_and_not_more_often() -> None:
    """Twenty looks a tenth of a second apart, polls of two seconds: a few polls hold them all."""
    session = Asked(2.0)
    looks(session, *((number / 10, number / 10) for number in range(20)))
    assert len(session.polls) <= 4


def test_after_a_poll_the_next_one_waits_as_long_as_that_one_took() -> None:
    """A cloud with little to spare is slow to answer: more looks share fewer requests then."""
    session = Asked(0.4)
    first, second, third = looks(session, (1.0, 1.0), (1.5, 1.5), (1.7, 1.7))
    assert (first.asked, second.asked, third.asked) == pytest.approx((1.0, 1.8, 1.8))
    slow = Asked(5.0)
    first, second = looks(slow, (1.0, 1.0), (6.5, 6.5))
    assert second.asked - first.answered == pytest.approx(REST_SECONDS)


def test_whoever_shared_a_poll_that_was_cancelled_asks_again() -> None:
    """The one that asked gave up; the other gets a look of its own, and nobody hangs."""
    session = Asked(1.0)
    poller = Poller(session, session.clock)  # type: ignore[arg-type]

    async def scene() -> Look:
        came: list[Look] = []

        async def impatient() -> None:
            with session.clock.timeout(0.5):
                await poller.look(wanted("first", {}), "1", When(0.1, 0.1))

        async def patient() -> None:
            came.append(await poller.look(wanted("second", {}), "2", When(0.2, 0.0)))

        async with anyio.create_task_group() as group:
            group.start_soon(impatient)
            group.start_soon(patient)
        return came[0]

    look = run(scene)
    assert look.asked == pytest.approx(0.5)
    assert [names for _, names in session.polls] == [["first", "second"], ["second"]]


def test_an_error_of_ours_reaches_each_who_asked() -> None:
    """What is no matter of a single read is raised, for every one of them, and nobody hangs."""
    session = Asked()
    session.error = InputError("the disk is full")
    poller = Poller(session, session.clock)  # type: ignore[arg-type]
    errors: list[Any] = []

    async def scene() -> None:
        async def one(name: str) -> None:
            try:
                await poller.look(wanted(name, {}), name, When(1.0, 0.0))
            except InputError as error:
                errors.append(error)

        async with anyio.create_task_group() as group:
            for name in "abc":
                group.start_soon(one, name)

    run(scene)
    assert len(errors) == 3
