"""Painted text in lines of a width that is counted in terminal cells.

A Chinese character takes two cells and a line may end after any of them; other text is broken at
spaces, and inside a word only where the word is longer than the line.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final, NamedTuple, TypeAlias

from rich.cells import cell_len, set_cell_size

from reconciler.report.ink import Ink, Style
from reconciler.report.words import JOINED, WIDE

_EMOJI_STYLE: Final = "\ufe0f"
"""Makes the character before it as wide as an emoji."""

_CLOSING: Final = "，。、；：？！）】》」』”’…"
"""Marks that do not begin a line."""

_ATOM: Final = re.compile(rf"(?P<alone>[{WIDE}][{JOINED}]*[{_CLOSING}]*|\s)|[^\s{WIDE}]+")


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
    return cell_len(text) + text.startswith(_EMOJI_STYLE)  # it may widen what stands before


def cells(line: Iterable[Piece]) -> int:
    """How many cells a line takes."""
    return sum(width_of(piece.text) for piece in line)


def painted(line: Iterable[Piece], ink: Ink) -> str:
    """A line as text, without spaces at its end.

    Two colons at its beginning are a workflow command to GitHub's runner, so there one is escaped.
    """
    pieces = list(line)
    text = "".join(piece.text for piece in pieces)
    rest = len(text.rstrip(" "))
    start = len(text) - len(text.lstrip(" "))
    if text.startswith("::", start):
        pieces = [*_cut(pieces, start), Piece("\\u003a"), *_cut(pieces, rest, start + 1)]
    elif rest < len(text):
        pieces = list(_cut(pieces, rest))
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
    if cells(line) <= width:
        yield list(line)
        return
    current: list[Piece] = []
    used = 0
    for word, size in _words(line):
        for pieces, part in [(word, size)] if size <= width else _chopped(word, width):
            if current and used + part > width:
                yield current
                current, used = [], 0
                if pieces[0].text == " ":
                    continue
            current += pieces
            used += part
    if current:
        yield current


def _words(line: Line) -> Iterator[tuple[list[Piece], int]]:
    """What is not broken where it fits on a line, and how many cells it takes."""
    word: list[Piece] = []
    size = 0
    for text, style in line:
        for match in _ATOM.finditer(text):
            alone = match.lastgroup == "alone"
            if alone and word:
                yield word, size
                word, size = [], 0
            atom = match[0]
            if alone:
                yield [Piece(atom, style)], width_of(atom)
            else:
                word.append(Piece(atom, style))
                size += width_of(atom)
    if word:
        yield word, size


def _chopped(word: list[Piece], width: int) -> Iterator[tuple[list[Piece], int]]:
    """A word in parts of at most `width` cells; marks stay with the character before them."""
    for text, style in word:
        start = used = 0
        for at, character in enumerate(text):
            size = width_of(character)
            if used + size > width:
                yield [Piece(text[start:at], style)], used
                start, used = at, 0
            used += size
        yield [Piece(text[start:], style)], used


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
