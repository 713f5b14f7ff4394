"""Places in a text: its lines are counted when a place is asked for, and most never are."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate, islice
from typing import Final

from reconciler.model.manifest import Place

_BREAK: Final = re.compile("\r\n|\r|\n")
_BLOCK: Final = 8192
"""For so many characters each the number of line breaks before them is kept."""


class Lines:
    """The lines of one file. Kept, with its text, as long as a place in it may be asked for."""

    __slots__ = ("_before", "_latest", "_returns", "_text", "file")

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self._text = text
        self._returns = "\r" in text
        self._before: list[int] | None = None
        self._latest = (0, 0)  # the line that was asked for last, and where it begins

    def place(self, offset: int) -> Place:
        """The line and column of a code point; columns count code points."""
        block = offset // _BLOCK
        line = 1 + self._blocks()[block] + self._count(block * _BLOCK, offset)
        if line != self._latest[0]:
            self._latest = (line, self._start(offset))
        return Place(self.file, line, offset - self._latest[1] + 1)

    def span(self, line: int) -> tuple[int, int]:
        """From and up to which code point a line (counted from 1) goes, its break left out."""
        start = 0
        if line > 1:
            before = self._blocks()
            block = bisect_left(before, line - 1) - 1
            breaks = _BREAK.finditer(self._text, block * _BLOCK)
            start = next(islice(breaks, line - 2 - before[block], None)).end()
        return start, self._end(start)

    def above(self, start: int) -> Iterator[tuple[int, int]]:
        """The spans of the lines above the one that begins at `start`, the nearest first."""
        while start > 0:
            end = start - (2 if self._text.startswith("\r\n", start - 2) else 1)
            start = self._start(end)
            yield start, end

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
        """Where the line of an offset begins.

        Looked for in one block after the other where a file has breaks of two kinds: one of them
        may be far away.
        """
        text = self._text
        if not self._returns:
            return text.rfind("\n", 0, offset) + 1
        between = text.startswith("\r\n", offset - 1) and offset > 0
        for end in range(offset, 0, -_BLOCK):
            block = max(0, end - _BLOCK)
            found = text.rfind("\r", block, end - 1 if between and end == offset else end)
            found = max(found, text.rfind("\n", block, end))
            if found >= 0:
                return found + 1
        return 0

    def _end(self, start: int) -> int:
        """Where a line that begins there ends, its break left out."""
        if self._returns:
            found = _BREAK.search(self._text, start)
            return len(self._text) if found is None else found.start()
        end = self._text.find("\n", start)
        return len(self._text) if end < 0 else end
