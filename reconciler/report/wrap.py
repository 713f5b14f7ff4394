"""Painted text in lines of a width that is counted in terminal cells.

A Chinese character takes two cells and a line may end after any of them; other text is broken at
spaces, and inside a word only where the word is longer than the line.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import accumulate, groupby
from typing import Final, NamedTuple, TypeAlias

from rich.cells import cell_len, get_character_cell_size, set_cell_size

from reconciler.report.ink import Ink, Style
from reconciler.report.words import JOINED, WIDE, joined_mark

_EMOJI_STYLE: Final = "\ufe0f"
"""Makes the character before it as wide as an emoji."""

_CLOSING: Final = "，。、；：？！）】》」』”’…"
"""Marks that do not begin a line."""


@cache
def _break() -> re.Pattern[str]:
    """What stands before the last place where a line may end; one character behind is looked at.

    Compiled when the first line is too long: sets of so many characters take milliseconds.
    """
    stuck = f"[{JOINED}{_CLOSING}]"
    after_wide = "|".join(f"(?<=[{WIDE}]{stuck * marks})" for marks in range(4))
    return re.compile(rf"(?s).*(?=.)(?!{stuck})(?:(?<=\s)|(?=[\s{WIDE}])|{after_wide})")


class _Widths(dict[str, int]):
    """How many cells each character takes that was ever asked for."""

    def __missing__(self, character: str) -> int:
        size = 1 if character == _EMOJI_STYLE else get_character_cell_size(character)
        return self.setdefault(character, size)


_cells_of: Final = _Widths().__getitem__


class Piece(NamedTuple):
    """Text that was made harmless, and how it is painted."""

    text: str
    style: Style | None = None


Line: TypeAlias = Sequence[Piece]


class Field(NamedTuple):
    """What stands together on a line; one that is longer than a line is broken if it `breaks`."""

    line: Line
    breaks: bool = False


def width_of(text: str) -> int:
    """How many cells a text takes that was made harmless."""
    if text.isascii():
        return len(text)
    if _EMOJI_STYLE in text:
        return cell_len(text) + text.startswith(_EMOJI_STYLE)  # it may widen what stands before
    return sum(map(_cells_of, text))


def cells(line: Iterable[Piece]) -> int:
    """How many cells a line takes."""
    return sum(width_of(piece.text) for piece in line)


def painted(line: Iterable[Piece], ink: Ink) -> str:
    """A line as text, without spaces at its end.

    Two colons at its beginning are a workflow command to GitHub's runner, so there one is escaped.
    """
    pieces = list(line)
    text = "".join([piece.text for piece in pieces])
    end = len(text.rstrip(" "))
    start = len(text) - len(text.lstrip(" "))
    if text.startswith("::", start):
        pieces = [*_cut(pieces, start), Piece("\\u003a"), *_cut(pieces, end, start + 1)]
    elif not ink.color:
        return text[:end]
    elif end < len(text):
        pieces = list(_cut(pieces, end))
    return "".join(
        ink.paint(style, joined) if style else joined
        for style, group in groupby(pieces, key=lambda piece: piece.style)
        if (joined := "".join(piece.text for piece in group))
    )


def _cut(line: Iterable[Piece], end: int, start: int = 0) -> Iterator[Piece]:
    """The characters of a line from `start` to `end`."""
    at = 0
    for text, style in line:
        yield Piece(text[max(start - at, 0) : max(end - at, 0)], style)
        at += len(text)


def shorten(text: str, width: int) -> str:
    """`text` in at most `width` cells, with an ellipsis where something was cut off."""
    if width_of(text) <= width:
        return text
    return set_cell_size(text, max(width - 1, 0)).rstrip() + "…"


def wrapped(line: Line, width: int) -> Iterator[list[Piece]]:
    """The line in lines of at most `width` cells; a space at which it is broken is left out."""
    pieces = iter(line)
    text, style, behind = "", None, 0  # the piece that was begun, and where it ends
    for start, end in _rows("".join([piece.text for piece in line]), width):
        row: list[Piece] = []
        while start < end:
            while behind <= start:
                text, style = next(pieces)
                behind += len(text)
            stop = min(end, behind)
            row.append(Piece(text[start - behind :][: stop - start], style))
            start = stop
        yield row


def _rows(text: str, width: int) -> Iterator[tuple[int, int]]:
    """Where each line of a text begins and ends: where words do.

    A word that is longer than a line ends anywhere, but marks stay with the character before them.
    """
    sums = range(len(text) + 1) if text.isascii() else [0, *accumulate(map(_cells_of, text))]
    start = 0
    while sums[-1] - sums[start] > width:
        full = max(bisect_right(sums, sums[start] + width) - 1, start + 1)
        found = _break().match(text, start, full + 1)
        end = found.end() if found else start
        if end == start:
            end = full
            while end > start + 1 and joined_mark().match(text, end):
                end -= 1
        yield start, end
        start = end + (text[end] == " ")
    if start < len(text) or not text:
        yield start, len(text)


def hanging(line: Line, width: int | None, indent: int) -> Iterator[list[Piece]]:
    """The line below `indent` spaces, and two more where it goes on; one line without a width."""
    rows = [line] if width is None else wrapped(line, max(width - indent - 2, 1))
    for number, row in enumerate(rows):
        yield [Piece(" " * (indent + 2 * bool(number))), *row]


def filled(fields: Iterable[Field], width: int, indent: int) -> Iterator[list[Piece]]:
    """Fields with two spaces between them, in as few lines as they fit.

    Lines after the first begin with `indent` spaces.
    """
    margin = Piece(" " * indent)
    current: list[Piece] = []
    for line, breaks in fields:
        size = cells(line)
        if not current:
            current = list(line)
        elif cells(current) + 2 + size <= width:
            current += [Piece("  "), *line]
        else:
            yield current
            *rows, last = wrapped(line, width - indent) if breaks else [line]
            yield from ([margin, *row] for row in rows)
            current = [margin, *last]
    if current:
        yield current
