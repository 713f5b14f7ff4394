"""A run as its record tells it: what was intended, what was answered, how each agent ended."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from reconciler.model.manifest import Address
from reconciler.model.tree import Tree


class RunState(StrEnum):
    """How a run stands. `KILLED`: its process is gone and never wrote the end of its record."""

    RUNNING = "running"
    ENDED = "ended"
    INTERRUPTED = "interrupted"
    KILLED = "killed"


@dataclass(frozen=True, slots=True)
class Checkout:
    """Where the manifests came from. `dirty`: the work tree held what no commit has."""

    commit: str
    dirty: bool = False


@dataclass(frozen=True, slots=True)
class Write:
    """One write of an agent, from its intent to its end.

    `back`: it brought the agent back to what it was. `line` is where its intent stands in the
    record, counted from 1. Times are seconds since the epoch. `before`, `hidden`, `unset`, `after`,
    `sealed`, `supplied` and `references` are those of a `PreImage`; `secrets` is where the manifest
    declared secrets, `manifest` the digest of what was wanted,
    `where` what it declared of where the agent is found.
    `answer` and `result` are empty for a write without an answer or an end. `seconds` is how long it
    took, `busy_seconds` for how much of that the agent was seen busy.
    """

    line: int
    at: float
    operation: str
    back: bool = False
    id: str | None = None
    stamp: float | None = None
    manifest: str = ""
    where: Tree = field(default_factory=dict)
    files: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    before: Tree = field(default_factory=dict)
    hidden: tuple[str, ...] = ()
    unset: tuple[str, ...] = ()
    after: Tree = field(default_factory=dict)
    sealed: tuple[str, ...] = ()
    supplied: Tree = field(default_factory=dict)
    references: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    answer: str = ""
    detail: str = ""
    ended_at: float | None = None
    result: str = ""
    reason: str = ""
    left_stamp: float | None = None
    seconds: float | None = None
    busy_seconds: float | None = None
    restarts: int | None = None


@dataclass(frozen=True, slots=True)
class AgentRecord:
    """What one run did with one agent."""

    address: Address
    writes: tuple[Write, ...]

    @property
    def unfinished(self) -> bool:
        """Whether the last write has no end on record."""
        return bool(self.writes) and not self.writes[-1].result


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run. `agents` are those that it wrote, `planned` how many it looked at.

    `command` is the verb, `of` the run that it takes back or releases. `unread` counts lines that
    cannot be made sense of; `torn`: the last line was cut short.
    """

    id: str
    target: str
    state: RunState
    started_at: float | None = None
    ended_at: float | None = None
    command: str = ""
    of: str = ""
    host: str = ""
    pid: int | None = None
    checkout: Checkout | None = None
    planned: int | None = None
    results: Mapping[str, int] = field(default_factory=dict)
    agents: tuple[AgentRecord, ...] = ()
    unread: int = 0
    torn: bool = False

    @property
    def unfinished(self) -> tuple[Address, ...]:
        """The agents that were left with a write without an end."""
        return tuple(one.address for one in self.agents if one.unfinished)
