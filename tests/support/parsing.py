"""A text as the loader's parser reads it, with the C part or without."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple
from unittest import mock

from reconciler.loader import cevents
from reconciler.loader.compose import documents
from reconciler.loader.findings import Findings
from reconciler.loader.source import Source, Span, decode
from reconciler.model.errors import Problem

PARSERS: Final = {"C": cevents.PARSER, "pure": None}
"""What `cevents.PARSER` is with and without the extension."""


class Read(NamedTuple):
    """What came of a text: of each document its value, its spans, what was refused; the problems."""

    values: list[Any]
    spans: list[dict[str, Span]]
    broken: list[frozenset[str]]
    problems: list[Problem]

    @property
    def exact(self) -> tuple[object, ...]:
        """For comparing: `repr` keeps 1, 1.0 and true apart, and the order of members."""
        return repr(self.values), self.spans, self.broken, self.problems


@contextmanager
def parser(name: str) -> Iterator[None]:
    """Read with the parser of that name in PARSERS."""
    with mock.patch.object(cevents, "PARSER", PARSERS[name]):
        yield


def source_of(text: str) -> Source | Problem:
    """The text as a file."""
    return decode(Path("a.yaml"), text.encode("utf-8", "surrogatepass"), root=Path())


def read(text: str, name: str) -> Read:
    """The text as the parser of that name reads it."""
    source = source_of(text)
    if isinstance(source, Problem):
        return Read([], [], [], [source])
    findings = Findings(source)
    with parser(name):
        found = documents(findings)
        spans = [dict(document.spans) for document in found]
    values = [document.value for document in found]
    return Read(values, spans, [document.broken for document in found], findings.problems())
