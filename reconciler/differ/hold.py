"""One agent's plan held against the one that somebody reviewed. Semantics, sections 6 and 8.

Only what was reviewed is written. A touched field that moved refuses it; whatever else differs now
is left as it is, by the same means as an ignore rule; what has come about meanwhile is done.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from reconciler.differ.canonical import normal
from reconciler.differ.decide import Decision, decide
from reconciler.differ.moved import moved, related, two_wishes, unit, unseen
from reconciler.differ.options import Options
from reconciler.model.binding import Bound, Reviewed
from reconciler.model.ignore import Ignore
from reconciler.model.live import Absent, Found, Health, Live
from reconciler.model.manifest import Desired
from reconciler.model.plan import (
    NOTHING,
    About,
    AgentPlan,
    Blocked,
    Change,
    Create,
    InSync,
    Unhealthy,
    Update,
)
from reconciler.model.rules import Rules
from reconciler.model.tree import tokens

STALE: Final = "no longer as it was reviewed"
_DONE: Final = "it is as the reviewed plan wants it already; nothing was left to write"
_WRITES: Final = ("create", "update")
_ROUNDS: Final = 8
"""Leaving one field alone can let another one show (an object that was one change falls apart)."""


@dataclass(frozen=True, slots=True)
class Held:
    """What is left to do of a reviewed plan.

    `desired` no longer has what is to be left alone. `moved` says what is not as it was reviewed:
    then the plan is blocked. `notes` are for the user, `left` is where what differs is left alone.
    """

    desired: Desired
    decision: Decision
    notes: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


def hold(desired: Desired, found: Found, rules: Rules, options: Options, bound: Bound) -> Held:
    """Decide by this read, within what was reviewed."""
    decision = decide(desired, found, rules, options)
    reviewed, plan = bound.reviewed, decision.plan
    if came_or_went := _came_or_went(reviewed, found, plan):
        return _refused(desired, decision, (came_or_went,))
    if not isinstance(plan, Create | Update):
        done = isinstance(plan, InSync) and reviewed.action in _WRITES
        if done and (told := unseen(reviewed, plan.about)):
            return _refused(desired, decision, told)
        return Held(desired, decision, (_DONE,) if done else ())
    if reviewed.action not in _WRITES:
        return _unplanned(desired, decision, found, reviewed)
    if isinstance(plan, Create):
        return _create(desired, decision, plan, reviewed)
    return _update(desired, decision, plan, found, rules, options, bound)


def _create(desired: Desired, decision: Decision, plan: Create, reviewed: Reviewed) -> Held:
    """What is sent for a new agent is all of the plan's own, so all of it was reviewed."""
    now = {change.path: change for change in plan.changes}
    told = [f"{path}: not in the reviewed plan" for path in now if path not in reviewed.changes]
    for path, shown in reviewed.changes.items():
        if path not in now:
            told.append(f"{path}: in the reviewed plan alone")
        elif shown.get("to", NOTHING) != normal(now[path].after):
            told.append(two_wishes(path, shown, now[path]))
    return _refused(desired, decision, told) if told else Held(desired, decision)


def _update(
    desired: Desired,
    decision: Decision,
    plan: Update,
    found: Found,
    rules: Rules,
    options: Options,
    bound: Bound,
) -> Held:
    reviewed, now = bound.reviewed, plan.about.id
    if now != reviewed.id:
        another = f"it is another agent than when the plan was made ({reviewed.id} then, {now} now)"
        return _refused(desired, decision, (another,))
    desired, decision, left = _narrowed(desired, decision, found, rules, options, reviewed)
    notes = tuple(
        f"{path} differs now, and is not in the reviewed plan: left alone" for path in left
    )
    left_over = decision.plan
    if isinstance(left_over, Update):
        told = tuple(moved(desired, decision, left_over, rules, bound))
    else:
        told = tuple(unseen(reviewed, left_over.about))
        notes += (_DONE,) if isinstance(left_over, InSync) else ()
    return (
        _refused(desired, decision, told)
        if told
        else Held(desired, decision, notes, left=tuple(left))
    )


def _narrowed(
    desired: Desired,
    decision: Decision,
    found: Found,
    rules: Rules,
    options: Options,
    reviewed: Reviewed,
) -> tuple[Desired, Decision, list[str]]:
    """The decision without what was not reviewed and can be left alone, and where that is.

    What belongs to a touched value, and what only its surroundings can supply, stays in it.
    """
    left: list[str] = []
    for _ in range(_ROUNDS):
        plan = decision.plan
        others = _unreviewed(plan, reviewed) if isinstance(plan, Update) else []
        far = [one.path for one in others if not related(one.path, reviewed.changes, rules)]
        units = list(dict.fromkeys(unit(path, rules) for path in far))
        if not units or set(units) & set(left):
            break
        left += units
        desired = replace(desired, ignore=desired.ignore + tuple(map(_left_alone, units)))
        decision = decide(desired, found, rules, options)
    return desired, decision, left


def _unreviewed(plan: Update, reviewed: Reviewed) -> list[Change]:
    return [change for change in plan.changes if change.path not in reviewed.changes]


def _unplanned(desired: Desired, decision: Decision, found: Found, reviewed: Reviewed) -> Held:
    """An agent that differs now and that the reviewed plan does not write."""
    plan = decision.plan
    about = plan.about
    if isinstance(plan, Create):
        reason = "it existed when the plan was made and exists no more; the plan does not create it"
    elif reviewed.action == "in-sync" and isinstance(plan, Update):
        left = tuple(change.path for change in plan.changes)
        note = f"differs now, and is not in the reviewed plan: left alone ({_listed(left)})"
        return Held(desired, _kept(found, about), (note,), left=left)
    elif reviewed.action == "unhealthy":
        return Held(desired, _kept(found, about))
    elif reviewed.action == "unreadable":
        reason = "it could not be read when the plan was made, so the plan does not change it"
    else:
        reason = f"blocked in the reviewed plan: {reviewed.reason}"
    return Held(desired, Decision(Blocked(about, reason)))


def _listed(paths: Iterable[str]) -> str:
    return ", ".join(paths) or "its state"


def _kept(found: Found, about: About) -> Decision:
    """Nothing is written, and a failure is told all the same."""
    if isinstance(found, Live) and found.health is Health.FAILED:
        return Decision(Unhealthy(about, found.status, found.status_reason))
    return Decision(InSync(about))


def _refused(desired: Desired, decision: Decision, reasons: Iterable[str]) -> Held:
    plan, told = decision.plan, tuple(reasons)
    changes = plan.changes if isinstance(plan, Create | Update | Blocked) else ()
    blocked = Blocked(plan.about, f"{STALE}: {'; '.join(told)}", changes)
    return Held(desired, Decision(blocked), moved=told)


def _came_or_went(reviewed: Reviewed, found: Found, plan: AgentPlan) -> str:
    """That an agent is there is a fact like any other. One that is as it shall be is our own."""
    if reviewed.action == "update" and isinstance(found, Absent):
        return "it existed when the plan was made, and exists no more"
    as_wanted = isinstance(plan, InSync | Unhealthy)
    if reviewed.action == "create" and isinstance(found, Live) and not as_wanted:
        return f"it did not exist when the plan was made; it was created meanwhile ({found.id})"
    return ""


def _left_alone(path: str) -> Ignore:
    parts = tuple((token,) for token in tokens(path))
    return Ignore(path, parts, "differs now, and is not in the reviewed plan", "the saved plan")
