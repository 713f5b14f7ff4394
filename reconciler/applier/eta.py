"""How much longer it takes, by what earlier writes took: an estimate and never a promise.

What is not known is None: a number that rests on nothing would be believed.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heapreplace
from itertools import groupby
from statistics import median
from typing import Final, TypeAlias

from reconciler.applier.job import Earlier, Job, key
from reconciler.differ.lanes import Lane, Runner, lane_of, lane_sizes
from reconciler.differ.waves import Turn, canaries
from reconciler.model.ledger import Recorded
from reconciler.model.live import Health, Live
from reconciler.model.manifest import Address
from reconciler.model.plan import Create, Update
from reconciler.model.target import Limits

_NEWEST: Final = 20
"""So many of the newest writes count, as for `pace`."""

Stage: TypeAlias = tuple[int, bool]
"""A wave, and whether it is what comes after its canaries."""


def left_seconds(earlier: Sequence[Recorded], elapsed: float) -> float | None:
    """What is left after `elapsed` seconds: the median of those earlier writes that took longer.

    None where there is no earlier write, or none that took so long.
    """
    return _left([one.seconds for one in earlier[:_NEWEST]], elapsed)


def _left(lengths: Iterable[float], elapsed: float) -> float | None:
    longer = [seconds for seconds in lengths if seconds > elapsed]
    return median(longer) - elapsed if longer else None


def lane_left_seconds(under_way: Sequence[float], waiting: Iterable[float], slots: int) -> float:
    """When all of a lane are done: `under_way` have so much left, `waiting` take so long in turn.

    Whoever waits starts as soon as one of the `slots` is free.
    """
    ends = [*under_way, *[0.0] * (slots - len(under_way))]
    heapify(ends)
    last = max(ends, default=0.0)
    for seconds in waiting:
        end = ends[0] + seconds
        heapreplace(ends, end)
        last = max(last, end)
    return last


@dataclass(frozen=True, slots=True)
class Part:
    """One write that a run is to make: in which stage and lane, and what earlier ones took."""

    stage: Stage
    lane: Lane
    earlier: Callable[[], Sequence[float]]


class Outlook:
    """How long a run still takes, told at any moment from what has begun and what has ended.

    Where there is no record of an agent or of its kind, the agents that this run has brought back
    by now stand in. Times are monotonic seconds.
    """

    def __init__(
        self, parts: Mapping[str, Part], sizes: Mapping[Lane, int], pause_seconds: float
    ) -> None:
        self._parts = parts
        self._sizes = sizes
        self._pause_seconds = pause_seconds
        self._begun: dict[str, float] = {}
        self._ended: set[str] = set()
        self._seen: dict[Lane, list[float]] = {}

    @property
    def agents(self) -> int:
        """How many agents were to be written to."""
        return len(self._parts)

    @property
    def ended(self) -> int:
        """How many of them are through."""
        return len(self._ended)

    def begin(self, address: Address, now: float) -> None:
        """A write to this agent goes out."""
        name = key(address)
        if name in self._parts:
            self._begun.setdefault(name, now)

    def end(self, address: Address, now: float) -> None:
        """Nothing more happens to this agent."""
        name = key(address)
        if name in self._parts and name not in self._ended:
            self._ended.add(name)
            if name in self._begun:
                lane = self._parts[name].lane
                self._seen.setdefault(lane, []).append(now - self._begun[name])

    def left_of(self, address: Address, now: float) -> float | None:
        """How much longer this agent takes; None where that is not known, or it has not begun."""
        name = key(address)
        if name not in self._parts or name not in self._begun:
            return None
        return _left(self._lengths(name), now - self._begun[name])

    def left(self, now: float) -> float | None:
        """How much longer the whole run takes; None where that of one agent is not known."""
        open_parts = [name for name in self._parts if name not in self._ended]
        open_parts.sort(key=lambda name: self._parts[name].stage)
        whole, waves = 0.0, set()
        for stage, names in groupby(open_parts, key=lambda name: self._parts[name].stage):
            seconds = self._stage_left(list(names), now)
            if seconds is None:
                return None
            whole += seconds
            waves.add(stage[0])
        return whole + self._pause_seconds * max(0, len(waves) - 1)

    def _stage_left(self, names: Sequence[str], now: float) -> float | None:
        """How long the slowest lane of a stage takes, in which these are still open."""
        under_way: dict[Lane, list[float]] = {}
        waiting: dict[Lane, list[float]] = {}
        for name in names:
            began = self._begun.get(name)
            left = _left(self._lengths(name), 0.0 if began is None else now - began)
            if left is None:
                return None
            (waiting if began is None else under_way).setdefault(self._parts[name].lane, []).append(
                left
            )
        return max(
            lane_left_seconds(
                under_way.get(lane, []),
                sorted(waiting.get(lane, []), reverse=True),  # as they start: the longest first
                self._sizes[lane],
            )
            for lane in {**under_way, **waiting}
        )

    def _lengths(self, name: str) -> Sequence[float]:
        part = self._parts[name]
        return part.earlier() or self._seen.get(part.lane, [])


def outlook_of(jobs: Sequence[Job], limits: Limits, earlier: Earlier) -> Outlook:
    """The outlook of a run that carries out these jobs."""
    runners = [
        Runner(job.rules.restarts, job.session.account, isinstance(job.found, Live)) for job in jobs
    ]
    writes = [isinstance(job.plan, Create | Update) for job in jobs]
    turns = [Turn(job.desired.rollout.wave, write) for job, write in zip(jobs, writes, strict=True)]
    first = canaries(turns, limits.canary)
    parts = {
        key(job.desired.address): Part(
            (turns[position].wave, position not in first),
            lane_of(runners[position], limits),
            _lengths_of(job, earlier),
        )
        for position, job in enumerate(jobs)
        if writes[position]
    }
    return Outlook(parts, lane_sizes(runners, limits), limits.wave_pause_seconds)


def standby_outlook(jobs: Sequence[Job], earlier: Earlier, now: float) -> Outlook:
    """The outlook of those of these agents that are restarting by somebody else's write."""
    busy = {
        key(job.desired.address): (job, now - job.found.age_seconds)
        for job in jobs
        if isinstance(job.found, Live)
        and job.found.health is Health.BUSY
        and job.found.age_seconds is not None
    }
    lane: Lane = (True, "")
    parts = {
        name: Part((0, True), lane, _lengths_of(job, earlier)) for name, (job, _) in busy.items()
    }
    outlook = Outlook(parts, {lane: max(1, len(parts))}, 0.0)
    for job, began in busy.values():
        outlook.begin(job.desired.address, began)
    return outlook


def _lengths_of(job: Job, earlier: Earlier) -> Callable[[], Sequence[float]]:
    operation = "create" if isinstance(job.plan, Create) else "update"
    known: list[Sequence[float]] = []

    def lengths() -> Sequence[float]:
        if not known:  # records are read when somebody asks how long it takes, and once
            found = earlier(job.desired.address, operation)
            known.append([one.seconds for one in found[:_NEWEST]])
        return known[0]

    return lengths
