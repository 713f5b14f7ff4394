"""The judge of a simulated run. It reads the cloud's own history, the results and the exit code.

It knows nothing of how the applier works. Some laws hold whatever the cloud does; the others hold
within the bounds of semantics 8, and what breaks them beyond is counted as a documented limit.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from tests.simulation import laws_claims as claims
from tests.simulation import laws_limits as limits
from tests.simulation import laws_writes as writes
from tests.simulation.world import Trace

Law = Callable[[Trace], Iterator[str]]

ALWAYS: Final[dict[str, Law]] = {
    "not ours": writes.not_ours,
    "minimal": writes.minimal,
    "read again": writes.read_again,
    "twice": writes.twice,
    "recorded": writes.recorded,
    "after stop": limits.after_stop,
    "rate": limits.rate,
    "max failures": limits.max_failures,
    "max restarts": limits.max_restarts,
    "waves": limits.waves,
    "canary": limits.canary,
    "unseen": claims.unseen,
    "healed": claims.healed,
}
WITHIN: Final[dict[str, Law]] = {
    "early": claims.early,
    "brought back": claims.brought_back,
    "told": claims.told,
    "needless": writes.needless,
    "slots": limits.slots,
}


@dataclass(frozen=True)
class Violation:
    """A law that was broken. `always`: it holds beyond the bounds as well."""

    law: str
    text: str
    always: bool


def judge(trace: Trace) -> list[Violation]:
    """Every law that this run broke."""
    broken = [Violation(name, text, True) for name, law in ALWAYS.items() for text in law(trace)]
    return broken + [
        Violation(name, text, False) for name, law in WITHIN.items() for text in law(trace)
    ]


def failures(trace: Trace) -> list[Violation]:
    """What the run must not do; documented limits are left out."""
    within = trace.schedule.within_bounds
    return [one for one in judge(trace) if one.always or within]
