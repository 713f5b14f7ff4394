"""The public YAML test suite, read by both parsers (its licence lies beside the data)."""

import json
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support.parsing import PARSERS, read

_FILE: Final = Path(__file__).with_name("yaml_suite") / "cases.jsonl"
CASES: Final[dict[str, dict[str, Any]]] = {
    case["id"]: case for case in map(json.loads, _FILE.read_text("utf-8").splitlines())
}

BY_OUR_RULES: Final = {
    "key-type": (
        "a key that is not a string, or no key at all: JSON has none",
        "2JQS 4FJ6 6BFJ 6M2F 6PBE DFF7 FH7J FRK4 KK5P LX3P M2N8/0 M2N8/1 M5DY NHX8 NKF9 PW8X Q9WF "
        "RZP5 S3PD SBG9 SM9W/1 UKK6/0 V9D5 X38W XW4D",
    ),
    "tag": (
        "custom tags are not taken, nor !!binary, !!set and !!omap: JSON has no such values",
        "2XXW 565N 5TYM 6CK3 6WLZ 7FWL 9WXW C4HZ CC74 CUP7 J7PZ M5C3 P76L UGM3 WZ62 Z67P Z9M4",
    ),
}
"""Valid YAML that a manifest may not hold: the code of the complaint, the reason, the cases."""

REFUSED: Final = {
    "a tab that separates is refused: it looks like an indentation that it is not": (
        "6BCT 6CA3 A2M4 DC7X DK95/0 DK95/3 DK95/4 DK95/5 DK95/7 HS5T J3BT K54U MUS6/3 NB6Z Q5MG "
        "UV7Q Y79Y/10"
    ),
    "in brackets a key and its colon stand on one line": (
        "4MUZ/0 4MUZ/1 4MUZ/2 5MUD 9SA2 K3WX NJ66 UT92 VJP3/1"
    ),
    "a mapping or list as a key, or an empty one, inside a list in brackets": "9MMW CFD4",
    "a blank line with more spaces than the block's first line of text": "4QFQ DWX9 R4YG T26H",
    "an end marker (...) before anything that it could end": "HWV9 M7A3 QT73",
    "a version of YAML that does not exist yet": "BEC7",
}
"""Valid YAML that the pure parser cannot read; each is an error and nothing is misread."""

MISREAD: Final = {
    "in brackets a question mark at the beginning of a word is taken for a key's": "652Z HM87/1",
    "spaces without a line's end after a block are no line": "L24T/1",
}
"""Valid YAML that the pure parser reads as something else."""

ACCEPTED: Final = {
    "lines in brackets or quotes need no indentation": "9C9N QB6E DK95/1 Y79Y/3",
    "a comment right behind a bracket, a comma or a quote": "9JBA CVW2 SU5Z",
    "a dash alone in brackets is text": "G5U8 YJV2",
    "a directive without the end of the document before it": "EB22 MUS6/1 RHX7",
}
"""Invalid YAML that is read all the same, as it was meant."""


def _ids(table: dict[str, str]) -> set[str]:
    return {one for cases in table.values() for one in cases.split()}


def _ruled() -> dict[str, str]:
    return {one: code for code, (_, cases) in BY_OUR_RULES.items() for one in cases.split()}


def _documents(text: str) -> list[Any]:
    """The JSON documents of a text, one after another; the empty ones are passed over by us."""
    decoder, found = json.JSONDecoder(), []
    text = text.strip()
    while text:
        value, end = decoder.raw_decode(text)
        text = text[end:].lstrip()
        if value is not None:
            found.append(value)
    return found


def _outcome(case: dict[str, Any], parser: str) -> str:
    """`as it should`, or in which way not."""
    told = read(case["yaml"], parser)
    if case.get("fail"):
        return "as it should" if told.problems else "accepted"
    if told.problems:
        return told.problems[0].code
    if "json" in case and told.values != _documents(case["json"]):
        return "misread"
    return "as it should"


def _expected(one: str) -> str:
    tables = (
        ("syntax", _ids(REFUSED)),
        ("misread", _ids(MISREAD)),
        ("accepted", _ids(ACCEPTED)),
    )
    listed = [word for word, ids in tables if one in ids]
    return _ruled().get(one) or (listed[0] if listed else "as it should")


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize("one", CASES)
def test_the_public_suite_is_read_as_it_should(one: str, parser: str) -> None:
    """Valid YAML gives the suite's JSON, invalid YAML an error, but for what the tables list."""
    assert _outcome(CASES[one], parser) == _expected(one)


def test_both_parsers_tell_the_same_of_the_whole_suite() -> None:
    """Values, spans, problems and their texts are the same with and without the C part."""
    for one, case in CASES.items():
        assert read(case["yaml"], "C").exact == read(case["yaml"], "pure").exact, one


def test_the_tables_name_cases_of_the_suite_once() -> None:
    """No case stands in two tables, and each is one of the suite's."""
    tables = [_ids(REFUSED), _ids(MISREAD), _ids(ACCEPTED), set(_ruled())]
    assert sum(map(len, tables)) == len(set().union(*tables))
    assert set().union(*tables) <= CASES.keys()
    assert len(CASES) == 402
