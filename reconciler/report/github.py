"""Problems as workflow commands, which GitHub Actions shows as annotations on the changed lines.

A command is one line, `::error file=…,line=…::message`. What a manifest says is escaped as the
runner's own toolkit escapes it, so nothing in it begins another command.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from reconciler.report.count import counted
from reconciler.report.location import Located
from reconciler.report.plain import plain

MAX_SHOWN: Final = 10
"""How many annotations of each level GitHub shows of one step; it drops the rest unseen."""

_LEVELS: Final = {"error": "error", "warning": "warning", "note": "notice"}


def render_github(located: Iterable[Located]) -> str:
    """A line for each problem."""
    return "".join(f"{_command(one)}\n" for one in located)


def render_most(located: Sequence[Located]) -> str:
    """A line for each of the first that GitHub shows, those of each level counted by themselves.

    Where some are left out the last line, a notice, says how many.
    """
    numbers = Counter(one.level for one in located)
    more = {level: number - MAX_SHOWN for level, number in numbers.items() if number > MAX_SHOWN}
    room = dict.fromkeys(_LEVELS, MAX_SHOWN)
    if more:
        room["note"] -= 1  # for the line about the rest
        more |= {"note": numbers["note"] - room["note"]}
    lines = []
    for one in located:
        room[one.level] -= 1
        if room[one.level] >= 0:
            lines.append(_command(one))
    if more:
        lines.append(_rest(more))
    return "".join(f"{line}\n" for line in lines)


def _rest(more: dict[str, int]) -> str:
    left = ", ".join(
        counted(more[level], f"more {word}")
        for level, word in _LEVELS.items()
        if more.get(level, 0) > 0
    )
    return f"::notice title=reconcile::{left} not shown: GitHub shows {MAX_SHOWN} of each a step"


def _command(one: Located) -> str:
    problem = one.problem
    properties = {"title": problem.code}
    if one.path is not None:
        properties = {
            "file": one.path,
            "line": str(problem.place.line),
            "col": str(problem.place.column),
            "endColumn": str(one.end_column),
            **properties,
        }
    message = "\n".join(part for part in (_where(one) + problem.text, _help(problem.help)) if part)
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{_LEVELS[one.level]} {listed}::{_data(message)}"


def _where(one: Located) -> str:
    """Where a problem stands that no annotation can point to."""
    return f"{one.problem.place.file}: " if one.path is None else ""


def _help(text: str) -> str:
    return f"help: {text}" if text else ""


def _data(text: str) -> str:
    """`escapeData` of the toolkit, after what is invisible was made visible."""
    text = plain(text, lines=True)
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """`escapeProperty` of the toolkit."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
