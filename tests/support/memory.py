"""A small cloud with a memory, for tests of the applier: no HTTP, only what a restart looks like.

It keeps its own history, which is what the tests' oracle reads. Its faults are switches; all of
them are off in a new cloud.
"""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from reconciler.model.errors import AlreadyExists, CloudError, LostReply, NotFound, Refused
from reconciler.model.live import Absent, Found, Health, Live, Unread
from reconciler.model.manifest import Desired
from reconciler.model.outcome import Cause
from reconciler.model.sealed import Sealed
from reconciler.ports import Clock


@dataclass
class Agent:
    """One runtime and all that ever became of it: (time, tree) after each effect."""

    tree: dict[str, Any]
    history: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    restarts: list[tuple[float, float]] = field(default_factory=list)
    failed: bool = False
    id: str = ""  # "": ar- and the name


@dataclass
class Faults:
    """What the cloud does wrong. Times are seconds."""

    restart_seconds: float = 5.0
    stale_status_seconds: float = 0.0  # new values and stamp, but the status of before
    stale_read_seconds: float = 0.0  # the whole image of before
    stale_values_seconds: float = 0.0  # new stamp and status, but the values of before
    lagging_replica_seconds: float = 0.0  # two reads of three come from a replica so far behind
    tells_age: bool = True
    lose_before: int = 0  # so many writes vanish without a reply
    lose_after: int = 0  # so many writes take effect without a reply
    late_effect_seconds: float = 0.0  # a lost write takes effect so much later
    fail_restart: bool = False
    fails_with: frozenset[str] = frozenset()  # descriptions with which a restart fails
    stuck: bool = False
    sticks_with: frozenset[str] = frozenset()  # descriptions with which a restart never ends
    never_empty: bool = False  # a body that empties something is refused
    not_kept: frozenset[str] = frozenset()
    replaces: bool = False
    stamps_move: bool = True
    hides: frozenset[str] = frozenset()  # top-level fields that no read after a write shows
    late_fields: frozenset[str] = frozenset()  # top-level fields that reads show so much later
    late_fields_seconds: float = 0.0
    unread: int = 0  # so many reads fail
    refuse_while_busy: bool = False
    refusal: CloudError | None = None


class MemoryCloud:
    """See the module; implements `Session` for one kind with a status."""

    def __init__(self, clock: Clock, faults: Faults | None = None) -> None:
        self.clock = clock
        self.faults = faults or Faults()
        self.agents: dict[str, Agent] = {}
        self.writes: list[tuple[float, str, dict[str, Any]]] = []
        self.reads = 0
        self.pending: list[tuple[float, str, dict[str, Any]]] = []

    @property
    def account(self) -> str:
        return "memory"

    @property
    def scope(self) -> Mapping[str, str]:
        return {"cloud": "memory"}

    async def territory(self, wanted: Sequence[Desired]) -> frozenset[str]:
        return frozenset({"memory"})

    def add(self, name: str, tree: dict[str, Any], *, failed: bool = False) -> None:
        """Put an agent there, long ago."""
        now = self.clock.monotonic()
        self.agents[name] = Agent(tree, [(now - 86_400, copy.deepcopy(tree))], failed=failed)

    def tree(self, name: str) -> dict[str, Any]:
        """The true state now."""
        self._late()
        return self.agents[name].tree

    def restarts(self, name: str) -> list[tuple[float, float]]:
        """(begin, end) of every restart."""
        self._late()
        return self.agents[name].restarts

    async def fetch(self, wanted: Sequence[Desired]) -> list[Found]:
        return [await self.read(one, None) for one in wanted]

    async def read(self, desired: Desired, agent_id: str | None) -> Found:
        self.reads += 1
        await self.clock.sleep(0.01)
        self._late()
        if self.faults.unread:
            self.faults.unread -= 1
            return Unread("HTTP 500", Cause.CLOUD)
        name = desired.address.name
        agent = self.agents.get(name)
        if agent is None or agent_id not in (None, agent_id_of(name, agent)):
            return Absent()
        return self._image(name, agent)

    async def poll(self, wanted: Sequence[tuple[Desired, str | None]]) -> list[Found]:
        return [await self.read(desired, agent_id) for desired, agent_id in wanted]

    async def update(self, desired: Desired, agent_id: str, body: dict[str, Any]) -> None:
        name = desired.address.name
        if name in self.agents and agent_id != agent_id_of(name, self.agents[name]):
            raise NotFound("Update", "does not exist", status=404)
        await self._write(name, body)

    async def create(self, desired: Desired, body: dict[str, Any]) -> None:
        if desired.address.name in self.agents:
            raise AlreadyExists("Create", "already exists", status=409)
        await self._write(desired.address.name, body, new=True)

    async def _write(self, name: str, body: dict[str, Any], *, new: bool = False) -> None:
        await self.clock.sleep(0.02)
        self._late()
        faults, now = self.faults, self.clock.monotonic()
        if faults.refusal is not None:
            raise faults.refusal
        if name not in self.agents and not new:
            raise NotFound("Update", "does not exist", status=404)
        if faults.never_empty and any(value in ("", [], {}) for value in body.values()):
            raise Refused("Update", "must not be empty", status=400, code="ERR_VALIDATION_FAILED")
        if faults.refuse_while_busy and not new and self._busy(self.agents[name], now):
            raise Refused("Update", "must be READY", status=400, code="ERR_BAD_REQUEST")
        body = revealed(body)
        self.writes.append((now, name, copy.deepcopy(body)))
        if faults.lose_before:
            faults.lose_before -= 1
            if faults.late_effect_seconds:
                self.pending.append((now + faults.late_effect_seconds, name, body))
            raise LostReply("Update", "connection reset")
        self._apply(name, body, now)
        if faults.lose_after:
            faults.lose_after -= 1
            raise LostReply("Update", "connection reset")

    def _late(self) -> None:
        for when, name, body in sorted(self.pending, key=lambda p: p[0]):
            if when <= self.clock.monotonic():
                self.pending.remove((when, name, body))
                self._apply(name, body, when)

    def _apply(self, name: str, body: dict[str, Any], now: float) -> None:
        faults = self.faults
        agent = self.agents.setdefault(name, Agent({}))
        kept = {k: v for k, v in body.items() if k not in faults.not_kept}
        base = {} if faults.replaces else agent.tree
        agent.tree = {**base, **copy.deepcopy(kept)}
        agent.history.append((now, copy.deepcopy(agent.tree)))
        said = agent.tree.get("description")
        stuck = faults.stuck or said in faults.sticks_with
        agent.restarts = [(begin, min(ended, now)) for begin, ended in agent.restarts]
        agent.restarts.append((now, float("inf") if stuck else now + faults.restart_seconds))
        agent.failed = faults.fail_restart or said in faults.fails_with

    def _busy(self, agent: Agent, now: float) -> bool:
        return any(begin <= now < end for begin, end in agent.restarts)

    def _image(self, name: str, agent: Agent) -> Live:
        now, faults = self.clock.monotonic(), self.faults
        lagging = faults.lagging_replica_seconds if self.reads % 3 else 0.0
        shown = now - faults.stale_read_seconds - lagging
        seen = [entry for entry in agent.history if entry[0] <= shown] or agent.history[:1]
        stamp = seen[-1][0]
        older = [e for e in agent.history if e[0] <= shown - faults.stale_values_seconds]
        tree = (older or agent.history[:1])[-1][1]
        if self.writes or len(agent.history) > 1:
            tree = {name: value for name, value in tree.items() if name not in faults.hides}
        if now - agent.history[-1][0] < faults.late_fields_seconds:
            tree = {name: value for name, value in tree.items() if name not in faults.late_fields}
        restarts = [r for r in agent.restarts if r[0] <= shown]
        status_at = shown - faults.stale_status_seconds
        visible = [r for r in restarts if r[0] <= status_at]
        busy = any(begin <= shown < end for begin, end in visible)
        if busy:
            health = Health.BUSY
        elif agent.failed and (visible or not restarts):
            health = Health.FAILED
        else:
            health = Health.READY
        first = agent.history[0][0]
        told = stamp if faults.stamps_move else first
        return Live(
            agent_id_of(name, agent),
            copy.deepcopy(tree),
            health,
            status=health.name,
            status_reason="the image cannot be pulled" if health is Health.FAILED else "",
            stamp=told,
            age_seconds=now - told if faults.tells_age else None,
        )


def agent_id_of(name: str, agent: Agent) -> str:
    """What the cloud calls this agent."""
    return agent.id or f"ar-{name}"


def revealed(value: Any) -> Any:
    """What goes over the wire: sealed leaves as their text."""
    if isinstance(value, Sealed):
        return value.reveal()
    if isinstance(value, dict):
        return {k: revealed(v) for k, v in value.items()}
    if isinstance(value, list):
        return [revealed(v) for v in value]
    return value
