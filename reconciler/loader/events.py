"""The wall around the pure YAML parser: text in, events with offsets out, one kind of exception.

Only the parser's event stream is used; what scalars mean is `scalars`' matter. `cevents` is the
same wall around the C parser. Both treat U+0085, U+2028 and U+2029 as line breaks, as YAML 1.1 did;
in 1.2 they are text. So they travel in disguise.
"""

import re
from collections.abc import Iterator
from enum import Enum, auto
from typing import Any, Final, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml import events as raw
from ruamel.yaml.resolver import VersionedResolver

from reconciler.loader.syntax import explained

_BREAKS_OF_OLD: Final = "\x85\u2028\u2029"
_COLON: Final = re.compile(r"\s*:")


class Is(Enum):
    """What happens in the stream."""

    DOCUMENT = auto()
    SCALAR = auto()
    ALIAS = auto()
    SEQUENCE = auto()
    MAPPING = auto()
    END = auto()


class Event(NamedTuple):
    """One step. `plain`: a scalar whose form decides its type. `text`: of a scalar, or an anchor."""

    what: Is
    start: int
    end: int
    text: str = ""
    plain: bool = False
    tag: str | None = None
    anchor: str | None = None


class _Resolver12(VersionedResolver):
    """A `%YAML 1.1` line changes nothing."""

    @property
    def processing_version(self) -> Any:
        """Always 1.2."""
        return (1, 2)


def events(text: str, base: int = 0) -> Iterator[Event]:
    """The events of all documents of `text`. Raises ParseError, and nothing else.

    `base` is where the text begins in its file: offsets are counted from there.
    """
    hidden, back = visible(text)
    parser = YAML(typ="safe", pure=True)
    parser.Resolver = _Resolver12
    last = 0
    try:
        for event in parser.parse(hidden):
            step = _translate(event, back, base)
            if step is not None:
                step = settled(step, text, base, last)
                last = step.end - base
                yield step
    except Exception as error:  # odd input makes this parser raise whatever its internals do
        raise explained(error, last, len(text), base) from error


def settled(step: Event, text: str, base: int, last: int) -> Event:
    """The step; where it is a value left out, at the colon of its key.

    The parsers put it at the colon, or where the next token begins: on a line of someone else's.
    `last` is where the step before it ended.
    """
    if step.start == step.end and step.what is Is.SCALAR and step.plain and step.anchor is None:
        colon = _COLON.match(text, last)
        if colon is not None and base + colon.end() <= step.start:
            return step._replace(start=base + colon.end(), end=base + colon.end())
    return step


def visible(text: str) -> tuple[str, dict[int, str]]:
    """The text with a stand-in for each old line break, and what to translate them back with.

    Stand-ins are private characters that the text does not use: one for one, so positions stay.
    """
    if not has_old_breaks(text):
        return text, {}
    used = [char for char in _BREAKS_OF_OLD if char in text]
    free = (char for char in map(chr, range(0xE000, 0xF8FF)) if char not in text)
    back = {next(free): char for char in used}
    hidden = text.translate({ord(char): there for there, char in back.items()})
    return hidden, {ord(there): char for there, char in back.items()}


def has_old_breaks(text: str) -> bool:
    """Whether a character that ended a line before YAML 1.2 stands in the text."""
    return not text.isascii() and any(char in text for char in _BREAKS_OF_OLD)


def _translate(event: Any, back: dict[int, str], base: int) -> Event | None:
    start, end = base + event.start_mark.index, base + event.end_mark.index
    if isinstance(event, raw.ScalarEvent):
        text = event.value.translate(back) if back else event.value
        plain = event.style is None and event.tag is None
        return Event(Is.SCALAR, start, end, text, plain, event.tag, event.anchor)
    if isinstance(event, raw.MappingStartEvent):
        return Event(Is.MAPPING, start, end, tag=event.tag, anchor=event.anchor)
    if isinstance(event, raw.SequenceStartEvent):
        return Event(Is.SEQUENCE, start, end, tag=event.tag, anchor=event.anchor)
    if isinstance(event, raw.CollectionEndEvent):
        return Event(Is.END, start, end)
    if isinstance(event, raw.AliasEvent):
        return Event(Is.ALIAS, start, end, event.anchor)
    if isinstance(event, raw.DocumentStartEvent):
        return Event(Is.DOCUMENT, start, end)
    return None
