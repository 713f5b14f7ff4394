"""How one value, and the difference of two, is written in a few lines of text.

Widths are terminal cells, so that Chinese text lines up. A long text is never printed whole: only
the lines that differ, each cut to a window around its first difference.
"""

import json
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final, Literal, NamedTuple

from rich.cells import cell_len, set_cell_size

from reconciler.model.plan import NOTHING
from reconciler.model.tree import PUBLIC_HIDDEN, PUBLIC_SEALED, Json
from reconciler.report.plain import plain

MAX_LINES: Final = 20
"""How many lines of one difference are shown."""

_MAX_PAIRS: Final = 4_000_000
"""Above this product of line counts the search for the smallest difference is left out."""

_LEAD: Final = 15
"""How many characters a window shows before the first difference."""


class Line(NamedTuple):
    """One line of a difference; `number` counts the lines of its own side from 1."""

    sign: Literal["-", "+"]
    number: int
    text: str


def shown(value: Json) -> str:
    """A value on one line: JSON, with what a terminal would act on escaped."""
    if value is NOTHING:
        return "(absent)"
    if value in (PUBLIC_SEALED, PUBLIC_HIDDEN):
        return str(value)
    return plain(json.dumps(value, ensure_ascii=False))


def shorten(text: str, width: int) -> str:
    """`text` in at most `width` cells, with an ellipsis where something was cut off."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, max(width - 1, 0)).rstrip() + "…"


def difference(before: Json, after: Json, width: int) -> tuple[list[Line], int]:
    """The lines that differ, each within `width` cells, and how many more there are."""
    lines = list(_changed(_lines_of(before), _lines_of(after), width))
    return lines[:MAX_LINES], max(len(lines) - MAX_LINES, 0)


def sides(before: Json, after: Json, width: int) -> tuple[str, str] | None:
    """Two values of one line each, cut to `width` cells around their first difference.

    None where one of them has several lines: see `difference`.
    """
    if len(_lines_of(before)) > 1 or len(_lines_of(after)) > 1:
        return None
    old, new = shown(before), shown(after)
    at = _common(old, new)
    return _window(old, at, width), _window(new, at, width)


def _lines_of(value: Json) -> list[str]:
    if isinstance(value, str):
        return [plain(line) for line in value.split("\n")]
    return [plain(line) for line in json.dumps(value, ensure_ascii=False, indent=2).split("\n")]


def _changed(before: list[str], after: list[str], width: int) -> Iterator[Line]:
    start = _common(before, after)
    end = _common(before[start:][::-1], after[start:][::-1])
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    for _, low, high, first, last in _blocks(old, new):
        pairs = list(zip(old[low:high], new[first:last], strict=False))
        windows = [_common(*pair) for pair in pairs] if high - low == last - first else []
        for offset, text in enumerate(old[low:high]):
            at = windows[offset] if windows else 0
            yield Line("-", start + low + offset + 1, _window(text, at, width))
        for offset, text in enumerate(new[first:last]):
            at = windows[offset] if windows else 0
            yield Line("+", start + first + offset + 1, _window(text, at, width))


def _blocks(old: list[str], new: list[str]) -> list[tuple[str, int, int, int, int]]:
    if len(old) * len(new) > _MAX_PAIRS:
        return [("replace", 0, len(old), 0, len(new))]
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return [block for block in matcher.get_opcodes() if block[0] != "equal"]


def _common(first: Sequence[str], second: Sequence[str]) -> int:
    """How many lines, or characters, are the same at the beginning."""
    for count, (left, right) in enumerate(zip(first, second, strict=False)):
        if left != right:
            return count
    return min(len(first), len(second))


def _window(text: str, at: int, width: int) -> str:
    """The part of `text` around position `at`, within `width` cells."""
    if cell_len(text) <= width or at <= _LEAD:
        return shorten(text, width)
    return "…" + shorten(text[at - _LEAD :], width - 1)
