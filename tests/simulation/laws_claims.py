"""Laws about what is said: success, failure, the way back, and the exit code."""

from collections.abc import Iterator

from reconciler.model.outcome import Result
from tests.simulation.cloud import History, Restart
from tests.simulation.expect import SUCCESS, code_of, expected
from tests.simulation.fields import holds, managed, value_at
from tests.simulation.laws_view import (
    before_run,
    claimed_at,
    index_of,
    is_back,
    reads_of,
    run_of,
    sent_by,
)
from tests.simulation.world import Ran, Trace


def brought_back(trace: Trace) -> Iterator[str]:
    """What was before is written back after a failure where that is asked for, and only there.

    Where all of it is said to be restored, it is, and the restart of going back is over.
    """
    for ran in trace.runs:
        for outcome in ran.outcomes:
            index = index_of(outcome.address.name)
            sent, agent = sent_by(trace, ran, index), trace.schedule.agents[index]
            back = [write for write in sent if is_back(trace, write)]
            tried = [write for write in sent if write.answer != "no"]  # what can have had an effect
            failed = outcome.result in (Result.FAILED, Result.TIMED_OUT, Result.INTERRUPTED)
            if back and not (failed and agent.on_failure == "rollback"):
                yield f"a{index} was rolled back and is said to be {outcome.result}"
            said = outcome.rollback is not None and outcome.rollback.complete
            history, at = trace.cloud.histories[index], claimed_at(ran, outcome.address.name)
            if said and tried and not any(e.who == "console" for e in history.entries):
                tree, before = history.entries[history.at(at)].tree, before_run(trace, tried[0])
                if any(value_at(tree, p) != value_at(before, p) for p in managed(agent)):
                    yield f"a{index} is said to be restored and is not"
                if any(r.who == "us" and r.covers(at) for r in history.restarts):
                    yield f"a{index} is said to be restored and still restarts"
            if _must_go_back(trace, ran, index, outcome.result) and not back:
                yield f"a{index} failed and was not rolled back"


def _must_go_back(trace: Trace, ran: Ran, index: int, result: Result) -> bool:
    agent, history = trace.schedule.agents[index], trace.cloud.histories[index]
    sent = sent_by(trace, ran, index)
    failed = [r for r in history.restarts if r.write in {w.number for w in sent}]
    undisturbed = all(entry.who != "console" for entry in history.entries) and not ran.stopped
    changed = bool(agent.changes) and agent.exists and not agent.not_kept
    again = any(f.agent == index for f in trace.schedule.faults)
    wanted_back = agent.on_failure == "rollback" and result is Result.FAILED
    ended = bool(failed) and failed[-1].ending == "failed"
    return wanted_back and ended and undisturbed and changed and not again and not ran.calm


def unseen(trace: Trace) -> Iterator[str]:
    """Success is claimed only after a last read that showed it: all values, and READY."""
    for ran in trace.runs:
        for outcome in ran.outcomes:
            name = outcome.address.name
            reads = reads_of(trace, ran, index_of(name), claimed_at(ran, name))
            if outcome.result not in SUCCESS:
                continue
            shown = [read for read in reads if read.entry is not None]
            kind = trace.schedule.agents[index_of(name)].kind
            if not shown or not shown[-1].equal:
                yield f"{name} is said to be {outcome.result}; no read shows that"
            elif kind == "runtime" and shown[-1].health != "READY":
                yield f"{name} is said to be {outcome.result} and is {shown[-1].health}"


def healed(trace: Trace) -> Iterator[str]:
    """When nothing goes wrong any more, a run ends with all in order, and the next writes nothing."""
    calm = [ran for ran in trace.runs if ran.calm]
    for ran in calm:
        if ran.code != 0:
            told = [(str(o.result), o.reason) for o in ran.outcomes if o.result not in SUCCESS]
            yield f"the run in calm weather ended {ran.code}: {told}"
        for index, agent in enumerate(trace.schedule.agents):
            history = trace.cloud.histories[index]
            if not history.entries or not holds(agent, history.entries[-1].tree):
                yield f"a{index} is not as declared after a run in calm weather"
    if calm and sent_by(trace, calm[-1]):
        yield "the run after a run in calm weather wrote something"


def _mixed_up(trace: Trace, history: History, restart: Restart) -> bool:
    """Whether somebody else's restart began between our sending and its effect.

    What reads then show of that one is from after the write, and nothing tells it from ours: the
    window that stays open where a cloud has no If-Match (semantics, section 8).
    """
    sent = trace.cloud.writes[restart.write].sent
    return any(r.who != "us" and sent <= r.begin <= restart.begin for r in history.restarts)


def early(trace: Trace) -> Iterator[str]:
    """No success is claimed before our restart is over and the values are truly there."""
    for ran in trace.runs:
        for outcome in ran.outcomes:
            index = index_of(outcome.address.name)
            if outcome.result not in SUCCESS:
                continue
            agent, history = trace.schedule.agents[index], trace.cloud.histories[index]
            at = claimed_at(ran, outcome.address.name)
            for restart in history.restarts:
                mine = restart.who == "us" and run_of(trace, restart) <= ran.number
                if mine and restart.end > at and not _mixed_up(trace, history, restart):
                    yield (
                        f"a{index} is said to be {outcome.result} at {at:.2f}; "
                        f"it restarts from {restart.begin:.2f} to {restart.end:.2f}"
                    )
            entry = history.at(at)
            last = reads_of(trace, ran, index, at)
            since = last[-1].asked - agent.behind if last else 0.0
            edited = any(e.who == "console" and since <= e.at <= at for e in history.entries)
            if not edited and (entry < 0 or not holds(agent, history.entries[entry].tree)):
                yield f"a{index} is said to be {outcome.result} at {at:.2f} and is not as declared"


def told(trace: Trace) -> Iterator[str]:
    """Every agent ends as the schedule and the history say, and so does the run."""
    for ran in trace.runs:
        if ran.code is None or ran.calm:
            continue
        codes: list[set[int]] = []
        for outcome in ran.outcomes:
            index = index_of(outcome.address.name)
            allowed = expected(trace, ran, index)
            matching = {code for result, code in allowed if result is outcome.result}
            if not matching:
                told = sorted(f"{result}/{code}" for result, code in allowed)
                yield (
                    f"a{index} of run {ran.number} is said to be {outcome.result} "
                    f"({outcome.reason}); expected: {', '.join(told) or 'a write'}"
                )
            codes.append(matching or {code for _, code in allowed})
        if ran.code not in code_of(codes):
            yield f"run {ran.number} ended {ran.code}, expected one of {sorted(code_of(codes))}"
