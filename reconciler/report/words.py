"""Which words of two lines differ.

A word is what stands between spaces and punctuation; Chinese and Japanese have no spaces, so there
every character stands for itself, and what changed together is shown together.
"""

import re
from collections.abc import Iterator, Sequence
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
_TOKEN: Final = re.compile(
    rf"[^\s{_MARKS}{WIDE}]+|[{WIDE}][{JOINED}]*|[{_MARKS}][{JOINED}]*|\s+", re.DOTALL
)
_OPEN_END: Final = re.compile(rf"([^\s{_MARKS}{WIDE}]+|[{WIDE}][{JOINED}]*|\s+)\Z")
_OPEN_START: Final = re.compile(rf"[^\s{_MARKS}{WIDE}]+|[{JOINED}]+|\s+")
_MAX_WORD: Final = 64
_LIKENESS: Final = 0.3
"""The share of equal text below which two lines are shown whole, without marks."""

_LOOK_AHEAD: Final = 8


class Run(NamedTuple):
    """A piece of a line; `changed`: the other side has something else here.

    An empty one that is changed is where only the other side has something.
    """

    text: str
    changed: bool


def word_runs(old: str, new: str) -> tuple[list[Run], list[Run]] | None:
    """Both lines in pieces, or None where they have too little in common."""
    start, end = _same_ends(old, new)
    left = _TOKEN.findall(old[start : len(old) - end])
    right = _TOKEN.findall(new[start : len(new) - end])
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
    """How many characters are the same at both ends, in whole words as far as they are short."""
    start, end = common_ends(old, new)
    head = _OPEN_END.search(old, max(start - _MAX_WORD, 0), start)
    tail = _OPEN_START.match(old, len(old) - end, len(old) - end + _MAX_WORD)
    return start - len(head[0] if head else ""), end - len(tail[0] if tail else "")


def paired_lines(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int | None, int | None]]:
    """Positions of the lines of a changed block, in order; a pair is one line that was edited.

    Where as many lines stand on both sides they are held against each other one by one, else each
    old line against the next few new ones.
    """
    if len(old) == len(new) == 1:
        yield 0, 0
        return
    done = 0
    words = [_words(line) for line in new]
    for at, line in enumerate(old):
        ahead = range(at, at + 1) if len(old) == len(new) else range(done, done + _LOOK_AHEAD)
        mine = _words(line)
        match = next((o for o in ahead if o < len(new) and _alike(mine, words[o])), None)
        if match is not None:
            yield from ((None, other) for other in range(done, match))
            done = match + 1
        yield at, match
    yield from ((None, other) for other in range(done, len(new)))


def _words(line: str) -> set[str]:
    return {token for token in _TOKEN.findall(line) if not token.isspace()}


def _alike(left: set[str], right: set[str]) -> bool:
    return bool(left & right) and 2 * len(left & right) >= min(len(left), len(right))


def _tidied(found: Sequence[Edit], old: Sequence[str], new: Sequence[str]) -> list[Edit]:
    """Edits joined where the equal text between two is no longer than what changed around it."""
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
