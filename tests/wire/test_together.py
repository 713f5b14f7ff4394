"""Calls side by side: in order, with one error, and none that holds the others up for ever."""

from functools import partial

import pytest

from reconciler.model.errors import InputError
from reconciler.wire.together import PATIENCE_SECONDS, patiently, together
from tests.support.virtual import VirtualClock, run

CLOCK = VirtualClock()


async def after(seconds: float, value: str = "") -> str:
    """The value, so much later."""
    await CLOCK.sleep(seconds)
    return value


def test_results_come_in_the_order_of_the_jobs() -> None:
    """Whichever is done first; and together they take as long as the longest."""

    async def scene() -> tuple[list[str], float]:
        jobs = [partial(after, seconds, str(seconds)) for seconds in (3, 1, 2)]
        return await together(jobs), CLOCK.monotonic()

    results, seconds = run(scene)
    assert results == ["3", "1", "2"]
    assert seconds == pytest.approx(3)
    assert run(lambda: together([])) == []


def test_an_error_is_raised_as_it_is_once_all_have_ended() -> None:
    """Not as a group of errors, which nobody above would know."""

    async def fails(text: str) -> str:
        await CLOCK.sleep(1)
        raise InputError(text)

    async def scene() -> float:
        with pytest.raises(InputError, match="first"):
            await together([partial(after, 5), partial(fails, "first"), partial(fails, "second")])
        return CLOCK.monotonic()

    assert run(scene) == pytest.approx(5)


def test_a_read_that_does_not_come_is_given_up_for_now() -> None:
    """The others have their results after 15 s, and this one says that it has none yet."""

    async def scene() -> tuple[list[str], float]:
        jobs = [partial(after, seconds, "came") for seconds in (1.0, 500.0)]
        found = await together([partial(patiently, CLOCK, job, "late") for job in jobs])
        return found, CLOCK.monotonic()

    found, seconds = run(scene)
    assert found == ["came", "late"]
    assert seconds == pytest.approx(PATIENCE_SECONDS)
