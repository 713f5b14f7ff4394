"""What came of carrying a plan out."""

from dataclasses import dataclass
from enum import Enum, StrEnum

from reconciler.model.manifest import Address


class Cause(Enum):
    """Why a run ends as it does. `cli` maps each to an exit code, and orders them."""

    NONE = "nothing left"
    MANIFEST = "bad manifests, configuration or usage"
    CREDENTIALS = "credentials or permission"
    AGENT_FAILED = "an agent is or ended failed"
    TIME = "time ran out"
    CLOUD = "the cloud refused, failed, could not be reached or did not keep a value"
    GUARD = "refused by us"
    DIFFERENCE = "differences found"
    INTERRUPTED = "interrupted"


class Result(StrEnum):
    """What became of one agent. The words are those of `apply -o json`."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    CREATED = "created"
    BLOCKED = "blocked"
    FAILED = "failed"
    TIMED_OUT = "timed-out"
    NOT_KEPT = "not-kept"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one agent.

    `seconds` runs from the moment it was taken up to the moment it was known to be done.
    `restarts` counts the restarts that this run caused, as far as reads could tell.
    `reason` says why, empty for a plain success; `notes` are further findings for the user.
    `not_kept` are the paths of values that the cloud answered with success and did not keep.
    """

    address: Address
    id: str | None
    result: Result
    cause: Cause = Cause.NONE
    seconds: float = 0.0
    restarts: int = 0
    writes: int = 0
    reason: str = ""
    notes: tuple[str, ...] = ()
    not_kept: tuple[str, ...] = ()
