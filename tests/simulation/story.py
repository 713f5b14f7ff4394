"""A trace for people: what the cloud was asked, what it did, and what was claimed, in order."""

from collections.abc import Iterator
from math import inf
from typing import Any

from tests.simulation.fields import leaves
from tests.simulation.schedule import Schedule, dumps
from tests.simulation.world import Trace


def told(trace: Trace) -> str:
    """The whole story of a run, one line for each event, after its schedule."""
    lines = sorted(_events(trace), key=lambda line: line[0])
    return dumps(trace.schedule) + "\n".join(f"{at:9.2f}  {text}" for at, text in lines) + "\n"


def _events(trace: Trace) -> Iterator[tuple[float, str]]:
    for index, history in enumerate(trace.cloud.histories):
        before: dict[Any, Any] = {}
        for entry in history.entries:
            now = leaves(entry.tree)
            changed = {".".join(p): v for p, v in now.items() if before.get(p) != v}
            name = f" (write {entry.write})" if entry.write >= 0 else ""
            if entry.who != "origin":
                yield entry.at, f"a{index}     {entry.who}{name} sets {changed}"
            before = now
        for restart in history.restarts:
            yield restart.begin, f"a{index}     restart of {restart.who} begins"
            if restart.end != inf:
                yield restart.end, f"a{index}     restart of {restart.who} ends {restart.ending}"
    for read in trace.cloud.reads:
        shown = "nothing" if read.entry is None else f"entry {read.entry} {read.health}"
        yield read.at, f"a{read.agent}  read -> {shown}{' (as declared)' if read.equal else ''}"
    for write in trace.cloud.writes:
        what = "create" if write.create else "update"
        fault = f" [{write.fault}]" if write.fault else ""
        yield write.sent, f"a{write.agent}  write {write.number}: {what} {write.body}{fault}"
        if write.answered is not None:
            yield write.answered, f"a{write.agent}  write {write.number} answered: {write.answer}"
    yield from _runs(trace)


def _runs(trace: Trace) -> Iterator[tuple[float, str]]:
    for ran in trace.runs:
        yield ran.begun, f"---- run {ran.number} begins"
        if ran.stopped is not None:
            yield ran.stopped, "---- SIGINT"
        for outcome in ran.outcomes:
            name = outcome.address.name
            reason = f": {outcome.reason}" if outcome.reason else ""
            yield ran.claims.get(name, ran.ended), f"{name}  is {outcome.result}{reason}"
        ending = "dies" if ran.code is None else f"ends with exit code {ran.code}"
        yield ran.ended, f"---- run {ran.number} {ending}"


def size(schedule: Schedule) -> str:
    """How much there is to it, for a line."""
    counts = (len(schedule.agents), len(schedule.faults), len(schedule.edits))
    text = "{} agents, {} faults, {} edits".format(*counts)
    crash = schedule.crash
    return text + (f", dies at step {crash.point}" if crash else "")
