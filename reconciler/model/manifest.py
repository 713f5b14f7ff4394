"""What a file says, what is wanted in the end, and where each value was written."""

from collections.abc import Mapping
from dataclasses import dataclass, field

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


@dataclass(frozen=True, slots=True)
class Rollout:
    """How an agent is brought to a new state. `timeout_seconds` overrides the target's."""

    timeout_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """One document of one file, checked, its secrets still references.

    `places` maps JSON Pointers into the document (`/spec/cpu`) to the position of the value;
    a pointer that ends in `#` (`/spec/cpu#`) to the position of the key.
    """

    address: Address
    place: Place
    spec: Tree
    places: Mapping[str, Place]
    labels: Mapping[str, str] = field(default_factory=dict)
    rollout: Rollout = Rollout()
    complete: bool = False


@dataclass(frozen=True, slots=True)
class Desired:
    """What an agent shall be: `spec` in wire spelling, secrets as `Sealed` leaves.

    `places` has the pointers of `Manifest.places` below `/spec`, without that prefix.
    `complete` is `metadata.complete`: the manifest holds every property of the agent.
    """

    address: Address
    place: Place
    spec: Tree
    places: Mapping[str, Place]
    labels: Mapping[str, str] = field(default_factory=dict)
    rollout: Rollout = Rollout()
    complete: bool = False

    def place_of(self, path: str) -> Place:
        """Where the value at `path` was written, or the nearest value around it."""
        for candidate in parents(path):
            if candidate in self.places:
                return self.places[candidate]
        return self.place
