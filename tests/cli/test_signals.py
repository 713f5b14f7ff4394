"""Interruptions: the first stops an apply in good order, a second ends at once."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from reconciler.applier.stop import Stop
from reconciler.cli.signals import Interrupts, asking, run_interruptible
from reconciler.cli.world import World, make_world
from tests.support.cli import Tty
from tests.support.virtual import VirtualClock, VirtualLoop

ROOT = Path(__file__).parents[2]
SIGNALS = [signal.SIGINT, signal.SIGTERM]


def world_of(screen: Tty) -> World:
    return make_world(
        environ={},
        stdin=None,
        stdout=screen,
        stderr=screen,
        clock=VirtualClock(),
        providers=None,
        loop_options={"loop_factory": VirtualLoop},
    )


@pytest.mark.parametrize("number", SIGNALS)
def test_before_anything_is_written_one_signal_ends_the_run(number: signal.Signals) -> None:
    """While a plan is read there is nothing to finish."""
    world = world_of(Tty())

    async def body(_: Interrupts) -> int:
        signal.raise_signal(number)
        await world.clock.sleep(60)
        return 0

    with pytest.raises(KeyboardInterrupt):
        run_interruptible(body, world)


@pytest.mark.parametrize("number", SIGNALS)
def test_during_an_apply_the_first_signal_asks_for_a_stop(number: signal.Signals) -> None:
    """The run goes on to finish its record, and the user is told what a second signal does."""
    screen = Tty()
    world = world_of(screen)

    async def body(interrupts: Interrupts) -> str:
        stop = Stop()
        interrupts.stop_with(stop, lambda: None)
        signal.raise_signal(number)
        with stop.scope():
            await world.clock.sleep(60)
        await world.clock.sleep(1)
        return "finished in good order" if stop.requested else "not asked"

    assert run_interruptible(body, world) == "finished in good order"
    assert "a second signal ends at once" in screen.getvalue()


PROGRAM = """
import os, signal, sys
import anyio
from reconciler.applier.stop import Stop
from reconciler.cli.signals import run_interruptible
from reconciler.cli.world import make_world

world = make_world(environ={}, stdin=None, stdout=None, stderr=None, clock=None, providers=None,
                   loop_options=None)

async def body(interrupts):
    interrupts.stop_with(Stop(), lambda: world.out.line("restored"))
    with anyio.CancelScope(shield=True):
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGTERM)
            await world.clock.sleep(0.05)
        await world.clock.sleep(60)

run_interruptible(body, world)
"""


def test_a_second_signal_ends_at_once_even_while_a_reply_is_waited_for() -> None:
    """A write that hangs cannot hold the program: 130, with the terminal put right."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 130
    assert done.stdout == "restored\n"
    assert done.stderr.splitlines()[-1] == "interrupted"


@pytest.mark.parametrize("number", SIGNALS)
def test_a_question_can_be_answered_with_a_signal(number: signal.Signals) -> None:
    """Ctrl-C at `Apply these changes?` ends the program, and signals work as before after it."""
    before = [signal.getsignal(one) for one in SIGNALS]
    with pytest.raises(KeyboardInterrupt), asking():
        signal.raise_signal(number)
    assert [signal.getsignal(one) for one in SIGNALS] == before
