"""Whole runs under random faults, in virtual time, judged by the cloud's own history alone.

Each run draws its fleet, its limits and the cloud's faults from a seed, and a failing assertion
names that seed. Faults stay within the documented bounds: staleness shorter than the settle window,
and of one sort at a time.
"""

import random
import secrets
from collections import Counter
from dataclasses import dataclass
from typing import Any

from reconciler.model.outcome import Outcome, Result
from reconciler.model.target import Limits, Wait
from tests.support.applying import Applying
from tests.support.memory import Faults, MemoryCloud
from tests.support.virtual import VirtualClock, run

RUNS = 600
BASE = {"cpu": 2, "memory": 2048, "port": 8080, "description": "old"}
SETTLE = IN_DOUBT = 15.0


@dataclass(frozen=True)
class Draw:
    """What a seed means."""

    seed: int
    faults: dict[str, Any]
    names: tuple[str, ...]
    failed: frozenset[str]
    console: frozenset[str]
    limits: Limits


def draw(seed: int) -> Draw:
    """The fleet, the limits and the faults of one run."""
    chance = random.Random(seed)
    stale, lagging = chance.choice(
        ((0.0, 0.0), (chance.uniform(0, 14), 0.0), (0.0, chance.uniform(0, 14)))
    )
    names = tuple(f"n{number}" for number in range(chance.randint(1, 9)))
    faults = {
        "restart_seconds": chance.choice((0.1, 0.9, 3.0, chance.uniform(1, 80))),
        "stale_status_seconds": stale,
        "lagging_replica_seconds": lagging,
        "lose_before": chance.choice((0, 0, 1, 2, 5)),
        "lose_after": chance.choice((0, 0, 1, 3)),
        "late_effect_seconds": chance.choice((0.0, 0.0, chance.uniform(0.5, 40))),
        "fail_restart": chance.random() < 0.1,
        "stuck": chance.random() < 0.05,
        "stamps_move": chance.random() < 0.8,
        "unread": chance.choice((0, 0, 2)),
        "refuse_while_busy": chance.random() < 0.5,
        "tells_age": chance.random() < 0.7,
    }
    return Draw(
        seed,
        faults,
        names,
        frozenset(name for name in names if chance.random() < 0.1),
        frozenset(name for name in names if chance.random() < 0.2),
        Limits(max_unavailable=chance.randint(1, 4), max_failures=chance.randint(0, 3)),
    )


async def simulate(drawn: Draw) -> tuple[MemoryCloud, list[Outcome]]:
    """One run of the applier on one cloud; some agents were restarted from the console just now."""
    clock = VirtualClock()
    cloud = MemoryCloud(clock, Faults(**drawn.faults))
    for name in drawn.names:
        cloud.add(name, dict(BASE), failed=name in drawn.failed)
    for name in drawn.console:
        cloud._apply(name, {"isolated": True}, clock.monotonic())
    applying = Applying(clock, cloud, limits=drawn.limits, wait=Wait(timeout_seconds=120))
    outcomes = await applying.apply({name: {"description": "new"} for name in drawn.names})
    judge(drawn, cloud, outcomes, clock.monotonic())
    return cloud, outcomes


def judge(drawn: Draw, cloud: MemoryCloud, outcomes: list[Outcome], ended: float) -> None:
    """No lost update, no early success, never a third write, never too many at once."""
    shown = ("late_effect_seconds", "stale_status_seconds", "lagging_replica_seconds")
    late = sum(drawn.faults[fault] for fault in shown) > IN_DOUBT  # when an effect is seen at last
    for name, outcome in zip(drawn.names, outcomes, strict=True):
        told = (drawn.seed, outcome)
        if outcome.result is Result.CHANGED:
            assert cloud.tree(name)["description"] == "new", told
            assert late or all(end <= ended for _, end in cloud.restarts(name)), told
        assert outcome.writes <= 2, told
    writes = Counter(name for _, name, _ in cloud.writes)
    assert max(writes.values(), default=0) <= 2, drawn.seed
    truthful = not any(
        drawn.faults[fault]
        for fault in (
            "stale_status_seconds",
            "lagging_replica_seconds",
            "unread",
            "late_effect_seconds",
        )
    )
    if truthful:
        spans = [span for name in drawn.names for span in cloud.restarts(name)]
        peak = max((sum(b <= at < e for b, e in spans) for at, _ in spans), default=0)
        most = drawn.limits.max_unavailable
        assert isinstance(most, int)
        assert peak <= max(most, len(drawn.console)), drawn.seed


def test_random_runs_keep_every_promise() -> None:
    """Fresh seeds each time: nothing lost, nothing early, nothing twice too often, no deadlock."""
    first = secrets.randbelow(10**9)
    results: Counter[Result] = Counter()
    for seed in range(first, first + RUNS):
        _, outcomes = run(lambda seed=seed: simulate(draw(seed)))  # type: ignore[misc]
        results.update(outcome.result for outcome in outcomes)
    assert results[Result.CHANGED] > RUNS, (first, results)
    assert results[Result.FAILED] > 0, (first, results)
