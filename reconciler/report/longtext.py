"""Two texts as the lines that differ, with the words that differ marked, and nothing else.

`{-gone-}` stands only on lines that begin with a minus and `{+new+}` only on lines that begin with
a plus: what a text itself says in such braces cannot pass for a mark of the other side. A long line
is folded around its marks. Lines that go on behind `|` begin with it, so that no text of a
manifest stands at the beginning of a line, where a CI runner could take it for a command.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import Final, NamedTuple

from reconciler.report.edits import Edit, edits
from reconciler.report.ink import Style
from reconciler.report.parts import Sign
from reconciler.report.plain import plain
from reconciler.report.words import Run, paired_lines, word_runs
from reconciler.report.wrap import Piece, cells, shorten, width_of, wrapped

MAX_LINES: Final = 20
"""How many changed lines are shown of one text."""

MAX_NEW_LINES: Final = 5
"""How many lines are shown of a text that came or went as a whole."""

_MAX_ROWS: Final = 3
"""In how many rows a line without marks is shown."""

_MAX_MARKED_ROWS: Final = 8
"""In how many rows a line with marks is shown."""

_MIN_CONTEXT: Final = 4
"""Cells of unchanged text on each side of a mark, where there are several."""

_SIGN_STYLES: Final = {"-": Style.REMOVED, "+": Style.ADDED}


class Changed(NamedTuple):
    """One line that only one side has. `at` counts the lines of that side from 0.

    `runs` are its pieces where it is the old or the new form of a line that was edited, and `pair`
    then those of the other form; else it is one piece.
    """

    sign: Sign
    at: int
    runs: Sequence[Run]
    pair: Sequence[Run] = ()


class Page(NamedTuple):
    """How much room there is, whether all is to be shown, and whether messages are broken too."""

    width: int
    verbose: bool = False
    wraps: bool = False


class Rows(NamedTuple):
    """Rows to print, what is not shown, and how many lines are the same on both sides."""

    rows: list[list[Piece]]
    more: int = 0
    cut: bool = False
    unchanged: int = 0


def text_rows(before: str | None, after: str | None, page: Page) -> Rows:
    """The lines in which two texts differ; None is a text that is not there."""
    old = [] if before is None else before.split("\n")
    new = [] if after is None else after.split("\n")
    found = edits(old, new)
    limit = MAX_LINES if old and new else MAX_NEW_LINES
    lines = changed_lines(old, new, found)
    shown = list(lines if page.verbose else islice(lines, limit))
    gone = sum(edit.high - edit.low for edit in found)
    came = sum(edit.last - edit.first for edit in found)
    digits = len(str(max(len(old), len(new)))) if max(len(old), len(new)) > 1 else 0
    rows: list[list[Piece]] = []
    cut = False
    for line in shown:
        more, whole = _rows(line, digits, page)
        rows += more
        cut |= not whole
    return Rows(rows, gone + came - len(shown), cut, len(old) - gone)


def changed_lines(
    old: Sequence[str], new: Sequence[str], found: Sequence[Edit]
) -> Iterator[Changed]:
    """Lines that differ, in order; of one that was edited first the old and then the new form."""
    for edit in found:
        lefts, rights = old[edit.low : edit.high], new[edit.first : edit.last]
        for left, right in paired_lines(lefts, rights):
            if left is not None and right is not None:
                pair = word_runs(lefts[left], rights[right])
                one, other = pair or ([Run(lefts[left], True)], [Run(rights[right], True)])
                yield Changed("-", edit.low + left, one, other if pair else ())
                yield Changed("+", edit.first + right, other, one if pair else ())
            elif left is not None:
                yield Changed("-", edit.low + left, [Run(lefts[left], True)])
            elif right is not None:
                yield Changed("+", edit.first + right, [Run(rights[right], True)])


def _rows(line: Changed, digits: int, page: Page) -> tuple[list[list[Piece]], bool]:
    """The rows of one line, and whether they hold all of it but what is folded."""
    style = _SIGN_STYLES[line.sign]
    number = f"{line.at + 1:>{digits}} " if digits else ""
    room = page.width - len("- ") - len(number)
    limit = _MAX_MARKED_ROWS if line.pair else _MAX_ROWS
    most = None if page.verbose else room * limit + 1
    pieces = list(_marked(line, room, most)) if line.pair else [_whole(line, style, most)]
    rows = list(islice(wrapped(pieces, room), None if page.verbose else limit + 1))
    whole = page.verbose or len(rows) <= limit
    if not whole:
        rows = [*rows[: limit - 1], _ended(rows[limit - 1], room)]
    first, *others = rows
    head = [Piece(line.sign, style), Piece(f" {number}", Style.DIM), *first]
    gutter = Piece(" " * len(number) + "| ", Style.DIM)
    return [head, *([gutter, *row] for row in others)], whole


def _whole(line: Changed, style: Style, most: int | None) -> Piece:
    return Piece(plain(line.runs[0].text[:most]), style)


def _ended(row: list[Piece], room: int) -> list[Piece]:
    """A row with an ellipsis at its end."""
    while row and cells(row) >= room:
        text, style = row.pop()
        if len(text) > 1:
            row.append(Piece(shorten(text, width_of(text) - 1)[:-1], style))
    return [*row, Piece("…")]


def _marked(line: Changed, room: int, most: int | None) -> Iterator[Piece]:
    """The pieces of a line with its changed words in marks, and the rest folded around them."""
    context = min(_context(line.runs, room), _context(line.pair, room))
    last = len(line.runs) - 1
    for at, run in enumerate(line.runs):
        if not run.changed:
            yield Piece(_folded(run.text, context, first=at == 0, last=at == last))
        elif run.text:
            mark = f"{{{line.sign}{plain(run.text[:most])}{line.sign}}}"
            yield Piece(mark, _SIGN_STYLES[line.sign])


def _context(runs: Sequence[Run], room: int) -> int:
    """How many cells of unchanged text fit on each side of each mark; `room` if all fits."""
    changed = [_size(run.text, room) for run in runs if run.changed]
    left = room - sum(changed) - len(changed) * len("{--}")
    last = len(runs) - 1
    kept = [(_size(run.text, room), at) for at, run in enumerate(runs) if not run.changed]
    if sum(size for size, _ in kept) <= left:
        return room
    sides = [size for size, at in kept for _ in range(1 if at in (0, last) else 2)]
    left -= len("…") * len(kept)
    least = _MIN_CONTEXT if len(changed) > 1 else 0
    for done, size in enumerate(sorted(sides)):
        share = left // (len(sides) - done)
        if size > share:
            return max(share, least)
        left -= size
    return room


def _size(text: str, most: int) -> int:
    """The cells of a text, or at least `most` where it has very many characters."""
    part = text[: 3 * most]  # marks take no cells
    size = width_of(plain(part))
    return size if len(part) == len(text) else max(size, most)


def _folded(text: str, context: int, *, first: bool, last: bool) -> str:
    """The part of unchanged text that stands next to a mark, in whole words where it has some."""
    head = "" if first else _head(text, context)
    tail = "" if last else _head(text[::-1], context)[::-1]
    if len(head) + len(tail) >= len(text):
        return plain(text)
    if text[len(head)].isalnum() and " " in head[1:]:
        head = head[: head.rindex(" ") + 1]
    if text[len(text) - len(tail) - 1].isalnum() and " " in tail[:-1]:
        tail = tail[tail.index(" ") :]
    return plain(head) + "…" + plain(tail)


def _head(text: str, width: int) -> str:
    """As many characters from the beginning as take at most `width` cells when printed."""
    if (head := text[:width]).isascii() and head.isprintable():
        return head
    used = 0
    for count, character in enumerate(head):
        used += _cells_of(character)
        if used > width:
            return text[:count]
    return head


@lru_cache(maxsize=4096)
def _cells_of(character: str) -> int:
    return width_of(plain(character))
