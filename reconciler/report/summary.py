"""The plan with one line for each agent: what would be done to it, and how much differs."""

from collections.abc import Sequence
from typing import Final, assert_never

from reconciler.model.plan import (
    AgentPlan,
    Blocked,
    Create,
    Delete,
    InSync,
    Plan,
    Unhealthy,
    Unreadable,
    Update,
)
from reconciler.report.count import counted, in_sync_word
from reconciler.report.ink import Ink, Style
from reconciler.report.ledger import render_limits
from reconciler.report.plain import plain
from reconciler.report.policy import render_policy
from reconciler.report.text import (
    SIGN_STYLES,
    changes_of,
    render_order,
    render_summary_line,
    sign_of_agent,
)
from reconciler.report.wrap import Piece, painted, shorten, width_of

_MIN_CELLS: Final = 8
"""What is left of a name and of a place however narrow the line is."""


def render_agents(plan: Plan, *, color: bool, width: int | None) -> str:
    """One line for each agent, in columns, then the summary line.

    With a `width` the line is kept within it: columns and kinds go, then places and names are cut.
    """
    ink = Ink(color)
    rows = [_row(agent) for agent in plan.agents]
    sizes = [max(map(width_of, column)) for column in zip(*rows, strict=True)]
    lines = [
        painted(_line(agent, row, sizes, width), ink)
        for agent, row in zip(plan.agents, rows, strict=True)
    ]
    body = "".join(f"{line}\n" for line in lines)
    policy = render_policy(plan, color=color, width=width)
    order = render_order(plan, color=color, width=width)
    summary = order + render_summary_line(plan, color=color, width=width)
    limits = render_limits(plan, color=color, width=width)
    return body + ("\n" if lines else "") + policy + limits + summary


def _row(agent: AgentPlan) -> tuple[str, ...]:
    """Address, state, number of changes, restart, place."""
    changes = len(changes_of(agent))
    restarts = isinstance(agent, Update) and agent.restarts
    about = agent.about
    return (
        plain(str(about.address)),
        _state(agent),
        counted(changes, "change") if changes else "",
        "restart" if restarts else "",
        plain(f"{about.place.file}:{about.place.line}"),
    )


def _state(agent: AgentPlan) -> str:
    match agent:
        case InSync():
            return in_sync_word(agent)
        case Create():
            return "create"
        case Update():
            return "update"
        case Delete():
            return "delete"
        case Unhealthy():
            return "unhealthy"
        case Blocked():
            return "blocked"
        case Unreadable():
            return "unreadable"
        case _:
            assert_never(agent)


def _line(
    agent: AgentPlan, row: Sequence[str], sizes: Sequence[int], width: int | None
) -> list[Piece]:
    room = None if width is None else width - len("~ ")
    *columns, place = row
    if room is None or sum(sizes) + 2 * (len(sizes) - 1) <= room:
        gaps = [size - width_of(text) for text, size in zip(columns, sizes, strict=False)]
    else:
        columns = [text for text in columns if text]
        if _left(columns, room) < 2 * _MIN_CELLS:
            columns = [columns[0], columns[1], *columns[3:]]  # without the number of changes
        if _left(columns, room) < width_of(columns[0]) + _MIN_CELLS:
            columns[0] = plain(agent.about.address.name)  # its kind tells least
        gaps = [0] * len(columns)
        columns[0], place = _fitted(columns, place, room)
    sign = sign_of_agent(agent)
    name = Piece(columns[0], Style.STRONG)
    line = [Piece(sign, SIGN_STYLES[sign]), Piece(" "), name, Piece(" " * (gaps[0] + 2))]
    for text, gap in zip(columns[1:], gaps[1:], strict=True):
        line.append(Piece(text + " " * (gap + 2)))
    return [*line, Piece(place, Style.DIM)]


def _left(columns: Sequence[str], room: int) -> int:
    """The cells that the other columns leave to the name and the place."""
    return room - sum(width_of(text) + 2 for text in columns[1:]) - 2


def _fitted(columns: Sequence[str], place: str, room: int) -> tuple[str, str]:
    """The name and the place in what the rest of the line leaves: the place is cut first."""
    left = _left(columns, room)
    name = columns[0]
    place = _last(place, max(left - width_of(name), _MIN_CELLS))
    return shorten(name, max(left - width_of(place), _MIN_CELLS)), place


def _last(text: str, width: int) -> str:
    """The end of `text` in at most `width` cells: of a place the file's own name and the line."""
    return text if width_of(text) <= width else "…" + shorten(text[::-1], width)[-2::-1]
