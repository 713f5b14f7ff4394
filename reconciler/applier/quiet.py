"""Before a write: wait until nobody else's restart is under way. Semantics, section 8, first rule."""

from dataclasses import dataclass

from reconciler.applier.job import Job, Run, key
from reconciler.applier.pace import pace_of
from reconciler.applier.settle import CONFIRM_SECONDS, Settling, Verdict
from reconciler.model.live import Absent, Found, Health, Live, Unread
from reconciler.model.outcome import Cause
from reconciler.model.rules import Readiness
from reconciler.ports import Unfinished


@dataclass(frozen=True, slots=True)
class StillBusy:
    """Time ran out while the agent was busy with something that is not ours."""

    status: str


def is_busy(found: Found | None) -> bool:
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
    """Seconds for which an earlier run's unfinished write can still be without visible effect.

    A clock that was set back since then by less than the window makes it a write of just now; one
    that is further off says nothing.
    """
    left = run.history.unfinished.get(key(job.desired.address))
    if left is None:
        return 0.0
    window = _window(job, run, left)
    elapsed = run.clock.wall() - left.written_at
    # However old, it is worth a second read: its restart may show READY for a moment in between.
    return min(window, max(window - elapsed, CONFIRM_SECONDS)) if elapsed > -window else 0.0


def _window(job: Job, run: Run, left: Unfinished) -> float:
    """Seconds after which an unfinished write must have shown.

    One without an answer can have taken effect at the end of the in-doubt time, and reads may then
    be behind that effect for as long as behind any other, as far as there is time to wait for it.
    """
    settle, in_doubt = run.wait.settle_seconds, run.wait.in_doubt_seconds
    longer = min(settle + in_doubt, timeout_seconds(job, run) / 2)
    return max(settle, in_doubt) if left.answered else max(settle, in_doubt, longer)


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
        when = settling.next_look(clock.monotonic())
        look = await run.look(job, agent_id, when)
        found, at = look.found, look.asked
        if isinstance(found, Live):
            agent_id = found.id
            if job.rules.readiness is Readiness.STATUS:
                verdict = settling.observe(found, at, equal=False, answered=look.answered)
                over = settling.over(at) and found.health is not Health.BUSY
                if verdict is not Verdict.WAIT or (over and not settling.busy_seen):
                    return found
            elif at >= until:
                return found
        elif isinstance(found, Unread) and found.cause is Cause.CLOUD:
            pass  # what is restarting goes on restarting when a read of it fails
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
        window = _window(job, run, left)
        written_at = now - (window - remaining)
        return _begun(Settling(job.rules.readiness, written_at, window, left.stamp), found, now)
    busy = is_busy(found)
    age = found.age_seconds if isinstance(found, Live) and found.age_seconds is not None else settle
    written_at = now - min(max(age, 0.0), settle)
    stamp = None if busy else (found.stamp if isinstance(found, Live) else None)
    pace = pace_of(run.earlier(job.desired.address, "update")) if busy else None
    if pace is not None:
        pace = pace.later(max(age, 0.0) - (now - written_at))
    settling = Settling(job.rules.readiness, written_at, settle, stamp, busy_seen=busy, pace=pace)
    return _begun(settling, found, now)


def _begun(settling: Settling, found: Found, now: float) -> Settling:
    """With a busy agent taken in: from here on two reads have to say otherwise."""
    if isinstance(found, Live) and is_busy(found):
        settling.observe(found, now, equal=False)
    return settling


def timeout_seconds(job: Job, run: Run) -> float:
    """How long this agent may take, from its own write."""
    own = job.desired.rollout.timeout_seconds
    return run.wait.timeout_seconds if own is None else own
