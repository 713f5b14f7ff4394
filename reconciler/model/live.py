"""What the cloud says now: the answers that a fetch can have."""

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from reconciler.model.outcome import Cause
from reconciler.model.tree import Tree


class Health(Enum):
    """What a status word means. `NONE`: this cloud has no status."""

    READY = "ready"
    BUSY = "busy"
    FAILED = "failed"
    UNKNOWN = "unknown"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Live:
    """One agent as one read showed it.

    `tree` is the wire object in the shape of `spec`; live values of `Rules.secret_names` may be
    `Sealed` in it. `status` is the vendor's word, `status_reason` its sentence. `stamp` is the
    time of the last update in seconds since the epoch, `stamp_text` as the wire says it;
    `age_seconds` is how long before the same reply's `Date` that was (None: not told).
    `partial`: the read leaves out what it is known to hold (AppStage without `properties`), so
    nothing else can be compared or preserved. `hints` are sentences for the user about this read.
    """

    id: str
    tree: Tree
    health: Health
    status: str = ""
    status_reason: str = ""
    stamp: float | None = None
    stamp_text: str = ""
    age_seconds: float | None = None
    partial: bool = False
    hints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Absent:
    """The agent does not exist, proved by a lookup of its exact name or id."""


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """More than one agent has this name."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unread:
    """The agent could not be read, and why. `cause` decides the exit code."""

    reason: str
    cause: Cause


Found: TypeAlias = Live | Absent | Ambiguous | Unread
