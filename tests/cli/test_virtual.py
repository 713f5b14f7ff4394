"""The clock of rehearsals: time jumps, in the order of its deadlines, and only when all wait."""

import time

import anyio
import pytest

from reconciler.cli.virtual import LOOP_OPTIONS, VirtualClock

ORIGIN = 1_790_000_000.0


def test_hours_pass_at_once_and_in_order() -> None:
    """Sleepers wake in the order of their deadlines, at these moments, and the wall moves along."""
    clock, woken = VirtualClock(ORIGIN), []

    async def sleeper(seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((seconds, round(clock.monotonic(), 6), round(clock.wall() - ORIGIN, 6)))

    async def main() -> None:
        async with anyio.create_task_group() as group:
            for seconds in (7200.0, 0.5, 0.0, -1.0, 3600.25):
                group.start_soon(sleeper, seconds)

    began = time.monotonic()
    anyio.run(main, backend_options=dict(LOOP_OPTIONS))
    assert time.monotonic() - began < 60
    assert woken == [(s, max(s, 0.0), max(s, 0.0)) for s in (0.0, -1.0, 0.5, 3600.25, 7200.0)]


def test_a_limit_ends_a_block_when_it_is_due() -> None:
    """A timeout that is reached says so, one that is not does not."""
    clock = VirtualClock(ORIGIN)

    async def main() -> None:
        with clock.timeout(10.0) as short:
            await clock.sleep(30.0)
        assert short.expired
        assert clock.monotonic() == pytest.approx(10.0)
        with clock.timeout(10.0) as long:
            await clock.sleep(3.0)
        assert not long.expired
        assert clock.monotonic() == pytest.approx(13.0)

    anyio.run(main, backend_options=dict(LOOP_OPTIONS))


def test_who_waits_for_ever_is_an_error() -> None:
    """No timer is set and nobody can go on: that is told, not waited for."""

    async def main() -> None:
        await anyio.Event().wait()

    with pytest.raises(RuntimeError, match="no timer is set"):
        anyio.run(main, backend_options=dict(LOOP_OPTIONS))
