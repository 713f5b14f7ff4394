"""What a file says, what is wanted in the end, and where each value was written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from reconciler.model.ignore import Ignore
from reconciler.model.tree import Tree, parents


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A position in a file: line and column count from 1, columns in code points."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """Which agent is meant, in the words of its manifest."""

    api_version: str
    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"


class OnFailure(StrEnum):
    """What follows when an agent does not come back from its write. Semantics, section 8."""

    STOP = "stop"  # it counts towards limits.maxFailures
    CONTINUE = "continue"  # it does not
    ROLLBACK = "rollback"  # it counts, and what it was before is written back


@dataclass(frozen=True, slots=True)
class Rollout:
    """How an agent is brought to a new state. `timeout_seconds` overrides the target's.

    Agents of a lower `wave` are through before those of a higher one begin.
    """

    timeout_seconds: float | None = None
    wave: int = 0
    on_failure: OnFailure = OnFailure.STOP


@dataclass(frozen=True, slots=True)
class Use:
    """A variable that a value was made with, and where it was given its text."""

    name: str
    place: Place


@dataclass(frozen=True, slots=True)
class History:
    """How an effective value came about, beyond the place that set it.

    `was` is where the value stood that an overlay or a patch replaced by this one.
    """

    was: Place | None = None
    variables: tuple[Use, ...] = ()


@dataclass(frozen=True, slots=True)
class CreateDefaults:
    """Values for creating an agent, for fields that its manifest leaves out; never for updating.

    `within` holds the members of objects, each for a manifest that has the object itself. Both are
    in wire spelling. `source` is whose defaults they are (`agentrun-cli`).
    """

    source: str
    tree: Tree
    within: Tree = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Manifest:
    """One agent as the files want it, checked, its secrets still references.

    `places` maps JSON Pointers into the document (`/spec/cpu`) to the position of the value, in
    whichever file set it; a pointer that ends in `#` (`/spec/cpu#`) to the position of the key.
    `histories` has the values that were replaced or made with variables, and no others.
    `head` is the document without its spec: the key is there, in its order, and holds None.
    """

    address: Address
    place: Place
    spec: Tree
    places: Mapping[str, Place]
    labels: Mapping[str, str] = field(default_factory=dict)
    rollout: Rollout = Rollout()
    complete: bool = False
    histories: Mapping[str, History] = field(default_factory=dict)
    head: Tree = field(default_factory=dict)
    create_defaults: CreateDefaults | None = None


@dataclass(frozen=True, slots=True)
class Desired:
    """What an agent shall be: `spec` in wire spelling, secrets as `Sealed` leaves.

    `places` has the pointers of `Manifest.places` below `/spec`, without that prefix.
    `complete` is `metadata.complete`: the manifest holds every property of the agent. `ignore` are
    the rules of `reconcile.yaml` that hold for this agent.
    """

    address: Address
    place: Place
    spec: Tree
    places: Mapping[str, Place]
    labels: Mapping[str, str] = field(default_factory=dict)
    rollout: Rollout = Rollout()
    complete: bool = False
    create_defaults: CreateDefaults | None = None
    ignore: tuple[Ignore, ...] = ()

    def place_of(self, path: str) -> Place:
        """Where the value at `path` was written, or the nearest value around it."""
        for candidate in parents(path):
            if candidate in self.places:
                return self.places[candidate]
        return self.place
