"""Plans and runs as Markdown for a comment on a pull request, never longer than one may be.

Restarts stand first. When there is too much, what is said of single agents is left out from the
end, first their details, then their lines, and the last sentence says how much.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Final

from reconciler.model.outcome import Outcome, Result
from reconciler.model.plan import AgentPlan, Plan
from reconciler.model.policy import Finding
from reconciler.report.count import counted
from reconciler.report.ignoring import PASTE, ignore_yaml
from reconciler.report.inert import fence, span, tagged
from reconciler.report.notes import quiet_notes
from reconciler.report.outcomes import render_summary
from reconciler.report.plain import plain
from reconciler.report.policy import summary as policy_summary
from reconciler.report.rollback import rollback_lines
from reconciler.report.standing import entry_text, place_text, ranked, standing
from reconciler.report.text import sign_of_agent, summary_line
from reconciler.report.waves import turn_words, waves_line

MAX_CHARACTERS: Final = 65_000
"""GitHub takes 65,536 in a comment; the rest is for what others put around it."""

_RESERVE: Final = 500
"""For what is said at the end of what was left out."""

_MAX_DETAIL: Final = 8_000
"""Characters of one agent's details."""

_MAX_MISSED: Final = 20
"""When so many blocks were too long, the rest is not even written."""

_MAX_REASON: Final = 600

_SIGN: Final = re.compile(r"^( +)([-+~])(?= )", re.MULTILINE)
_QUIET: Final = frozenset({Result.CHANGED, Result.CREATED, Result.UNCHANGED})


def render_plan_markdown(plan: Plan, *, limit: int = MAX_CHARACTERS) -> str:
    """A plan: its numbers, what the policy says, a table of agents and the details of each."""
    head = [f"## Plan for {span(plan.target)}", f"**{summary_line(plan)}**"]
    head += [order] if (order := waves_line(plan)) else []
    head += [f"**Refused by apply:** {span(one.text, _MAX_REASON)}" for one in plan.refusals]
    return _document(head, [], plan, limit)


def render_run_markdown(
    plan: Plan, outcomes: Sequence[Outcome], *, seconds: float, limit: int = MAX_CHARACTERS
) -> str:
    """A run: what became of each agent, and the plan that was carried out."""
    line = render_summary(outcomes, seconds=seconds, color=False).strip()
    head = [f"## Apply to {span(plan.target)}", f"**{line}**"]
    return _document(head, outcomes, plan, limit)


def _document(head: list[str], outcomes: Sequence[Outcome], plan: Plan, limit: int) -> str:
    blocks = list(head)
    room = limit - _RESERVE - sum(map(_size, blocks))
    agents = ranked(plan)
    left = 0
    for share, title, lines in (
        (0.4, _OUTCOMES, [_outcome_row(one) for one in outcomes if _is_told(one)]),
        (0.4, [f"**Policy: {policy_summary(plan.policy)}**", ""], [*_policy(plan)]),
        (0.7, _AGENTS, [_row(agent) for agent in agents]),
        (0.2, _NOTES, [*_notes(plan)]),
    ):
        kept = _fitting(lines, int(room * share) - _size("\n".join(title)), gap=1)
        left += len(lines) - len(kept)
        if kept:
            blocks.append("\n".join([*title, *kept]))
            room -= _size(blocks[-1])
    proposals = [*_proposals(outcomes)]
    details = chain(proposals, map(_details, agents))
    shown = _fitting(details, room, gap=2)
    note = _left_out(left, len(proposals) + len(agents) - len(shown), limit)
    return "\n\n".join([*blocks, *shown, *note]) + "\n"


_AGENTS: Final = ["| | Agent | Change | Declared at |", "|---|---|---|---|"]
_NOTES: Final = ["**Notes on agents in sync**", ""]
_OUTCOMES: Final = ["| Result | Agent | Restarts | Seconds | Reason |", "|---|---|---:|---:|---|"]


def _fitting(blocks: Iterable[str], room: int, *, gap: int) -> list[str]:
    """The blocks for which there is room, in their order; a long one does not shut the next out."""
    kept: list[str] = []
    missed = 0
    for block in blocks:
        if (size := _size(block, gap)) <= room:
            kept.append(block)
            room -= size
        else:
            missed += 1
            if missed == _MAX_MISSED:
                break
    return kept


def _size(block: str, gap: int = 2) -> int:
    """How many characters a block takes, counted as JavaScript counts, with what parts it."""
    return len(block.encode("utf-16-le", "surrogatepass")) // 2 + gap


def _row(agent: AgentPlan) -> str:
    said = standing(agent)
    change = f"{said.word}: {span(said.reason, _MAX_REASON)}" if said.reason else said.word
    if said.cost:
        change += f", **{said.cost}**" if said.restarts else f", {said.cost}"
    if turn := turn_words(agent.about):
        change += f" ({turn})"
    cells = (span(sign_of_agent(agent)), span(str(agent.about.address)), change)
    return f"| {' | '.join((*cells, span(place_text(agent))))} |"


def _details(agent: AgentPlan) -> str:
    said = standing(agent)
    text = _SIGN.sub(lambda match: ("!" if match[2] == "~" else match[2]) + match[1], _cut(agent))
    summary = f"{tagged(str(agent.about.address))} {said.word}"
    summary += f", {said.cost}" if said.cost else ""
    return _folded(summary, fence(text, "diff"))


def _cut(agent: AgentPlan) -> str:
    """The text of an agent, the end of a very long one left out by whole lines."""
    text = entry_text(agent)
    if len(text) <= _MAX_DETAIL:
        return text
    lines = text[:_MAX_DETAIL].split("\n")
    kept = "\n".join(lines[:-1] or lines)
    return f"{kept}\n… {counted(text.count(chr(10)) - kept.count(chr(10)), 'more line')}"


def _folded(summary: str, body: str) -> str:
    return f"<details>\n<summary>{summary}</summary>\n\n{body}\n\n</details>"


def _policy(plan: Plan) -> Iterator[str]:
    """Denials before warnings, each on a line of a list."""
    found = sorted(plan.policy.findings, key=lambda one: (not one.denies, bool(one.allowed)))
    yield from (f"- {_finding(one)}" for one in found)
    yield from (f"- {span(notice)}" for notice in plan.policy.notices)


def _finding(one: Finding) -> str:
    word = "**denied**" if one.denies else "allowed" if one.allowed else "warning"
    subject = span(str(one.address)) if one.address else "the whole plan"
    text = span(one.text, _MAX_REASON)
    reason = f"; break-glass: {span(one.allowed)}" if one.allowed else ""
    return f"{word} {subject} by {span(one.rule)}: {text}{reason} ({span(str(one.place))})"


def _notes(plan: Plan) -> Iterator[str]:
    """What is told of agents that stand in no table."""
    for note in quiet_notes(plan.agents):
        about = span(note.name) or note.subject
        yield f"- {about}: {span(note.text, _MAX_REASON)}" if note.text else f"- {about}"


def _is_told(outcome: Outcome) -> bool:
    return outcome.result is not Result.UNCHANGED or bool(outcome.reason or outcome.notes)


def _outcome_row(outcome: Outcome) -> str:
    word = outcome.result.value
    back = rollback_lines(outcome.rollback, restored=False) if outcome.rollback else ()
    texts = [outcome.reason, *back, *outcome.notes]
    reasons = [span(text, _MAX_REASON) for text in texts if text]
    cells = (
        word if outcome.result in _QUIET else f"**{word}**",
        span(str(outcome.address)),
        str(outcome.restarts),
        f"{outcome.seconds:.1f}",
        "<br>".join(reasons),
    )
    return f"| {' | '.join(cells)} |"


def _proposals(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """For what a cloud did not keep, the rule to paste."""
    for outcome in outcomes:
        if rules := ignore_yaml(outcome):
            name = f"{tagged(str(outcome.address))} {PASTE.rstrip(':')}"
            yield _folded(name, fence(plain(rules.rstrip("\n"), lines=True), "yaml"))


def _left_out(rows: int, details: int, limit: int) -> Iterator[str]:
    parts = [f"{counted(rows, 'line')} of the tables above"] if rows else []
    parts += [f"the details of {counted(details, 'agent')}"] if details else []
    if parts:
        told = " and ".join(parts)
        yield f"Left out to stay within {limit:,} characters: {told}. `reconcile plan` shows all."
