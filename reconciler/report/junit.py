"""Plans and runs as JUnit XML: a test case for each agent, for dashboards that show tests.

In a plan an agent in sync has passed, one that differs has failed, and one that is blocked or
could not be read is an error. After a run what was brought about has passed.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from reconciler.model.ledger import Refusal
from reconciler.model.outcome import Outcome, Result
from reconciler.model.plan import AgentPlan, Blocked, InSync, Plan, Unreadable
from reconciler.model.policy import Finding
from reconciler.report.plain import plain
from reconciler.report.rollback import rollback_lines
from reconciler.report.standing import entry_text, standing

_FAILURE: Final = "failure"
_ERROR: Final = "error"
_SKIPPED: Final = "skipped"
_RESULTS: Final = {
    Result.CHANGED: "",
    Result.UNCHANGED: "",
    Result.CREATED: "",
    Result.WRITTEN: "",
    Result.BLOCKED: _ERROR,
    Result.FAILED: _FAILURE,
    Result.TIMED_OUT: _FAILURE,
    Result.NOT_KEPT: _FAILURE,
    Result.UNKNOWN: _ERROR,
    Result.SKIPPED: _SKIPPED,
    Result.INTERRUPTED: _ERROR,
}


class _Case(NamedTuple):
    """One test case; without a `fault` it has passed."""

    group: str
    name: str
    fault: str = ""
    word: str = ""
    message: str = ""
    text: str = ""
    seconds: float = 0.0


def render_plan_junit(plan: Plan) -> str:
    """The test cases of a plan; what policy and limits say are suites of their own."""
    suites = [("plan", [_planned(agent, plan.target) for agent in plan.agents])]
    return _document([*suites, *_policy(plan)])


def render_run_junit(plan: Plan, outcomes: Sequence[Outcome], *, seconds: float) -> str:
    """The test cases of a run that took so long."""
    suites = [("apply", [_ended(outcome, plan.target) for outcome in outcomes])]
    return _document([*suites, *_policy(plan)], seconds)


def _planned(agent: AgentPlan, target: str) -> _Case:
    address, said = agent.about.address, standing(agent)
    case = _Case(f"{target}.{address.kind}", address.name)
    if isinstance(agent, InSync):
        notes = (*agent.about.notes, *agent.about.asides)
        return case._replace(text="\n".join(f"note: {plain(note)}" for note in notes))
    return case._replace(
        fault=_ERROR if isinstance(agent, Blocked | Unreadable) else _FAILURE,
        word=said.word,
        message=": ".join(filter(None, (said.word, said.reason or said.cost))),
        text=entry_text(agent),
    )


def _ended(outcome: Outcome, target: str) -> _Case:
    notes = [f"note: {note}" for note in outcome.notes]
    if outcome.rollback is not None:
        notes = [*rollback_lines(outcome.rollback), *notes]
    return _Case(
        f"{target}.{outcome.address.kind}",
        outcome.address.name,
        _RESULTS[outcome.result],
        outcome.result.value,
        ": ".join(filter(None, (outcome.result.value, outcome.reason))),
        "\n".join(map(plain, filter(None, (outcome.reason, *notes)))),
        outcome.seconds,
    )


def _policy(plan: Plan) -> Iterable[tuple[str, list[_Case]]]:
    if plan.policy.findings:
        yield "policy", [_found(one, plan.target) for one in plan.policy.findings]
    if plan.refusals:
        yield "limits", [_refused(one, plan.target) for one in plan.refusals]


def _found(one: Finding, target: str) -> _Case:
    name = f"{one.rule}: {one.address}" if one.address else one.rule
    return _Case(
        f"{target}.policy",
        name,
        _FAILURE if one.denies else "",
        "denied" if one.denies else one.level.value,
        one.text,
        plain(f"{one.text} ({one.place})"),
    )


def _refused(one: Refusal, target: str) -> _Case:
    return _Case(f"{target}.limits", one.guard, _FAILURE, "refused", one.text, plain(one.text))


def _document(suites: Iterable[tuple[str, list[_Case]]], seconds: float = 0.0) -> str:
    root = Element("testsuites", name="reconcile")
    for name, cases in suites:
        _suite(root, name, cases, seconds)
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def _suite(root: Element, name: str, cases: Sequence[_Case], seconds: float) -> None:
    faults = Counter(case.fault for case in cases)
    suite = SubElement(
        root,
        "testsuite",
        name=name,
        tests=str(len(cases)),
        failures=str(faults[_FAILURE]),
        errors=str(faults[_ERROR]),
        skipped=str(faults[_SKIPPED]),
        time=f"{seconds:.3f}",
    )
    for case in cases:
        _case(suite, case)


def _case(suite: Element, case: _Case) -> None:
    node = SubElement(
        suite,
        "testcase",
        classname=plain(case.group),
        name=plain(case.name),
        time=f"{case.seconds:.3f}",
    )
    if case.fault in (_FAILURE, _ERROR):
        message = plain(case.message)
        SubElement(node, case.fault, type=case.word, message=message).text = case.text
    elif case.fault:
        SubElement(node, case.fault).text = plain(case.message)
    elif case.text:
        SubElement(node, "system-out").text = case.text
