"""Policy as data: the rules of `reconcile.yaml`, what they are asked of, and what they answer.

A rule is asked of agents that would be written, as admission control is: what nobody touches is
not judged. Expressions stay text here; they are compiled where they are checked and evaluated.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from enum import StrEnum
from typing import Protocol, TypeAlias

from reconciler.model.manifest import Address, Place
from reconciler.model.tree import Json, Tree


class Level(StrEnum):
    """What a broken rule does: `DENY` refuses the whole run, `WARN` only says so."""

    DENY = "deny"
    WARN = "warn"


class Labelled(Protocol):
    """A label selector."""

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether an agent with these labels is meant."""
        ...


@dataclass(frozen=True, slots=True)
class Scope:
    """Whom a rule is for: agents of these names (`*` stands for anything) and labels.

    Without names or selector that part says nothing.
    """

    names: tuple[str, ...] = ()
    selector: Labelled | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """What every rule has. `message` is the author's, empty where the rule has words of its own."""

    name: str
    level: Level
    place: Place
    message: str = ""
    scope: Scope = Scope()


@dataclass(frozen=True, slots=True)
class Expression:
    """CEL text, and where it begins in the file."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Custom:
    """A rule of the user's own: broken where `condition` is true, asked only where `when` is."""

    head: Head
    condition: Expression
    when: Expression | None = None


@dataclass(frozen=True, slots=True)
class ImagePinned:
    """The container image has a digest, or a tag other than `latest`."""

    head: Head


@dataclass(frozen=True, slots=True)
class NoPublicNetwork:
    """The network mode is said, and is one without the public network."""

    head: Head


@dataclass(frozen=True, slots=True)
class MaxMemory:
    """At most so many megabytes."""

    head: Head
    limit_mb: float


@dataclass(frozen=True, slots=True)
class MaxCpu:
    """At most so many cores."""

    head: Head
    limit: float


@dataclass(frozen=True, slots=True)
class AllowedModels:
    """Each model is one of these; `*` stands for anything."""

    head: Head
    models: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Freeze:
    """Nothing is written from each moment of `cron`, in its time zone, for so many seconds."""

    head: Head
    cron: str
    seconds: float
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class Protected:
    """The agents in scope are neither updated nor deleted."""

    head: Head


Rule: TypeAlias = (
    Custom | ImagePinned | NoPublicNetwork | MaxMemory | MaxCpu | AllowedModels | Freeze | Protected
)


@dataclass(frozen=True, slots=True)
class BreakGlass:
    """Rules that do not deny until `expires` (seconds since the epoch), and why."""

    reason: str
    expires: float
    expires_text: str
    allow: tuple[str, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Facts:
    """Where a kind keeps what the built-in rules ask for: pointers into `spec`, "" for nowhere.

    `private` are the network modes without the public network.
    """

    image: str = ""
    network: str = ""
    private: tuple[str, ...] = ()
    memory_mb: str = ""
    cpu: str = ""
    models: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """One agent that would be written, as rules see it. Its values are public.

    `action` is `create`, `update` or `delete`. `changes` have `path`, `from` and `to`, an absent
    side left out. `wanted` is what the manifest declares (of an agent to create: what is sent), and
    `live` what the last read showed, for fields that nobody declares; `live` is never shown.
    """

    address: Address
    action: str
    labels: Mapping[str, str] = field(default_factory=dict)
    id: str | None = None
    status: str = ""
    restarts: bool = False
    changes: tuple[Tree, ...] = ()
    wanted: Tree = field(default_factory=dict)
    live: Tree = field(default_factory=dict)
    facts: Facts = Facts()


@dataclass(frozen=True, slots=True)
class Sample:
    """One example beside the rules: an agent, and which rules shall deny and which warn.

    `now` is seconds since the epoch; without it no freeze window is asked. `agent` is as it was
    written, checked for its form only.
    """

    name: str
    place: Place
    agent: Tree
    numbers: Mapping[str, int]
    target: str | None
    now: float | None
    deny: frozenset[str]
    warn: frozenset[str]


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of a target: those at the top of the file, and its own.

    `written` are the sections as they stand in the file, for a digest.
    """

    rules: tuple[Rule, ...] = ()
    break_glass: tuple[BreakGlass, ...] = ()
    samples: tuple[Sample, ...] = ()
    written: tuple[Json, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that is broken, or could not be evaluated.

    `address` is None where the rule is about the plan as a whole. `allowed` says by which
    break-glass a denial does not hold, empty where it does. `evaluated`: whether the rule came to
    an answer; one that did not counts as broken, at its own level.
    """

    rule: str
    level: Level
    text: str
    place: Place
    address: Address | None = None
    allowed: str = ""
    evaluated: bool = True

    @property
    def denies(self) -> bool:
        """Whether the run is refused for it."""
        return self.level is Level.DENY and not self.allowed


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the policy says of a plan. `notices` are about the policy itself (expired parts)."""

    findings: tuple[Finding, ...] = ()
    notices: tuple[str, ...] = ()

    @property
    def denials(self) -> tuple[Finding, ...]:
        """What the run is refused for."""
        return tuple(finding for finding in self.findings if finding.denies)
