"""What a run has to say of an agent, worked out from the schedule and the cloud's history alone.

Where both answers are right (a restart that ends as time runs out, somebody at the console in the
middle of it) both are allowed; everywhere else there is one.
"""

from itertools import product
from math import inf
from typing import Final, TypeAlias

from reconciler.model.outcome import Outcome, Result
from tests.simulation.cloud import Read, Restart, Write
from tests.simulation.fields import PATHS, managed, value_at, wanted
from tests.simulation.schedule import Agent
from tests.simulation.world import Ran, Trace

Expected: TypeAlias = set[tuple[Result, int]]
"""Results, each with the exit code that it stands for. Semantics 10."""

SUCCESS: Final = frozenset({Result.CHANGED, Result.CREATED, Result.UNCHANGED})
FAILURE: Final = frozenset({Result.FAILED, Result.TIMED_OUT, Result.NOT_KEPT, Result.UNKNOWN})
ORDER: Final = (130, 1, 3, 5, 6, 4, 7, 2, 0)

SKIPPED: Final = (Result.SKIPPED, 7)
TIME: Final = (Result.TIMED_OUT, 6)
CLOUD: Final = (Result.FAILED, 4)
UNKNOWN: Final = (Result.UNKNOWN, 4)
STOPPED: Final = (Result.INTERRUPTED, 130)


def code_of(codes: list[set[int]]) -> set[int]:
    """The exit codes that a run of agents with these codes can have: the first in the order."""
    found: set[int] = {0}
    for mine in codes:
        found = {min(pair, key=ORDER.index) for pair in product(found, mine)}
    return found


def expected(trace: Trace, ran: Ran, index: int) -> Expected:
    """How this agent may end in this run."""
    sent = [w for w in trace.cloud.writes if (w.run, w.agent) == (ran.number, index)]
    writes = [write for write in sent if not goes_back(trace.schedule.agents[index], write)]
    reads = [r for r in trace.cloud.reads if (r.run, r.agent) == (ran.number, index)]
    if writes and not _certain_no(writes[-1]):
        allowed = _written(trace, ran, index, writes)
    else:
        allowed = _unwritten(trace, ran, index, reads)
        if writes:
            allowed |= _refused(writes[-1])
    if ran.stopped is not None:
        nothing = all(_certain_no(write) for write in writes)
        allowed |= {STOPPED, (Result.SKIPPED, 130)} if nothing else {STOPPED}
    return allowed


def goes_back(agent: Agent, write: Write) -> bool:
    """Whether a write carries what was before: a declared field with another value."""
    spec = wanted(agent)
    carried = ((value_at(write.body, path), value_at(spec, path)) for path in managed(agent))
    return any(body is not None and body != value for body, value in carried)


def _lost(agent: Agent) -> frozenset[str]:
    """The fields whose new values the cloud does not keep."""
    return frozenset(agent.not_kept) & frozenset(agent.changes)


def _certain_no(write: Write) -> bool:
    return write.answer == "no"


def _refused(write: Write) -> Expected:
    return {(Result.FAILED, 3 if write.fault == "denied" else 4)}


def _unwritten(trace: Trace, ran: Ran, index: int, reads: list[Read]) -> Expected:
    """Nothing was sent, or nothing that can have happened."""
    last = reads[-1]
    allowed: Expected = set()
    agent = trace.schedule.agents[index]
    limit = agent.timeout or trace.schedule.timeout
    waited = last.at - reads[0].at
    if last.entry is None:
        return {TIME, CLOUD} if waited >= limit - 1 else {CLOUD}
    if last.health == "BUSY":
        if waited >= limit - 1:
            return {TIME}
        return {SKIPPED} if _held_back(trace, ran, index) else set()
    if waited >= limit - 1 and any(read.health == "BUSY" for read in reads):
        allowed.add(TIME)  # it was seen once that it is back, and there was no time to confirm it
    if last.equal:
        failed = last.health == "FAILED"
        return allowed | {(Result.FAILED, 5) if failed else (Result.UNCHANGED, 0)}
    if _held_back(trace, ran, index):
        allowed.add(SKIPPED)
    back = [w for w in trace.cloud.writes if w.agent == index and goes_back(agent, w)]
    quarantined = any(write.run < ran.number for write in back)
    if ran.remembers and (_lost(agent) or quarantined):
        allowed.add((Result.BLOCKED, 7))
    return allowed


def _held_back(trace: Trace, ran: Ran, index: int) -> bool:
    """Whether there is a reason not to start: failures, the budget, or slots that are gone."""
    schedule = trace.schedule
    others = [o for o in ran.outcomes if o.address.name != f"a{index}"]
    tried = {w.agent for w in trace.cloud.writes if w.run == ran.number}
    failed = [
        number
        for number, other in ((int(o.address.name[1:]), o) for o in others)
        if other.result in FAILURE
        and (other.result is Result.TIMED_OUT or number in tried)
        and schedule.agents[number].on_failure != "continue"
    ]
    wave = schedule.agents[index].wave
    canary = schedule.canary > 0 and any(
        o.result in {*FAILURE, Result.INTERRUPTED}
        and schedule.agents[int(o.address.name[1:])].wave <= wave
        for o in others
    )
    restarted = {n for n in tried - {index} if schedule.agents[n].kind == "runtime"}
    budget = schedule.max_restarts is not None and len(restarted) >= schedule.max_restarts
    lost = any(_out_of_time(o) for o in others) or any(
        restart.who == "us" and restart.covers(ran.ended)
        for history in trace.cloud.histories
        for restart in history.restarts
    )
    return len(failed) > schedule.max_failures or budget or lost or canary


def _out_of_time(outcome: Outcome) -> bool:
    """Whether it, or its way back, may go on restarting though nobody waits for it."""
    back = outcome.rollback
    return Result.TIMED_OUT in (outcome.result, back.result if back is not None else None)


def _written(trace: Trace, ran: Ran, index: int, writes: list[Write]) -> Expected:
    """Something was sent whose effect shows, or does not."""
    history, agent = trace.cloud.histories[index], trace.schedule.agents[index]
    last = writes[-1]
    console = any(e.who == "console" and e.at >= writes[0].sent - 30 for e in history.entries)
    doubtful = [w for w in writes if w.answer != "no"]
    allowed: Expected = set()
    effects = [w for w in doubtful if w.effect is not None and w.effect <= ran.ended]
    if not effects:
        if len(doubtful) == 2 or _held_back(trace, ran, index):
            allowed.add(CLOUD)
        limit = agent.timeout or trace.schedule.timeout
        slow = sum(f.seconds for f in trace.schedule.faults if f.agent == index)
        if limit <= trace.schedule.in_doubt + 45 + slow:
            allowed.add(TIME)
    else:
        restarts = [r for r in history.restarts if r.write in {w.number for w in effects}]
        allowed |= _followed(trace, index, last, effects, restarts)
    if console:
        allowed |= {(Result.CREATED if writes[0].create else Result.CHANGED, 0), TIME}
        allowed.add((Result.FAILED, 5))
    if console and (_meddled(trace, index) or _lost(agent)):
        allowed |= {(Result.NOT_KEPT, 4), CLOUD}
        if last.answer == "lost":
            allowed.add(UNKNOWN)
    return allowed


def _meddled(trace: Trace, index: int) -> bool:
    """Whether somebody at the console set a field that the manifest declares."""
    ours = managed(trace.schedule.agents[index])
    return any(PATHS[e.field] in ours for e in trace.schedule.edits if e.agent == index)


def _followed(
    trace: Trace, index: int, last: Write, effects: list[Write], restarts: list[Restart]
) -> Expected:
    """A write took effect: what became of the restart, and whether there was time to see it."""
    schedule, agent = trace.schedule, trace.schedule.agents[index]
    deadline = last.sent + (agent.timeout or schedule.timeout)
    over = max([r.end for r in restarts], default=0.0)
    effect = max(w.effect or 0.0 for w in effects)
    slow = sum(f.seconds for f in schedule.faults if f.agent == index and f.op == "read")
    answered = max(last.answered or 0.0, effect)
    # Without a status a moved stamp is believed 30 s after the reply; only a loss waits for that.
    window = 30.0 if agent.kind == "prompt" and _lost(agent) else schedule.settle
    sure = max(answered + window, over) + agent.behind
    sure += 4 + 0.11 * max(0.0, sure - effect) + slow + 3 * _pressure(trace)
    allowed: Expected = set()
    if over + agent.start_delay >= deadline or over == inf or sure >= deadline:
        allowed.add(TIME)
    if over != inf and over < deadline + 2:
        allowed.add(_end(_lost(agent), last, restarts))
    if _lost(agent) and last.answer == "lost":
        allowed |= {CLOUD, UNKNOWN}  # what is not kept does not show either
    if _lost(agent) and agent.kind == "prompt" and agent.stamp == "still":
        # Nothing ever shows that this write was carried out.
        return {TIME, CLOUD} if last.answer == "lost" else {TIME}
    return allowed


def _end(not_kept: frozenset[str], last: Write, restarts: list[Restart]) -> tuple[Result, int]:
    if restarts and restarts[-1].ending == "failed":
        return Result.FAILED, 5
    if not_kept:
        return Result.NOT_KEPT, 4
    return (Result.CREATED if last.create else Result.CHANGED), 0


def _pressure(trace: Trace) -> float:
    """Seconds that a read may have to wait for its turn."""
    return (
        len(trace.schedule.agents) / trace.schedule.rate * (3 if trace.schedule.burst < 10 else 1)
    )
