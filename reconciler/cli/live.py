"""Who is waited for, while it happens, as rows that stay in place on a terminal."""

from collections.abc import Iterator
from typing import Final

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from reconciler.applier.eta import Outlook
from reconciler.cli.progress import Flight, line_of
from reconciler.cli.terminal import Terminal
from reconciler.ports import Clock, Progress

_REFRESH_SECONDS: Final = 0.25


class LiveRows:
    """See `Watcher`. Finished agents and notes become lines above the rows."""

    def __init__(self, err: Terminal, clock: Clock, outlook: Outlook | None = None) -> None:
        self._clock = clock
        self._flight = Flight(clock, outlook)
        self._err = err
        console = Console(file=err.stream, force_terminal=True, width=err.width)
        self._live = Live(
            get_renderable=self._table, console=console, auto_refresh=False, transient=True
        )

    def tell(self, progress: Progress) -> None:
        """See `Watcher.tell`."""
        if self._flight.take(progress) and progress.phase in ("done", "note"):
            self._live.console.print(Text(line_of(progress)))

    async def run(self) -> None:
        """See `Watcher.run`."""
        with self._live:
            while True:
                self._live.console.width = self._err.width  # somebody may have changed it
                self._live.refresh()
                await self._clock.sleep(_REFRESH_SECONDS)

    def restore(self) -> None:
        """See `Watcher.restore`."""
        self._live.stop()

    def _table(self) -> Table:
        table = Table.grid(padding=(0, 2))
        for _ in range(5):
            table.add_column(no_wrap=True, overflow="ellipsis")
        for cells in self._cells():
            table.add_row(*cells)
        return table

    def _cells(self) -> Iterator[tuple[Text, ...]]:
        for name, row in self._flight.rows.items():
            seconds = Text(f"{self._flight.seconds(row):.0f} s", "dim")
            left, text = Text(self._flight.left(row)), Text(row.text, "dim")
            yield Text(row.phase, "yellow"), Text(name), seconds, left, text
        if self._flight.whole:
            yield Text("run", "yellow"), Text(self._flight.whole), Text(), Text(), Text()
