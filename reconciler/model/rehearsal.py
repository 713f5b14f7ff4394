"""What a rehearsal came to: the run that a plan would be, played on a twin of what is live.

Everything in it may be shown. Seconds count from the beginning of the run.
"""

from dataclasses import dataclass
from enum import StrEnum

from reconciler.model.manifest import Address
from reconciler.model.outcome import Outcome


class Known(StrEnum):
    """What an expected length of a restart rests on."""

    OWN = "recorded"  # earlier writes to this agent
    KIND = "kind"  # those to others of its kind
    ASSUMED = "assumed"  # nothing


class Doing(StrEnum):
    """What is going on with an agent for a while."""

    WAITING = "waiting"  # for a restart that is not ours
    CREATE = "create"
    UPDATE = "update"
    ROLLBACK = "rollback"


@dataclass(frozen=True, slots=True)
class Span:
    """One bar of the timeline: from sending until the agent was known to be back."""

    doing: Doing
    begin: float
    end: float


@dataclass(frozen=True, slots=True)
class Expected:
    """How long a restart is taken to be, and why; `writes` is how many earlier ones say so."""

    seconds: float
    known: Known
    writes: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """What became of one agent on the twin.

    `counts`: its failure would count towards `limits.maxFailures`. `restart` is None where its
    cloud restarts nothing, or nothing was sent to it.
    """

    outcome: Outcome
    wave: int
    canary: bool
    counts: bool = True
    spans: tuple[Span, ...] = ()
    restart: Expected | None = None

    @property
    def address(self) -> Address:
        """Which agent it is."""
        return self.outcome.address

    @property
    def sent(self) -> float | None:
        """When the first write to it went out, None where none did."""
        return next((one.begin for one in self.spans if one.doing is not Doing.WAITING), None)


@dataclass(frozen=True, slots=True)
class Mishap:
    """A wave in which the restart of one agent ended FAILED.

    `parts` are the agents of that wave. `halted` is why nothing more was started, empty where the
    run went on; `stopped` are the agents that were then not written to, in this wave and later
    ones. `begin` and `seconds` are when the wave began and was over. `exit_code` is the run's.
    """

    wave: int
    address: Address
    canary: bool
    begin: float
    seconds: float
    exit_code: int
    parts: tuple[Part, ...]
    halted: str = ""
    stopped: tuple[Address, ...] = ()

    @property
    def failed(self) -> Part:
        """The agent that failed."""
        return next(part for part in self.parts if part.address == self.address)

    @property
    def restarts(self) -> int:
        """How many restarts the wave costs then."""
        return sum(part.outcome.restarts for part in self.parts)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """The whole run, and one more of each wave with a failure in it.

    `left_out` are agents that were not played, each with the reason, `unbroken` waves in which no
    failure was, with the reason. `remarks` are further findings for the user.
    """

    parts: tuple[Part, ...]
    seconds: float
    exit_code: int
    mishaps: tuple[Mishap, ...] = ()
    unbroken: tuple[tuple[int, str], ...] = ()
    left_out: tuple[tuple[Address, str], ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def writes(self) -> int:
        """How many writes were sent."""
        return sum(part.outcome.writes for part in self.parts)

    @property
    def restarts(self) -> int:
        """How many restarts that caused."""
        return sum(part.outcome.restarts for part in self.parts)

    @property
    def restarting(self) -> tuple[Expected, ...]:
        """The expected lengths of the restarts in it."""
        return tuple(part.restart for part in self.parts if part.restart is not None)
