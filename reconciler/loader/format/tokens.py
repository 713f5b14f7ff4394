"""A text as tokens: every character but blanks, line breaks and byte order marks is in one.

Scalars and properties stand where the parser's events say; what lies between them can only be
comments and indicators, so no second grammar of YAML is needed here.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from reconciler.loader.events import Event, Is


class Part(Enum):
    """What a token is."""

    SCALAR = auto()
    ALIAS = auto()
    PROPERTY = auto()
    OPEN = auto()
    CLOSE = auto()
    COMMA = auto()
    DASH = auto()
    QUESTION = auto()
    COLON = auto()
    COMMENT = auto()
    MARK = auto()
    DOCUMENT_END = auto()
    DIRECTIVE = auto()
    STREAM_END = auto()


@dataclass(slots=True, eq=False)
class Token:
    """One token. `column` is where it stood, `first` whether its line began with it.

    `blank`: an empty line stood above. `indent` is the column that it gets where it begins a line;
    layout fills it in. `beside` is the trailing comment, in the line above, that this comment goes
    on with.
    """

    part: Part
    text: str
    column: int
    first: bool
    blank: bool
    indent: int = 0
    beside: "Token | None" = None


_INDICATORS: Final = {
    "{": Part.OPEN,
    "[": Part.OPEN,
    "}": Part.CLOSE,
    "]": Part.CLOSE,
    ",": Part.COMMA,
    "-": Part.DASH,
    "?": Part.QUESTION,
    ":": Part.COLON,
}
_GAP: Final = re.compile(
    r"(?P<COMMENT>#[^\n]*)"
    r"|(?P<MARK>^---(?=[ \t\n]|\Z))"
    r"|(?P<DOCUMENT_END>^\.\.\.(?=[ \t\n]|\Z))"
    r"|(?P<DIRECTIVE>^%[^\n]*)"
    r"|(?P<INDICATOR>[-?:,\[\]{}])",
    re.MULTILINE,
)
_PROPERTY: Final = re.compile(r"!<[^>\n]*>|[&!][^ \t\n,\[\]{}]*")
_COMMENT_OR_PROPERTY: Final = re.compile(f"#[^\n]*|(?P<property>{_PROPERTY.pattern})")
_BETWEEN: Final = re.compile(r"(?:[ \t\n]+(?:#[^\n]*)?)+")
_BLOCK_SCALAR: Final = ("|", ">")


def tokens(text: str, events: Sequence[Event]) -> tuple[list[Token], list[int]]:
    """The tokens of `text`, whose lines end in line feeds, and how many each event has of its own.

    The brackets of a flow collection, indicators and comments belong to no event. The last token
    is the end of the stream.
    """
    found: list[Token] = []
    counts = [0] * len(events)
    line = _Lines(text)
    at = 0
    for number, event in enumerate(events):
        for part, start, end in _atoms(text, event, at):
            found += line.gap(at, start)
            found.append(line.token(part, start, end))
            counts[number] += 1
            at = end
    found += line.gap(at, len(text))
    found.append(line.token(Part.STREAM_END, len(text), len(text)))
    return found, counts


def _atoms(text: str, event: Event, before: int) -> Iterator[tuple[Part, int, int]]:
    """The properties, scalar or alias of an event, with their extents.

    `before` is where the last one of the events before ended.
    """
    if event.what is Is.ALIAS:
        yield Part.ALIAS, event.start, event.end
        return
    at = _begin(text, event, before)
    has = event.what is Is.SCALAR or event.anchor is not None or event.tag is not None
    if not has or event.what in {Is.DOCUMENT, Is.END}:
        return
    left = (event.anchor is not None) + (event.tag is not None)
    while left:
        found = _PROPERTY.match(text, at)
        if found is None:
            break
        yield Part.PROPERTY, at, found.end()
        left -= 1
        at = found.end()
        between = _BETWEEN.match(text, at)
        if between is not None and (left or event.what is Is.SCALAR):
            at = between.end()
    if event.what is Is.SCALAR and at < event.end:
        yield Part.SCALAR, at, _end(text, at, event.end)


def _begin(text: str, event: Event, before: int) -> int:
    """Where an event begins; the parser leaves out a tag that stands before an anchor."""
    if event.anchor is not None and event.tag is not None:
        for match in _COMMENT_OR_PROPERTY.finditer(text, before, event.start):
            if match["property"]:
                return match.start()
    return event.start


def _end(text: str, start: int, end: int) -> int:
    """Where a scalar ends; what the parser adds to it behind a block scalar is left out."""
    if text[start] in _BLOCK_SCALAR:
        return end
    return start + len(text[start:end].rstrip(" \t\n"))


class _Lines:
    """Makes tokens, and remembers where the last one ended."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._end = 0
        self._begin = 0

    def gap(self, start: int, end: int) -> Iterator[Token]:
        """The comments and indicators between two atoms."""
        for match in _GAP.finditer(self._text, start, end):
            kind = match.lastgroup or ""
            part = _INDICATORS[match.group()] if kind == "INDICATOR" else Part[kind]
            yield self.token(part, match.start(), match.end())

    def token(self, part: Part, start: int, end: int) -> Token:
        """The token between these offsets; a line feed at its end belongs to a block scalar."""
        ended = self._begin == self._end
        above = self._text.count("\n", self._end, start)
        self._pass(start)
        column = start - self._begin
        self._pass(end)
        body = self._text[start:end]
        if part in {Part.COMMENT, Part.DIRECTIVE}:
            body = body.rstrip(" \t")
        return Token(part, body, column, ended or above > 0, above + ended > 1)

    def _pass(self, offset: int) -> None:
        """Go on to `offset`, and remember where its line begins."""
        newline = self._text.rfind("\n", self._end, offset)
        self._begin = newline + 1 if newline >= 0 else self._begin
        self._end = offset
