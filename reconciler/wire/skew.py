"""How far this machine's clock is from a cloud's, as the `Date` of its replies tells.

It is explained and never corrected in silence: a wrong clock is wrong for the records, the expiry
of ignore rules and freeze windows too.
"""

from collections.abc import Callable
from typing import Final

WORTH_TELLING_SECONDS: Final = 60.0

_HALF_A_SECOND: Final = 0.5  # a `Date` has whole seconds, so the moment itself lies behind it


class Skew:
    """The difference to one host. `warn` gets one line, once, where it is large."""

    def __init__(self, host: str, warn: Callable[[str], None]) -> None:
        self._host = host
        self._warn = warn
        self._warned = False
        self._seconds = 0.0

    def learn(self, date: float, now: float, took_seconds: float) -> None:
        """One reply: its own date, this machine's time at its arrival, and how long it took.

        Somewhere within that time the date was written, so half of it is left in doubt.
        """
        doubt = took_seconds / 2
        difference = now - doubt - (date + _HALF_A_SECOND)
        certain = max(0.0, abs(difference) - doubt)
        self._seconds = difference if certain > WORTH_TELLING_SECONDS else 0.0
        if self._seconds and not self._warned:
            self._warned = True
            self._warn(f"{self._text}; set it right before signatures are refused for it")

    @property
    def explained(self) -> str:
        """What to add to a refusal of the credentials, empty where the clock is no reason."""
        return f"; {self._text}: set it right, and try again" if self._seconds else ""

    @property
    def _text(self) -> str:
        side = "ahead of" if self._seconds > 0 else "behind"
        return f"this machine's clock is {abs(self._seconds):.0f} s {side} that of {self._host}"
