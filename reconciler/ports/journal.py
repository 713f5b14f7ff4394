"""The record of a run, and who watches it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

from reconciler.model.manifest import Address
from reconciler.model.tree import Tree


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A write of an earlier run whose end was never recorded.

    `written_at` is seconds since the epoch by this machine: when it was answered, or else sent;
    `stamp` is the pre-image's. `answered`: an answer, whichever, is on record.
    """

    run: str
    written_at: float
    stamp: float | None
    answered: bool = True


@dataclass(frozen=True, slots=True)
class Quarantine:
    """The run whose state of an agent was taken back, and the commit that it came from."""

    run: str
    commit: str = ""


@dataclass(frozen=True, slots=True)
class History:
    """What earlier runs against the same target left behind. Keys are `Journal.key`s.

    `unfinished`: writes without an end. `seen_back`: the stamp of the last write that was followed
    until the agent was back. `not_kept`: digests of writes (pre-image and body), and of single
    changes, that the cloud answered with success and did not keep, each with its paths.
    `quarantine`: digests of manifests that were taken back and not released since.
    """

    unfinished: Mapping[str, Unfinished] = field(default_factory=dict)
    seen_back: Mapping[str, float] = field(default_factory=dict)
    not_kept: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    quarantine: Mapping[str, Mapping[str, Quarantine]] = field(default_factory=dict)


class Journal(Protocol):
    """An append-only record without secrets. `write` returns when the line is on the disk."""

    @property
    def run(self) -> str:
        """The id of this run."""
        ...

    def write(self, event: Tree) -> None:
        """Add one line. Raises InputError when it cannot be kept: then nothing may be written."""
        ...

    def history(self) -> History:
        """What earlier runs of this target left behind."""
        ...


Phase: TypeAlias = Literal[
    "waiting", "writing", "restarting", "settling", "in-doubt", "done", "note"
]
"""What is being done with an agent; `settling` is for kinds without a restart, `note` is a finding
beside it."""


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of one agent, for whoever watches."""

    address: Address
    phase: Phase
    text: str


class Observer(Protocol):
    """Whoever watches a run. Must return at once and never raise."""

    def tell(self, progress: Progress) -> None:
        """Something happened."""
        ...
