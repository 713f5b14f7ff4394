"""Who is waited for, while it happens, as plain lines. The live display stands in `live`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from reconciler.applier.eta import Outlook
from reconciler.cli.terminal import Terminal
from reconciler.model.manifest import Address
from reconciler.ports import Clock, Progress
from reconciler.report.count import counted
from reconciler.report.plain import capped, plain

SILENCE_SECONDS: Final = 9.0
"""Without a terminal: after so long without a line, one says who is still waited for."""

_NAMED: Final = 5

_SENT: Final = ("writing", "restarting", "settling", "in-doubt")
"""The phases of an agent to which something was sent."""

_OLD_SECONDS: Final = 1.0
"""So long an estimate for the whole run serves: of a thousand agents it takes a while."""

_FEW: Final = 10.0
_MINUTE: Final = 60.0
_HOUR: Final = 3600.0


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
    address: Address


class Flight:
    """The agents that are being worked on, in the order in which they were taken up.

    `outlook` tells how much longer it takes, where somebody knows.
    """

    def __init__(self, clock: Clock, outlook: Outlook | None = None) -> None:
        self._clock = clock
        self._outlook = outlook
        self._whole: tuple[float, str] | None = None
        self._rows: dict[str, Row] = {}

    def take(self, progress: Progress) -> bool:
        """Follow one step. False for the end of an agent that was never in flight.

        Why nothing was sent to it stands in the plan and among the outcomes: that is enough.
        """
        name = plain(str(progress.address))
        self._look_ahead(progress)
        if progress.phase == "done":
            return self._rows.pop(name, None) is not None
        if progress.phase != "note":
            before = self._rows.get(name)
            since = before.since if before else self._clock.monotonic()
            text = plain(progress.text)
            self._rows[name] = Row(progress.phase, text, since, progress.address)
        return True

    def _look_ahead(self, progress: Progress) -> None:
        now = self._clock.monotonic()
        if self._outlook is None:
            return
        if progress.phase == "writing":
            self._outlook.begin(progress.address, now)
        elif progress.phase == "done":
            self._outlook.end(progress.address, now)

    @property
    def rows(self) -> Mapping[str, Row]:
        """By name of the agent."""
        return self._rows

    def seconds(self, row: Row) -> float:
        """How long this agent has been in flight."""
        return self._clock.monotonic() - row.since

    def left(self, row: Row) -> str:
        """How much longer this agent takes, in words; empty where nothing was sent to it yet."""
        if self._outlook is None:
            return ""
        left = self._outlook.left_of(row.address, self._clock.monotonic())
        return left_text(left) if left is not None or row.phase in _SENT else ""

    @property
    def whole(self) -> str:
        """How far the run is and how much longer it takes; empty where nobody looks ahead."""
        if self._outlook is None or not self._outlook.agents:
            return ""
        now = self._clock.monotonic()
        if self._whole is None or now - self._whole[0] >= _OLD_SECONDS:
            self._whole = now, left_text(self._outlook.left(now))
        return f"{self._outlook.ended} of {self._outlook.agents} done, {self._whole[1]}"


def left_text(seconds: float | None) -> str:
    """How much longer something takes, as exactly as an estimate is."""
    if seconds is None:
        return "time left unknown"
    if seconds < _FEW:
        return "a few seconds left"
    if seconds < 2 * _MINUTE:
        return f"about {round(seconds, -1):.0f} s left"
    if seconds < 2 * _HOUR:
        return f"about {seconds / _MINUTE:.0f} min left"
    return f"about {seconds / _HOUR:.1f} h left"


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

    def __init__(self, err: Terminal, clock: Clock, outlook: Outlook | None = None) -> None:
        self._err = err
        self._clock = clock
        self._flight = Flight(clock, outlook)
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
        whole = f"; {self._flight.whole}" if self._flight.whole else ""
        if not rows:
            return f"still working{whole}"
        named = ", ".join(f"{name} ({self._row(row)})" for name, row in rows[:_NAMED])
        more = f", and {len(rows) - _NAMED} more" if len(rows) > _NAMED else ""
        return f"still waiting for {counted(len(rows), 'agent')}: {named}{more}{whole}"

    def _row(self, row: Row) -> str:
        facts = (row.phase, f"{self._flight.seconds(row):.0f} s", self._flight.left(row))
        return ", ".join(fact for fact in facts if fact)
