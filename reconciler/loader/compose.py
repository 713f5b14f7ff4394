"""A file's text to its documents: JSON values, and on demand the span of every value and key.

The common document goes through `quick` and has its spans worked out when somebody asks for them:
most never are. Whatever needs care goes through `nodes`. A syntax error ends its document only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.loader.bounds import (
    MAX_DEPTH,
    MAX_DOCUMENT,
    MAX_DOCUMENTS,
    MAX_FILE_NODES,
    MAX_NODES,
    MAX_SYNTAX_ERRORS,
)
from reconciler.loader.chunks import chunks
from reconciler.loader.events import Is
from reconciler.loader.findings import Findings
from reconciler.loader.nodes import Built, Tally, TooManyRefusals, build
from reconciler.loader.parsers import Parsers
from reconciler.loader.quick import quick
from reconciler.loader.source import Source, Span
from reconciler.loader.spans import LateSpans
from reconciler.loader.syntax import ParseError
from reconciler.model.tree import Json

__all__ = ["MAX_DEPTH", "MAX_NODES", "Document", "documents"]


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a file. `spans` has the pointer of every value, and with `#` of its key."""

    source: Source
    value: Json
    spans: Mapping[str, Span]
    broken: frozenset[str]


def documents(findings: Findings) -> list[Document]:
    """The documents of a file that are not empty; what is wrong goes to `findings`.

    After a syntax error the rest of its document is unknown; the next line `---` begins another.
    """
    reading = _Reading(findings)
    try:
        for extent in chunks(findings.source.text):
            reading.take(extent)
    except _Enough as error:
        reading.refuse(ParseError(*error.args))
    return reading.found


class _Enough(Exception):
    """The rest of the file is not looked at: where, and why."""


@dataclass(slots=True)
class _Reading:
    """One file, as far as it was read."""

    findings: Findings
    found: list[Document] = field(default_factory=list)
    parsers: Parsers = field(default_factory=Parsers)
    tally: Tally = field(default_factory=Tally)
    count: int = 0
    nodes: int = 0
    errors: int = 0

    def take(self, extent: Span) -> None:
        """The documents in one part of the text. Raises _Enough."""
        start, end = extent
        source = self.findings.source
        if self.errors >= MAX_SYNTAX_ERRORS:
            text = f"after {MAX_SYNTAX_ERRORS} documents with errors the rest is not read"
            raise _Enough(start, text)
        if end - start > MAX_DOCUMENT:
            text = f"the document has {end - start:,} characters; at most {MAX_DOCUMENT:,} are read"
            self.refuse(ParseError(start, text))
            return
        text = source.text[start:end]
        easy = quick(text)
        if easy is None:
            self._carefully(text, start)
        else:
            root = (start + easy.span[0], start + easy.span[1])
            spans = LateSpans(source, extent, root, worded=easy.worded)
            self._add(easy.value, spans, frozenset(), easy.nodes, start)

    def refuse(self, error: ParseError) -> None:
        """Tell of a part that could not be read."""
        self.errors += 1
        self.findings.add((error.offset, error.offset), "syntax", str(error), error.help)

    def _carefully(self, text: str, start: int) -> None:
        """A word that a mistake cuts short is part of the mistake; a whole mapping is judged."""
        whole: list[tuple[Built, int]] = []
        try:
            stream = self.parsers.events(text, start)
            for event in stream:
                if event.what is Is.DOCUMENT:
                    self._add_all(whole)
                    whole.append((build(self.findings, stream, self.tally), event.start))
            self._add_all(whole)
        except TooManyRefusals as error:
            raise _Enough(error.offset, str(error)) from error
        except ParseError as error:
            self._add_all([one for one in whole if isinstance(one[0].value, dict)])
            self.refuse(error)

    def _add_all(self, whole: list[tuple[Built, int]]) -> None:
        while whole:
            built, start = whole.pop()
            self._add(*built, start)

    def _add(
        self,
        value: Json,
        spans: Mapping[str, Span],
        broken: frozenset[str],
        nodes: int,
        start: int,
    ) -> None:
        """One more document; the empty ones count, but are passed over."""
        self.count += 1
        self.nodes += nodes
        if self.count > MAX_DOCUMENTS:
            raise _Enough(start, f"a file has at most {MAX_DOCUMENTS:,} documents; split it")
        if self.nodes > MAX_FILE_NODES:
            raise _Enough(start, f"a file has at most {MAX_FILE_NODES:,} values; split it")
        if value is not None or broken:
            self.found.append(Document(self.findings.source, value, spans, broken))
