"""What the laws ask of a trace: who read, wrote and claimed what, and when."""

from typing import Final

from tests.simulation.cloud import Read, Restart, Write
from tests.simulation.expect import goes_back
from tests.simulation.fields import Tree
from tests.simulation.world import Ran, Trace

MOMENT: Final = 1e-6
"""Seconds by which two times of a float may differ that are the same."""


def reads_of(trace: Trace, ran: Ran, agent: int, before: float) -> list[Read]:
    return [
        read
        for read in trace.cloud.reads
        if read.run == ran.number and read.agent == agent and read.at <= before + MOMENT
    ]


def sent_by(trace: Trace, ran: Ran, agent: int | None = None) -> list[Write]:
    return [
        write
        for write in trace.cloud.writes
        if write.run == ran.number and agent in (None, write.agent)
    ]


def index_of(name: str) -> int:
    return int(name[1:])


def claimed_at(ran: Ran, name: str) -> float:
    return ran.claims.get(name, ran.ended)


def is_back(trace: Trace, write: Write) -> bool:
    return goes_back(trace.schedule.agents[write.agent], write)


def before_run(trace: Trace, back: Write) -> Tree:
    """What the last read before the write that `back` takes back showed of the agent."""
    forward = [
        write
        for write in sent_by(trace, trace.runs[back.run], back.agent)
        if write.number <= back.number and not is_back(trace, write) and write.answer != "no"
    ]
    shown = forward[-1].shown if forward else None
    if shown is None or shown < 0:
        return {}
    return trace.cloud.histories[back.agent].entries[shown].tree


def run_of(trace: Trace, restart: Restart) -> int:
    return trace.cloud.writes[restart.write].run
