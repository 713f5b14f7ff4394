"""Every form of a report, and plans that hold one text in one place."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from reconciler.model.ignore import Ignore, Ignored
from reconciler.model.ledger import Refusal
from reconciler.model.manifest import Address, Place
from reconciler.model.outcome import Cause, Outcome, Result
from reconciler.model.plan import NOTHING, Blocked, Change, Plan, Unhealthy, Unreadable
from reconciler.model.policy import Finding, Judgement, Level
from reconciler.report.github import render_most
from reconciler.report.gitlab import gitlab_document
from reconciler.report.html import render_plan_html, render_run_html
from reconciler.report.json import apply_document, dumps, plan_document
from reconciler.report.junit import render_plan_junit, render_run_junit
from reconciler.report.location import Located
from reconciler.report.markdown import render_plan_markdown, render_run_markdown
from reconciler.report.outcomes import render_outcomes
from reconciler.report.patchdoc import patch_document
from reconciler.report.planissues import NO_FILE, RULES, by_weight, plan_issues
from reconciler.report.sarif import sarif_document
from reconciler.report.text import render_plan
from tests.support.cli import about, change, place, plan_of, update


@dataclass(frozen=True)
class Told:
    """What is to be reported."""

    plan: Plan
    outcomes: tuple[Outcome, ...] = ()


def located(plan: Plan, *, sort: bool = False) -> list[Located]:
    """The findings of a plan whose files lie in the repository as they are named."""
    issues = plan_issues(plan)
    return [
        Located(one.problem, None if file == NO_FILE else file, one.weight.value, one.identity)
        for one in (by_weight(issues) if sort else issues)
        for file in [one.problem.place.file]
    ]


def plan_sarif(plan: Plan) -> Any:
    """The SARIF log of a plan, as data."""
    return sarif_document(located(plan), RULES, version="1.2.3")


FORMATS: Final[Mapping[str, Callable[[Told], str]]] = {
    "text": lambda told: render_plan(told.plan, color=False, width=100, verbose=True),
    "outcomes": lambda told: render_outcomes(told.outcomes, color=False, verbose=True),
    "json": lambda told: dumps(plan_document(told.plan)),
    "run-json": lambda told: dumps(apply_document(told.plan, told.outcomes, seconds=1)),
    "markdown": lambda told: render_plan_markdown(told.plan),
    "run-markdown": lambda told: render_run_markdown(told.plan, told.outcomes, seconds=1),
    "html": lambda told: render_plan_html(told.plan),
    "run-html": lambda told: render_run_html(told.plan, told.outcomes, seconds=1),
    "patch": lambda told: dumps(patch_document(told.plan)),
    "sarif": lambda told: dumps(plan_sarif(told.plan)),
    "junit": lambda told: render_plan_junit(told.plan),
    "run-junit": lambda told: render_run_junit(told.plan, told.outcomes, seconds=1),
    "github": lambda told: render_most(located(told.plan, sort=True)),
    "gitlab": lambda told: dumps(gitlab_document(told.plan)),
}
"""Each form, by the word after `-o`; `run-` is what `apply` writes."""


def _about(**given: Any) -> Told:
    return Told(plan_of(update(change("/a", 1, 2), of=about()._replace(**given))))


def _address(kind: str = "Agent", name: str = "bot") -> Told:
    address = Address("cloud.example.com/v1", kind, name)
    entry = update(change("/a", 1, 2), of=about()._replace(address=address))
    return Told(plan_of(entry), (Outcome(address, "id", Result.CHANGED),))


def _change(path: str = "/a", before: object = "old", after: object = "new", **more: Any) -> Told:
    return Told(plan_of(update(replace(change(path, before, after), **more))))


def _finding(**given: Any) -> Told:
    one = Finding("rule", Level.DENY, "text", place())
    return Told(replace(plan_of(), policy=Judgement((replace(one, **given),))))


def _outcome(**given: Any) -> Told:
    agent = Address("cloud.example.com/v1", "Agent", "bot")
    return Told(plan_of(), (replace(Outcome(agent, "id", Result.NOT_KEPT), **given),))


def _ignored(path: str = "/a", reason: str = "r", where: str = "reconcile.yaml:1:1") -> Told:
    return _about(ignored=(Ignored(path, Ignore(path, (), reason, where)),))


def _lines(text: str) -> str:
    return f"first\n{text}\n\n{text} last"


FIELDS: Final[Mapping[str, Callable[[str], Told]]] = {
    "target": lambda text: Told(replace(plan_of(update(change("/a", 1, 2))), target=text)),
    "kind": lambda text: _address(kind=text),
    "name": lambda text: _address(name=text),
    "id": lambda text: _about(id=text),
    "status": lambda text: _about(status=text),
    "file": lambda text: _about(place=Place(text, 1, 1)),
    "note": lambda text: _about(notes=(text,)),
    "aside": lambda text: _about(asides=(text,)),
    "unobservable-path": lambda text: _about(unobservable=((f"/{text}", "why"),)),
    "unobservable-reason": lambda text: _about(unobservable=(("/a", text),)),
    "not-managed": lambda text: _about(not_managed=(f"/{text}",)),
    "proved": lambda text: _about(proved=(f"/{text}",)),
    "ignored-path": lambda text: _ignored(path=f"/{text}"),
    "ignored-reason": lambda text: _ignored(reason=text),
    "ignored-place": lambda text: _ignored(where=text),
    "path": lambda text: _change(f"/{text}"),
    "before": lambda text: _change(before=text),
    "after": lambda text: _change(after=text),
    "came": lambda text: _change(before=NOTHING, after=text),
    "came-lines": lambda text: _change(before=NOTHING, after=_lines(text)),
    "lines-before": lambda text: _change(before=_lines(text), after="first\nother"),
    "lines-after": lambda text: _change(before="first\nother", after=_lines(text)),
    "lines-both": lambda text: _change(before=_lines(text), after=_lines(f"{text} more")),
    "element": lambda text: _change(before=["a"], after=["a", text]),
    "key": lambda text: _change(before={"a": 1}, after={text: 1}),
    "member": lambda text: _change(before={"a": "1"}, after={"a": text}),
    "change-note": lambda text: _change(note=text),
    "change-file": lambda text: _change(place=Place(text, 3, 4)),
    "blocked": lambda text: Told(plan_of(Blocked(about(), text, (change("/a", 1, 2),)))),
    "unhealthy": lambda text: Told(plan_of(Unhealthy(about(), text, text))),
    "unreadable": lambda text: Told(plan_of(Unreadable(about(), text, Cause.CLOUD))),
    "rule": lambda text: _finding(rule=text),
    "rule-text": lambda text: _finding(text=text),
    "rule-file": lambda text: _finding(place=Place(text, 1, 1)),
    "rule-subject": lambda text: _finding(address=Address("v1", "Agent", text)),
    "rule-allowed": lambda text: _finding(allowed=text),
    "guard": lambda text: Told(replace(plan_of(), refusals=(Refusal("max-change", text, text),))),
    "notice": lambda text: Told(replace(plan_of(), policy=Judgement((), (text,)))),
    "reason": lambda text: _outcome(reason=text),
    "outcome-note": lambda text: _outcome(notes=(text,)),
    "not-kept": lambda text: _outcome(not_kept=(f"/{text}",)),
}
"""A report that holds a text in one place, for each place where a text can stand."""


def everywhere(text: str) -> Told:
    """One report with the text in every place at once."""
    told = [make(text) for name, make in FIELDS.items() if name != "target"]
    agents = [agent for one in told for agent in one.plan.agents]
    findings = [found for one in told for found in one.plan.policy.findings]
    notices = [notice for one in told for notice in one.plan.policy.notices]
    policy = Judgement(tuple(findings), tuple(notices))
    outcomes = [outcome for one in told for outcome in one.outcomes]
    refusals = (Refusal("max-change", text, text),)
    return Told(Plan(text, tuple(agents), policy, None, refusals), tuple(outcomes))


def long_plan(agents: int, characters: int) -> Plan:
    """Agents each of whose prompts of so many characters has a few other words."""
    line = "You answer questions of customers about their orders, briefly and in their words.\n"
    prompt = (line * (characters // len(line) + 1))[:characters]

    def entry(number: int) -> Any:
        before = prompt.replace("briefly", f"at length {number}", 1)
        return update(
            Change("/instructions", before, prompt, place(number + 1), "", 4000),
            of=about(f"agent-{number:04}")._replace(place=place(number + 1)),
            restarts=number % 2 == 0,
        )

    return plan_of(*map(entry, range(agents)))
