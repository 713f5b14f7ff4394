"""Foreign text made harmless: what it does is gone, what it says stays.

A prompt, a name or a message of a cloud can hold escape sequences, carriage returns, bidirectional
overrides or zero-width characters. Each is written as a JSON escape instead, so a person sees that
it is there, and JSON text stays the same JSON.
"""

import re
import unicodedata
from typing import Final

MAX_MESSAGE: Final = 600
"""How many characters of a message are printed for people; documents for programs keep all."""

_UNSAFE: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
_COMMAND: Final = re.compile(r"##(?=\[|vso\[|teamcity\[)")
"""What runners (GitHub, Azure, TeamCity) take for a command wherever it stands in a line of a log."""

_SHORT: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def plain(text: str, *, lines: bool = False) -> str:
    """`text` with every control, format, private-use and surrogate character escaped.

    So are the 66 that Unicode keeps from ever meaning anything: XML and HTML refuse them.

    With `lines` a line feed stays as it is, for text of ours that has several lines.
    """
    if text.isprintable():
        return _inert(text)
    if lines:
        return "\n".join(plain(line) for line in text.split("\n"))
    return _inert("".join(map(_visible, text)))


def capped(text: str) -> str:
    """`text`, or its beginning and how much more there is: clouds send whole pages as a message."""
    more = len(text) - MAX_MESSAGE
    if more <= 0:
        return text
    return f"{text[:MAX_MESSAGE]}… ({more:,} more character{'' if more == 1 else 's'})"


def _inert(text: str) -> str:
    return _COMMAND.sub(r"#\\u0023", text) if "##" in text else text


def _visible(character: str) -> str:
    """One character, or its JSON escape; other spaces than U+0020 stay (U+3000 is common)."""
    if unicodedata.category(character) not in _UNSAFE and not _is_never(ord(character)):
        return character
    if character in _SHORT:
        return _SHORT[character]
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))


def _is_never(code: int) -> bool:
    """Whether Unicode promises that no character will ever stand at this place."""
    return code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
