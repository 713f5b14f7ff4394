"""Waves and their canaries: what is written before what. Semantics, section 8."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from reconciler.model.plan import AgentPlan
from reconciler.model.target import Limits


@dataclass(frozen=True, slots=True)
class Turn:
    """What decides when an agent's turn comes; `writes`: something is to be sent to it."""

    wave: int
    writes: bool


def canaries(turns: Sequence[Turn], count: int) -> AbstractSet[int]:
    """The positions of the first `count` writes of each wave."""
    found: dict[int, list[int]] = {}
    for position, turn in enumerate(turns):
        if turn.writes:
            found.setdefault(turn.wave, []).append(position)
    return frozenset(position for wave in found.values() for position in wave[:count])


def placed(
    agents: Sequence[AgentPlan], turns: Sequence[Turn], limits: Limits
) -> tuple[AgentPlan, ...]:
    """The entries of a plan, each with its wave where there are several, and canaries as such."""
    several = len({turn.wave for turn in turns}) > 1
    first = canaries(turns, limits.canary)
    if not several and not first:
        return tuple(agents)
    found = []
    for position, (agent, turn) in enumerate(zip(agents, turns, strict=True)):
        wave = turn.wave if several else None
        about = agent.about._replace(wave=wave, leads=position in first)
        found.append(replace(agent, about=about))
    return tuple(found)
