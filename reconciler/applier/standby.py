"""Waiting for agents that nobody here writes to: until each is back from whatever restarts it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import assert_never

from reconciler.applier.job import Job, Run
from reconciler.applier.pace import SHARE
from reconciler.applier.poller import When
from reconciler.applier.quiet import StillBusy, timeout_seconds, until_quiet
from reconciler.applier.settle import PLAIN_SECONDS
from reconciler.model.live import Absent, Ambiguous, Found, Health, Live, Unread
from reconciler.model.outcome import Cause
from reconciler.wire.together import together


@dataclass(frozen=True, slots=True)
class Waited:
    """What the last read showed; `late`: the time was over before it showed an end."""

    found: Found
    late: bool = False


async def stand_by(jobs: Sequence[Job], run: Run) -> list[Waited]:
    """Each agent once it is back or failed, or when its time is over; nothing is written.

    Raises ReconcileError for what is no matter of a single read.
    """
    return await together([partial(_one, job, run) for job in jobs])


async def _one(job: Job, run: Run) -> Waited:
    waited = Waited(job.found, late=True)
    with run.clock.timeout(timeout_seconds(job, run)):
        waited = await _back(job, run)
    if waited.late:  # a last look, for what is told of it
        now = run.clock.monotonic()
        agent_id = waited.found.id if isinstance(waited.found, Live) else None
        waited = Waited((await run.look(job, agent_id, When(now, now))).found, late=True)
    run.tell(job.desired.address, "done", _line(waited.found))
    return waited


async def _back(job: Job, run: Run) -> Waited:
    clock = run.clock
    started = clock.monotonic()
    found, told = job.found, ""
    while True:
        agent_id = found.id if isinstance(found, Live) else None
        quiet = await until_quiet(job, run, found, agent_id)
        if isinstance(quiet, StillBusy):
            return Waited(found, late=True)
        found = quiet
        if _over(found):
            return Waited(found)
        if (text := _line(found)) != told:
            told = text
            run.tell(job.desired.address, "waiting", f"waiting: {text}")
        now = clock.monotonic()
        due = now + max(PLAIN_SECONDS, (now - started) * SHARE)
        found = (await run.look(job, agent_id, When(due, due))).found


def _over(found: Found) -> bool:
    """Whether waiting longer would change nothing: it is back, failed, or may not be read."""
    match found:
        case Live():
            return found.health in (Health.READY, Health.FAILED, Health.NONE)
        case Unread(_, cause):
            return cause is not Cause.CLOUD
        case Absent():
            return False
        case Ambiguous():
            return True
        case _:
            assert_never(found)


def _line(found: Found) -> str:
    match found:
        case Live():
            return found.status or "there"
        case Absent():
            return "it does not exist"
        case Unread(reason, _):
            return reason
        case Ambiguous():
            return "more than one agent has this name"
        case _:
            assert_never(found)
