"""Who is waited for: never silent for long, and nothing that a terminal acts on."""

from io import StringIO

import anyio
import pytest

from reconciler.applier.eta import Outlook, Part
from reconciler.applier.job import key
from reconciler.cli.live import LiveRows
from reconciler.cli.progress import PlainLines, Silent
from reconciler.cli.terminal import Terminal
from reconciler.ports import Progress
from tests.support.cli import Tty, address
from tests.support.virtual import VirtualClock, run


class Stamped(StringIO):
    """A stream that notes when each line was written."""

    def __init__(self) -> None:
        super().__init__()
        self.times: list[float] = []

    def write(self, text: str) -> int:
        self.times.append(anyio.current_time())
        return super().write(text)


def watch_for(seconds: float, *steps: Progress) -> Stamped:
    """The plain lines of a run that waits so long after its steps."""
    stream = Stamped()

    async def main() -> None:
        clock = VirtualClock()
        watcher = PlainLines(Terminal(stream, {}), clock)
        async with anyio.create_task_group() as group:
            group.start_soon(watcher.run)
            for step in steps:
                watcher.tell(step)
            await clock.sleep(seconds)
            group.cancel_scope.cancel()

    run(main)
    return stream


def test_without_a_terminal_there_is_a_line_at_least_every_ten_seconds() -> None:
    """A pipeline that waits for minutes shows every ten seconds who is still waited for."""
    stream = watch_for(65, Progress(address("bot"), "restarting", "UPDATING after 1 s"))
    gaps = [late - early for early, late in zip(stream.times, stream.times[1:], strict=False)]
    assert max(gaps) <= 10
    assert len(stream.times) >= 7
    assert "still waiting for 1 agent: Agent/bot (restarting, 9 s)" in stream.getvalue()


def test_an_agent_without_a_restart_is_not_called_restarting() -> None:
    """Where a kind has no restart its values are waited for: it is settling."""
    last = watch_for(10, Progress(address("bot"), "settling", "")).getvalue().splitlines()
    assert last[0] == "Agent/bot: settling"
    assert last[-1] == "still waiting for 1 agent: Agent/bot (settling, 9 s)"


def test_a_page_long_step_is_cut() -> None:
    """A message of a cloud does not fill the screen while it is waited."""
    first = watch_for(1, Progress(address("bot"), "note", "n" * 1600)).getvalue().splitlines()[0]
    assert first == "Agent/bot: note: " + "n" * 600 + "… (1,000 more characters)"


def test_the_line_names_a_few_and_counts_the_rest() -> None:
    """With hundreds of agents in flight the line stays short."""
    steps = [Progress(address(f"bot{number}"), "writing", "") for number in range(8)]
    last = watch_for(10, *steps).getvalue().splitlines()[-1]
    assert last.startswith("still waiting for 8 agents: Agent/bot0 (writing, 9 s), ")
    assert last.endswith(", and 3 more")


def test_finished_agents_are_no_longer_waited_for() -> None:
    """An agent that is done is told once and then left out."""
    steps = (
        Progress(address("bot"), "writing", "writing 2 changes"),
        Progress(address("bot"), "note", "changed\x1b[31m meanwhile\nand more"),
        Progress(address("bot"), "done", "changed after 3 s"),
    )
    assert watch_for(10, *steps).getvalue().splitlines() == [
        "Agent/bot: writing 2 changes",
        "Agent/bot: note: changed\\u001b[31m meanwhile",
        "Agent/bot: changed after 3 s",
        "still working",
    ]


def test_an_agent_to_which_nothing_was_sent_has_no_line() -> None:
    """Why an agent is blocked is told in the plan and among the outcomes, not while others wait."""
    steps = (
        Progress(address("stuck"), "done", "blocked: it is published"),
        Progress(address("bot"), "settling", "settling after 1 s"),
        Progress(address("bot"), "done", "changed after 3 s"),
    )
    assert watch_for(1, *steps).getvalue().splitlines() == [
        "Agent/bot: settling after 1 s",
        "Agent/bot: changed after 3 s",
    ]


def test_quiet_writes_nothing() -> None:
    """`-q` leaves the waiting out."""
    watcher = Silent()
    watcher.tell(Progress(address("bot"), "note", "text"))
    run(watcher.run)
    watcher.restore()
    assert not hasattr(watcher, "stream")


@pytest.mark.parametrize("phase", ["note", "done"])
def test_on_a_terminal_each_agent_in_flight_has_a_row(phase: str) -> None:
    """The live display shows phase and seconds of each agent, and finished ones as lines."""
    screen = Tty()

    async def main() -> None:
        clock = VirtualClock()
        watcher = LiveRows(Terminal(screen, {}), clock)
        async with anyio.create_task_group() as group:
            group.start_soon(watcher.run)
            watcher.tell(Progress(address("bot"), "restarting", "UPDATING \x1b]8;;evil"))
            watcher.tell(Progress(address("设计"), "writing", "[bold]as it is"))
            await clock.sleep(3)
            step = Progress(address("bot"), "done", "changed after 3 s")
            watcher.tell(step if phase == "done" else Progress(address("bot"), "note", "a note"))
            group.cancel_scope.cancel()
        watcher.restore()

    run(main)
    shown = screen.getvalue()
    assert "restarting  Agent/bot" in shown.replace("\x1b[0m", "").replace("\x1b[33m", "")
    assert "3 s" in shown
    assert "[bold]as it is" in shown
    assert "\x1b]8" not in shown
    assert ("changed after 3 s" if phase == "done" else "note: a note") in shown
    assert shown.count("\x1b[?25l") == shown.count("\x1b[?25h") > 0


def outlook(*seconds: float, slots: int = 1) -> Outlook:
    """The outlook of a run that writes to `bot0`, `bot1`, …, each with this one earlier write."""
    parts = {
        key(address(f"bot{number}")): Part((0, True), (True, ""), lambda s=s: [s] if s else [])  # type: ignore[misc]
        for number, s in enumerate(seconds)
    }
    return Outlook(parts, {(True, ""): slots}, 0.0)


def waited(ahead: Outlook, seconds: float, *steps: Progress) -> list[str]:
    """The plain lines of a run with this outlook."""
    stream = StringIO()

    async def main() -> None:
        clock = VirtualClock()
        watcher = PlainLines(Terminal(stream, {}), clock, ahead)
        async with anyio.create_task_group() as group:
            group.start_soon(watcher.run)
            for step in steps:
                watcher.tell(step)
            await clock.sleep(seconds)
            group.cancel_scope.cancel()

    run(main)
    return stream.getvalue().splitlines()


def test_a_line_says_how_much_longer_an_agent_and_the_run_take() -> None:
    """By what earlier writes took: this one 60 s, and the one that waits for its slot 240 s."""
    lines = waited(outlook(60, 240), 19, Progress(address("bot0"), "writing", ""))
    assert lines[-1] == (
        "still waiting for 1 agent: Agent/bot0 (writing, 18 s, about 40 s left)"
        "; 0 of 2 done, about 5 min left"
    )


def test_what_is_not_known_is_said_to_be_unknown() -> None:
    """No earlier write of one of them: no number for it, and none for the run."""
    steps = [Progress(address(f"bot{number}"), "writing", "") for number in (0, 1)]
    lines = waited(outlook(60, 0, slots=2), 10, *steps)
    assert "Agent/bot0 (writing, 9 s, about 50 s left), " in lines[-1]
    assert "Agent/bot1 (writing, 9 s, time left unknown)" in lines[-1]
    assert lines[-1].endswith("; 0 of 2 done, time left unknown")


def test_an_agent_that_nothing_was_sent_to_has_no_time_left() -> None:
    """Somebody else's restart is waited for first."""
    lines = waited(outlook(60), 10, Progress(address("bot0"), "waiting", "waiting: it is UPDATING"))
    assert lines[-1].startswith("still waiting for 1 agent: Agent/bot0 (waiting, 9 s); 0 of 1 done")


def test_the_rows_on_a_terminal_end_with_the_whole_run() -> None:
    """Each agent has its own time left, and the last row that of the run."""
    screen = Tty()

    async def main() -> None:
        clock = VirtualClock()
        watcher = LiveRows(Terminal(screen, {}), clock, outlook(60, 240))
        async with anyio.create_task_group() as group:
            group.start_soon(watcher.run)
            watcher.tell(Progress(address("bot0"), "writing", ""))
            watcher.tell(Progress(address("bot0"), "restarting", "UPDATING"))
            await clock.sleep(20)
            group.cancel_scope.cancel()
        watcher.restore()

    run(main)
    shown = screen.getvalue()
    assert "about 40 s left" in shown
    assert "0 of 2 done, about 5 min left" in shown
