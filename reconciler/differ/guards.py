"""Refusals that look at the whole plan. Semantics, section 9."""

from collections.abc import Iterator
from typing import Final

from reconciler.model.ledger import Refusal
from reconciler.model.plan import Delete, Plan, Update
from reconciler.model.target import Limits

FEW: Final = 10
"""With fewer agents than this a share of them says little, so the threshold does not apply."""


def refusals(plan: Plan, limits: Limits) -> tuple[Refusal, ...]:
    """Every guard that this plan runs into, in the order in which they are told."""
    return (*_too_many_changes(plan, limits), *_too_many_restarts(plan, limits))


def _too_many_changes(plan: Plan, limits: Limits) -> Iterator[Refusal]:
    """Counts updates and deletes against the selected agents that are known to exist."""
    existing = sum(agent.about.id is not None for agent in plan.agents)
    changing = sum(isinstance(agent, Update | Delete) for agent in plan.agents)
    if existing < FEW:
        return
    share = 100 * changing / existing
    if share > limits.max_change_percent:
        yield Refusal(
            "max-change",
            f"{changing} of {existing} agents would change ({share:.4g} %), more than "
            f"{limits.max_change_percent:g} % (limits.maxChange)",
            "--max-change 100%",
        )


def _too_many_restarts(plan: Plan, limits: Limits) -> Iterator[Refusal]:
    """Counts the updates that restart their agent; creating one restarts nothing."""
    needed = sum(isinstance(agent, Update) and agent.restarts for agent in plan.agents)
    allowed = limits.max_restarts
    if allowed is not None and needed > allowed:
        yield Refusal(
            "max-restarts",
            f"{needed} agent{'' if needed == 1 else 's'} would restart, more than {allowed} "
            "(limits.maxRestarts)",
            f"--max-restarts {needed}",
        )
