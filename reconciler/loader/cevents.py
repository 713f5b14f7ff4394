"""The C parser behind the same wall as the pure one: text in, the same `Event`s out.

libyaml follows YAML 1.1 where the versions part, and tells less of errors. `certain` knows which
texts it reads as the pure parser does. Without the extension `PARSER` is None.
"""

import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any, Final, NamedTuple

from ruamel.yaml import events as raw
from ruamel.yaml.error import YAMLError

from reconciler.loader.bounds import MAX_DEPTH, MAX_NODES, MAX_STEPS
from reconciler.loader.events import Event, Is, settled, visible
from reconciler.loader.source import Span
from reconciler.loader.syntax import ParseError, explained


def _parser() -> Any:
    try:
        return import_module("ruamel.yaml.cyaml").CParser
    except ImportError:  # no wheel for this interpreter
        return None


PARSER: Any = _parser()

_INNER: Final = re.compile(r"(?<=[0-9A-Za-z_]):(?=[0-9A-Za-z_/.@%=-])|(?<=[0-9A-Za-z_/=&])\?")
_COLON: Final = "\ufdd0"
_MARK: Final = "\ufdd1"
"""Two code points that are no characters and never will be (Unicode, section 23.7)."""

_DEEPER: Final = {Is.SEQUENCE: 1, Is.MAPPING: 1, Is.END: -1}
_TOO_MUCH: Final = f"more than {MAX_NODES:,} values stand here without a line ---"


def in_words(text: str) -> str:
    """The text with stand-ins for colons and question marks within words.

    Inside brackets libyaml takes the colon of `http://` for the end of a key.
    """
    if _COLON in text or _MARK in text:
        return text
    return _INNER.sub(lambda match: _COLON if match.group() == ":" else _MARK, text)


def out_of_words(text: str) -> str:
    """The characters that `in_words` replaced, put back."""
    return text.replace(_COLON, ":").replace(_MARK, "?")


class Answer(NamedTuple):
    """What libyaml says of a text. `cut`: no more was read, because a bound is certainly passed."""

    steps: list[Event]
    error: ParseError | None = None
    cut: bool = False

    def stream(self) -> Iterator[Event]:
        """The events one by one; raises the error at their end."""
        yield from self.steps
        if self.error is not None:
            raise self.error


def read(text: str, base: int = 0) -> Answer:
    """See `events.events`."""
    hidden, back = visible(text)
    answer = _read(hidden, text, back, base)
    if answer.error is not None and not answer.cut and (worded := in_words(hidden)) is not hidden:
        answer = _read(worded, text, {**back, ord(_COLON): ":", ord(_MARK): "?"}, base)
    return answer


def _read(text: str, shown: str, back: dict[int, str], base: int) -> Answer:
    steps: list[Event] = []
    depth = last = 0
    try:
        for event in iter(PARSER(text).get_event, None):
            step = _translate(event, back, base)
            if step is not None:
                step = settled(step, shown, base, last)
                last = step.end - base
                steps.append(step)
                depth += _DEEPER.get(step.what, 0)
                if depth > MAX_DEPTH + 1 or len(steps) > MAX_STEPS:
                    return Answer(steps, ParseError(step.start, _TOO_MUCH), cut=True)
    except (YAMLError, ValueError) as error:
        return Answer(steps, explained(error, last, len(text), base))
    return Answer(steps)


def _translate(event: Any, back: dict[int, str], base: int) -> Event | None:
    kind = type(event)
    start, end = base + event.start_mark.index, base + event.end_mark.index
    if kind is raw.ScalarEvent:
        text = event.value.translate(back) if back else event.value
        plain = not event.style and event.ctag is None
        return Event(Is.SCALAR, start, end, text, plain, event.ctag, event.anchor)
    if kind is raw.MappingStartEvent:
        return Event(Is.MAPPING, start, end, tag=event.ctag, anchor=event.anchor)
    if kind is raw.SequenceStartEvent:
        return Event(Is.SEQUENCE, start, end, tag=event.ctag, anchor=event.anchor)
    if kind is raw.MappingEndEvent or kind is raw.SequenceEndEvent:
        return Event(Is.END, start, end)
    if kind is raw.AliasEvent:
        return Event(Is.ALIAS, start, end, event.anchor)
    if kind is raw.DocumentStartEvent:
        return Event(Is.DOCUMENT, start, end)
    return None


def extent(before: Any, first: Any, last: Any, text: str, base: int) -> Span:
    """The span of a value by its first and last event; `before` ends in front of it."""
    start, end = first.start_mark.index, max(first.end_mark.index, last.end_mark.index)
    if start == end:
        empty = Event(Is.SCALAR, base + start, base + end, plain=not getattr(first, "style", "x"))
        start, end = settled(empty, text, base, before.end_mark.index)[1:3]
        return start, end
    return base + start, base + end
