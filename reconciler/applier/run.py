"""All agents of a run: who may start, how many at once, and when nothing more starts."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import anyio

from reconciler.applier.agent import Carrier
from reconciler.applier.job import Job, Run, key
from reconciler.applier.order import starting_order
from reconciler.applier.quiet import suspect
from reconciler.applier.record import looked_after
from reconciler.applier.slots import Slots
from reconciler.applier.waves import Ticket, Waves
from reconciler.differ.lanes import Runner, lane_of, lane_sizes
from reconciler.model.errors import ReconcileError
from reconciler.model.live import Live
from reconciler.model.outcome import Cause, Outcome, Result
from reconciler.model.tree import Tree
from reconciler.ports import Progress


async def run(jobs: Sequence[Job], state: Run) -> list[Outcome]:
    """Carry out every job, at most `limits.max_unavailable` restarting at a time.

    Waves come one after another, in each its canaries first, and of those who may start whoever is
    expected to take longest; without a record of earlier runs they keep their order.

    Returns one outcome for each job, in the same order, whatever happened. Agents are independent:
    one that fails does not stop the others until more than `limits.max_failures` have. The record
    begins before anything is sent; raises InputError when it cannot be kept.
    """
    state.history = state.journal.history()
    if state.released:
        state.history = replace(state.history, quarantine={})
    outcomes: list[Outcome | None] = [None] * len(jobs)
    runners = [
        Runner(job.rules.restarts, job.session.account, isinstance(job.found, Live)) for job in jobs
    ]
    sizes = lane_sizes(runners, state.limits)
    slots = {lane: Slots(size) for lane, size in sizes.items()}
    waves = Waves(jobs, state)
    carriers = [
        _carrier(job, state, slots[lane_of(runner, state.limits)], waves.ticket(position))
        for position, (job, runner) in enumerate(zip(jobs, runners, strict=True))
    ]

    async def one(index: int, carrier: Carrier) -> None:
        outcome = outcomes[index] = await _carry(carrier)
        try:
            looked_after(state.journal, state.history, key(outcome.address), outcome)
        except ReconcileError as error:
            state.halted = state.halted or str(error)
        waves.end(index, outcome)

    state.unwritten = len(jobs)
    reviewed: Tree = {"reviewed": state.reviewed} if state.reviewed else {}
    if state.no_wait:
        reviewed["noWait"] = True
    state.journal.write({"event": "run-planned", "agents": len(jobs), **reviewed})
    async with anyio.create_task_group() as group:
        group.start_soon(waves.conduct)
        for index in starting_order(jobs, state.earlier):
            group.start_soon(one, index, carriers[index])
    done = [outcome for outcome in outcomes if outcome is not None]
    results = Counter(str(outcome.result) for outcome in done)
    try:
        state.journal.write(
            {"event": "run-ended", "interrupted": state.stop.requested, "results": dict(results)}
        )
    except ReconcileError as error:  # what came of each agent is known, and is told all the same
        for job in jobs[:1]:
            state.observer.tell(Progress(job.desired.address, "note", str(error)))
    return done


def _carrier(job: Job, run: Run, slots: Slots, ticket: Ticket) -> Carrier:
    """One agent's carrier; one that may be restarting already holds a slot from the beginning."""
    occupied = job.rules.restarts and suspect(job, run, job.found) is not None
    if occupied:
        slots.occupy()
    return Carrier(job, run, slots, ticket, occupied=occupied)


async def _carry(carrier: Carrier) -> Outcome:
    """One agent to its outcome: a stop and an error of ours end in one as well."""
    finished: list[Outcome] = []
    with carrier.run.stop.scope():
        try:
            finished.append(await carrier.carry())
        except ReconcileError as error:
            carrier.run.halted = carrier.run.halted or str(error)
            finished.append(carrier.broken(str(error), error.cause))
        except Exception as error:  # noqa: BLE001 - the other agents are still restarting
            carrier.run.halted = carrier.run.halted or "an internal error"
            finished.append(carrier.broken(_internal(error), Cause.MANIFEST))
        finally:
            carrier.release()
            carrier.written()
    outcome = finished[0] if finished else carrier.interrupted()
    if outcome.result is not Result.UNCHANGED:
        carrier.run.tell(outcome.address, "done", _line(outcome))
    return outcome


def _internal(error: Exception) -> str:
    """Where an error of ours happened; never its text, which could hold anything."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    where = f"{frame.tb_frame.f_globals['__name__']}:{frame.tb_lineno}" if frame else "nowhere"
    return f"internal error: {type(error).__name__} at {where}; this is a bug, please report it"


def _line(outcome: Outcome) -> str:
    text = f"{outcome.result} after {outcome.seconds:.0f} s"
    return f"{text}: {outcome.reason}" if outcome.reason else text
