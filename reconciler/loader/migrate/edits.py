"""Replacements in a text, collected first and made at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from reconciler.loader.source import Span


class Stuck(Exception):
    """What cannot be rewritten, and where: the message says what to do by hand."""

    def __init__(self, span: Span, text: str) -> None:
        super().__init__(text)
        self.span = span


class Edit(NamedTuple):
    """`text` in the place of what stands from `start` to `end`. Equal ones are one."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Rewriting:
    """A text in which edits are made."""

    text: str

    def part(self, span: Span, edits: Iterable[Edit]) -> str:
        """A part of the text with the edits that lie in it. Raises Stuck where two overlap."""
        at, stop = span
        parts: list[str] = []
        inside = (edit for edit in dict.fromkeys(edits) if at <= edit.start and edit.end <= stop)
        for edit in sorted(inside, key=lambda edit: (edit.start, edit.end)):
            if edit.start < at:
                raise Stuck((edit.start, edit.end), "this is repeated elsewhere in another role")
            parts += [self.text[at : edit.start], edit.text]
            at = edit.end
        return "".join([*parts, self.text[at:stop]])

    def whole(self, edits: Iterable[Edit]) -> str:
        """The whole text after the edits. Raises Stuck."""
        return self.part((0, len(self.text)), edits)
