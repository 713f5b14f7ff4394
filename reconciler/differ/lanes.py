"""How many agents may be written to at a time: one bound for each lane of the applier."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import floor
from typing import TypeAlias

from reconciler.model.target import Limits, Share

Lane: TypeAlias = tuple[bool, str]
"""Whether its agents restart, and of which account they are (empty where that makes no odds)."""

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
    most = limits.max_unavailable
    lanes = {lane_of(runner, limits) for runner in runners}
    if not isinstance(most, Share):
        return dict.fromkeys(lanes, most)
    existing = Counter(runner.account for runner in runners if runner.exists)
    return {
        lane: max(1, floor(existing[lane[1]] * most.percent / 100 + _ROUNDING)) for lane in lanes
    }
