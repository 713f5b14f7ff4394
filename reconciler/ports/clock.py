"""Time as an argument."""

from contextlib import AbstractContextManager
from typing import Protocol


class Timeout(Protocol):
    """The scope of a time limit."""

    @property
    def expired(self) -> bool:
        """Whether the limit ended the block (read it after the `with`)."""
        ...


class Clock(Protocol):
    """Every wait and every time limit of the program. A test's clock runs as fast as it can."""

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back."""
        ...

    def wall(self) -> float:
        """Seconds since the epoch."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds` (at once, but through the event loop, when not positive)."""
        ...

    def timeout(self, seconds: float) -> AbstractContextManager[Timeout]:
        """Cancel the block after `seconds`; leaving it so is no error, `expired` tells."""
        ...
