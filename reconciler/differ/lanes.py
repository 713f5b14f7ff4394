"""How many agents may be written to at a time: one bound for each lane of the applier."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import floor
from typing import TypeAlias

from reconciler.model.target import Limits, Share

Lane: TypeAlias = tuple[bool, str]
"""Whether its agents restart, and of which account they are (empty where that makes no odds)."""

_STEADY = 5
"""How many agents that do not restart may be written to at a time, at least.

Nobody misses them meanwhile, so they need no bound for their users' sake; but without one a cloud
that refuses everything would have been asked for everything before the first failure counts.
"""

_ROUNDING = 1e-9
"""Less than any share of an agent: 32.3 % of 1,000 are 323, and 1000 * 32.3 / 100 is a little less."""


@dataclass(frozen=True, slots=True)
class Runner:
    """What a lane has to know of an agent; `exists`: a read showed it."""

    restarts: bool
    account: str
    exists: bool


def lane_of(runner: Runner, limits: Limits) -> Lane:
    """A share is one of each account's agents, so each account then has lanes of its own."""
    return runner.restarts, runner.account if isinstance(limits.max_unavailable, Share) else ""


def lane_sizes(runners: Iterable[Runner], limits: Limits) -> Mapping[Lane, int]:
    """How many of each lane may be under way at a time: at least 1."""
    runners = tuple(runners)
    existing = Counter(runner.account for runner in runners if runner.exists)
    return {lane: _size(lane, existing, limits) for lane in {lane_of(r, limits) for r in runners}}


def _size(lane: Lane, existing: Mapping[str, int], limits: Limits) -> int:
    restarts, account = lane
    most = limits.max_unavailable
    if isinstance(most, Share):
        most = max(1, floor(existing[account] * most.percent / 100 + _ROUNDING))
    return most if restarts else max(most, _STEADY)
