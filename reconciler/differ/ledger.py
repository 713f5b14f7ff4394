"""How long a plan is expected to take: medians of earlier writes, scheduled as the applier does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import heappush, heapreplace
from statistics import median

from reconciler.differ.lanes import Lane
from reconciler.model.ledger import Ledger, Recorded, Timing
from reconciler.model.manifest import Address


@dataclass(frozen=True, slots=True)
class Write:
    """One write that a plan needs, with the earlier ones of its agent and of its kind."""

    address: Address
    lane: Lane
    own: Sequence[Recorded] = ()
    kind: Sequence[Recorded] = ()


def expect(writes: Sequence[Write], sizes: Mapping[Lane, int]) -> Ledger:
    """What carrying these writes out, in their order, is expected to take.

    Each lane runs beside the others, with as many of its writes at a time as `sizes` says.
    """
    timings: dict[Address, Timing] = {}
    runs: set[str] = set()
    lanes: dict[Lane, list[float]] = {}
    for write in writes:
        earlier = write.own or write.kind
        if not earlier:
            continue
        seconds = median(one.seconds for one in earlier)
        timings[write.address] = Timing(seconds, len(earlier), own=bool(write.own))
        runs.update(one.run for one in earlier)
        lanes.setdefault(write.lane, []).append(seconds)
    known = len(timings) == len(writes)
    longest = max(
        (makespan(durations, sizes[lane]) for lane, durations in lanes.items()), default=0
    )
    return Ledger(float(longest) if known else None, len(runs), timings)


def makespan(durations: Sequence[float], slots: int) -> float:
    """When the last is done, where each in turn starts as soon as one of the slots is free."""
    ends: list[float] = []
    for seconds in durations:
        if len(ends) < slots:
            heappush(ends, seconds)
        else:
            heapreplace(ends, ends[0] + seconds)
    return max(ends, default=0.0)
