"""The plan as text for people: what differs, from what to what, and where that was written."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, assert_never

from reconciler.model.plan import (
    About,
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
from reconciler.report.changes import SIGN_STYLES as CHANGE_STYLES
from reconciler.report.changes import change_lines
from reconciler.report.count import count_plan, counted, in_sync_word
from reconciler.report.ignoring import ignored_lines
from reconciler.report.ink import Ink, Style
from reconciler.report.ledger import expectation, render_limits, restart_words
from reconciler.report.longtext import Page
from reconciler.report.notes import quiet_notes
from reconciler.report.plain import capped, plain
from reconciler.report.policy import render_policy
from reconciler.report.waves import turn_words, waves_line
from reconciler.report.wrap import Field, Line, Piece, filled, hanging, painted

_INDENT: Final = "    "
_MIN_WIDTH: Final = 40
SIGN_STYLES: Final = {**CHANGE_STYLES, "!": Style.WARNING, "=": Style.DIM}
_SIGNS: Final[dict[type[AgentPlan], str]] = {
    InSync: "=",
    Create: "+",
    Update: "~",
    Delete: "-",
    Unhealthy: "!",
    Blocked: "!",
    Unreadable: "!",
}


class _Sheet(NamedTuple):
    """How it is written: `wraps` is whether messages too are kept within the width."""

    ink: Ink
    width: int
    verbose: bool
    wraps: bool

    @property
    def room(self) -> int | None:
        """The width of messages; None where they stay on one line."""
        return self.width if self.wraps else None

    def message(self, text: str, style: Style | None = None, indent: int = 0) -> Iterator[str]:
        """A sentence, harmless already, below `indent` spaces; more of them where it goes on."""
        for row in hanging([Piece(text, style)], self.room, indent):
            yield painted(row, self.ink)

    def line(self, line: Line, indent: int = 0) -> str:
        """One line as it is."""
        return painted([Piece(" " * indent), *line], self.ink)


def render_plan(
    plan: Plan, *, color: bool, width: int, verbose: bool = False, wraps: bool = False
) -> str:
    """The whole plan, ending in its summary line and a line feed.

    `width` is in cells: values are folded and wrapped to it, paths and places are never broken, and
    messages are wrapped where `wraps` says so (on a terminal; a log is searched for them). Agents
    in sync are listed with `verbose`, or where there is a note on one; `verbose` also lists what is
    not managed and what cannot be compared, and cuts nothing. What is told of agents that are not
    listed is told once, with their number.
    """
    agents: list[AgentPlan] = []
    rest: list[AgentPlan] = []
    for agent in plan.agents:
        listed = verbose or not isinstance(agent, InSync) or agent.about.notes
        (agents if listed else rest).append(agent)
    sheet = _Sheet(Ink(color), max(width, _MIN_WIDTH), verbose, wraps)
    asides = (line for text in _asides(rest) for line in sheet.message(text, Style.DIM))
    return (
        render_entries(agents, color=color, width=width, verbose=verbose, wraps=wraps)
        + render_policy(plan, color=color, verbose=verbose, width=sheet.room)
        + render_limits(plan, color=color, verbose=verbose, width=sheet.room)
        + "".join(f"{line}\n" for line in asides)
        + render_order(plan, color=color, width=sheet.room)
        + render_summary_line(plan, color=color, width=sheet.room)
    )


def _asides(agents: Sequence[AgentPlan]) -> Iterator[str]:
    """What is told of agents in sync, each text once."""
    for note in quiet_notes(agents):
        text = plain(capped(note.text))
        yield f"note on {note.subject}: {text}" if text else note.subject


def render_entries(
    agents: Sequence[AgentPlan],
    *,
    color: bool,
    width: int,
    verbose: bool = False,
    wraps: bool = False,
) -> str:
    """One block for each of these agents, with an empty line after each; see `render_plan`."""
    sheet = _Sheet(Ink(color), max(width, _MIN_WIDTH), verbose, wraps)
    blocks = ("\n".join(_entry(agent, sheet)) for agent in agents)
    return "".join(f"{block}\n\n" for block in blocks)


def render_order(plan: Plan, *, color: bool, width: int | None = None) -> str:
    """`waves_line` and a line feed, or nothing; wrapped where there is a `width`."""
    text = waves_line(plan)
    if not text:
        return ""
    sheet = _Sheet(Ink(color), max(width or 0, _MIN_WIDTH), verbose=False, wraps=width is not None)
    return "".join(f"{line}\n" for line in sheet.message(text))


def render_summary_line(plan: Plan, *, color: bool, width: int | None = None) -> str:
    """`summary_line` and a line feed; wrapped where there is a `width`."""
    sheet = _Sheet(Ink(color), max(width or 0, _MIN_WIDTH), verbose=False, wraps=width is not None)
    return "".join(f"{line}\n" for line in sheet.message(summary_line(plan), Style.STRONG))


def summary_line(plan: Plan) -> str:
    """`Plan: ...` in numbers, or `No changes. ...` when every agent is in sync."""
    numbers = count_plan(plan)
    unseen = sum(len(agent.about.unobservable) for agent in plan.agents)
    tail = f" {counted(unseen, 'field')} cannot be compared." if unseen else ""
    left = sum(len(agent.about.ignored) for agent in plan.agents)
    tail += f" {counted(left, 'field')} {'is' if left == 1 else 'are'} ignored." if left else ""
    if not plan.agents:
        return "No changes. No agent is selected."
    if numbers.in_sync == len(plan.agents):
        return f"No changes. {_agreement(plan)}; nothing will restart.{tail}"
    parts = (
        (numbers.create, "to create"),
        (numbers.update, "to update"),
        (numbers.delete, "to delete"),
        (numbers.in_sync, "unchanged"),
        (numbers.unhealthy, "unhealthy"),
        (numbers.blocked, "blocked"),
        (numbers.unreadable, "unreadable"),
    )
    states = ", ".join(f"{number} {words}" for number, words in parts if number)
    costs = f"{counted(numbers.restarts, 'restart')}, {counted(numbers.requests, 'request')}"
    if plan.ledger is not None and numbers.requests:
        costs += f", {expectation(plan.ledger)}"
    return f"Plan: {states}; {costs}" + (f".{tail}" if tail else "")


def _agreement(plan: Plan) -> str:
    """Whom nothing is to be done about, and why."""
    left = sum(bool(agent.about.left_alone) for agent in plan.agents)
    agree = len(plan.agents) - left
    told = [f"{counted(agree, 'agent')} {'agrees' if agree == 1 else 'agree'} with the manifests"]
    if left:
        told.append(f"{left} {'differs' if left == 1 else 'differ'} beyond the reviewed plan")
    return ", ".join(told if agree or not left else told[1:])


def _entry(agent: AgentPlan, sheet: _Sheet) -> Iterator[str]:
    yield from map(sheet.line, filled(_heading(agent), sheet.width, len(_INDENT)))
    for text, style in _state(agent):
        yield from sheet.message(text, style, len(_INDENT))
    for line in change_lines(
        changes_of(agent), Page(sheet.width - len(_INDENT), sheet.verbose, sheet.wraps)
    ):
        yield sheet.line(line, len(_INDENT))
    if unchanged := agent.about.unchanged:
        text = f"# ({counted(unchanged, 'unchanged field')})"
        yield from sheet.message(text, Style.DIM, len(_INDENT))
    for text in _remarks(agent.about, sheet.verbose, folded=not isinstance(agent, InSync)):
        yield from sheet.message(text, Style.DIM, len(_INDENT))


def _heading(agent: AgentPlan) -> Iterator[Field]:
    sign, about = sign_of_agent(agent), agent.about
    name = Piece(plain(str(about.address)), Style.STRONG)
    yield Field([Piece(sign, SIGN_STYLES[sign]), Piece(" "), name])
    if facts := ", ".join(plain(fact) for fact in (about.id, about.status) if fact):
        yield Field([Piece(facts)], breaks=True)
    if turn := turn_words(about):
        yield Field([Piece(turn)])
    yield Field([Piece(plain(f"{about.place.file}:{about.place.line}"), Style.DIM)])


def sign_of_agent(agent: AgentPlan) -> str:
    """The sign at the beginning of an agent's entry."""
    return _SIGNS[type(agent)]


def _state(agent: AgentPlan) -> Iterator[tuple[str, Style | None]]:
    """What is to be said of the agent as a whole."""
    match agent:
        case InSync():
            yield in_sync_word(agent), None
        case Create():
            yield "does not exist and will be created", None
        case Update():
            if not agent.changes:
                yield "nothing differs: the same state is sent once more", None
            if words := restart_words(agent):
                yield words, None
        case Delete():
            yield "no manifest declares it: will be deleted", None
        case Unhealthy():
            words = ": ".join(part for part in (agent.status, agent.reason) if part)
            yield f"unhealthy: {plain(capped(words))}", Style.WARNING
            yield "nothing differs; --retry-failed sends the same state once more", None
        case Blocked():
            yield f"blocked: {plain(capped(agent.reason))}", Style.WARNING
        case Unreadable():
            yield f"unreadable: {plain(capped(agent.reason))}", Style.WARNING
        case _:
            assert_never(agent)


def changes_of(agent: AgentPlan) -> tuple[Change, ...]:
    """What differs of an agent."""
    match agent:
        case Create() | Update() | Blocked():
            return agent.changes
        case InSync() | Delete() | Unhealthy() | Unreadable():
            return ()
        case _:
            assert_never(agent)


def _remarks(about: About, verbose: bool, *, folded: bool) -> Iterator[str]:
    """Findings below the changes; what is not managed in full with `verbose`, else `folded`."""
    for note in (*about.notes, *about.asides):
        yield f"note: {plain(capped(note))}"
    for line in ignored_lines(about.ignored, verbose=verbose):
        yield plain(capped(line))
    for path, reason in about.unobservable:
        yield f"cannot be compared: {plain(path)} ({plain(capped(reason))})"
    if verbose:
        for path in about.proved:
            yield f"the same by its fingerprint: {plain(path)}"
        for path in about.not_managed:
            yield f"not managed: {plain(path)}"
    elif folded and about.not_managed:
        yield f"not managed: {counted(len(about.not_managed), 'field')} (-v lists them)"
