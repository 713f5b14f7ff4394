"""Laws about limits: slots, rate, waves, canaries, failures, the budget, and a stop."""

from collections.abc import Iterator
from math import floor

from reconciler.model.outcome import Result
from tests.simulation.cloud import Restart, Write
from tests.simulation.expect import FAILURE, SUCCESS
from tests.simulation.laws_view import (
    MOMENT,
    claimed_at,
    index_of,
    is_back,
    sent_by,
)
from tests.simulation.session import MAX_CONCURRENT
from tests.simulation.world import Ran, Trace


def after_stop(trace: Trace) -> Iterator[str]:
    """After SIGINT nothing is sent that writes, and the run ends soon, with 130 if cut short."""
    for ran in trace.runs:
        if ran.stopped is None or ran.code is None:
            continue
        for write in sent_by(trace, ran):
            if write.sent > ran.stopped + MOMENT:
                yield f"write {write.number} was sent after the stop"
        longest = 30.0 + sum(fault.seconds for fault in trace.schedule.faults)
        if ran.ended - ran.stopped > longest + 4 * trace.schedule.latency:
            yield f"it went on for {ran.ended - ran.stopped:.1f} s after the stop"


def rate(trace: Trace) -> Iterator[str]:
    """The account's rate and its bound on requests at once are kept, bursts and retries included."""
    schedule = trace.schedule
    for lane in {(run, kind) for run, kind, _, _ in trace.cloud.requests}:
        mine = [one for one in trace.cloud.requests if one[:2] == lane]
        tokens, at = float(schedule.burst), mine[0][2]
        for _, _, sent, _ in mine:
            tokens = min(schedule.burst, tokens + (sent - at) * schedule.rate) - 1
            at = sent
            if tokens < -MOMENT * schedule.rate:
                yield f"more requests than the rate allows at {sent:.2f}"
                break
        most = max(sum(a <= sent < b for _, _, a, b in mine) for _, _, sent, _ in mine)
        if most > MAX_CONCURRENT:
            yield f"{most} requests at once"


def max_failures(trace: Trace) -> Iterator[str]:
    """Once more agents have failed than the limit allows, nothing new is written."""
    for ran in trace.runs:
        failed = sorted(
            claimed_at(ran, outcome.address.name)
            for outcome in ran.outcomes
            if _counts_as_failure(trace, ran, outcome.address.name, outcome.result)
        )
        limit = trace.schedule.max_failures
        if len(failed) <= limit:
            continue
        for write in sent_by(trace, ran):
            if not is_back(trace, write) and write.asked > failed[limit] + MOMENT:
                yield f"write {write.number} was begun after {limit + 1} agents had failed"


def _counts_as_failure(trace: Trace, ran: Ran, name: str, result: Result) -> bool:
    tried = result is Result.TIMED_OUT or bool(sent_by(trace, ran, index_of(name)))
    counts = trace.schedule.agents[index_of(name)].on_failure != "continue"
    return result in FAILURE and tried and counts


def max_restarts(trace: Trace) -> Iterator[str]:
    """No more agents are restarted than the budget has."""
    limit = trace.schedule.max_restarts
    for ran in trace.runs:
        touched = {
            write.agent
            for write in sent_by(trace, ran)
            if trace.schedule.agents[write.agent].kind == "runtime" and not write.create
        }
        if limit is not None and not ran.calm and len(touched) > limit:
            yield f"{len(touched)} agents were restarted, the budget was {limit}"


def waves(trace: Trace) -> Iterator[str]:
    """An agent is written to after all agents of earlier waves have ended, and after the pause."""
    agents = trace.schedule.agents
    for ran in trace.runs:
        for write in sent_by(trace, ran):
            for name, at in ran.claims.items():
                if agents[index_of(name)].wave >= agents[write.agent].wave:
                    continue
                wrote = any(w.agent == index_of(name) for w in sent_by(trace, ran))
                pause = trace.schedule.wave_pause if wrote else 0.0
                if write.asked < at + pause - MOMENT:
                    yield f"write {write.number} came before {name} of an earlier wave was through"


def canary(trace: Trace) -> Iterator[str]:
    """The first ones of a wave are back and as declared before others of it are written to."""
    agents, canary = trace.schedule.agents, trace.schedule.canary
    for ran in trace.runs:
        results = {index_of(outcome.address.name): outcome.result for outcome in ran.outcomes}
        for write in sent_by(trace, ran):
            wave = agents[write.agent].wave
            begun = {
                other.agent
                for other in sent_by(trace, ran)
                if other.asked < write.asked and agents[other.agent].wave == wave
            } - {write.agent}
            back = {
                agent
                for agent in begun
                if results.get(agent) in SUCCESS and claimed_at(ran, f"a{agent}") <= write.asked
            }
            if canary and len(back) < canary <= len(begun) and results:
                yield f"write {write.number} came before {canary} of wave {wave} were proved"


def slots(trace: Trace) -> Iterator[str]:
    """Never more agents restart at once than the limit allows, those counted that others restarted
    before the run."""
    for write in trace.cloud.writes:
        restart = _restart_of(trace, write)
        if restart is None or write.create:
            continue
        at, limit = restart.begin, _limit(trace, trace.runs[write.run].begun)
        busy = sum(
            _holds_slot(trace, write, index, at) for index in range(len(trace.schedule.agents))
        )
        if busy > limit:
            yield f"{busy} agents restarted at {at:.2f}, {limit} may"


def _restart_of(trace: Trace, write: Write) -> Restart | None:
    restarts = trace.cloud.histories[write.agent].restarts
    return next((r for r in restarts if r.write == write.number), None)


def _holds_slot(trace: Trace, write: Write, index: int, at: float) -> bool:
    """Whether an agent is restarting, by a write of ours or since before the run."""
    begun = trace.runs[write.run].begun
    for restart in trace.cloud.histories[index].restarts:
        if not restart.covers(at):
            continue
        if restart.who == "us":
            return not trace.cloud.writes[restart.write].create
        seen = [r for r in trace.cloud.reads if r.agent == index and r.run == write.run]
        if restart.begin < begun and seen and seen[0].health == "BUSY":
            return True
    return False


def _limit(trace: Trace, begun: float) -> int:
    """How many may restart at once in a run that began then: a share is one of those that exist."""
    if not trace.schedule.share:
        return trace.schedule.slots
    pairs = zip(trace.schedule.agents, trace.cloud.histories, strict=True)
    existing = sum(a.kind == "runtime" and history.at(begun) >= 0 for a, history in pairs)
    return max(1, floor(existing * 0.34))
