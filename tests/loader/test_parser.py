"""One answer whichever parser reads a text: values, places, refusals and the words of errors."""

import random
import re
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.loader import cevents
from reconciler.loader.quick import quick
from tests.loader.test_parser_suite import CASES
from tests.support.parsing import PARSERS, read

ROOT: Final = Path(__file__).parents[2]
SEED: Final = 20251120
MUTATED: Final = 1500

CORNERS: Final = [
    # found by comparing the parsers: each was once, or would be, read differently
    "",
    "a: ",
    "a:\nc: 2\n",
    "a:   # comment\n\nb: 1\n",
    "{a: , b: [c: , d]}\n",
    "- \n- b:\n-\n",
    "[\nafoo: b?ar\n]\n",
    "spec: {cpu: 1? e-999}\n",
    "{url: http://x.y/z?a=b, image: r.io:5000/x:v1}\n",
    "{a:1}\n",
    "[::x, a::b, x?, ?y]\n",
    '{"a":1, "b" :2, "c":[x], "d"::e}\n',
    "{a:}\n",
    "a: b\t\n",
    "a:\tb\n",
    "a: |\n\tb\n",
    "a: |\n  b\n\tc\n",
    "a: |\n    \n  b\n",
    "a: |2\n   b\n",
    "a: | # comment\n  b\n",
    "a: ># comment\n  b\n",
    "--- |\nx\n# y\n",
    "--- >\n%!PS\n...\n",
    "&a: b\n",
    "&an:chor b\n",
    "- &😁 a\n- *😁\n",
    "a: !!str &x b\nc: &y !!str d\n",
    "a: !!map &x {b: c}\nd: !!seq\n  &y\n  - e\n",
    "? a\n: b\n? c\n",
    "%YAML 1.1\n---\na: no\n",
    "%FOO bar\n---\na: b\n---\nc: d\n",
    "a: b\n%YAML 1.2\n---\nc: d\n",
    "a: 1\n...\nb: 2\n",
    "... x\n",
    "a: '\n---\nb: '\n",
    "a: [\n---\nb: 1\n",
    "a: 1\r---\rb: 2\r",
    "a: 1\r\n---\r\nb: 'x\r\n\r\n  y'\r\n",
    "a: x\u2028y\n\u2029: 1\n",
    "a: '\x85'\n---\u2028\n",
    "a: \ufeffb\n\ufeffc: 1\n",
    '"\\ud83d\\ude00": "\\/"\n',
    '"\\ud83d": 1\n',
    f"{'k' * 1023}: 1\n{'l' * 1024}: 1\n{'m' * 1025}: 1\n",
    f"{{{'k' * 1023}: 1, {'l' * 1025}: 1}}\n",
    "[-, -x, - y]\n",
    "[a,#b\n]\n",
    "a: 'b'#c\n",
    "x: - y\n",
    "@: 1\n",
    "a: \ufdd0b:c\n",
    "{a: \ufdd0b:c, d:e}\n",
]


@pytest.mark.parametrize("text", CORNERS)
def test_a_corner_where_the_parsers_part_is_read_alike(text: str) -> None:
    """Where libyaml follows another version of YAML, the answer is still the pure parser's."""
    assert read(text, "C").exact == read(text, "pure").exact


def _samples() -> list[str]:
    """The texts of the repository: sample manifests and the tables of broken ones."""
    tables = sorted((ROOT / "tests/loader/broken").glob("*.txt"))
    broken = [
        case.partition("\n")[2].partition("<<<")[0]
        for table in tables
        for case in re.split(r"^>>> ", table.read_text("utf-8"), flags=re.M)[1:]
    ]
    return [path.read_text("utf-8") for path in sorted((ROOT / "manifests").glob("*"))] + broken


def test_every_sample_is_read_alike() -> None:
    """The sample manifests and every broken one have the same answer from both parsers."""
    samples = _samples()
    assert len(samples) > 100
    for text in samples:
        assert read(text, "C").exact == read(text, "pure").exact, text


_BITS: Final = [
    *"{}[]:,-?!&*|>'\"%@`#~ \n\t\\ab1.e/=<",
    *("\r\n", "\r", "---\n", "...\n", "<<: ", "!!int ", "&a ", "*a ", "  ", "- ", "? ", ": "),
    *("\n ", "\n\n", "\u2028", "\x85", "\ufeff", "😀", "设", "%YAML 1.1\n", "'x'", '"y"', "{a: "),
    *("|\n", ">\n", "|-\n", " #", "http://x", "a:b", "null", "1e3", "\\x41", "x" * 1030),
]


def _mutated(chance: random.Random, text: str) -> str:
    """The text with a few small changes: bits put in or taken out, lines moved or repeated."""
    for _ in range(chance.choice((1, 1, 2, 3, 5))):
        at = chance.randrange(len(text) + 1)
        kind = chance.random()
        if kind < 0.5:
            text = text[:at] + chance.choice(_BITS) + text[at:]
        elif kind < 0.75:
            text = text[:at] + text[at + chance.choice((1, 1, 2, 4)) :]
        else:
            lines = text.split("\n")
            line = chance.randrange(len(lines))
            lines[line : line + 1] = chance.choice(
                ([f" {lines[line]}"], [lines[line][1:]], [lines[line]] * 2, [], ["", lines[line]])
            )
            text = "\n".join(lines)
    return text


def test_mutated_texts_are_read_alike() -> None:
    """Small mistakes anywhere in real texts change both answers in the same way."""
    chance = random.Random(SEED)
    texts = [case["yaml"] for case in CASES.values()] + _samples()
    for number in range(MUTATED):
        text = _mutated(chance, chance.choice(texts)[:800])
        assert read(text, "C").exact == read(text, "pure").exact, (SEED, number, text)


@settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=[*HealthCheck])
@given(st.lists(st.sampled_from(_BITS), max_size=25).map("".join))
def test_texts_of_yaml_tokens_are_read_alike(text: str) -> None:
    """Whatever YAML's own tokens are put together to is read alike."""
    assert read(text, "C").exact == read(text, "pure").exact


@pytest.mark.skipif(cevents.PARSER is None, reason="the C parser is not installed")
@pytest.mark.parametrize(
    "text",
    [
        *(path.read_text("utf-8") for path in sorted((ROOT / "manifests").glob("*.yaml"))),
        "prompt: |\n  # Role: *you*\n\n  - ? & ! %\n\n  | a | b |\n  |---|---|\nb: {c: http://d}\n",
        '{"a": {"b": [1, true, null, "x\\n"]}}\n',
    ],
)
def test_ordinary_documents_take_the_quick_way(text: str) -> None:
    """Prompts with Markdown, addresses in brackets and JSON need no second reading."""
    assert quick(text) is not None


@pytest.mark.parametrize("parser", PARSERS)
def test_a_mistake_ends_its_document_only(parser: str) -> None:
    """After a syntax error the next line `---` begins a document that is read as if alone."""
    told = read("a: [\n---\nb: 1\n---\nc: 'x\n---\nd: 2\n", parser)
    assert told.values == [{"b": 1}, {"d": 2}]
    assert [(one.place.line, one.place.column) for one in told.problems] == [(2, 1), (5, 4)]


@pytest.mark.parametrize("parser", PARSERS)
def test_a_word_that_a_mistake_cuts_short_is_not_judged(parser: str) -> None:
    """A word before a mistake is part of it, and no document that ought to be a mapping."""
    told = read("a: 1\n...\nb\n: c\n", parser)
    assert told.values == [{"a": 1}]
    assert len(told.problems) == 1


@pytest.mark.parametrize("parser", PARSERS)
def test_a_marker_begins_a_document_only_at_the_beginning_of_a_line(parser: str) -> None:
    """`---` inside a line, indented in a block or with text behind it is text."""
    text = "a: |\n  ---\n  x\nb: ---\nc: '--- '\n---x: 1\n"
    assert read(text, parser).values == [{"a": "---\nx\n", "b": "---", "c": "--- ", "---x": 1}]


@pytest.mark.parametrize("parser", PARSERS)
def test_a_value_left_out_stands_at_its_colon(parser: str) -> None:
    """The place of an empty value is on the line of its key, wherever the next token stands."""
    told = read("a:\n\n# comment\nb: {c: , d: 1}\n", parser)
    assert told.spans[0]["/a"] == (2, 2)
    assert told.spans[0]["/b/c"] == (20, 20)
