"""Who is waited for: never silent for long, and nothing that a terminal acts on."""

from io import StringIO

import anyio
import pytest

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
