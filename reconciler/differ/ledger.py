"""How long a plan is expected to take: medians of earlier writes, scheduled as the applier does."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heappush, heapreplace
from statistics import median

from reconciler.differ.lanes import Lane
from reconciler.differ.order import longest_first
from reconciler.model.ledger import Ledger, Recorded, Timing
from reconciler.model.manifest import Address


@dataclass(frozen=True, slots=True)
class Write:
    """One write that a plan needs, with the earlier ones of its agent and of its kind.

    `canary`: it is through before the others of its `wave` begin.
    """

    address: Address
    lane: Lane
    own: Sequence[Recorded] = ()
    kind: Sequence[Recorded] = ()
    wave: int = 0
    canary: bool = False


def expect(
    writes: Sequence[Write], sizes: Mapping[Lane, int], pause_seconds: float = 0.0
) -> Ledger:
    """What carrying these writes out is expected to take.

    Waves come one after another with a pause between, each with its canaries before the others. In
    each of these stages every lane runs beside the others, with as many of its writes at a time as
    `sizes` says and the longest of them first.
    """
    timings: dict[Address, Timing] = {}
    runs: set[str] = set()
    stages: dict[tuple[int, bool], dict[Lane, list[float]]] = {}
    for write in writes:
        earlier = write.own or write.kind
        if not earlier:
            continue
        seconds = median(one.seconds for one in earlier)
        timings[write.address] = Timing(seconds, len(earlier), own=bool(write.own))
        runs.update(one.run for one in earlier)
        stage = stages.setdefault((write.wave, write.canary), {})
        stage.setdefault(write.lane, []).append(seconds)
    known = len(timings) == len(writes)
    pauses = pause_seconds * max(0, len({write.wave for write in writes}) - 1)
    whole = sum(_longest(stages, sizes), pauses)
    return Ledger(float(whole) if known else None, len(runs), timings)


def _longest(
    stages: Mapping[tuple[int, bool], Mapping[Lane, Sequence[float]]], sizes: Mapping[Lane, int]
) -> Iterator[float]:
    """How long each stage takes: as long as the lane that takes longest."""
    for lanes in stages.values():
        yield max(
            makespan([durations[one] for one in longest_first(durations)], sizes[lane])
            for lane, durations in lanes.items()
        )


def makespan(durations: Sequence[float], slots: int) -> float:
    """When the last is done, where each in turn starts as soon as one of the slots is free."""
    ends: list[float] = []
    for seconds in durations:
        if len(ends) < slots:
            heappush(ends, seconds)
        else:
            heapreplace(ends, ends[0] + seconds)
    return max(ends, default=0.0)
