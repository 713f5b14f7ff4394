"""`formatted`: the whole way of one text, with the proof that it still says the same."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Final

from reconciler.loader.chunks import chunks
from reconciler.loader.events import Event, Is
from reconciler.loader.format.layout import Layout
from reconciler.loader.format.order import reorder
from reconciler.loader.format.printing import printed, separated
from reconciler.loader.format.texts import header_comment
from reconciler.loader.format.tokens import Part, Token, tokens
from reconciler.loader.parsers import Parsers
from reconciler.loader.syntax import ParseError

_NOTHING: Final = (Event(Is.END, 0, 0), ())
_LINE_BREAK: Final = re.compile("\r\n?")
_SPECIAL: Final = re.compile("(?:---|\\.\\.\\.)(?:[ \t]|$)|\ufeff", re.MULTILINE)


class NotTheSame(Exception):
    """The formatted text would say something else from `line` on: a bug of this program."""

    def __init__(self, text: str, line: int = 1) -> None:
        super().__init__(text)
        self.line = line


def formatted(text: str) -> str:
    """`text`, without a byte order mark, in the one form that manifests have.

    Raises ParseError where it is not YAML, NotTheSame instead of ever changing what it says.
    """
    text = _LINE_BREAK.sub("\n", text)
    before = _events(text)
    parts, counts = tokens(text, before)
    comments = Counter(_comments(parts))
    layout = Layout(parts, before, counts)
    layout.run()
    if any(map(_reads_otherwise, [parts[-1], *parts], parts)):
        return text
    expected = reorder(parts, before, layout.mappings)
    result = printed(separated(parts))
    if result != text:
        _prove(result, text, expected, comments)
    return result


def _events(text: str) -> list[Event]:
    parsers = Parsers()
    return [
        event for start, end in chunks(text) for event in parsers.events(text[start:end], start)
    ]


def _reads_otherwise(before: Token, token: Token) -> bool:
    """Whether a scalar in the first column, where it goes, would be `---` or a byte order mark."""
    return (
        token.part is Part.SCALAR
        and token.indent == 0
        and (token.first or before.part is Part.MARK)
        and _SPECIAL.match(token.text) is not None
    )


def _prove(result: str, text: str, expected: Sequence[Event], comments: Counter[str]) -> None:
    """Raise NotTheSame unless `result` has these events in this order, and these comments."""
    try:
        after = _events(result)
    except ParseError as error:
        raise NotTheSame("it could not be read again") from error
    pairs = zip_longest(_said(expected), _said(after), fillvalue=_NOTHING)
    for (event, said), (_, says) in pairs:
        if said != says:
            raise NotTheSame("a value would change", text.count("\n", 0, event.start) + 1)
    if Counter(_comments(tokens(result, after)[0])) != comments:
        raise NotTheSame("a comment would change")


def _comments(parts: Iterable[Token]) -> list[str]:
    found = [part.text for part in parts if part.part is Part.COMMENT]
    heads = (header_comment(part.text) for part in parts if part.part is Part.SCALAR)
    return found + [head for head in heads if head]


def _said(stream: Sequence[Event]) -> Iterator[tuple[Event, tuple[object, ...]]]:
    """What each event says, its place left out; documents without anything in them don't count."""
    for number, event in enumerate(stream):
        if event.what is Is.DOCUMENT and _is_nothing(stream[number + 1]):
            continue
        document = number and stream[number - 1].what is Is.DOCUMENT
        if not (document and _is_nothing(event)):
            yield event, (event.what, event.text, event.plain, event.tag, event.anchor)


def _is_nothing(event: Event) -> bool:
    return event.what is Is.SCALAR and event.plain and not event.text and event.anchor is None
