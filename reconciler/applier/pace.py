"""When a restart is worth a look, by what earlier restarts took. Pure.

An earlier restart is known by two reads: the last that showed it under way and the first that did
not. What counts is the former: by the latter alone each run would look a little later than the one
before, and never learn that it could have known sooner.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Final

from reconciler.model.ledger import Recorded

SHARE: Final = 0.1
"""The gap between two looks, as a part of the time since the write …"""

_EARLY: Final = 0.14  # … until shortly before the time in which half of the earlier ones ended …
_LIKELY: Final = 0.07  # … and from there until most of them had
"""The end is the likelier to come the longer it is out, so looks are worth more later on. With the
same gap all the way, restarts that vary by half their time take half a look more for the same
lateness."""

LEAST_SECONDS: Final = 0.25
"""The shortest gap where it is known when the end is near."""

_NEWEST: Final = 20
"""So many of the newest restarts count: an agent changes."""

_LOW: Final = 0.12
_HIGH: Final = 0.9

_FEW: Final = 5
"""Up to so many say little about the next one …"""

_CAREFUL: Final = 0.85  # … which is then looked for a little sooner than the shortest of them

_SHORTLY: Final = 0.95

_STEPS: Final = 6
"""The gaps into which the time is divided in which most of the earlier ones ended …"""

_FINEST: Final = 0.02  # … but nothing is gained by more than one in so much of the elapsed time


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds after the write: most restarts end between `first` and `last`, half by `middle`.

    `step` is the gap between looks in that time, where a part of the elapsed time is not less.
    """

    first: float
    middle: float
    last: float
    step: float

    def later(self, seconds: float) -> "Pace":
        """The same, counted from so much later."""
        first, middle, last = self.first - seconds, self.middle - seconds, self.last - seconds
        return replace(self, first=first, middle=middle, last=last)


def pace_of(earlier: Sequence[Recorded]) -> Pace | None:
    """What earlier restarts, the newest first, let expect; None without one."""
    known = [one.bounds for one in earlier[:_NEWEST]]
    if not known:
        return None
    lows, highs = sorted(low for low, _ in known), sorted(high for _, high in known)
    first = _quantile(lows, _LOW) if len(lows) > _FEW else lows[0] * _CAREFUL
    last = max(first, _quantile(highs, _HIGH))
    middle = median((low + high) / 2 for low, high in known)
    return Pace(first, middle, last, max(LEAST_SECONDS, (last - first) / _STEPS))


def gap_seconds(pace: Pace, elapsed: float) -> float:
    """How long until the next look at an agent that was seen busy, `elapsed` after its write."""
    if pace.first - elapsed > LEAST_SECONDS:  # less, and the look of just now was that first one
        return pace.first - elapsed
    # One that outlives those before may take any time: short gaps would be many, for nothing.
    step = max(pace.step, elapsed - pace.last, elapsed * _FINEST)
    return max(LEAST_SECONDS, min(step, elapsed * _share(pace, elapsed)))


def _share(pace: Pace, elapsed: float) -> float:
    """The gap that follows now, as a part of the elapsed time."""
    if elapsed < pace.middle * _SHORTLY:
        return _EARLY
    return _LIKELY if elapsed <= pace.last else SHARE


def _quantile(ordered: Sequence[float], share: float) -> float:
    """The value that the next one is below with this chance, between two by proportion."""
    position = min(max(share * (len(ordered) + 1) - 1, 0.0), len(ordered) - 1.0)
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)
