"""A rehearsal as Markdown: the timeline as a Gantt chart that GitHub and GitLab draw (Mermaid).

A name in a chart keeps its letters, digits and a few marks: a colon, a semicolon, a number sign or
a percent sign would be read as Mermaid (https://mermaid.js.org/syntax/gantt.html).
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

from reconciler.model.rehearsal import Doing, Part, Rehearsal
from reconciler.report.count import counted
from reconciler.report.inert import fence, span
from reconciler.report.plain import capped
from reconciler.report.rehearsal import TITLE, UNKNOWABLE, mishap_lines, remarks, totals

MAX_CHARACTERS: Final = 20_000
"""Of a rehearsal in Markdown: the rest of a comment is for the plan."""

_MAX_BARS: Final = 60
_MAX_MISHAPS: Final = 10
_MAX_NAME: Final = 60
_MAX_LINE: Final = 600
_STRANGE: Final = re.compile(r"[^\w./() -]")
_DATE: Final = "%Y-%m-%d %H:%M:%S"
_START: Final = datetime(2000, 1, 1)
"""No moment: the beginning of every chart."""
_HOUR_SECONDS: Final = 3600.0
_DAY_SECONDS: Final = 86_400.0
_TAGS: Final = {
    Doing.WAITING: "done, ",
    Doing.CREATE: "",
    Doing.UPDATE: "",
    Doing.ROLLBACK: "crit, ",
}
_WORDS: Final = {
    Doing.WAITING: " waits",
    Doing.CREATE: " is created",
    Doing.UPDATE: "",
    Doing.ROLLBACK: " goes back",
}


def render_rehearsal_markdown(rehearsal: Rehearsal) -> str:
    """A section of at most `MAX_CHARACTERS`."""
    blocks = [f"### {TITLE}", f"**{totals(rehearsal)}**", *_chart(rehearsal)]
    noted = [f"- {span(capped(one), _MAX_LINE)}" for one in remarks(rehearsal)]
    told = [_mishap(list(mishap_lines(one))) for one in rehearsal.mishaps[:_MAX_MISHAPS]]
    quiet = [f"- Wave {wave}: no failure was played, {why}" for wave, why in rehearsal.unbroken]
    last = "What a rehearsal cannot know: " + "; ".join(UNKNOWABLE) + "."
    room = MAX_CHARACTERS - sum(len(one) + 2 for one in (*blocks, last)) - 100
    kept: list[str] = []
    for block in (*noted, *told, *quiet):
        if len(block) + 2 <= room:
            kept.append(block)
            room -= len(block) + 2
    left = len(noted) + len(rehearsal.mishaps) + len(quiet) - len(kept)
    more = [f"{counted(left, 'more finding')} in the text."] if left else []
    return "\n\n".join([*blocks, "\n".join(kept), *more, last]).replace("\n\n\n\n", "\n\n") + "\n"


def _mishap(lines: Sequence[str]) -> str:
    first, *rest = lines
    return "\n".join([f"- {span(first, _MAX_LINE)}", *(f"  - {span(r, _MAX_LINE)}" for r in rest)])


def _chart(rehearsal: Rehearsal) -> Iterator[str]:
    played = [part for part in rehearsal.parts if part.spans]
    if not played:
        return
    ordered = sorted(played, key=lambda part: (part.wave, part.spans[0].begin))
    shown = ordered[:_MAX_BARS]
    yield fence("\n".join(gantt(shown, rehearsal.seconds)), "mermaid")
    if len(shown) < len(ordered):
        yield f"The chart has the first {len(shown)} of {len(ordered)} agents."


def gantt(parts: Sequence[Part], seconds: float) -> Iterator[str]:
    """The lines of a chart of these agents, in the order of their waves.

    It counts from the beginning of the run, whatever the time of day.
    """
    yield "gantt"
    yield "    title Rehearsal of apply"
    yield "    dateFormat YYYY-MM-DD HH:mm:ss"
    yield f"    axisFormat {_axis(seconds)}"
    yield "    todayMarker off"
    number = 0
    for wave, members in groupby(parts, key=lambda part: part.wave):
        yield f"    section wave {wave}"
        for part in members:
            for one in part.spans:
                name = _named(part) + _WORDS[one.doing]
                begin, end = _moment(one.begin), _moment(max(one.end, one.begin + 1.0))
                yield f"    {name} :{_TAGS[one.doing]}b{number}, {begin}, {end}"
                number += 1


def _axis(seconds: float) -> str:
    if seconds >= _DAY_SECONDS:
        return "%j %H:%M"
    return "%H:%M:%S" if seconds >= _HOUR_SECONDS else "%M:%S"


def _moment(seconds: float) -> str:
    return (_START + timedelta(seconds=round(seconds))).strftime(_DATE)


def _named(part: Part) -> str:
    name = _STRANGE.sub("_", str(part.address))[:_MAX_NAME].rstrip()
    return f"{name} (canary)" if part.canary else name
