"""Manifests that were taken back are not applied a second time until somebody releases them."""

from reconciler.applier.job import key
from reconciler.differ.binding import bind
from reconciler.model.manifest import Desired
from reconciler.model.plan import AgentPlan, Create, Update
from reconciler.model.rules import Rules
from reconciler.ports import History


def quarantined(desired: Desired, rules: Rules, plan: AgentPlan, history: History) -> str:
    """Why this manifest is not written, empty where it may be.

    It is the effective manifest that counts, with its secrets as references: another commit that
    wants the same of this agent is held back too, and one that wants something else is not.
    """
    held = history.quarantine.get(key(desired.address))
    if not held or not isinstance(plan, Create | Update):
        return ""
    found = held.get(bind(desired, rules, (), ()).manifest)
    if found is None:
        return ""
    commit = f" (commit {found.commit[:12]})" if found.commit else ""
    return (
        f"quarantined: run {found.run} took back what this manifest wants{commit}; change the "
        f"manifest, or `reconcile runs release {found.run}` lets it be applied again"
    )
