"""How much one file may hold, and where its places are, however large it is."""

import random
import re
from bisect import bisect_right
from typing import Final

import pytest

from reconciler.loader import bounds, cevents, compose, lines, nodes, parsers, quick
from reconciler.loader.compose import documents
from reconciler.loader.findings import Findings
from reconciler.loader.lines import Lines
from reconciler.loader.source import Source
from reconciler.loader.spans import LateSpans
from tests.support.parsing import PARSERS, read, source_of

SEED: Final = 7


def _texts(text: str, parser: str) -> list[str]:
    return [problem.text for problem in read(text, parser).problems]


@pytest.mark.parametrize("parser", PARSERS)
def test_a_file_holds_so_many_documents(parser: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Documents beyond the bound are not read, and the file is told to be split."""
    monkeypatch.setattr(compose, "MAX_DOCUMENTS", 3)
    assert _texts("a: 1\n" + "---\na: 1\n" * 2, parser) == []
    assert _texts("a: 1\n" + "---\na: 1\n" * 3, parser) == [
        "a file has at most 3 documents; split it"
    ]


@pytest.mark.parametrize("parser", PARSERS)
def test_a_file_holds_so_many_values(parser: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Values count over all documents, keys too, by whichever way each was read."""
    monkeypatch.setattr(compose, "MAX_FILE_NODES", 12)
    text = "a: [1, 2]\n---\nb: &x 1\nc: *x\n"  # five values, and five
    assert _texts(text, parser) == []
    assert _texts(text + "---\nd: 1\n", parser) == ["a file has at most 12 values; split it"]


@pytest.mark.parametrize("parser", PARSERS)
def test_a_document_has_so_many_characters(parser: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A document that is too long is refused unread; the others of its file are not."""
    monkeypatch.setattr(compose, "MAX_DOCUMENT", 20)
    told = read("a: 1\n---\nb: '" + "x" * 30 + "\n---\nc: 1\n", parser)
    assert told.values == [{"a": 1}, {"c": 1}]
    (problem,) = told.problems
    assert problem.place.line == 2
    assert problem.text == "the document has 39 characters; at most 20 are read"


@pytest.mark.parametrize("parser", PARSERS)
def test_documents_with_errors_are_told_up_to_a_bound(
    parser: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After so many broken documents nobody reads on."""
    monkeypatch.setattr(compose, "MAX_SYNTAX_ERRORS", 2)
    assert _texts("---\na: [\n" * 9, parser) == [
        "a value is missing here",
        "a value is missing here",
        "after 2 documents with errors the rest is not read",
    ]


@pytest.mark.parametrize("parser", PARSERS)
def test_refused_keys_are_told_up_to_a_bound(parser: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A million duplicate keys are not a million complaints."""
    monkeypatch.setattr(nodes, "MAX_REFUSALS", 2)
    told = _texts("a: 1\na: 1\na: 1\n---\nb: 1\nb: 1\nb: 1\n---\nc: 1\nc: 1\n", parser)
    assert told[-1] == "after 2 mistakes the rest of this file is not read"
    assert len(told) == 3


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize(
    "text",
    [
        "[" * 300,
        "- " * 300,
        "a: [" + "1, " * 60_000 + "]",
        "a: &a [" + "x, " * 300 + "]\nb: [" + "*a, " * 300 + "]",
    ],
    ids=["brackets", "dashes", "values", "aliases"],
)
def test_depth_and_values_have_the_same_bounds(text: str, parser: str) -> None:
    """Nesting and values beyond the bounds are one error, at the same place for both parsers."""
    (problem,) = read(text, parser).problems
    assert "more than 100 deep" in problem.text or "more than 50,000 values" in problem.text
    assert read(text, "pure").problems == [problem]


@pytest.mark.skipif(cevents.PARSER is None, reason="the C parser is not installed")
def test_beyond_what_is_read_carefully_the_c_parser_answers() -> None:
    """A large file with corners is read in bounded time, its errors still told in our words."""
    large = "".join(f"k{n}: b\tc{'d' * 100}\n" for n in range(bounds.MAX_CAREFUL // 100))
    (value,) = read(large, "C").values
    assert value["k7"] == "b\tc" + "d" * 100
    (problem,) = read(large + "  x: y\n", "C").problems
    assert problem.text == 'a ":" cannot stand here'


def test_what_is_read_carefully_is_counted_per_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each character that the pure parser is asked about is one less."""
    asked = parsers.Parsers(careful=10)
    list(asked.events("a: &x 1\n", 0))
    assert asked.careful == 10
    if cevents.PARSER is not None:
        list(asked.events("? x\n", 0))
        assert asked.careful == 6
    monkeypatch.setattr(cevents, "PARSER", None)
    before = asked.careful
    list(asked.events("? x\n", 0))
    assert asked.careful == before


def test_lines_and_columns_are_those_of_a_table_of_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counting breaks in blocks finds what looking up every line's start would."""
    monkeypatch.setattr(lines, "_BLOCK", 7)
    chance = random.Random(SEED)
    for _ in range(400):
        text = "".join(chance.choice("ab\n\r设") for _ in range(chance.randrange(40)))
        starts = [0, *(found.end() for found in re.finditer("\r\n|\r|\n", text))]
        found = Lines("a.yaml", text)
        assert list(found.starts) == starts
        for offset in range(len(text) + 1):
            line = bisect_right(starts, offset)
            place = found.place(offset)
            assert (place.line, place.column) == (line, offset - starts[line - 1] + 1), text
        for number, (start, end) in enumerate(zip(starts, [*starts[1:], len(text)], strict=True)):
            bare = text[start:end].rstrip("\r\n")
            assert found.span(number + 1) == (start, start + len(bare)), text


@pytest.mark.skipif(cevents.PARSER is None, reason="the C parser is not installed")
@pytest.mark.parametrize(
    "text",
    [
        "# x\nspec:\n  url: {a: http://b?c, d: }\n  list:\n  - 设: 1\n  - [x, {y: z}]\n  e:\nf: g\n",
        "[\nafoo: b?ar\n]\n",
        "- [k: v]\n- a/b: 1\n  c~d: 'x\n    y'\n  '#': |\n    z\n  'e#': 2\n",
    ],
)
def test_a_span_alone_is_that_of_all_spans(text: str) -> None:
    """Looking up one place stops early and finds the same as composing them all."""
    source = source_of("a: 1\n---\n" + text)
    assert isinstance(source, Source)
    _, document = documents(Findings(source))
    late = document.spans
    assert isinstance(late, LateSpans)
    for pointer, span in late.items():
        _, again = documents(Findings(source))
        assert again.spans[pointer] == span, pointer
        assert again.spans.get(f"{pointer}/nowhere") is None
    assert source.text[slice(*late[""])].strip() in source.text
    assert quick.quick(text) is not None
