"""Colour, or none: the only place that writes an escape byte into a report."""

from dataclasses import dataclass
from enum import Enum


class Style(Enum):
    """What a piece of text means; the value is its SGR parameter (ECMA-48, 8.3.117)."""

    ADDED = "32"
    REMOVED = "31"
    CHANGED = "33"
    WARNING = "31;1"
    STRONG = "1"
    DIM = "2"


@dataclass(frozen=True, slots=True)
class Ink:
    """Paints text when `color` is true and gives it back untouched otherwise."""

    color: bool

    def paint(self, style: Style, text: str) -> str:
        """`text` in this style."""
        return f"\x1b[{style.value}m{text}\x1b[0m" if self.color else text
