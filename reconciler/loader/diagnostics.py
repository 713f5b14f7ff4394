"""A problem as text for people.

Nothing that a file says can act on the terminal: control and bidi characters are shown as escapes.
"""

import unicodedata
from typing import Final

from reconciler.model.errors import Problem

_WIDTH: Final = 100
_ACTIVE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


_NO_FILES: Final = frozenset({"--target", "--name", "-l", "RECONCILE_ALLOW_HOSTS"})
"""Options and variables that problems name in the place of a file: they have no lines."""


def stands_in_no_file(problem: Problem) -> bool:
    """Whether what is wrong stands on the command line or in the environment."""
    return problem.place.file in _NO_FILES


def render_problem(problem: Problem) -> str:
    """`file:line:col: error[code]: text`, the line with a caret under it, and the way out."""
    severity = "warning" if problem.warning else "error"
    where = problem.place.file if stands_in_no_file(problem) else str(problem.place)
    lines = [f"{where}: {severity}[{problem.code}]: {problem.text}"]
    lines = ["".join(_visible(char) for char in line) for line in lines]
    gutter = " " * len(str(problem.place.line))
    if problem.excerpt and not stands_in_no_file(problem):
        text, caret = _window(problem.excerpt, problem.place.column - 1, problem.length)
        lines += [f"{gutter} |", f"{problem.place.line} | {text}".rstrip(), f"{gutter} | {caret}"]
    if problem.help:
        lines.append(f"{gutter} = help: " + "".join(_visible(char) for char in problem.help))
    return "\n".join(lines)


def _visible(char: str) -> str:
    if char != "\t" and unicodedata.category(char) in _ACTIVE:
        return char.encode("unicode_escape").decode("ascii")
    return " " if char == "\t" else char


def _cells(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1


def _width(text: str) -> int:
    return sum(map(_cells, text))


def _window(line: str, start: int, length: int) -> tuple[str, str]:
    """The part of a long line around the caret, and the caret line below it, in display cells."""
    start = min(start, len(line))
    whole = len(line) <= _WIDTH and _width(_shown(line)) <= _WIDTH
    before = line[:start] if whole else _tail(line[max(0, start - _WIDTH) : start], _WIDTH // 2)
    cut_left = len(before) < start
    marked = _head(line[start : start + length], _WIDTH if whole else _WIDTH // 2)
    rest = line[start + len(marked) : start + len(marked) + _WIDTH]
    after = _head(rest, max(0, _WIDTH - _width(_shown(before)) - _width(_shown(marked))))
    cut_right = start + len(marked) + len(after) < len(line)
    left = ("…" if cut_left else "") + _shown(before)
    text = left + _shown(marked) + _shown(after) + ("…" if cut_right else "")
    return text, " " * _width(left) + "^" * max(1, _width(_shown(marked)))


def _shown(text: str) -> str:
    return "".join(map(_visible, text))


def _head(text: str, cells: int) -> str:
    """As much of the beginning as fits."""
    for index, char in enumerate(text):
        cells -= _width(_visible(char))
        if cells < 0:
            return text[:index]
    return text


def _tail(text: str, cells: int) -> str:
    """As much of the end as fits."""
    return _head(text[::-1], cells)[::-1]
