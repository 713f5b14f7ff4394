"""Who is waited for, while it happens, as plain lines. The live display stands in `live`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from reconciler.cli.terminal import Terminal
from reconciler.ports import Clock, Progress
from reconciler.report.count import counted
from reconciler.report.plain import capped, plain

SILENCE_SECONDS: Final = 9.0
"""Without a terminal: after so long without a line, one says who is still waited for."""

_NAMED: Final = 5


class Watcher(Protocol):
    """An observer with a task of its own, cancelled when the run is over."""

    def tell(self, progress: Progress) -> None:
        """See `Observer.tell`."""
        ...

    async def run(self) -> None:
        """Keep the display going until cancelled."""
        ...

    def restore(self) -> None:
        """Leave the terminal as it was found."""
        ...


@dataclass(frozen=True, slots=True)
class Row:
    """One agent in flight: what it is doing, and since when (monotonic seconds)."""

    phase: str
    text: str
    since: float


class Flight:
    """The agents that are being worked on, in the order in which they were taken up."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rows: dict[str, Row] = {}

    def take(self, progress: Progress) -> bool:
        """Follow one step. False for the end of an agent that was never in flight.

        Why nothing was sent to it stands in the plan and among the outcomes: that is enough.
        """
        name = plain(str(progress.address))
        if progress.phase == "done":
            return self._rows.pop(name, None) is not None
        if progress.phase != "note":
            before = self._rows.get(name)
            since = before.since if before else self._clock.monotonic()
            self._rows[name] = Row(progress.phase, plain(progress.text), since)
        return True

    @property
    def rows(self) -> Mapping[str, Row]:
        """By name of the agent."""
        return self._rows

    def seconds(self, row: Row) -> float:
        """How long this agent has been in flight."""
        return self._clock.monotonic() - row.since


def line_of(progress: Progress) -> str:
    """One step as one line; of a longer text its first line."""
    said = plain(capped(progress.text.partition("\n")[0])) or progress.phase
    mark = "note: " if progress.phase == "note" else ""
    return f"{plain(str(progress.address))}: {mark}{said}"


class Silent:
    """Watches nothing (`-q`)."""

    def tell(self, progress: Progress) -> None:
        """See `Watcher.tell`."""

    async def run(self) -> None:
        """See `Watcher.run`."""

    def restore(self) -> None:
        """See `Watcher.restore`."""


class PlainLines:
    """A line for every step of an agent in flight, and one at least every ten seconds."""

    def __init__(self, err: Terminal, clock: Clock) -> None:
        self._err = err
        self._clock = clock
        self._flight = Flight(clock)
        self._last = clock.monotonic()

    def tell(self, progress: Progress) -> None:
        """See `Watcher.tell`."""
        if self._flight.take(progress):
            self._write(line_of(progress))

    async def run(self) -> None:
        """See `Watcher.run`."""
        while True:
            left = self._last + SILENCE_SECONDS - self._clock.monotonic()
            if left > 0:
                await self._clock.sleep(left)
            else:
                self._write(self._waiting())

    def restore(self) -> None:
        """See `Watcher.restore`."""

    def _write(self, line: str) -> None:
        self._err.line(line)
        self._last = self._clock.monotonic()

    def _waiting(self) -> str:
        rows = list(self._flight.rows.items())
        if not rows:
            return "still working"
        named = ", ".join(
            f"{name} ({row.phase}, {self._flight.seconds(row):.0f} s)"
            for name, row in rows[:_NAMED]
        )
        more = f", and {len(rows) - _NAMED} more" if len(rows) > _NAMED else ""
        return f"still waiting for {counted(len(rows), 'agent')}: {named}{more}"
