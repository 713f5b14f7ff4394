"""The spans of a document that was read without them, worked out when somebody asks.

One or two are looked up in the parser's events, as far as needed; then all are composed.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any, Final

from ruamel.yaml import events as raw

from reconciler.loader import cevents
from reconciler.loader.findings import Findings
from reconciler.loader.nodes import Tally, build
from reconciler.loader.source import Source, Span
from reconciler.model.tree import tokens

_MAX_LOOKUPS: Final = 3
_OPEN: Final = (raw.MappingStartEvent, raw.SequenceStartEvent)
_CLOSE: Final = (raw.MappingEndEvent, raw.SequenceEndEvent)


class LateSpans(Mapping[str, Span]):
    """See `Document.spans`. `extent` is the document's part of the text, `root` its value's.

    `worded`: see `Quick`.
    """

    __slots__ = ("_all", "_extent", "_found", "_source", "_worded")

    def __init__(self, source: Source, extent: Span, root: Span, *, worded: bool) -> None:
        self._worded = worded
        self._source = source
        self._extent = extent
        self._found: dict[str, Span | None] = {"": root}
        self._all: dict[str, Span] | None = None

    def __getitem__(self, pointer: str) -> Span:
        if self._all is None and pointer not in self._found:
            if pointer.endswith("#") or len(self._found) > _MAX_LOOKUPS:
                return self._compose()[pointer]
            self._found[pointer] = self._look_up(pointer)
        span = self._found.get(pointer) if self._all is None else self._all.get(pointer)
        if span is None:
            raise KeyError(pointer)
        return span

    def __iter__(self) -> Iterator[str]:
        return iter(self._compose())

    def __len__(self) -> int:
        return len(self._compose())

    def _text(self) -> str:
        return self._source.text[slice(*self._extent)]

    def _compose(self) -> dict[str, Span]:
        if self._all is None:
            stream = cevents.read(self._text(), self._extent[0]).stream()
            next(stream)  # the document begins
            self._all = build(Findings(self._source), stream, Tally()).spans
        return self._all

    def _look_up(self, pointer: str) -> Span | None:
        text = self._text()
        get = cevents.PARSER(cevents.in_words(text) if self._worded else text).get_event
        return _find(get, tokens(pointer), text, self._extent[0])


def _find(get: Callable[[], Any], path: list[str], text: str, base: int) -> Span | None:
    """The span of the value at `path` in the events of a text, which begins at `base`."""
    while not isinstance(event := get(), raw.NodeEvent):
        pass
    before = event
    for token in path:
        if type(event) is raw.MappingStartEvent:
            pair = _member(get, token)
        elif type(event) is raw.SequenceStartEvent:
            pair = _element(get, token)
        else:
            return None
        if pair is None:
            return None
        before, event = pair
    return cevents.extent(before, event, _last(get, event), text, base)


def _member(get: Callable[[], Any], name: str) -> tuple[Any, Any] | None:
    while type(key := get()) is raw.ScalarEvent:
        value = get()
        if cevents.out_of_words(key.value) == name:
            return key, value
        _last(get, value)
    return None


def _element(get: Callable[[], Any], index: str) -> tuple[Any, Any] | None:
    for number in count():
        if type(value := get()) is raw.SequenceEndEvent:
            return None
        if str(number) == index:
            return value, value
        _last(get, value)
    return None


def _last(get: Callable[[], Any], event: Any) -> Any:
    """The last event of the value that begins with `event`."""
    depth = 1 if isinstance(event, _OPEN) else 0
    while depth:
        event = get()
        if isinstance(event, _OPEN):
            depth += 1
        elif isinstance(event, _CLOSE):
            depth -= 1
    return event
