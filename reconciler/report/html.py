"""Plans and runs as one HTML file that asks nobody for anything and runs nothing.

It has no script, one style whose digest its policy names, and no address but those of its own
agents, so that it may be opened from a mail or a build's artifacts.
"""

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Final

from reconciler.model.outcome import Outcome
from reconciler.model.plan import AgentPlan, InSync, Plan
from reconciler.model.policy import Finding
from reconciler.report.ignoring import PASTE, ignore_yaml
from reconciler.report.markup import Markup, joined, tag, text
from reconciler.report.outcomes import render_summary
from reconciler.report.policy import summary as policy_summary
from reconciler.report.rollback import rollback_lines
from reconciler.report.standing import entry_text, place_text, ranked, standing
from reconciler.report.text import sign_of_agent, summary_line
from reconciler.report.waves import waves_line

_STYLE: Final = """
:root { color-scheme: light dark; --line: #8885; --added: #116329; --removed: #a40e26;
  --changed: #7a4b00; --back: #8881; }
@media (prefers-color-scheme: dark) {
  :root { --added: #7ee787; --removed: #ffa198; --changed: #f2cc60; } }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 76rem; padding: 1rem; }
.scroll { margin-bottom: 1rem; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .6rem; text-align: left;
  vertical-align: top; overflow-wrap: anywhere; }
th, td:nth-child(2) { overflow-wrap: normal; }
code, pre { font-family: ui-monospace, monospace; font-size: .875rem; }
pre { background: var(--back); overflow-x: auto; padding: .75rem; }
summary { cursor: pointer; padding: .25rem 0; }
.added { color: var(--added); } .removed { color: var(--removed); }
.changed { color: var(--changed); } .strong { font-weight: 600; }
"""
_POLICY: Final = (
    "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; style-src "
    f"'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'"
)
_LINE: Final = Markup("\n")
_CLASSES: Final = {"+": "added", "-": "removed", "~": "changed", "!": "removed"}
_SIGNED: Final = re.compile(r" *([-+~!]) ")


def render_plan_html(plan: Plan) -> str:
    """A plan: its numbers, what the policy says, a table of agents, the details of each."""
    head = (f"Plan for {plan.target}", summary_line(plan))
    refused = (tag("p", f"Refused by apply: {one.text}") for one in plan.refusals)
    parts = (_order(plan), _policy(plan), _agents(plan), _details(plan))
    return _page(*head, [*refused, *chain.from_iterable(parts)])


def render_run_html(plan: Plan, outcomes: Sequence[Outcome], *, seconds: float) -> str:
    """A run: what became of each agent, and the plan that was carried out."""
    line = render_summary(outcomes, seconds=seconds, color=False).strip()
    body = [_outcomes(outcomes), *_order(plan), *_policy(plan), *_agents(plan), *_details(plan)]
    return _page(f"Apply to {plan.target}", line, body)


def _page(title: str, line: str, body: Iterable[Markup]) -> str:
    head = (
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        '<link rel="icon" href="data:,">',
        tag("title", title),
        f"<style>{_STYLE}</style>",
    )
    main = tag("main", tag("h1", title), tag("p", line, class_="strong"), _LINE, *body)
    parts = ("<!doctype html>", '<html lang="en">', "<head>", *head, "</head>", "<body>", main)
    return "\n".join((*parts, "</body>", "</html>", ""))


def _order(plan: Plan) -> Iterator[Markup]:
    if order := waves_line(plan):
        yield tag("p", order)


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> Markup:
    head = tag("tr", *(tag("th", title, scope="col") for title in titles))
    lines = (joined(tag("tr", *(tag("td", cell) for cell in row)), _LINE) for row in rows)
    table = tag("table", tag("thead", head), _LINE, tag("tbody", *lines))
    return tag("div", table, class_="scroll", role="region", tabindex="0", aria_label=titles[0])


def _agents(plan: Plan) -> Iterator[Markup]:
    """All agents: those that differ as they matter, then those in sync."""
    agents = [*ranked(plan), *(agent for agent in plan.agents if isinstance(agent, InSync))]
    if agents:
        yield tag("h2", "Agents")
        titles = ("Agent", "State", "Change", "Declared at")
        yield _table(titles, (_row(number, agent) for number, agent in enumerate(agents)))


def _row(number: int, agent: AgentPlan) -> Sequence[str]:
    said = standing(agent)
    name: str = tag("code", str(agent.about.address))
    if not isinstance(agent, InSync):
        name = tag("a", name, href=f"#agent-{number}")
    sign = sign_of_agent(agent)
    state = tag("span", f"{sign} {said.word}", class_=_CLASSES.get(sign, "calm"))
    change = said.reason or said.cost or "; ".join(_quiet_notes(agent))
    return (name, state, change, tag("code", place_text(agent)))


def _quiet_notes(agent: AgentPlan) -> Sequence[str]:
    """What is told of an agent that has no details."""
    return (*agent.about.notes, *agent.about.asides) if isinstance(agent, InSync) else ()


def _details(plan: Plan) -> Iterator[Markup]:
    """One fold for each agent that differs, under the number that the table leads to."""
    for number, agent in enumerate(ranked(plan)):
        said = standing(agent)
        facts = ", ".join(filter(None, (said.word, said.cost)))
        summary = tag("summary", tag("code", str(agent.about.address)), f" {facts}")
        lines = [_line(line) for line in entry_text(agent).split("\n")]
        body = tag("pre", Markup("\n".join(lines)))
        yield joined(tag("details", summary, body, id=f"agent-{number}"), _LINE)


def _line(line: str) -> Markup:
    signed = _SIGNED.match(line)
    return tag("span", line, class_=_CLASSES[signed[1]]) if signed else text(line)


def _policy(plan: Plan) -> Iterator[Markup]:
    policy = plan.policy
    if policy.findings or policy.notices:
        found = sorted(policy.findings, key=lambda one: (not one.denies, bool(one.allowed)))
        lines = [*map(_finding, found), *(tag("li", notice) for notice in policy.notices)]
        yield joined(tag("h2", f"Policy: {policy_summary(policy)}"), tag("ul", *lines), _LINE)


def _finding(one: Finding) -> Markup:
    word = "denied" if one.denies else "allowed" if one.allowed else "warning"
    subject = str(one.address) if one.address else "the whole plan"
    reason = f"; break-glass: {one.allowed}" if one.allowed else ""
    told = (f" {one.text}{reason} ", tag("code", str(one.place)))
    return tag("li", f"{word}: ", tag("code", subject), f" {one.rule}:", *told)


def _outcomes(outcomes: Sequence[Outcome]) -> Markup:
    titles = ("Agent", "Result", "Restarts", "Seconds", "Reason")
    return joined(tag("h2", "Outcomes"), _table(titles, map(_outcome, outcomes)), _LINE)


def _outcome(outcome: Outcome) -> Sequence[str]:
    back = rollback_lines(outcome.rollback) if outcome.rollback is not None else ()
    parts = (outcome.reason, *back, *outcome.notes)
    told: list[str] = [tag("div", part) for part in parts if part]
    if rules := ignore_yaml(outcome):
        told += [tag("div", PASTE), tag("pre", Markup("\n".join(map(text, rules.splitlines()))))]
    name = tag("code", str(outcome.address))
    costs = (str(outcome.restarts), f"{outcome.seconds:.1f}")
    return (name, outcome.result.value, *costs, joined(*told))
