"""Before a write: wait until nobody else's restart is under way. Semantics, section 8, first rule."""

from dataclasses import dataclass

from reconciler.applier.job import Job, Run, key
from reconciler.applier.settle import Settling, Verdict
from reconciler.model.live import Absent, Found, Health, Live
from reconciler.model.rules import Readiness


@dataclass(frozen=True, slots=True)
class StillBusy:
    """Time ran out while the agent was busy with something that is not ours."""

    status: str


def is_busy(found: Found) -> bool:
    """Whether this read shows a restart under way."""
    return isinstance(found, Live) and found.health is Health.BUSY


def suspect(job: Job, run: Run, found: Found) -> str | None:
    """Why this read may not be the whole truth yet, or None when it can be taken as it is."""
    name = key(job.desired.address)
    if name in run.history.unfinished and _remaining(job, run) > 0:
        return f"run {run.history.unfinished[name].run} left a write without an end"
    if not isinstance(found, Live) or job.rules.readiness is not Readiness.STATUS:
        return None
    if found.health is Health.BUSY:
        return f"it is {found.status}"
    if found.age_seconds is None or found.age_seconds >= run.wait.settle_seconds:
        return None
    if found.stamp is not None and run.history.seen_back.get(name) == found.stamp:
        return None  # an earlier run followed this very write until the agent was back
    return f"it was updated {max(0.0, found.age_seconds):.0f} s ago"


def _remaining(job: Job, run: Run) -> float:
    """Seconds for which an earlier run's unfinished write can still be without visible effect."""
    left = run.history.unfinished.get(key(job.desired.address))
    if left is None:
        return 0.0
    window = max(run.wait.settle_seconds, run.wait.in_doubt_seconds)
    elapsed = run.clock.wall() - left.written_at
    return window - elapsed if elapsed >= 0 else 0.0


async def until_quiet(job: Job, run: Run, found: Found, agent_id: str | None) -> Found | StillBusy:
    """Wait out whatever makes `found` suspect, and return a later read.

    For its age alone an agent is waited for at most one settle window; for a restart that shows,
    until the timeout.
    """
    reason = suspect(job, run, found)
    if reason is None:
        return found
    run.tell(job.desired.address, "waiting", f"waiting: {reason}")
    clock = run.clock
    settling = _settling(job, run, found)
    deadline = clock.monotonic() + timeout_seconds(job, run)
    unfinished = _remaining(job, run)
    until = clock.monotonic() + unfinished
    while True:
        await clock.sleep(settling.next_look(clock.monotonic()))
        at = clock.monotonic()
        found = await job.session.read(job.desired, agent_id)
        if isinstance(found, Live):
            agent_id = found.id
            if job.rules.readiness is Readiness.STATUS:
                verdict = settling.observe(found, at, equal=False)
                over = settling.over(at) and found.health is not Health.BUSY
                if verdict is not Verdict.WAIT or (over and not settling.busy_seen):
                    return found
            elif at >= until:
                return found
        elif not (isinstance(found, Absent) and at < until):
            return found
        if at >= deadline:
            return StillBusy(found.status if isinstance(found, Live) else "unreadable")


def _settling(job: Job, run: Run, found: Found) -> Settling:
    """The window in which an older write may still show: from the record, else from the stamp."""
    now, settle = run.clock.monotonic(), run.wait.settle_seconds
    left = run.history.unfinished.get(key(job.desired.address))
    remaining = _remaining(job, run)
    if left is not None and remaining > 0:
        window = max(settle, run.wait.in_doubt_seconds)
        written_at = now - (window - remaining)
        return Settling(job.rules.readiness, written_at, window, left.stamp)
    busy = is_busy(found)
    age = found.age_seconds if isinstance(found, Live) and found.age_seconds is not None else settle
    written_at = now - min(max(age, 0.0), settle)
    stamp = None if busy else (found.stamp if isinstance(found, Live) else None)
    return Settling(job.rules.readiness, written_at, settle, stamp, busy_seen=busy)


def timeout_seconds(job: Job, run: Run) -> float:
    """How long this agent may take, from its own write."""
    own = job.desired.rollout.timeout_seconds
    return run.wait.timeout_seconds if own is None else own
