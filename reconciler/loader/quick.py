"""The common document at full speed: the C parser's events straight to values, without places.

Whatever is not plain sailing (anchors, aliases, tags, keys that are not strings or come twice, a
scalar that is refused, a bound, a second document, an error) is left to `nodes`, which complains
with places, and so is a text that the two parsers might read differently.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, NamedTuple

from ruamel.yaml import events as raw
from ruamel.yaml.error import YAMLError

from reconciler.loader import cevents, scalars
from reconciler.loader.bounds import MAX_DEPTH, MAX_NODES
from reconciler.loader.certain import harmless, suspicious
from reconciler.loader.events import has_old_breaks
from reconciler.loader.source import Span
from reconciler.model.tree import Json

_SCALAR: Final = raw.ScalarEvent
_MAPPING: Final = raw.MappingStartEvent
_END_OF_MAPPING: Final = raw.MappingEndEvent
_END_OF_SEQUENCE: Final = raw.SequenceEndEvent
_END_OF_DOCUMENT: Final = raw.DocumentEndEvent
_ALIAS: Final = raw.AliasEvent

_BRACKETS: Final = ("[", "{")
_SHORT: Final = 64
_remembered = lru_cache(maxsize=4096)(scalars.resolve)
"""Keys and words come again and again: one string then serves for all of them."""


class Quick(NamedTuple):
    """The value of a document, how many values it holds with its keys, and its extent.

    `worded`: it was read through `cevents.in_words`.
    """

    value: Json
    nodes: int
    span: Span
    worded: bool = False


EMPTY: Final = Quick(None, 0, (0, 0))


class _Unusual(Exception):
    """For the careful way."""


def quick(text: str) -> Quick | None:
    """The one document of a text, or None where this needs care."""
    if cevents.PARSER is None or has_old_breaks(text):
        return None
    try:
        try:
            return _construct(text, text)
        except YAMLError:
            if any(bracket in text for bracket in _BRACKETS) and (
                (worded := cevents.in_words(text)) is not text
            ):
                return _construct(text, worded)
            return None
    except (_Unusual, scalars.BadScalar, YAMLError, ValueError):
        return None


def _construct(text: str, hidden: str) -> Quick:
    """The document of `hidden`, which is `text` with stand-ins. Raises what `quick` catches."""
    opaque: list[Any] | None = [] if suspicious(text) else None
    get = cevents.PARSER(hidden).get_event
    get()  # the stream begins
    if type(get()) is raw.StreamEndEvent:
        read = EMPTY
    else:
        read = _values(get, opaque, worded=hidden is not text)
        if type(get()) is not raw.StreamEndEvent:
            raise _Unusual
    if opaque is not None:
        extents = [(scalar.start_mark.index, scalar.end_mark.index) for scalar in opaque]
        if not harmless(text, extents):
            raise _Unusual
    return read


def _values(get: Callable[[], Any], opaque: list[Any] | None, *, worded: bool) -> Quick:  # noqa: PLR0912 - one loop, no calls
    """One document. Hot: some hundred nanoseconds for each event beside the parser's own."""
    root: list[Json] = []
    into: Any = root
    key: str | None = None
    above: list[tuple[Any, str | None]] = []
    count = ends = 0
    first = event = get()
    while (kind := type(event)) is not _END_OF_DOCUMENT:
        count += 1
        if count > MAX_NODES:
            raise _Unusual
        last = event
        if kind is _END_OF_MAPPING or kind is _END_OF_SEQUENCE:
            into, key = above.pop()
            ends += 1
            event = get()
            continue
        if kind is _ALIAS or event.anchor is not None or event.ctag is not None:
            raise _Unusual
        if kind is _SCALAR:
            value = cevents.out_of_words(event.value) if worded else event.value
            if not event.style:
                value = _remembered(value) if len(value) < _SHORT else scalars.resolve(value)
            elif opaque is not None:
                opaque.append(event)
        else:
            value = {} if kind is _MAPPING else []
        if key is not None:
            into[key] = value
            key = None
        elif type(into) is list:
            into.append(value)
        elif type(value) is str and value != "<<" and value not in into:
            key = value
        else:
            raise _Unusual
        if kind is not _SCALAR:
            above.append((into, key))
            into, key = value, None
            if len(above) > MAX_DEPTH:
                raise _Unusual
        event = get()
    end = max(first.end_mark.index, last.end_mark.index)
    return Quick(root[0], count - ends, (first.start_mark.index, end), worded)
