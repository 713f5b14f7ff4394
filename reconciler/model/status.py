"""How an agent is, apart from what it shall be."""

from dataclasses import dataclass
from enum import StrEnum

from reconciler.model.manifest import Address
from reconciler.model.outcome import Cause


class State(StrEnum):
    """The words of `status -o json`."""

    READY = "ready"
    RESTARTING = "restarting"
    FAILED = "failed"
    UNKNOWN = "unknown"
    NO_STATUS = "no-status"
    ABSENT = "absent"
    AMBIGUOUS = "ambiguous"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Open:
    """A write of a run whose end is not on record. `at` is seconds since the epoch.

    `running`: that run is still at work, so the end may yet come.
    """

    run: str
    at: float
    running: bool = False


@dataclass(frozen=True, slots=True)
class Status:
    """One agent as it was read.

    `word` is the vendor's, `reason` its sentence or ours. `version` is empty where none is told.
    `since` is when it was last updated (ISO 8601, UTC), `age_seconds` how long before the read
    that was (None: not told). `left_seconds` is how much longer a restart is expected to take.
    """

    address: Address
    state: State
    id: str | None = None
    word: str = ""
    reason: str = ""
    version: str = ""
    since: str = ""
    age_seconds: float | None = None
    left_seconds: float | None = None
    open: Open | None = None
    cause: Cause = Cause.NONE
