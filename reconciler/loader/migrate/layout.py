"""Where the members of a document stand in its text, and what stands around them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from reconciler.loader.compose import Document
from reconciler.loader.source import Span
from reconciler.model.tree import Json, join, tokens

_PROPERTIES: Final = re.compile(r"(?:[&!][^\s,\[\]{}]*\s+)*")
"""Anchor and tag before a value."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The text of one document."""

    document: Document

    @property
    def text(self) -> str:
        """The text of the whole file."""
        return self.document.source.text

    def value(self, pointer: str) -> Any:
        """The value at a pointer."""
        value: Json = self.document.value
        for token in tokens(pointer):
            value = value[int(token) if isinstance(value, list) else token]
        return value

    def key(self, pointer: str) -> Span:
        """Where a member's name stands."""
        return self.document.spans[f"{pointer}#"]

    def scalar(self, pointer: str) -> Span:
        """Where a value stands, without the white space that a parser may count in."""
        start, end = self.document.spans[pointer]
        return start, start + len(self.text[start:end].rstrip())

    def is_alias(self, pointer: str) -> bool:
        """Whether a value repeats another one."""
        return self.text.startswith("*", self.document.spans[pointer][0])

    def opening(self, pointer: str) -> int:
        """Where a value begins behind its anchor and tag."""
        start = self.document.spans[pointer][0]
        match = _PROPERTIES.match(self.text, start)
        return match.end() if match else start

    def is_flow(self, pointer: str) -> bool:
        """Whether a mapping or a list is written in brackets."""
        return self.text[self.opening(pointer)] in "[{"

    def entry(self, pointer: str) -> Span:
        """From the beginning of a member's name to the end of its value."""
        start, end = self.key(pointer)
        return start, max(end, self._end(pointer, self.value(pointer)))

    def _end(self, pointer: str, value: Json) -> int:
        """The end of a value: of a block, that of its last leaf, comments behind it left out."""
        if not isinstance(value, dict | list) or self.is_alias(pointer) or self.is_flow(pointer):
            return self.scalar(pointer)[1]
        return max(self._end(below, inner) for below, inner in members(pointer, value))

    def line_start(self, at: int) -> int:
        """Where the line begins that `at` is in."""
        return max(self.text.rfind("\n", 0, at), self.text.rfind("\r", 0, at)) + 1

    def line_end(self, at: int) -> int:
        """Where that line ends, its break included."""
        match = re.compile("\r\n|\n|\r").search(self.text, at)
        return match.end() if match else len(self.text)

    def lines(self, span: Span) -> list[Span]:
        """The lines that a span touches, each with its break."""
        found: list[Span] = []
        at = self.line_start(span[0])
        while at < span[1] or not found:
            end = self.line_end(at)
            found.append((at, end))
            at = end
        return found

    def indent(self, at: int) -> str:
        """The white space at the beginning of the line that `at` is in."""
        start = self.line_start(at)
        match = re.compile("[ \t]*").match(self.text, start)
        return match.group() if match else ""

    @property
    def newline(self) -> str:
        """How lines end in this file."""
        match = re.search("\r\n|\n|\r", self.text)
        return match.group() if match else "\n"


def members(pointer: str, value: Json) -> Iterator[tuple[str, Json]]:
    """The pointers and values one level below a mapping or a list."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    return ((join(pointer, name), inner) for name, inner in pairs)
