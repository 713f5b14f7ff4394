"""After a write: poll until the agent is back, failed or out of time, then look at what it became."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from reconciler.applier.job import Job, Run
from reconciler.applier.pace import pace_of
from reconciler.applier.poller import REST_SECONDS, Look, When
from reconciler.applier.quiet import is_busy
from reconciler.applier.settle import Settling, Verdict
from reconciler.differ.compare import Comparison, compare
from reconciler.differ.fingerprint import compare_all
from reconciler.differ.ignore import set_aside, without_ignored
from reconciler.differ.partial import unseen, visible
from reconciler.differ.verify import Bystanders, bystanders
from reconciler.model.live import Absent, Live, Unread
from reconciler.model.rules import Readiness
from reconciler.model.tree import Tree
from reconciler.ports import Phase

_CONFIRMING_SECONDS: Final = 5.0
"""How long before its deadline an agent is looked at, whatever earlier restarts let expect."""

_CONFIRMING_SHARE: Final = 0.25
"""And, once more, this share of its time before it: a single slow answer may take longer."""


_ANSWER_SECONDS: Final = REST_SECONDS + 1.0
"""How long an answer may take that is asked for at the deadline."""


class End(Enum):
    """How following a write ended."""

    BACK = "back"
    FAILED = "failed"
    NOT_KEPT = "not kept"
    GONE = "gone"
    TIME = "time ran out"
    UNWATCHED = "not waited for"


@dataclass(frozen=True, slots=True)
class Written:
    """A write that was answered, or whose effect was seen.

    `at` is when (monotonic seconds), `deadline` when waiting for it ends. `before` is the
    pre-image (None: the agent was created), `body` what was sent, `seen` the read at that moment.
    """

    at: float
    deadline: float
    before: Live | None
    body: Tree
    seen: Live | None = None


@dataclass(slots=True)
class Followed:
    """What the reads after a write showed. `unverified` are fields that none of them can show.

    `busy_seconds` and `ready_seconds` are how long after the write the last read was that showed a
    restart and the first one that showed its end; None without a restart that was seen.
    """

    end: End
    live: Live | None = None
    reason: str = ""
    left: tuple[str, ...] = ()
    others: Bystanders = field(default_factory=Bystanders)
    unverified: tuple[str, ...] = ()
    stamps: set[float] = field(default_factory=set)
    busy_seen: bool = False
    busy_seconds: float | None = None
    ready_seconds: float | None = None

    @property
    def lost(self) -> bool:
        """Whether a value is held not to have been kept, or to have gone away."""
        return self.end is End.NOT_KEPT or bool(self.others.gone)

    @property
    def restart_seconds(self) -> dict[str, float]:
        """What the record keeps of them: `pace` goes by it in later runs."""
        named = {"busySeconds": self.busy_seconds, "readySeconds": self.ready_seconds}
        return {name: seconds for name, seconds in named.items() if seconds is not None}


async def follow(job: Job, run: Run, written: Written, agent_id: str | None) -> Followed:
    """Poll one agent after a write until there is something to say. Transient errors are borne."""
    chase = _Chase(job, run, written)
    first = job.rules.readiness is Readiness.VALUES  # no restart to wait for: look at once
    while True:
        now = run.clock.monotonic()
        limit = _limit(now, written)
        when = When(now, now) if first else chase.settling.next_look(now).before(limit)
        first = False
        within = max(written.deadline, when.due + _ANSWER_SECONDS) - now
        look = await run.look_within(within, job, agent_id, when)
        if look is not None and isinstance(look.found, Live):
            agent_id = look.found.id
        ended = chase.take(look)
        if ended is not None and ended.lost:
            ended = await _by_itself(chase, agent_id)
        if ended is not None:
            return ended
        if (look.asked if look is not None else when.due) >= written.deadline:
            return chase.timed_out()


def _limit(now: float, written: Written) -> float:
    """When to look at the latest: there must be time for a second look that confirms the first."""
    late = written.deadline - _CONFIRMING_SECONDS
    early = written.deadline - (written.deadline - written.at) * _CONFIRMING_SHARE
    return min((at for at in (early, late) if now < at), default=written.deadline)


async def _by_itself(chase: "_Chase", agent_id: str | None) -> Followed | None:
    """Whether a loss shows in a read of this agent alone too: a list may be behind that."""
    clock, deadline = chase.run.clock, chase.written.deadline
    asked = clock.monotonic()
    looks: list[Look | None] = [None]
    with clock.timeout(max(deadline - asked, 1.0)):
        found = await chase.job.session.read(chase.job.desired, agent_id)
        looks.append(Look(found, asked, clock.monotonic()))
    return chase.take(looks[-1])


class _Chase:
    """The state of one pursuit: what was seen so far, and what it means."""

    def __init__(self, job: Job, run: Run, written: Written) -> None:
        self.job, self.run, self.written = job, run, written
        before = written.before
        self.settling = Settling(
            job.rules.readiness,
            written.at,
            run.wait.settle_seconds,
            before.stamp if before else None,
            created=before is None,
            busy_before=is_busy(before),
            pace=pace_of(
                run.earlier(job.desired.address, "create" if before is None else "update")
            ),
        )
        if written.seen is not None:
            self.settling.observe(written.seen, written.at, equal=False)
        self.stamps: set[float] = set()
        self.live: Live | None = None
        self.left: tuple[str, ...] = ()
        self.trouble = ""
        self._told = ""

    def take(self, look: Look | None) -> Followed | None:
        """Take in one look, None where it had no answer in time; an end when it allows one."""
        if look is None:
            return None
        found, at = look.found, look.asked
        if not isinstance(found, Live):
            if isinstance(found, Unread):
                self.trouble = found.reason
            elif isinstance(found, Absent) and self.settling.over(at):
                return self._ended(End.GONE, "it no longer exists")
            return None
        self.live, self.trouble = found, ""
        if self.settling.newer(found) and found.stamp is not None:
            self.stamps.add(found.stamp)
        comparison, seen = observed(self.job, self.run, found)
        self.left = tuple(difference.path for difference in comparison.differences)
        self._tell(found, at)
        equal = seen and not self.left
        verdict = self.settling.observe(found, at, equal=equal, answered=look.answered)
        match verdict:
            case Verdict.WAIT:
                return None
            case Verdict.FAILED:
                return self._ended(End.FAILED, _status(found))
            case Verdict.BACK:
                return self._back(found, at, comparison)

    def _back(self, live: Live, at: float, comparison: Comparison) -> Followed | None:
        over = self.settling.over(at)
        others = self._others(live)
        if (self.left or others.gone) and not over:
            return None  # a replica may be behind until the settle window is over
        ended = self._ended(End.NOT_KEPT if self.left else End.BACK)
        ended.others = others
        ended.unverified = tuple(path for path, _ in comparison.unobservable)
        if live.partial:
            left_out = unseen(self.job.desired.spec, live.tree, self.job.rules)
            ended.unverified = tuple(path for path, _ in left_out)
        return ended

    def _others(self, live: Live) -> Bystanders:
        before = self.written.before
        if before is None or before.partial or live.partial:
            return Bystanders()
        desired, rules = self.job.desired, self.job.rules
        old = without_ignored(before.tree, desired, rules)
        new = without_ignored(live.tree, desired, rules)
        return bystanders(old, new, self.written.body, desired.spec, rules)

    def timed_out(self) -> Followed:
        """The end that the deadline makes."""
        if self.live is None:
            return self._ended(End.TIME, self.trouble or "it could not be read")
        parts = [_status(self.live)]
        if self.left:
            parts.append(f"not shown yet: {', '.join(self.left)}")
        if self.trouble:
            parts.append(f"the last read failed: {self.trouble}")
        return self._ended(End.TIME, "; ".join(part for part in parts if part))

    def _ended(self, end: End, reason: str = "") -> Followed:
        return Followed(
            end,
            self.live,
            reason,
            self.left,
            stamps=self.stamps,
            busy_seen=self.settling.busy_seen,
            busy_seconds=self._since_write(self.settling.last_busy),
            ready_seconds=self._since_write(self.settling.first_ended),
        )

    def _since_write(self, at: float | None) -> float | None:
        seen = self.settling.busy_seen and at is not None
        return round(at - self.written.at, 3) if seen and at is not None else None

    def _tell(self, live: Live, at: float) -> None:
        address, restarts = self.job.desired.address, self.job.rules.restarts
        if restarts:
            text = live.status
        elif live.partial:
            text = "read, without the agent's properties"
        else:
            text = "not all declared values shown" if self.left else "all declared values shown"
        if text != self._told:
            self._told = text
            elapsed = at - self.written.at
            phase: Phase = "restarting" if restarts else "settling"
            self.run.tell(address, phase, f"{text} after {elapsed:.0f} s")


def observed(job: Job, run: Run, live: Live) -> tuple[Comparison, bool]:
    """The comparison with one read, and whether it shows any managed field at all.

    A read that leaves out what it is known to hold is compared in the members that it has.
    """
    spec = set_aside(job.desired, live.tree, job.rules).desired.spec
    if live.partial:
        return compare(visible(spec, live.tree), live.tree, job.rules), False
    comparison = compare_all(job.desired, live.tree, job.rules, run.options.fingerprinter)
    unseen = {path for path, _ in comparison.unobservable}
    seen = any(f"/{name}" not in unseen and name not in job.rules.parameters for name in spec)
    return comparison, seen


def _status(live: Live) -> str:
    return f"{live.status}: {live.status_reason}" if live.status_reason else live.status
