"""Slots: who gets one, and what becomes of one that nobody wants any more."""

import anyio

from reconciler.applier.slots import Slots
from tests.support.virtual import VirtualClock, run


def test_a_slot_goes_to_the_next_when_the_first_in_line_gave_up() -> None:
    """Whoever is cancelled while waiting leaves the line."""

    async def scene() -> None:
        slots, clock, got = Slots(1), VirtualClock(), list[str]()
        assert await slots.take()

        async def take(name: str) -> None:
            if await slots.take():
                got.append(name)

        async with anyio.create_task_group() as group:
            with anyio.CancelScope() as first:

                async def give_up() -> None:
                    await clock.sleep(1)
                    first.cancel()

                group.start_soon(give_up)
                await slots.take()
            group.start_soon(take, "second")
            await clock.sleep(1)
            assert got == []
            slots.give_back()
        assert got == ["second"]

    run(scene)


def test_a_slot_that_was_granted_to_somebody_cancelled_is_given_back() -> None:
    """Granted and cancelled in the same moment: the slot is not lost."""

    async def scene() -> None:
        slots, clock = Slots(1), VirtualClock()
        assert await slots.take()
        async with anyio.create_task_group() as group:
            with anyio.CancelScope() as scope:

                async def both() -> None:
                    await clock.sleep(1)
                    scope.cancel()
                    slots.give_back()

                group.start_soon(both)
                await slots.take()
        assert await slots.take()

    run(scene)


def test_those_who_wait_are_told_when_no_slot_will_ever_be_free() -> None:
    """Each restart that outlives its time keeps a slot; once all are kept, nobody waits on."""

    async def scene() -> None:
        slots, clock, answers = Slots(2), VirtualClock(), list[bool]()
        assert await slots.take()
        assert await slots.take()

        async def take() -> None:
            answers.append(await slots.take())

        async with anyio.create_task_group() as group:
            group.start_soon(take)
            group.start_soon(take)
            await clock.sleep(1)
            slots.lose()
            await clock.sleep(1)
            assert answers == []
            slots.lose()
        assert answers == [False, False]

    run(scene)


def test_what_is_restarting_already_takes_a_slot_beyond_the_bound() -> None:
    """Three restart where two may: nothing starts before two of them are back."""

    async def scene() -> None:
        slots, clock, got = Slots(2), VirtualClock(), list[float]()
        for _ in range(3):
            slots.occupy()

        async def take() -> None:
            assert await slots.take()
            got.append(clock.monotonic())

        async with anyio.create_task_group() as group:
            group.start_soon(take)
            for _ in range(2):
                await clock.sleep(1)
                assert got == []
                slots.give_back()
        assert len(got) == 1

    run(scene)
