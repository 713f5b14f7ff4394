"""A file's text cut where its documents begin, so that each stands for itself.

A line `---` begins a document wherever it stands: inside a quote or a bracket it ends them with an
error. So a mistake in one document hides nothing in the next, and no parser ever needs to see more
than one. Directives (`%YAML`) belong to the document below them and stay with it.
"""

import re
from collections.abc import Iterator
from typing import Final

from reconciler.loader.source import Span

_MARKER: Final = re.compile(r"\n---(?![^ \t\r\n])")
_MARKER_AFTER_ANY_BREAK: Final = re.compile(r"[\r\n]---(?![^ \t\r\n])")


def chunks(text: str) -> Iterator[Span]:
    """The extent of each document, one after another without a gap."""
    marker = _MARKER_AFTER_ANY_BREAK if "\r" in text else _MARKER
    start = last = 0
    for match in marker.finditer(text):
        cut = match.start() + 1
        if not _has_directive(text, last, cut):
            yield start, cut
            start = cut
        last = cut
    yield start, len(text)


def _has_directive(text: str, start: int, end: int) -> bool:
    return (
        text.startswith("%", start, end)
        or text.find("\n%", start, end) >= 0
        or text.find("\r%", start, end) >= 0
    )
