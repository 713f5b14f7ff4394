"""What carrying a plan out would cost, from what earlier runs took, and why it may be too much."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from reconciler.model.manifest import Address

_NEAR: Final = 0.8
"""Nobody looked for long before the end was seen: it was no sooner than this part of that time."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """How long one write of an earlier run took, from sending it until the agent was back.

    `ready_seconds` is after how long a read first showed the end of its restart, `busy_seconds`
    after how long the last one showed it under way; None where that was not put down.
    """

    run: str
    seconds: float
    busy_seconds: float | None = None
    ready_seconds: float | None = None

    @property
    def bounds(self) -> tuple[float, float]:
        """Between how many seconds after the write the restart ended, as far as can be told.

        Where nobody looked for long before the end was seen, it is taken to have been near.
        """
        high = self.seconds if self.ready_seconds is None else self.ready_seconds
        low = high * _NEAR if self.busy_seconds is None else self.busy_seconds
        return min(max(low, high * _NEAR), high), high


@dataclass(frozen=True, slots=True)
class Timing:
    """What one write is expected to take: the median of earlier ones.

    `writes` is how many those are, `own` whether they were this agent's (else its kind's).
    """

    seconds: float
    writes: int
    own: bool


@dataclass(frozen=True, slots=True)
class Ledger:
    """The time that a plan is expected to take.

    `expected_seconds` is None where an agent has no earlier write to go by. `timings` has the
    agents that have one, `runs` is how many runs all of it rests on. `damaged` are records of runs
    that were passed over, each with the reason.
    """

    expected_seconds: float | None = None
    runs: int = 0
    timings: Mapping[Address, Timing] = field(default_factory=dict)
    damaged: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a guard refuses a plan as a whole. `allow` is what to type to go on all the same."""

    guard: str
    reason: str
    allow: str

    @property
    def text(self) -> str:
        """Both in one sentence."""
        return f"{self.reason}; {self.allow} allows it"
