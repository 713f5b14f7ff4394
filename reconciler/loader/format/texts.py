"""Scalars of several lines: every line moves with its key, what it says stays as it is."""

import re
from typing import Final

STEP: Final = 2
"""How many columns a level is indented by."""

_HEADER: Final = re.compile(r"([|>])([-+0-9]*)[ \t]*(#.*)?")
_BLANKS: Final = " \t"


def is_block(text: str) -> bool:
    """Whether a scalar outside of brackets is a block scalar."""
    return text.startswith(("|", ">"))


def keeps(text: str) -> bool:
    """Whether the empty lines behind a block scalar belong to it."""
    return is_block(text) and "+" in text.partition("\n")[0].partition("#")[0]


def header_comment(text: str) -> str:
    """The comment behind the `|` of a block scalar, empty where there is none."""
    found = _HEADER.match(text) if is_block(text) else None
    return (found[3] or "").rstrip(_BLANKS) if found else ""


def block_scalar(text: str, old: int | None, new: int | None) -> tuple[str, bool]:
    """A block scalar whose key moves from column `old` to `new` (None: it has no key).

    Its content stands two columns right of the key, or where its indicator says. Empty lines that
    do not belong to it are cut off; the flag says whether there were any.
    """
    head, _, body = text.partition("\n")
    header = _HEADER.match(head)
    if header is None:
        return text, False
    style, modifiers, comment = header.groups()
    *lines, rest = body.split("\n")
    digit = "".join(char for char in modifiers if char.isdigit())
    before = (old or 0) + int(digit) if digit else _first_indent([*lines, rest])
    after = (new or 0) + (int(digit) if digit else STEP)
    lines = [_shifted(line, before, after) for line in lines]
    if last := _shifted(rest, before, after):
        # Only the end of the file can end it without a line feed, which then is not part of the
        # value. The file gets one, so the value must refuse it.
        lines.append(last)
        modifiers = digit + "-"
    whole = len(lines)
    while lines and not lines[-1] and "+" not in modifiers:
        lines.pop()
    head = style + modifiers + (f"  {comment.rstrip(_BLANKS)}" if comment else "")
    return "".join(f"{line}\n" for line in [head, *lines]) if lines else head, whole > len(lines)


def _first_indent(lines: list[str]) -> int:
    """The column of the first line that isn't empty; where there is none, beyond all of them."""
    for line in lines:
        if line.strip(" "):
            return len(line) - len(line.lstrip(" "))
    return max(map(len, lines))


def _shifted(line: str, before: int, after: int) -> str:
    return " " * after + line[before:] if len(line) > before else ""


def wrapped(text: str, below: int) -> str:
    """A plain or quoted scalar of several lines; those below the first begin in column `below`.

    Blanks around a line break are no part of the value, but for one that is escaped.
    """
    first, *others = text.split("\n")
    lines = [_trimmed(first, text), *(_trimmed(line.lstrip(_BLANKS), text) for line in others)]
    return "\n".join([lines[0], *(" " * below + line if line else "" for line in lines[1:])])


def _trimmed(line: str, text: str) -> str:
    trimmed = line.rstrip(_BLANKS)
    slashes = len(trimmed) - len(trimmed.rstrip("\\"))
    escaped = text.startswith('"') and slashes % 2 == 1
    return line[: len(trimmed) + 1] if escaped and len(line) > len(trimmed) else trimmed
