"""The plan as findings on lines of manifests, for SARIF and for annotations.

Each field of an update is one finding, at the line that declares it; every other state is one
finding of its agent. `RULES` tells what the codes mean.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, assert_never

from reconciler.model.errors import Problem
from reconciler.model.ledger import Refusal
from reconciler.model.manifest import Place
from reconciler.model.plan import (
    NOTHING,
    AgentPlan,
    Blocked,
    Change,
    Create,
    Delete,
    InSync,
    Plan,
    Unhealthy,
    Unreadable,
    Update,
)
from reconciler.model.policy import Finding, Level
from reconciler.model.tree import Json
from reconciler.report.count import counted
from reconciler.report.plain import capped
from reconciler.report.standing import RESTARTS, standing
from reconciler.report.story import Example, Story
from reconciler.report.values import shown

NO_FILE: Final = "limits"
"""What stands for a file where a finding is about the plan as a whole."""

_MAX_VALUE: Final = 80


class Weight(StrEnum):
    """How heavy a finding is; the words are SARIF's levels."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding.

    `identity` says what it is about and stays when values and lines move. `turn` counts the
    findings of one agent from 0, and `rank` is that of its standing.
    """

    problem: Problem
    weight: Weight
    identity: str
    turn: int = 0
    rank: int = 0


def plan_issues(plan: Plan) -> Sequence[Issue]:
    """Every finding of the plan and of its policy, in the order of the plan."""
    found = [issue for agent in plan.agents for issue in _issues(agent)]
    return [*found, *map(_policy, plan.policy.findings), *map(_refused, plan.refusals)]


def by_weight(issues: Sequence[Issue]) -> Sequence[Issue]:
    """The heavy ones first; then one of each agent before the second of any, restarts first."""
    order = list(Weight)
    return sorted(issues, key=lambda one: (order.index(one.weight), one.turn, one.rank))


def _issues(agent: AgentPlan) -> Iterator[Issue]:
    match agent:
        case InSync():
            return
        case Create():
            yield _issue(agent, "plan-create", Weight.NOTE, "does not exist and will be created")
        case Update() if agent.changes:
            for turn, change in enumerate(agent.changes):
                yield _changed(agent, change, turn)
        case Update():
            text = "nothing differs: the same state is sent once more"
            yield _issue(agent, "plan-update", Weight.WARNING, text + _restart(agent))
        case Delete():
            text = "no manifest declares it: will be deleted"
            yield _issue(agent, "plan-delete", Weight.WARNING, text)
        case Unhealthy():
            yield _issue(agent, "plan-unhealthy", Weight.ERROR, _reason("unhealthy", agent))
        case Blocked():
            where = agent.changes[0].place if agent.changes else None
            yield _issue(agent, "plan-blocked", Weight.ERROR, _reason("blocked", agent), where)
        case Unreadable():
            yield _issue(agent, "plan-unreadable", Weight.ERROR, _reason("unreadable", agent))
        case _:
            assert_never(agent)


def _reason(word: str, agent: AgentPlan) -> str:
    return ": ".join(filter(None, (word, standing(agent).reason)))


def _restart(agent: Update) -> str:
    return f"; sending it {RESTARTS}" if agent.restarts else ""


def _issue(
    agent: AgentPlan, code: str, weight: Weight, text: str, place: Place | None = None
) -> Issue:
    about = agent.about
    problem = Problem(place or about.place, code, capped(f"{about.address}: {text}"))
    return Issue(problem, weight, str(about.address), rank=standing(agent).rank)


def _changed(agent: Update, change: Change, turn: int) -> Issue:
    address = agent.about.address
    note = f" ({change.note})" if change.note else ""
    sides = f"{_brief(change.before)} -> {_brief(change.after)}"
    text = f"{address}: {change.path or '/'}: {sides}{note}{_restart(agent)}"
    problem = Problem(change.place, "plan-update", capped(text))
    identity = f"{address} {change.path}"
    return Issue(problem, Weight.WARNING, identity, turn, standing(agent).rank)


def _brief(value: Json) -> str:
    """A value, or what it is and how large where it is too long for a sentence."""
    text = shown(value)
    if value is NOTHING or len(text) <= _MAX_VALUE:
        return text
    match value:
        case str():
            return f"a text of {counted(len(value), 'character')}"
        case list():
            return f"a list of {counted(len(value), 'element')}"
        case dict():
            return f"a mapping of {counted(len(value), 'member')}"
        case _:
            return capped(text)


def _policy(one: Finding) -> Issue:
    subject = f"{one.address}: " if one.address else ""
    identity = f"{subject}{one.rule}"
    text = capped(f"{subject}{one.rule}: {one.text}")
    if one.denies:
        return Issue(Problem(one.place, "policy-denied", text), Weight.ERROR, identity)
    if one.level is Level.WARN:
        return Issue(Problem(one.place, "policy-warning", text), Weight.WARNING, identity)
    text = f"{text}; break-glass: {capped(one.allowed)}"
    return Issue(Problem(one.place, "policy-allowed", text), Weight.NOTE, identity)


def _refused(one: Refusal) -> Issue:
    problem = Problem(Place(NO_FILE, 1, 1), "plan-refused", one.text)
    return Issue(problem, Weight.ERROR, one.guard)


def _rule(code: str, summary: str, means: str, why: str) -> Story:
    nothing = Example(())
    return Story(code, summary, means, why, nothing, nothing)


RULES: Final[Mapping[str, Story]] = {
    story.code: story
    for story in (
        _rule(
            "plan-update",
            "A live agent differs from its manifest",
            "The field at this line has another value in the cloud. `reconcile apply` sends what "
            "the manifest says. Where somebody changed the agent by hand and was right, the "
            "manifest is to be changed instead.",
            "As long as neither follows the other, the manifest does not say what runs.",
        ),
        _rule(
            "plan-create",
            "A declared agent does not exist",
            "The cloud has no agent of this name. `reconcile apply` creates it.",
            "A new agent costs money and answers users, so it is told before it is there.",
        ),
        _rule(
            "plan-delete",
            "An agent that no manifest declares",
            "The agent is ours, and no manifest declares it any more. `reconcile apply` deletes it "
            "where that is asked for.",
            "What was deleted does not come back.",
        ),
        _rule(
            "plan-blocked",
            "A difference that cannot be brought about",
            "The agent differs from its manifest, and what would have to be done is refused. The "
            "reason and the way out stand in the message. Nothing is written to this agent; the "
            "others go on.",
            "A write that may lose what nobody can put back is worse than a difference.",
        ),
        _rule(
            "plan-unhealthy",
            "An agent that equals its manifest and has failed",
            "Nothing differs, and the cloud says that the agent is in a failed state. "
            "`--retry-failed` sends the same state once more.",
            "An agent that does not run is not in order, whatever its settings are.",
        ),
        _rule(
            "plan-unreadable",
            "An agent that could not be read",
            "The cloud did not answer, or refused the read, so nothing is known of the agent. "
            "Nothing is written to it.",
            "What is not known is neither in sync nor different.",
        ),
        _rule(
            "plan-refused",
            "A plan that goes beyond a limit",
            "The plan changes or restarts more agents than `limits` of `reconcile.yaml` let it. "
            "`reconcile apply` refuses it as a whole; the message says what to type to go on.",
            "One line in a shared file can change every agent at once.",
        ),
        _rule(
            "policy-denied",
            "A policy rule denies the plan",
            "The rule at this line is broken by what the plan would do, or could not be evaluated. "
            "`reconcile apply` refuses the whole plan until the rule holds or an entry of "
            "`policy.breakGlass` allows it.",
            "What was agreed on does not depend on who reviews.",
        ),
        _rule(
            "policy-warning",
            "A policy rule warns of the plan",
            "The rule at this line is broken, or could not be evaluated, and its level is `warn`. "
            "Nothing is refused for it.",
            "A rule can be tried out before it denies.",
        ),
        _rule(
            "policy-allowed",
            "A denial that break-glass allows",
            "The rule at this line is broken, and an entry of `policy.breakGlass` allows that until "
            "it expires.",
            "An exception is to be seen for as long as it holds.",
        ),
    )
}
"""What each code means, in the form in which problems are explained."""
