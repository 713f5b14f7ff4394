"""Complaints about one declared value, addressed by JSON Pointer.

What is checked may stand in one document or be put together from several files: a `View` knows
which of them wrote a value, and each complaint goes to the file that it is about.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol

from reconciler.loader.compose import Document
from reconciler.loader.findings import Findings
from reconciler.loader.places import Places
from reconciler.loader.source import Source, Span
from reconciler.loader.translate import pattern_of
from reconciler.loader.words import quoted
from reconciler.model.manifest import History, Place
from reconciler.model.tree import Json, parents, tokens

_NO_HISTORY: Final[Mapping[str, History]] = {}


class Spot(NamedTuple):
    """A span of one file, and where complaints about that file go."""

    findings: Findings
    span: Span

    @property
    def place(self) -> Place:
        """Where it begins."""
        return self.findings.source.lines.place(self.span[0])

    def add(self, code: str, text: str, help: str = "", *, warning: bool = False) -> None:
        """Complain about what stands there."""
        self.findings.add(self.span, code, text, help, warning=warning)


class View(Protocol):
    """A value with the origin of everything in it."""

    @property
    def value(self) -> Json:
        """The whole value."""
        ...

    def broken(self, pointer: str) -> bool:
        """Whether the value at `pointer`, or one around it, was refused already."""
        ...

    def spot(self, pointer: str, *, key: bool = False) -> Spot:
        """Where the value (or its key) was written, or else the nearest value around it."""
        ...

    def places(self) -> Mapping[str, Place]:
        """The place of every value, and under `pointer#` of every key."""
        ...

    def histories(self) -> Mapping[str, History]:
        """How values came about that were replaced or made with variables; no others."""
        ...


@dataclass(frozen=True, slots=True)
class Single:
    """See `View`: a value that one document of one file holds."""

    document: Document
    findings: Findings

    @property
    def value(self) -> Json:
        """See `View.value`."""
        return self.document.value

    def broken(self, pointer: str) -> bool:
        """See `View.broken`."""
        broken = self.document.broken
        return bool(broken) and any(above in broken for above in parents(pointer))

    def spot(self, pointer: str, *, key: bool = False) -> Spot:
        """See `View.spot`."""
        spans = self.document.spans
        if key and f"{pointer}#" in spans:
            return Spot(self.findings, spans[f"{pointer}#"])
        found = next((spans[above] for above in parents(pointer) if above in spans), (0, 0))
        return Spot(self.findings, found)

    def places(self) -> Mapping[str, Place]:
        """See `View.places`."""
        return Places(self.findings.source.lines, self.document.spans)

    def histories(self) -> Mapping[str, History]:
        """See `View.histories`: nothing is laid over a single document."""
        return _NO_HISTORY


@dataclass(slots=True)
class Remarks:
    """Turns pointers into places. What stands at or below a broken value is not complained about.

    `allowed` are the paths of `metadata.allowUnknown`, `plaintext` those of
    `metadata.allowPlaintext`, both without list positions. `hints` are ways out for members that
    only another spelling has, by pointers with `*` for list positions.
    """

    view: View
    allowed: frozenset[tuple[str, ...]] = frozenset()
    plaintext: frozenset[tuple[str, ...]] = frozenset()
    hints: Mapping[str, str] = field(default_factory=dict)

    @property
    def value(self) -> Json:
        """The whole value that is checked."""
        return self.view.value

    def source(self, pointer: str) -> Source:
        """The file that the value at `pointer` was written in."""
        return self.findings(pointer).source

    def findings(self, pointer: str = "") -> Findings:
        """Where complaints go about the file that the value at `pointer` was written in."""
        if isinstance(self.view, Single):  # no spans: they are looked for only when one is told
            return self.view.findings
        return self.view.spot(pointer).findings

    def add(
        self,
        pointer: str,
        code: str,
        text: str,
        help: str = "",
        *,
        key: bool = False,
        start: bool = False,
        warning: bool = False,
    ) -> None:
        """Complain about the value at `pointer`, or with `key` about its name.

        With `start` only the value's beginning is underlined.
        """
        if self.view.broken(pointer):
            return
        if code == "wrong-type" and self._is_made(pointer):
            help = "a variable is always text; set numbers and booleans in an overlay"
        if code == "unknown-field":
            help = self.hints.get(pattern_of(pointer), help)
        findings, span = self.view.spot(pointer, key=key)
        if start:
            span = (span[0], span[0] + 1)
        findings.add(span, code, text, help, warning=warning)

    def _is_made(self, pointer: str) -> bool:
        """Whether the value holds the text of a variable."""
        history = self.view.histories().get(pointer)
        return history is not None and bool(history.variables)

    def place(self, pointer: str, *, key: bool = False) -> Place:
        """Where the value (or its key) stands, or else the nearest value around it."""
        return self.view.spot(pointer, key=key).place

    def written(self, pointer: str) -> str:
        """The text of the value as the file has it."""
        findings, (start, end) = self.view.spot(pointer)
        return findings.source.text[start:end]

    def mask(self, pointer: str) -> None:
        """Show the value at `pointer` nowhere: neither there nor where else the same text stands."""
        value: Json = self.view.value
        for token in tokens(pointer):
            value = value[int(token) if isinstance(value, list) else token]
        findings, span = self.view.spot(pointer)
        findings.mask(span, value if isinstance(value, str) else "")

    def hide(self, pointer: str, part: str) -> Spot:
        """Show a part of the text at `pointer` nowhere; where it was written, as far as known."""
        findings, (start, end) = self.view.spot(pointer)
        at = findings.source.text.find(part, start, end)
        span = (at, at + len(part)) if at >= 0 else (start, end)
        findings.mask(span, part)
        return Spot(findings, span)

    def allows(self, pointer: str) -> bool:
        """Whether `metadata.allowUnknown` lets this field of spec, or one around it, through."""
        return _at_or_below(pointer, self.allowed)

    def way_to_allow(self, path: str) -> str:
        """What to do where no secret stands at `path` (see `allows_plaintext`) after all."""
        elsewhere = self.hints.get("/metadata/allowPlaintext")
        if elsewhere is not None:
            return f"use metadata.allowPlaintext: {elsewhere}"
        return f"list {quoted(path)} in metadata.allowPlaintext"

    def allows_plaintext(self, pointer: str) -> bool:
        """Whether `metadata.allowPlaintext` says that no secret stands here."""
        return _at_or_below(pointer, self.plaintext)


def _at_or_below(pointer: str, paths: frozenset[tuple[str, ...]]) -> bool:
    if not paths:
        return False
    path = tuple(token for token in tokens(pointer)[1:] if not token.isdecimal())
    return any(path[:length] in paths for length in range(1, len(path) + 1))
