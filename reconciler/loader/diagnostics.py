"""A problem as text for people.

Nothing that a file says can act on the terminal or on the runner of a pipeline: control and bidi
characters, and what begins a command, are shown as escapes.
"""

import unicodedata
from typing import Final

from reconciler.model.errors import Problem

_WIDTH: Final = 100
_ACTIVE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_JOINED: Final = frozenset({"Mn", "Me", "Mc"})
_JOINED_JAMO: Final = frozenset(map(chr, (*range(0x1160, 0x1200), *range(0xD7B0, 0xD800))))
"""Vowels and final consonants of Korean: they join the one before them."""

_HASH: Final = "\udc23"
"""Stands for a `#` that is shown as an escape: half of a character, so no file holds it."""

_AS_EMOJI: Final = "\ufe0f"
_SKIN_TONES: Final = frozenset(map(chr, range(0x1F3FB, 0x1F400)))

_NO_FILES: Final = frozenset({"--target", "--name", "-l", "RECONCILE_ALLOW_HOSTS"})
"""Options and variables that problems name in the place of a file: they have no lines."""


def stands_in_no_file(problem: Problem) -> bool:
    """Whether what is wrong stands on the command line or in the environment."""
    return problem.place.file in _NO_FILES


def render_problem(problem: Problem) -> str:
    """`file:line:col: error[code]: text`, the line with a caret under it, and the way out."""
    severity = "warning" if problem.warning else "error"
    no_file = stands_in_no_file(problem)
    where = problem.place.file if no_file else str(problem.place)
    if where.startswith("::"):
        where = f"./{where}"  # a line that begins so is a command to the runner of a pipeline
    lines = [_shown(_tamed(f"{where}: {severity}[{problem.code}]: {problem.text}"))]
    number = "" if no_file else str(problem.place.line)
    gutter = " " * max(1, len(number))
    if problem.excerpt:
        excerpt = _tamed(problem.excerpt)
        text, caret = _window(excerpt, problem.place.column - 1 - problem.before, problem.length)
        beside = number or gutter
        lines += [f"{gutter} |", f"{beside} | {text}".rstrip(), f"{gutter} | {caret}"]
    if problem.help:
        lines.append(f"{gutter} = help: {_shown(_tamed(problem.help))}")
    return "\n".join(lines)


def _tamed(text: str) -> str:
    """`text` without the sign that some runners take for a command anywhere in a line.

    As long as before: its middle becomes what stands in no file, and is shown as an escape.
    """
    return text.replace("##[", f"#{_HASH}[").replace("##vso[", f"#{_HASH}vso[")


def _visible(char: str) -> str:
    if char == _HASH:
        return "\\u0023"
    if char != "\t" and unicodedata.category(char) in _ACTIVE:
        return char.encode("unicode_escape").decode("ascii")
    return " " if char == "\t" else char


def _cells(char: str) -> int:
    """How many cells of a terminal a character takes: 2 for Chinese and emoji, 0 for accents."""
    if unicodedata.category(char) in _JOINED or char in _JOINED_JAMO:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1


def _width(text: str) -> int:
    width = last = 0
    for char in text:
        if char == _AS_EMOJI:
            last = 1 if last == 1 else 0  # the narrow form of the sign before it becomes wide
        elif char in _SKIN_TONES and last == 2:
            last = 0
        else:
            last = _cells(char)
        width += last
    return width


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
