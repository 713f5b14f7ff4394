"""Refusals that look at the whole plan. Semantics, section 9."""

from typing import Final

from reconciler.model.plan import Delete, Plan, Update

FEW: Final = 10
"""With fewer agents than this a share of them says little, so the threshold does not apply."""


def check_change_limit(plan: Plan, max_change_percent: float) -> str | None:
    """Why so many changes at once are refused, or None.

    Counts updates and deletes against the selected agents that are known to exist.
    """
    existing = sum(agent.about.id is not None for agent in plan.agents)
    changing = sum(isinstance(agent, Update | Delete) for agent in plan.agents)
    share = 100 * changing / existing if existing else 0.0
    if existing < FEW or share <= max_change_percent:
        return None
    return (
        f"{changing} of {existing} agents would change ({share:.0f} %), more than "
        f"{max_change_percent:g} % (limits.maxChange)"
    )
