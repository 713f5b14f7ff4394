"""Which column each line begins in, and where the documents and their members lie.

A collection is indented by two columns below what holds it, a list below its key too. A bracket
that begins a line stands right of the key that it belongs to, as YAML 1.2 demands. A comment
between two lines belongs to the innermost collection that began in its column or left of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from reconciler.loader.events import Event, Is
from reconciler.loader.format.texts import STEP, block_scalar, is_block, wrapped
from reconciler.loader.format.tokens import Part, Token

_BEFORE: Final = frozenset({Part.DOCUMENT_END, Part.DIRECTIVE, Part.MARK})
_OUTSIDE: Final = frozenset({*_BEFORE, Part.STREAM_END})


@dataclass(slots=True)
class Member:
    """A member of a mapping: its key's text, its tokens and its events, ends not included."""

    key: str | None
    tokens: tuple[int, int]
    events: tuple[int, int]


@dataclass(slots=True)
class Members:
    """A mapping. `indent` is the new column of its keys, None inside brackets."""

    indent: int | None
    events: tuple[int, int]
    members: list[Member] = field(default_factory=list)


@dataclass(slots=True)
class _Level:
    """A block collection: the column where it stood, and the one where it will stand."""

    old: int
    new: int


class Layout:
    """Walks over tokens and events together; `mappings` has every mapping by its first event."""

    def __init__(self, tokens: list[Token], events: Sequence[Event], counts: Sequence[int]) -> None:
        self._tokens = tokens
        self._events = events
        self._counts = counts
        self._at = 0
        self._event = 0
        self._line = 0
        self._brackets: list[int] = []
        self._levels: list[_Level] = []
        self._closed: list[_Level] = []  # since the last token, the innermost first
        self.mappings: dict[int, Members] = {}

    def run(self) -> None:
        """Give every token its column."""
        while self._event < len(self._events):
            self._event += 1  # the beginning of a document
            marked = False
            while self._peek().part in _BEFORE and not marked:
                marked = self._peek().part is Part.MARK
                self._take(0)
            self._value(0)
        while self._at < len(self._tokens):
            self._take(0)

    def _peek(self) -> Token:
        at = self._at
        while self._tokens[at].part is Part.COMMENT:
            at += 1
        return self._tokens[at]

    def _take(self, indent: int, *, begins: bool = False, above: int | None = None) -> Token:
        """Pass the next token that is no comment; it and the comments above it get a column.

        `begins`: with it begins what the token before has announced; no empty line stands between.
        `above` is the column of the comments, where it is another one.
        """
        start = self._at
        while self._tokens[self._at].part is Part.COMMENT:
            self._at += 1
        token = self._tokens[self._at]
        self._comments(start, token, indent if above is None else above)
        if begins:
            lines = (one for one in self._tokens[start : self._at + 1] if one.first)
            next(lines, token).blank = False
        token.indent = indent
        if token.first:
            self._line = indent
        self._closed.clear()
        self._at += 1
        return token

    def _comments(self, start: int, token: Token, indent: int) -> None:
        """Columns of the comments between the token before `start` and `token`."""
        column = -1 if token.part in _OUTSIDE else token.column
        homes = [level for level in self._closed if level.old > column]
        trailing: Token | None = None
        for comment in self._tokens[start : self._at]:
            if not comment.first:
                trailing = comment
            elif (
                trailing is not None
                and not comment.blank
                and comment.column == trailing.column != column
            ):
                comment.beside = trailing
            else:
                trailing = None
                while homes and homes[0].old > comment.column:
                    homes.pop(0)
                while len(homes) > 1 and homes[0].old == homes[1].old:
                    homes.pop(0)
                comment.indent = homes[0].new if homes else indent

    # nodes

    def _value(self, indent: int, *, begins: bool = True) -> None:
        """Pass one value; `indent` is its column where it begins a line."""
        number = self._event
        event = self._events[number]
        self._event += 1
        for _ in range(self._counts[number]):
            token = self._take(indent, begins=begins)
            begins = True
            if token.part is Part.SCALAR:
                self._scalar(token)
        if event.what is Is.SCALAR:
            self._perhaps_nothing(event)
        elif event.what is not Is.ALIAS:
            self._collection(event, number, indent, begins)

    def _scalar(self, token: Token) -> None:
        if self._brackets or not is_block(token.text):
            below = self._brackets[-1] if self._brackets else self._below()
            token.text = wrapped(token.text, below) if "\n" in token.text else token.text
            return
        level = self._levels[-1] if self._levels else None
        old, new = (level.old, level.new) if level else (None, None)
        token.text, cut = block_scalar(token.text, old, new)
        self._tokens[self._at].blank |= cut

    def _below(self) -> int:
        return self._levels[-1].new + STEP if self._levels else STEP

    def _perhaps_nothing(self, event: Event) -> None:
        """Below a key without a value, comments that are indented stay with that key."""
        if not event.text and event.plain and self._levels and not self._brackets:
            self._closed.append(_Level(self._levels[-1].old + 1, self._below()))

    def _collection(self, event: Event, number: int, indent: int, begins: bool) -> None:
        mapping = event.what is Is.MAPPING
        if self._peek().part is Part.OPEN:
            self._bracketed(number, mapping, indent, begins)
        elif self._brackets:
            self._pair(self._brackets[-1], begins)
        else:
            self._block(number, mapping, begins)
        self._event += 1  # its end

    def _block(self, number: int, mapping: bool, begins: bool) -> None:
        level = _Level(self._peek().column, self._below() if self._levels else 0)
        self._levels.append(level)
        found = Members(level.new, (number, number))
        while self._events[self._event].what is not Is.END:
            if mapping:
                found.members.append(self._pair(level.new, begins))
            else:
                self._take(level.new, begins=begins)
                self._value(level.new + STEP)
            begins = False
        self._ended(found, mapping)
        self._closed.append(self._levels.pop())

    def _bracketed(self, number: int, mapping: bool, indent: int, begins: bool) -> None:
        self._take(indent, begins=begins)
        outside = self._line if self._brackets else indent
        self._line = outside
        self._brackets.append(outside + STEP)
        found = Members(None, (number, number))
        begins = True
        while self._events[self._event].what is not Is.END:
            if mapping:
                found.members.append(self._pair(self._brackets[-1], begins))
            else:
                self._value(self._brackets[-1], begins=begins)
            begins = False
            if self._peek().part is Part.COMMA:
                self._take(self._brackets[-1])
        self._ended(found, mapping)
        self._take(outside, above=self._brackets.pop()).blank = False

    def _ended(self, found: Members, mapping: bool) -> None:
        if mapping:
            found.events = (found.events[0], self._event + 1)
            self.mappings[found.events[0]] = found

    def _pair(self, indent: int, begins: bool) -> Member:
        """One member of a mapping: `key: value`, or with a `?` before the key."""
        start, first = self._position(), self._event
        event = self._events[first]
        explicit = self._peek().part is Part.QUESTION
        if explicit:
            column = self._take(indent, begins=begins).column
            self._value(indent + STEP)
        else:
            column = self._peek().column
            self._value(indent, begins=begins)
        colon = self._peek()
        if colon.part is Part.COLON and (self._brackets or not explicit or colon.column == column):
            self._take(indent)
        self._value(indent if self._brackets else indent + STEP)
        key = event.text if event.what is Is.SCALAR else None
        return Member(key, (start, self._at), (first, self._event))

    def _position(self) -> int:
        """Where the next token that is no comment stands."""
        at = self._at
        while self._tokens[at].part is Part.COMMENT:
            at += 1
        return at
