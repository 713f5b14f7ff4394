"""The rules of a target, asked of what would be written: the built-in ones, and those in CEL.

A rule that cannot be evaluated counts as broken, at its own level: one that denies refuses the run,
one that warns says so, as an admission policy of Kubernetes that fails does what its action says.
So does one that nobody got round to within the time for all of them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, assert_never

from reconciler.applier.job import Job, Permit
from reconciler.cli.setup import Setup
from reconciler.cli.world import World
from reconciler.differ.defaults import with_defaults
from reconciler.differ.policy import allowed_by, finding, in_scope, judge
from reconciler.differ.public import public
from reconciler.loader.policy.cel import Fault, Program, compiled
from reconciler.model.live import Found, Live
from reconciler.model.manifest import Desired
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
from reconciler.model.policy import (
    Custom,
    Expression,
    Facts,
    Finding,
    Judgement,
    Level,
    Policy,
    Rule,
    Subject,
)
from reconciler.model.rules import Rules
from reconciler.model.tree import Tree
from reconciler.report.count import count_plan
from reconciler.report.policy import denial

NUMBERS: Final = (
    *("agents", "inSync", "create", "update", "delete", "unhealthy", "blocked", "unreadable"),
    *("restarts", "requests"),
)
"""What an expression can ask of `plan`: the names of the plan document's summary."""

MAX_SECONDS: Final = 30.0
"""How long all expressions of a run may take together."""

_Fact = bool | Fault


@dataclass(frozen=True, slots=True)
class Question:
    """What rules are asked of.

    `numbers` are those of the plan's summary. Without `now` (seconds since the epoch) no freeze
    window is asked; `moment` is the time that expressions see. `monotonic` is a clock.
    """

    subjects: Sequence[Subject]
    numbers: Mapping[str, int]
    target: str
    now: float | None
    moment: float
    monotonic: Callable[[], float]


def judgement(policy: Policy, question: Question) -> Judgement:
    """What the policy says; nothing where nothing would be written."""
    notices = tuple(_expired(policy, question.moment))
    if not question.subjects:
        return Judgement(notices=notices)
    deadline = question.monotonic() + MAX_SECONDS
    findings = [found for rule in policy.rules for found in _asked(rule, question, deadline)]
    allowed = (
        replace(one, allowed=allowed_by(policy.break_glass, one, question.moment))
        if one.level is Level.DENY
        else one
        for one in findings
    )
    return Judgement(tuple(allowed), notices)


def _expired(policy: Policy, moment: float) -> Iterator[str]:
    for one in policy.break_glass:
        if moment >= one.expires:
            names = ", ".join(one.allow)
            yield (
                f"{one.place}: this break-glass expired ({one.expires_text}) "
                f"and allows {names} no longer: {one.reason}"
            )


def _asked(rule: Rule, question: Question, deadline: float) -> Iterator[Finding]:
    if not isinstance(rule, Custom):
        yield from judge(rule, question.subjects, question.now)
        return
    programs = [_program(one) for one in (rule.when, rule.condition) if one is not None]
    subjects = [one for one in question.subjects if in_scope(rule.head.scope, one)]
    about: Sequence[Subject | None] = subjects
    if not any(program.about_agent for program in programs):
        about = [None] if subjects else []  # it is about the plan as a whole: asked once
    for subject in about:
        if question.monotonic() > deadline:
            reason = f"not evaluated: all rules together took longer than {MAX_SECONDS:g} s"
            yield replace(finding(rule.head, reason, subject), evaluated=False)
            return
        fact = _all_hold(programs, _values(subject, question))
        if isinstance(fact, Fault):
            reason = f"could not be evaluated: {fact.text}"
            yield replace(finding(rule.head, reason, subject), evaluated=False)
        elif fact:
            yield _own_words(rule, subject)


def _program(expression: Expression) -> Program:
    """A rule was checked when it was read, so it compiles."""
    program = compiled(expression.text)
    if isinstance(program, Fault):
        raise TypeError("an expression that was checked compiles")
    return program


def _all_hold(programs: Sequence[Program], values: Mapping[str, Any]) -> _Fact:
    """Whether all are true; what comes after a false one is not evaluated."""
    for program in programs:
        fact = program.evaluate(values)
        if fact is not True:
            return fact
    return True


def _own_words(rule: Custom, subject: Subject | None) -> Finding:
    head = rule.head
    address = None if subject is None else subject.address
    return Finding(head.name, head.level, head.message, head.place, address)


def _values(subject: Subject | None, question: Question) -> dict[str, Any]:
    values: dict[str, Any] = {
        "plan": dict(question.numbers),
        "target": question.target,
        "now": question.moment,
    }
    return values if subject is None else {**values, "agent": agent_document(subject)}


def agent_document(subject: Subject) -> Tree:
    """What an expression sees as `agent`."""
    return {
        "apiVersion": subject.address.api_version,
        "kind": subject.address.kind,
        "name": subject.address.name,
        "labels": dict(subject.labels),
        "id": subject.id,
        "status": subject.status,
        "action": subject.action,
        "restarts": subject.restarts,
        "changes": [dict(change) for change in subject.changes],
        "desired": subject.wanted,
    }


def numbers_of(plan: Plan) -> dict[str, int]:
    """What an expression sees as `plan`."""
    numbers = count_plan(plan)
    values = (
        len(plan.agents),
        numbers.in_sync,
        numbers.create,
        numbers.update,
        numbers.delete,
        numbers.unhealthy,
        numbers.blocked,
        numbers.unreadable,
        numbers.restarts,
        numbers.requests,
    )
    return dict(zip(NUMBERS, values, strict=True))


@dataclass(frozen=True, slots=True)
class Case:
    """What is known of one agent when policy is asked."""

    agent: AgentPlan
    desired: Desired
    found: Found
    rules: Rules


def judge_plan(world: World, setup: Setup, plan: Plan, cases: Sequence[Case]) -> Judgement:
    """What the target's policy says now of these agents of the plan."""
    owner = setup.catalogue.owner
    asked = (subject_of(case, owner(case.desired.address)[1].facts) for case in cases)
    now = world.clock.wall()
    question = Question(
        subjects=[subject for subject in asked if subject is not None],
        numbers=numbers_of(plan),
        target=setup.target.name,
        now=now,
        moment=now,
        monotonic=world.clock.monotonic,
    )
    return judgement(setup.target.policy, question)


def permission(world: World, setup: Setup, plan: Plan) -> Permit:
    """Asks the target's policy just before each write: a window may have begun, and what was
    decided from the last read may be another write than the one that was judged.
    """

    def permit(job: Job, agent: AgentPlan, found: Found) -> str:
        case = Case(agent, job.desired, found, job.rules)
        return denial(judge_plan(world, setup, plan, [case]))

    return permit


def subject_of(case: Case, facts: Facts) -> Subject | None:
    """The agent as rules see it; None for one to which nothing would be written."""
    agent, desired, found, rules = case.agent, case.desired, case.found, case.rules
    match agent:
        case Create():
            action, desired, restarts = "create", with_defaults(desired), False
        case Update():
            action, restarts = "update", agent.restarts
        case Delete():
            action, restarts = "delete", False
        case InSync() | Unhealthy() | Blocked() | Unreadable():
            return None
        case _:
            assert_never(agent)
    about = agent.about
    return Subject(
        address=about.address,
        action=action,
        labels=desired.labels,
        id=about.id,
        status=about.status,
        restarts=restarts,
        changes=() if isinstance(agent, Delete) else tuple(map(_change, agent.changes)),
        wanted=public(desired.spec, rules.secret_names),
        live=found.tree if isinstance(found, Live) else {},
        facts=facts,
    )


def _change(change: Change) -> Tree:
    sides = {"from": change.before, "to": change.after}
    kept = {name: value for name, value in sides.items() if value is not NOTHING}
    return {"path": change.path, **kept}
