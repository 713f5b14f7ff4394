"""What a saved plan holds of a decision, without the detour over a file."""

from collections.abc import Sequence
from typing import Any

from reconciler.differ.binding import bind
from reconciler.differ.canonical import normal
from reconciler.differ.decide import Decision
from reconciler.model.binding import Bound, Reviewed
from reconciler.model.fingerprint import Fingerprinter
from reconciler.model.manifest import Desired
from reconciler.model.plan import (
    NOTHING,
    Blocked,
    Change,
    Create,
    InSync,
    Unhealthy,
    Unreadable,
    Update,
)
from reconciler.model.rules import Rules

WORDS: dict[type[Any], str] = {
    Update: "update",
    Create: "create",
    InSync: "in-sync",
    Blocked: "blocked",
    Unhealthy: "unhealthy",
    Unreadable: "unreadable",
}


def bound(
    desired: Desired, rules: Rules, decision: Decision, keys: Sequence[Fingerprinter] = ()
) -> Bound:
    """This decision as what somebody reviewed."""
    plan = decision.plan
    changes: tuple[Change, ...] = getattr(plan, "changes", ())
    shown = {
        change.path: {
            side: normal(value)
            for side, value in (("from", change.before), ("to", change.after))
            if value is not NOTHING
        }
        for change in changes
    }
    reason = getattr(plan, "reason", "")
    binding = bind(desired, rules, decision.touched, keys)
    reviewed = Reviewed(WORDS[type(plan)], reason, plan.about.id, shown, binding)
    return Bound(reviewed, tuple(keys))
