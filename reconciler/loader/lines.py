"""Places in a text: its lines are counted when a place is asked for, and most never are."""

import re
from bisect import bisect_left
from itertools import accumulate, islice
from typing import Final

from reconciler.model.manifest import Place

_BREAK: Final = re.compile("\r\n|\r|\n")
_BLOCK: Final = 8192
"""For so many characters each the number of line breaks before them is kept."""


class Lines:
    """The lines of one file. Kept, with its text, as long as a place in it may be asked for."""

    __slots__ = ("_before", "_returns", "_text", "file")

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self._text = text
        self._returns = "\r" in text
        self._before: list[int] | None = None

    def place(self, offset: int) -> Place:
        """The line and column of a code point; columns count code points."""
        block = offset // _BLOCK
        line = 1 + self._blocks()[block] + self._count(block * _BLOCK, offset)
        return Place(self.file, line, offset - self._start(offset) + 1)

    def span(self, line: int) -> tuple[int, int]:
        """From and up to which code point a line (counted from 1) goes, its break left out."""
        start = 0
        if line > 1:
            before = self._blocks()
            block = bisect_left(before, line - 1) - 1
            breaks = _BREAK.finditer(self._text, block * _BLOCK)
            start = next(islice(breaks, line - 2 - before[block], None)).end()
        end = _BREAK.search(self._text, start)
        return start, len(self._text) if end is None else end.start()

    @property
    def starts(self) -> tuple[int, ...]:
        """Where each line begins."""
        return (0, *(found.end() for found in _BREAK.finditer(self._text)))

    def _blocks(self) -> list[int]:
        if self._before is None:
            starts = range(0, len(self._text), _BLOCK)
            counts = (self._count(start, start + _BLOCK) for start in starts)
            self._before = list(accumulate(counts, initial=0))
        return self._before

    def _count(self, start: int, end: int) -> int:
        """How many breaks end there. One of two characters counts where its second stands."""
        text = self._text
        breaks = text.count("\n", start, end)
        if self._returns:
            breaks += text.count("\r", start, end) - text.count("\r\n", start, end + 1)
        return breaks

    def _start(self, offset: int) -> int:
        """Where the line of an offset begins."""
        text = self._text
        start = text.rfind("\n", 0, offset) + 1
        if self._returns:
            end = offset - 1 if text.startswith("\r\n", offset - 1) and offset > 0 else offset
            start = max(start, text.rfind("\r", 0, end) + 1)
        return start
