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
    WRITTEN = "written"


@dataclass(frozen=True, slots=True)
class Restored:
    """What became of one field that an update had changed; `reason` says why it is not restored,
    or what is to be known of how it was.
    """

    path: str
    restored: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Rollback:
    """What came of writing back what an agent was before its update.

    `result` is `CHANGED` when it was written and the agent is back, `UNCHANGED` when there was
    nothing to write, `BLOCKED` or `SKIPPED` when nothing could or may be written, with the `reason`.
    """

    result: Result
    reason: str = ""
    fields: tuple[Restored, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether the agent is back and everything that the update had changed is as before."""
        back = self.result in (Result.CHANGED, Result.UNCHANGED)
        return back and all(field.restored for field in self.fields)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one agent.

    `seconds` runs from the moment it was taken up to the moment it was known to be done.
    `restarts` counts the restarts that this run caused, as far as reads could tell.
    `reason` says why, empty for a plain success; `notes` are further findings for the user.
    `not_kept` are the paths of values that the cloud answered with success and did not keep.
    `rollback` is what came of going back, None where nobody tried. Its restarts and writes count.
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
    rollback: Rollback | None = None
