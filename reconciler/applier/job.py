"""What the applier is given for each agent, and what all agents of a run share."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from reconciler.applier.poller import Look, Poller, When
from reconciler.applier.stop import Stop
from reconciler.differ.options import Options
from reconciler.differ.values import sealed_leaves, unresolved
from reconciler.model.binding import Bound
from reconciler.model.fingerprint import Fingerprinter
from reconciler.model.ledger import Recorded
from reconciler.model.live import Found
from reconciler.model.manifest import Address, Desired
from reconciler.model.plan import AgentPlan, Change, Create, Update
from reconciler.model.rules import Rules
from reconciler.model.target import Limits, Wait
from reconciler.model.tree import PUBLIC_SEALED, Json, Tree
from reconciler.ports import Clock, History, Journal, Observer, Phase, Progress, Session


@dataclass(frozen=True, slots=True)
class Job:
    """One agent: what it shall be, what the plan's read showed, and where to send what.

    `bound` is what was reviewed of it, where a saved plan is carried out.
    """

    desired: Desired
    rules: Rules
    session: Session
    found: Found
    plan: AgentPlan
    bound: Bound | None = None


Permit: TypeAlias = Callable[[Job, AgentPlan, Found], str]
"""Why policy does not let what was decided just now be written, empty where it does."""


Earlier: TypeAlias = Callable[[Address, str], Sequence[Recorded]]
"""Earlier writes of this operation to an agent, or to others of its kind; the newest first."""


@dataclass(slots=True)
class Run:
    """Everything a run needs that is not an agent, and what its agents share.

    `history` is read from the journal when the run begins. `halted` is why nothing new may start, empty while it may. `failures` counts agents that this
    run tried to change and could not. `restarted` counts those that it restarted
    or is about to. `permit` is asked just before each write. `reviewed` is the
    digest of the saved plan that is carried out, empty for none. `released`: what
    was taken back before may be written all the same. `earlier` is
    what earlier writes took. `lock_lost` says why the lock of the run is not held
    any more, empty while it is; a write back after a failure asks it too.
    `barred` is why nothing more may be written at all, the way back included.
    With `no_wait` nobody waits for what was written once nobody is left who may
    still have to be: `unwritten` counts those, and then `enough` is set.
    """

    clock: Clock
    journal: Journal
    observer: Observer
    wait: Wait
    limits: Limits
    options: Options
    stop: Stop
    history: History = field(default_factory=History)
    permit: Permit = lambda _job, _plan, _found: ""
    reviewed: str = ""
    released: bool = False
    earlier: Earlier = lambda _address, _operation: ()
    lock_lost: Callable[[], str] = lambda: ""
    failures: int = 0
    restarted: int = 0
    halted: str = ""
    barred: str = ""
    no_wait: bool = False
    unwritten: int = 0
    enough: Stop = field(default_factory=Stop)
    _pollers: dict[int, Poller] = field(default_factory=dict)

    def tell(self, address: Address, phase: Phase, text: str) -> None:
        """Pass one step on to whoever watches."""
        self.observer.tell(Progress(address, phase, text))

    def one_written(self) -> None:
        """One agent less of those that may still have to be written to."""
        self.unwritten -= 1
        if self.no_wait and self.unwritten <= 0:
            self.enough.set()

    async def look(self, job: Job, agent_id: str | None, when: When) -> Look:
        """A fresh read of an agent that is waited for, together with others of its session."""
        poller = self._pollers.get(id(job.session))
        if poller is None:
            poller = self._pollers[id(job.session)] = Poller(job.session, self.clock)
        return await poller.look(job.desired, agent_id, when)

    def barrier(self) -> str:
        """Why nothing may be written any more, empty while it may. Asked just before each write.

        A run that lost its lock writes nothing more: another one may have begun.
        """
        lost = self.lock_lost()
        if lost:
            self.halted = f"the lock of this run is lost: {lost}"
        return self.halted

    async def look_within(
        self, seconds: float, job: Job, agent_id: str | None, when: When
    ) -> Look | None:
        """The same, None where it had no answer in so many seconds."""
        looks: list[Look] = []
        with self.clock.timeout(seconds):
            looks.append(await self.look(job, agent_id, when))
        return looks[0] if looks else None

    def restart(self) -> str:
        """Count an agent that is about to be restarted; why it may not be, empty where it may."""
        limit = self.limits.max_restarts
        if limit is not None and self.restarted >= limit:
            return f"limits.maxRestarts allows {limit} and no more; it was not in the plan"
        self.restarted += 1
        return ""

    def fail(self) -> None:
        """Count a failure, and halt once there are more than the limit allows."""
        self.failures += 1
        if self.failures > self.limits.max_failures and not self.halted:
            failed = "1 agent" if self.failures == 1 else f"{self.failures} agents"
            self.halted = (
                f"{failed} failed, more than limits.maxFailures ({self.limits.max_failures})"
            )


def key(address: Address) -> str:
    """How the record calls an agent."""
    return f"{address.api_version}/{address.kind}/{address.name}"


def digest(plan: Create | Update, body: Tree, fingerprinter: Fingerprinter | None) -> str:
    """A name for this write: what differed and what is sent.

    Secrets count through the key alone: without one, writes that differ in them share a name.
    """
    told: list[Json] = [[_content(change) for change in plan.changes], plan.body]
    secret = any(True for _ in sealed_leaves(body)) and unresolved(body) is None
    if fingerprinter is not None and secret:
        told.append(fingerprinter.fingerprint(("write",), body))
    return _sha256(told)


def change_digest(change: Change) -> str:
    """A name for one change, empty where a secret is sent: any two of those look alike."""
    return "" if PUBLIC_SEALED in repr(change.after) else _sha256(_content(change))


def _content(change: Change) -> list[str]:
    return [change.path, repr(change.before), repr(change.after)]


def _sha256(content: Json) -> str:
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()
