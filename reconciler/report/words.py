"""Which words of two lines differ.

A word is what stands between spaces and punctuation; Chinese and Japanese have no spaces, so there
every character stands for itself, and what changed together is shown together.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import accumulate
from typing import Final, NamedTuple

from reconciler.report.edits import Edit, common_ends, edits

WIDE: Final = (
    "\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7a3"
    "\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6\U0001f300-\U0001faff\U00020000-\U0003fffd"
)
"""Characters between which a line may be broken, as the inside of a character class."""

JOINED: Final = "\u0300-\u036f\u20d0-\u20ff\u3099\u309a\ufe00-\ufe0f\U0001f3fb-\U0001f3ff"
"""Combining marks, variation selectors and skin tones: they belong to the character before."""

_MARKS: Final = r"!-/:-@\[-`{-~"  # ASCII punctuation, `_` and `-` in names included
_MAX_WORD: Final = 12
_LIKENESS: Final = 0.3
"""The share of equal text below which two lines are shown whole, without marks."""

_LOOK_AHEAD: Final = 8


class _Patterns(NamedTuple):
    """What a text is cut by: its words, and what goes on at the end and at the beginning of one."""

    token: re.Pattern[str]
    open_end: re.Pattern[str]
    open_start: re.Pattern[str]


@cache
def _patterns() -> _Patterns:
    """Compiled when two texts are first compared: sets of so many characters take milliseconds."""
    word, wide = rf"[^\s{_MARKS}{WIDE}]+", rf"[{WIDE}][{JOINED}]*"
    return _Patterns(
        re.compile(rf"{word}|{wide}|[{_MARKS}][{JOINED}]*|\s+"),
        re.compile(rf"({word}|{wide}|\s+)\Z"),
        re.compile(rf"{word}|[{JOINED}]+|\s+"),
    )


@cache
def joined_mark() -> re.Pattern[str]:
    """A character that belongs to the one before it."""
    return re.compile(f"[{JOINED}]")


class Run(NamedTuple):
    """A piece of a line; `changed`: the other side has something else here.

    An empty one that is changed is where only the other side has something.
    """

    text: str
    changed: bool


def word_runs(old: str, new: str) -> tuple[list[Run], list[Run]] | None:
    """Both lines in pieces, or None where they have too little in common."""
    start, end = _same_ends(old, new)
    token = _patterns().token
    left = token.findall(old[start : len(old) - end])
    right = token.findall(new[start : len(new) - end])
    found = _tidied(edits(left, right), left, right)
    gone = sum(len("".join(left[edit.low : edit.high])) for edit in found)
    if len(old) - gone < _LIKENESS * max(len(old), len(new)):
        return None
    ends = old[:start], old[len(old) - end :]
    return (
        _runs(left, [(edit.low, edit.high) for edit in found], *ends),
        _runs(right, [(edit.first, edit.last) for edit in found], *ends),
    )


def _same_ends(old: str, new: str) -> tuple[int, int]:
    """How many characters are the same at both ends; the words at the edge are not taken apart.

    Longer ones are: a script without spaces would be shown whole for one character.
    """
    start, end = common_ends(old, new)
    while start and any(joined_mark().match(side, start) for side in (old, new)):
        start -= 1
    behind = len(old) - end
    head = _patterns().open_end.search(old, max(start - _MAX_WORD - 1, 0), start)
    tail = _patterns().open_start.match(old, behind, behind + _MAX_WORD + 1)
    return start - _length(head), end - _length(tail)


def _length(edge: re.Match[str] | None) -> int:
    """How long a word is that is not taken apart."""
    length = len(edge[0]) if edge else 0
    return length if length <= _MAX_WORD else 0


def paired_lines(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int | None, int | None]]:
    """Positions of the lines of a changed block, in order; a pair is one line that was edited.

    Where as many lines stand on both sides they are held against each other one by one, else each
    old line against the next few new ones.
    """
    if len(old) == len(new) == 1:
        yield 0, 0
        return
    done = 0
    words = cache(lambda at: _words(new[at]))
    for at, line in enumerate(old):
        ahead = range(at, at + 1) if len(old) == len(new) else range(done, done + _LOOK_AHEAD)
        mine = _words(line)
        match = next((o for o in ahead if o < len(new) and _alike(mine, words(o))), None)
        if match is not None:
            yield from ((None, other) for other in range(done, match))
            done = match + 1
        yield at, match
    yield from ((None, other) for other in range(done, len(new)))


def _words(line: str) -> set[str]:
    return {token for token in set(_patterns().token.findall(line)) if not token.isspace()}


def _alike(left: set[str], right: set[str]) -> bool:
    return 2 * len(left & right) >= max(min(len(left), len(right)), 1)


def _tidied(found: Sequence[Edit], old: Sequence[str], new: Sequence[str]) -> list[Edit]:
    """Edits joined where the equal text between two is no longer than what changed around it."""
    if len(found) < 2:
        return list(found)
    olds, news = _sums(old), _sums(new)

    def size(edit: Edit) -> int:
        return max(olds[edit.high] - olds[edit.low], news[edit.last] - news[edit.first])

    joined: list[Edit] = []
    for edit in found:
        while joined:
            last = joined[-1]
            between = old[last.high : edit.low]
            least = min(size(last), size(edit))
            if olds[edit.low] - olds[last.high] > least and not "".join(between).isspace():
                break
            edit = Edit(joined.pop().low, edit.high, last.first, edit.last)
        joined.append(edit)
    return joined


def _sums(tokens: Sequence[str]) -> list[int]:
    """How many characters stand before each token, and in all."""
    return [0, *accumulate(map(len, tokens))]


def _runs(
    tokens: Sequence[str], changed: Sequence[tuple[int, int]], head: str, tail: str
) -> list[Run]:
    runs = []
    done, before = 0, head
    for start, end in changed:
        runs.append(Run(before + "".join(tokens[done:start]), changed=False))
        runs.append(Run("".join(tokens[start:end]), changed=True))
        done, before = end, ""
    runs.append(Run(before + "".join(tokens[done:]) + tail, changed=False))
    return [run for run in runs if run.text or run.changed]
