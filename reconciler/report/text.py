"""The plan as text for people: what differs, from what to what, and where that was written."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final, assert_never

from rich.cells import cell_len

from reconciler.model.plan import (
    NOTHING,
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
from reconciler.report.count import count_plan, counted
from reconciler.report.ink import Ink, Style
from reconciler.report.plain import capped, plain
from reconciler.report.values import difference, shorten, shown, sides

_INDENT: Final = "    "
_MIN_WIDTH: Final = 40
_MAX_ASIDES: Final = 3
_SIGN_STYLES: Final = {
    "+": Style.ADDED,
    "-": Style.REMOVED,
    "~": Style.CHANGED,
    "!": Style.WARNING,
    "=": Style.DIM,
}
_SIGNS: Final[dict[type[AgentPlan], str]] = {
    InSync: "=",
    Create: "+",
    Update: "~",
    Delete: "-",
    Unhealthy: "!",
    Blocked: "!",
    Unreadable: "!",
}
RESTARTS: Final = "this restarts the runtime"


def render_plan(plan: Plan, *, color: bool, width: int, verbose: bool = False) -> str:
    """The whole plan, ending in its summary line and a line feed.

    `width` is in cells. Agents in sync are listed with `verbose`, or where there is a note on one;
    `verbose` also lists what is not managed and what cannot be compared. What is told of agents
    that are not listed is told once, with their number.
    """
    agents: list[AgentPlan] = []
    rest: list[AgentPlan] = []
    for agent in plan.agents:
        listed = verbose or not isinstance(agent, InSync) or agent.about.notes
        (agents if listed else rest).append(agent)
    return (
        render_entries(agents, color=color, width=width, verbose=verbose)
        + "".join(f"{Ink(color).paint(Style.DIM, line)}\n" for line in _asides(rest))
        + render_summary_line(plan, color=color)
    )


def _asides(agents: Sequence[AgentPlan]) -> Iterator[str]:
    """What is told of agents in sync, each text once."""
    counts = Counter(aside for agent in agents for aside in agent.about.asides)
    for aside, number in counts.most_common(_MAX_ASIDES):
        yield f"note on {counted(number, 'agent')} in sync: {plain(capped(aside))}"
    if len(counts) > _MAX_ASIDES:
        yield f"{counted(len(counts) - _MAX_ASIDES, 'more note')} on agents in sync (-v lists them)"


def render_entries(
    agents: Sequence[AgentPlan], *, color: bool, width: int, verbose: bool = False
) -> str:
    """One block for each of these agents, with an empty line after each; see `render_plan`."""
    ink = Ink(color)
    room = max(width, _MIN_WIDTH)
    blocks = ("\n".join(_entry(agent, ink, room, verbose)) for agent in agents)
    return "".join(f"{block}\n\n" for block in blocks)


def render_summary_line(plan: Plan, *, color: bool) -> str:
    """`summary_line` and a line feed."""
    return Ink(color).paint(Style.STRONG, summary_line(plan)) + "\n"


def summary_line(plan: Plan) -> str:
    """`Plan: ...` in numbers, or `No changes. ...` when every agent is in sync."""
    numbers = count_plan(plan)
    unseen = sum(len(agent.about.unobservable) for agent in plan.agents)
    tail = f" {counted(unseen, 'field')} cannot be compared." if unseen else ""
    if not plan.agents:
        return "No changes. No agent is selected."
    if numbers.in_sync == len(plan.agents):
        verb = "agrees" if len(plan.agents) == 1 else "agree"
        return f"No changes. {counted(len(plan.agents), 'agent')} {verb} with the manifests.{tail}"
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
    return f"Plan: {states}; {costs}" + (f".{tail}" if tail else "")


def _entry(agent: AgentPlan, ink: Ink, width: int, verbose: bool) -> Iterator[str]:
    yield _heading(_SIGNS[type(agent)], agent.about, ink)
    for line in _state(agent, ink):
        yield _INDENT + line
    for change in _changes(agent):
        for line in _change(change, ink, width - len(_INDENT)):
            yield _INDENT + line
    for line in _remarks(agent.about, verbose, folded=not isinstance(agent, InSync)):
        yield _INDENT + ink.paint(Style.DIM, line)


def _heading(sign: str, about: About, ink: Ink) -> str:
    address = ink.paint(Style.STRONG, plain(str(about.address)))
    facts = ", ".join(plain(fact) for fact in (about.id, about.status) if fact)
    place = ink.paint(Style.DIM, plain(f"{about.place.file}:{about.place.line}"))
    mark = ink.paint(_SIGN_STYLES[sign], sign)
    return "  ".join(part for part in (f"{mark} {address}", facts, place) if part)


def _state(agent: AgentPlan, ink: Ink) -> Iterator[str]:
    """What is to be said of the agent as a whole."""
    match agent:
        case InSync():
            yield "in sync"
        case Create():
            yield "does not exist and will be created"
        case Update():
            if not agent.changes:
                yield "nothing differs: the same state is sent once more"
            if agent.restarts:
                yield RESTARTS
        case Delete():
            yield "no manifest declares it: will be deleted"
        case Unhealthy():
            words = ": ".join(part for part in (agent.status, agent.reason) if part)
            yield ink.paint(Style.WARNING, f"unhealthy: {plain(capped(words))}")
            yield "nothing differs; --retry-failed sends the same state once more"
        case Blocked():
            yield ink.paint(Style.WARNING, f"blocked: {plain(capped(agent.reason))}")
        case Unreadable():
            yield ink.paint(Style.WARNING, f"unreadable: {plain(capped(agent.reason))}")
        case _:
            assert_never(agent)


def _changes(agent: AgentPlan) -> tuple[Change, ...]:
    match agent:
        case Create() | Update() | Blocked():
            return agent.changes
        case InSync() | Delete() | Unhealthy() | Unreadable():
            return ()
        case _:
            assert_never(agent)


def _change(change: Change, ink: Ink, width: int) -> Iterator[str]:
    """One change: on one line where it fits, else the lines that differ below its path."""
    sign = _sign_of(change)
    style = _SIGN_STYLES[sign]
    path = plain(change.path) or "/"
    note = f"  ({plain(capped(change.note))})" if change.note else ""
    place = ink.paint(Style.DIM, f"  {plain(str(change.place))}")
    values = _one_line(change)
    used = len("~ : ") + cell_len(path + note + plain(str(change.place))) + 2
    if not _has_lines(change) and used + cell_len(values) <= width:
        yield f"{ink.paint(style, sign)} {path}: {ink.paint(style, values)}{note}{place}"
        return
    yield f"{ink.paint(style, sign)} {path}:{note}{place}"
    if not _has_lines(change) and cell_len(values) <= width - len(_INDENT):
        yield _INDENT + ink.paint(style, values)
    else:
        yield from _long(change, sign, ink, width - len(_INDENT))


def _long(change: Change, sign: str, ink: Ink, width: int) -> Iterator[str]:
    """The lines of a change that one line does not hold."""
    style = _SIGN_STYLES[sign]
    if sign != "~":
        value = change.before if sign == "-" else change.after
        size = f"  ({len(value):,} characters)" if isinstance(value, str) else ""
        yield _INDENT + ink.paint(style, shorten(shown(value), width - len(size))) + size
        return
    if pair := sides(change.before, change.after, width - len("-> ")):
        yield _INDENT + ink.paint(_SIGN_STYLES["-"], pair[0])
        yield _INDENT + ink.paint(_SIGN_STYLES["+"], f"-> {pair[1]}")
        return
    lines, more = difference(change.before, change.after, width - len("- 1234 "))
    for line in lines:
        text = f"{line.sign} {line.number:>4} {line.text}".rstrip()
        yield _INDENT + ink.paint(_SIGN_STYLES[line.sign], text)
    if more:
        yield f"{_INDENT}… {counted(more, 'more changed line')}"


def _sign_of(change: Change) -> str:
    if change.before is NOTHING:
        return "+"
    return "-" if change.after is NOTHING or change.after is None else "~"


def _one_line(change: Change) -> str:
    match _sign_of(change):
        case "+":
            return shown(change.after)
        case "-":
            return shown(change.before)
        case _:
            return f"{shown(change.before)} -> {shown(change.after)}"


def _has_lines(change: Change) -> bool:
    return any(isinstance(side, str) and "\n" in side for side in (change.before, change.after))


def _remarks(about: About, verbose: bool, *, folded: bool) -> Iterator[str]:
    """Findings below the changes; what is not managed in full with `verbose`, else `folded`."""
    for note in (*about.notes, *about.asides):
        yield f"note: {plain(capped(note))}"
    for path, reason in about.unobservable:
        yield f"cannot be compared: {plain(path)} ({plain(capped(reason))})"
    if verbose:
        for path in about.not_managed:
            yield f"not managed: {plain(path)}"
    elif folded and about.not_managed:
        yield f"not managed: {counted(len(about.not_managed), 'field')} (-v lists them)"
