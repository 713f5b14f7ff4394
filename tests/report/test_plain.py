"""Foreign text: what a terminal would act on is escaped, everything else is untouched."""

import json
import sys
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reconciler.report.plain import plain

UNSAFE = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}
NEVER = {
    *range(0xFDD0, 0xFDF0),
    *(plane + low for plane in range(0, 17 << 16, 1 << 16) for low in (0xFFFE, 0xFFFF)),
}
"""Unicode 16.0, section 23.7: the 66 noncharacters; XML forbids two of them, HTML all."""


def test_every_character_that_could_act_is_escaped_and_no_other() -> None:
    """Over all of Unicode: control, format, private and surrogate characters become escapes."""
    assert len(NEVER) == 66
    wrong = [
        code
        for code in range(sys.maxunicode + 1)
        if (plain(chr(code)) == chr(code))
        == (unicodedata.category(chr(code)) in UNSAFE or code in NEVER)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[31m", "\\u001b[31m"),
        ("a\r\nb\tc", "a\\r\\nb\\tc"),
        ("\u202egnp", "\\u202egnp"),
        ("\U000e0041", "\\udb40\\udc41"),
        ("\ud800", "\\ud800"),
        ("你好\u3000世界", "你好\u3000世界"),
        ("", ""),
        ("a ##[error]b", "a #\\u0023[error]b"),
        ("a ##vso[task.complete]b", "a #\\u0023vso[task.complete]b"),
        ("a ##teamcity[buildStop]", "a #\\u0023teamcity[buildStop]"),
        ("## heading", "## heading"),
        ("###[\x07##[", "##\\u0023[\\u0007#\\u0023["),
    ],
)
def test_escapes_are_written_as_json_writes_them(text: str, expected: str) -> None:
    """An escape looks the same in text and in JSON documents."""
    assert plain(text) == expected


@given(st.text(st.characters(exclude_categories=())))
@example("\\##[set-output name=a;]b")
def test_json_text_stays_the_same_json(text: str) -> None:
    """A JSON document that was made harmless decodes to what it was."""
    document = json.dumps({"value": text}, ensure_ascii=False, indent=2)
    assert json.loads(plain(document, lines=True)) == json.loads(document)


def test_line_feeds_of_ours_stay() -> None:
    """Text of several lines keeps its lines, and nothing else."""
    assert plain("a\nb\r\n\x1bc", lines=True) == "a\nb\\r\n\\u001bc"
