"""Events to nodes, and nodes to the value and the spans of one document: the careful way.

Refused with their places: duplicate keys, keys that are not strings, merge keys, custom tags,
lone surrogates, aliases that repeat too much, depth. A value that is refused stands as null and
its pointer in `Built.broken`, so that nobody complains about it twice.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

from reconciler.loader import scalars
from reconciler.loader.bounds import MAX_DEPTH, MAX_NODES, MAX_REFUSALS
from reconciler.loader.events import Event, Is
from reconciler.loader.findings import Findings
from reconciler.loader.source import Span
from reconciler.loader.syntax import ParseError
from reconciler.model.tree import Json, join

_CORE: Final = "tag:yaml.org,2002:"
_SCALAR_TAGS: Final = frozenset({"str", "int", "float", "bool", "null"})


class Built(NamedTuple):
    """One document: its value, the span of each value and key, what was refused, how many values.

    `nodes` counts keys too, and repetitions by aliases.
    """

    value: Json
    spans: dict[str, Span]
    broken: frozenset[str]
    nodes: int

    @property
    def empty(self) -> bool:
        """Whether nothing stands in the document."""
        return self.value is None and not self.broken


class TooManyRefusals(ParseError):
    """So much of a file was refused that nobody would read more of it."""


@dataclass(slots=True)
class Tally:
    """How many keys and values of a file were refused."""

    refusals: int = 0

    def one_more(self, offset: int) -> None:
        """Count one at `offset`. Raises TooManyRefusals."""
        self.refusals += 1
        if self.refusals > MAX_REFUSALS:
            text = f"after {MAX_REFUSALS:,} mistakes the rest of this file is not read"
            raise TooManyRefusals(offset, text)


def build(findings: Findings, stream: Iterator[Event], tally: Tally) -> Built:
    """The document whose first event comes next. Raises ParseError beyond the bounds."""
    composer = _Composer(findings, stream, tally)
    root = composer.node(next(stream), 0)
    return _Constructor().document(root, composer.count)


@dataclass(slots=True)
class _Scalar:
    span: Span
    value: Json
    broken: bool = False


@dataclass(slots=True)
class _Sequence:
    span: Span
    items: list["_Node"] = field(default_factory=list)
    broken: bool = False


@dataclass(slots=True)
class _Mapping:
    span: Span
    members: dict[str, tuple[Span, "_Node"]] = field(default_factory=dict)
    broken: bool = False


@dataclass(slots=True)
class _Alias:
    span: Span
    node: "_Node"
    broken: bool = False


_Node: TypeAlias = _Scalar | _Sequence | _Mapping | _Alias


class _Composer:
    """Nodes of one document, anchors followed."""

    def __init__(self, findings: Findings, stream: Iterator[Event], tally: Tally) -> None:
        self._findings = findings
        self._stream = stream
        self._anchors: dict[str, _Node | None] = {}
        self.count = 0
        self._tally = tally

    def node(self, event: Event, depth: int) -> _Node:
        """The value that begins with `event`. Raises ParseError beyond the bounds."""
        self.count += 1
        if self.count > MAX_NODES:
            raise ParseError(
                event.start, f"the document has more than {MAX_NODES:,} values, repetitions counted"
            )
        if depth > MAX_DEPTH:
            raise ParseError(event.start, f"values are nested more than {MAX_DEPTH} deep")
        if event.what is Is.ALIAS:
            return self._alias(event)
        if event.anchor is not None:
            self._anchors[event.anchor] = None  # known but not whole: no alias inside its own value
        node: _Node
        if event.what is Is.SCALAR:
            node = self._scalar(event)
        elif event.what is Is.SEQUENCE:
            node = self._sequence(event, depth)
        else:
            node = self._mapping(event, depth)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node

    def _refuse(self, node: _Node, code: str, text: str, help_text: str = "") -> None:
        self._tally.one_more(node.span[0])
        self._findings.add(node.span, code, text, help_text)
        node.broken = True

    def _alias(self, event: Event) -> _Node:
        span = (event.start, event.end)
        if event.text not in self._anchors:
            node: _Node = _Scalar(span, None)
            self._refuse(node, "alias", f"the anchor &{event.text[:40]} is not defined above")
            return node
        target = self._anchors[event.text]
        if target is None:
            raise ParseError(event.start, "an alias cannot stand inside the value that it repeats")
        return _Alias(span, target)

    def _scalar(self, event: Event) -> _Node:
        node = _Scalar((event.start, event.end), event.text)
        tag = (event.tag or "").removeprefix(_CORE)
        try:
            if event.plain:
                node.value = scalars.resolve(event.text)
            elif event.tag not in {None, "!"} and tag in _SCALAR_TAGS:
                node.value = scalars.tagged(event.text, tag)
            elif event.tag not in {None, "!"}:
                self._refuse_tag(node)
        except scalars.BadScalar as error:
            self._refuse(node, "scalar", str(error), error.help)
        if isinstance(node.value, str) and not node.value.isascii():
            self._pair_surrogates(node)
        return node

    def _pair_surrogates(self, node: _Scalar) -> None:
        """JSON writes a character beyond U+FFFF as two escapes: make it one again."""
        try:
            node.value = node.value.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            self._refuse(node, "character", "half of a surrogate pair is no character")

    def _refuse_tag(self, node: _Node) -> None:
        self._refuse(node, "tag", "custom tags are not taken", "remove the tag")

    def _sequence(self, event: Event, depth: int) -> _Node:
        node = _Sequence((event.start, event.end))
        if event.tag not in {None, "!", f"{_CORE}seq"}:
            self._refuse_tag(node)
        while (inner := next(self._stream)).what is not Is.END:
            node.items.append(self.node(inner, depth + 1))
        node.span = (event.start, max(event.end, inner.end))
        return node

    def _mapping(self, event: Event, depth: int) -> _Node:
        node = _Mapping((event.start, event.end))
        if event.tag not in {None, "!", f"{_CORE}map"}:
            self._refuse_tag(node)
        while (inner := next(self._stream)).what is not Is.END:
            key = self.node(inner, depth + 1)
            value = self.node(next(self._stream), depth + 1)
            self._member(node, inner, key, value)
        node.span = (event.start, max(event.end, inner.end))
        return node

    def _member(self, node: _Mapping, event: Event, key: _Node, value: _Node) -> None:
        named = key.node if isinstance(key, _Alias) else key
        if key.broken or named.broken:
            return
        if event.plain and event.text == "<<":
            self._refuse(
                key,
                "merge-key",
                "merge keys are not taken",
                "write the members out where they belong",
            )
        elif not isinstance(named, _Scalar) or not isinstance(named.value, str):
            self._refuse(key, "key-type", "a key is not a string", "put it in quotes")
        elif named.value in node.members:
            first = self._findings.source.lines.place(node.members[named.value][0][0])
            name = _short(named.value)
            self._refuse(key, "duplicate-key", f'"{name}" is written twice, first at {first}')
        else:
            node.members[named.value] = (key.span, value)


class _Constructor:
    """The value and the spans of one document."""

    def __init__(self) -> None:
        self._spans: dict[str, Span] = {}
        self._keys: dict[str, Span] = {}
        self._broken: set[str] = set()
        self._count = 0

    def document(self, root: _Node, nodes: int) -> Built:
        """The document below `root`, of so many nodes. Raises ParseError beyond the bounds."""
        value = self._value(root, "", root.span, 0)
        # A key may itself end in "#": then the pointer means the value.
        spans = self._keys | self._spans
        return Built(value, spans, frozenset(self._broken), max(nodes, self._count))

    def _value(self, node: _Node, pointer: str, span: Span, depth: int) -> Json:
        self._count += 1
        if self._count > MAX_NODES:
            raise ParseError(
                span[0], f"the document has more than {MAX_NODES:,} values, repetitions counted"
            )
        if depth > MAX_DEPTH:
            raise ParseError(span[0], f"values are nested more than {MAX_DEPTH} deep")
        if node.broken:
            self._broken.add(pointer)
        if isinstance(node, _Alias):
            return self._value(node.node, pointer, node.span, depth)
        self._spans[pointer] = span
        if isinstance(node, _Scalar):
            return node.value
        if isinstance(node, _Sequence):
            return [
                self._value(item, join(pointer, index), item.span, depth + 1)
                for index, item in enumerate(node.items)
            ]
        return {key: self._member(pointer, key, *node.members[key], depth) for key in node.members}

    def _member(self, above: str, key: str, key_span: Span, node: _Node, depth: int) -> Json:
        pointer = join(above, key)
        self._keys[f"{pointer}#"] = key_span
        return self._value(node, pointer, node.span, depth + 1)


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"
