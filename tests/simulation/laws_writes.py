"""Laws about writes: what may be sent, how often, and after which reads."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from tests.simulation.cloud import Write
from tests.simulation.fields import PATHS, Path, leaves, managed, value_at, wanted
from tests.simulation.laws_view import (
    MOMENT,
    before_run,
    is_back,
    reads_of,
    sent_by,
)
from tests.simulation.world import Trace


def not_ours(trace: Trace) -> Iterator[str]:
    """A write changes what the manifest declares, to what it declares, and nothing else.

    What the console changed after the last read before the write is the documented window.
    """
    for write in trace.cloud.writes:
        if write.effect is None:
            continue
        history, agent = trace.cloud.histories[write.agent], trace.schedule.agents[write.agent]
        position = next(n for n, e in enumerate(history.entries) if e.write == write.number)
        before = leaves(history.entries[position - 1].tree) if position else {}
        shown = _shown(trace, write)
        after, spec = leaves(history.entries[position].tree), wanted(agent)
        for path in sorted({*before, *after}):
            if before.get(path) == after.get(path):
                continue
            if path in managed(agent):
                meant = value_at(before_run(trace, write), path) if is_back(trace, write) else None
                if after.get(path) not in (value_at(spec, path) if meant is None else meant,):
                    yield f"write {write.number} set {path} to {after.get(path)!r}"
            elif after.get(path) != shown.get(path):
                yield f"write {write.number} set {path}, which is not declared"
            elif shown.get(path) == before.get(path):
                yield f"write {write.number} lost a change of {path} that its read had shown"


def minimal(trace: Trace) -> Iterator[str]:
    """A write carries nothing that could be left out, and none is sent where all is as declared."""
    for write in trace.cloud.writes:
        agent, history = trace.schedule.agents[write.agent], trace.cloud.histories[write.agent]
        if write.create or write.shown is None or write.shown < 0 or is_back(trace, write):
            continue
        ran = trace.runs[write.run]
        if write.seen_equal and not (ran.calm and write.seen_failed):
            yield f"write {write.number} was sent though its read showed everything as declared"
        if agent.kind == "prompt":
            continue
        shown, spec = history.entries[write.shown].tree, wanted(agent)
        for name in set(write.body) - {"cpu", "memory", "port"}:
            paths = [path for path in managed(agent) if path[0] == name]
            if all(value_at(shown, path) == value_at(spec, path) for path in paths):
                yield f"write {write.number} carried {name}, which did not differ"


def read_again(trace: Trace) -> Iterator[str]:
    """Before a write the agent was planned by one read and read again, and was there, or not."""
    for write in trace.cloud.writes:
        reads = reads_of(trace, trace.runs[write.run], write.agent, write.sent)
        if len(reads) < 2:
            yield f"write {write.number} was sent after {len(reads)} reads"
        if write.shown is None or write.create != (write.shown < 0):
            yield f"write {write.number}: create={write.create}, its read showed {write.shown}"


def twice(trace: Trace) -> Iterator[str]:
    """An agent is never sent more than two writes whose effect is not known to be none.

    The second one comes after a lost reply, and not before the in-doubt time has passed.
    """
    for ran in trace.runs:
        for agent in range(len(trace.schedule.agents)):
            sent = [write for write in sent_by(trace, ran, agent) if write.answer != "no"]
            for back in (False, True):
                writes = [write for write in sent if is_back(trace, write) is back]
                yield from _pairs(f"a{agent}", writes, trace.schedule.in_doubt)


def _pairs(name: str, writes: list[Write], in_doubt: float) -> Iterator[str]:
    if len(writes) > 2:
        yield f"{name} was written to {len(writes)} times"
    for first, second in pairwise(writes):
        waited = second.sent - first.sent
        if first.answer != "lost":
            yield f"{name} was written to again after a success"
        elif waited < in_doubt - MOMENT:
            yield f"{name} was written to again after {waited:.1f} s of doubt"


def recorded(trace: Trace) -> Iterator[str]:
    """The intent of every write was on the disk before it was sent."""
    for write in trace.cloud.writes:
        if not write.recorded:
            yield f"write {write.number} was sent before it was on record"


def needless(trace: Trace) -> Iterator[str]:
    """Nothing is written, and so nothing restarted, that was as declared when the write arrived.

    Unless the console made it so after the last read.
    """
    for write in trace.cloud.writes:
        if write.effect is None or trace.runs[write.run].calm or is_back(trace, write):
            continue
        history = trace.cloud.histories[write.agent]
        position = next(n for n, e in enumerate(history.entries) if e.write == write.number)
        if not position or not _had_all(trace, write.agent, position - 1):
            continue
        since = history.entries[max(write.shown or 0, 0) + 1 : position]
        if not any(entry.who == "console" for entry in since):
            yield f"write {write.number} restarted a{write.agent}, which had all its values"


def _had_all(trace: Trace, index: int, position: int) -> bool:
    """Whether an agent had what it can have: what this cloud does not keep cannot be had."""
    agent, tree = trace.schedule.agents[index], trace.cloud.histories[index].entries[position].tree
    spec, lost = wanted(agent), {PATHS[name] for name in agent.not_kept}
    return all(value_at(tree, p) == value_at(spec, p) for p in managed(agent) - lost) and not lost


def _shown(trace: Trace, write: Write) -> dict[Path, Any]:
    """What the last read before a write showed."""
    if write.shown is None or write.shown < 0:
        return {}
    return leaves(trace.cloud.histories[write.agent].entries[write.shown].tree)
