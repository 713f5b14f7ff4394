"""Complaints about one document, addressed by JSON Pointer."""

from dataclasses import dataclass

from reconciler.loader.compose import Document
from reconciler.loader.findings import Findings
from reconciler.loader.source import Source, Span
from reconciler.model.tree import Json, parents, tokens


@dataclass(slots=True)
class Remarks:
    """Turns pointers into places. What stands at or below a broken value is not complained about.

    `allowed` are the paths of `metadata.allowUnknown`, without list positions.
    """

    document: Document
    findings: Findings
    allowed: frozenset[tuple[str, ...]] = frozenset()

    @property
    def source(self) -> Source:
        """The file that the document is in."""
        return self.document.source

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
        if any(above in self.document.broken for above in parents(pointer)):
            return
        span = self.span(pointer, key=key)
        if start:
            span = (span[0], span[0] + 1)
        self.findings.add(span, code, text, help, warning=warning)

    def span(self, pointer: str, *, key: bool = False) -> Span:
        """Where the value (or its key) stands, or else the nearest value around it."""
        spans = self.document.spans
        if key and f"{pointer}#" in spans:
            return spans[f"{pointer}#"]
        return next((spans[above] for above in parents(pointer) if above in spans), (0, 0))

    def written(self, pointer: str) -> str:
        """The text of the value as the file has it."""
        start, end = self.span(pointer)
        return self.source.text[start:end]

    def mask(self, pointer: str) -> None:
        """Show the value at `pointer` nowhere: neither there nor where else the same text stands."""
        value: Json = self.document.value
        for token in tokens(pointer):
            value = value[int(token) if isinstance(value, list) else token]
        self.findings.mask(self.span(pointer), value if isinstance(value, str) else "")

    def allows(self, pointer: str) -> bool:
        """Whether `metadata.allowUnknown` lets this field of spec, or one around it, through."""
        path = tuple(token for token in tokens(pointer)[1:] if not token.isdecimal())
        return any(path[: len(allowed)] == allowed for allowed in self.allowed)
