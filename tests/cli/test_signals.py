"""Interruptions: the first stops an apply in good order, a second ends at once."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.applier.stop import Stop
from reconciler.cli.signals import Interrupts, run_interruptible
from reconciler.cli.world import World, make_world
from tests.support.cli import SECRETS, Tty, run_cli, write_manifests
from tests.support.virtual import VirtualClock, VirtualLoop

ROOT = Path(__file__).parents[2]
SIGNALS = [signal.SIGINT, signal.SIGTERM]


@pytest.fixture(autouse=True)
def _interruptible() -> Iterator[None]:
    """SIGINT as in a foreground process, also where the tests were started with it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


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
        interrupts.stop_with(stop, lambda: print("<rows are gone>", file=screen))
        signal.raise_signal(number)
        with stop.scope():
            await world.clock.sleep(60)
        await world.clock.sleep(1)
        return "finished in good order" if stop.requested else "not asked"

    assert run_interruptible(body, world) == "finished in good order"
    assert "a second signal ends at once" in screen.getvalue()
    assert screen.getvalue().startswith("<rows are gone>")


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
    assert done.stdout == 2 * "restored\n"  # before each of the two lines
    assert done.stderr.splitlines()[-1] == "interrupted"


@pytest.mark.parametrize("number", SIGNALS)
def test_a_question_can_be_answered_with_a_signal(number: signal.Signals) -> None:
    """Ctrl-C at `Apply these changes?` ends the program, and signals work as before after it."""
    before = [signal.getsignal(one) for one in SIGNALS]

    async def body(interrupts: Interrupts) -> None:
        with interrupts.asking():
            signal.raise_signal(number)

    with pytest.raises(KeyboardInterrupt):
        run_interruptible(body, world_of(Tty()))
    assert [signal.getsignal(one) for one in SIGNALS] == before


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_just_before_a_question_is_not_lost(number: signal.Signals) -> None:
    """The event loop stands still while a question waits: it is not the one that must notice."""
    reached = []

    async def body(interrupts: Interrupts) -> None:
        signal.raise_signal(number)
        with interrupts.asking():
            reached.append("the question")

    with pytest.raises(KeyboardInterrupt):
        run_interruptible(body, world_of(Tty()))
    assert reached == []


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_just_before_the_first_write_is_not_lost(number: signal.Signals) -> None:
    """Between the answer and the first write nothing has to be finished either."""

    async def body(interrupts: Interrupts) -> None:
        signal.raise_signal(number)
        interrupts.stop_with(Stop(), lambda: None)

    with pytest.raises(KeyboardInterrupt):
        run_interruptible(body, world_of(Tty()))


def test_a_signal_at_the_very_end_of_a_plan_still_ends_with_130() -> None:
    """Also where the event loop has no time left to notice."""

    async def body(_: Interrupts) -> int:
        signal.raise_signal(signal.SIGINT)
        return 0

    with pytest.raises(KeyboardInterrupt):
        run_interruptible(body, world_of(Tty()))


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_that_was_ignored_from_the_start_stays_ignored(number: signal.Signals) -> None:
    """Under `nohup`, or in the background of a script, the run goes on to its end."""
    before = signal.signal(number, signal.SIG_IGN)

    async def body(_: Interrupts) -> str:
        signal.raise_signal(number)
        return "went on"

    try:
        assert run_interruptible(body, world_of(Tty())) == "went on"
        assert signal.getsignal(number) is signal.SIG_IGN
    finally:
        signal.signal(number, before)


class Ringing(Tty):
    """A terminal on which a signal arrives when a certain text is written."""

    def __init__(self, text: str, number: signal.Signals) -> None:
        super().__init__()
        self._text = text
        self._number = number

    def write(self, text: str) -> int:
        if self._text in text:
            signal.raise_signal(self._number)
        return super().write(text)


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("text", ["Target: ", "Plan: ", "Apply these changes?"])
def test_until_the_first_write_a_signal_ends_an_apply_with_130(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, number: signal.Signals
) -> None:
    """Whatever is on the screen by then, nothing is asked any more and nothing is written."""
    monkeypatch.chdir(tmp_path)
    write_manifests(tmp_path)
    screen = Ringing(text, number)
    ran = run_cli(
        *("apply", "manifests", "--target", "sandbox"),
        environ=SECRETS,
        stdin=Tty("y\n"),
        stdout=screen,
        stderr=screen,
    )
    assert ran.code == 130
    assert ran.err.endswith("interrupted\n")
    assert "PUT" not in run_cli("sandbox", "log").out
    assert "writing" not in ran.err


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_before_anything_was_read_is_an_interruption(number: signal.Signals) -> None:
    """While configuration is looked for it ends with 130 too; the handlers are put back."""
    before = [signal.getsignal(one) for one in SIGNALS]

    def providers() -> tuple[()]:
        signal.raise_signal(number)
        return ()

    ran = run_cli("validate", ".", providers=providers)
    assert (ran.code, ran.err) == (130, "interrupted\n")
    assert [signal.getsignal(one) for one in SIGNALS] == before


LOADING = """
import sys
from reconciler.cli.terminable import terminable

try:
    with terminable():
        exec("import signal; signal.raise_signal(signal.{signal})")
except KeyboardInterrupt:
    sys.exit(130)
"""


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_while_modules_are_loaded_is_an_exit_code(number: signal.Signals) -> None:
    """An interruption that was dealt with does not make the interpreter die of it at its end."""
    done = subprocess.run(
        [sys.executable, "-c", LOADING.format(signal=number.name)],
        timeout=30,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 130
